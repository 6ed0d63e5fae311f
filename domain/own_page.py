"""One's own page: all that somebody has booked, waits for and came to, in one read, as they may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from domain.askers import ByLink
from domain.attended import my_attended
from domain.browsing import SessionPage, my_bookings
from domain.capacity import Clash, clashes_among, find_session, mark_of, modes_of, places_ahead
from domain.database import Db
from domain.errors import NotFound
from domain.feedback.asking import Awaited, awaiting
from domain.invited_to import InvitedTo, invited_to
from domain.kinds import Mode
from domain.letters.links import to_place
from domain.letters.sessions import materials_of_each
from domain.link_to_come import invitation_waits
from domain.links import LinkKey, mint
from domain.models import Booking, BookingState, Needs, Person, Programme, Purpose, Series, SeriesBooking, Session, SessionState
from domain.modes import joins_by_link
from domain.needs.own import questions_for
from domain.offers import clashes_of_claim
from domain.people import PersonView, find
from domain.ports.letters import MaterialFacts
from domain.records import Attended
from domain.rules import Rules
from domain.series.views import SeriesStanding, my_series
from domain.views import SessionView


@dataclass(frozen=True)
class OwnBooking:
    """One claim of theirs on a session that is not over, and what they can do with it."""

    page: SessionPage
    booking_id: int
    clashes: tuple[str, ...]  #: titles of their other places at that time; where a series waits for their yes, at that of any part
    accepts: str  #: what their yes accepts of those (`domain.capacity.mark_of`)
    contact: str  #: whom to call, where it is private; else empty
    asks_needs: bool  #: there are questions about what they need
    told_needs: bool
    other_way: Mode | None  #: how they could take part instead
    joins: bool  #: they come by a link
    series: tuple[int, str] | None  #: the series that it is booked with: id and title
    materials: tuple[MaterialFacts, ...] = ()  #: what there is to read, for who has a place
    confirmed_at: datetime | None = None  #: since when it is theirs
    link_to_come: bool = False  #: its invitation waits for the link

    @property
    def asks_yes(self) -> bool:
        """Whether it waits for their yes: what is kept for them, and what somebody asked for on a page with their address."""
        return self.page.mine is not None and (self.page.mine.wished or self.page.mine.state is BookingState.HELD)


@dataclass(frozen=True)
class OwnPage:
    """Everything of one person. Instants are UTC."""

    person: PersonView
    has_chat: bool  #: a Discord account is theirs too
    booked: tuple[OwnBooking, ...]
    series: tuple[tuple[int, str, SeriesStanding], ...]
    feedback: tuple[Awaited, ...]  #: sessions that they may say something about
    attended: tuple[Attended, ...]  #: the latest first
    invited: tuple[InvitedTo, ...] = ()  #: what an invitation lets them book

    @property
    def contacts(self) -> tuple[str, ...]:
        """Whom to call, of the private sessions among what is booked or can be; each once."""
        every = [one.contact for one in self.booked] + [one.contact for one in self.invited]
        return tuple(dict.fromkeys(contact for contact in every if contact))

    @property
    def newest_waits_for_link(self) -> bool:
        """Whether the invitation to what became theirs last has to wait for its link."""
        last = max((one.confirmed_at for one in self.booked if one.confirmed_at is not None), default=None)
        return any(one.link_to_come for one in self.booked if one.confirmed_at == last)


def own_page(db: Db, partnership_id: int, person_id: int, rules: Rules, *, now: datetime) -> OwnPage:
    """All of it. Raises `NotFound` for somebody we do not know (any more)."""
    asker = ByLink(person_id)
    person = find(db, partnership_id, asker)
    if person is None:
        raise NotFound
    row = db.get_one(Person, person_id)
    return OwnPage(
        person=person,
        has_chat=row.discord_id is not None,
        booked=own_bookings(db, partnership_id, person_id, rules, now=now),
        series=my_series(db, partnership_id, asker),
        feedback=awaiting(db, partnership_id, person_id, rules, now=now),
        attended=my_attended(db, partnership_id, asker, now=now)[::-1],
        invited=invited_to(db, row, rules, now=now),
    )


def way_to(
    db: Db, key: LinkKey, partnership_id: int, person_id: int, session_id: int, purpose: Purpose, rules: Rules, *, now: datetime
) -> str:
    """The token of the page for one of their places: the way in, or its questions afterwards. Raises `NotFound` where they have none."""
    session = find_session(db, partnership_id, session_id)
    mine = select(Booking.id).where(col(Booking.session_id) == session_id, col(Booking.person_id) == person_id)
    booking_id = db.exec(mine.where(col(Booking.state) == BookingState.CONFIRMED)).first()
    if booking_id is None:
        raise NotFound
    wanted = to_place(purpose, booking_id, partnership_id, person_id, session.ends_at, rules)
    if wanted.expires_at <= now:
        raise NotFound
    return mint(db, key, [wanted], now=now)[wanted.subject]


def own_bookings(db: Db, partnership_id: int, person_id: int, rules: Rules, *, now: datetime) -> tuple[OwnBooking, ...]:
    """What they have booked, hold or wait for and is not over, in order of its start."""
    pages = my_bookings(db, partnership_id, ByLink(person_id), now=now)
    rows = db.exec(select(Booking).where(col(Booking.person_id) == person_id)).all()
    by_session = {row.session_id: row for row in rows}
    told = set(db.exec(select(Needs.booking_id).where(col(Needs.booking_id).in_([row.id for row in rows]))).all())
    contacts = _contacts(db, pages)
    titles = _series_titles(db, rows)
    places = places_ahead(db, person_id, now=now)
    clashing = {page.session.id: _clashing(page.session, places, rules) for page in pages}
    wholes = _of_wholes(db, pages, by_session, rules, now)
    to_read = materials_of_each(db, [page.session.id for page in pages if _has_place(page)])  # its letters carry the same
    return tuple(
        replace(
            _own(page, by_session[page.session.id], clashing[page.session.id], wholes, contacts, titles, told=told),
            materials=to_read.get(page.session.id, ()),
            link_to_come=_waits(db, by_session[page.session.id], rules, now),
        )
        for page in pages
        if page.session.id in by_session
    )


def _waits(db: Db, row: Booking, rules: Rules, now: datetime) -> bool:
    return invitation_waits(db, db.get_one(Session, row.session_id), row, rules, now=now)


def _has_place(page: SessionPage) -> bool:
    there = page.session.state is SessionState.PUBLISHED
    return there and page.mine is not None and page.mine.state is BookingState.CONFIRMED


def _own(
    page: SessionPage,
    row: Booking,
    clashes: tuple[Clash, ...],
    wholes: dict[int, tuple[Clash, ...]],
    contacts: dict[int, str],
    titles: dict[int, tuple[int, str]],
    *,
    told: set[int],
) -> OwnBooking:
    session = page.session
    clashes = wholes.get(row.series_booking_id or 0, clashes)
    alone = row.series_booking_id is None
    waiting_wish = row.wished and row.state is BookingState.WAITLISTED
    ways = [way for way in modes_of(session.format) if way is not row.mode]
    return OwnBooking(
        page=page,
        booking_id=row.id or 0,
        clashes=tuple(clash.title for clash in clashes),
        accepts=mark_of(clashes),
        contact=contacts.get(session.programme_id, "") if session.private else "",
        asks_needs=not waiting_wish and bool(questions_for(private=session.private, format_=session.format)),
        told_needs=not waiting_wish and row.id in told,
        other_way=ways[0] if ways and alone and not row.wished and row.state in (BookingState.CONFIRMED, BookingState.WAITLISTED) else None,
        joins=row.state is BookingState.CONFIRMED and joins_by_link(session.format, row.mode),
        series=titles.get(row.series_booking_id or 0),
        confirmed_at=row.confirmed_at if row.state is BookingState.CONFIRMED else None,
    )


def _contacts(db: Db, pages: Sequence[SessionPage]) -> dict[int, str]:
    ids = {page.session.programme_id for page in pages if page.session.private}
    return {row.id or 0: row.contact for row in db.exec(select(Programme).where(col(Programme.id).in_(ids)))} if ids else {}


def _series_titles(db: Db, rows: Sequence[Booking]) -> dict[int, tuple[int, str]]:
    """By the claim on the whole: the series' id and title."""
    from_whole = {row.series_booking_id for row in rows if row.series_booking_id is not None}
    if not from_whole:
        return {}
    found = db.exec(
        select(SeriesBooking.id, Series.id, Series.title)
        .join(Series, col(Series.id) == col(SeriesBooking.series_id))
        .where(col(SeriesBooking.id).in_(from_whole))
    ).all()
    return {whole or 0: (series_id or 0, title) for whole, series_id, title in found}


def _clashing(session: SessionView, places: Sequence[Session], rules: Rules) -> tuple[Clash, ...]:
    return clashes_among(places, session.id, (session.starts_at, session.ends_at), rules)


def _of_wholes(
    db: Db, pages: Sequence[SessionPage], by_session: dict[int, Booking], rules: Rules, now: datetime
) -> dict[int, tuple[Clash, ...]]:
    """By the claim on a whole series that waits for their yes: what that yes accepts. It stands beside each part, and counts for all."""
    found: dict[int, tuple[Clash, ...]] = {}
    for page in pages:
        mine = by_session.get(page.session.id)
        if mine is None or mine.series_booking_id is None or mine.series_booking_id in found:
            continue
        if mine.wished or mine.state is BookingState.HELD:
            session = db.get_one(Session, page.session.id)
            found[mine.series_booking_id] = clashes_of_claim(db, session, mine, rules, now=now)
    return found
