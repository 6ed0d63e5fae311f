"""What is typed on pages and not proven keeps but a share of a session's places: made-up addresses keep nobody out."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from domain.bookings import Came
from domain.database import Db
from domain.kinds import Format, Mode, Provider
from domain.models import Booking, BookingState
from domain.places import find_session, lapse_holds
from domain.queries import session_view
from domain.visiting import FilledIn, WishAnswer, ask, ask_series
from domain.wishes import most_for_wishes
from tests.building import START, Building, rows
from tests.series_building import run_of
from tests.visiting_building import press, prove_token, wish

CONFIRMED, HELD, WAITS = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED


def made_up(building: Building, session: int, number: int, mode: Mode | None = None) -> str:
    """Ask with an address that nobody has; the token of the mail that nobody reads. The page hears the same each time."""
    asked = building.write(
        ask,
        building.partnership_id,
        session,
        FilledIn("Somebody", f"made-up-{number}@example.org", mode, organisation="Northfield Council"),
        building.rules,
        now=building.now,
    )
    assert asked == WishAnswer(session, building.rules.hold)
    return prove_token(building)


def kept(building: Building, session: int) -> list[bool]:
    """Of each wish for it, in the order of asking, whether a place is kept for it."""
    return [one.state is HELD for one in building.read(rows, Booking, Booking.session_id == session, col(Booking.wished).is_(True))]


def free(building: Building, session: int) -> list[int | None]:
    """The places that everybody sees as free, by way."""

    def read(db: Db) -> list[int | None]:
        return [one.free for one in session_view(db, find_session(db, building.partnership_id, session)).places]

    found: list[int | None] = building.read(read)
    return found


@pytest.mark.parametrize(("places", "most"), [(None, None), (0, 1), (1, 1), (4, 1), (5, 2), (30, 8), (500, 125)])
def test_a_quarter_of_the_places_is_kept_and_at_least_one(places: int | None, most: int | None) -> None:
    assert most_for_wishes(places, 0.25) == most


def test_thirty_made_up_addresses_keep_nobody_out_of_thirty_places(building: Building) -> None:
    session = building.session(places=30)
    for number in range(30):
        made_up(building, session, number)
    assert kept(building, session) == [True] * 8 + [False] * 22
    assert free(building, session) == [30]
    people = [building.person(number) for number in range(1, 24)]
    came = [building.book(session, person).came for person in people]
    assert came == [Came.CONFIRMED] * 22 + [Came.WAITLISTED]
    building.later(minutes=31)
    building.write(lapse_holds, building.rules, now=building.now)
    assert building.booking(session, people[-1]).state is CONFIRMED  # and what was kept goes to who waits
    assert free(building, session) == [7]


def test_who_proves_first_has_a_place_that_was_not_kept(building: Building) -> None:
    session = building.session(places=2)
    first, second, third = (made_up(building, session, number) for number in (1, 2, 3))
    assert kept(building, session) == [True, False, False]
    came = [press(building, token).booked for token in (third, second, first)]
    assert [one.came for one in came if one is not None] == [Came.CONFIRMED, Came.WAITLISTED, Came.CONFIRMED]


def test_who_asked_earlier_stays_earlier_in_the_line(building: Building) -> None:
    session = building.session(places=1)
    has_one, early, late = (made_up(building, session, number) for number in (1, 2, 3))
    press(building, has_one)
    waits = [press(building, token) for token in (late, early)]
    has = building.read(_confirmed, session)
    building.cancel(session, has)
    assert [building.booking(session, one.person_id).state for one in waits] == [WAITS, CONFIRMED]


def _confirmed(db: Db, session: int) -> int:
    return db.exec(select(Booking.person_id).where(col(Booking.session_id) == session, col(Booking.state) == CONFIRMED)).one()


def test_who_types_the_same_again_takes_no_more_and_loses_nothing(building: Building) -> None:
    session, known = building.session(places=2), building.person(7)
    for _ in range(2):
        wish(building, session, 7)
        assert (building.booking(session, known).state, kept(building, session)) == (HELD, [True])


def test_a_place_kept_in_chat_for_six_digits_is_no_part_of_the_share(building: Building) -> None:
    session = building.session(places=2)
    assert building.book(session, building.newcomer(5)).came is Came.HELD
    made_up(building, session, 1)
    assert (kept(building, session), free(building, session)) == ([True], [1])


def test_one_without_a_limit_keeps_every_place(building: Building) -> None:
    session = building.session(places=None)
    for number in (1, 2, 3):
        made_up(building, session, number)
    assert kept(building, session) == [True] * 3


def test_each_way_of_taking_part_has_its_own_share(building: Building) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=4, online_places=4)
    for number, mode in enumerate((Mode.ROOM, Mode.ROOM, Mode.ONLINE)):
        made_up(building, session, number, mode)
    assert (kept(building, session), free(building, session)) == ([True, False, True], [4, 4])


def test_a_series_is_kept_for_a_share_too_and_is_theirs_when_they_prove(building: Building) -> None:
    run = run_of(building, places=4)
    tokens = []
    for number in (1, 2, 3):
        typed = FilledIn("Somebody", f"made-up-{number}@example.org", organisation="Northfield Council")
        building.write(ask_series, building.partnership_id, run.id, typed, building.rules, now=building.now)
        tokens.append(prove_token(building))
    assert [kept(building, part) for part in run.parts] == [[True, False, False]] * 3
    last = press(building, tokens[-1]).person_id
    assert run.states(last) == [CONFIRMED] * 4


def test_close_to_the_start_too_who_proves_has_a_free_place(building: Building) -> None:
    session = building.session(places=2)
    building.now = START - building.rules.cutoff / 2
    made_up(building, session, 1)
    token = made_up(building, session, 2)
    booked = press(building, token).booked
    assert booked is not None
    assert booked.came is Came.CONFIRMED
