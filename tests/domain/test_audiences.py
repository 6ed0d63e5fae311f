"""Whom what is open is for, what is booked together, and what is said to who asked: as the domain says it, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col

from domain.admissions import REFUSED, whose_code
from domain.audiences import is_for_all, is_for_families
from domain.choosing import book_mine, what_to_book
from domain.errors import BadInput, BadInputs, Refusal
from domain.fields import Fields
from domain.invitations import revoke
from domain.kinds import Kind
from domain.models import BookingState, Part, Person, ProgrammeKind, ServiceArea, SessionState
from domain.people import register
from domain.places import lapse_holds
from domain.programme_page import ListedPart, ListedSeries, programme_page
from domain.visiting import WORKS_SOMEWHERE, FilledIn, ask, ask_series
from tests.building import ACTOR, START, Building, details, one_row, rows
from tests.private_building import made_code, make_private, parent, private_session
from tests.series_building import DAYS, run_of
from tests.visiting_building import post_office, press, prove_token, wish, wish_series

PAT = FilledIn("Pat", "pat@family.example", family=True)


@pytest.mark.parametrize(
    ("kind", "of_session", "of_programme", "may"),
    [
        (ProgrammeKind.PRACTICE_WEEK, "", "", False),
        (ProgrammeKind.PRACTICE_WEEK, "", "Everyone", True),
        (ProgrammeKind.PRACTICE_WEEK, "Managers", "Everyone", False),
        (ProgrammeKind.PRACTICE_WEEK, "Social workers, parents and carers", "", True),
        (ProgrammeKind.PRACTICE_WEEK, "Children and families", "", False),
        (ProgrammeKind.PRACTICE_WEEK, "Children and families social workers", "", False),
        (ProgrammeKind.PRACTICE_WEEK, "All practitioners", "", False),
        (ProgrammeKind.PRACTITIONER_TEACHER, "Families", "", True),
        (ProgrammeKind.PARENT_PARTNERSHIP, "", "", True),
    ],
)
def test_whom_an_audience_lets_come(kind: ProgrammeKind, of_session: str, of_programme: str, may: bool) -> None:
    assert is_for_families(kind, of_session, of_programme) is may


@pytest.mark.parametrize(
    ("audience", "all_of_them"),
    [
        ("All", True),
        (" all social workers", True),
        ("Everyone in adults’ services", True),
        ("Any role", True),
        ("Anyone", True),
        ("Allied health", False),
        ("", False),
        ("Social workers, all levels", False),
    ],
)
def test_what_is_for_all_of_some_fits_every_audience(audience: str, all_of_them: bool) -> None:
    assert is_for_all(audience) is all_of_them


def test_who_works_nowhere_asks_for_what_is_for_them_and_for_nothing_else(building: Building) -> None:
    panel, staff = building.session(audience="Parents and carers"), building.session(audience="Social workers")
    where = building.partnership_id
    with pytest.raises(BadInput, match=WORKS_SOMEWHERE):
        building.write(ask, where, staff, PAT, building.rules, now=building.now)
    assert building.read(rows, Person) == []
    building.write(ask, where, panel, PAT, building.rules, now=building.now)
    pat = press(building, prove_token(building)).person_id
    (person,) = building.read(rows, Person)
    assert (person.part, person.organisation_id, building.booking(panel, pat).state) == (Part.PARENT, None, BookingState.CONFIRMED)


def test_of_a_series_every_part_has_to_be_for_them(building: Building) -> None:
    run = run_of(building, audience="Everyone")
    building.write(ask_series, building.partnership_id, run.id, PAT, building.rules, now=building.now)
    building.change(run.parts[2], audience="Managers")
    with pytest.raises(BadInput, match=WORKS_SOMEWHERE):
        building.write(ask_series, building.partnership_id, run.id, PAT, building.rules, now=building.now)


def test_a_family_is_shown_and_books_what_is_for_it_on_its_own_page(building: Building) -> None:
    private_session(building)
    rosie, where, rules = parent(building, 50), building.partnership_id, building.rules
    later = START + timedelta(days=1)
    panel, staff = building.session(audience="Parents", starts_at=later), building.session(audience="Social workers")
    shown = building.read(what_to_book, where, rosie, rules, now=building.now)
    assert [one.session.id for each in shown.programmes for _, day in each.days for one in day] == [panel]
    assert shown.family
    with pytest.raises(Refusal, match="tell us first where you work"):
        building.write(book_mine, where, staff, rosie, rules, now=building.now)
    building.write(book_mine, where, panel, rosie, rules, now=building.now)
    assert building.booking(panel, rosie).state is BookingState.CONFIRMED


def test_a_programmes_page_knows_what_is_booked_together(building: Building) -> None:
    run, about = run_of(building, "Course"), (building.partnership_id, building.programme_id)
    part: dict[str, Any] = {"zone": "Europe/London", "state": SessionState.PUBLISHED, "booking_open": True}
    each = zip(run.parts, DAYS, (1, 2, 3), strict=True)
    parts = tuple(ListedPart(one, n, f"Workshop {n}", day, day + timedelta(hours=3), **part) for one, day, n in each)
    page = building.read(programme_page, *about)
    assert page.series == (ListedSeries(run.id, "Course", 3, parts),)
    assert [(one.series_id, one.part) for day in page.days for one in day.sessions] == [(None, None), (run.id, 1), (run.id, 2), (run.id, 3)]
    assert [page.series[0].ahead(now) for now in (building.now, DAYS[0], DAYS[2])] == [3, 2, 0]
    building.write(make_private, run.parts[0])
    assert building.read(programme_page, *about).series == ()


def test_a_typed_code_says_whose_it_is_and_every_other_is_told_alike(building: Building) -> None:
    private_session(building)
    made, here = made_code(building), (building.partnership_id,)
    typed = made.code.lower().replace("-", " ")
    assert building.read(whose_code, here, typed, now=building.now) == (building.partnership_id, made.code)
    building.write(revoke, building.partnership_id, made.id, actor=ACTOR, now=building.now)
    for ids, wrong in ((here, made.code), (here, "AAAAA"), (here, ""), ((building.partnership_id + 1,), made_code(building).code)):
        with pytest.raises(BadInput, match=REFUSED):
            building.read(whose_code, ids, wrong, now=building.now)


def test_the_mail_that_asks_speaks_of_the_session_and_of_a_place_only_where_one_is_kept(building: Building) -> None:
    free, full = building.session(title="Free", notes="Ring.", places=9), building.session(title="Full", places=0)
    ann = FilledIn("Ann", "ann@x.example", organisation="X")
    for session in (free, full):
        building.write(ask, building.partnership_id, session, ann, building.rules, now=building.now)
    letters = [one for one in post_office(building) if one.kind is Kind.VERIFICATION]
    said = [(one.session.title, one.session.notes, one.kept) for one in letters if one.session is not None]
    assert said == [("Free", "", building.rules.hold), ("Full", "", None)]


@pytest.mark.parametrize(("minutes", "says"), [(0, 30), (10, 20), (29, 1), (30, 30)])
@pytest.mark.parametrize("whole", [False, True])
def test_the_mail_of_who_asks_again_says_how_long_the_place_is_really_kept(
    building: Building, minutes: int, says: int, whole: bool
) -> None:
    """Asking again makes the hold no longer; when it is over, there is a new one."""
    run = run_of(building) if whole else None
    session = building.session()
    for wait in (0, minutes):
        building.later(minutes=wait)
        building.write(lapse_holds, building.rules, now=building.now)
        post_office(building)
        if run is not None:
            wish_series(building, run.id, 7)
        else:
            wish(building, session, 7)
    assert _kept(building) == [timedelta(minutes=says)]


def test_the_mail_promises_no_place_that_is_kept_for_less_than_a_minute(building: Building) -> None:
    session = building.session()
    wish(building, session, 7)
    post_office(building)
    building.later(minutes=29, seconds=30)
    wish(building, session, 7)
    assert _kept(building) == [None]


def test_the_mail_says_whole_minutes_and_never_more_than_there_are(building: Building) -> None:
    session = building.session()
    wish(building, session, 7)
    post_office(building)
    building.later(minutes=19, seconds=59)
    wish(building, session, 7)
    assert _kept(building) == [timedelta(minutes=10)]


def test_close_to_the_start_the_mail_says_that_the_place_is_kept_until_then(building: Building) -> None:
    session = building.session(title="Soon")
    building.now = START - timedelta(minutes=12)
    wish(building, session, 7)
    assert _kept(building) == [timedelta(minutes=12)]


def _kept(building: Building) -> list[timedelta | None]:
    """How long a place is kept, as the mails that are due say it."""
    return [one.kept for one in post_office(building) if one.kind is Kind.VERIFICATION]


def test_in_chat_all_that_is_wrong_with_ones_details_is_said_at_once(building: Building) -> None:
    wrong = details(1, name=" ", email="no", organisation="")
    with pytest.raises(BadInputs) as refused:
        building.write(register, building.partnership_id, 1, wrong, building.rules, now=building.now)
    assert [one.field for one in refused.value.each] == ["name", "email", "organisation"]
    assert str(refused.value) == " ".join(str(one) for one in refused.value.each)


def test_one_refusal_stays_what_it_is() -> None:
    fields, only = Fields(), BadInput("No.", field="name")

    def refuse() -> str:
        raise only

    assert (fields.read(lambda: 7, 0), fields.read(refuse, "")) == (7, "")
    with pytest.raises(BadInput) as refused:
        fields.require()
    assert refused.value is only


def test_a_parent_is_of_no_organisation_whatever_was_typed_before_with_their_address(building: Building) -> None:
    session = building.session(audience="Everyone")
    stranger = FilledIn("Somebody", PAT.address, organisation="Northfield Council", service_area=ServiceArea.ADULTS)
    building.write(ask, building.partnership_id, session, stranger, building.rules, now=building.now)
    building.write(ask, building.partnership_id, session, PAT, building.rules, now=building.now)
    person: Person = building.read(one_row, Person, col(Person.email) == PAT.address)
    assert (person.name, person.organisation_id, person.part, person.service_area) == ("Pat", None, Part.PARENT, ServiceArea.OTHER)
