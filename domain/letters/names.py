"""What a message of a kind is called in a sentence to organisers: one, and many."""

from __future__ import annotations

from collections.abc import Mapping

from domain.kinds import Kind

NAMES: Mapping[Kind, tuple[str, str]] = {
    Kind.INVITATION: ("invitation", "invitations"),
    Kind.UPDATE: ("update", "updates"),
    Kind.CANCELLATION: ("cancellation", "cancellations"),
    Kind.PROMOTION: ("message about a free place", "messages about a free place"),
    Kind.OFFER: ("offer of a place", "offers of a place"),
    Kind.WAITING: ("message about waiting for a place", "messages about waiting for a place"),
    Kind.WAITING_CLOSED: ("message about the waiting list", "messages about the waiting list"),
    Kind.LAPSED: ("message about a lost place", "messages about lost places"),
    Kind.REMINDER: ("reminder", "reminders"),
    Kind.FEEDBACK: ("request for feedback", "requests for feedback"),
    Kind.VERIFICATION: ("message to confirm an address", "messages to confirm an address"),
    Kind.SIGN_IN: ("link to sign in", "links to sign in"),
    Kind.ANNOUNCEMENT: ("announcement", "announcements"),
    Kind.TRANSFER: ("message about handing over a place", "messages about handing over a place"),
    Kind.CERTIFICATE: ("certificate", "certificates"),
    Kind.RESULTS: ("message with feedback for a presenter", "messages with feedback for presenters"),
    Kind.DIGEST: ("daily message", "daily messages"),
}
