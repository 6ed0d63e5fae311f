"""Whether a programme is ready, before and after it is published: what a draft lacks, and each session that lacks it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from domain.organisers import add_organiser, sync_organisers
from tests.building import ACTOR, Building
from tests.private_building import private_session
from tests.web.conftest import OLGA, sign_in
from tests.web.organising_building import text_of, titles, week_of

TEAMS = "Teams is not set up here. Choose another provider or give a link of your own, or ask for Teams."


@pytest.fixture
def draft(building: Building, olga: httpx.AsyncClient) -> httpx.AsyncClient:
    """Olga's browser; she organises a programme in draft, too."""
    building.programme("Next week", publish=False)
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    return olga


@pytest.mark.parametrize("page", ["ready", "publish"])
async def test_what_a_draft_lacks_is_said_before_anybody_can_book_with_each_session(
    building: Building, draft: httpx.AsyncClient, page: str
) -> None:
    sessions = [building.online(title=title, presenter="Priya Shah") for title in ("Welcome", "Kinship care")]
    shown = await draft.get(f"{week_of(building)}/{page}")
    named = "“Welcome” (Monday 15 March 2027, 9.30am to 10.15am) “Kinship care” (Monday 15 March 2027, 9.30am to 10.15am)"
    assert f"2 sessions would have no link to join. {TEAMS} {named}" in text_of(shown)
    assert [one for one in sessions if f'href="/organise/session/{one}">“' not in shown.text] == []
    opening = titles(building)["Opening"].id
    assert f'href="/organise/session/{opening}">Open this session' in shown.text
    assert "names nobody who leads it. Name somebody." in text_of(shown)


async def test_a_draft_that_lacks_nothing_is_not_said_to_have_its_links(building: Building, draft: httpx.AsyncClient) -> None:
    building.change(titles(building)["Opening"].id or 0, presenter="Priya Shah", venue="Council House")
    said = text_of(await draft.get(f"{week_of(building)}/ready"))
    assert "Nothing is missing. Nobody can book the drafts before you publish them ." in said
    assert "Still missing" not in text_of(await draft.get(f"{week_of(building)}/publish"))


async def test_a_programme_without_sessions_is_not_ready(building: Building, draft: httpx.AsyncClient) -> None:
    building.call_off(titles(building)["Opening"].id or 0)
    said = text_of(await draft.get(f"{week_of(building)}/ready"))
    assert ("There are no sessions yet." in said, "Yes." in said) == (True, False)


async def test_the_same_trouble_of_several_published_sessions_names_each(building: Building, olga: httpx.AsyncClient) -> None:
    sessions = [building.online(title=title) for title in ("Welcome", "Kinship care")]
    shown = await olga.get(f"{week_of(building)}/ready")
    assert f"2 sessions have no link to join. {TEAMS} “Welcome”" in text_of(shown)
    assert [one for one in sessions if f'href="/organise/session/{one}">“' not in shown.text] == []


async def test_a_session_that_has_begun_is_not_said_to_open(building: Building, draft: httpx.AsyncClient) -> None:
    building.session(title="Today", starts_at=building.now + timedelta(minutes=30))
    building.later(hours=1)
    said = text_of(await draft.get(f"{week_of(building)}/publish"))
    assert "1 session opens for booking. There are 2 in all. 1 more has begun, so nobody can book it." in said


@pytest.mark.parametrize("may", [False, True])
async def test_the_room_of_a_private_session_is_told_to_who_sees_it_alone(
    building: Building, browser: httpx.AsyncClient, may: bool
) -> None:
    session = private_session(building, venue="Rowan House")
    private_session(building, venue="Rowan House")
    own = OLGA if may else "own@council.gov.uk"
    building.write(add_organiser, building.partnership_id, building.programme_id, own, actor=ACTOR, now=building.now)
    building.write(sync_organisers, building.partnership_id, [OLGA], now=building.now)
    await sign_in(building, browser)
    pages = [await browser.get(at) for at in (f"/organise/session/{session}", f"{week_of(building)}/ready")]
    assert "has the same room as" in text_of(pages[1])
    assert [(page.status_code, "Rowan House" in page.text) for page in pages] == [(200, may)] * 2
