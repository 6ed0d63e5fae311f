"""The tables, by noun. `table=True` models do not validate; rules and CHECK constraints do."""

from domain.models.bookings import Attendance, Booking, BookingState, Hold, Milestone, SeriesBooking
from domain.models.feedback import FeedbackAnswer, FeedbackGiven, FeedbackQuestion, FeedbackResponse, QuestionKind
from domain.models.meetings import Host, HostDay, Meeting, MeetingState
from domain.models.notices import Notice, NoticeState, Posting
from domain.models.people import EmailProof, Organisation, Part, Partnership, Person, ServiceArea
from domain.models.programmes import (
    AuditEntry,
    ImportDraft,
    Presenter,
    Privacy,
    Programme,
    ProgrammeKind,
    ProgrammeOrganiser,
    ProgrammeState,
    Series,
    Session,
    SessionState,
)

__all__ = [
    "Attendance", "AuditEntry", "Booking", "BookingState", "EmailProof", "FeedbackAnswer", "FeedbackGiven", "FeedbackQuestion",
    "FeedbackResponse", "Hold", "Host", "HostDay", "ImportDraft", "Meeting", "MeetingState", "Milestone", "Notice", "NoticeState",
    "Organisation", "Part", "Partnership", "Person", "Posting", "Presenter", "Privacy", "Programme", "ProgrammeKind",
    "ProgrammeOrganiser", "ProgrammeState", "QuestionKind", "Series", "SeriesBooking", "ServiceArea", "Session", "SessionState",
]  # fmt: skip
