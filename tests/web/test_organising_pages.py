"""What organisers do on their pages: the same use cases as in chat, and every look at names in the audit trail."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from openpyxl import load_workbook
from sqlmodel import col

from domain.announcements import Written, write
from domain.database import Db
from domain.descriptions import described
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import Attendance, Audience, AuditEntry, OrganiserAddress, RememberedColumn, Session, SessionState
from domain.organisers import Organiser
from domain.programmes import set_organiser_role
from domain.schedule.remembering import remember_all
from domain.schedule.typed import Misread
from domain.schedule.values import Problem
from integrations.pictures import Charts
from integrations.report_page import body, page
from tests.building import ACTOR, START, Building, rows
from tests.organiser_building import KINSHIP, LUNCH, REFLECT, WEEK, csv
from tests.private_building import NEUTRAL, SECRET, made_code, parent, private_session
from tests.visiting_building import post_office
from tests.web.conftest import OLGA, press, stamp
from web.pages.organising.typed import FIELDS, HEADINGS, told_by_heading
from web.pages.typed import NO_FIELD


def trail(building: Building) -> list[str]:
    """What the audit says that organisers did by page."""
    found = building.read(rows, AuditEntry, col(AuditEntry.actor).like("organiser:%"))
    return [one.action for one in found if one.action != "sign in"]


def text_of(response: httpx.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).replace("&#39;", "'").split())


def week_of(building: Building) -> str:
    return f"/organise/programme/{building.programme_id}"


def titles(building: Building) -> dict[str, Session]:
    return {one.title: one for one in building.read(rows, Session, Session.programme_id == building.programme_id)}


async def test_the_week_shows_each_session_in_numbers_and_no_name(building: Building, olga: httpx.AsyncClient) -> None:
    room, online = building.session(places=2), building.online(title="Kinship care", places=None)
    for number in range(3):
        building.book(room, building.person(number))
    building.change(online, presenter="Priya Shah")
    said = text_of(await olga.get(week_of(building)))
    assert "Monday 15 March 2027" in said
    assert "Strengths 9.30am to 10.15am 2 of 2 1 In a room Nobody is named" in said
    assert "Kinship care 9.30am to 10.15am 0 0 No link yet Priya Shah: Not asked yet" in said
    assert ("Person" in said, trail(building)) == (False, [])


async def test_ready_for_monday_lists_what_needs_somebody_without_commands(building: Building, olga: httpx.AsyncClient) -> None:
    assert "Ready for Monday 15 March 2027?" in text_of(await olga.get(f"{week_of(building)}/ready"))
    session = building.online(provider=None)
    building.later(hours=2)
    said = text_of(await olga.get(f"{week_of(building)}/ready"))
    assert "It is online, but nobody has said on what. Choose Teams or Zoom or give a link of your own. Open this session" in said
    assert " /" not in said.replace(" / ", "")
    assert f'href="/organise/session/{session}"' in (await olga.get(f"{week_of(building)}/ready")).text


async def test_a_booking_list_names_people_to_their_organiser_and_leaves_a_row(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    for number in range(2):
        building.book(session, building.person(number))
    said = text_of(await olga.get(f"/organise/session/{session}/people"))
    assert "Person 0 Has a place In the room person0@council.gov.uk" in said
    assert "Person 1 Waits In the room person1@council.gov.uk" in said
    assert trail(building) == ["view bookings"]


async def test_of_a_private_session_only_the_chosen_name_and_only_its_own_organisers(building: Building, olga: httpx.AsyncClient) -> None:
    session = private_session(building)
    building.book(session, parent(building, 901), alias="Sunny")
    said = text_of(await olga.get(f"/organise/session/{session}/people"))
    assert ("Sunny" in said, "Rosie" in said, "parent901@" in said) == (True, False, False)


async def test_who_organises_everything_does_not_see_who_is_private_where_a_programme_has_organisers_of_its_own(
    building: Building, olga: httpx.AsyncClient
) -> None:
    from domain.organisers import remove_organiser, sync_organisers

    session = private_session(building)
    building.book(session, parent(building, 901), alias="Sunny")
    building.write(sync_organisers, building.partnership_id, [OLGA], now=building.now)
    building.write(set_organiser_role, building.partnership_id, building.programme_id, 5, actor=ACTOR, now=building.now)
    building.write(remove_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    for path in ("people", "needs", "attendance", "edit"):
        refused = await olga.get(f"/organise/session/{session}/{path}")
        assert (path, refused.status_code, "Sunny" in refused.text) == (path, 409, False)
    week = await olga.get(week_of(building))
    assert (SECRET in week.text, NEUTRAL in week.text, trail(building)) == (False, True, [])


@pytest.fixture
def hidden(building: Building, olga: httpx.AsyncClient) -> int:
    """A private session of a programme that has organisers of its own: Olga organises all else of the partnership."""
    from domain.organisers import remove_organiser, sync_organisers

    session = private_session(building)
    building.write(sync_organisers, building.partnership_id, [OLGA], now=building.now)
    building.write(set_organiser_role, building.partnership_id, building.programme_id, 5, actor=ACTOR, now=building.now)
    building.write(remove_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    return session


async def test_a_private_session_that_is_not_theirs_they_neither_cancel_nor_write_to(
    building: Building, olga: httpx.AsyncClient, hidden: int
) -> None:
    wrote = Written(building.programme_id, Audience.BOTH, "Hello", "All", hidden)
    message = building.write(write, building.partnership_id, wrote, actor=ACTOR, now=building.now)
    mark = stamp(await olga.get(f"{week_of(building)}/message"))
    typed = {"stamp": mark, "to": "both", "subject": "Hello", "words": "All", "reason": "Snow."}
    at, sent = f"/organise/session/{hidden}", f"/organise/message/{message}"
    said = [await olga.get(path) for path in (f"{at}/message", f"{at}/cancel", sent)]
    said += [await olga.post(path, data=typed) for path in (f"{at}/message", f"{at}/cancel", f"{sent}/trial", f"{sent}/send")]
    assert [(one.status_code, SECRET in one.text) for one in said] == [(409, False)] * 7
    assert SECRET not in (await olga.get(at)).text
    assert building.read(rows, Session, Session.id == hidden)[0].state is SessionState.PUBLISHED
    assert trail(building) == []


async def test_a_file_shows_and_changes_nothing_of_a_private_session_that_is_not_theirs(
    building: Building, olga: httpx.AsyncClient, hidden: int
) -> None:
    was = building.read(described, building.partnership_id, hidden)
    at = f"{week_of(building)}/import"

    async def sent(*lines: str) -> httpx.Response:
        return await olga.post(at, data={"stamp": stamp(await olga.get(at))}, files={"file": ("week.csv", csv(*lines))})

    shown = await sent(*WEEK)
    assert ("1 no longer in the file" in text_of(shown), "Cancel: Opening" in text_of(shown), SECRET in shown.text) == (True, True, False)
    refused = await confirmed(olga, shown, "all", cancel=str(hidden))
    assert ("3 sessions added" in text_of(refused), "cancelled" in text_of(refused)) == (True, False)
    shown = await sent(*WEEK, f"15/03/2027,9.30-10.30am,{SECRET},,In person,Elsewhere,9")
    assert "Row 5: This session is private, or may be. Only the organisers of its own programme may change it." in text_of(shown)
    await confirmed(olga, shown, "good")
    clash = await sent(*WEEK, '15/03/2027,9.30-10.15am,Another,,In person,"Town Hall, room 2",9')
    assert SECRET not in clash.text
    assert building.read(described, building.partnership_id, hidden) == was
    assert building.read(rows, Session, Session.id == hidden)[0].state is SessionState.PUBLISHED


async def test_attendance_is_marked_for_those_in_the_form_and_nobody_else(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(starts_at=building.now + timedelta(hours=1))
    people = [building.person(number) for number in range(3)]
    for one in people:
        building.book(session, one)
    at = f"/organise/session/{session}/attendance"
    assert (await olga.get(at)).status_code == 409, "not before it starts"
    building.later(hours=2)
    await press(olga, at, **{f"person-{people[0]}": "attended", f"person-{people[1]}": "absent", "person-x": "absent", "other": "1"})
    marks = [building.booking(session, one).attendance for one in people]
    assert marks == [Attendance.ATTENDED, Attendance.ABSENT, Attendance.UNKNOWN]
    assert trail(building) == ["view attendance", "mark attendance", "view attendance"]


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


def sent_back(page: httpx.Response) -> dict[str, str]:
    """What stands in the fields of a page's form, hidden ones too, as a browser sends it."""
    return dict(re.findall(r'name="([a-z_]+)"[^>]* value="([^"]*)"', page.text))


