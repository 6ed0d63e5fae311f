"""A wish is made one's own by the mail's link or by a yes on one's own page: by either door it comes to the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.bookings import Came
from domain.errors import Closed
from domain.kinds import Format, Kind, Mode
from domain.models import BookingState, Hold, Person
from domain.places import lapse_holds
from domain.proving import prove_by_link
from domain.saying_yes import Said, say_yes
from domain.visiting import FilledIn, ask, ask_series
from integrations.letters import word
from tests.another_writer import another_writes_before_the_lock
from tests.building import START, Building, rows
from tests.mail_building import VOICE
from tests.series_building import DAYS, Run, run_of
from tests.visiting_building import post_office, press, prove_token, wish, wish_series

CONFIRMED, HELD, WAITS, ENDED = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED, BookingState.CANCELLED
either_door = pytest.mark.parametrize("door", ["link", "own page"])
single_or_series = pytest.mark.parametrize("whole", [False, True])


def own(building: Building, token: str, door: str, session: int, known: int, *, accept_clash: bool = False) -> bool:
    """Make the wish theirs; whether it came to something."""
    if door == "link":
        return not press(building, token).over
    about = building.partnership_id, session, known, building.rules
    said: Said = building.write(say_yes, *about, now=building.now, accept_clash=accept_clash)
    return said is Said.ACCEPTED


def unheard_of(building: Building) -> FilledIn:
    """What somebody types whom nobody knows."""
    return FilledIn("Somebody", f"made-up-{len(building.read(rows, Person))}@example.org", organisation="Northfield Council")


def made_up(building: Building, session: int) -> str:
    """Somebody unheard of asks on a page: it keeps a place, or waits beyond the share of wishes; the mail's token."""
    building.write(ask, building.partnership_id, session, unheard_of(building), building.rules, now=building.now)
    return prove_token(building)


def made_up_series(building: Building, run: Run) -> bool:
    """The same for a series; whether the page says that they wait."""
    waits: bool = building.write(ask_series, building.partnership_id, run.id, unheard_of(building), building.rules, now=building.now).waits
    return waits


# ── close to the start ──────────────────────────────────────────────────────────────────────────────────────


@either_door
def test_close_to_the_start_a_free_place_is_theirs(building: Building, door: str) -> None:
    known, session = building.person(7), building.session(places=2)
    building.now = START - building.rules.cutoff / 2
    made_up(building, session)
    token = wish(building, session, 7)
    assert building.booking(session, known).state is WAITS
    assert own(building, token, door, session, known)
    assert building.booking(session, known).state is CONFIRMED


@either_door
def test_close_to_the_start_a_free_series_is_theirs(building: Building, door: str) -> None:
    known, run = building.person(7), run_of(building, places=2)
    building.now = DAYS[0] - building.rules.cutoff / 2
    made_up_series(building, run)
    token = wish_series(building, run.id, 7)
    assert own(building, token, door, run.parts[0], known)
    assert run.states(known) == [CONFIRMED] * 4


@either_door
def test_a_series_that_is_free_close_to_the_start_is_theirs_in_the_ways_that_they_chose(building: Building, door: str) -> None:
    """The first part is in a room, and only the next has a choice."""
    known, run = building.person(7), run_of(building, places=2)
    last = building.session(
        title="Workshop 4", starts_at=DAYS[-1] + timedelta(days=7), format=Format.HYBRID, venue="Hall", places=2, online_places=5
    )
    run.add(last)
    building.now = DAYS[0] - building.rules.cutoff / 2
    made_up_series(building, run)
    online = FilledIn("Somebody", "person7@council.gov.uk", Mode.ONLINE, organisation="Northfield Council")
    building.write(ask_series, building.partnership_id, run.id, online, building.rules, now=building.now)
    assert own(building, prove_token(building), door, run.parts[0], known)
    assert [building.booking(part, known).mode for part in (*run.parts, last)] == [Mode.ROOM] * 3 + [Mode.ONLINE]


