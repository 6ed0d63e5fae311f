"""Where a mail is asked for, the page answers before anybody is looked for: how long it takes says nothing of an address."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from domain.database import Db
from domain.organisers import add_organiser
from tests.building import ACTOR, Building
from tests.visiting_building import post_office
from tests.web.conftest import ADDRESS, OLGA, stamp
from web.app import make_app
from web.front import Front

KNOWN, UNKNOWN = "known@example.org", "nobody@example.org"
SOON_S = 5


class Heard:
    """The application, and whether the whole of its answer to a form has been heard by the browser."""

    def __init__(self, front: Front) -> None:
        self._app = make_app(front)
        self.whole = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def heard(message: Message) -> None:
            await send(message)
            if scope["method"] == "POST" and message["type"] == "http.response.body" and not message.get("more_body"):
                self.whole.set()

        await self._app(scope, receive, heard)


@pytest.mark.parametrize("address", [KNOWN, UNKNOWN, OLGA])
@pytest.mark.parametrize("path", ["/midlands/my-link", "/midlands/organise"])
async def test_the_answer_does_not_wait_for_what_is_written(building: Building, front: Front, path: str, address: str) -> None:
    building.person(1, email=KNOWN, email_key=KNOWN)
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    app, let_go = Heard(front), threading.Event()

    def busy(_db: Db) -> bool:
        return let_go.wait(SOON_S * 2)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as browser:
        form = stamp(await browser.get(path))
        writing = asyncio.create_task(building.store.write(busy))
        sent = asyncio.create_task(browser.post(path, data={"stamp": form, "email": address}))
        try:
            await asyncio.wait_for(app.whole.wait(), SOON_S)
        finally:
            let_go.set()
            answer = await sent
            await writing
    whom = {"/midlands/my-link": KNOWN, "/midlands/organise": OLGA}[path]
    assert answer.status_code == 303
    assert [one.recipient.address for one in post_office(building)] == ([whom] if whom == address else [])
