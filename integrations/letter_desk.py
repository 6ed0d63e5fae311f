"""The letter desk: where a letter becomes an e-mail message, whichever way the message then leaves.

Wording, calendar file, MIME, the pace, and what is harmless to repeat are the same over SMTP and through Microsoft Graph.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from domain.errors import BadInput, Permanent
from domain.kinds import Kind, Mode
from domain.ports import CalendarWriter, Letter
from integrations.letters import Voice, word
from integrations.mime import Packed, Sender, pack
from integrations.plain import plain_address

#: a repeat has the same Message-ID, UID, SEQUENCE and bytes, so a calendar takes it for the message that it has
_HARMLESS = frozenset({Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION})
_MINUTE = 60.0


class Pace:
    """No more than so many in any sixty seconds; first come, first served. `per_minute` None is no limit."""

    def __init__(
        self,
        per_minute: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if per_minute is not None and per_minute < 1:
            raise ValueError("at least one message a minute")
        self._per_minute = per_minute
        self._clock = clock
        self._sleep = sleep
        self._gone: deque[float] = deque()
        self._turn = asyncio.Lock()

    def room(self) -> int | None:
        """How many could go at once now; None where there is no limit."""
        if self._per_minute is None:
            return None
        self._forget()
        return self._per_minute - len(self._gone)

    async def wait(self) -> None:
        """Wait for one's turn, and take it."""
        if self._per_minute is None:
            return
        async with self._turn:
            while not self.room():
                await self._sleep(self._gone[0] + _MINUTE - self._clock())
            self._gone.append(self._clock())

    def _forget(self) -> None:
        while self._gone and self._clock() - self._gone[0] >= _MINUTE:
            self._gone.popleft()


class LetterDesk:
    """Packs the letters of one partnership, and lets them go at its pace. `now` dates them.

    Raises `BadInput` at once for a sender's address that cannot be used.
    """

    def __init__(
        self, sender: Sender, voice: Voice, calendars: CalendarWriter, *, now: Callable[[], datetime], pace: Pace | None = None
    ) -> None:
        self.address = plain_address(sender.address)
        self.pace = pace or Pace(None)
        self._sender = sender
        self._voice = voice
        self._calendars = calendars
        self._now = now

    def pack(self, letter: Letter) -> Packed:
        """The letter as it goes over the wire. Raises `Permanent` for an address that cannot be used."""
        try:
            calendar = None
            if letter.calendar is not None and letter.session is not None:
                mode = letter.mode or Mode.ONLINE
                calendar = self._calendars.invitation(letter.session, letter.calendar, letter.recipient, mode)
            now = self._now()
            return pack(letter, word(letter, self._voice, now), calendar, self._sender, now=now)
        except BadInput as error:
            raise Permanent("the address cannot be used") from error

    async def pack_aside(self, letter: Letter) -> Packed:
        """The same, in a thread where the letter carries files: ten million bytes take a tenth of a second."""
        return await asyncio.to_thread(self.pack, letter) if letter.attachments else self.pack(letter)


def harmless_to_repeat(letter_kind: Kind) -> bool:
    """Calendar mail at any time; other mail never: two codes or two reminders would be noticed."""
    return letter_kind in _HARMLESS
