"""Feedback by an e-mailed link: asked once, stored apart from who answered, and told plainly where it cannot be given."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import httpx
import pytest
from sqlmodel import SQLModel, select

from domain.attendance import mark
from domain.database import Db
from domain.feedback.asking import close_feedback, owe_prompts
from domain.models import Attendance, FeedbackAnswer, FeedbackGiven, FeedbackResponse
from tests.building import ACTOR, START, Building
from tests.visiting_building import post_office
from tests.web.conftest import stamp

Row = TypeVar("Row", bound=SQLModel)
OVER = START + timedelta(hours=1)


def asked(building: Building) -> tuple[int, int, str]:
    """A session that is over, somebody who was there, and the path in their request for feedback."""
    session, person = building.session(), building.person(1, discord_id=None)
    building.book(session, person)
    post_office(building)
    building.now = OVER
    building.write(owe_prompts, building.rules, now=building.now)
    (letter,) = [one for one in post_office(building) if one.links is not None and one.links.feedback]
    assert letter.links is not None
    return session, person, f"/feedback/{letter.links.feedback}"


def stored(building: Building) -> dict[str, int | str | None]:
    return {one.question: one.number if one.number is not None else one.text for one in building.read(all_of, FeedbackAnswer)}


def all_of(db: Db, table: type[Row]) -> list[Row]:
    found = list(db.exec(select(table)))
    db.expunge_all()
    return found


async def test_answers_are_stored_once_and_without_their_person(building: Building, browser: httpx.AsyncClient) -> None:
    session, person, path = asked(building)
    form = await browser.get(path)
    typed = {"stamp": stamp(form), "rating": "4", "confidence_before": "2", "do_better": "  More time. ", "do_differently": " "}
    for rating in ("4", "1"):  # sent twice
        thanks = await browser.post(path, data=typed | {"rating": rating})
        assert (thanks.status_code, thanks.url.path, "We have your feedback" in thanks.text) == (200, path, True)
    assert stored(building) == {"rating": 4, "confidence_before": 2, "do_better": "More time."}
    (response,) = building.read(all_of, FeedbackResponse)
    assert set(response.model_dump()) == {"id", "partnership_id", "session_id", "received_on", "released"}
    (given,) = building.read(all_of, FeedbackGiven)
    assert given.model_dump() == {"session_id": session, "person_id": person}


async def test_opening_the_page_records_nothing(building: Building, browser: httpx.AsyncClient) -> None:
    _, _, path = asked(building)
    await browser.get(path)
    assert (building.read(all_of, FeedbackGiven), stored(building)) == ([], {})


@pytest.mark.parametrize("rating", ["", "0", "6", "four", "４"])
async def test_without_a_number_nothing_is_stored_and_what_was_typed_stays(
    building: Building, browser: httpx.AsyncClient, rating: str
) -> None:
    _, _, path = asked(building)
    form = await browser.get(path)
    again = await browser.post(path, data={"stamp": stamp(form), "rating": rating, "do_better": "<b>More</b> time"})
    assert (again.status_code, stored(building)) == (422, {})
    for said in ("There is a problem", 'href="#rating"', "&lt;b&gt;More&lt;/b&gt; time", "<title>Error:"):
        assert said in again.text


async def test_an_answer_that_is_too_long_is_told_beside_it(building: Building, browser: httpx.AsyncClient) -> None:
    _, _, path = asked(building)
    form = await browser.get(path)
    again = await browser.post(path, data={"stamp": stamp(form), "rating": "5", "do_better": "x" * 1001})
    assert (again.status_code, stored(building)) == (422, {})
    assert 'href="#do_better"' in again.text


async def test_who_is_marked_as_absent_is_told_so(building: Building, browser: httpx.AsyncClient) -> None:
    session, person, path = asked(building)
    form = await browser.get(path)
    building.write(mark, building.partnership_id, session, {person: Attendance.ABSENT}, actor=ACTOR, now=building.now)
    page = await browser.post(path, data={"stamp": stamp(form), "rating": "5"})
    assert "Our list says that you were not at this session." in page.text
    assert stored(building) == {}


async def test_when_feedback_has_closed_the_page_says_so_and_later_it_is_gone(building: Building, browser: httpx.AsyncClient) -> None:
    _, _, path = asked(building)
    building.later(days=7)
    building.write(close_feedback, building.rules, now=building.now)
    assert "Feedback on this session has closed." in (await browser.get(path)).text
    building.later(days=30)
    assert (await browser.get(path)).status_code == 404


async def test_a_link_to_feedback_opens_no_other_page(building: Building, browser: httpx.AsyncClient) -> None:
    _, _, path = asked(building)
    token = path.rsplit("/", 1)[1]
    answers = [(await browser.get(other)).status_code for other in (f"/join/{token}", f"/mine/{token}", f"/calendar/{token}.ics")]
    assert answers == [404, 404, 404]
