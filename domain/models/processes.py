"""The processes of an installation that lately gave a sign of life. They serve every partnership, so these rows carry none."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from domain.times import UtcDateTime


class Process(SQLModel, table=True):
    """One running `practiceweek`. Its row goes with a graceful stop; of one that died it stays for a day."""

    name: str = Field(primary_key=True, max_length=60)  # as on its claims: machine and number
    answers: bool  # it talks to people in chat
    sends: bool  # it has the clock: it sends, makes meetings and keeps the time
    serves: bool = False  # it shows pages
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
