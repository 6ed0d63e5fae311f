"""Sending over real SMTP to the local mailbox: what arrives, by how many connections, and at what pace."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.database import Store
from domain.errors import Held, Temporary
from domain.kinds import Kind
from domain.letters.matters import AnnouncementMatter
from domain.limits import MAIL, Allowance, Flow
from domain.ports.letters import Receipt
from integrations.limits import SharedLimits
from rehearsal.mailbox import Mailbox, Step
from tests.integrations.smtp_building import fails, mail, other
from tests.mail_building import ANN, NOW, SENDER, letter, request, session, verification

# ── what arrives ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_letter_arrives_and_the_receipt_is_its_message_id(box: Mailbox) -> None:
    async with mail(box) as sending:
        receipt = await sending.send(letter())
    [arrived] = box.messages
    assert (arrived.at, arrived.sender, arrived.recipient) == (NOW, SENDER.address, ANN.address)
    assert receipt == Receipt(arrived.message_id)
    assert arrived.message["Subject"] == "Your place: Working with fathers, Monday 15 March 2027, 9.30am"


async def test_one_connection_serves_letter_after_letter(box: Mailbox) -> None:
    async with mail(box) as sending:
        for number in range(5):
            await sending.send(other(number))
    assert (box.connections, len(box.messages)) == (1, 5)
    await box.all_closed()


async def test_many_letters_at_once_share_a_few_connections(box: Mailbox) -> None:
    async with mail(box, connections=3) as sending:
        await asyncio.gather(*(sending.send(other(number)) for number in range(20)))
    assert box.connections == 3
    assert len({arrived.recipient for arrived in box.messages}) == 20


async def test_a_line_that_is_a_single_dot_ends_nothing(box: Mailbox) -> None:
    async with mail(box) as sending:
        await sending.send(letter(Kind.ANNOUNCEMENT, session=None, matter=AnnouncementMatter("News", "before\n.\n..\nafter", "")))
        await sending.send(letter())
    body = box.messages[0].message.get_body(("plain",))
    assert body is not None
    assert "before\r\n.\r\n..\r\nafter\r\n" in body.get_content()
    assert len(box.messages) == 2


async def test_an_idle_connection_is_closed(box: Mailbox) -> None:
    async with mail(box, idle_seconds=0) as sending:
        await sending.send(letter())
        await box.all_closed()
        await sending.send(other(2))
    assert box.connections == 2


async def test_after_closing_nothing_is_sent(box: Mailbox) -> None:
    async with mail(box) as sending:
        await sending.send(letter())
    assert await fails(sending.send(letter())) == (Temporary, "mail is closed")
    await box.all_closed()


async def test_the_connection_can_be_checked(box: Mailbox) -> None:
    async with mail(box) as sending:
        await sending.check()
        await box.refuse_connections()
        assert await fails(sending.check()) == (Temporary, "no connection to the mail server")


async def test_a_code_is_sent_to_the_address_that_is_to_be_proven(box: Mailbox) -> None:
    async with mail(box) as sending:
        await sending.send(verification())
        await sending.send(letter(calendar=request(2), session=session(title="Now")))
    assert [str(arrived.message["To"]) for arrived in box.messages] == ["ann@council.example", "Ann Other <ann@council.example>"]


# ── pace ────────────────────────────────────────────────────────────────────────────────────────────────────


class Watch:
    """A clock that stands still until a test sets it: seconds after NOW."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.time)


async def no_sleep(_seconds: float) -> None:
    """For who must not wait."""


async def test_no_more_leave_in_any_minute_than_the_server_takes(box: Mailbox, store: Store) -> None:
    watch = Watch()
    box.clock = watch.now
    limits = SharedLimits(store, {MAIL: Allowance(30, 60.0)}, clock=watch.now, slack=0.0)
    left = []
    async with mail(box, limits=limits) as sending:
        assert await sending.flow() == Flow(NOW, 30, 30, 60.0)
        for minute in (0, 50, 60.001):
            watch.time = minute
            outcomes = [await asyncio.gather(sending.send(other(number)), return_exceptions=True) for number in range(35)]
            left.append([type(one) for (one,) in outcomes].count(Receipt))
            assert {type(one) for (one,) in outcomes} <= {Receipt, Held}
    assert (left, len(box.messages)) == ([30, 0, 30], 60)


@pytest.mark.parametrize(
    ("step", "reply", "asks_to_wait"),
    [
        (Step.MAIL, "421 4.7.28 too fast", True),
        (Step.RCPT, "421 4.7.0 closing", True),
        (Step.MAIL, "451 4.7.500 server busy", True),
        (Step.RCPT, "452 4.5.3 too many recipients", True),
        (Step.CONTENT, "432 4.3.2 sender thread limit exceeded", True),
        (Step.CONTENT, "451 4.7.500 server busy", True),
        (Step.MAIL, "450 4.2.0 greylisted", False),
        (Step.RCPT, "450 4.7.1 greylisted", False),
        (Step.RCPT, "452 4.2.2 mailbox full", False),
        (Step.CONTENT, "451 4.3.0 try again", False),
    ],
)
async def test_a_server_that_says_slow_down_is_left_alone_by_every_process(
    box: Mailbox, store: Store, step: Step, reply: str, asks_to_wait: bool
) -> None:
    watch = Watch()
    mine, theirs = (SharedLimits(store, {}, clock=watch.now, sleep=no_sleep) for _ in range(2))
    box.answer_next(step, reply, times=2)
    async with mail(box, limits=mine) as sending, mail(box, limits=theirs) as other_process:
        with pytest.raises(Temporary):
            await sending.send(letter())
        before = box.connections
        if not asks_to_wait:
            assert await other_process.flow() is None
            return
        for instant in (0, 59):
            watch.time = instant
            with pytest.raises(Held):
                await other_process.send(other(2))
        assert (box.connections, len(box.messages)) == (before, 0)
        watch.time = 60
        assert await other_process.flow() is None
