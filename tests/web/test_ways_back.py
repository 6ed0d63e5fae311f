"""Ways back: what a page says of what is over, cancelled or not there yet, and where it leads on from there."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from domain.invitations import revoke
from domain.kinds import Format, Kind, Provider
from domain.models import Booking, BookingState, Notice, NoticeState, Person
from domain.rights.leaving import leave
from domain.rights.stripping import forget, ready
from domain.rights.subjects import Subject
from domain.transfers.asking import hand_over_place
from tests.building import ACTOR, START, Building, one_row, rows
from tests.private_building import NEUTRAL, made_code, private_session
from tests.series_building import DAYS, run_of
from tests.visiting_building import post_office, press, prove_token, wish
from tests.web.conftest import send, stamp
from tests.web.organising_building import text_of
from tests.web.test_mine import mine

CANCELLED, CONFIRMED = BookingState.CANCELLED, BookingState.CONFIRMED
CODE_HERE = '<a class="govuk-link" href="/invited">Type your code</a>'


# ── an old letter ───────────────────────────────────────────────────────────────────────────────────────────


async def test_an_old_letter_says_that_they_cancelled_and_leads_to_booking_it_again(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session()
    tokens = []
    for _ in range(2):
        tokens.append(wish(building, session, 7))
        building.later(minutes=5)
    me = press(building, tokens[1]).person_id
    has = await browser.get(f"/prove/{tokens[0]}")
    assert ("Open your page</h1>" in has.text, "Confirm" in has.text) == (True, False)
    building.later(minutes=5)
    building.cancel(session, me)
    letter = await browser.get(f"/prove/{tokens[0]}")
    assert "You cancelled your place at Strengths" in text_of(letter)
    assert ("Show my bookings" in letter.text, "Confirm" in letter.text) == (True, False)
    own = await send(browser, f"/prove/{tokens[0]}", {})
    assert "You cancelled that place, so the old link does not book it again." in text_of(own)
    assert building.booking(session, me).state is CANCELLED
    again = f"{own.url.path}/session/{session}/book"
    assert f'href="{again}">Book it again</a>' in own.text
    await send(browser, again, {})
    assert building.booking(session, me).state is CONFIRMED


@pytest.mark.parametrize("named", ["session=x", "session=%C2%B2", "session=99999999999999999999", "series=-1", "session="])
async def test_what_is_no_number_leads_nowhere(building: Building, browser: httpx.AsyncClient, named: str) -> None:
    page = await browser.get(f"{mine(building, building.person(1))}?done=before_cancelled&{named}")
    assert (page.status_code, "Book it again" in page.text) == (200, False)


# ── a link that is not there yet ────────────────────────────────────────────────────────────────────────────

TO_COME = (
    "The link to join is not there yet. Your invitation comes by e-mail as soon as it is, at the latest 30 minutes after you book. "
    "If the link comes later, we send it to you then."
)


async def test_who_books_what_has_no_link_yet_is_told_when_the_invitation_comes(building: Building, browser: httpx.AsyncClient) -> None:
    session, me = building.session(format=Format.ONLINE, provider=Provider.TEAMS), building.person(7)
    assert TO_COME in text_of(await browser.get(f"/midlands/session/{session}"))
    own = await send(browser, f"{mine(building, me)}/session/{session}/book", {})
    assert f"You have a place. {TO_COME}" in text_of(own)
    assert "on its way to your e-mail" not in own.text
    assert TO_COME in text_of(await browser.get(mine(building, me)))
    building.now += building.rules.link_patience
    assert TO_COME not in text_of(await browser.get(mine(building, me))), "it has left without the link"


async def test_who_books_what_needs_no_link_or_has_one_is_told_as_ever(building: Building, browser: httpx.AsyncClient) -> None:
    room = building.session()
    given = building.session(format=Format.ONLINE, provider=Provider.GIVEN, given_link="https://meet.example.org/1", starts_at=DAYS[1])
    me = building.person(7)
    for session in (room, given):
        assert TO_COME not in text_of(await browser.get(f"/midlands/session/{session}"))
        own = await send(browser, f"{mine(building, me)}/session/{session}/book", {})
        assert "You have a place. The invitation is on its way to your e-mail." in text_of(own)


# ── an invitation ───────────────────────────────────────────────────────────────────────────────────────────


async def invited(building: Building, browser: httpx.AsyncClient, code: str, session: int) -> str:
    """Rosie books by her invitation; the address of her own page."""
    await send(browser, f"/midlands/invited/{code}/{session}/book", {"name": "Rosie", "email": "rosie@family.example"})
    own = await send(browser, f"/prove/{prove_token(building)}", {})
    return own.url.path


@pytest.mark.parametrize(("most", "said"), [(1, "This letter is for 1 person."), (20, "This letter is for 20 people."), (None, None)])
async def test_an_invitation_says_for_how_many_it_is_whoever_has_used_it(
    building: Building, browser: httpx.AsyncClient, most: int | None, said: str | None
) -> None:
    session = private_session(building)
    code = made_code(building, most_uses=most).code
    before = text_of(await browser.get(f"/midlands/invited/{code}"))
    await invited(building, browser, code, session)
    after = text_of(await browser.get(f"/midlands/invited/{code}"))
    assert [("This letter is for" if said is None else said) in text for text in (before, after)] == [said is not None] * 2


async def test_a_parents_own_page_leads_to_what_they_are_invited_to(building: Building, browser: httpx.AsyncClient) -> None:
    first = private_session(building)
    second = private_session(building, starts_at=START + timedelta(days=1), places=1)
    code = made_code(building)
    own = await invited(building, browser, code.code, first)
    rosie = building.read(one_row, Person).id or 0
    page = await browser.get(own)
    assert "What you are invited to" in page.text
    assert [f"{own}/session/{one}/book" in page.text for one in (first, second)] == [False, True]
    form = await browser.get(f"{own}/session/{second}/book")
    assert ('value="Rosie"' in form.text, NEUTRAL in form.text) == (True, True)
    empty = await send(browser, f"{own}/session/{second}/book", {"name": " "})
    assert (empty.status_code, 'href="#name"' in empty.text) == (422, True)
    assert "You have a place." in text_of(await send(browser, f"{own}/session/{second}/book", {"name": "R."}))
    assert (building.booking(second, rosie).state, building.booking(second, rosie).alias) == (CONFIRMED, "R.")
    building.cancel(second, rosie)
    cancelled = await browser.get(own)
    assert f'href="{own}/session/{second}/book"' in cancelled.text
    building.write(revoke, building.partnership_id, code.id, actor=ACTOR, now=building.now)
    taken_back = await browser.get(own)
    assert ("What you are invited to" in taken_back.text, (await browser.get(f"{own}/session/{second}/book")).status_code) == (False, 404)


async def test_nobody_who_was_not_let_in_finds_or_books_it_on_their_own_page(building: Building, browser: httpx.AsyncClient) -> None:
    session, own = private_session(building), mine(building, building.person(7))
    made_code(building)
    page = await browser.get(own)
    form = await browser.get(f"{own}/session/{session}/book")
    assert ("What you are invited to" in page.text, form.status_code) == (False, 404)
    sent = await browser.post(f"{own}/session/{session}/book", data={"stamp": stamp(await browser.get(f"{own}/find")), "name": "Seven"})
    assert (sent.status_code, building.read(rows, Booking)) == (404, [])


async def test_what_is_full_is_waited_for(building: Building, browser: httpx.AsyncClient) -> None:
    first = private_session(building)
    full = private_session(building, starts_at=START + timedelta(days=1), places=1)
    code = made_code(building, most_uses=2).code
    await send(browser, f"/midlands/invited/{code}/{full}/book", {"name": "Kim", "email": "kim@family.example"})
    await send(browser, f"/prove/{prove_token(building)}", {})
    own = await invited(building, browser, code, first)
    assert "Join the waiting list at Morning workshop" in text_of(await browser.get(own)).replace("list  at", "list at")
    assert "You are on the waiting list." in text_of(await send(browser, f"{own}/session/{full}/book", {"name": "Rosie"}))


# ── what is over ────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_has_started_has_no_form_and_no_places(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=7)
    building.now = START
    page = await browser.get(f"/midlands/session/{session}/book")
    assert "This session has started, so it can no longer be booked." in page.text
    assert ["<form" in page.text, 'href="/midlands">See what else' in page.text] == [False, True]
    listed = await browser.get(f"/midlands/programme/{building.programme_id}")
    shown = await browser.get(f"/midlands/session/{session}")
    assert [("It has started" in one.text, "7 places left" in one.text) for one in (listed, shown)] == [(True, False)] * 2


async def test_an_invitation_to_what_has_started_leads_back_to_the_invitation(building: Building, browser: httpx.AsyncClient) -> None:
    session, code = private_session(building), made_code(building).code
    building.now = START
    page = await browser.get(f"/midlands/invited/{code}/{session}/book")
    assert ["<form" in page.text, f'href="/midlands/invited/{code}">See what else' in page.text] == [False, True]


async def test_a_series_of_which_every_part_has_started_has_no_form(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building)
    building.now = max(DAYS)
    page = await browser.get(f"/midlands/series/{run.id}/book")
    assert ("Every part of this series has started" in page.text, "<form" in page.text) == (True, False)


@pytest.mark.parametrize("path", ["/prove/nothing", "/midlands/nowhere", "/ABCDE-FGHJK"])
async def test_a_page_that_is_not_there_leads_to_where_a_code_is_typed(browser: httpx.AsyncClient, path: str) -> None:
    page = await browser.get(path)
    assert (page.status_code, CODE_HERE in page.text) == (404, True)


# ── who is forgotten ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_colleague_reads_that_the_place_of_who_was_forgotten_is_offered_no_more(
    building: Building, browser: httpx.AsyncClient
) -> None:
    session, me = building.session(), building.person(7)
    building.book(session, me)
    post_office(building)
    about = building.partnership_id, session, me, "Bea", "bea@council.gov.uk", building.rules
    building.write(hand_over_place, *about, now=building.now)
    (link,) = [one.links.handed for one in post_office(building) if one.kind is Kind.TRANSFER and one.links]
    building.write(leave, Subject(building.partnership_id, me, 7, "person7@council.gov.uk"), building.rules, now=building.now)
    post_office(building)
    (one,) = building.read(ready, now=building.now)
    assert building.write(forget, one.erasure_id, building.rules, left=0, now=building.now) is True
    page = await browser.get(f"/handed/{link}")
    assert (page.status_code, "Your colleague no longer offers this place." in page.text) == (409, True)
    altered = link[:-1] + ("B" if link[-1] == "A" else "A")
    assert (await browser.get(f"/handed/{altered}")).status_code == 404
    assert [one for one in building.read(rows, Notice) if one.state is NoticeState.QUEUED] == []
