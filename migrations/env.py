"""Alembic's entry: runs the revisions on the connection that `practiceweek.database.revisions` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
