"""A family that says yes to a place that is not for families is asked where they work, and goes back to their yes."""

from __future__ import annotations

from datetime import timedelta

import httpx

from domain.models import BookingState
from tests.building import START, Building
from tests.visiting_building import post_office
from tests.web.conftest import send, stamp
from tests.web.test_choosing import ROSIE, family, rosie


async def test_a_yes_asks_first_where_they_work_and_once_it_is_said_the_place_is_theirs(
    building: Building, browser: httpx.AsyncClient
) -> None:
    own, staff = await family(building, browser), building.session(title="Kinship", starts_at=START + timedelta(days=1))
    building.session(title="Panel", audience="Parents", starts_at=START + timedelta(days=2))
    await send(browser, f"/midlands/session/{staff}/book", {"name": "Rosie", "email": ROSIE, "organisation": "Northfield Council"})
    page = await browser.get(own)
    asked = await browser.post(f"{own}/session/{staff}/accept", data={"stamp": stamp(page)})
    assert (asked.status_code, asked.url.path) == (200, f"{own}/find")
    assert "Please tell us where you do. Then say yes once more." in asked.text
    assert ("Book another session</h1>" in asked.text, "Do you work or study with us?" in asked.text) == (False, False)
    empty = await browser.post(str(asked.url), data={"stamp": stamp(asked), "organisation": " "})
    assert (empty.status_code, "Then say yes once more." in empty.text) == (422, True)
    told = await browser.post(str(asked.url), data={"stamp": stamp(asked), "organisation": "Northfield Council", "area": "adults"})
    assert (told.url.path, "If you want the place, say yes once more." in told.text) == (own, True)
    done = await browser.post(f"{own}/session/{staff}/accept", data={"stamp": stamp(told)})
    assert "You have said yes." in done.text
    assert rosie(building)[2] == "Northfield Council"


async def test_a_second_form_filled_in_as_a_family_does_not_let_the_first_mail_book_without_asking(
    building: Building, browser: httpx.AsyncClient
) -> None:
    staff = building.session(title="Kinship", audience="Social workers")
    panel = building.session(title="Panel", audience="Parents", starts_at=START + timedelta(days=1))
    typed = {"name": "Rosie", "email": ROSIE}
    await send(browser, f"/midlands/session/{staff}/book", typed | {"organisation": "Northfield Council"})
    await send(browser, f"/midlands/session/{panel}/book", typed | {"family": "yes"})
    (link,) = [one.links.prove for one in post_office(building) if one.links and one.session and one.session.title == "Kinship"]
    question = await browser.get(f"/prove/{link}")
    assert "Where do you work or study?" in question.text
    again = await browser.post(f"/prove/{link}", data={"stamp": stamp(question)})
    assert again.url.path == f"/prove/{link}"
    done = await browser.post(f"/prove/{link}", data={"stamp": stamp(question), "organisation": "Northfield Council"})
    assert "You have a place." in done.text
    assert rosie(building)[2] == "Northfield Council"
    assert building.booking(staff, 1).state is BookingState.CONFIRMED
