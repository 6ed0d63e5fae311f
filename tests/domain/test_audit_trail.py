"""The audit trail: what leaves a row, what is shown of it, and that nobody can change it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import col

from domain.audit import audit
from domain.database import Store
from domain.errors import NotFound
from domain.history import PAGE, SAID, Happened, History, Who, history
from domain.models import AuditEntry, Programme
from domain.models.auditing import KEPT_DAYS, REFUSED
from domain.places import lapse_holds
from domain.series.booking import book_series, cancel_series
from domain.transfers.asking import hand_over_place, withdraw
from tests.building import ACTOR, Building, rows
from tests.private_building import made_code, parent, private_session
from tests.series_building import run_of

ROOT = Path(__file__).parents[2]


def trail(building: Building, *, of: str | None = None) -> list[tuple[str, str, int | None, int | None]]:
    """Who did what to which session and booking, but for how it was made ready."""
    made = building.read(rows, AuditEntry, ~col(AuditEntry.action).in_(("create programme", "publish programme", "add session")))
    return [(one.actor, one.action, one.session_id, one.booking_id) for one in made if of is None or of in one.action]


def pages(building: Building, **other: Any) -> History:
    given: dict[str, Any] = {"actor": ACTOR, "now": building.now} | other
    found: History = building.write(history, building.partnership_id, building.programme_id, **given)
    return found


# ── what leaves a row ───────────────────────────────────────────────────────────────────────────────────────


def test_asking_waiting_giving_back_and_moving_up_are_left_with_their_bookings(building: Building) -> None:
    session = building.session(places=1)
    first, second = building.person(1), building.person(2)
    building.book(session, first)
    building.book(session, second)
    building.book(session, second)  # nothing changes
    building.cancel(session, first)
    building.cancel(session, first)  # the same
    one, two = building.booking(session, first).id, building.booking(session, second).id
    assert trail(building) == [
        (f"person:{first}", "book confirmed", session, one),
        (f"person:{second}", "book waitlisted", session, two),
        (f"person:{first}", "cancel booking", session, one),
        ("clock", "promote", session, two),
    ]


def test_a_hold_is_left_from_its_beginning_to_its_end(building: Building) -> None:
    session = building.session()
    slow, swift = building.newcomer(1), building.newcomer(2)
    building.book(session, slow)
    building.book(session, swift)
    building.deliver()
    building.prove(2)
    building.now += building.rules.hold
    building.write(lapse_holds, building.rules, now=building.now)
    one, two = building.booking(session, slow).id, building.booking(session, swift).id
    assert trail(building) == [
        (f"person:{slow}", "book held", session, one),
        (f"person:{swift}", "book held", session, two),
        (f"person:{swift}", "prove place", session, two),
        ("clock", "lapse", session, one),
    ]


def test_what_is_refused_leaves_nothing(building: Building) -> None:
    session = building.session()
    building.now += timedelta(days=60)
    with pytest.raises(Exception, match="started"):
        building.book(session, building.person(1))
    assert trail(building) == []


def test_a_place_that_is_offered_to_a_colleague_and_kept_is_left(building: Building) -> None:
    session, giver = building.session(), building.person(1)
    building.book(session, giver)
    building.write(
        hand_over_place, building.partnership_id, session, giver, "Sam Poe", "sam@council.gov.uk", building.rules, now=building.now
    )
    building.write(withdraw, building.partnership_id, session, giver, now=building.now)
    assert [what for _, what, *_ in trail(building)] == ["book confirmed", "hand over", "keep place"]


def test_a_series_is_left_as_a_whole_and_shown_where_it_has_a_part(building: Building) -> None:
    run, person = run_of(building), building.person(1)
    where = building.partnership_id, run.id, person, building.rules
    building.write(book_series, *where, now=building.now)
    building.write(cancel_series, *where, now=building.now)
    said = [one.said for one in pages(building).happened if one.who is Who.PERSON]
    title = "“Practitioner teachers 2027”"
    assert said == [f"gave back their booking for the series {title}", f"booked the series {title}"]
    building.programme("Another week")
    assert [one.said for one in pages(building).happened] == ["published this programme", "added “Opening”", "made this programme"]


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_shown_newest_first_with_who_and_what(building: Building) -> None:
    session = building.session(title="Lunch")
    building.book(session, building.person(1))
    building.call_off(session)
    (cancelled, booked, *_) = pages(building).happened
    assert cancelled == Happened(building.now, Who.ORGANISER, 1, "cancelled “Lunch”")
    assert booked == Happened(building.now, Who.PERSON, 1, "booked a place on “Lunch”")


def test_on_a_private_session_nobody_is_named(building: Building) -> None:
    session = private_session(building, title="Zebra panel", public_title="Coffee morning")
    building.book(session, parent(building, 901, "Quokka", "quokka@family.example"), alias="Quokka")
    building.write(
        audit, building.partnership_id, "discord:77", "view needs", now=building.now, programme_id=building.programme_id, session_id=session
    )
    made_code(building)
    shown = {(one.who, one.discord_id, one.said) for one in pages(building).happened if "Coffee" in one.said}
    assert {
        (Who.PERSON, None, "booked a place on “Coffee morning”"),
        (Who.ORGANISER, None, "looked at what people need for “Coffee morning”"),
    } <= shown
    assert {discord_id for _, discord_id, _ in shown} == {None}
    assert "Zebra" not in str(pages(building))


def test_looking_is_left_once_for_all_pages(building: Building) -> None:
    for number in range(PAGE + 3):
        building.session(title=f"Session {number}")
    first = pages(building, actor="discord:77")
    second = pages(building, before=first.older)
    assert (len(first.happened), first.older is not None) == (PAGE, True)
    assert [one.said for one in second.happened][-1] == "made this programme"
    assert second.older is None
    again = pages(building).happened
    assert (again[0].discord_id, again[0].said) == (77, "looked at this history")
    assert [one.said for one in again].count("looked at this history") == 1


def test_another_partnership_has_nothing_to_see(building: Building) -> None:
    with pytest.raises(NotFound):
        building.write(history, building.partnership_id + 1, building.programme_id, actor=ACTOR, now=building.now)


def test_a_page_costs_the_same_however_long_the_trail_is(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    asked = "SELECT * FROM auditentry WHERE partnership_id = 1 AND {} AND id < 9 ORDER BY id DESC LIMIT 11"
    try:
        for about, index in (
            ("programme_id = 1", "auditentry_by_programme"),
            ("series_id IN (1) AND programme_id IS NULL", "auditentry_by"),
        ):
            plan = store.read_now(_plan, asked.format(about))
            assert index in plan, plan
    finally:
        store.close()


def _plan(db: Any, statement: str) -> str:
    return str(db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())


def actions_in_code() -> Iterator[str]:
    """Every action that is written down as a word where a row is left."""
    for path in [*(ROOT / "domain").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "audit",
                "audit_bookings",
                "audit_whole",
                "_tended",
                "_begin",
                "_become",
                "_told",
            ):
                yield from (
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value
                )


def test_everything_that_can_be_left_has_words(building: Building) -> None:
    found = set(actions_in_code())
    assert len(found) > 40
    assert found - set(SAID) == set()


# ── nobody can change it ────────────────────────────────────────────────────────────────────────────────────


def entry(building: Building, at: datetime) -> None:
    building.write(audit, building.partnership_id, ACTOR, "old", now=at)


@pytest.mark.parametrize("change", ["UPDATE auditentry SET actor = 'nobody'", "DELETE FROM auditentry"])
def test_the_database_refuses_to_change_a_row(building: Building, change: str) -> None:
    before = building.read(rows, AuditEntry)
    with pytest.raises(DatabaseError, match=REFUSED):
        building.write(lambda db: db.connection().execute(text(change)))
    assert before
    assert [one.model_dump() for one in building.read(rows, AuditEntry)] == [one.model_dump() for one in before]


def test_what_is_older_than_a_year_may_be_deleted_and_not_changed(building: Building) -> None:
    """By the database's own clock: the door for retention."""
    today = datetime.now(UTC)
    old, young = today - timedelta(days=KEPT_DAYS + 1), today - timedelta(days=KEPT_DAYS - 1)
    entry(building, old)
    entry(building, young)
    with pytest.raises(DatabaseError, match=REFUSED):
        building.write(lambda db: db.connection().execute(text("UPDATE auditentry SET detail = 'x' WHERE action = 'old'")))
    with pytest.raises(DatabaseError, match=REFUSED):
        building.write(lambda db: db.connection().execute(text("DELETE FROM auditentry WHERE action = 'old'")))
    oldest = min(one.id for one in building.read(rows, AuditEntry, AuditEntry.action == "old"))
    building.write(lambda db: db.connection().execute(text(f"DELETE FROM auditentry WHERE id = {oldest}")))
    assert [one.at for one in building.read(rows, AuditEntry, AuditEntry.action == "old")] == [young]


def test_postgresql_refuses_to_empty_the_table(postgres_url: str) -> None:
    store = Store(postgres_url)
    try:
        with pytest.raises(DatabaseError, match=REFUSED):
            store.write_now(lambda db: db.connection().execute(text("TRUNCATE auditentry")))
        assert store.read_now(rows, Programme) == []
    finally:
        store.close()
