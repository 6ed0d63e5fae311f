"""Which row is which session when a file comes again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.schedule.matching import Difference, Existing, FieldChange, Match, match
from domain.schedule.values import ScheduledRow
from domain.times import day_of


def row(number: int, start: str, title: str, **more: Any) -> ScheduledRow:
    starts_at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    values: dict[str, Any] = {"organisation": "Leeds", "format": "teams", **more}
    return ScheduledRow(row=number, title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), **values)


def existing(row: ScheduledRow, **more: Any) -> Existing:
    """The session that a row became."""
    one = Existing(
        session_id=row.row * 10,
        title=row.title,
        day=day_of(row.starts_at),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reference=f"PW-{row.row}",
        organisation=row.organisation,
        format="teams" if row.format == "unknown" else row.format,
        venue=row.venue,
        places=row.places if row.places_given else 100,
        audience=row.audience,
        presenter=row.presenter,
        description=row.description,
    )
    return replace(one, **more)


WELCOME = row(2, "2027-03-15T09:30", "Welcome")
NEGLECT = row(3, "2027-03-15T11:00", "Neglect")
TRAUMA = row(4, "2027-03-16T11:00", "Trauma", organisation="Kirklees")
WEEK = (WELCOME, NEGLECT, TRAUMA)
MADE = tuple(existing(one) for one in WEEK)


def moved(row: ScheduledRow, **by: float) -> ScheduledRow:
    return replace(row, starts_at=row.starts_at + timedelta(**by), ends_at=row.ends_at + timedelta(**by))


def times(old: ScheduledRow, new: ScheduledRow) -> tuple[FieldChange, ...]:
    return FieldChange("starts_at", old.starts_at, new.starts_at), FieldChange("ends_at", old.ends_at, new.ends_at)


def test_the_same_file_again_changes_nothing() -> None:
    assert match(WEEK, MADE) == Difference(unchanged=tuple(Match(one, other) for one, other in zip(WEEK, MADE, strict=True)))


def test_a_row_whose_time_moved_is_one_change() -> None:
    later = moved(NEGLECT, hours=2)
    found = match((WELCOME, later, TRAUMA), MADE)
    assert (found.new, found.gone, found.changed) == ((), (), (Match(later, MADE[1], times(NEGLECT, later)),))


def test_a_row_that_moved_to_another_day_is_one_change() -> None:
    later = moved(NEGLECT, days=2)
    found = match((WELCOME, later, TRAUMA), MADE)
    assert (found.new, found.gone, found.changed) == ((), (), (Match(later, MADE[1], times(NEGLECT, later)),))


def test_a_new_title_at_the_same_hour_is_a_change() -> None:
    renamed = replace(NEGLECT, title="Neglect: what we know now")
    found = match((WELCOME, renamed, TRAUMA), MADE)
    assert (found.new, found.gone) == ((), ())
    assert found.changed == (Match(renamed, MADE[1], (FieldChange("title", "Neglect", "Neglect: what we know now"),)),)


def test_a_corrected_organisation_is_a_change() -> None:
    corrected = replace(NEGLECT, organisation="Bradford")
    assert match((WELCOME, corrected, TRAUMA), MADE).changed == (
        Match(corrected, MADE[1], (FieldChange("organisation", "Leeds", "Bradford"),)),
    )


def test_a_reference_finds_its_session_whatever_else_changed() -> None:
    other = row(9, "2027-03-18T14:00", "Something else", organisation="York", reference="pw-3")
    found = match((WELCOME, other, TRAUMA), MADE)
    assert [(pair.row.row, pair.existing.session_id) for pair in found.changed] == [(9, 30)]
    assert (found.new, found.gone, len(found.unchanged)) == ((), (), 2)


def test_two_sessions_that_swap_their_days_are_two_moves_not_two_new_titles() -> None:
    a, b = row(2, "2027-03-15T10:00", "A"), row(3, "2027-03-16T10:00", "B")
    swapped = (moved(a, days=1), moved(b, days=-1))
    found = match(swapped, (existing(a), existing(b)))
    assert [(pair.existing.title, [change.field for change in pair.changes]) for pair in found.changed] == [
        ("A", ["starts_at", "ends_at"]),
        ("B", ["starts_at", "ends_at"]),
    ]


def test_a_new_row_is_new_and_a_missing_row_is_gone() -> None:
    fresh = row(5, "2027-03-19T09:00", "Fresh")
    found = match((WELCOME, TRAUMA, fresh), MADE)
    assert (found.new, found.gone, found.changed) == ((fresh,), (MADE[1],), ())


TWICE = (row(2, "2027-06-22T09:00", "Mental Capacity Act"), row(3, "2027-06-22T11:30", "Mental Capacity Act"))
TWICE_MADE = tuple(existing(one) for one in TWICE)


def test_the_same_title_twice_in_a_day_is_told_apart_by_its_start() -> None:
    assert match(TWICE, TWICE_MADE) == Difference(unchanged=(Match(TWICE[0], TWICE_MADE[0]), Match(TWICE[1], TWICE_MADE[1])))
    later = moved(TWICE[1], hours=2)
    assert [(pair.row, pair.existing) for pair in match((TWICE[0], later), TWICE_MADE).changed] == [(later, TWICE_MADE[1])]


def test_what_could_be_either_is_asked_and_the_answer_settles_it() -> None:
    only = row(2, "2027-06-22T15:00", "Mental Capacity Act")
    asked = match((only,), TWICE_MADE)
    assert [(one.row, one.candidates) for one in asked.ambiguous] == [(only, TWICE_MADE)]
    assert (asked.new, asked.changed, asked.gone) == ((), (), ())
    answered = match((only,), TWICE_MADE, answers={2: 30})
    assert [(pair.row, pair.existing) for pair in answered.changed] == [(only, TWICE_MADE[1])]
    assert (answered.gone, answered.ambiguous) == ((TWICE_MADE[0],), ())
    anew = match((only,), TWICE_MADE, answers={2: None})
    assert (anew.new, anew.gone, anew.ambiguous) == ((only,), TWICE_MADE, ())


def test_two_workshops_side_by_side_are_not_guessed_apart() -> None:
    rooms = tuple(row(number, "2027-06-22T09:00", "Workshop", format="in_person", venue=f"Room {number}") for number in (2, 3))
    made = tuple(existing(one) for one in rooms)
    other = replace(rooms[0], venue="Room 9")
    assert match((other,), made).ambiguous[0].candidates == made
    assert [(pair.row, pair.existing) for pair in match((other, rooms[1]), made).changed] == [(other, made[0])]


def test_what_the_file_leaves_open_is_no_change() -> None:
    bare = row(2, "2027-03-15T09:30", "Welcome", format="unknown")
    full = existing(bare, format="zoom", places=80, description="Edited in chat", venue="Room 1", private=True)
    assert match((bare,), (full,)).changed == ()
    assert match((replace(bare, format="online"),), (full,)).changed == ()


def test_an_emptied_cell_of_a_stated_column_clears_the_field() -> None:
    bare = row(2, "2027-03-15T09:30", "Welcome")
    found = match((bare,), (existing(bare, description="Old words"),), stated={"description"})
    assert found.changed[0].changes == (FieldChange("description", "Old words", None),)


def test_platform_and_places_that_the_file_says_are_changes() -> None:
    said = row(2, "2027-03-15T09:30", "Welcome", format="zoom", places=30, places_given=True)
    assert match((said,), (existing(WELCOME),)).changed[0].changes == (
        FieldChange("format", "teams", "zoom"),
        FieldChange("places", 100, 30),
    )


ROWS = st.lists(
    st.builds(
        lambda hour, day, title, host, format_, places: row(
            0,
            f"2027-03-{15 + day}T{9 + hour:02}:00",
            title,
            organisation=host,
            format=format_,
            places=places,
            places_given=places is not None,
        ),
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from([None, "Leeds", "Kirklees"]),
        st.sampled_from(["teams", "online", "unknown", "in_person"]),
        st.sampled_from([None, 30]),
    ),
    max_size=10,
).map(lambda rows: [replace(one, row=number) for number, one in enumerate(rows, start=2)])


@given(ROWS)
def test_any_file_again_changes_nothing(rows: list[ScheduledRow]) -> None:
    found = match(rows, [existing(one) for one in rows])
    assert (found.new, found.changed, found.gone, found.ambiguous, len(found.unchanged)) == ((), (), (), (), len(rows))


@given(ROWS, ROWS)
def test_every_row_and_every_session_is_somewhere_once(before: list[ScheduledRow], after: list[ScheduledRow]) -> None:
    made = [existing(one) for one in before]
    found = match(after, made)
    pairs = (*found.changed, *found.unchanged)
    assert sorted([one.row for one in found.new] + [pair.row.row for pair in pairs] + [one.row.row for one in found.ambiguous]) == [
        one.row for one in after
    ]
    candidates = {one.session_id for asked in found.ambiguous for one in asked.candidates}
    assert sorted([one.session_id for one in found.gone] + [pair.existing.session_id for pair in pairs] + list(candidates)) == [
        one.session_id for one in made
    ]
