"""`practiceweek export` and `practiceweek form`: a programme as a spreadsheet, and its feedback form from a file."""

from __future__ import annotations

import sys
from pathlib import Path

from domain.database import Db, Store
from domain.errors import BadInput, NotFound
from domain.exports import export
from domain.feedback.forms import check_form, form_lines, set_form
from domain.kinds import Export
from integrations.form_files import TomlForms
from integrations.sheet_writer import XlsxWriter
from practiceweek.imports import ACTOR, content_of, programme_of, said_yes
from practiceweek.kept import there
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now


def export_to(settings: Settings, programme: str, what: Export, out: Path, *, partnership: str | None = None) -> None:
    """Write a programme's spreadsheet to `out`. Raises `NotFound`, `BadInput`."""
    if out.suffix.lower() != ".xlsx":
        raise BadInput(f"This writes a spreadsheet, so call it {out.stem}.xlsx.")
    settings.chosen(partnership)  # raises `SettingsError` before anything is opened
    store = Store(settings.database.url)
    try:
        kept = store.read_now(there, settings, partnership)
        programme_id = store.read_now(_programme, kept.id, programme)
        whole = what is Export.SESSIONS  # sent back it would cancel what is not in it; of who comes to a private session it holds nothing
        made = store.write_now(export, kept.id, programme_id, what, kept.rules, sees_private=whole, actor=ACTOR, now=utc_now())
    finally:
        store.close()
    content = XlsxWriter().write(made.title, made.pages)
    try:
        out.write_bytes(content)
    except OSError as fault:
        raise BadInput(f"{out} could not be written: {fault.strerror}.") from None
    rows = len(made.pages[0].rows)
    _say(f"{out}: {rows:,} {'row' if rows == 1 else 'rows'}.")


def set_form_from(settings: Settings, programme: str, file: Path, *, preview_only: bool, yes: bool, partnership: str | None = None) -> None:
    """Show the form that a file holds, ask, and set it. Raises `BadInput`, `NotFound`, `Closed`."""
    questions = check_form(TomlForms().read(file.name, content_of(file)))
    if not preview_only:
        settings.chosen(partnership)  # raises `SettingsError` before anything is shown or opened
    for line in form_lines(questions):
        _say(line)
    if preview_only:
        return
    store = Store(settings.database.url)
    try:
        partnership_id = store.read_now(there, settings, partnership).id
        programme_id = store.read_now(_programme, partnership_id, programme)
        if not (yes or _agreed()):
            _say("Nothing was changed.")
            return
        store.write_now(set_form, partnership_id, programme_id, questions, actor=ACTOR, now=utc_now())
    finally:
        store.close()
    _say("These questions are asked from now on.")


def _programme(db: Db, partnership_id: int, typed: str) -> int:
    """The programme of this number or title. Raises `NotFound`."""
    found = programme_of(db, partnership_id, typed)
    if found is None:
        raise NotFound("There is no programme with that title or number.")
    return found


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise BadInput("Nothing was changed. Add --yes to set the form without being asked.")
    return said_yes("Ask these questions?")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
