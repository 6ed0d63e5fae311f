"""Presenters by page: named, asked by e-mail, their answers seen and noted, corrected, and taken off."""

from __future__ import annotations

import asyncio
import re

import httpx

from domain.kinds import Kind
from domain.models import Presenter
from domain.presenters.naming import cannot_present, presenters_of
from tests.building import Building, rows
from tests.web.conftest import press, stamp
from tests.web.organising_building import text_of, trail

ANN = {"label": "Ann Lee, Northfield Council", "address": "ann.lee@council.gov.uk"}


def at(session: int) -> str:
    return f"/organise/session/{session}/presenters"


def standing(building: Building, session: int) -> list[tuple[str, str | None, bool, bool, bool]]:
    """Each presenter: name, address, asked, said yes, said no."""
    found = building.read(presenters_of, building.partnership_id, session)
    return [(one.label, one.address, one.asked, one.confirmed, one.declined) for one in found]


def letters(building: Building) -> list[tuple[Kind, str]]:
    return [(one.kind, one.recipient.address or "") for one in building.deliver()]


async def test_somebody_is_named_and_asked_by_mail_and_their_no_is_seen(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    assert f'href="{at(session)}"' in (await olga.get(f"/organise/session/{session}")).text
    assert "Nobody is named yet." in text_of(await olga.get(at(session)))
    building.deliver()
    added = await press(olga, at(session), **ANN)
    assert "They are added." in text_of(added)
    assert "Ann Lee, Northfield Council ann.lee@council.gov.uk Will be asked" in text_of(added)
    assert letters(building) == [(Kind.INVITATION, "ann.lee@council.gov.uk")]
    assert "ann.lee@council.gov.uk Asked, no answer yet" in text_of(await olga.get(at(session)))
    (row,) = building.read(rows, Presenter)
    building.write(cannot_present, building.partnership_id, row.id, building.rules, now=building.now)
    assert "ann.lee@council.gov.uk Cannot come" in text_of(await olga.get(at(session)))
    assert trail(building) == ["add presenter"]


async def test_what_an_organiser_heard_is_noted_and_opened_again_and_who_said_no_is_asked_anew(
    building: Building, olga: httpx.AsyncClient
) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    (row,) = building.read(rows, Presenter)
    one = f"/organise/session/{session}/presenter/{row.id}"
    assert "Has said yes" in text_of(await press(olga, one, button=f"{one}/answer", answer="yes"))
    assert "Will be asked" in text_of(await press(olga, one, button=f"{one}/answer", answer="open")), "the letter has not left"
    building.write(cannot_present, building.partnership_id, row.id, building.rules, now=building.now)
    building.deliver()
    assert "Ask them again" in text_of(await olga.get(one))
    await press(olga, one, button=f"{one}/answer", answer="open")
    assert letters(building) == [(Kind.INVITATION, "ann.lee@council.gov.uk")]
    assert trail(building) == ["add presenter", "mark presenter", "mark presenter", "mark presenter"]


async def test_only_an_answer_that_was_given_is_noted(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    (row,) = building.read(rows, Presenter)
    one = f"/organise/session/{session}/presenter/{row.id}"
    await press(olga, one, button=f"{one}/answer", answer="yes")
    for said in ({}, {"answer": "maybe"}):
        page = await press(olga, one, button=f"{one}/answer", **said)
        assert (page.status_code, "Has said yes" in text_of(page), 'name="answer"' in page.text) == (200, True, True)
    assert standing(building, session) == [(ANN["label"], ANN["address"], True, True, False)]
    assert trail(building) == ["add presenter", "mark presenter"]


async def test_another_address_is_asked_and_the_old_one_told(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    (row,) = building.read(rows, Presenter)
    building.deliver()
    changed = await press(olga, f"/organise/session/{session}/presenter/{row.id}", label="Ann Lee", address="a.lee@trust.nhs.uk")
    assert "Saved." in text_of(changed)
    assert letters(building) == [(Kind.CANCELLATION, "ann.lee@council.gov.uk"), (Kind.INVITATION, "a.lee@trust.nhs.uk")]
    assert standing(building, session) == [("Ann Lee", "a.lee@trust.nhs.uk", True, False, False)]


async def test_an_address_that_was_emptied_is_told_at_its_field_and_nothing_is_said_to_be_saved(
    building: Building, olga: httpx.AsyncClient
) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    (row,) = building.read(rows, Presenter)
    building.deliver()
    one = f"/organise/session/{session}/presenter/{row.id}"
    refused = await press(olga, one, label="Ann Leigh", address=" ")
    told = re.findall(r'<a href="#(\w+)">(.*?)</a>', refused.text)
    assert (refused.status_code, told) == (
        422,
        [("address", "Enter an e-mail address. To write to them no more, take them off the session.")],
    )
    assert ('value="Ann Leigh"' in refused.text, "Saved." in text_of(refused)) == (True, False)
    assert (standing(building, session), letters(building)) == ([(ANN["label"], ANN["address"], True, False, False)], [])
    nameless = await press(olga, at(session), label="Bo Hill")
    assert "They are added." in text_of(nameless)
    (_, bo) = building.read(rows, Presenter)
    assert "Saved." in text_of(await press(olga, f"/organise/session/{session}/presenter/{bo.id}", label="Bo Hills", address=""))


async def test_who_runs_the_meeting_too_needs_an_address(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.online()
    refused = await press(olga, at(session), label="Ann Lee", runs="yes")
    assert re.findall(r'<a href="#(\w+)">(.*?)</a>', refused.text) == [
        ("address", "Please give this presenter&#39;s e-mail address first. Teams and Zoom know people by it.")
    ]
    assert 'value="Ann Lee"' in refused.text
    await press(olga, at(session), **ANN)
    (row,) = building.read(rows, Presenter)
    one = f"/organise/session/{session}/presenter/{row.id}"
    assert "May run the meeting" in text_of(await press(olga, one, button=f"{one}/meeting", runs="yes"))
    assert "May run the meeting" not in text_of(await press(olga, one, button=f"{one}/meeting", runs="no"))


async def test_what_cannot_be_used_is_told_at_its_field_and_stays(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    tried = {
        ("label", "Enter their name, as people will see it."): {"label": " ", "address": "bo@council.gov.uk"},
        ("address", "That e-mail address cannot be used. Enter one address, like name@council.gov.uk."): {"label": "Bo", "address": "bo@"},
        ("address", "This person is a presenter of the session already."): ANN,
        ("label", "Please use at most 200 characters for the presenter&#39;s name."): {"label": "B" * 201, "address": "bo@council.gov.uk"},
    }
    for told, typed in tried.items():
        page = await press(olga, at(session), **typed)
        assert (page.status_code, re.findall(r'<a href="#(\w+)">(.*?)</a>', page.text)) == (422, [told])
        assert [text for text in typed.values() if text.strip() and f'value="{text}"' not in page.text] == []
    assert standing(building, session) == [(ANN["label"], ANN["address"], True, False, False)]


async def test_taken_off_twice_they_are_told_once(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    (row,) = building.read(rows, Presenter)
    building.deliver()
    off = f"/organise/session/{session}/presenter/{row.id}/remove"
    assert "take the entry out of their calendar" in text_of(await olga.get(off))
    gone, again = await press(olga, off), await press(olga, at(session), button=off)
    assert [("They do not present it any more." in text_of(one), one.status_code) for one in (gone, again)] == [(True, 200)] * 2
    assert letters(building) == [(Kind.CANCELLATION, "ann.lee@council.gov.uk")]
    assert (standing(building, session), trail(building)) == ([], ["add presenter", "remove presenter"])


async def test_a_presenter_of_another_session_is_not_there(building: Building, olga: httpx.AsyncClient) -> None:
    one, other = building.session(), building.session(title="Kinship")
    await press(olga, at(one), **ANN)
    (row,) = building.read(rows, Presenter)
    for rest in ("", "/remove"):
        assert (await olga.get(f"/organise/session/{other}/presenter/{row.id}{rest}")).status_code == 404
    for rest in ("", "/answer", "/meeting", "/remove"):
        await press(olga, at(other), button=f"/organise/session/{other}/presenter/{row.id}{rest}", label="X", answer="yes", runs="yes")
    assert standing(building, one) == [(ANN["label"], ANN["address"], True, False, False)]
    assert trail(building) == ["add presenter"]


async def test_of_what_is_over_presenters_are_only_seen(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    building.call_off(session)
    seen = await olga.get(at(session))
    assert ("Ann Lee" in text_of(seen), "Add somebody" in text_of(seen), '<form method="post" novalidate>' in seen.text) == (
        True,
        False,
        False,
    )
    assert (await press(olga, at(session), label="Bo")).status_code == 409


async def test_whom_two_presses_take_off_at_once_is_off_once(building: Building, olga: httpx.AsyncClient) -> None:
    session = building.session()
    await press(olga, at(session), **ANN)
    (row,) = building.read(rows, Presenter)
    off = f"/organise/session/{session}/presenter/{row.id}/remove"
    form = {"stamp": stamp(await olga.get(off))}
    both = await asyncio.gather(*(olga.post(off, data=form, follow_redirects=False) for _ in range(2)))
    assert [page.headers.get("location") for page in both] == [f"{at(session)}?done=removed"] * 2
    assert (standing(building, session), trail(building)) == ([], ["add presenter", "remove presenter"])
