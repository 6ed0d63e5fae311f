"""Booking more from one's own page: what is open, and one button for each. A clash is asked about on a page of its own."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.bookings import Came
from domain.choosing import asked_of, book_mine, book_series_mine, series_asked_of, what_to_book
from domain.kinds import Mode
from domain.models import BookingState
from web.front import Front
from web.pages.own import OnesOwn
from web.safety.forms import words

#: what their own page says of what came of it
SAID = {Came.CONFIRMED: "booked", Came.WAITLISTED: "waits", Came.HELD: "kept"}
SAID_OF_SERIES = {BookingState.CONFIRMED: "booked", BookingState.WAITLISTED: "waits", BookingState.HELD: "kept"}


def routes(front: Front) -> list[Route]:
    """Of a person's own link."""
    pages = Choosing(front)
    session, series = "/mine/{token}/session/{session:int}/book", "/mine/{token}/series/{series:int}/book"
    return [
        Route("/mine/{token}/find", pages.find, methods=["GET"]),
        Route(session, pages.ask, methods=["GET"]),
        Route(session, pages.book, methods=["POST"]),
        Route(series, pages.ask_series, methods=["GET"]),
        Route(series, pages.book_series, methods=["POST"]),
    ]


class Choosing(OnesOwn):
    """The list, and the page that asks about one of it."""

    async def find(self, request: Request) -> Response:
        """What there is to book."""
        reader, _ = await self.own(request)
        about = reader.partnership_id, reader.person_id, self.whose(reader).rules
        choices = await self.front.store.read(what_to_book, *about, now=self.front.clock())
        return self.page(request, "find.html", reader, choices=choices)

    async def ask(self, request: Request) -> Response:
        """One session, and what they have at that time."""
        reader = await self.reader(request)
        session_id, rules = request.path_params["session"], self.whose(reader).rules
        about = reader.partnership_id, session_id, reader.person_id, rules
        asked = await self.front.store.read(asked_of, *about, now=self.front.clock())
        if asked.already:
            return RedirectResponse(self.here(request), status_code=303)
        return self.page(request, "find_one.html", reader, asked=asked, session=asked.session)

    async def book(self, request: Request) -> Response:
        """Booked, or on the list. Pressed twice it is booked once."""
        mode, as_well = await self._answers(request)
        reader = await self.reader(request)
        about = reader.partnership_id, request.path_params["session"], reader.person_id, self.whose(reader).rules
        booked = await self.front.store.write(book_mine, *about, now=self.front.clock(), mode=mode, accept_clash=as_well)
        if booked.came is Came.CLASH:
            return RedirectResponse(request.url.path, status_code=303)
        return self.back(request, SAID[booked.came])

    async def ask_series(self, request: Request) -> Response:
        """A series, and what they have at the time of its parts."""
        reader = await self.reader(request)
        about = reader.partnership_id, request.path_params["series"], reader.person_id, self.whose(reader).rules
        choice = await self.front.store.read(series_asked_of, *about, now=self.front.clock())
        if choice is None:
            return RedirectResponse(self.here(request), status_code=303)
        return self.page(request, "find_series.html", reader, choice=choice)

    async def book_series(self, request: Request) -> Response:
        """All of it. Pressed twice it is booked once."""
        mode, as_well = await self._answers(request)
        reader = await self.reader(request)
        about = reader.partnership_id, request.path_params["series"], reader.person_id, self.whose(reader).rules
        booked = await self.front.store.write(book_series_mine, *about, now=self.front.clock(), mode=mode, accept_clash=as_well)
        if booked.state is None:
            return RedirectResponse(request.url.path, status_code=303)
        return self.back(request, SAID_OF_SERIES[booked.state])

    async def _answers(self, request: Request) -> tuple[Mode | None, bool]:
        """How they take part, where they said, and whether a clash was shown to them and accepted."""
        form = await self.front.forms.read(request)
        return next((one for one in Mode if one == words(form, "way")), None), words(form, "clash") == "accepted"
