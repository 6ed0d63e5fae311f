"""The ledger: what came of a letter that did not go well, and what goes by mail because chat refuses it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.ledger import claims, marks
from domain.models import BookingState, NoticeState, Person
from domain.notices import owe_person
from domain.places import lapse_holds
from domain.rules import Rules
from tests.building import START, Building, rows
from tests.domain.ledger_building import booked, invited, temporary, unknown


def owe_announcement(db: Db, person_id: int, *, now: datetime) -> bool:
    return owe_person(db, Kind.ANNOUNCEMENT, db.get_one(Person, person_id), key="announcement:1", now=now, detail="Welcome.")


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
