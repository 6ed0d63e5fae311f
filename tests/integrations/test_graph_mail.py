"""Mail through Graph's sendMail, by the real SDK against the stand-in: what arrives, and what each failure is taken for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from structlog.testing import capture_logs

from domain.database import Store
from domain.errors import Busy, OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Kind
from domain.limits import MAIL, Allowance, Flow
from domain.ports.letters import Attachment, Letter, MaterialFacts, Receipt, Recipient
from domain.provision.outcomes import ACCOUNT_PAUSE
from integrations.entra import SignInRefused
from integrations.graph_mail import Application, GraphMail
from integrations.letter_desk import LetterDesk
from integrations.limits import SharedLimits
from integrations.mail import Mail, MailServer
from integrations.outcomes import AccountRefused
from rehearsal import faults
from rehearsal.faults import Fault
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.mailbox import Mailbox, read_invitation
from tests.mail_building import ANN, NOW, SENDER, VOICE, calendars, letter, request, session, verification

REALM = GraphRealm(mailboxes=(SENDER.address,), mailboxes_out_of_reach=("locked@northfield.example",))
SEND = r"/sendMail$"


@dataclass
class Hand:
    """A clock that is moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
async def box(clock: Hand) -> AsyncIterator[Mailbox]:
    async with Mailbox(clock) as opened:
        yield opened


@pytest.fixture
async def graph(clock: Hand, box: Mailbox) -> AsyncIterator[GraphStandIn]:
    async with GraphStandIn(clock=clock, realm=REALM, deliver=box.receive) as standin:
        yield standin


def application(graph: GraphStandIn) -> Application:
    return Application(graph.base_url, graph.authority, REALM.tenant_id, REALM.client_id, REALM.client_secret)


def desk(sender: str = SENDER.address, limits: SharedLimits | None = None) -> LetterDesk:
    return LetterDesk(replace(SENDER, address=sender), VOICE, calendars(), now=lambda: NOW, limits=limits)


@pytest.fixture
async def mail(graph: GraphStandIn) -> AsyncIterator[GraphMail]:
    made = GraphMail(application(graph), desk(), seconds=20)
    yield made
    await made.aclose()


@pytest.fixture
async def impatient(graph: GraphStandIn) -> AsyncIterator[GraphMail]:
    """Waits a third of a second, once the SDK is loaded."""
    made = GraphMail(application(graph), desk(), seconds=0.33)
    await made.warm_up()
    yield made
    await made.aclose()


def other(number: int) -> Letter:
    return letter(key=f"invitation:{number}:1", recipient=Recipient(f"Person {number}", f"person{number}@council.example", None))


async def fails(sending: Awaitable[Any]) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        await sending
    return caught.value


def sent(graph: GraphStandIn) -> int:
    return sum(call.path.endswith("/sendMail") for call in graph.calls)


# ── what arrives ────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_invitation_arrives_byte_for_byte_as_it_would_over_smtp(mail: GraphMail, box: Mailbox) -> None:
    receipt = await mail.send(letter())
    smtp = Mail(MailServer(box.host, box.port, "none"), SENDER, VOICE, calendars(), now=lambda: NOW)
    await smtp.send(letter())
    await smtp.aclose()
    by_graph, by_smtp = box.messages
    assert receipt == Receipt(by_graph.message_id)
    assert (by_graph.sender, by_graph.recipient, by_graph.content) == (by_smtp.sender, ANN.address, by_smtp.content)
    entry = read_invitation(by_graph.message)
    assert entry is not None
    assert (entry.method, entry.sequence, entry.attendee, entry.organiser) == ("REQUEST", 1, ANN.address, SENDER.address)


async def test_one_token_serves_letter_after_letter(mail: GraphMail, graph: GraphStandIn, box: Mailbox) -> None:
    await asyncio.gather(*(mail.send(other(number)) for number in range(12)))
    assert sorted(arrived.recipient for arrived in box.messages) == sorted(f"person{number}@council.example" for number in range(12))
    assert [call.path for call in graph.calls if call.path.endswith("/token")] == [f"/{REALM.tenant_id}/oauth2/v2.0/token"]


async def test_a_token_that_ran_out_is_replaced_and_the_letter_goes_once(mail: GraphMail, graph: GraphStandIn, box: Mailbox) -> None:
    await mail.send(letter())
    graph.revoke_tokens()
    await mail.send(other(2))
    assert [call.status for call in graph.calls if call.path.endswith("/sendMail")] == [202, 401, 202]
    assert len(box.messages) == 2


