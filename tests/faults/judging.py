"""The verdict on a run with faults: the ledger against what was received, the bookings against what people were told.

What must hold, whatever was killed, cut or frozen, and whenever: every notice that was owed was sent once, or is visibly
failed, unknown, expired or overtaken; every repeat was harmless; nobody lost a place that they were told they had, nobody
has two, no session is over its places, no session has a second meeting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.kinds import Channel, Kind
from domain.ledger.marks import FAULT
from domain.models import BookingState, MeetingState, NoticeState, SessionState
from tests.faults.evidence import Books, Claim, Hour, Mail, Owed, Post, Record

#: how long Discord is relied upon to know a nonce
NONCE_HOLDS = timedelta(minutes=2)
#: what is said of a letter that a killed process had in hand
KILLED = "the process that was sending it disappeared"
#: where no service goes wrong: of all that should have left at most so many may be unknown through kills (a busy machine has come to
#: one in two), and at most so many failed or unknown for any other reason, such as an answer that came too slowly
MOST_KILLED, MOST_OTHERS = 2 / 3, 1 / 10
OVER = (NoticeState.SENT, NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.EXPIRED, NoticeState.SUPERSEDED)
CARRIED = (Kind.INVITATION, Kind.UPDATE, Kind.PROMOTION, Kind.CANCELLATION)


class Wrong(StrEnum):
    """What can be wrong."""

    LEFT = "left owed"
    LOST = "lost"
    DOUBLED = "doubled"
    NEVER_OWED = "never owed"
    UNTRUE = "untrue"
    OVERBOOKED = "overbooked"
    SECOND_MEETING = "second meeting"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class Breach:
    """One thing that should not be."""

    wrong: Wrong
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """The breaches, and what was counted on the way."""

    breaches: tuple[Breach, ...]
    owed: int
    sent: int
    repeated_harmlessly: int
    states: dict[str, int]

    def count(self, wrong: Wrong) -> int:
        """How many breaches of one kind."""
        return sum(breach.wrong is wrong for breach in self.breaches)


def judge(books: Books, record: Record, *, troubled: bool = True) -> Verdict:
    """Everything that must hold. `troubled`: services went wrong, so that any number may have failed."""
    breaches = [
        *_notices(books, record),
        *_strangers(books, record),
        *_bookings(books, record),
        *_places(books),
        *_calendars(books, record),
        *_rooms(books, record),
        *(() if troubled else _given_up(books)),
    ]
    states = Counter(notice.state.value for notice in books.owed)
    copies = [*(len(got) for got in _mails(books, record).values()), *(len(got) for got in _posts(record).values())]
    repeats = sum(count - 1 for count in copies)
    return Verdict(tuple(breaches), len(books.owed), states[NoticeState.SENT.value], repeats, dict(sorted(states.items())))


# ── every notice, against what came of it ───────────────────────────────────────────────────────────────────


def _mails(books: Books, record: Record) -> dict[int, list[Mail]]:
    """The e-mails of each notice."""
    whose = {name: notice.id for notice in books.owed for name in notice.message_ids}
    found: dict[int, list[Mail]] = defaultdict(list)
    for mail in record.mails:
        if mail.message_id in whose:
            found[whose[mail.message_id]].append(mail)
    return found


def _posts(record: Record) -> dict[str, list[Post]]:
    """The direct messages of each nonce, which is the notice's number."""
    found: dict[str, list[Post]] = defaultdict(list)
    for post in record.posts:
        if post.nonce.isdecimal():
            found[post.nonce].append(post)
    return found


def _notices(books: Books, record: Record) -> Iterator[Breach]:
    mails, posts = _mails(books, record), _posts(record)
    for notice in books.owed:
        came = len(mails[notice.id]) if notice.channel is Channel.EMAIL else len(posts[str(notice.id)])
        yield from _state(notice, came)
        if notice.channel is Channel.EMAIL:
            yield from _repeated_mail(notice, mails[notice.id])
        else:
            yield from _repeated_posts(notice, posts[str(notice.id)])


