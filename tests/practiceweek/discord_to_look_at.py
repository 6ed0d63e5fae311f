"""The strict Discord of the tests, with what a look at it asks for: the application's flags, the server, its channels, the bot's rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.acceptance.discord_rules import Refused
from tests.acceptance.discord_server import API, DiscordServer, _json
from tests.acceptance.discord_world import Room

#: View Channel, Send Messages, Embed Links, Attach Files, Read Message History
ALL = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16
SEND, ATTACH, SEND_IN_THREADS = 1 << 11, 1 << 15, 1 << 38


@dataclass(eq=False)
class DiscordToLookAt(DiscordServer):
    """`rights` are the bot's own in the server, `denied` by channel, `unseen` channels it may not see, `threads` by their channel."""

    rights: int = ALL
    flags: int = 0
    invited: bool = True
    commands_scope: bool = True
    denied: dict[int, int] = field(default_factory=dict)
    unseen: set[int] = field(default_factory=set)
    threads: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        DiscordServer.__init__(self)
        self.bot_role = self.new_id()

    def add_channel(self, name: str) -> Room:
        """A channel more."""
        return self._room(name)

    def _routes(self) -> list[web.RouteDef]:
        return [
            *super()._routes(),
            web.get(f"{API}/channels/{{channel}}", self._channel, allow_head=False),
            web.get(f"{API}/applications/{{application}}/guilds/{{guild}}/commands", self._commands_told, allow_head=False),
        ]

    async def _application(self, request: web.Request) -> web.Response:
        told = {"name": "Practice Week", "description": "", "icon": None, "bot_public": False, "bot_require_code_grant": False}
        owner = {**self.account(self.application_id), "id": "1"}
        return _json({"id": str(self.application_id), "owner": owner, "verify_key": "", "flags": self.flags, **told})

    async def _server(self, request: web.Request) -> web.Response:
        if int(request.match_info["guild"]) != self.guild_id or not self.invited:
            raise Refused(404, 10004, "Unknown Guild")
        told = self.guild()
        told["roles"][0]["permissions"] = "0"
        told["roles"].append({**told["roles"][1], "id": str(self.bot_role), "name": "Practice Week", "permissions": str(self.rights)})
        return _json(told)

    async def _member(self, request: web.Request) -> web.Response:
        member: dict[str, Any] = self.guild()["members"][0]
        return _json({**member, "roles": [str(self.bot_role)]})

    async def _channel(self, request: web.Request) -> web.Response:
        room = self._room_of(request)
        if room.id in self.unseen:
            raise Refused(403, 50001, "Missing Access")
        if room.id in self.threads:
            return _json(self._thread(room.id, room.name))
        denied = {"id": str(self.bot_role), "type": 0, "allow": "0", "deny": str(self.denied.get(room.id, 0))}
        return _json({**self.channel(room), "permission_overwrites": [denied]})

    def _thread(self, number: int, name: str) -> dict[str, Any]:
        """A thread has no permissions of its own."""
        began = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": "2027-03-01T09:00:00+00:00", "locked": False}
        told = {"id": str(number), "type": 11, "name": name, "guild_id": str(self.guild_id), "parent_id": str(self.threads[number])}
        return {**told, "owner_id": "1", "thread_metadata": began, "message_count": 0, "member_count": 1, "rate_limit_per_user": 0}

    async def _commands_told(self, request: web.Request) -> web.Response:
        if not self.commands_scope:
            raise Refused(403, 50001, "Missing Access")
        return _json([])
