"""What somebody keeps: certificates of what they attended, and drafts of CPD notes that are kept by nobody else."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import docx
import httpx
import pytest

from domain.attendance import mark
from domain.cpd import CPD_FORM
from domain.joining import say_here
from domain.links import Wanted, mint
from domain.models import Attendance, Booking, Purpose
from tests.building import ACTOR, START, Building, rows
from tests.private_building import make_private
from tests.visiting_building import LINK_KEY
from tests.web.conftest import stamp


def been(building: Building, *, marked: bool = True, **other: Any) -> tuple[int, str]:
    """A session that is over, and the path of the page of somebody who was there."""
    session, person = building.session(organisation="Northfield Council", **other), building.person(1, discord_id=None, name="Ann Other")
    building.book(session, person)
    building.now = START + timedelta(hours=1)
    if marked:
        building.write(mark, building.partnership_id, session, {person: Attendance.ATTENDED}, actor=ACTOR, now=building.now)
    wanted = Wanted(Purpose.MINE, person, building.partnership_id, building.now + timedelta(days=180), person_id=person)
    return session, f"/mine/{building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject]}"


async def test_the_certificate_of_attendance_is_theirs_alone(building: Building, browser: httpx.AsyncClient) -> None:
    _, mine = been(building)
    path = f"{mine}/certificates/programme/{building.programme_id}.pdf"
    listed = await browser.get(f"{mine}/certificates")
    assert f'href="{path}"' in listed.text
    file = await browser.get(path)
    assert (file.status_code, file.headers["content-type"], file.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert file.headers["cache-control"] == "no-store"
    other = building.person(2)
    wanted = Wanted(Purpose.MINE, other, building.partnership_id, building.now + timedelta(days=1), person_id=other)
    token = building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject]
    assert (await browser.get(f"/mine/{token}/certificates/programme/{building.programme_id}.pdf")).status_code == 404
    assert (await browser.get(f"{mine}/certificates/series/1.pdf")).status_code == 404


async def test_who_says_at_the_door_that_they_are_here_has_a_certificate_only_when_the_session_is_over(
    building: Building, browser: httpx.AsyncClient
) -> None:
    session, mine = been(building, marked=False)
    path = f"{mine}/certificates/programme/{building.programme_id}.pdf"
    building.now = START - timedelta(minutes=10)
    [place] = building.read(rows, Booking)
    door = Wanted(
        Purpose.JOIN, place.id, building.partnership_id, START + timedelta(days=1), person_id=place.person_id, booking_id=place.id
    )
    token = building.write(mint, LINK_KEY, [door], now=building.now)[door.subject]
    building.write(say_here, [building.partnership_id], token, now=building.now)
    ends = START + timedelta(minutes=45)
    for now, listed in ((building.now, False), (ends - timedelta(minutes=1), False), (ends, True)):
        building.now = now
        pages = [(await browser.get(page)).text for page in (mine, f"{mine}/certificates")]
        assert ["What you came to" in pages[0], path in pages[1]] == [listed, listed]
        assert (await browser.get(path)).status_code == (200 if listed else 404)
        assert (await browser.get(f"{mine}/cpd/{session}")).status_code == (200 if listed else 404)


async def test_who_is_not_marked_yet_is_told_how_a_certificate_comes(building: Building, browser: httpx.AsyncClient) -> None:
    session, mine = been(building, marked=False)
    page = await browser.get(f"{mine}/certificates")
    assert "There is no certificate yet." in page.text
    assert f'href="{mine}/cpd/{session}"' in page.text  # a note can be drafted all the same


async def test_the_draft_asks_what_the_form_asks_with_what_we_know(building: Building, browser: httpx.AsyncClient) -> None:
    session, mine = been(building)
    page = await browser.get(f"{mine}/cpd/{session}")
    for said in (
        'value="Strengths"',
        'value="Monday 15 March 2027"',
        'value="A training session, run by Northfield Council"',
        'value="45 minutes"',
        "What came of talking about it with a peer?",
        "If you are a student, you do not need to record CPD yet.",
    ):
        assert said in page.text
    assert [question.words in page.text for question in CPD_FORM] == [True] * 8


async def test_what_was_typed_comes_back_as_a_file(building: Building, browser: httpx.AsyncClient) -> None:
    session, mine = been(building)
    form = await browser.get(f"{mine}/cpd/{session}")
    typed = {"stamp": stamp(form), "title": "Strengths", "learnt": "To ask first.\r\nThen\x00 listen.", "as": "text"}
    text = await browser.post(f"{mine}/cpd/{session}", data=typed)
    assert text.headers["content-disposition"] == 'attachment; filename="cpd-note.txt"'
    assert "What did you learn?\r\nTo ask first.\r\nThen listen.\r\n" in text.content.decode("utf-8-sig")
    word = await browser.post(f"{mine}/cpd/{session}", data=typed | {"as": "word"})
    page = docx.Document(BytesIO(word.content))
    lines = [one.text for one in page.paragraphs]
    assert lines[lines.index("What did you learn?") :][:3] == ["What did you learn?", "To ask first.", "Then listen."]
    assert (page.core_properties.author, page.core_properties.title) == ("", "CPD note: Strengths")
    assert [one.style.name for one in page.paragraphs if one.style][:3] == ["Heading 1", "Normal", "Heading 2"]


async def test_nothing_that_is_typed_into_a_draft_is_kept(building: Building, browser: httpx.AsyncClient) -> None:
    session, mine = been(building)
    form = await browser.get(f"{mine}/cpd/{session}")
    await browser.post(f"{mine}/cpd/{session}", data={"stamp": stamp(form), "learnt": "To ask first."})
    assert "To ask first." not in (await browser.get(f"{mine}/cpd/{session}")).text


async def test_an_answer_that_is_too_long_stays_and_is_told_beside_it(building: Building, browser: httpx.AsyncClient) -> None:
    session, mine = been(building)
    form = await browser.get(f"{mine}/cpd/{session}")
    again = await browser.post(f"{mine}/cpd/{session}", data={"stamp": stamp(form), "impact": "x" * 4001})
    assert (again.status_code, 'href="#impact"' in again.text, "x" * 4001 in again.text) == (422, True, True)


async def test_a_private_session_is_drafted_under_its_neutral_title(building: Building, browser: httpx.AsyncClient) -> None:
    session, mine = been(building)
    building.write(make_private, session)
    page = await browser.get(f"{mine}/cpd/{session}")
    assert ('value="Your session"' in page.text, "Strengths" in page.text, "Northfield" in page.text) == (True, False, False)


@pytest.mark.parametrize("which", ["ahead", "another's"])
async def test_no_draft_of_what_is_to_come_or_of_what_another_booked(building: Building, browser: httpx.AsyncClient, which: str) -> None:
    session, mine = been(building)
    if which == "ahead":
        building.now = START - timedelta(days=1)
    else:
        session = building.session(title="Other")
    assert (await browser.get(f"{mine}/cpd/{session}")).status_code == 404
