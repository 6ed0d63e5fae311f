"""Undoing an edit while it settles: the session is as before, or it is said why it cannot be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from domain import undoing
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import Booking, BookingState, Person, Privacy, Programme, Undo
from domain.undoing import Undone
from tests.building import ACTOR, START, Building, one_row, rows
from tests.domain.undoing_building import HOUR, booked, changed, described, moved, told, undo

# ── as before ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_part_of_a_session_comes_back(building: Building) -> None:
    session, _ = booked(building, presenter="Dr Okafor", organisation="Northfield Council", audience="Everyone", notes="Bring a pen.")
    before = described(building, session)
    new = {
        "title": "Other",
        "starts_at": START + HOUR,
        "ends_at": START + 2 * HOUR,
        "format": Format.HYBRID,
        "provider": Provider.GIVEN,
        "given_link": "https://meet.example.org/x",
        "description": "More",
        "audience": "Some",
        "organisation": "Solihull MBC",
        "venue": "Elsewhere",
        "places": 9,
        "online_places": 8,
        "notes": "",
        "privacy": Privacy.PRIVATE,
        "public_title": "A quiet hour",
    }
    undo_id = changed(building, session, **new)
    assert described(building, session) != before
    assert undo(building, undo_id) == Undone(session)
    assert described(building, session) == before
    assert told(building) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": START + HOUR, "ends_at": START + 2 * HOUR},
        {"venue": "Elsewhere"},
        {"notes": "Bring a pen."},
        {"title": "Other"},
        {"places": 9},
    ],
)
def test_nobody_hears_of_an_edit_that_was_undone_in_time(building: Building, changes: dict[str, Any]) -> None:
    session, _ = booked(building)
    before = described(building, session)
    undo_id = changed(building, session, **changes)
    building.later(minutes=1, seconds=59)
    assert undo(building, undo_id) == Undone(session)
    assert (described(building, session), told(building)) == (before, [])


def test_without_the_undo_they_do_hear(building: Building) -> None:
    session, _ = booked(building)
    moved(building, session)
    assert told(building) == [(Kind.UPDATE, ("time",))]


def test_the_next_edit_after_an_undo_is_told_for_itself_alone(building: Building) -> None:
    session, person = booked(building)
    undo(building, moved(building, session))
    building.change(session, notes="Bring a pen.")
    assert told(building) == [(Kind.UPDATE, ("notes",))]
    undo(building, changed(building, session, venue="Elsewhere"))
    assert told(building) == []
    assert building.booking(session, person).sequence == 4  # it may rise; that does no harm


def test_the_programmes_days_come_back_too(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session, timedelta(days=365))
    assert building.read(one_row, Programme).ends_on == date(2028, 3, 14)
    undo(building, undo_id)
    assert building.read(one_row, Programme).ends_on == date(2027, 3, 19)


def test_how_people_take_part_comes_back_with_the_format(building: Building) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.GIVEN, given_link="https://meet.example.org/x", online_places=5)
    room, online = building.person(1), building.person(2)
    building.book(session, room, mode=Mode.ROOM)
    building.book(session, online, mode=Mode.ONLINE)
    undo_id = changed(building, session, format=Format.ONLINE, venue=None)
    assert building.booking(session, room).mode is Mode.ONLINE
    undo(building, undo_id)
    assert (building.booking(session, room).mode, building.booking(session, online).mode) == (Mode.ROOM, Mode.ONLINE)


def test_where_too_many_took_part_to_be_kept_the_edit_is_made_and_cannot_be_undone(building: Building) -> None:
    session = building.session(description='"' * 2000, notes='"' * 2000)  # each two characters where it is kept
    ids = range(2_000_000_000, 2_000_000_600)
    building.write(_took_part, building.partnership_id, session, ids, now=building.now)
    earlier = changed(building, session, places=9)
    done = building.change(session, format=Format.ONLINE, venue=None, provider=Provider.GIVEN, given_link="https://meet.example.org/x")
    assert (done.undo_id, done.too_much, described(building, session).format) == (None, True, Format.ONLINE)
    assert [len(row.before) for row in building.read(rows, Undo)][1:] == [0]
    with pytest.raises(Closed, match="changed again"):
        undo(building, earlier)
    assert building.change(session, places=8).too_much is False


def test_of_an_edit_that_changed_nothing_it_is_not_said_that_it_is_too_much_to_be_undone(building: Building) -> None:
    session = building.session(description="\x01" * 2000, notes="\x01" * 2000)  # each six characters where it is kept
    done = building.change(session)
    assert (done.undo_id, done.too_much) == (None, False)
    assert building.change(session, places=9).too_much is True


def _took_part(db: Db, partnership_id: int, session_id: int, ids: range, *, now: datetime) -> None:
    """So many who had a place once: how they took part is kept too."""
    people = [{"id": one, "partnership_id": partnership_id, "name": "Ann", "created_at": now} for one in ids]
    db.connection().execute(insert(Person), people)
    once = {"partnership_id": partnership_id, "session_id": session_id, "mode": Mode.ROOM, "state": BookingState.CANCELLED, "asked_at": now}
    db.connection().execute(insert(Booking), [{"id": one, "person_id": one} | once for one in ids])


# ── refused ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_undo_is_harmless_twice(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    assert (undo(building, undo_id), undo(building, undo_id)) == (Undone(session), Undone(session, already=True))


def test_a_later_edit_makes_the_earlier_undo_refuse(building: Building) -> None:
    session, _ = booked(building)
    earlier = moved(building, session)
    later = changed(building, session, places=7)
    with pytest.raises(Closed, match="This session has been changed again since"):
        undo(building, earlier)
    undo(building, later)
    with pytest.raises(Closed, match="This session has been changed again since"):
        undo(building, earlier)
    assert (described(building, session).starts_at, described(building, session).places) == (START + HOUR, 5)


def test_it_is_too_late_once_people_are_told(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    building.later(minutes=2)
    with pytest.raises(Closed, match="It is too late to undo this"):
        undo(building, undo_id)
    assert described(building, session).starts_at == START + HOUR


def test_what_is_told_at_once_cannot_be_undone_and_stops_an_earlier_undo(building: Building) -> None:
    session, _ = booked(building)
    building.now = START - timedelta(hours=2)
    earlier = changed(building, session, places=9)
    building.later(seconds=1)
    assert building.change(session, venue="Elsewhere").undo_id is None
    with pytest.raises(Closed, match="changed again"):
        undo(building, earlier)


def test_a_cancelled_session_stays_cancelled(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    building.call_off(session)
    with pytest.raises(Closed, match="This session has been cancelled since"):
        undo(building, undo_id)


def test_another_partnership_undoes_nothing(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    with pytest.raises(NotFound):
        building.write(undoing.undo, building.partnership_id + 1, undo_id, building.rules, actor=ACTOR, now=building.now)
    with pytest.raises(NotFound):
        undo(building, 999)


def test_an_edit_that_changes_nothing_has_nothing_to_undo(building: Building) -> None:
    session, _ = booked(building)
    assert building.change(session).undo_id is None
    assert building.read(rows, Undo) == []


def test_old_undos_are_forgotten(building: Building) -> None:
    session, _ = booked(building)
    for number in range(4):
        changed(building, session, notes=f"Note {number}")
        building.later(minutes=5)
    assert len(building.read(rows, Undo)) == 1
