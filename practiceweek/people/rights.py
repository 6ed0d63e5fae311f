"""`practiceweek person`: a copy of what is kept about somebody, and forgetting them, for whoever runs the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.database import Db, Store
from domain.errors import BadInput
from domain.rights.copying import copy_of, named_in, names_of
from domain.rights.leaving import Leaving, leave
from domain.rights.subjects import Subject, subjects_at
from integrations.person_files import PersonFiles
from practiceweek.database import revisions
from practiceweek.imports import ACTOR, said_yes
from practiceweek.kept import there
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now


@contextmanager
def _store(settings: Settings, partnership: str | None) -> Iterator[Store]:
    """The database that is there, of this program's revision. None is made."""
    settings.chosen(partnership)
    revisions.refuse_other(settings.database.url)
    store = Store(settings.database.url)
    try:
        yield store
    finally:
        store.close()


def export(settings: Settings, address: str, out: Path, *, partnership: str | None) -> None:
    """Write the copy; one file for each person that the address leads to. Raises `NotFound`, `BadInput`."""
    if out.suffix.lower() != ".zip":
        raise BadInput(f"This writes a zip file, so call it {out.stem}.zip.")
    with _store(settings, partnership) as store:
        kept = store.read_now(there, settings, partnership)
        found = store.write_now(subjects_at, kept.id, address, now=utc_now())
        for number, one in enumerate(found, start=1):
            copy = store.write_now(copy_of, one, actor=ACTOR, now=utc_now())
            file = out if number == 1 else out.with_stem(f"{out.stem}-{number}")
            _keep_safe(file, PersonFiles().write(copy))
            sys.stdout.write(f"{file}: rows of {len(copy.parts)} tables. It holds all about them: keep it safe.\n")


def _keep_safe(file: Path, content: bytes) -> None:
    """A new file that only its owner reads."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            new.write(content)
    except OSError as fault:
        raise BadInput(f"{file} could not be written: {fault.strerror}.") from None


def erase(settings: Settings, address: str, *, yes: bool, partnership: str | None) -> None:
    """Begin to forget whoever the address leads to. The clock ends it. Raises `NotFound`."""
    with _store(settings, partnership) as store:
        kept = store.read_now(there, settings, partnership)
        found = store.write_now(subjects_at, kept.id, address, now=utc_now())
        if not (yes or _agreed(len(found))):
            sys.stdout.write("Nothing was changed.\n")
            return
        for one in found:
            named = store.read_now(_named, one)
            begun: Leaving = store.write_now(leave, one, kept.rules, actor=ACTOR, now=utc_now())
            for line in _lines(begun, named):
                sys.stdout.write(line + "\n")


def _named(db: Db, one: Subject) -> tuple[str, ...]:
    return named_in(db, one, names_of(db, one))


def _lines(begun: Leaving, named: tuple[str, ...]) -> Iterator[str]:
    if begun.done_at is not None:
        yield "This person was forgotten before."
        return
    yield f"Cancelled: {begun.cancelled}. Once the cancellations have left, the scheduler takes out what leads to them."
    yield "Still with others: their own mailbox and calendar, the mail server's log, and the meeting services' own lists."
    yield "Still in older copies of the database: delete those when their time is over."
    yield from (f"Organisers name them here, so please look: {one}" for one in named)


def _agreed(people: int) -> bool:
    if not sys.stdin.isatty():
        raise BadInput("Nothing was changed. Add --yes to do it without being asked.")
    return said_yes(f"This cannot be undone. Forget {'this person' if people == 1 else f'these {people} people'}?")
