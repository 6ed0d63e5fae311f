"""The letter desk: where a letter becomes an e-mail message, whichever way the message then leaves.

Wording, calendar file, MIME, the limit that is kept, and what is harmless to repeat are the same over SMTP and through Microsoft Graph.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from domain.errors import BadInput, Busy, Permanent, Temporary
from domain.kinds import Kind, Mode
from domain.limits import A_MINUTE, MAIL, Flow, Unlimited
from domain.ports.letters import NOT_OURS, NOT_OURS_FOR_S, CalendarWriter, Letter, LetterLinks
from domain.ports.limits import Limits
from integrations.letters import Voice, word
from integrations.mime import Packed, Sender, pack
from integrations.plain import plain_address

#: a repeat has the same Message-ID, UID, SEQUENCE and bytes, so a calendar takes it for the message that it has
_HARMLESS = frozenset({Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION})


@dataclass(frozen=True)
class Stationery:
    """What a partnership's letters are written on: who they are from, how it speaks, its calendar files."""

    sender: Sender
    voice: Voice
    calendars: CalendarWriter


class LetterDesk:
    """Packs letters, and lets them go as the account allows (`limits`). `now` dates them.

    Every letter is written in the same name; with `each`, in that of its partnership, by id: the account is shared, the voice is not.
    Raises `BadInput` at once for a sender's address that cannot be used.
    """

    def __init__(
        self,
        sender: Sender,
        voice: Voice,
        calendars: CalendarWriter,
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        each: Mapping[int, Stationery] | None = None,
    ) -> None:
        self.address = plain_address(sender.address)
        for one in (each or {}).values():
            plain_address(one.sender.address)
        self._limits = limits or Unlimited()
        self._same = Stationery(sender, voice, calendars)
        self._each = each
        self._now = now

    async def flow(self) -> Flow | None:
        """How letters leave just now; None: as they come."""
        return await self._limits.flow(MAIL)

    def require_in_time(self, letter: Letter) -> None:
        """Raises `Temporary` for a letter whose lease is over: another process may have it. The last thing before it leaves."""
        if letter.leased_until is not None and self._now() >= letter.leased_until:
            raise Temporary("its turn was over before it was begun")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One letter's turn with the account. Raises `Held` where there is none; a server that is too busy is left alone by all of us."""
        await self._limits.take(MAIL)
        try:
            yield
        except Busy as busy:
            await self._limits.pause(MAIL, busy.retry_after or A_MINUTE, busy.reason)
            raise

    def _paper(self, letter: Letter) -> Stationery:
        """Raises `Temporary` for a partnership that this process does not keep: another may."""
        if self._each is None:
            return self._same
        if letter.partnership_id not in self._each:
            raise Temporary(NOT_OURS, retry_after=NOT_OURS_FOR_S)
        return self._each[letter.partnership_id]

    def pack(self, letter: Letter) -> Packed:
        """The letter as it goes over the wire. Raises `Permanent` for an address that cannot be used."""
        paper = self._paper(letter)
        try:
            calendar = None
            if letter.calendar is not None and letter.session is not None:
                mode, links = letter.mode or Mode.ONLINE, letter.links or LetterLinks()
                join, own_page = paper.voice.page("join", links.join), bool(links.mine and paper.voice.web)
                calendar = paper.calendars.invitation(letter.session, letter.calendar, letter.recipient, mode, join=join, own_page=own_page)
            now = self._now()
            return pack(letter, word(letter, paper.voice, now), calendar, paper.sender, now=now)
        except BadInput as error:
            raise Permanent("the address cannot be used") from error

    async def pack_aside(self, letter: Letter) -> Packed:
        """The same, in a thread where the letter carries files: ten million bytes take a tenth of a second."""
        return await asyncio.to_thread(self.pack, letter) if letter.attachments else self.pack(letter)


def harmless_to_repeat(letter_kind: Kind) -> bool:
    """Calendar mail at any time; other mail never: two codes or two reminders would be noticed."""
    return letter_kind in _HARMLESS
