"""What letters to presenters speak of, read at the moment of sending: how many come, and what people said. Counts, never names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from domain.database import Db
from domain.feedback.answers import Results, results
from domain.kinds import CalendarMethod, Format, Kind, Mode
from domain.letters.matters import PresentingMatter, ResultsMatter
from domain.models import Booking, BookingState, Notice, Presenter, Session, SessionState
from domain.needs.lists import needs_count
from domain.ports.letters import Letter, Recipient
from domain.presenters.naming import code_of
from domain.presenters.reaching import address_of, person_behind, presents
from domain.rules import Rules

#: what a presenter is told that people need, by the question that was asked
NEED_WORDS = {
    "access": "help with access",
    "interpreter": "an interpreter",
    "childcare": "childcare",
    "travel": "help with travel",
    "dietary": "special food",
    "supporter": "room for a supporter",
}


def coming(db: Db, session: Session) -> tuple[int, int | None]:
    """How many people have a place; and how many of them online, where there is a room as well."""
    mine = col(Booking.session_id) == session.id, col(Booking.state) == BookingState.CONFIRMED
    counted = dict(db.exec(select(Booking.mode, func.count()).where(*mine).group_by(col(Booking.mode))).all())
    return sum(counted.values()), counted.get(Mode.ONLINE, 0) if session.format is Format.HYBRID else None


def needed(db: Db, session: Session) -> tuple[tuple[str, int], ...]:
    """What people need in order to come, and how many of them. No names, and not their own words."""
    told = needs_count(db, session.partnership_id, session.id or 0).needs
    return tuple((NEED_WORDS.get(question, question), len(texts)) for question, texts in told if texts)


def read_presenting(db: Db, notice: Notice, rules: Rules, *, now: datetime) -> PresentingMatter | ResultsMatter | None:
    """What a claimed notice to a presenter speaks of; None when it is no longer true."""
    presenter, session = db.get(Presenter, notice.presenter_id), db.get(Session, notice.session_id)
    if presenter is None or session is None or not _still_true(notice, presenter, session):
        return None
    if notice.kind is Kind.RESULTS:
        return results_matter(results(db, session.partnership_id, session.id or 0, rules))
    people, online = coming(db, session)
    return PresentingMatter(
        presenter_id=presenter.id or 0,
        confirmed=presenter.confirmed_at is not None,
        code=code_of(presenter) if presenter.code_seed else "",
        people=people,
        online=online,
        needs=needed(db, session),
        ended=_why_ended(notice, presenter, session),
    )


def _why_ended(notice: Notice, presenter: Presenter, session: Session) -> str:
    if notice.proof_id is not None and presents(presenter, session):
        return "moved"
    return "session" if session.state is SessionState.CANCELLED else "declined" if presenter.declined_at else "removed"


def _still_true(notice: Notice, presenter: Presenter, session: Session) -> bool:
    here = presents(presenter, session)
    if notice.proof_id is not None:
        return True  # the entry in an old mailbox goes in any case
    if notice.kind is Kind.CANCELLATION:
        return not here and notice.sequence in (None, presenter.sequence)
    if notice.kind is Kind.REMINDER:
        return here and notice.detail == session.starts_at.isoformat()
    return here and notice.sequence in (None, presenter.sequence)


def results_matter(found: Results) -> ResultsMatter | None:
    """What an organiser may see of a session's feedback, as values; None: not enough answers to show."""
    if found.rating is None:
        return None
    sure = (found.confidence.before, found.confidence.after) if found.confidence else None
    comments = tuple((one.question, one.texts) for one in found.comments)
    return ResultsMatter(found.answers, found.rating.mean, found.rating.counts, sure, comments)


def addressed(db: Db, letter: Letter, notice: Notice) -> Letter:
    """The letter as its presenter is to have it: to them, about their own calendar entry, which is not that of a booking."""
    presenter = db.get_one(Presenter, notice.presenter_id)
    person = person_behind(db, presenter)
    recipient = letter.recipient
    if notice.proof_id is None:
        name = person.name if person is not None else presenter.label
        recipient = Recipient(name[:100], address_of(db, presenter), person.discord_id if person is not None else None)
    if letter.calendar is not None and letter.calendar.method is CalendarMethod.REQUEST:
        presenter.invited = True
        db.add(presenter)
    session = letter.session
    if session is None:
        return replace(letter, recipient=recipient)
    facts = replace(session, uid=f"presenting-{presenter.id}-{session.uid}", presenting=True)
    return replace(letter, recipient=recipient, session=facts, mode=Mode.ONLINE if session.format is Format.ONLINE else Mode.ROOM)
