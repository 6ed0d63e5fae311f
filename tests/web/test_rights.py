"""Behind one's own link: a copy of everything that is kept, and being forgotten."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import httpx
import pytest

from domain.models import BookingState, Person
from domain.rights.personal import PERSONAL
from domain.rights.stripping import forget, ready
from integrations.person_files import PersonFiles
from integrations.person_words import WORDS
from tests.building import Building, one_row
from tests.visiting_building import post_office
from tests.web.conftest import stamp
from web.front import Front


@pytest.fixture
def front(front: Front) -> Front:
    """The same, and it can write a copy."""
    front._by_id = {number: replace(one, person_files=PersonFiles()) for number, one in front._by_id.items()}
    return front


async def own_page(building: Building, browser: httpx.AsyncClient, session: int, name: str) -> str:
    """Book as somebody new does; the address of their own page."""
    form = await browser.get(f"/midlands/session/{session}/book")
    typed = {"stamp": stamp(form), "name": name, "email": "ann@example.org", "organisation": "Council"}
    await browser.post(f"/midlands/session/{session}/book", data=typed)
    (letter,) = post_office(building)
    assert letter.links is not None
    shown = await browser.get(f"/prove/{letter.links.prove}")
    mine = await browser.post(f"/prove/{letter.links.prove}", data={"stamp": stamp(shown)})
    return mine.url.path


async def test_a_copy_is_a_page_and_json_with_everything_and_nothing_that_could_run(building: Building, browser: httpx.AsyncClient) -> None:
    mine = await own_page(building, browser, building.session(), "Ann <script>")
    page = await browser.get(f"{mine}/data")
    copy = await browser.post(f"{mine}/data", data={"stamp": stamp(page)})
    assert (copy.status_code, copy.headers["content-type"], copy.headers["cache-control"]) == (200, "application/zip", "no-store")
    with zipfile.ZipFile(io.BytesIO(copy.content)) as file:
        said, rows = file.read("what-we-keep.html").decode(), json.loads(file.read("what-we-keep.json"))
    assert ("ann@example.org" in said, "Ann &lt;script&gt;" in said, "<script>" in said) == (True, True, False)
    heads = re.findall(r"<(?:th|dt)(?: [^>]*)?>([^<]*)</(?:th|dt)>", said)
    assert [head for head in heads if head.endswith(("_id", " id", " key")) or head == "wished"] == []
    read, record = said.split("<h2>For the record</h2>")
    assert ("mark of its own" in read, "as we compare it" in read, "<h2>Your bookings</h2>" in read) == (False, False, True)
    assert ("mark of its own: " in record, "e-mail address, as we compare it: " in record) == (True, True)
    (person,) = rows["tables"]["person"]
    assert (person["name"], person["email"]) == ("Ann <script>", "ann@example.org")
    assert [one["state"] for one in rows["tables"]["booking"]] == ["confirmed"]
    (booking,) = rows["tables"]["booking"]
    strengths = "Strengths, Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)"
    assert rows["stands_for"]["session_id"] == {str(booking["session_id"]): strengths}
    assert (f"<dd>{strengths}</dd>" in read, "<dd>Council</dd>" in read) == (True, True)
    assert (f"number of the session: {booking['session_id']}" in record) is True
    assert person["organisation_id"] is not None


def test_every_column_of_a_copy_has_words() -> None:
    assert set(WORDS) == {column for table in PERSONAL for column in table.about.split()}


async def test_opening_the_pages_changes_nothing(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session()
    mine = await own_page(building, browser, session, "Ann")
    for path in ("data", "data/erase"):
        assert (await browser.get(f"{mine}/{path}")).status_code == 200
    assert (await browser.post(f"{mine}/data/erase")).status_code == 403
    assert "You have a place" in (await browser.get(mine)).text


async def test_who_asks_to_be_forgotten_is_told_what_happens_and_then_their_link_leads_nowhere(
    building: Building, browser: httpx.AsyncClient
) -> None:
    session = building.session()
    mine = await own_page(building, browser, session, "Ann")
    post_office(building)
    question = await browser.get(f"{mine}/data/erase")
    for _ in range(2):  # pressed twice it begins once
        done = await browser.post(f"{mine}/data/erase", data={"stamp": stamp(question)})
        assert (done.url.path, "You asked us to forget you." in done.text) == (f"{mine}/data", True)
    (letter,) = post_office(building)
    assert (letter.kind.value, letter.leaving, letter.reason, letter.links) == ("cancellation", True, "", None)
    assert "You get a cancellation for each place that you give back." in done.text
    (one,) = building.read(ready, now=building.now)
    assert building.write(forget, one.erasure_id, building.rules, left=0, now=building.now) is True
    person = building.read(one_row, Person)
    assert (person.name, person.email) == ("Somebody", None)
    assert building.booking(session, person.id).state is BookingState.CANCELLED
    assert [(await browser.get(f"{mine}{path}")).status_code for path in ("", "/data", "/data/erase")] == [404, 404, 404]
