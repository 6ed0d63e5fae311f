"""Reads of series for display: for everyone who looks, for one person, and for organisers. Values only; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.askers import Asker, are_claims_to, is_claim_to, person_of
from domain.audit import audit
from domain.capacity import line_moves, places_of
from domain.counting import series_position, taken
from domain.database import Db
from domain.errors import NotFound
from domain.kinds import Mode
from domain.models import Attendance, Booking, BookingState, Hold, Person, Privacy, Series, SeriesBooking, Session, SessionState
from domain.queries import session_views
from domain.rules import Rules
from domain.series.making_up import attended_parts, makes_up
from domain.series.places import parts_ahead
from domain.series.runs import claims_on, find_series, is_for_all, part_numbers, runs_of, sessions_of_series, with_a_private_part
from domain.texts import name_key
from domain.views import SessionView

#: why one part of a series that is offered to nobody cannot be booked, though everybody may see it
NOT_FOR_ALL = "Not everyone can see all of it, so you cannot book it here. Please ask the organisers."


@dataclass(frozen=True)
class PartOf:
    """What a session is to its series, for one reader."""

    series_id: int
    title: str
    number: int
    of: int
    owned: bool = False  #: the reader's booking of this session belongs to a booking of the whole
    alone: bool = False  #: the reader missed this part in another run, and may book it alone
    done: bool = False  #: the reader has attended this part, here or in another run
    for_all: bool = True  #: everybody may see every part of the series; else it is offered to nobody


@dataclass(frozen=True)
class SeriesStanding:
    """How one person stands with a series. `position` counts from 1 on the waiting list."""

    state: BookingState
    hold: Hold | None = None
    held_until: datetime | None = None
    position: int | None = None
    completed: bool = False


@dataclass(frozen=True)
class SeriesPage:
    """A series as one person sees it. `ahead` are the ids of the parts still to come; `free` places on all of them (None: no limit)."""

    id: int
    title: str
    course: str
    parts: tuple[tuple[PartOf, SessionView], ...]
    ahead: tuple[int, ...]
    free: int | None
    open: bool  #: the programmes of all its parts take bookings
    mine: SeriesStanding | None = None
    others: tuple[tuple[int, str], ...] = ()  #: other runs of the course: id and title

    def line_moves(self, rules: Rules, now: datetime) -> bool:
        """Whether who waits for the whole may still be promoted, as `domain.series.places.line_of_whole_moves` has it."""
        return all(line_moves(view.starts_at, rules, now) for _, view in self.parts if view.id in self.ahead)


@dataclass(frozen=True)
class Learner:
    """A person with a claim on a series, for its organisers."""

    name: str
    state: BookingState
    done: tuple[int, ...]  #: parts attended, here or in another run
    missed: tuple[int, ...]  #: parts at which they were marked as not there, and that they have not made up
    number: str | None  #: of the certificate, for who has completed it


@dataclass(frozen=True)
class SeriesDesk:
    """A series as its organisers see it."""

    id: int
    title: str
    course: str
    parts: tuple[tuple[int, SessionView], ...]
    people: tuple[Learner, ...]


# ── for everyone ────────────────────────────────────────────────────────────────────────────────────────────


def part_of(db: Db, session: Session, person_id: int | None, mine: Booking | None, *, now: datetime) -> PartOf | None:
    """What a session is to its series, for this reader; None for a session that is no part of one."""
    if session.series_id is None:
        return None
    series = db.get_one(Series, session.series_id)
    done = attended_parts(db, series.partnership_id, person_id, series.course_key) if person_id else frozenset()
    owned = mine is not None and mine.series_booking_id is not None and mine.state is not BookingState.CANCELLED
    single = mine is not None and mine.series_booking_id is None and mine.state is not BookingState.CANCELLED
    alone = not owned and person_id is not None and (single or makes_up(db, session, person_id, now=now))
    number = session.series_part or 0
    of = len(part_numbers(db, series.id or 0))
    return PartOf(series.id or 0, series.title, number, of, owned, alone, number in done, is_for_all(db, series))


def series_page(db: Db, partnership_id: int, series_id: int, asker: Asker, *, now: datetime) -> SeriesPage:
    """One series, and how the reader stands with it. Raises `NotFound` where they have no claim on it, and not everybody
    may see all of it."""
    series = find_series(db, partnership_id, series_id)
    sessions, person_id = _shown(db, series_id), _person_id(db, partnership_id, asker)
    mine = _standing(db, series_id, person_id, asker)
    if not sessions or (mine is None and not is_for_all(db, series)):
        raise NotFound("We could not find that series. It may have been removed.")
    ahead = [part for part in parts_ahead(db, series_id, now=now) if part.privacy is Privacy.OPEN]
    views = session_views(db, sessions)
    parts = []
    for session, view in zip(sessions, views, strict=True):
        part = part_of(db, session, person_id, _booking(db, session, person_id, asker), now=now)
        if part is not None:
            parts.append((part, view))
    others = [run for run in runs_of(db, partnership_id, [series.course_key]) if run.id != series_id]
    return SeriesPage(
        id=series_id,
        title=series.title,
        course=series.course,
        parts=tuple(parts),
        ahead=tuple(part.id or 0 for part in ahead),
        free=_free(db, ahead),
        open=all(view.booking_open for view in views if view.id in {part.id for part in ahead}),
        mine=mine,
        others=tuple((run.id or 0, run.title) for run in others if _shown(db, run.id or 0) and is_for_all(db, run)),
    )


def open_series(db: Db, partnership_id: int, words: str = "", *, now: datetime, limit: int = 25) -> tuple[tuple[int, str], ...]:
    """Series with a part still to come, that everybody may see all of, and whose title has every word; the next first: id and title."""
    coming = (
        select(Session.series_id, Session.starts_at)
        .where(
            col(Session.partnership_id) == partnership_id,
            col(Session.series_id).is_not(None),
            col(Session.series_id).not_in(with_a_private_part(partnership_id)),
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.privacy) == Privacy.OPEN,
            col(Session.starts_at) > now,
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    ids = list(dict.fromkeys(series_id for series_id, _ in db.exec(coming) if series_id is not None))
    titles = {one.id: one.title for one in db.exec(select(Series).where(col(Series.id).in_(ids)))}
    wanted = words.casefold().split()
    found = [(one, titles[one]) for one in ids if all(word in titles[one].casefold() for word in wanted)]
    return tuple(found[:limit])


def my_series(db: Db, partnership_id: int, asker: Asker) -> tuple[tuple[int, str, SeriesStanding], ...]:
    """Every series that this person has booked, waits for or has completed, the latest first: id, title and standing."""
    person_id = _person_id(db, partnership_id, asker)
    mine = (
        select(SeriesBooking.series_id, Series.title)
        .join(Series, col(Series.id) == col(SeriesBooking.series_id))
        .where(col(SeriesBooking.person_id) == person_id, col(SeriesBooking.state) != BookingState.CANCELLED)
        .order_by(col(SeriesBooking.id).desc())
    )
    stands = ((series_id, title, _standing(db, series_id, person_id, asker)) for series_id, title in db.exec(mine).all())
    return tuple((series_id, title, standing) for series_id, title, standing in stands if standing is not None)


def _standing(db: Db, series_id: int, person_id: int | None, asker: Asker) -> SeriesStanding | None:
    mine = select(SeriesBooking).where(col(SeriesBooking.series_id) == series_id, col(SeriesBooking.person_id) == person_id)
    whole = db.exec(mine).first()
    if whole is None or whole.state is BookingState.CANCELLED or not is_claim_to(asker, whole):
        return None
    position = series_position(db, whole) if whole.state is BookingState.WAITLISTED and not whole.wished else None
    return SeriesStanding(whole.state, whole.hold, whole.held_until, position, whole.completed_at is not None)


def _shown(db: Db, series_id: int) -> Sequence[Session]:
    return [one for one in sessions_of_series(db, series_id) if one.state is not SessionState.DRAFT and one.privacy is Privacy.OPEN]


def _free(db: Db, ahead: Sequence[Session]) -> int | None:
    """Places in the room where there is a choice: what a card promises is no more than what there is."""
    free = []
    for part in ahead:
        for mode in Mode:
            places = places_of(part, mode)
            if places is not None:
                free.append(max(places - taken(db, part.id or 0, mode, seen=True), 0))
    return min(free, default=None)


def _person_id(db: Db, partnership_id: int, asker: Asker) -> int | None:
    person = person_of(db, partnership_id, asker)
    return person.id if person is not None else None


def _booking(db: Db, session: Session, person_id: int | None, asker: Asker) -> Booking | None:
    mine = col(Booking.session_id) == session.id, col(Booking.person_id) == person_id
    return db.exec(select(Booking).where(*mine, are_claims_to(asker, Booking.wished))).first()


# ── for organisers ──────────────────────────────────────────────────────────────────────────────────────────


def programmes_of_series(db: Db, partnership_id: int, series_id: int) -> frozenset[int]:
    """The programmes that a series' parts are in. Raises `NotFound`."""
    find_series(db, partnership_id, series_id)
    return frozenset(db.exec(select(Session.programme_id).where(col(Session.series_id) == series_id)))


