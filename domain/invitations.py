"""Invitation codes: what an organiser gives to families, and what opening one lets somebody see and book.

A code is fifteen letters that nobody can misread, about 67 bits: it cannot be guessed, and guessing is limited all the
same. It is shown once; only its hash is kept. Who has opened a code is *admitted*, until the code is revoked: a place
that is booked by then stays.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.audit import audit
from domain.database import Db
from domain.errors import BadInput, NotFound, Refusal
from domain.guesses import WRONG_AN_HOUR, count_wrong, guesses_of
from domain.models import (
    Admission,
    InvitationCode,
    Person,
    Privacy,
    Programme,
    ProgrammeState,
    Session,
    SessionState,
)
from domain.places import find_session
from domain.privacy import NEUTRAL_FOR_ORGANISERS, admits, is_private, shown_title
from domain.programmes import owned
from domain.texts import one_line
from domain.times import to_instant

#: nothing that is read for something else: no 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V
LETTERS = "ACDEFHJKMNPQRTUWXY34679"
GROUPS, GROUP = 3, 5
HINT = 3
LONGEST_LIFE = timedelta(days=366)
MOST_USES = 1000
REFUSED = "This code does not work. Check each letter, or ask who gave it to you for a new one."
TOO_MANY = "You have tried too many codes. Please wait an hour, or ask who gave you the code for help."


@dataclass(frozen=True)
class NewCode:
    """A code as its organiser wants it. `session_id` None: every private session of the programme; `most_uses` None: no limit."""

    programme_id: int
    session_id: int | None = None
    most_uses: int | None = 1
    days: int | None = None  #: how long it lives; None: until the programme's last day is over
    label: str = ""


@dataclass(frozen=True)
class MadeCode:
    """A code that was just made: the only time that it is shown."""

    id: int
    code: str
    programme: str
    session: str | None  #: the neutral title of the one session that it opens
    most_uses: int | None
    expires_at: datetime
    zone: str


@dataclass(frozen=True)
class CodeView:
    """A code in its organisers' list. `hint` are its first letters."""

    id: int
    hint: str
    label: str
    session: str | None
    uses: int
    most_uses: int | None
    expires_at: datetime
    zone: str
    revoked: bool
    over: bool  #: it has expired

    @property
    def opens(self) -> bool:
        """Whether it would still let somebody in."""
        return not (self.revoked or self.over) and (self.most_uses is None or self.uses < self.most_uses)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def new_letters() -> str:
    """A code that nobody can guess, as it is given out: `XXXXX-XXXXX-XXXXX`."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def bare_letters(typed: str) -> str:
    """What was typed, however its groups and capitals were written."""
    return "".join(c for c in typed.upper() if c.isascii() and c.isalnum())[:100]


def hash_letters(typed: str) -> str:
    """A code as it is kept. So many random letters need no salt."""
    return hashlib.sha256(f"invitation:{bare_letters(typed)}".encode()).hexdigest()


# ── the organiser's side ────────────────────────────────────────────────────────────────────────────────────


def make_code(db: Db, partnership_id: int, new: NewCode, *, actor: str, now: datetime) -> MadeCode:
    """Make a code. Raises `BadInput` where there is nothing private for it to open, or for limits that cannot be."""
    programme = owned(db, partnership_id, new.programme_id)
    session = _one_session(db, programme, new.session_id)
    if session is None and programme.default_privacy is Privacy.OPEN and not _private_sessions(db, programme.id or 0):
        raise BadInput("Nothing in this programme is private, so it needs no code. Use /programme private or /session private first.")
    if new.most_uses is not None and not 1 <= new.most_uses <= MOST_USES:
        raise BadInput(f"A code can be for 1 to {MOST_USES:,} people, or for any number of them.")
    expires_at = _expiry(programme, new.days, now)
    letters = new_letters()
    code = InvitationCode(
        partnership_id=partnership_id,
        programme_id=programme.id or 0,
        session_id=session.id if session else None,
        code_hash=hash_letters(letters),
        hint=letters[:HINT],
        label=one_line(new.label, 100, "the note") if new.label.strip() else "",
        most_uses=new.most_uses,
        expires_at=expires_at,
        made_by=actor,
        made_at=now,
    )
    db.add(code)
    db.flush()
    audit(db, partnership_id, actor, "make invitation", now=now, programme_id=programme.id, session_id=code.session_id)
    return MadeCode(code.id or 0, letters, programme.title, _named(session), new.most_uses, expires_at, programme.zone)


def _one_session(db: Db, programme: Programme, session_id: int | None) -> Session | None:
    if session_id is None:
        return None
    session = find_session(db, programme.partnership_id, session_id)
    if session.programme_id != programme.id:
        raise BadInput("That session belongs to another programme.")
    if not is_private(session):
        raise BadInput("That session is open to everyone, so it needs no code. To change that, use /session private.")
    return session


def _expiry(programme: Programme, days: int | None, now: datetime) -> datetime:
    if days is not None and not 1 <= days <= LONGEST_LIFE.days:
        raise BadInput(f"A code can last from 1 day to {LONGEST_LIFE.days} days.")
    last_minute = datetime.combine(programme.ends_on, time(23, 59))
    expires_at = now + timedelta(days=days) if days is not None else to_instant(last_minute, programme.zone)
    if expires_at <= now:
        raise BadInput("This programme is over, so a code for it would open nothing.")
    return expires_at.astimezone(UTC)


def list_codes(db: Db, partnership_id: int, programme_id: int, *, actor: str, now: datetime) -> tuple[CodeView, ...]:
    """A programme's codes, the latest first. Seeing them is recorded, so this is a write."""
    codes = codes_of(db, partnership_id, programme_id, now=now)
    audit(db, partnership_id, actor, "view invitations", now=now, programme_id=programme_id)
    return codes


