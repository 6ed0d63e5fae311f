"""What a rehearsal leaves in its folder: mail, chat, timeline, meetings and reports, each where it is looked for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from discord import TextChannel

from bot.client import PracticeBot
from domain.database import Store
from domain.kinds import Channel, Kind
from domain.limits import Unlimited
from domain.models import Notice, NoticeState, ServiceArea
from domain.people import Details
from domain.rules import Rules
from integrations.ical import CalendarFiles
from rehearsal.browser import Browsers
from rehearsal.chat import ChatStandIn, Someone
from rehearsal.clock import TravellingClock
from rehearsal.graph import GraphStandIn
from rehearsal.leavings import leave
from rehearsal.mailbox import Arrived, Mailbox
from rehearsal.people import Actor
from rehearsal.played import Played
from rehearsal.serving import HeldMeeting
from rehearsal.stage import Stage
from rehearsal.timeline import moment
from rehearsal.zoom import ZoomStandIn
from scheduler.ticks import Ticks
from tests.bot_building import surroundings_of
from tests.building import Building
from tests.visiting_building import LINK_KEY
from web.front import Front
from web.safety.guesses import Guesses
from web.surroundings import Place
from web.surroundings import Surroundings as WebSurroundings

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class Scene:
    """A stage on which a little has happened, and what was noted of it."""

    stage: Stage
    building: Building
    sian: Someone


@pytest.fixture
async def scene(store: Store, partnership_id: int, rules: Rules) -> AsyncIterator[Scene]:
    building = Building(store, partnership_id, rules, NOW)
    clock = TravellingClock(NOW)
    async with ChatStandIn(lambda now: PracticeBot(surroundings_of(store, partnership_id, rules, now)), NOW) as chat:
        building.programme()
        sian = chat.join("Siân O'Brien", discord_id=9_000_000_000_000_007)
        ticks = Ticks(store, rules, clock=clock, by="here", providers={}, channels={})
        graph, zoom = GraphStandIn(clock=clock), ZoomStandIn(clock=clock)
        stage = Stage(
            store,
            partnership_id,
            rules,
            ticks,
            chat,
            graph,
            zoom,
            Mailbox(clock),
            clock,
            browsers_of(store, partnership_id, rules, clock),
            {},
        )
        yield Scene(stage, building, sian)


def browsers_of(store: Store, partnership_id: int, rules: Rules, clock: TravellingClock) -> Browsers:
    """Pages that nobody opens here."""
    calendar = CalendarFiles("Midlands", "midlands@example.org")
    whose = WebSurroundings(partnership_id, "midlands", "Midlands", "0121 496 0000", rules, calendar)
    guesses = Guesses(Unlimited(), LINK_KEY)
    return Browsers(Front(store, [whose], Place("https://pages.example"), LINK_KEY, clock=clock, wake=lambda: None, guesses=guesses))


def played(**changes: Any) -> Played:
    details = Details("Siân O'Brien", "sian@council.example", "Northfield Council", ServiceArea.CHILDREN)
    actor = Actor(7, 9_000_000_000_000_007, details, by_chat=True, by_web=False, closed=False, reminders_by_email=False, proves=True)
    acts = [moment(NOW, "signs up", person=actor.pseudonym)]
    facts: dict[str, Any] = {"acts": acts, "actors": [actor], "sessions": 1, "attention": "", "reports": {}}
    return Played(**facts | changes)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def letter(name: str, text: str, *, minute: int = 0, subject: str = "Your place") -> Arrived:
    content = f"Subject: {subject}\r\nMessage-ID: <{name}@x.example>\r\n\r\n{text}\r\n".encode()
    return Arrived(NOW.replace(minute=minute), "from@x.example", "sian@council.example", content)


async def test_each_message_is_a_file_once_and_what_came_altered_is_told(scene: Scene, tmp_path: Path) -> None:
    first, second = letter("one", "Welcome."), letter("two", "Your session has moved.", minute=1, subject="Changed: Strengths")
    scene.stage.mailbox.messages += [first, first, second, letter("two", "Something else.", minute=2)]
    assert leave(tmp_path, scene.stage, played()) == ("<two@x.example>",)
    assert files_in(tmp_path / "mail") == {
        "0001-your-place.eml": first.content,
        "0002-changed-strengths.eml": second.content,
    }


async def test_everybody_s_chat_is_a_file_and_so_is_each_channel_s(scene: Scene, tmp_path: Path) -> None:
    await scene.stage.chat.command(scene.sian, "my details")
    channel = scene.stage.chat.bot.get_channel(scene.stage.chat.practice_week.id)
    assert isinstance(channel, TextChannel)
    await channel.send("Monday 15 March 2027")
    await scene.stage.chat.settle()
    leave(tmp_path, scene.stage, played())
    left = files_in(tmp_path / "chat")
    assert sorted(left) == ["channel-practice-week.txt", "siân-o-brien.txt"]
    assert left["channel-practice-week.txt"] == b"2027-03-01 09:00 Practice Week\n    Monday 15 March 2027\n"
    assert left["siân-o-brien.txt"].decode().startswith("2027-03-01 09:00 Siân O'Brien: /my details\n    ")


async def test_the_timeline_holds_what_people_did_and_what_was_sent_under_pseudonyms(scene: Scene, tmp_path: Path) -> None:
    building = scene.building
    person = building.person(scene.sian.id, name="Siân O'Brien", email="sian@council.example")
    notice = Notice(
        kind=Kind.FEEDBACK,
        channel=Channel.CHAT,
        partnership_id=building.partnership_id,
        key="feedback:1",
        need=6,
        owed_at=NOW,
        next_try_at=NOW,
        state=NoticeState.SENT,
        sent_at=NOW + timedelta(hours=1),
        attempts=1,
        person_id=person,
    )
    building.write(lambda db: db.add(notice))
    leave(tmp_path, scene.stage, played())
    lines = [json.loads(line) for line in (tmp_path / "timeline.jsonl").read_bytes().splitlines()]
    blank = {"session": "", "person": "person 0007", "channel": "", "outcome": ""}
    assert lines == [
        {"at": "2027-03-01T09:00:00+00:00", "what": "signs up", **blank},
        {"at": "2027-03-01T10:00:00+00:00", "what": "feedback", **blank, "channel": "chat", "outcome": "sent"},
    ]


async def test_every_meeting_that_was_ever_made_is_told_with_what_became_of_it(scene: Scene, tmp_path: Path) -> None:
    ends = NOW + timedelta(hours=1)
    gone = HeldMeeting("80", "host-1@zoom.example", "uid:1", "Strengths", NOW, ends, "https://zoom.example/j/80", NOW, deleted_at=ends)
    kept = HeldMeeting("MSo", "organiser-1", "uid:2", "Strengths", NOW, ends, "https://teams.example/1", NOW, changed_at=[ends])
    scene.stage.zoom.meetings.append(gone)
    scene.stage.graph.meetings.append(kept)
    leave(tmp_path, scene.stage, played())
    text = (tmp_path / "meetings.json").read_text(encoding="utf-8")
    told = json.loads(text)
    assert {service: [(one["ref"], one["deleted_at"], one["changed_at"]) for one in held] for service, held in told.items()} == {
        "teams": [("uid:2", None, ["2027-03-01T10:00:00+00:00"])],
        "zoom": [("uid:1", "2027-03-01T10:00:00+00:00", [])],
    }
    assert text.endswith("}\n")


async def test_every_report_is_left_as_the_organiser_had_it(scene: Scene, tmp_path: Path) -> None:
    pages = {"report.html": b"<!DOCTYPE html>one", "report-2.html": b"<!DOCTYPE html>two"}
    leave(tmp_path / "out", scene.stage, played(reports=pages))
    assert {name: page for name, page in files_in(tmp_path / "out").items() if name.endswith(".html")} == pages


async def test_a_week_in_which_nothing_happened_leaves_its_files_all_the_same(scene: Scene, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert leave(out, scene.stage, played(acts=[])) == ()
    assert files_in(out) == {"meetings.json": b'{\n  "teams": [],\n  "zoom": []\n}\n', "timeline.jsonl": b""}
    assert (files_in(out / "mail"), files_in(out / "chat")) == ({}, {})
