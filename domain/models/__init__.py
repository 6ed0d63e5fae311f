"""The tables, by noun. `table=True` models do not validate; rules and CHECK constraints do."""

from domain.models.auditing import AuditEntry
from domain.models.bookings import Attendance, Booking, BookingState, Hold, Milestone, Transfer, TransferState
from domain.models.families import Admission, CodeGuess, InvitationCode, Needs
from domain.models.feedback import FeedbackAnswer, FeedbackGiven, FeedbackQuestion, FeedbackResponse, QuestionKind
from domain.models.keeping import Erasure, RetentionRun
from domain.models.limits import Draw, Pause
from domain.models.links import Link, OrganiserAddress, Purpose
from domain.models.meetings import Host, HostDay, Meeting, MeetingState
from domain.models.notices import Notice, NoticeState, Posting
from domain.models.organising import Announcement, Audience, DigestReader, Material, RememberedColumn, Undo
from domain.models.people import EmailProof, Organisation, Part, Partnership, Person, ServiceArea
from domain.models.presenters import Presenter
from domain.models.processes import Process
from domain.models.programmes import (
    DraftOf,
    ImportDraft,
    Privacy,
    Programme,
    ProgrammeKind,
    ProgrammeOrganiser,
    ProgrammeState,
    Session,
    SessionState,
)
from domain.models.replies import CameOfReply, ReplySeen, WhyLeft
from domain.models.series import Series, SeriesBooking

__all__ = [
    "Admission", "Announcement", "Attendance", "Audience", "AuditEntry", "Booking", "BookingState", "CameOfReply", "CodeGuess",
    "DigestReader", "DraftOf", "Draw", "EmailProof", "Erasure", "FeedbackAnswer", "FeedbackGiven", "FeedbackQuestion", "FeedbackResponse",
    "Hold", "Host", "HostDay", "ImportDraft", "InvitationCode", "Link", "Material", "Meeting", "MeetingState", "Milestone", "Needs",
    "Notice", "NoticeState", "Organisation", "OrganiserAddress", "Part", "Partnership", "Pause", "Person", "Posting", "Presenter",
    "Privacy", "Process", "Programme", "ProgrammeKind", "ProgrammeOrganiser", "ProgrammeState", "Purpose", "QuestionKind",
    "RememberedColumn", "ReplySeen", "RetentionRun", "Series", "SeriesBooking", "ServiceArea", "Session", "SessionState", "Transfer",
    "TransferState", "Undo", "WhyLeft",
]  # fmt: skip
