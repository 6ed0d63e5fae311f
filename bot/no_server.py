"""Where there is no Discord server: nothing goes by chat, and what was owed that way all the same goes by e-mail.

A partnership may have had a server once. Who came by it then has an account still, and may have been owed a message on the day it was left.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from domain.errors import ChatClosed, Temporary
from domain.kinds import Kind
from domain.limits import Flow
from domain.ports.letters import NOT_OURS, NOT_OURS_FOR_S, Letter, NoticeChannel, Receipt


@dataclass(frozen=True)
class NoServer:
    """A channel that refuses what is written by the partnerships of `whose`; what others write goes by `line`, if there is one."""

    whose: Collection[int]
    line: NoticeChannel | None = None

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """As the line says."""
        return self.line is not None and self.line.harmless_to_repeat(letter_kind, seconds)

    async def flow(self) -> Flow | None:
        """As the line says; a refusal takes no time."""
        return await self.line.flow() if self.line is not None else None

    async def send(self, letter: Letter) -> Receipt:
        """Send it by the line. Raises `ChatClosed` for a partnership without a server: its person is written to by e-mail then."""
        if letter.partnership_id in self.whose:
            raise ChatClosed("the partnership has no Discord server")
        if self.line is None:
            raise Temporary(NOT_OURS, retry_after=NOT_OURS_FOR_S)
        return await self.line.send(letter)
