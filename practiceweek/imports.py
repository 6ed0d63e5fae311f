"""`practiceweek import`: the same reading, preview and import as in chat, on the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from domain.database import Db, Store
from domain.errors import BadInput, NotFound, Refusal
from domain.models import Programme, ProgrammeKind, ProgrammeState
from domain.ports.files import Sheet
from domain.programmes import NewProgramme, create, owned, require_kept
from domain.rules import Rules
from domain.schedule.checks import first_and_last_day
from domain.schedule.columns import Means, heading_key, likely
from domain.schedule.importing import Imported, apply
from domain.schedule.planned import ImportPreview, preview_json
from domain.schedule.previewing import bare_preview, preview
from domain.schedule.remembering import known_field
from domain.schedule.telling import counted, done_words, gone_words, headline, left_out_words, problem_words, row_words, what_happens
from domain.schedule.values import Schedule, ScheduledRow
from domain.times import span_words
from integrations.holidays import english_bank_holidays
from integrations.sheets import CalamineSheetReader
from practiceweek.kept import has_none, one_kept, there
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now

ACTOR = "command line"


@dataclass(frozen=True)
class Order:
    """What the organiser asks for on the command line."""

    programme: str | None
    good_rows: bool
    cancel_gone: tuple[str, ...]  #: references
    yes: bool
    means: Means = field(default_factory=dict)  #: what columns mean


def read(file: Path) -> Sheet:
    """The file's first table. Raises `BadInput` with a sentence."""
    return CalamineSheetReader().read(file.name, content_of(file))


def content_of(file: Path) -> bytes:
    """The file's bytes. Raises `BadInput` with a sentence."""
    try:
        return file.read_bytes()
    except OSError as fault:
        raise BadInput(f"{file} could not be opened: {fault.strerror}.") from None


def means_of(columns: Sequence[str], sheet: Sheet) -> Means:
    """From `Slot lead=presenter` to what the heading means. Raises `BadInput`, for a heading too that is nowhere in the file."""
    means = {}
    for column in columns:
        heading, equals, meaning = column.rpartition("=")
        if not equals or not heading_key(heading):
            raise BadInput(f"Write --column as a heading, an equals sign and what it means, not “{column}”.")
        means[heading_key(heading)] = known_field(meaning)
        if not any(heading_key(cell) == heading_key(heading) for row in sheet.rows for cell in row if isinstance(cell, str)):
            raise BadInput(f"There is no column “{heading.strip()[:40]}” in this file. Write --column with a heading as it stands there.")
    return means


def show_bare(sheet: Sheet, *, as_json: bool, means: Means | None = None) -> int:
    """Print what a file holds, compared with nothing; 0, or 2 when a row has an error."""
    schedule = bare_preview(sheet, now=utc_now(), holidays=english_bank_holidays(), means=means)
    if as_json:
        _print_json(schedule)
    else:
        for row in schedule.sessions:
            _say(_bare_words(row))
        _say_problems(schedule)
        _say(f"{counted(len(schedule.sessions), 'session')} could be read.")
    return 2 if schedule.errors else 0


HOW = {
    "teams": "Teams",
    "zoom": "Zoom",
    "in_person": "In person",
    "hybrid": "Hybrid",
    "online": "Online as the programme says",
    "unknown": "Not said how",
}


def _bare_words(row: ScheduledRow) -> str:
    """A row as it was read: what stands open takes the programme's defaults when it is imported."""
    where = f", {row.venue}" if row.venue else ""
    places = f"{row.places:,} {'place' if row.places == 1 else 'places'}" if row.places is not None else "Places as the programme says"
    who = ", ".join(name for name in (row.presenter, row.organisation) if name)
    series = f"Part of the series {row.series}" if row.series else ""
    address = f"Mail to {row.presenter_address}" if row.presenter_address else ""
    said = (row.title, span_words(row.starts_at, row.ends_at), _how(row) + where, places, who, series, address)
    return f"Row {row.row}: " + " ".join(f"{part.rstrip('.')}." for part in said if part)


