"""Sending over real SMTP to the local mailbox: what each failure is taken for, and that the next letter goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from domain.errors import Busy, OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Kind
from domain.ports.letters import Attachment, MaterialFacts, Receipt, Recipient
from integrations.mail_line import LineLost, SettingProblem, refusal
from rehearsal.mailbox import Break, Mailbox, Step
from tests.integrations.smtp_building import fails, mail, other
from tests.mail_building import ANN, letter, request, session


@pytest.mark.parametrize(
    ("step", "reply", "kind", "reason"),
    [
        (Step.MAIL, "450 4.2.0 greylisted", Temporary, "smtp 450 4.2.0 at mail"),
        (Step.MAIL, "421 4.3.2 shutting down", Busy, "smtp 421 4.3.2 at mail"),
        (Step.MAIL, "530 5.7.57 not authenticated", SettingProblem, "smtp 530 5.7.57 at mail"),
        (Step.MAIL, "553 5.7.1 not your address", SettingProblem, "smtp 553 5.7.1 at mail"),
        (Step.MAIL, "552 5.3.4 too big", Permanent, "smtp 552 5.3.4 at mail"),
        (Step.RCPT, "450 4.2.1 mailbox busy", Temporary, "smtp 450 4.2.1 at rcpt"),
        (Step.RCPT, "451 4.7.500 too many", Busy, "smtp 451 4.7.500 at rcpt"),
        (Step.RCPT, "452 4.5.3 too many recipients", Busy, "smtp 452 4.5.3 at rcpt"),
        (Step.RCPT, "421 4.7.0 later", Busy, "smtp 421 4.7.0 at rcpt"),
        (Step.RCPT, "550 5.1.1 <ann@council.example> unknown", Permanent, "smtp 550 5.1.1 at rcpt"),
        (Step.RCPT, "551 no such user here", Permanent, "smtp 551 at rcpt"),
        (Step.RCPT, "553 5.1.3 bad address", Permanent, "smtp 553 5.1.3 at rcpt"),
        (Step.RCPT, "535 5.7.3 not logged in", SettingProblem, "smtp 535 5.7.3 at rcpt"),
        (Step.CONTENT, "451 4.3.0 local error", Temporary, "smtp 451 4.3.0 at content"),
        (Step.CONTENT, "432 4.3.2 concurrent connections", Busy, "smtp 432 4.3.2 at content"),
        (Step.CONTENT, "552 5.2.2 mailbox full", Permanent, "smtp 552 5.2.2 at content"),
        (Step.CONTENT, "554 5.7.1 refused", Permanent, "smtp 554 5.7.1 at content"),
        (Step.CONTENT, "550 5.7.1 refused", Permanent, "smtp 550 5.7.1 at content"),
    ],
)
async def test_an_answer_is_judged_by_its_number(box: Mailbox, step: Step, reply: str, kind: type[OutsideError], reason: str) -> None:
    box.answer_next(step, reply)
    async with mail(box) as sending:
        assert await fails(sending.send(letter())) == (kind, reason)
        assert box.messages == []
        await sending.send(letter())
    assert len(box.messages) == 1


async def test_an_invitation_that_is_too_big_goes_once_more_without_its_files(box: Mailbox) -> None:
    slides = MaterialFacts("Slides", None, "slides.pdf")
    big = letter(
        session=session(materials=(slides,)),
        calendar=request(),
        attachments=(Attachment("slides.pdf", "application/pdf", b"x" * 1000),),
    )
    box.answer_next(Step.MAIL, "552 5.3.4 too big")
    async with mail(box) as sending:
        receipt = await sending.send(big)
    (arrived,) = box.messages
    assert receipt == Receipt(arrived.message_id)
    assert [part.get_filename() for part in arrived.message.walk() if part.get_filename()] == ["invite.ics"]
    body = arrived.message.get_body(("plain",))
    assert body is not None
    assert "To read: Slides (slides.pdf). To get it, open the session in Discord and press Materials.\r\n" in body.get_content()


async def test_after_a_refusal_the_connection_serves_the_next_letter(box: Mailbox) -> None:
    box.answer_address("person1@council.example", "550 5.1.1 unknown")
    async with mail(box) as sending:
        outcomes = [await asyncio.gather(sending.send(other(number)), return_exceptions=True) for number in range(3)]
    assert [type(outcome) for [outcome] in outcomes] == [Receipt, Permanent, Receipt]
    assert ([arrived.recipient for arrived in box.messages], box.connections) == (["person0@council.example", "person2@council.example"], 1)


async def test_no_reason_repeats_an_address() -> None:
    assert refusal("rcpt", 550, "5.1.1 <ann@council.example> unknown").reason == "smtp 550 5.1.1 at rcpt"
    assert refusal("rcpt", 550, "<ann@council.example> unknown").reason == "smtp 550 at rcpt"


async def test_a_strange_answer_to_the_content_is_unknown_and_before_it_temporary() -> None:
    assert (type(refusal("content", 354)), type(refusal("rcpt", 354))) == (Unknown, Temporary)


async def test_nobody_there_is_temporary_and_passes(box: Mailbox) -> None:
    await box.refuse_connections()
    async with mail(box) as sending:
        assert await fails(sending.send(letter())) == (Temporary, "no connection to the mail server")
        await box.listen()
        await sending.send(letter())
    assert len(box.messages) == 1


async def test_a_connection_lost_before_the_content_is_temporary(box: Mailbox) -> None:
    box.break_next(Break.DROP_BEFORE)
    async with mail(box) as sending:
        assert await fails(sending.send(letter())) == (LineLost, "connection lost at rcpt")
        assert box.messages == []
        await sending.send(letter())
    assert len(box.messages) == 1


async def test_a_connection_lost_after_the_content_is_unknown_and_the_repeat_is_the_same_message(box: Mailbox) -> None:
    box.break_next(Break.DROP_AFTER)
    async with mail(box) as sending:
        assert await fails(sending.send(letter())) == (Unknown, "connection lost after data")
        await sending.send(letter())
    first, second = box.messages
    assert (first.answered, second.answered) == (False, True)
    assert first.content == second.content


async def test_a_hang_after_the_content_is_unknown(box: Mailbox) -> None:
    box.break_next(Break.HANG_AFTER)
    async with mail(box, timeout=1.0) as sending:
        assert await fails(sending.send(letter())) == (Unknown, "no answer after data")
        assert [arrived.answered for arrived in box.messages] == [False]
        await sending.send(other(2))
    assert len(box.messages) == 2


async def test_a_slow_answer_is_waited_for(box: Mailbox) -> None:
    box.break_next(Break.HANG_AFTER)
    async with mail(box) as sending:
        waiting = asyncio.create_task(sending.send(letter()))
        await box.arrival()
        box.release()
        assert await waiting == Receipt(box.messages[0].message_id)


async def test_a_server_that_dropped_an_idle_connection_is_called_again(box: Mailbox) -> None:
    async with mail(box) as sending:
        await sending.send(letter())
        await box.cut()
        await sending.send(other(2))
    assert (box.connections, len(box.messages)) == (2, 2)


@pytest.mark.parametrize(
    "trouble", [lambda box: box.break_next(Break.DROP_BEFORE), lambda box: box.answer_next(Step.MAIL, "421 4.4.2 idle too long")]
)
async def test_a_used_connection_that_dies_before_the_content_is_replaced_at_once(box: Mailbox, trouble: Callable[[Mailbox], None]) -> None:
    async with mail(box) as sending:
        await sending.send(letter())
        trouble(box)
        await sending.send(other(2))
    assert (box.connections, [arrived.recipient for arrived in box.messages]) == (2, [ANN.address, "person2@council.example"])


async def test_a_letter_that_is_called_off_midway_leaves_no_half_used_connection(box: Mailbox) -> None:
    box.break_next(Break.HANG_AFTER)
    async with mail(box) as sending:
        waiting = asyncio.create_task(sending.send(letter()))
        await box.arrival()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(5):  # long before an idle connection would be closed
            await box.all_closed()
        await sending.send(other(2))
    assert (box.connections, len(box.messages)) == (2, 2)


@pytest.mark.parametrize("address", [None, "a,b@c.example", "a@b.example\r\nBcc: c@d.example", f"{'x' * 65}@b.example", "zoë@b.example"])
async def test_an_address_that_cannot_be_used_is_permanent_and_no_server_hears_of_it(box: Mailbox, address: str | None) -> None:
    async with mail(box) as sending:
        for kind in (Kind.INVITATION, Kind.FEEDBACK):
            sent = sending.send(letter(kind, recipient=Recipient("Ann", address, None)))
            assert await fails(sent) == (Permanent, "the address cannot be used")
    assert (box.connections, box.messages) == (0, [])


async def test_calendar_mail_may_be_repeated_at_any_time_and_other_mail_never(box: Mailbox) -> None:
    async with mail(box) as sending:
        harmless = {kind for kind in Kind if sending.harmless_to_repeat(kind, 0)}
        assert harmless == {kind for kind in Kind if sending.harmless_to_repeat(kind, 7 * 86400.0)}
    assert harmless == {Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION}
