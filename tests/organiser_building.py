"""What a test of the organisers' commands stands on: Olga, who organises everything, a programme in draft, and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import discord
from sqlmodel import SQLModel

from domain.models import AuditEntry, ProgrammeKind, Session
from domain.programmes import NewProgramme, create, set_organiser_role
from rehearsal.chat import Seen, Someone
from tests.bot_building import Server
from tests.building import ACTOR, rows

HEAD = "Date,Time,Title,Host organisation,Platform,Location,Places"
LUNCH = "15/03/2027,12-1pm,Lunch and learn,Dudley MBC,Teams,,50"
REFLECT = "15/03/2027,2pm-4pm,Critical reflection,Coventry City Council,In person,Council House,12"
KINSHIP = "16/03/2027,10-11am,Kinship care,Dudley MBC,Zoom,,30"
NO_HOUR = "17/03/2027,prerecorded,Watch when you like,Dudley MBC,Online,,"
WEEK = (LUNCH, REFLECT, KINSHIP)

REFUSED = "Only organisers can do that. Ask one of them to help you."


def csv(*lines: str, head: str = HEAD) -> bytes:
    """A schedule as a file."""
    return "\n".join((head, *lines)).encode()


@dataclass
class Desk:
    """An organiser in a server, with a drafted programme."""

    server: Server
    olga: Someone
    programme_id: int

    async def do(self, name: str, who: Someone | None = None, **options: Any) -> Seen:
        """Type a command: as Olga unless somebody else is named."""
        return await self.server.chat.command(who or self.olga, name, **options)

    async def press(self, message: Seen, label: str, who: Someone | None = None) -> Seen:
        return await self.server.chat.press(who or self.olga, message, label)

    async def send(self, *lines: str, head: str = HEAD, who: Someone | None = None, programme_id: int | None = None) -> Seen:
        """Send a file with these rows."""
        file = ("week.csv", csv(*lines, head=head))
        return await self.do("programme import", who, programme=str(programme_id or self.programme_id), file=file)

    async def imported(self, *lines: str, head: str = HEAD) -> Seen:
        """Send a file and confirm it."""
        return await self.press(await self.send(*lines, head=head), "Import all")

    async def published(self) -> Seen:
        return await self.press(await self.do("programme publish", programme=str(self.programme_id)), "Publish")

    def sessions(self) -> dict[str, Session]:
        """The programme's sessions by title."""
        found = self.read_rows(Session, Session.programme_id == self.programme_id)
        return {session.title: session for session in found}

    def id_of(self, title: str) -> str:
        return str(self.sessions()[title].id)

    def ref(self, title: str) -> str:
        """What an organiser types to name a session."""
        return self.sessions()[title].reference

    def read_rows(self, table: type[SQLModel], *where: Any) -> list[Any]:
        return list(self.server.building.read(rows, table, *where))

    def trail(self) -> list[str]:
        """What the audit says that Olga did."""
        return [entry.action for entry in self.read_rows(AuditEntry, AuditEntry.actor == f"discord:{self.olga.id}")]

    def booked(self, title: str, number: int) -> int:
        """Person `number`, whose address is proven, has a booking."""
        building = self.server.building
        person_id = building.person(number)
        building.book(int(self.id_of(title)), person_id)
        return person_id

    def another_programme(self, title: str = "Another week") -> int:
        building = self.server.building
        new = NewProgramme(title, ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
        return int(building.write(create, building.partnership_id, new, actor=ACTOR, now=building.now).id)

    def organiser_of(self, programme_id: int, name: str = "Pat") -> Someone:
        """Somebody who organises one programme, by a role of its own."""
        chat, building = self.server.chat, self.server.building
        role = chat.guild.create_role(f"Leads {programme_id}", permissions=discord.Permissions(manage_events=True))
        building.write(set_organiser_role, building.partnership_id, programme_id, role.id, actor=ACTOR, now=building.now)
        user = chat.env.create_user(name)
        return Someone(name, user.id, chat.guild.add_member(user, roles=[role]), user)

    def curious(self, name: str = "Curious") -> Someone:
        """Somebody who sees the commands, because they may manage events, but organises nothing."""
        chat = self.server.chat
        role = chat.guild.create_role("Events", permissions=discord.Permissions(manage_events=True))
        user = chat.env.create_user(name)
        return Someone(name, user.id, chat.guild.add_member(user, roles=[role]), user)

    def dismiss(self, person: Someone) -> None:
        """This person loses the organisers' role."""
        chat = self.server.chat
        chat.env.backend.remove_member_role(chat.guild.id, person.id, chat.organiser_role.id)
