"""Admissions: who has opened an invitation code, and so may see and book what is private.

Who is *admitted* stays so until the code is revoked: a place that is booked by then stays. In chat somebody types a code, and
guesses are counted; on a page the link holds it, or somebody types it from a letter on paper, and it is for one person or as many as its
organiser said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, false, or_, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.database import Db
from domain.errors import BadInput, NotFound, Refusal
from domain.guesses import WRONG_AN_HOUR, count_wrong, guesses_of
from domain.invitations import grouped_letters, hash_letters
from domain.models import Admission, InvitationCode, Person, Privacy, Programme, ProgrammeState, Session, SessionState
from domain.privacy import admits

REFUSED = "This code does not work. Check each letter, or ask who gave it to you for a new one."
TOO_MANY = "You have tried too many codes. Please wait an hour, or ask who gave you the code for help."


def open_code(db: Db, partnership_id: int, discord_id: int, typed: str, *, now: datetime) -> int | Refusal:
    """Let somebody in by a code; the code's id. Opening it again is harmless.

    A code that does not work is *returned* as a refusal, not raised, so that the guess is counted in the same transaction.
    Wrong, revoked, expired and used up are told alike.
    """
    guesses = guesses_of(db, partnership_id, discord_id, now=now)
    if guesses.tries >= WRONG_AN_HOUR:
        return Refusal(TOO_MANY)
    code = db.exec(_with_letters(partnership_id, typed).with_for_update()).first()
    if code is None or code.revoked_at is not None:
        return count_wrong(db, guesses, REFUSED)
    known = select(Admission.id).where(col(Admission.code_id) == code.id, col(Admission.discord_id) == discord_id)
    if db.exec(known).first() is not None:
        return code.id or 0
    if code.expires_at <= now or _is_used_up(code):
        return count_wrong(db, guesses, REFUSED)
    code.uses += 1
    db.add_all((code, Admission(partnership_id=partnership_id, code_id=code.id or 0, discord_id=discord_id, at=now)))
    db.flush()
    return code.id or 0


def code_that_opens(db: Db, session: Session, typed: str | None, *, now: datetime) -> InvitationCode | None:
    """The code of an invitation link, where it opens this session just now. Held for this transaction: it may be for one person only."""
    if not typed:
        return None
    code = db.exec(_with_letters(session.partnership_id, typed).with_for_update()).first()
    if code is None or code.revoked_at is not None or code.expires_at <= now or not admits(code, session):
        return None
    return code


def lets_in(db: Db, code: InvitationCode, person: Person | None) -> bool:
    """Whether this code has let them in already, or can let in one more. None: somebody new."""
    return not _is_used_up(code) or (person is not None and _came_by(db, code, person.id or 0))


def _with_letters(partnership_id: int, typed: str) -> SelectOfScalar[InvitationCode]:
    """The code that was typed, or stands in a link."""
    here = col(InvitationCode.partnership_id) == partnership_id
    return select(InvitationCode).where(here, col(InvitationCode.code_hash) == hash_letters(typed))


def _is_used_up(code: InvitationCode) -> bool:
    return code.most_uses is not None and code.uses >= code.most_uses


def _came_by(db: Db, code: InvitationCode, person_id: int) -> bool:
    known = select(Admission.id).where(col(Admission.code_id) == code.id, col(Admission.person_id) == person_id)
    return db.exec(known).first() is not None


def let_in(db: Db, code: InvitationCode, person_id: int, *, now: datetime) -> None:
    """Somebody came by the link of this code. Raises `Refusal` where it has let in all whom it was for."""
    if _came_by(db, code, person_id):
        return
    if _is_used_up(code):
        raise Refusal(REFUSED)
    code.uses += 1
    db.add_all((code, Admission(partnership_id=code.partnership_id, code_id=code.id or 0, person_id=person_id, at=now)))
    db.flush()


def free_codes(db: Db, person_id: int) -> None:
    """Somebody who came by a link has never proven who they are, and is forgotten: whom the codes were for may use them now."""
    take_back(db, db.exec(select(Admission.id).where(col(Admission.person_id) == person_id)).all())


def take_back(db: Db, admission_ids: Sequence[int | None]) -> None:
    """These admissions are no more, and each gives the use of its code back. One code has one admission of a person."""
    theirs = col(Admission.id).in_(admission_ids)
    used = col(InvitationCode.id).in_(select(Admission.code_id).where(theirs)), col(InvitationCode.uses) > 0
    db.exec(update(InvitationCode).where(*used).values(uses=InvitationCode.uses - 1))
    db.exec(delete(Admission).where(theirs))
    db.expire_all()


def opened_by(db: Db, partnership_id: int, typed: str, *, now: datetime) -> tuple[int, ...]:
    """The sessions to come that an invitation link shows, in order of their start. Reading it counts nothing. Raises `NotFound`."""
    code = db.exec(_with_letters(partnership_id, typed)).first()
    if code is None or code.revoked_at is not None or code.expires_at <= now:
        raise NotFound("This invitation does not work. Check the whole link, or ask who gave it to you for a new one.")
    return tuple(session.id or 0 for session in db.exec(_ahead([code.programme_id], now)) if admits(code, session))


def whose_code(db: Db, partnership_ids: Sequence[int], typed: str, *, now: datetime) -> tuple[int, str]:
    """Whose invitation somebody typed from a letter on paper, and its letters as they stand in a link: what that shows is `opened_by`.

    Raises `BadInput` for one that does not work. Reading it counts nothing; whoever asks counts the wrong ones.
    """
    mine = col(InvitationCode.partnership_id).in_(partnership_ids), col(InvitationCode.code_hash) == hash_letters(typed)
    code = db.exec(select(InvitationCode).where(*mine)).first()
    if code is None or code.revoked_at is not None or code.expires_at <= now:
        raise BadInput(REFUSED, field="code")
    return code.partnership_id, grouped_letters(typed)


def meant_for(db: Db, partnership_id: int, typed: str) -> int | None:
    """How many people an invitation is for; None: any number, or no invitation. It says nothing of how many have used it."""
    code = db.exec(_with_letters(partnership_id, typed)).first()
    return code.most_uses if code is not None else None


def admitted_to(db: Db, partnership_id: int, discord_id: int | None, *, now: datetime, person_id: int | None = None) -> tuple[int, ...]:
    """The private sessions to come that this account, or this person by a link, may see and book, in order of their start."""
    who = [col(Admission.discord_id) == discord_id] if discord_id is not None else []
    who += [col(Admission.person_id) == person_id] if person_id is not None else []
    codes = db.exec(
        select(InvitationCode)
        .join(Admission, col(Admission.code_id) == col(InvitationCode.id))
        .where(
            or_(false(), *who),
            col(InvitationCode.partnership_id) == partnership_id,
            col(InvitationCode.revoked_at).is_(None),
        )
    ).all()
    ahead = db.exec(_ahead([code.programme_id for code in codes], now))
    return tuple(session.id or 0 for session in ahead if any(admits(code, session) for code in codes))


def _ahead(programme_ids: Sequence[int], now: datetime) -> SelectOfScalar[Session]:
    """Private sessions of these programmes that can be seen, and are not over."""
    return (
        select(Session)
        .join(Programme, col(Programme.id) == col(Session.programme_id))
        .where(
            col(Session.programme_id).in_(programme_ids),
            col(Session.privacy) == Privacy.PRIVATE,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.ends_at) > now,
            col(Programme.state).in_((ProgrammeState.PUBLISHED, ProgrammeState.CLOSED)),
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
