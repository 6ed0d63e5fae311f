"""Standing questions: what every pass of the clock asks again, word for word.

Making a statement costs many times what a database with the right index takes to answer it. So each is made once, and told
the present instant when it is asked. Several questions are asked as one, for each way to a server and back takes longer than
its answer: `Standing` is a row of them, each a column; `Lists` are several short lists in one.

What is known when a question is made (a state, a limit) is written into it, and only the instants are told. PostgreSQL makes one
plan for all that may be told: it would not know that of a million notices five are queued, and would read them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Date, Row, Select, bindparam, literal_column, select, union_all
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import SelectBase

from domain.database import Db
from domain.engines import STANDING
from domain.times import LONDON, UtcDateTime, day_of

_STEP = timedelta(microseconds=1)
_LATER, _EARLIER, _TODAY = "later_", "earlier_", "today"

Statement = Select[Any] | CompoundSelect[Any]
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
        self._statement = _written_out(select(*questions))
        self._told = tuple(self._statement.compile().params)

    def ask(self, db: Db, *, now: datetime) -> tuple[Any, ...]:
        """The answers, in the order of the questions."""
        return tuple(db.connection().execute(self._statement, _to_tell(self._told, now)).one())


class Lists:
    """Standing questions that are answered with a few rows each, all of the same columns, asked as one statement."""

    def __init__(self, questions: Iterable[SelectBase]) -> None:
        numbered = [self._numbered(question, number) for number, question in enumerate(questions)]
        self._count = len(numbered)
        self._statement = _written_out(union_all(*numbered)) if numbered else None
        self._told = tuple(self._statement.compile().params) if self._statement is not None else ()

    @staticmethod
    def _numbered(question: SelectBase, number: int) -> SelectBase:
        rows = question.subquery()  # in the order and with the limit of its own
        return select(*rows.c, literal_column(str(number)).label("of_question"))

    def ask(self, db: Db, *, now: datetime) -> list[list[Row[Any]]]:
        """The rows of each question, in the order of the questions; those of one question are in no order."""
        answers: list[list[Row[Any]]] = [[] for _ in range(self._count)]
        if self._statement is not None:
            for row in db.connection().execute(self._statement, _to_tell(self._told, now)):
                answers[row.of_question].append(row)
        return answers


class Firsts:
    """Standing questions for the first instants of several kinds; `also`: others, which are asked with them."""

    def __init__(self, firsts: Iterable[First], also: Iterable[ColumnElement[Any]] = ()) -> None:
        self._firsts = tuple(firsts)
        self._standing = Standing([*(first.instant for first in self._firsts), *also])

    def ask(self, db: Db, *, now: datetime) -> list[datetime | None]:
        """When each falls due, in their order; None: never."""
        return self.ask_all(db, now=now)[0]

    def ask_all(self, db: Db, *, now: datetime) -> tuple[list[datetime | None], tuple[Any, ...]]:
        """As `ask`, and the answers to the others."""
        answers, count = self._standing.ask(db, now=now), len(self._firsts)
        instants = zip(self._firsts, answers[:count], strict=True)
        return [None if answer is None else answer + first.later for first, answer in instants], answers[count:]


def _written_out(statement: Statement) -> Statement:
    """The statement with what is known already standing in it."""

    def write_out(known: BindParameter[Any]) -> None:
        known.literal_execute = not _is_told(known.key) and not isinstance(known.value, bytes)  # written out, bytes would be a text

    return visitors.cloned_traverse(statement, {}, {"bindparam": write_out}).execution_options(**{STANDING: True})


def _is_told(name: str) -> bool:
    return name.startswith((_EARLIER, _LATER, _TODAY))


def _to_tell(told: Iterable[str], now: datetime) -> dict[str, object]:
    return {name: _value(name, now) for name in told if _is_told(name)}


def _value(name: str, now: datetime) -> object:
    if name == _TODAY:
        return day_of(now, LONDON)
    steps = int(name.removeprefix(_EARLIER).removeprefix(_LATER)) * _STEP
    return now - steps if name.startswith(_EARLIER) else now + steps
