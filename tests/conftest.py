"""What every test may use: a real SQLite file and a real PostgreSQL, and a partnership in each.

Whoever asks for `database_url`, `store` or anything made of them runs on both.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from domain.database import Store
from domain.engines import Engines, engines_of
from domain.programmes import ensure_partnership
from domain.rules import Rules
from tests.building import Building
from tests.newest import make_tables
from tests.postgres_server import PostgresServer, postgres
from tests.turns import WAYS, left_out

# The same examples at every run, so that a red test is red for everyone; HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
MEMORY, ROOM = Path("/dev/shm"), 2**32


def pytest_configure() -> None:
    """The tests' folders are in memory where a machine has room for them: what dies with it is nothing, so nothing waits for the disk."""
    if MEMORY.is_dir():
        there = os.statvfs(MEMORY)
        if there.f_bavail * there.f_frsize >= ROOM and not there.f_flag & (os.ST_NOEXEC | os.ST_RDONLY):
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    # a traceback is logged as Python writes it: drawn with its colours and its variables it costs more than the test
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", choices=WAYS, default="turns", help="what takes turns on one database each, on the other, or on both")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Which of the tests that take turns run on which database: see `tests/turns.py`. Whoever names single tests has them on both."""
    named = any("::" in one or one.endswith(".py") for one in config.args)
    out = left_out(items, "both" if named else config.getoption("databases"))
    config.hook.pytest_deselected(items=list(out))
    items[:] = [one for one in items if one not in out]


def pytest_collection_finish() -> None:
    """What is there by now is there to the end: looking through it for what can go was a tenth of a test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three workers for two cores: some of the suite waits for processes, servers and browsers. With four it took a tenth longer."""
    return (os.cpu_count() or 1) * 3 // 2 or 1


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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed database file with every table, to be copied."""
    file = tmp_path_factory.mktemp("template") / "practiceweek.sqlite"
    make_tables(file)
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> str:
    """A new database file with every table: for what only SQLite has. It is where the last test's was."""
    file = sqlite_template.parent / "one" / "practiceweek.sqlite"
    shutil.rmtree(file.parent, ignore_errors=True)
    file.parent.mkdir()
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database with every table and no row: for what only PostgreSQL has."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database with every table, on each of the two."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(scope="session")
def engines() -> Callable[[str, str], Engines]:
    """The engines of a store on this database: the last test's. To compile every statement anew was nearly half of a test."""
    return cache(lambda url, _whose: engines_of(url))


@pytest.fixture
def store(database_url: str, engines: Callable[[str, str], Engines]) -> Iterator[Store]:
    opened = Store(database_url, engines=engines(database_url, "ours"))
    yield opened
    opened.close()


@pytest.fixture
def other_store(database_url: str, engines: Callable[[str, str], Engines]) -> Iterator[Store]:
    """Another process's, on the same database."""
    opened = Store(database_url, engines=engines(database_url, "another's"))
    yield opened
    opened.close()


@pytest.fixture
def partnership_id(store: Store) -> int:
    return store.write_now(ensure_partnership, "midlands", "Midlands Teaching Partnership", 1)


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    """A partnership with a published programme that holds one session without places."""
    made = Building(store, partnership_id, rules, now)
    made.programme()
    return made
