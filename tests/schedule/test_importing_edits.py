"""The same file imported again, and an edited one: what changes, what stays, and who hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.database import Db, Store
from domain.descriptions import described
from domain.errors import Refusal
from domain.kinds import Kind, Provider
from domain.models import SessionState
from domain.ports.files import Sheet
from domain.rules import Rules
from domain.schedule.importing import Fate, Imported, apply
from domain.schedule.proposals import Difference
from domain.schedule.telling import done_words, gone_words, headline, row_words, what_happens
from domain.schedule.values import Problem
from domain.sessions import edit
from integrations.sheets import CalamineSheetReader
from tests.schedule.desk import EVERY_FILE, HEAD, KINSHIP, LUNCH, NOW, REFLECT, SAMPLES, WEEK, Desk, Row, counts


@pytest.mark.parametrize("name", EVERY_FILE)
@pytest.mark.parametrize("published", [False, True])
def test_the_same_file_again_changes_nothing(desk: Desk, name: str, published: bool) -> None:
    sheet = CalamineSheetReader().read(name, (SAMPLES / name).read_bytes())
    place = desk.store, desk.partnership_id, desk.programme_id, desk.rules
    first = import_file(*place, sheet)
    if published:
        desk.publish()
    before = [session.model_dump() for session in desk.sessions()]
    again = import_file(*place, sheet)
    assert again == Imported(unchanged=first.new, skipped=first.skipped)
    assert [session.model_dump() for session in desk.sessions()] == before
    assert len(before) == first.new > 0


def import_file(store: Store, partnership_id: int, programme_id: int, rules: Rules, sheet: Sheet) -> Imported:
    return store.write_now(
        apply, partnership_id, programme_id, sheet, rules, good_rows_only=True, actor="command line", now=NOW, holidays={}
    )


def test_an_edited_file_shows_the_difference_field_by_field(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    shown = desk.preview(
        LUNCH,
        ("15/03/2027", "2.30pm-4pm", "Critical reflection", "Coventry City Council", "In person", "Town Hall", 15.0),
        ("17/03/2027", "9-10am", "Added later", "", "Teams", "", 10.0),
    )
    assert counts(shown) == {"new": 1, "changed": 1, "unchanged": 1}
    assert row_words(shown.of(Fate.CHANGED)[0]) == (
        "Row 3: Critical reflection. When: Monday 15 March 2027, 2.30pm to 4pm instead of Monday 15 March 2027, 2pm to 4pm; "
        "Venue: Town Hall instead of Council House; Places: 15 places instead of 12 places."
    )
    assert [gone_words(one) for one in shown.gone] == ["Kinship care. Tuesday 16 March 2027, 10am to 11am: nobody booked."]
    assert what_happens(shown) == (
        "1 new, 1 changed, 1 unchanged, 1 no longer in the file. Nobody is told anything. "
        "New sessions can be booked at once, because the programme is published."
    )


def test_an_edit_owes_an_update_to_who_is_confirmed_and_only_to_them(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.book("Lunch and learn", "Ada")
    desk.book("Kinship care", "Ben")
    desk.all_sent()
    later: Row = ("15/03/2027", "1-2pm", *LUNCH[2:])
    shown = desk.preview(later, REFLECT, KINSHIP)
    assert (headline(shown), what_happens(shown)) == (
        "3 sessions, 1 invitation.",
        "1 changed, 2 unchanged. 1 person would be sent an updated invitation.",
    )
    done = desk.apply(later, REFLECT, KINSHIP)
    assert done == Imported(changed=1, unchanged=2, told=1)
    assert done_words(done) == "1 session changed, 2 sessions unchanged. 1 person will be told."
    assert desk.owed() == [(Kind.UPDATE.value, "time")]
    assert desk.session("Lunch and learn").starts_at == datetime(2027, 3, 15, 13, 0, tzinfo=UTC)


def test_more_places_alone_tell_nobody_who_is_booked(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.book("Lunch and learn", "Ada")
    desk.all_sent()
    more: Row = (*LUNCH[:6], 80.0)
    assert desk.preview(more, REFLECT, KINSHIP).told == 0
    assert desk.apply(more, REFLECT, KINSHIP) == Imported(changed=1, unchanged=2)
    assert desk.owed() == []


def test_a_row_with_fewer_places_than_people_have_is_an_error_and_left_out_of_the_good_rows(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    for name in ("Ann", "Bob", "Cat"):
        desk.book("Lunch and learn", name)
    fewer, moved = (*LUNCH[:6], 2.0), ("16/03/2027", "11am-12pm", *KINSHIP[2:])
    shown = desk.preview(fewer, REFLECT, moved)
    assert shown.errors == (Problem(2, "Places", "2 places, but 3 people have a place. Enter at least 3, or ask some of them first."),)
    assert (counts(shown), shown.gone) == ({"unchanged": 1, "changed": 1}, ())
    with pytest.raises(Refusal, match="2 places, but 3 people have a place"):
        desk.apply(fewer, REFLECT, moved)
    done = desk.apply(fewer, REFLECT, moved, good_rows_only=True)
    assert (done.changed, done.skipped, desk.session("Lunch and learn").places) == (1, 1, 50)


def test_a_new_row_of_a_published_programme_opens_at_once(desk: Desk) -> None:
    desk.apply(LUNCH)
    desk.publish()
    desk.apply(LUNCH, KINSHIP)
    assert desk.session("Kinship care").state is SessionState.PUBLISHED


def test_a_change_keeps_what_the_file_does_not_say(desk: Desk) -> None:
    desk.apply(*WEEK)
    kinship = desk.session("Kinship care").id or 0

    def by_hand(db: Db) -> None:
        wanted = replace(
            described(db, desk.partnership_id, kinship),
            notes="Cameras optional",
            description="With carers",
            presenter="Kinship Team",
            provider=Provider.GIVEN,
            given_link="https://zoom.us/j/123",
        )
        edit(db, desk.partnership_id, kinship, wanted, desk.rules, actor="discord:1", now=NOW)

    desk.store.write_now(by_hand)
    moved: Row = ("16/03/2027", "11am-12pm", *KINSHIP[2:6], "")
    desk.apply(LUNCH, REFLECT, moved)
    now = desk.store.read_now(described, desk.partnership_id, kinship)
    kept = (now.notes, now.description, now.presenter, now.provider, now.given_link, now.places, now.starts_at.hour)
    assert kept == ("Cameras optional", "With carers", "Kinship Team", Provider.GIVEN, "https://zoom.us/j/123", 30, 11)


def test_naming_another_platform_is_a_change_even_from_a_given_link(desk: Desk) -> None:
    head = (*HEAD, "Link")
    desk.apply((*KINSHIP, "https://zoom.us/j/123"), head=head)
    on_teams: Row = (*KINSHIP[:4], "MS Teams", *KINSHIP[5:])
    shown = desk.preview(on_teams)
    assert shown.rows[0].differences == (Difference("How", "a link of your own (https://zoom.us/j/123)", "Teams"),)


def test_with_our_references_an_emptied_cell_empties_the_field(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    desk.apply((*LUNCH, "Ada Bell"), head=head)
    lunch = desk.session("Lunch and learn")
    exported = desk.preview((lunch.reference, *LUNCH, ""), head=("Reference", *head))
    assert exported.rows[0].differences == (Difference("Presenter", "Ada Bell", "nothing"),)
    own_file = desk.preview((*LUNCH, ""), head=head)
    assert counts(own_file) == {"unchanged": 1}


def test_an_organisation_typed_in_other_capitals_is_the_same_one(desk: Desk) -> None:
    desk.apply(LUNCH)
    assert counts(desk.preview((*LUNCH[:3], "dudley mbc", *LUNCH[4:]))) == {"unchanged": 1}


def test_an_hour_that_comes_twice_can_be_moved_to_its_other_self(desk: Desk) -> None:
    first: Row = ("31/10/2027", "01:15-01:45 BST", "Night briefing", "", "Teams", "", 5.0)
    desk.apply(first)
    shown = desk.preview(("31/10/2027", "01:15-01:45 GMT", *first[2:]))
    day = "Sunday 31 October 2027, 1.15am to 1.45am"
    assert shown.rows[0].differences == (Difference("When", f"{day} BST", f"{day} GMT"),)
