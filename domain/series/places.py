"""Places in a series: one claim on every part still to come, given, held, offered and ended as one.

A series booking owns a booking on each part: the same state, the same hold. Each of those has its own invitation,
reminders and attendance. Sessions are locked in the order of their ids, then the series' row. Who comes next
stands in `domain.series.line`.

A place is needed on every part that is still to come: one that is published and has not started. A part that was
cancelled is not asked for until another day replaces it. The cut-off is that of the first part still to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from domain.capacity import TAKEN, Clash, ask_anew, clashes_of, confirm, cutoff_of, end, modes_of, places_of
from domain.counting import taken
from domain.database import Db
from domain.errors import BadInput, NotFound
from domain.kinds import Kind, Mode
from domain.models import Booking, BookingState, Hold, Series, SeriesBooking, Session, SessionState
from domain.rules import Rules

# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def lock_series(db: Db, partnership_id: int, series_id: int) -> Series:
    """The series, held for this transaction, after its sessions. Raises `NotFound` for another partnership's."""
    parts = select(Session).where(col(Session.series_id) == series_id).order_by(col(Session.id)).with_for_update(key_share=True)
    db.exec(parts.execution_options(populate_existing=True)).all()
    mine = select(Series).where(col(Series.id) == series_id).with_for_update(key_share=True)
    series = db.exec(mine.execution_options(populate_existing=True)).first()
    if series is None or series.partnership_id != partnership_id:
        raise NotFound("We could not find that series. It may have been removed.")
    return series


def parts_ahead(db: Db, series_id: int, *, now: datetime) -> Sequence[Session]:
    """The parts that can still be attended from their beginning, the next first."""
    ahead = select(Session).where(
        col(Session.series_id) == series_id, col(Session.state) == SessionState.PUBLISHED, col(Session.starts_at) > now
    )
    return db.exec(ahead.order_by(col(Session.starts_at), col(Session.id))).all()


def cutoff_of_whole(parts: Sequence[Session], rules: Rules) -> datetime | None:
    """The instant from which nobody is promoted any more; None where no part is still to come."""
    return min((cutoff_of(part, rules) for part in parts), default=None)


def line_of_whole_moves(parts: Sequence[Session], rules: Rules, now: datetime) -> bool:
    """Whether who waits for the whole may still be promoted."""
    last = cutoff_of_whole(parts, rules)
    return last is not None and now < last


def booking_on(db: Db, session: Session, person_id: int) -> Booking | None:
    return db.exec(select(Booking).where(col(Booking.session_id) == session.id, col(Booking.person_id) == person_id)).first()


def fits(db: Db, parts: Sequence[Session], person_id: int, mode: Mode | None, *, seen: bool = False) -> bool:
    """Whether there is a place on every part; one that this person has already on a part is theirs. `seen`: as everybody may see it."""
    return all(_fits(db, part, booking_on(db, part, person_id), mode, seen) for part in parts)


def _fits(db: Db, part: Session, mine: Booking | None, mode: Mode | None, seen: bool) -> bool:
    way = way_of(part, mine, mode)
    places = places_of(part, way)
    if places is None or (mine is not None and mine.state in TAKEN and mine.mode is way):
        return True
    return taken(db, part.id or 0, way, seen=seen) < places


def way_of(part: Session, mine: Booking | None, mode: Mode | None) -> Mode:
    """How this person takes part: as they said, as they do already, or in the only way there is."""
    ways = modes_of(part.format)
    wish = mode or (mine.mode if mine is not None else None)
    return wish if wish in ways and wish is not None else ways[0]


def clashes_of_whole(db: Db, parts: Sequence[Session], person_id: int, rules: Rules) -> tuple[Clash, ...]:
    """The person's other places at the time of any part, each once."""
    found = (clash for part in parts for clash in clashes_of(db, person_id, part, rules))
    return tuple(dict.fromkeys(found))


# ── one claim, on every part ────────────────────────────────────────────────────────────────────────────────


def claim(db: Db, whole: SeriesBooking, part: Session, mode: Mode | None, *, now: datetime) -> Booking:
    """The whole's booking on one part: waiting, until it is said otherwise. A place that they have there already is the whole's now."""
    mine = booking_on(db, part, whole.person_id)
    way = way_of(part, mine, mode)
    if mine is None:
        mine = Booking(
            partnership_id=whole.partnership_id,
            session_id=part.id or 0,
            person_id=whole.person_id,
            mode=way,
            state=BookingState.WAITLISTED,
            asked_at=now,
        )
    mine.wished = whole.wished
    if mine.state not in TAKEN:
        mine.state, mine.asked_at = BookingState.WAITLISTED, now
        mine.queue_number, part.next_place = part.next_place, part.next_place + 1
        mine.confirmed_at = mine.cancelled_at = mine.hold = mine.held_until = None
    mine.mode, mine.series_booking_id, mine.clash_accepted = way, whole.id, whole.clash_accepted
    part.touched_at = now
    db.add_all((mine, part))
    db.flush()
    return mine


def confirm_whole(db: Db, whole: SeriesBooking, parts: Sequence[Session], kind: Kind, mode: Mode | None = None, *, now: datetime) -> None:
    """Confirm every part, and owe each its invitation, by `kind`: an invitation or a promotion."""
    _become(db, whole, BookingState.CONFIRMED, None, None)
    whole.confirmed_at, whole.wished = now, False
    for part in parts:
        mine = claim(db, whole, part, mode, now=now)
        if mine.state is not BookingState.CONFIRMED:
            confirm(db, part, mine, kind, now=now)


