"""Messages that leave by themselves: letters as direct messages, and a programme's days in a channel.

What Discord answers is told as the domain's three words: permanent, temporary, unknown. discord.py has repeated 429 and
most of 5xx by then.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

import aiohttp
import discord

from bot.day_cards import day_page, pages_of
from bot.digests import require_reader
from bot.files import attach
from bot.letter_cards import letter_card
from bot.limits import NONCE
from bot.marks import mark
from bot.requests import NotNow
from domain.errors import ChatClosed, Held, Permanent, Temporary, Unknown
from domain.kinds import Kind
from domain.letters.turn import require_turn
from domain.limits import DISCORD, MESSAGES, Flow, Unlimited
from domain.ports.board import Shown
from domain.ports.letters import NOT_OURS, NOT_OURS_FOR_S, Letter, Receipt
from domain.ports.limits import Limits
from domain.views import DayView

CLOSED = (50007, 50278)  # direct messages are refused; no server in common
UNKNOWN_MESSAGE = 10008
TURNED_AWAY = (0, 40333)  # of a 403: no answer of Discord's own, but of what stands before it
NONCE_HOLDS_S = 120.0  # Discord remembers a nonce for some minutes; rely on two
PATIENCE_S = 60.0


class DirectMessages:
    """The chat channel of the ledger. A repeat within two minutes is one message: its nonce is the notice's id.

    `limits` keeps messages well under Discord's 50 requests a second, so that the bot can answer meanwhile; None: as fast as they come.
    `whose` are the partnerships whose letters go by it; None: anybody's. Of several, the buttons carry whose letter it is, because a
    direct message comes from no server. `clock` tells whether a letter's turn is over by the time that Discord is ready for it; None:
    nobody else can have the letter.
    """

    def __init__(
        self,
        bot: discord.Client,
        *,
        limits: Limits | None = None,
        whose: Collection[int] | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._bot = bot
        self._whose = whose
        self._limits = limits or Unlimited()
        self._clock = clock

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """Whether Discord still knows the nonce."""
        return seconds < NONCE_HOLDS_S

    async def flow(self) -> Flow | None:
        """How messages leave just now; None: as they come."""
        return await self._limits.flow(MESSAGES, DISCORD)

    async def send(self, letter: Letter) -> Receipt:
        """Send a letter to its person."""
        if letter.recipient.discord_id is None:
            raise Permanent("no Discord account is known")
        _kept_here(letter, self._whose)
        card = letter_card(letter)
        files = attach(card, letter.attachments)
        if self._whose is not None and len(self._whose) > 1:
            mark(card, letter.partnership_id)
        card.stop()
        _logged_in(self._bot)
        await self._limits.take(MESSAGES)
        with told(handed_over=False):
            async with asyncio.timeout(PATIENCE_S):
                if letter.kind is Kind.DIGEST:
                    await require_reader(self._bot, letter)
                channel = await self._bot.create_dm(discord.Object(letter.recipient.discord_id))
        if self._clock is not None:
            require_turn(letter, self.harmless_to_repeat, self._clock())
        with told(handed_over=True):
            async with asyncio.timeout(PATIENCE_S):
                message = await channel.send(view=card, nonce=letter.notice_id, files=files)
        return Receipt(str(message.id))

    async def take_back(self, discord_id: int, external_id: str) -> None:
        """Delete a message that was sent to this account, as `SentMessages`."""
        _logged_in(self._bot)
        await self._limits.take(MESSAGES)
        with told(handed_over=False):
            async with asyncio.timeout(PATIENCE_S):
                channel = await self._bot.create_dm(discord.Object(discord_id))
                try:
                    await channel.get_partial_message(int(external_id)).delete()
                except discord.NotFound:
                    return


class BoardMessages:
    """The board channel of the ledger: a message in a programme's channel. A repeat within two minutes is one message."""

    def __init__(
        self,
        bot: discord.Client,
        guild_id: int | None = None,
        *,
        limits: Limits | None = None,
        whose: Collection[int] | None = None,
    ) -> None:
        self._bot = bot
        self._guild_id = guild_id
        self._whose = whose
        self._limits = limits or Unlimited()

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        """Whether Discord still knows the nonce."""
        return seconds < NONCE_HOLDS_S

    async def flow(self) -> Flow | None:
        """There are few; they wait only where Discord has asked us to."""
        return await self._limits.flow(DISCORD)

    async def send(self, letter: Letter) -> Receipt:
        """Post a letter where its programme is posted. It pings nobody."""
        if letter.channel_id is None:
            raise Permanent("the programme is posted in no channel")
        _kept_here(letter, self._whose)
        card = letter_card(letter)
        card.stop()
        _logged_in(self._bot)
        channel = self._bot.get_partial_messageable(letter.channel_id, guild_id=self._guild_id)
        with told(handed_over=True):
            async with asyncio.timeout(PATIENCE_S):
                message = await channel.send(view=card, nonce=letter.notice_id, allowed_mentions=discord.AllowedMentions.none())
        return Receipt(str(message.id))


