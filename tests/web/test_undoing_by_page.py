"""Undoing a change by page: for as long as it settles, by whomever it was made, and by who may see the session."""

from __future__ import annotations

import re

import httpx
import pytest

from domain.descriptions import described
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import Presenter, Privacy, Session, SessionState, Undo
from domain.presenters.naming import remove
from domain.private_sessions import set_privacy
from domain.sessions import cancel_session
from tests.building import ACTOR, Building, one_row, rows
from tests.private_building import SECRET
from tests.visiting_building import post_office
from tests.web.conftest import press, stamp
from tests.web.organising_building import text_of, trail

UNDO = "Undo the last change"


def of_form(page: httpx.Response) -> dict[str, str]:
    """What the button sends."""
    found = re.search(r'name="undo" value="(\d+)"', page.text)
    assert found, page.text
    return {"stamp": stamp(page), "undo": found[1]}


async def test_a_change_is_undone_while_it_settles_and_nobody_hears_of_it(building: Building, olga: httpx.AsyncClient) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    post_office(building)
    at = f"/organise/session/{session}"
    assert UNDO not in (await olga.get(at)).text
    building.change(session, venue="Elsewhere")
    sent = of_form(await olga.get(at))
    page = await olga.post(f"{at}/undo", data=sent)
    assert (page.url.path, "Undone. It is as it was before." in text_of(page), UNDO in page.text) == (at, True, False)
    assert building.read(one_row, Session, Session.id == session).venue == "Town Hall, room 2"
    again = await olga.post(f"{at}/undo", data=sent)
    assert (again.status_code, trail(building)) == (200, ["undo edit"])
    building.later(minutes=3)
    assert post_office(building) == []


async def test_what_has_settled_is_undone_no_more_and_the_page_says_so(building: Building, olga: httpx.AsyncClient) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    post_office(building)
    at = f"/organise/session/{session}"
    building.change(session, venue="Elsewhere")
    sent = of_form(await olga.get(at))
    building.later(minutes=3)
    assert [letter.kind for letter in post_office(building)] == [Kind.UPDATE]
    assert UNDO not in (await olga.get(at)).text
    late = await olga.post(f"{at}/undo", data=sent)
    assert (late.status_code, "It is too late to undo this" in late.text) == (409, True)
    assert building.read(one_row, Session, Session.id == session).venue == "Elsewhere"


async def test_only_the_last_change_is_offered_and_what_is_cancelled_has_none(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    at = f"/organise/session/{session}"
    first = building.change(session, venue="Elsewhere").undo_id
    second = building.change(session, venue="Nowhere").undo_id
    sent = of_form(await olga.get(at))
    assert sent["undo"] == str(second)
    assert (await olga.post(f"{at}/undo", data=sent | {"undo": str(first)})).status_code == 409
    another = building.session(title="Another")
    assert (await olga.post(f"/organise/session/{another}/undo", data=sent)).status_code == 404
    assert building.read(one_row, Session, Session.id == session).venue == "Nowhere"
    where, rules = building.partnership_id, building.rules
    building.write(cancel_session, where, session, "Snow", rules, actor=ACTOR, now=building.now)
    assert UNDO not in (await olga.get(at)).text


async def test_one_that_was_undone_before_is_not_called_as_it_was(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    at = f"/organise/session/{session}"
    building.change(session, venue="Elsewhere")
    sent = of_form(await olga.get(at))
    assert "Undone. It is as it was before. Nobody hears anything of it." in text_of(await olga.post(f"{at}/undo", data=sent))
    building.change(session, venue="Nowhere")
    said = text_of(await olga.post(f"{at}/undo", data=sent))
    assert ("It is as it was before" in said, "This was undone before. Look below at how the session is now." in said) == (False, True)
    assert building.read(one_row, Session, Session.id == session).venue == "Nowhere"


async def test_an_undo_says_how_many_had_heard_of_the_change(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=1)
    at = f"/organise/session/{session}"
    building.change(session, venue="Elsewhere")
    building.book(session, building.person(1), mode=Mode.ROOM)
    assert [letter.kind for letter in post_office(building)] == [Kind.INVITATION]  # to the new room, while the change settles
    said = text_of(await olga.post(f"{at}/undo", data=of_form(await olga.get(at))))
    assert "It is as it was before. 1 person had heard of the change, or needs a new link, and is told how it is now." in said


@pytest.mark.parametrize("privacy", ["private", "open"])
async def test_the_answer_that_opened_a_session_is_not_undone(building: Building, olga: httpx.AsyncClient, privacy: str) -> None:
    """It would stand open to everyone, with its own title, while nobody has said whether it is private."""
    session = building.session(title=SECRET, privacy_asked=True)
    at = f"/organise/session/{session}"
    form = await olga.get(at)
    answered = await olga.post(f"{at}/privacy", data={"stamp": stamp(form), "privacy": privacy})
    row = building.read(one_row, Session, Session.id == session)
    assert (UNDO in answered.text, row.state, row.privacy_asked) == (False, SessionState.PUBLISHED, False)
    (last,) = building.read(rows, Undo)
    refused = await olga.post(f"{at}/undo", data={"stamp": stamp(form), "undo": str(last.id)})
    assert (refused.status_code, building.read(one_row, Session, Session.id == session).privacy) == (409, privacy)
    assert (await olga.get(f"/midlands/session/{session}")).status_code == (404 if privacy == "private" else 200)


async def test_who_is_named_as_presenter_since_is_no_part_of_what_is_undone(building: Building, olga: httpx.AsyncClient) -> None:
    session, other = building.session(), building.session(title="Another", presenter="Priya Shah")
    for one in (session, other):
        building.change(one, venue="Elsewhere")
    grace = {"label": "Grace Hopper", "address": "grace@council.gov.uk"}
    await press(olga, f"/organise/session/{session}/presenters", **grace)
    presenter = building.read(one_row, Presenter, Presenter.session_id == other)
    building.write(remove, building.partnership_id, presenter.id, building.rules, actor=ACTOR, now=building.now)
    for one in (session, other):
        await olga.post(f"/organise/session/{one}/undo", data=of_form(await olga.get(f"/organise/session/{one}")))
    lead = [building.read(described, building.partnership_id, one) for one in (session, other)]
    assert [(one.presenter, one.venue) for one in lead] == [("Grace Hopper", "Town Hall, room 2"), (None, "Town Hall, room 2")]
    building.change(session, presenter="Ann Lee")  # what the change itself said of it is taken back
    await olga.post(f"/organise/session/{session}/undo", data=of_form(await olga.get(f"/organise/session/{session}")))
    assert building.read(described, building.partnership_id, session).presenter == "Grace Hopper"


async def test_an_undo_that_would_be_refused_is_not_offered(building: Building, olga: httpx.AsyncClient) -> None:
    """More places, and who waited has them at once: there is no way back, so no button says so."""
    session = building.session(places=1)
    for number in (1, 2):
        building.book(session, building.person(number))
    building.change(session, places=3)
    assert UNDO not in (await olga.get(f"/organise/session/{session}")).text
    building.change(session, places=2)
    assert UNDO in (await olga.get(f"/organise/session/{session}")).text


async def test_nobody_is_offered_to_open_what_was_made_private(building: Building, olga: httpx.AsyncClient) -> None:
    """The button does not say what the last change was, nor who made it."""
    session = building.session(title=SECRET)
    where, now = building.partnership_id, building.now
    building.write(set_privacy, where, [session], Privacy.PRIVATE, building.rules, actor=ACTOR, now=now, sees_private=True)
    assert UNDO not in (await olga.get(f"/organise/session/{session}")).text
