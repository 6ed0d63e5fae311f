"""What organisers see and send on their pages: numbers without names, and every look at names in the audit trail."""

from __future__ import annotations

import html
import io
from datetime import timedelta

import httpx
import pytest
from openpyxl import load_workbook

from domain.announcements import Written, write
from domain.descriptions import described
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import Attendance, Audience, Session, SessionState
from domain.programmes import set_organiser_role
from integrations.pictures import Charts
from integrations.report_page import body, page
from tests.building import ACTOR, Building, rows
from tests.organiser_building import WEEK, csv
from tests.private_building import NEUTRAL, SECRET, made_code, parent, private_session
from tests.visiting_building import post_office
from tests.web.conftest import OLGA, press, stamp
from tests.web.organising_building import confirmed, text_of, trail, week_of

# ── the week, and one session ───────────────────────────────────────────────────────────────────────────────


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


async def test_a_hybrid_session_shows_the_places_of_both_ways(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=45, online_places=None)
    building.book(session, building.person(1), mode=Mode.ONLINE)
    both = "In the room 0 of 45. Online 1, no limit"
    assert f"Booked {both}" in text_of(await olga.get(f"/organise/session/{session}"))
    assert both in text_of(await olga.get(week_of(building)))
    assert "In the room 45, online no limit 1" in text_of(await olga.get(f"{week_of(building)}/report"))


async def test_the_desk_shows_the_link_what_it_is_about_and_what_people_should_know(building: Building, olga: httpx.AsyncClient) -> None:
    link, about = "https://meet.example.org/x?a=1&b=2", "Strengths & <b>hope</b>\nSecond line"
    session = building.online(provider=Provider.GIVEN, given_link=link, description=about, notes="Bring a pen.")
    page = await olga.get(f"/organise/session/{session}")
    assert f'href="{html.escape(link)}"' in page.text
    assert ("Strengths &amp; &lt;b&gt;hope" in page.text, "Bring a pen." in text_of(page)) == (True, True)
    bare = text_of(await olga.get(f"/organise/session/{building.online()}"))
    assert ("Link to join Not there yet" in bare, "What it is about Nothing is said yet" in bare) == (True, True)


# ── names, and what is taken away ───────────────────────────────────────────────────────────────────────────


async def test_a_booking_list_names_people_to_their_organiser_and_leaves_a_row(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    for number in range(2):
        building.book(session, building.person(number))
    said = text_of(await olga.get(f"/organise/session/{session}/people"))
    assert "Person 0 Has a place In the room person0@council.gov.uk" in said
    assert "Person 1 Waits In the room person1@council.gov.uk" in said
    assert trail(building) == ["view bookings"]


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


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── private sessions ────────────────────────────────────────────────────────────────────────────────────────


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
