"""Letters on their way to the local mailbox over real SMTP, and what a failure is taken for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from domain.errors import OutsideError
from domain.ports.letters import Letter, Recipient
from integrations.mail import Mail, MailServer
from rehearsal.mailbox import Mailbox
from tests.mail_building import NOW, SENDER, VOICE, calendars, letter


@asynccontextmanager
async def mail(box: Mailbox, **changed: Any) -> AsyncIterator[Mail]:
    server = {name: changed.pop(name) for name in ("host", "port", "security", "login", "timeout", "trust") if name in changed}
    settings = MailServer(**{"host": box.host, "port": box.port, "security": "none", **server})
    made = Mail(settings, SENDER, VOICE, calendars(), now=lambda: NOW, **changed)
    try:
        yield made
    finally:
        await made.aclose()


def other(number: int) -> Letter:
    return letter(key=f"invitation:{number}:1", recipient=Recipient(f"Person {number}", f"person{number}@council.example", None))


async def fails(sending: Any) -> tuple[type[OutsideError], str]:
    with pytest.raises(OutsideError) as caught:
        await sending
    return type(caught.value), caught.value.reason
