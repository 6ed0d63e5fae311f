"""Presenting in chat: being asked, one's own sessions with how many come, and what people said. Counts, never names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot import private_ids
from bot.cards import GOOD, OPEN, OVER, PRIMARY, WAIT, Part, button, card, line, row, simple_card
from bot.limits import cut, size
from bot.pressing import Press, on_press
from bot.text import plain, plain_lines, stamp, when
from domain.kinds import Format, Kind
from domain.letters.matters import PresentingMatter, ResultsMatter
from domain.ports.letters import Letter, SessionFacts
from domain.presenters.naming import answer, confirm_by_code
from domain.presenters.views import MyResults, MySession, my_results, my_sessions

ANSWER = r"pw:present:(?P<presenter>[0-9]{1,12}):(?P<answer>yes|no)"
RESULTS = r"pw:presented:(?P<presenter>[0-9]{1,12})"

MOST_SHOWN = 5  # sessions on one card; a card has room for 40 parts
COMMENTS_ROOM = 2_900  # characters for what people wrote, for all questions together
NOBODY = (
    "You present no session that we know of. If you had an e-mail from us, type /presenting confirm and the code in it. "
    "If not, ask an organiser."
)


# ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────


def people_words(people: int, online: int | None) -> str:
    """`12 people have a place, 4 of them online.`"""
    if not people:
        return "Nobody has a place yet."
    who = "1 person has a place" if people == 1 else f"{people:,} people have a place"
    return f"{who}{f', {online:,} of them online' if online is not None else ''}."


def needs_words(needs: Sequence[tuple[str, int]]) -> str:
    """`People need: an interpreter (2), childcare (1).`"""
    return f"People need: {', '.join(f'{need} ({count})' for need, count in needs)}." if needs else ""


def _answers(presenter_id: int, needs: ui.Button[Any] | None, *, confirmed: bool, declined: bool = False) -> Part | None:
    yes = button("I will present", f"pw:present:{presenter_id}:yes", PRIMARY) if not confirmed else None
    return row(yes, button("I cannot", f"pw:present:{presenter_id}:no") if not declined else None, needs)


def _needs_button(session_id: int, needs: Sequence[tuple[str, int]]) -> ui.Button[Any] | None:
    """Where people have said what they need: to see it, without names."""
    return button("What people need", private_ids.needs_count(session_id)) if needs else None


def presenting_card(letter: Letter, matter: PresentingMatter, session: SessionFacts) -> ui.LayoutView:
    """A letter to a presenter as a direct message."""
    heading, words, colour = {
        Kind.INVITATION: ("Will you present this session?", "The organisers named you as a presenter. Please say yes or no.", OPEN),
        Kind.UPDATE: ("The session that you present has changed", "Here is how it is now.", WAIT),
        Kind.REMINDER: ("You present soon", f"Your session starts {stamp(session.starts_at, 'R')}. Thank you for presenting.", OPEN),
        Kind.CANCELLATION: (_ENDED.get(matter.ended, "You do not present this session now"), "You do not need to come.", OVER),
    }[letter.kind]
    about = f"**{plain(session.title, 240)}**\n{when(session.starts_at, session.ends_at, session.zone)}"
    if letter.kind is Kind.CANCELLATION:
        why = f"The organisers say: {plain_lines(letter.reason, 600)}" if letter.reason else None
        return card((f"### {heading}\n{words}", about, why), colour)
    where = f"**Where:** {plain(session.venue or 'to be told', 300)}" if session.format is not Format.ONLINE else None
    facts = "\n".join(filter(None, (where, people_words(matter.people, matter.online), needs_words(matter.needs), _link(session.join_url))))
    needs = _needs_button(session.session_id, matter.needs)
    return card((f"### {heading}\n{words}", about, facts, _answers(matter.presenter_id, needs, confirmed=matter.confirmed)), colour)


_ENDED = {"session": "The session that you present is called off", "declined": "Thank you for telling us"}


def _link(link: str | None) -> str | None:
    return f"Join here: {cut(link, 1000)}" if link and link.startswith("https://") else None


def results_card(title: str, found: ResultsMatter | None, minimum: int = 0) -> ui.LayoutView:
    """What people said of a session, no more than its organisers may see."""
    head = f"## What people said\n**{plain(title, 300)}**"
    if found is None:
        few = f"There are not enough answers to show yet. We show them from {minimum} on, so that nobody can be recognised."
        return simple_card(f"{head}\n{few}", colour=WAIT)
    numbers = " · ".join(f"{number}: {count:,}" for number, count in enumerate(found.counts, 1))
    sure = found.confidence
    felt = f"\nBefore the session they felt {sure[0]} out of 5 sure, and {sure[1]} after it." if sure else ""
    said = f"{found.answers:,} people gave it **{found.mean} out of 5** on average.\n{numbers}{felt}"
    room = COMMENTS_ROOM // max(len(found.comments), 1)
    comments = [f"**{plain(question, 60)}**\n{_listed(texts, room)}" for question, texts in found.comments]
    return card((head, said, line() if comments else None, *comments, "-# Nobody can see who wrote what."), GOOD)


def _listed(texts: Sequence[str], room: int) -> str:
    shown: list[str] = []
    for text in texts:
        shown.append(f"- {plain(text, 400)}")
        room -= size(shown[-1]) + 1
        if room < 0 and len(shown) > 1:
            shown.pop()
            break
    more = len(texts) - len(shown)
    return "\n".join([*shown, f"- and {more} more"] if more else shown)


def sessions_card(mine: Sequence[MySession], *, news: str = "") -> ui.LayoutView:
    """The sessions that somebody presents: time, link, how many come."""
    parts: list[Part | str | None] = [f"### {news}" if news else None, "## You present"]
    for one in mine[:MOST_SHOWN]:
        parts += [line(), _session_words(one), _session_buttons(one)]
    if len(mine) > MOST_SHOWN:
        parts.append(f"-# These are {MOST_SHOWN} of your {len(mine):,} sessions: the next ones.")
    return card(parts, OPEN)


def _session_words(one: MySession) -> str:
    standing = "You said that you cannot." if one.declined else "You said yes." if one.confirmed else "Please say yes or no."
    where = f"**Where:** {plain(one.venue or 'to be told', 200)}" if one.format is not Format.ONLINE else None
    facts = (where, _link(one.link), people_words(one.people, one.online), needs_words(one.needs), standing)
    return f"**{plain(one.title, 200)}**\n{when(one.starts_at, one.ends_at, one.zone)}\n" + "\n".join(filter(None, facts))


def _session_buttons(one: MySession) -> ui.ActionRow[Any] | None:
    no = None if one.declined else button("I cannot", f"pw:present:{one.presenter_id}:no")
    yes = None if one.confirmed else button("I will present", f"pw:present:{one.presenter_id}:yes", PRIMARY)
    if one.declined:
        return row(yes)
    return row(yes, no, button("What people said", f"pw:presented:{one.presenter_id}"), _needs_button(one.session_id, one.needs))


# ── what is typed and pressed ───────────────────────────────────────────────────────────────────────────────


async def mine_of(press: Press) -> tuple[MySession, ...]:
    """The sessions that this person presents."""
    around = press.surroundings
    return await around.store.read(my_sessions, around.partnership_id, press.who, now=around.clock())


async def show_sessions(press: Press, *, news: str = "") -> None:
    """One's own sessions."""
    mine = await mine_of(press)
    await press.show(sessions_card(mine, news=news) if mine else simple_card(NOBODY, colour=OVER))


async def confirm_code(press: Press, code: str) -> None:
    """The code from the mail was typed."""
    around, name = press.surroundings, press.interaction.user.display_name
    await around.store.write(confirm_by_code, around.partnership_id, press.who, name, code, around.rules, now=around.clock())
    around.wake()
    await show_sessions(press, news="Thank you: you will present")


async def show_results(press: Press, presenter_id: int) -> None:
    """What people said of one's own session."""
    around = press.surroundings
    found: MyResults = await around.store.read(my_results, around.partnership_id, press.who, presenter_id, around.rules)
    await press.show(results_card(found.title, found.found, found.minimum))


@on_press(ANSWER)
async def pressed_answer(press: Press) -> None:
    """A presenter says yes or no."""
    await press.defer()
    around, yes = press.surroundings, press.parts["answer"] == "yes"
    presenter = press.number("presenter")
    await around.store.write(answer, around.partnership_id, presenter, press.who, yes, around.rules, now=around.clock())
    around.wake()
    await show_sessions(press, news="Thank you: you will present" if yes else "Thank you for telling us. The organisers will see it")


@on_press(RESULTS)
async def pressed_results(press: Press) -> None:
    """What people said of a session that this person presents."""
    await press.defer()
    await show_results(press, press.number("presenter"))
