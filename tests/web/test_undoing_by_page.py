"""Undoing a change by page: for as long as it settles, by whomever it was made, and by who may see the session."""

from __future__ import annotations

import re

import httpx

from domain.kinds import Kind
from domain.models import Session
from domain.sessions import cancel_session
from tests.building import ACTOR, Building, one_row
from tests.visiting_building import post_office
from tests.web.conftest import stamp
from tests.web.test_organising_pages import text_of, trail

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
