"""A second honest story for the verdict: a private session, a course, presenters and a message, by the real use cases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from domain import admissions, announcements, invitations
from domain.attendance import mark_all_but
from domain.choosing import book_mine, book_series_mine
from domain.database import Db, Store, writing_engine
from domain.kinds import Kind, Provider
from domain.models import Audience, Presenter, Privacy
from domain.needs.own import tell_needs
from domain.people import register_family
from domain.ports.letters import Attachment, Letter
from domain.presenters import naming as presenters
from domain.programmes import ensure_partnership
from domain.rules import Rules
from rehearsal.evidence import Evidence, Invitation, invitation_of, mail_of
from rehearsal.presented import uid_of
from rehearsal.verdict import Check, verdict
from tests.building import ACTOR, START, Building, rows
from tests.series_building import DAYS, run_of
from tests.verdict_building import BEGINS, NOTHING_FORGOTTEN, Case, Left, Week

ANN, BOB, CAT, GWEN, DANA, IVY = 1, 2, 3, 7, 11, 12
SECRET, NEUTRAL = "Panel of parents whose children were looked after", "Morning workshop"
DANA_S, IVY_S = "dana.quiet@family.example", "ivy.quiet@family.example"
NEED = "A chair near the door"
LED_BY, WAS_TO_LEAD = "grace@university.example", "henry@university.example"
ORGANISER = 8_001


@dataclass
class FullWeek(Week):
    """The story while it is played. The course is completed by Ann, not by Bob; Cat waits for it and is promoted."""

    def play(self) -> None:
        one = self.building
        one.host(Provider.TEAMS, "organiser-1")
        one.programme()
        self.run = run_of(one, places=2)
        self.sessions = {
            "private": one.session(
                starts_at=START + timedelta(days=1), places=2, title=SECRET, public_title=NEUTRAL, privacy=Privacy.PRIVATE
            ),
            "open": one.online(title="Court skills", starts_at=START + timedelta(days=2), places=5),
            "after": one.session(title="After it", starts_at=START + timedelta(days=2, hours=3), places=5),
            "few": one.session(title="For few", starts_at=START + timedelta(days=4), places=1),
            **{f"part {number}": part for number, part in enumerate(self.run.parts, 1)},
        }
        for number in (ANN, BOB, CAT):
            one.person(number)
            self.run.book(self.people[number])
            for session in ("open", "after"):
                self.book(session, number)
        self.due()
        self.readers_wait()
        self.families_book()
        self.presenters_answer()
        self.organiser_writes()
        self.run.cancel(self.people[BOB])
        self.due()
        self.days_pass()

    def readers_wait(self) -> None:
        """Gwen is in no chat. On her own page she comes on two waiting lists; one of them she leaves, and comes anew."""
        one = self.building
        self.book("few", CAT)
        gwen = one.person(GWEN, discord_id=None)
        few = one.partnership_id, self.sessions["few"], gwen, one.rules
        one.write(book_mine, *few, now=one.now)
        self.due()
        one.cancel(self.sessions["few"], gwen)
        one.write(book_mine, *few, now=one.now)
        one.write(book_series_mine, one.partnership_id, self.run.id, gwen, one.rules, now=one.now)
        self.due()

    def families_book(self) -> None:
        """Dana and Ivy; Ann too, by another name."""
        one, session = self.building, self.sessions["private"]
        made = one.write(
            invitations.make_code, one.partnership_id, invitations.NewCode(one.programme_id, most_uses=None), actor=ACTOR, now=one.now
        )
        for number, name, address in ((DANA, "Dana Quiet", DANA_S), (IVY, "Ivy Quiet", IVY_S), (ANN, "Robin Unknown", None)):
            one.write(admissions.open_code, one.partnership_id, number, made.code, now=one.now)
            if address is not None:
                one.write(register_family, one.partnership_id, number, name, address, one.rules, now=one.now)
            self.book("private", number, alias=name)
            self.due()
            if address is not None:
                self.prove(number)
                self.due()
        one.write(tell_needs, one.partnership_id, session, DANA, {"access": NEED}, one.rules, now=one.now)

    def presenters_answer(self) -> None:
        """Two are asked by mail: one stays, one says no."""
        one = self.building
        for label, address in (("Grace Hopper", LED_BY), ("Henry Ford", WAS_TO_LEAD)):
            new = presenters.NewPresenter(label, address)
            one.write(presenters.add, one.partnership_id, self.sessions["open"], new, one.rules, actor=ACTOR, now=one.now)
        self.due()
        (row,) = one.read(rows, Presenter, Presenter.address == WAS_TO_LEAD)
        code = presenters.code_of(row)
        one.write(presenters.confirm_by_code, one.partnership_id, 77, "Henry", code, one.rules, now=one.now)
        one.write(presenters.answer, one.partnership_id, row.id, 77, False, one.rules, now=one.now)
        self.due()

    def organiser_writes(self) -> None:
        one = self.building
        new = announcements.Written(
            one.programme_id, Audience.CONFIRMED, "Parking", "Use the north gate.", day=(START + timedelta(days=2)).date()
        )
        made = one.write(announcements.write, one.partnership_id, new, actor=ACTOR, now=one.now)
        one.write(announcements.send_trial, one.partnership_id, made, ORGANISER, now=one.now)
        one.write(announcements.send, one.partnership_id, made, 30, actor=ACTOR, now=one.now)
        self.due()

    def days_pass(self) -> None:
        """Ann is at every part, Cat misses the last."""
        one = self.building
        for number, (part, day) in enumerate(zip(self.run.parts, DAYS, strict=True), 1):
            self.live(until=day + timedelta(hours=3))
            absent = [self.people[CAT]] if number == 3 else []
            one.write(mark_all_but, one.partnership_id, part, absent, actor=ACTOR, now=one.now)
        self.live(until=DAYS[-1] + timedelta(days=9))

    def carry(self, letter: Letter) -> None:
        if letter.kind is Kind.CERTIFICATE:  # it is drawn at the last moment, by the tick
            letter = replace(letter, attachments=(Attachment("certificate.pdf", "application/pdf", b"%PDF-1.7 certificate"),))
        super().carry(letter)


def played_in_full(folder: Path) -> Left:
    """Play the story once."""
    database = folder / "full.sqlite"
    engine = writing_engine(f"sqlite:///{database}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    store, rules = Store(f"sqlite:///{database}"), Rules(periods=NOTHING_FORGOTTEN)
    try:
        partnership_id = store.write_now(ensure_partnership, "midlands", "Midlands Teaching Partnership", 1)
        week = FullWeek(Building(store, partnership_id, rules, BEGINS))
        week.play()
    finally:
        store.close()
    mails = tuple(map(mail_of, week.arrived))
    calendar = tuple(found for arrived in week.arrived if (found := invitation_of(arrived)) is not None)
    return Left(database, rules, mails, tuple(week.direct), calendar, tuple(week.rooms.values()), week.sessions)


@dataclass
class FullCase(Case):
    """A copy of it, with what people were shown and what was written beside mail and chat."""

    shown: dict[int | str, str] = field(default_factory=lambda: {ANN: "You are booked", ORGANISER: "- **Dana Quiet** has a place"})
    written: dict[str, str] = field(default_factory=lambda: {"rehearsal.log": "meeting.adopted", "report.html": "<p>Court skills</p>"})
    confided: dict[int | str, tuple[str, ...]] = field(default_factory=lambda: {DANA: (NEED,)})  # deleted by now, as is promised

    pages: dict[str, str] = field(default_factory=lambda: {"the page /x, in the end": "<p>Court skills</p>"})

    def _judged(self, db: Db) -> tuple[Check, ...]:
        seen = self.mails, self.direct_messages, self.invitations, self.altered, self.rooms, self.public
        more = self.shown, frozenset[int | str]({ORGANISER}), self.written, self.confided, self.pages
        return verdict(Evidence(db, self.left.rules, *seen, *more))

    def presenter(self, address: str) -> Presenter:
        """A presenter, by where they were asked."""
        return self.row(Presenter, Presenter.address == address)

    def led(self, address: str) -> list[Invitation]:
        """What a presenter's mailbox got."""
        uid = uid_of(self.presenter(address), self.session("open"))
        return [one for one in self.invitations if (one.to, one.uid) == (address, uid)]

    def rows(self, table: type[Any], *where: Any) -> list[Any]:
        """Rows by id."""
        return self.store.read_now(rows, table, *where)
