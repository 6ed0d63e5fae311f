"""How long records are kept: each kind goes when its period is over, and not before; the counts stay, and a log says what went."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import SQLModel, func, select

from domain.database import Db, Store
from domain.feedback.keeping import store as store_feedback
from domain.keeping.forgetting import forget_old, forgetting_due, last_run
from domain.keeping.kinds import KINDS
from domain.keeping.periods import LEAST_TRAIL, Periods
from domain.models import DigestReader, FeedbackAnswer, Notice, OrganiserAddress, Person, Presenter, RememberedColumn, RetentionRun, Session
from domain.models.auditing import KEPT_DAYS
from domain.organisers import add_organiser, organiser_addresses, remove_organiser
from domain.rights.leaving import leave
from domain.rights.stripping import forget, ready
from domain.rights.subjects import SOMEBODY, subjects_at
from domain.rules import Rules, RulesBook
from domain.standing import Standing
from domain.timekeeping import keep_time
from domain.visiting import FilledIn, ask
from tests.another_writer import another_writes_in_the_middle
from tests.building import ACTOR, Building, one_row
from tests.seeding import PAST, put_everywhere

KIND = {kind.name: kind for kind in KINDS}


def due(db: Db, now: datetime, whose: tuple[int, ...] | None = None) -> bool:
    (answer,) = Standing([forgetting_due(whose)]).ask(db, now=now)
    return bool(answer)


def forgotten(store: Store, partnership_id: int, kind: str, before: datetime) -> int:
    return store.write_now(KIND[kind].forget, partnership_id, before, before)


@pytest.mark.parametrize(
    ("kind", "last_kept", "first_gone"),
    [
        ("letters", PAST - timedelta(seconds=1), PAST),
        ("offers", PAST - timedelta(seconds=1), PAST),
        ("links", PAST.replace(year=2028) - timedelta(seconds=1), PAST.replace(year=2028)),
        ("chosen names", PAST.replace(hour=11) - timedelta(seconds=1), PAST.replace(hour=11)),
        ("presenters", PAST.replace(hour=11) - timedelta(seconds=1), PAST.replace(hour=11)),
        ("columns", PAST - timedelta(seconds=1), PAST),
        ("answered", PAST - timedelta(seconds=1), PAST),
        ("undos", PAST - timedelta(seconds=1), PAST),
        ("words", PAST - timedelta(days=1), PAST),
        ("codes", PAST.replace(hour=11) - timedelta(seconds=1), PAST.replace(hour=11)),
    ],
)
def test_each_kind_goes_at_its_instant_and_not_before(
    store: Store, partnership_id: int, kind: str, last_kept: datetime, first_gone: datetime
) -> None:
    store.write_now(put_everywhere, partnership_id)
    assert forgotten(store, partnership_id, kind, last_kept) == 0
    assert forgotten(store, partnership_id + 1, kind, first_gone) == 0, "another partnership's stay"
    assert forgotten(store, partnership_id, kind, first_gone) == 1
    assert forgotten(store, partnership_id, kind, first_gone) == 0


def test_somebody_is_stripped_after_their_last_session_and_the_count_stays(building: Building) -> None:
    session, person = building.session(), building.person(1)
    building.book(session, person)
    ends = building.read(one_row, Session, Session.id == session).ends_at
    assert forgotten(building.store, building.partnership_id, "names", ends - timedelta(seconds=1)) == 0
    assert forgotten(building.store, building.partnership_id, "names", ends) == 1
    kept = building.read(one_row, Person, Person.id == person)
    assert (kept.name, kept.email, kept.discord_id) == (SOMEBODY, None, None)
    assert building.booking(session, person).state.value == "confirmed"
    assert forgotten(building.store, building.partnership_id, "names", ends) == 0


def test_who_proved_no_address_within_a_day_is_stripped_unless_a_place_is_held_for_them(building: Building) -> None:
    visitor = building.write(_visitor, building.partnership_id, now=building.now)
    before = building.now - timedelta(seconds=1)
    assert forgotten(building.store, building.partnership_id, "unproven", before) == 0
    assert forgotten(building.store, building.partnership_id, "unproven", building.now) == 1
    assert building.read(one_row, Person, Person.id == visitor).name == SOMEBODY


def _visitor(db: Db, partnership_id: int, *, now: datetime) -> int:
    person = Person(partnership_id=partnership_id, name="Ann", email="ann@example.org", created_at=now)
    db.add(person)
    db.flush()
    return person.id or 0


def test_an_address_that_nobody_has_proven_leads_to_nothing_of_whose_it_is(building: Building) -> None:
    address, session = "ann@example.org", building.session(presenter="Ann Lee")
    building.write(add_organiser, building.partnership_id, building.programme_id, address, actor=ACTOR, now=building.now)
    building.write(_gives, session, address)
    visitor = building.write(_visitor, building.partnership_id, now=building.now)
    assert forgotten(building.store, building.partnership_id, "unproven", building.now) == 1
    assert building.read(one_row, Person, Person.id == visitor).email is None
    assert building.read(organiser_addresses, building.partnership_id, building.programme_id) == (address,)
    presenter = building.read(one_row, Presenter, Presenter.session_id == session)
    assert (presenter.label, presenter.address) == ("Ann Lee", address)


def test_whom_an_operator_forgets_by_address_is_left_to_that(building: Building) -> None:
    session = building.session(presenter="Ann Lee")
    building.write(_gives, session, "ann@example.org")
    (one,) = building.write(subjects_at, building.partnership_id, "ann@example.org", now=building.now)
    building.write(leave, one, building.rules, actor="operator", now=building.now)
    assert forgotten(building.store, building.partnership_id, "unproven", building.now) == 0
    building.later(days=2)
    (waiting,) = building.read(ready, now=building.now)
    assert building.write(forget, waiting.erasure_id, building.rules, left=0, now=building.now) is True
    presenter = building.read(one_row, Presenter, Presenter.session_id == session)
    assert (presenter.label, presenter.address) == (SOMEBODY, None)


def _gives(db: Db, session: int, address: str) -> None:
    """A presenter's address."""
    presenter = db.exec(select(Presenter).where(Presenter.session_id == session)).first()
    presenter = presenter or Presenter(partnership_id=db.get_one(Session, session).partnership_id, session_id=session, label="Ann Lee")
    presenter.address = address
    db.add(presenter)


