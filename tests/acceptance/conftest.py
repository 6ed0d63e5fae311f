"""What a story of a whole installation is tried with: one on SQLite, or on whichever databases a file names as `installed_on`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation
from tests.newest import put_newest, stamp


@pytest.fixture
def installed_on() -> str:
    """The database of an installation: `sqlite` or `postgres`, of the newest revision; `nothing`: it makes its own file."""
    return "sqlite"


@pytest.fixture
def with_teams() -> bool:
    """Whether its online sessions are held on Teams too, not on Zoom alone."""
    return False


@pytest.fixture
async def installation(request: pytest.FixtureRequest, tmp_path: Path, installed_on: str, with_teams: bool) -> AsyncIterator[Installation]:
    """A new one; nothing of it runs yet."""
    url = request.getfixturevalue("postgres_url") if installed_on == "postgres" else f"sqlite:///{tmp_path / 'practiceweek.sqlite'}"
    if installed_on == "sqlite":
        put_newest(tmp_path / "practiceweek.sqlite")
    elif installed_on == "postgres":
        stamp(url)
    async with Installation(tmp_path, url, teams=with_teams) as made:
        yield made
