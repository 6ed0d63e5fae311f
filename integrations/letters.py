"""Letters: what a notice says, as a subject, as plain text and as HTML of equal worth.

`word` is pure: a letter and a partnership's voice in, words out. The sentences stand in `templates/`, one file per
kind and form over a shared base; here are only the facts that they speak of. Every page is one column without tables,
so that a phone, Outlook and a screen reader show it alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from domain.kinds import Kind
from domain.letters.matters import CertificateMatter
from domain.modes import joins_by_link
from domain.ports.letters import Letter, LetterLinks, Recipient, SessionFacts
from domain.times import LONDON, length_words, when_words
from integrations.change_words import change_sentences
from integrations.entry_words import link_label
from integrations.plain import one_line, tidy, web_link
from integrations.presenting_words import page_of, presenting_words
from integrations.subjects import how_soon, moment_words, subject_of
from integrations.transfer_words import transfer_words

#: stands where a name will; characters that nobody types
NOBODY = "\ue000nobody\ue001"
#: as `NOBODY`, for what stands in one person's links
_MINE, _JOIN, _FEEDBACK, _ALSO = (f"\ue000{what}\ue001" for what in ("mine", "join", "feedback", "also"))
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Voice:
    """How a partnership speaks: its name, whom to ask, where its chat is."""

    partnership_name: str
    contact: str  #: an e-mail address or a few words: who answers questions
    chat_link: str | None = None  #: the web address that opens the partnership's Discord server; None: it has none
    zone: str = LONDON  #: for times that belong to no session
    web: str | None = None  #: the address of the pages, without a stroke at its end; None: there are none
    reads_replies: bool = False  #: what people answer from their calendars is read: a Decline gives the place back

    def page(self, kind: str, token: str) -> str:
        """The address of somebody's page; empty where there is none. `kind`: `mine`, `join`, `feedback`, `prove`."""
        return f"{self.web.rstrip('/')}/{kind}/{token}" if self.web and token else ""


@dataclass(frozen=True)
class Worded:
    """A letter in words. The subject is one line without control characters."""

    subject: str
    text: str
    html: str


def word(letter: Letter, voice: Voice, now: datetime | None = None) -> Worded:
    """The letter in words. With `now`, a reminder that goes out late says "Today" where "Tomorrow" or "In 1 hour" would be untrue.

    Most letters differ from person to person by the name and the links alone: those are worded once, to nobody, and the name
    and what stands in the links are put in.
    """
    soon = how_soon(letter, now)
    if letter.code is not None or letter.matter is not None or letter.kind in (Kind.VERIFICATION, Kind.SIGN_IN):
        return word_anew(letter, voice, soon)
    name = one_line(letter.recipient.name)
    worded = _worded_once(_to_nobody(letter, named=bool(name)), voice, soon)
    text, html = worded.text, worded.html
    for nobodys, token in _tokens(letter.links):
        text, html = text.replace(nobodys, token), html.replace(nobodys, token)
    return Worded(worded.subject, text.replace(NOBODY, name), html.replace(NOBODY, str(escape(name))))


def _tokens(links: LetterLinks | None) -> Iterator[tuple[str, str]]:
    """What stands in a letter's links, and what stands there in a letter to nobody. No character of a token needs an escape."""
    if links is None:
        return
    yield from ((_MINE, links.mine), (_JOIN, links.join), (_FEEDBACK, links.feedback))
    for number, token in enumerate(links.also):
        yield f"{_ALSO}{number}\ue001", token


def own_words(letter: Letter) -> tuple[str, ...]:
    """What stands in the letter of this person alone: their name, and what is in their links."""
    return tuple(word for word in (one_line(letter.recipient.name), *(token for _, token in _tokens(letter.links))) if word)


def _to_nobody(letter: Letter, *, named: bool) -> Letter:
    """The same letter without what is one person's own. Whatever else differs makes another letter of it: nothing goes stale."""
    calendar = replace(letter.calendar, sequence=0, dtstamp=_NEVER) if letter.calendar else None
    own = letter.links
    links = own and LetterLinks(
        _MINE if own.mine else "",
        _JOIN if own.join else "",
        _FEEDBACK if own.feedback else "",
        also=tuple(f"{_ALSO}{number}\ue001" if token else "" for number, token in enumerate(own.also)),
    )
    return replace(
        letter,
        notice_id=0,
        key="",
        recipient=Recipient(NOBODY if named else "", None, None if letter.recipient.discord_id is None else 0),
        calendar=calendar,
        links=links,
        booking_id=None,
        person_id=None,
        attempt=1,
        first_tried_at=None,
        attachments=tuple(replace(one, content=b"") for one in letter.attachments),
    )


@lru_cache(maxsize=256)
def _worded_once(letter: Letter, voice: Voice, soon: str) -> Worded:
    return word_anew(letter, voice, soon)


def word_anew(letter: Letter, voice: Voice, soon: str) -> Worded:
    """The letter in words, by its templates. `soon`: how far away a reminded session is."""
    facts = _facts(letter, voice, soon)
    subject = one_line(subject_of(letter, voice.partnership_name, soon))
    pages = _pages()
    text, html = (
        pages.get_template(f"{page_of(letter)}.{form}").render(subject=subject, letter=letter, voice=voice, **facts)
        for form in ("txt", "html")
    )
    return Worded(subject, _close_up(text), html)


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters["lines"] = _lines
    pages.filters["tidy"] = tidy
    return pages