@either_door
def test_close_to_the_start_nobody_comes_on_a_list_that_moves_no_more(building: Building, door: str) -> None:
    known, session = building.person(7), building.session(places=2)
    building.now = START - building.rules.cutoff / 2
    made_up(building, session)
    token = wish(building, session, 7)
    building.book(session, building.person(1))
    post_office(building)
    assert not own(building, token, door, session, known)
    mine = building.booking(session, known)
    assert (mine.state, mine.wished, [one.kind for one in post_office(building)]) == (ENDED, False, [])


@either_door
def test_close_to_the_start_nobody_waits_for_a_series_that_is_full(building: Building, door: str) -> None:
    known, run = building.person(7), run_of(building, places=2)
    building.now = DAYS[0] - building.rules.cutoff / 2
    made_up_series(building, run)
    token = wish_series(building, run.id, 7)
    run.book(building.person(1))
    assert not own(building, token, door, run.parts[0], known)
    assert (run.states(known), run.whole(known).wished) == ([ENDED] * 4, False)


def test_who_waited_by_themselves_waits_on_when_an_old_link_is_pressed_late(building: Building) -> None:
    known, session = building.person(7), building.session(places=1)
    building.book(session, building.person(1))
    building.now = START - timedelta(hours=4)
    token = wish(building, session, 7)
    building.book(session, known)
    building.now = START - building.rules.cutoff / 2
    assert not press(building, token).over
    assert building.booking(session, known).state is WAITS


@single_or_series
def test_who_waited_by_themselves_waits_on_when_they_are_one_with_who_asked_on_a_page(building: Building, whole: bool) -> None:
    run, has = run_of(building, places=1), building.person(1)
    session, start = (run.parts[0], DAYS[0]) if whole else (building.session(places=1), START)
    _ = run.book(has) if whole else building.book(session, has)
    building.now = start - timedelta(hours=4)
    token = wish_series(building, run.id, 7) if whole else wish(building, session, 7)
    known = building.person(7)  # proves the address meanwhile in chat
    _ = run.book(known) if whole else building.book(session, known)
    building.now = start - building.rules.cutoff / 2
    assert not press(building, token).over
    assert building.booking(session, known).state is WAITS


def test_what_was_kept_no_longer_and_is_full_by_then_is_said_to_be_over(building: Building) -> None:
    session = building.session(places=1)
    building.now = START - timedelta(minutes=100)
    token = made_up(building, session)
    building.later(minutes=31)
    building.write(lapse_holds, building.rules, now=building.now)
    building.book(session, building.person(1))
    building.now = START - building.rules.cutoff / 2
    assert [press(building, token).over for _ in range(2)] == [True, False]  # the second time nothing is asked for


# ── what another process does meanwhile ─────────────────────────────────────────────────────────────────────


def test_a_yes_to_an_offer_that_was_given_back_meanwhile_takes_no_place(building: Building) -> None:
    session, known, after = building.session(places=1), building.person(7), building.person(8)
    has = building.person(1)
    for one in (has, known, after):
        building.book(session, one)
    building.book(building.session(title="Elsewhere"), known)
    building.cancel(session, has)
    assert building.booking(session, known).hold is Hold.OFFER
    other = another_writes_before_the_lock(building, lambda: building.cancel(session, known))
    with other as db, pytest.raises(Closed, match="no longer"):
        say_yes(db, building.partnership_id, session, known, building.rules, now=building.now)
    assert [building.booking(session, one).state for one in (known, after)] == [ENDED, CONFIRMED]


