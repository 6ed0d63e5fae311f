"""In which of several partnerships an account is known, and whose a typed code is: for direct messages, which come from no server.

The answer is an id of a partnership, and nothing else of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.guesses import HOUR, WRONG_AN_HOUR
from domain.invitations import hash_letters
from domain.models import Admission, CodeGuess, InvitationCode, Person, Presenter, Transfer
from domain.presenters.naming import code_of
from domain.transfers.codes import read_code

#: in a presenter's code, without its dash
PRESENTERS_LETTERS = 8


def known_in(db: Db, discord_id: int, among: Sequence[int]) -> tuple[int, ...]:
    """The partnerships, of these, that know an account: as a person, or let in by a code; lowest first."""
    people = select(Person.partnership_id).where(col(Person.partnership_id).in_(among), col(Person.discord_id) == discord_id)
    admitted = select(Admission.partnership_id).where(col(Admission.discord_id) == discord_id)
    return tuple(sorted({*db.exec(people), *db.exec(admitted)} & set(among)))


def of_code(db: Db, discord_id: int, typed: str, among: Sequence[int], *, now: datetime) -> int | None:
    """Whose invitation, transfer or presenter's code this is; None for no code, and for who has guessed wrong too often lately.

    Whether it still opens anything is asked within that partnership, where a wrong one is counted.
    """
    lately = select(func.max(CodeGuess.tries)).where(col(CodeGuess.discord_id) == discord_id, col(CodeGuess.since) > now - HOUR)
    if (db.exec(lately).one() or 0) >= WRONG_AN_HOUR:
        return None
    found = _of_transfer(db, typed) or _of_invitation(db, typed) or _of_presenter(db, typed)
    return found if found in among else None


def _of_transfer(db: Db, typed: str) -> int | None:
    """Its number alone tells: the digits are compared, and tries at them counted, where the place is given."""
    read = read_code(typed)
    transfer = db.get(Transfer, read[0]) if read else None
    return transfer.partnership_id if transfer else None


def _of_invitation(db: Db, typed: str) -> int | None:
    return db.exec(select(InvitationCode.partnership_id).where(col(InvitationCode.code_hash) == hash_letters(typed))).first()


def _of_presenter(db: Db, typed: str) -> int | None:
    letters = "".join(c for c in typed.upper() if c.isalnum()).encode()
    asked = select(Presenter).where(col(Presenter.ended_at).is_(None), col(Presenter.code_seed).is_not(None))
    if len(letters) != PRESENTERS_LETTERS:
        return None
    return next(
        (one.partnership_id for one in db.exec(asked) if hmac.compare_digest(code_of(one).replace("-", "").encode(), letters)), None
    )
