"""A pass over what a channel owes: who must not send any more, and who takes no more in hand."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy.exc import InternalError

from domain import tending
from domain.database import Store
from domain.errors import Unknown
from domain.kinds import Channel, Kind
from domain.ports.letters import Letter, Receipt
from domain.rules import Rules
from domain.tending import Wanted
from scheduler.ticks import Ticks
from tests.building import START, Building


class Line:
    """A channel that holds its first letters back until it is told to go on."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.begun, self.gate = asyncio.Event(), asyncio.Event()

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        return True

    async def flow(self) -> None:
        return None

    async def send(self, letter: Letter) -> Receipt:
        self.begun.set()
        await self.gate.wait()
        self.sent.append(letter.notice_id)
        return Receipt()


def booked(store: Store, partnership_id: int, now: datetime, people: int) -> Building:
    building = Building(store, partnership_id, Rules(), now)
    building.programme()
    session = building.session(places=None)
    for number in range(1, people + 1):
        building.book(session, building.person(number))
    return building


def ticks_of(building: Building, line: Line, by: str) -> Ticks:
    return Ticks(building.store, building.rules, clock=lambda: building.now, by=by, providers={}, channels={Channel.EMAIL: line})


async def test_who_was_frozen_past_its_lease_sends_nothing_that_it_had_not_begun(store: Store, partnership_id: int, now: datetime) -> None:
    building = await asyncio.to_thread(booked, store, partnership_id, now, 12)
    frozen, awake = Line(), Line()
    hanging = asyncio.create_task(ticks_of(building, frozen, "frozen").deliver())
    await frozen.begun.wait()
    building.later(minutes=5)
    awake.gate.set()
    others = ticks_of(building, awake, "awake")
    await others.run_due()
    building.later(minutes=1)
    await others.run_due()
    frozen.gate.set()
    await hanging
    assert sorted(awake.sent) == list(range(1, 13))
    assert sorted(frozen.sent) == list(range(1, 9))  # those that had left its hands before it froze, harmless to repeat
    assert {state for _, state in building.notices()} == {"sent"}


async def test_who_winds_down_takes_nothing_more_in_hand(store: Store, partnership_id: int, now: datetime) -> None:
    building = await asyncio.to_thread(booked, store, partnership_id, now, 3)
    line = Line()
    line.gate.set()
    ticks = ticks_of(building, line, "one")
    ticks.wind_down()
    assert (await ticks.deliver(), line.sent) == (0, [])
    assert {state for _, state in building.notices()} == {"queued"}


class Vanishing(Line):
    """A channel that carries a letter, and the first time is silent about it. To repeat anything would be noticed."""

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        return False

    async def send(self, letter: Letter) -> Receipt:
        self.sent.append(letter.notice_id)
        if len(self.sent) == 1:
            raise Unknown("no answer after data")
        return Receipt()


async def test_what_may_have_arrived_leaves_again_when_an_operator_says_so(store: Store, partnership_id: int, now: datetime) -> None:
    building = await asyncio.to_thread(booked, store, partnership_id, now, 1)
    await asyncio.to_thread(building.deliver)
    building.now, line = START - timedelta(hours=1), Vanishing()
    ticks = ticks_of(building, line, "one")
    await ticks.run_due()
    assert [state for key, state in building.notices() if key.startswith("reminder:")][-1:] == ["unknown"]
    building.later(minutes=10)
    wanted = Wanted(ids=tuple(line.sent))
    done = await store.write(tending.retry, wanted, may_arrive_twice=True, actor="command line", now=building.now)
    await ticks.run_due()
    assert (done.done, line.sent) == (wanted.ids, list(wanted.ids) * 2)
    assert [building.notice(one).state for one in wanted.ids] == ["sent"]


def idle_too_long() -> str:
    """What the driver says when the server has ended a transaction that rested for too long: it calls that no OperationalError."""
    raise InternalError("SELECT 1", {}, psycopg.errors.IdleInTransactionSessionTimeout("terminating connection"))


class Resting(Rules):
    """Rules that rest within the transaction."""

    def of(self, _partnership_id: int, /) -> Rules:
        idle_too_long()
        return self


async def test_a_transaction_that_the_server_ended_is_no_letters_fault(store: Store, partnership_id: int, now: datetime) -> None:
    building = await asyncio.to_thread(booked, store, partnership_id, now, 1)
    ticks = Ticks(store, Resting(), clock=lambda: building.now, by="one", providers={}, channels={Channel.EMAIL: Line()})
    with pytest.raises(InternalError):
        await ticks.deliver()
    assert [state for _, state in building.notices()] == ["queued"]


async def test_nor_where_letters_are_handed_over_by_themselves(store: Store, partnership_id: int, now: datetime) -> None:
    building = await asyncio.to_thread(booked, store, partnership_id, now, 0)
    await asyncio.to_thread(building.newcomer, 9)
    channels = {Channel.EMAIL: Line()}
    ticks = Ticks(store, Rules(), clock=lambda: building.now, by="one", providers={}, channels=channels, digits=idle_too_long)
    with pytest.raises(InternalError):
        await ticks.deliver()
    assert [state for _, state in building.notices()] == ["claimed"]  # nobody has had it: it is free when its lease is over
