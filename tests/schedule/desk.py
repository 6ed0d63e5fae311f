"""An organiser's desk for tests: one programme, and the rows of a week's file that are tried on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from domain.bookings import book
from domain.database import Db, Store
from domain.hosts import sync_hosts
from domain.kinds import Mode, Provider
from domain.models import Booking, BookingState, Notice, NoticeState, Person, ProgrammeKind, Session
from domain.ports.files import Sheet
from domain.programmes import NewProgramme, create, publish
from domain.rules import Rules
from domain.schedule.importing import Fate, Imported, ImportPreview, apply, preview

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
HEAD = ("Date", "Time", "Title", "Host organisation", "Platform", "Location", "Places")
BANK_HOLIDAYS = {date(2027, 3, 26): "Good Friday"}
SAMPLES = Path(__file__).parents[2] / "rehearsal" / "programmes"
EVERY_FILE = sorted(path.name for path in SAMPLES.glob("*.csv"))

Row = tuple[object, ...]
LUNCH: Row = ("15/03/2027", "12-1pm", "Lunch and learn", "Dudley MBC", "Teams", "", 50.0)
REFLECT: Row = ("15/03/2027", "2pm-4pm", "Critical reflection", "Coventry City Council", "In person", "Council House", 12.0)
KINSHIP: Row = ("16/03/2027", "10-11am", "Kinship care", "Dudley MBC", "Zoom", "", 30.0)
WEEK = (LUNCH, REFLECT, KINSHIP)
NO_HOUR: Row = ("17/03/2027", "prerecorded", "Watch when you like", "Dudley MBC", "Online", "", "")
TWICE = (
    ("15/03/2027", "10-11am", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
    ("15/03/2027", "2-3pm", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
)


def a_sheet(*rows: Row, head: Row = HEAD) -> Sheet:
    return Sheet("week", (head, *rows))


class Desk:
    """An organiser's desk: one programme, and the files that are tried on it."""

    def __init__(self, store: Store, partnership_id: int, rules: Rules, **programme: Any) -> None:
        self.store, self.partnership_id, self.rules = store, partnership_id, rules
        self.now = NOW
        wanted = NewProgramme("Practice week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19), **programme)
        self.programme_id = store.write_now(create, partnership_id, wanted, actor="discord:1", now=NOW).id
        hosts = [(Provider.TEAMS, "teams-1", 20, None), (Provider.ZOOM, "zoom-1", 1, 100)]
        store.write_now(sync_hosts, partnership_id, hosts)

    def preview(self, *rows: Row, head: Row = HEAD, answers: Mapping[int, int | None] | None = None) -> ImportPreview:
        return self.store.read_now(
            preview,
            self.partnership_id,
            self.programme_id,
            a_sheet(*rows, head=head),
            self.rules,
            now=self.now,
            holidays=BANK_HOLIDAYS,
            answers=answers,
        )

    def apply(self, *rows: Row, head: Row = HEAD, good_rows_only: bool = False, **more: Any) -> Imported:
        return self.store.write_now(
            apply,
            self.partnership_id,
            self.programme_id,
            a_sheet(*rows, head=head),
            self.rules,
            good_rows_only=good_rows_only,
            actor="discord:1",
            now=self.now,
            holidays=BANK_HOLIDAYS,
            **more,
        )

    def publish(self) -> None:
        self.store.write_now(publish, self.partnership_id, self.programme_id, None, self.rules, actor="discord:1", now=self.now)

    def sessions(self) -> list[Session]:
        with self.store.reading() as db:
            return list(db.exec(select(Session).order_by(col(Session.starts_at), col(Session.id))).all())

    def session(self, title: str) -> Session:
        return next(session for session in self.sessions() if session.title == title)

    def book(self, title: str, name: str, mode: Mode | None = None) -> int:
        """Somebody with a proven address books; their person id."""

        def proven(db: Db) -> int:
            person = Person(
                partnership_id=self.partnership_id,
                name=name,
                email=f"{name.lower()}@council.example",
                email_key=f"{name.lower()}@council.example",
                proven_at=NOW,
                created_at=NOW,
            )
            db.add(person)
            db.flush()
            return person.id or 0

        person_id = self.store.write_now(proven)
        session_id = self.session(title).id or 0
        self.store.write_now(book, self.partnership_id, session_id, person_id, self.rules, now=self.now, mode=mode)
        return person_id

    def owed(self) -> list[tuple[str, str]]:
        """Kind and detail of every message that waits, in the order in which they were owed."""
        with self.store.reading() as db:
            waiting = select(Notice).where(col(Notice.state) == NoticeState.QUEUED).order_by(col(Notice.id))
            return [(notice.kind.value, notice.detail) for notice in db.exec(waiting)]

    def all_sent(self) -> None:
        """Every message has gone out, and every invitation stands in its calendar."""

        def sent(db: Db) -> None:
            for notice in db.exec(select(Notice).where(col(Notice.state) == NoticeState.QUEUED)):
                notice.state, notice.sent_at = NoticeState.SENT, self.now
                db.add(notice)
            for booking in db.exec(select(Booking).where(col(Booking.state) == BookingState.CONFIRMED)):
                booking.invited = True
                db.add(booking)

        self.store.write_now(sent)


def counts(shown: ImportPreview) -> dict[str, int]:
    return {fate.value: len(shown.of(fate)) for fate in Fate if shown.of(fate)}


def replace_title(row: Row, title: str) -> Row:
    return (*row[:2], title, *row[3:])
