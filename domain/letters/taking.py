"""Many notices at once, from the ledger's line to letters: claimed, read again, and handed over in one transaction.

Almost every notice is *plain*: it tells a person of a booking, or of a day's bookings. Plain ones are read as columns by a
handful of queries for all of them together, their session's facts once for each session, and written down by a few
statements; what is decided of each is decided by the same functions as in `handing`. Whatever is not plain (a code, an
announcement, a presenter's mail) is only claimed here, and handed over one by one by `handing.hand_over_all`.

So a plain notice goes from `queued` to handed over in one step, and a process that dies in between leaves nothing behind.

On PostgreSQL the rows of the ledger are held first, and then the sessions of calendar messages, shared, so that nobody cancels a
booking between our reading it and our writing down that its invitation may have left. Use cases hold the session first and the
ledger second; therefore nothing is waited for here: where a session is held by somebody, its notices are claimed, and handed
over afterwards by `hand_over_all`, which holds no row of the ledger while it waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, func, select, update
from sqlmodel import SQLModel, col

from domain.database import Db
from domain.day_reminders import MOST_IN_ONE, Told, speaks_of_a_day
from domain.kinds import Channel, Kind
from domain.letters.links import with_links
from domain.letters.sessions import facts_of
from domain.letters.truth import Case, still_true, wait_for_link
from domain.letters.writing import letter_of, of_a_day
from domain.links import LinkKey
from domain.many import among, set_each
from domain.materials import attachments_of, takes_materials
from domain.models import Booking, BookingState, Notice, NoticeState, Person, Session, SessionState
from domain.notices import LEASE
from domain.partnerships import of_these
from domain.ports.letters import Attachment, Letter, ReminderItem, SessionFacts
from domain.rules import RulesOf
from domain.times import day_of

_LEDGER, _BOOKINGS, _PEOPLE = (SQLModel.metadata.tables[name] for name in ("notice", "booking", "person"))
N, B, P = _LEDGER.c, _BOOKINGS.c, _PEOPLE.c

#: kinds that say nothing beyond a booking and its session
PLAIN = frozenset(
    {
        Kind.INVITATION,
        Kind.UPDATE,
        Kind.CANCELLATION,
        Kind.PROMOTION,
        Kind.REMINDER,
        Kind.WAITING_CLOSED,
        Kind.LAPSED,
    }
)
_ABOUT_MORE = ("proof_id", "presenter_id", "series_booking_id", "transfer_id", "announcement_id", "digest_reader_id")
_NOTICE = (
    *(N[name] for name in ("id", "partnership_id", "key", "kind", "channel", "person_id", "booking_id", "session_id", "programme_id")),
    *(N[name] for name in _ABOUT_MORE),
    *(N[name] for name in ("sequence", "dtstamp", "lead_minutes", "detail", "fallback_of", "owed_at", "expires_at", "attempts")),
    N.first_handed_at,
    N.next_try_at,
)
_BOOKING = (
    *(B[name] for name in ("id", "session_id", "person_id", "mode", "state", "hold", "held_until", "sequence", "invited", "alias")),
)
_PERSON = tuple(P[name] for name in ("id", "name", "email", "proven_at", "discord_id"))

#: a row has the columns that are read here under the names that the table has
Columns = Row[Any]


@dataclass(frozen=True)
class Taken:
    """What became of the notices that were due. `order` holds their ids, the most needed first.

    `letters` are handed over; `claimed` are to be handed over one by one; the rest is no longer true, or waits.
    """

    order: tuple[int, ...] = ()
    letters: tuple[Letter, ...] = ()
    claimed: tuple[int, ...] = ()


def take(db: Db, by: str, channel: Channel, rules: RulesOf, *, now: datetime, limit: int, links: LinkKey | None = None) -> Taken:
    """Claim the most needed notices that are due, and hand the plain ones over.

    All in one transaction: on an error nothing is claimed, and the caller claims and hands over one by one.
    """
    due = _due(db, channel, rules.kept(), now, limit)
    if not due:
        return Taken()
    plain = [notice for notice in due if _is_plain(notice)]
    read = _read(db, plain, now)
    held_up = {notice.id for notice in plain if read.is_held_up(notice)}
    claimed = tuple(notice.id for notice in due if notice.id in held_up or not _is_plain(notice))
    outcome = _Outcome()
    for notice in plain:
        if notice.id not in held_up:
            _hand_over(db, notice, read, outcome, rules, now)
    _claim(db, claimed, by, now)
    outcome.write_down(db, by, now)
    letters = with_links(db, links, outcome.letters, rules, now=now)
    return Taken(tuple(notice.id for notice in due), tuple(letters), claimed)


def _due(db: Db, channel: Channel, whose: Collection[int] | None, now: datetime, limit: int) -> Sequence[Columns]:
    """Of these partnerships. Held for this transaction; what another process holds is passed over."""
    rows = (
        select(*_NOTICE)
        .where(N.state == NoticeState.QUEUED, N.next_try_at <= now, N.channel == channel, *of_these(N.partnership_id, whose))
        .order_by(N.need, N.next_try_at, N.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return db.connection().execute(rows).all()


def _is_plain(notice: Columns) -> bool:
    if notice.kind not in PLAIN or notice.person_id is None or notice.session_id is None:
        return False
    if any(notice._mapping[name] is not None for name in _ABOUT_MORE):
        return False
    return notice.booking_id is not None or notice.kind is Kind.REMINDER


def _claim(db: Db, ids: Sequence[int], by: str, now: datetime) -> None:
    if ids:
        mine = update(_LEDGER).where(among(db, N.id, ids))
        db.connection().execute(mine.values(state=NoticeState.CLAIMED, claimed_by=by, claimed_until=now + LEASE, handed_at=None))


# ── read ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Read:
    """What the notices are about, by id."""

    sessions: dict[int, Session]
    facts: dict[int, SessionFacts]
    bookings: dict[int, Columns]
    people: dict[int, Columns]
    days: dict[int, list[Columns]] = field(default_factory=dict)  #: of a person: their places of the next days, in order of their start
    files: dict[int, tuple[Attachment, ...]] = field(default_factory=dict)

    def is_held_up(self, notice: Columns) -> bool:
        """Whether its session is held by somebody just now."""
        return _is_calendar(notice) and notice.session_id not in self.sessions

    def files_of(self, db: Db, session_id: int) -> tuple[Attachment, ...]:
        """What travels with an invitation, read once."""
        if session_id not in self.files:
            has = any(one.file_name for one in self.facts[session_id].materials)
            self.files[session_id] = attachments_of(db, self.sessions[session_id]) if has else ()
        return self.files[session_id]


def _is_calendar(notice: Columns) -> bool:
    """Whether writing it down says something of its booking: that an invitation may be in the calendar."""
    return notice.sequence is not None


def _read(db: Db, notices: Sequence[Columns], now: datetime) -> _Read:
    calendar = {notice.session_id for notice in notices if _is_calendar(notice)}
    sessions = _sessions(db, calendar, held=True)
    days = _days(db, [notice for notice in notices if notice.booking_id is None], now)
    also = {notice.session_id for notice in notices} | {one.session_id for day in days.values() for one in day}
    sessions |= _sessions(db, also - calendar)
    bookings = _by_id(db, _BOOKING, B.id, {notice.booking_id for notice in notices} - {None})
    people = _by_id(db, _PERSON, P.id, {notice.person_id for notice in notices})
    return _Read(sessions, facts_of(db, list(sessions.values())), bookings, people, days)


def _sessions(db: Db, ids: set[int], *, held: bool = False) -> dict[int, Session]:
    """By id. `held`: shared, for this transaction, without those that somebody is changing."""
    if not ids:
        return {}
    rows = select(Session).where(col(Session.id).in_(ids)).order_by(col(Session.id))
    if held:
        rows = rows.with_for_update(read=True, skip_locked=True)
    return {session.id or 0: session for session in db.scalars(rows.execution_options(populate_existing=True))}


def _by_id(db: Db, columns: Sequence[Any], key: Any, ids: set[int]) -> dict[int, Columns]:
    return {row.id: row for row in db.connection().execute(select(*columns).where(among(db, key, ids)))} if ids else {}


def _days(db: Db, notices: Sequence[Columns], now: datetime) -> dict[int, list[Columns]]:
    """As `day_reminders.sessions_to_tell`, of many: each person's places from now on."""
    days: defaultdict[int, list[Any]] = defaultdict(list)
    if not notices:
        return days
    longest = max(notice.lead_minutes or 0 for notice in notices)
    rows = (
        select(*_BOOKING, col(Session.starts_at), col(Session.zone))
        .join(Session, col(Session.id) == B.session_id)
        .where(
            among(db, B.person_id, {notice.person_id for notice in notices}),
            B.state == BookingState.CONFIRMED,
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.starts_at) > now,
            col(Session.starts_at) < now + timedelta(minutes=longest) + timedelta(days=2),
        )
        .order_by(col(Session.starts_at), col(Session.id))
    )
    for row in db.connection().execute(rows):
        days[row.person_id].append(row)
    return days


