"""What was asked for on a page, by somebody who has not shown yet that they are this person; the first session with open feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: each table's line: its index, as it was and as it is
LINES = {
    "booking": (
        "booking_by_session",
        ["session_id", "state", "mode", "series_booking_id", "queue_number"],
        ["session_id", "state", "mode", "series_booking_id", "wished", "queue_number"],
    ),
    "seriesbooking": (
        "seriesbooking_by_series",
        ["series_id", "state", "queue_number"],
        ["series_id", "state", "wished", "queue_number"],
    ),
}
#: sessions whose feedback is open, or will be
OPEN = sa.text("state = 'published' AND feedback_closed_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("session_by_closing")
        batch_op.create_index("session_by_closing", ["ends_at"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
    for table, (line, _, now) in LINES.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("wished", sa.Boolean(), nullable=False, server_default=sa.false()))
            batch_op.drop_index(line)
            batch_op.create_index(line, now, unique=False)
            batch_op.create_index(
                f"{table}_by_wish",
                ["asked_at"],
                unique=False,
                sqlite_where=sa.text("wished IS 1"),
                postgresql_where=sa.text("wished IS true"),
            )
        # a place kept for an address to be proven, of somebody who has proven theirs: only a page asks that of them again
        known = "person_id IN (SELECT id FROM person WHERE proven_at IS NOT NULL)"
        op.execute(f"UPDATE {table} SET wished = true WHERE state = 'held' AND hold = 'proof' AND {known}")


def downgrade() -> None:
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("session_by_closing")
        batch_op.create_index("session_by_closing", ["state", "feedback_closed_at", "ends_at"], unique=False)
    # 0004 would promote a stranger's wish: those that wait end, those that are held lapse by themselves
    for table in LINES:
        op.execute(f"UPDATE {table} SET state = 'cancelled', cancelled_at = asked_at WHERE wished AND state = 'waitlisted'")
    for table, (line, before, _) in LINES.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f"{table}_by_wish")
            batch_op.drop_index(line)
            batch_op.create_index(line, before, unique=False)
            batch_op.drop_column("wished")
