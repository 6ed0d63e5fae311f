"""What is private, and who may know: the neutral title of a session, the name somebody chose for it, and who was let in.

The people on a private session are shown only to that programme's own organisers: where the programme has roles or
e-mail addresses of its own, to who has one of those; where it has none, to the organisers of the partnership.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from sqlalchemy import or_
from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotAllowed, NotFound, Refusal
from domain.models import (
    Admission,
    Booking,
    BookingState,
    InvitationCode,
    OrganiserAddress,
    Person,
    Privacy,
    Programme,
    ProgrammeOrganiser,
    Session,
    SessionState,
)
from domain.seeing import Sight, may_see, organiser_as

#: what a private session is called where nobody has chosen a neutral title
NEUTRAL = "Your session"
#: the same, to its organisers
NEUTRAL_FOR_ORGANISERS = "Private session"
ONLY_THEIRS = "This session is private. Only the organisers of its own programme can see or change it."
ONLY_THEIRS_TO_ANSWER = "This session may be private. Only the organisers of its own programme can see or change it."
ONLY_THEIRS_TO_OPEN = "This programme is private, or has private sessions. Only its own organisers can make it open."


def is_private(session: Session) -> bool:
    """Whether only those who were invited may know of it."""
    return session.privacy is Privacy.PRIVATE


class HasPrivacy(Protocol):
    """A session, as a row or as its organisers describe it."""

    @property
    def privacy(self) -> Privacy: ...

    @property
    def privacy_asked(self) -> bool: ...


def is_or_may_be_private(session: HasPrivacy) -> bool:
    """Whether only its programme's own organisers may see it: until one that looks private is answered for, it counts as if it were."""
    return session.privacy is Privacy.PRIVATE or session.privacy_asked


def keeps_something_private(db: Db, partnership_id: int, programme_id: int) -> bool:
    """Whether a programme is private, or has a session that is or may be: making it open would show what only its own organisers may."""
    mine = col(Programme.partnership_id) == partnership_id, col(Programme.id) == programme_id
    theirs = (col(Session.privacy) == Privacy.PRIVATE) | col(Session.privacy_asked).is_(True)
    sessions = select(Session.id).where(col(Session.programme_id) == programme_id, theirs)
    return (
        db.exec(select(Programme.id).where(*mine, (col(Programme.default_privacy) == Privacy.PRIVATE) | sessions.exists())).first()
        is not None
    )


def sessions_kept_private(db: Db, programme_id: int) -> Sequence[Session]:
    """The sessions of a programme that are or may be private."""
    theirs = (col(Session.privacy) == Privacy.PRIVATE) | col(Session.privacy_asked).is_(True)
    return db.exec(select(Session).where(col(Session.programme_id) == programme_id, theirs).order_by(col(Session.id))).all()


def require_nothing_hidden(session: Session) -> None:
    """For who has no place: a private session, or one that is not published, is not there. Raises `NotFound`."""
    if is_private(session) or session.state is SessionState.DRAFT:
        raise NotFound("We could not find that session. It may have been removed.")


def shown_title(session: Session, neutral: str = NEUTRAL) -> str:
    """The title that may be shown: of a private session its neutral one."""
    return (session.public_title or neutral) if is_private(session) else session.title


def require_sight(session: HasPrivacy, *, sees_private: bool) -> None:
    """Raises `NotAllowed` for a session that is or may be private, where who asks may not see a programme's private ones."""
    if is_or_may_be_private(session) and not sees_private:
        raise NotAllowed(ONLY_THEIRS if session.privacy is Privacy.PRIVATE else ONLY_THEIRS_TO_ANSWER)


def is_neutral(session: Session, with_their_own: Collection[int] = ()) -> bool:
    """Whether lists for organisers call a session by its neutral title: a private one, and one that may be private where its programme
    is among those that have organisers of their own (`having_their_own`)."""
    return is_private(session) or (session.privacy_asked and session.programme_id in with_their_own)


