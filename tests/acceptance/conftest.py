"""What a story of a whole installation is tried with: one on SQLite, or on whichever databases a file names as `installed_on`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation
from tests.postgres_server import PostgresServer


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database without a table: an installation makes its own."""
    with postgres_server.database(empty=True) as url:
        yield url


@pytest.fixture
def installed_on() -> str:
    """The database of an installation."""
    return "sqlite"


@pytest.fixture
async def installation(request: pytest.FixtureRequest, tmp_path: Path, installed_on: str) -> AsyncIterator[Installation]:
    """A new one; nothing of it runs yet."""
    url = request.getfixturevalue("empty_postgres_url") if installed_on == "postgres" else ""
    async with Installation(tmp_path, url) as made:
        yield made
