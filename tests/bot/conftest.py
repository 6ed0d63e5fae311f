"""The bot's tests act in a server: the real bot, the real discord.py, a real database file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime

import pytest

from bot.client import PracticeBot
from domain.database import Store
from domain.hosts import sync_hosts
from domain.kinds import Provider
from domain.rules import Rules
from integrations.sheets import CalamineSheetReader
from rehearsal.chat import ChatStandIn, Clock
from tests.bot_building import Server, surroundings_of
from tests.building import Building
from tests.organiser_building import Desk


@pytest.fixture
async def server(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Server]:
    """A server with the bot in it, and a partnership with a published programme that has one full session."""
    building = Building(store, partnership_id, rules, now)
    woken: list[datetime] = []

    def make_bot(clock: Clock) -> PracticeBot:
        return PracticeBot(surroundings_of(store, partnership_id, rules, clock, wake=lambda: woken.append(clock())))

    async with ChatStandIn(make_bot, now) as chat:
        building.programme()
        yield Server(chat, building, woken)
    assert chat.faults() == []


@pytest.fixture
async def desk(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Desk]:
    """A server where spreadsheets are read, with a host of each service; and Olga, who has a programme in draft."""
    building = Building(store, partnership_id, rules, now)
    store.write_now(sync_hosts, partnership_id, [(Provider.TEAMS, "teams-1", 20, None), (Provider.ZOOM, "zoom-1", 1, None)])
    woken: list[datetime] = []
    given = {"sheets": CalamineSheetReader(), "holidays": {date(2027, 3, 26): "Good Friday"}}

    def make_bot(clock: Clock) -> PracticeBot:
        return PracticeBot(surroundings_of(store, partnership_id, rules, clock, wake=lambda: woken.append(clock()), **given))

    async with ChatStandIn(make_bot, now) as chat:
        made = Desk(Server(chat, building, woken), chat.join("Olga", organiser=True), 0)
        made.programme_id = made.another_programme("Regional week")
        yield made
    assert chat.faults() == []
