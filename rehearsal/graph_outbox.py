"""The mail of the Graph stand-in: what `sendMail` takes as MIME, what it refuses, and the token that says who may."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, urlsafe_b64encode
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from rehearsal.serving import ServiceError

#: (sender, recipient, content)
Deliver = Callable[[str, str, bytes], None]

_MOST_BYTES = 4 * 1024 * 1024
_MINUTE = timedelta(minutes=1)


class Outbox:
    """The mailboxes of a tenant from which an application sends."""

    def __init__(
        self, mailboxes: Iterable[str], out_of_reach: Iterable[str], per_minute: int, clock: Callable[[], datetime], deliver: Deliver | None
    ) -> None:
        self._mailboxes = {mailbox.casefold() for mailbox in mailboxes}
        self._out_of_reach = {mailbox.casefold() for mailbox in out_of_reach}
        self._per_minute = per_minute
        self._clock = clock
        self._deliver = deliver
        self._gone: dict[str, deque[datetime]] = defaultdict(deque)

    def send(self, mailbox: str, content_type: str, body: bytes) -> None:
        """Send one message. Raises `ServiceError`, in the service's order: the mailbox, the size, the body, the sender, the pace."""
        mailbox = mailbox.casefold()
        if mailbox in self._out_of_reach:
            raise ServiceError(
                403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly policy."
            )
        if mailbox not in self._mailboxes or self._deliver is None:
            raise ServiceError(404, "ErrorInvalidUser", f"The requested user '{mailbox}' is invalid.")
        if len(body) > _MOST_BYTES:
            raise ServiceError(413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
        content = _decoded(content_type, body)
        sender, recipients = _people(content)
        if sender != mailbox:
            raise ServiceError(403, "ErrorSendAsDenied", "The user account which was used to submit this request does not have the right.")
        if not recipients:
            raise ServiceError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
        self._pace(mailbox)
        for recipient in recipients:
            self._deliver(mailbox, recipient, content)

    def _pace(self, mailbox: str) -> None:
        now, gone = self._clock(), self._gone[mailbox]
        while gone and now - gone[0] >= _MINUTE:
            gone.popleft()
        if len(gone) >= self._per_minute:
            wait = max(1, round((gone[0] + _MINUTE - now).total_seconds()))
            raise ServiceError(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", {"Retry-After": str(wait)})
        gone.append(now)


def _decoded(content_type: str, body: bytes) -> bytes:
    if content_type != "text/plain":
        raise ServiceError(400, "BadRequest", "Only MIME in base64 is known here.")
    try:
        content = b64decode(body, validate=True)
    except binascii.Error:
        content = b""
    if not content:
        raise ServiceError(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")
    return content


def _people(content: bytes) -> tuple[str, list[str]]:
    """Whom the message names: it has no envelope."""
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    named: dict[str, list[str]] = {}
    for header in ("From", "To", "Cc", "Bcc"):
        named[header] = [one.addr_spec for value in message.get_all(header, []) for one in value.addresses]
    if len(named["From"]) != 1:
        raise ServiceError(400, "ErrorMimeContentInvalid", "The MIME content has no sender.")
    return named["From"][0].casefold(), [*named["To"], *named["Cc"], *named["Bcc"]]


def token_of(audience: str, client_id: str, roles: Iterable[str], signature: bytes) -> str:
    """A token as Microsoft's look from outside: three parts, of which the second tells what was granted."""
    parts = ({"typ": "JWT", "alg": "RS256"}, {"aud": audience, "appid": client_id, "roles": list(roles)})
    shown = [json.dumps(part, separators=(",", ":")).encode() for part in parts]
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in (*shown, signature))
