"""Booking more from one's own page: one press, nothing to prove again, and a question first where it clashes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlmodel import col

from domain.choosing import session_to_book, what_to_book
from domain.closing import close
from domain.errors import BadInput
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import BookingState, EmailProof, Organisation, Part, Person, SeriesBooking, ServiceArea
from domain.own_page import own_bookings
from domain.people import say_where
from tests.building import ACTOR, START, Building, one_row, rows
from tests.private_building import NEUTRAL, SECRET, made_code, private_session
from tests.series_building import DAYS, Run, run_of
from tests.visiting_building import by_page, post_office
from tests.web.conftest import accepted, send, stamp
from tests.web.test_mine import hybrid, mine

ROSIE = "rosie@family.example"
CONFIRMED, WAITS = BookingState.CONFIRMED, BookingState.WAITLISTED


def answers(page: httpx.Response, path: str, **more: str) -> dict[str, str]:
    assert f'action="{path}"' in page.text
    return {"stamp": stamp(page), **more}


async def pressed(building: Building, browser: httpx.AsyncClient, me: int, session: int, **more: str) -> httpx.Response:
    """The button of this session in the list."""
    listed = await browser.get(f"{mine(building, me)}/find")
    path = f"{mine(building, me)}/session/{session}/book"
    return await browser.post(path, data=answers(listed, path, **more))


async def test_one_press_books_and_nothing_is_to_be_proven_again(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session(title="Kinship", starts_at=START + timedelta(days=1))
    own = await browser.get(mine(building, me))
    assert f'href="{mine(building, me)}/find"' in own.text
    page = await pressed(building, browser, me, session)
    assert (page.url.path, "You have a place. The invitation is on its way" in page.text) == (mine(building, me), True)
    assert building.booking(session, me).state is CONFIRMED
    assert (building.read(rows, EmailProof), [one.kind for one in post_office(building)]) == ([], [Kind.INVITATION])


async def test_looking_changes_nothing_and_a_form_without_a_stamp_is_refused(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session()
    path = f"{mine(building, me)}/session/{session}/book"
    for page in (f"{mine(building, me)}/find", path):
        assert (await browser.get(page)).status_code == 200
    assert (await browser.post(path, data={"way": "room"})).status_code == 403
    assert building.notices() == []


async def test_pressed_twice_it_is_booked_once(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session()
    listed = await browser.get(f"{mine(building, me)}/find")
    path = f"{mine(building, me)}/session/{session}/book"
    for _ in range(2):
        assert (await browser.post(path, data=answers(listed, path))).status_code == 200
    assert (building.booking(session, me).sequence, building.booking(session, me).state) == (1, CONFIRMED)
    assert (await browser.get(path)).url.path == mine(building, me)  # it is on their page already


async def test_a_full_session_is_waited_for_with_one_press_and_a_letter_says_so(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session(places=1)
    building.book(session, building.person(2))
    listed = await browser.get(f"{mine(building, me)}/find")
    assert ("Join the waiting list" in listed.text, "Full" in listed.text) == (True, True)
    page = await pressed(building, browser, me, session)
    assert "You are number 1 on the waiting list." in page.text
    assert Kind.WAITING in [one.kind for one in post_office(building)]


async def test_who_waits_already_is_told_nothing_when_they_ask_again(building: Building, browser: httpx.AsyncClient) -> None:
    """In chat they were told at once."""
    me, session, run = building.person(1), building.session(places=1), run_of(building, places=1)
    listed = await browser.get(f"{mine(building, me)}/find")
    building.book(session, building.person(2))
    building.book(session, me)
    run.book(building.person(3), accept_clash=True)
    run.book(me, accept_clash=True)
    post_office(building)
    for path in (f"session/{session}", f"series/{run.id}"):
        again = await browser.post(f"{mine(building, me)}/{path}/book", data={"stamp": stamp(listed)})
        assert (again.status_code, again.url.path) == (200, mine(building, me))
    assert post_office(building) == []


async def test_a_clash_is_asked_about_on_a_page_of_its_own(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session(title="Kinship")
    building.book(building.session(title="Elsewhere"), me)
    listed = await browser.get(f"{mine(building, me)}/find")
    assert "It is at the same time as Elsewhere. We ask you before we book it." in listed.text
    question = await pressed(building, browser, me, session)
    path = f"{mine(building, me)}/session/{session}/book"
    assert (question.url.path, "You already have <strong>Elsewhere</strong>, Monday 15 March 2027, 9.30am to 10.15am" in question.text) == (
        path,
        True,
    )
    assert building.owed() == [key for key in building.owed() if "invitation" in key][:1]  # of the other alone
    page = await browser.post(path, data=answers(question, path, clash=accepted(question)))
    assert (page.url.path, building.booking(session, me).clash_accepted) == (mine(building, me), True)


def test_the_list_the_question_and_ones_own_page_agree_on_what_clashes(building: Building) -> None:
    """What a page holds is nobody's clash, and no place is its own."""
    me, have, other = building.person(7), building.session(title="Have"), building.session(title="Other")
    by_page(building, building.session(title="Wished"))
    building.book(have, me)
    about = building.partnership_id, me, building.rules
    listed = [each for programme in building.read(what_to_book, *about, now=building.now).programmes for _, each in programme.days]
    asked = building.read(session_to_book, building.partnership_id, other, me, building.rules, now=building.now)
    own = building.read(own_bookings, *about, now=building.now)
    assert [one.clashes for each in listed for one in each if one.session.id == other] == [("Have",)]
    assert [clash.title for clash in asked.clashes] == ["Have"]
    assert {one.page.session.title: one.clashes for one in own} == {"Have": (), "Wished": ("Have",)}


