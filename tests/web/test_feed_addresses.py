"""Feeds: what other calendar programs read, again and again, behind an address that can be made anew."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar, Component

from domain.kinds import Format, Provider
from domain.links import Wanted, mint
from domain.models import Privacy, Purpose
from tests.building import START, Building
from tests.visiting_building import LINK_KEY, post_office
from tests.web.conftest import ADDRESS, stamp

LINK = "https://meet.example/room-1"
ONLINE: dict[str, Any] = {"format": Format.ONLINE, "provider": Provider.GIVEN, "given_link": LINK, "venue": None}


def mine_of(building: Building, person: int) -> str:
    """The path of somebody's own page."""
    wanted = Wanted(Purpose.MINE, person, building.partnership_id, building.now + timedelta(days=180), person_id=person)
    return f"/mine/{building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject]}"


async def feed_address(browser: httpx.AsyncClient, mine: str, **typed: str) -> str:
    """The path of the feed that the page gives after its button was pressed."""
    page = await browser.get(f"{mine}/calendar")
    page = await browser.post(f"{mine}/calendar", data={"stamp": stamp(page), **typed})
    found = re.search(rf"{ADDRESS}(/calendar/[A-Za-z0-9_-]{{22}}\.ics)", page.text)
    assert found, page.text
    return found[1]


def entries(content: bytes) -> list[Component]:
    return Calendar.from_ical(content).walk("VEVENT")


async def test_a_persons_feed_holds_their_places_with_their_ways_in(building: Building, browser: httpx.AsyncClient) -> None:
    person, other = building.person(1, discord_id=None), building.person(2)
    talk, room, full = building.session(title="Talk", **ONLINE), building.session(title="Room"), building.session(title="Full", places=1)
    building.book(talk, person)
    building.book(room, person, accept_clash=True)
    building.book(full, other)
    building.book(full, person, accept_clash=True)  # waits
    ways = {one.session.title: one.links.join for one in post_office(building) if one.session and one.links and one.person_id == person}
    feed = await browser.get(await feed_address(browser, mine_of(building, person)))
    assert (feed.status_code, feed.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    read = {str(one["SUMMARY"]): str(one["LOCATION"]) for one in entries(feed.content)}
    assert read == {"Talk": f"{ADDRESS}/join/{ways['Talk']}", "Room": "Town Hall, room 2"}
    (talking,) = [one for one in entries(feed.content) if one["SUMMARY"] == "Talk"]
    assert str(talking["DESCRIPTION"]).split("\n")[:5] == [
        "Join the online meeting:", LINK, "", "The newest link is always here:", f"{ADDRESS}/join/{ways['Talk']}",
    ]  # fmt: skip


async def test_a_feed_is_made_as_calendar_programs_ask(building: Building, browser: httpx.AsyncClient) -> None:
    person = building.person(1, discord_id=None)
    building.book(building.session(), person)
    content = (await browser.get(await feed_address(browser, mine_of(building, person)))).content
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    for line in (
        "X-WR-CALNAME:Midlands Teaching Partnership: my sessions",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ):
        assert line in lines
    assert [line for line in lines if line.startswith(("METHOD", "ATTENDEE", "ORGANIZER"))] == []
    [read] = IcsCalendarStream.calendar_from_ics(content.decode()).events
    assert isinstance(read.dtstart, datetime)
    other = vobject.readOne(content.decode()).vevent
    assert read.dtstart.astimezone(UTC) == other.dtstart.value.astimezone(UTC) == START


async def test_who_has_the_newest_is_told_so_until_something_changes(building: Building, browser: httpx.AsyncClient) -> None:
    person = building.person(1, discord_id=None)
    session = building.session()
    building.book(session, person)
    path = await feed_address(browser, mine_of(building, person))
    first = await browser.get(path)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    building.later(minutes=5)
    for asked in (tag, f'"other", W/{tag}', "*"):
        again = await browser.get(path, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    building.move(session, START + timedelta(hours=3))
    changed = await browser.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    building.call_off(session)
    assert entries((await browser.get(path)).content) == []


async def test_reading_a_feed_changes_nothing(building: Building, browser: httpx.AsyncClient) -> None:
    person = building.person(1, discord_id=None)
    mine = mine_of(building, person)
    page = await browser.get(f"{mine}/calendar")
    assert ("Make my calendar address" in page.text, "/calendar/" in page.text.replace(f"{mine}/calendar", "")) == (True, False)
    path = await feed_address(browser, mine)
    assert await feed_address(browser, mine) == path  # pressed twice, it is the same


async def test_a_new_address_closes_the_old_one(building: Building, browser: httpx.AsyncClient) -> None:
    person = building.person(1, discord_id=None)
    mine = mine_of(building, person)
    old = await feed_address(browser, mine)
    new = await feed_address(browser, mine, new="yes")
    answers = [(await browser.get(path)).status_code for path in (old, new, new.replace("/calendar/", "/mine/").removesuffix(".ics"))]
    assert answers == [404, 200, 404]


async def test_a_programmes_feed_is_for_everybody_and_tells_nothing_of_those_booked(building: Building, browser: httpx.AsyncClient) -> None:
    talk = building.session(title="Talk", notes="The code is 1234.", description="On fathers.", **ONLINE)
    building.session(title="Secret", privacy=Privacy.PRIVATE)
    off = building.session(title="Off")
    building.call_off(off)
    path = f"/midlands/programme/{building.programme_id}/calendar.ics"
    feed = await browser.get(path)
    assert [str(one["SUMMARY"]) for one in entries(feed.content)] == ["Opening", "Talk"]
    (entry,) = [one for one in entries(feed.content) if one["SUMMARY"] == "Talk"]
    assert (str(entry["LOCATION"]), str(entry["URL"])) == ("Online", f"{ADDRESS}/midlands/session/{talk}")
    for hidden in (LINK, "1234", "Secret", "ATTENDEE", "METHOD", "CONFERENCE", "my bookings"):
        assert hidden not in feed.text.replace("\r\n ", "")
    again = await browser.get(path, headers={"If-None-Match": feed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert len(IcsCalendarStream.calendar_from_ics(feed.text).events) == 2


@pytest.mark.parametrize("path", ["/midlands/programme/999/calendar.ics", "/elsewhere/programme/1/calendar.ics", "/calendar/short.ics"])
async def test_a_feed_that_there_is_not_is_a_page_that_says_so(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, "We could not find that page" in answer.text) == (404, True)


async def test_a_session_stays_in_the_feed_for_a_month_after_it(building: Building, browser: httpx.AsyncClient) -> None:
    person = building.person(1, discord_id=None)
    building.book(building.session(), person)
    path = await feed_address(browser, mine_of(building, person))
    found = []
    for days in (30, 32):
        building.now = START + timedelta(days=days)
        found.append(len(entries((await browser.get(path)).content)))
    assert found == [1, 0]
