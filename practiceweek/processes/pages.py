"""The pages of this process: served by uvicorn in the loop that everything else runs in, or alone in a process of their own."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.database import Store
from domain.ports.limits import Limits
from integrations.certificates import CertificateFiles
from integrations.cpd_files import CpdFiles
from integrations.holidays import english_bank_holidays
from integrations.own_process import in_own_process
from integrations.person_files import PersonFiles
from integrations.pictures import Charts
from integrations.report_page import body
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from practiceweek.kept import Kept
from practiceweek.services import calendar_of, link_key
from practiceweek.settings.installation import Settings, SettingsError
from practiceweek.times import utc_now
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses
from web.surroundings import Place, Surroundings

log = structlog.get_logger(__name__)

#: told the status of each answer, and how long it took in seconds
Answered = Callable[[int, float], None]
#: connections that may wait until they are looked at
WAITING = 2048
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
        privacy_basis=one.settings.privacy_basis,
        privacy_contact=one.settings.privacy_contact,
        sheets=CalamineSheetReader(),
        sheet_writer=XlsxWriter(),
        pictures=Charts(),
        certificates=CertificateFiles(),
        person_files=PersonFiles(),
        cpd=CpdFiles(),
        holidays=english_bank_holidays(),
        mails_per_minute=settings.mail.per_minute,
        report=body,
        has_server=one.settings.guild_id is not None,
        aside=in_own_process,
    )


class _Server(uvicorn.Server):
    """Leaves signals to us: the whole process is asked to stop, not this part of it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As it says, none."""
        yield


class Pages:
    """A server of pages. `await serve()` until it is closed; `address` is where it listens."""

    def __init__(self, front: Front, host: str, port: int) -> None:
        self._answered: Answered | None = None
        self._front = front
        self._server = _Server(_config(self._timed(make_app(front)), front.place))
        self._socket = _listening(host, port)
        self._begun, self._ended = False, asyncio.Event()
        self.address = "http://{}:{}".format(*self._socket.getsockname()[:2])

    @property
    def serves(self) -> bool:
        """Whether pages are answered just now."""
        return self._server.started and not self._server.should_exit

    def watched_by(self, answered: Answered) -> None:
        """From now on, whoever this is hears of each answer."""
        self._answered = answered

    async def warm_up(self) -> None:
        """Compile every page off the loop: the first reader of one would hold up everybody for a tenth of a second."""
        await asyncio.to_thread(self._front.warm_up)

    async def serve(self) -> None:
        """Until it is closed."""
        log.info("pages.served", port=self._socket.getsockname()[1])
        self._begun = True
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._ended.set()

    async def close(self) -> None:
        """Answer what was asked, and listen no more. Closed twice does no harm."""
        self._server.should_exit = True
        if self._begun:
            await self._ended.wait()
        self._socket.close()

    def _timed(self, app: ASGIApp) -> ASGIApp:
        """The application, with a watch beside it."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            status, began = 500, time.perf_counter()

            async def noted(message: Message) -> None:
                nonlocal status
                status = message.get("status", status)
                await send(message)

            try:
                await app(scope, receive, noted)
            finally:
                if self._answered is not None:
                    self._answered(status, time.perf_counter() - began)

        return answer


def _config(app: ASGIApp, place: Place) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        access_log=False,  # an address may be a secret
        log_config=None,
        proxy_headers=bool(place.proxies),
        forwarded_allow_ips=list(place.proxies),
        server_header=False,
        date_header=True,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=LAST_REQUESTS_S,
        h11_max_incomplete_event_size=32_768,
        backlog=WAITING,
    )


def _listening(host: str, port: int) -> socket.socket:
    """Raises `SettingsError` for an address that cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named as TCP: asyncio lets what is accepted write at once only then; else each answer waits 40 ms for the reader's acknowledgement
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(WAITING)
    except OSError as fault:
        listening.close()
        raise SettingsError(f"The pages cannot be served at {host}, port {port}: {fault.strerror or fault}.") from None
    listening.setblocking(False)
    return listening
