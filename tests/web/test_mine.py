"""One's own page: what stands on it, and what can be changed there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.attendance import mark
from domain.database import Db
from domain.kinds import Format, Kind, Mode, Provider
from domain.links import Wanted, mint
from domain.materials import add_file, add_link
from domain.models import Attendance, BookingState, Needs, Notice, Person, Purpose
from tests.building import ACTOR, START, Building, rows
from tests.visiting_building import LINK_KEY, wish
from tests.web.conftest import accepted, send, stamp


def mine(building: Building, person: int) -> str:
    """The address of somebody's own page."""
    return f"/mine/{building.write(_token, building.partnership_id, person, building.now)}"


def _token(db: Db, partnership_id: int, person: int, now: datetime) -> str:
    wanted = Wanted(Purpose.MINE, person, partnership_id, now + timedelta(days=90), person_id=person)
    return mint(db, LINK_KEY, [wanted], now=now)[wanted.subject]


def hybrid(building: Building, **other: Any) -> int:
    return building.session(format=Format.HYBRID, provider=Provider.TEAMS, **{"places": 1, "online_places": 1} | other)


async def test_every_state_is_said_in_words(building: Building, browser: httpx.AsyncClient) -> None:
    me, other = building.person(1), building.person(2)
    place, full = building.session(), building.session(places=1, title="Full", starts_at=START + timedelta(days=1))
    building.book(full, other)
    building.book(place, me)
    building.book(full, me)
    page = await browser.get(mine(building, me))
    assert [words in page.text for words in ("You have a place.", "You are number 1 on the waiting list.", "Town Hall, room 2")] == [
        True
    ] * 3
    assert "It is at the same time as" not in page.text
    building.book(building.session(title="Elsewhere"), me, accept_clash=True)
    clashing = await browser.get(mine(building, me))
    assert [f"It is at the same time as {title}." in clashing.text for title in ("Elsewhere", "Strengths")] == [True, True]


async def test_an_offer_says_until_when_and_is_taken_once(building: Building, browser: httpx.AsyncClient) -> None:
    me, other = building.person(1), building.person(2)
    session = building.session(places=1)
    building.book(session, other)
    building.book(session, me)
    building.book(building.session(title="Elsewhere"), me)
    building.cancel(session, other)
    page = await browser.get(mine(building, me))
    assert "A place is free for you. Say yes by Monday 1 March 2027, 9pm" in page.text
    assert "It is at the same time as Elsewhere." in page.text
    path = f"{mine(building, me)}/session/{session}/accept"
    for _ in range(2):
        assert (await browser.post(path, data={"stamp": stamp(page), "clash": accepted(page)})).status_code == 200
    booking = building.booking(session, me)
    assert (booking.state, booking.sequence) == (BookingState.CONFIRMED, 1)


async def test_a_yes_to_less_than_there_is_by_now_shows_it_and_asks_again(building: Building, browser: httpx.AsyncClient) -> None:
    me, other = building.person(1), building.person(2)
    session = building.session(places=1)
    building.book(session, other)
    building.book(session, me)
    building.book(building.session(title="Elsewhere"), me)
    building.cancel(session, other)
    page = await browser.get(mine(building, me))
    building.book(building.session(title="Newer"), me, accept_clash=True)
    path = f"{mine(building, me)}/session/{session}/accept"
    again = [await browser.post(path, data={"stamp": stamp(page), **more}) for more in ({"clash": accepted(page)}, {})]
    asks = "You have something else at that time by now. Look at what it is below. If you want both, say yes once more."
    assert [(asks in one.text, "It is at the same time as Elsewhere and Newer." in one.text) for one in again] == [(True, True)] * 2
    assert building.booking(session, me).state is BookingState.HELD
    await browser.post(path, data={"stamp": stamp(page), "clash": accepted(again[0])})
    assert building.booking(session, me).state is BookingState.CONFIRMED