@pytest.mark.parametrize("still", ["address", "daily list", "column", "column by page"])
def test_who_organises_and_books_no_more_is_not_over(building: Building, still: str) -> None:
    person = building.person(7)
    here, programme = building.partnership_id, building.programme_id
    if still == "address":
        building.write(add_organiser, here, programme, "Person7@council.gov.uk", actor=ACTOR, now=building.now)
    elif still == "daily list":
        building.write(_put, DigestReader(partnership_id=here, programme_id=programme, discord_id=7, since=building.now))
    building.later(days=800)
    if still == "column":
        building.write(_put, RememberedColumn(partnership_id=here, discord_id=7, heading_key="wer", means="title", at=building.now))
    elif still == "column by page":
        own = "person7@council.gov.uk"
        building.write(_put, RememberedColumn(partnership_id=here, address_key=own, heading_key="wer", means="title", at=building.now))
    before = building.now - timedelta(days=730)
    assert forgotten(building.store, here, "names", before) == 0
    if still == "address":
        building.write(remove_organiser, here, programme, "person7@council.gov.uk", actor=ACTOR, now=building.now)
        assert forgotten(building.store, here, "names", before) == 1
        assert building.read(one_row, Person, Person.id == person).name == SOMEBODY


def _put(db: Db, row: SQLModel) -> None:
    db.add(row)


def test_the_trail_goes_after_its_year_by_the_databases_own_clock(building: Building) -> None:
    assert timedelta(days=KEPT_DAYS) == LEAST_TRAIL == Periods().trail
    assert forgotten(building.store, building.partnership_id, "trail", building.now - LEAST_TRAIL) == 0


