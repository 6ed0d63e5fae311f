"""Changing one session in chat: previews, confirmations and forms. The right to do it is asked at every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.cards import OVER, simple_card
from bot.organisers import ids
from bot.organisers.access import organised_session
from bot.organisers.sends import through_words
from bot.organisers.session_cards import (
    added_card,
    call_off_card,
    changed_card,
    edit_form,
    fingerprint,
    heading,
    link_form,
    move_card,
    people,
    provider_card,
    reason_form,
)
from bot.permissions import actor_of
from bot.pressing import Press, on_form, on_press
from domain.changeable import require_changeable
from domain.errors import BadInput, Refusal
from domain.kinds import Format, Mode, Provider
from domain.moving import preview_move
from domain.organising import SessionDesk, session_desk
from domain.programmes import ProgrammeView
from domain.schedule.proposals import Defaults
from domain.schedule.typed import read_day, read_session, read_span
from domain.sends import mails_owed, through_at
from domain.sessions import Changed, add, cancel_session, change_provider, edit, reschedule, set_places
from domain.times import day_of, day_words, to_wall

MINUTE = timedelta(minutes=1)


async def change_one(press: Press, use_case: Callable[..., Changed], *args: Any, **kwargs: Any) -> Changed:
    """Call a use case that changes a session for this organiser, and wake the clock."""
    around = press.surroundings
    done = await around.store.write(
        use_case, around.partnership_id, *args, around.rules, actor=actor_of(press.interaction), now=around.clock(), **kwargs
    )
    around.wake()
    return done


async def desk_now(press: Press, session_id: int) -> SessionDesk:
    """The session as it is now."""
    return await press.surroundings.store.read(session_desk, press.surroundings.partnership_id, session_id)


def still_open(desk: SessionDesk, now: datetime) -> None:
    """Raises `Closed` for a session that can no longer be changed."""
    require_changeable(desk.state, desk.session.ends_at, now=now)


# ── adding and editing ──────────────────────────────────────────────────────────────────────────────────────


async def add_session(press: Press, programme: ProgrammeView, cells: dict[str, str | None]) -> None:
    """A session from what was typed, read as a row of a schedule."""
    around = press.surroundings
    defaults = Defaults(programme.default_provider, programme.default_places, programme.default_privacy, programme.zone)
    typed = read_session(cells, defaults, now=around.clock(), holidays=around.holidays)
    done = await change_one(press, add, programme.id, typed.proposal.new, privacy_said=False)
    await press.show(added_card(await desk_now(press, done.session_id), typed.proposal, typed.warnings, no_host=done.no_host))


async def start_editing(press: Press, desk: SessionDesk, *, organisation: str | None, audience: str | None) -> None:
    """Change what was typed with the command; without anything, open the form."""
    still_open(desk, press.surroundings.clock())
    if organisation is None and audience is None:
        await press.ask(edit_form(desk))
        return
    await press.defer()
    new = desk.session
    if organisation is not None:
        new = replace(new, organisation=organisation)
    if audience is not None:
        new = replace(new, audience=audience)
    done = await change_one(press, edit, desk.session_id, new, seen=desk.session)
    await press.show(changed_card("Saved", await desk_now(press, desk.session_id), done))


@on_form(ids.EDIT_FORM)
async def edit_came(press: Press) -> None:
    """The form for a session's words came back."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    if fingerprint(desk.session) != press.parts["seen"]:
        raise Refusal("Somebody changed this session while you had the form open. Please open it again with /session edit.")
    given: dict[str, Any] = {name: press.text(name) for name in ("title", "description", "notes")}
    given |= {"presenter": press.text("presenter").strip() or None}
    if desk.session.format is Format.ONLINE:
        given["audience"] = press.text("audience").strip()
    else:
        given["venue"] = press.text("venue").strip() or None
    done = await change_one(press, edit, desk.session_id, replace(desk.session, **given), seen=desk.session)
    await press.show(changed_card("Saved", await desk_now(press, desk.session_id), done))


# ── moving ──────────────────────────────────────────────────────────────────────────────────────────────────


