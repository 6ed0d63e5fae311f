"""Narrowing a list of sessions: whom they are for, how one takes part, who runs them, and on which day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from starlette.requests import Request

from domain.audiences import is_for_all, says_everybody
from domain.kinds import Format
from domain.times import day_of

#: the fields of the form, in its order
NAMES = ("audience", "format", "organisation", "day")


class Listed(Protocol):
    """A session in a list."""

    @property
    def audience(self) -> str: ...

    @property
    def format(self) -> Format: ...

    @property
    def organisation(self) -> str | None: ...

    @property
    def starts_at(self) -> datetime: ...

    @property
    def zone(self) -> str: ...


@dataclass(frozen=True)
class Chosen:
    """What a reader wants to see. Empty: everything."""

    audience: str = ""
    format: str = ""
    organisation: str = ""
    day: str = ""  #: as 2027-03-15

    @property
    def narrowed(self) -> bool:
        """Whether anything was chosen."""
        return self != Chosen()

    def fits(self, session: Listed) -> bool:
        """Whether a session is among it. What is for all, or for all of some, fits every audience."""
        return (
            (self.audience in ("", session.audience) or is_for_all(session.audience))
            and self.format in ("", session.format)
            and self.organisation in ("", session.organisation or "")
            and self.day in ("", day_of(session.starts_at, session.zone).isoformat())
        )


@dataclass(frozen=True)
class Choices:
    """What there is to choose from. A choice between one thing is none."""

    audiences: tuple[str, ...]
    formats: tuple[Format, ...]
    organisations: tuple[str, ...]
    days: tuple[date, ...]

    @property
    def some(self) -> bool:
        """Whether there is a choice at all."""
        return any(len(one) > 1 for one in (self.audiences, self.formats, self.organisations, self.days))


def chosen_in(request: Request) -> Chosen:
    """What the address says that the reader wants."""
    return Chosen(*(request.query_params.get(name, "")[:200] for name in NAMES))


def choices_of(sessions: Iterable[Listed]) -> Choices:
    """What tells these sessions apart."""
    every = list(sessions)
    return Choices(
        tuple(sorted({one.audience for one in every if one.audience and not says_everybody(one.audience)})),
        tuple(one for one in Format if any(session.format is one for session in every)),
        tuple(sorted({one.organisation for one in every if one.organisation})),
        tuple(sorted({day_of(one.starts_at, one.zone) for one in every})),
    )
