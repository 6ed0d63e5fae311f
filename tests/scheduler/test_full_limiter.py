"""A mail server that takes thirty letters a minute, and two hundred owed: who leaves first, by two processes over one database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain import bookings, sessions
from domain.database import Db, Store
from domain.errors import Busy
from domain.kinds import Channel, Kind
from domain.limits import MAIL, Allowance, Flow, Paused, pauses
from domain.models import NoticeState
from domain.ports.letters import Letter, Receipt
from domain.rules import Rules
from integrations.limits import SharedLimits
from scheduler.ticks import Ticks
from tests.building import ACTOR, START, Building, proven_person

LIMIT = {MAIL: Allowance(30, 60.0)}


class Server:
    """The mail server of both processes. It writes down what it was asked, and is too busy when it is told to be."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.taken: list[Letter] = []
        self.busy_for: float | None = None


class Post:
    """One process's way to it."""

    def __init__(self, server: Server, limits: SharedLimits) -> None:
        self.server = server
        self.limits = limits

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        return False

    async def flow(self) -> Flow | None:
        return await self.limits.flow(MAIL)

    async def send(self, letter: Letter) -> Receipt:
        await self.limits.take(MAIL, patience=0)
        await asyncio.sleep(0)
        self.server.asked.append(letter.key)
        if self.server.busy_for is not None:
            wait, self.server.busy_for = self.server.busy_for, None
            await self.limits.pause(MAIL, wait, "smtp 421 at connect")
            raise Busy("smtp 421 at connect", retry_after=wait)
        self.server.taken.append(letter)
        return Receipt()


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules) -> Building:
    made = Building(store, partnership_id, rules, START - timedelta(hours=2))
    made.programme()
    return made


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def processes(building: Building, server: Server, database_url: str) -> Iterator[tuple[Ticks, Ticks]]:
    other = Store(database_url)

    def process(number: int, store: Store) -> Ticks:
        return Ticks(
            store,
            building.rules,
            clock=lambda: building.now,
            by=f"process {number}",
            providers={},
            channels={Channel.EMAIL: Post(server, SharedLimits(store, LIMIT, clock=lambda: building.now, slack=0.0))},
        )

    yield process(1, building.store), process(2, other)
    other.close()


def booked(building: Building, session_id: int, first: int, people: int) -> None:
    building.write(_booked, building, session_id, first, people)


def _booked(db: Db, building: Building, session_id: int, first: int, people: int) -> None:
    for number in range(first, first + people):
        person_id = proven_person(db, building.partnership_id, number, now=building.now)
        bookings.book(db, building.partnership_id, session_id, person_id, building.rules, now=building.now)


async def deliver(processes: tuple[Ticks, Ticks]) -> int:
    return sum(await asyncio.gather(*(ticks.deliver() for ticks in processes)))


async def test_a_cancellation_owed_later_overtakes_two_hundred_invitations(
    building: Building, server: Server, processes: tuple[Ticks, Ticks]
) -> None:
    later, soon = building.session(places=None), building.session(places=None, title="Soon")
    booked(building, later, 1, 200)
    assert await deliver(processes) == 30
    assert len(building.notices(NoticeState.QUEUED)) == 170
    booked(building, soon, 201, 1)
    building.newcomer(300)
    building.book(later, building.newcomer(301))
    building.write(sessions.cancel_session, building.partnership_id, soon, "Illness", building.rules, actor=ACTOR, now=building.now)
    assert await deliver(processes) == 0
    building.later(seconds=61)
    assert await processes[1].deliver() == 30
    kinds = [letter.kind for letter in server.taken[30:]]
    assert kinds == sorted(kinds, key=[Kind.CANCELLATION, Kind.VERIFICATION, Kind.INVITATION].index)
    assert kinds[:2] == [Kind.CANCELLATION, Kind.VERIFICATION]


async def test_after_a_server_was_too_busy_no_process_asks_before_the_pause_is_over(
    building: Building, server: Server, processes: tuple[Ticks, Ticks]
) -> None:
    session_id = building.session(places=None)
    booked(building, session_id, 1, 1)
    server.busy_for = 2.0
    assert await processes[0].deliver() == 0
    assert building.read(pauses, now=building.now) == (Paused(MAIL, building.now + timedelta(seconds=2), "smtp 421 at connect"),)
    booked(building, session_id, 2, 40)
    for seconds in (0, 1.999):
        building.later(seconds=seconds)
        assert await deliver(processes) == 0
    assert len(server.asked) == 1
    assert len(building.notices(NoticeState.QUEUED)) == 41
    building.later(seconds=0.001)
    assert await deliver(processes) == 29
    assert len(server.asked) == 30


async def test_the_clock_moves_reminders_out_of_a_line_that_is_paused(
    building: Building, server: Server, processes: tuple[Ticks, Ticks]
) -> None:
    session_id = building.session(places=None)
    booked(building, session_id, 1, 3)
    building.deliver()
    building.now = START - timedelta(hours=1)
    mail = processes[0].channels[Channel.EMAIL]
    assert isinstance(mail, Post)
    await mail.limits.pause(MAIL, 3600, "smtp 421 at connect")

    class Chat(Post):
        async def flow(self) -> None:
            return None

        async def send(self, letter: Letter) -> Receipt:
            self.server.taken.append(letter)
            return Receipt()

    with_chat = Ticks(
        building.store,
        building.rules,
        clock=lambda: building.now,
        by="process 3",
        providers={},
        channels={Channel.EMAIL: mail, Channel.CHAT: Chat(server, mail.limits)},
    )
    await with_chat.keep_time()
    assert await with_chat.deliver() == 3
    await with_chat.keep_time()
    assert await with_chat.deliver() == 0
    assert [(letter.kind, letter.channel) for letter in server.taken] == [(Kind.REMINDER, Channel.CHAT)] * 3
