"""Which programmes and sessions an organiser may touch, and what is offered while they type."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.limits import CHOICE_NAME, CHOICES
from bot.organisers.private_people import require_sight
from bot.permissions import is_organiser, require_organiser
from bot.pressing import Press
from bot.surroundings import Surroundings
from bot.text import bare, when_short
from domain.errors import NotAllowed
from domain.models import ProgrammeState
from domain.organising import SessionDesk, find_desk_sessions, organised, pick_desk_session, pick_programme, session_desk
from domain.picking import Found
from domain.programmes import ProgrammeView


async def roles_of(interaction: discord.Interaction[Any], surroundings: Surroundings) -> frozenset[int] | None:
    """None for an organiser of the whole partnership; else the person's roles, which may organise programmes."""
    if await is_organiser(interaction, surroundings):
        return None
    person = interaction.user
    return frozenset(role.id for role in person.roles) if isinstance(person, discord.Member) else frozenset()


async def organised_programme(press: Press, typed: str) -> ProgrammeView:
    """The programme that was chosen, for who organises it. Raises `NotAllowed` for anyone else, before it says whether there is one."""
    around = press.surroundings
    mine = await around.store.read(organised, around.partnership_id, await roles_of(press.interaction, around))
    if not mine:
        await require_organiser(press.interaction, around)
    chosen = await around.store.read(pick_programme, around.partnership_id, typed)
    await require_organiser(press.interaction, around, chosen.id)
    return chosen


async def chosen_session(press: Press, typed: str, *, begun: bool = False) -> SessionDesk:
    """The session whose reference or title was typed, for who organises its programme. Raises `NotAllowed` for anyone else."""
    around = press.surroundings
    roles = await _roles_of_organiser(press)
    session_id = await around.store.read(pick_desk_session, around.partnership_id, typed, roles, now=around.clock(), begun=begun)
    return await organised_session(press, session_id)


async def organised_session(press: Press, session_id: int) -> SessionDesk:
    """The session of a button or a form, for who organises its programme and, if it is private, may see it. Else raises `NotAllowed`."""
    around = press.surroundings
    await _roles_of_organiser(press)
    desk = await around.store.read(session_desk, around.partnership_id, session_id)
    await require_organiser(press.interaction, around, desk.programme_id)
    await require_sight(press, desk)
    return desk


async def require_any_organiser(press: Press) -> None:
    """Raises `NotAllowed` for who organises nothing: before anything is said of what a button is about."""
    await _roles_of_organiser(press)


async def _roles_of_organiser(press: Press) -> frozenset[int] | None:
    """As `roles_of`. Raises `NotAllowed` for who organises nothing, before it is said whether there is such a session."""
    around = press.surroundings
    roles = await roles_of(press.interaction, around)
    if roles is not None and not await around.store.read(organised, around.partnership_id, roles):
        raise NotAllowed("Only organisers can do that. Ask one of them to help you.")
    return roles


# ── while they type ─────────────────────────────────────────────────────────────────────────────────────────


async def programme_choices(
    interaction: discord.Interaction[Any], surroundings: Surroundings, typed: str
) -> list[app_commands.Choice[str]]:
    """This organiser's programmes, drafts among them."""
    mine = await surroundings.store.read(organised, surroundings.partnership_id, await roles_of(interaction, surroundings))
    words = typed.casefold().split()
    found = [one for one in mine if all(word in one.title.casefold() for word in words)]
    return [app_commands.Choice(name=_programme_name(one), value=str(one.id)) for one in found[:CHOICES]]


def _programme_name(one: ProgrammeView) -> str:
    draft = " (draft)" if one.state is ProgrammeState.DRAFT else ""
    return f"{bare(one.title, CHOICE_NAME - len(draft) - 18)} · {one.starts_on:%d/%m/%Y}{draft}"


async def session_choices(
    interaction: discord.Interaction[Any], surroundings: Surroundings, typed: str, *, begun: bool = False
) -> list[app_commands.Choice[str]]:
    """Sessions of this organiser's programmes, drafts among them; `begun`: those that have started."""
    roles = await roles_of(interaction, surroundings)
    found = await surroundings.store.read(
        find_desk_sessions, surroundings.partnership_id, typed, roles, now=surroundings.clock(), begun=begun, limit=CHOICES
    )
    return [session_choice(one) for one in found]


def session_choice(one: Found) -> app_commands.Choice[str]:
    """A session to choose while one types."""
    by = f" · {one.organisation}" if one.organisation else ""
    return app_commands.Choice(
        name=bare(f"{when_short(one.starts_at, one.ends_at, one.zone)} · {one.title}{by}", CHOICE_NAME), value=one.reference
    )
