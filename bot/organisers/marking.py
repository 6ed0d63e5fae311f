"""Attendance in chat: a menu of those with a place, to say who was there, or who was not. For the organiser's eyes only."""

from __future__ import annotations

from math import ceil
from typing import Any

import discord
from discord import ui

from bot.cards import GOOD, OVER, PRIMARY, button, card, line, row, simple_card
from bot.limits import MENU_OPTIONS, OPTION_DESCRIPTION, OPTION_LABEL
from bot.organisers import ids
from bot.organisers.access import organised_session
from bot.permissions import actor_of
from bot.pressing import Press, on_press
from bot.text import bare, plain
from domain.attendance import AttendanceList, Attendee, attendance_list, mark, mark_all_but
from domain.models import Attendance
from domain.schedule.telling import counted
from domain.times import span_words

WAYS = {"there": Attendance.ATTENDED, "away": Attendance.ABSENT}
OTHER = {"there": Attendance.ABSENT, "away": Attendance.ATTENDED}
MARKS = {Attendance.ATTENDED: "there", Attendance.ABSENT: "not there", Attendance.UNKNOWN: "not marked yet"}


def attendance_card(listed: AttendanceList, way: str, page: int, *, news: str = "") -> ui.LayoutView:
    """Counts, and a menu of at most 25 people: choosing marks everyone on that page."""
    head = f"## Who was there?\n**{plain(listed.title, 300)}**\n{span_words(listed.starts_at, listed.ends_at, listed.zone)}"
    if not listed.people:
        return simple_card(f"{head}\nNobody had a place in this session.", colour=OVER)
    pages = ceil(len(listed.people) / MENU_OPTIONS)
    page = min(page, pages - 1)
    shown = listed.people[page * MENU_OPTIONS : (page + 1) * MENU_OPTIONS]
    counts = ", ".join(f"{listed.count(one):,} {words}" for one, words in MARKS.items())
    part = f" This is part {page + 1} of {pages}; each part is marked on its own." if pages > 1 else ""
    others = "not there" if way == "there" else "there"
    asks = f"Choose everyone who was **{'there' if way == 'there' else 'not there'}**. The others in the menu count as {others}.{part}"
    return card(
        (
            f"### {news}" if news else None,
            f"{head}\n{counted(len(listed.people), 'person', 'people')}: {counts}.",
            line(),
            asks,
            _people(listed, shown, way, page),
            row(
                button("Everyone was there", ids.everyone(listed.session_id), PRIMARY),
                button("Choose who was not there", ids.attendance(listed.session_id, "away", page)) if way == "there" else None,
                button("Choose who was there", ids.attendance(listed.session_id, "there", page)) if way == "away" else None,
            ),
            row(
                button("Back", ids.attendance(listed.session_id, way, page - 1)) if page else None,
                button("More people", ids.attendance(listed.session_id, way, page + 1)) if page + 1 < pages else None,
            ),
        ),
        GOOD if not listed.count(Attendance.UNKNOWN) else OVER,
    )


def _people(listed: AttendanceList, shown: tuple[Attendee, ...], way: str, page: int) -> ui.ActionRow[Any]:
    options = [
        discord.SelectOption(
            value=str(person.person_id),
            label=bare(person.name, OPTION_LABEL) or "…",
            description=bare(" · ".join(filter(None, (person.organisation, MARKS[person.attendance]))), OPTION_DESCRIPTION),
            default=person.attendance is WAYS[way],
        )
        for person in shown
    ]
    asks = "Who was there?" if way == "there" else "Who was not there?"
    menu = ui.Select[Any](
        custom_id=ids.marked(listed.session_id, way, page), placeholder=asks, options=options, min_values=0, max_values=len(options)
    )
    return ui.ActionRow(menu)


async def show_attendance(press: Press, session_id: int, way: str = "there", page: int = 0) -> None:
    """The list, for who organises the session; seeing it is recorded."""
    listed = await _listed(press, session_id)
    await press.show(attendance_card(listed, way, page))


async def _listed(press: Press, session_id: int) -> AttendanceList:
    around = press.surroundings
    return await around.store.write(
        attendance_list, around.partnership_id, session_id, actor=actor_of(press.interaction), now=around.clock()
    )


@on_press(ids.ATTENDANCE)
async def pressed_attendance(press: Press) -> None:
    """Another page, or the other way round."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    await show_attendance(press, desk.session_id, press.parts["way"] or "there", press.number("page"))


@on_press(ids.MARKED)
async def pressed_marked(press: Press) -> None:
    """People of one page were chosen: they and the others of that page are marked."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    way, page = press.parts["way"] or "there", press.number("page")
    around = press.surroundings
    listed = await _listed(press, desk.session_id)
    on_page = listed.people[page * MENU_OPTIONS : (page + 1) * MENU_OPTIONS]
    chosen = {int(value) for value in press.values if value.isdecimal()}
    marks = {person.person_id: OTHER[way] for person in on_page} | dict.fromkeys(chosen, WAYS[way])
    listed = await around.store.write(
        mark, around.partnership_id, desk.session_id, marks, actor=actor_of(press.interaction), now=around.clock()
    )
    await press.show(attendance_card(listed, way, page, news="Saved"))


@on_press(ids.EVERYONE)
async def pressed_everyone(press: Press) -> None:
    """Everyone was there."""
    await press.defer()
    desk = await organised_session(press, press.number("session"))
    around = press.surroundings
    listed = await around.store.write(
        mark_all_but, around.partnership_id, desk.session_id, (), actor=actor_of(press.interaction), now=around.clock()
    )
    await press.show(attendance_card(listed, "away", 0, news="Saved: everyone was there"))
