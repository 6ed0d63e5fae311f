"""The parts of a series: numbered, replaced, taken out, in several programmes; and what is left of a series that has begun."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.agenda import next_due
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Kind
from domain.models import Booking, BookingState, Privacy, ProgrammeKind, Series, Session
from domain.programmes import NewProgramme, create, publish
from domain.series import parts as series_parts
from domain.series.runs import course_of
from domain.timekeeping import keep_time
from tests.building import ACTOR, Building, rows
from tests.series_building import DAYS, run_of

HELD, CONFIRMED, WAITING, CANCELLED = BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


def parts(building: Building, series_id: int) -> list[tuple[int | None, int | None]]:
    return [(one.series_part, one.id) for one in building.read(rows, Session, Session.series_id == series_id)]


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


# ── what has begun ──────────────────────────────────────────────────────────────────────────────────────────


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