def _state(notice: Owed, came: int) -> Iterator[Breach]:
    """What the ledger says of a notice, against how often it came."""
    if notice.state not in OVER:
        yield Breach(Wrong.LEFT, f"{notice.key} is still {notice.state}")
    if notice.error == FAULT:
        yield Breach(Wrong.UNTRUE, f"{notice.key} was put aside by a fault of ours")
    if notice.state is NoticeState.SENT and not came:
        yield Breach(Wrong.LOST, f"{notice.key} is called sent and never came")
    if notice.state is NoticeState.FAILED and came:
        yield Breach(Wrong.UNTRUE, f"{notice.key} is called failed and came")
    if notice.state in (NoticeState.EXPIRED, NoticeState.SUPERSEDED) and came and not notice.may_have_left:
        yield Breach(Wrong.UNTRUE, f"{notice.key} is called {notice.state}, as if it had never left, and came")


def _given_up(books: Books) -> Iterator[Breach]:
    """Unknown is said and so allowed, but not of letters that nothing has befallen."""
    known = Counter(notice.state for notice in books.owed)
    left = known[NoticeState.SENT] + known[NoticeState.FAILED] + known[NoticeState.UNKNOWN]
    killed = sum(notice.state is NoticeState.UNKNOWN and notice.error == KILLED for notice in books.owed)
    others = known[NoticeState.FAILED] + known[NoticeState.UNKNOWN] - killed
    if killed > left * MOST_KILLED:
        yield Breach(Wrong.GIVEN_UP, f"{killed} of {left} letters are unknown because their process was killed")
    if others > left * MOST_OTHERS:
        yield Breach(Wrong.GIVEN_UP, f"{others} of {left} letters failed or are unknown, and no service went wrong")


def _hour(mail: Mail) -> datetime | None:
    return None if mail.method == "CANCEL" else mail.starts_at


def _repeated_mail(notice: Owed, mails: Sequence[Mail]) -> Iterator[Breach]:
    """Only calendar mail, and only the very same: Message-ID, UID, SEQUENCE, method, attendee and hour.

    The hour of a cancellation may differ: its session can move before it is repeated, and a calendar takes out what has its UID.
    """
    if len(mails) < 2:
        return
    alike = {(mail.message_id, mail.uid, mail.sequence, mail.method, mail.attendee, _hour(mail)) for mail in mails}
    if any(mail.sequence is None for mail in mails):
        yield Breach(Wrong.DOUBLED, f"{notice.key} came {len(mails)} times and is no calendar mail")
    elif len(alike) > 1:
        yield Breach(Wrong.DOUBLED, f"{notice.key} came {len(mails)} times, not always the same")


def _repeated_posts(notice: Owed, posts: Sequence[Post]) -> Iterator[Breach]:
    if sum(post.fresh for post in posts) > 1:
        yield Breach(Wrong.DOUBLED, f"{notice.key} is {sum(post.fresh for post in posts)} messages in chat")
    elif any(post.left - posts[0].at >= NONCE_HOLDS for post in posts[1:]):
        yield Breach(Wrong.DOUBLED, f"{notice.key} was repeated in chat after its two minutes")


def _strangers(books: Books, record: Record) -> Iterator[Breach]:
    """What came, and was never owed: its transaction was undone, or it went to somebody else."""
    names = {name for notice in books.owed for name in notice.message_ids}
    numbers = {str(notice.id) for notice in books.owed if notice.channel is not Channel.EMAIL}
    for mail in record.mails:
        if mail.message_id not in names:
            yield Breach(Wrong.NEVER_OWED, f"a mail {mail.message_id} came that nobody owed")
    for nonce in _posts(record):
        if nonce not in numbers:
            yield Breach(Wrong.NEVER_OWED, f"a chat message {nonce} came that nobody owed")


# ── bookings, against what people were told ─────────────────────────────────────────────────────────────────


#: what a booking may be, once its person was told this and has asked nothing since; None: no row is there
_AFTER = {
    "confirmed": {BookingState.CONFIRMED},
    "cancelled": {BookingState.CANCELLED},
    "waitlisted": {BookingState.WAITLISTED, BookingState.CONFIRMED, BookingState.HELD, BookingState.CANCELLED},
    "held": {BookingState.HELD, BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED},
}