class ChannelBoard:
    """The channels of the servers, where a programme's days are posted and kept true."""

    def __init__(self, bot: discord.Client, guild_id: int | None = None) -> None:
        self._bot = bot
        self._guild_id = guild_id

    def pages(self, day: DayView) -> int:
        """How many messages this day needs."""
        return pages_of(day)

    async def show(self, day: DayView, page: int, channel_id: int, message_id: int | None, *, nonce: str) -> Shown:
        """Post a page of a day, or edit it where it stands; a deleted message is posted anew."""
        card = day_page(day, page)
        card.stop()
        _logged_in(self._bot)
        channel = self._bot.get_partial_messageable(channel_id, guild_id=self._guild_id)
        with told(handed_over=message_id is None):  # an edit may be repeated
            async with asyncio.timeout(PATIENCE_S):
                if message_id is not None:
                    try:
                        await channel.get_partial_message(message_id).edit(view=card)
                        return Shown(message_id)
                    except discord.NotFound as gone:
                        if gone.code != UNKNOWN_MESSAGE:
                            raise
                return Shown((await channel.send(view=card, nonce=_nonce(nonce, channel_id, message_id))).id)


def _nonce(posting: str, channel_id: int, deleted: int | None) -> str:
    """The same for the same message: in another channel, or in place of one that was deleted, it is another message."""
    return hashlib.sha256(f"{posting}:{channel_id}:{deleted}".encode()).hexdigest()[:NONCE]


def _kept_here(letter: Letter, whose: Collection[int] | None) -> None:
    """Raises `Temporary` for a letter of a partnership that this process does not keep: another may."""
    if whose is not None and letter.partnership_id not in whose:
        raise Temporary(NOT_OURS, retry_after=NOT_OURS_FOR_S)


def _logged_in(bot: discord.Client) -> None:
    """Raises `Temporary` before discord.py can send anything: Discord was away when the program started."""
    if bot.user is None:
        raise Temporary("Discord could not be reached")


@contextmanager
def told(*, handed_over: bool) -> Iterator[None]:
    """Tell Discord's answers in the domain's words. `handed_over`: what dies on the way may have been done all the same."""
    try:
        yield
    except NotNow as limited:
        raise Held("Discord has asked us to wait", retry_after=limited.retry_after) from None
    except discord.RateLimited as limited:
        raise Temporary("Discord asked us to wait", retry_after=limited.retry_after) from None
    except discord.HTTPException as refused:
        raise _refusal(refused) from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise Temporary("Discord could not be reached") from None
    except (TimeoutError, aiohttp.ClientError, OSError):
        raise (Unknown if handed_over else Temporary)("the connection to Discord broke off") from None


def _refusal(refused: discord.HTTPException) -> Permanent | Temporary:
    if refused.code in CLOSED:
        return ChatClosed("direct messages are closed")
    turned_away = refused.status == 401 or (refused.status == 403 and refused.code in TURNED_AWAY)
    if turned_away or refused.status == 429 or refused.status >= 500:
        return Temporary(f"Discord answered {refused.status}")
    return Permanent(f"Discord answered {refused.status} (code {refused.code})")