def test_a_wish_that_lapsed_meanwhile_is_asked_for_again_by_its_link(building: Building) -> None:
    session, known, after = building.session(places=1), building.person(7), building.person(8)
    token = wish(building, session, 7)
    building.book(session, after)
    now = building.now

    def lapse() -> None:
        building.write(lapse_holds, building.rules, now=now + building.rules.hold)

    with another_writes_before_the_lock(building, lapse, of="session") as db:
        prove_by_link(db, (building.partnership_id,), token, {building.partnership_id: building.rules}, now=now)
    assert [building.booking(session, one).state for one in (known, after)] == [WAITS, CONFIRMED]


# ── clashes ─────────────────────────────────────────────────────────────────────────────────────────────────


@either_door
@single_or_series
def test_a_clash_that_nobody_was_asked_about_is_offered_not_given(building: Building, door: str, whole: bool) -> None:
    known, has = building.person(7), building.person(1)
    run = run_of(building, places=1)
    session = run.parts[0] if whole else building.session(places=1)
    _ = run.book(has) if whole else building.book(session, has)
    token = wish_series(building, run.id, 7) if whole else wish(building, session, 7)
    assert own(building, token, door, session, known)
    building.book(building.session(title="Elsewhere", starts_at=DAYS[0] if whole else START, minutes=180), known)
    _ = run.cancel(has) if whole else building.cancel(session, has)
    mine = building.booking(session, known)
    assert (mine.state, mine.hold, mine.clash_accepted) == (HELD, Hold.OFFER, False)


@either_door
@single_or_series
def test_a_clash_that_they_saw_and_accepted_stays_accepted(building: Building, door: str, whole: bool) -> None:
    known, has = building.person(7), building.person(1)
    run = run_of(building, places=1)
    session = run.parts[0] if whole else building.session(places=1)
    _ = run.book(has) if whole else building.book(session, has)
    building.book(building.session(title="Elsewhere", starts_at=DAYS[0] if whole else START, minutes=180), known)
    token = wish_series(building, run.id, 7) if whole else wish(building, session, 7)
    if door == "link":
        rules = {building.partnership_id: building.rules}
        building.write(prove_by_link, (building.partnership_id,), token, rules, now=building.now, accept_clash=True)
    else:
        own(building, token, door, session, known, accept_clash=True)
    _ = run.cancel(has) if whole else building.cancel(session, has)
    mine = building.booking(session, known)
    assert (mine.state, mine.clash_accepted) == (CONFIRMED, True)


def test_an_old_link_takes_no_place_that_is_offered_beside_another(building: Building) -> None:
    """They waited, booked something else, and the offer asks them: the first mail's button says nothing of that."""
    known, has, session = building.person(7), building.person(1), building.session(places=1)
    building.book(session, has)
    token = wish(building, session, 7)
    press(building, token)
    building.book(building.session(title="Elsewhere"), known)
    building.cancel(session, has)
    press(building, token)
    assert building.booking(session, known).state is HELD


def begins_with_theirs(building: Building, known: int, *, places: int) -> Run:
    """A run whose first part is known's already, booked before it became one."""
    first = building.session(title="Workshop 0", starts_at=DAYS[0] - timedelta(days=2))
    building.book(first, known)
    run = run_of(building, places=places)
    run.add(first)
    run.parts.insert(0, first)
    return run


def test_an_old_link_takes_no_series_that_is_offered_though_its_first_part_is_theirs(building: Building) -> None:
    known, has = building.person(7), building.person(1)
    run = begins_with_theirs(building, known, places=1)
    run.book(has)
    token = wish_series(building, run.id, 7)
    press(building, token)
    building.book(building.session(title="Elsewhere", starts_at=DAYS[1], minutes=180), known)
    run.cancel(has)
    press(building, token)
    assert (run.states(known), run.whole(known).hold) == ([HELD, CONFIRMED, HELD, HELD, HELD], Hold.OFFER)