def listed_title(session: Session, with_their_own: Collection[int] = ()) -> str:
    """What such lists call it."""
    return (session.public_title or NEUTRAL_FOR_ORGANISERS) if is_neutral(session, with_their_own) else session.title


def having_their_own(db: Db, partnership_id: int) -> frozenset[int]:
    """The programmes that have organisers of their own, by role or by address: the partnership's others see nothing private there."""
    roles = select(ProgrammeOrganiser.programme_id).where(col(ProgrammeOrganiser.partnership_id) == partnership_id)
    addresses = select(OrganiserAddress.programme_id).where(
        col(OrganiserAddress.partnership_id) == partnership_id,
        col(OrganiserAddress.programme_id).is_not(None),
        col(OrganiserAddress.ended_at).is_(None),
    )
    return frozenset(db.exec(roles)) | frozenset(one for one in db.exec(addresses) if one is not None)


def name_on(booking: Booking, person: Person) -> str:
    """What to call somebody on one session: the name they chose for it, where it is private."""
    return booking.alias or person.name


def may_see_people(
    db: Db,
    partnership_id: int,
    programme_id: int,
    roles: Collection[int] | None,
    *,
    organises_partnership: bool,
    address: str | None = None,
) -> bool:
    """Whether an organiser with these Discord roles, or who signed in with this address, may see who is on its private sessions."""
    mine = col(ProgrammeOrganiser.partnership_id) == partnership_id, col(ProgrammeOrganiser.programme_id) == programme_id
    own = set(db.exec(select(ProgrammeOrganiser.role_id).where(*mine)))
    theirs = col(OrganiserAddress.partnership_id) == partnership_id, col(OrganiserAddress.programme_id) == programme_id
    addresses = set(db.exec(select(OrganiserAddress.address_key).where(*theirs, col(OrganiserAddress.ended_at).is_(None))))
    as_what = organiser_as(
        is_programmes_own=bool(own & set(roles or ())) or address in addresses,
        programme_has_its_own=bool(own or addresses),
        organises_partnership=organises_partnership,
    )
    return as_what is not None and may_see(as_what, Sight.PRIVATE_NAMES)


def refuse_to_open(db: Db, session: Session, privacy: Privacy) -> None:
    """Raises `Refusal` for opening a session that somebody has booked as a private one, whoever asks: a hand, a file or an undo."""
    if privacy is Privacy.PRIVATE or not is_private(session):
        return
    if booked_in_private(db, session.id):
        raise Refusal("People have booked this as a private session, so it stays private. Add another session if it should be open.")


def booked_in_private(db: Db, session_id: int | None) -> bool:
    """Whether somebody has a claim on this session under a name chosen for it."""
    mine = col(Booking.session_id) == session_id, col(Booking.alias).is_not(None), col(Booking.state) != BookingState.CANCELLED
    return db.exec(select(Booking.id).where(*mine)).first() is not None


def admits(code: InvitationCode, session: Session) -> bool:
    """Whether a code opens this session."""
    return code.session_id == session.id if code.session_id is not None else code.programme_id == session.programme_id


def is_admitted(db: Db, session: Session, discord_id: int | None, person_id: int | None = None) -> bool:
    """Whether this Discord account, or this person by the code's link, has opened a code for it that nobody has taken back since."""
    who = [col(Admission.discord_id) == discord_id] if discord_id is not None else []
    who += [col(Admission.person_id) == person_id] if person_id is not None else []
    if not who:
        return False
    opened = (
        select(InvitationCode)
        .join(Admission, col(Admission.code_id) == col(InvitationCode.id))
        .where(
            or_(*who),
            col(Admission.partnership_id) == session.partnership_id,
            col(InvitationCode.programme_id) == session.programme_id,
            col(InvitationCode.revoked_at).is_(None),
        )
    )
    return any(admits(code, session) for code in db.exec(opened))