async def test_a_hybrid_session_has_a_button_for_each_way(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), hybrid(building)
    building.book(session, building.person(2), mode=Mode.ROOM)
    listed = await browser.get(f"{mine(building, me)}/find")
    assert ["Join the waiting list, in the room" in listed.text, "Book a place, online" in listed.text] == [True, True]
    await pressed(building, browser, me, session, way="online")
    assert (building.booking(session, me).mode, building.booking(session, me).state) == (Mode.ONLINE, CONFIRMED)


async def test_only_what_is_open_to_come_and_not_theirs_already_is_listed(building: Building, browser: httpx.AsyncClient) -> None:
    me = building.person(1)
    have, secret = building.session(title="Have"), private_session(building)
    off, late = building.session(title="Off"), building.session(title="Late", places=1, starts_at=building.now + timedelta(hours=1))
    building.book(have, me)
    building.book(late, building.person(2))
    building.call_off(off)
    listed = await browser.get(f"{mine(building, me)}/find")
    shown = [title in listed.text for title in ("Opening", "Have", "Off", SECRET, NEUTRAL, "Late")]
    assert shown == [True, False, False, False, False, True]
    assert f'action="{mine(building, me)}/session/{late}/book"' not in listed.text  # full, and too late to wait
    path = f"{mine(building, me)}/session/{secret}/book"
    assert (await browser.get(path)).status_code == 404
    assert (await browser.post(path, data={"stamp": stamp(listed)})).status_code == 404


