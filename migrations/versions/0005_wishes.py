"""What was asked for on a page, by somebody who has not shown yet that they are this person; who is told that they wait; the first
session with open feedback; what organisers by page said of their columns, and numbers of theirs that are given once."""

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
BY_ADDRESS = "rememberedcolumn_partnership_id_address_key_heading_key_key"
#: sessions whose feedback is open, or will be
OPEN = sa.text("state = 'published' AND feedback_closed_at IS NULL")
#: what says who did something: of an organiser by page, `organiser:7`
DONE_BY = (
    ("auditentry", "actor"),
    ("announcement", "made_by"),
    ("invitationcode", "made_by"),
    ("erasure", "asked_by"),
    ("organiseraddress", "added_by"),
)
#: what a notice may be, as 0004 knew it
KINDS = (
    "invitation", "update", "cancellation", "promotion", "offer", "waiting_closed", "lapsed", "reminder", "feedback", "verification",
    "sign_in", "transfer", "certificate", "results", "announcement", "digest",
)  # fmt: skip


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
    _know_kinds(*KINDS[:5], "waiting", *KINDS[5:])
    with op.batch_alter_table("rememberedcolumn", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_key", sa.String(length=254), nullable=True))
        batch_op.alter_column("discord_id", existing_type=sa.BIGINT(), nullable=True)
        batch_op.create_unique_constraint(BY_ADDRESS, ["partnership_id", "address_key", "heading_key"])
        batch_op.create_check_constraint("rememberedcolumn_of_one", "(discord_id IS NULL) <> (address_key IS NULL)")
    _give_numbers(once=True)


def _give_numbers(*, once: bool) -> None:
    """Whether SQLite gives the number of a deleted organiser to a newcomer. PostgreSQL never does."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("organiseraddress", recreate="always", table_kwargs={"sqlite_autoincrement": once}):
            pass
        if once:
            _go_on_counting()


def _go_on_counting() -> None:
    """SQLite counts from the greatest number that is there; those that were deleted before still stand in the trail."""
    named = [f"SELECT CAST(substr({column}, 11) AS INTEGER) FROM {table} WHERE {column} LIKE 'organiser:%'" for table, column in DONE_BY]
    given = " UNION ALL ".join(("SELECT id AS number FROM organiseraddress", *named))
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'organiseraddress'")
    greatest = f"SELECT 'organiseraddress', number FROM ({given}) WHERE number > 0 ORDER BY number DESC LIMIT 1"
    op.execute(f"INSERT INTO sqlite_sequence (name, seq) {greatest}")


def _know_kinds(*kinds: str) -> None:
    known = sa.Enum(*kinds, name="known_kind", native_enum=False, create_constraint=True, length=24)
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint("known_kind", type_="check")
        batch_op.alter_column("kind", existing_type=sa.String(length=24), existing_nullable=False, type_=known)


def downgrade() -> None:
    _give_numbers(once=False)
    op.execute("DELETE FROM notice WHERE kind = 'waiting'")  # 0004 knows no such kind
    _know_kinds(*KINDS)
    op.execute("DELETE FROM rememberedcolumn WHERE discord_id IS NULL")  # 0004 knows none of organisers by page
    with op.batch_alter_table("rememberedcolumn", schema=None) as batch_op:
        batch_op.drop_constraint("rememberedcolumn_of_one", type_="check")
        batch_op.drop_constraint(BY_ADDRESS, type_="unique")
        batch_op.alter_column("discord_id", existing_type=sa.BIGINT(), nullable=False)
        batch_op.drop_column("address_key")

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
