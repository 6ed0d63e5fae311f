"""`/programme report`, in a server, with real pictures and a real page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import discord
import pytest
from sqlmodel import col, select

from bot.client import PracticeBot
from bot.cogs.report import words
from bot.report_files import MOST_BYTES, chosen_charts, drawn
from domain.attendance import mark_all_but
from domain.database import Store
from domain.feedback.answers import Confidence, Results, Spread
from domain.feedback.asking import give_rating
from domain.models import AuditEntry
from domain.ports.drawing import Bars
from domain.reports.figures import GroupLine, ProgrammeReport, SessionLine, Tally, Totals
from domain.rules import Rules
from integrations.pictures import Charts
from integrations.report_page import page
from rehearsal.chat import ChatStandIn, Clock, Someone
from tests.bot_building import Server, surroundings_of
from tests.building import ACTOR, START, Building

DAY = timedelta(days=1)


@pytest.fixture
async def served(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Server]:
    """A server whose bot can draw, and a programme of which something can be told."""
    building = Building(store, partnership_id, rules, now)

    def make_bot(clock: Clock) -> PracticeBot:
        return PracticeBot(surroundings_of(store, partnership_id, rules, clock, pictures=Charts(), report_page=page))

    async with ChatStandIn(make_bot, now) as chat:
        building.programme("Social Work Week")
        yield Server(chat, building, [])
    assert chat.faults() == []


def a_past_week(building: Building) -> None:
    session_id = building.session(title="Strengths", places=8)
    people = [building.person(number) for number in range(1, 7)]
    for person in people:
        building.book(session_id, person)
    building.now = START + timedelta(hours=2)
    building.write(mark_all_but, building.partnership_id, session_id, {people[0]}, actor=ACTOR, now=building.now)
    for person in people[1:]:
        building.write(give_rating, building.partnership_id, session_id, person, 4, building.rules, now=building.now)


async def test_an_organiser_gets_sentences_pictures_and_the_page_for_their_eyes_only(served: Server) -> None:
    chat = served.chat
    olive = chat.join("Olive", organiser=True)
    a_past_week(served.building)
    chat.advance_to(served.building.now)
    told = await chat.command(olive, "programme report")
    files = dict(told.files)
    assert told.private
    assert told.text == (
        "## Social Work Week: how it went\n"
        "**2 sessions**, and **6 people** with a place.\n"
        "6 places booked, 0 waiting, 0 cancelled by people. Sessions with a limit were **75%** full.\n"
        "**5 came**, 1 did not (17% of those marked), 0 not marked.\n"
        "Rated **4.0 out of 5** in 5 answers.\n"
        "-# Everything is in report.html, with tables. Save it and open it in a browser."
    )
    assert list(files) == [
        "report.html",
        "places-1.png",
        "places-1-2.png",
        "organisations.png",
        "service-areas.png",
        "ratings.png",
        "feedback-1.png",
    ]
    assert files["report.html"].startswith(b"<!DOCTYPE html>")
    assert {content[:8] for name, content in files.items() if name.endswith(".png")} == {b"\x89PNG\r\n\x1a\n"}
    assert chat.posted() == []


async def test_looking_at_a_report_is_recorded(served: Server) -> None:
    olive = served.chat.join("Olive", organiser=True)
    await served.chat.command(olive, "programme report")
    seen = select(AuditEntry).where(col(AuditEntry.action) == "view report")
    entries = served.building.read(lambda db: [(e.actor, e.programme_id) for e in db.exec(seen)])
    assert entries == [(f"discord:{olive.id}", served.building.programme_id)]


async def test_nobody_else_gets_a_report_or_learns_of_programmes(served: Server) -> None:
    chat = served.chat
    manages_events = chat.guild.create_role("Events", permissions=discord.Permissions(manage_events=True))
    user = chat.env.create_user("Anna")  # sees organisers' commands, as Discord cannot hide them by role, and is none
    anna = Someone("Anna", user.id, chat.guild.add_member(user, roles=[manages_events]), user)
    told = await served.chat.command(anna, "programme report")
    offered = await served.chat.suggestions(anna, "programme report", "programme", "")
    assert (told.text, told.files, offered) == ("Only organisers can do that. Ask one of them to help you.", (), ())


async def test_with_several_programmes_one_is_chosen(served: Server) -> None:
    first = served.building.programme_id
    second = served.building.programme("Parents’ week")
    olive = served.chat.join("Olive", organiser=True)
    offered = await served.chat.suggestions(olive, "programme report", "programme", "week")
    unsaid = await served.chat.command(olive, "programme report")
    chosen = await served.chat.command(olive, "programme report", programme=str(first))
    typed = await served.chat.command(olive, "programme report", programme="Parents’ week")
    assert offered == (("Parents’ week", str(second)), ("Social Work Week", str(first)))
    assert unsaid.text == "Please choose one of the programmes that are shown while you type."
    assert [told.text.splitlines()[0] for told in (chosen, typed)] == [
        "## Social Work Week: how it went",
        "## Parents’ week: how it went",
    ]


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────


def a_long_report() -> ProgrammeReport:
    """75 sessions over five days, of which everything is known."""
    rated = Results(9, Spread((0, 0, 1, 4, 4)), Confidence(6, 2.5, 3.5))
    start = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    lines = tuple(
        SessionLine(
            f"PW-{n}",
            "W" * 200,
            None,
            start + n // 15 * DAY,
            start + n // 15 * DAY + timedelta(hours=1),
            "Europe/London",
            20,
            Tally(9),
            rated,
        )
        for n in range(75)
    )
    groups = (GroupLine("Northfield Council", 90, Tally(675, attended=500)),)
    totals = Totals(75, 0, 1, 90, 1500, 675, 0, Tally(675, 0, 0, 500, 1, 174), rated)
    return ProgrammeReport(
        1, "*" * 200, "Midlands", date(2027, 3, 15), date(2027, 3, 19), "Europe/London", start, 5, totals, lines, (), groups, groups
    )


class Heavy:
    """Pictures of two million bytes, numbered, that count how often they are drawn."""

    def __init__(self) -> None:
        self.asked: list[Bars] = []

    def bars(self, chart: Bars) -> bytes:
        self.asked.append(chart)
        return b"x" * 2_000_000


def test_a_message_holds_the_first_picture_of_each_kind_and_no_more_than_discord_takes() -> None:
    names = [name for name, _ in chosen_charts(a_long_report())]
    assert names == [
        "places-1.png",
        "places-1-2.png",
        "organisations.png",
        "service-areas.png",
        "ratings.png",
        "confidence.png",
        "feedback-1.png",
        "feedback-1-2.png",
        "places-2.png",
    ]
    assert len(words(a_long_report(), with_page=True)) < 2000


def test_the_files_of_a_message_are_drawn_once_and_are_not_too_heavy() -> None:
    heavy = Heavy()
    files = drawn(a_long_report(), heavy, lambda report, pictures: b"page")
    assert [name for name, _ in files] == ["report.html", "places-1.png", "places-1-2.png", "organisations.png", "service-areas.png"]
    assert sum(len(content) for _, content in files) <= MOST_BYTES
    assert len(heavy.asked) == len(set(heavy.asked)) == 9
