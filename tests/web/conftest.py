"""What the pages are tried with: a partnership with a programme, its front, and a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from domain.kinds import Kind
from domain.limits import Unlimited
from domain.organisers import add_organiser
from domain.ports.letters import Letter
from integrations.certificates import CertificateFiles
from integrations.cpd_files import CpdFiles
from integrations.ical import CalendarFiles
from integrations.pictures import Charts
from integrations.report_page import body
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from tests.building import ACTOR, Building
from tests.visiting_building import LINK_KEY, post_office
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses
from web.surroundings import Place, Surroundings

ADDRESS = "http://testserver"


@pytest.fixture
def front(building: Building) -> Front:
    """The front of this partnership's pages, under `/midlands`; the present instant is the building's."""
    calendar = CalendarFiles("Midlands Teaching Partnership", "midlands@example.org")
    whose = Surroundings(
        building.partnership_id,
        "midlands",
        "Midlands Teaching Partnership",
        "Workforce team, 0121 496 0000",
        building.rules,
        calendar,
        sheets=CalamineSheetReader(),
        sheet_writer=XlsxWriter(),
        pictures=Charts(),
        report=body,
        certificates=CertificateFiles(),
        cpd=CpdFiles(),
    )
    return Front(
        building.store,
        [whose],
        Place(ADDRESS),
        LINK_KEY,
        clock=lambda: building.now,
        wake=lambda: None,
        guesses=Guesses(Unlimited(), LINK_KEY),
    )


def front_like(front: Front, **other: Any) -> Front:
    """The same front with something else about it."""
    known = {name: getattr(front, name) for name in ("store", "each", "place", "clock", "wake", "guesses")} | other
    return Front(known.pop("store"), known.pop("each"), known.pop("place"), LINK_KEY, **known)


@pytest.fixture
async def browser(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    """Follows redirects and keeps cookies, as browsers do."""
    transport = httpx.ASGITransport(make_app(front), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, follow_redirects=True) as client:
        yield client


def stamp(page: httpx.Response) -> str:
    """The hidden field of a page's forms."""
    found = re.search(r'name="stamp" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def accepted(page: httpx.Response) -> str:
    """What a page lets one accept of what clashes with one's other places."""
    (found,) = re.findall(r'name="clash" value="(\w*)"', page.text)
    return str(found)


async def send(browser: httpx.AsyncClient, path: str, typed: Mapping[str, str]) -> httpx.Response:
    """Fill in the form of this address, and send it."""
    return await browser.post(path, data={"stamp": stamp(await browser.get(path)), **typed})


# ── organisers ──────────────────────────────────────────────────────────────────────────────────────────────

OLGA = "olga@council.gov.uk"


def sign_in_letters(building: Building) -> list[Letter]:
    return [one for one in post_office(building) if one.kind is Kind.SIGN_IN]


async def asked_to_sign_in(browser: httpx.AsyncClient, address: str = OLGA) -> httpx.Response:
    form = await browser.get("/midlands/organise")
    return await browser.post("/midlands/organise", data={"stamp": stamp(form), "email": address})


async def press(browser: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """The button of the page at this address, with these fields; `button` where its form goes elsewhere."""
    page = await browser.get(path)
    to = fields.pop("button", path)
    return await browser.post(to, data={"stamp": stamp(page), **fields})


async def sign_in(building: Building, browser: httpx.AsyncClient) -> None:
    """Olga signs in with the letter that she is sent."""
    await asked_to_sign_in(browser)
    (letter,) = sign_in_letters(building)
    assert letter.links is not None
    await press(browser, f"/organise/sign-in/{letter.links.sign_in}")


@pytest.fixture
async def olga(building: Building, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Olga's browser, signed in. She organises the building's programme."""
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    await sign_in(building, browser)
    return browser
