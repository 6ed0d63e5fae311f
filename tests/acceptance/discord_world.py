"""What there is on the Discord of the tests: one application, one server, channels, messages; told as Discord tells it."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.acceptance.discord_rules import LOADING, V2, check_message, walk

if TYPE_CHECKING:
    from tests.acceptance.discord_people import Someone

EVERYONE, ORGANISERS = 1 << 11, 1 << 11 | 1 << 33  # send messages; manage events


@dataclass
class Room:
    """A channel of the server, or one person's direct messages."""

    id: int
    name: str
    recipient: int | None = None
    closed: bool = False  #: this person takes no direct messages
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)


class World:
    """The server with its channels and people. `address` is where its files and its gateway are."""

    def __init__(self) -> None:
        self._ids = itertools.count((int(time.time() * 1000) - 1420070400000) << 22)
        self.application_id, self.guild_id, self.organiser_role = self.new_id(), self.new_id(), self.new_id()
        self.people: dict[int, Someone] = {}
        self.rooms: dict[int, Room] = {}
        self.practice_week, self.organisers = self._room("practice-week"), self._room("organisers")
        self.files: dict[str, bytes] = {}
        self.address = ""

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return self.address.replace("http://", "ws://") + "/gateway"

    def new_id(self) -> int:
        """An id that nothing else has."""
        return next(self._ids)

    def _room(self, name: str, recipient: int | None = None) -> Room:
        room = Room(self.new_id(), name, recipient)
        self.rooms[room.id] = room
        return room

    def direct(self, person_id: int) -> Room:
        """The direct messages between the bot and somebody."""
        known = [room for room in self.rooms.values() if room.recipient == person_id]
        return known[0] if known else self._room("direct", person_id)

    # ── as Discord tells it ─────────────────────────────────────────────────────────────────────────────

    def account(self, person_id: int) -> dict[str, Any]:
        """An account as Discord tells it."""
        bot = person_id == self.application_id
        name = "Practice Week" if bot else self.people[person_id].name
        return {"id": str(person_id), "username": name, "discriminator": "0", "avatar": None, "global_name": None, "bot": bot}

    def welcome(self, session_id: str) -> list[tuple[str, dict[str, Any]]]:
        me = str(self.application_id)
        guild = {"id": str(self.guild_id), "unavailable": True}
        ready = {
            "v": 10,
            "user": self.account(self.application_id),
            "guilds": [guild],
            "session_id": session_id,
            "resume_gateway_url": self.gateway_url,
            "application": {"id": me, "flags": 0},
        }
        return [("READY", ready), ("GUILD_CREATE", self.guild())]

    def guild(self) -> dict[str, Any]:
        """The server as Discord tells it."""
        joined = datetime.now(UTC).isoformat()
        member = {"user": self.account(self.application_id), "roles": [], "joined_at": joined, "deaf": False, "mute": False, "flags": 0}
        roles = [(self.guild_id, "@everyone", EVERYONE), (self.organiser_role, "Organisers", ORGANISERS)]
        told = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
        return {
            "id": str(self.guild_id),
            "name": "The partnership",
            "owner_id": "1",
            "member_count": 1 + len(self.people),
            "unavailable": False,
            "roles": [
                {"id": str(id_), "name": name, "permissions": str(may), "position": place, **told}
                for place, (id_, name, may) in enumerate(roles)
            ],
            "channels": [self.channel(room) for room in self.rooms.values() if room.recipient is None],
            "members": [member],
            **{name: [] for name in ("emojis", "stickers", "features", "threads", "voice_states", "presences", "stage_instances")},
            "guild_scheduled_events": [],
        }

    def channel(self, room: Room) -> dict[str, Any]:
        """A channel as Discord tells it."""
        if room.recipient is not None:
            return {"id": str(room.id), "type": 1, "last_message_id": None, "recipients": [self.account(room.recipient)], "flags": 0}
        place = {"guild_id": str(self.guild_id), "position": 0, "permission_overwrites": [], "nsfw": False, "parent_id": None}
        return {"id": str(room.id), "type": 0, "name": room.name, "permissions": str(EVERYONE), "flags": 0, **place}

    # ── messages ────────────────────────────────────────────────────────────────────────────────────────

    def write(self, room: Room, body: dict[str, Any], files: list[str], flags: int) -> dict[str, Any]:
        """A new message. Raises `Refused`."""
        if not flags & LOADING:
            check_message(body, flags, files=len(files))
        message: dict[str, Any] = {"id": str(self.new_id()), "channel_id": str(room.id), "author": self.account(self.application_id)}
        message |= {"type": 0, "timestamp": datetime.now(UTC).isoformat(), "edited_timestamp": None, "flags": flags, "pinned": False}
        message |= {"tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [], "embeds": []}
        message |= {"content": body.get("content") or "", "components": numbered(body), "attachments": self._attached(files)}
        room.messages[int(message["id"])] = message
        return message

    def change(self, message: dict[str, Any], body: dict[str, Any], files: list[str]) -> dict[str, Any]:
        """An edit of a message. Raises `Refused`."""
        flags = (message["flags"] | int(body.get("flags") or 0)) & ~LOADING
        after = message | {name: body[name] for name in ("content", "components") if name in body}
        if flags & V2 and not message["flags"] & V2:
            after["content"] = body.get("content") or ""
        check_message(after, flags, files=len(files))
        message |= {"content": after["content"] or "", "components": numbered(after), "flags": flags}
        message |= {"attachments": self._attached(files), "edited_timestamp": datetime.now(UTC).isoformat()}
        return message

    def _attached(self, files: list[str]) -> list[dict[str, Any]]:
        where = f"{self.address}/files/"
        return [{"id": str(self.new_id()), "filename": n, "size": 1, "url": where + n, "proxy_url": where + n} for n in files]


def numbered(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a message, each with a number of its own."""
    parts: list[dict[str, Any]] = json.loads(json.dumps(body.get("components") or []))
    for number, part in enumerate(walk(parts), 1):
        part.setdefault("id", number)
    return parts
