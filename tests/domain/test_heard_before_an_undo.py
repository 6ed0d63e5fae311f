"""Heard before an undo: who was told of an edit while it settled hears that it is as before, and nobody hears what is not so.

What they were about to hear besides the edit is told for itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import undoing
from domain.kinds import Channel, Format, Kind, Mode, Provider
from domain.models import BookingState
from domain.undoing import Undone
from domain.ways import change_way
from tests.building import ACTOR, START, Building
from tests.series_building import DAYS, run_of
from tests.visiting_building import by_page, press, wish_series

HOUR = timedelta(hours=1)
LINK = "https://meet.example.org/x"

Heard = tuple[int | None, Kind, tuple[str, ...], datetime | None]


def changed(building: Building, session: int, **changes: Any) -> int:
    """Edit, and what undoes it."""
    undo_id = building.change(session, **changes).undo_id
    assert undo_id is not None
    building.later(seconds=20)
    return undo_id


def moved(building: Building, session: int, start: datetime = START) -> int:
    return changed(building, session, starts_at=start + HOUR, ends_at=start + 2 * HOUR)


def undo(building: Building, undo_id: int) -> Undone:
    building.later(seconds=20)
    return building.write(undoing.undo, building.partnership_id, undo_id, building.rules, actor=ACTOR, now=building.now)


def heard(building: Building) -> list[Heard]:
    """Who is told what now, and of which hour."""
    left = building.deliver()
    return [(one.person_id, one.kind, one.changes, one.session.starts_at if one.session is not None else None) for one in left]


def heard_later(building: Building) -> list[Heard]:
    """The same once all has settled."""
    building.later(minutes=3)
    return heard(building)


def full(building: Building, **other: Any) -> tuple[int, int]:
    """A session whose one place is somebody's, who has the invitation, and that person."""
    session, has = building.session(places=1, **other), building.person(1)
    building.book(session, has)
    building.deliver()
    building.later(minutes=10)
    return session, has


def hybrid(building: Building, mode: Mode = Mode.ROOM) -> tuple[int, int]:
    """A session in a room and online, and somebody who has the invitation to it."""
    session = building.session(format=Format.HYBRID, provider=Provider.GIVEN, given_link=LINK, online_places=5)
    person = building.person(1)
    building.book(session, person, mode=mode)
    building.deliver()
    building.later(minutes=10)
    return session, person


def goes_online(building: Building, session: int, person: int) -> None:
    building.write(change_way, building.partnership_id, session, person, Mode.ONLINE, building.rules, now=building.now)


# ── who waits, or is offered a place ────────────────────────────────────────────────────────────────────────


def test_who_came_on_the_list_while_it_settled_and_was_told_hears_that_it_is_as_before(building: Building) -> None:
    session, _ = full(building)
    undo_id = moved(building, session)
    seven = press(building, by_page(building, session)).person_id
    assert heard(building)[-1:] == [(seven, Kind.WAITING, (), START + HOUR)]
    assert undo(building, undo_id) == Undone(session, told=1)
    assert heard_later(building) == [(seven, Kind.UPDATE, ("time",), START)]


def test_who_waited_before_and_has_not_heard_of_it_hears_nothing_though_another_has(building: Building) -> None:
    session, _ = full(building)
    building.book(session, building.person(2))
    undo_id = moved(building, session)
    seven = press(building, by_page(building, session)).person_id
    heard(building)
    undo(building, undo_id)
    assert heard_later(building) == [(seven, Kind.UPDATE, ("time",), START)]


def test_who_is_told_of_the_list_after_the_undo_hears_it_once_as_it_is(building: Building) -> None:
    session, _ = full(building)
    undo_id = moved(building, session)
    seven = press(building, by_page(building, session)).person_id
    assert undo(building, undo_id) == Undone(session)
    assert [one for one in heard_later(building) if one[1] is not Kind.VERIFICATION] == [(seven, Kind.WAITING, (), START)]


def offered(building: Building) -> tuple[int, int, int]:
    """A session that is moved to an hour at which the first in line has another: the session, what undoes it, and who was offered."""
    session, has = full(building)
    waits = building.person(2)
    building.book(session, waits)
    building.book(building.session(title="Other", starts_at=START + HOUR), waits)
    building.deliver()
    building.later(minutes=10)
    undo_id = moved(building, session)
    building.cancel(session, has)
    return session, undo_id, waits


def test_who_was_offered_a_place_at_another_hour_hears_that_it_is_as_before(building: Building) -> None:
    session, undo_id, waits = offered(building)
    assert [one for one in heard(building) if one[0] == waits] == [(waits, Kind.OFFER, (), START + HOUR)]
    assert undo(building, undo_id) == Undone(session, told=1)
    assert heard_later(building) == [(waits, Kind.UPDATE, ("time",), START)]


def test_an_offer_that_leaves_after_the_undo_says_how_it_is_and_nothing_else_is_said(building: Building) -> None:
    session, undo_id, waits = offered(building)
    assert undo(building, undo_id) == Undone(session)
    assert [one for one in heard_later(building) if one[0] == waits] == [(waits, Kind.OFFER, (), START)]


