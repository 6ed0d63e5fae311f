"""A place asked for on a page, proven by e-mail, seen and given back behind one's own link."""

from __future__ import annotations

import httpx

from tests.building import Building
from tests.visiting_building import post_office
from tests.web.conftest import stamp


async def test_nothing_is_taken_without_the_stamp(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    assert (await browser.post(f"/midlands/session/{session}/book", data={"name": "Ann"})).status_code == 403
    assert (await browser.get("/mine/nobody")).status_code == 404


async def test_a_place_is_asked_for_proven_seen_and_given_back(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    form = await browser.get(f"/midlands/session/{session}/book")
    typed = {"stamp": stamp(form), "name": "Ann", "email": "ann@example.org", "organisation": "Council"}
    asked = await browser.post(f"/midlands/session/{session}/book", data=typed)
    assert (asked.status_code, asked.url.path) == (200, f"/midlands/session/{session}/asked")
    (letter,) = post_office(building)
    assert letter.links is not None
    shown = await browser.get(f"/prove/{letter.links.prove}")
    mine = await browser.post(f"/prove/{letter.links.prove}", data={"stamp": stamp(shown)})
    assert "You have a place." in mine.text
    question = await browser.get(f"{mine.url.path}/session/{session}/cancel")
    gone = await browser.post(f"{mine.url.path}/session/{session}/cancel", data={"stamp": stamp(question)})
    assert "nothing booked" in gone.text
