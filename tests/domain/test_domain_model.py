"""Bookings held against a small model in plain Python, by a machine that does what people and the clock do in any order.

The model knows two sessions at the same hour, the line of each, and what has reached each person's calendar. It calls
none of the code's decisions.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from domain import bookings, places, proofs, sessions
from domain.bookings import Came
from domain.errors import Refusal
from domain.kinds import CalendarMethod, Channel, Kind
from domain.ledger import claims, marks
from domain.models import NoticeState
from domain.ports.letters import Letter
from tests.building import ACTOR, CODE, Building, details
from tests.domain.bookings_model import CUTOFF, NEW, PROVEN, RULES, SESSIONS, Claim
from tests.domain.bookings_watched import Watched

people_ = st.sampled_from(PROVEN + NEW)
sessions_ = st.sampled_from(SESSIONS)
spans = st.sampled_from([timedelta(minutes=minutes) for minutes in (1, 1, 6, 6, 31, 31, 200, 600)])


class Bookings(Watched):
    """People, an organiser, the clock and the post, in any order."""

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


TestBookings = Bookings.TestCase
TestBookings.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
