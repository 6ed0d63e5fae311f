"""What a test needs to stand on: a programme, sessions, people, and a post office that delivers what is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Concatenate, ParamSpec

from sqlmodel import col, select

from domain import bookings, descriptions, people, programmes, proofs, sessions
from domain.bookings import Booked
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.kinds import Channel, Format, Kind, Provider
from domain.ledger import claims, marks
from domain.letters import handing as letters
from domain.models import Booking, Host, Meeting, Notice, NoticeState, Person, ProgrammeKind, ServiceArea
from domain.people import Details
from domain.ports.letters import Letter
from domain.programmes import NewProgramme
from domain.rules import Rules
from domain.texts import address_key

P = ParamSpec("P")
ACTOR = "discord:1"
#: Monday 15 March 2027, 9.30am in London
START = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
CODE = "123456"


def the_morning_after(now: datetime, *, days: int) -> datetime:
    """10am so many days later, whatever hour the test runs at: a session that begins late would run over midnight."""
    return datetime.combine(now.date() + timedelta(days=days), time(10), UTC)


def details(number: int, **other: Any) -> Details:
    """What person `number` types about themselves."""
    typed = {
        "name": f"Person {number}",
        "email": f"person{number}@council.gov.uk",
        "organisation": "Northfield Council",
        "service_area": ServiceArea.CHILDREN,
    }
    return Details(**typed | other)


@dataclass
class Building:
    """One partnership with one published programme, and the present instant, which only moves when a test says so."""

    store: Store
    partnership_id: int
    rules: Rules
    now: datetime
    programme_id: int = 0
    addresses: dict[int, str] = field(default_factory=dict)

    def write(self, use_case: Callable[Concatenate[Db, P], Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self.store.write_now(use_case, *args, **kwargs)

    def read(self, query: Callable[Concatenate[Db, P], Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self.store.read_now(query, *args, **kwargs)

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    # ── what there is ───────────────────────────────────────────────────────────────────────────────────

    def programme(self, title: str = "Practice week", *, publish: bool = True) -> int:
        new = NewProgramme(title, ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
        self.programme_id = self.write(programmes.create, self.partnership_id, new, actor=ACTOR, now=self.now).id
        self.session(places=0, title="Opening", starts_at=START - timedelta(hours=1), minutes=15)
        if publish:
            self.write(programmes.publish, self.partnership_id, self.programme_id, 77, self.rules, actor=ACTOR, now=self.now)
        return self.programme_id

    def session(
        self, *, places: int | None = 5, title: str = "Strengths", starts_at: datetime = START, minutes: int = 45, **other: Any
    ) -> int:
        """A session more: in person unless `format` says otherwise."""
        described = {"format": Format.IN_PERSON, "venue": "Town Hall, room 2"} | other
        new = NewSession(title=title, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), places=places, **described)
        return self.write(sessions.add, self.partnership_id, self.programme_id, new, self.rules, actor=ACTOR, now=self.now).session_id

    def online(self, *, provider: Provider | None = Provider.TEAMS, **other: Any) -> int:
        """A session whose meeting we make."""
        return self.session(format=Format.ONLINE, provider=provider, venue=None, **other)

    def person(self, number: int, **other: Any) -> int:
        """Somebody whose address is proven, without the mail."""
        return self.write(proven_person, self.partnership_id, number, now=self.now, **other)

    def newcomer(self, number: int, **other: Any) -> int:
        """Somebody who has given their details and waits for six digits."""
        return self.write(people.register, self.partnership_id, number, details(number, **other), self.rules, now=self.now).id

    def prove(self, number: int, code: str = CODE) -> Any:
        return self.write(proofs.prove, self.partnership_id, number, code, self.rules, now=self.now)

    def host(self, provider: Provider, account: str, *, at_once: int = 1, per_day: int | None = None) -> int:
        return self.write(_add_host, self.partnership_id, provider, account, at_once, per_day)

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────

    def book(self, session_id: int, person_id: int, **other: Any) -> Booked:
        return self.write(bookings.book, self.partnership_id, session_id, person_id, self.rules, now=self.now, **other)

    def cancel(self, session_id: int, person_id: int) -> bookings.Cancelled:
        return self.write(bookings.cancel, self.partnership_id, session_id, person_id, self.rules, now=self.now)

    def change(self, session_id: int, **changes: Any) -> sessions.Changed:
        """Edit a session as an organiser does."""
        return self.write(_changed, self.partnership_id, session_id, self.rules, changes, now=self.now)

    def move(self, session_id: int, starts_at: datetime, minutes: int = 45) -> sessions.Changed:
        return self.change(session_id, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))

    def call_off(self, session_id: int, reason: str = "") -> sessions.Changed:
        return self.write(sessions.cancel_session, self.partnership_id, session_id, reason, self.rules, actor=ACTOR, now=self.now)

    # ── the post ────────────────────────────────────────────────────────────────────────────────────────

    def claim(self, *, by: str = "post", channels: Iterable[Channel] = (Channel.EMAIL, Channel.CHAT), limit: int = 100) -> list[int]:
        return [one.id for one in self.write(claims.claim, by, channels, now=self.now, limit=limit)]

    def hand_over(self, notice_id: int, *, by: str = "post", code: str = CODE) -> Letter | None:
        return self.write(letters.hand_over, notice_id, by, self.rules, now=self.now, digits=lambda: code)

    def sent(self, notice_id: int, *, by: str = "post") -> None:
        self.write(marks.mark_sent, notice_id, by, None, now=self.now)

    def deliver(self, *, code: str = CODE) -> list[Letter]:
        """Send all that is due; the letters in the order in which they left."""
        left = []
        while claimed := self.claim():
            for notice_id in claimed:
                letter = self.hand_over(notice_id, code=code)
                if letter is not None:
                    self.sent(notice_id)
                    left.append(letter)
        return left

    # ── what can be seen ────────────────────────────────────────────────────────────────────────────────

    def booking(self, session_id: int, person_id: int) -> Booking:
        return self.read(one_row, Booking, Booking.session_id == session_id, Booking.person_id == person_id)

    def notices(self, *states: NoticeState) -> list[tuple[str, str]]:
        """(key, state) of the ledger's notices in the order in which they were owed."""
        return [(n.key, n.state.value) for n in self.read(rows, Notice) if not states or n.state in states]

    def owed(self) -> list[str]:
        """The keys of what has not been sent yet."""
        return [key for key, _ in self.notices(NoticeState.QUEUED, NoticeState.CLAIMED)]

    def notice(self, notice_id: int) -> Notice:
        return self.read(one_row, Notice, Notice.id == notice_id)

    def meetings(self, session_id: int) -> list[Meeting]:
        return self.read(rows, Meeting, Meeting.session_id == session_id)


