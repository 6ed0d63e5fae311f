"""The ledger: what is owed, who has it in hand, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.database import Db
from domain.kinds import CalendarMethod, Channel, Kind
from domain.ledger import claims, marks
from domain.ledger.claims import Lapsed
from domain.models import BookingState, NoticeState, Person
from domain.notices import backoff, need, owe_person
from domain.places import lapse_holds
from domain.ports.letters import CalendarFacts
from domain.rules import Rules
from tests.building import START, Building, rows


def booked(building: Building, **session: Any) -> tuple[int, int]:
    """A session and a person with a confirmed place, nothing sent yet."""
    session_id, person = building.session(**session), building.person(1)
    building.book(session_id, person)
    return session_id, person


def invited(building: Building, **session: object) -> tuple[int, int]:
    """A session and a person who has the invitation."""
    session_id, person = booked(building, **session)
    building.deliver()
    return session_id, person


def owe_announcement(db: Db, person_id: int, *, now: datetime) -> bool:
    return owe_person(db, Kind.ANNOUNCEMENT, db.get_one(Person, person_id), key="announcement:1", now=now, detail="Welcome.")


def temporary(building: Building, notice_id: int, *, retry_after: float | None = None) -> None:
    building.write(marks.mark_temporary, notice_id, "post", "451 try later", retry_after, building.rules, now=building.now)


def unknown(building: Building, notice_id: int, *, repeat: bool, by: str | None = "post") -> None:
    building.write(marks.mark_unknown, notice_id, by, "cut off", repeat=repeat, rules=building.rules, now=building.now)


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


# ── claiming and leases ─────────────────────────────────────────────────────────────────────────────────────


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


# ── failures ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_temporary_failure_is_tried_again_after_a_pause_that_obeys_the_service(building: Building) -> None:
    booked(building)
    (handed,) = building.claim()
    building.hand_over(handed)
    temporary(building, handed, retry_after=120)
    tried = building.notice(handed)
    assert (tried.state, tried.next_try_at, tried.error, tried.claimed_by) == (
        NoticeState.QUEUED,
        building.now + timedelta(seconds=120),
        "451 try later",
        None,
    )
    building.later(seconds=120)
    (letter,) = building.deliver()
    assert letter.key == "invitation:1:1"


def test_it_is_tried_for_as_long_as_it_is_worth_sending(building: Building) -> None:
    session = building.session(starts_at=building.now + timedelta(hours=6))
    building.book(session, building.person(1))
    ends = building.now + timedelta(hours=6, minutes=45)
    while claimed := building.claim():
        tried = building.now
        assert building.hand_over(claimed[0]) is not None
        temporary(building, claimed[0])
        building.now = building.notice(1).next_try_at
    given_up = building.notice(1)
    assert (given_up.state, given_up.error, given_up.attempts > 15) == (NoticeState.FAILED, "451 try later", True)
    assert ends - timedelta(minutes=36) <= tried < ends


def test_what_no_instant_ends_is_given_up_after_some_attempts(building: Building) -> None:
    building.write(owe_announcement, building.person(1), now=building.now)
    tries = 0
    while claimed := building.claim():
        assert building.hand_over(claimed[0]) is not None
        temporary(building, claimed[0])
        building.later(minutes=40)
        tries += 1
    assert (tries, building.notice(1).state) == (8, NoticeState.FAILED)


@pytest.mark.parametrize("refused", ["permanent", "temporary, and too late to try again"])
def test_a_refused_repeat_does_not_say_that_the_first_never_came(building: Building, refused: str) -> None:
    booked(building)
    (again,) = building.claim()
    building.hand_over(again)
    unknown(building, again, repeat=True)
    building.later(minutes=1)
    assert building.claim() == [again]
    building.hand_over(again)
    if refused == "permanent":
        building.write(marks.mark_permanent, again, "post", "550 no such mailbox", now=building.now)
    else:
        temporary(building, again, retry_after=timedelta(days=60).total_seconds())
    assert building.notices() == [("invitation:1:1", "unknown")]


def test_what_may_have_arrived_and_cannot_be_repeated_in_time_stays_unknown(building: Building) -> None:
    booked(building)
    (handed,) = building.claim()
    building.now = START + timedelta(minutes=44, seconds=50)
    building.hand_over(handed)
    unknown(building, handed, repeat=True)
    assert building.notices() == [("invitation:1:1", "unknown")]


def test_unknown_is_repeated_as_long_as_it_may_then_stays_unknown(building: Building) -> None:
    building.rules = Rules(notice_attempts=2)
    booked(building)
    for _ in range(2):
        (handed,) = building.claim()
        building.hand_over(handed)
        unknown(building, handed, repeat=True)
        building.later(minutes=1)
    assert building.notices() == [("invitation:1:1", "unknown")]


def test_a_plain_no_is_final(building: Building) -> None:
    session, person = booked(building)
    (handed,) = building.claim()
    building.hand_over(handed)
    building.write(marks.mark_permanent, handed, "post", "550 no such mailbox", now=building.now)
    assert building.notices() == [("invitation:1:1", "failed")]
    assert not building.booking(session, person).invited


def test_what_comes_too_late_expires_instead_of_being_sent(building: Building) -> None:
    session, _ = booked(building)
    building.book(session, building.person(2))
    (in_hand,) = building.claim(limit=1)
    building.now = START + timedelta(minutes=45)
    assert building.hand_over(in_hand) is None
    assert building.write(claims.expire, now=building.now) == 1
    assert building.notices() == [("invitation:1:1", "expired"), ("invitation:2:1", "expired")]


def test_a_cancellation_is_worth_sending_until_the_end_of_the_session_where_it_is_now(building: Building) -> None:
    session, person = invited(building)
    building.cancel(session, person)
    building.move(session, START + timedelta(days=1))
    building.now = START + timedelta(hours=1)
    building.write(claims.expire, now=building.now)
    assert [letter.kind for letter in building.deliver()] == [Kind.CANCELLATION]


def test_a_message_that_failed_when_newer_is_owed_is_not_queued_again(building: Building) -> None:
    session, _ = booked(building)
    (handed,) = building.claim()
    building.hand_over(handed)
    building.change(session, venue="Library")
    temporary(building, handed)
    assert building.notices() == [("invitation:1:1", "superseded"), ("update:1:2", "queued")]


# ── chat ────────────────────────────────────────────────────────────────────────────────────────────────────


def waiting_by_chat(building: Building) -> None:
    """Somebody who likes chat and whose offer has just been owed there."""
    full, other = building.session(places=1), building.session(title="Other")
    ann, bob = building.person(1), building.person(2, reminders_by_chat=True, reminders_by_email=False)
    building.book(full, ann)
    building.book(full, bob)
    building.book(other, bob)
    building.deliver()
    building.cancel(full, ann)


def test_what_chat_refuses_goes_by_mail_once(building: Building) -> None:
    waiting_by_chat(building)
    (refused,) = building.claim(channels=[Channel.CHAT])
    assert building.hand_over(refused) is not None
    for _ in range(2):
        building.write(marks.mark_permanent, refused, "post", "direct messages are closed", closed=True, now=building.now)
    (letter,) = [letter for letter in building.deliver() if letter.kind is Kind.OFFER]
    assert (letter.channel, letter.key, letter.fallback) == (Channel.EMAIL, "offer:2:2:email", True)
    building.later(hours=12)
    building.write(lapse_holds, building.rules, now=building.now)
    assert building.owed() == ["lapsed:2:2:email"]  # chat is closed: nobody asks there again


def test_a_letter_that_chat_refuses_closes_chat_for_nobody(building: Building) -> None:
    waiting_by_chat(building)
    (refused,) = building.claim(channels=[Channel.CHAT])
    building.hand_over(refused)
    building.write(marks.mark_permanent, refused, "post", "Discord answered 400 (code 50035)", now=building.now)
    (letter,) = [letter for letter in building.deliver() if letter.kind is Kind.OFFER]
    assert (letter.channel, building.read(rows, Person)[1].chat_closed_at) == (Channel.EMAIL, None)


def test_what_chat_cannot_take_in_time_goes_by_mail(building: Building) -> None:
    waiting_by_chat(building)
    (offered,) = building.claim(channels=[Channel.CHAT])
    building.hand_over(offered)
    temporary(building, offered, retry_after=13 * 3600)
    (letter,) = [letter for letter in building.deliver() if letter.kind is Kind.OFFER]
    assert (letter.channel, letter.fallback, building.notice(offered).state) == (Channel.EMAIL, True, NoticeState.FAILED)


def test_what_came_too_late_for_chat_is_not_mailed_either(building: Building) -> None:
    waiting_by_chat(building)
    (offered,) = building.claim(channels=[Channel.CHAT])
    building.hand_over(offered)
    building.later(hours=12)
    temporary(building, offered)
    assert [key for key in building.owed() if key.startswith("offer")] == []


def test_what_chat_refuses_goes_nowhere_for_an_unproven_address(building: Building) -> None:
    session, new = building.session(), building.newcomer(9)
    building.book(session, new)
    building.later(minutes=30)
    building.write(lapse_holds, building.rules, now=building.now)
    (refused,) = building.claim(channels=[Channel.CHAT])
    building.hand_over(refused)
    building.write(marks.mark_permanent, refused, "post", "direct messages are closed", now=building.now)
    assert [key for key, _ in building.notices(NoticeState.QUEUED)] == ["verification:1:email"]


def test_a_promotion_that_chat_refuses_is_in_the_mail_already(building: Building) -> None:
    session, ann = booked(building, places=1)
    bob = building.person(2, reminders_by_chat=True)
    building.book(session, bob)
    building.cancel(session, ann)
    (refused,) = building.claim(channels=[Channel.CHAT])
    building.hand_over(refused)
    building.write(marks.mark_permanent, refused, "post", "direct messages are closed", now=building.now)
    assert [letter.kind for letter in building.deliver()] == [Kind.PROMOTION]
    assert building.booking(session, bob).state is BookingState.CONFIRMED
