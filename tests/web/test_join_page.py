"""The way into a session: what its page shows as things stand, and who counts as there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from domain import attendance
from domain.database import Db
from domain.joining import way_in
from domain.kinds import Format, Provider
from domain.materials import add_link
from domain.models import Attendance, Session
from tests.building import ACTOR, START, Building
from tests.private_building import make_private
from tests.visiting_building import post_office
from tests.web.conftest import stamp

LINK = "https://meet.example/room-1"


def booked(building: Building, **other: Any) -> tuple[int, int, str]:
    """A session online with a given link, somebody with a place on it, and the path of their way in."""
    facts: dict[str, Any] = {"format": Format.ONLINE, "provider": Provider.GIVEN, "given_link": LINK, "venue": None}
    session = building.session(**facts | other)
    person = building.person(1, discord_id=None)
    building.book(session, person)
    (letter,) = post_office(building)
    assert letter.links is not None
    return session, person, f"/join/{letter.links.join}"


def at(building: Building, minutes: float) -> None:
    """Let it be so many minutes after the start."""
    building.now = START + timedelta(minutes=minutes)


def mark_of(building: Building, session: int, person: int) -> Attendance:
    return building.booking(session, person).attendance


async def press(browser: httpx.AsyncClient, path: str, shown: httpx.Response) -> httpx.Response:
    return await browser.post(path, data={"stamp": stamp(shown)})


async def test_the_page_leads_to_the_room_and_says_whom_to_call(building: Building, browser: httpx.AsyncClient) -> None:
    _, _, path = booked(building, notes="Join five minutes early.")
    page = await browser.get(path)
    assert (page.status_code, page.headers["referrer-policy"], page.headers["cache-control"]) == (200, "no-referrer", "no-store")
    for said in (f'href="{LINK}"', "Strengths", "Monday 15 March 2027, 9.30am to 10.15am", "0121 496 0000", "Join five minutes early."):
        assert said in page.text


async def test_opening_the_page_records_nothing(building: Building, browser: httpx.AsyncClient) -> None:
    session, person, path = booked(building)
    at(building, 5)
    await browser.get(path)
    await browser.head(path)
    assert mark_of(building, session, person) is Attendance.UNKNOWN


@pytest.mark.parametrize(
    ("minutes", "mark"),
    [(-31, Attendance.UNKNOWN), (-30, Attendance.ATTENDED), (44, Attendance.ATTENDED), (45, Attendance.UNKNOWN)],
)
async def test_i_am_here_counts_from_half_an_hour_before_the_start_until_the_end(
    building: Building, browser: httpx.AsyncClient, minutes: int, mark: Attendance
) -> None:
    session, person, path = booked(building)
    at(building, 0)
    shown = await browser.get(path)
    at(building, minutes)
    after = await press(browser, path, shown)
    assert (after.status_code, mark_of(building, session, person)) == (200, mark)


async def test_pressed_twice_it_marks_once(building: Building, browser: httpx.AsyncClient) -> None:
    session, person, path = booked(building)
    at(building, 0)
    shown = await browser.get(path)
    for _ in range(2):
        page = await press(browser, path, shown)
    assert "You have told us that you are here." in page.text
    assert mark_of(building, session, person) is Attendance.ATTENDED


async def test_an_organisers_mark_stands(building: Building, browser: httpx.AsyncClient) -> None:
    session, person, path = booked(building)
    at(building, 10)
    shown = await browser.get(path)
    marks = {person: Attendance.ABSENT}
    building.write(attendance.mark, building.partnership_id, session, marks, actor=ACTOR, now=building.now)
    await press(browser, path, shown)
    assert mark_of(building, session, person) is Attendance.ABSENT


async def test_a_place_that_is_given_back_before_the_start_was_not_attended(building: Building, browser: httpx.AsyncClient) -> None:
    session, person, path = booked(building)
    at(building, -20)
    await press(browser, path, await browser.get(path))
    building.cancel(session, person)
    page = await browser.get(path)
    assert "You do not have a place" in page.text
    assert LINK not in page.text
    assert mark_of(building, session, person) is Attendance.UNKNOWN


async def test_a_new_link_is_there_at_once_under_the_same_address(building: Building, browser: httpx.AsyncClient) -> None:
    session, _, path = booked(building)
    building.change(session, given_link="https://other.example/room-2")
    page = await browser.get(path)
    assert 'href="https://other.example/room-2"' in page.text
    assert LINK not in page.text


async def test_a_session_that_moved_shows_its_new_hour(building: Building, browser: httpx.AsyncClient) -> None:
    session, _, path = booked(building)
    building.move(session, START + timedelta(hours=5))
    assert "2.30pm to 3.15pm" in (await browser.get(path)).text


async def test_a_link_that_is_not_ready_is_said_to_come(building: Building, browser: httpx.AsyncClient) -> None:
    session, _, path = booked(building)
    building.change(session, provider=Provider.TEAMS, given_link=None)
    page = await browser.get(path)
    assert "The link is not ready yet." in page.text
    assert "Join the online meeting" not in page.text


@pytest.mark.parametrize("over", [True, False])
async def test_what_is_called_off_or_over_leads_nowhere(building: Building, browser: httpx.AsyncClient, over: bool) -> None:
    session, _, path = booked(building)
    if over:
        at(building, 46)
    else:
        building.call_off(session)
    page = await browser.get(path)
    assert ("This session is over." if over else "This session has been called off.") in page.text
    assert LINK not in page.text


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://169.254.169.254/latest", "http://localhost/", "https://a:b@meet.example/1"]
)
async def test_what_nobody_should_open_is_no_link(building: Building, browser: httpx.AsyncClient, link: str) -> None:
    session, _, path = booked(building)
    building.write(_set_link, session, link)
    page = await browser.get(path)
    assert f'href="{link}"' not in page.text
    assert "The organisers wrote" in page.text


async def test_of_a_private_session_the_page_shows_the_neutral_title(building: Building, browser: httpx.AsyncClient) -> None:
    session, _, path = booked(building)
    building.write(make_private, session)
    page = await browser.get(path)
    assert "Your session" in page.text
    assert "Strengths" not in page.text


async def test_a_day_after_the_end_the_address_is_gone(building: Building, browser: httpx.AsyncClient) -> None:
    _, _, path = booked(building)
    building.now = START + timedelta(days=1, minutes=45)
    assert (await browser.get(path)).status_code == 404
    assert (await browser.get(f"/feedback/{path.rsplit('/', 1)[1]}")).status_code == 404


def _set_link(db: Db, session_id: int, link: str) -> None:
    session = db.exec(select(Session).where(Session.id == session_id)).one()
    session.given_link = link
    db.add(session)


async def test_what_there_is_to_read_is_there_for_who_has_a_place_and_for_nobody_else(
    building: Building, browser: httpx.AsyncClient
) -> None:
    session, person, path = booked(building)
    where = building.partnership_id, session, "https://example.org/read", "Short guide", building.rules
    building.write(add_link, *where, actor=ACTOR, now=building.now)
    before = await browser.get(path)
    building.cancel(session, person)
    after = await browser.get(path)
    assert ['href="https://example.org/read"' in page.text for page in (before, after)] == [True, False]


@pytest.mark.parametrize("over", [True, False])
async def test_once_it_is_over_or_called_off_there_is_nothing_to_read(building: Building, over: bool) -> None:
    session, _, path = booked(building)
    where = building.partnership_id, session, "https://example.org/read", "Short guide", building.rules
    building.write(add_link, *where, actor=ACTOR, now=building.now)

    def read() -> list[str]:
        found = building.read(way_in, [building.partnership_id], path.removeprefix("/join/"), now=building.now)
        return [one.label for one in found.session.materials]

    assert read() == ["Short guide"]
    if over:
        at(building, 45)
    else:
        building.call_off(session)
    assert read() == []
