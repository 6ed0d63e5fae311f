"""A published week that people have booked and may speak of, and what is kept of what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, select

from domain.bookings import book
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.feedback.answers import Results
from domain.feedback.asking import close_feedback, complete, give_rating, results
from domain.kinds import Channel, Format, Kind
from domain.models import Notice, Person, ProgrammeKind
from domain.programmes import NewProgramme, create, publish
from domain.rules import Rules
from domain.sessions import add

START = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
END = START + timedelta(hours=1)
WEEK_LATER = END + timedelta(days=7)
TABLES = ("feedbackgiven", "feedbackresponse", "feedbackanswer")


@dataclass(frozen=True)
class Week:
    """A published programme with sessions at the same hour on following days, and people booked on each."""

    store: Store
    partnership_id: int
    rules: Rules
    programme_id: int
    sessions: tuple[int, ...]
    people: tuple[int, ...]

    def rate(self, session: int, person: int, rating: int, now: datetime = END) -> str:
        given = self.store.write_now(give_rating, self.partnership_id, session, person, rating, self.rules, now=now)
        return given.token

    def words(self, token: str, answers: dict[str, int | str], now: datetime = END) -> None:
        self.store.write_now(complete, self.partnership_id, token, answers, self.rules, now=now)

    def seen(self, session: int) -> Results:
        return self.store.read_now(results, self.partnership_id, session, self.rules)

    def close(self, now: datetime = WEEK_LATER + timedelta(days=30)) -> int:
        return self.store.write_now(close_feedback, self.rules, now=now)


def some_people(db: Db, partnership_id: int, count: int, now: datetime) -> tuple[int, ...]:
    people = [
        Person(
            partnership_id=partnership_id,
            discord_id=5000 + number,
            name=f"Person {number}",
            email=f"p{number}@council.example",
            email_key=f"p{number}@council.example",
            proven_at=now,
            reminders_by_chat=number % 2 == 0,
            created_at=now,
        )
        for number in range(count)
    ]
    db.add_all(people)
    db.flush()
    return tuple(person.id or 0 for person in people)


def a_week(store: Store, partnership_id: int, rules: Rules, now: datetime, *, people: int = 12, sessions: int = 1) -> Week:
    new = NewProgramme("Practice Week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
    programme = store.write_now(create, partnership_id, new, actor="test", now=now).id
    ids = []
    for number in range(sessions):
        shift = timedelta(days=number)
        wanted = NewSession(f"Session {number}", START + shift, END + shift, Format.IN_PERSON)
        ids.append(store.write_now(add, partnership_id, programme, wanted, rules, actor="test", now=now).session_id)
    store.write_now(publish, partnership_id, programme, None, rules, actor="test", now=now)
    booked = store.write_now(some_people, partnership_id, people, now)
    for session in ids:
        for person in booked:
            store.write_now(book, partnership_id, session, person, rules, now=now)
    return Week(store, partnership_id, rules, programme, tuple(ids), booked)


def asked(db: Db) -> Sequence[tuple[int | None, Channel, str, datetime | None]]:
    rows = db.exec(select(Notice).where(col(Notice.kind) == Kind.FEEDBACK).order_by(col(Notice.person_id))).all()
    return [(n.person_id, n.channel, n.key, n.expires_at) for n in rows]


def everything_about(week: Week) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the three tables, in the order in which the database has them."""

    def look(db: Db) -> dict[str, list[tuple[object, ...]]]:
        by = "NOT INDEXED" if db.get_bind().dialect.name == "sqlite" else "ORDER BY ctid"
        return {table: [tuple(row) for row in db.connection().exec_driver_sql(f"SELECT * FROM {table} {by}")] for table in TABLES}

    return week.store.read_now(look)
