"""What many want to see at once is read once, and nobody sees what was read before they asked."""

from __future__ import annotations

import asyncio

import pytest

from bot.together import Together


class Readings:
    """Readings that last until the test lets them go; each comes to its number."""

    def __init__(self) -> None:
        self.begun = 0
        self.going = asyncio.Event()
        self.fault: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        await self.going.wait()
        if self.fault is not None:
            raise self.fault
        return number


async def settled() -> None:
    """Let everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_asks_during_a_reading_shares_the_next_and_never_the_one_that_began_before() -> None:
    together, readings = Together(), Readings()
    first = asyncio.create_task(together.read("session", readings))
    await settled()
    later = [asyncio.create_task(together.read("session", readings)) for _ in range(100)]
    await settled()
    assert readings.begun == 1
    readings.going.set()
    assert await asyncio.gather(first, *later) == [1] + [2] * 100
    assert await together.read("session", readings) == 3


async def test_readings_of_different_things_do_not_wait_for_each_other() -> None:
    together, one, other = Together(), Readings(), Readings()
    waiting = asyncio.create_task(together.read("one", one))
    other.going.set()
    assert await together.read("other", other) == 1
    one.going.set()
    assert await waiting == 1


async def test_a_fault_is_everybodys_who_shared_it_and_the_next_reading_begins_anew() -> None:
    together, readings = Together(), Readings()
    readings.fault = ValueError("broken")
    readings.going.set()
    shared = await asyncio.gather(*(together.read("session", readings) for _ in range(3)), return_exceptions=True)
    assert shared == [readings.fault] * 3
    readings.fault = None
    assert await together.read("session", readings) == 2


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    together, readings = Together(), Readings()
    impatient = asyncio.create_task(together.read("session", readings))
    patient = asyncio.create_task(together.read("session", readings))
    await settled()
    impatient.cancel()
    readings.going.set()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await patient == 1
