"""Private or open? The answer, from the card that publishes and by command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cards import GOOD, OVER, simple_card
from bot.organisers import private_ids
from bot.organisers.access import organised_programme
from bot.organisers.private_people import sees_private_people
from bot.organisers.programmes import show_publish
from bot.permissions import actor_of, require_organiser
from bot.pressing import Press, on_press
from bot.text import plain
from domain.errors import BadInput
from domain.models import Privacy
from domain.organising import SessionDesk, to_publish
from domain.private_sessions import Answered, set_contact, set_privacy, set_programme_privacy
from domain.programmes import ProgrammeView
from domain.schedule.telling import counted

MEANS = {
    Privacy.PRIVATE: "Only people with an invitation code can see it or book it. Make one with /invitation new.",
    Privacy.OPEN: "Everyone in the server can see it and book it.",
}


@on_press(private_ids.ANSWER)
async def pressed_answer(press: Press) -> None:
    """Some of those that ask are private, or open."""
    chosen = [int(value) for value in press.values if value.isascii() and value.isdigit() and len(value) <= 12]
    await _answer(press, Privacy(press.parts["privacy"] or ""), chosen)


@on_press(private_ids.ALL_PRIVATE)
async def pressed_all_private(press: Press) -> None:
    """All of those that ask are private."""
    await _answer(press, Privacy.PRIVATE, None)


async def _answer(press: Press, privacy: Privacy, chosen: Sequence[int] | None) -> None:
    around, programme_id = press.surroundings, press.number("programme")
    await require_organiser(press.interaction, around, programme_id)
    await press.defer()
    asked = [one.session_id for one in (await around.store.read(to_publish, around.partnership_id, programme_id, now=around.clock())).asked]
    wanted = asked if chosen is None else [session_id for session_id in chosen if session_id in asked]
    if not wanted:
        raise BadInput("These sessions have an answer already. Use /session private to change it.")
    await _write(press, set_privacy, programme_id, wanted, privacy)
    await show_publish(press, await organised_programme(press, str(programme_id)), press.number("channel"))


async def _write(press: Press, use_case: Any, programme_id: int, *args: Any, **more: Any) -> Answered:
    """Raises `NotAllowed` for opening what this organiser may not see."""
    around = press.surroundings
    wanted = around.partnership_id, *args, around.rules
    more |= {"sees_private": await sees_private_people(press, programme_id)}
    done: Answered = await around.store.write(use_case, *wanted, actor=actor_of(press.interaction), now=around.clock(), **more)
    around.wake()
    return done


# ── by command ──────────────────────────────────────────────────────────────────────────────────────────────


async def answer_for(press: Press, desk: SessionDesk, privacy: Privacy, public_title: str | None) -> None:
    """One session is private, or open; and what it is called where others can see it."""
    done = await _write(press, set_privacy, desk.programme_id, [desk.session_id], privacy, public_title=public_title)
    if privacy is Privacy.PRIVATE:
        called = public_title or desk.session.public_title
        shown = f"Where others can see it, it is called “{plain(called or 'Your session', 300)}”."
    else:
        shown = ""
    opened = "It can be booked now." if done.opened else ""
    told = f"{counted(done.told, 'person', 'people')} will be told." if done.told else ""
    said = " ".join(part for part in (MEANS[privacy], shown, opened, told) if part)
    await press.show(simple_card(f"### This session is {privacy.value} now\n{plain(desk.session.title, 300)}\n{said}", colour=GOOD))


async def answer_for_programme(press: Press, programme: ProgrammeView, privacy: Privacy) -> None:
    """A whole programme is private, or open."""
    done = await _write(press, set_programme_privacy, programme.id, programme.id, privacy)
    kept = f" {counted(done.kept, 'session')} stay private, because people booked them in private." if done.kept else ""
    said = (
        f"### {plain(programme.title, 300)} is {privacy.value} now\n{counted(done.sessions, 'session')} changed. "
        f"New sessions will be {privacy.value} too.{kept}"
    )
    further = "" if privacy is Privacy.OPEN else "\nTell families whom to call with /programme contact. Make codes with /invitation new."
    await press.show(simple_card(said + further, colour=OVER if done.kept else GOOD))


async def take_contact(press: Press, programme: ProgrammeView, contact: str) -> None:
    """Whom families call."""
    around = press.surroundings
    done = await around.store.write(
        set_contact, around.partnership_id, programme.id, contact, actor=actor_of(press.interaction), now=around.clock()
    )
    said = f"### Families are told whom to call\n{plain(done.contact, 300)}\nThey see it before they book a private session."
    await press.show(simple_card(said, colour=GOOD))
