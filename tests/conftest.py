"""What every test may use: a real SQLite file, and a partnership in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlmodel import SQLModel

from domain.database import Store, writing_engine
from domain.programmes import ensure_partnership
from domain.rules import Rules

# The same examples at every run, so that a red test is red for everyone; HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

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
