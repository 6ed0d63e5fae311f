"""Tables: of every table, what it holds, which columns are about a person, how its rows lead to them, and what forgetting does to it.

The map is complete: `columns` of all tables are exactly the columns that there are. A test holds the two against each other. Those that
lead to a person stand in `domain.rights.personal`.
"""

from __future__ import annotations

from sqlmodel import SQLModel

from domain import models
from domain.rights.personal import PERSONAL
from domain.rights.table import Table

TABLES: tuple[Table, ...] = (
    *PERSONAL,
    # ── words of organisers about programmes: public, or for those who are booked ───────────────────────────
    Table(
        models.Undo,
        "How a session was before an edit.",
        about="before",
        other="id partnership_id session_id revision until undone_at",
        forgotten="Deleted, where it holds their address or name.",
        kept="two minutes, then until the next day's run",
    ),
    Table(
        models.Session,
        "A session. Organisers' words may name somebody.",
        about="title public_title description audience venue notes cancel_reason given_link",
        other="id partnership_id programme_id series_id series_part reference uid state organisation_id privacy privacy_asked starts_at "
        "ends_at zone format provider places online_places revision next_place touched_at cancelled_at feedback_closed_at created_at",
        forgotten="A name in its words is reported, and changed by hand.",
    ),
    Table(
        models.Programme,
        "A programme. Its contact is somebody's work number.",
        about="title audience contact",
        other="id partnership_id kind state starts_on ends_on zone default_provider default_places default_privacy channel_id created_at",
        forgotten="A name in its words is reported, and changed by hand.",
    ),
    Table(
        models.Material,
        "Something to read or bring.",
        about="label link file_name content",
        other="id partnership_id session_id media_type added_at",
        forgotten="A name in its label is reported. Organisers look into its file by hand.",
    ),
    Table(
        models.FeedbackResponse,
        "One person's answers, without the person.",
        other="id partnership_id session_id received_on released",
        forgotten="Nothing leads from it to anybody, so it cannot be found.",
    ),
    Table(
        models.FeedbackAnswer,
        "One answer of a response.",
        about="text",
        other="response_id question number",
        forgotten="Nothing leads from it to anybody, so it cannot be found.",
        kept="the words three years, the numbers with the programme",
    ),
    # ── nobody's ────────────────────────────────────────────────────────────────────────────────────────────
    Table(models.Partnership, "A partnership.", other="id key name guild_id", kept="as long as the program runs"),
    Table(models.Organisation, "An employer or university.", other="id partnership_id name name_key", kept="as long as the program runs"),
    Table(
        models.Host,
        "An account that holds meetings. It may be somebody's work address.",
        about="account",
        other="id partnership_id provider at_once per_day active",
        forgotten="It comes from the settings, and is taken out there by hand.",
        kept="as long as the settings name it",
    ),
    Table(models.HostDay, "How often a host was asked on a day.", other="id host_id day calls"),
    Table(
        models.Meeting,
        "The Teams or Zoom room of a session.",
        other="id partnership_id session_id provider generation ref host_id slot_starts_at slot_ends_at state external_id join_url "
        "attempts next_try_at claimed_until sweep_at error wanted_at made_at",
    ),
    Table(models.Milestone, "That a session has been seen to.", other="id session_id what at"),
    Table(
        models.Posting,
        "A message that shows a day of a programme.",
        other="id partnership_id programme_id day page channel_id message_id shown_at digest next_try_at attempts error",
    ),
    Table(models.ProgrammeOrganiser, "A Discord role that organises a programme.", other="id partnership_id programme_id role_id"),
    Table(models.Series, "A course.", other="id partnership_id title course course_key next_place created_at"),
    Table(
        models.FeedbackQuestion,
        "A question of a form.",
        other="id partnership_id programme_id key kind words options order",
    ),
    Table(
        models.RetentionRun,
        "How many records of a kind the clock has deleted.",
        other="id partnership_id what count at",
        kept="as long as the program runs",
    ),
    Table(models.Draw, "One call that counts towards a service's limit.", other="id account at_ms", kept="minutes"),
    Table(models.Pause, "A service has asked us to wait.", other="account until since reason", kept="until it is over"),
    Table(models.Process, "A process that runs.", other="name answers sends serves started_at seen_at", kept="a day after it died"),
)

#: organisers' free words, in which a name may stand: looked through, and never changed by the program
FREE_WORDS: tuple[tuple[type[SQLModel], str], ...] = (
    *((models.Session, word) for word in ("title", "public_title", "description", "audience", "venue", "notes", "cancel_reason")),
    *((models.Programme, word) for word in ("title", "audience", "contact")),
    *((models.Announcement, word) for word in ("subject", "words")),
    (models.Material, "label"),
    (models.InvitationCode, "label"),
    (models.Host, "account"),
)
