"""Discord, acted out: the real bot on the real discord.py, in a server that lives in this process (SimCord).

Every trick that SimCord needs is in this file, `rehearsal.seen` and `rehearsal.forged`. The server has `#practice-week` for everyone and
`#organisers`; people join it, press, choose, type commands and fill forms as in Discord's own program: what they
could not see or press there they cannot press here. Time stands still until `advance_to`.

    async with ChatStandIn(make_bot, start) as chat:
        alice = chat.join("Alice")
        page = await chat.command(alice, "browse")
        day = await chat.choose(alice, page, "2027-03-15")
        card = await chat.choose(alice, day, str(session_id))
        form = await chat.press(alice, card, "Book")
        held = await chat.fill(alice, form, name="Alice", email="…", organisation="…", area=["children"])
        ...
        chat.direct(alice)[-1].text
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import discord
import simcord
from simcord.backend.models import EPHEMERAL_FLAG

from bot.client import PracticeBot
from bot.errors import is_late, root_of, sentence_for
from rehearsal import forged
from rehearsal.seen import Button, Menu, Seen, brought_by, label_of, seen_of, words_on
from rehearsal.transcripts import Transcripts, shown

__all__ = ["GUILD_ID", "ORGANISER_ROLE_ID", "Button", "ChatStandIn", "Clock", "Menu", "Seen", "Someone"]

GUILD_ID = 111_222_333_444_555_666
ORGANISER_ROLE_ID = 111_222_333_444_555_777
ORGANISER_ID = 8_000_000_000_000_001
BOT_NAME = "Practice Week"
#: what `bot.errors` says when the fault is ours
SETTLE_S = 120.0  # a report is drawn in a thread, for seconds on a busy machine
FAULT = "Something went wrong on our side"

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Someone:
    """A person with a Discord account, in the partnership's server or not."""

    name: str
    id: int
    member: Any  #: SimCord's handle; None outside the server
    user: Any


