"""Booking a series: asking for the whole, and giving it back as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.audit import audit_whole
from domain.capacity import TAKEN, Accepts, Clash, Place, to_ask
from domain.counting import series_position
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.kinds import Kind, Mode
from domain.models import (
    BookingState,
    Hold,
    Person,
    Privacy,
    Programme,
    ProgrammeState,
    Series,
    SeriesBooking,
    Session,
    SessionState,
)
from domain.places import promote
from domain.rules import Rules
from domain.series.line import promote_series, to_the_line
from domain.series.places import (
    clashes_of_whole,
    confirm_whole,
    end_parts,
    end_whole,
    fits,
    hold_whole,
    line_of_whole_moves,
    lock_series,
    parts_ahead,
    put_in_line,
    still_kept,
    way_of,
)
from domain.series.runs import find_series, is_for_all
from domain.wishes import keeps_for_wish

STARTED = "Every part of this series has started, so it can no longer be booked."
CLOSED = "Booking for this series has closed."
FULL = "This series is full, and it goes on soon, so there is no waiting list now. Look again later."


@dataclass(frozen=True)
class SeriesBooked:
    """What came of a wish to book a series. `state` None: nothing was booked, because of `clashes`. `parts`: the ids of those to come."""

    series_id: int
    title: str
    state: BookingState | None
    parts: tuple[int, ...]
    position: int | None = None
    held_until: datetime | None = None
    clashes: tuple[Clash, ...] = ()
    already: bool = False


@dataclass(frozen=True)
class SeriesCancelled:
    """The outcome of `cancel_series`. `was` is the state that ended; `invited`: calendar cancellations are on their way."""

    series_id: int
    title: str
    was: BookingState
    invited: bool
    already: bool = False


def book_series(
    db: Db,
    partnership_id: int,
    series_id: int,
    person_id: int,
    rules: Rules,
    *,
    now: datetime,
    mode: Mode | None = None,
    accept_clash: Accepts = False,
    proven: bool | None = None,
) -> SeriesBooked:
    """Ask for a place on every part still to come: all of them, or none. `mode`: how to take part where there is a choice.

    `proven` False: whoever asks has not shown yet that they are this person, so it is a wish (`domain.wishes`), and the places are
    only held. Who asks where such a wish stands asks as anybody does, but its places are free to them, and they keep its number.

    `accept_clash`: as of a single place. Raises `Closed` when there is none to ask for any more, and `NotFound`.
    """
    series = lock_series(db, partnership_id, series_id)
    parts = _open_parts(db, series, now)
    person = db.get(Person, person_id)
    if person is None or person.partnership_id != partnership_id:
        raise NotFound("We do not know you yet. Press Book on a session to give your details.")
    whole = claim_of(db, series_id, person_id)
    wish = whole if whole is not None and whole.wished else None
    if _line_first(db, whole, parts, person_id, mode, rules, now) and whole is not None and whole.state is BookingState.CONFIRMED:
        return _outcome(db, series, whole, parts, already=False)
    if wish is None and whole is not None and whole.state in TAKEN:
        return _taken_already(db, series, whole, parts, rules, accept_clash, now)
    if not parts:
        raise Closed(STARTED)
    found = () if accept_clash is True else clashes_of_whole(db, parts, person_id, rules)
    clashes = to_ask(found, accept_clash)
    if wish is not None and not clashes:
        end_parts(db, wish, now=now)  # decided anew, all of it or, where it is refused, nothing
    place = _place(db, parts, person, mode, rules, now)
    if proven is False:
        kept = place in (Place.CONFIRMED, Place.HELD) and all(keeps_for_wish(db, one, way_of(one, None, mode), rules) for one in parts)
        place = Place.HELD if kept else Place.WAITLISTED
    if wish is None and whole is not None and whole.state is BookingState.WAITLISTED and place in (Place.WAITLISTED, Place.NONE):
        return _outcome(db, series, whole, parts, already=True)
    if place is Place.NONE:
        raise Closed(FULL)
    if clashes:
        return SeriesBooked(series_id, series.title, None, _ids(parts), clashes=clashes)
    whole = _asked(db, series, whole, person_id, now=now, accept_clash=accept_clash is True or bool(found))
    whole.wished = proven is False
    freed = whole.state is BookingState.HELD
    _settle(db, whole, parts, place, mode, rules, now)
    audit_whole(db, whole, f"book series {whole.state}", now=now)
    for part in parts if freed else ():
        promote(db, part, rules, now=now)
    return _outcome(db, series, whole, parts, already=False)


def require_series_open(
    db: Db, partnership_id: int, series_id: int, mode: Mode | None, rules: Rules, *, now: datetime
) -> Sequence[Session]:
    """The parts to ask for, for whoever types an address. Raises `Closed` where everybody sees nothing to ask for, and `NotFound`."""
    parts = _open_parts(db, find_series(db, partnership_id, series_id), now)
    if not parts:
        raise Closed(STARTED)
    if not fits(db, parts, 0, mode, seen=True) and not line_of_whole_moves(parts, rules, now):
        raise Closed(FULL)
    return parts


def _open_parts(db: Db, series: Series, now: datetime) -> Sequence[Session]:
    """The parts to book. Raises `NotFound` where none is published, `Closed` where a programme takes no bookings."""
    shown = select(Session.id).where(
        col(Session.series_id) == series.id, col(Session.state) != SessionState.DRAFT, col(Session.privacy) == Privacy.OPEN
    )
    if db.exec(shown).first() is None:
        raise NotFound("We could not find that series. It may have been removed.")
    parts = parts_ahead(db, series.id or 0, now=now)
    if not is_for_all(db, series):
        raise NotFound("We could not find that series. It may have been removed.")
    states = {db.get_one(Programme, part.programme_id).state for part in parts}
    if states - {ProgrammeState.PUBLISHED}:
        raise Closed(CLOSED)
    return parts


def _line_first(
    db: Db, whole: SeriesBooking | None, parts: Sequence[Session], person_id: int, mode: Mode | None, rules: Rules, now: datetime
) -> bool:
    """Who waits comes before who asks: a part that was full may have begun since the clock last looked. Whether anybody heard of it.

    Where there is no place for who asks, nobody is looked for, however many wait.
    """
    has_it = whole is not None and whole.state in TAKEN and not whole.wished
    if has_it or not parts or not fits(db, parts, person_id, mode):
        return False
    return promote_series(db, parts[0].series_id or 0, rules, now=now, asks=person_id) > 0


def _place(db: Db, parts: Sequence[Session], person: Person, mode: Mode | None, rules: Rules, now: datetime) -> Place:
    if fits(db, parts, person.id or 0, mode):
        return Place.CONFIRMED if person.proven_at is not None else Place.HELD
    return Place.WAITLISTED if line_of_whole_moves(parts, rules, now) else Place.NONE


def _asked(db: Db, series: Series, whole: SeriesBooking | None, person_id: int, *, now: datetime, accept_clash: bool) -> SeriesBooking:
    whole = whole or SeriesBooking(
        partnership_id=series.partnership_id,
        series_id=series.id or 0,
        person_id=person_id,
        state=BookingState.WAITLISTED,
        asked_at=now,
    )
    whole.asked_at, whole.clash_accepted = now, accept_clash
    if not whole.wished:
        whole.queue_number, series.next_place = series.next_place, series.next_place + 1
    whole.confirmed_at = whole.cancelled_at = None
    db.add_all((whole, series))
    db.flush()
    return whole


def _settle(db: Db, whole: SeriesBooking, parts: Sequence[Session], place: Place, mode: Mode | None, rules: Rules, now: datetime) -> None:
    if place is Place.CONFIRMED:
        confirm_whole(db, whole, parts, Kind.INVITATION, mode, now=now)
    elif place is Place.HELD:
        until = min(now + rules.hold, parts[0].starts_at)
        if whole.wished and whole.state is BookingState.HELD:  # as of a single place
            until = min(until, whole.held_until or until)
        hold_whole(db, whole, parts, Hold.PROOF, until, mode, now=now)
    else:
        put_in_line(db, whole, parts, mode, now=now)


def _taken_already(
    db: Db, series: Series, whole: SeriesBooking, parts: Sequence[Session], rules: Rules, accept_clash: Accepts, now: datetime
) -> SeriesBooked:
    """A second wish changes nothing, but takes a place that is offered. Who has given a place of their own on a part back meanwhile, and
    others have it, is in the line again."""
    if whole.hold is not Hold.OFFER:
        return _outcome(db, series, whole, parts, already=True)
    if whole.held_until is not None and whole.held_until <= now:
        raise Closed("This offer has ended, and the place went to the next person.")
    if not still_kept(db, whole, parts):
        for part in to_the_line(db, whole, parts, rules, "accept series offer", now=now):
            promote(db, part, rules, now=now)
        return _outcome(db, series, whole, parts, already=False)
    if clashes := to_ask(clashes_of_whole(db, parts, whole.person_id, rules), accept_clash):
        return SeriesBooked(series.id or 0, series.title, None, _ids(parts), clashes=clashes)
    whole.clash_accepted = True
    confirm_whole(db, whole, parts, Kind.INVITATION, now=now)
    audit_whole(db, whole, "accept series offer", now=now)
    return _outcome(db, series, whole, parts, already=False)


def cancel_series(db: Db, partnership_id: int, series_id: int, person_id: int, rules: Rules, *, now: datetime) -> SeriesCancelled:
    """Give back the place on every part that has not started; the first in line has it in the same transaction. Harmless to repeat."""
    series = lock_series(db, partnership_id, series_id)
    whole = claim_of(db, series_id, person_id)
    if whole is None:
        raise NotFound("You have no booking for this series.")
    was = whole.state
    if was is BookingState.CANCELLED:
        return SeriesCancelled(series_id, series.title, was, invited=False, already=True)
    parts = parts_ahead(db, series_id, now=now)
    if not parts:
        raise Closed("Every part of this series has started, so it can no longer be cancelled.")
    invited = end_whole(db, whole, now=now)
    audit_whole(db, whole, "cancel series booking", now=now)
    for part in parts:
        promote(db, part, rules, now=now)
    return SeriesCancelled(series_id, series.title, was, invited)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def claim_of(db: Db, series_id: int, person_id: int) -> SeriesBooking | None:
    """This person's claim on a series, whatever its state."""
    mine = select(SeriesBooking).where(col(SeriesBooking.series_id) == series_id, col(SeriesBooking.person_id) == person_id)
    return db.exec(mine).first()


def _ids(parts: Sequence[Session]) -> tuple[int, ...]:
    return tuple(part.id or 0 for part in parts)


def _outcome(db: Db, series: Series, whole: SeriesBooking, parts: Sequence[Session], *, already: bool) -> SeriesBooked:
    return SeriesBooked(
        series.id or 0,
        series.title,
        whole.state,
        _ids(parts),
        position=series_position(db, whole) if whole.state is BookingState.WAITLISTED else None,
        held_until=whole.held_until,
        already=already,
    )
