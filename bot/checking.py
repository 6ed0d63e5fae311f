"""Looking at Discord: the token, the intents, and what the bot may do in its server. Nothing is sent and nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import discord

from domain.findings import Finding, Sign, clock_finding, listed, missing, ok, unsure

#: what the bot needs in a channel where a programme stands, by Discord's own names
WANTED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_PRIVILEGED = {
    "members": ("Server Members Intent", ("gateway_guild_members", "gateway_guild_members_limited")),
    "presences": ("Presence Intent", ("gateway_presence", "gateway_presence_limited")),
    "message_content": ("Message Content Intent", ("gateway_message_content", "gateway_message_content_limited")),
}
_PATIENCE_S = 60.0
_PORTAL = "In the Discord Developer Portal, open the application, Bot,"


@dataclass(frozen=True)
class Place:
    """A channel where a programme is posted."""

    programme: str
    channel_id: int


@dataclass(frozen=True)
class Wanted:
    """What the settings and the programmes say."""

    guild_id: int
    organiser_roles: tuple[int, ...]
    places: Sequence[Place]
    intents: discord.Intents


async def look_at_discord(token: str, wanted: Wanted, *, now: datetime) -> list[Finding]:
    """Everything that can be seen without being seen. `now` is by this machine's clock."""
    dates: list[str] = []
    client = discord.Client(intents=discord.Intents(guilds=True), http_trace=_noting(dates), max_ratelimit_timeout=30)
    try:
        async with AsyncExitStack() as stack, asyncio.timeout(_PATIENCE_S):
            stack.push_async_callback(client.close)
            await client.login(token)
            return [ok("Discord knows the bot's token."), *_clock(dates, now), *await _look(client, wanted)]
    except discord.LoginFailure:
        remedy = f"{_PORTAL} Reset Token, and put the new one into PRACTICEWEEK_DISCORD_TOKEN."
        return [missing("Discord does not know the bot's token.", remedy)]
    except (discord.HTTPException, discord.RateLimited, TimeoutError):
        return [unsure("Discord could not tell just now.", "Try again in a few minutes.")]
    except (aiohttp.ClientError, OSError):
        return [missing("Discord could not be reached.", "Look whether this machine has internet, and whether discord.api_base is right.")]


async def _look(client: discord.Client, wanted: Wanted) -> list[Finding]:
    application = await client.application_info()
    found = _intents(application.flags, wanted.intents)
    invite = discord.utils.oauth_url(
        application.id, permissions=discord.Permissions(**dict.fromkeys(WANTED, True)), scopes=("bot", "applications.commands")
    )
    try:
        guild = await client.fetch_guild(wanted.guild_id)
        me = await guild.fetch_member((client.user or application).id)  # an old bot's two ids differ
    except (discord.NotFound, discord.Forbidden):
        said = "The bot is not in the partnership's server, or guild_id is the id of another."
        return [*found, missing(said, f"Check guild_id, then invite the bot: {invite}")]
    found.append(ok(f"The bot is in the server “{guild.name}”."))
    found.append(await _commands(client, application.id, wanted.guild_id, invite))
    found.extend(_roles(guild, wanted.organiser_roles))
    places = [await _place(guild, me, place) for place in wanted.places]
    return [*found, _server(me, places), *places]


def _intents(flags: discord.ApplicationFlags, wanted: discord.Intents) -> list[Finding]:
    """Whether what the bot asks of the gateway is switched on."""
    needed = [(words, names) for name, (words, names) in _PRIVILEGED.items() if getattr(wanted, name)]
    lacking = [words for words, names in needed if not any(getattr(flags, name) for name in names)]
    if lacking:
        return [
            missing(f"Discord does not give the bot the {listed(lacking)}.", f"{_PORTAL} switch it on under Privileged Gateway Intents.")
        ]
    if needed:
        return [ok(f"The bot has the {listed([words for words, _ in needed])}.")]
    return [ok("The bot needs no privileged intent.")]


