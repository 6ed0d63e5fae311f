"""What the pages are tried with: a partnership with a programme, its front, and a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import httpx
import pytest

from domain.database import Store
from domain.kinds import Channel
from domain.letters import taking
from domain.letters.handing import hand_over_all
from domain.limits import Unlimited
from domain.links import LinkKey
from domain.ports.letters import Letter
from domain.rules import Rules
from integrations.ical import CalendarFiles
from tests.building import Building
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses
from web.surroundings import Place, Surroundings

KEY = LinkKey(b"a key for tests, of more than sixteen bytes")
ADDRESS = "http://testserver"


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    """A partnership with a published programme that holds one session without places."""
    made = Building(store, partnership_id, rules, now)
    made.programme()
    return made


@pytest.fixture
def front(building: Building) -> Front:
    """The front of this partnership's pages, under `/midlands`; the present instant is the building's."""
    calendar = CalendarFiles("Midlands Teaching Partnership", "midlands@example.org")
    whose = Surroundings(
        building.partnership_id, "midlands", "Midlands Teaching Partnership", "Workforce team, 0121 496 0000", building.rules, calendar
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


def post_office(building: Building) -> Sequence[Letter]:
    """The e-mails that are due now, with their links, as they leave; each is marked as sent."""
    taken = building.write(taking.take, "post", Channel.EMAIL, building.rules, now=building.now, limit=100, links=KEY)
    letters = [*taken.letters, *building.write(hand_over_all, taken.claimed, "post", building.rules, now=building.now, links=KEY)]
    for letter in letters:
        building.sent(letter.notice_id)
    return letters
