"""E-mail through Microsoft Graph: the same messages as over SMTP, handed in by `sendMail` as MIME (Exchange closes password SMTP).

    POST /users/{sender}/sendMail      text/plain, the message in base64, at most 4 MB      202 accepted

What is known of Exchange's way with it:
- 202 says accepted, as SMTP's 250 does; what bounces later comes to the sender's mailbox.
- A copy is kept in Sent Items of the sender's mailbox. In MIME there is no way to ask for none.
- The application needs the role Mail.Send, which opens every mailbox of the tenant: an application access policy, or RBAC for
  applications, keeps it to the sender's. Without either for this mailbox the answer is 403, and so it is for a From that the
  mailbox may not use.
- Thirty messages a minute a mailbox, then 429 with Retry-After.
- A part of text/calendar with a method is read by Exchange's own rules (MS-OXCICAL) and told on in its own words. So UID,
  SEQUENCE, times, organiser and attendee are kept; what those rules have no room for need not be. Nothing that Microsoft
  publishes promises that sendMail keeps METHOD: hence the file in every letter, and a trial with one letter before a change.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import structlog

from domain.errors import OutsideError, Permanent
from domain.kinds import Kind
from domain.limits import Flow
from domain.ports.letters import Letter, Receipt
from integrations.entra import Credential
from integrations.graph_calls import Application, GraphCalls
from integrations.letter_desk import LetterDesk, harmless_to_repeat
from integrations.mime import Packed
from integrations.outcomes import AccountRefused, broken, refused, waiting_time

__all__ = ["Application", "GraphMail"]

_SERVICE = "Microsoft mail"
_MAY_NOT = "Microsoft does not let us send from the sender's mailbox: the role Mail.Send, or leave to use this mailbox, is missing"
_NO_MAILBOX = "Microsoft knows no mailbox with the sender's address"
#: what Graph takes in one call; base64 makes four bytes of three
MOST_BYTES = 4 * 1024 * 1024


class GraphMail:
    """Sends letters by e-mail from one mailbox of Exchange. `seconds` is how long a call may take, `at_once` how many go side by side."""

    def __init__(
        self,
        application: Application,
        desk: LetterDesk,
        *,
        credential: Credential | None = None,
        seconds: float = 30.0,
        at_once: int = 2,
    ) -> None:
        self._desk = desk
        self._graph = GraphCalls(application, _SERVICE, credential=credential, seconds=seconds)
        self._turns = asyncio.Semaphore(at_once)  # Exchange takes four at once from a mailbox
        self._log = structlog.get_logger("mail")

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """Calendar mail at any time; other mail never."""
        return harmless_to_repeat(letter_kind)

    async def flow(self) -> Flow | None:
        """How letters leave just now; None: as they come."""
        return await self._desk.flow()

    async def warm_up(self) -> None:
        """Load the SDK off the loop. The first letter does it if nobody did."""
        await self._graph.open()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._graph.close()

    async def send(self, letter: Letter) -> Receipt:
        """Hand the letter over; the receipt holds its Message-ID. Raises `Held` where too many have gone."""
        packed = await self._pack(letter)
        async with self._turns, self._desk.turn():
            self._desk.require_in_time(letter)
            try:
                await self._graph.call(lambda line: line.send_mime(packed.sender, packed.content), _meaning)
            except AccountRefused as problem:
                self._log.error("mail is not set up right", reason=problem.reason)
                raise
        return Receipt(packed.message_id)

    async def _pack(self, letter: Letter) -> Packed:
        """The message, without the largest files where it would be too big: they are in chat too, and the letter says so."""
        while True:
            packed = await self._desk.pack_aside(letter)
            if 4 * -(-len(packed.content) // 3) <= MOST_BYTES:
                return packed
            if not letter.attachments:
                raise Permanent("the letter is too big to send")
            largest = max(letter.attachments, key=lambda one: len(one.content))
            letter = replace(letter, attachments=tuple(one for one in letter.attachments if one is not largest))


def _meaning(answer: tuple[int, httpx.Headers] | None, error: Exception) -> OutsideError:
    """What it means that the letter was not accepted. After a fault of theirs, or silence, it may have gone all the same."""
    if answer is None:
        return broken(_SERVICE, error, effect_possible=True)
    status, headers = answer
    if status == httpx.codes.FORBIDDEN:
        return AccountRefused(_MAY_NOT)
    if status == httpx.codes.NOT_FOUND:
        return AccountRefused(_NO_MAILBOX)
    return refused(_SERVICE, status, effect_possible=True, wait=waiting_time(headers))