def _how(row: ScheduledRow) -> str:
    """As far as the file says: `Zoom`, `A link of your own (https://…)`, `Online as the programme says`."""
    if row.link and row.format != "in_person":
        return f"{'Hybrid, with a' if row.format == 'hybrid' else 'A'} link of your own ({row.link})"
    if row.format == "hybrid":
        return f"Hybrid, on {HOW[row.provider]}" if row.provider else "Hybrid, online as the programme says"
    return HOW[row.format]


def refused_json(refusal: Refusal) -> str:
    """A file that could not be read at all, in the form of a preview: one error, of no row."""
    error = {"row": None, "column": None, "message": str(refusal)}
    return json.dumps({"sessions": [], "errors": [error], "warnings": []}, indent=2, ensure_ascii=False) + "\n"


def into(settings: Settings, sheet: Sheet, order: Order, *, preview_only: bool, as_json: bool, partnership: str | None = None) -> int:
    """Preview the file against a programme, ask, and import it; 0, or 2 when a row has an error and nothing was imported."""
    now = utc_now()
    settings.chosen(partnership)  # raises `SettingsError` before anything is opened
    store = Store(settings.database.url)
    try:
        if preview_only and store.read_now(has_none):
            return show_bare(sheet, as_json=as_json, means=order.means)
        kept = store.read_now(there, settings, partnership) if preview_only else store.write_now(one_kept, settings, partnership)
        partnership_id, rules = kept.id, kept.rules
        programme_id = store.read_now(_to_change, partnership_id, order.programme)
        if programme_id is None and preview_only:
            return show_bare(sheet, as_json=as_json, means=order.means)
        planned = _planned(store, partnership_id, programme_id, order, sheet, rules, now=now)
        _show(planned, order, as_json=as_json, briefly=order.yes and not preview_only)
        _only_gone(order, planned)
        if preview_only or not (order.yes or _agreed(planned, order)):
            return 2 if planned.errors else 0
        done = store.write_now(_import, partnership_id, order, sheet, planned, rules, now=now)
        if not as_json:
            _say(done_words(done))
            for one in left_out_words(planned):
                _say(f"Left out of {sheet.name}: {one}")
        return 0  # what was asked for is done: rows with an error are left out only by `--good-rows`, and counted
    finally:
        store.close()


class _Seen(Exception):
    """Carries a preview out of a transaction that is undone by it."""

    def __init__(self, planned: ImportPreview) -> None:
        self.planned = planned
        super().__init__()


def _planned(
    store: Store, partnership_id: int, programme_id: int | None, order: Order, sheet: Sheet, rules: Rules, *, now: datetime
) -> ImportPreview:
    """What the import would do. A programme that is new is made to see it, and undone: only the import itself makes it."""
    seen_with: dict[str, Any] = {"now": now, "holidays": english_bank_holidays(), "means": order.means}
    if programme_id is not None:
        return store.read_now(preview, partnership_id, programme_id, sheet, rules, **seen_with)

    def look(db: Db) -> None:
        made = _made(db, partnership_id, order, sheet, now=now)
        raise _Seen(preview(db, partnership_id, made, sheet, rules, **seen_with))

    try:
        store.write_now(look)
    except _Seen as seen:
        return seen.planned
    raise AssertionError("looking is undone")


def _import(db: Db, partnership_id: int, order: Order, sheet: Sheet, planned: ImportPreview, rules: Rules, *, now: datetime) -> Imported:
    """The whole import, with its programme where that is new: all of it or nothing."""
    return apply(
        db,
        partnership_id,
        _to_change(db, partnership_id, order.programme or "") or _made(db, partnership_id, order, sheet, now=now),
        sheet,
        rules,
        good_rows_only=order.good_rows,
        actor=ACTOR,
        now=now,
        holidays=english_bank_holidays(),
        cancel_gone=frozenset(one.session_id for one in planned.gone if one.session.reference in order.cancel_gone),
        seen=planned.fingerprint,
        means=order.means,
    )