# ── what a failure means ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (faults.status(400, code="ErrorInvalidRecipients"), Permanent, "Microsoft mail did not accept this (answer 400)"),
        (faults.status(413), Permanent, "Microsoft mail did not accept this (answer 413)"),
        (faults.status(409), Temporary, "Microsoft mail is too busy just now (answer 409)"),
        (faults.status(500), Unknown, "Microsoft mail had a fault of its own (answer 500)"),
        (faults.status(503, retry_after=600), Unknown, "Microsoft mail had a fault of its own (answer 503)"),
        (faults.GATEWAY_AFTER_EFFECT, Unknown, "Microsoft mail had a fault of its own (answer 504)"),
        (faults.HTML_502, Unknown, "Microsoft mail had a fault of its own (answer 502)"),
        (faults.DROP_BEFORE_EFFECT, Unknown, "the connection to Microsoft mail was cut"),
        (faults.DROP_AFTER_EFFECT, Unknown, "the connection to Microsoft mail was cut"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
async def test_a_failure_is_judged_and_sent_once(
    mail: GraphMail, graph: GraphStandIn, fault: Fault, kind: type[OutsideError], reason: str
) -> None:
    graph.faults.next("POST", SEND, fault)
    failure = await fails(mail.send(letter()))
    assert (type(failure), failure.reason, sent(graph)) == (kind, reason, 1)


@pytest.mark.parametrize("fault", [faults.HANG_BEFORE_EFFECT, faults.HANG_AFTER_EFFECT], ids=lambda fault: fault.name)
async def test_silence_is_unknown_and_the_repeat_is_the_same_message(
    impatient: GraphMail, graph: GraphStandIn, box: Mailbox, fault: Fault
) -> None:
    graph.faults.next("POST", SEND, fault)
    failure = await fails(impatient.send(letter()))
    assert (type(failure), failure.reason) == (Unknown, "Microsoft mail did not answer in time")
    await impatient.send(letter())
    assert len({arrived.content for arrived in box.messages}) == 1


async def test_more_than_thirty_a_minute_are_told_when_to_come_back(
    mail: GraphMail, graph: GraphStandIn, box: Mailbox, clock: Hand
) -> None:
    for number in range(30):
        await mail.send(other(number))
    clock.now += timedelta(seconds=20)
    failure = await fails(mail.send(letter()))
    assert (type(failure), getattr(failure, "retry_after", None), len(box.messages)) == (Busy, 40.0, 30)
    clock.now += timedelta(seconds=40)
    await mail.send(letter())
    assert len(box.messages) == 31


@pytest.mark.parametrize(
    ("realm", "sender", "reason"),
    [
        (replace(REALM, roles=("OnlineMeetings.ReadWrite.All",)), SENDER.address, "Microsoft does not let us send"),
        (REALM, "locked@northfield.example", "Microsoft does not let us send"),
        (REALM, "nobody@northfield.example", "Microsoft knows no mailbox"),
    ],
    ids=["no role", "out of reach", "no such mailbox"],
)
async def test_what_our_application_may_not_do_is_no_fault_of_the_letter(
    clock: Hand, box: Mailbox, realm: GraphRealm, sender: str, reason: str
) -> None:
    async with GraphStandIn(clock=clock, realm=realm, deliver=box.receive) as graph:
        mail = GraphMail(application(graph), desk(sender), seconds=20)
        with capture_logs() as logs:
            failure = await fails(mail.send(letter()))
        await mail.aclose()
    assert isinstance(failure, AccountRefused)
    assert (failure.reason.startswith(reason), failure.retry_after, box.messages) == (True, ACCOUNT_PAUSE, [])
    assert logs == [{"event": "mail is not set up right", "reason": failure.reason, "log_level": "error"}]


class AlwaysRefused:
    """A credential whose token nobody knows."""

    async def get_token(self, *scopes: str, claims: str | None = None, enable_cae: bool = False) -> AccessToken:
        return AccessToken("unknown", 0)

    def forget(self, token: str) -> None:
        pass

    async def close(self) -> None:
        pass


async def test_a_sign_in_that_stays_refused_is_account_wide(graph: GraphStandIn) -> None:
    mail = GraphMail(application(graph), desk(), credential=AlwaysRefused(), seconds=20)
    failure = await fails(mail.send(letter()))
    await mail.aclose()
    assert (type(failure), sent(graph)) == (SignInRefused, 2)


async def test_nobody_there_is_temporary(clock: Hand, box: Mailbox) -> None:
    async with GraphStandIn(clock=clock, realm=REALM, deliver=box.receive) as graph:
        mail = GraphMail(application(graph), desk(), credential=AlwaysRefused(), seconds=20)
    failure = await fails(mail.send(letter()))
    await mail.aclose()
    assert (type(failure), failure.reason) == (Temporary, "Microsoft mail could not be reached")


async def test_files_too_big_for_graph_stay_behind_and_the_invitation_goes(mail: GraphMail, box: Mailbox) -> None:
    files = tuple(Attachment(name, "application/pdf", b"x" * size) for name, size in (("slides.pdf", 3_000_000), ("notes.pdf", 1_000_000)))
    told = tuple(MaterialFacts(one.name, None, one.name) for one in files)
    await mail.send(letter(session=session(materials=told), calendar=request(), attachments=files))
    (message,) = box.messages
    assert [part.get_filename() for part in message.message.walk() if part.get_filename()] == ["invite.ics", "notes.pdf"]
    body = message.message.get_body(("plain",))
    assert body is not None
    words = body.get_content().replace("\r\n", "\n")
    assert "To read, with this e-mail: notes.pdf\n" in words
    assert "To read: slides.pdf. To get it, open the session in Discord and press Materials.\n" in words


async def test_what_is_too_big_for_graph_is_not_tried(mail: GraphMail, graph: GraphStandIn) -> None:
    failure = await fails(mail.send(letter(session=session(description="x" * 3_000_000))))
    assert (type(failure), failure.reason, sent(graph)) == (Permanent, "the letter is too big to send", 0)


async def test_only_calendar_mail_is_repeated_after_unknown(mail: GraphMail) -> None:
    harmless = {kind for kind in Kind if mail.harmless_to_repeat(kind, 0)}
    assert harmless == {Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION}


async def test_what_graph_asks_to_wait_is_waited_by_every_process(graph: GraphStandIn, box: Mailbox, store: Store) -> None:
    """Two processes over one database: after a 429 with Retry-After 2 no request of either arrives before two seconds are over."""
    seconds = [0.0]

    def now() -> datetime:
        return NOW + timedelta(seconds=seconds[0])

    both = [SharedLimits(store, {MAIL: Allowance(30, 60.0)}, clock=now, slack=0.0) for _ in range(2)]
    mine, theirs = (GraphMail(application(graph), desk(limits=limits), seconds=20) for limits in both)
    graph.faults.next("POST", SEND, faults.status(429, retry_after=2))
    with pytest.raises(Busy):
        await mine.send(other(1))
    arrived = sent(graph)
    for seconds[0] in (0.0, 1.999):
        for mail in (mine, theirs):
            assert await mail.flow() == Flow(NOW + timedelta(seconds=2), 0, 30, 60.0)
    assert sent(graph) == arrived
    seconds[0] = 2.0
    assert await theirs.flow() == Flow(now(), 29, 30, 60.0)
    await theirs.send(other(2))
    assert (sent(graph), len(box.messages)) == (arrived + 1, 1)
    for mail in (mine, theirs):
        await mail.aclose()


async def test_no_reason_and_no_trace_holds_an_address_or_a_secret(mail: GraphMail, graph: GraphStandIn) -> None:
    graph.faults.next("POST", SEND, faults.status(400, message=f"{ANN.address} is not valid"))
    failure = await fails(mail.send(verification()))
    told = repr((failure, failure.__cause__, failure.__context__, failure.reason))
    assert [secret for secret in (ANN.address or "", SENDER.address, REALM.client_secret) if secret in told] == []


# ── the stand-in is as strict as Graph ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"not base64!", "text/plain", 400, "ErrorMimeContentInvalidBase64String"),
        (b"", "text/plain", 400, "ErrorMimeContentInvalidBase64String"),
        (b"{}", "application/json", 400, "BadRequest"),
        (b"RnJvbTogYUBiLmV4YW1wbGUNClRvOiBiQGIuZXhhbXBsZQ0KDQpoaQ==", "text/plain", 403, "ErrorSendAsDenied"),
        (b"A" * (4 * 1024 * 1024 + 4), "text/plain", 413, "ErrorMessageSizeExceeded"),
    ],
)
async def test_the_stand_in_refuses_what_graph_refuses(
    graph: GraphStandIn, box: Mailbox, body: bytes, content_type: str, status: int, code: str
) -> None:
    signed = {"Authorization": f"Bearer {graph.issue_token(REALM.audience)}", "Content-Type": content_type}
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{graph.base_url}/users/{SENDER.address}/sendMail", content=body, headers=signed)
    assert (answer.status_code, answer.json()["error"]["code"], box.messages) == (status, code, [])
