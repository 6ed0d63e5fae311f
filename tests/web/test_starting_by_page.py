"""Starting a programme by page: what chat's command asks for, by who organises the whole partnership, and once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import httpx
import pytest

from domain.adding import create_once, newest_programme
from domain.kinds import Provider
from domain.models import Privacy, Programme, ProgrammeKind, ProgrammeState
from domain.organisers import sync_organisers
from domain.programmes import NewProgramme
from tests.building import ACTOR, Building, one_row, rows
from tests.web.conftest import OLGA, sign_in, stamp
from tests.web.organising_building import text_of, trail

START = "/organise/start"
PANELS = {
    "title": "Parents\u2019 <b>panels</b>",
    "kind": "parent_partnership",
    "first": "4 May 2027",
    "last": "6/5/2027",
    "provider": "zoom",
    "places": "12",
    "privacy": "",
    "contact": "Sam, 0121 496 0001",
}


@pytest.fixture
async def pat(building: Building, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """The browser of who organises the whole partnership."""
    building.write(sync_organisers, building.partnership_id, [OLGA], now=building.now)
    await sign_in(building, browser)
    return browser


async def filled_in(browser: httpx.AsyncClient, **typed: str) -> tuple[dict[str, str], httpx.Response]:
    """The form as it was sent, and what came of it."""
    form = await browser.get(START)
    found = re.search(r'name="newest" value="(\d+)"', form.text)
    assert found
    sent = {"stamp": stamp(form), "newest": found[1], **typed}
    return sent, await browser.post(START, data=sent)


def started(building: Building, title: str) -> Programme:
    return building.read(one_row, Programme, Programme.title == title)


async def test_families_programme_is_started_without_discord_and_is_private(building: Building, pat: httpx.AsyncClient) -> None:
    assert f'href="{START}"' in (await pat.get("/organise")).text
    sent, week = await filled_in(pat, **PANELS)
    made = started(building, PANELS["title"])
    assert str(week.url).endswith(f"/organise/programme/{made.id}?done=started")
    assert "The programme is started. Nobody sees it yet. Next, send a schedule or add a session. Then publish it." in text_of(week)
    assert (made.kind, made.state, made.default_privacy) == (ProgrammeKind.PARENT_PARTNERSHIP, ProgrammeState.DRAFT, Privacy.PRIVATE)
    assert (made.starts_on, made.ends_on) == (date(2027, 5, 4), date(2027, 5, 6))
    assert (made.default_provider, made.default_places, made.contact) == (Provider.ZOOM, 12, "Sam, 0121 496 0001")
    assert "<b>panels" not in week.text
    again = await pat.post(START, data=sent)
    assert (str(again.url), len(building.read(rows, Programme))) == (str(week.url), 2)
    assert trail(building) == ["create programme"]
    assert f'href="/organise/programme/{made.id}"' in (await pat.get("/organise")).text


async def test_what_is_left_out_is_as_its_kind_says(building: Building, pat: httpx.AsyncClient) -> None:
    building.host(Provider.TEAMS, "teams@council.gov.uk")
    await filled_in(pat, title="Teaching", kind="practitioner_teacher", first="22 September 2027", last="19 January 2028")
    made = started(building, "Teaching")
    assert (made.default_provider, made.default_places, made.default_privacy, made.contact) == (Provider.TEAMS, None, Privacy.OPEN, "")
    await filled_in(pat, title="For families, open", kind="parent_partnership", first="22 June 2027", last="22 June 2027", privacy="open")
    assert started(building, "For families, open").default_privacy is Privacy.OPEN


async def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays(building: Building, pat: httpx.AsyncClient) -> None:
    _, empty = await filled_in(pat)
    assert empty.status_code == 422
    told = re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', empty.text)
    assert told == [
        ("title", "Please enter the title, as people will see it."),
        ("kind", "Choose what kind of programme it is."),
        ("first", "Enter the first day, such as 15 March 2027."),
        ("last", "Enter the last day, such as 19 March 2027."),
    ]
    wrong = PANELS | {"title": "T" * 201, "kind": "party", "first": "31 June 2027", "last": "soon", "places": "many"}
    _, page = await filled_in(pat, **wrong)
    assert [field for field, _ in re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', page.text)] == ["title", "kind", "first", "last", "places"]
    assert ('value="31 June 2027"' in page.text, 'value="Sam, 0121 496 0001"' in page.text) == (True, True)
    _, page = await filled_in(pat, **PANELS | {"first": "7 May 2027", "contact": "1" * 201})
    told = re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', page.text)
    assert told == [
        ("last", "The last day comes before the first. Please check the dates."),
        ("contact", "Please use at most 200 characters for whom families can call."),
    ]
    assert len(building.read(rows, Programme)) == 1


async def test_who_organises_one_programme_starts_none(building: Building, olga: httpx.AsyncClient) -> None:
    assert START not in (await olga.get(f"/organise/programme/{building.programme_id}")).text
    assert (await olga.get(START)).status_code == 404


def test_of_a_form_that_comes_twice_one_programme_is_made_and_another_form_makes_another(building: Building) -> None:
    new = NewProgramme("Week", ProgrammeKind.PRACTICE_WEEK, date(2027, 5, 3), date(2027, 5, 7))
    newest = building.read(newest_programme, building.partnership_id)

    def sent(one: NewProgramme, newest: int) -> int:
        return building.write(create_once, building.partnership_id, one, newest=newest, actor=ACTOR, now=building.now).id

    first = sent(new, newest)
    assert sent(replace(new, title=" week "), newest) == first
    assert sent(replace(new, ends_on=date(2027, 5, 6)), newest) != first
    assert sent(replace(new, kind=ProgrammeKind.PARENT_PARTNERSHIP), newest) != first
    assert sent(replace(new, default_privacy=Privacy.PRIVATE), newest) != first  # who goes back and corrects it
    assert sent(new, building.read(newest_programme, building.partnership_id)) != first


async def test_the_service_that_is_set_up_is_chosen_and_the_other_says_that_it_is_not(building: Building, pat: httpx.AsyncClient) -> None:
    building.host(Provider.ZOOM, "zoom@council.gov.uk")
    form = await pat.get(START)
    assert re.findall(r'value="(\w+)" checked', form.text) == ["zoom"]
    assert ("Teams (not set up here)" in form.text, "Zoom (not" in form.text) == (True, False)


async def test_where_no_service_is_set_up_links_are_their_own(building: Building, pat: httpx.AsyncClient) -> None:
    form = await pat.get(START)
    assert re.findall(r'value="(\w+)" checked', form.text) == ["given"]
    assert ("Teams (not set up here)" in form.text, "We have links of our own" in form.text) == (True, True)
    await filled_in(pat, title="Teaching", kind="practice_week", first="22 June 2027", last="22 June 2027")
    assert started(building, "Teaching").default_provider is Provider.GIVEN


async def test_nobody_sees_it_yet_is_said_of_a_draft_alone_and_people_can_book_of_what_is_published(
    building: Building, pat: httpx.AsyncClient
) -> None:
    """The address says what was done, and can be opened again later."""
    _, week = await filled_in(pat, **PANELS)
    published = f"/organise/programme/{building.programme_id}"
    said = [text_of(await pat.get(f"{at}?done={done}")) for at in (published, week.url.path) for done in ("started", "published")]
    assert ["Nobody sees it yet" in one for one in said] == [False, False, True, False]
    assert ["People can book now" in one for one in said] == [False, True, False, False]
