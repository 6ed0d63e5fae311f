"""The pages of this process: served by uvicorn in the loop that everything else runs in, or alone in a process of their own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
import uvicorn

from domain.database import Store
from domain.ports.limits import Limits
from integrations.certificates import CertificateFiles
from integrations.own_process import in_own_process
from integrations.pictures import Charts
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from practiceweek.kept import Kept, open_store
from practiceweek.limits import shared_limits
from practiceweek.processes.parts import Ringing
from practiceweek.services import calendar_of, link_key
from practiceweek.settings.installation import Settings, SettingsError
from practiceweek.times import utc_now
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses
from web.surroundings import Place, Surroundings

log = structlog.get_logger(__name__)

#: how long open requests may take after we were asked to stop, in seconds
LAST_REQUESTS_S = 10


def make_front(
    settings: Settings,
    store: Store,
    kept: Sequence[Kept],
    *,
    wake: Callable[[], None],
    limits: Limits,
    now: Callable[[], datetime] = utc_now,
) -> Front:
    """The front of every partnership's pages. Raises `SettingsError` for a key that cannot be used."""
    key = link_key(settings)
    if key is None:
        raise SettingsError("There are no pages to serve: web.enabled is false in the settings.")
    place = Place(settings.web.address.rstrip("/"), settings.web.proxies)
    each = [_surroundings(settings, one) for one in kept]
    return Front(store, each, place, key, clock=now, wake=wake, guesses=Guesses(limits, key))


def _surroundings(settings: Settings, one: Kept) -> Surroundings:
    return Surroundings(
        partnership_id=one.id,
        key=one.key,
        name=one.settings.name,
        contact=one.settings.contact,
        rules=one.rules,
        calendar=calendar_of(settings, one),
        sheets=CalamineSheetReader(),
        sheet_writer=XlsxWriter(),
        pictures=Charts(),
        certificates=CertificateFiles(),
        aside=in_own_process,
    )


class _Server(uvicorn.Server):
    """Leaves signals to us: the whole process is asked to stop, not this part of it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As it says, none."""
        yield


class Pages:
    """A server of pages. `await serve()` until it is told to stop; `address` is where it listens, once it does."""

    def __init__(self, front: Front, host: str, port: int) -> None:
        config = uvicorn.Config(
            make_app(front),
            access_log=False,  # an address may be a secret
            log_config=None,
            proxy_headers=bool(front.place.proxies),
            forwarded_allow_ips=list(front.place.proxies),
            server_header=False,
            date_header=True,
            lifespan="off",
            timeout_graceful_shutdown=LAST_REQUESTS_S,
            h11_max_incomplete_event_size=32_768,
        )
        self._server = _Server(config)
        self._socket = _listening(host, port)
        self.address = "http://{}:{}".format(*self._socket.getsockname()[:2])

    async def serve(self) -> None:
        """Until `stop` is called."""
        log.info("pages.served", port=self._socket.getsockname()[1])
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """Answer what was asked, and close: then `serve` returns."""
        self._server.should_exit = True


async def run_pages(settings: Settings, stop: asyncio.Event) -> None:
    """A process of pages alone, until it is told to stop. What it owes, a scheduler sends. Raises `SettingsError`."""
    store, kept = await open_store(settings)
    try:
        front = make_front(settings, store, kept, wake=Ringing(store), limits=shared_limits(settings, store))
        pages = Pages(front, settings.web.host, settings.web.port)
        serving = asyncio.create_task(pages.serve(), name="pages")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        pages.stop()
        stopping.cancel()
        await serving
    finally:
        await asyncio.to_thread(store.close)


def _listening(host: str, port: int) -> socket.socket:
    """Raises `SettingsError` for an address that cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as fault:
        listening.close()
        raise SettingsError(f"The pages cannot be served at {host}, port {port}: {fault.strerror or fault}.") from None
    listening.setblocking(False)
    return listening
