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


def downgrade() -> None:
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

    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index("link_by_expiry")
        batch_op.drop_index(batch_op.f("ix_link_person_id"))
        batch_op.drop_index(batch_op.f("ix_link_booking_id"))

    op.drop_table("link")
    with op.batch_alter_table("organiseraddress", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organiseraddress_programme_id"))

    op.drop_table("organiseraddress")
