"""Pages and chat take turns on the two databases: nothing is forgotten, nothing is tried twice, and the rest has both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from tests.turns import left_out


@dataclass(frozen=True)
class Named:
    """A test, as far as its name goes."""

    nodeid: str


PAGES = [Named(f"tests/web/test_pages.py::test_{number}[{on}]") for number in range(40) for on in ("postgres", "sqlite")]
ALONE = [Named("tests/bot/test_one.py::test_only[postgres]"), Named("tests/web/test_look.py::test_without_a_database")]
DOMAIN = [Named(f"tests/domain/test_book.py::test_books[{on}-3]") for on in ("postgres", "sqlite")]
EVERY = [*PAGES, *ALONE, *DOMAIN]


def stays(way: str) -> set[str]:
    items = cast(list[pytest.Item], EVERY)
    return {one.nodeid for one in items} - {one.nodeid for one in left_out(items, way)}


def test_each_page_is_tried_on_one_database_by_turns_and_on_the_other_with_the_others() -> None:
    turns, others = stays("turns"), stays("others")
    assert turns | others == stays("both") == {one.nodeid for one in EVERY}
    assert turns & others == set()
    assert len(others) == len(PAGES) / 2
    assert {name.rpartition("[")[2] for name in others} == {"postgres]", "sqlite]"}


def test_what_stores_or_asks_and_what_has_one_database_alone_is_always_tried() -> None:
    assert {one.nodeid for one in (*ALONE, *DOMAIN)} <= stays("turns")
