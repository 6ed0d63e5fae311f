"""Where the database of the settings is, in words: for a file its full path, wherever the program was started."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from domain.engines import is_sqlite


def place(url: str) -> str:
    """The full path of a file, or the address of a server's database, which holds no password."""
    name = _file(url)
    return str(Path(name).absolute()) if name else url


def none_at(url: str) -> str:
    """That there is no database, where it was looked for, and why just there."""
    said = f"There is no database at {place(url)}."
    if not _is_relative(url):
        return said
    return f"{said} The path in database.url is relative: it counts from the folder in which the program is started."


def what_then(url: str) -> str:
    """What to do where there is none: a second one, made by mistake, would be empty."""
    first = "Start in the folder where yours is" if _is_relative(url) else "Check database.url"
    return f"{first}, or make a new one with: practiceweek run"


def _file(url: str) -> str:
    return (make_url(url).database or "") if is_sqlite(url) else ""


def _is_relative(url: str) -> bool:
    name = _file(url)
    return bool(name) and not Path(name).is_absolute()
