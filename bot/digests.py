"""The daily message in chat: its card, and whether its reader may still see it.

Roles are Discord's: they are asked for right before the message is sent. Who organises the programme no longer is
forgotten as a reader, and nothing is sent.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.cards import WAIT, card, line
from bot.limits import CARD_TEXT
from bot.organisers.paging import paged
from bot.permissions import organises
from bot.surroundings import Served
from bot.text import plain
from domain.digests import end
from domain.errors import Permanent, Temporary
from domain.letters.matters import DigestMatter
from domain.ports.letters import NOT_OURS, NOT_OURS_FOR_S, Letter
from domain.schedule.telling import counted

LOST = "the reader organises this programme no longer"
STOP = "-# You asked for this each morning. To stop it, use /programme daily in the server."


def digest_card(matter: DigestMatter) -> ui.LayoutView:
    """This morning's list; what does not fit is counted."""
    lines = [f"- {plain(sentence, 800)}" for sentence in matter.sentences]
    first = paged(lines, CARD_TEXT - 900)[0]
    left = len(lines) - first.count("\n- ") - 1
    more = f"{counted(left, 'more thing')}: use /programme attention in the server to see everything." if left else None
    needs = "needs" if len(lines) == 1 else "need"
    head = f"## Good morning. {counted(len(lines), 'thing')} {needs} you\n{plain(matter.programme, 300)}"
    return card((head, line(), first, more, STOP), WAIT)


async def require_reader(bot: discord.Client, letter: Letter) -> None:
    """Raises `Permanent` for who organises the programme no longer, and forgets them."""
    served: Served = bot.served  # type: ignore[attr-defined]  # whoever calls has ours
    around = served.find(letter.partnership_id)
    if around is None:
        raise Temporary(NOT_OURS, retry_after=NOT_OURS_FOR_S)
    programme_id, discord_id = letter.programme_id or 0, letter.recipient.discord_id or 0
    # a process that only sends has no gateway, and so knows no server: it asks
    guild = bot.get_guild(around.guild_id) or await bot.fetch_guild(around.guild_id)
    member = await _member(guild, discord_id)
    if member is None or not await organises(member, around, programme_id):
        await around.store.write(end, around.partnership_id, programme_id, discord_id, now=around.clock())
        raise Permanent(LOST)


async def _member(guild: discord.Guild, discord_id: int) -> discord.Member | Any | None:
    try:
        return await guild.fetch_member(discord_id)
    except discord.NotFound:
        return None
