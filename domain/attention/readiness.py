"""What a session still lacks besides its link: an answer about its privacy, a presenter who comes, a room of its own, answered needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from domain.attention.items import Concern, Item, about, named, people
from domain.capacity import HAS_CLAIM, overlaps
from domain.database import Db
from domain.kinds import Format
from domain.models import Booking, Needs, Session, SessionState
from domain.presenters.views import unconfirmed
from domain.privacy import having_their_own, is_or_may_be_private
from domain.rules import Rules
from domain.texts import name_key

#: how long before the start a presenter should have said yes
CONFIRMED_BY = timedelta(days=7)
#: who organises one programme is not told the title of what is or may be private in another
_ANOTHERS = "a private session of another programme"
#: where a private session is would be told by the title of the other, whose room everybody may see
_UNNAMED_PRIVATE, _UNNAMED = "a private session", "another session"


def readiness(
    db: Db, partnership_id: int, programme_id: int | None, rules: Rules, now: datetime, *, sees_private: bool = False
) -> Iterator[Item]:
    """What sessions that are still to end lack. Where one is that is or may be private is said only to who sees it."""
    everywhere = ahead(db, partnership_id, None, now)
    mine = [session for session in everywhere if programme_id in (None, session.programme_id)]
    with_their_own = having_their_own(db, partnership_id)
    yield from _privacy(mine, with_their_own)
    published = [session for session in mine if session.state is SessionState.PUBLISHED]
    yield from _presenters(db, published, now)
    yield from _rooms(mine, everywhere, with_their_own, rules, sees_private=sees_private)
    yield from _needs(db, published)


def ahead(db: Db, partnership_id: int, programme_id: int | None, now: datetime) -> Sequence[Session]:
    """Sessions that are neither over nor cancelled, drafts among them, by their start."""
    rows = select(Session).where(
        col(Session.partnership_id) == partnership_id, col(Session.state) != SessionState.CANCELLED, col(Session.ends_at) > now
    )
    if programme_id is not None:
        rows = rows.where(col(Session.programme_id) == programme_id)
    return db.exec(rows.order_by(col(Session.starts_at), col(Session.id))).all()


def _privacy(sessions: Sequence[Session], with_their_own: Collection[int]) -> Iterator[Item]:
    for session in sessions:
        if session.privacy_asked:
            words = (
                f"{named(session, with_their_own)} looks as if families take part. "
                "Say whether it is private with /session private, before you publish it."
            )
            yield about(Concern.PRIVACY, session, words)


def _presenters(db: Db, sessions: Sequence[Session], now: datetime) -> Iterator[Item]:
    """Those who were asked and have not said yes."""
    silent: dict[int, list[bool]] = {}
    for programme_id in sorted({session.programme_id for session in sessions}):
        for presenter in unconfirmed(db, programme_id, now):
            silent.setdefault(presenter.session_id, []).append(presenter.declined)
    for session in sessions:
        waiting = silent.get(session.id or 0, [])
        said_no = sum(waiting)
        if said_no:
            who = "its presenter has" if said_no == 1 else f"{said_no} presenters have"
            words = f"{named(session)}: {who} said that they cannot come. "
            words += "Name somebody else with /session presenters, or move the session with /session reschedule."
            yield about(Concern.DECLINED, session, words)
        if len(waiting) > said_no and session.starts_at - now <= CONFIRMED_BY:
            who = "its presenter has" if len(waiting) - said_no == 1 else f"{len(waiting) - said_no} presenters have"
            words = f"{named(session)}: {who} not said yes yet. Please ask them, or name somebody else with /session presenters."
            yield about(Concern.UNCONFIRMED, session, words)


def _rooms(
    mine: Sequence[Session], everywhere: Sequence[Session], with_their_own: Collection[int], rules: Rules, *, sees_private: bool
) -> Iterator[Item]:
    """Two sessions in one room at once, each pair told once."""
    in_rooms: dict[str, list[Session]] = {}
    for session in everywhere:
        if session.venue and session.format is not Format.ONLINE:
            in_rooms.setdefault(name_key(session.venue), []).append(session)
    own = {session.id for session in mine}
    hidden = {one.id for one in everywhere if is_or_may_be_private(one) and not (sees_private and one.id in own)}
    for sharing in in_rooms.values():
        for place, first in enumerate(sharing):
            for second in sharing[place + 1 :]:
                if not overlaps((first.starts_at, first.ends_at), (second.starts_at, second.ends_at), rules.clash_tolerance):
                    continue
                if own & {first.id, second.id}:
                    here, there = sorted((first, second), key=lambda one: (one.id not in own, one.id in hidden))
                    other = _other(here, there, hidden) or named(there, with_their_own)
                    room = f": {here.venue}" if here.id not in hidden else ""
                    words = f"{named(here, with_their_own)} has the same room as {other}{room}. Change the room with /session edit."
                    yield about(Concern.ROOM_CLASH, here, words)


def _other(here: Session, there: Session, hidden: Collection[int | None]) -> str:
    """What the other of two in one room is called where it has to stay unnamed; else empty."""
    if there.id not in hidden:
        return _UNNAMED if here.id in hidden else ""
    if there.programme_id != here.programme_id:
        return _ANOTHERS
    return "" if here.id in hidden else _UNNAMED_PRIVATE


def _needs(db: Db, sessions: Sequence[Session]) -> Iterator[Item]:
    """Counts only: what they are stands in the list of that programme's organisers."""
    rows = (
        select(Booking.session_id, func.count())
        .join(Needs, col(Needs.booking_id) == col(Booking.id))
        .where(
            col(Booking.session_id).in_([session.id for session in sessions]),
            HAS_CLAIM,
            col(Needs.answered_at).is_(None),
        )
        .group_by(col(Booking.session_id))
    )
    counts = dict(db.exec(rows).all())
    for session in sessions:
        if count := counts.get(session.id or 0):
            told = "has told you what they need" if count == 1 else "have told you what they need"
            words = f"{named(session)}: {people(count)} {told} to be able to come. See what, and answer, with /session needs."
            yield about(Concern.NEEDS, session, words)
