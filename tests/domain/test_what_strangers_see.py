"""Who types an address on a page learns nothing from the counts: with a claim or without one, all that others see stays as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from domain.bookings import Came
from domain.browsing import find_sessions, session_page
from domain.choosing import series_to_book, session_to_book, what_to_book
from domain.errors import Closed
from domain.kinds import Format, Mode, Provider
from domain.models import BookingState
from domain.organisations import known_organisations
from domain.places import lapse_holds
from domain.postings import digest_of
from domain.programme_page import programme_page
from domain.queries import day_view
from domain.series.views import series_page
from domain.visiting import FilledIn, WishAnswer, ask, ask_series
from domain.week import Way, week
from tests.building import START, Building
from tests.series_building import DAYS, Run, run_of
from tests.visiting_building import press, prove_token

WAITS = BookingState.WAITLISTED
#: person 7 has a claim on what is asked for; nobody has the other address
CLAIMED, UNHEARD_OF = "person7@council.gov.uk", "made-up@example.org"
#: the account of somebody who looks around, and has a page of their own
ACCOUNT = 99


@dataclass
class Stranger:
    """Types what they like, and looks wherever they may."""

    building: Building
    person: int

    def types(self, session: int, address: str, mode: Mode | None = None, organisation: str = "Northfield Council") -> WishAnswer:
        b, typed = self.building, FilledIn("Somebody", address, mode, organisation=organisation)
        asked: WishAnswer = b.write(ask, b.partnership_id, session, typed, b.rules, now=b.now)
        return asked

    def types_for_all(self, run: Run, address: str) -> WishAnswer:
        b, typed = self.building, FilledIn("Somebody", address, organisation="Northfield Council")
        asked: WishAnswer = b.write(ask_series, b.partnership_id, run.id, typed, b.rules, now=b.now)
        return asked

    def sees(self, session: int, run: Run | None = None) -> list[Any]:
        """In chat, on the pages of everybody, and on the page of their own."""
        b, where = self.building, self.building.partnership_id
        day = b.read(day_view, where, b.programme_id, START.date())
        found = [digest_of(day), day, b.read(programme_page, where, b.programme_id), b.read(find_sessions, where, "", now=b.now)]
        found += [b.read(session_page, where, session, ACCOUNT, now=b.now), b.read(known_organisations, where, b.rules)]
        found += [b.read(what_to_book, where, self.person, b.rules, now=b.now)]
        if run is None:
            return [*found, b.read(session_to_book, where, session, self.person, b.rules, now=b.now)]
        own = b.read(series_to_book, where, run.id, self.person, b.rules, now=b.now)
        return [*found, own, b.read(series_page, where, run.id, ACCOUNT, now=b.now)]


@pytest.fixture
def stranger(building: Building) -> Stranger:
    return Stranger(building, building.person(ACCOUNT))


@pytest.mark.parametrize("places", [2, 3, 9])
@pytest.mark.parametrize("claim", ["a place", "on the list", "kept in chat"])
def test_with_a_claim_or_without_all_that_others_see_stays_as_it_was(
    building: Building, stranger: Stranger, claim: str, places: int
) -> None:
    """With one place left, with two, with many; and with none, where they wait."""
    session = building.session(places=places)
    for number in range(places if claim == "on the list" else 0):
        building.book(session, building.person(20 + number))
    known = building.newcomer(7) if claim == "kept in chat" else building.person(7)
    came = {"a place": Came.CONFIRMED, "on the list": Came.WAITLISTED, "kept in chat": Came.HELD}
    assert building.book(session, known).came is came[claim]
    before = stranger.sees(session)
    said = [stranger.types(session, address) for address in (CLAIMED, UNHEARD_OF, "second@example.org", UNHEARD_OF)]
    assert said == [said[0]] * 4
    assert stranger.sees(session) == before


def test_each_way_of_taking_part_tells_as_little(building: Building, stranger: Stranger) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=2, online_places=1)
    building.book(session, building.person(7), mode=Mode.ROOM)
    before = stranger.sees(session)
    said = [stranger.types(session, one, way) for one in (CLAIMED, UNHEARD_OF) for way in (Mode.ROOM, Mode.ONLINE)]
    assert said == [said[0]] * 4
    assert stranger.sees(session) == before


def test_a_series_tells_as_little(building: Building, stranger: Stranger) -> None:
    run = run_of(building, places=2)
    run.book(building.person(7))
    before = stranger.sees(run.parts[0], run)
    said = [stranger.types_for_all(run, address) for address in (CLAIMED, UNHEARD_OF, "second@example.org")]
    assert said == [said[0]] * 3
    assert stranger.sees(run.parts[0], run) == before


def test_who_has_one_part_alone_is_not_told_by_the_others(building: Building, stranger: Stranger) -> None:
    run = run_of(building, places=2)
    alone = building.session(title="Workshop 4", starts_at=DAYS[-1] + timedelta(days=7), places=1)
    building.book(alone, building.person(7))
    run.add(alone)
    before = stranger.sees(run.parts[0], run)
    assert stranger.types_for_all(run, CLAIMED) == stranger.types_for_all(run, UNHEARD_OF)
    assert stranger.sees(run.parts[0], run) == before


def test_close_to_the_start_the_form_is_open_to_the_next_as_long_as_a_place_is_seen(building: Building, stranger: Stranger) -> None:
    """Whoever typed the last place full would otherwise read it in the answer to the next address."""
    session = building.session(places=1)
    building.now = START - building.rules.cutoff / 2
    assert stranger.types(session, UNHEARD_OF) == stranger.types(session, "second@example.org")
    owner = prove_token(building)
    assert press(building, owner).over  # the place is kept for the first, for a while
    building.later(minutes=31)
    building.write(lapse_holds, building.rules, now=building.now)
    building.book(session, building.person(8))
    with pytest.raises(Closed, match="This session is full"):
        stranger.types(session, "third@example.org")


def test_close_to_the_start_a_series_is_as_open(building: Building, stranger: Stranger) -> None:
    run = run_of(building, places=1)
    building.now = DAYS[0] - building.rules.cutoff / 2
    assert stranger.types_for_all(run, UNHEARD_OF) == stranger.types_for_all(run, "second@example.org")
    assert press(building, prove_token(building)).over


def test_organisations_are_offered_by_those_who_showed_who_they_are(building: Building, stranger: Stranger) -> None:
    """Five addresses with one name: were one of them known, whose organisation stays, the name would not be there."""
    session, before = building.session(), stranger.sees(building.session())
    for number in range(5):
        stranger.types(session, f"made-up-{number}@example.org", organisation="A made-up name")
    assert building.read(known_organisations, building.partnership_id, building.rules) == before[5]


# ── what is decided, and what organisers see ────────────────────────────────────────────────────────────────


def test_what_is_kept_is_given_to_nobody_else(building: Building, stranger: Stranger) -> None:
    session = building.session(places=1)
    stranger.types(session, UNHEARD_OF)
    owner, late = prove_token(building), building.person(8)
    assert building.book(session, late).came is Came.WAITLISTED
    booked = press(building, owner).booked
    assert booked is not None
    assert (booked.came, building.booking(session, late).state) == (Came.CONFIRMED, WAITS)


def test_organisers_see_how_many_have_a_place_and_for_how_many_it_is_but_kept(building: Building, stranger: Stranger) -> None:
    session = building.session(places=9)
    building.book(session, building.person(7))
    building.book(session, building.newcomer(8))
    stranger.types(session, UNHEARD_OF)
    (glance,) = [
        one
        for day in building.read(week, building.partnership_id, building.programme_id, sees_private=True)
        for one in day.sessions
        if one.session_id == session
    ]
    assert (glance.taken, glance.ways) == (3, (Way(Mode.ROOM, 3, 9, kept=2),))
