"""A draft of an import: kept with its file, confirmed once, refused when it is no longer true, and forgotten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotFound, Refusal
from domain.models import AuditEntry, Programme
from domain.programmes import ensure_partnership
from domain.schedule.importing import Imported, apply, keep_draft, kept_draft, preview
from domain.schedule.telling import done_words
from domain.timekeeping import keep_time
from tests.schedule.desk import KINSHIP, LUNCH, NO_HOUR, NOW, REFLECT, WEEK, Desk, Row, a_sheet

# ── drafts ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_kept_with_its_file_and_has_one_effect(desk: Desk) -> None:
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"Date,Time", asked_by=7, now=NOW)
    kept = desk.store.read_now(kept_draft, desk.partnership_id, draft)
    assert (kept.file_name, kept.content, kept.programme_id, kept.applied_at) == ("week.csv", b"Date,Time", desk.programme_id, None)
    assert desk.apply(*WEEK, draft_id=draft) == Imported(new=3)
    again = desk.apply(*WEEK, draft_id=draft)
    assert again == Imported(already=True)
    assert done_words(again) == "This file has been imported already. Nothing was done twice."
    assert len(desk.sessions()) == 3


def test_a_draft_that_was_refused_can_still_be_confirmed(desk: Desk) -> None:
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)
    with pytest.raises(Refusal):
        desk.apply(*WEEK, NO_HOUR, draft_id=draft)
    assert desk.apply(*WEEK, NO_HOUR, draft_id=draft, good_rows_only=True) == Imported(new=3, skipped=1)


def test_a_preview_that_is_no_longer_true_is_refused(desk: Desk) -> None:
    seen = desk.preview(*WEEK).fingerprint
    desk.apply(LUNCH)
    with pytest.raises(Refusal, match="The programme has changed since this preview was made"):
        desk.apply(*WEEK, seen=seen)
    assert desk.apply(*WEEK, seen=desk.preview(*WEEK).fingerprint) == Imported(new=2, unchanged=1)


def test_a_booking_meanwhile_does_not_make_a_preview_untrue(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    moved: Row = ("15/03/2027", "1-2pm", *LUNCH[2:])
    seen = desk.preview(moved, REFLECT, KINSHIP).fingerprint
    desk.book("Lunch and learn", "Ada")
    assert desk.apply(moved, REFLECT, KINSHIP, seen=seen) == Imported(changed=1, unchanged=2, told=1)


def test_another_partnership_sees_neither_programme_nor_draft(desk: Desk) -> None:
    other = desk.store.write_now(ensure_partnership, "north", "North", 2)
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)
    with pytest.raises(NotFound):
        desk.store.read_now(preview, other, desk.programme_id, a_sheet(*WEEK), desk.rules, now=NOW, holidays={})
    with pytest.raises(NotFound):
        desk.store.read_now(kept_draft, other, draft)
    with pytest.raises(NotFound):
        desk.store.write_now(keep_draft, other, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)


def test_an_import_into_the_programme_of_another_partnership_is_refused_before_a_session_is_looked_at(desk: Desk) -> None:
    desk.apply(*WEEK)
    other = desk.store.write_now(ensure_partnership, "north", "North", 2)
    said: list[str] = []

    def bring_in(db: Db) -> None:
        event.listen(db.connection(), "before_cursor_execute", lambda *statement: said.append(statement[2]))
        week = a_sheet(*WEEK)
        apply(db, other, desk.programme_id, week, desk.rules, good_rows_only=False, actor="discord:1", now=NOW, holidays={})

    with pytest.raises(NotFound):
        desk.store.write_now(bring_in)
    assert ([one for one in said if "FROM session" in one], len(said)) == ([], 1)


def test_an_import_widens_the_programmes_days_and_is_on_record(desk: Desk) -> None:
    desk.apply(*WEEK, ("22/03/2027", "9-10am", "The week after", "", "Teams", "", ""))
    with desk.store.reading() as db:
        programme = db.get_one(Programme, desk.programme_id)
        trail = db.exec(select(AuditEntry.action, AuditEntry.detail).order_by(col(AuditEntry.id).desc())).first()
    assert (programme.starts_on, programme.ends_on) == (date(2027, 3, 15), date(2027, 3, 22))
    assert trail == ("import schedule", "4 new, 0 changed, 0 cancelled, 0 skipped")


# ── for the command line ────────────────────────────────────────────────────────────────────────────────────


def test_an_uploaded_file_is_forgotten_after_a_week(desk: Desk) -> None:
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)
    desk.store.write_now(keep_time, desk.rules, now=NOW + timedelta(days=7))
    assert desk.store.read_now(kept_draft, desk.partnership_id, draft).content == b"x"
    desk.store.write_now(keep_time, desk.rules, now=NOW + timedelta(days=7, seconds=1))
    with pytest.raises(NotFound, match="We no longer have this file"):
        desk.store.read_now(kept_draft, desk.partnership_id, draft)
