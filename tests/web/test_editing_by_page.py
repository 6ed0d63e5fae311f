"""A session changed or cancelled by page: who is told, what is asked before, and nothing that was typed is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.descriptions import described
from domain.kinds import Format, Kind
from domain.models import Session, SessionState
from domain.schedule.typed import Misread
from domain.schedule.values import Problem
from tests.building import START, Building, rows
from tests.visiting_building import post_office
from tests.web.conftest import press, stamp
from tests.web.organising_building import sent_back, text_of, trail, week_of
from web.pages.organising.typed import FIELDS, HEADINGS, told_by_heading
from web.pages.typed import NO_FIELD


def described_title(building: Building, session: int) -> str:
    return str(building.read(described, building.partnership_id, session).title)


async def test_a_session_is_changed_and_those_booked_are_told_once(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    building.book(session, building.person(1))
    at = f"/organise/session/{session}/edit"
    form = await olga.get(at)
    seen = re.search(r'name="seen" value="([^"]+)"', form.text)
    assert seen
    typed = {"stamp": stamp(form), "seen": seen[1], "title": "Strengths in practice", "start": "11am", "end": "12pm", "places": "9"}
    sure = await olga.post(at, data=typed)
    assert "1 person is told of the new time." in text_of(sure)
    assert described_title(building, session) == "Strengths"
    done = await olga.post(at, data={**typed, "sure": sent_back(sure)["sure"]})
    assert done.url.path == f"/organise/session/{session}"
    now = building.read(described, building.partnership_id, session)
    assert (now.title, now.starts_at.hour, now.ends_at.hour, now.places) == ("Strengths in practice", 11, 12, 9)
    assert trail(building) == ["edit session"]
    stale = await olga.post(at, data={**typed, "title": "Mine", "sure": "yes"})
    assert (stale.status_code, described_title(building, session)) == (409, "Strengths in practice")


async def test_a_time_typed_on_the_page_that_asks_about_another_is_asked_about_too(building: Building, olga: httpx.AsyncClient) -> None:
    session, other = building.session(), building.session(title="Other", starts_at=START + timedelta(hours=6, minutes=30))
    ann = building.person(1)
    building.book(session, ann)
    building.book(other, ann)
    at = f"/organise/session/{session}/edit"
    asked = await olga.post(at, data=sent_back(await olga.get(at)) | {"start": "14:00", "end": "14:45"})
    assert "Press Save again" in asked.text
    asked = await olga.post(at, data=sent_back(asked) | {"start": "16:00", "end": "16:45"})
    assert ("1 of them has another session then" in asked.text, trail(building)) == (True, [])
    await olga.post(at, data=sent_back(asked))
    assert (building.read(described, building.partnership_id, session).starts_at.hour, trail(building)) == (16, ["edit session"])


async def test_saving_twice_without_an_answer_comes_to_what_was_meant(building: Building, olga: httpx.AsyncClient) -> None:
    """The line breaks after Save was sent; the browser sends the same form again."""
    session = building.session()
    at = f"/organise/session/{session}/edit"
    form = sent_back(await olga.get(at)) | {"title": "Strengths  together"}
    both = [(await olga.post(at, data=form, follow_redirects=False)).headers.get("location") for _ in range(2)]
    where = f"/organise/session/{session}?done=saved"
    assert ([re.sub(r"&seal=[\w-]{22}$", "", one or "") for one in both], trail(building)) == ([f"{where}&told=0", where], ["edit session"])


async def test_what_was_typed_beside_anothers_change_stays_and_the_page_says_what_differs(
    building: Building, olga: httpx.AsyncClient
) -> None:
    session = building.session()
    at = f"/organise/session/{session}/edit"
    form = sent_back(await olga.get(at))
    building.change(session, title="Strengths <b>together")
    page = await olga.post(at, data=form | {"notes": "Half an hour of typing"})
    assert (page.status_code, "Half an hour of typing</textarea>" in page.text) == (409, True)
    told = re.findall(r'<li><a class="govuk-link" href="#(\w+)">[^<]+</a>: (.*?)</li>', page.text)
    assert told == [("title", "“Strengths &lt;b&gt;together”"), ("notes", "nothing")]
    again = sent_back(page)
    assert (again["title"], described_title(building, session)) == ("Strengths", "Strengths <b>together")
    await olga.post(at, data=again | {"title": "Strengths <b>together", "notes": "Half an hour of typing"})
    now = building.read(described, building.partnership_id, session)
    assert (now.title, now.notes) == ("Strengths <b>together", "Half an hour of typing")


async def test_numbers_that_somebody_wrote_into_an_address_are_not_said(building: Building, olga: httpx.AsyncClient) -> None:
    session, other = building.session(), building.session(title="Another", starts_at=START + timedelta(hours=2))
    for one in (session, other):
        building.book(one, building.person(1 if one == session else 2))
    at, edited = f"/organise/session/{session}", {"notes": "Bring a pen."}
    saved = await olga.post(f"{at}/edit", data=sent_back(await olga.get(f"{at}/edit")) | edited)
    assert "Saved. 1 person is told what has changed for them." in text_of(saved)
    theirs = str(saved.url)
    assert "1 person is told" in text_of(await olga.get(theirs))  # read again in the same browser
    for made in (
        f"{at}?done=saved&told=47&promoted=99",
        theirs.replace("told=1", "told=47"),
        f"{theirs}&promoted=47",
        theirs.replace(f"/{session}?", f"/{other}?"),
        f"{at}?done=undone&told=47",
        f"{at}?done=saved&told=47&seal=\u00e9",
        f"{week_of(building)}?done=cancelled&told=47",
        f"{week_of(building)}/running?done=called-off&told=47",
    ):
        page = await olga.get(made)
        words = ("47", "99", "is told", "are told", "as it was before")
        assert (page.status_code, [one for one in words if one in text_of(page)]) == (200, []), made
    olga.cookies.delete("forms")
    assert "is told" not in text_of(await olga.get(theirs))  # another browser


async def test_in_the_hour_that_comes_twice_the_end_is_changed_and_the_start_stays_where_it_was(
    building: Building, olga: httpx.AsyncClient
) -> None:
    night = datetime(2027, 10, 31, 0, 15, tzinfo=UTC)
    session = building.session(starts_at=night, minutes=30)
    at = f"/organise/session/{session}/edit"
    fields = sent_back(await olga.get(at))
    assert (fields["start"], fields["end"]) == ("1.15am BST", "1.45am BST")
    await olga.post(at, data=fields | {"end": "1.15am GMT"})
    row = building.read(rows, Session, Session.id == session)[0]
    assert (row.starts_at, row.ends_at) == (night, night + timedelta(hours=1))
    fields = sent_back(await olga.get(at))
    assert (fields["start"], fields["end"]) == ("1.15am BST", "1.15am GMT")
    refused = await olga.post(at, data=fields | {"start": "1.15am", "end": "1.30am"})
    assert (
        refused.status_code,
        "comes twice: the clocks go back that night. Say BST for the first or GMT for the second." in refused.text,
    ) == (422, True)


# ── what cannot be used ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("field", "typed"), [("date", "31/02/2027"), ("start", "noonish"), ("places", "many"), ("title", "")])
async def test_what_cannot_be_used_is_told_and_nothing_is_lost(building: Building, olga: httpx.AsyncClient, field: str, typed: str) -> None:
    session = building.session()
    form = await olga.get(f"/organise/session/{session}/edit")
    seen = re.search(r'name="seen" value="([^"]+)"', form.text)
    assert seen
    sent = {"stamp": stamp(form), "seen": seen[1], "notes": "Bring a pen.", field: typed}
    page = await olga.post(f"/organise/session/{session}/edit", data=sent)
    assert (page.status_code, "There is a problem" in page.text, "Bring a pen." in page.text) == (422, True, True)
    assert trail(building) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [("venue", "Town Hall, " * 30), ("organisation", "ß" * 150), ("audience", "Everyone " * 30), ("notes", "A pen. " * 300)],
)
async def test_words_longer_than_we_keep_are_said_beside_their_field(
    building: Building, olga: httpx.AsyncClient, field: str, typed: str
) -> None:
    """Where nothing else refused them, PostgreSQL did, and the page said that the fault is ours."""
    session = building.session(format=Format.IN_PERSON, provider=None)
    at = f"/organise/session/{session}/edit"
    page = await olga.post(at, data=sent_back(await olga.get(at)) | {field: typed})
    assert (page.status_code, typed[:40] in page.text, f'id="{field}-error"' in page.text) == (422, True, True)


def test_what_is_wrong_and_belongs_to_no_field_is_all_said() -> None:
    wrong = Misread([Problem(2, None, "First."), Problem(2, "Start", "Late."), Problem(2, None, "Second."), Problem(2, "Start", "Later.")])
    assert told_by_heading(wrong, HEADINGS, FIELDS) == {NO_FIELD: "First. Second.", "start": "Late."}


# ── cancelled ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_is_cancelled_with_a_reason_and_its_people_read_it(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    building.book(session, building.person(1))
    post_office(building)
    await press(olga, f"/organise/session/{session}/cancel", reason="Snow.")
    assert building.read(rows, Session, Session.id == session)[0].state is SessionState.CANCELLED
    assert [(one.kind, one.reason) for one in post_office(building)] == [(Kind.CANCELLATION, "Snow.")]


async def test_a_reason_that_is_too_long_is_shown_again(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    page = await press(olga, f"/organise/session/{session}/cancel", reason="Snow " * 110)
    said = "Please use at most 500 characters for the reason." in text_of(page)
    assert (page.status_code, "Snow Snow Snow" in page.text, said, trail(building)) == (422, True, True, [])
