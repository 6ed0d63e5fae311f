"""The mailbox of replies through Graph, by the real SDK against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import OutsideError, Temporary
from integrations.graph_calls import Application
from integrations.mailbox_graph import GraphReplies
from integrations.outcomes import AccountRefused
from integrations.vouching import EXCHANGE, Voucher
from rehearsal import faults
from rehearsal.faults import Fault
from rehearsal.graph import GraphRealm, GraphStandIn
from tests.reply_building import calendar, mail

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
BOX = "practice-week@northfield.example"
REALM = GraphRealm(mailboxes=(BOX,), roles=("Mail.ReadWrite",))
UID = "3f1c@practiceweek"
OUTSIDE = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=council.gov.uk; dmarc=pass action=none header.from=council.gov.uk"
REPLY = mail(calendar(UID), results=OUTSIDE)


@pytest.fixture
async def graph() -> AsyncIterator[GraphStandIn]:
    async with GraphStandIn(clock=lambda: NOW, realm=REALM) as standin:
        yield standin


def reader(graph: GraphStandIn, mailbox: str = BOX) -> GraphReplies:
    who = Application(graph.base_url, graph.authority, REALM.tenant_id, REALM.client_id, REALM.client_secret)
    return GraphReplies(who, mailbox, Voucher(EXCHANGE), now=lambda: NOW, seconds=20)


@pytest.fixture
async def box(graph: GraphStandIn) -> AsyncIterator[GraphReplies]:
    made = reader(graph)
    yield made
    await made.aclose()


async def test_answers_are_found_on_every_page_and_nothing_else_is_opened(graph: GraphStandIn, box: GraphReplies) -> None:
    ids = [graph.inbox.bring(content, NOW) for content in (REPLY, b"Subject: Hello\r\n\r\nHello", b"Subject: Hi\r\n\r\nHi", REPLY)]
    graph.inbox.bring(REPLY, NOW - timedelta(days=31))
    found = await box.unread()
    assert [(one.handle, one.reply.uid, one.reply.proven) for one in found] == [(ids[0], UID, True), (ids[3], UID, True)]
    assert [call.path.rpartition("/messages")[2] for call in graph.calls if call.path.endswith("$value")] == [
        f"/{ids[0]}/$value",
        f"/{ids[3]}/$value",
    ]
    assert len(graph.inbox.unread) == 5


async def test_what_was_seen_to_is_marked_and_what_is_left_is_not_opened_again(graph: GraphStandIn, box: GraphReplies) -> None:
    first, second, third = (graph.inbox.bring(content, NOW) for content in (REPLY, REPLY, mail("no calendar", results=OUTSIDE)))
    await box.unread()
    await box.mark_read([first, "gone="])  # somebody has taken the other away
    box.leave([second])
    opened = len(graph.calls)
    assert await box.unread() == []
    assert (graph.inbox.unread, len(graph.calls)) == ([second, third], opened + 1)  # the list, and no mail


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(faults.status(429, retry_after=7), Temporary), (faults.status(503), Temporary)],
)
async def test_a_busy_service_is_asked_later(graph: GraphStandIn, box: GraphReplies, fault: Fault, kind: type[OutsideError]) -> None:
    graph.faults.next("GET", "/messages$", fault)
    with pytest.raises(kind):
        await box.unread()


async def test_what_is_missing_is_said(graph: GraphStandIn) -> None:
    stranger = reader(graph, "nobody@northfield.example")
    with pytest.raises(AccountRefused, match="knows no mailbox for replies"):
        await stranger.unread()
    await stranger.aclose()
    async with GraphStandIn(clock=lambda: NOW, realm=GraphRealm(mailboxes=(BOX,))) as without:
        box = reader(without)
        with pytest.raises(AccountRefused, match=r"the role Mail\.ReadWrite"):
            await box.unread()
        await box.aclose()
