"""A mail server for a trial that prints each letter instead of sending it on: its words, as whoever it goes to would read them.

.venv/bin/python -m aiosmtpd -n -l 127.0.0.1:8025 -c rehearsal.printed_mail.PrintedMail
"""

from __future__ import annotations

import sys
from email import message_from_bytes, policy
from email.message import Message
from typing import Any

from aiosmtpd.handlers import Message as MessageHandler

_LINE = "─" * 60


class PrintedMail(MessageHandler):
    """What aiosmtpd hands each message to."""

    def handle_message(self, message: Message[Any, Any]) -> None:
        """Print it."""
        sys.stdout.write(words_of(message.as_bytes()))
        sys.stdout.flush()


def words_of(message: bytes) -> str:
    """To whom, about what, the plain text, and what is attached."""
    letter = message_from_bytes(message, policy=policy.default)
    body = letter.get_body(("plain",))
    text = body.get_content().strip() if body is not None else ""
    attached = [name for part in letter.iter_attachments() if (name := part.get_filename())]
    more = f"\n\nAttached: {', '.join(attached)}" if attached else ""
    return f"{_LINE}\nTo: {letter['To']}\nSubject: {letter['Subject']}\n\n{text}{more}\n"