async def _commands(client: discord.Client, application_id: int, guild_id: int, invite: str) -> Finding:
    try:
        await client.http.get_guild_commands(application_id, guild_id)
    except discord.Forbidden:
        said = "The bot may not add its commands to the server: it was invited without the scope applications.commands."
        return missing(said, f"Invite it again, it stays as it is: {invite}")
    return ok("The bot may add its commands to the server.")


def _roles(guild: discord.Guild, organiser_roles: Iterable[int]) -> list[Finding]:
    """Whether the organisers' roles are there."""
    roles = tuple(organiser_roles)
    if not roles:
        said = "No role is named in organiser_roles: only people who may manage the server can organise."
        return [unsure(said, "Write the ids of the organisers' roles there.")]
    gone = [str(role) for role in roles if guild.get_role(role) is None]
    if gone:
        said = f"The server has no role with the id {listed(gone)}."
        return [missing(said, "Check organiser_roles: in Discord, with Developer Mode on, right-click the role and Copy Role ID.")]
    return [ok(f"The organisers' {'role is' if len(roles) == 1 else 'roles are'} there.")]


async def _place(guild: discord.Guild, me: discord.Member, place: Place) -> Finding:
    """Whether the bot may do in a programme's channel what it has to."""
    try:
        channel = await guild.fetch_channel(place.channel_id)
        # a thread has the permissions of its channel, which this client, with no gateway, has to ask for
        parent = await guild.fetch_channel(channel.parent_id) if isinstance(channel, discord.Thread) else channel
    except discord.Forbidden:
        said = f"The bot cannot see the channel of {place.programme}."
        return missing(said, "In the channel's settings, Permissions, give the bot's role View Channel.")
    except (discord.NotFound, discord.InvalidData):
        said = f"The channel of {place.programme} is no longer there."
        return missing(said, "Publish it in another channel with /programme publish.")
    if isinstance(parent, discord.Thread):  # Discord has no thread in a thread
        return unsure(f"What the bot may do in the channel of {place.programme} could not be told.")
    rights = parent.permissions_for(me)
    names = dict(WANTED)
    if isinstance(channel, discord.Thread):
        names["send_messages_in_threads"] = "Send Messages in Threads"
        names.pop("send_messages")
    lacking = _lacking(rights, names)
    where = f"#{channel.name}, the channel of {place.programme},"
    if lacking:
        said = f"In {where} the bot lacks {listed(lacking)}."
        return missing(said, "In the channel's settings, Permissions, allow it for the bot's role.")
    return ok(f"In {where} the bot may do all it has to.")


def _server(me: discord.Member, places: Sequence[Finding]) -> Finding:
    """The same for the server as a whole: what a new channel will have."""
    lacking = _lacking(me.guild_permissions, WANTED)
    if not lacking:
        return ok("In the server the bot has every permission that it needs.")
    said = f"In the server as a whole the bot lacks {listed(lacking)}."
    remedy = "In Server Settings, Roles, the bot's role: allow it, or allow it in each channel where a programme is published."
    granted = bool(places) and all(one.sign is Sign.OK for one in places)
    return unsure(said, remedy) if granted else missing(said, remedy)


def _lacking(rights: discord.Permissions, names: dict[str, str]) -> list[str]:
    return [words for name, words in names.items() if not getattr(rights, name)]


# ── the time ────────────────────────────────────────────────────────────────────────────────────────────────


def _noting(dates: list[str]) -> aiohttp.TraceConfig:
    """Notes the time that each answer says."""

    async def note(_session: aiohttp.ClientSession, _context: Any, ended: aiohttp.TraceRequestEndParams) -> None:
        dates.append(ended.response.headers.get("Date", ""))

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(note)
    return trace


def _clock(dates: Sequence[str], now: datetime) -> list[Finding]:
    try:
        theirs = parsedate_to_datetime(dates[0])
    except (IndexError, ValueError, TypeError):
        return []
    return clock_finding("Discord", theirs, now)
