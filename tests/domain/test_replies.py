"""Replies to invitations: a Decline gives the place back, once, and only where it is plain who declines what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import attention, replies, timekeeping
from domain.attention import Concern
from domain.kinds import Kind
from domain.models import Booking, BookingState, CameOfReply, Presenter, ReplySeen, Session, WhyLeft
from domain.ports.letters import Letter
from domain.ports.replies import Answer, Reply
from domain.presenters import naming
from domain.presenters.naming import NewPresenter
from domain.rules import RulesBook
from tests.building import ACTOR, Building, one_row, rows
from tests.series_building import run_of

ONE = "person1@council.gov.uk"


def uid_of(building: Building, session_id: int) -> str:
    found: Session = building.read(one_row, Session, Session.id == session_id)
    return found.uid


def declined(building: Building, session_id: int, **other: Any) -> Reply:
    """The reply of person 1 to the first invitation, written at this instant."""
    plain = Reply(
        key="a" * 64,
        uid=uid_of(building, session_id),
        answer=Answer.DECLINED,
        sequence=1,
        dtstamp=building.now,
        attendee=ONE,
        sender=ONE,
        proven=True,
    )
    return replace(plain, **other)


def take_in(building: Building, reply: Reply, rules: Any = None) -> CameOfReply | None:
    came: CameOfReply | None = building.write(replies.take_in, reply, rules or building.rules, now=building.now)
    return came


def seen(building: Building) -> list[tuple[CameOfReply, WhyLeft | None]]:
    return [(row.came, row.why) for row in building.read(rows, ReplySeen)]


def listed(building: Building) -> list[str]:
    """The attention list's sentences about replies, without the session's name."""
    items = building.read(attention.attention, building.partnership_id, building.programme_id, building.rules, now=building.now)
    return [item.sentence.partition("): ")[2] for item in items if item.concern is Concern.REPLY]


@pytest.fixture
def session(building: Building) -> int:
    """A session with one place, which person 1 has; person 2 waits. The invitation has left."""
    made = building.session(places=1)
    building.book(made, building.person(1))
    building.book(made, building.person(2))
    building.deliver()
    return made


def states(building: Building, session: int) -> list[BookingState]:
    return [row.state for row in building.read(rows, Booking, Booking.session_id == session)]


HAS, WAITS, GONE = BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


def test_a_decline_gives_the_place_to_the_first_in_line(building: Building, session: int) -> None:
    assert take_in(building, declined(building, session)) is CameOfReply.CANCELLED
    assert states(building, session) == [GONE, HAS]


def test_who_declined_is_told_in_words_and_their_calendar_is_left_alone(building: Building, session: int) -> None:
    take_in(building, declined(building, session))
    told = [(one.kind, one.recipient.address, one.calendar is not None, one.by_organiser, one.reason) for one in building.deliver()]
    assert sorted(told) == [
        (Kind.CANCELLATION, ONE, False, False, ""),
        (Kind.PROMOTION, "person2@council.gov.uk", True, False, ""),
    ]


def test_the_same_mail_once_more_changes_nothing(building: Building, session: int) -> None:
    reply = declined(building, session)
    take_in(building, reply)
    building.deliver()
    building.cancel(session, 2)
    building.book(session, 1)
    building.deliver()
    assert take_in(building, reply) is CameOfReply.CANCELLED  # as it was told before
    assert take_in(building, replace(reply, key="b" * 64)) is CameOfReply.NOTED  # the same answer in another envelope
    assert states(building, session) == [HAS, GONE]


@pytest.mark.parametrize("answer", [Answer.ACCEPTED, Answer.TENTATIVE])
def test_accepting_changes_nothing(building: Building, session: int, answer: Answer) -> None:
    assert take_in(building, declined(building, session, answer=answer)) is CameOfReply.NOTED
    assert (states(building, session), listed(building)) == ([HAS, WAITS], [])


LEFT: dict[WhyLeft, dict[str, Any]] = {
    WhyLeft.UNKNOWN: {"attendee": "stranger@council.gov.uk", "sender": "stranger@council.gov.uk"},
    WhyLeft.OTHER_SENDER: {"sender": "assistant@council.gov.uk"},
    WhyLeft.UNPROVEN: {"proven": False},
    WhyLeft.AUTOMATIC: {"automatic": True},
    WhyLeft.OTHER_ANSWER: {"answer": Answer.OTHER},
    WhyLeft.OLD: {"sequence": 0},
}
SAID = {
    WhyLeft.UNKNOWN: "an e-mail says that somebody cannot come, but nobody with that address is booked",
    WhyLeft.OTHER_SENDER: "an e-mail says that somebody cannot come, but it came from another address than the one we wrote to",
    WhyLeft.UNPROVEN: "an e-mail says that somebody cannot come, but we cannot be sure who sent it",
    WhyLeft.AUTOMATIC: "an e-mail says that somebody cannot come, but a machine wrote it",
    WhyLeft.OTHER_ANSWER: "an e-mail says that somebody cannot come, "
    "but they may also have said yes or maybe, asked for another time or sent somebody else",
    WhyLeft.OLD: "an e-mail says that somebody cannot come, but it answers an older invitation",
}


BOTH = WhyLeft.OTHER_ANSWER, WhyLeft.UNPROVEN


@pytest.mark.parametrize("why", list(LEFT))
def test_what_is_not_plain_is_left_for_people(building: Building, session: int, why: WhyLeft) -> None:
    assert take_in(building, declined(building, session, **LEFT[why])) is CameOfReply.LEFT
    assert states(building, session) == [HAS, WAITS]
    assert listed(building) == [f"{SAID[why]}. Look in the mailbox that invitations come from, and ask them."]


def test_a_sequence_that_was_never_sent_is_left(building: Building, session: int) -> None:
    assert take_in(building, declined(building, session, sequence=2)) is CameOfReply.LEFT
    assert seen(building) == [(CameOfReply.LEFT, WhyLeft.OLD)]


def test_an_invitation_that_an_unsent_update_follows_is_still_the_one_they_have(building: Building, session: int) -> None:
    building.change(session, title="Strengths again")
    assert building.booking(session, 1).sequence == 2
    assert take_in(building, declined(building, session)) is CameOfReply.CANCELLED
    assert building.owed() == ["promotion:2:1", "cancellation:1:2:declined:email"]  # and no update any more


def test_a_decline_that_an_acceptance_has_overtaken_gives_nothing_back_and_is_told_to_people(building: Building, session: int) -> None:
    no = declined(building, session)
    building.later(hours=1)
    take_in(building, declined(building, session, key="b" * 64, answer=Answer.ACCEPTED))
    assert take_in(building, no) is CameOfReply.LEFT
    assert (states(building, session), seen(building)[-1]) == ([HAS, WAITS], (CameOfReply.LEFT, WhyLeft.OTHER_ANSWER))
    assert listed(building) == [f"{SAID[WhyLeft.OTHER_ANSWER]}. Look in the mailbox that invitations come from, and ask them."]


def test_who_accepts_and_declines_within_one_second_is_left_for_people(building: Building, session: int) -> None:
    take_in(building, declined(building, session, key="b" * 64, answer=Answer.ACCEPTED))
    assert take_in(building, declined(building, session)) is CameOfReply.LEFT
    assert states(building, session) == [HAS, WAITS]


def test_a_decline_without_a_proof_that_another_answer_has_overtaken_tells_nobody(building: Building, session: int) -> None:
    take_in(building, declined(building, session, key="b" * 64, answer=Answer.ACCEPTED))
    assert take_in(building, declined(building, session, proven=False)) is CameOfReply.NOTED


def test_answers_from_one_clock_ahead_keep_their_order_whichever_is_read_first(building: Building, session: int) -> None:
    said_no = building.now + timedelta(hours=1)
    take_in(building, declined(building, session, key="b" * 64, answer=Answer.ACCEPTED, dtstamp=said_no + timedelta(minutes=2)))
    assert take_in(building, declined(building, session, dtstamp=said_no)) is CameOfReply.LEFT
    assert (states(building, session), seen(building)[-1]) == ([HAS, WAITS], (CameOfReply.LEFT, WhyLeft.OTHER_ANSWER))


def test_a_decline_written_after_all_that_a_clock_ahead_has_said_gives_the_place_back(building: Building, session: int) -> None:
    ahead = building.now + timedelta(hours=1)
    take_in(building, declined(building, session, key="b" * 64, answer=Answer.ACCEPTED, dtstamp=ahead))
    assert take_in(building, declined(building, session, dtstamp=ahead + timedelta(seconds=1))) is CameOfReply.CANCELLED


@pytest.mark.parametrize("answer", [Answer.ACCEPTED, Answer.TENTATIVE])
def test_a_reply_from_a_clock_ahead_does_not_silence_what_they_answer_later(building: Building, session: int, answer: Answer) -> None:
    ahead = building.now + timedelta(days=3)
    take_in(building, declined(building, session, key="b" * 64, answer=answer, dtstamp=ahead))
    building.later(minutes=5)
    assert take_in(building, declined(building, session)) is CameOfReply.LEFT
    assert take_in(building, declined(building, session, proven=False, key="c" * 64, dtstamp=ahead)) is CameOfReply.LEFT
    assert states(building, session) == [HAS, WAITS]
    assert listed(building) == [f"{SAID[why]}. Look in the mailbox that invitations come from, and ask them." for why in BOTH]


def test_a_decline_from_a_clock_ahead_that_comes_twice_counts_once(building: Building, session: int) -> None:
    no = declined(building, session, dtstamp=building.now + timedelta(hours=1))
    assert take_in(building, no) is CameOfReply.CANCELLED
    building.cancel(session, 2)
    building.book(session, 1)
    assert take_in(building, replace(no, key="b" * 64)) is CameOfReply.NOTED
    assert states(building, session) == [HAS, GONE]


def test_an_accept_that_may_be_older_than_a_decline_from_a_clock_ahead_is_only_noted(building: Building, session: int) -> None:
    take_in(building, declined(building, session, dtstamp=building.now + timedelta(hours=1)))
    building.later(minutes=5)
    assert take_in(building, declined(building, session, key="b" * 64, answer=Answer.ACCEPTED)) is CameOfReply.NOTED


def test_nobody_can_overtake_for_another(building: Building, session: int) -> None:
    forged = declined(building, session, key="b" * 64, answer=Answer.ACCEPTED, dtstamp=datetime(2030, 1, 1, tzinfo=UTC), proven=False)
    take_in(building, forged)
    assert take_in(building, declined(building, session)) is CameOfReply.CANCELLED


def test_accepting_a_place_that_was_given_back_is_told_to_people(building: Building, session: int) -> None:
    take_in(building, declined(building, session))
    building.later(hours=1)
    again = declined(building, session, key="b" * 64, answer=Answer.ACCEPTED)
    assert take_in(building, again) is CameOfReply.LEFT
    words = "somebody has pressed Accept after giving the place back, so they may come without one"
    assert listed(building) == [f"{words}. Look in the mailbox that invitations come from, and ask them."]


def test_one_part_of_a_series_is_left_for_people(building: Building) -> None:
    run = run_of(building)
    run.book(building.person(1))
    building.deliver()
    first = run.parts[0]
    assert take_in(building, declined(building, first)) is CameOfReply.LEFT
    assert (seen(building), building.booking(first, 1).state) == ([(CameOfReply.LEFT, WhyLeft.SERIES)], HAS)


def test_after_the_start_there_is_nothing_to_give_back(building: Building, session: int) -> None:
    building.later(days=14, hours=1)
    assert take_in(building, declined(building, session)) is CameOfReply.NOTED
    assert building.booking(session, 1).state is HAS


def test_what_is_about_nothing_of_ours_leaves_nothing(building: Building, session: int) -> None:
    assert take_in(building, declined(building, session, uid="somebody-elses@example.org")) is None
    assert take_in(building, declined(building, session), RulesBook({building.partnership_id + 1: building.rules})) is None
    assert (seen(building), states(building, session)) == ([], [HAS, WAITS])


def test_a_place_given_back_takes_its_item_off_the_list(building: Building, session: int) -> None:
    take_in(building, declined(building, session, proven=False))
    assert len(listed(building)) == 1
    building.cancel(session, 1)
    assert listed(building) == []


def test_a_presenter_who_declines_has_said_that_they_cannot(building: Building) -> None:
    session = building.session()
    new = NewPresenter("Ann Lee", "ann@uni.ac.uk")
    ann = building.write(naming.add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now)
    (asked,) = building.deliver()
    assert asked.session is not None
    reply = declined(building, session, uid=asked.session.uid, attendee="Ann@uni.ac.uk", sender="ann@UNI.ac.uk")
    assert take_in(building, reply) is CameOfReply.DECLINED
    said: Presenter = building.read(one_row, Presenter, Presenter.id == ann.id)
    assert (said.declined_at, said.confirmed_at) == (building.now, None)
    told: list[Letter] = building.deliver()
    assert [(one.kind, one.recipient.address) for one in told] == [(Kind.CANCELLATION, "ann@uni.ac.uk")]
    assert take_in(building, replace(reply, key="b" * 64)) is CameOfReply.NOTED


@pytest.mark.parametrize("answer", [Answer.ACCEPTED, Answer.TENTATIVE])
def test_a_calendar_that_accepts_says_no_yes_for_its_presenter(building: Building, answer: Answer) -> None:
    """Some calendars accept by themselves, and nothing in their reply says so."""
    session = building.session()
    new = NewPresenter("Ann Lee", "ann@uni.ac.uk")
    ann = building.write(naming.add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now)
    (asked,) = building.deliver()
    assert asked.session is not None
    accepted = declined(building, session, answer=answer, uid=asked.session.uid, attendee="ann@uni.ac.uk", sender="ann@uni.ac.uk")
    assert take_in(building, accepted) is CameOfReply.NOTED
    said: Presenter = building.read(one_row, Presenter, Presenter.id == ann.id)
    assert (said.confirmed_at, said.declined_at, building.deliver()) == (None, None, [])


def test_nobody_declines_for_a_presenter(building: Building, session: int) -> None:
    new = NewPresenter("Ann Lee", "ann@uni.ac.uk")
    ann = building.write(naming.add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now)
    building.deliver()
    uid = f"presenting-{ann.id}-{uid_of(building, session)}"
    other = building.session(title="Another")
    assert take_in(building, declined(building, session, uid=uid)) is CameOfReply.LEFT
    elsewhere = f"presenting-{ann.id}-{uid_of(building, other)}"
    of_hers = {"attendee": "ann@uni.ac.uk", "sender": "ann@uni.ac.uk", "key": "b" * 64}
    assert take_in(building, declined(building, session, uid=elsewhere, **of_hers)) is CameOfReply.LEFT
    assert building.read(one_row, Presenter, Presenter.id == ann.id).declined_at is None


def test_what_became_of_a_reply_is_forgotten_after_thirty_days(building: Building, session: int) -> None:
    take_in(building, declined(building, session))
    building.later(days=29)
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    assert len(seen(building)) == 1
    building.later(days=1)
    assert "replies" in building.read(timekeeping.due, building.rules, now=building.now)
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    assert seen(building) == []