def _places_to_tell(notice: Columns, read: _Read) -> list[Columns]:
    day = Told.read(notice.detail).day
    return [row for row in read.days.get(notice.person_id, ()) if day_of(row.starts_at, row.zone) == day][:MOST_IN_ONE]


# ── decide and write ────────────────────────────────────────────────────────────────────────────────────────


def _hand_over(db: Db, notice: Columns, read: _Read, outcome: _Outcome, rules: RulesOf, now: datetime) -> None:
    """As `handing.hand_over`: find it too late, untrue or too early; else a letter."""
    if notice.expires_at is not None and notice.expires_at <= now:
        outcome.gone[NoticeState.EXPIRED].append(notice.id)
        return
    of_day = speaks_of_a_day(cast(Notice, notice))
    day = _places_to_tell(notice, read) if of_day else []
    booking = day[0] if day else read.bookings.get(notice.booking_id)
    session_id = day[0].session_id if day else notice.session_id
    case = Case(
        cast(Notice, notice), cast(Person, read.people[notice.person_id]), cast(Booking | None, booking), read.sessions.get(session_id)
    )
    if not still_true(db, case):
        outcome.gone[NoticeState.SUPERSEDED].append(notice.id)
        return
    facts = read.facts[session_id]
    if wait := wait_for_link(case, facts, rules.of(notice.partnership_id), now):
        outcome.waits[notice.id] = wait
        return
    outcome.add(notice, case, facts)
    first, lease = notice.first_handed_at or now, now + LEASE
    letter = letter_of(case, facts, attempt=notice.attempts + 1, first_tried_at=first, leased_until=lease)
    if day:
        outcome.tell_of_day(notice, day)
        letter = of_a_day(letter, tuple(ReminderItem(read.facts[one.session_id], one.mode, one.id) for one in day[1:]))
    elif takes_materials(letter.kind, letter.channel, letter.changes) and (files := read.files_of(db, session_id)):
        letter = replace(letter, attachments=files)
    outcome.letters.append(letter)


