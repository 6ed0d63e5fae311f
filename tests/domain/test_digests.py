"""The daily message: at 8am of the programme's own zone, once a day, only to who wants it, only when there is something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.agenda import next_due
from domain.database import Db
from domain.digests import next_instant, owe_digests, stop, want
from domain.errors import NotFound
from domain.kinds import Kind
from domain.letters.matters import DigestMatter
from domain.models import DigestReader, Programme, ProgrammeState
from domain.ports.letters import Recipient
from domain.programmes import ensure_partnership
from domain.timekeeping import keep_time
from tests.building import ACTOR, Building, rows

#: the building's clock begins on Monday 1 March 2027, 9am
TOMORROW = datetime(2027, 3, 2, 8, tzinfo=UTC)


def wanted(building: Building, discord_id: int = 7) -> None:
    building.write(want, building.partnership_id, building.programme_id, discord_id, actor=ACTOR, now=building.now)


def owed(building: Building, now: datetime) -> int:
    building.now = now
    return building.write(owe_digests, now=now)


def troubled(building: Building) -> None:
    building.online(title="Nobody said on what", provider=None)


def test_it_is_owed_at_eight_by_the_clock_on_the_wall_in_winter_and_in_summer(building: Building) -> None:
    wanted(building)
    assert owed(building, TOMORROW - timedelta(seconds=1)) == 0
    assert owed(building, TOMORROW) == 1
    summer = datetime(2027, 3, 29, 7, tzinfo=UTC)  # the Monday after the clocks went forward
    assert owed(building, summer - timedelta(seconds=1)) == 0
    assert owed(building, summer) == 1


def test_it_is_owed_once_a_day_however_often_it_is_asked_for_again(building: Building) -> None:
    wanted(building)
    assert [owed(building, TOMORROW + timedelta(minutes=minute)) for minute in range(3)] == [1, 0, 0]
    building.write(stop, building.partnership_id, building.programme_id, 7, actor=ACTOR, now=TOMORROW)
    building.write(want, building.partnership_id, building.programme_id, 7, actor=ACTOR, now=TOMORROW)
    assert owed(building, TOMORROW + timedelta(minutes=9)) == 0


def test_who_asks_in_the_morning_is_told_from_the_next_day_on(building: Building) -> None:
    building.now = TOMORROW + timedelta(minutes=1)
    wanted(building)
    assert owed(building, TOMORROW + timedelta(hours=1)) == 0
    assert owed(building, TOMORROW + timedelta(days=1)) == 1


def test_what_came_too_late_for_a_morning_is_not_owed(building: Building) -> None:
    wanted(building)
    assert owed(building, TOMORROW + timedelta(hours=6)) == 0


def test_it_says_what_needs_attention_at_the_moment_of_sending(building: Building) -> None:
    wanted(building)
    owed(building, TOMORROW)
    troubled(building)
    (letter,) = [one for one in building.deliver() if one.kind is Kind.DIGEST]
    said = "It is online, but nobody has said on what. Choose Teams or Zoom or give a link of your own with /session provider."
    sentence = f"“Nobody said on what” (Monday 15 March 2027, 9.30am to 10.15am) has no link to join. {said}"
    assert (letter.recipient, letter.programme_id) == (Recipient("", None, 7), building.programme_id)
    assert letter.matter == DigestMatter(building.programme_id, "Practice week", (sentence,))


def test_a_morning_without_anything_to_say_sends_nothing(building: Building) -> None:
    wanted(building)
    building.now = TOMORROW
    building.write(keep_time, building.rules, now=TOMORROW)
    assert building.deliver() == []
    assert building.notices() == [(f"digest:{building.programme_id}:7:20270302", "superseded")]


def test_what_is_owed_to_who_wants_it_no_more_is_not_sent(building: Building) -> None:
    troubled(building)
    wanted(building)
    owed(building, TOMORROW)
    building.write(stop, building.partnership_id, building.programme_id, 7, actor=ACTOR, now=building.now)
    assert [letter for letter in building.deliver() if letter.kind is Kind.DIGEST] == []
    assert building.read(rows, DigestReader) == []


def test_an_archived_programme_says_nothing_more(building: Building) -> None:
    wanted(building)

    def archive(db: Db) -> None:
        programme = db.get_one(Programme, building.programme_id)
        programme.state = ProgrammeState.ARCHIVED
        db.add(programme)

    building.write(archive)
    assert owed(building, TOMORROW) == 0


def test_the_clock_looks_again_at_the_next_eight_o_clock(building: Building) -> None:
    assert building.read(next_instant, now=building.now) is None
    wanted(building)
    assert building.read(next_instant, now=building.now) == TOMORROW
    assert building.read(next_instant, now=TOMORROW) == TOMORROW + timedelta(days=1)
    assert building.read(next_due, building.rules, now=building.now) == TOMORROW


def test_another_partnerships_programme_is_not_found(building: Building) -> None:
    elsewhere = building.write(ensure_partnership, "north", "North", 2)
    with pytest.raises(NotFound):
        building.write(want, elsewhere, building.programme_id, 7, actor=ACTOR, now=building.now)
