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
from domain.models import FeedbackAnswer, Notice, Person, RetentionRun, Session
from domain.models.auditing import KEPT_DAYS
from domain.rights.subjects import SOMEBODY
from domain.rules import Rules, RulesBook
from domain.standing import Standing
from tests.building import Building, one_row
from tests.seeding import PAST, put_everywhere

KIND = {kind.name: kind for kind in KINDS}


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    made = Building(store, partnership_id, rules, now)
    made.programme()
    return made


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