async def start_moving(press: Press, desk: SessionDesk, date: str | None, start: str | None, end: str | None) -> None:
    """Show what a new time would mean. What is left out stays: the day, the start, the length."""
    around, session = press.surroundings, desk.session
    still_open(desk, around.clock())
    wall = to_wall(session.starts_at, session.zone)
    if date is None and start is None and end is None:
        raise BadInput("Say when it will be: a new date, a new start, or both.")
    minutes = round((session.ends_at - session.starts_at) / MINUTE)
    today = day_of(around.clock(), session.zone)
    same_day = date is None or read_day(date, today=today, zone=session.zone) == wall.date()
    starts_at, ends_at = read_span(
        date or f"{wall:%d/%m/%Y}",
        start or (f"{wall:%H:%M} {wall:%Z}" if same_day else f"{wall:%H:%M}"),  # GMT or BST is another day's business
        end,
        minutes=minutes,
        today=today,
        zone=session.zone,
    )
    if (starts_at, ends_at) == (session.starts_at, session.ends_at):
        raise BadInput("That is when it is already.")
    await press.defer()
    shown = await around.store.read(
        preview_move, around.partnership_id, desk.session_id, starts_at, ends_at, around.rules, now=around.clock()
    )
    await press.show(move_card(desk, shown, starts_at, ends_at, _asks(press, starts_at, session.zone)))


def _asks(press: Press, starts_at: datetime, zone: str) -> list[str]:
    """What about the new day deserves a second look."""
    day = day_of(starts_at, zone)
    holidays = press.surroundings.holidays
    asks = [f"{day_words(day)} is a bank holiday in England ({holidays[day]})."] if day in holidays else []
    asks += [f"{day_words(day)} is at a weekend."] if day.weekday() >= 5 else []
    return asks + ([f"{day_words(day)} is in the past."] if starts_at < press.surroundings.clock() else [])


@on_press(ids.MOVE)
async def pressed_move(press: Press) -> None:
    """Move a session to the time that was shown."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    done = await change_one(press, reschedule, desk.session_id, ids.instant(press.number("start")), ids.instant(press.number("end")))
    await press.show(changed_card("Moved", await desk_now(press, desk.session_id), done))


# ── cancelling ──────────────────────────────────────────────────────────────────────────────────────────────


async def start_calling_off(press: Press, desk: SessionDesk) -> None:
    """Show what cancelling would mean."""
    still_open(desk, press.surroundings.clock())
    around, now = press.surroundings, press.surroundings.clock()
    owed = await around.store.read(mails_owed)
    through = through_words(through_at(owed, desk.active, around.mails_per_minute, now), now, desk.session.zone)
    await press.show(call_off_card(desk, through))


@on_press(ids.CALL_OFF)
async def pressed_call_off(press: Press) -> None:
    """Ask for the reason."""
    desk = await organised_session(press, press.number("session"))
    still_open(desk, press.surroundings.clock())
    await press.ask(reason_form(desk))


@on_form(ids.CALL_OFF_FORM)
async def reason_came(press: Press) -> None:
    """The reason came: cancel the session."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    done = await change_one(press, cancel_session, desk.session_id, press.text("reason"))
    told = f"{people(done.told)} will be told." if done.told else "Nobody had booked it, so nobody is told."
    await press.show(simple_card(f"### Cancelled\n{heading(desk)}\n{told}", colour=OVER))


# ── provider and places ─────────────────────────────────────────────────────────────────────────────────────


async def start_changing_provider(press: Press, desk: SessionDesk, service: Provider) -> None:
    """Show what another service would mean, or ask for the link."""
    still_open(desk, press.surroundings.clock())
    if desk.session.format is Format.IN_PERSON:
        raise BadInput("This session is in person, so it has no meeting to move. To hold it online, use /session held.")
    if service is Provider.GIVEN:
        await press.ask(link_form(desk))
        return
    await press.defer()
    await press.show(provider_card(desk, service))


@on_press(ids.PROVIDER)
async def pressed_provider(press: Press) -> None:
    """Hold a session on Teams or Zoom."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    service = Provider(press.parts["provider"] or "")
    done = await change_one(press, change_provider, desk.session_id, service)
    await press.show(
        changed_card(f"On {'Teams' if service is Provider.TEAMS else 'Zoom'} now", await desk_now(press, desk.session_id), done)
    )


@on_form(ids.LINK_FORM)
async def link_came(press: Press) -> None:
    """A link of the organiser's own came."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    done = await change_one(press, change_provider, desk.session_id, Provider.GIVEN, given_link=press.text("link").strip())
    await press.show(changed_card("Your link is used now", await desk_now(press, desk.session_id), done))


async def change_places(press: Press, desk: SessionDesk, places: int | None, mode: Mode) -> None:
    """Raise or lower the places; nobody loses one."""
    still_open(desk, press.surroundings.clock())
    if mode is Mode.ONLINE and desk.session.format is Format.IN_PERSON:
        raise BadInput("This session is in person, so it has no places online.")
    await press.defer()
    done = await change_one(press, set_places, desk.session_id, places, mode=mode)
    await press.show(changed_card("Places changed", await desk_now(press, desk.session_id), done))
