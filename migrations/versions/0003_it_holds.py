"""What several processes share: the audit trail and what goes with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import domain.times

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: the audit trail takes no UPDATE and no DELETE of what is younger than a year
ONLY_ADDS = {
    "sqlite": (
        (
            "CREATE TRIGGER auditentry_no_update BEFORE UPDATE ON auditentry BEGIN SELECT RAISE(ABORT, 'the audit "
            "trail is append-only'); END"
        ),
        (
            "CREATE TRIGGER auditentry_no_delete BEFORE DELETE ON auditentry WHEN OLD.at > datetime('now', '-365 "
            "days') BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION auditentry_only_adds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
            "TG_OP = 'DELETE' THEN IF OLD.at <= now() - interval '365 days' THEN RETURN OLD; END IF; END IF; "
            "RAISE EXCEPTION 'the audit trail is append-only'; END $$"
        ),
        ("CREATE TRIGGER auditentry_no_change BEFORE UPDATE OR DELETE ON auditentry FOR EACH ROW EXECUTE FUNCTION auditentry_only_adds()"),
        ("CREATE TRIGGER auditentry_no_truncate BEFORE TRUNCATE ON auditentry FOR EACH STATEMENT EXECUTE FUNCTION auditentry_only_adds()"),
    ),
}
TAKES_ANYTHING = {
    "sqlite": ("DROP TRIGGER auditentry_no_update", "DROP TRIGGER auditentry_no_delete"),
    "postgresql": (
        "DROP TRIGGER auditentry_no_truncate ON auditentry",
        "DROP TRIGGER auditentry_no_change ON auditentry",
        "DROP FUNCTION auditentry_only_adds()",
    ),
}


def _reword(table: str, name: str, check: str) -> None:
    """Another CHECK under the same name."""
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, check)


def upgrade() -> None:
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=160), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("draw", schema=None) as batch_op:
        batch_op.create_index("draw_by_account", ["account", "at_ms"], unique=False)
        batch_op.create_index("draw_by_age", ["at_ms"], unique=False)

    op.create_table(
        "pause",
        sa.Column("account", sa.String(length=160), nullable=False),
        sa.Column("until", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("since", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "process",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("answers", sa.Boolean(), nullable=False),
        sa.Column("sends", sa.Boolean(), nullable=False),
        sa.Column("started_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.batch_alter_table("process", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_seen_at"), ["seen_at"], unique=False)

    with op.batch_alter_table("auditentry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("booking_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_auditentry_partnership_id"))
        batch_op.create_index("auditentry_by_programme", ["programme_id", "id"], unique=False)
        batch_op.create_index("auditentry_by_series", ["series_id", "id"], unique=False)

    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("booking_by_session"))
        batch_op.create_index("booking_by_session", ["session_id", "state", "mode", "series_booking_id", "queue_number"], unique=False)

    with op.batch_alter_table("emailproof", schema=None) as batch_op:
        batch_op.create_index(
            "emailproof_open",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL OR code_hash IS NOT NULL"),
            postgresql_where=sa.text("done_at IS NULL OR code_hash IS NOT NULL"),
        )

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("notice_by_end", ["state", "expires_at"], unique=False)

    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index("session_by_closing", ["state", "feedback_closed_at", "ends_at"], unique=False)
    _reword(
        "notice", "known_noticestate", "state IN ('queued', 'claimed', 'sent', 'failed', 'unknown', 'expired', 'superseded', 'dropped')"
    )
    for statement in ONLY_ADDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in TAKES_ANYTHING[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute("UPDATE notice SET state = 'superseded' WHERE state = 'dropped'")
    _reword("notice", "known_noticestate", "state IN ('queued', 'claimed', 'sent', 'failed', 'unknown', 'expired', 'superseded')")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("session_by_closing")

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("notice_by_end")

    with op.batch_alter_table("emailproof", schema=None) as batch_op:
        batch_op.drop_index(
            "emailproof_open",
            sqlite_where=sa.text("done_at IS NULL OR code_hash IS NOT NULL"),
            postgresql_where=sa.text("done_at IS NULL OR code_hash IS NOT NULL"),
        )

    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index("booking_by_session")
        batch_op.create_index(batch_op.f("booking_by_session"), ["session_id", "state", "queue_number"], unique=False)

    with op.batch_alter_table("auditentry", schema=None) as batch_op:
        batch_op.drop_index("auditentry_by_series")
        batch_op.drop_index("auditentry_by_programme")
        batch_op.create_index(batch_op.f("ix_auditentry_partnership_id"), ["partnership_id"], unique=False)
        batch_op.drop_column("series_id")
        batch_op.drop_column("booking_id")

    with op.batch_alter_table("process", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_seen_at"))

    op.drop_table("process")
    op.drop_table("pause")
    with op.batch_alter_table("draw", schema=None) as batch_op:
        batch_op.drop_index("draw_by_age")
        batch_op.drop_index("draw_by_account")

    op.drop_table("draw")