def programme_of(db: Db, partnership_id: int, typed: str | None) -> int | None:
    """The programme of this number or title; None where the title is new. Raises `BadInput`, `NotFound`.

    Of several with one title the newest: one that is put away stands in nobody's way.
    """
    if typed is None:
        raise BadInput("Say which programme, with --programme: its title or number.")
    mine = select(Programme).where(col(Programme.partnership_id) == partnership_id).order_by(col(Programme.id).desc())
    found = [one for one in db.exec(mine) if typed.casefold() in (one.title.casefold(), str(one.id))]
    if found:  # of equals the first stays first
        return min(found, key=lambda one: one.state is ProgrammeState.ARCHIVED).id
    if typed.isdigit():
        raise NotFound("There is no programme with that number.")
    return None


def _to_change(db: Db, partnership_id: int, typed: str | None) -> int | None:
    """The same, where something may still be done to it. Raises `Closed` for one that is put away."""
    programme_id = programme_of(db, partnership_id, typed)
    if programme_id is not None:
        require_kept(owned(db, partnership_id, programme_id).state)
    return programme_id


def _made(db: Db, partnership_id: int, order: Order, sheet: Sheet, *, now: datetime) -> int:
    """A new draft of this title, for the days of the file. Raises `BadInput`."""
    days = first_and_last_day(bare_preview(sheet, now=now, holidays={}, means=order.means).sessions)
    if days is None:
        raise BadInput("No row of this file can be used, so there is no programme to make.")
    return create(db, partnership_id, NewProgramme(order.programme or "", ProgrammeKind.PRACTICE_WEEK, *days), actor=ACTOR, now=now).id


def _only_gone(order: Order, planned: ImportPreview) -> None:
    gone = {one.session.reference for one in planned.gone}
    for reference in order.cancel_gone:
        if reference not in gone:
            raise BadInput(f"There is no session {reference} that the file no longer has. Nothing was imported.")


def _show(planned: ImportPreview, order: Order, *, as_json: bool, briefly: bool) -> None:
    """`briefly`: it is imported in a moment, and then said what was done, and what was left out."""
    if as_json:
        _print_json(planned)
        return
    for row in () if briefly else planned.rows:
        _say(row_words(row))
    for gone in planned.gone:
        _say(f"No longer in the file, {gone.session.reference}: {gone_words(gone)}")
    _say_problems(planned, errors=not (briefly and order.good_rows))
    if not briefly:
        _say(f"{headline(planned)} {what_happens(planned)}")


def _say_problems(found: Schedule | ImportPreview, *, errors: bool = True) -> None:
    """A heading that is nearly one of ours comes first: often it is why the rows below it have errors."""
    schedule = found.schedule if isinstance(found, ImportPreview) else found
    misspelt = [problem for problem in found.warnings if problem.column in schedule.unknown]
    for problem in misspelt:
        _say(f"Please check. {problem_words(problem)}{_by_column(problem.column or '')}")
    for problem in found.errors if errors else ():
        _say(f"Error. {problem_words(problem)}")
    for problem in found.warnings:
        if problem not in misspelt:
            _say(f"Please check. {problem_words(problem)}")
    if not schedule.sessions and schedule.unknown and not misspelt:
        _say('You can say what a heading means with --column "HEADING=MEANING", such as --column "Slot lead=presenter".')


def _by_column(heading: str) -> str:
    near = likely(heading)
    return f' If so, rename it, or add --column "{heading}={near}".' if near else ""


def _agreed(planned: ImportPreview, order: Order) -> bool:
    if not sys.stdin.isatty():
        also = " To leave out the rows with an error, add --good-rows too." if planned.errors and not order.good_rows else ""
        raise BadInput(f"Nothing was imported. Add --yes to import without being asked.{also}")
    return said_yes("Import this?")


def said_yes(question: str) -> bool:
    """Ask whoever sits at the terminal; whether they agree."""
    sys.stdout.write(f"{question} Type yes: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _print_json(found: Schedule | ImportPreview) -> None:
    sys.stdout.write(json.dumps(preview_json(found), indent=2, ensure_ascii=False) + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
