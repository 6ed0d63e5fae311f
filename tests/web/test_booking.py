"""Asking for a place on a page: what is asked, what is said to whom, and what comes of it."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx

from domain.kinds import Format, Kind, Mode, Provider
from domain.models import Booking, BookingState, EmailProof, Needs, Notice, Person
from domain.places import lapse_holds
from domain.private_sessions import set_contact
from tests.building import ACTOR, START, Building, rows
from tests.private_building import NEUTRAL, SECRET, made_code, make_private, parent, private_session
from tests.series_building import run_of
from tests.visiting_building import ADDRESS, by_page, post_office
from tests.web.conftest import send, stamp
from tests.web.test_mine import mine

ANN = {"name": "Ann", "email": "ann@example.org", "organisation": "Northfield Council"}
RUTH = "Ruth on 0121 496 0123"  # not the partnership's own number


async def prove(building: Building, browser: httpx.AsyncClient) -> httpx.Response:
    """Open the link of the latest mail, and press its button: one's own page."""
    letter = next(one for one in reversed(post_office(building)) if one.kind is Kind.VERIFICATION)
    assert letter.links is not None
    return await send(browser, f"/prove/{letter.links.prove}", {})


def states(building: Building) -> list[tuple[str, str]]:
    """Everybody's name, and how they stand with the only session that was asked for."""
    return [(one.name, str(one.proven_at is not None)) for one in building.read(rows, Person)]


async def test_what_is_missing_is_named_beside_its_field_and_what_was_typed_stays(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, online_places=5)
    page = await send(browser, f"/midlands/session/{session}/book", {"name": "Ann <b>", "email": "not an address", "access": "x" * 301})
    assert page.status_code == 422
    assert "<title>Error: Book" in page.text
    for field in ("organisation", "mode", "access"):
        assert f'href="#{field}"' in page.text
        assert f'id="{field}-error"' in page.text
    assert 'value="Ann &lt;b&gt;"' in page.text
    assert building.read(rows, Person) == []
    wrong = await send(browser, f"/midlands/session/{session}/book", ANN | {"email": "not an address", "mode": "room"})
    assert (wrong.status_code, 'href="#email"' in wrong.text) == (422, True)


async def test_known_and_unknown_addresses_are_answered_alike(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=5)
    building.person(1, email="known@example.org", email_key="known@example.org")
    answers = [
        await send(browser, f"/midlands/session/{session}/book", ANN | {"email": address})
        for address in ("known@example.org", "new@example.org")
    ]
    assert answers[0].text == answers[1].text
    assert [(one.kind, one.found) for one in post_office(building)] == [(Kind.VERIFICATION, False)] * 2
    links = [await send(browser, "/midlands/my-link", {"email": address}) for address in ("known@example.org", "nobody@example.org")]
    assert [(one.kind, one.found) for one in post_office(building)] == [(Kind.VERIFICATION, True)]  # a link alone, nothing to confirm
    assert links[0].text == links[1].text
    assert [one.address for one in building.read(rows, EmailProof)] == ["known@example.org", "new@example.org", "known@example.org"]


async def test_a_used_up_invitation_answers_whom_it_let_in_and_everybody_else_alike(building: Building, browser: httpx.AsyncClient) -> None:
    session = private_session(building)
    form = f"/midlands/invited/{made_code(building).code}/{session}/book"  # for one person
    addresses = ("rosie@family.example", "ROSIE@family.example", "other@family.example", "known@example.org")
    building.person(1, email="known@example.org", email_key="known@example.org")
    answers = [await send(browser, form, {"name": "Rosie", "email": address}) for address in addresses]
    assert [(one.status_code, one.url.path, one.text) for one in answers] == [(200, f"{form[:-5]}/asked", answers[0].text)] * 4
    assert "Your invitation may be used up" in answers[0].text
    assert [one.recipient.address for one in post_office(building)] == ["rosie@family.example", "ROSIE@family.example"]
    assert [one.email for one in building.read(rows, Person)] == ["known@example.org", "rosie@family.example"]
    assert [one.person_id for one in building.read(rows, Booking)] == [building.read(rows, Person)[1].id]


