"""The local mailbox itself: what it keeps, what it leaves behind, and how a message is read."""

from __future__ import annotations

import asyncio
import smtplib
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.kinds import Kind, Mode, Provider
from domain.ports.letters import Letter, Recipient
from integrations.letters import word
from integrations.mime import pack
from rehearsal.mailbox import Arrived, Break, Invitation, Mailbox, Step, Written, read_invitation
from tests.mail_building import ANN, LINK, NOW, SENDER, STAMP, VOICE, calendars, letter, session


def message(one: Letter) -> EmailMessage:
    calendar = None
    if one.calendar and one.session:
        calendar = calendars().invitation(one.session, one.calendar, one.recipient, one.mode or Mode.ONLINE)
    return Arrived(NOW, "", "", pack(one, word(one, VOICE), calendar, SENDER, now=NOW).content).message


def arrived(content: bytes, minute: int, recipient: str = "ann@council.example") -> Arrived:
    return Arrived(NOW.replace(minute=minute), SENDER.address, recipient, content)


def note(subject: str, name: str, text: str = "x") -> bytes:
    return f"Subject: {subject}\r\nMessage-ID: <{name}@x.example>\r\n\r\n{text}\r\n".encode()


async def test_another_program_s_message_is_kept_as_it_came() -> None:
    """smtplib, in a thread of its own, is a client that shares no code with ours."""
    content = b"Subject: hello\r\n\r\n..dots\r\n.\r\nend\r\n"

    def send(box: Mailbox) -> None:
        with smtplib.SMTP(box.host, box.port) as client:
            client.sendmail("a@x.example", ["b@x.example"], content)

    async with Mailbox(lambda: NOW) as box:
        await asyncio.to_thread(send, box)
        [kept] = box.messages
    assert kept == Arrived(NOW, "a@x.example", "b@x.example", content)
    assert kept.message["Subject"] == "hello"


async def test_a_fault_is_used_up_once() -> None:
    def codes(box: Mailbox) -> list[int]:
        found = []
        for _ in range(3):
            with smtplib.SMTP(box.host, box.port) as client:
                client.ehlo()
                client.mail("a@x.example")
                found.append(client.rcpt("b@x.example")[0])
        return found

    async with Mailbox(lambda: NOW) as box:
        box.answer_next(Step.RCPT, "450 4.2.0 later", times=2)
        assert await asyncio.to_thread(codes, box) == [450, 450, 250]


async def test_a_message_whose_sender_was_left_without_an_answer_is_kept_all_the_same() -> None:
    def send(box: Mailbox) -> None:
        with smtplib.SMTP(box.host, box.port) as client:
            client.sendmail("a@x.example", ["b@x.example"], b"Subject: lost\r\n\r\n")

    async with Mailbox(lambda: NOW) as box:
        box.break_next(Break.DROP_AFTER)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            await asyncio.to_thread(send, box)
        assert [(kept.message["Subject"], kept.answered) for kept in box.messages] == [("lost", False)]


async def test_it_listens_again_on_the_same_port() -> None:
    async with Mailbox(lambda: NOW) as box:
        port = box.port
        await box.refuse_connections()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(box.host, port)
        await box.listen()
        reader, writer = await asyncio.open_connection(box.host, port)
        assert (await reader.readline())[:4] == b"220 "
        assert box.open_connections == 1
        writer.close()
        await writer.wait_closed()


def test_a_login_is_never_asked_for_in_the_open() -> None:
    with pytest.raises(ValueError, match="STARTTLS"):
        Mailbox(lambda: NOW, logins={"a": "b"})


def test_each_message_is_written_once_in_order_of_arrival(tmp_path: Path) -> None:
    box = Mailbox(lambda: NOW)
    one, two = note("Your place: Ça va?", "1"), note("", "2")
    box.messages += [arrived(two, 5), arrived(one, 4), arrived(one, 9)]
    written = box.write_to(tmp_path / "mail")
    assert written == Written((tmp_path / "mail" / "0001-your-place-a-va.eml", tmp_path / "mail" / "0002-message.eml"), ())
    assert [path.read_bytes() for path in written.files] == [one, two]
    assert sorted(path.name for path in (tmp_path / "mail").iterdir()) == ["0001-your-place-a-va.eml", "0002-message.eml"]


def test_order_within_an_instant_does_not_depend_on_who_came_first(tmp_path: Path) -> None:
    first, second = Mailbox(lambda: NOW), Mailbox(lambda: NOW)
    messages = [arrived(note("b", "1"), 1, "b@x.example"), arrived(note("a", "2"), 1, "a@x.example")]
    first.messages, second.messages = messages, messages[::-1]
    assert [p.name for p in first.write_to(tmp_path / "1").files] == [p.name for p in second.write_to(tmp_path / "2").files]


def test_a_message_id_that_came_twice_with_other_bytes_is_told(tmp_path: Path) -> None:
    box = Mailbox(lambda: NOW)
    box.messages += [arrived(note("a", "1"), 1), arrived(note("a", "1", "y"), 2), arrived(note("b", "2"), 3), arrived(note("b", "2"), 4)]
    assert box.write_to(tmp_path).altered == ("<1@x.example>",)


def test_an_invitation_is_read() -> None:
    one = letter(session=session(provider=Provider.ZOOM))
    read = read_invitation(message(one))
    assert read is not None
    assert replace(read, description="") == Invitation(
        method="REQUEST",
        uid="3f1c@practiceweek",
        sequence=1,
        dtstamp=STAMP,
        starts_at=datetime(2027, 3, 15, 9, 30, tzinfo=UTC),
        ends_at=datetime(2027, 3, 15, 10, 15, tzinfo=UTC),
        summary="Working with fathers",
        location=LINK,
        description="",
        conference=LINK,
        organiser=SENDER.address,
        attendee="ann@council.example",
        status="CONFIRMED",
    )
    assert LINK in read.description


def test_a_cancellation_is_read() -> None:
    read = read_invitation(message(letter(Kind.CANCELLATION)))
    assert read is not None
    assert (read.method, read.status, read.sequence, read.conference) == ("CANCEL", "CANCELLED", 2, None)


def test_a_message_without_a_calendar_holds_no_invitation() -> None:
    assert read_invitation(message(letter(Kind.FEEDBACK))) is None


def test_two_attendees_are_one_too_many() -> None:
    one = letter(recipient=Recipient("Ann", ANN.address, None))
    assert one.session is not None
    assert one.calendar is not None
    calendar = calendars().invitation(one.session, one.calendar, one.recipient, Mode.ONLINE)
    doubled = calendar.replace(b"ATTENDEE;", b"ATTENDEE:mailto:b@x.example\r\nATTENDEE;")
    sent = pack(one, word(one, VOICE), doubled, SENDER, now=NOW)
    with pytest.raises(ValueError, match="one attendee"):
        read_invitation(Arrived(NOW, "", "", sent.content).message)