def codes_of(db: Db, partnership_id: int, programme_id: int, *, now: datetime) -> tuple[CodeView, ...]:
    """The same unrecorded, to choose from while somebody types."""
    programme = owned(db, partnership_id, programme_id)
    mine = select(InvitationCode).where(col(InvitationCode.programme_id) == programme_id).order_by(col(InvitationCode.id).desc())
    return tuple(_view(db, code, programme, now) for code in db.exec(mine).all())


def revoke(db: Db, partnership_id: int, code_id: int, *, actor: str, now: datetime) -> CodeView:
    """Take a code back: it opens nothing any more, and who was let in by it can book nothing more. Harmless to repeat."""
    code = find_code(db, partnership_id, code_id)
    programme = owned(db, partnership_id, code.programme_id)
    if code.revoked_at is None:
        code.revoked_at = now
        db.add(code)
        db.flush()
        audit(db, partnership_id, actor, "revoke invitation", now=now, programme_id=programme.id, session_id=code.session_id)
    return _view(db, code, programme, now)


def find_code(db: Db, partnership_id: int, code_id: int) -> InvitationCode:
    """The code's row. Raises `NotFound` for another partnership's."""
    code = db.get(InvitationCode, code_id)
    if code is None or code.partnership_id != partnership_id:
        raise NotFound("We could not find that code.")
    return code


def programme_of(db: Db, partnership_id: int, code_id: int) -> int:
    """The programme that a code belongs to. Raises `NotFound`."""
    return find_code(db, partnership_id, code_id).programme_id


def _view(db: Db, code: InvitationCode, programme: Programme, now: datetime) -> CodeView:
    session = db.get(Session, code.session_id) if code.session_id is not None else None
    return CodeView(
        code.id or 0,
        code.hint,
        code.label,
        _named(session),
        code.uses,
        code.most_uses,
        code.expires_at,
        programme.zone,
        revoked=code.revoked_at is not None,
        over=code.expires_at <= now,
    )


def _named(session: Session | None) -> str | None:
    return shown_title(session, NEUTRAL_FOR_ORGANISERS) if session is not None else None


def _private_sessions(db: Db, programme_id: int) -> list[Session]:
    private = select(Session).where(col(Session.programme_id) == programme_id, col(Session.privacy) == Privacy.PRIVATE)
    return list(db.exec(private))


# ── the family's side ───────────────────────────────────────────────────────────────────────────────────────