class ChatStandIn:
    """A partnership's server with the real bot in it. `make_bot` is given the clock of the stand-in, and is called at every start."""

    def __init__(self, make_bot: Callable[[Clock], PracticeBot], start: datetime, *, guild_id: int = GUILD_ID) -> None:
        self._make_bot = make_bot
        self._start = start.astimezone(UTC)
        self._guild_id = guild_id
        self._env: simcord.Env | None = None
        self._said = Transcripts()

    async def __aenter__(self) -> Self:
        bot = self._make_bot(self.now)
        env = simcord.Env(bot, check_errors=False, settle_timeout=SETTLE_S)
        env.backend.clock._epoch = self._start
        env.backend.bot_user.name = BOT_NAME
        settle = env._settle_internal

        async def fast(*, idle: float = 0.05, **more: Any) -> None:  # the default waits 50 ms for every private reply
            await settle(idle=0.001, **more)

        env._settle_internal = fast  # type: ignore[method-assign]  # SimCord has no setting for it
        self._env = env
        env.backend.subscribers.append(self._heard)
        await env.start()
        self.guild = env.create_guild("The partnership", id=self._guild_id)
        with self._pinned(ORGANISER_ROLE_ID):
            sees_commands = discord.Permissions(manage_events=True)  # Discord hides organisers' commands from others
            self.organiser_role = self.guild.create_role("Organisers", permissions=sees_commands)
        self.practice_week = self.guild.create_text_channel("practice-week")
        self.organisers = self.guild.create_text_channel("organisers")
        await env.settle()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.env.shutdown()

    # ── the world ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def env(self) -> simcord.Env:
        """SimCord's own handle, for what this class does not offer. Raises `RuntimeError` outside the `async with`."""
        if self._env is None:
            raise RuntimeError("the chat has not started")
        return self._env

    @property
    def bot(self) -> PracticeBot:
        """The bot that runs now."""
        assert isinstance(self.env.bot, PracticeBot)
        return self.env.bot

    def now(self) -> datetime:
        """The present instant of this Discord (UTC)."""
        return self._env.now() if self._env is not None else self._start

    def advance_to(self, instant: datetime) -> None:
        """Let time pass. Nothing is done by that: the ticks are called by whoever travels."""
        self.env.backend.clock.advance(max((instant - self.now()).total_seconds(), 0.0))

    def join(
        self, name: str, *, discord_id: int | None = None, organiser: bool = False, bot: bool = False, outside: bool = False
    ) -> Someone:
        """Somebody comes into the server; `outside`: has an account, but is not in it. `discord_id` pins the account's id."""
        if discord_id is None:
            user = self.env.create_user(name, bot=bot)
        else:
            with self._pinned(discord_id):
                user = self.env.create_user(name, bot=bot)
        roles = [self.organiser_role] if organiser else []
        member = None if outside else self.guild.add_member(user, roles=roles)
        self._said.meet(user.id, name)
        return Someone(name, user.id, member, user)

    async def restart(self) -> None:
        """The bot stops and another one starts, knowing nothing but the database."""
        await self.env.restart_bot(self._make_bot(self.now))

    async def settle(self) -> None:
        """Wait until the bot has done what it was given to do."""
        await self.env.settle()

    def close_messages(self, person: Someone) -> None:
        """This person refuses direct messages from now on."""
        self.env.inject_error(
            "POST",
            f"/channels/{person.user.dm_channel.id}/messages",
            status=403,
            code=50007,
            message="Cannot send messages to this user",
            times=None,
        )

    def fail(self, method: str, path: str, *, status: int, code: int = 0, times: int | None = 1) -> None:
        """Make the next calls of this kind fail; `path` may hold `*`."""
        self.env.inject_error(method, path, status=status, code=code, times=times)

    def mend(self) -> None:
        """Nothing fails any more, and everybody's direct messages are open."""
        self.env.backend.faults.clear()

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────

    async def command(self, person: Someone, name: str, *, at: Any = None, direct: bool = False, **options: Any) -> Seen:
        """Type a command, in `#practice-week`, in the channel `at`, or in direct messages. A file is `(name, bytes)`."""
        words = " ".join((f"/{name}", *(f"{key}:{shown(value)}" for key, value in options.items())))
        if direct:
            result = await person.user.slash(name, **options)
        else:
            result = await person.member.slash(at or self.practice_week, name, **options)
        return self._answer(person, words, result)

    async def suggestions(self, person: Someone, name: str, option: str, typed: str, **filled: Any) -> tuple[tuple[str, str], ...]:
        """What is offered while somebody types an option: (name, value)."""
        choices = await person.member.autocomplete(self.practice_week, name, option, typed, **filled)
        return tuple((choice["name"], str(choice["value"])) for choice in choices)

    async def press(self, person: Someone, message: Seen, label: str | None = None, *, custom_id: str | None = None) -> Seen:
        """Press a button by its label or its id."""
        result = await self._actor(person, message).click(message.handle, label=label, custom_id=custom_id)
        return self._answer(person, f"[{label or words_on(message, custom_id)}]", result)

    async def choose(self, person: Someone, message: Seen, *values: str, menu: str | None = None) -> Seen:
        """Choose from a message's menu, one or several; `menu` is its id where there are several menus."""
        result = await self._actor(person, message).select(message.handle, list(values), custom_id=menu)
        words = ", ".join(label_of(message, value) for value in values) or "nobody"
        return self._answer(person, f"chooses {words}", result)

    async def fill(self, person: Someone, form: Seen, **answers: Any) -> Seen:
        """Send a form back. Texts are strings, choices lists, files `(name, bytes)`."""
        result = await self._actor(person, form).submit_modal(form.handle, answers)
        words = ", ".join(f"{name}: {shown(value)}" for name, value in answers.items())
        return self._answer(person, f"fills in {words}", result)

    async def forge(self, person: Someone, message: Seen, custom_id: str, *, values: Sequence[str] | None = None) -> Seen:
        """Press a button, or choose from a menu, that the message does not have: what a tampered client could send."""
        at = message.channel_id or 0, message.message_id or 0
        result = await forged.press(self.env, self._actor(person, message), at, custom_id, values)
        return self._answer(person, f"forges {custom_id}", result)

    async def forge_form(self, person: Someone, message: Seen, custom_id: str, answers: Mapping[str, str | Sequence[str]]) -> Seen:
        """Send back a form that nobody was given, from beside a message. Texts are strings, choices lists."""
        result = await forged.send_form(self.env, self._actor(person, message), message.channel_id or 0, custom_id, answers)
        return self._answer(person, f"forges {custom_id}", result)

    async def at_once(self, *actions: Callable[[], Any]) -> list[Seen]:
        """Do several things without waiting for one another, as two quick clicks are; then wait for all."""
        env = self.env
        settle = env._settle_internal

        async def not_yet(**_more: Any) -> None:
            return None

        env._settle_internal = not_yet  # type: ignore[method-assign]  # SimCord has no setting for it
        try:
            sent = [seen for seen in [await action() for action in actions] if seen is not None]
        finally:
            env._settle_internal = settle  # type: ignore[method-assign]  # SimCord has no setting for it
        await asyncio.sleep(0)
        await env.settle()
        return [brought_by(self.env, seen.result) for seen in sent]

    # ── what can be seen ────────────────────────────────────────────────────────────────────────────────

    def posted(self, channel: Any = None) -> list[Seen]:
        """The public messages of a channel (`#practice-week` unless told otherwise), oldest first."""
        return [seen for seen in self._in((channel or self.practice_week).id) if not seen.private]

    def look(self, message: Seen) -> Seen:
        """The same message as it is now."""
        return seen_of(self.env, self.env.backend.get_message(message.channel_id or 0, message.message_id or 0))

    def direct(self, person: Someone) -> list[Seen]:
        """The bot's direct messages to somebody, oldest first."""
        return [seen for seen in self._in(person.user.dm_channel.id) if not seen.private]

    def delivered(self) -> list[tuple[int, int, datetime]]:
        """Every direct message of the bot: its id, the account that has it, and when it came (UTC)."""
        backend, bot = self.env.backend, self.env.backend.bot_user.id
        return [
            (message.id, account, datetime.fromisoformat(message.timestamp))
            for account, channel in sorted(backend.dm_channels.items())
            for _, message in sorted(backend.messages.get(channel, {}).items())
            if message.author_id == bot and not message.flags & EPHEMERAL_FLAG
        ]

    def transcripts(self) -> dict[str, str]:
        """Everything that was said: a text for each channel, and one for each person's private replies and direct messages."""
        return self._said.texts()

    def shown_to(self) -> dict[int, str]:
        """The same of each person, by their account."""
        return self._said.of_people()

    def faults(self) -> list[BaseException]:
        """What the bot raised and had no sentence for: empty when all is well."""
        return [error for error in map(root_of, self.env.errors) if sentence_for(error) is None and not is_late(error)]

    # ── SimCord's tricks ────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _pinned(self, wanted: int) -> Iterator[None]:
        """The next thing that is made gets this id."""
        backend = self.env.backend
        backend.reserve_id(wanted)
        backend.snowflake = lambda: wanted  # type: ignore[method-assign]  # SimCord has no setting for it
        try:
            yield
        finally:
            del backend.snowflake

    def _actor(self, person: Someone, message: Seen) -> Any:
        """SimCord lets a member act in a server and an account in its direct messages."""
        direct = self.env.backend.dm_channels.get(person.id) == message.channel_id
        return person.user if direct or person.member is None else person.member

    def _in(self, channel_id: int) -> list[Seen]:
        stored = self.env.backend.messages.get(channel_id, {})
        return [seen_of(self.env, message) for _, message in sorted(stored.items())]

    def _answer(self, person: Someone, words: str, result: Any) -> Seen:
        seen = brought_by(self.env, result)
        if seen.text.startswith(FAULT):
            raise RuntimeError(f"the bot failed when {person.name} did {words}; its log has the reason")
        self._said.answered(person.name, words, seen, now=self.now())
        return seen

    def _heard(self, event: str, payload: Any) -> None:
        """Write down what is said in channels and in direct messages."""
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or int(payload.get("flags") or 0) & EPHEMERAL_FLAG:
            return
        backend = self.env.backend
        channel = backend.channels.get(int(payload["channel_id"]))
        if channel is None:
            return
        to = self._said.name_of(channel.recipient_ids[0]) if channel.recipient_ids else f"#{channel.name}"
        message = backend.messages.get(channel.id, {}).get(int(payload["id"]))
        if message is None:
            return
        self._said.said(to, seen_of(self.env, message), changed=event == "MESSAGE_UPDATE", now=self.now())
