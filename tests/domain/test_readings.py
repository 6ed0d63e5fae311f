"""Who asks the same at once is answered by one reading, and never by one that began before they asked."""

from __future__ import annotations

import asyncio

import pytest

from domain.readings import TURNS, SharedReadings


class Book:
    """What is read: its page number is how often it has been opened. A reading goes on until it is let go."""

    def __init__(self) -> None:
        self.opened = 0
        self.go = asyncio.Event()
        self.is_open = asyncio.Event()

    async def read(self) -> int:
        self.opened += 1
        mine = self.opened
        self.is_open.set()
        await self.go.wait()
        return mine


async def test_who_asks_before_it_begins_is_answered_by_one_reading() -> None:
    shared, book = SharedReadings(), Book()
    book.go.set()
    assert await asyncio.gather(*(shared.read("page", book.read) for _ in range(500))) == [1] * 500


async def test_who_asks_when_it_has_begun_is_answered_by_the_next() -> None:
    shared, book = SharedReadings(), Book()
    early = asyncio.create_task(shared.read("page", book.read))
    await book.is_open.wait()
    late = [asyncio.create_task(shared.read("page", book.read)) for _ in range(3)]
    for _ in range(2 * TURNS):
        await asyncio.sleep(0)
    assert book.opened == 1, "the next begins when this one has ended"
    book.go.set()
    assert await asyncio.gather(early, *late) == [1, 2, 2, 2]


async def test_nothing_is_kept_for_who_asks_later() -> None:
    shared, book = SharedReadings(), Book()
    book.go.set()
    assert [await shared.read("page", book.read) for _ in range(3)] == [1, 2, 3]


async def test_other_things_are_read_at_the_same_time() -> None:
    shared, book, other = SharedReadings(), Book(), Book()
    both = [asyncio.create_task(shared.read(key, one.read)) for key, one in (("page", book), ("other", other))]
    await asyncio.wait_for(asyncio.gather(book.is_open.wait(), other.is_open.wait()), 5)
    book.go.set()
    other.go.set()
    assert await asyncio.gather(*both) == [1, 1]


async def test_who_stops_waiting_takes_it_from_nobody() -> None:
    shared, book = SharedReadings(), Book()
    gone, stays = (asyncio.create_task(shared.read("page", book.read)) for _ in range(2))
    await book.is_open.wait()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    book.go.set()
    assert await stays == 1


async def test_an_error_is_everybodys_and_the_next_is_read_anew() -> None:
    shared, book = SharedReadings(), Book()
    book.go.set()

    async def broken() -> int:
        raise OSError("no")

    said = await asyncio.gather(*(shared.read("page", broken) for _ in range(2)), return_exceptions=True)
    assert [type(one) for one in said] == [OSError, OSError]
    assert await shared.read("page", book.read) == 1