async def test_when_booking_is_closed_nothing_is_listed(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session()
    before = await browser.get(f"{mine(building, me)}/find")
    building.write(close, building.partnership_id, building.programme_id, actor=ACTOR, now=building.now)
    assert "There is nothing more to book now." in (await browser.get(f"{mine(building, me)}/find")).text
    late = await browser.post(f"{mine(building, me)}/session/{session}/book", data={"stamp": stamp(before)})
    assert (late.status_code, "Booking for this programme has closed" in late.text) == (409, True)


async def test_a_series_is_booked_as_a_whole(building: Building, browser: httpx.AsyncClient) -> None:
    run, me = run_of(building, places=1), building.person(1)
    listed = await browser.get(f"{mine(building, me)}/find")
    path = f"{mine(building, me)}/series/{run.id}/book"
    assert f'action="{mine(building, me)}/session/{run.parts[0]}/book"' not in listed.text
    alone = await browser.post(f"{mine(building, me)}/session/{run.parts[0]}/book", data={"stamp": stamp(listed)})
    assert (alone.status_code, "booked as a whole" in alone.text) == (409, True)
    page = await browser.post(path, data=answers(listed, path))
    assert (page.url.path, run.states(me)) == (mine(building, me), [CONFIRMED] * 4)
    assert (await browser.get(path)).url.path == mine(building, me)
    other = building.person(2)
    await browser.post(path.replace(mine(building, me), mine(building, other)), data={"stamp": stamp(listed)})
    assert run.states(other) == [WAITS] * 4
    assert [one.person_id for one in post_office(building) if one.kind is Kind.WAITING] == [other]


def hybrid_run(building: Building, places: int = 5) -> Run:
    return run_of(building, format=Format.HYBRID, provider=Provider.TEAMS, places=places, online_places=5)


async def test_a_series_that_clashes_or_has_a_choice_is_asked_about(building: Building, browser: httpx.AsyncClient) -> None:
    run, me = hybrid_run(building), building.person(1)
    building.book(building.session(title="Elsewhere"), me)
    path = f"{mine(building, me)}/series/{run.id}/book"
    listed = await browser.get(f"{mine(building, me)}/find")
    assert (f'href="{path}"' in listed.text, f'action="{path}"' in listed.text) == (True, False)
    assert "You already have <strong>Elsewhere</strong>" in (await browser.get(path)).text
    asked = await browser.post(path, data={"stamp": stamp(listed), "way": "online"})
    assert asked.url.path == path
    building.book(building.session(title="Newer"), me, accept_clash=True)
    again = await browser.post(path, data={"stamp": stamp(asked), "way": "online", "clash": accepted(asked)})
    assert ("You already have <strong>Newer</strong>" in again.text, building.read(rows, SeriesBooking)) == (True, [])
    await send(browser, path, {"way": "online", "clash": accepted(again)})
    assert (run.states(me), building.booking(run.parts[0], me).mode) == ([CONFIRMED] * 4, Mode.ONLINE)


async def test_a_series_without_a_choice_made_is_asked_again_and_the_field_says_so(building: Building, browser: httpx.AsyncClient) -> None:
    run, me = hybrid_run(building), building.person(1)
    path = f"{mine(building, me)}/series/{run.id}/book"
    again = await send(browser, path, {})
    assert (again.status_code, again.text.count("Choose how you will take part.")) == (422, 2)
    page = await browser.post(path, data={"stamp": stamp(again), "way": "room"})
    assert (page.url.path, run.states(me)) == (mine(building, me), [CONFIRMED] * 4)


async def test_a_series_with_a_full_room_is_offered_online(building: Building, browser: httpx.AsyncClient) -> None:
    run, me = hybrid_run(building, places=1), building.person(1)
    run.book(building.person(2), mode=Mode.ROOM)
    listed = await browser.get(f"{mine(building, me)}/find")
    assert ("In the room: Full. Online: 5 places left" in listed.text, "Book the whole series<span" in listed.text) == (True, True)
    path = f"{mine(building, me)}/series/{run.id}/book"
    page = await browser.get(path)
    said = ["In the room: you join the waiting list" in page.text, "Book the whole series" in page.text, "Join the waiting" in page.text]
    assert said == [True, True, False]
    building.now = DAYS[0] - timedelta(minutes=30)  # from now on nobody is promoted
    listed = await browser.get(f"{mine(building, me)}/find")
    assert "5 places left" in listed.text
    await browser.post(path, data=answers(listed, path, way="online"))
    assert (run.states(me), building.booking(run.parts[0], me).mode) == ([CONFIRMED] * 4, Mode.ONLINE)


async def test_the_only_way_that_is_left_of_a_series_need_not_be_chosen(building: Building, browser: httpx.AsyncClient) -> None:
    run, me = hybrid_run(building, places=1), building.person(1)
    run.book(building.person(2), mode=Mode.ROOM)
    building.now = DAYS[0] - timedelta(minutes=30)
    await send(browser, f"{mine(building, me)}/series/{run.id}/book", {})
    assert (run.states(me), building.booking(run.parts[0], me).mode) == ([CONFIRMED] * 4, Mode.ONLINE)


async def test_a_series_that_is_full_and_goes_on_soon_is_not_offered(building: Building, browser: httpx.AsyncClient) -> None:
    run, me = run_of(building, places=1), building.person(1)
    run.book(building.person(2))
    path = f"{mine(building, me)}/series/{run.id}/book"
    assert "Join the waiting list" in (await browser.get(f"{mine(building, me)}/find")).text
    building.now = DAYS[0] - timedelta(minutes=30)
    assert "There is nothing more to book now." in (await browser.get(f"{mine(building, me)}/find")).text
    page = await browser.get(path)
    assert ("This series is full, and it goes on soon" in page.text, "<form" in page.text.split("<main")[1]) == (True, False)


async def test_a_name_that_was_typed_stands_there_still_when_something_clashes(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1, discord_id=None), private_session(building)
    await send(browser, f"/midlands/invited/{made_code(building).code}/{session}/book", {"name": "Star", "email": "person1@council.gov.uk"})
    (letter,) = [one for one in post_office(building) if one.kind is Kind.VERIFICATION]
    assert letter.links is not None
    await send(browser, f"/prove/{letter.links.prove}", {})
    await send(browser, f"{mine(building, me)}/session/{session}/cancel", {})
    path = f"{mine(building, me)}/session/{session}/book"
    form = await browser.get(path)
    building.book(building.session(title="Other"), me)  # in another tab, meanwhile
    typed = {"stamp": stamp(form), "way": "room", "name": "Moonbeam"}
    asked = await browser.post(path, data=typed)
    assert ("You already have" in asked.text, 'value="Moonbeam"' in asked.text) == (True, True)
    await browser.post(path, data=typed | {"stamp": stamp(asked), "clash": accepted(asked)})
    assert (building.booking(session, me).state, building.booking(session, me).alias) == (CONFIRMED, "Moonbeam")


async def test_the_way_that_was_chosen_stands_there_still_when_something_clashes(building: Building, browser: httpx.AsyncClient) -> None:
    run, me = run_of(building, format=Format.HYBRID, provider=Provider.TEAMS, online_places=5), building.person(1)
    path = f"{mine(building, me)}/series/{run.id}/book"
    form = await browser.get(path)
    building.book(building.session(title="Other", starts_at=DAYS[0]), me)  # in another tab, meanwhile
    asked = await browser.post(path, data={"stamp": stamp(form), "way": "online"})
    assert ("You already have" in asked.text, re.findall(r'value="(\w+)" checked', asked.text)) == (True, ["online"])


async def family(building: Building, browser: httpx.AsyncClient) -> str:
    """Rosie has come to a private session by an invitation; the address of her own page."""
    session, code = private_session(building), made_code(building).code
    await send(browser, f"/midlands/invited/{code}/{session}/book", {"name": "Rosie", "email": ROSIE})
    (letter,) = post_office(building)
    assert letter.links is not None
    own = await send(browser, f"/prove/{letter.links.prove}", {})
    assert ("See what you can book" in own.text, f"{own.url.path}/find" in own.text) == (True, False)
    post_office(building)
    return own.url.path


def rosie(building: Building) -> tuple[str, Part, str | None, ServiceArea]:
    person = building.read(one_row, Person, Person.email_key == ROSIE)
    where = building.read(rows, Organisation, Organisation.id == person.organisation_id)
    return person.name, person.part, where[0].name if where else None, person.service_area


async def test_who_came_by_an_invitation_says_on_that_page_where_they_work_and_books_at_once(
    building: Building, browser: httpx.AsyncClient
) -> None:
    own, session = await family(building, browser), building.session(title="Kinship", starts_at=START + timedelta(days=1))
    asked = await browser.get(f"{own}/find")
    assert ("Where do you work or study?" in asked.text, "Kinship" in asked.text) == (True, False)
    nothing = await send(browser, f"{own}/find", {"organisation": " "})
    assert (nothing.status_code, "Enter the organisation that you work for or study at." in nothing.text) == (422, True)
    assert rosie(building) == ("Rosie", Part.PARENT, None, ServiceArea.OTHER)
    listed = await send(browser, f"{own}/find", {"organisation": "Northfield Council", "area": "adults"})
    assert (listed.url.path, "Where do you work or study?" in listed.text) == (f"{own}/find", False)
    assert rosie(building) == ("Rosie", Part.PRACTITIONER, "Northfield Council", ServiceArea.ADULTS)
    path = f"{own}/session/{session}/book"
    page = await browser.post(path, data=answers(listed, path))
    assert (page.url.path, "You have a place." in page.text) == (own, True)
    assert (building.read(rows, EmailProof, col(EmailProof.done_at).is_(None)), [one.kind for one in post_office(building)]) == (
        [],
        [Kind.INVITATION],
    )


async def test_the_page_of_a_session_or_series_asks_a_family_first_where_they_work(building: Building, browser: httpx.AsyncClient) -> None:
    own, session, run = await family(building, browser), building.session(), run_of(building)
    form = stamp(await browser.get("/midlands/my-link"))
    for path in (f"{own}/session/{session}/book", f"{own}/series/{run.id}/book"):
        assert (await browser.get(path)).url.path == f"{own}/find"
        refused = await browser.post(path, data={"stamp": form})
        assert (refused.status_code, "Please tell us first where you work or study" in refused.text) == (409, True)


async def test_who_has_said_where_they_work_keeps_it_whatever_an_old_page_sends(building: Building, browser: httpx.AsyncClient) -> None:
    own = await family(building, browser)
    asked = await browser.get(f"{own}/find")
    for name in ("Northfield Council", "Another Council"):
        await browser.post(f"{own}/find", data={"stamp": stamp(asked), "organisation": name})
    assert rosie(building) == ("Rosie", Part.PRACTITIONER, "Northfield Council", ServiceArea.OTHER)


async def test_an_address_of_which_nobody_signs_up_for_open_sessions_does_not_by_this_door(
    building: Building, browser: httpx.AsyncClient
) -> None:
    await family(building, browser)
    me = building.read(one_row, Person, Person.email_key == ROSIE).id
    rules = replace(building.rules, mail_domains=("council.gov.uk",))
    said = building.partnership_id, me, "Northfield Council", ServiceArea.OTHER, rules
    with pytest.raises(BadInput, match="Please use your work e-mail address"):
        building.write(say_where, *said, now=building.now)
    assert rosie(building) == ("Rosie", Part.PARENT, None, ServiceArea.OTHER)


async def test_the_question_of_a_proof_is_asked_on_its_page(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session(title="Kinship")
    building.book(building.session(title="Elsewhere"), me)
    post_office(building)
    typed = {"name": "One", "email": "person1@council.gov.uk", "organisation": "Northfield Council"}
    asked = await send(browser, f"/midlands/session/{session}/book", typed)
    assert "Elsewhere" not in asked.text  # whoever typed it is told nothing
    (letter,) = post_office(building)
    assert letter.links is not None
    path = f"/prove/{letter.links.prove}"
    question = await browser.get(path)
    assert ["You already have <strong>Elsewhere</strong>" in question.text, "Yes, book this as well" in question.text] == [True, True]
    again = await browser.post(path, data={"stamp": stamp(question)})
    assert (again.url.path, building.booking(session, me).wished) == (path, True)
    building.book(building.session(title="Newer"), me, accept_clash=True)
    later = await browser.post(path, data={"stamp": stamp(question), "clash": accepted(question)})
    assert (later.url.path, "You already have <strong>Newer</strong>" in later.text) == (path, True)
    page = await browser.post(path, data={"stamp": stamp(later), "clash": accepted(later)})
    assert (page.url.path.startswith("/mine/"), building.booking(session, me).state) == (True, CONFIRMED)


async def test_a_family_that_fills_in_the_open_form_says_on_the_links_page_where_they_work(
    building: Building, browser: httpx.AsyncClient
) -> None:
    await family(building, browser)
    session = building.session(title="Kinship", starts_at=START + timedelta(days=1))
    typed = {"name": "Rosemary", "email": ROSIE, "organisation": "Northfield Council"}
    await send(browser, f"/midlands/session/{session}/book", typed)
    (letter,) = post_office(building)
    assert letter.links is not None
    path = f"/prove/{letter.links.prove}"
    question = await browser.get(path)
    assert "Where do you work or study?" in question.text
    empty = await browser.post(path, data={"stamp": stamp(question), "organisation": " "})
    said = "Enter the organisation that you work for or study at."
    assert (empty.status_code, empty.text.count(said)) == (422, 2)
    assert rosie(building) == ("Rosie", Part.PARENT, None, ServiceArea.OTHER)
    page = await browser.post(path, data={"stamp": stamp(question), "organisation": "Northfield Council", "area": "children"})
    assert page.url.path.startswith("/mine/")
    assert rosie(building) == ("Rosie", Part.PRACTITIONER, "Northfield Council", ServiceArea.CHILDREN)
    me = building.read(one_row, Person, Person.email_key == ROSIE).id or 0
    assert building.booking(session, me).state is CONFIRMED
