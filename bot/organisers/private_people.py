"""Who may see a programme's private sessions, and the people on them: asked with the roles that somebody has at this moment."""

from __future__ import annotations

import discord

from bot.permissions import is_organiser
from bot.pressing import Press
from domain import privacy
from domain.organising import SessionDesk
from domain.privacy import is_or_may_be_private, may_see_people


async def sees_private_people(press: Press, programme_id: int) -> bool:
    """Whether this organiser may see what the programme's private sessions are called, and who is on them."""
    around, person = press.surroundings, press.interaction.user
    roles = {role.id for role in person.roles} if isinstance(person, discord.Member) else set()
    everything = await is_organiser(press.interaction, around)
    return await around.store.read(may_see_people, around.partnership_id, programme_id, roles, organises_partnership=everything)


async def in_sight(press: Press, desk: SessionDesk) -> bool:
    """Whether this organiser may see a session of theirs: an open one, or its own programme's."""
    return not is_or_may_be_private(desk.session) or await sees_private_people(press, desk.programme_id)


async def require_sight(press: Press, desk: SessionDesk) -> None:
    """Raises `NotAllowed` for a session that is or may be private, and that this organiser may not see."""
    privacy.require_sight(desk.session, sees_private=await in_sight(press, desk))
