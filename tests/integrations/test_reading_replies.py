"""Replies by e-mail: what a calendar program wrote is read as it was meant, and what is not plainly one answer is nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ports.replies import Answer, Reply
from integrations.replies import MOST_BYTES, read_reply
from integrations.vouching import EXCHANGE, Voucher
from tests.reply_building import PASSED, ZONE, calendar, mail

UID = "3f1c@practiceweek"
OURS = Voucher("mx.northfield.example")
PLAIN = Reply(
    key=sha256(b"<one@council.gov.uk>").hexdigest(),
    uid=UID,
    answer=Answer.DECLINED,
    sequence=1,
    dtstamp=datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
    attendee="person1@council.gov.uk",
    sender="person1@council.gov.uk",
    proven=True,
)


def test_a_decline_of_outlook_is_read() -> None:
    assert read_reply(mail(calendar(UID)), OURS) == PLAIN


BROKEN_ZONE = "BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\n"
BROKEN_ZONE += "DTSTART:x\r\nRRULE:FREQ=NEVER\r\nTZOFFSETTO:x\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        (calendar(UID, zone=""), {}),
        (calendar(UID, zone=BROKEN_ZONE), {}),
        (calendar(UID).replace("MAILTO:", "mailto:"), {}),
        (calendar(UID, answer="ACCEPTED"), {"answer": Answer.ACCEPTED}),
        (calendar(UID, answer="tentative"), {"answer": Answer.TENTATIVE}),
        (calendar(UID, answer="DELEGATED"), {"answer": Answer.OTHER}),
        (calendar(UID, method="COUNTER", answer="NEEDS-ACTION"), {"answer": Answer.OTHER}),
        (calendar(UID, sequence=None), {"sequence": 0}),
        (calendar(UID, sequence=7), {"sequence": 7}),
        (calendar(UID, stamp="20270301T093000"), {}),
        (calendar(UID, address="Person1@Council.gov.uk"), {"attendee": "Person1@council.gov.uk"}),
        (calendar(UID, address="other@council.gov.uk"), {"attendee": "other@council.gov.uk"}),
        (calendar(UID, more="X-MICROSOFT-CDO-REPLYTIME:20270301T093000Z"), {}),
    ],
)
def test_each_program_has_its_own_way_to_say_it(part: str, changed: dict[str, Any]) -> None:
    read = read_reply(mail(part), OURS)
    assert read is not None
    assert replace(read, attendee=read.attendee) == replace(PLAIN, **changed)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        mail(calendar(UID, method="REQUEST")),
        mail(calendar(UID, method="CANCEL")),
        mail(calendar(UID, answer="NEEDS-ACTION")),
        mail(calendar(UID, more="RECURRENCE-ID:20270315T093000Z")),
        mail(calendar(UID, more="ATTENDEE;PARTSTAT=DECLINED:mailto:two@council.gov.uk")),
        mail(calendar(UID).replace("END:VCALENDAR", "BEGIN:VEVENT\r\nUID:two\r\nEND:VEVENT\r\nEND:VCALENDAR")),
        mail(calendar(UID, stamp="yesterday")),
        mail(calendar(UID, sequence=-1)),
        mail(calendar(UID, sequence=2**40)),
        mail(calendar("x" * 300)),
        mail(calendar(UID, address="not an address")),
        mail(calendar(UID).replace("END:VCALENDAR\r\n", "")),
        mail(calendar(UID), sender="a@council.gov.uk, b@council.gov.uk"),
        mail("no calendar at all"),
    ],
)
def test_what_is_not_plainly_one_answer_is_nobodys(content: bytes) -> None:
    assert read_reply(content, OURS) is None


def test_a_report_that_a_mail_did_not_arrive_is_no_answer() -> None:
    bounce = mail(calendar(UID)).replace(b"multipart/alternative", b"multipart/report; report-type=delivery-status", 1)
    assert read_reply(bounce, OURS) is None


def test_two_calendar_parts_that_differ_are_not_plain_and_the_same_twice_is() -> None:
    def with_file(part: str) -> bytes:
        message = message_from_bytes(mail(calendar(UID)), policy=SMTP)
        assert isinstance(message, EmailMessage)
        message.add_attachment(part.encode(), maintype="text", subtype="calendar", filename="reply.ics")
        return message.as_bytes()

    assert read_reply(with_file(calendar(UID)), OURS) == PLAIN
    assert read_reply(with_file(calendar(UID, answer="ACCEPTED")), OURS) is None


def test_of_a_mail_of_ten_megabytes_only_the_beginning_is_read() -> None:
    large = mail(calendar(UID), after=bytes(10_000_000))
    assert len(large) > 10_000_000
    assert read_reply(large[:MOST_BYTES], OURS) == read_reply(large, OURS) == PLAIN


@pytest.mark.parametrize("header", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}])
def test_what_a_machine_wrote_is_told_apart(header: dict[str, Any]) -> None:
    assert read_reply(mail(calendar(UID), **header), OURS) == replace(PLAIN, automatic=True)


def test_nothing_that_a_stranger_may_write_raises() -> None:
    whole = mail(calendar(UID))

    @settings(max_examples=150)
    @given(st.integers(0, len(whole) - 1), st.binary(max_size=8))
    def try_it(at: int, put: bytes) -> None:
        read_reply(whole[:at] + put + whole[at + len(put) :], OURS)

    try_it()


# ── whose word counts ───────────────────────────────────────────────────────────────────────────────────────


def vouched(*results: str, server: str = "mx.northfield.example", within: str | None = None) -> bool:
    lines = "".join(f"Authentication-Results: {one}\r\n" for one in results)
    lines += f"X-MS-Exchange-Organization-AuthAs: {within}\r\n" if within else ""
    message = message_from_bytes(f"{lines}From: a@council.gov.uk\r\n\r\n".encode(), policy=default)
    assert isinstance(message, EmailMessage)
    return Voucher(server).vouches(message, "a@council.gov.uk")


OUTSIDE = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=council.gov.uk; dkim=none header.d=none;"
OUTSIDE += "dmarc=pass action=none header.from=council.gov.uk"


@pytest.mark.parametrize(
    ("results", "server", "within"),
    [
        ((PASSED,), "mx.northfield.example", None),
        (("mx.northfield.example 1; dkim=pass header.i=@mail.council.gov.uk",), "mx.northfield.example", None),
        (("MX.northfield.example; spf=pass (ok) smtp.mailfrom=bounce@council.gov.uk",), "mx.northfield.example", None),
        ((OUTSIDE,), EXCHANGE, None),
        ((), EXCHANGE, "Internal"),
    ],
)
def test_our_own_server_is_believed(results: tuple[str, ...], server: str, within: str | None) -> None:
    assert vouched(*results, server=server, within=within)


@pytest.mark.parametrize(
    ("results", "server", "within"),
    [
        ((), "mx.northfield.example", None),
        ((), "mx.northfield.example", "Internal"),
        ((), EXCHANGE, "Anonymous"),
        ((PASSED,), "", None),
        ((PASSED,), EXCHANGE, None),  # it bears a name: the sender wrote it
        (("mx.other.example; dmarc=pass header.from=council.gov.uk",), "mx.northfield.example", None),
        (("mx.northfield.example; dmarc=fail header.from=council.gov.uk", PASSED), "mx.northfield.example", None),
        (("mx.northfield.example; dkim=pass header.d=thief.example; spf=pass smtp.mailfrom=thief.example",), "mx.northfield.example", None),
        (("mx.northfield.example; dkim=pass header.d=uk",), "mx.northfield.example", None),
        (("mx.northfield.example; spf=pass header.from=council.gov.uk",), "mx.northfield.example", None),
        (("mx.northfield.example; spf=fail (a (b); dmarc=pass header.from=council.gov.uk)",), "mx.northfield.example", None),
        (('mx.northfield.example; spf=fail smtp.mailfrom="a;dmarc=pass header.from=council.gov.uk"',), "mx.northfield.example", None),
        (("mx.northfield.example; spf=fail (a; dmarc=pass header.from=council.gov.uk",), "mx.northfield.example", None),
    ],
)
def test_nobody_else_is(results: tuple[str, ...], server: str, within: str | None) -> None:
    assert not vouched(*results, server=server, within=within)


def test_where_nobodys_word_is_wanted_every_sender_is_taken_for_who_they_say() -> None:
    assert read_reply(mail(calendar(UID), results=None), Voucher("", required=False)) == PLAIN
    assert read_reply(mail(calendar(UID), results=None), OURS) == replace(PLAIN, proven=False)


def test_an_ordinary_zone_is_taken_out_and_nothing_else() -> None:
    assert ZONE in calendar(UID)
    assert read_reply(mail(calendar(UID, more=f"DESCRIPTION:{'BEGIN:VTIMEZONE'}")), OURS) == PLAIN
