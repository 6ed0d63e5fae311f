"""A new key for links: what the next letter has opens, and nothing is handed out that does not."""

from __future__ import annotations

from datetime import timedelta

import httpx

from domain.feeds import feed_address, feed_of, make_feed
from domain.kinds import Kind
from domain.limits import Unlimited
from domain.links import LinkKey
from domain.organisers import add_organiser
from tests.building import ACTOR, START, Building
from tests.visiting_building import LINK_KEY, post_office
from tests.web.conftest import ADDRESS, OLGA, asked_to_sign_in, send, sign_in
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses

NEW = LinkKey(b"another key for tests, of more than sixteen bytes")


def with_new_key(front: Front) -> httpx.AsyncClient:
    after = Front(front.store, front.each, front.place, NEW, clock=front.clock, wake=front.wake, guesses=Guesses(Unlimited(), NEW))
    transport = httpx.ASGITransport(make_app(after), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS, follow_redirects=True)


async def test_old_links_open_until_the_next_letter_brings_new_ones(building: Building, front: Front) -> None:
    me = building.person(1)
    building.book(building.session(), me)
    (before,) = post_office(building)
    assert before.links is not None
    async with with_new_key(front) as browser:
        assert (await browser.get(f"/mine/{before.links.mine}")).status_code == 200
    building.book(building.session(title="Later", starts_at=START + timedelta(days=1)), me)
    (letter,) = post_office(building, NEW)
    assert letter.links is not None
    async with with_new_key(front) as browser:
        old, new = [(await browser.get(f"/mine/{one}")).status_code for one in (before.links.mine, letter.links.mine)]
        assert (old, new) == (404, 200)


async def test_who_asks_for_their_link_comes_to_their_page(building: Building, front: Front) -> None:
    me = building.person(1)
    building.book(building.session(), me)
    post_office(building)
    async with with_new_key(front) as browser:
        await send(browser, "/midlands/my-link", {"email": "person1@council.gov.uk"})
        (letter,) = post_office(building, NEW)
        assert letter.links is not None
        page = await send(browser, f"/prove/{letter.links.prove}", {})
        assert (page.status_code, "Your bookings" in page.text) == (200, True)


async def test_an_organiser_still_signs_in(building: Building, front: Front, browser: httpx.AsyncClient) -> None:
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    await sign_in(building, browser)
    building.later(days=1)
    async with with_new_key(front) as new:
        await asked_to_sign_in(new)
        (letter,) = [one for one in post_office(building, NEW) if one.kind is Kind.SIGN_IN]
        assert letter.links is not None
        page = await new.get(f"/organise/sign-in/{letter.links.sign_in}")
        assert page.status_code == 200


async def test_a_calendars_address_is_made_anew_and_leads_to_no_dead_link(building: Building, front: Front) -> None:
    me, where = building.person(1), building.partnership_id
    building.book(building.online(), me)
    post_office(building)
    building.write(make_feed, LINK_KEY, where, me, now=building.now)
    assert building.read(feed_address, LINK_KEY, me, now=building.now) is not None
    assert building.read(feed_address, NEW, me, now=building.now) is None
    building.write(make_feed, NEW, where, me, now=building.now)
    token = building.read(feed_address, NEW, me, now=building.now)
    async with with_new_key(front) as browser:
        assert (await browser.get(f"/calendar/{token}.ics")).status_code == 200
    feed = building.read(feed_of, (where,), token, NEW, now=building.now)
    assert (len(feed.sessions), feed.ways_in) == (1, ())
