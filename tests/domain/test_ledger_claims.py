"""The ledger: who has a letter in hand, for how long, and what becomes of it when they vanish."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.kinds import Channel, Kind
from domain.ledger import claims
from domain.ledger.claims import Lapsed
from domain.models import NoticeState
from tests.building import START, Building
from tests.domain.ledger_building import booked, unknown


def test_what_one_process_has_claimed_no_other_can(building: Building) -> None:
    booked(building)
    assert (building.claim(by="one"), building.claim(by="two")) == ([1], [])
    assert building.hand_over(1, by="two") is None
    building.sent(1, by="two")
    assert building.notices() == [("invitation:1:1", "claimed")]


def test_a_channel_claims_only_what_travels_by_it(building: Building) -> None:
    booked(building)
    assert building.claim(channels=[Channel.CHAT, Channel.BOARD]) == []
    assert building.claim(channels=[Channel.EMAIL]) == [1]


def test_the_most_needed_are_sent_first(building: Building) -> None:
    later, person = booked(building)
    soon = building.session(starts_at=building.now + timedelta(hours=4))
    building.book(soon, person)
    building.deliver()
    building.book(building.session(starts_at=START + timedelta(days=1)), person)
    building.cancel(later, person)
    building.later(hours=2)
    building.newcomer(9)
    building.cancel(soon, person)
    assert [letter.key for letter in building.deliver()] == [
        "cancellation:2:2",
        "verification:1:email",
        "invitation:3:1",
        "cancellation:1:2",
    ]


def test_a_lease_that_lapses_before_the_letter_was_handed_over_is_free_again(building: Building) -> None:
    booked(building)
    building.claim(by="gone")
    building.later(minutes=4, seconds=59)
    assert building.write(claims.lapsed, now=building.now) == []
    assert building.claim() == []
    building.later(seconds=1)
    assert building.write(claims.lapsed, now=building.now) == []
    assert [letter.kind for letter in building.deliver()] == [Kind.INVITATION]
    assert building.hand_over(1, by="gone") is None


def test_the_lease_begins_anew_when_the_letter_is_handed_over(building: Building) -> None:
    booked(building)
    (handed,) = building.claim()
    building.later(minutes=4, seconds=50)
    building.hand_over(handed)
    building.later(minutes=4, seconds=59)
    assert building.write(claims.lapsed, now=building.now) == []


def test_only_the_process_that_has_a_letter_renews_its_lease(building: Building) -> None:
    booked(building)
    (handed,) = building.claim(by="slow")
    building.hand_over(handed, by="slow")
    building.later(minutes=4)
    building.write(claims.renew, "other", [handed], now=building.now)
    assert building.notice(handed).claimed_until == building.now + timedelta(minutes=1)
    building.write(claims.renew, "slow", [handed], now=building.now)
    assert building.notice(handed).claimed_until == building.now + timedelta(minutes=5)


@pytest.mark.parametrize(("repeat", "state"), [(True, "queued"), (False, "unknown")])
def test_a_lease_that_lapses_after_it_was_handed_over_is_judged(building: Building, repeat: bool, state: str) -> None:
    booked(building)
    (handed,) = building.claim(by="gone")
    building.hand_over(handed, by="gone")
    since = building.now
    building.later(minutes=5)
    assert building.write(claims.lapsed, now=building.now) == [Lapsed(handed, Channel.EMAIL, Kind.INVITATION, since)]
    assert building.claim() == []
    unknown(building, handed, repeat=repeat, by=None)
    assert building.notices() == [("invitation:1:1", state)]


def test_a_living_process_is_not_judged_as_vanished(building: Building) -> None:
    booked(building)
    (handed,) = building.claim()
    building.hand_over(handed)
    unknown(building, handed, repeat=True, by=None)
    assert building.notices() == [("invitation:1:1", "claimed")]


def test_what_was_claimed_and_not_handed_over_is_given_back_on_a_graceful_stop(building: Building) -> None:
    session, _ = booked(building)
    building.book(session, building.person(2))
    building.book(session, building.person(3))
    first, second = building.claim(by="stopping", limit=2)
    (others,) = building.claim(by="other")
    building.hand_over(first, by="stopping")
    building.write(claims.release, "stopping")
    assert [building.notice(n).state for n in (first, second, others)] == [NoticeState.CLAIMED, NoticeState.QUEUED, NoticeState.CLAIMED]
