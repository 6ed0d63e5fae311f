"""Who may see the people on a programme's private sessions: asked with the roles that somebody has at this moment."""

from __future__ import annotations

import discord

from bot.organisers.access import organised_session
from bot.permissions import is_organiser
from bot.pressing import Press
from domain.errors import NotAllowed
from domain.models import Privacy
from domain.organising import SessionDesk
from domain.privacy import ONLY_THEIRS, may_see_people


async def sees_private_people(press: Press, programme_id: int) -> bool:
    """Whether this organiser may see who is on the programme's private sessions."""
    around, person = press.surroundings, press.interaction.user
    roles = {role.id for role in person.roles} if isinstance(person, discord.Member) else set()
    everything = await is_organiser(press.interaction, around)
    return await around.store.read(may_see_people, around.partnership_id, programme_id, roles, organises_partnership=everything)


async def people_of(press: Press, session_id: int) -> SessionDesk:
    """The session of a button, for who may see the people on it. Raises `NotAllowed` for anyone else."""
    desk = await organised_session(press, session_id)
    await require_sight(press, desk)
    return desk


async def require_sight(press: Press, desk: SessionDesk) -> None:
    """Raises `NotAllowed` for a private session whose people this organiser may not see."""
    if desk.session.privacy is Privacy.PRIVATE and not await sees_private_people(press, desk.programme_id):
        raise NotAllowed(ONLY_THEIRS)
