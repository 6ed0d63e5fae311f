"""The acted-out Discord: what it must do for tests and rehearsals to be believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import discord
import pytest
from simcord import SetupError

from bot.client import PracticeBot
from domain.database import Store
from domain.rules import Rules
from rehearsal.chat import ChatStandIn
from tests.bot_building import Server, surroundings_of
from tests.building import Building

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def standin(store: Store, partnership_id: int) -> ChatStandIn:
    return ChatStandIn(lambda clock: PracticeBot(surroundings_of(store, partnership_id, Rules(), clock)), START)


@pytest.fixture
async def server(store: Store, partnership_id: int, rules: Rules) -> AsyncIterator[Server]:
    building = Building(store, partnership_id, rules, START)
    async with standin(store, partnership_id) as chat:
        building.programme()
        yield Server(chat, building, [])


async def test_time_stands_still_until_it_is_moved(store: Store, partnership_id: int) -> None:
    chat = standin(store, partnership_id)
    assert chat.now() == START
    async with chat:
        assert chat.now() == START
        assert chat.bot.served.each[0].clock() == START
        chat.advance_to(START + timedelta(days=14))
        assert chat.bot.served.each[0].clock() == START + timedelta(days=14)
        chat.advance_to(START)  # never back
        assert chat.now() == START + timedelta(days=14)


async def test_an_account_may_have_a_known_id(store: Store, partnership_id: int) -> None:
    async with standin(store, partnership_id) as chat:
        assert chat.join("Alice", discord_id=9_000_000_000_000_001).id == 9_000_000_000_000_001
        assert chat.join("Bola").id != 9_000_000_000_000_001
        with pytest.raises(SetupError):
            chat.join("Alice again", discord_id=9_000_000_000_000_001)


async def test_a_transcript_shows_the_words_of_a_button_that_was_pressed_by_its_id(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    alice = server.someone(2)
    card = await server.card(alice, session_id)
    await chat.press(alice, card, custom_id=f"pw:book:{session_id}:any")
    text = chat.transcripts()[alice.name]
    assert f"{alice.name}: [Book]\n" in text
    assert "pw:" not in text


async def test_nobody_can_press_what_they_cannot_see(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    alice, bola = server.someone(2), server.someone(3)
    card = await server.card(alice, session_id)
    with pytest.raises(SetupError, match="not visible to this user"):
        await chat.press(bola, card, "Book")
    with pytest.raises(SetupError, match="No matching component"):
        await chat.press(alice, card, "Cancel my place")


async def test_transcripts_tell_what_was_public_and_what_was_private(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    alice = server.someone(2)
    await server.book(alice, session_id)
    channel = chat.bot.get_channel(chat.practice_week.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("The programme is here")
    await chat.settle()
    assert chat.transcripts() == {
        "#practice-week": "2027-03-01 09:00 Practice Week\n    The programme is here\n",
        "Person 2": (
            "2027-03-01 09:00 Person 2: /book session:PW-YFWE7\n"
            "    ### You are booked\n    The invitation is on its way to your e-mail.\n    ## Strengths\n"
            "    Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)\n    -# On your clock: <t:1805103000:F>\n"
            "    **How:** In person, at Town Hall, room 2\n    **Places:** 4 of 5 places left\n"
            "    [Cancel my place] [Hand my place to a colleague] [Tell us what you need]\n"
        ),
    }


async def test_direct_messages_can_be_closed_and_opened(server: Server) -> None:
    chat = server.chat
    alice = server.someone(2)
    chat.close_messages(alice)
    channel = await chat.bot.create_dm(discord.Object(alice.id))
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("hello")
    assert refused.value.code == 50007
    chat.mend()
    await channel.send("hello")
    assert [seen.text for seen in chat.direct(alice)] == ["hello"]