async def test_an_offer_that_is_over_is_told_plainly(building: Building, browser: httpx.AsyncClient) -> None:
    me, other = building.person(1), building.person(2)
    session = building.session(places=1)
    building.book(session, other)
    building.book(session, me)
    building.book(building.session(title="Elsewhere"), me)
    building.cancel(session, other)
    page = await browser.get(mine(building, me))
    building.later(hours=13)
    late = await browser.post(f"{mine(building, me)}/session/{session}/accept", data={"stamp": stamp(page)})
    assert (late.status_code, "no longer kept for you" in late.text) == (409, True)


async def test_what_somebody_asked_for_with_ones_address_is_asked_about(building: Building, browser: httpx.AsyncClient) -> None:
    """One that waits, and one that is kept for a while; a yes and a no."""
    me, other = building.person(7), building.person(2)
    full, other_full = (building.session(places=1, title=title, starts_at=START + timedelta(days=1)) for title in ("Full", "Not mine"))
    kept = building.session(title="Kept")
    for session in (full, other_full):
        building.book(session, other, accept_clash=True)
    for session in (full, other_full, kept):
        wish(building, session, 7)
    page = await browser.get(mine(building, me))
    assert page.text.count("Somebody asked for a place here with your address. Is it you?") == 2
    assert "We keep a place for you. Say yes by " in page.text
    assert [words in page.text for words in ("on the waiting list", "Yes, it is me", "No, it is not me")] == [False, True, True]
    ask = await browser.get(f"{mine(building, me)}/session/{other_full}/cancel")
    assert [words in ask.text for words in ("It was not you?", "waiting list")] == [True, False]
    await browser.post(f"{mine(building, me)}/session/{other_full}/cancel", data={"stamp": stamp(ask)})
    await browser.post(f"{mine(building, me)}/session/{full}/accept", data={"stamp": stamp(page)})
    after = await browser.get(mine(building, me))
    assert ["Is it you?" in after.text, "You are number 1 on the waiting list." in after.text] == [False, True]
    assert building.booking(other_full, me).state is BookingState.CANCELLED


async def test_how_one_takes_part_is_changed_and_the_place_goes_on(building: Building, browser: httpx.AsyncClient) -> None:
    me, waits = building.person(1), building.person(2)
    session = hybrid(building)
    building.book(session, me, mode=Mode.ROOM)
    building.book(session, waits, mode=Mode.ROOM)
    page = await send(browser, f"{mine(building, me)}/session/{session}/way", {"way": "online"})
    assert "Online" in page.text
    mine_now, theirs = building.booking(session, me), building.booking(session, waits)
    assert (mine_now.mode, mine_now.state, theirs.state) == (Mode.ONLINE, BookingState.CONFIRMED, BookingState.CONFIRMED)
    told = building.read(rows, Notice, Notice.booking_id == mine_now.id)[-1]
    assert (told.kind, told.sequence) == (Kind.INVITATION, 2)  # the first had not left: this one says it all
    full = await send(browser, f"{mine(building, me)}/session/{session}/way", {"way": "room"})
    assert (full.status_code, "You keep what you have." in full.text) == (409, True)
    assert building.booking(session, me).mode is Mode.ONLINE


async def test_who_waits_for_the_room_may_have_a_place_online_at_once(building: Building, browser: httpx.AsyncClient) -> None:
    me, other = building.person(1), building.person(2)
    session = hybrid(building)
    building.book(session, other, mode=Mode.ROOM)
    building.book(session, me, mode=Mode.ROOM)
    page = await send(browser, f"{mine(building, me)}/session/{session}/way", {"way": "online"})
    assert "You have a place." in page.text


