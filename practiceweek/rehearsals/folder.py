"""The folder that a rehearsal writes: known by a mark, so that nobody else's folder is ever cleared."""

from __future__ import annotations

import shutil
from pathlib import Path

from domain.errors import BadInput

MARK = ".practiceweek-rehearsal"
_WORDS = "A rehearsal of Practice Week writes here. The next one takes away what it left.\n"


def check(folder: Path) -> None:
    """Raises `BadInput` for a folder that holds something and is not a rehearsal's. Changes nothing."""
    try:
        if folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir()):
            raise BadInput(f"{folder} is not empty, and no rehearsal has written there. Name a new folder with --out.")
    except OSError as fault:
        raise BadInput(f"{folder} cannot be used: {fault.strerror}.") from None


def make_ready(folder: Path) -> None:
    """Mark the folder, and take away what an earlier rehearsal left there, and nothing else. Raises `BadInput`."""
    check(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(_WORDS, encoding="utf-8")
        for name in ("mail", "chat"):
            shutil.rmtree(folder / name, ignore_errors=True)
        for pattern in ("practiceweek.sqlite*", "report*.html", "timeline.jsonl", "meetings.json"):
            for old in folder.glob(pattern):
                old.unlink()
    except OSError as fault:
        raise BadInput(f"{folder} cannot be used: {fault.strerror}.") from None
