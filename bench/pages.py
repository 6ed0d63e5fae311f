"""How fast the public page of a programme with 75 sessions is answered, beside a page that is drawn from memory.

Ours is what `practiceweek run` serves: the pages with all that a request passes, and the store, which is asked for every answer.
The baseline is one Starlette route that draws the same template, in the same environment, from the same facts, which it has read
once. Both by uvicorn over a socket of this machine. Who asks is a process of its own (`bench.readers`), on a few connections that
stay open; every answer must be the same page, letter by letter.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bench.filling import fill, rows
from bench.ground import Ground
from bench.in_use import as_in_use
from bench.measuring import ROOT, Figures, Limit, Line
from domain.database import Store
from domain.kinds import Format
from domain.limits import Unlimited
from domain.links import LinkKey
from domain.models import Material, Presenter
from domain.rules import Rules
from integrations.ical import CalendarFiles
from practiceweek.processes.pages import Pages
from web.app import make_app
from web.front import Front
from web.rendering import Rendering
from web.safety.guesses import Guesses
from web.surroundings import Place, Surroundings

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
SESSIONS, PEOPLE, BOOKINGS = 75, 1_000, 3_000
CONNECTIONS, WARMING, ASKED = 4, 40, 600
PAGE = "/midlands/programme/1"
FORMATS = (Format.IN_PERSON, Format.ONLINE, Format.HYBRID)
AUDIENCES = ("", "Newly qualified social workers", "Practice educators", "Everyone")


def prepare(ground: Ground, database: str) -> dict[str, Any]:
    """Five days of sessions, each with a presenter and something to read."""
    url = ground.database(database, "pages")
    filled = fill(
        url,
        now=NOW,
        people=PEOPLE,
        sessions=SESSIONS,
        bookings=BOOKINGS,
        apart=timedelta(minutes=96),
        online_places=20,
        places=45,
        format=lambda n: FORMATS[n % 3],
        audience=lambda n: AUDIENCES[n % 4],
    )
    each: dict[str, Any] = {"partnership_id": filled.partnership_id, "session_id": lambda n: n}
    rows(url, Presenter, SESSIONS, **each, label=lambda n: f"Presenter {n}")
    rows(url, Material, SESSIONS, **each, label=lambda n: f"Reading {n}", link="https://reading.example", added_at=NOW)
    return {"url": url, "partnership_id": filled.partnership_id}


async def served(ground: Ground, database: str) -> Figures:
    """Answers a second by the pages, as `practiceweek run` serves them."""
    with _front(ground) as front:
        pages = Pages(front, "127.0.0.1", 0)
        serving = asyncio.create_task(pages.serve())
        try:
            return await _asked(pages.address, (await _once(front)).text)
        finally:
            await pages.close()
            await serving


async def drawn(ground: Ground, database: str) -> Figures:
    """The baseline: answers a second by one route that draws what it has in memory."""
    with _front(ground) as front:
        page = (await _once(front)).text
    template, facts = front.noted
    rendering = Rendering()
    assert rendering.html(template, **facts) == page, "the two pages differ"

    async def answer(_request: Request) -> Response:
        return HTMLResponse(rendering.html(template, **facts))

    config = uvicorn.Config(
        Starlette(routes=[Route(PAGE, answer)]), host="127.0.0.1", port=0, access_log=False, log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    config.load()
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
            await asyncio.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()
        return await _asked(f"http://{host}:{port}", page)
    finally:
        server.should_exit = True
        await serving


class NotingFront(Front):
    """A front that remembers the facts of the last page."""

    noted: tuple[str, dict[str, object]]

    def page(self, request: Request, template: str, whose: Surroundings | None = None, *, status: int = 200, **facts: object) -> Response:
        """As every page is made."""
        self.noted = template, {"whose": whose, "several": False, "stamp": "", "call": "", **facts}
        return super().page(request, template, whose, status=status, **facts)


@contextmanager
def _front(ground: Ground) -> Iterator[NotingFront]:
    as_in_use()
    key = LinkKey(b"a key for measuring, of more than sixteen bytes")
    calendar = CalendarFiles("Midlands Teaching Partnership", "practice-week@midlands.example")
    partnership_id = ground.made["partnership_id"]
    whose = Surroundings(partnership_id, "midlands", "Midlands Teaching Partnership", "Workforce team, 0121 496 0000", Rules(), calendar)
    store, guesses = Store(ground.made["url"]), Guesses(Unlimited(), key)
    try:
        yield NotingFront(store, [whose], Place("http://127.0.0.1"), key, clock=lambda: NOW, wake=lambda: None, guesses=guesses)
    finally:
        store.close()


async def _once(front: Front) -> httpx.Response:
    transport = httpx.ASGITransport(make_app(front))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
        answer = await browser.get(PAGE)
    assert (answer.status_code, answer.text.count('<li class="card">')) == (200, SESSIONS)
    return answer


async def _asked(address: str, page: str) -> Figures:
    """What the readers say, who may have had this page only."""
    words = ["-m", "bench.readers", str(urlsplit(address).port), PAGE, *map(str, (CONNECTIONS, WARMING, ASKED))]
    readers = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    told, _ = await readers.communicate()
    assert readers.returncode == 0, "not every answer was a page"
    figures = json.loads(told)
    assert figures.pop("bodies") == [hashlib.sha256(page.encode()).hexdigest()], "another page came"
    return {**figures, "page_kb": len(page.encode()) / 1024}


def _line(database: str, called: str) -> Line:
    return Line(
        what=f"requests to a page of {SESSIONS} sessions, {called}",
        unit="answers/s",
        against="the same template, drawn from memory by a bare Starlette page",
        prepare=prepare,
        ours=served,
        baseline=drawn,
        given={"database": database},
        limits=(Limit("ratio", least=0.5),),
        postgres=database == "postgresql",
    )


LINES = (_line("sqlite", "SQLite"), _line("postgresql", "PostgreSQL"))
