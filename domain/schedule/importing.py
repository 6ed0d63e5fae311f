"""Importing a schedule: a file is kept as a draft, previewed, and on Confirm carried out in one transaction.

Rows go through the same use cases as an organiser's own hands (`sessions.add`, `edit`, `cancel_session`), so meetings
and invitations follow. What Confirm does is worked out again at that moment; a preview that is no longer true is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from domain.audit import audit
from domain.cancellations import WithOthers
from domain.capacity import find_session
from domain.database import Db
from domain.drafts import Draft, drafts_over, forget_drafts, keep_draft, kept_draft, locked_draft
from domain.errors import Refusal
from domain.ports.files import Sheet
from domain.programmes import lock_whole, require_kept
from domain.rules import Rules
from domain.schedule.columns import Means
from domain.schedule.planned import Fate, ImportPreview, PlannedRow, preview_json
from domain.schedule.previewing import bare_preview, preview
from domain.schedule.values import Problem, Schedule
from domain.series.begun import give_on_rest
from domain.series.parts import place_sessions
from domain.sessions import add, cancel_session, edit

__all__ = [
    "Draft",
    "Fate",
    "ImportPreview",
    "Imported",
    "PlannedRow",
    "apply",
    "bare_preview",
    "drafts_over",
    "forget_drafts",
    "keep_draft",
    "kept_draft",
    "preview",
    "preview_json",
]

REASON = "This session is no longer in the programme."


@dataclass(frozen=True)
class Imported:
    """What Confirm did, in sessions. `told` people are owed a message; `already`: this draft had been carried out before."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    cancelled: int = 0
    skipped: int = 0  #: rows with an error, undecided ones, and those whose session is cancelled or over
    told: int = 0
    already: bool = False


def apply(
    db: Db,
    partnership_id: int,
    programme_id: int,
    sheet: Sheet,
    rules: Rules,
    *,
    good_rows_only: bool,
    actor: str,
    now: datetime,
    holidays: Mapping[date, str],
    cancel_gone: frozenset[int] = frozenset(),
    answers: Mapping[int, int | None] | None = None,
    draft_id: int | None = None,
    seen: str | None = None,
    means: Means | None = None,
    schedule: Schedule | None = None,
    sees_private: bool = True,
) -> Imported:
    """Carry a file out: all of it or nothing; with `good_rows_only`, what has no error and is not in doubt.

    `cancel_gone` are the ids of gone sessions that were ticked. `seen` is the fingerprint of the preview that was
    confirmed; `schedule` is the file as it was read for it, so that it is not read again while others wait to write.
    Raises `Refusal` when there are errors, the programme has changed since, or it is put away. A draft has one effect.
    """
    draft = locked_draft(db, partnership_id, draft_id) if draft_id is not None else None
    if draft is not None and draft.applied_at is not None:
        return Imported(already=True)
    require_kept(lock_whole(db, partnership_id, programme_id).state)  # what is compared stays so
    file = partial(preview, db, partnership_id, programme_id, sheet, rules, means=means, schedule=schedule, sees_private=sees_private)
    planned = file(now=now, holidays=holidays, answers=answers)
    _refuse(planned, good_rows_only, cancel_gone, seen)
    done = _carry_out(db, partnership_id, planned, cancel_gone, rules, actor=actor, now=now)
    if draft is not None:
        draft.applied_at = now
        db.add(draft)
    counts = f"{done.new} new, {done.changed} changed, {done.cancelled} cancelled, {done.skipped} skipped"
    audit(db, partnership_id, actor, "import schedule", now=now, programme_id=programme_id, detail=counts)
    return done


def _refuse(planned: ImportPreview, good_rows_only: bool, cancel_gone: frozenset[int], seen: str | None) -> None:
    if seen is not None and planned.fingerprint != seen:
        raise Refusal("The programme has changed since this preview was made. Nothing was done. Please look at the preview again.")
    if planned.errors and not good_rows_only:
        raise Refusal(_first(planned.errors) + " Nothing was imported.")
    if not planned.schedule.sessions:
        raise Refusal("No row of this file can be used. Nothing was imported.")
    undecided = planned.of(Fate.AMBIGUOUS)
    if undecided and not good_rows_only:
        raise Refusal(f"Row {undecided[0].row} could be one of several sessions. Please say which. Nothing was imported.")
    if not cancel_gone <= {one.session_id for one in planned.gone}:
        raise Refusal("A session that you ticked is in the file, over, or cancelled already. Please look at the preview again.")


def _first(errors: tuple[Problem, ...]) -> str:
    more = f" There are {len(errors) - 1} more problems." if len(errors) > 2 else " There is one more problem." if len(errors) == 2 else ""
    return f"Row {errors[0].row}: {errors[0].message}{more}"


def _carry_out(
    db: Db, partnership_id: int, planned: ImportPreview, cancel_gone: frozenset[int], rules: Rules, *, actor: str, now: datetime
) -> Imported:
    told = 0
    for session_id in sorted(cancel_gone):  # first, so that their hosts are free for the rows
        told += cancel_session(db, partnership_id, session_id, REASON, rules, actor=actor, now=now, together=WithOthers()).told
    series: dict[int, str | None] = {}  # an edit leaves a session's series alone: that is seen to when every row is there
    for row in planned.of(Fate.NEW):
        made = add(db, partnership_id, planned.programme_id, row.session, rules, actor=actor, now=now)
        series[made.session_id] = row.series
    for row in planned.of(Fate.CHANGED):
        told += edit(db, partnership_id, row.session_id or 0, row.session, rules, actor=actor, now=now).told
        series[row.session_id or 0] = row.series
    place_sessions(db, partnership_id, series, rules, now=now)
    give_on_rest(db, [find_session(db, partnership_id, session_id) for session_id in cancel_gone], rules, now=now)
    stay = len(planned.of(Fate.AMBIGUOUS)) + len(planned.of(Fate.CANCELLED)) + len(planned.of(Fate.OVER))
    return Imported(
        new=len(planned.of(Fate.NEW)),
        changed=len(planned.of(Fate.CHANGED)),
        unchanged=len(planned.of(Fate.UNCHANGED)),
        cancelled=len(cancel_gone),
        skipped=len({problem.row for problem in planned.errors}) + stay,
        told=told,
    )
