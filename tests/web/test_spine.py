"""A place asked for on a page, proven by e-mail, seen and given back behind one's own link."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest

from domain.database import Store
from domain.kinds import Channel
from domain.letters import taking
from domain.letters.handing import hand_over_all
from domain.limits import Unlimited
from domain.links import LinkKey
from domain.rules import Rules
from integrations.ical import CalendarFiles
from tests.building import Building
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses
from web.surroundings import Place, Surroundings

KEY = LinkKey(b"sixteen bytes and more")


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    built = Building(store, partnership_id, rules, now)
    built.programme()
    return built


@pytest.fixture
async def browser(building: Building) -> AsyncIterator[httpx.AsyncClient]:
    whose = Surroundings(building.partnership_id, "midlands", "Midlands", "Call us", building.rules, CalendarFiles("M", "m@example.org"))
    front = Front(
        building.store,
        [whose],
        Place("http://testserver"),
        KEY,
        clock=lambda: building.now,
        wake=lambda: None,
        guesses=Guesses(Unlimited(), KEY),
    )
    transport = httpx.ASGITransport(make_app(front), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", follow_redirects=True) as client:
        yield client


def stamp(page: httpx.Response) -> str:
    return re.search(r'name="stamp" value="([^"]+)"', page.text)[1]


async def test_nothing_is_taken_without_the_stamp(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    assert (await browser.post(f"/midlands/session/{session}/book", data={"name": "Ann"})).status_code == 403
    assert (await browser.get("/mine/nobody")).status_code == 404


async def test_a_place_is_asked_for_proven_seen_and_given_back(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    page = await browser.get(f"/midlands/session/{session}")
    assert page.status_code == 200, page.text
    form = await browser.get(f"/midlands/session/{session}/book")
    asked = await browser.post(
        f"/midlands/session/{session}/book",
        data={"stamp": stamp(form), "name": "Ann", "email": "ann@example.org", "organisation": "Council"},
    )
    assert (asked.status_code, asked.url.path) == (200, f"/midlands/session/{session}/asked"), asked.text
    taken = building.write(taking.take, "post", Channel.EMAIL, building.rules, now=building.now, limit=10, links=KEY)
    (letter,) = building.write(hand_over_all, taken.claimed, "post", building.rules, now=building.now, links=KEY)
    prove = f"/prove/{letter.links.prove}"
    shown = await browser.get(prove)
    assert shown.status_code == 200, shown.text
    mine = await browser.post(prove, data={"stamp": stamp(shown)})
    assert mine.status_code == 200, mine.text
    assert "You have a place." in mine.text
    question = await browser.get(f"{mine.url.path}/session/{session}/cancel")
    gone = await browser.post(f"{mine.url.path}/session/{session}/cancel", data={"stamp": stamp(question)})
    assert "nothing booked" in gone.text
