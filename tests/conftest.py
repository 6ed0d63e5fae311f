"""What every test may use: a real SQLite file, and a partnership in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from domain.database import Store, writing_engine
from domain.programmes import ensure_partnership
from domain.rules import Rules

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Monday 1 March 2027, 9am in London: two weeks before the sample week."""
    return NOW


@pytest.fixture
def rules() -> Rules:
    return Rules()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A new database file with every table."""
    url = f"sqlite:///{tmp_path / 'practiceweek.sqlite'}"
    engine = writing_engine(url)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def partnership_id(store: Store) -> int:
    return store.write_now(ensure_partnership, "midlands", "Midlands Teaching Partnership", 1)
