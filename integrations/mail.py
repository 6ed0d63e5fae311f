"""E-mail: the channel that every invitation takes.

A letter is worded, packed and handed to the partnership's mail server over one of a few connections, kept open
between letters. No more leave in any minute than the server takes. What an answer means stands in `mail_line`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from domain.errors import Busy, Permanent, Temporary
from domain.kinds import Kind
from domain.limits import A_MINUTE, Flow
from domain.ports.letters import CalendarWriter, Letter, Receipt
from domain.ports.limits import Limits
from integrations.letter_desk import LetterDesk, Stationery, harmless_to_repeat
from integrations.letters import Voice
from integrations.mail_line import Line, LineLost, MailServer, Password, SettingProblem, XOAuth2, too_big
from integrations.mime import Packed, Sender

__all__ = ["Mail", "MailServer", "Password", "XOAuth2"]


class Mail:
    """Sends letters by e-mail. `now` dates them; `limits` and `connections` spare the server; `each` is what each partnership writes on.

    Raises `BadInput` at once for a sender's address that cannot be used.
    """

    def __init__(
        self,
        server: MailServer,
        sender: Sender,
        voice: Voice,
        calendars: CalendarWriter,
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        connections: int = 4,
        idle_seconds: float = 60.0,
        each: Mapping[int, Stationery] | None = None,
    ) -> None:
        self._server = server
        self._desk = LetterDesk(sender, voice, calendars, now=now, limits=limits, each=each)
        self._hello = self._desk.address.rpartition("@")[2]
        self._turns = asyncio.Semaphore(connections)
        self._idle_seconds = idle_seconds
        self._idle: list[tuple[Line, asyncio.TimerHandle]] = []
        self._closed = False
        self._log = structlog.get_logger("mail")

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """Calendar mail at any time; other mail never: two codes or two reminders would be noticed."""
        return harmless_to_repeat(letter_kind)

    async def flow(self) -> Flow | None:
        """How letters leave just now; None: as they come."""
        return await self._desk.flow()

    async def send(self, letter: Letter) -> Receipt:
        """Hand the letter over; the receipt holds its Message-ID. Raises `Held` where too many have gone."""
        packed = await self._desk.pack_aside(letter)
        async with self._turns, self._desk.turn():
            try:
                await self._hand_over_or_lighten(letter, packed)
            except SettingProblem as problem:
                self._log.error("mail is not set up right", reason=problem.reason)
                raise
        return Receipt(packed.message_id)

    async def _hand_over_or_lighten(self, letter: Letter, packed: Packed) -> None:
        """An invitation that the server finds too big goes once more without its files: they are in chat too, and it says so."""
        try:
            await self._hand_over(packed, letter)
        except Permanent as refused:
            if not (letter.attachments and letter.calendar) or not too_big(refused):
                raise
            await self._hand_over(self._desk.pack(replace(letter, attachments=())), letter)

    async def check(self) -> None:
        """Connect, log in, say goodbye. Raises `Temporary` (`SettingProblem` where a setting is wrong)."""
        line = await self._new_line()
        await line.quit()

    async def aclose(self) -> None:
        """Say goodbye on every idle connection. Letters under way finish; later ones are refused."""
        self._closed = True
        idle, self._idle = self._idle, []
        for _, timer in idle:
            timer.cancel()
        await asyncio.gather(*(line.quit() for line, _ in idle))

    async def _hand_over(self, packed: Packed, letter: Letter) -> None:
        self._desk.require_in_time(letter)
        line = self._idle_line()
        try:
            if line is not None:
                try:
                    return await line.send(packed)
                except LineLost:  # the server had tired of waiting: nothing was handed over, a new connection is worth a try
                    line.close()
            line = await self._new_line()
            self._desk.require_in_time(letter)
            try:
                return await line.send(packed)
            except LineLost as lost:  # a line that it has only just opened: it is no more tired of waiting, but too busy
                if "421" not in lost.reason:
                    raise
                raise Busy(lost.reason, retry_after=A_MINUTE) from lost
        finally:
            if line is not None:
                self._put_back(line)

    def _idle_line(self) -> Line | None:
        while self._idle:
            line, timer = self._idle.pop()
            timer.cancel()
            if line.ready:
                return line
            line.close()
        return None

    async def _new_line(self) -> Line:
        if self._closed:
            raise Temporary("mail is closed")
        line = Line(self._server, self._hello)
        await line.open()
        return line

    def _put_back(self, line: Line) -> None:
        """Keep a connection for the next letter, for a while; one in the middle of something is closed."""
        if self._closed or not line.ready:
            line.close()
            return
        timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._let_go, line)
        self._idle.append((line, timer))

    def _let_go(self, line: Line) -> None:
        self._idle = [kept for kept in self._idle if kept[0] is not line]
        line.close()
