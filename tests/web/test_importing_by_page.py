"""A schedule by page: sent, asked about, seen, imported once and published; and of a draft nobody is told."""

from __future__ import annotations

import re

import httpx
import pytest

from domain.database import Db
from domain.models import AuditEntry, OrganiserAddress, RememberedColumn, Session, SessionState
from domain.organisers import Organiser
from domain.schedule.remembering import remember_all
from tests.building import ACTOR, START, Building, rows
from tests.organiser_building import KINSHIP, LUNCH, REFLECT, WEEK, csv
from tests.web.conftest import OLGA, press, stamp
from tests.web.organising_building import confirmed, sent_back, text_of, titles, trail, week_of


async def sent(building: Building, browser: httpx.AsyncClient, *lines: str, **other: str) -> httpx.Response:
    at = f"{week_of(building)}/import"
    form = await browser.get(at)
    return await browser.post(at, data={"stamp": stamp(form)}, files={"file": ("week.csv", csv(*lines, **other))})


def _organises(db: Db, building: Building) -> None:
    from domain.organisers import add_organiser

    add_organiser(db, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)


async def test_a_schedule_is_sent_seen_imported_once_and_published(building: Building, olga: httpx.AsyncClient) -> None:
    building.programme("Drafted", publish=False)
    building.write(_organises, building)
    at = f"{week_of(building)}/import"
    form = await olga.get(at)
    shown = await olga.post(at, data={"stamp": stamp(form)}, files={"file": ("week.csv", csv(*WEEK))})
    assert "3 sessions, 0 invitations. 3 new, 1 no longer in the file." in text_of(shown)
    assert set(titles(building)) == {"Opening"}, "nothing is done before somebody says so"
    done = await confirmed(olga, shown, "all")
    assert "3 sessions added. Nobody was told anything." in text_of(done)
    assert "Nothing was done twice" in text_of(await confirmed(olga, shown, "all"))
    assert set(titles(building)) == {"Opening", "Lunch and learn", "Critical reflection", "Kinship care"}
    await press(olga, f"{week_of(building)}/publish")
    states = {one.state for one in titles(building).values()}
    assert (states, trail(building)) == ({SessionState.PUBLISHED}, [*["add session"] * 3, "import schedule", "publish programme"])


async def test_a_gone_session_is_cancelled_only_where_it_is_ticked_and_a_stale_preview_does_nothing(
    building: Building, olga: httpx.AsyncClient
) -> None:
    await confirmed(olga, await sent(building, olga, LUNCH, KINSHIP), "all")
    gone = titles(building)["Kinship care"]
    shown = await sent(building, olga, LUNCH)
    assert f'name="cancel" value="{gone.id}"' in shown.text
    building.session(title="Another", places=3)
    stale = await confirmed(olga, shown, "all", cancel=str(gone.id))
    assert (stale.status_code, "Nothing was done." in text_of(stale)) == (409, True)
    assert titles(building)["Kinship care"].state is SessionState.PUBLISHED
    await confirmed(olga, await sent(building, olga, LUNCH), "all")
    assert titles(building)["Kinship care"].state is SessionState.PUBLISHED
    await confirmed(olga, await sent(building, olga, LUNCH), "all", cancel=str(gone.id))
    states = {title: one.state for title, one in titles(building).items() if title != "Opening"}
    open_ = SessionState.PUBLISHED
    assert states == {"Lunch and learn": open_, "Kinship care": SessionState.CANCELLED, "Another": open_}


async def test_the_result_names_each_row_that_was_left_out_and_why(building: Building, olga: httpx.AsyncClient) -> None:
    for hour in (10, 12):
        building.session(title="Reflection", starts_at=START.replace(hour=hour))
    shown = await sent(
        building, olga, LUNCH, "16/03/2027,noonish,<b>Talk</b>,,Teams,,", "15/03/2027,2pm-3pm,Reflection,,In person,Town Hall,"
    )
    done = await confirmed(olga, shown, "good")
    assert "1 session added, 2 rows left out. Nobody was told anything." in text_of(done)
    told = re.findall(r"<li>(Row.*?)</li>", done.text)
    assert [one.partition(": ")[0] for one in told] == ["Row 3 (Time)", "Row 4"]
    assert ("noonish" in told[0], "This could be any of 2 sessions that exist." in told[1]) == (True, True)
    assert "week.csv" in done.text.partition("Rows that were left out")[2].partition("<li>")[0]
    again = await confirmed(olga, shown, "good")
    assert ("Nothing was done twice" in text_of(again), "Row 3 (Time)" in text_of(again)) == (True, True)


async def test_where_nothing_was_left_out_the_result_names_no_rows(building: Building, olga: httpx.AsyncClient) -> None:
    done = await confirmed(olga, await sent(building, olga, LUNCH), "all")
    assert ("1 session added" in text_of(done), "left out" in text_of(done)) == (True, False)


