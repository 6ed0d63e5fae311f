"""The pages for everybody: what there is to book, narrowed as one likes, and the pages that stand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from domain.kinds import Format
from domain.models import Privacy
from practiceweek.settings.installation import PATHS
from tests.building import START, Building
from tests.private_building import made_code, private_session
from tests.series_building import DAYS, run_of
from tests.web.conftest import front_like
from tests.web.test_safety_pages import visiting
from web.app import make_pages
from web.front import Front
from web.rendering import phones


def titles(page: httpx.Response) -> list[str]:
    return re.findall(r'<h3 class="govuk-heading-s"><a[^>]*>([^<]+)</a>', page.text)


async def test_a_programme_is_read_by_day_and_narrowed(building: Building, browser: httpx.AsyncClient) -> None:
    building.session(title="Letters", audience="Students", organisation="Northfield Council")
    building.online(title="Calls", audience="Managers", organisation="Southfield Council", starts_at=START + timedelta(days=1))
    path = f"/midlands/programme/{building.programme_id}"
    assert titles(await browser.get(path)) == ["Opening", "Letters", "Calls"]
    narrowed = [
        ({"audience": "Students"}, ["Letters"]),
        ({"format": Format.ONLINE.value}, ["Calls"]),
        ({"organisation": "Southfield Council"}, ["Calls"]),
        ({"audience": "Students", "format": Format.ONLINE.value}, []),
        ({"audience": "Nobody's"}, []),
    ]
    pages = [(await browser.get(path, params=chosen), wanted) for chosen, wanted in narrowed]
    assert [titles(page) for page, _ in pages] == [wanted for _, wanted in pages]
    assert "1 of 3 sessions." in pages[0][0].text
    assert "No session fits." in pages[-1][0].text
    assert '<h2 class="govuk-heading-m" id="day-2027-03-16">Tuesday 16 March 2027</h2>' in pages[1][0].text


async def test_places_left_are_said_and_a_full_session_has_a_waiting_list(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=2)
    building.book(session, building.person(1))
    assert "1 place left" in (await browser.get(f"/midlands/programme/{building.programme_id}")).text
    building.book(session, building.person(2))
    building.book(session, building.person(3))
    page = (await browser.get(f"/midlands/session/{session}")).text
    assert ("Full, 1 waiting" in page, "Join the waiting list" in page) == (True, True)
    building.call_off(session)
    off = (await browser.get(f"/midlands/session/{session}")).text
    assert ("This session has been called off." in off, "/book" in off) == (True, False)


async def test_a_private_session_is_not_on_the_page_of_its_programme(building: Building, browser: httpx.AsyncClient) -> None:
    building.session(title="Secret", privacy=Privacy.PRIVATE)
    page = await browser.get(f"/midlands/programme/{building.programme_id}")
    assert (titles(page), "Secret" in page.text) == (["Opening"], False)


async def test_the_pages_that_stand_say_what_is_true_here(building: Building, browser: httpx.AsyncClient) -> None:
    privacy, access = await browser.get("/privacy"), await browser.get("/accessibility")
    assert (privacy.status_code, access.status_code) == (200, 200)
    assert "Until 30 days after the session" in privacy.text
    assert ['href="tel:01214960000"' in page.text for page in (privacy, access)] == [True, True]
    assert len((await browser.get("/assets/style.css")).content) < 40_000


async def test_the_privacy_page_gives_the_lawful_basis_and_whom_to_ask_where_the_settings_do(building: Building, front: Front) -> None:
    said: dict[str, Any] = {"privacy_basis": "Public task <UK GDPR>.", "privacy_contact": "dpo@council.example, 0121 496 0001"}
    shown = front_like(front, each=[replace(one, **said) for one in front.each])
    async with visiting(shown) as told, visiting(front) as silent:
        page, without = (await told.get("/privacy")).text, (await silent.get("/privacy")).text
    assert "<strong>Why we may keep it:</strong> Public task &lt;UK GDPR&gt;." in page
    assert "<strong>Data protection:</strong> ask dpo@council.example, <a " in page
    assert [words in without for words in ("Why we may keep it", "Data protection")] == [False, False]


def test_telephone_numbers_can_be_called_and_nothing_else_is_touched() -> None:
    assert str(phones("Ann <b>, 0121 496 0000 or +44 20 7946 0999.")) == (
        'Ann &lt;b&gt;, <a class="govuk-link phone" href="tel:01214960000">0121 496 0000</a> or '
        '<a class="govuk-link phone" href="tel:+442079460999">+44 20 7946 0999</a>.'
    )
    assert str(phones("Room 12, ref 2027-03-15, 10.30")) == "Room 12, ref 2027-03-15, 10.30"


async def test_who_it_is_for_offers_all_once_and_what_is_for_all_fits_everybody(building: Building, browser: httpx.AsyncClient) -> None:
    for hour, audience in enumerate(("All", "Students", "Managers")):
        building.session(title=f"For {audience}", audience=audience, starts_at=START + timedelta(hours=hour))
    at = f"/midlands/programme/{building.programme_id}"
    page = await browser.get(at)
    select = page.text.split('name="audience"')[1].split("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]+)</option>", select) == ["All", "Managers", "Students"]
    narrowed = (await browser.get(at, params={"audience": "Students"})).text
    assert [f">For {one}</a>" in narrowed for one in ("All", "Students", "Managers")] == [True, True, False]


async def test_the_front_page_is_found_with_a_stroke_at_its_end(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/midlands/")
    assert (page.status_code, page.url.path) == (200, "/midlands")
    assert (await browser.get("/elsewhere/")).status_code == 404


async def test_who_presents_is_named_with_their_organisation_or_alone(building: Building, browser: httpx.AsyncClient) -> None:
    alone = building.session(presenter="Grace Hopper")
    both = building.session(presenter="Grace Hopper", organisation="Northfield Council")
    nobody = building.session()
    pages = [(await browser.get(f"/midlands/session/{one}")).text for one in (alone, both, nobody)]
    said = [re.findall(r"key\">(Led by|Run by)</dt><dd[^>]*>([^<]+)</dd>", page) for page in pages]
    assert said == [[("Led by", "Grace Hopper")], [("Run by", "Northfield Council, Grace Hopper")], []]
    secret = private_session(building)  # presented by the same
    code = made_code(building).code
    private = [(await browser.get(f"/midlands/invited/{code}{more}")).text for more in ("", f"/{secret}/book")]
    assert ["Grace Hopper" in page for page in private] == [False, False]


async def test_a_series_whose_full_part_is_in_another_programme_is_waited_for(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building, days=DAYS[:1])
    first = building.programme_id
    building.programme("Another week")
    elsewhere = building.session(title="Workshop 2", starts_at=DAYS[1], places=1)
    run.add(elsewhere)
    assert "Join the waiting list" not in (await browser.get(f"/midlands/programme/{first}")).text
    run.book(building.person(1))
    whole = await browser.get(f"/midlands/series/{run.id}")
    page = await browser.get(f"/midlands/programme/{first}")
    assert (page.status_code, "Join the waiting list" in whole.text, "Join the waiting list" in page.text) == (200, True, True)


def test_no_partnership_is_called_as_a_page_of_ours(front: Front) -> None:
    """A route that begins with a word of its own stands before the partnerships' pages, or behind them and is never found."""
    ours = {first for route in make_pages(front).routes if (first := re.match(r"/([a-z-]+)", getattr(route, "path", "")))}
    assert {first[1] for first in ours} == PATHS