def open_code(db: Db, partnership_id: int, discord_id: int, typed: str, *, now: datetime) -> int | Refusal:
    """Let somebody in by a code; the code's id. Opening it again is harmless.

    A code that does not work is *returned* as a refusal, not raised, so that the guess is counted in the same transaction.
    Wrong, revoked, expired and used up are told alike.
    """
    guesses = guesses_of(db, partnership_id, discord_id, now=now)
    if guesses.tries >= WRONG_AN_HOUR:
        return Refusal(TOO_MANY)
    hashed = select(InvitationCode).where(col(InvitationCode.code_hash) == hash_letters(typed))
    code = db.exec(hashed.where(col(InvitationCode.partnership_id) == partnership_id).with_for_update()).first()
    if code is None or code.revoked_at is not None:
        return count_wrong(db, guesses, REFUSED)
    known = select(Admission.id).where(col(Admission.code_id) == code.id, col(Admission.discord_id) == discord_id)
    if db.exec(known).first() is not None:
        return code.id or 0
    if code.expires_at <= now or (code.most_uses is not None and code.uses >= code.most_uses):
        return count_wrong(db, guesses, REFUSED)
    code.uses += 1
    db.add_all((code, Admission(partnership_id=partnership_id, code_id=code.id or 0, discord_id=discord_id, at=now)))
    db.flush()
    return code.id or 0


def code_that_opens(db: Db, session: Session, typed: str | None, *, now: datetime) -> InvitationCode | None:
    """The code of an invitation link, where it opens this session just now. Held for this transaction: it may be for one person only."""
    if not typed:
        return None
    hashed = select(InvitationCode).where(col(InvitationCode.code_hash) == hash_letters(typed))
    code = db.exec(hashed.where(col(InvitationCode.partnership_id) == session.partnership_id).with_for_update()).first()
    if code is None or code.revoked_at is not None or code.expires_at <= now or not admits(code, session):
        return None
    return code


def lets_in(db: Db, code: InvitationCode, person: Person | None) -> bool:
    """Whether this code has let them in already, or can let in one more. None: somebody new."""
    return code.most_uses is None or code.uses < code.most_uses or (person is not None and _came_by(db, code, person.id or 0))


def _came_by(db: Db, code: InvitationCode, person_id: int) -> bool:
    known = select(Admission.id).where(col(Admission.code_id) == code.id, col(Admission.person_id) == person_id)
    return db.exec(known).first() is not None


def let_in(db: Db, code: InvitationCode, person_id: int, *, now: datetime) -> None:
    """Somebody came by the link of this code. Raises `Refusal` where it has let in all whom it was for."""
    if _came_by(db, code, person_id):
        return
    if code.most_uses is not None and code.uses >= code.most_uses:
        raise Refusal(REFUSED)
    code.uses += 1
    db.add_all((code, Admission(partnership_id=code.partnership_id, code_id=code.id or 0, person_id=person_id, at=now)))
    db.flush()


def free_codes(db: Db, person_id: int) -> None:
    """Somebody who came by a link has never proven who they are, and is forgotten: whom the codes were for may use them now."""
    theirs = col(Admission.person_id) == person_id
    used = select(Admission.code_id).where(theirs)
    db.exec(
        update(InvitationCode).where(col(InvitationCode.id).in_(used), col(InvitationCode.uses) > 0).values(uses=InvitationCode.uses - 1)
    )
    db.exec(delete(Admission).where(theirs))
    db.expire_all()


def opened_by(db: Db, partnership_id: int, typed: str, *, now: datetime) -> tuple[int, ...]:
    """The sessions to come that an invitation link shows, in order of their start. Reading it counts nothing. Raises `NotFound`."""
    hashed = select(InvitationCode).where(col(InvitationCode.code_hash) == hash_letters(typed))
    code = db.exec(hashed.where(col(InvitationCode.partnership_id) == partnership_id)).first()
    if code is None or code.revoked_at is not None or code.expires_at <= now:
        raise NotFound("This invitation does not work. Check the whole link, or ask who gave it to you for a new one.")
    return tuple(session.id or 0 for session in db.exec(_ahead([code.programme_id], now)) if admits(code, session))


def admitted_to(db: Db, partnership_id: int, discord_id: int, *, now: datetime) -> tuple[int, ...]:
    """The private sessions to come that this account may see and book, in order of their start."""
    codes = db.exec(
        select(InvitationCode)
        .join(Admission, col(Admission.code_id) == col(InvitationCode.id))
        .where(
            col(Admission.discord_id) == discord_id,
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