@dataclass
class _Outcome:
    """What became of each, until it is written down by as few statements as can be."""

    letters: list[Letter] = field(default_factory=list)
    gone: defaultdict[NoticeState, list[int]] = field(default_factory=lambda: defaultdict(list))
    waits: dict[int, datetime] = field(default_factory=dict)
    #: those that leave, by the session's revision that they tell, and with a link or not
    told: defaultdict[tuple[int, bool], list[int]] = field(default_factory=lambda: defaultdict(list))
    days: dict[int, str] = field(default_factory=dict)
    invited: list[int] = field(default_factory=list)

    def add(self, notice: Columns, case: Case, facts: SessionFacts) -> None:
        """One that leaves now."""
        assert case.session is not None
        self.told[case.session.revision, facts.join_url is not None].append(notice.id)
        if case.booking is not None and _is_calendar(notice) and notice.kind is not Kind.CANCELLATION and not case.booking.invited:
            self.invited.append(case.booking.id or 0)

    def tell_of_day(self, notice: Columns, day: Sequence[Columns]) -> None:
        """Keep which places a day's reminder speaks of."""
        before = Told.read(notice.detail)
        told = Told(before.day, before.reckoned_from, tuple((one.id, one.starts_at) for one in day))
        self.days[notice.id] = told.write()

    def write_down(self, db: Db, by: str, now: datetime) -> None:
        """From here on it may have been sent, as soon as this is committed."""
        connection, ledger = db.connection(), update(_LEDGER)
        for state, ids in self.gone.items():
            connection.execute(ledger.where(among(db, N.id, ids)).values(state=state))
        set_each(db, ledger, N.id, N.next_try_at, self.waits)
        handed = ledger.values(
            state=NoticeState.CLAIMED,
            claimed_by=by,
            claimed_until=now + LEASE,
            handed_at=now,
            first_handed_at=func.coalesce(N.first_handed_at, now),
            attempts=N.attempts + 1,
        )
        for (revision, link), ids in self.told.items():
            connection.execute(handed.where(among(db, N.id, ids)).values(told_revision=revision, told_link=link))
        set_each(db, ledger, N.id, N.detail, self.days)
        if self.invited:
            bookings = update(_BOOKINGS).where(among(db, B.id, self.invited))
            connection.execute(bookings.values(invited=True))
