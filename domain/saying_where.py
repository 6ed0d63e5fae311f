"""Saying where one works: who came as a family is asked it before they have a place that is not for families, by whichever door.

They have told nobody yet, and organisers see how places are shared out. What is private asks nobody: its invitation lets them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.database import Db
from domain.models import Person, Session
from domain.people import is_family
from domain.privacy import is_private
from domain.queries import welcomes_families
from domain.series.places import parts_ahead


def says_where(db: Db, person: Person, sessions: Sequence[Session]) -> bool:
    """Whether they book these, which are booked together, only once they have told us where they work."""
    invited = bool(sessions) and all(is_private(one) for one in sessions)
    return is_family(person) and not (invited or welcomes_families(db, sessions))


def says_where_with_all(db: Db, person: Person, session: Session, *, now: datetime) -> bool:
    """The same of a session, with all that is still to come of the series that it is booked with."""
    return says_where(db, person, [session] if session.series_id is None else parts_ahead(db, session.series_id, now=now))
