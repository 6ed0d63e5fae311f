"""A small honest programme from its publication to its last feedback, by the real use cases, and the evidence that it leaves.

The letters are packed by the real writers of e-mail and calendars; the meetings are values. A test copies the database and
the evidence, spoils one thing, and asks for the verdict.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlmodel import SQLModel, col, select

from domain import agenda, people, proofs, timekeeping
from domain.database import Db, Store, writing_engine
from domain.keeping.periods import Periods
from domain.kinds import Channel, Format, Mode, Provider
from domain.ledger import marks
from domain.models import Booking, Notice, Person, Session
from domain.ports.letters import Letter
from domain.ports.meetings import MeetingMade
from domain.programmes import ensure_partnership
from domain.provision import outcomes, turns
from domain.provision.turns import Action, Work
from domain.rules import Rules
from domain.times import day_of
from integrations.letters import word
from integrations.mime import pack
from rehearsal.evidence import Evidence, Invitation, Message, RoomHeld, invitation_of, mail_of
from rehearsal.mailbox import Arrived
from rehearsal.verdict import Check, verdict
from tests.building import START, Building, details, one_row, rows
from tests.mail_building import SENDER, VOICE, calendars

BEGINS = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
#: so that whoever judges sees everything that there was; a rehearsal remembers by itself what people typed
YEARS = timedelta(days=2000)
NOTHING_FORGOTTEN = Periods(unproven=YEARS, over=YEARS)
TOWN_HALL = "Town Hall, room 2"
#: Sunday 28 March 2027, 10am in London: the clocks have gone forward that night
SPRING = datetime(2027, 3, 28, 9, 0, tzinfo=UTC)
#: Sunday 31 October 2027, 10am in London: the clocks have gone back that night
AUTUMN = datetime(2027, 10, 31, 10, 0, tzinfo=UTC)
ANN, BOB, CAT, DAN, EVE, FAY, GIL = range(1, 8)
OLD, NEW, MISTYPED = "eve.old@council.gov.uk", "eve.new@council.gov.uk", "person7@concil.gov.uk"


@dataclass
class Week:
    """The story while it is played: the real domain, with a post office and meeting services of plain values."""

    building: Building
    arrived: list[Arrived] = field(default_factory=list)
    direct: list[Message] = field(default_factory=list)
    rooms: dict[str, RoomHeld] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)

    def play(self) -> None:
        """Everything that a verdict looks at happens at least once."""
        self.opens()
        self.signs_up()
        self.changes()
        self.live(until=AUTUMN + timedelta(days=9))

    def opens(self) -> None:
        one = self.building
        for account in ("organiser-1", "organiser-2"):
            one.host(Provider.TEAMS, account)
        one.host(Provider.ZOOM, "host-1")
        one.programme()
        self.sessions = {
            "strengths": one.online(places=2),
            "spring": one.session(title="Spring", starts_at=SPRING, venue=TOWN_HALL),
            "autumn": one.online(title="Autumn", starts_at=AUTUMN, provider=Provider.ZOOM),
            "cancelled": one.online(title="Called off", starts_at=START + timedelta(days=1)),
            "hybrid": one.session(
                title="Both ways",
                format=Format.HYBRID,
                provider=Provider.TEAMS,
                starts_at=START + timedelta(days=2),
                venue=TOWN_HALL,
                places=1,
                online_places=2,
            ),
            "empty": one.online(title="Nobody comes", starts_at=START + timedelta(days=2)),
        }
        for number in (ANN, BOB, CAT):
            one.person(number)
        one.person(DAN, reminders_by_chat=True, reminders_by_email=False)  # refuses direct messages
        self.due()

    def signs_up(self) -> None:
        """Bob gives his place back and wants it again; Cat is promoted; Fay and Gil never prove their address."""
        for session, number in (("strengths", ANN), ("strengths", BOB), ("strengths", CAT), ("spring", ANN), ("autumn", ANN)):
            self.book(session, number)
        self.book("hybrid", ANN, mode=Mode.ROOM)
        self.book("hybrid", BOB, mode=Mode.ONLINE)
        self.book("cancelled", BOB)
        self.book("spring", DAN)
        self.due()
        self.newcomer(EVE, email=OLD)
        self.newcomer(FAY)
        self.newcomer(GIL, email=MISTYPED)
        self.building.later(minutes=1)
        self.newcomer(GIL)  # the right address this time
        self.building.later(minutes=1)
        self.prove(EVE)
        self.due()
        self.building.cancel(self.sessions["strengths"], self.people[BOB])
        self.due()
        self.building.later(minutes=1)
        self.book("strengths", BOB)

    def changes(self) -> None:
        """One session moves, one is cancelled; Eve's invitation follows her to a new address."""
        self.building.later(hours=2)
        self.building.move(self.sessions["strengths"], START + timedelta(minutes=30))
        self.building.call_off(self.sessions["cancelled"])
        self.live(until=self.building.now + timedelta(hours=1))
        self.building.write(
            people.register, self.building.partnership_id, EVE, details(EVE, email=NEW), self.building.rules, now=self.building.now
        )
        self.due()
        self.prove(EVE)
        self.due()

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────

    @property
    def people(self) -> dict[int, int]:
        """The ids of people by their number."""
        return {person.discord_id: person.id for person in self.building.read(rows, Person)}

    def book(self, session: str, number: int, **how: Any) -> None:
        self.building.book(self.sessions[session], self.people[number], **how)

    def newcomer(self, number: int, **typed: Any) -> None:
        """Give one's details, by which a place in spring is held."""
        self.building.newcomer(number, **typed)
        if not typed or number == EVE:
            self.book("spring", number)
        self.due()

    def prove(self, number: int) -> None:
        assert isinstance(self.building.prove(number), proofs.Proven)

    # ── time passes ─────────────────────────────────────────────────────────────────────────────────────

    def live(self, *, until: datetime) -> None:
        one = self.building
        while (due := one.read(agenda.next_due, one.rules, now=one.now)) is not None and due <= until:
            one.now = max(one.now, due)
            self.due()
        one.now = until

    def due(self) -> None:
        one = self.building
        one.write(timekeeping.keep_time, one.rules, now=one.now)
        for work in one.write(turns.claim, one.rules, now=one.now):
            self.provide(work)
        while claimed := one.claim():
            for notice in claimed:
                letter = one.hand_over(notice)
                if letter is not None:
                    self.carry(letter)

    def provide(self, work: Work) -> None:
        now, ref = self.building.now, work.wanted.ref
        if work.action is Action.REMOVE:
            del self.rooms[ref]
            self.building.write(outcomes.gone, work.meeting_id)
            return
        made = MeetingMade(ref, f"https://meet.example/{ref}")
        self.rooms[ref] = RoomHeld(work.provider, work.wanted.host, ref, work.wanted.starts_at, work.wanted.ends_at, made.join_url)
        self.building.write(outcomes.adopt, work.meeting_id, made, work.wanted, self.building.rules, now=now)

    def carry(self, letter: Letter) -> None:
        """By e-mail as it goes over the wire; by chat unless the person is Dan."""
        one = self.building
        if letter.channel is Channel.EMAIL:
            calendar = None
            if letter.calendar and letter.session:
                calendar = calendars().invitation(letter.session, letter.calendar, letter.recipient, letter.mode or Mode.ONLINE)
            packed = pack(letter, word(letter, VOICE, now=one.now), calendar, SENDER, now=one.now)
            self.arrived.append(Arrived(one.now, packed.sender, packed.recipient, packed.content))
            name = packed.message_id
        elif letter.recipient.discord_id == DAN:
            one.write(marks.mark_permanent, letter.notice_id, "post", "direct messages are closed", closed=True, now=one.now)
            return
        else:
            name = str(9000 + letter.notice_id)
            self.direct.append(Message(name, str(letter.recipient.discord_id), one.now))
        one.write(marks.mark_sent, letter.notice_id, "post", name, now=one.now)


