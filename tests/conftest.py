"""What every test may use: a real SQLite file and a real PostgreSQL, and a partnership in each.

Whoever asks for `database_url`, `store` or anything made of them runs on both.
"""

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
from tests.postgres_server import PostgresServer, postgres

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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run."""
    with postgres(os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))) as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A new database file with every table: for what only SQLite has."""
    url = f"sqlite:///{tmp_path / 'practiceweek.sqlite'}"
    engine = writing_engine(url)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A new PostgreSQL database with every table: for what only PostgreSQL has."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database with every table, on each of the two."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def partnership_id(store: Store) -> int:
    return store.write_now(ensure_partnership, "midlands", "Midlands Teaching Partnership", 1)
