"""The stage: the real program, composed by the front door on the addresses of the stand-ins, and the stand-ins themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.database import Store
from domain.rules import Rules
from rehearsal.browser import Browsers
from rehearsal.chat import ChatStandIn
from rehearsal.clock import TravellingClock
from rehearsal.graph import GraphStandIn
from rehearsal.mailbox import Mailbox
from rehearsal.zoom import ZoomStandIn
from scheduler.ticks import Ticks


@dataclass(frozen=True)
class Stage:
    """Everything that a week is played on. The program's clock is `clock`; only `travel_to` moves it."""

    store: Store
    partnership_id: int
    rules: Rules
    ticks: Ticks
    chat: ChatStandIn
    graph: GraphStandIn
    zoom: ZoomStandIn
    mailbox: Mailbox
    clock: TravellingClock
    web: Browsers
    holidays: Mapping[date, str]

    def travel_to(self, instant: datetime) -> None:
        """Go to an instant, the program's clock and the chat's together; one that is past is now."""
        instant = max(instant, self.clock())
        self.clock.travel_to(instant)
        self.chat.advance_to(instant)