@pytest.mark.parametrize("free", [True, False])
def test_close_to_the_start_a_series_is_decided_as_a_whole_though_its_first_part_is_theirs(building: Building, free: bool) -> None:
    known = building.person(7)
    run = begins_with_theirs(building, known, places=2)
    building.now = DAYS[0] - timedelta(days=2) - building.rules.cutoff / 2
    made_up_series(building, run)
    token = wish_series(building, run.id, 7)
    if not free:
        building.change(run.parts[2], places=1)
    assert press(building, token).over is not free
    assert run.states(known) == ([CONFIRMED] * 5 if free else [ENDED, CONFIRMED, ENDED, ENDED, ENDED])


# ── letters ─────────────────────────────────────────────────────────────────────────────────────────────────


@either_door
@single_or_series
def test_who_is_first_to_say_yes_is_invited_not_told_that_they_waited(building: Building, door: str, whole: bool) -> None:
    known, run = building.person(7), run_of(building, places=2)
    session = run.parts[0] if whole else building.session(places=2)
    _ = made_up_series(building, run) if whole else made_up(building, session)
    token = wish_series(building, run.id, 7) if whole else wish(building, session, 7)
    post_office(building)
    assert own(building, token, door, session, known)
    letters = post_office(building)
    assert [one.kind for one in letters] == [Kind.INVITATION] * (3 if whole else 1)
    assert "waiting list" not in word(letters[0], VOICE).text


def test_who_has_said_yes_and_waits_is_told_of_the_free_place_like_anybody_who_waited(building: Building) -> None:
    session, known, waits = building.session(places=1), building.person(7), building.person(8)
    building.book(session, building.person(1))
    token = wish(building, session, 7)
    assert building.book(session, waits).came is Came.WAITLISTED
    assert press(building, token).over is False
    building.change(session, places=3)
    kinds = {one.person_id: one.kind for one in post_office(building) if one.person_id in (known, waits)}
    assert kinds == {known: Kind.PROMOTION, waits: Kind.PROMOTION}


# ── what the page says ──────────────────────────────────────────────────────────────────────────────────────


def test_waiting_is_said_of_a_series_that_is_seen_to_be_full_not_of_one_that_wishes_fill(building: Building) -> None:
    run = run_of(building, places=1)
    assert [made_up_series(building, run) for _ in range(2)] == [False, False]
    building.write(lapse_holds, building.rules, now=building.now + timedelta(minutes=31))
    run.book(building.person(7))
    assert made_up_series(building, run) is True


# ── kept no longer, and not ended by the clock yet ──────────────────────────────────────────────────────────


def test_a_place_that_is_kept_no_longer_is_looked_for_again_though_the_clock_has_not_ended_it(building: Building) -> None:
    session = building.session(places=5)
    token = wish(building, session, 7)
    building.now += building.rules.hold + timedelta(seconds=1)
    person = press(building, token).person_id
    building.write(lapse_holds, building.rules, now=building.now)
    assert building.booking(session, person).state is CONFIRMED  # the page promised: "we will look for a place again"


def test_a_series_that_is_kept_no_longer_is_looked_for_again_as_well(building: Building) -> None:
    run = run_of(building)
    token = wish_series(building, run.id, 7)
    building.now += building.rules.hold + timedelta(seconds=1)
    person = press(building, token).person_id
    building.write(lapse_holds, building.rules, now=building.now)
    assert run.states(person) == [CONFIRMED] * 4


@single_or_series
def test_who_waited_while_it_was_kept_has_it_before_who_comes_too_late(building: Building, whole: bool) -> None:
    run, waits = run_of(building, places=1), building.person(8)
    session = run.parts[0] if whole else building.session(places=1)
    token = wish_series(building, run.id, 7) if whole else wish(building, session, 7)
    _ = run.book(waits) if whole else building.book(session, waits)
    building.now += building.rules.hold + timedelta(seconds=1)
    late = press(building, token).person_id
    assert [building.booking(session, one).state for one in (waits, late)] == [CONFIRMED, WAITS]
    assert [one.kind for one in post_office(building) if one.kind is Kind.LAPSED] == []
