"""Who organises: asked when something is pressed, of the server's roles as they are then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.addresses import point_discord_at
from bot.client import PracticeBot
from bot.errors import say
from bot.permissions import is_organiser, require_organiser
from domain.database import Store
from domain.programmes import set_organiser_role
from domain.rules import Rules
from rehearsal.chat import ChatStandIn, Clock
from tests.bot_building import Server, surroundings_of
from tests.building import ACTOR, Building


@pytest.fixture
async def probed(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Server]:
    """A server whose bot has a command that says whether one organises the programme, and one that only organisers may use."""
    building = Building(store, partnership_id, rules, now)
    building.programme()

    def make_bot(clock: Clock) -> PracticeBot:
        around = surroundings_of(store, partnership_id, rules, clock)
        bot = PracticeBot(around)

        @bot.tree.command(name="probe", description="Do I organise?", guild=around.guild)
        async def probe(interaction: discord.Interaction[Any]) -> None:
            whole, part = [await is_organiser(interaction, around, programme) for programme in (None, building.programme_id)]
            await say(interaction, f"{whole} {part}")

        @bot.tree.command(name="guarded", description="Only for organisers", guild=around.guild)
        async def guarded(interaction: discord.Interaction[Any]) -> None:
            await require_organiser(interaction, around)
            await say(interaction, "Welcome")

        return bot

    async with ChatStandIn(make_bot, now) as chat:
        yield Server(chat, building, [])
    assert chat.faults() == []


async def test_organisers_are_known_by_the_partnerships_role(probed: Server) -> None:
    chat = probed.chat
    olga, alice = chat.join("Olga", organiser=True), chat.join("Alice")
    assert [(await chat.command(who, "probe")).text for who in (olga, alice)] == ["True True", "False False"]
    assert (await chat.command(olga, "guarded")).text == "Welcome"
    assert (await chat.command(alice, "guarded")).text == "Only organisers can do that. Ask one of them to help you."


async def test_a_role_that_was_lost_counts_no_more(probed: Server) -> None:
    chat = probed.chat
    olga = chat.join("Olga", organiser=True)
    assert (await chat.command(olga, "guarded")).text == "Welcome"
    chat.env.backend.get_guild(chat.guild.id).members[olga.id].role_ids.clear()
    assert (await chat.command(olga, "guarded")).text.startswith("Only organisers can do that.")


async def test_a_programmes_own_role_organises_only_that_programme(probed: Server) -> None:
    chat, building = probed.chat, probed.building
    role = chat.guild.create_role("Week team")
    await chat.settle()
    pat = chat.join("Pat")
    chat.env.backend.get_guild(chat.guild.id).members[pat.id].role_ids.append(role.id)
    assert (await chat.command(pat, "probe")).text == "False False"
    building.write(set_organiser_role, building.partnership_id, building.programme_id, role.id, actor=ACTOR, now=building.now)
    assert (await chat.command(pat, "probe")).text == "False True"


async def test_who_manages_the_server_organises(probed: Server) -> None:
    chat = probed.chat
    role = chat.guild.create_role("Server keepers", permissions=discord.Permissions(manage_guild=True))
    await chat.settle()
    kim = chat.join("Kim")
    chat.env.backend.get_guild(chat.guild.id).members[kim.id].role_ids.append(role.id)
    assert (await chat.command(kim, "probe")).text == "True True"


def test_discord_may_be_somewhere_else() -> None:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    try:
        point_discord_at(None, None)
        assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
        point_discord_at("http://127.0.0.1:8080/", "ws://127.0.0.1:8081/")
        assert Route("GET", "/users/@me").url == "http://127.0.0.1:8080/api/v10/users/@me"
        assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:8081/"
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
