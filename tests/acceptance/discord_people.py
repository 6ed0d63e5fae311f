"""People on the Discord of the tests: they can do what Discord's own program lets them do, and see what it shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.acceptance.discord_rules import EPHEMERAL, Part, length, walk

if TYPE_CHECKING:
    from tests.acceptance.discord_server import Asked, DiscordServer
    from tests.acceptance.discord_world import Room


@dataclass(frozen=True)
class Seen:
    """What a person sees: a message, or a form. `private`: nobody else sees it."""

    text: str
    labels: tuple[str, ...]  #: the words on the buttons that can be pressed
    private: bool
    message: Part | None = field(repr=False, default=None)
    form: Part | None = field(repr=False, default=None)
    room: Any = field(repr=False, default=None)

    @property
    def headline(self) -> str:
        """The first line."""
        return self.text.partition("\n")[0]

    def parts(self, kind: int) -> list[Part]:
        """Every part of a kind."""
        return [part for part in walk((self.form or self.message or {}).get("components", [])) if part["type"] == kind]

    @property
    def options(self) -> dict[str, str]:
        """What its menus offer: value and label."""
        return {option["value"]: option["label"] for menu in self.parts(3) for option in menu["options"]}


def see(message: Part, room: Any) -> Seen:
    """A message as people read it."""
    every = list(walk(message["components"]))
    text = "\n".join(filter(None, [message["content"], *(part["content"] for part in every if part["type"] == 10)]))
    labels = tuple(part["label"] for part in every if part["type"] == 2 and not part.get("disabled"))
    return Seen(text, labels, bool(message["flags"] & EPHEMERAL), message, None, room)


class Someone:
    """A member of the server. `may` are permissions, as Discord's bits."""

    def __init__(self, discord: DiscordServer, id_: int, name: str, roles: tuple[int, ...], may: int) -> None:
        self.discord, self.id, self.name, self.roles, self.may = discord, id_, name, roles, may

    # ── what they do ────────────────────────────────────────────────────────────────────────────────────

    async def command(self, name: str, *, at: Room | None = None, **given: Any) -> Seen:
        """Type a command, such as `my bookings`. A file is given as `(name, bytes)`."""
        at = at or self.discord.practice_week
        return self._seen(await self.discord.interact(2, at, self._told(at, self._command(name, given))))

    async def suggestions(self, name: str, option: str, typed: str, **given: Any) -> dict[str, str]:
        """What is offered while an option is typed: value and words."""
        at = self.discord.practice_week
        asked = await self.discord.interact(4, at, self._told(at, self._command(name, {**given, option: typed}, typing=option)))
        return {choice["value"]: choice["name"] for choice in asked.choices or []}

    async def press(self, seen: Seen, label: str) -> Seen:
        """Press a button of a message."""
        (button,) = [part for part in seen.parts(2) if part.get("label") == label and not part.get("disabled")]
        return await self._component(seen, {"custom_id": button["custom_id"], "component_type": 2, "id": button["id"]})

    async def choose(self, seen: Seen, value: str) -> Seen:
        """Choose from a menu of a message."""
        (menu,) = [part for part in seen.parts(3) if value in [option["value"] for option in part["options"]]]
        return await self._component(seen, {"custom_id": menu["custom_id"], "component_type": 3, "id": menu["id"], "values": [value]})

    async def fill(self, seen: Seen, **answers: str | list[str]) -> Seen:
        """Fill in a form and send it."""
        assert seen.form is not None, "this is no form"
        filled = [self._field(part, answers) for part in seen.form["components"]]
        assert not answers, f"the form does not ask for {sorted(answers)}"
        told = {"custom_id": seen.form["custom_id"], "components": filled}
        return self._seen(await self.discord.interact(5, seen.room, self._told(seen.room, told), seen.message))

    # ── what they see ───────────────────────────────────────────────────────────────────────────────────

    def posted(self, room: Room | None = None) -> list[Seen]:
        """The public messages of a channel, oldest first."""
        room = room or self.discord.practice_week
        return [seen for message in room.messages.values() if not (seen := see(message, room)).private]

    def direct(self) -> list[Seen]:
        """What the bot has written to this person."""
        return self.posted(self.discord.direct(self.id))

    def _seen(self, asked: Asked) -> Seen:
        if asked.form is not None:
            return Seen(asked.form["title"], (), True, asked.pressed, asked.form, asked.room)
        assert asked.message is not None
        return see(asked.message, asked.room)

    # ── as Discord tells it ─────────────────────────────────────────────────────────────────────────────

    def member(self) -> Part:
        """Them in the server, as Discord tells it."""
        member = {"user": self.discord.account(self.id), "roles": [str(role) for role in self.roles], "flags": 0, "nick": None}
        return member | {"joined_at": datetime.now(UTC).isoformat(), "deaf": False, "mute": False, "pending": False, "premium_since": None}

    def _told(self, room: Room, what: Part) -> Part:
        account = self.discord.account(self.id)
        if room.recipient is not None:
            return {"user": account, "context": 1, "data": what, "authorizing_integration_owners": {"0": "0"}}
        member = {**self.member(), "permissions": str(self.may)}
        guild = str(self.discord.guild_id)
        told = {"guild_id": guild, "guild": {"id": guild, "features": [], "locale": "en-GB"}, "guild_locale": "en-GB", "context": 0}
        return {"member": member, "data": what, "authorizing_integration_owners": {"0": guild}, **told}

    async def _component(self, seen: Seen, what: Part) -> Seen:
        assert seen.message is not None
        return self._seen(await self.discord.interact(3, seen.room, self._told(seen.room, what), seen.message))

    def _field(self, part: Part, answers: dict[str, Any]) -> Part:
        """One part of a form as it is sent back. Discord's program sends no form whose fields are not right."""
        if part["type"] == 10:
            return {"type": 10, "id": part["id"]}
        asked = part["component"]
        answer = answers.pop(asked["custom_id"])
        back = {"type": asked["type"], "id": asked["id"], "custom_id": asked["custom_id"]}
        if asked["type"] == 3:
            assert answer, "choose something"
            assert set(answer) <= {option["value"] for option in asked["options"]}
            back["values"] = list(answer)
        else:
            assert asked.get("min_length", 0) <= length(answer) <= asked.get("max_length", 4000), f"{asked['custom_id']}: wrong length"
            back["value"] = answer
        return {"type": 18, "id": part["id"], "component": back}

    def _command(self, name: str, given: dict[str, Any], *, typing: str | None = None) -> Part:
        """A command as it is sent, checked against what the bot has told Discord of it."""
        first, *rest = name.split()
        known = [c for where in (self.discord.guild_id, 0) for c in self.discord.commands.get(where, []) if c["name"] == first]
        assert known, f"there is no command /{first}"
        needs = int(known[0].get("default_member_permissions") or 0)
        assert self.may & needs == needs, f"{self.name} cannot see /{first}"
        told: Part = {"id": known[0]["id"], "name": first, "type": 1, "options": []}
        if known[0].get("guild_id"):
            told["guild_id"] = known[0]["guild_id"]
        inner, described = told, known[0]
        for word in rest:
            (described,) = [option for option in described["options"] if option["name"] == word]
            inner["options"].append({"name": word, "type": described["type"], "options": []})
            inner = inner["options"][0]
        inner["options"], resolved = self._options(described, given, typing)
        return told | ({"resolved": resolved} if resolved else {})

    def _options(self, described: Part, given: dict[str, Any], typing: str | None) -> tuple[list[Part], Part]:
        declared = {option["name"]: option for option in described.get("options") or []}
        assert set(given) <= set(declared), f"unknown options: {sorted(set(given) - set(declared))}"
        missing = [name for name, option in declared.items() if option.get("required") and name not in given]
        assert typing or not missing, f"missing options: {missing}"
        told, resolved = [], {}
        for name, value in given.items():
            option = {"name": name, "type": declared[name]["type"], "value": value}
            if choices := declared[name].get("choices"):
                assert value in [choice["value"] for choice in choices]
            if option["type"] == 7:
                option["value"] = str(value.id)
                resolved["channels"] = {str(value.id): self.discord.channel(value)}
            elif option["type"] == 11:
                file_id = str(self.discord.new_id())
                option["value"], resolved["attachments"] = file_id, {file_id: self._upload(file_id, *value)}
            told.append(option | ({"focused": True} if name == typing else {}))
        return told, resolved

    def _upload(self, file_id: str, name: str, content: bytes) -> Part:
        self.discord.files[file_id] = content
        address = f"{self.discord.address}/files/{file_id}"
        return {"id": file_id, "filename": name, "size": len(content), "url": address, "proxy_url": address}
