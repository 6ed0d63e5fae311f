"""Tables whose rows lead to a person, and how: who asks for a copy is shown these, and who asks to be forgotten is taken out of them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from domain import models
from domain.models import AuditEntry, Booking, Notice, Transfer
from domain.rights.subjects import Subject
from domain.rights.table import LETTERS, NAMES, OVER, Table

# ── whose a row is ──────────────────────────────────────────────────────────────────────────────────────────


def _notices(one: Subject) -> ColumnElement[bool]:
    return or_(
        col(Notice.person_id) == one.person_id,
        col(Notice.booking_id).in_(one.bookings()),
        col(Notice.proof_id).in_(one.proofs()),
        col(Notice.presenter_id).in_(one.presenting()),
        col(Notice.series_booking_id).in_(one.wholes()),
        col(Notice.transfer_id).in_(one.transfers()),
        col(Notice.digest_reader_id).in_(one.reading()),
        col(Notice.organiser_id).in_(one.organising()),
    )


def _links(one: Subject) -> ColumnElement[bool]:
    return or_(
        col(models.Link.person_id) == one.person_id,
        col(models.Link.booking_id).in_(one.bookings()),
        col(models.Link.proof_id).in_(one.proofs()),
        col(models.Link.organiser_id).in_(one.organising()),
    )


def _admissions(one: Subject) -> ColumnElement[bool]:
    mine = or_(col(models.Admission.person_id) == one.person_id, one.has_account(models.Admission.discord_id))
    return one.here(models.Admission.partnership_id) & mine


def _trail(one: Subject) -> ColumnElement[bool]:
    mine = or_(one.did(AuditEntry.actor), col(AuditEntry.booking_id).in_(one.bookings()))
    return one.here(AuditEntry.partnership_id) & mine


def _replies(one: Subject) -> ColumnElement[bool]:
    seen = models.ReplySeen
    return or_(col(seen.booking_id).in_(one.bookings()), col(seen.presenter_id).in_(one.presenting()))


def _needs(one: Subject) -> ColumnElement[bool]:
    return col(models.Needs.booking_id).in_(one.bookings())


# ── the tables ──────────────────────────────────────────────────────────────────────────────────────────────

PERSONAL: tuple[Table, ...] = (
    Table(
        models.Person,
        "Somebody who books, presents or organises.",
        about="id discord_id name email email_key organisation_id service_area part reminders_by_chat reminders_by_email "
        "privacy_read_at chat_closed_at proven_at created_at",
        other="partnership_id",
        theirs=lambda one: col(models.Person.id) == one.person_id,
        forgotten="Name, addresses and account are taken out. Organisation and service area stay, for the counts.",
        kept=f"{NAMES}; one day, where no address was ever proven",
    ),
    Table(
        models.EmailProof,
        "An address that somebody was asked to prove.",
        about="id person_id address asked_at expires_at tries session_id by_link done_at",
        other="partnership_id",
        secret="code_hash salt",
        theirs=lambda one: col(models.EmailProof.person_id) == one.person_id,
        forgotten="The address and the code are taken out.",
        kept="one day, if it was not proven; a former address 30 days",
    ),
    Table(
        models.Booking,
        "Somebody's claim on a session, and whether they came.",
        about="id session_id person_id series_booking_id mode state hold held_until queue_number clash_accepted wished sequence stamped_at "
        "invited asked_at confirmed_at cancelled_at alias attendance",
        other="partnership_id",
        theirs=lambda one: col(Booking.person_id) == one.person_id,
        forgotten="It stays as a count. The chosen name is taken out.",
        kept=f"the count with the programme, the chosen name until {NAMES}",
    ),
    Table(
        models.Needs,
        "What somebody needs so that they can come. Never a diagnosis.",
        about="id booking_id access interpreter childcare travel dietary supporter told_at answered_at delete_on",
        other="partnership_id",
        theirs=_needs,
        forgotten="Deleted.",
        kept="30 days after the session",
    ),
    Table(
        models.SeriesBooking,
        "Somebody's claim on a whole course, and their certificate.",
        about="id series_id person_id state hold held_until queue_number clash_accepted wished asked_at confirmed_at cancelled_at "
        "completed_at certificate",
        other="partnership_id",
        theirs=lambda one: col(models.SeriesBooking.person_id) == one.person_id,
        forgotten="It stays as a count. The certificate's number is taken out.",
        kept=f"the count with the programme, the certificate until {NAMES}",
    ),
    Table(
        models.Transfer,
        "A place that somebody offers to a colleague.",
        about="id booking_id to_name to_address to_person_id state tries asked_at expires_at ended_at",
        other="partnership_id",
        secret="code_hash salt",
        theirs=lambda one: col(Transfer.id).in_(one.transfers()),
        forgotten="The colleague's name and address are taken out.",
        kept=OVER,
    ),
    Table(
        models.Presenter,
        "Who presents a session. The label stands in the public schedule.",
        about="id session_id label address person_id named co_organiser confirmed_at declined_at sequence stamped_at invited ended_at",
        other="partnership_id",
        secret="code_seed",
        theirs=lambda one: col(models.Presenter.id).in_(one.presenting()),
        forgotten="The label becomes “Somebody”, also in the schedule. The address is taken out.",
        kept=f"the label with the programme, the address until {NAMES}",
    ),
    Table(
        models.Admission,
        "Who was let in to private sessions by a code.",
        about="id code_id discord_id person_id at",
        other="partnership_id",
        theirs=_admissions,
        forgotten="Deleted.",
        kept=OVER,
    ),
    Table(
        models.CodeGuess,
        "How often an account has tried codes that open nothing.",
        about="id discord_id tries since",
        other="partnership_id",
        theirs=lambda one: one.here(models.CodeGuess.partnership_id) & one.has_account(models.CodeGuess.discord_id),
        forgotten="Deleted.",
        kept="an hour",
    ),
    Table(
        models.FeedbackGiven,
        "That somebody has answered. Not what.",
        about="session_id person_id",
        theirs=lambda one: col(models.FeedbackGiven.person_id) == one.person_id,
        forgotten="Deleted.",
        kept="30 days after feedback closes",
    ),
    Table(
        models.Notice,
        "A message that was owed or sent. The words are not kept.",
        about="id key kind channel person_id booking_id session_id programme_id proof_id presenter_id series_booking_id transfer_id "
        "announcement_id digest_reader_id organiser_id sequence dtstamp lead_minutes detail fallback_of state owed_at next_try_at "
        "expires_at handed_at first_handed_at attempts sent_at told_revision told_link error external_id",
        other="partnership_id need claimed_by claimed_until",
        theirs=_notices,
        forgotten="It stays as a count. Free words and the chat service's number are taken out.",
        kept=LETTERS,
    ),
    Table(
        models.ReplySeen,
        "What became of a reply to an invitation. No word of it is kept.",
        about="id key session_id booking_id presenter_id came why refuses sequence answered_at seen_at",
        other="partnership_id",
        theirs=_replies,
        forgotten="Deleted.",
        kept="for a while after it was read",
    ),
    Table(
        models.Link,
        "A link that was sent by e-mail.",
        about="id purpose subject person_id booking_id proof_id organiser_id made_at expires_at used_at",
        other="partnership_id",
        secret="token_hash salt",
        theirs=_links,
        forgotten="Deleted.",
        kept=OVER,
    ),
    Table(
        models.OrganiserAddress,
        "Somebody who organises by e-mail.",
        about="id programme_id address address_key added_by added_at ended_at",
        other="partnership_id",
        theirs=lambda one: col(models.OrganiserAddress.id).in_(one.organising()),
        forgotten="Deleted. An address that the settings name is taken out there by hand. Who added another’s address is taken out.",
        kept=OVER,
    ),
    Table(
        models.DigestReader,
        "An organiser who wants a daily list.",
        about="id programme_id discord_id since",
        other="partnership_id",
        theirs=lambda one: col(models.DigestReader.id).in_(one.reading()),
        forgotten="Deleted.",
        kept="until they stop it",
    ),
    Table(
        models.RememberedColumn,
        "What an organiser said a column of their schedules means.",
        about="id discord_id address_key heading_key means at",
        other="partnership_id",
        theirs=lambda one: col(models.RememberedColumn.id).in_(one.explaining()),
        forgotten="Deleted.",
        kept="two years",
    ),
    Table(
        models.ImportDraft,
        "A file that an organiser uploaded, until it is confirmed.",
        about="id programme_id purpose session_id file_name asked_by created_at stopped_at place applied_at",
        other="partnership_id",
        secret="content",
        theirs=lambda one: one.here(models.ImportDraft.partnership_id) & one.has_account(models.ImportDraft.asked_by),
        forgotten="Deleted.",
        kept="a day",
    ),
    Table(
        models.Announcement,
        "What an organiser wrote to people.",
        about="id programme_id session_id day audience subject words made_by made_at",
        other="partnership_id",
        theirs=lambda one: one.here(models.Announcement.partnership_id) & one.did(models.Announcement.made_by),
        forgotten="Who wrote it is taken out. A name in the words is reported, and changed by hand.",
        kept=LETTERS,
    ),
    Table(
        models.InvitationCode,
        "A code that opens private sessions. Only its hash is kept.",
        about="id programme_id session_id hint label most_uses uses expires_at revoked_at made_by made_at",
        other="partnership_id",
        secret="code_hash",
        theirs=lambda one: one.here(models.InvitationCode.partnership_id) & one.did(models.InvitationCode.made_by),
        forgotten="Who made it is taken out.",
        kept=OVER,
    ),
    Table(
        models.AuditEntry,
        "Who did what, and when. Numbers only, no names.",
        about="id at actor action programme_id session_id booking_id series_id detail",
        other="partnership_id",
        theirs=_trail,
        forgotten="It stays for its year: nobody can change it. What an organiser did keeps their Discord number until then. What they did "
        "by page keeps the number of their address, which is deleted.",
        kept="a year",
    ),
    Table(
        models.Erasure,
        "Somebody was forgotten, and when.",
        about="id person_id asked_at asked_by done_at messages_left",
        other="partnership_id",
        theirs=lambda one: col(models.Erasure.person_id) == one.person_id,
        forgotten="It stays, to show that it was done. It has numbers only.",
        kept="as long as the program runs",
    ),
)
