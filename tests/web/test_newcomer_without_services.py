"""What an organiser met who has neither Discord nor Teams nor Zoom: links of their own, an address to share, and ways on."""

from __future__ import annotations

import csv
import re
from io import StringIO

import httpx
import pytest

from domain.kinds import Format, Provider
from domain.models import Privacy, Session
from domain.organisers import sync_organisers
from domain.private_sessions import set_privacy
from tests.building import ACTOR, Building, one_row
from tests.web.conftest import ADDRESS, OLGA, sign_in, stamp
from tests.web.organising_building import sent_back, text_of, titles, week_of
from tests.web.test_adding_by_page import KINSHIP, filled_in
from tests.web.test_newcomer_organises import edited
from tests.web.test_starting_by_page import PANELS, started
from tests.web.test_starting_by_page import filled_in as start

LINK = "https://meet.example.org/kinship"


@pytest.fixture
async def pat(building: Building, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """The browser of who organises the whole partnership."""
    building.write(sync_organisers, building.partnership_id, [OLGA], now=building.now)
    await sign_in(building, browser)
    return browser


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What stands on a page does not depend on the database."""
    return sqlite_url


async def test_who_has_no_service_begins_with_links_of_their_own(building: Building, pat: httpx.AsyncClient) -> None:
    _, week = await start(pat, **PANELS | {"provider": "given", "privacy": "open", "kind": "practice_week"})
    made = started(building, PANELS["title"])
    assert made.default_provider is Provider.GIVEN
    add = f"{week.url.path}/add"
    said = text_of(await pat.get(add))
    assert ("Online, as the programme says (a link of your own)" in said, "we make one" in said) == (True, False)
    talk = {"title": "Talk", "date": "4 May 2027", "start": "9am", "end": "10am"}
    _, added = await filled_in(pat, add, **talk)
    assert "It has no link to join yet. Give one when you open it and press “Change it”." in text_of(added)
    bare = building.read(one_row, Session, Session.title == "Talk")
    assert (bare.format, bare.provider) == (Format.ONLINE, None)
    needs = text_of(await pat.get(f"{week.url.path}/ready"))
    assert "It is online, but nobody has said on what. Choose Teams or Zoom or give a link of your own." in needs
    await edited(pat, bare.id or 0, given_link=LINK)
    mended = building.read(one_row, Session, Session.title == "Talk")
    assert (mended.provider, mended.given_link) == (Provider.GIVEN, LINK)


async def test_no_link_is_promised_where_nothing_makes_one(building: Building, olga: httpx.AsyncClient) -> None:
    add = f"{week_of(building)}/add"
    said = text_of(await olga.get(add))
    assert "Teams is not set up here, so we cannot make a link. If people join online, give them one of your own." in said
    building.host(Provider.TEAMS, "teams@council.example")
    assert "If not, we make one." in text_of(await olga.get(add))


@pytest.mark.parametrize("page", ["edit", "held"])
async def test_a_link_that_would_not_be_used_is_not_lost_in_silence(building: Building, olga: httpx.AsyncClient, page: str) -> None:
    session = building.online(title="Kinship care")
    at = f"/organise/session/{session}/{page}"
    form = await olga.get(at)
    seen = re.search(r'name="seen" value="([^"]+)"', form.text)
    assert seen
    kept = {"stamp": stamp(form), "seen": seen[1], "format": "online"}
    wrong = await olga.post(at, data=kept | {"provider": "teams", "given_link": LINK})
    assert (wrong.status_code, "To use this link, choose “A link of your own”." in text_of(wrong)) == (422, True)
    await olga.post(at, data=kept | {"provider": "given", "given_link": LINK})
    again = await olga.get(at)
    assert f'value="{LINK}"' in again.text


async def test_a_session_is_added_with_what_it_is_about(building: Building, olga: httpx.AsyncClient) -> None:
    await filled_in(olga, f"{week_of(building)}/add", **KINSHIP | {"description": "First line.\r\nSecond line."})
    one = titles(building)[KINSHIP["title"]]
    assert one.description == "First line.\nSecond line."
    shown = text_of(await olga.get(f"/organise/session/{one.id}"))
    assert "Which organisation runs it Dudley Council Who it is for Newly qualified social workers" in shown
    _, long = await filled_in(olga, f"{week_of(building)}/add", **KINSHIP | {"description": "x" * 2001})
    assert re.findall(r'<a href="#([a-z]+)">', long.text) == ["description"]


async def test_the_week_says_how_it_stands_and_which_address_to_share(building: Building, olga: httpx.AsyncClient) -> None:
    week = await olga.get(week_of(building))
    public = f"{ADDRESS}/midlands/programme/{building.programme_id}"
    assert f'<a class="govuk-link" href="{public}">{public}</a>' in week.text
    assert "State Published: people can book" in text_of(week)
    where = building.partnership_id, [titles(building)["Opening"].id or 0], Privacy.PRIVATE, building.rules
    building.write(set_privacy, *where, sees_private=True, actor=ACTOR, now=building.now)
    hidden = await olga.get(week_of(building))
    assert public not in hidden.text
    assert "no page shows them. Make an invitation and share its address." in text_of(hidden)


async def test_a_draft_has_no_address_to_share(building: Building, pat: httpx.AsyncClient) -> None:
    _, week = await start(pat, **PANELS)
    assert ("State Draft: nobody sees it yet" in text_of(week), "Address to share" in week.text) == (True, False)


async def test_who_is_refused_finds_the_way_back(building: Building, pat: httpx.AsyncClient) -> None:
    _, week = await start(pat, **PANELS)
    empty = await pat.get(f"{week.url.path}/publish")
    assert (empty.status_code, f'href="{week.url.path}">Go back to the week' in empty.text) == (409, True)
    session = building.session()
    at = f"/organise/session/{session}"
    building.change(session, venue="Elsewhere")
    form = await pat.get(at)
    assert "You can undo the last change until 2 minutes after it was made." in text_of(form)
    found = re.search(r'name="undo" value="(\d+)"', form.text)
    assert found
    building.later(minutes=3)
    late = await pat.post(f"{at}/undo", data={"stamp": stamp(form), "undo": found[1]})
    assert (late.status_code, f'href="{at}">Go back to the session' in late.text) == (409, True)


async def test_what_is_held_back_is_counted_among_all(building: Building, pat: httpx.AsyncClient) -> None:
    _, week = await start(pat, **PANELS | {"privacy": "open"})
    plain = {"title": "Talk", "date": "4 May 2027", "start": "9am", "end": "10am", "venue": "Town Hall"}
    await filled_in(pat, f"{week.url.path}/add", **plain)
    asked = {**plain, "title": "For parents and carers", "start": "2pm", "end": "3pm"}
    sent, question = await filled_in(pat, f"{week.url.path}/add", **asked)
    sure = re.search(r'name="sure" value="([^"]+)"', question.text)
    assert sure
    await pat.post(f"{week.url.path}/add", data=sent | {"sure": sure[1]})
    said = text_of(await pat.get(f"{week.url.path}/publish"))
    assert "1 session opens for booking. There are 2 in all." in said
    assert "1 of them may be for families. It stays closed until somebody says whether it is private:" in said


async def test_the_sample_is_a_schedule_that_can_be_sent(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"{week_of(building)}/import"
    form = await olga.get(at)
    assert f'href="{at}/sample.csv"' in form.text
    assert "Link: a link of your own, if people join by one." in text_of(form)
    sample = await olga.get(f"{at}/sample.csv")
    assert sample.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(list(csv.reader(StringIO(sample.content.decode("utf-8-sig"))))) == 4
    shown = await olga.post(at, data={"stamp": stamp(form)}, files={"file": ("schedule.csv", sample.content)})
    said = text_of(shown)
    assert ("3 new" in said, "Rows that cannot be used" in said, "Please look at these" in said) == (True, False, False)
    await olga.post(f"{shown.url.path}/all", data=sent_back(shown))
    made = titles(building)
    assert (made["Lunch and learn"].given_link, made["Lunch and learn"].provider) == ("https://example.org/your-link", Provider.GIVEN)
    assert made["A quiet talk"].privacy is Privacy.PRIVATE


async def test_a_date_without_a_year_is_named(building: Building, pat: httpx.AsyncClient) -> None:
    _, page = await start(pat, **PANELS | {"first": "4 May", "last": "6 May"})
    told = re.findall(r'<a href="#(\w+)">([^<]+)</a>', page.text)
    assert told == [
        (name, f"“{day}” has no year. Write it in full, such as 15 March 2027.") for name, day in (("first", "4 May"), ("last", "6 May"))
    ]


async def test_the_menu_says_where_one_is(building: Building, olga: httpx.AsyncClient) -> None:
    for path, called in ((week_of(building), "The week"), (f"{week_of(building)}/import", "Send a schedule")):
        assert re.findall(r'aria-current="page">([^<]+)<', (await olga.get(path)).text) == [called]
