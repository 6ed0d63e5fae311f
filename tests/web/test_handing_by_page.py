"""Handing a place to a colleague by page: asked on one's own page, answered behind the link in the colleague's mail, without Discord."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from domain.kinds import Format, Kind, Mode, Provider
from domain.links import Wanted, mint
from domain.models import BookingState, Part, Person, Purpose, ServiceArea, Transfer, TransferState
from domain.people import is_family
from domain.ports.letters import Letter
from domain.transfers.asking import hand_over_place
from domain.transfers.taking import TakenOver, take_over
from domain.transfers.tokens import token_of
from integrations.letters import Voice, word
from tests.building import START, Building, one_row, rows
from tests.private_building import parent, private_session
from tests.visiting_building import LINK_KEY, post_office
from tests.web.conftest import ADDRESS, accepted, front_like, press, stamp
from tests.web.organising_building import text_of
from tests.web.test_safety_pages import everything, visiting
from web.front import Front

EVE = {"name": "Eve Long", "email": "eve@council.gov.uk"}
SELF = {"name": "Eve Long", "organisation": "Northfield Council", "area": "adults"}


def own_page(building: Building, person: int) -> str:
    wanted = Wanted(Purpose.MINE, person, building.partnership_id, building.now + timedelta(days=90), person_id=person)
    return f"/mine/{building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject]}"


def question(building: Building) -> Letter:
    """The mail that asks the colleague."""
    (letter,) = [one for one in post_office(building) if one.kind is Kind.TRANSFER and one.code]
    return letter


def state(building: Building) -> TransferState:
    return building.read(one_row, Transfer).state


@pytest.fixture
def dora(building: Building) -> int:
    return building.person(1, name="Dora")


@pytest.fixture
def room(building: Building, dora: int) -> int:
    """A session with one place, which is Dora's."""
    session = building.session(places=1)
    building.book(session, dora)
    post_office(building)
    return session


async def ask_eve(building: Building, browser: httpx.AsyncClient, room: int, dora: int) -> str:
    """Dora asks Eve by page; the address in Eve's mail."""
    asked = await press(browser, f"{own_page(building, dora)}/session/{room}/hand-over", **EVE)
    assert "We are asking your colleague. Your place stays yours until they agree." in text_of(asked)
    letter = question(building)
    assert (letter.recipient.address, letter.links is not None and letter.links.mine) == ("eve@council.gov.uk", "")
    assert letter.links is not None
    worded = word(letter, Voice("Midlands", "Workforce team", "https://discord.com/channels/1/2", web=ADDRESS))
    link = f"{ADDRESS}/handed/{letter.links.handed}"
    assert (f"Take the place, or say no: {link}" in worded.text, f'href="{link}"' in worded.html) == (True, True)
    return f"/handed/{letter.links.handed}"


