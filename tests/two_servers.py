"""Two servers with one bot: North, where everything is tried, and Midlands, whose rows and words it is tried with.

Ann and Pan have one Discord account each and are in both partnerships; Olga organises North alone, and Mia Midlands alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.cards import simple_card
from bot.client import PracticeBot
from domain.database import Store
from domain.rules import Rules
from integrations.certificates import CertificateFiles
from integrations.form_files import TomlForms
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from integrations.sign_in import PrintedSignInSheets
from rehearsal.chat import GUILD_ID, ChatStandIn, Clock, Seen, Someone
from tests.bot_building import Server, surroundings_of
from tests.building import Building
from tests.organiser_building import Desk
from tests.roles_building import Stage, Target
from tests.roles_table import Role
from tests.two_building import MIDLANDS, NORTH, Own, two_partnerships

MIDLANDS_GUILD = GUILD_ID + 1
MIDLANDS_ROLE = 111_222_333_444_555_888
ANN, PAN = 700_001, 700_002


@dataclass
class TwoServers:
    """One bot in two servers. `stage` is North's, with targets in Midlands."""

    stage: Stage
    midlands: Own
    north: Own
    mia: Someone
    there: Any  #: a channel of Midlands' server

    @property
    def chat(self) -> ChatStandIn:
        return self.stage.chat


@asynccontextmanager
async def two_servers(store: Store, now: datetime) -> AsyncIterator[TwoServers]:
    """Both partnerships, with one of everything each."""
    midlands, north = two_partnerships(store, now, (ANN, PAN), {}, (MIDLANDS_GUILD, GUILD_ID))
    at = now + timedelta(days=14, hours=1)
    given: dict[str, Any] = {
        "sheets": CalamineSheetReader(),
        "sign_in": PrintedSignInSheets(),
        "sheet_writer": XlsxWriter(),
        "forms": TomlForms(),
        "certificates": CertificateFiles(),
    }
    own = {"partnership_name": f"{MIDLANDS} Partnership", "guild_id": MIDLANDS_GUILD, "organiser_roles": frozenset({MIDLANDS_ROLE})}
    own |= {"contact": f"{MIDLANDS} office"}

    def make_bot(clock: Clock) -> PracticeBot:
        here = surroundings_of(store, north.partnership_id, Rules(), clock, **given, partnership_name=f"{NORTH} Partnership")
        return PracticeBot(here, surroundings_of(store, midlands.partnership_id, Rules(), clock, **given | own))

    async with ChatStandIn(make_bot, at) as chat:
        building = Building(store, north.partnership_id, Rules(), at, north.programme)
        guild = chat.env.create_guild(f"{MIDLANDS} server", id=MIDLANDS_GUILD)
        with chat._pinned(MIDLANDS_ROLE):
            role = guild.create_role("Organisers", permissions=discord.Permissions(manage_events=True))
        desk = Desk(Server(chat, building, []), chat.join("Olga", organiser=True), north.programme)
        stage = Stage(desk, _target(midlands), _target(north), guild.create_text_channel("general"), chat.guild.create_role("Nobodies"))
        user = chat.env.create_user("Mia")
        mia = Someone("Mia", user.id, guild.add_member(user, roles=[role]), user)
        both = TwoServers(stage, midlands, north, mia, stage.elsewhere)
        await _peopled(both)
        yield both
    assert chat.faults() == []


def _target(own: Own) -> Target:
    parts: dict[str, tuple[object, ...]] = {
        "programme": (own.programme,),
        "session": own.sessions[1:3],
        "series": (own.series,),
        "presenter": (own.presenter,),
        "draft": own.drafts,
        "message": (own.message,),
        "undo": (own.undo,),
        "transfer": (own.transfer,),
        "digits": (own.digits,),
        "token": (own.token,),
    }
    return Target(own.programme, own.sessions[1:3], own.references[1:3], own.series, own.material, own.code, parts)


async def _peopled(both: TwoServers) -> None:
    """Ann and Pan come into North's server, where everybody sees every command, and each has a message to press from."""
    stage, chat = both.stage, both.chat
    sees = chat.guild.create_role("Events", permissions=discord.Permissions(manage_events=True))
    for role, name, account in ((Role.PRACTITIONER, "Ann", ANN), (Role.PARENT, "Pan", PAN)):
        person = chat.join(name, discord_id=account)
        chat.env.backend.add_member_role(chat.guild.id, account, sees.id)
        stage.people[role] = person
    stage.people[Role.ORGANISER], stage.people[Role.STRANGER] = stage.desk.olga, chat.join("Stan")
    await chat.settle()
    here = await said(chat, chat.practice_week)
    stage.carriers = dict.fromkeys(stage.people, here)


async def said(chat: ChatStandIn, channel: Any) -> Seen:
    """A message of the bot with nothing to press."""
    known = chat.bot.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    layout = simple_card("Hello")
    layout.stop()
    await known.send(view=layout)
    await chat.settle()
    return chat.posted(channel)[-1]


async def said_to(chat: ChatStandIn, person: Someone) -> Seen:
    """The same as a direct message."""
    layout = simple_card("Hello")
    layout.stop()
    await (await chat.bot.create_dm(discord.Object(person.id))).send(view=layout)
    await chat.settle()
    return chat.direct(person)[-1]