async def test_a_full_session_that_soon_starts_says_so_to_everybody(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    path = f"/midlands/session/{session}/book"
    typed = ANN | {"stamp": stamp(await browser.get(path))}  # who has had the form open since there was a place
    building.book(session, building.person(1, email="known@example.org", email_key="known@example.org"))
    building.now = START - timedelta(hours=1)
    answers = [await browser.post(path, data=typed | {"email": address}) for address in ("known@example.org", "new@example.org")]
    assert [(one.status_code, "no waiting list now" in one.text) for one in answers] == [(409, True), (409, True)]
    assert len(building.read(rows, Person)) == 1


async def test_a_place_that_lapsed_is_asked_for_again_by_the_link_within_a_day(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    await send(browser, f"/midlands/session/{session}/book", ANN)
    building.later(minutes=31)
    building.write(lapse_holds, building.rules, now=building.now)
    (letter,) = post_office(building)
    assert letter.links is not None
    mine = await send(browser, f"/prove/{letter.links.prove}", {})
    assert "You have a place." in mine.text
    building.later(days=1)
    assert (await browser.get(f"/prove/{letter.links.prove}")).status_code == 404


async def test_where_another_has_it_by_then_they_wait(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    await send(browser, f"/midlands/session/{session}/book", ANN)
    building.later(minutes=31)
    building.write(lapse_holds, building.rules, now=building.now)
    building.book(session, building.person(1))
    mine = await prove(building, browser)
    assert "You are number 1 on the waiting list." in mine.text


async def test_the_unproven_wait_but_are_not_promoted_before_they_have_proven(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    first = building.person(1)
    building.book(session, first)
    await send(browser, f"/midlands/session/{session}/book", ANN)
    building.cancel(session, first)
    ann = building.read(rows, Person, Person.name == "Ann")[0]
    assert building.booking(session, ann.id).state is BookingState.WAITLISTED
    assert "You have a place." in (await prove(building, browser)).text


async def test_a_form_sent_twice_is_one_wish_and_each_has_its_mail(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=5)
    for _ in range(2):
        answer = await send(browser, f"/midlands/session/{session}/book", ANN)
        assert answer.url.path == f"/midlands/session/{session}/asked"
    assert len(building.read(rows, EmailProof)) == 2
    assert len([one for one in building.read(rows, Notice) if one.kind is Kind.VERIFICATION]) == 2
    assert len(building.read(rows, Booking)) == 1
    assert states(building) == [("Ann", "False")]


async def test_a_family_is_shown_whom_to_call_on_every_page_of_its_way(building: Building, browser: httpx.AsyncClient) -> None:
    building.write(set_contact, building.partnership_id, building.programme_id, RUTH, actor=ACTOR, now=building.now)
    session, code = private_session(building), made_code(building).code
    invited = await browser.get(f"/midlands/invited/{code}")
    way = f"/midlands/invited/{code}/{session}/book"
    form = await browser.get(way)
    wrong = await send(browser, way, {"name": ""})
    asked = await send(browser, way, {"name": "Rosie", "email": "rosie@example.org", "supporter": "My sister"})
    (letter,) = post_office(building)
    assert letter.links is not None
    question = await browser.get(f"/prove/{letter.links.prove}")
    mine = await send(browser, f"/prove/{letter.links.prove}", {})
    cancel = await browser.get(f"{mine.url.path}/session/{session}/cancel")
    needs = await browser.get(f"{mine.url.path}/session/{session}/needs")
    refused = await browser.get(f"{mine.url.path}/session/{session}/way")
    pages = (invited, form, wrong, asked, question, mine, cancel, needs, refused)
    assert ['href="tel:01214960123"' in page.text for page in pages] == [True] * len(pages)
    assert [SECRET in page.text for page in pages] == [False] * len(pages)
    assert [NEUTRAL in page.text for page in pages] == [True] * 7 + [True, False]
    assert [page.text.count("<li>") >= 5 for page in (invited, form, asked)] == [True] * 3  # what happens next, in five lines
    assert [one.supporter for one in building.read(rows, Needs)] == ["My sister"]


async def test_a_private_session_is_nowhere_without_its_invitation(building: Building, browser: httpx.AsyncClient) -> None:
    session, code = private_session(building), made_code(building).code
    paths = [f"/midlands/session/{session}", f"/midlands/session/{session}/book", "/midlands/invited/AAAAA-AAAAA-AAAAA"]
    paths += [f"/midlands/invited/{code}/{building.session()}/book"]
    assert [(await browser.get(path)).status_code for path in paths] == [404] * 4
    listed = (await browser.get(f"/midlands/programme/{building.programme_id}")).text
    assert (SECRET in listed, NEUTRAL in listed) == (False, False)


async def test_a_series_with_a_private_part_has_no_page(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building)
    at = f"/midlands/series/{run.id}"
    assert [(await browser.get(path)).status_code for path in (at, f"{at}/book")] == [200] * 2
    building.write(make_private, run.parts[1])
    assert [(await browser.get(path)).status_code for path in (at, f"{at}/book")] == [404] * 2
    part = await browser.get(f"/midlands/session/{run.parts[0]}")
    assert (part.status_code, f'href="{at}"' in part.text, "Practitioner teachers" in part.text) == (200, False, False)
    assert ("Please ask the organisers." in part.text, "Book a place" in part.text) == (True, False)


async def test_a_series_is_booked_as_a_whole(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building, places=2)
    part = await browser.get(f"/midlands/session/{run.parts[0]}")
    assert (f'href="/midlands/series/{run.id}"' in part.text, "/book" in part.text) == (True, False)
    typed = ANN | {"stamp": stamp(await browser.get(f"/midlands/series/{run.id}/book"))}
    assert (await browser.post(f"/midlands/session/{run.parts[0]}/book", data=typed)).status_code == 409
    page = await browser.get(f"/midlands/series/{run.id}")
    assert [f"Workshop {number}" in page.text for number in (1, 2, 3)] == [True] * 3
    await send(browser, f"/midlands/series/{run.id}/book", ANN)
    mine = await prove(building, browser)
    ann = building.read(rows, Person)[0].id
    assert run.states(ann) == [BookingState.CONFIRMED] * 4
    question = await browser.get(f"{mine.url.path}/session/{run.parts[1]}/cancel")
    assert question.url.path == f"{mine.url.path}/series/{run.id}/cancel"
    gone = await browser.post(question.url.path, data={"stamp": stamp(question)})
    assert ("nothing booked" in gone.text, run.states(ann)) == (True, [BookingState.CANCELLED] * 4)


async def test_a_series_that_lapsed_is_asked_for_again_by_its_link(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building, places=1)
    await send(browser, f"/midlands/series/{run.id}/book", ANN)
    ann = building.read(rows, Person)[0].id
    building.later(minutes=31)
    building.write(lapse_holds, building.rules, now=building.now)
    assert run.states(ann) == [BookingState.CANCELLED] * 4
    await prove(building, browser)
    assert run.states(ann) == [BookingState.CONFIRMED] * 4


async def test_whether_a_place_is_kept_or_not_the_page_says_the_same_to_all(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=2)
    building.person(1, email="known@example.org", email_key="known@example.org")
    addresses, form = ("made-up@example.org", "known@example.org", "new@example.org"), f"/midlands/session/{session}/book"
    answers = [await send(browser, form, ANN | {"email": address}) for address in addresses]
    assert [one.text for one in answers] == [answers[0].text] * 3
    assert "If we can, we keep a place for you for 30 minutes. The other places go to who presses their link first." in answers[0].text
    assert "You have a place." in (await prove(building, browser)).text


async def test_an_invitation_says_why_its_titles_are_plain_and_who_can_tell_more(building: Building, browser: httpx.AsyncClient) -> None:
    building.write(set_contact, building.partnership_id, building.programme_id, RUTH, actor=ACTOR, now=building.now)
    session, code = private_session(building), made_code(building).code
    pages = [await browser.get(f"/midlands/invited/{code}{more}") for more in ("", f"/{session}/book")]
    said = "We keep the titles here plain on purpose."
    assert [(said in one.text, "Who invited you can tell you what it is about, or call Ruth on" in one.text) for one in pages] == [
        (True, True)
    ] * 2
    assert [SECRET in one.text or "About care." in one.text for one in pages] == [False, False]


async def test_close_to_the_start_no_waiting_list_is_promised_and_who_comes_too_late_is_told(
    building: Building, browser: httpx.AsyncClient
) -> None:
    session, known = building.session(places=2), building.person(1, email="known@example.org", email_key="known@example.org")
    promised = "If no place is left then, you come on the waiting list."
    form = f"/midlands/session/{session}/book"
    await send(browser, form, ANN)
    early = await send(browser, form, ANN | {"email": "early@example.org"})
    building.now = START - timedelta(minutes=40)
    building.write(lapse_holds, building.rules, now=building.now)
    await send(browser, form, ANN)
    late = [await send(browser, form, ANN | {"email": address}) for address in ("late@example.org", "known@example.org")]
    assert [promised in page.text for page in (early, *late)] == [True, False, False]
    token = next(one.links.prove for one in reversed(post_office(building)) if one.recipient.address == "late@example.org" and one.links)
    building.book(session, building.person(2))
    said = "There is no place left for you. It is full, or it can no longer be booked. You can look for another."
    by_link = await send(browser, f"/prove/{token}", {})
    own = await browser.get(mine(building, known))
    by_page = await browser.post(f"{own.url.path}/session/{session}/accept", data={"stamp": stamp(own)})
    again = await send(browser, f"/prove/{token}", {})
    assert [said in page.text for page in (by_link, by_page, again)] == [True, True, False]
    assert [(page.status_code, "waiting list" in page.text) for page in (by_link, by_page, again)] == [(200, False)] * 3


async def test_an_organisation_that_folded_is_too_long_is_said_beside_its_field(building: Building, browser: httpx.AsyncClient) -> None:
    """Folded, ß is two letters: 150 of them fit the name, and not its key."""
    session = building.session()
    page = await send(browser, f"/midlands/session/{session}/book", ANN | {"organisation": "ß" * 150})
    assert (page.status_code, 'id="organisation-error"' in page.text, "ß" * 150 in page.text) == (422, True, True)
    assert building.read(rows, Person) == []


WAITS = "You are on the waiting list when you open it and press the button."
BOOKS = "Your place is booked when you open it and press the button."


async def test_where_all_is_full_the_waiting_list_is_asked_for_in_words(building: Building, browser: httpx.AsyncClient) -> None:
    session, form = building.session(places=1), ""
    form = f"/midlands/session/{session}/book"
    free = await browser.get(form)
    building.book(session, building.person(1, email="known@example.org", email_key="known@example.org"))
    full = await browser.get(form)
    heads = ("Book a place</h1>", "Join the waiting list</h1>", BOOKS, WAITS)
    assert [[said in page.text for said in heads] for page in (free, full)] == [[True, False, True, False], [False, True, False, True]]
    asked = [await send(browser, form, ANN | {"email": address}) for address in ("known@example.org", "new@example.org", "new@example.org")]
    assert [page.text for page in asked] == [asked[0].text] * 3, "known, unknown and asked twice are answered alike"
    assert ("press the button, and you are on the waiting list." in asked[0].text, "your place is booked" in asked[0].text) == (True, False)
    own = await prove(building, browser)
    assert "You are on the waiting list. We write to you when a place comes free for you." in own.text


async def test_the_page_after_the_last_place_was_asked_for_still_says_that_there_was_one(
    building: Building, browser: httpx.AsyncClient
) -> None:
    asked = await send(browser, f"/midlands/session/{building.session(places=1)}/book", ANN)
    assert "press the button, and your place is booked, if there is still one." in asked.text


async def test_in_a_session_of_two_ways_the_form_says_which_is_full(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=1, online_places=5)
    building.book(session, building.person(1), mode=Mode.ROOM)
    form = await browser.get(f"/midlands/session/{session}/book")
    assert ("Book a place</h1>" in form.text, form.text.count("Full. If you choose this, you join the waiting list.")) == (True, 1)
    said = [await send(browser, f"/midlands/session/{session}/book", ANN | {"mode": mode}) for mode in ("room", "online")]
    assert ["you are on the waiting list" in page.text for page in said] == [True, False]


async def test_a_link_that_was_pressed_leads_to_ones_bookings_and_books_nothing(building: Building, browser: httpx.AsyncClient) -> None:
    await send(browser, f"/midlands/session/{building.session(places=5)}/book", ANN)
    (letter,) = post_office(building)
    assert letter.links is not None
    link, done = f"/prove/{letter.links.prove}", "You have a place. The invitation is on its way to your e-mail."
    first = await send(browser, link, {})
    used = await browser.get(link)
    again = await send(browser, link, {})
    assert [done in page.text for page in (first, again)] == [True, False]
    assert ("Show my bookings" in used.text, "Confirm" in used.text) == (True, False)


async def test_who_says_nothing_of_whom_they_work_with_is_shown_what_is_kept(building: Building, browser: httpx.AsyncClient) -> None:
    form = await browser.get(f"/midlands/session/{building.session()}/book")
    chosen = re.search(r'value="other" checked[^>]*>\s*<label[^>]*>\s*Something else, or I would rather not say', form.text)
    assert chosen is not None


async def test_a_family_that_we_know_is_answered_as_somebody_whom_we_do_not_know(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session()
    private_session(building)
    parent(building, 7, email="rosie@family.example")
    typed = {"name": "Ann", "organisation": "ß" * 150}
    for address in ("rosie@family.example", "nobody@family.example"):
        page = await send(browser, f"/midlands/session/{session}/book", typed | {"email": address})
        assert (page.status_code, 'href="#organisation"' in page.text) == (422, True)


async def test_where_a_family_works_stays_typed_when_another_place_of_theirs_has_come_meanwhile(
    building: Building, browser: httpx.AsyncClient
) -> None:
    panel = private_session(building)
    rosie = parent(building, 7, email=ADDRESS)
    token = by_page(building, building.session())
    question = await browser.get(f"/prove/{token}")
    assert 'name="organisation"' in question.text
    building.book(panel, rosie, alias="Rosie")
    typed = {"stamp": stamp(question), "organisation": "Northfield Council", "area": "adults"}
    page = await browser.post(f"/prove/{token}", data=typed)
    assert [said in page.text for said in ('name="clash"', 'value="Northfield Council"')] == [True, True]


async def test_of_an_address_that_is_known_nobody_says_that_it_is_forgotten(building: Building, browser: httpx.AsyncClient) -> None:
    forgets = "we forget the address after a day"
    new = await browser.get(f"/prove/{by_page(building, building.session())}")
    building.person(7)
    known = await browser.get(f"/prove/{by_page(building, building.session())}")
    assert [(forgets in page.text, "Nothing is booked then." in page.text) for page in (new, known)] == [(True, False), (False, True)]
