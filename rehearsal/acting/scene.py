"""A scene: some of the people of a rehearsal doing one thing together, each act at its instant."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from rehearsal.chat import ChatStandIn, Seen, Someone
from rehearsal.organiser import Organiser
from rehearsal.practitioners import Practitioner
from rehearsal.seen import has
from rehearsal.stage import Stage
from rehearsal.timeline import Moment, moment
from rehearsal.way import Act

#: what every scene is made of, in order
Standing: TypeAlias = tuple[
    Stage,
    random.Random,
    list[Moment],
    Organiser,
    Sequence[Practitioner],
    Callable[[datetime, Act], None],
    Callable[[int], Awaitable[None]],
]

__all__ = ["Act", "Scene", "Standing", "details_given", "fields_of", "has", "id_that_starts"]

#: how often somebody looks for a mail, a minute apart, before they give up
LOOKS = 180


@dataclass
class Scene:
    """What every scene has. `at` puts an act on the list of acts; `watch` has a new session ticked off and asked about at its end."""

    stage: Stage
    dice: random.Random
    acts: list[Moment]
    organiser: Organiser
    practitioners: Sequence[Practitioner]
    at: Callable[[datetime, Act], None]
    watch: Callable[[int], Awaitable[None]]

    @property
    def chat(self) -> ChatStandIn:
        """Where they act."""
        return self.stage.chat

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.stage.clock()

    async def order(self, command: str, **options: Any) -> Seen:
        """A command of the organiser."""
        return await self.chat.command(self.organiser.someone, command, **options)

    async def press(self, seen: Seen, label: str) -> Seen:
        """A press of the organiser."""
        return await self.chat.press(self.organiser.someone, seen, label)

    async def write(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """A use case, for this partnership, now."""
        return await self.stage.store.write(use_case, self.stage.partnership_id, *args, now=self.now, **kwargs)

    def note(self, what: str, *, person: str = "organiser", session: str = "", outcome: str = "", channel: str = "chat") -> None:
        """A line of the timeline. `channel`: the door that they came by."""
        told = {"session": session, "person": person, "channel": channel, "outcome": outcome}
        self.acts.append(moment(self.now, what, order=len(self.acts), **told))

    def mail_with(self, address: str, pattern: re.Pattern[str]) -> str | None:
        """What fits in the last mail to an address in which anything does."""
        for arrived in self.stage.mailbox.newest_to(address):
            if found := pattern.search(arrived.plain):
                return "".join(found.groups())
        return None

    def when_mail_is_there(self, address: str, pattern: re.Pattern[str], act: Callable[[str], Awaitable[None]], looks: int = LOOKS) -> Act:
        """An act that waits for a mail, looking once a minute: the server may put it off."""

        async def look() -> None:
            if (found := self.mail_with(address, pattern)) is not None:
                await act(found)
            elif looks:
                self.at(self.now + timedelta(minutes=1), self.when_mail_is_there(address, pattern, act, looks - 1))

        return look


def id_that_starts(seen: Seen, prefix: str) -> str | None:
    """The first button that can be pressed whose id begins so."""
    return next((b.custom_id for b in seen.buttons if b.custom_id and b.custom_id.startswith(prefix) and not b.disabled), None)


def fields_of(form: Seen) -> tuple[str, ...]:
    """What a form asks for."""
    parts = (form.form or {}).get("components", ())
    return tuple(part["component"]["custom_id"] for part in parts if "component" in part)


async def details_given(chat: ChatStandIn, who: Someone, form: Seen, answers: dict[str, Any]) -> Seen:
    """Send a form back with those of the answers that it asks for."""
    return await chat.fill(who, form, **{name: answers[name] for name in fields_of(form)})
