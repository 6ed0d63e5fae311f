"""The bell: one process hears that another owes something."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from domain.bell import Bell, ring
from domain.database import Db, Store
from domain.errors import Closed
from domain.programmes import ensure_partnership

PATIENCE_S = 20


class Heard:
    """Counts the rings, and waits for them."""

    def __init__(self) -> None:
        self.times = 0
        self._more = threading.Condition()

    def __call__(self) -> None:
        with self._more:
            self.times += 1
            self._more.notify_all()

    def wait_for(self, times: int) -> bool:
        with self._more:
            return self._more.wait_for(lambda: self.times >= times, PATIENCE_S)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def bell(store: Store, heard: Heard) -> Iterator[Bell]:
    made = Bell(store, heard)
    made.listen()
    assert heard.wait_for(1), "it says once that it listens: what was rung before is not lost"
    yield made
    made.close()


def owe_something(db: Db) -> None:
    ensure_partnership(db, "midlands", "Midlands", 1)
    ring(db)


def ring_and_refuse(db: Db) -> None:
    ring(db)
    raise Closed("This session has started.")


def test_a_ring_is_heard_when_it_is_committed_by_another_process(store: Store, bell: Bell, heard: Heard) -> None:
    other = Store(store.url)
    other.write_now(owe_something)
    other.close()
    assert heard.wait_for(2)


def test_what_is_undone_is_not_heard(store: Store, bell: Bell, heard: Heard) -> None:
    with pytest.raises(Closed):
        store.write_now(ring_and_refuse)
    store.write_now(owe_something)
    assert heard.wait_for(2)
    assert heard.times == 2


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_bell_whose_connection_is_lost_listens_again(store: Store, bell: Bell, heard: Heard) -> None:
    with psycopg.connect(make_url(store.url).set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
    assert heard.wait_for(2), "it looks at once for what was rung meanwhile"
    store.write_now(owe_something)
    assert heard.wait_for(3)


def test_a_bell_is_closed_though_the_server_does_not_answer(heard: Heard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = Store(f"postgresql+psycopg://quokka@127.0.0.1:{port}/quokka?sslmode=disable&gssencmode=disable")
        made = Bell(store, heard)
        made.listen()
        calling, _ = silent.accept()  # it waits for an answer now, and would for ten seconds
        began = time.monotonic()
        made.close()
        took = time.monotonic() - began
        calling.close()
    store.close()
    assert (took < 5, heard.times) == (True, 0)


def test_a_bell_that_is_closed_lets_its_thread_end(store: Store, heard: Heard) -> None:
    made = Bell(store, heard)
    made.listen()
    made.close()
    assert "bell" not in [thread.name for thread in threading.enumerate()]
