"""A process that sends in chat without answering there has no gateway: what it must know of a server, it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest

from bot.addresses import point_discord_at
from bot.client import PracticeBot
from bot.digests import LOST, require_reader
from domain import digests
from domain.database import Store
from domain.errors import Permanent
from domain.kinds import Channel, Kind
from domain.letters import handing
from domain.models import DigestReader
from domain.ports.letters import Letter
from domain.rules import Rules
from tests.acceptance.discord_server import DiscordServer
from tests.bot_building import surroundings_of
from tests.building import ACTOR, Building, rows


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


async def test_a_daily_message_is_for_who_still_organises_and_that_is_asked_without_a_gateway(
    discord: DiscordServer, store: Store, partnership_id: int, rules: Rules, now: datetime
) -> None:
    building = Building(store, partnership_id, rules, now)
    programme_id = building.programme()
    building.online()  # there is no host for it: something to say in the morning
    olu = discord.join("Olu", organiser=True)
    building.write(digests.want, partnership_id, programme_id, olu.id, actor=ACTOR, now=now)
    letter = digest_of(building)
    point_discord_at(discord.api_base, discord.gateway_url)
    around = surroundings_of(store, partnership_id, rules, lambda: now, guild_id=discord.guild_id)
    bot = PracticeBot(replace(around, organiser_roles=frozenset({discord.organiser_role}), sync_commands=False))
    try:
        await bot.login(discord.token)
        assert len(bot.guilds) == 0
        await require_reader(bot, letter)
        olu.roles = ()
        with pytest.raises(Permanent, match=LOST):
            await require_reader(bot, letter)
        assert building.read(rows, DigestReader) == []
    finally:
        await bot.close()


def digest_of(building: Building) -> Letter:
    """This morning's message, as it is handed over."""
    building.later(days=1)
    building.write(digests.owe_digests, now=building.now)
    (notice_id,) = building.claim(channels=[Channel.CHAT])
    letter: Letter | None = building.write(handing.hand_over, notice_id, "post", building.rules, now=building.now, digits=lambda: "1")
    assert letter is not None
    assert letter.kind is Kind.DIGEST
    return letter
