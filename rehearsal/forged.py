"""What a tampered client could send to the acted-out Discord: presses, choices and forms that nobody was offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import simcord
from simcord.actors import _component_interaction, _dispatch_actor_interaction
from simcord.builders import ChannelHandle
from simcord.enums import InteractionType


async def press(env: simcord.Env, actor: Any, message: tuple[int, int], custom_id: str, values: Sequence[str] | None) -> Any:
    """A button, or with `values` a menu, that the message (its channel and id) does not have."""
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": 2 if values is None else 3}
    if values is not None:
        data["values"] = list(values)
    stored = env.backend.get_message(*message)
    kept = stored.components
    stored.components = forged = [{"type": 1, "components": [_part(data)]}]  # discord.py looks the pressed part up in its message
    try:
        with _operation(env):
            return await _component_interaction(actor, stored, data)
    finally:
        if stored.components is forged:
            stored.components = kept


async def send_form(env: simcord.Env, actor: Any, channel: int, custom_id: str, answers: Mapping[str, str | Sequence[str]]) -> Any:
    """A form that nobody was given. Texts are strings, choices lists."""
    sent = [{"custom_id": name, "type": 4, "value": given} for name, given in answers.items() if isinstance(given, str)]
    sent += [{"custom_id": name, "type": 3, "values": list(given)} for name, given in answers.items() if not isinstance(given, str)]
    data = {"custom_id": custom_id, "components": [{"type": 18, "id": at, "component": one} for at, one in enumerate(sent, 1)]}
    there = ChannelHandle(env, getattr(actor, "guild", None), env.backend.get_channel(channel))
    with _operation(env):
        return await _dispatch_actor_interaction(actor, InteractionType.MODAL_SUBMIT, there, data)


@contextmanager
def _operation(env: simcord.Env) -> Iterator[None]:
    """SimCord takes note of what is done in between as one thing."""
    try:
        env._begin_operation("forge")
        yield
    finally:
        env._end_operation()


def _part(data: dict[str, Any]) -> dict[str, Any]:
    if data["component_type"] == 2:
        return {"type": 2, "style": 2, "label": "forged", "custom_id": data["custom_id"]}
    options = [{"label": value[:100] or "-", "value": value} for value in data["values"]]
    return {"type": 3, "custom_id": data["custom_id"], "options": options}