def proven_person(db: Db, /, partnership_id: int, number: int, *, now: datetime, **other: Any) -> int:
    """A person's row, its address proven; by mail only unless told otherwise."""
    address = f"person{number}@council.gov.uk"
    known: dict[str, Any] = {
        "discord_id": number,
        "name": f"Person {number}",
        "email": address,
        "email_key": address_key(address),
        "reminders_by_chat": False,
        "reminders_by_email": True,
    }
    person = Person(partnership_id=partnership_id, proven_at=now, created_at=now, **known | other)
    db.add(person)
    db.flush()
    assert person.id is not None
    return person.id


def said_in_chat(db: Db, partnership_id: int, person_id: int, *, now: datetime) -> None:
    """One message that a person has had in chat: number 77001."""
    sent: dict[str, Any] = {"kind": Kind.REMINDER, "channel": Channel.CHAT, "need": 5, "state": NoticeState.SENT, "external_id": "77001"}
    db.add(Notice(partnership_id=partnership_id, person_id=person_id, owed_at=now, next_try_at=now, key="said", **sent))


def rows(db: Db, table: type[Any], *where: Any) -> list[Any]:
    """Rows by id, let go of their handle."""
    found = list(db.exec(select(table).where(*where).order_by(col(table.id))))
    db.expunge_all()
    return found


def one_row(db: Db, table: type[Any], *where: Any) -> Any:
    row = db.exec(select(table).where(*where)).one()
    db.expunge_all()
    return row


def _add_host(db: Db, partnership_id: int, provider: Provider, account: str, at_once: int, per_day: int | None) -> int:
    host = Host(partnership_id=partnership_id, provider=provider, account=account, at_once=at_once, per_day=per_day)
    db.add(host)
    db.flush()
    assert host.id is not None
    return host.id


def _changed(db: Db, partnership_id: int, session_id: int, rules: Rules, changes: dict[str, Any], *, now: datetime) -> sessions.Changed:
    new = replace(descriptions.described(db, partnership_id, session_id), **changes)
    return sessions.edit(db, partnership_id, session_id, new, rules, actor=ACTOR, now=now)