async def test_rows_in_doubt_are_asked_about_and_the_answer_counts(building: Building, olga: httpx.AsyncClient) -> None:
    first, second = (building.session(title="Reflection", starts_at=START.replace(hour=hour)) for hour in (10, 12))
    shown = await sent(building, olga, "15/03/2027,2pm-3pm,Reflection,,In person,Town Hall,")
    assert ("Which session is it?" in text_of(shown), "/all" in shown.text) == (True, False)
    (row,) = re.findall(r'<select class="govuk-select" id="(row\d+)"', shown.text)
    answered = await olga.get(f"{shown.url.path}?{row}={second}")
    assert "Import all" in text_of(answered)
    await confirmed(olga, answered, "all", **{row: str(second)})
    hours = {one.id: one.starts_at.hour for one in building.read(rows, Session, Session.title == "Reflection")}
    assert hours == {first: 10, second: 14}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("", b"", "Choose a file to send"),
        ("a.pdf", b"%PDF-1.4", "not a spreadsheet"),
        ("a.csv", b"x" * 5_000_001, "too large"),
    ],
)
async def test_a_file_that_cannot_be_used_is_told_beside_its_field_and_not_kept(
    building: Building, olga: httpx.AsyncClient, name: str, content: bytes, said: str
) -> None:
    at = f"{week_of(building)}/import"
    page = await olga.post(at, data={"stamp": stamp(await olga.get(at))}, files={"file": (name, content)} if name else {})
    assert (page.status_code, said in text_of(page)) == (422, True)


# ── what is seen before ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_preview_shows_what_is_new_what_differs_and_what_is_gone(building: Building, olga: httpx.AsyncClient) -> None:
    await confirmed(olga, await sent(building, olga, LUNCH, REFLECT, KINSHIP), "all")
    changed = REFLECT.replace("2pm-4pm", "2.30pm-4pm").replace(",12", ",15")
    shown = await sent(building, olga, LUNCH, changed, "17/03/2027,9-10am,Added later,,Teams,,10")
    said = text_of(shown)
    assert "New Row 4: Added later. Wednesday 17 March 2027, 9am to 10am. Teams. 10 places." in said
    assert (
        "Changed Row 3: Critical reflection When: Monday 15 March 2027, 2pm to 4pm → becomes Monday 15 March 2027, 2.30pm to 4pm "
        "Places: 12 places → becomes 15 places" in said
    )
    assert "Cancel: Kinship care. Tuesday 16 March 2027, 10am to 11am: nobody booked." in said
    assert "Not changed Row 2: Lunch and learn." in said


async def test_a_preview_says_that_new_sessions_open_at_once_even_where_somebody_is_told(
    building: Building, olga: httpx.AsyncClient
) -> None:
    at_once = "New sessions can be booked at once, because the programme is published."
    await confirmed(olga, await sent(building, olga, LUNCH), "all")
    building.book(titles(building)["Lunch and learn"].id or 0, building.person(1))
    later = LUNCH.replace("12-1pm", "1-2pm")
    said = text_of(await sent(building, olga, later, KINSHIP))
    assert f"1 person would be sent an updated invitation. {at_once}" in said
    assert "1 person is told of it." in said
    assert at_once not in text_of(await sent(building, olga, later))


async def test_who_changes_an_answer_and_does_not_look_again_is_told_that_it_was_their_answer(
    building: Building, olga: httpx.AsyncClient
) -> None:
    second = [building.session(title="Reflection", starts_at=START.replace(hour=hour)) for hour in (10, 12)][1]
    shown = await sent(building, olga, "15/03/2027,2pm-3pm,Reflection,,In person,Town Hall,")
    (row,) = re.findall(r'<select class="govuk-select" id="(row\d+)"', shown.text)
    answers = re.search(r'name="answers" value="([^"]+)"', shown.text)
    assert answers
    early = await confirmed(olga, shown, "good", answers=answers[1], **{row: str(second)})
    assert (early.status_code, "You have changed an answer. Look again before you import." in text_of(early)) == (409, True)
    building.session(title="Another", places=3)
    stale = await confirmed(olga, shown, "good", answers=answers[1])
    assert (stale.status_code, "The programme has changed since this preview was made." in text_of(stale)) == (409, True)


async def test_a_preview_that_is_gone_is_sent_again(building: Building, olga: httpx.AsyncClient) -> None:
    gone = await olga.get("/organise/draft/999")
    assert (gone.status_code, "This file is no longer here. Send it again." in text_of(gone)) == (404, True)
    assert ("e-mail" in text_of(gone), "Your programmes" in text_of(gone)) == (False, True)


# ── what is said of columns ─────────────────────────────────────────────────────────────────────────────────


async def test_a_new_heading_is_asked_about_and_what_is_said_is_read(building: Building, olga: httpx.AsyncClient) -> None:
    head = "Date,Time,Title,Cohort,Platform"
    shown = await sent(building, olga, "15/03/2027,2pm-3pm,Reflection,Newly qualified,Teams", head=head)
    assert "What do these columns mean?" in text_of(shown)
    answered = await olga.get(f"{shown.url.path}?column:cohort=audience")
    await confirmed(olga, answered, "all", **{"column:cohort": "audience"})
    assert titles(building)["Reflection"].audience == "Newly qualified"
    assert "What do these columns mean?" not in text_of(answered)


