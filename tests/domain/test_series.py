"""A series is booked, waited for, promoted and cancelled as one, on a real database file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import places, reminders
from domain.agenda import next_due
from domain.capacity import mark_of
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.kinds import Channel, Format, Kind, Mode
from domain.ledger import marks
from domain.models import Booking, BookingState, Hold, Notice, Privacy, ProgrammeKind, Series, SeriesBooking, Session
from domain.programmes import NewProgramme, create, publish
from domain.series import parts as series_parts
from domain.series.booking import SeriesBooked, SeriesCancelled
from domain.series.runs import course_of
from domain.timekeeping import keep_time
from domain.times import to_wall
from tests.building import ACTOR, Building, rows
from tests.series_building import DAYS, run_of

HELD, CONFIRMED, WAITING, CANCELLED = BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


def parts(building: Building, series_id: int) -> list[tuple[int | None, int | None]]:
    return [(one.series_part, one.id) for one in building.read(rows, Session, Session.series_id == series_id)]


# ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────


def test_booking_the_whole_confirms_every_part_with_an_invitation_of_its_own(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    assert run.book(ann) == SeriesBooked(run.id, "Practitioner teachers 2027", CONFIRMED, tuple(run.parts))
    assert run.states(ann) == [CONFIRMED, CONFIRMED, CONFIRMED, CONFIRMED]
    letters = building.deliver()
    assert [(one.kind, one.session.title, one.calendar.sequence) for one in letters if one.session and one.calendar] == [
        (Kind.INVITATION, f"Workshop {number}", 1) for number in (1, 2, 3)
    ]
    assert run.book(ann).already
    assert building.owed() == []


def test_the_hour_is_the_same_on_the_wall_either_side_of_the_clock_change(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    hours = [f"{to_wall(one.session.starts_at, one.session.zone):%H:%M %Z}" for one in building.deliver() if one.session]
    assert hours == ["09:30 GMT", "09:30 BST", "09:30 BST"]
    reminded = []
    for day in DAYS:  # and each part reminds by itself, the same wall time the day before
        building.now = day - timedelta(hours=24)
        building.write(reminders.owe_reminders, building.rules, now=building.now)
        reminded += [one.session.title for one in building.deliver() if one.session]
    assert reminded == ["Workshop 1", "Workshop 2", "Workshop 3"]


def test_one_full_part_makes_the_whole_wait(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2)
    building.change(run.parts[0], places=5)
    building.change(run.parts[2], places=5)
    run.book(ann)
    assert run.book(bob) == SeriesBooked(run.id, "Practitioner teachers 2027", WAITING, tuple(run.parts), position=1)
    assert run.states(bob) == [WAITING] * 4
    building.deliver()
    assert run.cancel(ann) == SeriesCancelled(run.id, "Practitioner teachers 2027", CONFIRMED, invited=True)
    assert (run.states(ann), run.states(bob)) == ([CANCELLED] * 4, [CONFIRMED] * 4)
    sent = [(one.recipient.name, one.kind, one.session.title) for one in building.deliver() if one.session]
    assert sent == [
        *(("Person 2", Kind.PROMOTION, f"Workshop {number}") for number in (1, 2, 3)),
        *(("Person 1", Kind.CANCELLATION, f"Workshop {number}") for number in (1, 2, 3)),
    ]
    assert run.cancel(ann).already


def test_places_come_free_only_when_there_is_one_on_every_part(building: Building) -> None:
    run, ann, bob, cat = run_of(building, places=1), building.person(1), building.person(2), building.person(3)
    run.book(ann)
    run.book(bob)
    run.book(cat)
    building.change(run.parts[0], places=2)
    building.change(run.parts[1], places=3)
    assert run.states(bob) == [WAITING] * 4
    building.change(run.parts[2], places=3)
    assert (run.states(bob), run.states(cat)) == ([CONFIRMED] * 4, [WAITING] * 4)
    assert run.book(cat).position == 1


def test_booking_again_goes_to_the_end_of_the_line_and_reuses_the_rows(building: Building) -> None:
    run, ann, bob, cat = run_of(building, places=1), building.person(1), building.person(2), building.person(3)
    for person in (ann, bob, cat):
        run.book(person)
    run.cancel(bob)
    assert run.book(bob).position == 2
    assert len(building.read(rows, SeriesBooking)) == 3
    assert len(building.read(rows, Booking)) == 9


def test_a_part_is_neither_booked_nor_cancelled_alone(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    said = "This is part 2 of 3 of Practitioner teachers 2027. The parts belong together."
    with pytest.raises(Refusal) as refused:
        building.book(run.parts[1], ann)
    assert str(refused.value) == f"{said} Book the whole series: press Book all parts, or use /series browse."
    run.book(ann)
    with pytest.raises(Refusal) as refused:
        building.cancel(run.parts[1], ann)
    assert str(refused.value).startswith(f"{said} You can cancel the whole series: press Cancel all parts, or use /my series.")
    assert run.states(ann) == [CONFIRMED] * 4


def test_a_clash_with_any_part_is_shown_and_accepted_for_all(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    other = building.session(title="Court skills", starts_at=DAYS[1])
    building.book(other, ann)
    shown = run.book(ann)
    assert (shown.state, [clash.title for clash in shown.clashes]) == (None, ["Court skills"])
    assert building.read(rows, SeriesBooking) == []
    assert run.book(ann, accept_clash=True).state is CONFIRMED


def test_an_offer_is_one_and_is_taken_as_one(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2)
    run.book(ann)
    run.book(bob)
    building.book(building.session(title="Court skills", starts_at=DAYS[2]), bob)
    building.deliver()
    run.cancel(ann)
    assert run.states(bob) == [HELD] * 4
    offers = [one for one in building.deliver() if one.kind is Kind.OFFER]
    assert [(one.session.title, one.until) for one in offers if one.session] == [("Workshop 1", building.now + building.rules.offer)]
    asked = run.book(bob)
    assert (asked.state, [clash.title for clash in asked.clashes]) == (None, ["Court skills"])
    assert run.book(bob, accept_clash=mark_of(asked.clashes)).state is CONFIRMED
    assert run.states(bob) == [CONFIRMED] * 4


def test_an_offer_that_is_not_taken_goes_on_as_one(building: Building) -> None:
    run, ann, bob, cat = run_of(building, places=1), building.person(1), building.person(2), building.person(3)
    for person in (ann, bob, cat):
        run.book(person)
    building.book(building.session(title="Court skills", starts_at=DAYS[2]), bob)
    run.cancel(ann)
    building.later(hours=13)
    building.write(places.lapse_holds, building.rules, now=building.now)
    assert (run.states(bob), run.states(cat)) == ([CANCELLED] * 4, [CONFIRMED] * 4)
    lapsed = [one.key for one in building.read(rows, Notice, Notice.kind == Kind.LAPSED)]
    assert lapsed == [f"lapsed:series:{run.whole(bob).id}:2:email"]


def test_a_newcomer_holds_every_part_until_the_address_is_proven(building: Building) -> None:
    run, eve = run_of(building, places=1), building.newcomer(9)
    held = run.book(eve)
    assert (held.state, held.held_until) == (HELD, building.now + building.rules.hold)
    assert run.states(eve) == [HELD] * 4
    assert run.book(building.person(1)).state is WAITING
    building.deliver()
    assert building.prove(9).confirmed == tuple(run.parts)
    assert run.states(eve) == [CONFIRMED] * 4


def test_a_hold_that_is_not_proven_lapses_on_every_part_and_goes_on(building: Building) -> None:
    run, eve, ann = run_of(building, places=1), building.newcomer(9), building.person(1)
    run.book(eve)
    run.book(ann)
    building.later(minutes=31)
    building.write(places.lapse_holds, building.rules, now=building.now)
    assert (run.states(eve), run.states(ann)) == ([CANCELLED] * 4, [CONFIRMED] * 4)
    assert run.whole(eve).hold is None


def test_nobody_unproven_is_promoted_and_proving_takes_a_free_whole(building: Building) -> None:
    run, ann, eve = run_of(building, places=1), building.person(1), building.newcomer(9)
    run.book(ann)
    run.book(eve)
    run.cancel(ann)
    assert run.states(eve) == [WAITING] * 4
    building.deliver()
    building.prove(9)
    assert run.states(eve) == [CONFIRMED] * 4


def test_after_the_first_workshop_the_rest_can_still_be_booked(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    building.now = DAYS[0] + timedelta(hours=1)
    assert run.book(ann).parts == tuple(run.parts[1:])
    assert run.states(ann) == [CONFIRMED, None, CONFIRMED, CONFIRMED]
    building.now = DAYS[2] + timedelta(hours=1)
    with pytest.raises(Closed):
        run.book(building.person(2))
    with pytest.raises(Closed):
        run.cancel(ann)


def test_cancelling_in_the_middle_leaves_what_has_begun(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    building.now = DAYS[0] + timedelta(hours=1)
    run.cancel(ann)
    assert run.states(ann) == [CANCELLED, CONFIRMED, CANCELLED, CANCELLED]


def test_the_waiting_list_follows_the_first_part_still_to_come(building: Building) -> None:
    run, ann, bob, cat = run_of(building, places=1), building.person(1), building.person(2), building.person(3)
    run.book(ann)
    run.book(bob)
    building.now = DAYS[0] - timedelta(hours=1)
    with pytest.raises(Closed):
        run.book(cat)
    run.cancel(ann)
    assert run.states(bob) == [WAITING] * 4
    assert run.book(bob).state is CONFIRMED  # but a free place is first come, first served


def test_a_hybrid_part_asks_how_and_waits_for_that_way(building: Building) -> None:
    run = run_of(building)
    building.change(run.parts[1], format=Format.HYBRID, places=1, online_places=1)
    ann, bob, cat = building.person(1), building.person(2), building.person(3)
    assert [run.book(who, mode=mode).state for who, mode in ((ann, Mode.ROOM), (bob, Mode.ROOM), (cat, Mode.ONLINE))] == [
        CONFIRMED, WAITING, CONFIRMED,
    ]  # fmt: skip
    assert [building.booking(part, bob).mode for part in run.parts] == [Mode.ROOM, Mode.ROOM, Mode.ROOM]
    run.cancel(cat)
    assert run.states(bob) == [WAITING] * 4
    run.cancel(ann)
    assert run.states(bob) == [CONFIRMED] * 4


# ── organisers ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cancelled_day_that_is_replaced_does_not_break_the_series(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2)
    run.book(ann)
    run.book(bob)
    building.deliver()
    building.call_off(run.parts[1], "Snow")
    assert run.states(ann) == [CONFIRMED, CONFIRMED, CANCELLED, CONFIRMED]
    new = building.session(title="Workshop 2 again", starts_at=DAYS[1] + timedelta(days=7), places=1)
    assert run.replace(run.parts[1], new) == 2
    run.parts[1] = new
    assert (run.states(ann), run.states(bob)) == ([CONFIRMED] * 4, [WAITING] * 4)
    sent = [(one.kind, one.session.title, one.reason) for one in building.deliver() if one.session and one.recipient.name == "Person 1"]
    assert sent == [(Kind.CANCELLATION, "Workshop 2", "Snow"), (Kind.INVITATION, "Workshop 2 again", "")]
    run.cancel(ann)
    assert run.states(bob) == [CONFIRMED] * 4
    assert sorted(number for number, _ in parts(building, run.id) if number) == [1, 2, 2, 3]


def test_a_replacement_with_too_few_places_is_refused_and_changes_nothing(building: Building) -> None:
    run = run_of(building)
    for number in (1, 2, 3):
        run.book(building.person(number))
    building.call_off(run.parts[1])
    new = building.session(title="Small room", starts_at=DAYS[1] + timedelta(days=7), places=2)
    with pytest.raises(BadInput) as refused:
        run.replace(run.parts[1], new)
    assert str(refused.value) == "3 people have a place in this series, and this session has fewer places. Give it more places first."
    assert [one.series_id for one in building.read(rows, Session, Session.id == new)] == [None]
    assert building.read(rows, Booking, Booking.session_id == new) == []


@pytest.mark.parametrize("what", ["live", "replaced", "alone"])
def test_only_a_cancelled_part_without_a_new_day_is_replaced(building: Building, what: str) -> None:
    run = run_of(building)
    new, other = (building.session(starts_at=DAYS[1] + timedelta(days=days)) for days in (7, 8))
    if what == "replaced":
        building.call_off(run.parts[1])
        run.replace(run.parts[1], new)
    with pytest.raises(BadInput):
        run.replace(other if what == "alone" else run.parts[1], other if what != "alone" else new)


def test_the_parts_of_a_series_may_be_in_several_programmes_and_follow_when_published(building: Building) -> None:
    run, ann = run_of(building, days=DAYS[:2], places=1), building.person(1)
    new = NewProgramme("Summer", ProgrammeKind.PRACTITIONER_TEACHER, DAYS[2].date(), DAYS[2].date())
    summer = building.write(create, building.partnership_id, new, actor=ACTOR, now=building.now).id
    building.programme_id = summer
    third = building.session(title="Workshop 3", starts_at=DAYS[2], places=1)
    assert run.add(third) == 3
    run.parts.append(third)
    run.book(ann)
    assert run.states(ann) == [CONFIRMED, CONFIRMED, CONFIRMED, None]
    building.deliver()
    building.write(publish, building.partnership_id, summer, None, building.rules, actor=ACTOR, now=building.now)
    assert run.states(ann) == [CONFIRMED] * 4
    assert [one.session.title for one in building.deliver() if one.session] == ["Workshop 3"]


def test_parts_are_numbered_by_date_until_the_run_has_begun(building: Building) -> None:
    run = run_of(building, days=(DAYS[2], DAYS[0]))
    assert parts(building, run.id) == [(2, run.parts[0]), (1, run.parts[1])]
    building.now = DAYS[0] + timedelta(hours=1)
    between = building.session(starts_at=DAYS[1])
    assert run.add(between) == 3


def test_a_part_that_is_taken_out_keeps_its_people(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2)
    run.book(ann)
    run.book(bob)
    building.write(series_parts.take_out, building.partnership_id, run.parts[0], building.rules, actor=ACTOR, now=building.now)
    assert building.booking(run.parts[0], ann).series_booking_id is None
    assert building.booking(run.parts[0], bob).state is CANCELLED
    assert [number for number, _ in parts(building, run.id)] == [1, 2]
    assert building.cancel(run.parts[0], ann).was is CONFIRMED


def test_what_cannot_be_a_part_is_refused(building: Building) -> None:
    run, other = run_of(building), run_of(building, "Practitioner teachers 2028", days=(DAYS[0] + timedelta(days=300),))
    private = building.session(privacy=Privacy.PRIVATE)
    gone = building.session()
    building.call_off(gone)
    for session_id, error in ((private, BadInput), (gone, Closed), (other.parts[0], BadInput), (999, NotFound)):
        with pytest.raises(error):
            run.add(session_id)
    with pytest.raises(BadInput):
        run_of(building, "practitioner  Teachers 2027")


def test_runs_of_one_course_are_known_by_what_their_titles_share(building: Building) -> None:
    run_of(building)
    run_of(building, "Practitioner Teachers (Autumn 2028)", days=())
    assert [(one.course, one.course_key) for one in building.read(rows, Series)] == [
        ("Practitioner teachers", "practitioner teachers"),
        ("Practitioner Teachers", "practitioner teachers"),
    ]


@pytest.mark.parametrize(
    ("title", "course"),
    [
        ("Practitioner teacher programme 2027", "Practitioner teacher programme"),
        ("Practitioner teacher programme 2027/28", "Practitioner teacher programme"),
        ("Newly qualified - Autumn 2027 - Cohort 3", "Newly qualified"),
        ("2027", "2027"),
        ("Wellbeing", "Wellbeing"),
    ],
)
def test_a_course_is_a_title_without_its_year(title: str, course: str) -> None:
    assert course_of(title) == course


def test_a_move_brings_the_end_of_every_hold_nearer(building: Building) -> None:
    run, eve = run_of(building), building.newcomer(9)
    run.book(eve)
    soon = building.now + timedelta(minutes=10)
    building.move(run.parts[1], soon)
    assert {run.whole(eve).held_until, *(building.booking(part, eve).held_until for part in run.parts)} == {soon}
    assert run.whole(eve).hold is Hold.PROOF


# ── all or none ─────────────────────────────────────────────────────────────────────────────────────────────


def check(building: Building, run: Any) -> None:
    """No part has more people than places, and every part of a claim is like the claim."""
    bookings = building.read(rows, Booking)
    sessions = {one.id: one for one in building.read(rows, Session)}
    for part in run.parts:
        there = [one for one in bookings if one.session_id == part and one.state in (HELD, CONFIRMED)]
        assert len(there) <= (sessions[part].places or 0)
    for whole in building.read(rows, SeriesBooking):
        live = [part for part in run.parts if sessions[part].state == "published"]
        states = {one.state for one in bookings if one.person_id == whole.person_id and one.session_id in live}
        assert states == {whole.state}


def test_forty_people_at_once_for_three_places(building: Building) -> None:
    run = run_of(building, places=3)
    people = [building.person(number) for number in range(1, 41)]
    with ThreadPoolExecutor(16) as pool:
        came = [one.state for one in pool.map(run.book, people)]
        assert (came.count(CONFIRMED), came.count(WAITING)) == (3, 37)
        check(building, run)
        list(pool.map(run.cancel, people[:20]))
    check(building, run)
    assert sum(one.state is CONFIRMED for one in building.read(rows, SeriesBooking)) == 3


ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["book", "cancel"]), st.integers(0, 4)),
        st.tuples(st.just("places"), st.integers(0, 2), st.integers(0, 3)),
        st.tuples(st.just("call off"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(1, 20)),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_people_and_organisers_do_it_stays_all_or_none(building: Building, acts: list[tuple[Any, ...]]) -> None:
    building.now = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    run = run_of(building, f"Run {len(building.read(rows, Series))} of many", places=1)
    people = [building.person(number) for number in _fresh(building)]
    for name, *what in acts:
        try:
            if name == "book":
                run.book(people[what[0]], accept_clash=what[0] % 2 == 0)
            elif name == "cancel":
                run.cancel(people[what[0]])
            elif name == "places" and not _over(building, run.parts[what[0]], what[1]):
                building.change(run.parts[what[0]], places=what[1])
            elif name == "call off":
                building.call_off(run.parts[what[0]])
            elif name == "wait":
                building.later(hours=what[0])
                building.write(places.lapse_holds, building.rules, now=building.now)
        except Refusal:
            pass
        mine = {one.id for one in building.read(rows, SeriesBooking, SeriesBooking.series_id == run.id)}
        for whole in building.read(rows, SeriesBooking, SeriesBooking.series_id == run.id):
            live = [one.id for one in building.read(rows, Session, Session.series_id == run.id) if one.state == "published"]
            states = {one.state for one in building.read(rows, Booking, Booking.series_booking_id == whole.id) if one.session_id in live}
            assert states <= {whole.state}
        assert len(mine) <= 5


def _fresh(building: Building) -> range:
    first = 1000 + 10 * len(building.read(rows, Series))
    return range(first, first + 5)


def _over(building: Building, session_id: int, places_: int) -> bool:
    there = [one for one in building.read(rows, Booking, Booking.session_id == session_id) if one.state in (HELD, CONFIRMED)]
    return len(there) > places_


def test_another_partnership_sees_nothing_of_it(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    with pytest.raises(NotFound):
        building.write(_book_elsewhere, run.id, ann, building)


def _book_elsewhere(db: Db, series_id: int, person_id: int, building: Building) -> None:
    from domain.series.booking import book_series

    book_series(db, building.partnership_id + 1, series_id, person_id, building.rules, now=building.now)


def test_a_series_that_was_only_held_keeps_no_place_on_a_part_that_has_begun(building: Building) -> None:
    run = run_of(building)
    building.now = DAYS[0] - timedelta(minutes=20)
    new = building.newcomer(9)
    assert (run.book(new).state, run.whole(new).held_until) == (HELD, DAYS[0])
    building.deliver()
    building.now = DAYS[0] + timedelta(minutes=1)
    building.write(keep_time, building.rules, now=building.now)
    assert run.states(new) == [CANCELLED, CANCELLED, CANCELLED, CANCELLED]
    assert [letter.kind for letter in building.deliver()] == [Kind.LAPSED]
    due = building.read(next_due, building.rules, now=building.now)
    assert due is not None  # else the clock would wake again and again for nothing
    assert due > building.now


def test_what_chat_refused_about_a_series_speaks_of_the_whole_by_mail_too(building: Building) -> None:
    run, ann, bob = run_of(building, places=1), building.person(1), building.person(2, reminders_by_chat=True)
    other = building.session(title="At the same time", starts_at=DAYS[0], minutes=60)
    run.book(ann)
    run.book(bob)
    building.book(other, bob)
    building.deliver()
    run.cancel(ann)
    (offered,) = building.claim(channels=[Channel.CHAT])
    letter = building.hand_over(offered)
    assert letter is not None
    assert (letter.kind, letter.whole) == (Kind.OFFER, "Practitioner teachers 2027")
    building.write(marks.mark_permanent, offered, "post", "refused", now=building.now)
    by_mail = [(one.kind, one.channel, one.whole) for one in building.deliver() if one.kind is Kind.OFFER]
    assert by_mail == [(Kind.OFFER, Channel.EMAIL, "Practitioner teachers 2027")]


def test_a_part_that_a_file_makes_private_leaves_its_series(building: Building) -> None:
    run = run_of(building)
    building.change(run.parts[0], privacy=Privacy.PRIVATE)
    titles = {run.parts[0]: "Practitioner teachers 2027"}
    building.write(series_parts.place_sessions, building.partnership_id, titles, building.rules, now=building.now)
    assert parts(building, run.id) == [(1, run.parts[1]), (2, run.parts[2])]


def test_a_course_whose_folded_name_is_too_long_is_refused_plainly(building: Building) -> None:
    """Folded, ß is two letters: 150 of them fit the name, and not its key."""
    with pytest.raises(BadInput, match="Please use a shorter name for the course"):
        building.write(series_parts.create, building.partnership_id, "A run", "ß" * 150, actor=ACTOR, now=building.now)
