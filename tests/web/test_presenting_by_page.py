"""A presenter without Discord: asked by mail, answers behind the link in it, and changes their mind."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from domain import attention
from domain.attention import Concern
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import Presenter
from domain.needs.own import tell_needs
from domain.presenters.naming import NewPresenter, add, remove
from integrations.letters import Voice, word
from tests.building import ACTOR, START, Building, one_row, rows
from tests.private_building import NEUTRAL, SECRET, let_in, made_code, private_session
from tests.visiting_building import post_office
from tests.web.conftest import ADDRESS, front_like, stamp
from tests.web.organising_building import text_of
from tests.web.test_safety_pages import everything, visiting
from web.app import make_app
from web.front import Front

CHAT = "https://discord.com/channels/1/2"


def asked(building: Building, session: int, name: str = "Ann Lee", address: str = "ann@uni.ac.uk") -> str:
    """Somebody is named by an organiser; the address of the page in the mail that asks them."""
    new, rules, now = NewPresenter(name, address), building.rules, building.now
    building.write(add, building.partnership_id, session, new, rules, actor=ACTOR, now=now)
    (letter,) = [one for one in post_office(building) if one.kind is Kind.INVITATION and one.recipient.address == address]
    assert letter.links is not None
    worded = word(letter, Voice("Midlands", "Workforce team", CHAT, web=ADDRESS))
    link = f"{ADDRESS}/presenting/{letter.links.present}"
    assert (f"Tell us if you can come: {link}\n" in worded.text, f'<a href="{link}">Tell us if you can come</a>' in worded.html) == (
        True,
        True,
    )
    return f"/presenting/{letter.links.present}"


async def say(browser: httpx.AsyncClient, at: str, answer: str | None, **other: str) -> httpx.Response:
    """Open the page, choose, and press its button."""
    page = await browser.get(at)
    starts = re.search(r'name="starts" value="([^"]+)"', page.text)
    fields = {"stamp": stamp(page), "starts": starts[1] if starts else "", **({"answer": answer} if answer else {}), **other}
    return await browser.post(at, data=fields)


def said(building: Building) -> tuple[bool, bool]:
    """Whether the one presenter has said yes, and whether no."""
    row: Presenter = building.read(one_row, Presenter)
    return row.confirmed_at is not None, row.declined_at is not None


def chosen(page: httpx.Response) -> list[str]:
    return re.findall(r'value="(yes|no)" +checked', page.text)


@pytest.fixture
def session(building: Building) -> int:
    return building.session(title="Strengths & <b>hope</b>", format=Format.HYBRID, provider=Provider.GIVEN, **BOTH_WAYS)


BOTH_WAYS: dict[str, Any] = {"given_link": "https://meet.example.org/1", "online_places": 5}


async def test_the_page_shows_the_session_and_opening_it_changes_nothing(
    building: Building, browser: httpx.AsyncClient, session: int
) -> None:
    building.book(session, building.person(1, name="Rosie"), mode=Mode.ROOM)
    building.book(session, building.person(2, name="Bob"), mode=Mode.ONLINE)
    at = asked(building, session)
    before = building.read(everything)
    page = await browser.get(at)
    text = text_of(page)
    assert page.headers["cache-control"] == "no-store"
    shown = (
        "Will you present this session?",
        "Strengths &amp; &lt;b&gt;hope&lt;/b&gt; When Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT) How In a room or online",
        "Where Town Hall, room 2 Link Join the online meeting Or copy this link: https://meet.example.org/1",
        "Who comes 2 people have a place, 1 of them online.",
        "Can you be there?",
    )
    assert [one for one in shown if one not in text] == []
    assert ([name for name in ("Rosie", "Bob", "Ann Lee") if name in text], chosen(page)) == ([], [])
    assert building.read(everything) == before


async def test_a_yes_is_kept_shown_and_seen_by_the_organisers(
    building: Building, browser: httpx.AsyncClient, olga: httpx.AsyncClient, session: int
) -> None:
    at = asked(building, session)
    page = await say(browser, at, "yes")
    assert (page.status_code, page.url.path, chosen(page)) == (200, at, ["yes"])
    assert "You will present this session Thank you. The organisers can see your answer." in text_of(page)
    assert (said(building), post_office(building)) == ((True, False), [])
    assert "Has said yes" in text_of(await olga.get(f"/organise/session/{session}/presenters"))


async def test_a_no_is_kept_shown_and_stands_on_the_organisers_list(
    building: Building, browser: httpx.AsyncClient, olga: httpx.AsyncClient, session: int
) -> None:
    at = asked(building, session)
    page = await say(browser, at, "no")
    assert ("Thank you for telling us." in text_of(page), chosen(page), "meet.example.org" in page.text) == (True, ["no"], False)
    assert said(building) == (False, True)
    assert "Cannot come" in text_of(await olga.get(f"/organise/session/{session}/presenters"))
    week = text_of(await olga.get(f"/organise/programme/{building.programme_id}"))
    assert "Ann Lee: Cannot come" in week
    items = building.read(attention.attention, building.partnership_id, building.programme_id, building.rules, now=building.now)
    assert [one.concern for one in items].count(Concern.DECLINED) == 1


async def test_an_answer_is_changed_and_one_sent_twice_counts_once(building: Building, browser: httpx.AsyncClient, session: int) -> None:
    at = asked(building, session)
    await say(browser, at, "no")
    once = building.read(everything)
    await say(browser, at, "no")
    assert building.read(everything) == once
    page = await say(browser, at, "yes")
    assert (said(building), "You will present this session" in text_of(page)) == ((True, False), True)
    building.now = START
    closed = await browser.get(at)
    assert ("This session has started You told us that you will be there." in text_of(closed), "<form" in closed.text) == (True, False)


async def test_who_sends_neither_is_asked_beside_the_question(building: Building, browser: httpx.AsyncClient, session: int) -> None:
    at = asked(building, session)
    before = building.read(everything)
    for answer in (None, "maybe", "yes\x00"):
        page = await say(browser, at, answer)
        assert (page.status_code, "<title>Error: Will you present" in page.text, 'href="#answer"' in page.text) == (422, True, True)
    assert building.read(everything) == before


async def test_who_answers_a_page_from_before_the_move_sees_the_new_time_and_is_asked_again(
    building: Building, browser: httpx.AsyncClient, session: int
) -> None:
    at = asked(building, session)
    page = await browser.get(at)
    starts = re.findall(r'name="starts" value="([^"]+)"', page.text)[0]
    building.move(session, START + timedelta(days=1))
    for old in (starts, "", "yesterday", "2027-03-16T09:30:00"):
        again = await browser.post(at, data={"stamp": stamp(page), "starts": old, "answer": "yes"})
        assert (again.status_code, chosen(again)) == (422, ["yes"])
        assert "There is a problem The day or time has changed since you opened this page. Look at it again, then answer." in text_of(again)
        assert "When Tuesday 16 March 2027" in text_of(again)
    assert said(building) == (False, False)
    await say(browser, at, "yes")
    assert said(building) == (True, False)


async def test_who_had_said_yes_reads_that_it_has_moved(building: Building, browser: httpx.AsyncClient, session: int) -> None:
    at = asked(building, session)
    await say(browser, at, "yes")
    building.later(hours=1)
    building.move(session, START + timedelta(days=1))
    words = "The day or the time has changed since you said yes. Please look at it, and answer again."
    assert words in text_of(await browser.get(at))
    assert words not in text_of(await say(browser, at, "yes"))


async def test_a_session_that_was_called_off_and_one_that_is_over_say_so(
    building: Building, browser: httpx.AsyncClient, session: int
) -> None:
    other = building.session(title="Another")
    over, off = asked(building, session), asked(building, other)
    pages = {at: stamp(await browser.get(at)) for at in (over, off)}
    building.call_off(other)
    building.now = START + timedelta(hours=2)
    neither = await browser.post(over, data={"stamp": pages[over], "starts": START.isoformat()})
    assert (neither.status_code, "There is a problem" in neither.text) == (200, False)
    for at, words in (
        (over, "This session is over There is nothing to answer any more."),
        (off, "This session is called off The organisers"),
    ):
        page = await browser.post(at, data={"stamp": pages[at], "starts": START.isoformat(), "answer": "yes"})
        assert (page.status_code, words in text_of(page), 'type="radio"' in page.text) == (200, True, False)
    assert [one.confirmed_at for one in building.read(rows, Presenter)] == [None, None]
    nothing = (await browser.get("/nothing/here/at-all")).content
    building.later(days=1)
    gone = await browser.get(over)
    assert (gone.status_code, gone.content == nothing) == (404, True)


async def test_who_was_taken_off_reads_so_and_nothing_of_the_session(building: Building, browser: httpx.AsyncClient, session: int) -> None:
    at = asked(building, session)
    mark = stamp(await browser.get(at))
    ann = building.read(one_row, Presenter).id
    building.write(remove, building.partnership_id, ann, building.rules, actor=ACTOR, now=building.now)
    for page in (await browser.get(at), await browser.post(at, data={"stamp": mark, "starts": START.isoformat(), "answer": "yes"})):
        assert "You do not present this session now The organisers have changed who presents it." in text_of(page)
        assert ("Strengths" in page.text, "meet.example.org" in page.text, "March" in page.text) == (False, False, False)
    assert said(building) == (False, False)


async def test_a_private_session_tells_its_presenter_counts_and_never_a_name(building: Building, browser: httpx.AsyncClient) -> None:
    session = private_session(building)
    rosie = building.person(50, name="Rosie")
    let_in(building, 50, made_code(building).code)
    building.book(session, rosie, alias="Rosebud", accept_clash=True)
    told = {"interpreter": "Sign language for Rosie"}
    building.write(tell_needs, building.partnership_id, session, 50, told, rules=building.rules, now=building.now)
    at = asked(building, session, "Hope", "hope@family.example")
    for answer in (None, "yes", "no"):
        page = await say(browser, at, answer)
        text = text_of(page)
        assert (NEUTRAL in text, "1 person has a place." in text) == (True, True)
        assert [one for one in ("Rosie", "Rosebud", "Sign language", SECRET, "Hope", "hope@", "Grace") if one in page.text] == []
        assert ("An interpreter: 1" in text) is (answer != "no")


async def test_an_altered_link_anothers_and_another_partnerships_are_one_same_page(
    building: Building, browser: httpx.AsyncClient, front: Front, session: int
) -> None:
    at = asked(building, session)
    bos = asked(building, session, "Bo Day", "bo@uni.ac.uk")
    nothing = (await browser.get("/nothing/here/at-all")).content
    number, _, secret = at.removeprefix("/presenting/").partition("-")
    others = bos.removeprefix("/presenting/").partition("-")[2]
    wrong = f"{number}-{secret[::-1]}", f"{int(number) + 1}-{secret}", f"{number}-{others}", f"{number}-{secret}A", secret, "%00", "é"
    mark, before = stamp(await browser.get(at)), building.read(everything)
    for other in wrong:
        sent = {"stamp": mark, "starts": START.isoformat(), "answer": "yes"}
        answers = [await browser.get(f"/presenting/{other}"), await browser.post(f"/presenting/{other}", data=sent)]
        assert [(one.status_code, one.content == nothing) for one in answers] == [(404, True)] * 2, other
    async with visiting(front_like(front, each=[])) as stranger:
        assert (await stranger.get(at)).status_code == 404
    assert building.read(everything) == before
    await say(browser, bos, "no")
    found = {one.label: one.declined_at is not None for one in building.read(rows, Presenter)}
    assert found == {"Ann Lee": False, "Bo Day": True}


async def test_what_organisers_gave_as_a_link_and_is_none_stands_as_words(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.online(provider=Provider.GIVEN, given_link="https://localhost/room")
    page = await browser.get(asked(building, session))
    assert ("The organisers wrote: https://localhost/room" in text_of(page), 'href="https://localhost' in page.text) == (True, False)


async def test_an_answer_that_arrives_as_the_session_begins_changes_nothing_and_says_so(
    building: Building, front: Front, session: int
) -> None:
    at = asked(building, session)
    instants = [building.now, building.now, START]  # the page is looked at twice, and the answer comes too late

    def clock() -> datetime:
        return instants.pop(0) if len(instants) > 1 else instants[0]

    transport = httpx.ASGITransport(make_app(front_like(front, clock=clock)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, follow_redirects=True) as browser:
        page = await say(browser, at, "yes")
    assert (page.status_code, said(building), 'type="radio"' in page.text) == (200, (False, False), False)