async def test_what_one_needs_is_changed_and_taken_back(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session()
    building.book(session, me)
    path = f"{mine(building, me)}/session/{session}/needs"
    await send(browser, path, {"access": "Large print", "dietary": ""})
    assert [(one.access, one.dietary) for one in building.read(rows, Needs)] == [("Large print", "")]
    assert "Large print" in (await browser.get(path)).text
    long = await send(browser, path, {"access": "y" * 301, "dietary": "Halal"})
    assert (long.status_code, "Use 300 characters or fewer. You have used 301." in long.text, "Halal" in long.text) == (422, True, True)
    await send(browser, path, {"access": " ", "dietary": ""})
    assert building.read(rows, Needs) == []


async def test_reminders_are_chosen_by_who_has_chat_too(building: Building, browser: httpx.AsyncClient) -> None:
    chat, post = building.person(1), building.person(2, discord_id=None)
    await send(browser, f"{mine(building, chat)}/reminders", {"by": "both"})
    person = building.read(rows, Person, Person.id == chat)[0]
    assert (person.reminders_by_chat, person.reminders_by_email) == (True, True)
    assert (await browser.get(f"{mine(building, post)}/reminders")).status_code == 404
    assert "They come by e-mail." in (await browser.get(mine(building, post))).text


async def test_afterwards_it_leads_to_feedback_and_certificates(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.online()
    building.book(session, me)
    link = mine(building, me)
    before = await browser.get(link)
    joined = await browser.post(f"{link}/session/{session}/join", data={"stamp": stamp(before)}, follow_redirects=False)
    assert (joined.status_code, joined.headers["location"].rsplit("/", 1)[0]) == (303, "/join")
    building.now = START + timedelta(hours=2)
    building.write(mark, building.partnership_id, session, {me: Attendance.ATTENDED}, actor=ACTOR, now=building.now)
    after = await browser.get(link)
    assert ("How was it?" in after.text, f'href="{link}/certificates"' in after.text) == (True, True)
    asked = await browser.post(f"{link}/session/{session}/feedback", data={"stamp": stamp(after)}, follow_redirects=False)
    assert asked.headers["location"].startswith("/feedback/")


async def test_what_is_somebody_elses_is_not_there(building: Building, browser: httpx.AsyncClient) -> None:
    me, other = building.person(1), building.person(2)
    session = building.session()
    building.book(session, other)
    page = await browser.get(f"/midlands/session/{session}/book")
    paths = [f"{mine(building, me)}/session/{session}/{what}" for what in ("cancel", "needs", "way", "accept", "join", "feedback")]
    assert [(await browser.post(path, data={"stamp": stamp(page), "way": "room"})).status_code for path in paths] == [404] * 6
    assert building.booking(session, other).state is BookingState.CONFIRMED


async def test_after_a_change_the_page_says_what_was_done(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), hybrid(building)
    building.book(session, me, mode=Mode.ROOM)
    at = f"{mine(building, me)}/session/{session}"
    assert "What you need is saved." in (await send(browser, f"{at}/needs", {"access": "A ramp"})).text
    assert "How you take part is changed." in (await send(browser, f"{at}/way", {"way": Mode.ONLINE.value})).text
    assert "It is cancelled." in (await send(browser, f"{at}/cancel", {})).text
    page = await browser.get(mine(building, me), params={"done": "<b>anything</b>"})
    assert (page.status_code, "Done</h2>" in page.text) == (200, False)


async def test_what_there_is_to_read_is_named_for_all_and_opened_by_who_has_a_place(building: Building, browser: httpx.AsyncClient) -> None:
    me, waits = building.person(1), building.person(2)
    session = building.session(places=1)
    for who in (me, waits):
        building.book(session, who)
    about: dict[str, Any] = {"actor": ACTOR, "now": building.now}
    building.write(add_link, building.partnership_id, session, "https://example.org/read", "Short guide", building.rules, **about)
    building.write(add_file, building.partnership_id, session, "plan.txt", b"A plan.", "The plan", building.rules, **about)
    public = await browser.get(f"/midlands/session/{session}")
    own, other = [await browser.get(mine(building, who)) for who in (me, waits)]
    assert ["Short guide, The plan" in page.text for page in (public, own, other)] == [True, False, False]
    assert ['href="https://example.org/read"' in page.text for page in (public, own, other)] == [False, True, False]
    assert ["The plan (plan.txt), in your e-mail" in page.text for page in (own, other)] == [True, False]
