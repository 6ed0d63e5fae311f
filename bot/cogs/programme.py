"""`/programme create`, `publish`, `attention`, `organiser`, `organiser-mail`: a programme in its organisers' hands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import HIDDEN, programme_group
from bot.organisers.access import organised_programme, programme_choices
from bot.organisers.programmes import (
    KINDS,
    created_card,
    organiser_mail_card,
    role_card,
    role_removed_card,
    show_attention,
    show_publish,
)
from bot.permissions import actor_of, require_organiser
from bot.pressing import Press
from bot.surroundings import Surroundings
from domain.errors import BadInput
from domain.kinds import Provider
from domain.models import Privacy, ProgrammeKind
from domain.organisers import add_organiser, remove_organiser
from domain.programmes import NewProgramme, create, organiser_roles, remove_organiser_role, set_organiser_role, usual_privacy
from domain.schedule.typed import read_day
from domain.times import LONDON, day_of

KIND_CHOICES = [app_commands.Choice(name=words, value=kind.value) for kind, words in KINDS.items()]
PRIVACY_CHOICES = [app_commands.Choice(name="Private", value="private"), app_commands.Choice(name="Open to everyone", value="open")]
PROVIDER_CHOICES = [app_commands.Choice(name="Teams", value="teams"), app_commands.Choice(name="Zoom", value="zoom")]


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the commands to the group."""
    programme = programme_group(tree, surroundings)
    _add_create(programme, surroundings)
    _add_publish(programme, surroundings)
    _add_attention(programme, surroundings)
    _add_organiser(programme, surroundings)
    _add_organiser_mail(programme, surroundings)


def _add_create(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="create", description="Start a new programme. Nobody sees it before you publish it.")
    @app_commands.describe(
        title="What people will see, such as Regional Practice Week 2027",
        kind="What kind of programme it is",
        first_day="Such as 15 March 2027",
        last_day="Such as 19 March 2027",
        platform="Where a schedule only says Online. Teams, unless you choose Zoom",
        places="Where a schedule does not say how many. No limit, unless you give a number",
        privacy="Parent partnership is private, and others are open, unless you choose",
        contact="Whom families can call: a name and a telephone number",
    )
    @app_commands.choices(kind=KIND_CHOICES, platform=PROVIDER_CHOICES, privacy=PRIVACY_CHOICES)
    async def create_(
        interaction: discord.Interaction[Any],
        title: app_commands.Range[str, 1, 200],
        kind: app_commands.Choice[str],
        first_day: app_commands.Range[str, 1, 60],
        last_day: app_commands.Range[str, 1, 60],
        platform: app_commands.Choice[str] | None = None,
        places: app_commands.Range[int, 1, 100_000] | None = None,
        privacy: app_commands.Choice[str] | None = None,
        contact: app_commands.Range[str, 1, 200] | None = None,
    ) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await require_organiser(interaction, surroundings)
        now = surroundings.clock()
        new = _new(title, kind.value, first_day, last_day, platform.value if platform else "teams", places, now)
        chosen = Privacy(privacy.value) if privacy else usual_privacy(new.kind)
        new = replace(new, default_privacy=chosen, contact=contact or "")
        made = await surroundings.store.write(create, surroundings.partnership_id, new, actor=actor_of(interaction), now=now)
        await press.show(created_card(made))


def _new(title: str, kind: str, first: str, last: str, platform: str, places: int | None, now: datetime) -> NewProgramme:
    today = day_of(now, LONDON)
    return NewProgramme(
        title=title,
        kind=ProgrammeKind(kind),
        starts_on=read_day(first, today=today),
        ends_on=read_day(last, today=today),
        default_provider=Provider(platform),
        default_places=places,
    )


def _add_publish(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="publish", description="Open a programme for booking. You see first what would be opened.")
    @app_commands.describe(programme="Type part of its title", channel="Where its days are posted. This channel, unless you choose another")
    async def publish_(interaction: discord.Interaction[Any], programme: str, channel: discord.TextChannel | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        chosen = await organised_programme(press, programme)
        where = channel.id if channel is not None else interaction.channel_id
        await show_publish(press, chosen, where or 0)

    _offer_programmes(publish_, surroundings)


def _add_attention(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="attention", description="What needs you: sessions without a link, messages that did not arrive.")
    @app_commands.describe(programme="Type part of its title. Leave it empty for all programmes")
    async def attention_(interaction: discord.Interaction[Any], programme: str | None = None) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        if programme is None:
            await require_organiser(interaction, surroundings)
        chosen = await organised_programme(press, programme) if programme is not None else None
        await show_attention(press, chosen)

    _offer_programmes(attention_, surroundings)


def _add_organiser(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="organiser", description="Let everyone with a role organise one programme, or take that back.")
    @app_commands.describe(
        programme="Type part of its title", role="The role that may organise it", remove="True, if the role may organise it no longer"
    )
    async def organiser_(interaction: discord.Interaction[Any], programme: str, role: discord.Role, remove: bool = False) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await require_organiser(interaction, surroundings)  # a programme's own organisers do not make others
        if role.is_default() and not remove:
            raise BadInput("That role is everyone in the server. Choose a role that only this programme's organisers have.")
        chosen = await organised_programme(press, programme)
        use_case = remove_organiser_role if remove else set_organiser_role
        await surroundings.store.write(
            use_case, surroundings.partnership_id, chosen.id, role.id, actor=actor_of(interaction), now=surroundings.clock()
        )
        if remove:
            await press.show(role_removed_card(chosen, role.id))
            return
        await press.show(role_card(chosen, role.id, sees_commands=role.permissions >= HIDDEN or role.permissions.administrator))

    _offer_programmes(organiser_, surroundings)


def _add_organiser_mail(programme: app_commands.Group, surroundings: Surroundings) -> None:
    @programme.command(name="organiser-mail", description="Let an e-mail address organise one programme on the web, or take that back.")
    @app_commands.describe(
        programme="Type part of its title", address="Who signs in with it", remove="True, if it may organise it no longer"
    )
    async def organiser_mail_(
        interaction: discord.Interaction[Any], programme: str, address: app_commands.Range[str, 3, 254], remove: bool = False
    ) -> None:
        press = Press(interaction, surroundings, {})
        await press.defer()
        await require_organiser(interaction, surroundings)  # a programme's own organisers do not make others
        chosen = await organised_programme(press, programme)
        use_case = remove_organiser if remove else add_organiser
        await surroundings.store.write(
            use_case, surroundings.partnership_id, chosen.id, address, actor=actor_of(interaction), now=surroundings.clock()
        )
        in_chat = bool(await surroundings.store.read(organiser_roles, surroundings.partnership_id, chosen.id))
        await press.show(organiser_mail_card(chosen, address, removed=remove, in_chat=in_chat))

    _offer_programmes(organiser_mail_, surroundings)


def _offer_programmes(command: app_commands.Command[Any, Any, Any], surroundings: Surroundings) -> None:
    @command.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await programme_choices(interaction, surroundings, typed)
