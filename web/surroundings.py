"""What the web is given: for each partnership one frozen value with everything it needs, made by the composition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.ports.aside import Aside
from domain.ports.drawing import Certificates, Pictures
from domain.ports.files import SheetReader, SheetWriter
from domain.ports.letters import CalendarWriter
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
    sheets: SheetReader | None = None
    sheet_writer: SheetWriter | None = None
    pictures: Pictures | None = None
    certificates: Certificates | None = None
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
