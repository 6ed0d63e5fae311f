"""Bookings held against a small model in plain Python, by a machine that does what people and the clock do in any order.

The model knows two sessions at the same hour, the line of each, and what has reached each person's calendar. It calls
none of the code's decisions.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import SQLModel

from domain import bookings, places, proofs, sessions
from domain.bookings import Came
from domain.database import Db, Store, writing_engine
from domain.errors import Refusal
from domain.kinds import CalendarMethod, Channel, Kind
from domain.ledger import claims, marks
from domain.models import Booking, BookingState, Hold, Notice, NoticeState
from domain.notices import CALENDAR_KINDS
from domain.ports.letters import Letter
from domain.programmes import ensure_partnership
from domain.rules import Rules
from tests.building import ACTOR, CODE, Building, details, rows

BEGIN = datetime(2027, 3, 14, 13, 30, tzinfo=UTC)
RULES = Rules(notice_attempts=1000, offer=timedelta(hours=3))
SESSIONS = (2, 3)  # ids: 1 is the opening of the programme
STARTS = (BEGIN + timedelta(hours=20), BEGIN + timedelta(hours=20, minutes=15))
PLACES = (2, 7)  # who waits for the one has room in the other: a promotion that clashes is an offer
PROVEN = (1, 2, 3, 4, 5)
NEW = (6, 7)  # give their details, and prove their address later or never
CUTOFF = timedelta(hours=2)
HOLD = timedelta(minutes=30)
OFFER = timedelta(hours=3)

people_ = st.sampled_from(PROVEN + NEW)
sessions_ = st.sampled_from(SESSIONS)
spans = st.sampled_from([timedelta(minutes=minutes) for minutes in (1, 1, 6, 6, 31, 31, 200, 600)])

#: a folder in memory where there is one: nothing here is about power cuts
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


# ── the model ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Claim:
    """What a person has of a session: `proof` and `offer` are places held."""

    state: str
    turn: int
    until: datetime | None = None
    accepted: bool = False


@dataclass
class Room:
    """A session: its line is a plain dictionary."""

    starts: datetime
    ends: datetime
    places: int
    cancelled: bool = False
    most: int = 0  #: places taken when last looked at
    turn: int = 0
    claims: dict[int, Claim] = field(default_factory=dict)

    def taken(self) -> int:
        return sum(claim.state in ("confirmed", "proof", "offer") for claim in self.claims.values())

    def line(self) -> list[int]:
        return sorted((p for p, claim in self.claims.items() if claim.state == "waiting"), key=lambda p: self.claims[p].turn)


@dataclass
class Model:
    """What ought to be."""

    now: datetime
    rooms: dict[int, Room]
    proven: set[int]

    def clash(self, person: int, session: int) -> bool:
        mine = self.rooms[session]
        for number, other in self.rooms.items():
            claim = other.claims.get(person)
            if number == session or other.cancelled or claim is None or claim.state not in ("confirmed", "proof", "offer"):
                continue
            if min(mine.ends, other.ends) - max(mine.starts, other.starts) > timedelta(minutes=5):
                return True
        return False

    def book(self, session: int, person: int, accept: bool) -> str:
        room, mine = self.rooms[session], self.rooms[session].claims.get(person)
        if room.cancelled or room.starts <= self.now:
            return "refused"
        if mine is not None and mine.state in ("confirmed", "proof"):
            return mine.state
        if mine is not None and mine.state == "offer":
            if mine.until is not None and mine.until <= self.now:
                return "refused"
            room.claims[person] = Claim("confirmed", mine.turn, accepted=True)
            return "confirmed"
        free, line_open = room.taken() < room.places, self.now < room.starts - CUTOFF
        if mine is not None and mine.state == "waiting" and not free:
            return "waiting"
        if not free and not line_open:
            return "refused"
        if self.clash(person, session) and not accept:
            return "clash"
        room.turn += 1
        if not free:
            room.claims[person] = Claim("waiting", room.turn, accepted=accept)
        elif person in self.proven:
            room.claims[person] = Claim("confirmed", room.turn, accepted=accept)
        else:
            room.claims[person] = Claim("proof", room.turn, min(self.now + HOLD, room.starts), accept)
        return room.claims[person].state

    def cancel(self, session: int, person: int) -> str:
        room, mine = self.rooms[session], self.rooms[session].claims.get(person)
        if mine is None:
            return "refused"
        if mine.state != "none":
            if room.starts <= self.now:
                return "refused"
            room.claims[person] = Claim("none", mine.turn)
            self.promote(session)
        return "done"

    def promote(self, session: int) -> None:
        room = self.rooms[session]
        if room.cancelled or self.now >= room.starts - CUTOFF:
            return
        for person in [p for p in room.line() if p in self.proven][: max(room.places - room.taken(), 0)]:
            claim = room.claims[person]
            if self.clash(person, session) and not claim.accepted:
                claim.state, claim.until = "offer", min(self.now + OFFER, room.starts - CUTOFF)
            else:
                claim.state = "confirmed"

    def prove(self, person: int) -> None:
        self.proven.add(person)
        for room in self.rooms.values():
            claim = room.claims.get(person)
            alive = claim is not None and claim.state == "proof" and claim.until is not None and claim.until > self.now
            if claim is not None and alive and not room.cancelled and room.starts > self.now:
                claim.state, claim.until = "confirmed", None
        for session, room in self.rooms.items():
            if person in room.line():
                self.promote(session)

    def lapse(self) -> None:
        for session, room in self.rooms.items():
            over = [p for p, c in room.claims.items() if c.until is not None and c.until <= self.now]
            for person in sorted(over, key=lambda p: room.claims[p].turn):
                room.claims[person] = Claim("none", room.claims[person].turn)
                self.promote(session)


# ── the template: tables and people are made once, each run works on a copy ─────────────────────────────────


class Template:
    """A database file with two sessions at the same hour, five people, and two whose addresses are not proven."""

    _file: ClassVar[Path | None] = None
    _kept: ClassVar[tempfile.TemporaryDirectory[str] | None] = None

    @classmethod
    def copy_to(cls, folder: str) -> str:
        if cls._file is None:
            cls._kept = tempfile.TemporaryDirectory()
            cls._file = Path(cls._kept.name) / "template.sqlite"
            cls._make(f"sqlite:///{cls._file}")
        return f"sqlite:///{shutil.copy(cls._file, folder)}"

    @staticmethod
    def _make(url: str) -> None:
        engine = writing_engine(url)
        SQLModel.metadata.create_all(engine)
        engine.dispose()
        store = Store(url)
        building = Building(store, store.write_now(ensure_partnership, "midlands", "Midlands", 1), RULES, BEGIN - timedelta(days=1))
        building.programme()
        for places_, start in zip(PLACES, STARTS, strict=True):
            building.session(places=places_, starts_at=start)
        for number in PROVEN:
            building.person(number)
        for number in NEW:
            building.newcomer(number)
        store.close()


# ── the machine ─────────────────────────────────────────────────────────────────────────────────────────────


class Bookings(RuleBasedStateMachine):
    """People, an organiser, the clock and the post, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.store = Store(Template.copy_to(self.folder.name))
        rooms = {
            session: Room(start, start + timedelta(minutes=45), places_)
            for session, start, places_ in zip(SESSIONS, STARTS, PLACES, strict=True)
        }
        self.model = Model(BEGIN, rooms, set(PROVEN))
        self.seen: dict[int, tuple[int, datetime]] = {}  # booking: the highest sequence, the last stamp
        self.calendars: dict[int, tuple[int, CalendarMethod, datetime]] = {}  # booking: what its calendar shows
        self.requested: set[int] = set()  # bookings to whom a REQUEST was handed over
        self.sent: list[str] = []
        self.in_hand: list[int] = []  # notices that a slow process has claimed

    def teardown(self) -> None:
        try:
            self._all_comes_true()
        finally:
            self.store.close()
            self.folder.cleanup()

    # people

    @initialize(order=st.permutations(PROVEN + NEW), first=st.integers(0, 7), second=st.integers(0, 7))
    def a_busy_day(self, order: list[int], first: int, second: int) -> None:
        """It begins with some who have booked."""
        for session, early in zip(SESSIONS, (order[:first], order[::-1][:second]), strict=True):
            for person in early:
                self.book(session, person, accept=False)

    @rule(session=sessions_, person=people_, accept=st.booleans())
    def book(self, session: int, person: int, accept: bool) -> None:
        expected = self.model.book(session, person, accept)
        try:
            outcome = self.store.write_now(bookings.book, 1, session, person, RULES, now=self.model.now, accept_clash=accept)
        except Refusal:
            assert expected == "refused"
            return
        came = {"proof": Came.HELD, "waiting": Came.WAITLISTED}.get(expected) or Came(expected)
        line = self.model.rooms[session].line()
        assert (outcome.came, outcome.position) == (came, line.index(person) + 1 if expected == "waiting" else None)

    @rule(session=sessions_, person=people_)
    def cancel(self, session: int, person: int) -> None:
        expected = self.model.cancel(session, person)
        try:
            self.store.write_now(bookings.cancel, 1, session, person, RULES, now=self.model.now)
        except Refusal:
            assert expected == "refused"
        else:
            assert expected == "done"

    @rule(person=st.sampled_from(NEW))
    def prove(self, person: int) -> None:
        if person in self.model.proven:
            return
        try:
            self.store.write_now(proofs.ask_proof_again, 1, person, RULES, now=self.model.now)
        except Refusal:  # three an hour
            return
        for claimed in self.store.write_now(claims.claim, "post", [Channel.EMAIL], now=self.model.now, limit=1000):
            if claimed.kind is Kind.VERIFICATION and (letter := self._hand_over(claimed.id)) is not None:
                assert letter.recipient.address == details(letter.recipient.discord_id or 0).email
                self.store.write_now(marks.mark_sent, claimed.id, "post", None, now=self.model.now)
        self.store.write_now(claims.release, "post")
        outcome = self.store.write_now(proofs.prove, 1, person, CODE, RULES, now=self.model.now)
        assert isinstance(outcome, proofs.Proven)
        self.model.prove(person)

    # the organiser

    @rule(session=sessions_, places_=st.integers(0, 3))
    def set_places(self, session: int, places_: int) -> None:
        room = self.model.rooms[session]
        try:
            self.store.write_now(sessions.set_places, 1, session, places_, RULES, actor=ACTOR, now=self.model.now)
        except Refusal:
            assert room.cancelled or room.ends <= self.model.now or places_ < room.taken()
            return
        assert room.taken() <= places_ or room.places == places_  # nobody's place is taken away by a number
        room.places = places_
        self.model.promote(session)

    @rule(session=sessions_, days=st.integers(0, 2), hour=st.sampled_from([9, 10]))
    def reschedule(self, session: int, days: int, hour: int) -> None:
        room, now = self.model.rooms[session], self.model.now
        starts = now.replace(hour=hour, minute=0) + timedelta(days=days)
        if days == 0:
            starts = now + timedelta(minutes=70) if now.hour < 21 else starts + timedelta(days=1)
        ends = starts + timedelta(minutes=45)
        try:
            self.store.write_now(sessions.reschedule, 1, session, starts, ends, RULES, actor=ACTOR, now=self.model.now)
        except Refusal:
            assert room.cancelled or room.ends <= self.model.now
            return
        room.starts, room.ends = starts, ends
        for claim in room.claims.values():  # no place is held past the hour that the move has brought nearer
            if claim.until is not None:
                claim.until = min(claim.until, starts - CUTOFF if claim.state == "offer" else starts)
        self.model.promote(session)

    @rule(session=sessions_, sure=st.integers(0, 9))
    def cancel_session(self, session: int, sure: int) -> None:
        room = self.model.rooms[session]
        if sure < 9 or room.ends <= self.model.now:
            return
        self.store.write_now(sessions.cancel_session, 1, session, "The speaker is ill.", RULES, actor=ACTOR, now=self.model.now)
        room.cancelled = True
        room.claims = {person: Claim("none", claim.turn) for person, claim in room.claims.items()}

    # the clock

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.model.now += span

    @rule()
    def tick(self) -> None:
        now = self.model.now
        self.store.write_now(places.lapse_holds, RULES, now=now)
        self.model.lapse()
        self.store.write_now(claims.expire, now=now)
        for left in self.store.write_now(claims.lapsed, now=now):
            self.store.write_now(marks.mark_unknown, left.id, None, "it disappeared", repeat=True, rules=RULES, now=now)

    # the post

    @rule(
        fate=st.sampled_from(["sent", "sent", "refused for now", "left, but who knows", "lost, but who knows", "died after", "died before"])
    )
    def deliver(self, fate: str) -> None:
        self._deliver(fate)

    def _deliver(self, fate: str) -> int:
        claimed = self.store.write_now(claims.claim, "post", [Channel.EMAIL], now=self.model.now, limit=3)
        for one in claimed:
            letter = self._hand_over(one.id)
            if letter is not None:
                self._meets(fate, letter)
        return len(claimed)

    def _meets(self, fate: str, letter: Letter) -> None:
        now, notice_id = self.model.now, letter.notice_id
        if fate in ("sent", "left, but who knows", "died after"):
            self._arrives(letter)
        if fate == "sent":
            self.store.write_now(marks.mark_sent, notice_id, "post", None, now=now)
            self.sent.append(letter.key)
        elif fate == "refused for now":
            self.store.write_now(marks.mark_temporary, notice_id, "post", "451", None, RULES, now=now)
        elif fate in ("left, but who knows", "lost, but who knows"):
            self.store.write_now(marks.mark_unknown, notice_id, "post", "cut", repeat=True, rules=RULES, now=now)

    @rule()
    def a_slow_process_claims(self) -> None:
        self.in_hand += [one.id for one in self.store.write_now(claims.claim, "slow", [Channel.EMAIL], now=self.model.now, limit=2)]

    @precondition(lambda self: self.in_hand)
    @rule()
    def the_slow_process_goes_on(self) -> None:
        for notice_id in self.in_hand:
            letter = self._hand_over(notice_id, by="slow")
            if letter is not None:
                self._arrives(letter)
                self.store.write_now(marks.mark_sent, notice_id, "slow", None, now=self.model.now)
                self.sent.append(letter.key)
        self.in_hand = []

    def _hand_over(self, notice_id: int, by: str = "post") -> Letter | None:
        letter = Building(self.store, 1, RULES, self.model.now).hand_over(notice_id, by=by)
        if letter is not None:
            address = letter.recipient.address
            assert address is not None
            assert letter.kind is Kind.VERIFICATION or letter.recipient.discord_id in self.model.proven
            if letter.calendar is not None and letter.calendar.method is CalendarMethod.REQUEST:
                self.requested.add(letter.booking_id or 0)
        return letter

    def _arrives(self, letter: Letter) -> None:
        """What a calendar does with a message: an older one changes nothing."""
        if letter.calendar is None or letter.session is None or letter.booking_id is None:
            return
        shown = self.calendars.get(letter.booking_id)
        if shown is None or letter.calendar.sequence >= shown[0]:
            self.calendars[letter.booking_id] = (letter.calendar.sequence, letter.calendar.method, letter.session.starts_at)

    # what holds after each step

    @invariant()
    def all_is_well(self) -> None:
        mine, ledger = self.store.read_now(_both)
        self._the_tables_say_what_the_model_says(mine)
        self._nobody_has_a_place_that_is_not_there(mine)
        self._nobody_waits_for_a_place_that_is_free(mine)
        self._sequences_and_stamps_only_rise(mine)
        self._one_notice_for_one_thing(ledger)
        self._who_counts_as_invited_was_handed_an_invitation_and_who_holds_one_counts(mine)

    def _the_tables_say_what_the_model_says(self, mine: list[Booking]) -> None:
        words = {BookingState.CONFIRMED: "confirmed", BookingState.WAITLISTED: "waiting", BookingState.CANCELLED: "none"}
        held = {Hold.PROOF: "proof", Hold.OFFER: "offer"}
        stand = {(b.session_id, b.person_id): (held[b.hold] if b.hold else words[b.state], b.queue_number, b.held_until) for b in mine}
        ought = {(s, p): (c.state, c.turn, c.until) for s, room in self.model.rooms.items() for p, c in room.claims.items()}
        assert stand == ought

    def _nobody_has_a_place_that_is_not_there(self, mine: list[Booking]) -> None:
        for session, room in self.model.rooms.items():
            taken = sum(b.session_id == session and b.state in (BookingState.CONFIRMED, BookingState.HELD) for b in mine)
            assert taken <= max(room.places, room.most)  # more than the places only while those go who were in before they were lowered
            room.most = taken

    def _nobody_waits_for_a_place_that_is_free(self, mine: list[Booking]) -> None:
        for session, room in self.model.rooms.items():
            if room.cancelled or self.model.now >= room.starts - CUTOFF:
                continue
            taken = sum(b.session_id == session and b.state in (BookingState.CONFIRMED, BookingState.HELD) for b in mine)
            waiting = [b for b in mine if b.session_id == session and b.state is BookingState.WAITLISTED]
            assert taken >= room.places or not any(b.person_id in self.model.proven for b in waiting)

    def _sequences_and_stamps_only_rise(self, mine: list[Booking]) -> None:
        for booking in mine:
            sequence, stamp = self.seen.get(booking.id or 0, (0, BEGIN - timedelta(days=1)))
            assert booking.sequence >= sequence
            if booking.sequence > sequence:
                assert booking.stamped_at is not None
                assert booking.stamped_at > stamp
                self.seen[booking.id or 0] = (booking.sequence, booking.stamped_at)

    def _one_notice_for_one_thing(self, ledger: list[Notice]) -> None:
        assert len({n.key for n in ledger}) == len(ledger)
        assert len(set(self.sent)) == len(self.sent)
        unsent = [
            n.booking_id
            for n in ledger
            if n.kind in CALENDAR_KINDS
            and n.channel is Channel.EMAIL
            and n.sequence is not None
            and (n.state is NoticeState.QUEUED or (n.state is NoticeState.CLAIMED and n.handed_at is None))
        ]
        assert len(set(unsent)) == len(unsent)

    def _who_counts_as_invited_was_handed_an_invitation_and_who_holds_one_counts(self, mine: list[Booking]) -> None:
        for booking in mine:
            if booking.invited:
                assert booking.id in self.requested
            shown = self.calendars.get(booking.id or 0)
            assert booking.invited or shown is None or shown[1] is CalendarMethod.CANCEL

    def _bookings(self) -> list[Booking]:
        return self.store.read_now(rows, Booking)

    def _mail(self) -> list[Notice]:
        return self.store.read_now(rows, Notice, Notice.channel == Channel.EMAIL)

    # what holds in the end

    def _all_comes_true(self) -> None:
        """Once the post is through, every calendar shows what is so."""
        for minutes in [1] * 8 + [10] * 8:
            self.tick()
            self.the_slow_process_goes_on()
            while self._deliver("sent"):
                pass
            if not any(n.state in (NoticeState.QUEUED, NoticeState.CLAIMED) for n in self._mail()):
                break
            self.model.now += timedelta(minutes=minutes)
        assert [n.key for n in self._mail() if n.state in (NoticeState.QUEUED, NoticeState.CLAIMED)] == []
        stand = {(b.session_id, b.person_id): b.id for b in self._bookings()}
        for session, room in self.model.rooms.items():
            if room.ends <= self.model.now + timedelta(minutes=1):
                continue
            for person, claim in room.claims.items():
                shown = self.calendars.get(stand[session, person] or 0)
                if claim.state == "confirmed":
                    assert shown is not None
                    assert shown[1:] == (CalendarMethod.REQUEST, room.starts)
                else:
                    assert shown is None or shown[1] is CalendarMethod.CANCEL


def _both(db: Db) -> tuple[list[Booking], list[Notice]]:
    return rows(db, Booking), rows(db, Notice)


TestBookings = Bookings.TestCase
TestBookings.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
