"""Attendance by upload, and all-but: a list that is shown before anything is marked, and a menu of the few who stayed away."""

from __future__ import annotations

import asyncio
import io
from math import ceil
from typing import Any

import discord
from discord import ui

from bot.cards import GOOD, OVER, PRIMARY, WAIT, button, card, line, row, simple_card
from bot.limits import MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.organisers.access import organised_session, require_any_organiser
from bot.organisers.marking import attendance_card
from bot.permissions import actor_of
from bot.pressing import Press, on_press
from bot.text import bare, plain
from domain.attendance import AttendanceList, attendance_list, mark
from domain.drafts import keep_draft, kept_draft
from domain.errors import BadInput, Closed
from domain.models import Attendance, DraftOf
from domain.organising import SessionDesk
from domain.roll import Roll, compare_roll, mark_roll
from domain.schedule.telling import counted
from domain.sign_in import sign_in_sheet
from domain.times import span_words

MOST_BYTES = 5_000_000
NAMES_SHOWN = 20
_N = r"[0-9]{1,12}"
ROLL = rf"pw:roll:(?P<which>there|all):(?P<draft>{_N}):(?P<seen>[0-9a-f]{{8}})"
ALL_BUT = rf"pw:allbut:(?P<session>{_N}):(?P<page>[0-9]{{1,3}})"  # a menu: the values are people
ALL_BUT_PAGE = rf"pw:allbutpage:(?P<session>{_N}):(?P<page>[0-9]{{1,3}})"


# ── by upload ───────────────────────────────────────────────────────────────────────────────────────────────


async def take_roll(press: Press, desk: SessionDesk, file: discord.Attachment) -> None:
    """Keep an organiser's list of who was there, and show whom it names. Nothing is marked."""
    if file.size > MOST_BYTES:
        raise BadInput("This file is too large: the most is 5 MB. Save it as .csv and send that.")
    await press.defer()
    around = press.surroundings
    content = await file.read()
    sheet = await around.store.compute(around.sheets.read, file.filename, content)
    who = actor_of(press.interaction)
    roll = await around.store.write(
        compare_roll, around.partnership_id, desk.session_id, sheet, desk.reference, actor=who, now=around.clock()
    )
    draft_id = await around.store.write(
        keep_draft,
        around.partnership_id,
        desk.programme_id,
        file.filename,
        content,
        asked_by=press.who,
        now=around.clock(),
        purpose=DraftOf.ATTENDANCE,
        session_id=desk.session_id,
    )
    await press.show(roll_card(roll, draft_id, file.filename))


def roll_card(roll: Roll, draft_id: int, file_name: str) -> ui.LayoutView:
    """Whom a file names, and what could be marked."""
    listed, others = roll.listed, len(roll.others)
    found = [f"**{counted(len(roll.there), 'person', 'people')}** with a place {'was' if len(roll.there) == 1 else 'were'} there."]
    if roll.away:
        found.append(f"{counted(len(roll.away), 'person', 'people')} {'was' if len(roll.away) == 1 else 'were'} not.")
    if others:
        found.append(f"The file does not say about {counted(others, 'other person', 'other people')} with a place.")
    nothing = not roll.there and not roll.away
    return card(
        (
            f"## {plain(file_name, 120)}\n**{plain(listed.title, 300)}**\n{span_words(listed.starts_at, listed.ends_at, listed.zone)}",
            line(),
            " ".join(found) + " Nothing is marked yet.",
            _strangers(roll),
            row(
                button("Mark them", f"pw:roll:there:{draft_id}:{roll.fingerprint}", PRIMARY, disabled=nothing),
                button("Mark them, and the others as not there", f"pw:roll:all:{draft_id}:{roll.fingerprint}")
                if others and roll.there
                else None,
                button("Do not mark anybody", "pw:drop"),
            ),
        ),
        WAIT if roll.unmatched else GOOD,
    )


def _strangers(roll: Roll) -> str | None:
    """Who is in the file and has no place, or could be several people."""
    if not roll.unmatched:
        return None
    count = len(roll.unmatched)
    names = ", ".join(plain(name, 60) or "…" for name in roll.unmatched[:NAMES_SHOWN])
    more = f", and {count - NAMES_SHOWN} more" if count > NAMES_SHOWN else ""
    them = "name in the file is not the name" if count == 1 else "names in the file are not the names"
    return f"{count} {them} of exactly one person with a place: {names}{more}. You can mark them by hand with /attendance list."


@on_press(ROLL)
async def pressed_roll(press: Press) -> None:
    """Mark what the file says."""
    await press.defer()
    around = press.surroundings
    await require_any_organiser(press)
    draft = await around.store.read(kept_draft, around.partnership_id, press.number("draft"), DraftOf.ATTENDANCE)
    desk = await organised_session(press, draft.session_id or 0)
    sheet = await around.store.compute(around.sheets.read, draft.file_name, draft.content)
    listed = await around.store.write(
        mark_roll,
        around.partnership_id,
        draft.id,
        sheet,
        desk.reference,
        others_away=press.parts["which"] == "all",
        seen=press.parts["seen"] or "",
        actor=actor_of(press.interaction),
        now=around.clock(),
    )
    await press.show(attendance_card(listed, "there", 0, news="Saved"))


