"""Wrong codes: how often an account has lately typed one that opens nothing, an invitation's or a transfer's. One count for both."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.database import Db
from domain.errors import Refusal
from domain.models import CodeGuess
from domain.once import put_in
from domain.partnerships import Whose, of_these
from domain.standing import Instant, at

#: from so many wrong codes in an hour even the right one waits
WRONG_AN_HOUR = 10
HOUR = timedelta(hours=1)


def guesses_of(db: Db, partnership_id: int, discord_id: int, *, now: datetime) -> CodeGuess:
    """How often this account has been wrong in the hour that began with its first wrong code. Held for this transaction."""
    mine = select(CodeGuess).where(col(CodeGuess.partnership_id) == partnership_id, col(CodeGuess.discord_id) == discord_id)
    guesses = db.exec(mine.with_for_update()).first()
    if guesses is None:
        return CodeGuess(partnership_id=partnership_id, discord_id=discord_id, since=now)
    if guesses.since <= now - HOUR:
        guesses.tries, guesses.since = 0, now
    return guesses


def count_wrong(db: Db, guesses: CodeGuess, said: str) -> Refusal:
    """Count one more. The refusal is for the caller to return, not to raise: raised, the count would be undone."""
    if guesses.id is None:  # two first wrong codes at once are two all the same
        put_in(db, [guesses])
        guesses = guesses_of(db, guesses.partnership_id, guesses.discord_id, now=guesses.since)
    guesses.tries += 1
    db.add(guesses)
    db.flush()
    return Refusal(said)


def guesses_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `forget_guesses` has anything to do."""
    return select(CodeGuess.id).where(*_old(at(-HOUR), whose)).exists()


def _old(began: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    return col(CodeGuess.since) <= began, *of_these(CodeGuess.partnership_id, whose)


def forget_guesses(db: Db, *, now: datetime, whose: Whose = None) -> int:
    """Forget who was wrong more than an hour ago; how many."""
    old = db.exec(select(CodeGuess).where(*_old(now - HOUR, whose))).all()
    for guesses in old:
        db.delete(guesses)
    return len(old)
