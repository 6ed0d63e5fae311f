"""Which partnership somebody means: the one whose server they are in. A direct message comes from no server.

There it is what the button or the typed code carries; else the one in which we know them. Who is known in several is asked which
they mean (`bot.which`). Nothing is ever put together from two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.marks import meant_by, without_end
from bot.surroundings import Served, Surroundings
from domain.errors import NotAllowed, NotFound, Refusal
from domain.whereabouts import known_in, of_code

NOT_HERE = "This does not work in this server. Please do it in your partnership's server."
DO_IT_THERE = "Please do this in your partnership's server."
WHICH = "Which partnership do you mean? You are in more than one."
GONE = "This does not work any more. Please type the command again."
CHOSEN = "partnership"  # in an interaction's extras: what was chosen when we asked
#: these open a form for a code, and the code says whose it is
ASKS_FOR_A_CODE = ("pw:invited:enter", "pw:accept", "my accept")
TAKES_A_CODE = ("pw:form:invited", "pw:form:accept")
INVITED = "invited"  #: so does this command, for who was let in nowhere yet


class SeveralMeant(Refusal):
    """Which partnership do you mean? You are in more than one."""

    def __init__(self, partnerships: tuple[Surroundings, ...]) -> None:
        super().__init__(WHICH)
        self.partnerships = partnerships


def is_welcome(interaction: discord.Interaction[Any]) -> bool:
    """Whether to answer at all: bots are ignored. Raises `NotAllowed` for a server that is no partnership's."""
    if interaction.user.bot:
        return False
    if interaction.guild_id is not None:
        _here(interaction)
    return True


async def around_of(interaction: discord.Interaction[Any], *, end: str | None = None, code: str = "") -> Surroundings:
    """The partnership that is meant. `end` is a mark of the id that was pressed, `code` what was typed as one.

    Raises `NotAllowed`, `NotFound`, and `SeveralMeant` where it has to be asked.
    """
    served: Served = interaction.client.served
    if interaction.guild_id is not None:
        return _here(interaction)
    if len(served.each) == 1:
        return served.each[0]
    chosen = interaction.extras.get(CHOSEN)
    known = tuple(served.of(one) for one in await served.store.read(known_in, interaction.user.id, served.ids))
    carried = await _of_code(interaction, served, code) if code else None
    if carried is not None:
        return carried
    meant = chosen if chosen is not None else meant_by(end)
    if meant is not None and any(one.partnership_id == meant for one in known):
        return served.of(meant)
    if code or _asks_for_a_code(interaction):  # whose it is shows when it is typed; who guesses is counted in one place
        return known[0] if known else served.each[0]
    if meant is not None:
        raise NotFound(GONE)
    if not known:
        if _name_of(interaction) == INVITED:
            return served.each[0]
        raise NotAllowed(DO_IT_THERE)
    if len(known) > 1:
        raise SeveralMeant(known)
    return known[0]


async def offered_to(interaction: discord.Interaction[Any]) -> Surroundings | None:
    """As `around_of`, for what is shown while somebody types: None where it is not clear whose it would be."""
    try:
        return await around_of(interaction)
    except (SeveralMeant, NotAllowed):
        return None


def code_in(interaction: discord.Interaction[Any], parts: Mapping[str, str | None], answers: Mapping[str, str | tuple[str, ...]]) -> str:
    """The code that was pressed or typed, if any."""
    if "transfer" in parts and "digits" in parts:
        return f"{parts['transfer']}-{parts['digits']}"
    typed = answers.get("code", "") if _pressed(interaction) in TAKES_A_CODE else ""
    return typed if isinstance(typed, str) else ""


def _here(interaction: discord.Interaction[Any]) -> Surroundings:
    around: Surroundings | None = interaction.client.served.in_server(interaction.guild_id)
    if around is None:
        raise NotAllowed(NOT_HERE)
    return around


async def _of_code(interaction: discord.Interaction[Any], served: Served, code: str) -> Surroundings | None:
    found = await served.store.read(of_code, interaction.user.id, code, served.ids, now=served.each[0].clock())
    return served.of(found) if found is not None else None


def _asks_for_a_code(interaction: discord.Interaction[Any]) -> bool:
    return _pressed(interaction) in ASKS_FOR_A_CODE or _name_of(interaction) in ASKS_FOR_A_CODE


def _pressed(interaction: discord.Interaction[Any]) -> str:
    """The id that was pressed or sent back, without its mark."""
    told: dict[str, Any] = dict(interaction.data or {})
    return without_end(told.get("custom_id", ""))


def _name_of(interaction: discord.Interaction[Any]) -> str:
    """The command that was typed, if one was."""
    return interaction.command.qualified_name if interaction.command is not None else ""
