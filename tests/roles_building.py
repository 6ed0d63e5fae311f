"""The world in which everybody tries everything: two programmes, private sessions, and words that give away whoever shows them.

The week is published and has organisers of its own; two of its sessions are private: one yet to come, and one that is over. The
other programme is a draft with organisers of its own. Each hidden thing has a word in its name that stands nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.cards import card
from bot.client import PracticeBot
from domain.announcements import Written, write
from domain.database import Store
from domain.drafts import keep_draft
from domain.hosts import sync_hosts
from domain.kinds import Provider
from domain.materials import add_link
from domain.models import Audience, DraftOf, Material, Undo
from domain.needs.own import tell_needs
from domain.presenters import naming as presenters
from domain.rules import Rules
from domain.series import parts as series_parts
from integrations.certificates import CertificateFiles
from integrations.form_files import TomlForms
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from integrations.sign_in import PrintedSignInSheets
from rehearsal.chat import GUILD_ID, ChatStandIn, Clock, Seen, Someone
from tests.bot_building import Server, surroundings_of
from tests.building import ACTOR, START, Building, rows
from tests.organiser_building import LUNCH, Desk, csv
from tests.private_building import made_code, parent, private_session
from tests.roles_table import Role

#: a word that gives away whoever shows it, and who may see it
HIDDEN: dict[str, frozenset[Role]] = {
    "Zebra": frozenset({Role.PRESENTER, Role.PROGRAMME_ORGANISER}),  # what a private session is really called
    "Narwhal": frozenset({Role.PARENT, Role.PRESENTER, Role.ORGANISER, Role.PROGRAMME_ORGANISER}),  # what it is called in public
    "Okapi": frozenset({Role.PARENT, Role.PRESENTER, Role.PROGRAMME_ORGANISER}),  # where it is
    "Quagga": frozenset({Role.PROGRAMME_ORGANISER}),  # what it is about
    "Tapir": frozenset({Role.PARENT, Role.PRESENTER, Role.PROGRAMME_ORGANISER}),  # what there is to read for it
    "Quokka": frozenset({Role.PROGRAMME_ORGANISER}),  # another parent's name and address
    "Wombat": frozenset({Role.PROGRAMME_ORGANISER, Role.PRESENTER}),  # what that parent needs
    "Lemur": frozenset({Role.ORGANISER, Role.PROGRAMME_ORGANISER}),  # a message not sent yet, a file not confirmed yet
    "Ocelot": frozenset({Role.ORGANISER, Role.OTHER_ORGANISER}),  # the other programme, a draft
}
NOWHERE = 999_999
FORM = b'[[question]]\nkind = "choice"\nwords = "Lemur?"\noptions = ["Children", "Adults"]\n'


@dataclass(frozen=True)
class Target:
    """What is tried upon: by its ids, as the parts of buttons, and as people type it."""

    programme: int
    sessions: tuple[int, ...]
    references: tuple[str, ...]
    series: int
    material: int
    code: int
    parts: Mapping[str, tuple[object, ...]]


#: things that are not there
_KINDS = ("programme", "session", "series", "presenter", "draft", "message", "undo", "transfer")
GHOST_PARTS: dict[str, tuple[object, ...]] = dict.fromkeys(_KINDS, (NOWHERE,))
GHOST = Target(NOWHERE, (NOWHERE,), ("PW-ZZZZZ",), NOWHERE, NOWHERE, NOWHERE, GHOST_PARTS)


@dataclass
class Stage:
    """A server with everybody in it, and what there is to try upon."""

    desk: Desk
    theirs: Target  #: of the week, private
    other: Target  #: of the other programme
    elsewhere: Any = None  #: a channel of another server
    nobodies: Any = None  #: a role that nobody has
    people: dict[Role, Someone] = field(default_factory=dict)
    carriers: dict[Role, Seen] = field(default_factory=dict)  #: a message from which each can press what it does not have

    @property
    def chat(self) -> ChatStandIn:
        return self.desk.server.chat

    @property
    def building(self) -> Building:
        return self.desk.server.building


@asynccontextmanager
async def a_stage(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Stage]:
    """A server where every file can be read and written."""
    building = Building(store, partnership_id, rules, now)
    store.write_now(sync_hosts, partnership_id, [(Provider.TEAMS, "teams-1", 20, None), (Provider.ZOOM, "zoom-1", 1, None)])
    given: dict[str, Any] = {
        "sheets": CalamineSheetReader(),
        "sign_in": PrintedSignInSheets(),
        "sheet_writer": XlsxWriter(),
        "forms": TomlForms(),
        "certificates": CertificateFiles(),
    }

    def make_bot(clock: Clock) -> PracticeBot:
        return PracticeBot(surroundings_of(store, partnership_id, rules, clock, **given))

    async with ChatStandIn(make_bot, now) as chat:
        desk = Desk(Server(chat, building, []), chat.join("Olga", organiser=True), 0)
        yield await _furnished(desk)
    assert chat.faults() == []


async def _furnished(desk: Desk) -> Stage:
    building = desk.server.building
    other = desk.another_programme("Ocelot week")
    desk.programme_id = building.programme("Regional week")
    building.session(title="Open talk")
    told = {"title": "Zebra panel", "public_title": "Narwhal hour", "venue": "Okapi House", "description": "Quagga.", "places": 9}
    to_come = private_session(building, **told, starts_at=START + timedelta(days=1))
    over = private_session(building, **told, starts_at=START - timedelta(minutes=30), minutes=30)
    presenting = desk.curious(Role.PRESENTER)
    building.person(42, discord_id=presenting.id, email="lee@council.gov.uk", email_key="lee@council.gov.uk")
    course = building.session(title="Course day", starts_at=START + timedelta(days=2))
    quokka = parent(building, 901, "Quokka", "quokka@family.example")
    for one in (to_come, over):
        building.book(one, quokka, alias="Quokka")
        building.write(tell_needs, building.partnership_id, one, 901, {"access": "Wombat ramp"}, rules=building.rules, now=building.now)
    made = _target(desk, desk.programme_id, (to_come, over), course, "Lemur", made_code(building, label="Lemur").id)
    building.programme_id = other
    talk = private_session(building, title="Ocelot talk", public_title="Ocelot hour")
    draft = (talk, building.session(title="Ocelot day", starts_at=START + timedelta(days=1)))
    stage = Stage(desk, made, _target(desk, other, (draft[0],), draft[1], "Ocelot", made_code(building, label="Ocelot").id))
    building.programme_id = desk.programme_id
    stage.people[Role.PRESENTER] = presenting
    await _peopled(stage)
    desk.server.later(days=14, hours=1)  # 10am on the first day
    return replace(stage, theirs=_edited(building, stage.theirs), other=_edited(building, stage.other))


def _edited(building: Building, target: Target) -> Target:
    """A minute ago somebody edited it, so there is something to undo."""
    building.change(target.sessions[0], audience="Everyone")
    return replace(target, parts=dict(target.parts) | {"undo": (building.read(rows, Undo)[-1].id,)})


def _target(desk: Desk, programme: int, sessions: tuple[int, ...], course: int, word: str, code: int) -> Target:
    """Of everything that a programme can have, one."""
    building, now = desk.server.building, desk.server.building.now
    where = building.partnership_id
    by: dict[str, Any] = {"actor": ACTOR, "now": now}
    series = building.write(series_parts.create, where, f"{word} course" if word == "Ocelot" else "A course", None, **by)
    building.write(series_parts.add_part, where, series, course, **by)
    tapir = "Tapir slides" if word == "Lemur" else "Ocelot slides"
    building.write(add_link, where, sessions[0], f"https://example.org/{word}", tapir, building.rules, **by)
    named = [_presenter(building, one, word) for one in sessions]
    files = [
        (DraftOf.SCHEDULE, csv(LUNCH.replace("Lunch", word))),
        (DraftOf.FORM, FORM),
        (DraftOf.ATTENDANCE, b"Name,Attended\nLemur,Yes\n"),
    ]
    drafts = tuple(
        building.write(
            keep_draft,
            where,
            programme,
            f"{word}.toml" if purpose is DraftOf.FORM else f"{word}.csv",
            content,
            asked_by=1,
            now=now,
            purpose=purpose,
            session_id=sessions[-1] if purpose is DraftOf.ATTENDANCE else None,
        )
        for purpose, content in files
    )
    message = building.write(write, where, Written(programme, Audience.CONFIRMED, f"{word} news", f"{word}!", sessions[0]), **by)
    parts: dict[str, tuple[object, ...]] = {
        "programme": (programme,),
        "session": sessions,
        "series": (series,),
        "presenter": (named[0],),
        "draft": drafts,
        "message": (message,),
        "transfer": (NOWHERE,),
    }
    material = building.read(rows, Material)[-1].id
    references = tuple(desk.server.reference(one) for one in sessions)
    return Target(programme, sessions, references, series, material, code, parts)


def _presenter(building: Building, session_id: int, word: str) -> int:
    name, address = ("Ocelot Mo", "mo@council.gov.uk") if word == "Ocelot" else ("Lee Ash", "lee@council.gov.uk")
    new = presenters.NewPresenter(name, address)
    named = building.write(presenters.add, building.partnership_id, session_id, new, building.rules, actor=ACTOR, now=building.now)
    return int(named.id)


# ── everybody ───────────────────────────────────────────────────────────────────────────────────────────────


async def _peopled(stage: Stage) -> None:
    """Everybody comes, and everybody may see every command: what is hidden is not yet what is refused."""
    desk, chat, building = stage.desk, stage.chat, stage.building
    people = stage.people
    people |= {role: desk.curious(role) for role in (Role.PRACTITIONER, Role.PARENT, Role.STRANGER)}
    people[Role.ORGANISER] = people[Role.DIRECT] = desk.olga
    people[Role.PROGRAMME_ORGANISER] = desk.organiser_of(stage.theirs.programme, "Pat")
    people[Role.OTHER_ORGANISER] = desk.organiser_of(stage.other.programme, "Olly")
    building.book(building.session(title="Open hour"), building.person(41, discord_id=people[Role.PRACTITIONER].id))
    pandora = parent(building, people[Role.PARENT].id, "Pandora")
    for one in stage.theirs.sessions:
        building.book(one, pandora, alias="Pandora")
    robot = chat.env.create_user("Robot", bot=True)
    people[Role.BOT] = Someone("Robot", robot.id, chat.guild.add_member(robot, roles=[chat.organiser_role]), robot)
    stage.nobodies = chat.guild.create_role("Nobodies")
    guild = chat.env.create_guild("Elsewhere", id=GUILD_ID + 1)
    stage.elsewhere = guild.create_text_channel("general")
    user, keepers = chat.env.create_user("Elsa"), guild.create_role("Keepers", permissions=discord.Permissions(administrator=True))
    people[Role.OTHER_SERVER] = Someone("Elsa", user.id, guild.add_member(user, roles=[keepers]), user)
    await chat.settle()
    public, there = await _said(stage, chat.practice_week.id), await _said(stage, stage.elsewhere.id)
    stage.carriers = {role: there if role is Role.OTHER_SERVER else public for role in Role}
    await (await chat.bot.create_dm(discord.Object(desk.olga.id))).send(view=_plain())
    await chat.settle()
    stage.carriers[Role.DIRECT] = chat.direct(desk.olga)[-1]


def _plain() -> discord.ui.LayoutView:
    layout = card(("Hello",))
    layout.stop()
    return layout


async def _said(stage: Stage, channel_id: int) -> Seen:
    """A message of the bot with nothing to press."""
    channel = stage.chat.bot.get_channel(channel_id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(view=_plain())
    await stage.chat.settle()
    return stage.chat.posted(channel)[-1]
