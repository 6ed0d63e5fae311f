"""The bot: a Discord client that parses, calls one use case and renders the outcome. All its state is the database's."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.buttons import DYNAMIC_ITEMS, FORMS
from bot.cogs import COGS, EVERYWHERE
from bot.errors import reply_error
from bot.intents import wanted_intents
from bot.pressing import answers_of, run, sent
from bot.requests import share
from bot.surroundings import Served, Surroundings
from bot.together import Together
from bot.typed import Typed
from bot.whose import is_welcome
from domain.errors import NotFound
from domain.limits import Unlimited
from domain.ports.limits import Limits

_log = structlog.get_logger(__name__)

PREFIX = "pw:"  # every custom id of ours


class Commands(app_commands.CommandTree["PracticeBot"]):
    """The commands. Bots are ignored, other servers refused, errors answered in one place."""

    async def interaction_check(self, interaction: discord.Interaction[PracticeBot], /) -> bool:
        try:
            return is_welcome(interaction)
        except Exception as refused:
            if interaction.type is discord.InteractionType.application_command:
                await reply_error(interaction, refused)
            return False

    async def on_error(self, interaction: discord.Interaction[PracticeBot], error: app_commands.AppCommandError, /) -> None:
        await reply_error(interaction, error)


class PracticeBot(discord.Client):
    """The bot of one partnership or several. `await bot.start(token)` runs it; nothing happens before.

    `limits`: each request waits for its turn among those of all processes.
    """

    def __init__(self, *each: Surroundings, limits: Limits | None = None) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never speak
        super().__init__(
            intents=wanted_intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=30,  # a longer wait is the ledger's to wait out
            http_trace=share(limits or Unlimited()),
        )
        self.served = Served(each)
        self.typed = Typed()
        self.together = Together()
        self.tree = Commands(self)
        for add_everywhere in EVERYWHERE:
            add_everywhere(self.tree)
        for one in each:
            for add in COGS:
                add(self.tree, one)

    async def setup_hook(self) -> None:
        """Before the gateway: know the buttons of every message ever sent, and tell Discord the commands."""
        self.add_dynamic_items(*DYNAMIC_ITEMS)
        told = [one for one in self.served.each if one.sync_commands]
        if told:
            await self.tree.sync()
            await asyncio.gather(*(self._sync(one) for one in told))

    async def _sync(self, one: Surroundings) -> None:
        try:
            await self.tree.sync(guild=one.guild)
        except discord.Forbidden:
            _log.error(
                "the bot may not add commands to the server: invite it with the scope applications.commands", partnership=one.partnership_id
            )

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Forms come back here; so does a button of ours that nobody handles any more."""
        custom_id = str(sent(interaction).get("custom_id", ""))
        if not custom_id.startswith(PREFIX):
            return
        if interaction.type is discord.InteractionType.modal_submit:
            await self._form_came(interaction, custom_id)
        elif not any(item.__discord_ui_compiled_template__.fullmatch(custom_id) for item in DYNAMIC_ITEMS):
            await reply_error(interaction, NotFound("This button does not work any more. Use /browse to find the session."))

    async def _form_came(self, interaction: discord.Interaction[Any], custom_id: str) -> None:
        for form in FORMS:
            match = form.template.fullmatch(custom_id)
            if match is not None:
                await run(form.handler, interaction, match.groupdict(), answers=answers_of(interaction))
                return
        await reply_error(interaction, NotFound("This form does not work any more. Please start again."))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        _log.exception("a Discord event could not be handled", gateway_event=event_method)
