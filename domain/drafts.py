"""Drafts: files that organisers sent, kept until they confirm what the preview shows, and for a week at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.capacity import find_session
from domain.database import Db
from domain.errors import NotFound
from domain.models import DraftOf, ImportDraft
from domain.partnerships import Whose, of_these
from domain.programmes import owned
from domain.standing import Instant, at

#: how long an uploaded file is kept
FILES_KEPT = timedelta(days=7)
#: of one schedule
MOST_BYTES = 5_000_000
MOST_OFFERED = 5
GONE = "We no longer have this file. Please send it again."
TOO_LARGE = "This file is too large: the most is 5 MB. Remove pictures from it, or save it as .csv."


@dataclass(frozen=True)
class Draft:
    """A file that waits for Confirm. `place` says how far the organiser had come with it."""

    id: int
    programme_id: int
    file_name: str
    content: bytes
    applied_at: datetime | None
    asked_by: int | None = None
    session_id: int | None = None
    stopped_at: datetime | None = None
    place: str = ""


@dataclass(frozen=True)
class Unfinished:
    """A file that an organiser has sent and not confirmed."""

    id: int
    file_name: str
    sent_at: datetime  #: UTC


def keep_draft(
    db: Db,
    partnership_id: int,
    programme_id: int,
    file_name: str,
    content: bytes,
    *,
    asked_by: int | None,
    now: datetime,
    purpose: DraftOf = DraftOf.SCHEDULE,
    session_id: int | None = None,
) -> int:
    """Keep a file until it is confirmed; its draft's id. Nothing else comes of it yet. Raises `NotFound`."""
    owned(db, partnership_id, programme_id)
    if session_id is not None:
        find_session(db, partnership_id, session_id)
    draft = ImportDraft(
        partnership_id=partnership_id,
        programme_id=programme_id,
        purpose=purpose,
        session_id=session_id,
        file_name=file_name[-200:],
        content=content,
        asked_by=asked_by,
        created_at=now,
    )
    db.add(draft)
    db.flush()
    return draft.id or 0


def kept_draft(db: Db, partnership_id: int, draft_id: int, purpose: DraftOf = DraftOf.SCHEDULE) -> Draft:
    """The file of a draft. Raises `NotFound`, for one of another purpose too."""
    draft = db.get(ImportDraft, draft_id)
    if draft is None or draft.partnership_id != partnership_id or not draft.content or draft.purpose is not purpose:
        raise NotFound(GONE)
    return Draft(
        draft_id,
        draft.programme_id,
        draft.file_name,
        draft.content,
        draft.applied_at,
        draft.asked_by,
        draft.session_id,
        draft.stopped_at,
        draft.place,
    )


def locked_draft(db: Db, partnership_id: int, draft_id: int, purpose: DraftOf = DraftOf.SCHEDULE) -> ImportDraft:
    """The draft's row, held for this transaction: a draft has one effect. Raises `NotFound`."""
    draft = db.exec(select(ImportDraft).where(col(ImportDraft.id) == draft_id).with_for_update()).first()
    if draft is None or draft.partnership_id != partnership_id or draft.purpose is not purpose:
        raise NotFound(GONE)
    return draft


def drafts_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `forget_drafts` has anything to do."""
    return select(ImportDraft.id).where(*_old(at(-FILES_KEPT), whose)).exists()


def _old(came: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    return col(ImportDraft.created_at) < came, col(ImportDraft.content) != b"", *of_these(ImportDraft.partnership_id, whose)


def forget_drafts(db: Db, *, now: datetime, whose: Whose = None) -> int:
    """Empty the files that came more than a week ago: they may hold telephone numbers; how many."""
    old = update(ImportDraft).where(*_old(now - FILES_KEPT, whose))
    return db.exec(old.values(content=b"")).rowcount


# ── leaving, and going on ───────────────────────────────────────────────────────────────────────────────────


def unfinished(db: Db, partnership_id: int, programme_id: int, asked_by: int) -> tuple[Unfinished, ...]:
    """The schedules that this organiser has sent for a programme and not confirmed, the last first."""
    mine = select(ImportDraft).where(
        col(ImportDraft.partnership_id) == partnership_id,
        col(ImportDraft.programme_id) == programme_id,
        col(ImportDraft.asked_by) == asked_by,
        col(ImportDraft.purpose) == DraftOf.SCHEDULE,
        col(ImportDraft.applied_at).is_(None),
        col(ImportDraft.content) != b"",
    )
    rows = db.exec(mine.order_by(col(ImportDraft.id).desc()).limit(MOST_OFFERED))
    return tuple(Unfinished(row.id or 0, row.file_name, row.created_at) for row in rows)


def stop_reading(db: Db, partnership_id: int, draft_id: int, *, now: datetime) -> None:
    """The organiser leaves a file while it is read. Whoever reads it looks here, wherever it runs."""
    draft = locked_draft(db, partnership_id, draft_id)
    draft.stopped_at = now
    db.add(draft)


def go_on(db: Db, partnership_id: int, draft_id: int) -> None:
    """The organiser takes a file up again."""
    draft = locked_draft(db, partnership_id, draft_id)
    draft.stopped_at = None
    db.add(draft)


def is_stopped(db: Db, partnership_id: int, draft_id: int) -> bool:
    """Whether its organiser has left it."""
    mine = select(ImportDraft.stopped_at).where(col(ImportDraft.id) == draft_id, col(ImportDraft.partnership_id) == partnership_id)
    return db.exec(mine).first() is not None


def note_place(db: Db, partnership_id: int, draft_id: int, place: str) -> None:
    """Remember how far the organiser has come, so that a preview that was closed goes on from there."""
    mine = update(ImportDraft).where(col(ImportDraft.id) == draft_id, col(ImportDraft.partnership_id) == partnership_id)
    db.exec(mine.values(place=place[:100]))