def series_choices(
    db: Db, partnership_id: int, words: str, programmes: Collection[int] | None, *, limit: int = 25
) -> tuple[tuple[int, str], ...]:
    """Series with a part in these programmes (None: any), and those without parts; the latest first."""
    wanted = words.casefold().split()
    found: list[tuple[int, str]] = []
    for series in db.exec(select(Series).where(col(Series.partnership_id) == partnership_id).order_by(col(Series.id).desc())):
        its = programmes_of_series(db, partnership_id, series.id or 0)
        if programmes is not None and its and not its & set(programmes):
            continue
        if all(word in series.title.casefold() for word in wanted):
            found.append((series.id or 0, series.title))
    return tuple(found[:limit])


def pick_series(db: Db, partnership_id: int, typed: str) -> int:
    """The series that somebody chose or typed: its id, or its title. Raises `NotFound`."""
    typed = typed.strip()
    if typed.isascii() and typed.isdigit() and len(typed) <= 12:
        return find_series(db, partnership_id, int(typed)).id or 0
    for series in db.exec(select(Series).where(col(Series.partnership_id) == partnership_id)):
        if name_key(series.title) == name_key(typed):
            return series.id or 0
    raise NotFound("We could not find that series. Please choose one of those that are shown while you type.")


def series_desk(db: Db, partnership_id: int, series_id: int, *, actor: str, now: datetime) -> SeriesDesk:
    """Who has done which part, and who has completed the series. Seeing the names is recorded, so this is a write."""
    series = find_series(db, partnership_id, series_id)
    sessions = sessions_of_series(db, series_id)
    views = session_views(db, sessions)
    people = [_learner(db, series, whole) for whole in claims_on(db, series_id) if not _only_wished(whole)]
    people.sort(key=lambda one: (one.state is BookingState.WAITLISTED, one.name.casefold()))
    audit(db, partnership_id, actor, "view series", now=now, series_id=series_id, detail=str(series_id))
    parts = tuple((session.series_part or 0, view) for session, view in zip(sessions, views, strict=True))
    return SeriesDesk(series_id, series.title, series.course, parts, tuple(people))


def _only_wished(whole: SeriesBooking) -> bool:
    return whole.wished and whole.state is BookingState.WAITLISTED


def _learner(db: Db, series: Series, whole: SeriesBooking) -> Learner:
    done = attended_parts(db, series.partnership_id, whole.person_id, series.course_key)
    absent = (
        select(Session.series_part)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .where(col(Booking.series_booking_id) == whole.id, col(Booking.attendance) == Attendance.ABSENT)
    )
    missed = {number for number in db.exec(absent) if number is not None} - done
    own = part_numbers(db, series.id or 0)
    return Learner(
        name=db.get_one(Person, whole.person_id).name,
        state=whole.state,
        done=tuple(sorted(done & own)),
        missed=tuple(sorted(missed)),
        number=whole.certificate if whole.completed_at is not None else None,
    )
