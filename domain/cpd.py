"""CPD notes: a draft of what a social worker may say to their regulator about a session, in the words of its form.

The questions are those of Social Work England. What is known of the session is filled in; the rest only the person can say. A
draft is given back as a file and kept nowhere: nothing is sent to anybody, and nobody else sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.askers import Asker, is_them
from domain.attended import attended
from domain.database import Db
from domain.errors import BadInput, NotFound
from domain.feedback.asking import was_there
from domain.models import Booking, Organisation, Person, Session, SessionState
from domain.records import Attended, hours_words
from domain.times import day_of, day_words

#: characters of one answer
LONGEST = 4_000
TOO_LONG = f"Please use at most {LONGEST:,} characters for an answer."


@dataclass(frozen=True)
class CpdQuestion:
    """One question of the form. `long`: an answer of several lines."""

    key: str
    words: str
    hint: str = ""
    long: bool = True


#: the form, in its order
CPD_FORM = (
    CpdQuestion("title", "What did you do?", "A name for this piece of CPD.", long=False),
    CpdQuestion("date", "When did you do it?", long=False),
    CpdQuestion("type", "What type of CPD was it?", "Such as: a training session, reading, a talk with colleagues.", long=False),
    CpdQuestion("length", "How long was it?", long=False),
    CpdQuestion("relevance", "What was it about, and why does it matter for your work?", "One or two sentences are enough."),
    CpdQuestion("learnt", "What did you learn?"),
    CpdQuestion("impact", "What will change for you, and for the people you work with?"),
    CpdQuestion(
        "peer",
        "What came of talking about it with a peer?",
        "A peer is another social worker, your manager, or somebody else who knows your work. You can leave this empty. "
        "At least one piece of CPD a year needs it.",
    ),
)


@dataclass(frozen=True)
class CpdDraft:
    """The form with its answers, each beside its question; and what somebody should know who reads it."""

    answers: tuple[tuple[CpdQuestion, str], ...]

    def of(self, key: str) -> str:
        """The answer to one question."""
        return next(answer for question, answer in self.answers if question.key == key)


def past_sessions(db: Db, partnership_id: int, asker: Asker, *, now: datetime) -> tuple[Attended, ...]:
    """The sessions that are over and that this person had a place on, the latest first, but those where they are marked as absent."""
    rows = (
        select(Session, Booking, Organisation.name)
        .join(Booking, col(Booking.session_id) == col(Session.id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .outerjoin(Organisation, col(Organisation.id) == col(Session.organisation_id))
        .where(
            col(Person.partnership_id) == partnership_id,
            is_them(asker),
            col(Session.state) == SessionState.PUBLISHED,
            col(Session.ends_at) <= now,
        )
        .order_by(col(Session.starts_at).desc(), col(Session.id))
    )
    return tuple(attended(session, organisation) for session, booking, organisation in db.exec(rows) if was_there(booking))


def cpd_draft(db: Db, partnership_id: int, asker: Asker, session_id: int, *, now: datetime) -> CpdDraft:
    """A draft with what we know of a session. Raises `NotFound` for one that is not over, or that they were not at."""
    found = next((one for one in past_sessions(db, partnership_id, asker, now=now) if one.session_id == session_id), None)
    if found is None:
        raise NotFound("We could not find that session among those that you have been to.")
    known = {
        "title": found.title,
        "date": day_words(day_of(found.starts_at, found.zone)),
        "type": "A training session" + (f", run by {found.organisation}" if found.organisation else ""),
        "length": hours_words(found.minutes),
    }
    return CpdDraft(tuple((question, known.get(question.key, "")) for question in CPD_FORM))


def filled_in(typed: Mapping[str, str]) -> CpdDraft:
    """The form as somebody has filled it in. Raises `BadInput` for an answer that is `too_long`."""
    if too_long(typed):
        raise BadInput(TOO_LONG)
    return CpdDraft(tuple((question, typed.get(question.key, "").strip()) for question in CPD_FORM))


def too_long(typed: Mapping[str, str]) -> Sequence[str]:
    """The questions whose answers are too long."""
    return [question.key for question in CPD_FORM if len(typed.get(question.key, "")) > LONGEST]
