"""Sending over real SMTP to the local mailbox: what arrives, and what each failure is taken for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from domain.database import Store
from domain.errors import Busy, Held, OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Kind
from domain.letters.matters import AnnouncementMatter
from domain.limits import MAIL, Allowance, Flow
from domain.ports.letters import Attachment, Letter, MaterialFacts, Receipt, Recipient
from integrations.entra import SignInRefused
from integrations.limits import SharedLimits
from integrations.mail import Mail, MailServer, Password, XOAuth2
from integrations.mail_line import LineLost, SettingProblem, refusal
from rehearsal.mailbox import Break, Mailbox, Step
from tests.mail_building import ANN, NOW, SENDER, VOICE, calendars, letter, request, session, verification


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with Mailbox(lambda: NOW) as opened:
        yield opened


@asynccontextmanager
async def mail(box: Mailbox, **changed: Any) -> AsyncIterator[Mail]:
    server = {name: changed.pop(name) for name in ("host", "port", "security", "login", "timeout", "trust") if name in changed}
    settings = MailServer(**{"host": box.host, "port": box.port, "security": "none", **server})
    made = Mail(settings, SENDER, VOICE, calendars(), now=lambda: NOW, **changed)
    try:
        yield made
    finally:
        await made.aclose()


def other(number: int) -> Letter:
    return letter(key=f"invitation:{number}:1", recipient=Recipient(f"Person {number}", f"person{number}@council.example", None))


async def fails(sending: Any) -> tuple[type[OutsideError], str]:
    with pytest.raises(OutsideError) as caught:
        await sending
    return type(caught.value), caught.value.reason


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


# ── what a failure means ────────────────────────────────────────────────────────────────────────────────────


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


# ── encryption and login ────────────────────────────────────────────────────────────────────────────────────


class Keys:
    """A certificate for 127.0.0.1, and two clients: one that trusts it and one that does not."""

    def __init__(self) -> None:
        authority = trustme.CA()
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.server)
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)
        self.strange = ssl.create_default_context()


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


async def token() -> str:
    return "token-1"


@pytest.mark.parametrize("login", [None, Password("pw", "secret"), XOAuth2("pw", token)])
async def test_starttls_then_login_then_letters(keys: Keys, login: Password | XOAuth2 | None) -> None:
    asked: dict[str, Any] = {"logins": {"pw": "secret"}, "tokens": {"pw": "token-1"}} if login else {}
    async with (
        Mailbox(lambda: NOW, tls=keys.server, **asked) as box,
        mail(box, security="starttls", trust=keys.trusting, login=login) as sending,
    ):
        await sending.send(letter())
        await sending.send(other(2))
    assert (len(box.messages), box.connections) == (2, 1)


async def test_tls_from_the_first_byte(keys: Keys) -> None:
    async with Mailbox(lambda: NOW, tls=keys.server, tls_at_once=True) as box:
        async with mail(box, security="tls", trust=keys.trusting) as sending:
            await sending.send(letter())
        async with mail(box, security="tls", trust=keys.strange) as sending:
            assert await fails(sending.send(letter())) == (SettingProblem, "the mail server's certificate is not trusted")
    assert len(box.messages) == 1


async def stale() -> str:
    return "token-0"


@pytest.mark.parametrize("login", [Password("pw", "wrong"), XOAuth2("pw", stale)])
async def test_a_refused_login_is_temporary_and_told_as_a_setting(keys: Keys, login: Password | XOAuth2) -> None:
    asked: dict[str, Any] = {"logins": {"pw": "secret"}, "tokens": {"pw": "token-1"}}
    with capture_logs() as logs:
        async with (
            Mailbox(lambda: NOW, tls=keys.server, **asked) as box,
            mail(box, security="starttls", trust=keys.trusting, login=login) as sending,
        ):
            assert await fails(sending.send(letter())) == (SettingProblem, "smtp 535 at auth")
    assert logs == [{"event": "mail is not set up right", "reason": "smtp 535 at auth", "log_level": "error"}]
    assert issubclass(SettingProblem, Temporary)


async def test_without_a_login_a_server_that_asks_for_one_is_a_setting_problem(keys: Keys) -> None:
    locked = Mailbox(lambda: NOW, tls=keys.server, logins={"pw": "secret"})
    async with locked as box, mail(box, security="starttls", trust=keys.trusting) as sending:
        assert await fails(sending.send(letter())) == (SettingProblem, "smtp 530 5.7.0 at mail")


@pytest.mark.parametrize("refusal", [SignInRefused(), Permanent("no such tenant")], ids=["refused", "for good"])
async def test_a_token_that_is_refused_is_told_as_a_setting_and_the_letter_is_not_to_blame(keys: Keys, refusal: OutsideError) -> None:
    async def refused() -> str:
        raise refusal

    locked = Mailbox(lambda: NOW, tls=keys.server, tokens={"pw": "token-1"})
    async with locked as box, mail(box, security="starttls", trust=keys.trusting, login=XOAuth2("pw", refused)) as sending:
        with capture_logs() as logs:
            assert await fails(sending.send(letter())) == (SettingProblem, refusal.reason)
        assert [(line["event"], line["reason"]) for line in logs] == [("mail is not set up right", refusal.reason)]
        await box.all_closed()


async def test_a_token_that_cannot_be_had_is_what_its_giver_says(keys: Keys) -> None:
    async def broken() -> str:
        raise Temporary("no token")

    locked = Mailbox(lambda: NOW, tls=keys.server, tokens={"pw": "token-1"})
    async with locked as box, mail(box, security="starttls", trust=keys.trusting, login=XOAuth2("pw", broken)) as sending:
        assert await fails(sending.send(letter())) == (Temporary, "no token")


async def test_a_certificate_that_nobody_vouches_for_is_refused(keys: Keys) -> None:
    async with Mailbox(lambda: NOW, tls=keys.server) as box, mail(box, security="starttls", trust=keys.strange) as sending:
        assert await fails(sending.send(letter())) == (SettingProblem, "the mail server's certificate is not trusted")
    assert box.messages == []


async def test_a_server_without_starttls_gets_no_letter(box: Mailbox, keys: Keys) -> None:
    async with mail(box, security="starttls", trust=keys.trusting) as sending:
        reason = "the mail server does not offer the security or login that is set"
        assert await fails(sending.send(letter())) == (SettingProblem, reason)
    assert box.messages == []


@pytest.mark.parametrize("host", ["smtp.office365.com", "192.0.2.1", "localhost.evil.example"])
def test_mail_without_tls_never_leaves_this_machine(host: str) -> None:
    with pytest.raises(ValueError, match="use starttls or tls"):
        MailServer(host, 25, security="none")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_mail_without_tls_may_go_to_this_machine(host: str) -> None:
    assert MailServer(host, 25, security="none").security == "none"


def test_tls_is_the_default_and_secrets_are_not_shown() -> None:
    server = MailServer("smtp.office365.com", login=Password("pw", "hunter2"))
    assert (server.port, server.security) == (587, "starttls")
    assert "hunter2" not in repr(server)


async def test_the_connection_can_be_checked(box: Mailbox) -> None:
    async with mail(box) as sending:
        await sending.check()
        await box.refuse_connections()
        assert await fails(sending.check()) == (Temporary, "no connection to the mail server")


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


async def test_a_code_is_sent_to_the_address_that_is_to_be_proven(box: Mailbox) -> None:
    async with mail(box) as sending:
        await sending.send(verification())
        await sending.send(letter(calendar=request(2), session=session(title="Now")))
    assert [str(arrived.message["To"]) for arrived in box.messages] == ["ann@council.example", "Ann Other <ann@council.example>"]
