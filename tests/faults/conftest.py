"""What the fault suite stands on: a cradle for the whole run, and a world on a new database, on each of the two."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.lives import Cradle, CradleProcess
from tests.faults.scene import Scene, scene_on
from tests.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def cradle_process(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[CradleProcess]:
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # a caller that dies in the middle is what we are here for
    with postgres_server.database() as warm:
        process = CradleProcess(tmp_path_factory.mktemp("cradle") / "log.txt", warm)
        yield process
        process.end()


@pytest.fixture
async def cradle(cradle_process: CradleProcess) -> AsyncIterator[Cradle]:
    async with Cradle(cradle_process) as cradle:
        yield cradle


@pytest.fixture
async def scene(cradle: Cradle, database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """A world that nothing has happened in yet."""
    async with scene_on(cradle, database_url, tmp_path / "scene") as scene:
        yield scene
