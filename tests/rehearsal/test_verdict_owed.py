"""The verdict on what is left owed, and on what an address that is not proven may get."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.kinds import Channel, Kind
from domain.models import BookingState, EmailProof, Hold, Meeting, Notice, NoticeState
from rehearsal.evidence import Message, mail_of
from rehearsal.mailbox import Arrived
from tests.rehearsal.verdict_checks import ANN_S, CAT_S, CODES, FAY_S, HOUR, OWED, REMINDED
from tests.verdict_building import ANN, AUTUMN, DAN, EVE, FAY, MISTYPED, NEW, Case

# ── what is owed ────────────────────────────────────────────────────────────────────────────────────────────


def owe(
    case: Case, state: NoticeState, *, number: int = ANN, channel: Channel = Channel.EMAIL, kind: Kind = Kind.FEEDBACK, **more: Any
) -> int:
    """Another notice in the ledger, in this state; its number."""
    row: dict[str, Any] = {"partnership_id": 1, "key": f"another:{channel}", "need": 6, "owed_at": AUTUMN, "next_try_at": AUTUMN, **more}
    case.add(Notice(kind=kind, channel=channel, state=state, person_id=case.person(number).id, **row))
    return case.notice(row["key"]).id or 0


@pytest.mark.parametrize("state", [NoticeState.QUEUED, NoticeState.CLAIMED])
def test_a_notice_that_never_left_is_named(case: Case, state: NoticeState) -> None:
    number = owe(case, state)
    assert case.breaches() == {OWED: (f"notice {number} (feedback by email) is still {state}",)}


@pytest.mark.parametrize("state", [NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.EXPIRED])
def test_a_mail_that_failed_is_named(case: Case, state: NoticeState) -> None:
    number = owe(case, state, error="smtp 550 5.1.1 at rcpt")
    assert case.breaches() == {OWED: (f"notice {number} (feedback by email) {state}: smtp 550 5.1.1 at rcpt",)}


def test_what_was_overtaken_is_not_owed(case: Case) -> None:
    owe(case, NoticeState.SUPERSEDED)
    assert case.breaches() == {}


def test_a_direct_message_that_was_refused_and_went_by_mail_is_no_breach(case: Case) -> None:
    refused = case.notice(f"reminder:{case.person(DAN).id}:1440:2027-03-28:chat")
    assert (refused.state, refused.error) == (NoticeState.FAILED, "direct messages are closed")
    assert case.breaches() == {}
    (instead,) = [case.notice(refused.key.replace(":chat", ":email"))]
    case.mails.remove(case.mail(instead.external_id))
    case.forget(instead)
    assert case.breaches() == {
        REMINDED: (f"{case.where('spring', DAN)} was not reminded 24 hours before",),
        OWED: (f"notice {refused.id} (reminder by chat) failed: direct messages are closed",),
    }


@pytest.mark.parametrize(
    ("number", "kind", "state", "named"),
    [
        (ANN, Kind.LAPSED, NoticeState.FAILED, True),  # an offer that lapsed: an e-mail should have gone
        (FAY, Kind.LAPSED, NoticeState.FAILED, False),  # her address is not proven: nothing may go there
        (FAY, Kind.CANCELLATION, NoticeState.FAILED, False),
        (ANN, Kind.PROMOTION, NoticeState.FAILED, False),  # the invitation itself goes by e-mail
        (ANN, Kind.PROMOTION, NoticeState.UNKNOWN, True),
    ],
)
def test_a_refused_direct_message_is_excused_only_where_nothing_is_lost(
    case: Case, number: int, kind: Kind, state: NoticeState, named: bool
) -> None:
    owed = owe(case, state, number=number, kind=kind, channel=Channel.CHAT)
    assert case.breaches() == ({OWED: (f"notice {owed} ({kind} by chat) {state}",)} if named else {})


def test_a_mail_that_is_called_sent_and_never_came_is_named(case: Case) -> None:
    prompt = case.notice(f"feedback:{case.booking('autumn', ANN).id}:email")
    case.mails.remove(case.mail(prompt.external_id))
    assert case.breaches() == {OWED: (f"notice {prompt.id} (feedback by email) is called sent, and never came",)}


def test_a_direct_message_that_is_called_sent_and_never_came_is_named(case: Case) -> None:
    prompt = case.notice(f"feedback:{case.booking('spring', EVE).id}:chat")
    case.direct_messages.remove(next(one for one in case.direct_messages if one.name == prompt.external_id))
    assert case.breaches() == {OWED: (f"notice {prompt.id} (feedback by chat) is called sent, and never came",)}


def test_a_message_that_came_to_somebody_else_is_named(case: Case) -> None:
    prompt = case.notice(f"feedback:{case.booking('autumn', ANN).id}:email")
    case.swap(case.mail(prompt.external_id), to=CAT_S)
    assert case.breaches() == {OWED: (f"notice {prompt.id} (feedback by email) came to somebody else",)}


def test_a_mail_that_nobody_owed_is_named(case: Case) -> None:
    case.mails.append(Message("<stray@x.example>", ANN_S, AUTUMN))
    assert case.breaches() == {OWED: ("an e-mail <stray@x.example> came that nobody owed",)}


def test_a_place_that_is_still_held_is_named(case: Case) -> None:
    held = case.booking("spring", FAY)
    case.alter(held, state=BookingState.HELD, hold=Hold.PROOF, held_until=AUTUMN)
    assert case.breaches() == {OWED: (f"{case.where('spring', FAY)} is still held",)}


@pytest.mark.parametrize("what", ["next_try_at", "sweep_at"])
def test_a_meeting_that_still_needs_something_is_named(case: Case, what: str) -> None:
    session = case.session("empty")
    meeting = case.row(Meeting, Meeting.session_id == session.id)
    case.alter(meeting, **{what: AUTUMN})
    assert case.breaches() == {OWED: (f"there is still something to do about a meeting of {session.reference}",)}


# ── addresses that are not proven ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", [FAY_S, MISTYPED])
def test_anything_but_a_code_for_an_address_that_nobody_proved_is_named(case: Case, address: str) -> None:
    """Fay never proved hers; Gil mistyped his, and asked for a code for another."""
    (mail,) = [one for one in case.mails if one.to == address]
    assert mail.only_a_code
    case.swap(mail, only_a_code=False)
    assert case.breaches() == {CODES: (f"the e-mail {mail.name} went to an address that nobody had proven",)}


def test_an_address_is_not_proven_before_its_time(case: Case) -> None:
    invitation = case.entry("spring", NEW)[0]
    mail = case.mail(invitation.message_id)
    case.swap(mail, at=mail.at - timedelta(seconds=1))
    assert case.breaches() == {CODES: (f"the e-mail {mail.name} went to an address that nobody had proven",)}


def test_a_code_that_was_withdrawn_proves_nothing(case: Case) -> None:
    """Eve was sent two codes for her new address, and typed the second: from then on it is hers, not from the first."""
    proof = case.row(EmailProof, EmailProof.address == NEW)
    asked = proof.done_at - HOUR
    case.alter(proof, asked_at=asked)
    case.add(EmailProof(**proof.model_dump(exclude={"id"}) | {"asked_at": asked - HOUR, "done_at": asked}))
    mail = case.mail(case.entry("spring", NEW)[0].message_id)
    assert case.breaches() == {}
    case.swap(mail, at=asked + HOUR / 2)
    assert case.breaches() == {CODES: (f"the e-mail {mail.name} went to an address that nobody had proven",)}


@pytest.mark.parametrize(
    ("body", "is_code"),
    [
        (b"Type this code:\r\n\r\n402917\r\n\r\nIt works until 9.15am.\r\n", True),
        (b"Type this code:\r\n\r\n402 917\r\n", True),
        (b"Confirm your address: https://pages.example/prove/abc\r\n", True),
        (b"See your bookings: https://pages.example/mine/abc\r\n", False),
        (b"https://pages.example/prove/abc\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n", False),
        (b"Call 402917 to cancel.\r\n", False),
        (b"Your place is confirmed.\r\n", False),
        (b"402917\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n", False),
    ],
)
def test_a_mail_is_only_a_code_when_it_has_one_and_no_invitation(body: bytes, is_code: bool) -> None:
    arrived = Arrived(AUTUMN, "a@x.example", ANN_S, b"Message-ID: <one@x.example>\r\n\r\n" + body)
    assert replace(mail_of(arrived), text="") == Message("<one@x.example>", ANN_S, AUTUMN, only_a_code=is_code)
