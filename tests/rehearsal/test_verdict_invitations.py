"""The verdict on invitations and cancellations: each true, each in its order, and none twice."""

from __future__ import annotations

from typing import Any

import pytest

from domain.models import BookingState
from rehearsal.evidence import Message
from tests.rehearsal.verdict_checks import ANN_S, BOB_S, CANCELLATIONS, CAT_S, HOUR, INVITATIONS, OTHER_LINK, REPEATS, RISING, more
from tests.verdict_building import ANN, AUTUMN, BOB, EVE, NEW, OLD, Case

# ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_confirmed_booking_without_an_invitation_is_named(case: Case) -> None:
    for invitation in case.entry("autumn", ANN_S):
        case.invitations.remove(invitation)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)} has no invitation",)}


LINK, VENUE = "the invitation does not carry the present link", "the invitation does not name the present venue"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"starts_at": AUTUMN + HOUR, "ends_at": AUTUMN + HOUR * 2},
            "the invitation says 31 Oct 11:00 to 12:00, the session is 31 Oct 10:00 to 10:45 (UTC)",
        ),
        ({"ends_at": AUTUMN + HOUR}, "the invitation says 31 Oct 10:00 to 11:00, the session is 31 Oct 10:00 to 10:45 (UTC)"),
        ({"location": OTHER_LINK}, LINK),
        ({"conference": OTHER_LINK}, LINK),
        ({"description": f"Join the Zoom meeting:\n{OTHER_LINK}"}, LINK),
        ({"location": "Online. The link will follow.", "conference": None, "description": "Led by Ann."}, LINK),
        ({"method": "CANCEL"}, "the last message is a CANCEL"),
    ],
)
def test_an_invitation_that_is_not_true_any_more_is_named(case: Case, changes: dict[str, Any], fault: str) -> None:
    case.swap(case.entry("autumn", ANN_S)[-1], **changes)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: {fault}",)}


def test_a_link_that_only_begins_like_the_present_one_is_another(case: Case) -> None:
    last, link = case.entry("autumn", ANN_S)[-1], case.room("autumn").join_url
    longer = {name: getattr(last, name).replace(link, f"{link}0") for name in ("location", "conference", "description")}
    case.swap(last, **longer)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: {LINK}",)}


def test_the_present_link_is_the_one_that_the_service_holds(case: Case) -> None:
    """Our own tables and the invitation agree on a link that leads nowhere any more."""
    case.swap(case.room("autumn"), join_url=OTHER_LINK)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: {LINK}",)}


@pytest.mark.parametrize("location", ["Town Hall, room 21", "Town Hall", "The place will follow."])
def test_an_invitation_to_another_venue_is_named(case: Case, location: str) -> None:
    case.swap(case.entry("spring", ANN_S)[-1], location=location)
    assert case.breaches() == {INVITATIONS: (f"{case.where('spring', ANN)}: {VENUE}",)}


def test_in_a_hybrid_session_some_need_the_venue_and_some_the_link(case: Case) -> None:
    in_room, online = case.entry("hybrid", ANN_S)[-1], case.entry("hybrid", BOB_S)[-1]
    case.swap(in_room, location=online.location, conference=online.conference, description=online.description)
    case.swap(online, location=in_room.location, conference=in_room.conference, description=in_room.description)
    assert case.breaches() == {INVITATIONS: (f"{case.where('hybrid', ANN)}: {VENUE}", f"{case.where('hybrid', BOB)}: {LINK}")}


def test_a_second_uid_is_a_second_entry_in_the_calendar(case: Case) -> None:
    case.invitations.append(more(case.entry("autumn", ANN_S)[-1], uid="autumn-again"))
    assert case.breaches() == {INVITATIONS: ("there is an invitation with the UID autumn-again, which is no session's",)}


def test_an_invitation_for_somebody_who_never_asked_is_named(case: Case) -> None:
    case.invitations.append(more(case.entry("autumn", ANN_S)[-1], to=CAT_S, attendee=CAT_S))
    assert case.breaches() == {INVITATIONS: (f"somebody was invited to {case.session('autumn').reference} who never asked for a place",)}


