"""What pages must withstand: rows that are gone, words that a stranger typed, and mailboxes that are somebody's no more."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.database import Store
from domain.feeds import feed_address, make_feed, renew_feed
from domain.kinds import Kind
from domain.models import Admission, Booking, BookingState, InvitationCode, Link, Part, Person, Purpose
from domain.people import register
from domain.proofs import Proven
from domain.visiting import FilledIn, ask
from practiceweek.limits import shared_limits
from practiceweek.settings.installation import Settings
from tests.building import START, Building, details, rows
from tests.private_building import made_code, parent, private_session
from tests.visiting_building import LINK_KEY, by_page, post_office
from tests.visiting_building import press as press_link
from tests.web.conftest import press, send, stamp
from web.front import Front
from web.safety.guesses import Guesses


async def wish(browser: httpx.AsyncClient, form: str, **typed: str) -> int:
    """Ask for a place; what the form's answer was."""
    page = await browser.get(f"{form}/book")
    about = {"stamp": stamp(page), "name": "Ann", "organisation": "Northfield Council"} | typed
    return (await browser.post(f"{form}/book", data=about, follow_redirects=False)).status_code


def prove_path(building: Building) -> str:
    """The address in the latest of the mails that prove something."""
    links = [one.links for one in post_office(building) if one.kind is Kind.VERIFICATION]
    assert links[-1] is not None
    return f"/prove/{links[-1].prove}"


def states(building: Building) -> dict[int, BookingState]:
    return {one.session_id: one.state for one in building.read(rows, Booking)}


async def test_a_newcomer_never_sees_the_page_of_somebody_who_was_merged(building: Building, browser: httpx.AsyncClient) -> None:
    session, other = building.session(), building.session(title="Other", starts_at=START + timedelta(days=1))
    account = building.newcomer(7)
    building.book(session, account)
    building.deliver()
    owner = press_link(building, by_page(building, session)).person_id
    post_office(building)  # the invitation, with the links of who goes
    building.later(minutes=1)
    assert isinstance(building.prove(7), Proven)
    post_office(building)
    assert await wish(browser, f"/midlands/session/{other}", email="stranger@elsewhere.org", name="Stranger") == 303
    mine = await press(browser, prove_path(building))
    assert ("Other" in mine.text, "Strengths" in mine.text) == (True, False)
    (stranger,) = building.read(rows, Person, Person.name == "Stranger")
    assert [one.person_id for one in building.read(rows, Link, Link.purpose == Purpose.MINE)] == [stranger.id] != [owner]


def test_a_place_can_be_booked_after_two_claims_became_one(building: Building) -> None:
    session, other = building.session(), building.session(title="Other", starts_at=START + timedelta(days=1))
    owner = press_link(building, by_page(building, session)).person_id
    building.deliver()
    building.write(
        register, building.partnership_id, 7, replace(details(7), email="other@council.gov.uk"), building.rules, now=building.now
    )
    building.deliver()
    assert isinstance(building.prove(7), Proven)
    (account,) = building.read(rows, Person, Person.discord_id == 7)
    building.book(session, account.id)
    building.deliver()
    building.later(minutes=5)
    building.write(register, building.partnership_id, 7, details(7), building.rules, now=building.now)
    building.deliver()
    assert isinstance(building.prove(7), Proven)
    building.deliver()
    building.book(other, building.person(9))
    assert [(one.kind, one.recipient.address) for one in building.deliver()] == [(Kind.INVITATION, "person9@council.gov.uk")]
    (gone,) = building.read(rows, Person, Person.id == owner)
    assert (gone.name, gone.email, gone.email_key, gone.discord_id, gone.proven_at) == ("Somebody", None, None, None, None)


