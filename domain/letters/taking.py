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
from datetime import datetime
from typing import cast

from sqlalchemy import func, select, update

from domain.database import Db
from domain.day_reminders import Told, speaks_of_a_day
from domain.kinds import Channel, Kind
from domain.letters.links import with_links
from domain.letters.topics import BookedSession, BookingColumns, NoticeColumns, Topics, columns_of, read_topics
from domain.letters.truth import Case, still_true, wait_for_link
from domain.letters.writing import letter_of, of_a_day
from domain.links import LinkKey
from domain.many import among, set_each
from domain.materials import takes_materials
from domain.models import Booking, Notice, NoticeState, Person
from domain.notices import LEASE
from domain.partnerships import of_these
from domain.ports.letters import Letter, ReminderItem, SessionFacts
from domain.rules import RulesOf
from domain.tables import table_of

_LEDGER, _BOOKINGS = table_of(Notice), table_of(Booking)
N, B = _LEDGER.c, _BOOKINGS.c

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
_NOTICES = select(*columns_of(Notice, NoticeColumns._fields)).order_by(N.need, N.next_try_at, N.id).with_for_update(skip_locked=True)


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
    topics = read_topics(db, plain, now)
    here = {notice.id: notice for notice in plain if not topics.is_held_up(notice)}
    claimed = tuple(notice.id for notice in due if notice.id not in here)
    outcome = _Outcome()
    for notice in here.values():
        _hand_over(db, notice, topics, outcome, rules, now)
    _claim(db, claimed, by, now)
    outcome.write_down(db, by, now)
    letters = with_links(db, links, outcome.letters, rules, now=now)
    return Taken(tuple(notice.id for notice in due), tuple(letters), claimed)


def _due(db: Db, channel: Channel, whose: Collection[int] | None, now: datetime, limit: int) -> list[NoticeColumns]:
    """Of these partnerships. Held for this transaction; what another process holds is passed over."""
    due = N.state == NoticeState.QUEUED, N.next_try_at <= now, N.channel == channel
    rows = _NOTICES.where(*due, *of_these(N.partnership_id, whose)).limit(limit)
    return [NoticeColumns._make(row) for row in db.connection().execute(rows).all()]


def _is_plain(notice: NoticeColumns) -> bool:
    if notice.kind not in PLAIN or notice.person_id is None or notice.session_id is None:
        return False
    if (
        notice.proof_id is not None
        or notice.presenter_id is not None
        or notice.series_booking_id is not None
        or notice.transfer_id is not None
        or notice.announcement_id is not None
        or notice.digest_reader_id is not None
    ):
        return False
    return notice.booking_id is not None or notice.kind is Kind.REMINDER


def _claim(db: Db, ids: Sequence[int], by: str, now: datetime) -> None:
    if ids:
        mine = update(_LEDGER).where(among(db, N.id, ids))
        db.connection().execute(mine.values(state=NoticeState.CLAIMED, claimed_by=by, claimed_until=now + LEASE, handed_at=None))


# ── decide and write ────────────────────────────────────────────────────────────────────────────────────────


def _hand_over(db: Db, notice: NoticeColumns, topics: Topics, outcome: _Outcome, rules: RulesOf, now: datetime) -> None:
    """As `handing.hand_over`: find it too late, untrue or too early; else a letter."""
    if notice.expires_at is not None and notice.expires_at <= now:
        outcome.gone[NoticeState.EXPIRED].append(notice.id)
        return
    day = topics.of_its_day(notice) if speaks_of_a_day(cast(Notice, notice)) else []
    booking = day[0].booking if day else topics.bookings.get(notice.booking_id or 0)
    session_id = day[0].booking.session_id if day else notice.session_id or 0
    person, session = topics.people[notice.person_id or 0], topics.sessions.get(session_id)
    case = Case(cast(Notice, notice), cast(Person, person), cast(Booking | None, booking), session)
    if not still_true(db, case):
        outcome.gone[NoticeState.SUPERSEDED].append(notice.id)
        return
    facts = topics.facts[session_id]
    if wait := wait_for_link(case, facts, rules.of(notice.partnership_id), now):
        outcome.waits[notice.id] = wait
        return
    outcome.add(notice, case, facts)
    first, lease = notice.first_handed_at or now, now + LEASE
    letter = letter_of(case, facts, attempt=notice.attempts + 1, first_tried_at=first, leased_until=lease)
    if day:
        outcome.tell_of_day(notice, day)
        letter = of_a_day(letter, tuple(_item(one.booking, topics) for one in day[1:]))
    elif takes_materials(letter.kind, letter.channel, letter.changes) and (files := topics.files_of(db, session_id)):
        letter = replace(letter, attachments=files)
    outcome.letters.append(letter)


def _item(booking: BookingColumns, topics: Topics) -> ReminderItem:
    return ReminderItem(topics.facts[booking.session_id], booking.mode, booking.id)


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

    def add(self, notice: NoticeColumns, case: Case, facts: SessionFacts) -> None:
        """One that leaves now."""
        assert case.session is not None
        self.told[case.session.revision, facts.join_url is not None].append(notice.id)
        if case.booking is not None and notice.is_calendar and notice.kind is not Kind.CANCELLATION and not case.booking.invited:
            self.invited.append(case.booking.id or 0)

    def tell_of_day(self, notice: NoticeColumns, day: Sequence[BookedSession]) -> None:
        """Keep which places a day's reminder speaks of."""
        before = Told.read(notice.detail)
        told = Told(before.day, before.reckoned_from, tuple((one.booking.id, one.starts_at) for one in day))
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
