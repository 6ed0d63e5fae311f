"""Certificates in chat, and the list of what somebody attended: for that person only."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Sequence

from discord import ui

from bot import ids
from bot.cards import GOOD, OPEN, OVER, card, headlined, line, menu, simple_card
from bot.files import attach
from bot.pressing import Press, on_press
from bot.text import day_short, plain
from domain.attended import attendance_facts, my_attended, programmes_attended
from domain.errors import BadInput, Refusal
from domain.ports.letters import Attachment
from domain.records import Attended, CompletionFacts, hours_words, minutes_of
from domain.series.completion import completion_facts, my_completed
from domain.times import clock_words, day_words, to_wall

NOTHING_YET = (
    "## Your certificates\nThere is nothing here yet. A certificate comes when an organiser has marked you as there. "
    "If you came and it is not here, please tell an organiser."
)
NOT_ATTENDED = "## What you attended\nThere is nothing here yet. A session is listed when an organiser has marked you as there."
MOST_LISTED = 20  # on the card; the file has them all
#: what a spreadsheet would take for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def certificate_card(facts: CompletionFacts) -> ui.LayoutView:
    """The message that comes with a certificate."""
    return card(
        (
            headlined("Your certificate"),
            f"Well done. You have completed **{plain(facts.course, 240)}**.\n"
            f"The certificate is below. Its number is {plain(facts.number, 40)}.",
            "-# You can get it again at any time: type /my certificate.",
        ),
        GOOD,
    )


async def show_certificates(press: Press) -> None:
    """The certificates that somebody can have, to choose from."""
    around = press.surroundings
    completed = await around.store.read(my_completed, around.partnership_id, press.who, now=around.clock())
    programmes = await around.store.read(programmes_attended, around.partnership_id, press.who, now=around.clock())
    options = [(f"series:{one.series_booking_id}", one.title, "You completed this course") for one in completed]
    options += [
        (f"programme:{one.programme_id}", one.title, f"You attended {one.sessions} {'session' if one.sessions == 1 else 'sessions'}")
        for one in programmes
    ]
    if not options:
        await press.show(simple_card(NOTHING_YET, colour=OVER))
        return
    await press.show(simple_card("## Your certificates", menu("pw:certificate", "Choose a certificate", options)))


@on_press(ids.CERTIFICATE)
async def pressed_certificate(press: Press) -> None:
    """A certificate was chosen: it is drawn for who chose it."""
    await press.defer()
    what, _, number = next(iter(press.values), "").partition(":")
    if what not in ("series", "programme") or not (number.isascii() and number.isdigit() and len(number) <= 12):
        raise BadInput("Please choose one from the list.")
    around = press.surroundings
    certificates = around.certificates
    if certificates is None:
        raise Refusal("We cannot make certificates here at the moment. Please ask an organiser.")
    if what == "series":
        done = await around.store.read(completion_facts, around.partnership_id, press.who, int(number), now=around.clock())
        await _show_file(press, certificate_card(done), lambda: certificates.completion(done))
        return
    facts = await around.store.read(attendance_facts, around.partnership_id, press.who, int(number), now=around.clock())
    shown = card((headlined("Your certificate of attendance"), f"It lists what you attended of **{plain(facts.programme, 240)}**."), GOOD)
    await _show_file(press, shown, lambda: certificates.attendance(facts))


async def _show_file(press: Press, shown: ui.LayoutView, draw: Callable[[], bytes]) -> None:
    content = await asyncio.to_thread(draw)
    files = attach(shown, [Attachment("certificate.pdf", "application/pdf", content)])
    await press.show(shown, files=tuple(files))


async def show_attended(press: Press) -> None:
    """What somebody attended, as a card and as a file to keep."""
    around = press.surroundings
    found = await around.store.read(my_attended, around.partnership_id, press.who, now=around.clock())
    if not found:
        await press.show(simple_card(NOT_ATTENDED, colour=OVER))
        return
    shown = attended_card(found)
    files = attach(shown, [Attachment("what-i-attended.csv", "text/csv", attended_file(found))])
    await press.show(shown, files=tuple(files))


def attended_card(found: Sequence[Attended]) -> ui.LayoutView:
    """The latest sessions, and how long they all were."""
    count = f"{len(found):,} {'session' if len(found) == 1 else 'sessions'}"
    latest = list(reversed(found))[:MOST_LISTED]
    more = f"\n-# These are the latest {MOST_LISTED}. The file below has all {len(found):,}." if len(found) > MOST_LISTED else ""
    return card(
        (
            f"## What you attended\n{count}, {hours_words(minutes_of(found))} of learning.{more}",
            line(),
            "\n".join(_attended_line(one) for one in latest),
        ),
        OPEN,
    )


def _attended_line(one: Attended) -> str:
    by = f" · {plain(one.organisation, 40)}" if one.organisation else ""
    year = to_wall(one.starts_at, one.zone).year
    return f"**{day_short(one.starts_at, one.zone)} {year}** {plain(one.title, 70)}\n-# {hours_words(one.minutes)}{by}"


def attended_file(found: Sequence[Attended]) -> bytes:
    """The list as a spreadsheet's text file. A cell that a spreadsheet would reckon with stands as text."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("Date", "Start", "Session", "Organisation", "Hours"))
    for one in found:
        wall = to_wall(one.starts_at, one.zone)
        rows.writerow(
            [day_words(wall.date()), clock_words(wall), *map(_as_text, (one.title, one.organisation or "")), f"{one.minutes / 60:g}"]
        )
    return text.getvalue().encode("utf-8-sig")


def _as_text(words: str) -> str:
    return f"'{words}" if words.startswith(FORMULA) else words
