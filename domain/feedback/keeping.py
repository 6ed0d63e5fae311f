"""Keeping answers: stored apart from people, released in batches, and the keys that are thrown away. Rules: `domain.feedback.answers`."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, false, func, insert, or_, update
from sqlalchemy import select as select_rows
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.database import Db
from domain.feedback.questions import RATING
from domain.models import FeedbackAnswer, FeedbackGiven, FeedbackResponse, Session, SessionState
from domain.once import is_postgres
from domain.partnerships import of_these
from domain.rules import RulesOf
from domain.standing import First, Instant, at
from domain.tables import table_of
from domain.times import day_of

_DICE = secrets.SystemRandom()


# ── storing ───────────────────────────────────────────────────────────────────────────────────────────────────


def _answer(response_id: str, key: str, value: int | str) -> dict[str, object]:
    number, text = (None, value) if isinstance(value, str) else (value, None)
    return {"response_id": response_id, "question": key, "number": number, "text": text}


def store(db: Db, session: Session, answers: Mapping[str, int | str], *, now: datetime) -> str:
    """A new response; its key."""
    response_id = secrets.token_hex(16)
    received_on = day_of(now, session.zone)  # never the hour
    db.add(FeedbackResponse(id=response_id, partnership_id=session.partnership_id, session_id=session.id or 0, received_on=received_on))
    db.flush()
    add_answers(db, response_id, answers)
    return response_id


def add_answers(db: Db, response_id: str, answers: Mapping[str, int | str]) -> None:
    """Answers, by the key of their question, of a response that has none to these questions yet."""
    db.exec(insert(FeedbackAnswer), params=[_answer(response_id, key, value) for key, value in answers.items()])


def rekey(db: Db, ids: Iterable[str]) -> None:
    """Give responses new random keys, so that a token somebody holds no longer leads to them."""
    new_of = {old: secrets.token_hex(16) for old in ids}
    if not new_of:
        return
    rows = db.exec(select(FeedbackResponse).where(col(FeedbackResponse.id).in_(new_of))).all()
    db.exec(insert(FeedbackResponse), params=[row.model_dump() | {"id": new_of[row.id]} for row in rows])
    pairs = [{"old": old, "new": new} for old, new in new_of.items()]
    answers, responses = table_of(FeedbackAnswer), table_of(FeedbackResponse)
    moved = answers.update().where(answers.c.response_id == bindparam("old")).values(response_id=bindparam("new"))
    db.connection().execute(moved, pairs)
    db.connection().execute(responses.delete().where(responses.c.id == bindparam("old")), pairs)
    for row in rows:
        db.expunge(row)


def mix(db: Db, session_id: int) -> None:
    """Write a session's answers anew in the order of their random keys, and who has answered in the order of people.

    PostgreSQL keeps rows as they came, each with the number of its transaction: who answered third would stand beside the third
    answer, under one number. SQLite keeps these tables in the order of their keys, and needs nothing.
    """
    if not is_postgres(db):
        return
    db.flush()
    ids = select(FeedbackResponse.id).where(col(FeedbackResponse.session_id) == session_id)
    for table, mine in (
        (FeedbackAnswer, col(FeedbackAnswer.response_id).in_(ids)),
        (FeedbackResponse, col(FeedbackResponse.session_id) == session_id),
        (FeedbackGiven, col(FeedbackGiven.session_id) == session_id),
    ):
        _write_anew(db, table, mine)


def _write_anew(db: Db, of: type[SQLModel], mine: ColumnElement[bool]) -> None:
    """One statement, so that what points to a row finds it again."""
    table = table_of(of)
    gone = delete(table).where(mine).returning(*table.c).cte("gone")
    by_key = select_rows(*gone.c).order_by(*(gone.c[one.name] for one in table.primary_key))
    db.connection().execute(insert(table).from_select(list(table.c.keys()), by_key))


# ── releasing ───────────────────────────────────────────────────────────────────────────────────────────────


def _rated() -> ColumnElement[bool]:
    """A response that holds a rating stands for one person; one without is words that came later."""
    rating = select(FeedbackAnswer.response_id).where(
        col(FeedbackAnswer.response_id) == col(FeedbackResponse.id), col(FeedbackAnswer.question) == RATING
    )
    return rating.exists()


def _people(of: ColumnElement[bool]) -> SelectOfScalar[str]:
    return select(FeedbackResponse.id).where(of, _rated())


def release_batch(db: Db, session_id: int, minimum: int) -> None:
    """Release as many whole batches as have come together, drawn by lot, and the words that waited for one."""
    hidden = (col(FeedbackResponse.session_id) == session_id) & col(FeedbackResponse.released).is_(False)
    waiting = db.exec(_people(hidden)).all()
    if len(waiting) < max(minimum, 1):
        return
    batch = _DICE.sample(waiting, len(waiting) - len(waiting) % max(minimum, 1))
    _show(db, col(FeedbackResponse.id).in_(batch))
    _show(db, hidden & ~_rated())


def _show(db: Db, which: ColumnElement[bool]) -> None:
    db.exec(update(FeedbackResponse).where(which).values(released=True).execution_options(synchronize_session=False))


def _still_open() -> tuple[ColumnElement[bool], ...]:
    return col(Session.state) == SessionState.PUBLISHED, col(Session.feedback_closed_at).is_(None)


def _to_close(whose: Collection[int] | None, ended: Instant) -> tuple[ColumnElement[bool], ...]:
    """Ended by then, and still open."""
    return *_still_open(), col(Session.ends_at) <= ended, *of_these(Session.partnership_id, whose)


def feedback_over(rules: RulesOf) -> ColumnElement[bool]:
    """Whether `close_feedback` has anything to do."""
    # by the first of them, not by any: of those that ended long ago nearly all are closed, which PostgreSQL cannot know
    decided = rules.deciding(lambda one: (one.feedback_open,)).items()
    return or_(false(), *(_first_open(whose) <= at(-lasting) for lasting, whose in decided))


def close_feedback(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Close the sessions whose time for feedback is over, and release what may be seen; how many."""
    decided = rules.deciding(lambda one: (one.feedback_open,)).items()
    over = or_(false(), *(and_(*_to_close(whose, now - lasting)) for lasting, whose in decided))
    # in one statement: sessions are held in the order of their ids, whatever each partnership has decided
    sessions = db.exec(select(Session).where(over).order_by(col(Session.id)).with_for_update(key_share=True)).all()
    for session in sessions:
        session.feedback_closed_at = now
        db.add(session)
        mine = col(FeedbackResponse.session_id) == session.id
        if len(db.exec(_people(mine)).all()) >= rules.of(session.partnership_id).minimum_answers:
            _show(db, mine)
        rekey(db, db.exec(select(FeedbackResponse.id).where(mine)).all())
        mix(db, session.id or 0)
    db.flush()
    for programme_id, partnership_id in sorted({(session.programme_id, session.partnership_id) for session in sessions}):
        _release_small(db, programme_id, rules.of(partnership_id).minimum_answers)
    return len(sessions)


def _release_small(db: Db, programme_id: int, minimum: int) -> None:
    """Once no session of a programme takes feedback any more: let what is hidden count in its numbers, if it is enough."""
    mine = col(Session.programme_id) == programme_id, col(Session.state) == SessionState.PUBLISHED
    if db.exec(select(Session.id).where(*mine, col(Session.feedback_closed_at).is_(None))).first() is not None:
        return
    hidden = col(FeedbackResponse.session_id).in_(select(Session.id).where(*mine)) & col(FeedbackResponse.released).is_(False)
    if len(db.exec(_people(hidden)).all()) >= minimum:
        _show(db, hidden)


def first_closes(rules: RulesOf) -> list[First]:
    """When feedback closes next, for each time that partnerships take it for; it may have passed."""
    decided = rules.deciding(lambda one: (one.feedback_open,)).items()
    return [First(_first_open(whose), lasting) for lasting, whose in decided]


def _first_open(whose: Collection[int] | None) -> ColumnElement[datetime | None]:
    """When the first session ends whose feedback is not closed."""
    return select(func.min(col(Session.ends_at))).where(*_still_open(), *of_these(Session.partnership_id, whose)).scalar_subquery()
