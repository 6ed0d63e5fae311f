"""Who may do what in chat. Asked whenever something is pressed, never when it is drawn: a role can be lost in between."""

from __future__ import annotations

from typing import Any

import discord

from bot.surroundings import Surroundings
from domain.audit import by_account
from domain.errors import NotAllowed
from domain.programmes import organiser_roles


async def is_organiser(interaction: discord.Interaction[Any], surroundings: Surroundings, programme_id: int | None = None) -> bool:
    """Whether this person organises the partnership (by role, or by managing the server) or this programme (by its own roles)."""
    person = interaction.user
    if interaction.guild_id != surroundings.guild_id or not isinstance(person, discord.Member):
        return False
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    return await _by_role(person, surroundings, programme_id)


async def organises(member: discord.Member, surroundings: Surroundings, programme_id: int) -> bool:
    """As `is_organiser`, of somebody who has not pressed anything just now."""
    rights = member.guild_permissions
    return rights.manage_guild or rights.administrator or await _by_role(member, surroundings, programme_id)


async def _by_role(member: discord.Member, surroundings: Surroundings, programme_id: int | None) -> bool:
    roles = {role.id for role in member.roles}
    if roles & surroundings.organiser_roles:
        return True
    if programme_id is None:
        return False
    return bool(roles & await surroundings.store.read(organiser_roles, surroundings.partnership_id, programme_id))


async def require_organiser(interaction: discord.Interaction[Any], surroundings: Surroundings, programme_id: int | None = None) -> None:
    """Raises `NotAllowed` for anyone else."""
    if not await is_organiser(interaction, surroundings, programme_id):
        raise NotAllowed("Only organisers can do that. Ask one of them to help you.")


def actor_of(interaction: discord.Interaction[Any]) -> str:
    """How the audit trail names this person."""
    return by_account(interaction.user.id)
