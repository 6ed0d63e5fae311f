"""A long file is read in sight: how far it is, seldom, and it can be left."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from bot.organisers.watching import Progress, watched


class Reader:
    """Reads four rows, waiting at the third until it is let go on."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.rows: list[int] = []

    async def aside(self, progress: Progress) -> str:
        return await asyncio.to_thread(self.read, progress)

    def read(self, progress: Progress) -> str:
        for row in range(1, 5):
            progress(row, 4)
            self.rows.append(row)
            if row == 2:
                self.go.wait(10)
        return "read"


async def test_it_is_told_how_far_a_file_is_and_then_what_it_holds() -> None:
    reader, shown = Reader(), []

    async def show(done: int, total: int) -> None:
        shown.append((done, total))
        reader.go.set()

    async def left() -> bool:
        return False

    assert await watched(reader.aside, show=show, left=left, every=0.01) == "read"
    assert set(shown) <= {(1, 4), (2, 4), (3, 4), (4, 4)}
    assert (2, 4) in shown


async def test_a_file_that_is_left_is_read_no_further() -> None:
    reader, asked = Reader(), []

    async def show(done: int, total: int) -> None:
        raise AssertionError("nothing is shown after it was left")

    async def left() -> bool:
        asked.append(True)
        if reader.rows == [1, 2]:
            reader.go.set()
        return True

    assert await watched(reader.aside, show=show, left=left, every=0.01) is None
    assert reader.rows in ([1, 2], [1])


async def test_a_short_file_is_never_told() -> None:
    async def show(done: int, total: int) -> None:
        raise AssertionError("it is read by then")

    async def left() -> bool:
        return False

    async def read(progress: Progress) -> str:
        return "read"

    assert await watched(read, show=show, left=left, every=30) == "read"


async def test_a_reading_whose_page_cannot_be_shown_ends_unheard() -> None:
    """Its own end is no error that anybody is told: what was wrong with the page is."""
    reader, told, over = Reader(), list[str](), asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["message"]))

    async def aside(progress: Progress) -> str:
        try:
            return await reader.aside(progress)
        finally:
            over.set()

    async def show(done: int, total: int) -> None:
        raise RuntimeError("the message is gone")

    async def left() -> bool:
        return False

    with pytest.raises(RuntimeError, match="the message is gone"):
        await watched(aside, show=show, left=left, every=0.01)
    reader.go.set()
    await over.wait()
    await asyncio.sleep(0)
    gc.collect()
    assert (told, reader.rows) == ([], [1, 2])
