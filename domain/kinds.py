"""Kinds: the closed lists of words that tables, ports and decisions share."""

from __future__ import annotations

from enum import StrEnum


class Provider(StrEnum):
    """Who provides the meeting of an online session."""

    TEAMS = "teams"
    ZOOM = "zoom"
    GIVEN = "given"  # an organiser pasted the link


class Format(StrEnum):
    """How a session is held."""

    ONLINE = "online"
    IN_PERSON = "in_person"
    HYBRID = "hybrid"


class Mode(StrEnum):
    """How one person takes part: only a hybrid session offers both."""

    ROOM = "room"
    ONLINE = "online"


class Kind(StrEnum):
    """What a notice says."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    PROMOTION = "promotion"  # off the waiting list; carries the invitation
    OFFER = "offer"  # a place is free, but it clashes with another booking
    WAITING = "waiting"  # by a page they came on a waiting list: who asks in chat is told at once
    WAITING_CLOSED = "waiting_closed"  # nobody is promoted any more
    LAPSED = "lapsed"  # a held place was not proven, or an offer not taken, in time
    REMINDER = "reminder"
    FEEDBACK = "feedback"
    VERIFICATION = "verification"
    SIGN_IN = "sign_in"  # an organiser's one-time link to the pages
    TRANSFER = "transfer"  # a colleague hands over a place, and what came of it
    CERTIFICATE = "certificate"  # of completion, with the document
    RESULTS = "results"  # a presenter's own session: what people said of it
    ANNOUNCEMENT = "announcement"  # an organiser's words, to people or to a channel
    DIGEST = "digest"  # the attention list, to an organiser who wants it daily


class Channel(StrEnum):
    """How a notice travels."""

    EMAIL = "email"
    CHAT = "chat"  # a direct message
    BOARD = "board"  # a message in a server's channel


class CalendarMethod(StrEnum):
    """iTIP methods that we send (RFC 5546, section 3.2)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Export(StrEnum):
    """What can be had as a spreadsheet."""

    SESSIONS = "sessions"
    BOOKINGS = "bookings"
    ATTENDANCE = "attendance"
    FEEDBACK = "feedback"
