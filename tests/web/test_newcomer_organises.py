"""What somebody new to the organisers' pages met: what is not set up is said, forms say all at once, and nobody is told where nobody is."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from domain.descriptions import described
from domain.kinds import Format, Provider
from domain.models import InvitationCode, Presenter, Privacy
from domain.private_sessions import set_privacy
from tests.building import ACTOR, Building, rows
from tests.organiser_building import csv
from tests.private_building import private_session
from tests.web.conftest import press, stamp
from tests.web.organising_building import sent_back, text_of, titles, week_of
from tests.web.test_adding_by_page import KINSHIP, filled_in


def told(page: httpx.Response) -> list[str]:
    """The fields that a page says something is wrong with, in its order."""
    return re.findall(r'<a href="#([a-z_]+)">', page.text)


async def edited(olga: httpx.AsyncClient, session: int, **typed: str) -> httpx.Response:
    at = f"/organise/session/{session}/edit"
    form = await olga.get(at)
    seen = re.search(r'name="seen" value="([^"]+)"', form.text)
    assert seen
    return await olga.post(at, data={"stamp": stamp(form), "seen": seen[1], **typed})


async def test_what_is_not_set_up_is_said_where_one_chooses_it_and_after_it_is_chosen(building: Building, olga: httpx.AsyncClient) -> None:
    building.host(Provider.TEAMS, "teams@council.example")
    session = building.online(title="Kinship care")
    for page in ("edit", "held"):
        said = text_of(await olga.get(f"/organise/session/{session}/{page}"))
        assert ("Zoom (not set up here)" in said, "Teams (not set up here)" in said) == (True, False), page
    add = text_of(await olga.get(f"{week_of(building)}/add"))
    assert ("Online, as the programme says (Teams)" in add, "Online, on Zoom, not set up here" in add) == (True, True)
    after = "Zoom is not set up here. Give a link of your own, choose another way to meet online, or ask for"
    assert after not in text_of(await olga.get(f"/organise/session/{session}"))
    building.change(session, provider=Provider.ZOOM)
    assert f"Not there yet. {after} Zoom." in text_of(await olga.get(f"/organise/session/{session}"))
    _, week = await filled_in(olga, f"{week_of(building)}/add", **KINSHIP)
    assert f"It has no link to join yet. {after} it." in text_of(week)


async def test_a_code_can_be_for_any_number_and_all_that_is_wrong_is_told_at_once(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"/organise/session/{private_session(building)}/invitations"
    assert "Each of them uses it once. Leave it empty for any number." in text_of(await olga.get(at))
    for people, days in (("lots", "forever"), ("lots", "999"), ("0", "forever"), ("1001", "999")):
        wrong = await press(olga, at, people=people, days=days, note="x" * 101, newest="0")
        assert (wrong.status_code, told(wrong)) == (422, ["people", "days", "note"])
    assert building.read(rows, InvitationCode) == []
    made = await press(olga, at, people="", days="7", newest="0")
    assert "for any number of people, until" in text_of(made)
    assert [one.most_uses for one in building.read(rows, InvitationCode)] == [None]


async def test_an_edit_says_all_that_is_wrong_at_once(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS)
    wrong = {
        "title": "",
        "date": "soon",
        "places": "many",
        "online_places": "few",
        "given_link": "",
        "notes": "x" * 2001,
    }
    page = await edited(olga, session, **wrong, provider="given")
    assert (page.status_code, told(page)) == (422, list(wrong))
    assert building.read(described, building.partnership_id, session).title == "Strengths"


async def test_adding_names_a_wrong_date_beside_a_title_that_is_missing(building: Building, olga: httpx.AsyncClient) -> None:
    hourless = {"title": "", "date": "hello", "start": "", "end": ""}
    for wrong in ({"title": "", "date": "hello"}, {"title": "", "date": "31 February 2027", "places": "many"}, hourless):
        _, page = await filled_in(olga, f"{week_of(building)}/add", **KINSHIP | wrong)
        assert (page.status_code, told(page)) == (422, list(wrong))


@pytest.mark.parametrize("privacy_asked", [False, True])
async def test_what_others_see_a_private_session_called_can_be_changed(
    building: Building, olga: httpx.AsyncClient, privacy_asked: bool
) -> None:
    label = "What others see it called"
    session = building.session(title="Parents' panel", privacy_asked=privacy_asked)
    assert (label in text_of(await olga.get(f"/organise/session/{session}/edit"))) is privacy_asked
    if not privacy_asked:
        where = building.partnership_id, [session], Privacy.PRIVATE, building.rules
        building.write(set_privacy, *where, sees_private=True, actor=ACTOR, now=building.now)
    assert label in text_of(await olga.get(f"/organise/session/{session}/edit"))
    await edited(olga, session, public_title="Spring meeting")
    assert building.read(described, building.partnership_id, session).public_title == "Spring meeting"
    await edited(olga, session, public_title="")
    assert building.read(described, building.partnership_id, session).public_title is None


async def test_a_file_without_headings_calls_no_session_gone(building: Building, olga: httpx.AsyncClient) -> None:
    at = f"{week_of(building)}/import"
    file = {"file": ("week.csv", b"Hello,there\nHow,are\nyou,today\n")}
    shown = text_of(await olga.post(at, data={"stamp": stamp(await olga.get(at))}, files=file))
    assert ("Rows that cannot be used" in shown, "No longer in the file" in shown, "Opening" in shown) == (True, False, False)
    used = {"file": ("week.csv", csv("15/03/2027,12-1pm,Lunch and learn,,Online,,"))}
    assert "No longer in the file" in text_of(await olga.post(at, data={"stamp": stamp(await olga.get(at))}, files=used))


async def test_an_hour_of_today_that_has_passed_is_warned_of(building: Building, olga: httpx.AsyncClient) -> None:
    building.later(minutes=50)
    typed = KINSHIP | {"date": "1 March 2027", "start": "9.30am", "end": "10.30am"}
    _, asked = await filled_in(olga, f"{week_of(building)}/add", **typed)
    assert "9.30am on Monday 1 March 2027 has passed already." in text_of(asked)


async def test_nobody_is_said_to_be_told_where_nobody_has_booked(building: Building, olga: httpx.AsyncClient) -> None:
    empty, booked = building.session(title="Empty"), building.session(title="Booked", starts_at=building.now + timedelta(days=2))
    building.book(booked, building.person(1))
    pages = [f"/organise/session/{one}/edit" for one in (empty, booked)]
    said = [text_of(await olga.post(one, data=sent_back(await olga.get(one)) | {"notes": "Bring a pen."})) for one in pages]
    assert ("Saved. Nobody has booked it." in said[0], "told" in said[0]) == (True, False)
    assert "Saved. 1 person is told what has changed for them." in said[1]
    held = [text_of(await olga.get(f"/organise/session/{one}/held")) for one in (empty, booked)]
    assert ["Who has booked is told if it is held another way" in one for one in held] == [False, True]
    at = f"/organise/session/{empty}/cancel"
    assert "The session is cancelled. Nobody had booked it." in text_of(await press(olga, at, reason="Snow."))
    at = f"/organise/session/{booked}/cancel"
    mark = stamp(await olga.get(at))
    done = await olga.post(at, data={"stamp": mark, "reason": "Snow."})
    assert "The session is cancelled. The 1 person who had booked or waited is told." in text_of(done)


async def test_a_day_that_nobody_had_booked_says_so_when_it_is_called_off(building: Building, olga: httpx.AsyncClient) -> None:
    sure = f"{week_of(building)}/call-off"
    form = await olga.get(f"{sure}?day=2027-03-15")
    done = await olga.post(sure, data={"stamp": stamp(form), "day": "2027-03-15", "reason": "Snow."})
    assert "That is cancelled. Nobody had booked." in text_of(done)


async def test_a_presenter_whose_letter_has_not_left_will_be_asked(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    at = f"/organise/session/{session}/presenters"
    added = await press(olga, at, label="Ann Lee", address="ann.lee@council.gov.uk")
    assert "ann.lee@council.gov.uk Will be asked" in text_of(added)
    building.deliver()
    assert "ann.lee@council.gov.uk Asked, no answer yet" in text_of(await olga.get(at))
    assert len(building.read(rows, Presenter)) == 1


async def test_public_pages_lead_organisers_to_their_door_and_theirs_do_not(building: Building, olga: httpx.AsyncClient) -> None:
    door = '<a class="govuk-link" href="/midlands/organise">For organisers</a>'
    assert [door in (await olga.get(path)).text for path in ("/midlands", week_of(building))] == [True, False]
    assert titles(building)["Opening"].title in (await olga.get(week_of(building))).text
