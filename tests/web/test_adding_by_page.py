"""Adding one session by page: the fields and the checks of chat, what is wrong told at its field, and the session in the week at once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlmodel import col

from domain.adding import add_once, newest_session
from domain.closing import close
from domain.descriptions import NewSession
from domain.errors import NotFound
from domain.kinds import Format, Provider
from domain.models import AuditEntry, Presenter, Privacy, Session, SessionState
from domain.private_sessions import set_privacy
from tests.building import ACTOR, START, Building, rows
from tests.web.conftest import press, stamp
from tests.web.organising_building import text_of, titles, trail, week_of

KINSHIP = {
    "title": "Kinship <b>care</b>",
    "date": "Tuesday 16 March 2027",
    "start": "2pm",
    "end": "3.30pm",
    "held": "Zoom",
    "places": "30",
    "organisation": "Dudley Council",
    "presenter": "Priya Shah",
    "audience": "Newly qualified social workers",
}


def at(building: Building) -> str:
    return f"{week_of(building)}/add"


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


async def filled_in(browser: httpx.AsyncClient, path: str, **typed: str) -> tuple[dict[str, str], httpx.Response]:
    """The form of this address as it was sent, and what came of it."""
    form = await browser.get(path)
    sent = {"stamp": stamp(form), "newest": hidden(form, "newest"), **typed}
    return sent, await browser.post(path, data=sent)


async def test_a_session_is_added_with_all_that_was_typed_and_is_seen_in_the_week(building: Building, olga: httpx.AsyncClient) -> None:
    assert f'href="{at(building)}"' in (await olga.get(week_of(building))).text
    sent, week = await filled_in(olga, at(building), **KINSHIP)
    one = titles(building)["Kinship <b>care</b>"]
    assert str(week.url).endswith(f"{week_of(building)}?done=added&session={one.id}")
    said = text_of(week)
    assert "is added: Tuesday 16 March 2027, 2pm to 3.30pm, UK time (GMT). People can book it now. It has no link to join yet." in said
    assert ("Just added 2pm to 3.30pm 0 of 30 0 No link yet Priya Shah: Not asked yet" in said, "<b>care" in week.text) == (True, False)
    kept = (one.state, one.format, one.provider, one.places, one.audience)
    assert kept == (SessionState.PUBLISHED, Format.ONLINE, Provider.ZOOM, 30, "Newly qualified social workers")
    assert [(row.label, row.session_id) for row in building.read(rows, Presenter)] == [("Priya Shah", one.id)]
    again = await olga.post(at(building), data=sent)
    assert (str(again.url), len(titles(building))) == (str(week.url), 2)
    assert trail(building) == ["add session"]


async def test_what_is_left_out_is_as_the_programme_says_and_a_draft_opens_nothing(building: Building, olga: httpx.AsyncClient) -> None:
    plain = {"title": "Drop in", "date": "16/03/2027", "start": "9am", "end": "10am"}
    _, week = await filled_in(olga, at(building), **plain)
    one = titles(building)["Drop in"]
    assert (one.format, one.provider, one.places, one.venue) == (Format.ONLINE, Provider.TEAMS, None, None)
    _, week = await filled_in(olga, at(building), **plain | {"title": "In the hall", "venue": "Town Hall"})
    one = titles(building)["In the hall"]
    assert (one.format, one.venue) == (Format.IN_PERSON, "Town Hall")
    assert "no link to join" not in text_of(week)


async def test_in_a_closed_programme_it_says_that_nobody_can_book_yet(building: Building, olga: httpx.AsyncClient) -> None:
    building.write(close, building.partnership_id, building.programme_id, actor=ACTOR, now=building.now)
    assert "Nobody can book it while the programme is closed." in text_of(await olga.get(at(building)))
    _, week = await filled_in(olga, at(building), **KINSHIP)
    assert "Nobody can book it yet." in text_of(week)


async def test_nothing_that_was_typed_is_lost_and_each_field_says_what_is_wrong_with_it(
    building: Building, olga: httpx.AsyncClient
) -> None:
    wrong = {
        "title": ("", "Enter the title, as people will see it."),
        "date": ("31 February 2027", "There is no 31 February 2027: that month has 28 days."),
        "start": ("soon", "No time could be read in “soon”. A session needs a start and an end, such as 9.30am to 10.30am."),
        "end": ("1pm", "This ends before it starts. Please check the times."),
        "places": ("many", "“many” is not a number of places. Write one whole number, such as 30, or leave it empty."),
        "link": ("to follow", "A link must start with https:// and have no spaces."),
        "audience": ("x" * 201, "This text has 201 characters. The longest audience we can keep has 200."),
    }
    for name, (text, said) in wrong.items():
        _, page = await filled_in(olga, at(building), **KINSHIP | {name: text})
        told = re.findall(r'<a href="#([a-z]+)">(.*?)</a>', page.text)
        assert (page.status_code, told) == (422, [(name, said)])
        kept = [text for other, text in KINSHIP.items() if other not in (name, "title", "held")]
        assert [text for text in kept if f'value="{text}"' not in page.text] == []
        assert re.search(r'value="Zoom" +checked', page.text)
    _, both = await filled_in(olga, at(building), **KINSHIP | {"date": "hello", "places": "many"})
    assert re.findall(r'<a href="#([a-z]+)">', both.text) == ["date", "places"]
    assert (list(titles(building)), trail(building)) == (["Opening"], [])


async def test_a_link_for_a_room_is_refused_and_one_of_ones_own_kept(building: Building, olga: httpx.AsyncClient) -> None:
    link = "https://meet.example.org/kinship"
    _, page = await filled_in(olga, at(building), **KINSHIP | {"held": "In person", "venue": "Town Hall", "link": link})
    assert "A session in a room has no link to join." in text_of(page)
    await filled_in(olga, at(building), **KINSHIP | {"link": link})
    one = titles(building)["Kinship <b>care</b>"]
    assert (one.provider, one.given_link) == (Provider.GIVEN, link)


async def test_what_deserves_a_second_look_is_asked_about_before_it_is_added(building: Building, olga: httpx.AsyncClient) -> None:
    typed = KINSHIP | {"date": "20 March 2027", "title": "Parents and carers together"}
    sent, asked = await filled_in(olga, at(building), **typed)
    assert (asked.status_code, "Saturday 20 March 2027 is at a weekend." in text_of(asked)) == (200, True)
    assert "It looks as if families take part: it says" in text_of(asked)
    assert list(titles(building)) == ["Opening"]
    sure = sent | {"sure": hidden(asked, "sure")}
    other = await olga.post(at(building), data=sure | {"date": "21 March 2027"})
    assert "Sunday 21 March 2027 is at a weekend." in text_of(other), "another day is asked about anew"
    week = await olga.post(at(building), data=sure)
    one = titles(building)["Parents and carers together"]
    assert (one.state, one.privacy_asked, "Nobody can book it yet." in text_of(week)) == (SessionState.DRAFT, True, True)


async def test_whether_it_is_private_stays_open_until_one_of_both_answers_is_given(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(title="Parents and carers together", privacy_asked=True)
    at = f"/organise/session/{session}"
    assert "Private Nobody has said yet" in text_of(await olga.get(at))
    for said in ({}, {"privacy": "perhaps"}):
        page = await press(olga, at, button=f"{at}/privacy", **said)
        assert (page.status_code, "Is it private?" in text_of(page)) == (200, True)
    assert [one.privacy_asked for one in building.read(rows, Session, Session.id == session)] == [True]
    assert "Private No " in text_of(await press(olga, at, button=f"{at}/privacy", privacy="open"))


async def test_the_week_says_only_of_a_session_of_its_own_that_it_is_added(building: Building, olga: httpx.AsyncClient) -> None:
    strange = await olga.get(f"{week_of(building)}?done=added&session=99999")
    assert (strange.status_code, "is added" in text_of(strange)) == (200, False)


def test_two_who_add_the_same_at_once_add_it_once(building: Building) -> None:
    new = NewSession(title="Kinship", starts_at=START, ends_at=START.replace(hour=11), format=Format.ONLINE, provider=Provider.TEAMS)
    where, programme = building.partnership_id, building.programme_id
    newest = building.read(newest_session, where, programme)
    done = [building.write(add_once, where, programme, new, building.rules, newest=newest, actor=ACTOR, now=building.now) for _ in range(2)]
    assert done[0].session_id == done[1].session_id != newest
    later = building.read(newest_session, where, programme)
    meant = building.write(add_once, where, programme, new, building.rules, newest=later, actor=ACTOR, now=building.now)
    assert meant.session_id not in (newest, later), "who has seen it, and sends another form, means another"
    assert len(building.read(rows, Session, col(Session.title) == "Kinship")) == 2
    assert len(building.read(rows, AuditEntry, AuditEntry.action == "add session", AuditEntry.session_id == later)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"venue": "Room B"},
        {"presenter": "Bo Hill"},
        {"organisation": "Dudley Council"},
        {"places": 6},
        {"audience": "Students"},
        {"title": "Drop-ins"},
    ],
)
def test_what_differs_in_anything_that_was_typed_is_another_session(building: Building, other: dict[str, Any]) -> None:
    one = NewSession("Drop-in", START, START.replace(hour=11), Format.IN_PERSON, presenter="Ann Lee", venue="Room A", places=5)
    where, newest = (building.partnership_id, building.programme_id), building.read(newest_session, building.partnership_id, 1)
    parallel, again = replace(one, **other), replace(one, presenter="Ann  Lee")
    done = [
        building.write(add_once, *where, new, building.rules, newest=newest, actor=ACTOR, now=building.now).session_id
        for new in (one, parallel, again, parallel)
    ]
    assert done == [newest + 1, newest + 2, newest + 1, newest + 2]


async def test_a_parallel_session_in_another_room_is_added_from_a_form_that_was_open_before(
    building: Building, olga: httpx.AsyncClient
) -> None:
    room = {"title": "Drop in", "date": "16/03/2027", "start": "9am", "end": "10am", "held": "In person", "venue": "Room A"}
    sent, _ = await filled_in(olga, at(building), **room)
    await olga.post(at(building), data=sent | {"venue": "Room B"})
    await olga.post(at(building), data=sent)
    assert [one.venue for one in building.read(rows, Session, col(Session.title) == "Drop in")] == ["Room A", "Room B"]


def test_what_is_sent_again_after_somebody_answered_whether_it_is_private_is_still_the_same(building: Building) -> None:
    new = NewSession("Parents", START, START.replace(hour=11), Format.IN_PERSON, venue="Room A", privacy_asked=True)

    def sent() -> int:
        where = building.partnership_id, building.programme_id
        return building.write(add_once, *where, new, building.rules, newest=1, actor=ACTOR, now=building.now).session_id

    first = sent()
    answer = building.partnership_id, [first], Privacy.PRIVATE, building.rules
    building.write(set_privacy, *answer, public_title="A talk", sees_private=True, actor=ACTOR, now=building.now)
    assert sent() == first


def test_another_partnerships_programme_gets_nothing(building: Building) -> None:
    with pytest.raises(NotFound):
        building.read(newest_session, building.partnership_id + 1, building.programme_id)


async def test_a_session_in_a_room_and_online_has_places_of_both_kinds(building: Building, olga: httpx.AsyncClient) -> None:
    both = KINSHIP | {"held": "Hybrid", "venue": "Town Hall", "online_places": "12"}
    _, wrong = await filled_in(olga, at(building), **both | {"online_places": "a few"})
    assert (wrong.status_code, 'href="#online_places"' in wrong.text, 'value="a few"' in wrong.text) == (422, True, True)
    _, useless = await filled_in(olga, at(building), **both | {"held": "Online", "venue": ""})
    assert (useless.status_code, 'href="#online_places"' in useless.text) == (422, True)
    await filled_in(olga, at(building), **both)
    one = titles(building)["Kinship <b>care</b>"]
    assert (one.format, one.places, one.online_places) == (Format.HYBRID, 30, 12)
    form = (await olga.get(f"/organise/session/{one.id}/edit")).text
    assert [f'value="{said}"' in form for said in ("16 March 2027", "2pm", "3.30pm", "30", "12")] == [True] * 5
