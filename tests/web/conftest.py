"""What the pages are tried with: a partnership with a programme, its front, and a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from domain.kinds import Channel, Kind
from domain.letters import taking
from domain.letters.handing import hand_over_all
from domain.limits import Unlimited
from domain.links import LinkKey
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
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses
from web.surroundings import Place, Surroundings

KEY = LinkKey(b"a key for tests, of more than sixteen bytes")
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
        KEY,
        clock=lambda: building.now,
        wake=lambda: None,
        guesses=Guesses(Unlimited(), KEY),
    )


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


async def send(browser: httpx.AsyncClient, path: str, typed: Mapping[str, str]) -> httpx.Response:
    """Fill in the form of this address, and send it."""
    return await browser.post(path, data={"stamp": stamp(await browser.get(path)), **typed})


def post_office(building: Building) -> Sequence[Letter]:
    """The e-mails that are due now, with their links, as they leave; each is marked as sent."""
    taken = building.write(taking.take, "post", Channel.EMAIL, building.rules, now=building.now, limit=100, links=KEY)
    letters = [*taken.letters, *building.write(hand_over_all, taken.claimed, "post", building.rules, now=building.now, links=KEY)]
    for letter in letters:
        building.sent(letter.notice_id)
    return letters


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


@pytest.fixture
async def olga(building: Building, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Olga's browser, signed in. She organises the building's programme."""
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    await asked_to_sign_in(browser)
    (letter,) = sign_in_letters(building)
    assert letter.links is not None
    await press(browser, f"/organise/sign-in/{letter.links.sign_in}")
    return browser
