"""What can be asked for no more: no page offers it, and no form of it is shown to be filled in for nothing."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from domain.closing import close
from domain.kinds import Mode
from domain.models import Booking
from tests.building import ACTOR, START, Building, rows
from tests.private_building import made_code, private_session
from tests.series_building import DAYS, run_of
from tests.visiting_building import post_office
from tests.web.conftest import send, stamp
from tests.web.test_mine import hybrid

#: past the cut-off: nobody is promoted any more
LATE = START - timedelta(hours=1)
ANN = {"name": "Ann", "email": "ann@example.org", "organisation": "Northfield Council"}
NO_LIST, LIST = "there is no waiting list now", ("You can wait for one", "Join the waiting list", "You are on the waiting list when you")


def offers(*pages: httpx.Response) -> list[bool]:
    """Whether each of these pages offers to wait."""
    return [any(said in page.text for said in LIST) for page in pages]


async def test_a_full_session_offers_no_list_that_stands_still(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    path = f"/midlands/session/{session}"
    open_form = stamp(await browser.get(f"{path}/book"))
    building.book(session, building.person(1))
    assert offers(await browser.get(path), await browser.get(f"{path}/book")) == [True, True]
    building.now = LATE
    pages = [await browser.get(path), await browser.get(f"{path}/book")]
    assert (offers(*pages), [NO_LIST in page.text for page in pages]) == ([False, False], [True, True])
    assert [f'href="{path}/book"' in pages[0].text, "<form" in pages[1].text] == [False, False]
    sent = await browser.post(f"{path}/book", data={"stamp": open_form, **ANN})
    assert (sent.status_code, NO_LIST in sent.text) == (409, True)


async def test_a_full_invitation_offers_no_list_that_stands_still(building: Building, browser: httpx.AsyncClient) -> None:
    session = private_session(building, places=1)
    at = f"/midlands/invited/{made_code(building, most_uses=None).code}"
    open_form = stamp(await browser.get(f"{at}/{session}/book"))
    await send(browser, f"{at}/{session}/book", {"name": "Star", "email": "star@family.example"})
    (letter,) = post_office(building)
    assert letter.links is not None
    await send(browser, f"/prove/{letter.links.prove}", {})
    assert offers(await browser.get(at)) == [True]
    building.now = LATE
    pages = [await browser.get(at), await browser.get(f"{at}/{session}/book")]
    assert (offers(*pages), [NO_LIST in page.text for page in pages]) == ([False, False], [True, True])
    typed = {"name": "Moon", "email": "moon@family.example", "childcare": "Two, 3 and 5"}
    sent = await browser.post(f"{at}/{session}/book", data={"stamp": open_form, **typed})
    assert (sent.status_code, NO_LIST in sent.text) == (409, True)


async def test_a_full_series_offers_no_list_that_stands_still(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building, places=1)
    run.book(building.person(1))
    paths = [f"/midlands/programme/{building.programme_id}", f"/midlands/series/{run.id}", f"/midlands/series/{run.id}/book"]
    assert offers(*[await browser.get(path) for path in paths]) == [True, True, True]
    building.now = DAYS[0] - timedelta(hours=1)
    pages = [await browser.get(path) for path in paths]
    assert (offers(*pages), [NO_LIST in page.text for page in pages]) == ([False] * 3, [True] * 3)
    assert [f'href="{paths[2]}"' in page.text for page in pages] == [False] * 3


@pytest.mark.parametrize("what", ["called off", "closed"])
async def test_the_form_of_what_takes_no_bookings_is_not_to_be_filled_in(building: Building, browser: httpx.AsyncClient, what: str) -> None:
    session = building.session()
    if what == "closed":
        building.write(close, building.partnership_id, building.programme_id, actor=ACTOR, now=building.now)
    else:
        building.call_off(session)
    form = await browser.get(f"/midlands/session/{session}/book")
    said = "Booking for this programme has closed." if what == "closed" else "This session has been called off."
    assert (form.status_code, said in form.text, "<form" in form.text) == (200, True, False)


async def test_the_form_of_a_series_that_takes_no_bookings_is_not_to_be_filled_in(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building)
    building.write(close, building.partnership_id, building.programme_id, actor=ACTOR, now=building.now)
    pages = [await browser.get(f"/midlands/series/{run.id}{rest}") for rest in ("", "/book")]
    assert [("Booking for this series has closed." in page.text, "<form" in page.text) for page in pages] == [(True, False)] * 2


async def test_a_part_of_a_series_has_no_form_of_its_own(building: Building, browser: httpx.AsyncClient) -> None:
    form = await browser.get(f"/midlands/session/{run_of(building).parts[0]}/book")
    assert ("This session is part of a series" in form.text, "<form" in form.text) == (True, False)


async def test_an_invitation_shows_no_form_for_what_is_called_off(building: Building, browser: httpx.AsyncClient) -> None:
    session = private_session(building)
    at = f"/midlands/invited/{made_code(building, most_uses=None).code}"
    building.call_off(session)
    assert f"{session}/book" not in (await browser.get(at)).text


async def test_late_one_takes_part_the_way_that_is_left(building: Building, browser: httpx.AsyncClient) -> None:
    session = hybrid(building, online_places=5)
    path = f"/midlands/session/{session}/book"
    building.now = LATE
    open_form = stamp(await browser.get(path))
    building.book(session, building.person(1), mode=Mode.ROOM)
    form = await browser.get(path)
    assert ("You take part online. There is no place left the other way." in form.text, 'type="radio" value="room"' in form.text) == (
        True,
        False,
    )
    other = await browser.post(path, data={"stamp": open_form, **ANN, "mode": "room"})
    assert (other.status_code, 'href="#mode"' in other.text, 'value="ann@example.org"' in other.text) == (422, True, True)
    await send(browser, path, ANN | {"mode": "online"})
    assert [one.mode for one in building.read(rows, Booking, Booking.session_id == session)] == [Mode.ROOM, Mode.ONLINE]


async def test_who_chose_no_way_is_not_said_to_have_chosen_one(building: Building, browser: httpx.AsyncClient) -> None:
    """There were two when the form was read; of these one has filled up since."""
    session = hybrid(building, places=1, starts_at=building.now + timedelta(minutes=20))
    at = f"/midlands/session/{session}/book"
    form = await browser.get(at)
    building.book(session, building.person(1), mode=Mode.ROOM)
    typed = {"stamp": stamp(form), "name": "Ann Lee", "email": "ann@example.org", "organisation": "Northfield Council"}
    page = await browser.post(at, data=typed)
    assert ("There is only one way left to take part." in page.text, "the way that you chose" in page.text) == (True, False)
    chose = await browser.post(at, data=typed | {"mode": "room"})
    assert "All places are taken the way that you chose." in chose.text
