"""E-mail: the channel that every invitation takes.

A letter is worded, packed and handed to the partnership's mail server over one of a few connections, kept open
between letters. No more leave in any minute than the server takes. What an answer means stands in `mail_line`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from domain.errors import BadInput, Permanent, Temporary
from domain.kinds import Kind, Mode
from domain.ports import CalendarWriter, Letter, Receipt
from integrations.letters import Voice, word
from integrations.mail_line import Line, LineLost, MailServer, Password, SettingProblem, XOAuth2
from integrations.mime import Packed, Sender, pack
from integrations.plain import plain_address

__all__ = ["Mail", "MailServer", "Pace", "Password", "XOAuth2"]

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


class Mail:
    """Sends letters by e-mail for one partnership. `now` dates them; `pace` and `connections` spare the server.

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
        pace: Pace | None = None,
        connections: int = 4,
        idle_seconds: float = 60.0,
    ) -> None:
        self._server = server
        self._sender = sender
        self._voice = voice
        self._calendars = calendars
        self._now = now
        self._pace = pace or Pace(None)
        self._hello = plain_address(sender.address).rpartition("@")[2]
        self._turns = asyncio.Semaphore(connections)
        self._idle_seconds = idle_seconds
        self._idle: list[tuple[Line, asyncio.TimerHandle]] = []
        self._closed = False
        self._log = structlog.get_logger("mail")

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """Calendar mail at any time; other mail never: two codes or two reminders would be noticed."""
        return letter_kind in _HARMLESS

    def room(self) -> int | None:
        """How many letters could leave at once now; None where there is no limit. More than that wait in `send`."""
        return self._pace.room()

    async def send(self, letter: Letter) -> Receipt:
        """Hand the letter over; the receipt holds its Message-ID. Waits for its turn where too many have gone."""
        packed = self._packed(letter)
        await self._pace.wait()
        async with self._turns:
            try:
                await self._hand_over(packed)
            except SettingProblem as problem:
                self._log.error("mail is not set up right", reason=problem.reason)
                raise
        return Receipt(packed.message_id)

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

    def _packed(self, letter: Letter) -> Packed:
        try:
            calendar = None
            if letter.calendar is not None and letter.session is not None:
                mode = letter.mode or Mode.ONLINE
                calendar = self._calendars.invitation(letter.session, letter.calendar, letter.recipient, mode)
            now = self._now()
            return pack(letter, word(letter, self._voice, now), calendar, self._sender, now=now)
        except BadInput as error:
            raise Permanent("the address cannot be used") from error

    async def _hand_over(self, packed: Packed) -> None:
        line = self._idle_line()
        try:
            if line is not None:
                try:
                    return await line.send(packed)
                except LineLost:  # the server had tired of waiting: nothing was handed over, a new connection is worth a try
                    line.close()
            line = await self._new_line()
            return await line.send(packed)
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
