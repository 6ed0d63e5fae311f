"""What is drawn or set for printing: charts, sign-in sheets, certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.cpd import CpdDraft
from domain.records import AttendanceFacts, CompletionFacts


@dataclass(frozen=True)
class Bars:
    """A bar chart to draw: for each label one value a series. `title` says what it shows."""

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str = ""
    stacked: bool = field(default=False)


class Pictures(Protocol):
    """Draws charts."""

    def bars(self, chart: Bars) -> bytes:
        """A PNG. Slow: call it off the loop."""


@dataclass(frozen=True)
class SignInLine:
    """Somebody on a sign-in sheet. `organisation` is empty where the session is private."""

    name: str
    organisation: str


@dataclass(frozen=True)
class SignInSheet:
    """A session's sign-in sheet, to print. Times are words already."""

    title: str
    programme: str
    partnership: str
    when: str
    venue: str
    people: tuple[SignInLine, ...]
    waiting: tuple[SignInLine, ...]
    made: str
    made_at: datetime  #: UTC
    private: bool = False


class SignInSheets(Protocol):
    """Sets sign-in sheets for printing."""

    def pdf(self, sheet: SignInSheet, *, landscape: bool = False) -> bytes:
        """A PDF of A4 pages. Slow: call it off the loop."""


class CpdNotes(Protocol):
    """Writes a CPD note down, to be kept or copied from."""

    def text(self, draft: CpdDraft) -> bytes:
        """As plain text (UTF-8)."""

    def word(self, draft: CpdDraft) -> bytes:
        """As a .docx. Slow the first time: call it off the loop."""


class Certificates(Protocol):
    """Draws certificates: bytes of a PDF that says in its own words what it is, and in which language."""

    def completion(self, facts: CompletionFacts) -> bytes:
        """That somebody completed a course. Slow: call it off the loop."""

    def attendance(self, facts: AttendanceFacts) -> bytes:
        """That somebody attended sessions of a programme. Slow: call it off the loop."""