async def test_to_look_at_ones_bookings_confirms_no_wish_of_a_stranger(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session()
    building.person(7)
    assert await wish(browser, f"/midlands/session/{session}", email="person7@council.gov.uk", name="A stranger") == 303
    building.later(minutes=1)
    await send(browser, "/midlands/my-link", {"email": "person7@council.gov.uk"})
    await press(browser, prove_path(building))
    assert states(building) == {session: BookingState.HELD}


async def test_a_page_that_names_one_session_confirms_that_one(building: Building, browser: httpx.AsyncClient) -> None:
    typed_by_another, meant = building.session(), building.session(title="Meant", starts_at=START + timedelta(days=1))
    assert await wish(browser, f"/midlands/session/{typed_by_another}", email="v@council.gov.uk", name="Villain") == 303
    building.later(minutes=1)
    assert await wish(browser, f"/midlands/session/{meant}", email="v@council.gov.uk") == 303
    await press(browser, prove_path(building))
    assert states(building) == {typed_by_another: BookingState.HELD, meant: BookingState.CONFIRMED}


async def test_a_mailbox_that_is_no_longer_theirs_opens_nothing(building: Building, browser: httpx.AsyncClient) -> None:
    building.book(building.session(), building.person(7))
    tokens = [one.links.mine for one in post_office(building) if one.links is not None and one.links.mine]
    building.later(minutes=1)
    building.write(register, building.partnership_id, 7, replace(details(7), email="new@home.example"), building.rules, now=building.now)
    building.deliver()
    assert isinstance(building.prove(7), Proven)
    assert [(await browser.get(f"/mine/{token}")).status_code for token in tokens] == [404]
    fresh = [one.links.mine for one in post_office(building) if one.links is not None and one.links.mine]
    assert {(await browser.get(f"/mine/{token}")).status_code for token in fresh} == {200}


@pytest.mark.parametrize("invisible", ["\u200b", "\u2060 \u200b"])
async def test_words_that_nobody_can_see_are_answered_alike(building: Building, browser: httpx.AsyncClient, invisible: str) -> None:
    session = building.session()
    building.person(7)
    addresses = ("person7@council.gov.uk", "nobody@council.gov.uk")
    assert [await wish(browser, f"/midlands/session/{session}", email=one, organisation=invisible) for one in addresses] == [422, 422]
    private = private_session(building)
    building.book(private, parent(building, 50), alias="Rosie")
    form = f"/midlands/invited/{made_code(building, most_uses=50).code}/{private}"
    families = ("parent50@family.example", "x@y.example.org")
    answers = [await wish(browser, form, email=one, access=invisible) for one in families]
    assert answers == [422, 422]
    named = await send(browser, f"{form}/book", {"name": "Z", "email": "x@y.example.org", "access": invisible})
    assert 'href="#access"' in named.text
    assert len(building.read(rows, Person)) == 2


async def test_an_invitation_is_still_used_by_who_came_by_it_when_two_of_the_pages_are_one(
    building: Building, browser: httpx.AsyncClient
) -> None:
    session, code = private_session(building), made_code(building, most_uses=5)
    assert await wish(browser, f"/midlands/invited/{code.code}/{session}", name="Z", email="mum@home.example") == 303
    path = prove_path(building)
    twin = building.write(_twin, building.partnership_id, "mum@home.example", building.now)
    await press(browser, path)
    assert [one.person_id for one in building.read(rows, Admission)] == [twin]
    assert [one.uses for one in building.read(rows, InvitationCode)] == [1]


def _twin(db: Any, partnership_id: int, address: str, now: Any) -> int:
    """As two first wishes at the same moment once left behind."""
    person = Person(
        partnership_id=partnership_id, name="Z", email=address, email_key=address, part=Part.PARENT, proven_at=now, created_at=now
    )
    db.add(person)
    db.flush()
    return int(person.id or 0)


def test_two_first_wishes_at_the_same_moment_are_of_one_person(building: Building) -> None:
    days = range(4)
    pairs = [[building.session(title=f"{name}{day}", starts_at=START + timedelta(days=day)) for name in "AB"] for day in days]
    other = Store(building.store.url)
    gate = threading.Barrier(2, timeout=30)

    def ask_each(store: Store, which: int) -> None:
        for number, pair in enumerate(pairs):
            about = FilledIn("Z", f"z{number}@home.example", organisation="Northfield Council")
            gate.wait()
            store.write_now(ask, building.partnership_id, pair[which], about, building.rules, now=building.now)

    try:
        threads = [threading.Thread(target=ask_each, args=one) for one in ((building.store, 0), (other, 1))]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    finally:
        other.close()
    assert sorted(str(one.email) for one in building.read(rows, Person)) == [f"z{day}@home.example" for day in days]
    assert len(building.read(rows, Booking)) == 2 * len(pairs)


async def test_the_old_calendar_of_who_was_merged_ends_with_their_row(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session()
    account = building.newcomer(7)
    building.book(session, account)
    building.deliver()
    owner = press_link(building, by_page(building, session)).person_id
    building.write(make_feed, LINK_KEY, building.partnership_id, owner, now=building.now)
    old = building.read(feed_address, LINK_KEY, owner, now=building.now)
    assert isinstance(building.prove(7), Proven)
    building.write(renew_feed, LINK_KEY, building.partnership_id, account, now=building.now)
    assert (await browser.get(f"/calendar/{old}.ics")).status_code == 404


async def test_where_no_mail_goes_no_place_is_held_and_every_address_hears_so(
    building: Building, front: Front, browser: httpx.AsyncClient
) -> None:
    limits = shared_limits(Settings.model_construct(), building.store, now=lambda: building.now)
    front.guesses = Guesses(limits, LINK_KEY)
    building.person(7)
    sessions = [building.session(title=f"Session {hour}", starts_at=START + timedelta(hours=hour)) for hour in range(7)]
    for address in ("person7@council.gov.uk", "nobody@council.gov.uk"):
        asked = [await wish(browser, f"/midlands/session/{session}", email=address) for session in sessions]
        again = [await wish(browser, f"/midlands/session/{sessions[0]}", email=address) for _ in range(3)]
        assert (asked, again) == ([303] * 7, [303, 303, 429])
    mails = [one for one in post_office(building) if one.kind is Kind.VERIFICATION]
    assert (len(mails), len(building.read(rows, Booking))) == (18, 14)


async def test_a_whole_council_behind_one_address_can_book(building: Building, front: Front, browser: httpx.AsyncClient) -> None:
    limits = shared_limits(Settings.model_construct(), building.store, now=lambda: building.now)
    front.guesses = Guesses(limits, LINK_KEY)
    session = building.session(places=100)
    form = f"/midlands/session/{session}/book"
    about = {"stamp": stamp(await browser.get(form)), "name": "Ann", "organisation": "Northfield Council"}
    answers = [
        (await browser.post(form, data=about | {"email": f"p{one}@council.gov.uk"}, follow_redirects=False)).status_code
        for one in range(65)
    ]
    assert answers == [303] * 65