# ── all but ─────────────────────────────────────────────────────────────────────────────────────────────────


def all_but_card(listed: AttendanceList, page: int, *, news: str = "") -> ui.LayoutView:
    """A menu of those with a place: who is chosen was not there, and everyone else was."""
    head = f"## Who was not there?\n**{plain(listed.title, 300)}**\n{span_words(listed.starts_at, listed.ends_at, listed.zone)}"
    if not listed.people:
        return simple_card(f"{head}\nNobody had a place in this session.", colour=OVER)
    pages = ceil(len(listed.people) / MENU_OPTIONS)
    page = min(page, pages - 1)
    shown = listed.people[page * MENU_OPTIONS : (page + 1) * MENU_OPTIONS]
    options = [
        discord.SelectOption(
            value=str(person.person_id),
            label=bare(person.name, OPTION_LABEL) or "…",
            description=bare(person.organisation or "", OPTION_DESCRIPTION) or None,
            default=person.attendance is Attendance.ABSENT,
        )
        for person in shown
    ]
    menu = ui.Select[Any](
        custom_id=f"pw:allbut:{listed.session_id}:{page}",
        placeholder="Who was not there?",
        options=options,
        min_values=0,
        max_values=len(options),
    )
    part = f" This is part {page + 1} of {pages}: choose in each part that has somebody who was not there." if pages > 1 else ""
    counts = f"{listed.count(Attendance.ATTENDED):,} there, {listed.count(Attendance.ABSENT):,} not there"
    return card(
        (
            f"### {news}" if news else None,
            f"{head}\n{counted(len(listed.people), 'person', 'people')}: {counts}.",
            line(),
            f"Choose the few who were **not there**. Everyone else with a place counts as there.{part}",
            ui.ActionRow(menu),
            row(
                button("Back", f"pw:allbutpage:{listed.session_id}:{page - 1}") if page else None,
                button("More people", f"pw:allbutpage:{listed.session_id}:{page + 1}") if page + 1 < pages else None,
            ),
        ),
        GOOD if not listed.count(Attendance.UNKNOWN) else OVER,
    )


async def show_all_but(press: Press, desk: SessionDesk, page: int = 0) -> None:
    """The menu, for who organises the session; seeing the names is recorded."""
    await press.show(all_but_card(await _listed(press, desk.session_id), page))


async def _listed(press: Press, session_id: int) -> AttendanceList:
    around = press.surroundings
    return await around.store.write(
        attendance_list, around.partnership_id, session_id, actor=actor_of(press.interaction), now=around.clock()
    )


@on_press(ALL_BUT_PAGE)
async def pressed_all_but_page(press: Press) -> None:
    """Another part of the people."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    await show_all_but(press, desk, press.number("page"))


@on_press(ALL_BUT)
async def pressed_all_but(press: Press) -> None:
    """A few were away. Of this page everyone else was there; so was everyone on other pages who is not marked yet."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    page = press.number("page")
    around = press.surroundings
    listed = await _listed(press, desk.session_id)
    on_page = {person.person_id for person in listed.people[page * MENU_OPTIONS : (page + 1) * MENU_OPTIONS]}
    unmarked = {person.person_id for person in listed.people if person.attendance is Attendance.UNKNOWN}
    away = {int(value) for value in press.values if value.isdecimal()}
    marks = dict.fromkeys(on_page | unmarked, Attendance.ATTENDED) | dict.fromkeys(away, Attendance.ABSENT)
    listed = await around.store.write(
        mark, around.partnership_id, desk.session_id, marks, actor=actor_of(press.interaction), now=around.clock()
    )
    await press.show(all_but_card(listed, page, news="Saved"))


# ── to print ────────────────────────────────────────────────────────────────────────────────────────────────


async def send_sheet(press: Press, desk: SessionDesk, *, landscape: bool) -> None:
    """The sign-in sheet as a file, for this organiser alone."""
    around = press.surroundings
    if around.sign_in is None:
        raise Closed("Sign-in sheets are not set up here.")
    await press.defer()
    sheet = await around.store.write(
        sign_in_sheet, around.partnership_id, desk.session_id, actor=actor_of(press.interaction), now=around.clock()
    )
    content = await asyncio.to_thread(around.sign_in.pdf, sheet, landscape=landscape)
    people = counted(len(sheet.people), "person", "people")
    words = f"Here is the sign-in sheet for **{plain(sheet.title, 300)}**: {people}. It holds names, so print it only for the session."
    name = f"sign-in-{desk.reference}.pdf"
    await press.interaction.followup.send(words, file=discord.File(io.BytesIO(content), name), ephemeral=True)
