"""Feedback: questions, and answers that carry no person.

Who has answered and what was answered are two tables that share nothing but the session. Both are kept in the
order of their keys (`WITHOUT ROWID` on SQLite; on PostgreSQL they are written anew with every answer, `keeping.mix`) and
the keys of responses are random, so that the order in which rows were written cannot be read back.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.models.columns import choice


class QuestionKind(StrEnum):
    SCALE = "scale"  # 1 to 5
    TEXT = "text"
    CHOICE = "choice"  # one of the question's own options


class FeedbackQuestion(SQLModel, table=True):
    """A question of a programme's form, or of the partnership's own (programme_id None)."""

    __table_args__ = (UniqueConstraint("partnership_id", "programme_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    programme_id: int | None = Field(default=None, foreign_key="programme.id")
    key: str = Field(max_length=40)
    kind: QuestionKind = Field(sa_type=choice(QuestionKind))
    words: str = Field(max_length=45)  # Discord shows at most 45 characters
    options: str = Field(default="", max_length=1000)  # of a choice: one a line
    order: int = 0


class FeedbackGiven(SQLModel, table=True):
    """This person has answered for this session: nobody is asked twice."""

    __table_args__ = {"sqlite_with_rowid": False}

    session_id: int = Field(foreign_key="session.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)


class FeedbackResponse(SQLModel, table=True):
    """One person's answers for a session, without the person. Shown only once `released`."""

    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True, max_length=32)  # random
    partnership_id: int = Field(foreign_key="partnership.id")
    session_id: int = Field(foreign_key="session.id", index=True)
    received_on: date
    released: bool = False


class FeedbackAnswer(SQLModel, table=True):
    """One answer of a response."""

    __table_args__ = {"sqlite_with_rowid": False}

    response_id: str = Field(foreign_key="feedbackresponse.id", primary_key=True)
    question: str = Field(primary_key=True, max_length=40)
    number: int | None = None
    text: str | None = Field(default=None, max_length=2000)
