"""What every page behind one's own link works with: whose it is, what they have, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.database import Db
from domain.errors import NotFound
from domain.links import opened
from domain.models import Person, Purpose
from domain.own_page import OwnBooking, OwnPage, own_page
from web.front import Front
from web.surroundings import Surroundings

#: in the address of the page that asks a family where they work: they came from a yes, and go back to it
BEFORE_YES = "yes"


@dataclass(frozen=True)
class Reader:
    """Whose link was opened."""

    partnership_id: int
    person_id: int
    name: str


class OnesOwn:
    """A group of pages behind one's own link."""

    def __init__(self, front: Front) -> None:
        self.front = front

    async def reader(self, request: Request) -> Reader:
        """Whose link it is. Raises `NotFound`."""
        return await self.front.store.read(reader_of, self.front.ids, request.path_params["token"], self.front.clock())

    async def own(self, request: Request) -> tuple[Reader, OwnPage]:
        """Whose link it is, and all that they have. Families are shown whom to call."""
        reader, own = await self.front.store.read(_own, self.front, request.path_params["token"], self.front.clock())
        request.state.call = " or ".join(own.contacts)
        return reader, own

    async def one(self, request: Request) -> tuple[Reader, OwnBooking]:
        """The reader, and the booking that the address names. Raises `NotFound` where they have none."""
        reader, own = await self.own(request)
        found = next((one for one in own.booked if one.page.session.id == request.path_params["session"]), None)
        if found is None:
            raise NotFound
        return reader, found

    def whose(self, reader: Reader) -> Surroundings:
        """Their partnership."""
        return self.front.of(reader.partnership_id)

    def here(self, request: Request) -> str:
        """The address of their own page."""
        return f"/mine/{request.path_params['token']}"

    def page(self, request: Request, template: str, reader: Reader, *, status: int = 200, **facts: object) -> Response:
        """A page that knows whose it is and where its own page is."""
        facts |= {"here": self.here(request), "now": self.front.clock()}
        return self.front.page(request, template, self.whose(reader), status=status, **facts)

    def back(self, request: Request, done: str) -> Response:
        """To their own page, after something has changed: it says what, by one of its own words for it."""
        self.front.wake()
        return RedirectResponse(f"{self.here(request)}?done={done}", status_code=303)


def reader_of(db: Db, ids: tuple[int, ...], token: str, now: datetime) -> Reader:
    """Whose page it is. Raises `NotFound`."""
    link = opened(db, ids, Purpose.MINE, token, now=now)
    person = db.get_one(Person, link.person_id)
    return Reader(link.partnership_id, person.id or 0, person.name)


def _own(db: Db, front: Front, token: str, now: datetime) -> tuple[Reader, OwnPage]:
    reader = reader_of(db, front.ids, token, now)
    own = own_page(db, reader.partnership_id, reader.person_id, front.rules_of[reader.partnership_id], now=now)
    return reader, replace(own, has_chat=own.has_chat and front.of(reader.partnership_id).has_server)  # an account outlives the server
