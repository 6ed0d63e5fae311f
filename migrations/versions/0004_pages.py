"""What the pages need: links, organisers by e-mail, and who was let in by a link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import domain.times

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retentionrun",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("retentionrun", schema=None) as batch_op:
        batch_op.create_index("retentionrun_by_what", ["partnership_id", "what", "at"], unique=False)

    op.create_table(
        "organiseraddress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("address_key", sa.String(length=254), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("added_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "programme_id", "address_key"),
    )
    with op.batch_alter_table("organiseraddress", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organiseraddress_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("done_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("messages_left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id"),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_done_at"), ["done_at"], unique=False)

    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "prove",
                "mine",
                "join",
                "feedback",
                "feed",
                "sign in",
                "signed in",
                name="known_purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("proof_id", sa.Integer(), nullable=True),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("made_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("made_at < expires_at", name="made_before_it_expires"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiseraddress.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proof_id"],
            ["emailproof.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_link_person_id"), ["person_id"], unique=False)
        batch_op.create_index("link_by_expiry", ["expires_at"], unique=False)

    op.create_table(
        "replyseen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("presenter_id", sa.Integer(), nullable=True),
        sa.Column(
            "came",
            sa.Enum(
                "cancelled", "declined", "noted", "left", name="known_cameofreply", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column(
            "why",
            sa.Enum(
                "unknown",
                "other sender",
                "unproven",
                "automatic",
                "other answer",
                "old",
                "series",
                "too late",
                name="known_whyleft",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("refuses", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("answered_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(came = 'left') = (why IS NOT NULL)", name="left_for_a_cause"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["presenter_id"],
            ["presenter.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "key"),
    )
    with op.batch_alter_table("replyseen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_replyseen_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_replyseen_presenter_id"), ["presenter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_replyseen_session_id"), ["session_id"], unique=False)
        batch_op.create_index("replyseen_by_age", ["seen_at"], unique=False)

    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.alter_column("discord_id", existing_type=sa.BIGINT(), nullable=True)
        batch_op.create_index(batch_op.f("ix_admission_person_id"), ["person_id"], unique=False)
        batch_op.create_unique_constraint("admission_code_id_person_id_key", ["code_id", "person_id"])
        batch_op.create_foreign_key("admission_person_id_fkey", "person", ["person_id"], ["id"])
        batch_op.create_check_constraint("admission_of_one", "(discord_id IS NULL) <> (person_id IS NULL)")

    with op.batch_alter_table("emailproof", schema=None) as batch_op:
        batch_op.add_column(sa.Column("session_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_foreign_key("emailproof_session_id_fkey", "session", ["session_id"], ["id"])

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint("known_kind", type_="check")
        batch_op.alter_column(
            "kind",
            existing_type=sa.String(length=24),
            existing_nullable=False,
            type_=sa.Enum(
                "invitation",
                "update",
                "cancellation",
                "promotion",
                "offer",
                "waiting_closed",
                "lapsed",
                "reminder",
                "feedback",
                "verification",
                "sign_in",
                "transfer",
                "certificate",
                "results",
                "announcement",
                "digest",
                name="known_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
        )
        batch_op.add_column(sa.Column("organiser_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("notice_organiser_id_fkey", "organiseraddress", ["organiser_id"], ["id"])

    with op.batch_alter_table("process", schema=None) as batch_op:
        batch_op.add_column(sa.Column("serves", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("process", schema=None) as batch_op:
        batch_op.drop_column("serves")

    op.execute("DELETE FROM notice WHERE kind IN ('sign_in')")  # 0003 knows no such kinds
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint("known_kind", type_="check")
        batch_op.alter_column(
            "kind",
            existing_type=sa.String(length=24),
            existing_nullable=False,
            type_=sa.Enum(
                "invitation",
                "update",
                "cancellation",
                "promotion",
                "offer",
                "waiting_closed",
                "lapsed",
                "reminder",
                "feedback",
                "verification",
                "transfer",
                "certificate",
                "results",
                "announcement",
                "digest",
                name="known_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
        )
        batch_op.drop_constraint("notice_organiser_id_fkey", type_="foreignkey")
        batch_op.drop_column("organiser_id")

    with op.batch_alter_table("emailproof", schema=None) as batch_op:
        batch_op.drop_constraint("emailproof_session_id_fkey", type_="foreignkey")
        batch_op.drop_column("by_link")
        batch_op.drop_column("session_id")

    op.execute("DELETE FROM admission WHERE discord_id IS NULL")  # 0003 knows nobody who came by a link
    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.drop_constraint("admission_of_one", type_="check")
        batch_op.drop_constraint("admission_person_id_fkey", type_="foreignkey")
        batch_op.drop_constraint("admission_code_id_person_id_key", type_="unique")
        batch_op.drop_index(batch_op.f("ix_admission_person_id"))
        batch_op.alter_column("discord_id", existing_type=sa.BIGINT(), nullable=False)
        batch_op.drop_column("person_id")

    with op.batch_alter_table("replyseen", schema=None) as batch_op:
        batch_op.drop_index("replyseen_by_age")
        batch_op.drop_index(batch_op.f("ix_replyseen_session_id"))
        batch_op.drop_index(batch_op.f("ix_replyseen_presenter_id"))
        batch_op.drop_index(batch_op.f("ix_replyseen_booking_id"))

    op.drop_table("replyseen")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index("link_by_expiry")
        batch_op.drop_index(batch_op.f("ix_link_person_id"))
        batch_op.drop_index(batch_op.f("ix_link_booking_id"))

    op.drop_table("link")
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_done_at"))

    op.drop_table("erasure")
    with op.batch_alter_table("organiseraddress", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organiseraddress_programme_id"))

    op.drop_table("organiseraddress")
    with op.batch_alter_table("retentionrun", schema=None) as batch_op:
        batch_op.drop_index("retentionrun_by_what")

    op.drop_table("retentionrun")
