"""The ticks between a real ledger and what answers as it is told."""

from __future__ import annotations

import pytest

from scheduler.ticks import Ticks
from tests.building import Building
from tests.scheduler.as_told import Board, Post, Rooms, ticks_of


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def ticks(building: Building, post: Post, rooms: Rooms, board: Board) -> Ticks:
    return ticks_of(building, post, rooms=rooms, board=board)
