"""Where Discord is. A proxy that shares the rate limit between processes, or a stand-in, has another address."""

from __future__ import annotations

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


def point_discord_at(api_base: str | None, gateway_url: str | None) -> None:
    """Use these addresses from now on, before login. discord.py has no parameter for either; this is the one place that knows."""
    if api_base:
        Route.BASE = f"{api_base.rstrip('/')}/api/v10"
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
