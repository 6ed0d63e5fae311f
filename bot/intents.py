"""What the bot asks of Discord's gateway."""

from __future__ import annotations

import discord


def wanted_intents() -> discord.Intents:
    """The server and its channels; none of it is privileged."""
    return discord.Intents(guilds=True)
