"""Files that organisers send and take away: spreadsheets and feedback forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.rights.copying import PersonCopy


@dataclass(frozen=True)
class Sheet:
    """A spreadsheet as rows of cells. `rows[0]` is row 1 of the spreadsheet. A cell is None, str, float, bool, date, time or datetime.

    Where several sheets were joined, `places` says of each row which sheet it is from, and its number there.
    """

    name: str
    rows: tuple[tuple[object, ...], ...]
    warnings: tuple[str, ...] = ()
    places: tuple[tuple[str, int], ...] = ()


class SheetReader(Protocol):
    """Reads an uploaded file."""

    def read(self, name: str, content: bytes) -> Sheet:
        """The first sheet with a table in it, or the sheets of all days as one. Raises `BadInput` for a file that cannot be used."""


class SheetWriter(Protocol):
    """Writes spreadsheets for organisers."""

    def write(self, title: str, pages: Sequence[Page]) -> bytes:
        """An XLSX file. Every text stays text, whatever it begins with. Slow for thousands of rows: call it off the loop."""


@dataclass(frozen=True)
class Page:
    """One sheet of a workbook: a head, rows below it. A cell is None, str, int, float, date, time or a wall time without a zone."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class WrittenQuestion:
    """A question as it stands in an organiser's file. What is missing is None."""

    words: str | None
    kind: str | None
    options: tuple[str, ...] = ()
    key: str | None = None


class FormReader(Protocol):
    """Reads a feedback form from a file."""

    def read(self, name: str, content: bytes) -> tuple[WrittenQuestion, ...]:
        """The questions in order. Raises `BadInput` with a plain sentence for a file that cannot be read."""


class PersonWriter(Protocol):
    """Writes a person's copy as a file to take away."""

    def write(self, copy: PersonCopy) -> bytes:
        """A zip file with a page to read, and JSON."""