def described_title(building: Building, session: int) -> str:
    return str(building.read(described, building.partnership_id, session).title)


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


def _organises(db: Db, building: Building) -> None:
    from domain.organisers import add_organiser

    add_organiser(db, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)


async def confirmed(browser: httpx.AsyncClient, shown: httpx.Response, which: str, **fields: str) -> httpx.Response:
    """The button of a preview, pressed."""
    seen = re.search(r'name="seen" value="([^"]+)"', shown.text)
    assert seen
    return await browser.post(f"{shown.url.path}/{which}", data={"stamp": stamp(shown), "seen": seen[1], **fields})


async def sent(building: Building, browser: httpx.AsyncClient, *lines: str, **other: str) -> httpx.Response:
    at = f"{week_of(building)}/import"
    form = await browser.get(at)
    return await browser.post(at, data={"stamp": stamp(form)}, files={"file": ("week.csv", csv(*lines, **other))})


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


async def test_a_message_is_written_seen_tried_and_sent_once(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    for number in (1, 2):
        building.book(session, building.person(number))
    post_office(building)
    shown = await press(olga, f"/organise/session/{session}/message", to="confirmed", subject="Rooms", words="Use the side door.")
    assert "It goes to 2 people: 2 by e-mail, 0 in Discord." in text_of(shown)
    await press(olga, shown.url.path, button=f"{shown.url.path}/trial")
    (trial,) = post_office(building)
    assert (trial.recipient.address, trial.kind, trial.links) == (OLGA, Kind.ANNOUNCEMENT, None)
    sent_page = await press(olga, shown.url.path, button=f"{shown.url.path}/send")
    assert "Your message is being sent." in text_of(sent_page)
    mark = stamp(await olga.get(f"/organise/session/{session}/cancel"))
    await olga.post(f"{shown.url.path}/send", data={"stamp": mark})
    told = [one.recipient.address for one in post_office(building)]
    assert (told, trail(building)) == (["person1@council.gov.uk", "person2@council.gov.uk"], ["send message"])


async def test_a_message_without_words_is_asked_for_again(building: Building, olga: httpx.AsyncClient) -> None:
    page = await press(olga, f"{week_of(building)}/message", to="both", subject="", words="Hello")
    assert (page.status_code, 'href="#subject"' in page.text, "Hello</textarea>" in page.text) == (422, True, True)


async def test_the_report_page_has_what_report_html_has(building: Building, olga: httpx.AsyncClient) -> None:
    from domain.reports.programme import programme_report

    session = building.session(places=2)
    building.book(session, building.person(1))
    shown = await olga.get(f"{week_of(building)}/report")
    made = building.read(programme_report, building.partnership_id, building.programme_id, building.rules, now=building.now)
    file = page(made, Charts()).decode()
    assert body(made, Charts()) in file
    assert body(made, Charts()) in shown.text
    assert trail(building) == ["view report"]


async def test_a_spreadsheet_is_taken_away_and_that_is_on_record(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    building.book(session, building.person(1))
    file = await olga.get(f"{week_of(building)}/export/bookings.xlsx")
    sheet = load_workbook(io.BytesIO(file.content)).worksheets[0]
    assert [cell.value for cell in list(sheet.columns)[5]] == ["Name", "Person 1"]
    assert file.headers["content-disposition"] == f'attachment; filename="bookings-{building.programme_id}.xlsx"'
    assert (await olga.get(f"{week_of(building)}/export/people.xlsx")).status_code == 404
    assert trail(building) == ["export bookings"]


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


async def test_publish_stands_on_the_week_only_where_there_is_something_to_publish(building: Building, olga: httpx.AsyncClient) -> None:
    at = f'href="{week_of(building)}/publish"'
    assert at not in (await olga.get(week_of(building))).text
    building.programme("Drafted", publish=False)
    building.write(_organises, building)
    drafted = await olga.get(week_of(building))
    assert (f'href="{week_of(building)}/publish"' in drafted.text, "Publish what is new" in drafted.text) == (True, False)


async def test_a_hybrid_session_shows_the_places_of_both_ways(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=45, online_places=None)
    building.book(session, building.person(1), mode=Mode.ONLINE)
    both = "In the room 0 of 45. Online 1, no limit"
    assert f"Booked {both}" in text_of(await olga.get(f"/organise/session/{session}"))
    assert both in text_of(await olga.get(week_of(building)))
    assert "In the room 45, online no limit 1" in text_of(await olga.get(f"{week_of(building)}/report"))


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


# ── one session, shown ──────────────────────────────────────────────────────────────────────────────────────


async def test_the_desk_shows_the_link_what_it_is_about_and_what_people_should_know(building: Building, olga: httpx.AsyncClient) -> None:
    link, about = "https://meet.example.org/x?a=1&b=2", "Strengths & <b>hope</b>\nSecond line"
    session = building.online(provider=Provider.GIVEN, given_link=link, description=about, notes="Bring a pen.")
    page = await olga.get(f"/organise/session/{session}")
    assert f'href="{html.escape(link)}"' in page.text
    assert ("Strengths &amp; &lt;b&gt;hope" in page.text, "Bring a pen." in text_of(page)) == (True, True)
    bare = text_of(await olga.get(f"/organise/session/{building.online()}"))
    assert ("Link to join Not there yet" in bare, "What it is about Nothing is said yet" in bare) == (True, True)


async def test_the_desk_of_a_private_session_hides_all_that_from_who_may_not_see_it(
    building: Building, olga: httpx.AsyncClient, hidden: int
) -> None:
    building.change(hidden, notes="Ring the bell.", format=Format.ONLINE, provider=Provider.GIVEN, given_link="https://meet.example.org/x")
    page = await olga.get(f"/organise/session/{hidden}")
    shown = [word in page.text for word in (SECRET, "About care.", "Ring the bell.", "meet.example.org")]
    assert (page.status_code, shown) == (200, [False] * 4)


async def test_a_private_session_has_one_name_on_every_page_of_who_may_see_it(building: Building, olga: httpx.AsyncClient) -> None:
    session = private_session(building, format=Format.ONLINE, provider=None, venue=None)
    made_code(building, session_id=session)
    building.change(session, notes="Ring the bell.")
    building.later(hours=2)
    wrote = Written(building.programme_id, Audience.BOTH, "Hello", "All", session)
    message = building.write(write, building.partnership_id, wrote, actor=ACTOR, now=building.now)
    at, of_programme = f"/organise/session/{session}", week_of(building)
    beneath = ("", "/people", "/needs", "/edit", "/held", "/cancel", "/presenters", "/materials", "/message", "/invitations")
    paths = [at + one for one in (*beneath, "/history")]
    paths += [of_programme + one for one in ("", "/ready", "/history", "/invitations", "/call-off", "/publish")] + [
        f"/organise/message/{message}"
    ]
    named, neutral = [], []
    for path in paths:
        page = await olga.get(path)
        assert page.status_code == 200, path
        named += [path] if SECRET in page.text else []
        neutral += [path] if NEUTRAL in page.text else []
    without = {f"{of_programme}/call-off", f"{of_programme}/publish"}
    assert (set(paths) - set(named), neutral) == (without, [at, f"{at}/edit", f"/organise/message/{message}"])
    assert "What others see it called Morning workshop" in text_of(await olga.get(at))
    assert "It is private, so people read: Morning workshop" in text_of(await olga.get(f"/organise/message/{message}"))


async def test_who_came_to_a_private_session_is_marked_under_its_own_title(building: Building, olga: httpx.AsyncClient) -> None:
    session = private_session(building, starts_at=building.now + timedelta(hours=1))
    building.later(hours=1, minutes=5)
    page = await olga.get(f"/organise/session/{session}/attendance")
    assert (page.status_code, SECRET in page.text, NEUTRAL in page.text) == (200, True, False)


# ── what was said of columns ────────────────────────────────────────────────────────────────────────────────


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


# ── what is typed ───────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_wrong_and_belongs_to_no_field_is_all_said() -> None:
    wrong = Misread([Problem(2, None, "First."), Problem(2, "Start", "Late."), Problem(2, None, "Second."), Problem(2, "Start", "Later.")])
    assert told_by_heading(wrong, HEADINGS, FIELDS) == {NO_FIELD: "First. Second.", "start": "Late."}


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
