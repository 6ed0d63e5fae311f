"""One person of a family as they act: they open their invitation, book, prove their address, say what they need, withdraw, answer.

What a family does, it does where nobody else looks: in direct messages (`ChatFamily`), or on pages and by mail (`WebFamily`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from domain.models import BookingState
from domain.views import SessionView
from rehearsal.acting.scene import Scene
from rehearsal.people import Relative

#: what they say that they need: words that stand nowhere else, so that they are found if they travel
NEEDS = (
    ("childcare", "Somebody to mind Pip, aged three"),
    ("interpreter", "An interpreter who speaks Tigrinya"),
    ("access", "A chair near the door, my knee is slow"),
    ("travel", "Two bus fares from Harrow Lane"),
    ("supporter", "My neighbour Winnie comes along"),
    ("dietary", "Nothing with sesame in it"),
)
#: what came of asking, as the timeline says it
CAME = {BookingState.WAITLISTED: "waits", BookingState.HELD: "is held", BookingState.CONFIRMED: "booked"}


@dataclass
class Family(ABC):
    """Somebody of a family, and the sessions that they want, the first of which is too small for all."""

    scene: Scene
    actor: Relative
    code: str
    wants: list[SessionView]
    known: bool = False
    told: list[str] = field(default_factory=list)  #: what they said that they need

    @property
    def who(self) -> str:
        """How the timeline calls them."""
        return self.actor.pseudonym

    @property
    @abstractmethod
    def account(self) -> int | str:
        """How the evidence knows them: a Discord account, or an address."""

    @abstractmethod
    async def comes(self) -> None:
        """Open the code, read what happens next, and ask for the first session; somebody new proves their address when mail has come."""

    @abstractmethod
    async def withdraws(self, session: SessionView) -> None:
        """Give the place back, if there is one."""

    @abstractmethod
    async def answers(self, session: SessionView) -> None:
        """Say how it was, where they were asked; some do."""

    def need(self) -> tuple[str, str]:
        """The question that they answer, and the answer: nobody else says just that."""
        question, words = NEEDS[self.actor.number % len(NEEDS)]
        return question, f"{words}, for {self.actor.alias}"

    def note(self, what: str, *, session: SessionView | None = None, outcome: str = "") -> None:
        """A line of the timeline."""
        reference = session.reference if session is not None else ""
        self.scene.note(what, person=self.who, session=reference, outcome=outcome, channel=self.door)

    @property
    @abstractmethod
    def door(self) -> str:
        """The door that they came by."""

    def later(self, minutes: int, act: Callable[[], Awaitable[None]]) -> None:
        """Put something that they do on the list of acts."""
        self.scene.at(self.scene.now + timedelta(minutes=minutes), act)
