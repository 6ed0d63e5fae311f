"""The ledger: what is owed, which goes first, and what a newer letter overtakes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.kinds import CalendarMethod, Kind
from domain.notices import backoff, need
from domain.ports.letters import CalendarFacts
from tests.building import START, Building
from tests.domain.ledger_building import booked, invited, temporary, unknown

# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_matters_in_the_next_hours_goes_first(now: datetime) -> None:
    soon, later = now + timedelta(hours=2), now + timedelta(days=3)
    order = sorted(
        [(kind, at) for kind in Kind for at in (soon, later)],
        key=lambda one: (need(one[0], starts_at=one[1], now=now), one[1], one[0].value),
    )
    first = [Kind.CANCELLATION, Kind.UPDATE, Kind.SIGN_IN, Kind.VERIFICATION]
    assert [one for one in order if one[1] == soon][:4] == [(kind, soon) for kind in first]
    assert [kind for kind, at in order if at == later] == [
        Kind.SIGN_IN,
        Kind.VERIFICATION,
        Kind.OFFER,
        Kind.PROMOTION,
        Kind.TRANSFER,
        Kind.CANCELLATION,
        Kind.INVITATION,
        Kind.UPDATE,
        Kind.WAITING,
        Kind.ANNOUNCEMENT,
        Kind.REMINDER,
        Kind.LAPSED,
        Kind.WAITING_CLOSED,
        Kind.CERTIFICATE,
        Kind.FEEDBACK,
        Kind.DIGEST,
        Kind.RESULTS,
    ]


@pytest.mark.parametrize(("attempts", "least"), [(1, 15), (2, 30), (3, 60), (7, 960), (8, 1800), (30, 1800)])
def test_pauses_double_and_are_spread_by_a_fifth(attempts: int, least: float) -> None:
    pauses = [backoff(attempts, seed, None).total_seconds() for seed in range(200)]
    assert (min(pauses) >= least, max(pauses) < least * 1.2, len(set(pauses)) > 150) == (True, True, True)


def test_the_service_says_how_long_to_wait() -> None:
    assert backoff(1, 7, 300.0) == timedelta(seconds=300)
    assert backoff(8, 0, 5.0) == timedelta(minutes=30)


# ── owing and settling ──────────────────────────────────────────────────────────────────────────────────────


def test_three_quick_edits_are_one_update_that_says_all(building: Building) -> None:
    session, _ = invited(building)
    building.move(session, START + timedelta(hours=1))
    building.later(seconds=30)
    building.change(session, venue="Library")
    building.later(seconds=30)
    building.change(session, title="Strengths in families")
    building.later(seconds=119)
    assert building.deliver() == []
    building.later(seconds=1)
    (letter,) = building.deliver()
    assert (letter.kind, letter.changes, letter.calendar) == (
        Kind.UPDATE,
        ("time", "place", "title"),
        CalendarFacts(CalendarMethod.REQUEST, 4, building.now - timedelta(minutes=2)),
    )
    assert building.notices() == [
        ("invitation:1:1", "sent"),
        ("update:1:2", "superseded"),
        ("update:1:3", "superseded"),
        ("update:1:4", "sent"),
    ]


def test_edits_close_to_the_start_are_told_at_once(building: Building) -> None:
    session, _ = invited(building)
    building.now = START - timedelta(minutes=119)
    building.change(session, venue="Library")
    assert [letter.changes for letter in building.deliver()] == [("place",)]


def test_an_update_that_overtakes_an_unsent_invitation_is_the_invitation(building: Building) -> None:
    session, _ = booked(building)
    building.change(session, venue="Library")
    letters = building.deliver()
    assert [(letter.kind, letter.changes) for letter in letters] == [(Kind.INVITATION, ())]
    assert building.notices() == [("invitation:1:1", "superseded"), ("invitation:1:2", "sent")]


def test_an_update_that_overtakes_an_unsent_promotion_is_the_promotion(building: Building) -> None:
    session, ann = booked(building, places=1)
    bob = building.person(2)
    building.book(session, bob)
    building.deliver()
    building.cancel(session, ann)
    building.change(session, venue="Library")
    assert [(letter.kind, letter.booking_id) for letter in building.deliver()] == [(Kind.PROMOTION, 2), (Kind.CANCELLATION, 1)]


def test_an_update_overtakes_an_invitation_that_a_process_has_in_hand(building: Building) -> None:
    session, _ = booked(building)
    (in_hand,) = building.claim(by="slow")
    building.change(session, venue="Library")
    assert building.hand_over(in_hand, by="slow") is None
    assert [letter.kind for letter in building.deliver()] == [Kind.INVITATION]
    assert building.notices() == [("invitation:1:1", "superseded"), ("invitation:1:2", "sent")]


def test_stamps_rise_strictly_within_one_second(building: Building) -> None:
    session, person = booked(building)
    stamps = [building.booking(session, person).stamped_at]
    for n in range(3):
        building.change(session, venue=f"Room {n}")
        stamps.append(building.booking(session, person).stamped_at)
    assert stamps == [building.now + timedelta(seconds=n) for n in range(4)]


def test_a_change_that_people_need_not_know_is_not_told(building: Building) -> None:
    session, _ = invited(building)
    assert building.change(session, places=9, description="More about it.", audience="All").told == 0
    assert building.owed() == []


# ── cancelling before and after the invitation left ─────────────────────────────────────────────────────────


def test_who_cancels_before_the_invitation_left_is_sent_nothing(building: Building) -> None:
    session, person = booked(building)
    building.cancel(session, person)
    assert building.deliver() == []
    assert building.notices() == [("invitation:1:1", "superseded")]


def test_who_cancels_after_it_left_is_sent_a_cancellation(building: Building) -> None:
    session, person = invited(building)
    building.later(minutes=1)
    assert building.cancel(session, person).invited
    (letter,) = building.deliver()
    assert (letter.kind, letter.calendar) == (Kind.CANCELLATION, CalendarFacts(CalendarMethod.CANCEL, 2, building.now))
    assert not building.booking(session, person).invited


def test_a_letter_in_hand_is_overtaken_by_a_cancellation(building: Building) -> None:
    session, person = booked(building)
    (in_hand,) = building.claim(by="slow")
    building.cancel(session, person)
    assert building.hand_over(in_hand, by="slow") is None
    assert building.deliver() == []


def test_a_letter_handed_over_may_have_left_so_its_cancellation_is_owed(building: Building) -> None:
    session, person = booked(building)
    (handed,) = building.claim()
    assert building.hand_over(handed) is not None
    building.cancel(session, person)
    assert [(key, state) for key, state in building.notices()] == [("invitation:1:1", "claimed"), ("cancellation:1:2", "queued")]


def test_an_invitation_that_was_refused_for_now_has_not_left(building: Building) -> None:
    session, person = booked(building)
    (handed,) = building.claim()
    building.hand_over(handed)
    temporary(building, handed)
    assert not building.booking(session, person).invited
    building.cancel(session, person)
    building.later(hours=1)
    assert building.deliver() == []


def test_an_invitation_that_may_have_left_once_may_have_left(building: Building) -> None:
    session, person = booked(building)
    (handed,) = building.claim()
    building.hand_over(handed)
    unknown(building, handed, repeat=True)
    building.later(minutes=1)
    assert building.claim() == [handed]
    building.hand_over(handed)
    temporary(building, handed)
    assert building.booking(session, person).invited


def test_a_cancellation_that_was_refused_for_now_is_not_forgotten_by_booking_and_cancelling_again(building: Building) -> None:
    session, person = invited(building)
    building.cancel(session, person)
    (handed,) = building.claim()
    building.hand_over(handed)
    temporary(building, handed)
    building.book(session, person)
    building.cancel(session, person)
    letters = building.deliver()
    assert [(letter.kind, letter.calendar and letter.calendar.method) for letter in letters] == [(Kind.CANCELLATION, CalendarMethod.CANCEL)]


def test_a_cancellation_of_unknown_fate_does_not_count_as_sent(building: Building) -> None:
    session, person = invited(building)
    building.cancel(session, person)
    (handed,) = building.claim()
    building.hand_over(handed)
    unknown(building, handed, repeat=True)
    building.book(session, person)
    (again,) = building.claim()
    building.hand_over(again)
    temporary(building, again)
    assert building.booking(session, person).invited
    building.cancel(session, person)
    assert [letter.calendar and letter.calendar.method for letter in building.deliver()] == [CalendarMethod.CANCEL]


def test_booking_again_overtakes_an_unsent_cancellation(building: Building) -> None:
    session, person = invited(building)
    building.cancel(session, person)
    building.book(session, person)
    (letter,) = building.deliver()
    assert (letter.kind, letter.calendar and letter.calendar.sequence) == (Kind.INVITATION, 3)
    assert building.notices() == [("invitation:1:1", "sent"), ("cancellation:1:2", "superseded"), ("invitation:1:3", "sent")]


def test_waiting_again_leaves_the_cancellation_on_its_way(building: Building) -> None:
    session, person = invited(building, places=1)
    bob = building.person(2)
    building.book(session, bob)
    building.cancel(session, person)
    building.book(session, person)
    assert [(letter.kind, letter.booking_id) for letter in building.deliver()] == [(Kind.PROMOTION, 2), (Kind.CANCELLATION, 1)]
