"""The page on which an organiser says how a session is held: what it would mean is said first, and nothing typed is lost."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from domain.descriptions import NewSession, described
from domain.kinds import Format, Kind, Mode, Provider
from integrations.letters import word
from tests.building import START, Building
from tests.mail_building import VOICE
from tests.visiting_building import post_office, wish
from tests.web.conftest import sign_in, stamp
from tests.web.organising_building import text_of, trail

LINK = "https://meet.example.org/x"


def now_held(building: Building, session: int) -> NewSession:
    return building.read(described, building.partnership_id, session)


def fields(page: httpx.Response) -> dict[str, str]:
    """What stands in the form, and what is chosen in it, as a browser sends it."""
    typed = dict(re.findall(r'<input class="govuk-input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page.text))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    chosen = dict(re.findall(r'name="(\w+)" type="radio" value="(\w+)" checked', page.text))
    empty = dict.fromkeys(("venue", "room_places", "online_places", "given_link"), "")
    return {name: html.unescape(text) for name, text in (empty | typed | hidden | chosen).items()}


async def test_the_form_says_how_it_is_held(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=4, online_places=9)
    page = await olga.get(f"/organise/session/{session}/held")
    shown = {name: text for name, text in fields(page).items() if name not in ("stamp", "seen")}
    assert shown == {
        "format": "hybrid", "provider": "teams", "venue": "Town Hall, room 2", "room_places": "4", "online_places": "9", "given_link": "",
    }  # fmt: skip


async def test_what_it_means_is_said_first_then_everyone_is_told(building: Building, olga: httpx.AsyncClient) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    post_office(building)
    at = f"/organise/session/{session}/held"
    typed = fields(await olga.get(at)) | {"format": "online", "provider": "given", "given_link": LINK, "online_places": "30"}
    asked = await olga.post(at, data=typed)
    assert "1 person is told. 1 of them would have come to the room, and joins online instead. Press Save again" in text_of(asked)
    assert (trail(building), now_held(building, session).format) == ([], Format.IN_PERSON)
    done = await olga.post(at, data=fields(asked))
    assert done.url.path == f"/organise/session/{session}"
    now = now_held(building, session)
    assert (now.format, now.provider, now.given_link, now.venue, now.places) == (Format.ONLINE, Provider.GIVEN, LINK, None, 30)
    again = await olga.post(at, data=fields(asked))
    assert (again.url.path, trail(building)) == (f"/organise/session/{session}", ["edit session"])
    building.later(minutes=3)
    (letter,) = post_office(building)
    assert (letter.kind, letter.mode, letter.changes) == (Kind.UPDATE, Mode.ONLINE, ("held", "link"))


async def test_an_answer_to_another_question_is_asked_about_too(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    building.book(session, building.person(1))
    at = f"/organise/session/{session}/held"
    asked = await olga.post(at, data=fields(await olga.get(at)) | {"format": "online", "provider": "teams"})
    assert "No account is set up to hold the meeting" in text_of(asked)
    other = await olga.post(at, data=fields(asked) | {"format": "hybrid"})
    assert ("Press Save again" in text_of(other), trail(building)) == (True, [])


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"format": "online"}, "provider", "Say where people meet online"),
        ({"format": "hybrid", "provider": "teams", "venue": ""}, "venue", "Enter the room or building that people come to."),
        ({"format": "online", "provider": "given", "given_link": "http://x"}, "given_link", "A link must start with https://"),
        ({"format": "online", "provider": "given"}, "given_link", "Please give the link that people will use to join."),
        ({"room_places": "many"}, "room_places", "Enter the places as a number"),
        ({"room_places": "1"}, "room_places", "1 place, but 2 people have a place. Enter at least 2"),
        ({"format": "online", "provider": "teams", "online_places": "1"}, "online_places", "1 place, but 2 people have a place."),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(
    building: Building, olga: httpx.AsyncClient, typed: dict[str, str], field: str, said: str
) -> None:
    session = building.session()
    for number in (1, 2):
        building.book(session, building.person(number))
    at = f"/organise/session/{session}/held"
    sent = fields(await olga.get(at)) | typed
    page = await olga.post(at, data=sent)
    if "Press Save again" in page.text:
        page = await olga.post(at, data=fields(page))
    assert (page.status_code, f'id="{field}-error"' in page.text, said in text_of(page), trail(building)) == (422, True, True, [])
    assert {name: text for name, text in fields(page).items() if name in sent and name not in ("stamp", "sure")} == {
        name: text for name, text in sent.items() if name != "stamp"
    }


async def test_what_another_changed_meanwhile_is_not_put_back(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    at = f"/organise/session/{session}/held"
    sent = fields(await olga.get(at)) | {"venue": "Hall"}
    building.change(session, venue="Another room")
    page = await olga.post(at, data=sent)
    assert (page.status_code, "Somebody else changed how it is held" in text_of(page)) == (409, True)
    assert "Room or building : “Another room”" in text_of(page)
    assert (now_held(building, session).venue, fields(page)["venue"], trail(building)) == ("Another room", "Hall", [])
    done = await olga.post(at, data=fields(page))
    assert (done.url.path, now_held(building, session).venue) == (f"/organise/session/{session}", "Hall")


async def test_what_was_typed_of_how_it_is_held_stays_beside_anothers_change(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    at = f"/organise/session/{session}/held"
    sent = fields(await olga.get(at)) | {"format": "hybrid", "provider": "given", "given_link": LINK, "online_places": "40"}
    building.change(session, places=7)
    page = await olga.post(at, data=sent)
    assert (page.status_code, fields(page)["given_link"]) == (409, LINK)
    said = ("How it is held : “In a room”", "Where people meet online : nothing", "Places in the room : “7”")
    assert [one for one in said if one not in text_of(page)] == []


async def test_all_that_is_wrong_of_how_it_is_held_is_said_at_once(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    at = f"/organise/session/{session}/held"
    sent = fields(await olga.get(at)) | {"format": "hybrid", "venue": "", "provider": "", "online_places": "many"}
    page = await olga.post(at, data=sent)
    said = [name for name in ("venue", "provider", "online_places") if f'id="{name}-error"' in page.text]
    assert (page.status_code, said) == (422, ["venue", "provider", "online_places"])


async def test_no_more_are_said_to_be_moved_than_are_told(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    building.book(session, building.person(1))
    wish(building, session, 2)
    at = f"/organise/session/{session}/held"
    asked = await olga.post(at, data=fields(await olga.get(at)) | {"format": "online", "provider": "given", "given_link": LINK})
    assert "1 person is told. 1 of them would have come to the room" in text_of(asked)


async def test_that_those_who_wait_are_told_is_said_first(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(places=0)
    building.book(session, building.person(1))
    post_office(building)
    at = f"/organise/session/{session}/held"
    typed = fields(await olga.get(at)) | {"format": "online", "provider": "given", "given_link": LINK, "online_places": "0"}
    asked = await olga.post(at, data=typed)
    assert ("1 person who waits is told." in text_of(asked), trail(building)) == (True, [])
    building.later(minutes=3)
    assert post_office(building) == []
    await olga.post(at, data=fields(asked))
    building.later(minutes=3)
    assert [(one.kind, one.waiting) for one in post_office(building)] == [(Kind.UPDATE, True)]


async def test_of_more_places_nobody_is_told_and_so_it_is_said(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    building.book(session, building.person(1))
    post_office(building)
    for page, name, places in (("held", "room_places", "30"), ("edit", "places", "40")):
        at = f"/organise/session/{session}/{page}"
        saved = await olga.post(at, data=fields(await olga.get(at)) | {name: places})
        assert ("Saved. Nobody needs to be told." in text_of(saved), now_held(building, session).places) == (True, int(places))
    building.later(minutes=30)
    assert post_office(building) == []


async def test_how_many_are_told_is_said_when_it_is_saved(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    for number in (1, 2, 3):
        building.book(session, building.person(number))
    at = f"/organise/session/{session}/held"
    asked = await olga.post(at, data=fields(await olga.get(at)) | {"venue": "Hall", "room_places": "2"})
    assert "1 person is told. 2 people who wait are told too." in text_of(asked)
    said = "Saved. 2 people are told what has changed for them. 1 person who waited has a place now, and is told."
    assert said in text_of(await olga.post(at, data=fields(asked)))


async def test_what_is_over_cannot_be_held_another_way(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    at = f"/organise/session/{session}/held"
    typed = fields(await olga.get(at)) | {"format": "online", "provider": "given", "given_link": LINK}
    building.now = START.replace(hour=23)
    await sign_in(building, olga)
    refused = await olga.post(at, data=typed | {"stamp": stamp(await olga.get(f"/organise/session/{session}"))})
    assert (refused.status_code, "over" in text_of(refused), trail(building)) == (409, True, [])


async def test_the_session_and_its_form_lead_there(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    for path in ("", "/edit"):
        assert f'href="/organise/session/{session}/held"' in (await olga.get(f"/organise/session/{session}{path}")).text


async def test_who_waits_is_not_told_that_they_take_part(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    building.book(session, building.person(1))
    building.book(session, building.person(2))
    post_office(building)
    at = f"/organise/session/{session}/held"
    typed = {"format": "online", "provider": "given", "given_link": LINK, "online_places": "1"}
    await olga.post(at, data=fields(await olga.post(at, data=fields(await olga.get(at)) | typed)))
    building.later(minutes=3)
    (letter,) = [one for one in post_office(building) if one.waiting]
    said = word(letter, VOICE, building.now).text
    assert ("How it is held has changed. It is online now." in said, "You do not have a place yet." in said) == (True, True)
