"""One's own page: everything that somebody has booked, behind the one link that their e-mails carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.askers import ByLink
from domain.bookings import book, cancel
from domain.browsing import SessionPage, my_bookings
from domain.database import Db
from domain.errors import NotFound
from domain.links import opened
from domain.models import Person, Purpose
from web.front import Front
from web.surroundings import Surroundings


def routes(front: Front) -> list[Route]:
    """Of a person's own link."""
    pages = Mine(front)
    return [
        Route("/mine/{token}", pages.show, methods=["GET"]),
        Route("/mine/{token}/session/{session:int}/cancel", pages.ask_cancel, methods=["GET"]),
        Route("/mine/{token}/session/{session:int}/cancel", pages.cancel, methods=["POST"]),
        Route("/mine/{token}/session/{session:int}/accept", pages.accept, methods=["POST"]),
    ]


@dataclass(frozen=True)
class Reader:
    """Whose link was opened."""

    partnership_id: int
    person_id: int
    name: str


class Mine:
    """The list, and what can be done with each place."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """What is booked, held and waited for."""
        reader, booked = await self._front.store.read(_mine, self._front.ids, request.path_params["token"], self._front.clock())
        return self._page(request, "mine.html", reader, booked=booked)

    async def ask_cancel(self, request: Request) -> Response:
        """A question before a place is given back."""
        reader, page = await self._one(request)
        return self._page(request, "cancel.html", reader, page=page, session=page.session)

    async def cancel(self, request: Request) -> Response:
        """Given back. Pressed twice it is given back once."""
        await self._front.forms.read(request)
        reader = await self._reader(request)
        await self._front.store.write(cancel, *_place(request, reader), self._whose(reader).rules, now=self._front.clock())
        return self._back(request)

    async def accept(self, request: Request) -> Response:
        """An offered place is taken, though it is at the same time as another."""
        await self._front.forms.read(request)
        reader, _ = await self._one(request)
        rules = self._whose(reader).rules
        await self._front.store.write(book, *_place(request, reader), rules, now=self._front.clock(), accept_clash=True)
        return self._back(request)

    async def _reader(self, request: Request) -> Reader:
        return await self._front.store.read(reader_of, self._front.ids, request.path_params["token"], self._front.clock())

    async def _one(self, request: Request) -> tuple[Reader, SessionPage]:
        """The reader, and their place. Raises `NotFound` where they have none."""
        reader, pages = await self._front.store.read(_mine, self._front.ids, request.path_params["token"], self._front.clock())
        found = next((page for page in pages if page.session.id == request.path_params["session"]), None)
        if found is None:
            raise NotFound
        return reader, found

    def _whose(self, reader: Reader) -> Surroundings:
        return self._front.of(reader.partnership_id)

    def _page(self, request: Request, template: str, reader: Reader, **facts: object) -> Response:
        facts |= {"reader": reader, "here": f"/mine/{request.path_params['token']}", "now": self._front.clock()}
        return self._front.page(request, template, self._whose(reader), status=200, **facts)

    def _back(self, request: Request) -> Response:
        self._front.wake()
        return RedirectResponse(f"/mine/{request.path_params['token']}", status_code=303)


def _place(request: Request, reader: Reader) -> tuple[int, int, int]:
    return reader.partnership_id, request.path_params["session"], reader.person_id


def reader_of(db: Db, ids: tuple[int, ...], token: str, now: datetime) -> Reader:
    """Whose page it is. Raises `NotFound`."""
    link = opened(db, ids, Purpose.MINE, token, now=now)
    person = db.get_one(Person, link.person_id)
    return Reader(link.partnership_id, person.id or 0, person.name)


def _mine(db: Db, ids: tuple[int, ...], token: str, now: datetime) -> tuple[Reader, tuple[SessionPage, ...]]:
    reader = reader_of(db, ids, token, now)
    return reader, my_bookings(db, reader.partnership_id, ByLink(reader.person_id), now=now)