def test_who_was_told_of_waiting_for_a_whole_series_hears_that_its_part_is_as_before(building: Building) -> None:
    run = run_of(building, places=1)
    run.book(building.person(1))
    building.deliver()
    building.later(minutes=10)
    undo_id = moved(building, run.parts[0], DAYS[0])
    seven = press(building, wish_series(building, run.id, 7)).person_id
    assert heard(building)[-1:] == [(seven, Kind.WAITING, (), DAYS[0] + HOUR)]
    assert undo(building, undo_id) == Undone(run.parts[0], told=1)
    assert heard_later(building) == [(seven, Kind.UPDATE, ("time",), DAYS[0])]


def test_who_was_told_of_waiting_and_has_a_place_by_then_hears_of_the_place_as_it_is(building: Building) -> None:
    session, has = full(building)
    undo_id = moved(building, session)
    seven = press(building, by_page(building, session)).person_id
    heard(building)
    building.cancel(session, has)
    undo(building, undo_id)
    assert [one for one in heard_later(building) if one[0] == seven] == [(seven, Kind.PROMOTION, (), START)]


def test_who_was_told_in_chat_of_a_place_at_another_hour_hears_that_it_is_as_before(building: Building) -> None:
    session, has = full(building)
    waits = building.person(2, reminders_by_chat=True)
    building.book(session, waits)
    undo_id = moved(building, session)
    building.cancel(session, has)
    (notice,) = building.claim(channels=[Channel.CHAT])
    letter = building.hand_over(notice)
    building.sent(notice)
    assert (letter and letter.kind, letter and letter.session and letter.session.starts_at) == (Kind.PROMOTION, START + HOUR)
    assert undo(building, undo_id) == Undone(session, told=1, promoted=1)
    assert [one for one in heard_later(building) if one[0] == waits] == [(waits, Kind.PROMOTION, (), START)]


def test_what_who_waits_was_about_to_hear_of_an_older_edit_is_told_with_it(building: Building) -> None:
    session, has = full(building)
    waits = building.person(2)
    building.book(session, waits)
    building.book(building.session(title="Other", starts_at=START + HOUR), waits)
    building.deliver()
    building.later(minutes=10)
    building.change(session, venue="Elsewhere")
    building.later(seconds=20)
    undo_id = moved(building, session)
    building.cancel(session, has)
    assert (waits, Kind.OFFER, (), START + HOUR) in heard(building)
    undo(building, undo_id)
    assert heard_later(building) == [(waits, Kind.UPDATE, ("place", "time"), START)]


# ── what else they were about to hear ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [{"starts_at": START + HOUR, "ends_at": START + 2 * HOUR}, {"venue": "Elsewhere"}, {"notes": "Bring a pen.", "venue": "There"}],
)
def test_who_changes_to_online_while_an_edit_settles_hears_of_that_alone(building: Building, changes: dict[str, Any]) -> None:
    session, person = hybrid(building)
    undo_id = changed(building, session, **changes)
    goes_online(building, session, person)
    assert undo(building, undo_id) == Undone(session)
    assert heard_later(building) == [(person, Kind.UPDATE, ("place",), START)]
    assert building.booking(session, person).mode is Mode.ONLINE


def test_an_older_edit_that_nobody_has_heard_of_is_told_beside_their_own_change(building: Building) -> None:
    session, person = hybrid(building)
    changed(building, session, notes="Bring a pen.")
    undo_id = moved(building, session)
    goes_online(building, session, person)
    undo(building, undo_id)
    assert heard_later(building) == [(person, Kind.UPDATE, ("notes", "place"), START)]


def test_who_was_invited_to_another_hour_and_changed_their_way_hears_of_both_at_once(building: Building) -> None:
    session, _ = hybrid(building)
    undo_id = moved(building, session)
    second = building.person(2)
    building.book(session, second, mode=Mode.ROOM)
    assert heard(building) == [(second, Kind.INVITATION, (), START + HOUR)]
    goes_online(building, session, second)
    assert undo(building, undo_id) == Undone(session, told=1)
    assert heard_later(building) == [(second, Kind.UPDATE, ("place", "time"), START)]


def test_who_heard_nothing_of_a_new_link_in_the_room_hears_that_they_come_online(building: Building) -> None:
    session, person = hybrid(building)
    undo_id = changed(building, session, given_link="https://meet.example.org/y")
    goes_online(building, session, person)
    undo(building, undo_id)
    assert heard_later(building) == [(person, Kind.UPDATE, ("place",), START)]


def test_an_older_edit_is_told_to_the_room_though_a_new_link_is_undone(building: Building) -> None:
    session, person = hybrid(building)
    changed(building, session, notes="Bring a pen.")
    undo(building, changed(building, session, given_link="https://meet.example.org/y"))
    assert heard_later(building) == [(person, Kind.UPDATE, ("notes",), START)]


def test_two_edits_one_of_them_undone_and_no_more_is_said_than_the_other(building: Building) -> None:
    session, person = hybrid(building, Mode.ONLINE)
    changed(building, session, given_link="https://meet.example.org/y")
    undo(building, moved(building, session))
    assert heard_later(building) == [(person, Kind.UPDATE, ("link",), START)]
    assert building.booking(session, person).state is BookingState.CONFIRMED
