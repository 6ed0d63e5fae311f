"""The verdict on what was done on pages: nothing of an honest week, and the one thing that was spoiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col

from domain.audit import audit
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Attendance, Booking, BookingState, Notice, NoticeState, OrganiserAddress, Session
from rehearsal.evidence import Evidence, Message
from rehearsal.taken import Answer, Certificate, Draft, Entry, FeedRead, Glance, Marked, Taken
from rehearsal.verdict import Check, verdict
from tests.building import rows
from tests.verdict_building import ANN, AUTUMN, BOB, Case, Left, played

CALENDARS = "calendars that are read again and again tell the truth"
CERTIFICATES = "a certificate of attendance is there for who attended, and for nobody else"
NOTES = "what is typed into a CPD note is kept nowhere"
ANSWERS = "a yes or a no to an offered place counts"
MARKS = "who is ticked off on a page is so in the records"
WEEKS = "the organiser's week shows every session as it is"
OWED = "nothing is left owed"
CODES = "an address that is not proven gets nothing but a code"
LEARNT, RITA = "I shall sit with the grandmother", "rita@council.gov.uk"
END = AUTUMN + timedelta(days=9)
HOUR = timedelta(hours=1)


@dataclass
class PagesCase(Case):
    """The honest week, with what was done on its pages."""

    taken: Taken = field(default_factory=Taken)
    written: dict[str, str] = field(default_factory=dict)

    def _judged(self, db: Db) -> tuple[Check, ...]:
        seen = self.mails, self.direct_messages, self.invitations, self.altered, self.rooms, self.public
        return verdict(Evidence(db, self.left.rules, *seen, left=self.written, taken=self.taken))

    def number(self, who: int) -> int:
        return int(self.person(who).id or 0)

    def acted(self) -> None:
        """Ann has her calendar and her certificate, Bob has none; both were ticked off, and Ann said yes, Bob no."""
        autumn = self.session("autumn")
        self.alter(self.booking("autumn", ANN), attendance=Attendance.ATTENDED)
        self.store.write_now(audit, autumn.partnership_id, "organiser:1", "view attendance", now=END, session_id=autumn.id)
        ann, bob, programme = self.number(ANN), self.number(BOB), autumn.programme_id
        mine = (Entry(autumn.uid, autumn.starts_at, autumn.ends_at),)  # the others were over more than a month before
        self.taken.feeds.append(FeedRead(ann, None, END, mine, 304, 0))
        open_to_all = self.store.read_now(rows, Session, Session.programme_id == programme, Session.state == "published")
        everything = tuple(Entry(one.uid, one.starts_at, one.ends_at) for one in open_to_all)
        self.taken.feeds.append(FeedRead(None, programme, END, everything, 304, 0))
        self.taken.certificates += [Certificate(ann, programme, END, True), Certificate(bob, programme, END, False)]
        self.taken.drafts.append(Draft(ann, autumn.id or 0, LEARNT, f"Autumn\n{LEARNT}"))
        booked, given_back = self.booking("autumn", ANN), self.booking("cancelled", BOB)
        self.taken.answers.append(Answer(ann, autumn.id or 0, booked.confirmed_at or END, True))
        self.taken.answers.append(Answer(bob, given_back.session_id, given_back.asked_at + HOUR, False))
        self.taken.marks.append(Marked(autumn.id or 0, END, {ann: True}))
        here = col(Booking.state).in_((BookingState.CONFIRMED, BookingState.HELD))
        every = self.store.read_now(rows, Session, Session.programme_id == programme)
        booked_on = {one.id: len(self.store.read_now(rows, Booking, Booking.session_id == one.id, here)) for one in every}
        self.taken.glances.append(Glance(programme, booked_on))

    def swap_feed(self, at: int, **changes: Any) -> None:
        self.taken.feeds[at] = replace(self.taken.feeds[at], **changes)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What the honest week left; it is played once."""
    return played(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def case(left: Left, tmp_path: Path) -> Iterator[PagesCase]:
    made = PagesCase.of(left, tmp_path)
    assert isinstance(made, PagesCase)
    made.acted()
    yield made
    made.store.close()


def test_of_an_honest_week_it_says_nothing_and_has_looked_at_its_pages(case: PagesCase) -> None:
    assert case.breaches() == {}
    looked = {check.name: check.looked_at for check in case.checks()}
    names = (CALENDARS, CERTIFICATES, NOTES, ANSWERS, MARKS, WEEKS)
    assert [looked[name] for name in names] == [2, 2, 1, 2, 1, 7]


# ── calendars ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_calendar_that_comes_again_though_nothing_changed_is_named(case: PagesCase) -> None:
    case.swap_feed(0, again=200, again_bytes=900)
    assert case.breaches() == {CALENDARS: (f"the calendar of person {case.number(ANN)} came twice, though nothing had changed",)}


def test_a_calendar_at_the_wrong_hour_is_named(case: PagesCase) -> None:
    case.alter(case.session("empty"), ends_at=case.session("empty").ends_at + HOUR)
    empty = case.session("empty")
    whose, at = f"the calendar of programme {empty.programme_id}", f"{empty.uid} at {empty.starts_at:%d %b %H:%M} (UTC)"
    assert case.breaches()[CALENDARS] == (f"{whose} has {at}, which is not so", f"{whose} lacks {at}")


def test_what_was_read_before_a_change_is_no_breach_of_a_calendar_that_was_read_after_it(case: PagesCase) -> None:
    case.taken.feeds.insert(0, replace(case.taken.feeds[0], entries=()))
    assert case.breaches() == {}


# ── certificates and notes ──────────────────────────────────────────────────────────────────────────────────


def test_a_certificate_for_who_was_not_there_is_named(case: PagesCase) -> None:
    case.taken.certificates[1] = replace(case.taken.certificates[1], given=True)
    where = f"person {case.number(BOB)} in programme {case.session('autumn').programme_id}"
    assert case.breaches() == {CERTIFICATES: (f"{where} was given a certificate, and attended nothing",)}


def test_a_certificate_that_is_not_there_for_who_was_is_named(case: PagesCase) -> None:
    case.taken.certificates[0] = replace(case.taken.certificates[0], given=False)
    where = f"person {case.number(ANN)} in programme {case.session('autumn').programme_id}"
    assert case.breaches() == {CERTIFICATES: (f"{where} attended, and was given no certificate",)}


def test_what_was_typed_into_a_note_is_found_wherever_it_is_kept(case: PagesCase) -> None:
    case.written["rehearsal.log"] = f"somebody learnt: {LEARNT}"
    case.alter(case.session("empty"), notes=LEARNT)
    where = f"the CPD note of person {case.number(ANN)}"
    assert case.breaches() == {NOTES: (f"{where} stands in the table session", f"{where} stands in rehearsal.log")}


@pytest.mark.parametrize("file", ["Autumn", LEARNT, "Spring\n" + LEARNT])
def test_a_note_that_does_not_say_what_it_should_is_named(case: PagesCase, file: str) -> None:
    case.taken.drafts[0] = replace(case.taken.drafts[0], file=file)
    assert case.breaches() == {NOTES: (f"the CPD note of person {case.number(ANN)} does not say what it should",)}


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_said_yes_and_has_no_place_is_named(case: PagesCase) -> None:
    answer = case.taken.answers[0]
    case.taken.answers[0] = replace(answer, at=answer.at + HOUR)  # what they have is older than their yes
    assert case.breaches() == {ANSWERS: (f"person {answer.person_id} in session {answer.session_id} said yes to a place and has none",)}


def test_who_said_no_and_has_the_place_is_named(case: PagesCase) -> None:
    case.taken.answers[0] = answer = replace(case.taken.answers[0], yes=False)
    assert case.breaches() == {ANSWERS: (f"person {answer.person_id} in session {answer.session_id} said no to a place and has it",)}


def test_who_said_no_and_asked_again_may_have_a_place(case: PagesCase) -> None:
    booking = case.booking("autumn", ANN)
    case.taken.answers[0] = replace(case.taken.answers[0], yes=False, at=booking.asked_at - HOUR)
    assert case.breaches() == {}


# ── the organiser ───────────────────────────────────────────────────────────────────────────────────────────


def test_who_stands_otherwise_than_they_were_ticked_off_is_named(case: PagesCase) -> None:
    case.alter(case.booking("autumn", ANN), attendance=Attendance.UNKNOWN)
    case.taken.certificates.clear()
    told = f"person {case.number(ANN)} was marked as attended at session {case.session('autumn').id} and stands as unknown"
    assert case.breaches() == {MARKS: (told,)}


def test_a_look_at_names_that_the_trail_does_not_have_is_named(case: PagesCase) -> None:
    case.taken.marks.append(Marked(case.session("empty").id or 0, END, {}))
    told = f"an organiser saw who came to session {case.session('empty').id}, and the trail does not say so"
    assert case.breaches() == {MARKS: (told,)}


def test_a_week_that_lacks_a_session_or_miscounts_one_is_named(case: PagesCase) -> None:
    glance, empty, autumn = case.taken.glances[0], case.session("empty"), case.session("autumn")
    booked = {number: count + (number == autumn.id) for number, count in glance.booked.items() if number != empty.id}
    case.taken.glances[0] = replace(glance, booked=booked)
    wrong = f"the organiser's week says that 2 have a place on {autumn.reference}, and 1 have"
    assert case.breaches() == {WEEKS: (wrong, f"the organiser's week does not show {empty.reference}")}


@pytest.mark.parametrize("to", [RITA, "mallory@elsewhere.example"])
def test_a_link_to_sign_in_that_came_to_another_than_the_organiser_is_named(case: PagesCase, to: str) -> None:
    organiser = case.store.write_now(_organiser, case.person(ANN).partnership_id)
    case.mails.append(Message("<enter@x.example>", to, END, text="Sign in: https://x.example/organise/sign-in/abc"))
    (notice,) = case.store.read_now(rows, Notice, Notice.organiser_id == organiser)
    wrong = f"notice {notice.id} (sign_in by email) came to somebody else"
    assert case.breaches() == ({} if to == RITA else {OWED: (wrong,)})


def _organiser(db: Db, partnership_id: int) -> int:
    row = OrganiserAddress(partnership_id=partnership_id, address=RITA, address_key=RITA, added_at=END, added_by="settings")
    db.add(row)
    db.flush()
    notice = Notice(
        partnership_id=partnership_id,
        organiser_id=row.id,
        key="sign_in:1:1",
        kind=Kind.SIGN_IN,
        channel=Channel.EMAIL,
        need=1,
        state=NoticeState.SENT,
        sent_at=END,
        external_id="<enter@x.example>",
        attempts=1,
        owed_at=END,
        next_try_at=END,
        expires_at=END + HOUR,
    )
    db.add(notice)
    return row.id or 0
