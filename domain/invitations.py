"""Invitation codes: what an organiser gives to families. What opening one lets them see and book: `domain.admissions`.

A code is fifteen letters that nobody can misread, about 67 bits: it cannot be guessed, and guessing is limited all the
same. It is shown once; only its hash is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from domain.audit import audit
from domain.database import Db
from domain.errors import BadInput, NotFound, Refusal
from domain.fields import Fields
from domain.models import (
    InvitationCode,
    Privacy,
    Programme,
    Session,
)
from domain.places import find_session
from domain.privacy import NEUTRAL_FOR_ORGANISERS, is_private, shown_title
from domain.programmes import owned
from domain.texts import one_line
from domain.times import to_instant

#: nothing that is read for something else: no 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V
LETTERS = "ACDEFHJKMNPQRTUWXY34679"
GROUPS, GROUP = 3, 5
HINT = 3
LONGEST_LIFE = timedelta(days=366)
MOST_USES = 1000


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
    session_id: int | None = None  #: the one session that it opens
    own_title: str | None = field(default=None, compare=False)  #: what that is really called

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


def grouped_letters(typed: str) -> str:
    """The same as it is given out."""
    bare = bare_letters(typed)
    return "-".join(bare[start : start + GROUP] for start in range(0, len(bare), GROUP))


def hash_letters(typed: str) -> str:
    """A code as it is kept. So many random letters need no salt."""
    return hashlib.sha256(f"invitation:{bare_letters(typed)}".encode()).hexdigest()


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def make_code(db: Db, partnership_id: int, new: NewCode, *, actor: str, now: datetime, newest: int | None = None) -> MadeCode:
    """Make a code. Raises `BadInput` where there is nothing private for it to open, or for limits that cannot be.

    `newest`: the programme's newest code when its organiser asked (0: none); where that is not so any more, as when
    a form comes twice, it raises `Refusal`, and makes none.
    """
    programme = owned(db, partnership_id, new.programme_id)
    if newest is not None:
        _require_newest(db, programme, newest)
    session = _one_session(db, programme, new.session_id)
    if session is None and nothing_private(db, partnership_id, new.programme_id):
        raise BadInput("Nothing in this programme is private, so it needs no code. Use /programme private or /session private first.")
    fields = Fields()
    fields.check(lambda: _check_uses(new.most_uses))
    expires_at = fields.read(lambda: _expiry(programme, new.days, now), now)
    label = fields.read(lambda: one_line(new.label, 100, "the note", field="label"), "") if new.label.strip() else ""
    fields.require()
    letters = new_letters()
    code = InvitationCode(
        partnership_id=partnership_id,
        programme_id=programme.id or 0,
        session_id=session.id if session else None,
        code_hash=hash_letters(letters),
        hint=letters[:HINT],
        label=label,
        most_uses=new.most_uses,
        expires_at=expires_at,
        made_by=actor,
        made_at=now,
    )
    db.add(code)
    db.flush()
    audit(db, partnership_id, actor, "make invitation", now=now, programme_id=programme.id, session_id=code.session_id)
    return MadeCode(code.id or 0, letters, programme.title, _named(session), new.most_uses, expires_at, programme.zone)


def nothing_private(db: Db, partnership_id: int, programme_id: int) -> bool:
    """Whether a code for all private sessions of a programme would open nothing, now and later. Raises `NotFound`."""
    programme = owned(db, partnership_id, programme_id)
    return programme.default_privacy is Privacy.OPEN and not _private_sessions(db, programme.id or 0)


def _require_newest(db: Db, programme: Programme, newest: int) -> None:
    db.exec(
        select(Programme.id).where(col(Programme.id) == programme.id).with_for_update(key_share=True)
    ).all()  # two at once come one after the other
    found = db.exec(select(func.max(InvitationCode.id)).where(col(InvitationCode.programme_id) == programme.id)).one()
    if (found or 0) != newest:
        raise Refusal("Another invitation was made meanwhile. Look at the list below. If you still need one, send this form once more.")


def _one_session(db: Db, programme: Programme, session_id: int | None) -> Session | None:
    if session_id is None:
        return None
    session = find_session(db, programme.partnership_id, session_id)
    if session.programme_id != programme.id:
        raise BadInput("That session belongs to another programme.")
    if not is_private(session):
        raise BadInput("That session is open to everyone, so it needs no code. To change that, use /session private.")
    return session


def _check_uses(most_uses: int | None) -> None:
    if most_uses is not None and not 1 <= most_uses <= MOST_USES:
        raise BadInput(f"A code can be for 1 to {MOST_USES:,} people, or for any number of them.", field="most_uses")


def _expiry(programme: Programme, days: int | None, now: datetime) -> datetime:
    if days is not None and not 1 <= days <= LONGEST_LIFE.days:
        raise BadInput(f"A code can last from 1 day to {LONGEST_LIFE.days} days.", field="days")
    last_minute = datetime.combine(programme.ends_on, time(23, 59))
    expires_at = now + timedelta(days=days) if days is not None else to_instant(last_minute, programme.zone)
    if expires_at <= now:
        raise BadInput("This programme is over, so a code for it would open nothing.", field="days")
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
        session_id=code.session_id,
        own_title=session.title if session is not None else None,
    )


def _named(session: Session | None) -> str | None:
    return shown_title(session, NEUTRAL_FOR_ORGANISERS) if session is not None else None


def _private_sessions(db: Db, programme_id: int) -> list[Session]:
    private = select(Session).where(col(Session.programme_id) == programme_id, col(Session.privacy) == Privacy.PRIVATE)
    return list(db.exec(private))
