"""Choosing more from one's own page: what there is to book, and booking it. Who opens their own link has proven the address by it.

So nothing is e-mailed to be proven again. It is a booking as in chat: a clash is asked about first, and what everybody may not
see cannot be booked here. A parent or carer has told nobody where they work: they book what is for them too (`domain.audiences`), and
are asked before they book anything else (`domain.saying_where`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from domain.askers import ByLink
from domain.bookable import Way, to_book
from domain.bookings import Booked, Came, book
from domain.browsing import open_programmes
from domain.capacity import (
    ACTIVE,
    Accepts,
    Clash,
    clashes_among,
    clashes_of,
    find_session,
    lock,
    places_ahead,
)
from domain.database import Db
from domain.errors import BadInput, Refusal
from domain.in_line import tell_in_line
from domain.kinds import Mode
from domain.link_to_come import link_is_to_come
from domain.models import Booking, BookingState, Person, ProgrammeState, Session, SessionState
from domain.people import is_family, known
from domain.privacy import is_admitted, is_private, require_nothing_hidden
from domain.private_sessions import contact_of
from domain.programme_page import ListedSession, programme_page
from domain.queries import session_view
from domain.rules import Rules
from domain.saying_where import says_where
from domain.series.bookable import BookableSeries, bookable_series
from domain.series.booking import SeriesBooked, book_series
from domain.series.making_up import makes_up
from domain.series.places import booking_on, parts_ahead
from domain.series.runs import find_series
from domain.series.views import open_series
from domain.views import SessionView
from domain.visiting import OF_A_SERIES

WHERE_FIRST = "Please tell us first where you work or study. We ask you on your own page, under “Book another session”."


@dataclass(frozen=True)
class BookableSession:
    """A session in the list. `ways` empty: it is full, and starts too soon to wait. `clashes`: titles of what they have then."""

    session: ListedSession
    ways: tuple[Way, ...]
    clashes: tuple[str, ...] = ()


@dataclass(frozen=True)
class BookableProgramme:
    """What there is to book in one programme, by day."""

    id: int
    title: str
    days: tuple[tuple[date, tuple[BookableSession, ...]], ...]


@dataclass(frozen=True)
class Bookable:
    """What there is to book. `family`: no more than what is for them, because they have not told us where they work."""

    programmes: tuple[BookableProgramme, ...] = ()
    series: tuple[BookableSeries, ...] = ()
    family: bool = False


@dataclass(frozen=True)
class SessionToBook:
    """One session that they think of booking. `clashes`: the places that they have at that time. `already`: it is on their page.

    Of a private one, `called`: what they were called there before, or are called here; `contact`: whom to call.
    """

    session: SessionView
    ways: tuple[Way, ...]
    clashes: tuple[Clash, ...]
    already: bool
    link_to_come: bool = False  #: their invitation would wait for the link
    called: str = ""
    contact: str = ""


def says_where_first(db: Db, partnership_id: int, session_id: int, person_id: int, *, now: datetime) -> bool:
    """Whether they do not book this before they have told us where they work; of what is booked as a whole, any part of it.

    Raises `NotFound`.
    """
    session = find_session(db, partnership_id, session_id)
    if session.series_id is not None and not makes_up(db, session, person_id, now=now):
        return says_where_first_of(db, partnership_id, session.series_id, person_id, now=now)
    return says_where(db, known(db, partnership_id, ByLink(person_id)), [session])


def says_where_first_of(db: Db, partnership_id: int, series_id: int, person_id: int, *, now: datetime) -> bool:
    """The same of a series. Raises `NotFound`."""
    find_series(db, partnership_id, series_id)
    return says_where(db, known(db, partnership_id, ByLink(person_id)), parts_ahead(db, series_id, now=now))


def _may_book(db: Db, session: Session, person: Person) -> None:
    """Raises `NotFound` for what neither everybody may see nor an invitation has let them in to."""
    if not (is_private(session) and session.state is not SessionState.DRAFT and is_admitted(db, session, person.discord_id, person.id)):
        require_nothing_hidden(session)


# ── what there is ───────────────────────────────────────────────────────────────────────────────────────────


def what_to_book(db: Db, partnership_id: int, person_id: int, rules: Rules, *, now: datetime) -> Bookable:
    """All that is open to them, to come, and not on their page already."""
    reader = known(db, partnership_id, ByLink(person_id))
    family = is_family(reader)
    claimed, places = _claimed(db, person_id, now), places_ahead(db, person_id, now=now)
    found = []
    for programme in open_programmes(db, partnership_id, now=now):
        if programme.state is ProgrammeState.PUBLISHED:
            page = programme_page(db, partnership_id, programme.id)
            for_them = ((day.day, tuple(one for one in day.sessions if one.for_families or not family)) for day in page.days)
            listed = ((day, _open_to(db, sessions, person_id, claimed, now)) for day, sessions in for_them)
            days = ((day, tuple(_bookable(one, places, rules, now) for one in each)) for day, each in listed)
            found.append(BookableProgramme(page.id, page.title, tuple((day, each) for day, each in days if each)))
    series = (bookable_series(db, reader, one, rules, now) for one, _ in open_series(db, partnership_id, now=now, limit=100))
    offered = (one for one in series if one is not None and one.ways)
    for_reader = tuple(one for one in offered if not family or all(part.for_families for part in one.parts))
    return Bookable(tuple(one for one in found if one.days), for_reader, family)


def _claimed(db: Db, person_id: int, now: datetime) -> frozenset[int]:
    """The sessions not over on which they have any claim."""
    rows = select(Booking.session_id).join(Session, col(Session.id) == col(Booking.session_id))
    ahead = col(Booking.person_id) == person_id, col(Booking.state).in_(ACTIVE), col(Session.ends_at) > now
    return frozenset(db.exec(rows.where(*ahead)))


def _open_to(
    db: Db, sessions: tuple[ListedSession, ...], person_id: int, claimed: frozenset[int], now: datetime
) -> Iterator[ListedSession]:
    """Those that they can ask for by themselves."""
    in_series = select(Session).where(col(Session.id).in_([one.id for one in sessions]), col(Session.series_id).is_not(None))
    parts = {part.id: part for part in db.exec(in_series)}
    for one in sessions:
        ahead = one.state is SessionState.PUBLISHED and one.booking_open and one.starts_at > now
        if ahead and one.id not in claimed and (one.id not in parts or makes_up(db, parts[one.id], person_id, now=now)):
            yield one


def _bookable(one: ListedSession, places: Sequence[Session], rules: Rules, now: datetime) -> BookableSession:
    clashes = clashes_among(places, one.id, (one.starts_at, one.ends_at), rules)
    return BookableSession(one, to_book(one, rules, now).ways, tuple(clash.title for clash in clashes))


def session_to_book(db: Db, partnership_id: int, session_id: int, person_id: int, rules: Rules, *, now: datetime) -> SessionToBook:
    """One session, before it is booked. Raises `NotFound` for what they may not see."""
    session, person = find_session(db, partnership_id, session_id), known(db, partnership_id, ByLink(person_id))
    _may_book(db, session, person)
    shown, mine = session_view(db, session), booking_on(db, session, person_id)
    of_series = session.series_id is not None and not makes_up(db, session, person_id, now=now)
    ways = () if of_series else to_book(shown, rules, now).ways
    already = mine is not None and mine.state in ACTIVE
    clashes = clashes_of(db, person_id, session, rules)
    if not is_private(session):
        return SessionToBook(shown, ways, clashes, already, link_is_to_come(db, session, None, rules, now=now))
    called = (mine.alias if mine is not None else None) or person.name
    return SessionToBook(shown, ways, clashes, already, link_is_to_come(db, session, None, rules, now=now), called, contact_of(db, session))


def series_to_book(db: Db, partnership_id: int, series_id: int, person_id: int, rules: Rules, *, now: datetime) -> BookableSeries | None:
    """The same of a series; None where it is on their page already, or takes no bookings. Raises `NotFound`."""
    return bookable_series(db, known(db, partnership_id, ByLink(person_id)), series_id, rules, now)


# ── booking it ──────────────────────────────────────────────────────────────────────────────────────────────


def book_mine(
    db: Db,
    partnership_id: int,
    session_id: int,
    person_id: int,
    rules: Rules,
    *,
    now: datetime,
    mode: Mode | None = None,
    accept_clash: Accepts = False,
    alias: str | None = None,
) -> Booked:
    """Book it, or come on its waiting list. Harmless to repeat. Raises as `book` does, and `Refusal` for who came by an invitation.

    What they are invited to needs no more than the name (`alias`) that they want to have there.
    """
    session, person = lock(db, partnership_id, session_id), known(db, partnership_id, ByLink(person_id))
    _may_book(db, session, person)
    if says_where(db, person, [session]):
        raise Refusal(WHERE_FIRST)
    if session.series_id is not None and not makes_up(db, session, person_id, now=now):
        raise Refusal(OF_A_SERIES)
    booked = book(db, partnership_id, session_id, person_id, rules, now=now, mode=mode, accept_clash=accept_clash, alias=alias)
    if booked.came is Came.WAITLISTED and not booked.already:
        tell_in_line(db, session_id, person, rules, now=now)
    return booked


def book_series_mine(
    db: Db,
    partnership_id: int,
    series_id: int,
    person_id: int,
    rules: Rules,
    *,
    now: datetime,
    mode: Mode | None = None,
    accept_clash: Accepts = False,
) -> SeriesBooked:
    """The same of every part of a series that is still to come. Raises `BadInput` where they have a choice and made none."""
    person = known(db, partnership_id, ByLink(person_id))
    if says_where_first_of(db, partnership_id, series_id, person_id, now=now):
        raise Refusal(WHERE_FIRST)
    series = bookable_series(db, person, series_id, rules, now)
    if mode is None and series is not None and series.ways:
        if len(series.ways) > 1:
            raise BadInput("Choose how you will take part.", field="mode")
        mode = series.ways[0].mode
    booked = book_series(db, partnership_id, series_id, person_id, rules, now=now, mode=mode, accept_clash=accept_clash)
    if booked.state is BookingState.WAITLISTED and not booked.already:
        tell_in_line(db, booked.parts[0], person, rules, now=now)
    return booked
