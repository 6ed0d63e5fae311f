"""The answer to "Which partnership do you mean?": what was typed is done for the one that was chosen."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot.pressing import Press, on_press
from bot.which import SAY_AGAIN
from bot.whose import CHOSEN, GONE
from domain.errors import NotFound


@on_press(SAY_AGAIN)
async def pressed_say_again(press: Press) -> None:
    """In direct messages: do what I typed, for this partnership."""
    command = _command(press)
    interaction = press.interaction
    interaction.extras[CHOSEN] = press.surroundings.partnership_id
    options = {one.name: press.parts["typed"] for one in command.parameters[:1] if press.parts["typed"]}
    await command.callback(interaction, **options)  # type: ignore[call-arg]  # its options are known only when it is typed


def _command(press: Press) -> app_commands.Command[Any, ..., Any]:
    """One of the commands that may be typed in direct messages; no other can be reached like this."""
    found: Any = None
    for name in (press.parts["command"] or "").split(" "):
        known = found.get_command(name) if isinstance(found, app_commands.Group) else press.interaction.client.tree.get_command(name)
        found = known if found is None or isinstance(found, app_commands.Group) else None
    if not isinstance(found, app_commands.Command):
        raise NotFound(GONE)
    return found