def _lines(text: str) -> Markup:
    """The text for HTML, each of its lines on a line of its own."""
    return Markup("<br>\n").join(text.split("\n"))


def _close_up(text: str) -> str:
    """At most one empty line in a row: templates leave gaps where a part is missing."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _facts(letter: Letter, voice: Voice, soon: str) -> dict[str, object]:
    session = letter.session
    zone = session.zone if session else voice.zone
    online = session is not None and joins_by_link(session.format, letter.mode)
    # an unproven address may be anybody's: words that a stranger typed are not sent to it
    name = "" if letter.kind is Kind.VERIFICATION else one_line(letter.recipient.name)
    return {
        "name": name,
        "partnership": one_line(voice.partnership_name),
        "contact": one_line(voice.contact),
        **_ways(letter, voice),
        "reason": tidy(letter.reason),
        "matter": letter.matter,
        "course": one_line(letter.matter.facts.course) if isinstance(letter.matter, CertificateMatter) else "",
        "whole": one_line(letter.whole),
        "presenting": presenting_words(letter),
        "transfer": transfer_words(letter.matter),
        "materials": _materials(letter),
        "day": _day(letter, voice),
        "code": one_line(letter.code or ""),
        "kept": length_words(letter.kept) if letter.kept is not None else "",
        "until": moment_words(letter.until, zone) if letter.until else "",
        "changes": change_sentences(letter, session, online=online) if session else (),
        "soon": soon,
        "session": _session_facts(session, online=online) if session else None,
    }


#: what a calendar's Decline does
_DECLINE = "Pressing Decline in your calendar does not cancel your place."
_DECLINE_IS_READ = "Or press Decline in your calendar: that gives your place back too."


def _ways(letter: Letter, voice: Voice) -> dict[str, object]:
    """Where the reader goes from here: their pages, the chat, or both. Who has a page and no account never hears of Discord.

    Nor does anybody whose partnership has no server.
    """
    links = letter.links or LetterLinks()
    mine = voice.page("mine", links.mine)
    has_chat = voice.chat_link is not None
    in_chat = has_chat and (not mine or letter.recipient.discord_id is not None)
    return {
        "mine": mine,
        "join": voice.page("join", links.join),
        "feedback": voice.page("feedback", links.feedback),
        "prove": voice.page("prove", links.prove),
        "sign_in": voice.page("organise/sign-in", links.sign_in),
        "handed": voice.page("handed", links.handed),
        "present": voice.page("presenting", links.present),
        "has_chat": has_chat,
        "in_chat": in_chat,
        "chat_link": web_link(voice.chat_link) if in_chat else None,
        "decline": _DECLINE_IS_READ if voice.reads_replies and not _of_a_series(letter) else _DECLINE,
    }


def _of_a_series(letter: Letter) -> bool:
    """Whether it speaks of a part of a series, which is not given back alone."""
    return any(one.part for one in (letter.session, *(item.session for item in letter.also)) if one is not None)


def _day(letter: Letter, voice: Voice) -> tuple[dict[str, object], ...]:
    """A day's reminder: every session of it. Empty where there is one only."""
    if not letter.also or letter.session is None:
        return ()
    links = letter.links or LetterLinks()
    tokens = (links.join, *(links.also or ("",) * len(letter.also)))
    items = ((letter.session, letter.mode), *((one.session, one.mode) for one in letter.also))
    return tuple(
        {
            **_session_facts(session, online=joins_by_link(session.format, mode)),
            "join": voice.page("join", token),
            "materials": _materials_of(session, ()),  # such a letter carries no files
        }
        for (session, mode), token in zip(items, tokens, strict=True)
    )


_WITH_MATERIALS = (Kind.INVITATION, Kind.PROMOTION, Kind.UPDATE, Kind.REMINDER)


def _materials(letter: Letter) -> dict[str, list[object]]:
    """Links to open, files that travel with this letter, and those that are to be had in chat."""
    wanted = letter.session if letter.kind in _WITH_MATERIALS else None
    return _materials_of(wanted, [file.name for file in letter.attachments])


def _materials_of(session: SessionFacts | None, carried: Sequence[str]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {"links": [], "attached": [], "elsewhere": []}
    for one in session.materials if session else ():
        label, link = one_line(one.label), web_link(one.link)
        if link:
            found["links"].append({"label": label, "link": link})
        elif one.file_name:
            name = one_line(one.file_name)
            shown = name if label in ("", name) else f"{label} ({name})"
            found["attached" if one.file_name in carried else "elsewhere"].append(shown)
    return found


def _session_facts(session: SessionFacts, *, online: bool) -> dict[str, object]:
    """A session as the templates show it. Of a private one they tell no more than is needed to come."""
    link = web_link(session.join_url) if online else None
    open_facts = not session.private
    led = " and ".join(one_line(who) for who in (session.presenter, session.organisation) if who and one_line(who))
    return {
        "title": one_line(session.title),
        "part": one_line(session.part),
        "when": when_words(session.starts_at, session.ends_at, session.zone),
        "online": online,
        "link": link,
        "link_in_words": "" if link or not online else one_line(session.join_url or ""),
        "label": link_label(session.provider),
        "venue": one_line(session.venue or ""),
        "notes": tidy(session.notes),
        "description": tidy(session.description) if open_facts else "",
        "led": led if open_facts else "",
        "programme": one_line(session.programme) if open_facts else "",
    }