async def test_a_colleague_whom_nobody_knows_takes_the_place_by_the_link_in_their_mail(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    at = await ask_eve(building, browser, room, dora)
    assert "We have asked Eve Long. They have until Wednesday 3 March 2027" in text_of(await browser.get(own_page(building, dora)))
    offer = text_of(await browser.get(at))
    assert "Dora would like you to have their place, in the room." in offer
    mine = await press(browser, at, answer="yes", **SELF)
    assert ("The place is yours." in text_of(mine), "Hello Eve Long" in text_of(mine)) == (True, True)
    eve = building.read(one_row, Person, Person.email == "eve@council.gov.uk")
    assert (eve.discord_id, eve.proven_at, eve.reminders_by_email) == (None, building.now, True)
    assert building.booking(room, eve.id).state is BookingState.CONFIRMED
    assert building.booking(room, dora).state is BookingState.CANCELLED
    told = {(one.kind, one.recipient.address) for one in post_office(building)}
    assert {(Kind.INVITATION, "eve@council.gov.uk"), (Kind.CANCELLATION, "person1@council.gov.uk")} <= told
    again = await browser.get(at)
    assert (again.status_code, "You have taken this place already." in text_of(again)) == (409, True)
    assert '<a class="govuk-link" href="/midlands/my-link">Find my bookings</a>' in again.text


async def test_who_says_no_leaves_the_place_where_it_is(building: Building, browser: httpx.AsyncClient, room: int, dora: int) -> None:
    at = await ask_eve(building, browser, room, dora)
    mark = stamp(await browser.get(at))
    for _ in range(2):
        assert "Your colleague keeps the place." in text_of(await browser.post(at, data={"stamp": mark, "answer": "no"}))
    assert (state(building), building.booking(room, dora).state) == (TransferState.DECLINED, BookingState.CONFIRMED)
    assert [one.kind for one in post_office(building)] == [Kind.TRANSFER], "the giver hears of it once"
    assert (await browser.post(at, data={"stamp": mark, "answer": "yes", **SELF})).status_code == 409
    assert (await browser.get(at)).status_code == 409
    assert [one.name for one in building.read(rows, Person)] == ["Dora"], "nobody is made of who says no"


async def test_what_somebody_new_leaves_out_is_asked_for_and_the_rest_stays(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    at = await ask_eve(building, browser, room, dora)
    page = await press(browser, at, answer="yes", name="Eve <b>", organisation=" ", area="adults")
    assert (page.status_code, re.findall(r'<a href="#(\w+)">(.*?)</a>', page.text)) == (
        422,
        [("organisation", "Enter the organisation that you work for or study at.")],
    )
    assert ('value="Eve &lt;b&gt;"' in page.text, bool(re.search(r'value="adults" +checked', page.text))) == (True, True)
    long = await press(browser, at, answer="yes", **SELF | {"name": "E" * 101})
    assert (long.status_code, re.findall(r'<a href="#(\w+)">', long.text)) == (422, ["name"])
    assert (state(building), building.booking(room, dora).state) == (TransferState.ASKED, BookingState.CONFIRMED)


async def test_somebody_known_is_asked_about_a_clash_and_never_who_they_are(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    eve = building.person(9, name="Eve Long")
    building.book(building.session(title="Kinship"), eve)
    asked = building.partnership_id, room, dora, "Eve", "Person9@council.gov.uk", building.rules
    building.write(hand_over_place, *asked, now=building.now)
    at = f"/handed/{token_of(LINK_KEY, building.read(one_row, Transfer))}"
    page = await browser.get(at)
    assert ("Kinship" in page.text, "Take both" in page.text, 'name="organisation"' in page.text) == (True, True, False)
    unasked = await browser.post(at, data={"stamp": stamp(page), "answer": "yes"})
    assert (unasked.status_code, state(building)) == (200, TransferState.ASKED)
    building.book(building.session(title="Newer"), eve, accept_clash=True)
    again = await browser.post(at, data={"stamp": stamp(page), "answer": "yes", "clash": accepted(page)})
    assert ("Newer" in again.text, state(building)) == (True, TransferState.ASKED)
    await press(browser, at, answer="yes", clash=accepted(again))
    assert (state(building), building.booking(room, eve).state) == (TransferState.AGREED, BookingState.CONFIRMED)
    assert building.read(one_row, Person, Person.id == eve).discord_id == 9, "their account stays theirs"


async def test_only_a_yes_takes_the_place(building: Building, browser: httpx.AsyncClient, room: int, dora: int) -> None:
    at = await ask_eve(building, browser, room, dora)
    for said in ({}, {"answer": ""}, {"answer": "maybe"}):
        page = await press(browser, at, **said, **SELF)
        assert (page.status_code, "Take the place" in page.text, 'value="Eve Long"' in page.text) == (200, True, True)
    assert (state(building), building.booking(room, dora).state) == (TransferState.ASKED, BookingState.CONFIRMED)


async def test_take_pressed_twice_leads_to_their_own_page_twice(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    at = await ask_eve(building, browser, room, dora)
    sent = {"stamp": stamp(await browser.get(at)), "answer": "yes", **SELF}
    for _ in range(2):
        page = await browser.post(at, data=sent)
        assert (page.status_code, "The place is yours." in text_of(page), "Hello Eve Long" in text_of(page)) == (200, True, True)
    eve = building.read(one_row, Person, Person.email == "eve@council.gov.uk")
    assert [one.kind for one in post_office(building) if one.recipient.address == eve.email] == [Kind.INVITATION]
    building.later(hours=49)
    late = await browser.post(at, data=sent)
    assert (late.status_code, "You have taken this place already." in text_of(late)) == (409, True), "the link opens nothing for ever"


async def test_take_pressed_again_says_nothing_of_a_place_that_they_have_given_back(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    at = await ask_eve(building, browser, room, dora)
    sent = {"stamp": stamp(await browser.get(at)), "answer": "yes", **SELF}
    await browser.post(at, data=sent)
    eve = building.read(one_row, Person, Person.email == "eve@council.gov.uk")
    building.cancel(room, eve.id)
    assert (await browser.post(at, data=sent)).status_code == 409
    assert building.booking(room, eve.id).state is BookingState.CANCELLED


async def test_a_colleague_who_took_it_in_chat_under_another_address_gets_no_page_by_the_link(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    asked = building.partnership_id, room, dora, "Eve", "eve@council.gov.uk", building.rules
    building.write(hand_over_place, *asked, now=building.now)
    letter = question(building)
    assert letter.links is not None
    assert letter.code is not None
    at = f"/handed/{letter.links.handed}"
    sent = {"stamp": stamp(await browser.get(at)), "answer": "yes", **SELF}
    building.person(9, name="Nina")
    taken = building.write(take_over, building.partnership_id, 9, letter.code, building.rules, now=building.now, address_is_mine=True)
    assert isinstance(taken, TakenOver)
    page = await browser.post(at, data=sent)
    assert (page.status_code, "Nina" in page.text) == (409, False)


async def test_asking_the_same_colleague_twice_asks_them_once(building: Building, browser: httpx.AsyncClient, room: int, dora: int) -> None:
    at = f"{own_page(building, dora)}/session/{room}/hand-over"
    sent = {"stamp": stamp(await browser.get(at)), **EVE}
    for typed in (sent, sent, sent | {"email": "EVE@council.gov.uk"}):
        page = await browser.post(at, data=typed)
        assert (page.status_code, "We are asking your colleague." in text_of(page)) == (200, True)
    other = await browser.post(at, data=sent | {"name": "Bo Hill", "email": "bo@council.gov.uk"})
    assert (other.status_code, "You have asked a colleague already." in text_of(other)) == (422, True)
    assert [one.to_address for one in building.read(rows, Transfer)] == ["eve@council.gov.uk"]
    assert [one.recipient.address for one in post_office(building)] == ["eve@council.gov.uk"]


async def test_keep_pressed_after_the_place_has_gone_says_so(building: Building, browser: httpx.AsyncClient, room: int, dora: int) -> None:
    at, mine = await ask_eve(building, browser, room, dora), own_page(building, dora)
    mark = stamp(await browser.get(mine))
    await press(browser, at, answer="yes", **SELF)
    for _ in range(2):
        kept = await browser.post(f"{mine}/session/{room}/keep", data={"stamp": mark})
        assert (kept.status_code, "You have no place there any more, so there is nothing to keep." in text_of(kept)) == (200, True)
    assert state(building) is TransferState.AGREED
    strange = building.session(title="Kinship")
    assert (await browser.post(f"{mine}/session/{strange}/keep", data={"stamp": mark})).status_code == 404


async def test_an_offer_that_is_over_speaks_of_no_code_to_who_typed_none(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    at = await ask_eve(building, browser, room, dora)
    building.later(days=3)
    over = await browser.get(at)
    assert (over.status_code, "This offer has ended. Ask your colleague to ask you again." in text_of(over)) == (409, True)
    assert "code" not in text_of(over)


async def test_a_family_is_asked_where_they_work_before_they_take_a_place(
    building: Building, browser: httpx.AsyncClient, room: int, dora: int
) -> None:
    private_session(building)
    rosie = parent(building, 901, email="rosie@family.example")
    asked = building.partnership_id, room, dora, "Rosie", "rosie@family.example", building.rules
    building.write(hand_over_place, *asked, now=building.now)
    at = f"/handed/{token_of(LINK_KEY, building.read(one_row, Transfer))}"
    assert 'name="organisation"' in (await browser.get(at)).text
    bare = await press(browser, at, answer="yes")
    assert (bare.status_code, re.findall(r'<a href="#(\w+)">', bare.text)) == (422, ["name", "organisation"])
    assert (state(building), building.booking(room, dora).state) == (TransferState.ASKED, BookingState.CONFIRMED)
    mine = await press(browser, at, answer="yes", name="Rose Hill", organisation="Northfield Council", area="adults")
    assert ("The place is yours." in text_of(mine), "Hello Rose Hill" in text_of(mine)) == (True, True)
    known = building.read(one_row, Person, Person.id == rosie)
    assert (is_family(known), known.organisation_id is not None, known.part, known.service_area) == (
        False,
        True,
        Part.PRACTITIONER,
        ServiceArea.ADULTS,
    )
    assert (known.name, known.discord_id, building.booking(room, rosie).state) == ("Rose Hill", 901, BookingState.CONFIRMED)


async def test_the_giver_may_think_better_of_it(building: Building, browser: httpx.AsyncClient, room: int, dora: int) -> None:
    at, mine = await ask_eve(building, browser, room, dora), own_page(building, dora)
    mark = stamp(await browser.get(mine))
    for _ in range(2):
        kept = await browser.post(f"{mine}/session/{room}/keep", data={"stamp": mark})
        assert "You keep your place. We no longer ask your colleague." in text_of(kept)
    gone = await browser.get(at)
    assert (gone.status_code, "Your colleague no longer offers this place." in text_of(gone)) == (409, True)
    assert (state(building), building.booking(room, dora).state) == (TransferState.WITHDRAWN, BookingState.CONFIRMED)


async def test_what_cannot_be_asked_is_told_at_its_field(building: Building, browser: httpx.AsyncClient, room: int, dora: int) -> None:
    at = f"{own_page(building, dora)}/session/{room}/hand-over"
    tried = {
        ("name", "Enter your colleague’s name."): EVE | {"name": ""},
        ("email", "That e-mail address cannot be used. Enter one address, like name@council.gov.uk."): EVE | {"email": "eve@"},
        ("email", "That is your own e-mail address. Please enter your colleague&#39;s."): EVE | {"email": "person1@council.gov.uk"},
    }
    for told, typed in tried.items():
        page = await press(browser, at, **typed)
        assert (page.status_code, re.findall(r'<a href="#(\w+)">(.*?)</a>', page.text)) == (422, [told])
        assert [text for text in typed.values() if text and f'value="{text}"' not in page.text] == []
    assert building.read(rows, Transfer) == []


async def test_a_place_of_a_series_or_a_waiting_one_is_not_offered(building: Building, browser: httpx.AsyncClient, room: int) -> None:
    waits = building.person(2)
    building.book(room, waits)
    mine = own_page(building, waits)
    assert "hand-over" not in (await browser.get(mine)).text
    assert (await browser.get(f"{mine}/session/{room}/hand-over")).status_code == 404


async def test_an_altered_link_another_partnerships_and_one_by_another_key_are_one_same_page(
    building: Building, browser: httpx.AsyncClient, front: Front, room: int, dora: int
) -> None:
    at = await ask_eve(building, browser, room, dora)
    nothing = (await browser.get("/nothing/here/at-all")).content
    number, _, secret = at.removeprefix("/handed/").partition("-")
    other = f"{number}-{secret[::-1]}", f"{int(number) + 1}-{secret}", f"{number}-{secret[:-1]}", secret, f"{'9' * 12}-{secret}"
    before = building.read(everything)
    for wrong in other:
        answers = [await browser.get(f"/handed/{wrong}"), await press(browser, at, button=f"/handed/{wrong}", answer="yes", **SELF)]
        assert [(one.status_code, one.content == nothing) for one in answers] == [(404, True)] * 2, wrong
    async with visiting(front_like(front, each=[])) as stranger:
        assert (await stranger.get(at)).status_code == 404
    assert building.read(everything) == before
    building.later(days=3)
    assert (await browser.get(at)).status_code == 409, "the question is over"


async def test_a_way_of_taking_part_goes_with_the_place(building: Building, browser: httpx.AsyncClient, dora: int) -> None:
    both = building.session(format=Format.HYBRID, online_places=3, provider=Provider.TEAMS, starts_at=START + timedelta(days=1))
    building.book(both, dora, mode=Mode.ONLINE)
    asked = building.partnership_id, both, dora, "Eve", "eve@council.gov.uk", building.rules
    building.write(hand_over_place, *asked, now=building.now)
    at = f"/handed/{token_of(LINK_KEY, building.read(one_row, Transfer))}"
    assert "their place, online." in text_of(await browser.get(at))
    await press(browser, at, answer="yes", **SELF)
    eve = building.read(one_row, Person, Person.email == "eve@council.gov.uk")
    assert building.booking(both, eve.id).mode is Mode.ONLINE
