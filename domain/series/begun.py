"""Parts that are in the way no more: called off, or begun. Who waited for a whole series, because one of its parts was full, has the
rest of it then, before anybody who asks from that moment on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.capacity import WAITS_FOR_SERIES, lock_all
from domain.database import Db
from domain.models import Milestone, SeriesBooking, Session, SessionState
from domain.once import put_in
from domain.partnerships import Whose, of_these
from domain.rules import Rules, RulesOf
from domain.series.line import promote_series
from domain.standing import First, Instant, at

BEGUN = "begun"
#: for so long after a part began the clock still looks who waited: whoever asks after that is told of the line too (`book_series`)
LOOKS_BACK = timedelta(days=7)


def give_on_rest(db: Db, called_off: Iterable[Session], rules: Rules, *, now: datetime) -> int:
    """Of the series that sessions which were called off are parts of, give what is left to those who wait; how many heard of it."""
    parts = [session for session in called_off if session.series_id is not None]
    lock_all(db, [part.id for part in parts])
    return sum(promote_series(db, series_id, rules, now=now) for series_id in sorted({part.series_id or 0 for part in parts}))


def parts_begun(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `give_on_begun` has anything to do."""
    return select(Session.id).where(*_in_the_way(rules.kept(), at(-LOOKS_BACK)), col(Session.starts_at) <= at()).exists()


def first_begun(whose: Whose) -> First:
    """When the first part begins, or has begun, for which that is to be done."""
    starts = select(Session.starts_at).where(*_in_the_way(whose, at(-LOOKS_BACK))).order_by(col(Session.starts_at)).limit(1)
    return First(starts.scalar_subquery())


def give_on_begun(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Where a part has begun, give the parts still to come to those who wait for the whole; how many heard of it. Once for each part."""
    begun = select(Session.id).where(*_in_the_way(rules.kept(), now - LOOKS_BACK), col(Session.starts_at) <= now)
    ids = sorted(number or 0 for number in db.exec(begun).all())
    lock_all(db, ids)
    return sum(_give_on(db, db.get_one(Session, number), rules, now) for number in ids)


def _give_on(db: Db, part: Session, rules: RulesOf, now: datetime) -> int:
    """Read anew under the lock: it may have been moved, called off or taken out meanwhile."""
    if part.series_id is None or part.state is not SessionState.PUBLISHED or part.starts_at > now:
        return 0
    put_in(db, [Milestone(session_id=part.id or 0, what=BEGUN, at=part.starts_at)])
    return promote_series(db, part.series_id, rules.of(part.partnership_id), now=now)


def _in_the_way(whose: Whose, since: Instant) -> tuple[ColumnElement[bool], ...]:
    """Parts of a series for which somebody waits, that began after `since` or will, and of which this was not seen to."""
    seen = select(Milestone.id).where(
        col(Milestone.session_id) == col(Session.id), col(Milestone.what) == BEGUN, col(Milestone.at) == col(Session.starts_at)
    )
    waits = select(SeriesBooking.id).where(col(SeriesBooking.series_id) == col(Session.series_id), WAITS_FOR_SERIES)
    part = col(Session.state) == SessionState.PUBLISHED, col(Session.starts_at) > since, col(Session.series_id).is_not(None)
    return *part, *of_these(Session.partnership_id, whose), waits.exists(), ~seen.exists()
