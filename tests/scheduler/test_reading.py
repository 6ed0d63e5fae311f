"""Reading replies, from the mailbox to the place that comes free: each once, whatever fails in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from domain.errors import Temporary
from domain.limits import Allowance, Unlimited, pauses
from domain.models import BookingState, Session
from integrations.limits import SharedLimits
from integrations.mail_line import Password
from integrations.mailbox_imap import ImapReplies, ImapServer
from integrations.vouching import Voucher
from rehearsal.imap import ImapStandIn
from scheduler.reading import ReplyReading
from tests.building import Building, one_row
from tests.reply_building import calendar, mail

NAME = "practice-week@northfield.example"


@pytest.fixture
async def server() -> AsyncIterator[ImapStandIn]:
    async with ImapStandIn(logins={NAME: "a secret"}) as opened:
        yield opened


@pytest.fixture
def session(building: Building) -> int:
    """A session with one place, which person 1 has; person 2 waits."""
    made = building.session(places=1)
    building.book(made, building.person(1))
    building.book(made, building.person(2))
    building.deliver()
    return made


def box(server: ImapStandIn, building: Building, secret: str = "a secret") -> ImapReplies:
    wanted = ImapServer("127.0.0.1", server.port, "none", Password(NAME, secret), timeout=5.0)
    return ImapReplies(wanted, Voucher("mx.northfield.example"), now=lambda: building.now)


def reading(building: Building, inbox: ImapReplies, limits: SharedLimits | Unlimited | None = None) -> ReplyReading:
    return ReplyReading(building.store, inbox, building.rules, clock=lambda: building.now, limits=limits or Unlimited())


def uid(building: Building, session: int) -> str:
    found: Session = building.read(one_row, Session, Session.id == session)
    return found.uid


def states(building: Building, session: int) -> tuple[BookingState, BookingState]:
    return building.booking(session, 1).state, building.booking(session, 2).state


HAD, GIVEN_ON = (BookingState.CONFIRMED, BookingState.WAITLISTED), (BookingState.CANCELLED, BookingState.CONFIRMED)


async def test_a_decline_frees_the_place_and_what_is_for_people_stays_unread(building: Building, server: ImapStandIn, session: int) -> None:
    server.bring(b"From: a@b.example\r\n\r\nHello", building.now)
    server.bring(mail(calendar(uid(building, session)), results=None, name="<2@x.example>"), building.now)  # nobody vouches for it
    server.bring(mail(calendar("another@example.org"), name="<3@x.example>"), building.now)
    server.bring(mail(calendar(uid(building, session))), building.now)
    with capture_logs() as said:
        assert await reading(building, box(server, building)).run() == 1
    assert (states(building, session), server.unread) == (GIVEN_ON, [1, 2, 3])
    assert [one for one in said if one["event"] == "replies.read"] == [
        {"event": "replies.read", "left": 1, "cancelled": 1, "log_level": "info"}
    ]


class Forgetful(ImapReplies):
    """The process dies before anything is marked."""

    async def mark_read(self, handles: Sequence[str]) -> None:
        raise Temporary("gone")


async def test_a_process_that_dies_before_it_marks_has_done_it_once(building: Building, server: ImapStandIn, session: int) -> None:
    server.bring(mail(calendar(uid(building, session))), building.now)
    wanted = ImapServer("127.0.0.1", server.port, "none", Password(NAME, "a secret"), timeout=5.0)
    assert await reading(building, Forgetful(wanted, Voucher("mx.northfield.example"), now=lambda: building.now)).run() == 0
    assert (states(building, session), server.unread) == (GIVEN_ON, [1])
    owed = building.owed()
    await reading(building, box(server, building)).run()
    assert (states(building, session), server.unread, building.owed()) == (GIVEN_ON, [], owed)


async def test_a_refused_login_is_said_once_and_left_alone_for_half_an_hour(building: Building, server: ImapStandIn, session: int) -> None:
    limits = SharedLimits(building.store, {"replies": Allowance(1, 60.0)}, clock=lambda: building.now, slack=0.0)
    wrong = reading(building, box(server, building, "wrong"), limits)
    with capture_logs() as said:
        await wrong.run()
        building.later(minutes=29)
        await wrong.run()
    assert [one["reason"] for one in said if one["event"] == "replies.not_read"] == ["the mailbox for replies does not take our login"]
    assert server.asked.count("LOGIN") == 1
    assert [one.until for one in building.read(pauses, now=building.now)] == [building.now + timedelta(minutes=1)]
    building.later(minutes=1)
    server.logins[NAME] = "wrong"
    await wrong.run()
    assert server.asked.count("LOGIN") == 2


async def test_two_processes_look_once_a_minute_together(building: Building, server: ImapStandIn, session: int) -> None:
    limits = SharedLimits(building.store, {"replies": Allowance(1, 60.0)}, clock=lambda: building.now, slack=0.0)
    both = [reading(building, box(server, building), limits) for _ in range(2)]
    for one in both:
        await one.run()
    assert server.asked.count("LOGIN") == 1
    building.later(minutes=1, seconds=1)
    for one in both:
        await one.run()
    assert server.asked.count("LOGIN") == 2
    assert states(building, session) == HAD
