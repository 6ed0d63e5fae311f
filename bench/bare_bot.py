"""The bot that ours is measured against: discord.py and one command, nothing else.

`python -m bench.bare_bot API_BASE GATEWAY_URL TOKEN SERVER_ID`, until it is stopped.
"""

from __future__ import annotations

import sys

import discord
import yarl
from discord import app_commands


class BareBot(discord.Client):
    """One command, made known to one server, as discord.py's own examples do it."""

    def __init__(self, server_id: int) -> None:
        super().__init__(intents=discord.Intents.default())
        self.server = discord.Object(server_id)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Before it connects: the command, and its list to Discord."""

        @self.tree.command(name="hello", description="Say hello", guild=self.server)
        async def hello(interaction: discord.Interaction[BareBot]) -> None:
            await interaction.response.send_message("Hello", ephemeral=True)

        await self.tree.sync(guild=self.server)


def main(api_base: str, gateway_url: str, token: str, server_id: str) -> None:
    """Run it."""
    discord.http.Route.BASE = f"{api_base}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    BareBot(int(server_id)).run(token, log_handler=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
