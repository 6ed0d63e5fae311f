"""The audit trail's table: rows are added and never changed, and the database itself refuses anything else.

A row may be deleted once it is older than `KEPT_DAYS` by the database's own clock: the one door, for retention. Until then
UPDATE and DELETE (on PostgreSQL TRUNCATE too) are refused, whoever asks.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, Index, event
from sqlmodel import Field, SQLModel

from domain.times import UtcDateTime

KEPT_DAYS = 365
REFUSED = "the audit trail is append-only"

#: what makes the table append-only, a dialect; revision 0003 makes the same
SQLITE_ONLY_ADDS = (
    f"CREATE TRIGGER auditentry_no_update BEFORE UPDATE ON auditentry BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "CREATE TRIGGER auditentry_no_delete BEFORE DELETE ON auditentry "
    f"WHEN OLD.at > datetime('now', '-{KEPT_DAYS} days') BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
)
POSTGRES_ONLY_ADDS = (
    "CREATE OR REPLACE FUNCTION auditentry_only_adds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF TG_OP = 'DELETE' THEN IF OLD.at <= now() - interval '{KEPT_DAYS} days' THEN RETURN OLD; END IF; END IF; "
    f"RAISE EXCEPTION '{REFUSED}'; END $$",
    "CREATE TRIGGER auditentry_no_change BEFORE UPDATE OR DELETE ON auditentry FOR EACH ROW EXECUTE FUNCTION auditentry_only_adds()",
    "CREATE TRIGGER auditentry_no_truncate BEFORE TRUNCATE ON auditentry FOR EACH STATEMENT EXECUTE FUNCTION auditentry_only_adds()",
)


class AuditEntry(SQLModel, table=True):
    """Who did what, and when. Ids only."""

    __table_args__ = (
        Index("auditentry_by_programme", "programme_id", "id"),
        Index("auditentry_by_series", "series_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partnership_id: int = Field(foreign_key="partnership.id")
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=60)  # `discord:<id>` or `organiser:<id>` of an organiser, `person:<id>`, `command line` or `clock`
    action: str = Field(max_length=60)
    programme_id: int | None = None
    session_id: int | None = None
    booking_id: int | None = None
    series_id: int | None = None
    detail: str = Field(default="", max_length=500)


for _dialect, _statements in (("sqlite", SQLITE_ONLY_ADDS), ("postgresql", POSTGRES_ONLY_ADDS)):
    for _statement in _statements:
        _made = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]  # SQLAlchemy says no types here
        event.listen(SQLModel.metadata.tables["auditentry"], "after_create", _made)