async def test_what_was_said_of_a_column_is_remembered_for_the_next_file_and_can_be_said_anew(
    building: Building, olga: httpx.AsyncClient
) -> None:
    head = "Date,Time,Title,Cohort,Platform"
    first = await sent(building, olga, "15/03/2027,2pm-3pm,Reflection,Newly qualified,Teams", head=head)
    assert building.read(rows, RememberedColumn) == []
    await confirmed(olga, first, "all", **{"column:cohort": "audience", "column:elsewhere": "title"})
    (kept,) = building.read(rows, RememberedColumn)
    assert (kept.discord_id, kept.address_key, kept.heading_key, kept.means) == (None, "olga@council.gov.uk", "cohort", "audience")
    again = await sent(building, olga, "16/03/2027,2pm-3pm,Another,Managers,Teams", head=head)
    assert ("What do these columns mean?" in text_of(again), "What you said of these columns" in text_of(again)) == (False, True)
    assert '<option value="audience" selected>' in again.text
    await confirmed(olga, again, "all", **{"column:cohort": "audience"})
    assert titles(building)["Another"].audience == "Managers"
    third = await sent(building, olga, "17/03/2027,2pm-3pm,Third,Bring a pen,Teams", head=head)
    third = await olga.get(f"{third.url.path}?column:cohort=notes")
    await confirmed(olga, third, "all", **{"column:cohort": "notes"})
    assert (titles(building)["Third"].notes, [one.means for one in building.read(rows, RememberedColumn)]) == ("Bring a pen", ["notes"])
    said = [one.detail for one in building.read(rows, AuditEntry, AuditEntry.action == "remember column")]
    assert said == ["audience", "notes"]


async def test_what_was_said_of_columns_is_forgotten_beside_the_form(building: Building, olga: httpx.AsyncClient) -> None:
    where, at = building.partnership_id, f"{week_of(building)}/import"
    assert "What you said of columns" not in text_of(await olga.get(at))
    (organiser,) = building.read(rows, OrganiserAddress)
    who = Organiser(where, organiser.id, organiser.address, frozenset({building.programme_id}))
    building.write(remember_all, where, who, {"Cohort": "audience", "Slot lead": "presenter"}, now=building.now)
    building.write(remember_all, where, 77, {"Cohort": "title"}, now=building.now)
    shown = await olga.get(at)
    said = text_of(shown)
    assert ("cohort Who it is for" in said, "slot lead Who leads it" in said) == (True, True)
    first = re.findall(r'name="forget" value="(\d+)"', shown.text)
    done = await olga.post(f"{at}/forget", data={"stamp": stamp(shown), "forget": first[1]})
    assert (done.url.path, "Forgotten." in text_of(done)) == (at, True)
    assert [(one.discord_id, one.heading_key) for one in building.read(rows, RememberedColumn)] == [(None, "cohort"), (77, "cohort")]
    again = await olga.post(f"{at}/forget", data={"stamp": stamp(shown), "forget": first[1]})
    assert (again.url.path, trail(building)[-1:]) == (at, ["forget columns"])
    await olga.post(f"{at}/forget", data={"stamp": stamp(shown), "forget": "all"})
    others = building.read(rows, RememberedColumn)[-1].id
    await olga.post(f"{at}/forget", data={"stamp": stamp(shown), "forget": str(others)})
    await olga.post(f"{at}/forget", data={"stamp": stamp(shown), "forget": "x" * 30})
    assert [(one.discord_id, one.heading_key) for one in building.read(rows, RememberedColumn)] == [(77, "cohort")]


# ── drafts ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_publish_stands_on_the_week_only_where_there_is_something_to_publish(building: Building, olga: httpx.AsyncClient) -> None:
    at = f'href="{week_of(building)}/publish"'
    assert at not in (await olga.get(week_of(building))).text
    building.programme("Drafted", publish=False)
    building.write(_organises, building)
    drafted = await olga.get(week_of(building))
    assert (f'href="{week_of(building)}/publish"' in drafted.text, "Publish what is new" in drafted.text) == (True, False)


async def test_of_a_draft_nobody_is_said_to_be_told(building: Building, olga: httpx.AsyncClient) -> None:
    told = "1 person is told what has changed for them."
    published = building.session()
    building.book(published, building.person(1))
    building.programme("Drafted", publish=False)
    building.write(_organises, building)
    draft = titles(building)["Opening"].id
    pages = [f"/organise/session/{one}" for one in (published, draft)]
    saved = [await olga.post(f"{one}/edit", data=sent_back(await olga.get(f"{one}/edit")) | {"notes": "Bring a pen."}) for one in pages]
    assert [(told in text_of(one), "Saved." in text_of(one)) for one in saved] == [(True, True), (False, True)]
