"""A pressed button that says everything: who pressed is known, and there is nothing to ask or to show first.

Most presses of Book are like that, and five hundred may come within a second. They are looked up and booked in one
transaction, in the order in which they came in.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, bindparam, or_, select
from sqlmodel import col

from domain.bookings import Booked, Came, book
from domain.browsing import SessionPage, Standing
from domain.capacity import Accepts, find_session, modes_of
from domain.database import Db
from domain.kinds import Format, Mode
from domain.models import BookingState, Part, Person, Privacy, Session
from domain.queries import session_view
from domain.rules import Rules
from domain.views import SessionView

#: who pressed, where their address is proven and they are no family; and the session, where anybody may book it alone
_PLAIN = select(col(Person.id)).where(
    col(Person.partnership_id) == bindparam("partnership"),
    col(Person.discord_id) == bindparam("discord"),
    col(Person.proven_at).is_not(None),
    or_(col(Person.part) != Part.PARENT, col(Person.organisation_id).is_not(None)),
    select(col(Session.id))
    .where(
        col(Session.id) == bindparam("session", type_=BigInteger),  # as it was typed: a forged one may be any number
        col(Session.partnership_id) == bindparam("partnership"),
        col(Session.privacy) == Privacy.OPEN,
        col(Session.series_id).is_(None),
        or_(col(Session.format) != Format.HYBRID, bindparam("chosen")),
    )
    .exists(),
)


def book_if_plain(
    db: Db,
    partnership_id: int,
    session_id: int,
    discord_id: int,
    rules: Rules,
    *,
    now: datetime,
    mode: Mode | None = None,
    accept_clash: Accepts = False,
) -> Booked | None:
    """As `book`, for the person behind a Discord account. None: something has to be asked or shown first, and nothing was changed."""
    pressed = {"partnership": partnership_id, "discord": discord_id, "session": session_id, "chosen": mode is not None}
    person_id = db.connection().execute(_PLAIN, pressed).scalar_one_or_none()
    if person_id is None:
        return None
    return book(db, partnership_id, session_id, person_id, rules, now=now, mode=mode, accept_clash=accept_clash)


def session_shown(db: Db, partnership_id: int, session_id: int) -> SessionView:
    """The session as everybody may see it: the same for all who have just booked. Raises `NotFound` for another partnership's."""
    return session_view(db, find_session(db, partnership_id, session_id))


def page_after(shown: SessionView, outcome: Booked, mode: Mode | None) -> SessionPage | None:
    """What somebody sees who has just been booked by a plain press. None: it is not as plain as that, and has to be read for them alone."""
    if outcome.already or shown.private or outcome.came not in (Came.CONFIRMED, Came.WAITLISTED):
        return None
    way = mode or modes_of(shown.format)[0]
    confirmed = outcome.came is Came.CONFIRMED
    standing = Standing(BookingState(outcome.came.value), way, position=outcome.position, can_hand_over=confirmed)
    return SessionPage(shown, standing)
