"""Whoever types addresses into a page's form reads nothing in the pages: byte for byte they are what they were."""

from __future__ import annotations

import re
from collections.abc import Sequence

import httpx
import pytest

from domain.wishes import most_for_wishes
from tests.building import START, Building
from tests.series_building import run_of
from tests.web.conftest import send
from tests.web.test_mine import mine

TYPED = {"name": "Somebody", "organisation": "Northfield Council"}
#: somebody who has a claim on what is asked for, and two of whom nobody has heard
ADDRESSES = ("person7@council.gov.uk", "made-up@example.org", "second@example.org")
#: each page's own: the hidden field of its forms, and when it was written
_OWN = re.compile(r'name="stamp" value="[^"]*"')


async def looked_at(browser: httpx.AsyncClient, paths: Sequence[str]) -> list[tuple[int, list[tuple[str, str]], str]]:
    """These pages as a browser is given them: the answer's number, its headers, its bytes."""
    pages = [await browser.get(path) for path in paths]
    headers = [sorted((k, v) for k, v in one.headers.items() if k not in ("set-cookie", "content-length")) for one in pages]
    return [(one.status_code, each, _OWN.sub("", one.text)) for one, each in zip(pages, headers, strict=True)]


def pages_of(building: Building, *more: str) -> list[str]:
    programme = f"/midlands/programme/{building.programme_id}"
    own = mine(building, building.person(99))
    return ["/midlands", programme, f"{programme}/calendar.ics", f"{own}/find", *more]


async def ask_with_each(building: Building, browser: httpx.AsyncClient, at: str, *more: str) -> None:
    """Ask there with each address: every answer is the same, and no page is another than before."""
    paths = pages_of(building, at, f"{at}/book", *more)
    before = await looked_at(browser, paths)
    answers = [await send(browser, f"{at}/book", TYPED | {"email": address}) for address in ADDRESSES]
    assert [(one.status_code, str(one.url), one.text) for one in answers] == [(200, str(answers[0].url), answers[0].text)] * 3
    assert await looked_at(browser, paths) == before


@pytest.mark.parametrize("left", [1, 2, 8])
async def test_the_pages_of_a_session_are_what_they_were(building: Building, browser: httpx.AsyncClient, left: int) -> None:
    session = building.session(places=left + 1)
    building.book(session, building.person(7))
    await ask_with_each(building, browser, f"/midlands/session/{session}")


async def test_the_pages_of_a_full_session_are_what_they_were(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(places=1)
    building.book(session, building.person(1))
    building.book(session, building.person(7))
    await ask_with_each(building, browser, f"/midlands/session/{session}")


async def test_the_pages_of_a_series_are_what_they_were(building: Building, browser: httpx.AsyncClient) -> None:
    run = run_of(building, places=2)
    run.book(building.person(7))
    await ask_with_each(building, browser, f"/midlands/series/{run.id}", *(f"/midlands/session/{part}" for part in run.parts))


async def test_close_to_the_start_the_next_address_is_answered_as_the_last(building: Building, browser: httpx.AsyncClient) -> None:
    """One place left, and nobody is put on the list any more: after a claimed address, and after one that takes the place."""
    session = building.session(places=2)
    building.book(session, building.person(7))
    building.now = START - building.rules.cutoff / 2
    form = f"/midlands/session/{session}/book"
    answers = [await send(browser, form, TYPED | {"email": address}) for address in ADDRESSES]
    assert [(one.status_code, one.text) for one in answers] == [(200, answers[0].text)] * 3


async def test_what_comes_after_the_share_of_the_unproven_is_answered_alike(building: Building, browser: httpx.AsyncClient) -> None:
    """Who types as many made-up addresses as may keep a place, but for one, would read of the next whether it took the last of them."""
    session = building.session(places=9)
    building.book(session, building.person(7))
    share = most_for_wishes(9, building.rules.unproven_share) or 0
    typed = [f"made-up-{number}@example.org" for number in range(share - 1)]
    form = f"/midlands/session/{session}/book"
    answers = [await send(browser, form, TYPED | {"email": address}) for address in (*typed, *ADDRESSES)]
    assert {one.text for one in answers} == {answers[0].text}


async def test_an_organiser_reads_how_many_are_but_kept(building: Building, browser: httpx.AsyncClient, olga: httpx.AsyncClient) -> None:
    session = building.session(places=9)
    building.book(session, building.person(7))
    await send(browser, f"/midlands/session/{session}/book", TYPED | {"email": ADDRESSES[1]})
    page, day = [await olga.get(f"/organise/{one}") for one in (f"session/{session}", f"programme/{building.programme_id}")]
    assert "2 of 9, 1 of them kept for people who have not confirmed yet" in page.text
    assert "2 of 9, 1 kept" in day.text