def _bookings(books: Books, record: Record) -> Iterator[Breach]:
    rows = Counter((claim.session_id, claim.person_id) for claim in books.claims)
    for (session_id, person_id), count in rows.items():
        if count > 1:
            yield Breach(Wrong.DOUBLED, f"person {person_id} has {count} bookings of session {session_id}")
    states = {(claim.session_id, claim.person_id): claim.state for claim in books.claims}
    off = {hour.id for hour in books.hours if hour.state is SessionState.CANCELLED}
    last = {(word.session_id, word.person_id): word for word in record.words if word.came != "refused"}
    for (session_id, person_id), word in last.items():
        if word.came is None:
            continue  # nobody told them anything
        state = states.get((session_id, person_id))
        may_be = {BookingState.CANCELLED} if session_id in off and state is not None else _AFTER[word.came]
        if state not in may_be:
            told = f"person {person_id} was told {word.came} for session {session_id} and is {state or 'not there'}"
            yield Breach(Wrong.LOST, told)
    yield from _without_notice(books)


def _without_notice(books: Books) -> Iterator[Breach]:
    """A place and the notice of it are one transaction: neither is there without the other."""
    owed = {(notice.booking_id, notice.sequence) for notice in books.owed if notice.kind in CARRIED}
    for claim in books.claims:
        if claim.state is BookingState.CONFIRMED and (claim.id, claim.sequence) not in owed:
            yield Breach(Wrong.LOST, f"booking {claim.id} is confirmed and its invitation {claim.sequence} was never owed")


def _places(books: Books) -> Iterator[Breach]:
    taken = Counter(claim.session_id for claim in books.claims if claim.state in (BookingState.CONFIRMED, BookingState.HELD))
    for hour in books.hours:
        if hour.places is not None and taken[hour.id] > hour.places:
            yield Breach(Wrong.OVERBOOKED, f"session {hour.id} has {hour.places} places and {taken[hour.id]} people")


# ── calendars and meetings ──────────────────────────────────────────────────────────────────────────────────


def _calendars(books: Books, record: Record) -> Iterator[Breach]:
    """What a calendar shows at the end, by the highest SEQUENCE that came, is what the booking is."""
    shown: dict[tuple[str, str], Mail] = {}
    for mail in record.mails:
        if mail.uid is None or mail.sequence is None or mail.attendee is None:
            continue
        entry = mail.uid, mail.attendee
        if entry not in shown or mail.sequence > (shown[entry].sequence or 0):
            shown[entry] = mail
    excused = {(n.booking_id, n.sequence) for n in books.owed if n.state is not NoticeState.SENT}
    hours = {hour.id: hour for hour in books.hours}
    for claim in books.claims:
        if (claim.id, claim.sequence) not in excused:
            yield from _entry(claim, hours[claim.session_id], shown.get((hours[claim.session_id].uid, claim.address)))


def _entry(claim: Claim, hour: Hour, entry: Mail | None) -> Iterator[Breach]:
    what = f"the calendar of person {claim.person_id} for session {hour.id}"
    if claim.state is BookingState.CONFIRMED:
        if entry is None or entry.method != "REQUEST":
            yield Breach(Wrong.LOST, f"{what} shows nothing, and the place is confirmed")
        elif entry.starts_at != hour.starts_at:
            yield Breach(Wrong.UNTRUE, f"{what} shows {entry.starts_at} and it begins at {hour.starts_at}")
    elif claim.state is BookingState.CANCELLED and entry is not None and entry.method == "REQUEST":
        yield Breach(Wrong.UNTRUE, f"{what} still shows a place that was given back")


def _rooms(books: Books, record: Record) -> Iterator[Breach]:
    uids = {hour.uid: hour for hour in books.hours}
    held = Counter(room.ref.rsplit(":", 1)[0] for room in record.rooms)
    for uid, count in held.items():
        if uid not in uids:
            yield Breach(Wrong.SECOND_MEETING, f"there is a meeting of no session: {uid}")
        elif count > 1:
            yield Breach(Wrong.SECOND_MEETING, f"session {uids[uid].id} has {count} meetings")
        elif uids[uid].state is SessionState.CANCELLED:
            yield Breach(Wrong.SECOND_MEETING, f"session {uids[uid].id} is cancelled and has a meeting")
    there = {room.external_id for room in record.rooms}
    for meeting in books.meetings:
        if meeting.state is MeetingState.READY and meeting.external_id not in there:
            yield Breach(Wrong.LOST, f"the meeting of session {meeting.session_id} is called ready and is not there")


def sentences(breaches: Iterable[Breach]) -> list[str]:
    """The breaches, to read."""
    return [f"{breach.wrong}: {breach.sentence}" for breach in breaches]
