"""What moving a session would mean, before it is moved: who will hear, who will clash, and whether the link stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.hosts import free_host, has_hosts, most_at_once
from domain.kinds import Format, Provider
from domain.meetings import current
from domain.models import (
    Booking,
    BookingState,
    Host,
    Person,
    Session,
)
from domain.places import clashes_of, find_session
from domain.privacy import name_on
from domain.rules import Rules


@dataclass(frozen=True)
class MovePreview:
    """What a new time would mean, before it is made."""

    bookings: int  #: confirmed people who would be told
    clashing: tuple[str, ...]  #: names of those whom the new time makes clash with another place they have
    link_stays: bool
    host_free: bool  #: False: no host is free then, and there would be no link for now
    host: str | None = None  #: the account that would hold the meeting
    none_set_up: bool = False  #: there is no host at all, at no time


def preview_move(
    db: Db, partnership_id: int, session_id: int, starts_at: datetime, ends_at: datetime, rules: Rules, *, now: datetime
) -> MovePreview:
    """What moving a session to these instants would mean. Changes nothing."""
    session = find_session(db, partnership_id, session_id)
    moved = Session(**session.model_dump() | {"starts_at": starts_at, "ends_at": ends_at})
    confirmed = db.exec(
        select(Booking, Person)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session_id, col(Booking.state) == BookingState.CONFIRMED)
        .order_by(col(Booking.queue_number))
    ).all()
    clashing = tuple(name_on(booking, person) for booking, person in confirmed if clashes_of(db, booking.person_id, moved, rules))
    meeting = current(db, session_id)
    if session.format is Format.IN_PERSON or session.provider not in (Provider.TEAMS, Provider.ZOOM):
        return MovePreview(len(confirmed), clashing, link_stays=True, host_free=True)
    but = meeting.id if meeting is not None else None
    host = free_host(db, partnership_id, session.provider, starts_at, ends_at, rules, now=now, but=but, taking=False)
    holds = meeting.host_id if meeting is not None else None
    stays = holds is not None and _still_free(db, holds, but, starts_at, ends_at, rules)
    holding = holds if stays else host
    return MovePreview(
        len(confirmed),
        clashing,
        link_stays=meeting is None or stays,
        host_free=holding is not None,
        host=db.get_one(Host, holding).account if holding is not None else None,
        none_set_up=holding is None and not has_hosts(db, partnership_id, session.provider),
    )


def _still_free(db: Db, host_id: int, meeting_id: int | None, starts_at: datetime, ends_at: datetime, rules: Rules) -> bool:
    host = db.get_one(Host, host_id)
    return most_at_once(db, host_id, starts_at - rules.host_padding, ends_at + rules.host_padding, meeting_id) < host.at_once
