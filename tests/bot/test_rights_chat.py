"""One's own rights in chat: a copy of all that is kept, and being forgotten by typing two words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from bot.client import PracticeBot
from domain.database import Store
from domain.models import BookingState, Erasure
from domain.rules import Rules
from integrations.person_files import PersonFiles
from rehearsal.chat import ChatStandIn, Clock
from tests.bot_building import Server, headline, surroundings_of
from tests.building import Building, rows

NOT_YET = "Nothing was changed. To go on, press the button again and type: forget me"


@pytest.fixture
async def server(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Server]:
    """A server where copies can be made."""
    building = Building(store, partnership_id, rules, now)
    woken: list[datetime] = []

    def make_bot(clock: Clock) -> PracticeBot:
        given: dict[str, Any] = {"person_files": PersonFiles(), "wake": lambda: woken.append(clock())}
        return PracticeBot(surroundings_of(store, partnership_id, rules, clock, **given))

    async with ChatStandIn(make_bot, now) as chat:
        building.programme()
        yield Server(chat, building, woken)
    assert chat.faults() == []


async def test_a_copy_is_handed_over_and_nobody_is_forgotten_before_the_words_are_typed(server: Server) -> None:
    chat, building = server.chat, server.building
    session = building.session(title="Strengths")
    bola = server.someone(2, name="Bola Ade")
    await server.book(bola, session)
    shown = await chat.command(bola, "my data")
    assert (headline(shown), shown.labels, shown.private) == ("## What we keep about you", ("Forget me",), True)
    ((name, content),) = shown.files
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        copy = "".join(files.read(one).decode() for one in files.namelist())
    known = "Bola Ade", "person2@council.gov.uk", str(bola.id)
    assert (name, [word for word in known if word not in copy]) == ("what-we-keep.zip", [])
    server.woken.clear()
    refused = await chat.fill(bola, await chat.press(bola, shown, "Forget me"), sure="yes")
    assert (headline(refused), building.read(rows, Erasure), server.states(session)) == (NOT_YET, [], [BookingState.CONFIRMED])
    begun = await chat.fill(bola, await chat.press(bola, shown, "Forget me"), sure=" Forget Me ")
    assert (headline(begun), begun.private) == ("### We are forgetting you", True)
    assert (len(building.read(rows, Erasure)), server.states(session)) == (1, [BookingState.CANCELLED])
    assert server.woken == [building.now]


async def test_who_is_not_known_hears_that_nothing_is_kept(server: Server) -> None:
    assert headline(await server.chat.command(server.chat.join("Newcomer"), "my data")) == "We keep nothing about you here."
