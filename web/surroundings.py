"""What the web is given: for each partnership one frozen value with everything it needs, made by the composition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.ports.aside import Aside
from domain.ports.drawing import Certificates, CpdNotes, Pictures
from domain.ports.files import PersonWriter, SheetReader, SheetWriter
from domain.ports.letters import CalendarWriter
from domain.reports.figures import ProgrammeReport
from domain.rules import Rules


@dataclass(frozen=True)
class Surroundings:
    """A partnership as its pages need it."""

    partnership_id: int
    key: str  #: the name of its table in the settings; its pages begin with it
    name: str
    contact: str  #: whom to ask: a name, an address or a telephone number
    rules: Rules
    calendar: CalendarWriter
    privacy_basis: str = ""  #: the lawful basis, in its own words
    privacy_contact: str = ""  #: whom to ask about data protection
    sheets: SheetReader | None = None
    sheet_writer: SheetWriter | None = None
    pictures: Pictures | None = None
    certificates: Certificates | None = None
    person_files: PersonWriter | None = None
    cpd: CpdNotes | None = None
    holidays: Mapping[date, str] = field(default_factory=dict)  #: bank holidays with their names, for previews
    mails_per_minute: int | None = None  #: how fast e-mail may leave; None: no limit
    report: Callable[[ProgrammeReport, Pictures], str] | None = None  #: draws what stands on a report's page; slow, for a process aside
    has_server: bool = True  #: of Discord; without one no page speaks of it
    aside: Aside = asyncio.to_thread  #: where what takes seconds is computed


@dataclass(frozen=True)
class Place:
    """Where this installation's pages are. `address` is what people open, without a stroke at its end: links are made from it alone."""

    address: str
    proxies: tuple[str, ...] = ()  #: web servers in front, whose word on who asks is believed

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.address.startswith("https://")


#: gives the present instant (UTC, aware)
Clock = Callable[[], datetime]
