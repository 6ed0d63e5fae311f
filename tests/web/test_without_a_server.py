"""Where a Discord server was left, no page speaks of it, though people have their accounts still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from domain.announcements import Written, write
from domain.models import Audience
from domain.organisers import add_organiser
from tests.building import ACTOR, Building
from tests.web.conftest import ADDRESS, OLGA, front_like, sign_in, stamp
from tests.web.organising_building import text_of
from tests.web.test_mine import mine
from web.app import make_app
from web.front import Front

PAGES = {
    "own": "{own}",
    "reminders": "{own}/reminders",
    "call off": "/organise/programme/{programme}/call-off?day=all",
    "message": "/organise/message/{message}",
    "history": "/organise/programme/{programme}/history",
}


@pytest.fixture
async def left(building: Building, front: Front) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the pages of a partnership whose server was left."""
    made = make_app(front_like(front, each=[replace(front.each[0], has_server=False)]))
    transport = httpx.ASGITransport(made, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, follow_redirects=True) as client:
        yield client


def somebody(building: Building) -> int:
    """Who came by chat once, is reminded there, and has a place."""
    person = building.person(1, reminders_by_chat=True)
    building.book(building.session(), person)
    return person


@pytest.mark.parametrize("page", PAGES)
async def test_where_a_server_was_left_no_page_speaks_of_it(building: Building, left: httpx.AsyncClient, page: str) -> None:
    me = somebody(building)
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    told = Written(building.programme_id, Audience.CONFIRMED, "Rooms", "The room is upstairs.")
    message = building.write(write, building.partnership_id, told, actor="discord:1", now=building.now)
    await sign_in(building, left)
    at = PAGES[page].format(own=mine(building, me), programme=building.programme_id, message=message)
    assert "Discord" not in text_of(await left.get(at))


async def test_who_would_be_told_in_chat_is_counted_by_e_mail(building: Building, left: httpx.AsyncClient) -> None:
    somebody(building)
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    told = Written(building.programme_id, Audience.CONFIRMED, "Rooms", "The room is upstairs.")
    message = building.write(write, building.partnership_id, told, actor="discord:1", now=building.now)
    await sign_in(building, left)
    assert "It goes to 1 person: 1 by e-mail." in text_of(await left.get(f"/organise/message/{message}"))
    called_off = text_of(await left.get(f"/organise/programme/{building.programme_id}/call-off?day=all"))
    assert "1 person would be told: 1 e-mail." in called_off


async def test_nobody_can_choose_to_be_reminded_where_nothing_arrives(building: Building, left: httpx.AsyncClient) -> None:
    own = mine(building, somebody(building))
    page = await left.get(own)
    assert ("They come by e-mail." in text_of(page), "/reminders" in page.text) == (True, False)
    refused = await left.post(f"{own}/reminders", data={"stamp": stamp(await left.get(f"{own}/session/2/cancel")), "by": "chat"})
    assert (refused.status_code, "Choose at least one way to be reminded." in text_of(refused)) == (409, True)
