"""Running a programme by page: closed, opened again, put away; a day called off behind its preview; and who did what."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from domain.database import Db
from domain.kinds import Format, Kind, Provider
from domain.models import Programme, ProgrammeState, Session, SessionState
from domain.programmes import set_organiser_role
from domain.sessions import cancel_session
from tests.building import ACTOR, START, Building, one_row, rows
from tests.private_building import NEUTRAL, SECRET, parent, private_session
from tests.web.conftest import OLGA, press, stamp
from tests.web.organising_building import text_of, trail, week_of


def state(building: Building) -> ProgrammeState:
    return building.read(one_row, Programme, Programme.id == building.programme_id).state


# ── closing, opening again, putting away ────────────────────────────────────────────────────────────────────


async def test_a_programme_is_closed_opened_again_and_put_away_when_it_is_over(building: Building, olga: httpx.AsyncClient) -> None:
    at = week_of(building)
    assert f'href="{at}/running"' in (await olga.get(at)).text
    ways = re.findall(rf'href="{at}/(close|reopen|archive|call-off)"', (await olga.get(f"{at}/running")).text)
    assert ways == ["close", "call-off"]
    assert "who has a place keeps it" in text_of(await olga.get(f"{at}/close")).lower()
    closed = [await press(olga, f"{at}/close"), await press(olga, f"{at}/running", button=f"{at}/close")]
    assert (["Nobody new can book." in text_of(one) for one in closed], state(building)) == ([True, True], ProgrammeState.CLOSED)
    await press(olga, f"{at}/reopen")
    assert state(building) is ProgrammeState.PUBLISHED
    early = await press(olga, f"{at}/running", button=f"{at}/archive")
    assert (early.status_code, "runs until Friday 19 March 2027" in text_of(early)) == (409, True)
    assert "You can put a programme away from the day after its last day." in text_of(await olga.get(f"{at}/archive"))
    assert trail(building) == ["close programme", "reopen programme"]


async def test_what_is_over_is_put_away_and_stays_to_be_read(building: Building, olga: httpx.AsyncClient) -> None:
    at = week_of(building)
    building.write(_ends_yesterday, building.programme_id)
    done = await press(olga, f"{at}/archive")
    assert ("Its report stays." in text_of(done), state(building)) == (True, ProgrammeState.ARCHIVED)
    assert re.findall(rf'href="{at}/(close|reopen|archive|call-off|add)"', done.text + (await olga.get(at)).text) == []
    assert [(await olga.get(f"{at}/{page}")).status_code for page in ("report", "history", "add")] == [200, 200, 409]


async def test_a_file_brings_nothing_to_a_programme_that_is_put_away(building: Building, olga: httpx.AsyncClient) -> None:
    at = week_of(building)
    form = await olga.get(f"{at}/import")
    sheet = {"file": ("w.csv", b"Date,Time,Title,Platform,Location\n20/04/2027,12-1pm,Kinship care,In person,Hall", "text/csv")}
    shown = await olga.post(f"{at}/import", data={"stamp": stamp(form)}, files=sheet)
    seen = re.findall(r'name="seen" value="([^"]+)"', shown.text)[0]
    building.write(_ends_yesterday, building.programme_id)
    await press(olga, f"{at}/archive")
    again = await olga.post(f"{at}/import", data={"stamp": stamp(form)}, files=sheet)
    late = [again, await olga.get(f"{at}/import"), await olga.post(f"{shown.url.path}/all", data={"stamp": stamp(form), "seen": seen})]
    assert [(one.status_code, "over and put away" in one.text) for one in late] == [(409, True)] * 3
    assert [one.title for one in building.read(rows, Session)] == ["Opening"]
    assert f'href="{at}/import"' not in (await olga.get(at)).text


def _ends_yesterday(db: Db, programme_id: int) -> None:
    programme = db.get_one(Programme, programme_id)
    programme.starts_on, programme.ends_on = programme.starts_on - timedelta(days=30), programme.ends_on - timedelta(days=30)
    db.add(programme)


# ── calling off ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_day_is_called_off_after_its_preview_and_everyone_is_told_why(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"{week_of(building)}/call-off"
    room, next_day = building.session(), building.session(title="Kinship", starts_at=START + timedelta(days=1))
    hidden = private_session(building)
    building.book(room, building.person(1))
    building.book(hidden, parent(building, 901), alias="Sunny")
    building.deliver()
    choices = re.findall(r'name="day" type="radio" value="([^"]+)"', (await olga.get(at)).text)
    assert choices == ["2027-03-15", "2027-03-16", "all"]
    shown = await olga.get(f"{at}?day=2027-03-15")
    said = text_of(shown)
    assert "Cancel Monday 15 March 2027?" in said
    assert "3 sessions would be cancelled. 1 of them is private. 2 people would be told: 2 e-mails" in said
    assert (SECRET in said, "Sunny" in said, trail(building)) == (False, False, [])
    done = await press(olga, f"{at}?day=2027-03-15", button=at, day="2027-03-15", reason="Snow.")
    assert "That is cancelled." in text_of(done)
    left = {one.id: (one.state, one.cancel_reason) for one in building.read(rows, Session)}
    assert (left[room], left[hidden]) == ((SessionState.CANCELLED, "Snow."), (SessionState.CANCELLED, "Snow."))
    assert left[next_day][0] is SessionState.PUBLISHED
    assert sorted(one.kind for one in building.deliver()) == [Kind.ANNOUNCEMENT, Kind.CANCELLATION, Kind.CANCELLATION]
    again = await press(olga, at, day="2027-03-15", reason="Snow.")
    assert (again.status_code, "There is nothing to cancel" in text_of(again)) == (422, True)
    assert trail(building) == ["call off day", "cancel session", "cancel session", "cancel session"]


async def test_the_whole_programme_is_called_off(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"{week_of(building)}/call-off"
    building.session(starts_at=START + timedelta(days=1))
    assert "Cancel the whole programme?" in text_of(await olga.get(f"{at}?day=all"))
    await press(olga, f"{at}?day=all", button=at, day="all")
    assert {one.state for one in building.read(rows, Session)} == {SessionState.CANCELLED}
    assert "There is nothing to cancel" in text_of(await olga.get(at))


@pytest.mark.parametrize("day", ["", "Monday", "2027-13-01", "all ", "2028-01-01"])
async def test_a_day_that_is_none_is_asked_for_again(building: Building, olga: httpx.AsyncClient, day: str) -> None:
    at = f"{week_of(building)}/call-off"
    for page in (await olga.get(at, params={"day": day}), await press(olga, at, day=day, reason="Snow.")):
        assert (page.status_code, re.findall(r'<a href="#(\w+)">', page.text)) == (422, ["day"])
    assert ({one.state for one in building.read(rows, Session)}, trail(building)) == ({SessionState.PUBLISHED}, [])


async def test_a_reason_that_is_too_long_stays_to_be_made_shorter(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"{week_of(building)}/call-off"
    page = await press(olga, f"{at}?day=all", button=at, day="all", reason="Snow! " * 100)
    assert (page.status_code, re.findall(r'<a href="#(\w+)">(.*?)</a>', page.text)) == (
        422,
        [("reason", "Please use at most 500 characters for the reason.")],
    )
    assert ("Snow! Snow!" in page.text, trail(building)) == (True, [])


# ── who did what ────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_history_says_who_did_what_and_that_somebody_looked(building: Building, olga: httpx.AsyncClient) -> None:
    at = week_of(building)
    one, other = building.session(title="Kinship"), building.session()
    building.book(one, building.person(1))
    await press(olga, f"/organise/session/{one}/presenters", label="Ann Lee")
    await press(olga, f"{at}/close")
    said = text_of(await olga.get(f"{at}/history"))
    assert f"UK time (GMT) {OLGA} closed this programme to new bookings" in said
    assert f"{OLGA} added a presenter to “Kinship”" in said
    assert "Somebody booked a place on “Kinship”" in said
    assert "An organiser, in Discord added “Strengths”" in said
    assert "Person 1" not in said
    of_one = text_of(await olga.get(f"/organise/session/{one}/history"))
    assert (f"{OLGA} added a presenter to “Kinship”" in of_one, "closed this programme" in of_one, "Strengths" in of_one) == (
        True,
        False,
        False,
    )
    assert "added a presenter" not in text_of(await olga.get(f"/organise/session/{other}/history"))
    assert trail(building) == ["add presenter", "close programme", "view history", "view history", "view history"]


async def test_a_long_history_has_pages(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"{week_of(building)}/history"
    for number in range(12):
        building.session(title=f"Hour {number}")
    first = await olga.get(at)
    (older,) = re.findall(r'href="([^"]+before=\d+)"', first.text)
    second = await olga.get(older)
    assert [("Hour 11" in text_of(page), "Hour 0" in text_of(page)) for page in (first, second)] == [(True, False), (False, True)]
    assert (f'href="{at}"' in second.text, f'href="{at}"' in first.text) == (True, False)
    assert (await olga.get(f"{at}?before=<b>")).status_code == 200
    assert trail(building) == ["view history", "view history"]


async def test_on_a_private_session_the_history_names_nobody(building: Building, olga: httpx.AsyncClient) -> None:
    session = private_session(building)
    await press(olga, f"/organise/session/{session}/presenters", label="Ann Lee")
    said = text_of(await olga.get(f"{week_of(building)}/history"))
    assert f"An organiser added a presenter to “{SECRET}”" in said
    assert (NEUTRAL in said, f"{OLGA} added" in said) == (False, False)


async def test_who_may_not_see_a_private_session_does_not_see_its_history(building: Building, olga: httpx.AsyncClient) -> None:
    from domain.organisers import remove_organiser, sync_organisers

    session = private_session(building)
    building.write(sync_organisers, building.partnership_id, [OLGA], now=building.now)
    building.write(set_organiser_role, building.partnership_id, building.programme_id, 5, actor=ACTOR, now=building.now)
    building.write(remove_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    for path in ("history", "presenters", "materials"):
        refused = await olga.get(f"/organise/session/{session}/{path}")
        assert (path, refused.status_code, SECRET in refused.text) == (path, 409, False)
    assert trail(building) == []
    for path in ("history", "ready"):
        page = await olga.get(f"{week_of(building)}/{path}")
        assert (path, page.status_code, SECRET in page.text) == (path, 200, False)


async def test_who_chooses_nothing_to_cancel_is_told_at_the_field(building: Building, olga: httpx.AsyncClient) -> None:
    building.session()
    at = f"/organise/programme/{building.programme_id}/call-off"
    first, empty = await olga.get(at), await olga.get(f"{at}?chosen=yes")
    assert ['name="chosen" value="yes"' in first.text, "Choose what to cancel." in first.text] == [True, False]
    assert [empty.status_code, 'href="#day"' in empty.text, empty.text.count("Choose what to cancel.")] == [422, True, 2]


async def test_of_a_cancelled_session_the_week_says_nothing_of_a_link(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(format=Format.ONLINE, provider=Provider.TEAMS, venue=None)
    week = f"/organise/programme/{building.programme_id}"
    before = await olga.get(week)
    building.write(cancel_session, building.partnership_id, session, "The trainer is ill.", building.rules, actor=ACTOR, now=building.now)
    after = await olga.get(week)
    assert ["No link yet" in page.text for page in (before, after)] == [True, False]