def test_an_invitation_that_is_made_out_to_somebody_else_is_named(case: Case) -> None:
    case.swap(case.entry("autumn", ANN_S)[-1], attendee=CAT_S)
    uid = case.session("autumn").uid
    assert case.breaches() == {INVITATIONS: (f"an invitation with the UID {uid} went to somebody whom it is not made out to",)}


# ── cancellations ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("session", "state"), [("cancelled", "cancelled"), ("strengths", "waitlisted")])
def test_an_entry_whose_booking_has_no_place_any_more_must_end_in_a_cancel(case: Case, session: str, state: str) -> None:
    """Also of somebody who gave the place back and now waits for another."""
    case.invitations.remove(case.entry(session, BOB_S)[-1])
    assert case.breaches() == {CANCELLATIONS: (f"{case.where(session, BOB)} is {state}, its calendar entry is not cancelled",)}


def test_a_request_after_the_cancel_puts_the_entry_back(case: Case) -> None:
    case.invitations.append(more(case.entry("cancelled", BOB_S)[-1], method="REQUEST"))
    assert case.breaches() == {CANCELLATIONS: (f"{case.where('cancelled', BOB)} is cancelled, its calendar entry is not cancelled",)}


def test_an_entry_in_a_mailbox_that_was_left_must_end_in_a_cancel(case: Case) -> None:
    assert [(one.to, one.method) for one in case.invitations if one.to in (OLD, NEW)] == [
        (OLD, "REQUEST"),
        (OLD, "CANCEL"),
        (NEW, "REQUEST"),
    ]
    case.invitations.remove(case.entry("spring", OLD)[-1])
    assert case.breaches() == {
        CANCELLATIONS: (f"{case.where('spring', EVE)} has moved to another address, and the calendar entry at the old one stands",)
    }


def test_an_invitation_at_the_old_address_is_none_at_the_new_one(case: Case) -> None:
    case.invitations.remove(case.entry("spring", NEW)[-1])
    assert case.breaches() == {INVITATIONS: (f"{case.where('spring', EVE)} has no invitation",)}


def test_a_cancelled_session_keeps_no_booking(case: Case) -> None:
    case.alter(case.booking("cancelled", BOB), state=BookingState.WAITLISTED)
    assert case.breaches() == {CANCELLATIONS: (f"{case.where('cancelled', BOB)} is still waitlisted, and the session is cancelled",)}


# ── sequences, time stamps, repeats ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sequence", [1, 0])
def test_a_sequence_that_does_not_rise_is_named(case: Case, sequence: int) -> None:
    case.swap(case.entry("strengths", ANN_S)[-1], sequence=sequence)
    uid = case.session("strengths").uid
    assert case.breaches() == {RISING: (f"entry {uid}: sequence 1 is followed by {sequence}",)}


def test_a_time_stamp_that_does_not_rise_is_named(case: Case) -> None:
    first, second = case.entry("strengths", ANN_S)
    case.swap(second, dtstamp=first.dtstamp)
    uid = case.session("strengths").uid
    assert case.breaches() == {RISING: (f"entry {uid}: the time stamp 01 Mar 09:00:00 is followed by 01 Mar 09:00:00",)}


def test_a_message_that_came_twice_with_other_bytes_is_named(case: Case) -> None:
    case.altered.append("<one@x.example>")
    assert case.breaches() == {REPEATS: ("message <one@x.example> came twice, not alike",)}


def test_a_message_without_a_name_cannot_be_told_from_another(case: Case) -> None:
    case.mails.append(Message("", ANN_S, AUTUMN))
    assert case.breaches() == {REPEATS: ("a message came without a Message-ID",)}


def test_messages_without_a_name_are_not_taken_for_one_message(case: Case) -> None:
    """Or the second, which says something else, would be overlooked."""
    last = case.entry("autumn", ANN_S)[-1]
    for invitation in (more(last, message_id=""), more(last, message_id="", sequence=9, dtstamp=last.dtstamp + 2 * HOUR, method="CANCEL")):
        case.invitations.append(invitation)
    assert case.breaches() == {INVITATIONS: (f"{case.where('autumn', ANN)}: the last message is a CANCEL",)}
