"""A pass of the clock with nothing due writes nothing: it waits for no writer, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain.database import Store
from scheduler.ticks import Ticks
from tests.building import Building


class Watched(Store):
    """A store that remembers which use cases were to be written."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.written: list[str] = []

    async def write(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.written.append(use_case.__name__)
        return await super().write(use_case, *args, **kwargs)


@pytest.fixture
def watched(building: Building) -> Iterator[Watched]:
    store = Watched(building.store.url)
    yield store
    store.close()


async def test_a_pass_with_nothing_due_writes_nothing_and_the_next_with_something_does(building: Building, watched: Watched) -> None:
    session = building.session()
    building.book(session, building.person(1))
    building.deliver()
    ticks = Ticks(watched, building.rules, clock=lambda: building.now, by="here", providers={}, channels={})
    await ticks.run_due()
    may_owe = await ticks.keep_time()
    quiet = list(watched.written)
    building.newcomer(2)
    building.now += timedelta(days=1, seconds=1)  # the address was never proven
    building.deliver()
    watched.written.clear()
    may_owe_now = await ticks.keep_time()
    assert (quiet, watched.written) == ([], ["keep_time"])
    assert (may_owe, may_owe_now) == (False, True)
