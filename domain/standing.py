"""Standing questions: what every pass of the clock asks again, word for word.

Making a statement costs many times what a database with the right index takes to answer it. So each is made once, and told
the present instant when it is asked. Several questions are asked as one: `Standing` is a row of them, each a column.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, select
from sqlalchemy.sql.elements import ColumnElement

from domain.database import Db
from domain.times import LONDON, UtcDateTime, day_of

_STEP = timedelta(microseconds=1)
_LATER, _EARLIER, _TODAY = "later_", "earlier_", "today"

#: an instant as it stands in a statement: known already, or told when it is asked
Instant = datetime | ColumnElement[datetime]


@dataclass(frozen=True)
class First:
    """The first instant of a kind, asked of the database; what it is the first of falls due so much `later`."""

    instant: ColumnElement[datetime | None]
    later: timedelta = timedelta()


def at(later: timedelta = timedelta(), *, now: datetime | None = None) -> Instant:
    """So much later than now; earlier, where it is less than nothing. Now is `now`, or else whenever the question is asked."""
    if now is not None:
        return now + later
    steps = later // _STEP
    return bindparam(f"{_EARLIER if steps < 0 else _LATER}{abs(steps)}", type_=UtcDateTime())


def today() -> ColumnElement[Any]:
    """The day (London) on which a standing question is asked."""
    return bindparam(_TODAY, type_=Date())


class Standing:
    """Questions that are asked as one statement. Make it once and keep it; `ask` it as often as you like, in any thread."""

    def __init__(self, questions: Iterable[ColumnElement[Any]]) -> None:
        self._statement = select(*questions)
        self._told = tuple(self._statement.compile().params)

    def ask(self, db: Db, *, now: datetime) -> tuple[Any, ...]:
        """The answers, in the order of the questions."""
        told = {name: _value(name, now) for name in self._told if name.startswith((_EARLIER, _LATER, _TODAY))}
        return tuple(db.connection().execute(self._statement, told).one())


class Firsts:
    """Standing questions for the first instants of several kinds."""

    def __init__(self, firsts: Iterable[First]) -> None:
        self._firsts = tuple(firsts)
        self._standing = Standing(first.instant for first in self._firsts)

    def ask(self, db: Db, *, now: datetime) -> list[datetime | None]:
        """When each falls due, in their order; None: never."""
        answers = self._standing.ask(db, now=now)
        return [None if answer is None else answer + first.later for first, answer in zip(self._firsts, answers, strict=True)]


def _value(name: str, now: datetime) -> object:
    if name == _TODAY:
        return day_of(now, LONDON)
    steps = int(name.removeprefix(_EARLIER).removeprefix(_LATER)) * _STEP
    return now - steps if name.startswith(_EARLIER) else now + steps