def test_a_run_is_done_once_a_day_and_leaves_its_counts(building: Building) -> None:
    session, person = building.session(), building.person(1)
    building.book(session, person)
    building.deliver()
    assert building.read(due, building.now) is False, "the first programme is not a day old"
    building.later(days=800)
    assert building.read(due, building.now) is True
    assert building.write(forget_old, building.rules, now=building.now) > 0
    assert building.read(due, building.now) is False
    run = building.read(last_run, building.partnership_id)
    assert run is not None
    assert (run.at, dict(run.counts)["names"], dict(run.counts)["letters"]) == (building.now, 1, 1)
    assert building.write(forget_old, building.rules, now=building.now) == 0
    assert building.read(_count, Notice) == 0
    building.later(days=1)
    assert building.read(due, building.now) is True


def test_only_the_partnerships_of_this_process_are_seen_to(building: Building) -> None:
    building.later(days=800)
    elsewhere = RulesBook({99: Rules()})
    assert building.read(due, building.now, (99,)) is False
    assert building.write(forget_old, elsewhere, now=building.now) == 0
    assert building.read(_count, RetentionRun) == 0


def test_what_a_partnership_has_decided_counts(building: Building) -> None:
    building.book(building.session(), building.person(1))
    building.deliver()
    building.later(days=40)
    short = Rules(periods=Periods(letters=timedelta(days=30)))
    building.write(forget_old, RulesBook({building.partnership_id: short}), now=building.now)
    run = building.read(last_run, building.partnership_id)
    assert run is not None
    assert run.counts == (("letters", 1),)


def test_the_words_of_feedback_go_and_its_numbers_stay(building: Building) -> None:
    session = building.read(one_row, Session)
    building.write(store_feedback, session, {"rating": 4, "useful": "All of it"}, now=building.now)
    assert forgotten(building.store, building.partnership_id, "words", building.now) == 1
    (left,) = building.read(lambda db: [(one.question, one.number) for one in db.exec(select(FeedbackAnswer))])
    assert left == ("rating", 4)


def _count(db: Db, table: type[SQLModel]) -> int:
    return db.exec(select(func.count()).select_from(table)).one()


def test_the_number_of_an_organiser_who_is_forgotten_is_given_to_nobody_else(building: Building) -> None:
    """The trail says `organiser:7`: a newcomer with that number would have done what another did."""
    here, programme = building.partnership_id, building.programme_id
    building.write(add_organiser, here, programme, "ann@council.gov.uk", actor=ACTOR, now=building.now)

    def numbers(db: Db) -> list[int | None]:
        return [row.id for row in db.exec(select(OrganiserAddress))]

    def delete(db: Db) -> None:
        db.delete(db.exec(select(OrganiserAddress)).one())

    first = building.read(numbers)
    building.write(delete)
    building.write(add_organiser, here, programme, "ben@council.gov.uk", actor=ACTOR, now=building.now)
    assert first == [1]
    assert building.read(numbers) == [2]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_who_asks_at_this_very_moment_is_left_alone(building: Building) -> None:
    """Another process has their form in hand: the night takes nobody out on what it saw before. A file is written to by one at a time."""
    session, filled = building.session(), FilledIn("Ann", "ann@example.org", organisation="Northfield Council")
    building.write(ask, building.partnership_id, session, filled, building.rules, now=building.now)
    building.later(hours=2)
    building.write(keep_time, building.rules, now=building.now)
    ann = building.read(one_row, Person, Person.email == "ann@example.org")

    def night(db: Db) -> int:
        return KIND["unproven"].forget(db, building.partnership_id, building.now - timedelta(seconds=1), building.now)

    with another_writes_in_the_middle(building, night, before="INSERT INTO emailproof") as db:
        ask(db, building.partnership_id, session, filled, building.rules, now=building.now)
    asked = building.read(one_row, Person, Person.id == ann.id)
    assert (asked.name, asked.email) == ("Ann", "ann@example.org")
