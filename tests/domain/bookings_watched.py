"""What must hold of bookings after each step, in the tables and in the ledger, on a database of their own."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlmodel import SQLModel

from domain.database import Db, Store, writing_engine
from domain.kinds import CalendarMethod, Channel
from domain.models import Booking, BookingState, Hold, Notice, NoticeState
from domain.notices import CALENDAR_KINDS
from domain.programmes import ensure_partnership
from tests.building import Building, rows
from tests.domain.bookings_model import BEGIN, CUTOFF, NEW, PLACES, PROVEN, RULES, SESSIONS, STARTS, Model, Room

#: a folder in memory where there is one: nothing here is about power cuts
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


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


class Watched(RuleBasedStateMachine):
    """A database, the model beside it, and what has reached each person's calendar: looked at after each step."""

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


def _both(db: Db) -> tuple[list[Booking], list[Notice]]:
    return rows(db, Booking), rows(db, Notice)