@dataclass(frozen=True)
class Left:
    """What a played week leaves. `database` is not to be changed: a `Case` has a copy."""

    database: Path
    rules: Rules
    mails: tuple[Message, ...]
    direct_messages: tuple[Message, ...]
    invitations: tuple[Invitation, ...]
    rooms: tuple[RoomHeld, ...]
    sessions: dict[str, int]


def played(folder: Path) -> Left:
    """Play the story once."""
    database = folder / "honest.sqlite"
    engine = writing_engine(f"sqlite:///{database}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    store, rules = Store(f"sqlite:///{database}"), Rules(periods=NOTHING_FORGOTTEN)
    try:
        partnership_id = store.write_now(ensure_partnership, "midlands", "Midlands Teaching Partnership", 1)
        week = Week(Building(store, partnership_id, rules, BEGINS))
        week.play()
    finally:
        store.close()
    mails = tuple(map(mail_of, week.arrived))
    invitations = tuple(found for arrived in week.arrived if (found := invitation_of(arrived)) is not None)
    return Left(database, rules, mails, tuple(week.direct), invitations, tuple(week.rooms.values()), week.sessions)


class Numbered(Protocol):
    """A row that has a number of its own."""

    id: int | None


@dataclass
class Case:
    """A copy of what the honest week left, to spoil one thing in."""

    left: Left
    store: Store
    mails: list[Message]
    direct_messages: list[Message]
    invitations: list[Invitation]
    rooms: list[RoomHeld]
    altered: list[str] = field(default_factory=list)
    public: dict[str, str] = field(default_factory=lambda: {"#practice-week": "### Strengths\n2 of 2 places taken"})

    @classmethod
    def of(cls, left: Left, folder: Path) -> Case:
        copy = shutil.copy(left.database, folder / "copy.sqlite")
        store = Store(f"sqlite:///{copy}")
        return cls(left, store, list(left.mails), list(left.direct_messages), list(left.invitations), list(left.rooms))

    # ── the verdict ─────────────────────────────────────────────────────────────────────────────────────

    def checks(self) -> tuple[Check, ...]:
        return self.store.read_now(self._judged)

    def breaches(self) -> dict[str, tuple[str, ...]]:
        """By the name of the check; a check that says nothing is left out."""
        return {check.name: check.breaches for check in self.checks() if check.breaches}

    def _judged(self, db: Db) -> tuple[Check, ...]:
        seen = self.mails, self.direct_messages, self.invitations, self.altered, self.rooms, self.public
        return verdict(Evidence(db, self.left.rules, *seen))

    # ── finding ─────────────────────────────────────────────────────────────────────────────────────────

    def row(self, table: type[Any], *where: Any) -> Any:
        return self.store.read_now(one_row, table, *where)

    def session(self, name: str) -> Session:
        return self.row(Session, Session.id == self.left.sessions[name])

    def person(self, number: int) -> Person:
        return self.row(Person, Person.discord_id == number)

    def booking(self, session: str, number: int) -> Booking:
        return self.row(Booking, Booking.session_id == self.left.sessions[session], Booking.person_id == self.person(number).id)

    def notice(self, key: str) -> Notice:
        return self.row(Notice, Notice.key == key)

    def reminder(self, session: str, number: int, minutes: int) -> Notice:
        """The one that came: of the session an hour before, of the whole day the day before."""
        mine = col(Notice.booking_id) == self.booking(session, number).id
        if minutes >= 1440:
            booked = self.session(session)
            day = f"reminder:{self.person(number).id}:{minutes}:{day_of(booked.starts_at, booked.zone).isoformat()}:"
            mine = col(Notice.key).startswith(day)
        return self.row(Notice, mine, Notice.lead_minutes == minutes, col(Notice.external_id).is_not(None))

    def where(self, session: str, number: int) -> str:
        """How a breach names a booking."""
        return f"booking {self.booking(session, number).id} of {self.session(session).reference}"

    def entry(self, session: str, address: str) -> list[Invitation]:
        """What one mailbox got of a session."""
        return [one for one in self.invitations if (one.to, one.uid) == (address, self.session(session).uid)]

    def room(self, session: str) -> RoomHeld:
        (room,) = [one for one in self.rooms if one.ref.startswith(self.session(session).uid)]
        return room

    # ── spoiling ────────────────────────────────────────────────────────────────────────────────────────

    def alter(self, row: Numbered, **changes: Any) -> None:
        """Change a row in the database."""
        self.store.write_now(_alter, type(row), row.id, changes)

    def add(self, row: SQLModel) -> None:
        self.store.write_now(_add, row)

    def forget(self, row: Numbered) -> None:
        self.store.write_now(_forget, type(row), row.id)

    def swap(self, one: Any, **changes: Any) -> None:
        """Another mail, invitation or room in the place of one."""
        for seen in (self.mails, self.direct_messages, self.invitations, self.rooms):
            if one in seen:
                seen[seen.index(one)] = replace(one, **changes)
                return
        raise ValueError("there is no such thing to swap")

    def mail(self, name: str | None) -> Message:
        (mail,) = [one for one in self.mails if one.name == name]
        return mail


def _alter(db: Db, table: type[Any], number: int | None, changes: dict[str, Any]) -> None:
    row = db.exec(select(table).where(col(table.id) == number)).one()
    for name, value in changes.items():
        setattr(row, name, value)
    db.add(row)


def _add(db: Db, row: SQLModel) -> None:
    db.add(row)


def _forget(db: Db, table: type[Any], number: int | None) -> None:
    db.delete(db.get_one(table, number))


__all__ = ["ANN", "AUTUMN", "BOB", "CAT", "DAN", "EVE", "FAY", "GIL", "MISTYPED", "NEW", "OLD", "SPRING", "Case", "Left", "played"]
