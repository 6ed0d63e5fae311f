"""Letters to presenters: which pages word them, and the sentences that only they read. Counts, never names."""

from __future__ import annotations

from collections.abc import Mapping

from domain.kinds import Kind
from domain.letters.matters import PresentingMatter, ResultsMatter
from domain.ports.letters import Letter
from integrations.entry_words import link_label
from integrations.plain import one_line, tidy, web_link

SUBJECTS: Mapping[Kind, str] = {
    Kind.INVITATION: "Will you present? {title}, {start}",
    Kind.UPDATE: "Changed: you present {title}, {start}",
    Kind.CANCELLATION: "Cancelled: {title}, {start}",
    Kind.REMINDER: "{soon}: you present {title}, {start}",
    Kind.RESULTS: "What people said about {title}",
}
#: why a presenter's entry goes, as the heading and the first sentence
_ENDED = {
    "session": ("The session is called off", "We are sorry. The organisers have called off this session, so please do not come."),
    "declined": ("Thank you for telling us", "You told us that you cannot present this session, so we take it out of your calendar."),
    "moved": ("This invitation is cancelled", "Your invitation has moved to your new e-mail address."),
    "removed": ("You do not present this session now", "The organisers have changed who presents this session. You do not need to come."),
}


def page_of(letter: Letter) -> str:
    """The name of the pages that word a letter."""
    return f"presenting_{letter.kind.value}" if isinstance(letter.matter, PresentingMatter | ResultsMatter) else letter.kind.value


def presenting_words(letter: Letter) -> dict[str, object] | None:
    """What the pages for presenters show; None for anybody else's letter."""
    matter = letter.matter
    if isinstance(matter, ResultsMatter):
        return _results(matter)
    if not isinstance(matter, PresentingMatter):
        return None
    heading, first = _ENDED.get(matter.ended, _ENDED["removed"])
    link = web_link(letter.session.join_url) if letter.session is not None else None
    return {
        "code": "" if matter.confirmed else one_line(matter.code),
        "confirmed": matter.confirmed,
        "people": people_sentence(matter),
        "needs": [f"{one_line(need)}: {count}" for need, count in matter.needs],
        "link": link,
        "label": link_label(letter.session.provider) if letter.session is not None else "",
        "heading": heading,
        "first": first,
    }


def people_sentence(matter: PresentingMatter) -> str:
    """`12 people have a place so far, 4 of them online.`"""
    who = (
        "1 person has a place"
        if matter.people == 1
        else f"{matter.people:,} people have a place"
        if matter.people
        else "Nobody has a place"
    )
    online = f", {matter.online:,} of them online" if matter.online is not None and matter.people else ""
    return f"{who} so far{online}." if matter.people else f"{who} yet."


def _results(matter: ResultsMatter) -> dict[str, object]:
    sure = matter.confidence
    return {
        "rated": f"{matter.answers:,} people rated your session. On average they gave it {matter.mean} out of 5.",
        "spread": [f"{number} out of 5: {count:,}" for number, count in enumerate(matter.counts, 1)],
        "sure": f"Before the session they felt {sure[0]} out of 5 sure. After it they felt {sure[1]} out of 5 sure." if sure else "",
        "comments": [(one_line(question), [tidy(text) for text in texts]) for question, texts in matter.comments],
    }
