"""The parts of a series, as organisers put them together: a run is made, sessions join it, a day is replaced, a part is taken out.

Whoever has the series has every part that comes to it, with an invitation of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select

from domain.audit import audit
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.models import Booking, BookingState, Organisation, Privacy, Series, Session, SessionState
from domain.picking import Found, having_words
from domain.places import find_session, lock, lock_all
from domain.privacy import having_their_own
from domain.rules import Rules
from domain.series.completion import settle_series
from domain.series.line import promote_series
from domain.series.places import join_in, lock_series
from domain.series.runs import course_of, numbered, part_sessions, sessions_of_series
from domain.texts import kept_key, name_key, one_line


def create(db: Db, partnership_id: int, title: str, course: str | None, *, actor: str, now: datetime) -> int:
    """A run, without sessions yet; its id. Raises `BadInput` for a title that another run has."""
    title = one_line(title, 200, "the title of the series")
    if _titled(db, partnership_id, title) is not None:
        raise BadInput("There is a series with this title already. Give each run a title of its own, such as its year.")
    made = _made(db, partnership_id, title, one_line(course, 200, "the course") if course else course_of(title), now=now)
    audit(db, partnership_id, actor, "create series", now=now, series_id=made.id, detail=str(made.id))
    return made.id or 0


def _titled(db: Db, partnership_id: int, title: str) -> Series | None:
    known = db.exec(select(Series).where(col(Series.partnership_id) == partnership_id).order_by(col(Series.id))).all()
    return next((series for series in known if name_key(series.title) == name_key(title)), None)


def _made(db: Db, partnership_id: int, title: str, course: str, *, now: datetime) -> Series:
    key = kept_key(course, 200, "the course")
    made = Series(partnership_id=partnership_id, title=title, course=course, course_key=key, created_at=now)
    db.add(made)
    db.flush()
    return made


def add_part(db: Db, partnership_id: int, series_id: int, session_id: int, *, actor: str, now: datetime) -> int:
    """Put a session in a series; which part it is. Everybody who has the series has this part too.

    Raises `BadInput` for a session of another series or a private one, and where it has too few places; `Closed` for one that is over.
    """
    lock_all(db, [session_id, *(part.id or 0 for part in sessions_of_series(db, series_id))])
    series = lock_series(db, partnership_id, series_id)
    session = _joinable(db, partnership_id, session_id, now)
    if session.series_id == series_id:
        return session.series_part or 0
    if session.series_id is not None:
        raise BadInput("This session is part of another series already.")
    _put(db, series, [session], now=now)
    where = {"programme_id": session.programme_id, "session_id": session_id, "series_id": series_id}
    audit(db, partnership_id, actor, "add part", now=now, detail=str(series_id), **where)
    return session.series_part or 0


def _joinable(db: Db, partnership_id: int, session_id: int, now: datetime) -> Session:
    session = find_session(db, partnership_id, session_id)
    if session.privacy is Privacy.PRIVATE:
        raise BadInput("A private session cannot be part of a series, because everyone can see what is in a series.")
    if session.state is SessionState.CANCELLED:
        raise Closed("This session has been called off.")
    if session.starts_at <= now:
        raise Closed("This session has started, so it cannot join a series.")
    return session


def _put(db: Db, series: Series, sessions: Sequence[Session], *, now: datetime) -> None:
    """Sessions become parts in order of their dates, at the end; then all parts are numbered by date, unless the run has begun."""
    last = max((one.series_part or 0 for one in sessions_of_series(db, series.id or 0)), default=0)
    for number, session in enumerate(sorted(sessions, key=lambda one: (one.starts_at, one.id or 0)), start=last + 1):
        session.series_id, session.series_part, session.touched_at = series.id, number, now
        db.add(session)
    db.flush()
    renumber(db, series.id or 0, now=now)
    for session in sessions:
        join_in(db, session, now=now)
    settle_series(db, series.id or 0, now=now)


def renumber(db: Db, series_id: int, *, now: datetime) -> None:
    """Number the parts by date, unless somebody may have attended one already."""
    sessions = sessions_of_series(db, series_id)
    if any(one.starts_at <= now and one.state is not SessionState.CANCELLED for one in sessions):
        return
    parts: dict[int, list[Session]] = {}
    for one in sessions:
        parts.setdefault(one.series_part or 0, []).append(one)
    number = numbered(parts)
    for one in sessions:
        one.series_part = number[one.series_part or 0]
        db.add(one)
    db.flush()


def replace_part(db: Db, partnership_id: int, session_id: int, by_session_id: int, *, actor: str, now: datetime) -> int:
    """Let another session stand for a cancelled part; how many people have it now. They are invited as to any session.

    Raises `BadInput` where the first is not cancelled or has been replaced, and where the second has too few places.
    """
    gone = find_session(db, partnership_id, session_id)
    if gone.series_id is None:
        raise BadInput("That session is not part of a series.")
    lock_all(db, (session_id, by_session_id))
    series = lock_series(db, partnership_id, gone.series_id)
    if gone.state is not SessionState.CANCELLED:
        raise BadInput("Only a session that has been cancelled is replaced. To change its day, move it.")
    if _replaced(db, gone):
        raise BadInput("This part has been replaced already.")
    new = _joinable(db, partnership_id, by_session_id, now)
    if new.series_id not in (None, series.id):
        raise BadInput("The new session is part of another series already.")
    if new.series_id == series.id:
        detach(db, new, now=now)
    new.series_id, new.series_part, new.touched_at = series.id, gone.series_part, now
    db.add(new)
    db.flush()
    joined = join_in(db, new, now=now)
    detail = f"instead of {session_id}"
    where = {"programme_id": new.programme_id, "session_id": by_session_id, "series_id": series.id}
    audit(db, partnership_id, actor, "replace part", now=now, detail=detail, **where)
    return joined


def to_replace(db: Db, partnership_id: int, words: str, programme_ids: Collection[int] | None, *, limit: int = 25) -> tuple[Found, ...]:
    """Cancelled parts that nothing stands for yet and that have every word, by their dates, of these programmes (None: of all)."""
    rows = (
        select(Session, Organisation.name)
        .outerjoin(Organisation, col(Organisation.id) == col(Session.organisation_id))
        .where(
            col(Session.partnership_id) == partnership_id,
            col(Session.state) == SessionState.CANCELLED,
            col(Session.series_id).is_not(None),
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    if programme_ids is not None:
        rows = rows.where(col(Session.programme_id).in_(programme_ids))
    found = ((gone, by) for gone, by in db.exec(rows) if not _replaced(db, gone))
    return having_words(found, words, limit, having_their_own(db, partnership_id))


def _replaced(db: Db, gone: Session) -> bool:
    return any(one.state is not SessionState.CANCELLED for one in part_sessions(db, gone))


def take_out(db: Db, partnership_id: int, session_id: int, rules: Rules, *, actor: str, now: datetime) -> None:
    """A session is no longer part of its series. Who has a place keeps it, as a place of its own; the other parts stay as they are."""
    session = lock(db, partnership_id, session_id)
    series_id = session.series_id
    if series_id is None:
        raise NotFound("This session is not part of a series.")
    lock_series(db, partnership_id, series_id)
    detach(db, session, now=now)
    renumber(db, series_id, now=now)
    _has_fewer(db, series_id, rules, now=now)
    programme_id = session.programme_id
    audit(db, partnership_id, actor, "take part out", now=now, programme_id=programme_id, session_id=session_id, series_id=series_id)


def _has_fewer(db: Db, series_id: int, rules: Rules, *, now: datetime) -> None:
    """Parts have left a series: who has done the rest has completed it, and who waited for the whole may have it now."""
    settle_series(db, series_id, now=now)
    promote_series(db, series_id, rules, now=now)


def detach(db: Db, session: Session, *, now: datetime) -> None:
    """The session leaves its series: a place held or confirmed becomes a single one, who only waited for the whole waits here no more."""
    mine = select(Booking).where(col(Booking.session_id) == session.id, col(Booking.series_booking_id).is_not(None))
    for booking in db.exec(mine).all():
        if booking.state is BookingState.WAITLISTED:
            booking.state, booking.cancelled_at, booking.wished = BookingState.CANCELLED, now, False
        booking.series_booking_id = None
        db.add(booking)
    session.series_id, session.series_part, session.touched_at = None, None, now
    db.add(session)
    db.flush()


def place_sessions(db: Db, partnership_id: int, titles: Mapping[int, str | None], rules: Rules, *, now: datetime) -> None:
    """Bring sessions, by id, into the series of these titles (None: into none), as a schedule says. New titles are new series.

    Rows may come in any order: the parts of each series are numbered by date. A private session, and one that was cancelled,
    joins none. Who waits for a series that a part has left is looked after when every part is where it belongs.
    """
    wanted: dict[int, list[Session]] = {}
    left: set[int] = set()
    for session_id, title in titles.items():
        session = find_session(db, partnership_id, session_id)
        series = _of_title(db, partnership_id, title, now=now) if title else None
        private = session.privacy is Privacy.PRIVATE
        if series is not None and series.id == session.series_id and not private:
            continue
        if session.series_id is not None:
            left.add(session.series_id)
            detach(db, session, now=now)
        stays_out = private or session.state is SessionState.CANCELLED
        if series is not None and not stays_out:
            wanted.setdefault(series.id or 0, []).append(session)
    for series_id in sorted(left):
        renumber(db, series_id, now=now)
    for series_id in sorted(wanted):
        _put(db, lock_series(db, partnership_id, series_id), wanted[series_id], now=now)
    for series_id in sorted(left):
        _has_fewer(db, series_id, rules, now=now)


def _of_title(db: Db, partnership_id: int, title: str, *, now: datetime) -> Series:
    title = one_line(title, 200, "the series")
    return _titled(db, partnership_id, title) or _made(db, partnership_id, title, course_of(title), now=now)
