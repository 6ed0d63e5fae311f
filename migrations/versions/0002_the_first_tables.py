"""The first tables. (Revision 0001 was never released.)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import domain.times

revision = "0002"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partnership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("guild_id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "auditentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("auditentry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auditentry_partnership_id"), ["partnership_id"], unique=False)

    op.create_table(
        "codeguess",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("discord_id", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "discord_id"),
    )
    op.create_table(
        "host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column(
            "provider",
            sa.Enum("teams", "zoom", "given", name="known_provider", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("at_once >= 1", name="at_least_one_at_once"),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "provider", "account"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "name_key"),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_partnership_id"), ["partnership_id"], unique=False)

    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "practice_week",
                "parent_partnership",
                "practitioner_teacher",
                name="known_programmekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "closed",
                "archived",
                name="known_programmestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column(
            "default_provider",
            sa.Enum("teams", "zoom", "given", name="known_provider", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("default_places", sa.Integer(), nullable=True),
        sa.Column(
            "default_privacy",
            sa.Enum("open", "private", name="known_privacy", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("created_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programme_partnership_id"), ["partnership_id"], unique=False)

    op.create_table(
        "rememberedcolumn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("discord_id", sa.BigInteger(), nullable=False),
        sa.Column("heading_key", sa.String(length=200), nullable=False),
        sa.Column("means", sa.String(length=40), nullable=False),
        sa.Column("at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "discord_id", "heading_key"),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("course", sa.String(length=200), nullable=False),
        sa.Column("course_key", sa.String(length=200), nullable=False),
        sa.Column("next_place", sa.Integer(), nullable=False),
        sa.Column("created_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_course_key"), ["course_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_series_partnership_id"), ["partnership_id"], unique=False)

    op.create_table(
        "digestreader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("discord_id", sa.BigInteger(), nullable=False),
        sa.Column("since", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("programme_id", "discord_id"),
    )
    op.create_table(
        "feedbackquestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("scale", "text", "choice", name="known_questionkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("words", sa.String(length=45), nullable=False),
        sa.Column("options", sa.String(length=1000), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "programme_id", "key"),
    )
    op.create_table(
        "hostday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["host.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("host_id", "day"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("discord_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("proven_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column(
            "service_area",
            sa.Enum("children", "adults", "both", "other", name="known_servicearea", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "part",
            sa.Enum(
                "practitioner",
                "manager",
                "student",
                "academic",
                "presenter",
                "parent",
                "organiser",
                name="known_part",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reminders_by_chat", sa.Boolean(), nullable=False),
        sa.Column("reminders_by_email", sa.Boolean(), nullable=False),
        sa.Column("privacy_read_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("chat_closed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "discord_id"),
        sa.UniqueConstraint("partnership_id", "email_key"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_partnership_id"), ["partnership_id"], unique=False)

    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("shown_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("next_try_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("programme_id", "day", "page"),
    )
    op.create_table(
        "programmeorganiser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("programme_id", "role_id"),
    )
    with op.batch_alter_table("programmeorganiser", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programmeorganiser_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("series_part", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "published", "cancelled", name="known_sessionstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("public_title", sa.String(length=200), nullable=True),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column(
            "privacy",
            sa.Enum("open", "private", name="known_privacy", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("privacy_asked", sa.Boolean(), nullable=False),
        sa.Column("starts_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column(
            "format",
            sa.Enum("online", "in_person", "hybrid", name="known_format", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "provider",
            sa.Enum("teams", "zoom", "given", name="known_provider", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("given_link", sa.String(length=1000), nullable=True),
        sa.Column("venue", sa.String(length=300), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("online_places", sa.Integer(), nullable=True),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("next_place", sa.Integer(), nullable=False),
        sa.Column("touched_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=False),
        sa.Column("feedback_closed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(series_id IS NULL) = (series_part IS NULL)", name="a_part_of_a_series"),
        sa.CheckConstraint("online_places IS NULL OR online_places >= 0", name="online_places_not_negative"),
        sa.CheckConstraint("places IS NULL OR places >= 0", name="places_not_negative"),
        sa.CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partnership_id", "reference"),
        sa.UniqueConstraint("uid"),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_partnership_id"), ["partnership_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_series_id"), ["series_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_touched_at"), ["touched_at"], unique=False)
        batch_op.create_index("session_by_end", ["state", "ends_at"], unique=False)
        batch_op.create_index("session_by_start", ["state", "starts_at"], unique=False)

    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column(
            "audience",
            sa.Enum(
                "confirmed",
                "waiting",
                "both",
                "oneself",
                "channel",
                name="known_audience",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "emailproof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("asked_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0 AND tries <= 5", name="tries_within_five"),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("emailproof", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emailproof_person_id"), ["person_id"], unique=False)

    op.create_table(
        "feedbackgiven",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedbackresponse",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("feedbackresponse", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedbackresponse_session_id"), ["session_id"], unique=False)

    op.create_table(
        "importdraft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("schedule", "attendance", "form", name="known_draftof", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("applied_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "invitationcode",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("most_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("expires_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("most_uses IS NULL OR most_uses >= 1", name="at_least_one_use"),
        sa.CheckConstraint("uses >= 0 AND (most_uses IS NULL OR uses <= most_uses)", name="uses_within_the_most"),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    with op.batch_alter_table("invitationcode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitationcode_partnership_id"), ["partnership_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitationcode_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("link", sa.String(length=1000), nullable=True),
        sa.Column("file_name", sa.String(length=100), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_material_session_id"), ["session_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column(
            "provider",
            sa.Enum("teams", "zoom", "given", name="known_provider", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("slot_starts_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("slot_ends_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "wanted",
                "unknown",
                "ready",
                "changing",
                "removing",
                "gone",
                "failed",
                name="known_meetingstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(length=300), nullable=True),
        sa.Column("join_url", sa.String(length=1000), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sweep_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("wanted_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["host.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ref"),
        sa.UniqueConstraint("session_id", "generation"),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_session_id"), ["session_id"], unique=False)
        batch_op.create_index("meeting_by_slot", ["host_id", "slot_starts_at"], unique=False)
        batch_op.create_index("meeting_by_turn", ["state", "next_try_at"], unique=False)

    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id", "what", "at"),
    )
    op.create_table(
        "presenter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("co_organiser", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("declined_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("code_seed", sa.String(length=64), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamped_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("ended_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sequence >= 0", name="presenter_sequence_not_negative"),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("presenter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presenter_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_presenter_session_id"), ["session_id"], unique=False)

    op.create_table(
        "seriesbooking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "confirmed",
                "waitlisted",
                "cancelled",
                name="known_bookingstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "hold", sa.Enum("proof", "offer", name="known_hold", native_enum=False, create_constraint=True, length=24), nullable=True
        ),
        sa.Column("held_until", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("queue_number", sa.Integer(), nullable=False),
        sa.Column("clash_accepted", sa.Boolean(), nullable=False),
        sa.Column("asked_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("completed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("certificate", sa.String(length=20), nullable=True),
        sa.CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name="series_held_until_some_time"),
        sa.CheckConstraint("(state = 'held') = (hold IS NOT NULL)", name="series_held_for_a_cause"),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["series.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("certificate"),
        sa.UniqueConstraint("series_id", "person_id"),
    )
    with op.batch_alter_table("seriesbooking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seriesbooking_person_id"), ["person_id"], unique=False)
        batch_op.create_index("seriesbooking_by_series", ["series_id", "state", "queue_number"], unique=False)

    op.create_table(
        "undo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=20000), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("until", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("undo", schema=None) as batch_op:
        batch_op.create_index("undo_by_session", ["session_id", "until"], unique=False)

    op.create_table(
        "admission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=False),
        sa.Column("discord_id", sa.BigInteger(), nullable=False),
        sa.Column("at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_id"],
            ["invitationcode.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_id", "discord_id"),
    )
    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admission_discord_id"), ["discord_id"], unique=False)

    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("series_booking_id", sa.Integer(), nullable=True),
        sa.Column(
            "mode", sa.Enum("room", "online", name="known_mode", native_enum=False, create_constraint=True, length=24), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "confirmed",
                "waitlisted",
                "cancelled",
                name="known_bookingstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "hold", sa.Enum("proof", "offer", name="known_hold", native_enum=False, create_constraint=True, length=24), nullable=True
        ),
        sa.Column("held_until", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("queue_number", sa.Integer(), nullable=False),
        sa.Column("clash_accepted", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamped_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("asked_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("alias", sa.String(length=100), nullable=True),
        sa.Column(
            "attendance",
            sa.Enum("unknown", "attended", "absent", name="known_attendance", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name="held_until_some_time"),
        sa.CheckConstraint("(state = 'held') = (hold IS NOT NULL)", name="held_for_a_cause"),
        sa.CheckConstraint("sequence >= 0", name="sequence_not_negative"),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["series_booking_id"],
            ["seriesbooking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id", "person_id"),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("booking_by_hold", ["held_until"], unique=False)
        batch_op.create_index("booking_by_session", ["session_id", "state", "queue_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_person_id"), ["person_id"], unique=False)

    op.create_table(
        "feedbackanswer",
        sa.Column("response_id", sa.String(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["feedbackresponse.id"],
        ),
        sa.PrimaryKeyConstraint("response_id", "question"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("access", sa.String(length=300), nullable=False),
        sa.Column("interpreter", sa.String(length=300), nullable=False),
        sa.Column("childcare", sa.String(length=300), nullable=False),
        sa.Column("travel", sa.String(length=300), nullable=False),
        sa.Column("dietary", sa.String(length=300), nullable=False),
        sa.Column("supporter", sa.String(length=300), nullable=False),
        sa.Column("told_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("booking_id"),
    )
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_delete_on"), ["delete_on"], unique=False)

    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("to_name", sa.String(length=100), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("to_person_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "agreed",
                "declined",
                "withdrawn",
                "lapsed",
                name="known_transferstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0 AND tries <= 5", name="transfer_tries_within_five"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
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
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum("email", "chat", "board", name="known_channel", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("need", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("proof_id", sa.Integer(), nullable=True),
        sa.Column("presenter_id", sa.Integer(), nullable=True),
        sa.Column("series_booking_id", sa.Integer(), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("digest_reader_id", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("dtstamp", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lead_minutes", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("fallback_of", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "claimed",
                "sent",
                "failed",
                "unknown",
                "expired",
                "superseded",
                name="known_noticestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("owed_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", domain.times.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=60), nullable=True),
        sa.Column("claimed_until", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("handed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_handed_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", domain.times.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_revision", sa.Integer(), nullable=True),
        sa.Column("told_link", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("external_id", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["digest_reader_id"],
            ["digestreader.id"],
        ),
        sa.ForeignKeyConstraint(
            ["fallback_of"],
            ["notice.id"],
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
            ["presenter_id"],
            ["presenter.id"],
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proof_id"],
            ["emailproof.id"],
        ),
        sa.ForeignKeyConstraint(
            ["series_booking_id"],
            ["seriesbooking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_announcement_id"), ["announcement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_presenter_id"), ["presenter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_session_id"), ["session_id"], unique=False)
        batch_op.create_index("notice_by_booking", ["booking_id", "state"], unique=False)
        batch_op.create_index("notice_by_lease", ["state", "claimed_until"], unique=False)
        batch_op.create_index("notice_by_turn", ["state", "next_try_at", "need"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("notice_by_turn")
        batch_op.drop_index("notice_by_lease")
        batch_op.drop_index("notice_by_booking")
        batch_op.drop_index(batch_op.f("ix_notice_session_id"))
        batch_op.drop_index(batch_op.f("ix_notice_presenter_id"))
        batch_op.drop_index(batch_op.f("ix_notice_person_id"))
        batch_op.drop_index(batch_op.f("ix_notice_announcement_id"))

    op.drop_table("notice")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_booking_id"))

    op.drop_table("transfer")
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_delete_on"))

    op.drop_table("needs")
    op.drop_table("feedbackanswer")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_person_id"))
        batch_op.drop_index("booking_by_session")
        batch_op.drop_index("booking_by_hold")

    op.drop_table("booking")
    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admission_discord_id"))

    op.drop_table("admission")
    with op.batch_alter_table("undo", schema=None) as batch_op:
        batch_op.drop_index("undo_by_session")

    op.drop_table("undo")
    with op.batch_alter_table("seriesbooking", schema=None) as batch_op:
        batch_op.drop_index("seriesbooking_by_series")
        batch_op.drop_index(batch_op.f("ix_seriesbooking_person_id"))

    op.drop_table("seriesbooking")
    with op.batch_alter_table("presenter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presenter_session_id"))
        batch_op.drop_index(batch_op.f("ix_presenter_person_id"))

    op.drop_table("presenter")
    op.drop_table("milestone")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index("meeting_by_turn")
        batch_op.drop_index("meeting_by_slot")
        batch_op.drop_index(batch_op.f("ix_meeting_session_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_session_id"))

    op.drop_table("material")
    with op.batch_alter_table("invitationcode", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitationcode_programme_id"))
        batch_op.drop_index(batch_op.f("ix_invitationcode_partnership_id"))

    op.drop_table("invitationcode")
    op.drop_table("importdraft")
    with op.batch_alter_table("feedbackresponse", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedbackresponse_session_id"))

    op.drop_table("feedbackresponse")
    op.drop_table("feedbackgiven")
    with op.batch_alter_table("emailproof", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_emailproof_person_id"))

    op.drop_table("emailproof")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_programme_id"))

    op.drop_table("announcement")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("session_by_start")
        batch_op.drop_index("session_by_end")
        batch_op.drop_index(batch_op.f("ix_session_touched_at"))
        batch_op.drop_index(batch_op.f("ix_session_series_id"))
        batch_op.drop_index(batch_op.f("ix_session_programme_id"))
        batch_op.drop_index(batch_op.f("ix_session_partnership_id"))

    op.drop_table("session")
    with op.batch_alter_table("programmeorganiser", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programmeorganiser_programme_id"))

    op.drop_table("programmeorganiser")
    op.drop_table("posting")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_partnership_id"))

    op.drop_table("person")
    op.drop_table("hostday")
    op.drop_table("feedbackquestion")
    op.drop_table("digestreader")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_partnership_id"))
        batch_op.drop_index(batch_op.f("ix_series_course_key"))

    op.drop_table("series")
    op.drop_table("rememberedcolumn")
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programme_partnership_id"))

    op.drop_table("programme")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_partnership_id"))

    op.drop_table("organisation")
    op.drop_table("host")
    op.drop_table("codeguess")
    with op.batch_alter_table("auditentry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auditentry_partnership_id"))

    op.drop_table("auditentry")
    op.drop_table("partnership")
