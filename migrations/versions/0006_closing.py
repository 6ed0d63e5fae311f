"""The first session with open feedback, by an index that SQLite takes too: by the state first, as it is asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = "session_by_closing"
#: sessions whose feedback is open, or will be
OPEN = sa.text("state = 'published' AND feedback_closed_at IS NULL")


def upgrade() -> None:
    _by("state", "ends_at")


def downgrade() -> None:
    _by("ends_at")


def _by(*columns: str) -> None:
    op.drop_index(INDEX, table_name="session")
    op.create_index(INDEX, "session", [*columns], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