def hold_whole(
    db: Db, whole: SeriesBooking, parts: Sequence[Session], hold: Hold, until: datetime, mode: Mode | None = None, *, now: datetime
) -> None:
    """Keep a place on every part until an instant. A single place that the person has on a part stays theirs meanwhile."""
    _become(db, whole, BookingState.HELD, hold, until)
    for part in parts:
        if _their_own(db, whole, part):
            continue
        mine = claim(db, whole, part, mode, now=now)
        if mine.state is not BookingState.CONFIRMED:
            mine.state, mine.hold, mine.held_until = BookingState.HELD, hold, until
            db.add(mine)
            if not mine.wished:
                ask_anew(db, part, mine.person_id)
    db.flush()


def put_in_line(db: Db, whole: SeriesBooking, parts: Sequence[Session], mode: Mode | None = None, *, now: datetime) -> None:
    """Wait for the whole. A single place that the person has on a part stays theirs meanwhile."""
    _become(db, whole, BookingState.WAITLISTED, None, None)
    for part in parts:
        mine = booking_on(db, part, whole.person_id)
        if (mine is None or mine.state not in TAKEN) and not _their_own(db, whole, part):
            claim(db, whole, part, mode, now=now)


def _their_own(db: Db, whole: SeriesBooking, part: Session) -> bool:
    """Whether they have this part by themselves: it does not end with the whole, which they have not taken yet.

    While the whole is but wished for, that they asked for the part is enough.
    """
    mine = booking_on(db, part, whole.person_id)
    if mine is None or mine.state is BookingState.CANCELLED:
        return False
    single = mine.state is BookingState.CONFIRMED and mine.series_booking_id != whole.id
    return single or (whole.wished and not mine.wished)


def still_kept(db: Db, whole: SeriesBooking, parts: Sequence[Session]) -> bool:
    """Whether a whole that was held can be theirs. A place of their own on a part, however they take part by now, is one for the whole;
    where that was given back, there must be another."""
    mine = [(part, booking_on(db, part, whole.person_id)) for part in parts]
    return fits(db, [part for part, one in mine if one is None or one.state not in TAKEN], whole.person_id, None)


def _become(db: Db, whole: SeriesBooking, state: BookingState, hold: Hold | None, until: datetime | None) -> None:
    whole.state, whole.hold, whole.held_until = state, hold, until
    db.add(whole)
    db.flush()


def end_whole(db: Db, whole: SeriesBooking, *, now: datetime) -> bool:
    """Cancel the whole and every part that has not started; whether a calendar cancellation is on its way. Promotes nobody.

    Who has a place on a part that has started keeps it; a place that was only held or waited for ends there too.
    """
    _become(db, whole, BookingState.CANCELLED, None, None)
    whole.cancelled_at, whole.wished = now, False
    invited = False
    for part, mine in _owned(db, whole):
        kept = mine.state is BookingState.CONFIRMED and part.starts_at <= now
        if not kept and mine.state is not BookingState.CANCELLED:
            invited = invited or mine.invited
            end(db, part, mine, now=now)
    return invited


def end_parts(db: Db, whole: SeriesBooking, *, now: datetime) -> None:
    """End what is held or waited for on the parts of a whole that is decided anew at once. Nobody is told, nobody is promoted.

    How they take part stays, but where a stranger may have typed it.
    """
    for part, mine in _owned(db, whole):
        if mine.state in (BookingState.HELD, BookingState.WAITLISTED):
            mine.mode = modes_of(part.format)[0] if mine.wished else mine.mode
            mine.state, mine.cancelled_at, mine.wished = BookingState.CANCELLED, now, False
            mine.hold = mine.held_until = None
            db.add(mine)
    db.flush()


def _owned(db: Db, whole: SeriesBooking) -> Sequence[tuple[Session, Booking]]:
    mine = select(Session, Booking).join(Booking, col(Booking.session_id) == col(Session.id))
    return db.exec(mine.where(col(Booking.series_booking_id) == whole.id).order_by(col(Session.id))).all()


def shorten(db: Db, whole_id: int, latest: datetime) -> None:
    """No series is held past the hour that a move of one part has brought nearer."""
    whole = db.get_one(SeriesBooking, whole_id)
    if whole.held_until is None or whole.held_until <= latest:
        return
    whole.held_until = latest
    db.add(whole)
    for _, mine in _owned(db, whole):
        if mine.state is BookingState.HELD:
            mine.held_until = latest
            db.add(mine)
    db.flush()


def join_in(db: Db, part: Session, *, now: datetime) -> int:
    """Give everybody who has a claim on the series the same claim on a part that has come to it; how many.

    Raises `BadInput` where the part has too few places: nobody of a series is left out, and no place is given twice.
    """
    if part.series_id is None or part.state is not SessionState.PUBLISHED or part.starts_at <= now:
        return 0
    wholes = db.exec(
        select(SeriesBooking)
        .where(col(SeriesBooking.series_id) == part.series_id, col(SeriesBooking.state) != BookingState.CANCELLED)
        .order_by(col(SeriesBooking.queue_number))
    ).all()
    for whole in wholes:
        if whole.state is BookingState.WAITLISTED:
            put_in_line(db, whole, [part], now=now)
            continue
        if not fits(db, [part], whole.person_id, None):
            needed = sum(one.state in TAKEN for one in wholes)
            raise BadInput(f"{needed} people have a place in this series, and this session has fewer places. Give it more places first.")
        if whole.state is BookingState.CONFIRMED:
            mine = claim(db, whole, part, None, now=now)
            if mine.state is not BookingState.CONFIRMED:
                confirm(db, part, mine, Kind.INVITATION, now=now)
        elif whole.hold is not None and whole.held_until is not None:
            hold_whole(db, whole, [part], whole.hold, whole.held_until, now=now)
    return len(wholes)
