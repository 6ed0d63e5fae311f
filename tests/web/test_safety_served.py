"""The pages as they are really served, over sockets: who is believed about who asks, slow requests, odd ones, and a stop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from domain.limits import WRONG_LINKS, Allowance
from integrations.limits import SharedLimits
from practiceweek.processes.pages import Pages
from tests.building import Building
from tests.visiting_building import LINK_KEY
from tests.web.conftest import front_like, stamp
from tests.web.every_page import WRONG, Scene, furnish
from web.front import Front
from web.safety.bodies import CappedBodies
from web.safety.guesses import Guesses
from web.safety.headers import ALWAYS
from web.surroundings import Place

HERE = "127.0.0.1"


@pytest.fixture
def scene(building: Building, front: Front) -> Scene:
    return furnish(building, front)


@asynccontextmanager
async def served(front: Front, *, proxies: tuple[str, ...] = ()) -> AsyncIterator[Pages]:
    """The pages on a free port, until the block ends."""
    limits = SharedLimits(front.store, {WRONG_LINKS: Allowance(2, 600)}, clock=front.clock)
    place = Place(f"http://{HERE}", proxies)
    made = front_like(front, place=place, guesses=Guesses(limits, LINK_KEY))
    pages = Pages(made, HERE, 0)
    serving = asyncio.create_task(pages.serve())
    try:
        yield pages
    finally:
        await pages.close()
        await serving


async def raw(pages: Pages, sent: bytes) -> bytes:
    """What comes back to these very bytes, until the server closes."""
    host, _, port = pages.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    async with asyncio.timeout(20):
        came = await reader.read()
    writer.close()
    await writer.wait_closed()
    return came


@pytest.mark.parametrize(
    ("proxies", "seen"), [((), [404, 404, 429, 429]), ((HERE,), [404, 404, 404, 404]), (("192.0.2.9",), [404, 404, 429, 429])]
)
async def test_only_a_web_server_of_ours_is_believed_about_who_asks(scene: Scene, proxies: tuple[str, ...], seen: list[int]) -> None:
    async with served(scene.front, proxies=proxies) as pages, httpx.AsyncClient(base_url=pages.address) as visitor:
        forwarded = [{"X-Forwarded-For": f"198.51.100.{number}", "X-Forwarded-Proto": "https"} for number in range(4)]
        assert [(await visitor.get(f"/mine/{WRONG}", headers=one)).status_code for one in forwarded] == seen


async def test_who_is_slow_holds_nobody_up(scene: Scene) -> None:
    async with served(scene.front) as pages:
        host, _, port = pages.address.removeprefix("http://").partition(":")
        slow = [await asyncio.open_connection(host, int(port)) for _ in range(150)]
        for number, (_, writer) in enumerate(slow):
            writer.write(
                b"POST /mine/x HTTP/1.1\r\nHost: 127.0.0.1\r\n" + (b"Content-Length: 90\r\n\r\nstamp=" if number % 2 else b"X-A: ")
            )
        async with httpx.AsyncClient(base_url=pages.address, timeout=10) as visitor:
            answers = [(await visitor.get("/midlands")).status_code for _ in range(5)]
        for _, writer in slow:
            writer.transport.abort()
        assert answers == [200] * 5


async def test_a_form_that_does_not_come_in_time_is_told_so(scene: Scene) -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    sent, asked = [], []

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await receive()
        except Exception as error:
            asked.append(getattr(error, "status_code", None))

    async def keep(message: Message) -> None:
        sent.append(message)

    async def refused(request: Request, error: HTTPException) -> Response:
        raise AssertionError

    capped = CappedBodies(reads, refused=refused, patience=0.01)
    await capped({"type": "http", "path": "/", "headers": []}, never, keep)
    assert (asked, sent) == ([408], [])


async def test_what_is_not_http_gets_a_refusal_and_the_next_one_a_page(scene: Scene) -> None:
    host = b"Host: 127.0.0.1\r\n"
    async with served(scene.front) as pages:
        for sent in (
            b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + host + host + b"\r\n",
            b"GET /\x00 HTTP/1.1\r\n" + host + b"\r\n",
            b"GET /midlands HTTP/1.1\r\n" + host + b"X: " + b"a" * 70_000,
            b"POST /midlands HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            b"POST /midlands HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        ):
            assert re.match(rb"HTTP/1\.[01] 4\d\d |$", await raw(pages, sent)), sent[:60]
        async with httpx.AsyncClient(base_url=pages.address) as visitor:
            assert (await visitor.get("/midlands")).status_code == 200


async def test_a_gigabyte_is_refused_before_it_comes_or_while_it_comes(scene: Scene) -> None:
    path = f"/midlands/session/{scene.open}/book".encode()
    head = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    async with served(scene.front) as pages:
        for rest in (
            b"Content-Length: 1000000000\r\n\r\nname=",
            b"Content-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"a" * 65_536 + b"\r\n" + (b"10000\r\n" + b"a" * 65_536 + b"\r\n") * 4,
        ):
            answer = await raw(pages, head + rest)
            assert answer.startswith(b"HTTP/1.1 413 "), answer[:80]
            assert b"That is too much" in answer
            assert [name for name in ALWAYS if name.lower().encode() not in answer.lower()] == []


async def test_no_answer_says_what_serves_it(scene: Scene) -> None:
    async with served(scene.front) as pages, httpx.AsyncClient(base_url=pages.address) as visitor:
        for path in ("/midlands", "/assets/style.css", "/nothing"):
            headers = (await visitor.get(path)).headers
            assert ("server" in headers, "x-powered-by" in headers, "date" in headers) == (False, False, True)


async def test_a_stop_answers_what_was_asked_and_nothing_more(scene: Scene) -> None:
    asked, go = asyncio.Event(), asyncio.Event()
    write = scene.front.store.write

    class Slow:
        """A store whose writes wait until they are told to go on."""

        read = scene.front.store.read

        async def write(self, *args: Any, **kwargs: Any) -> Any:
            asked.set()
            await go.wait()
            return await write(*args, **kwargs)

    whole = scene.front
    front = front_like(whole, store=Slow(), place=Place(f"http://{HERE}"))
    pages = Pages(front, HERE, 0)
    serving = asyncio.create_task(pages.serve())
    prove = scene.example("/prove/{token}")
    async with httpx.AsyncClient(base_url=pages.address) as visitor:
        sent = {"stamp": stamp(await visitor.get(prove))}
        answer = asyncio.create_task(visitor.post(prove, data=sent))
        await asked.wait()
        assert pages.serves
        closing = asyncio.create_task(pages.close())
        await asyncio.sleep(0)
        assert (pages.serves, answer.done()) == (False, False)
        go.set()
        assert (await answer).status_code == 303
        await closing
    await serving
    async with httpx.AsyncClient() as late:
        with pytest.raises(httpx.ConnectError):
            await late.get(pages.address)
