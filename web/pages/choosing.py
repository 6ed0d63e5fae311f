"""Booking more from one's own page: what is open, and one button for each. A clash is asked about on a page of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.bookings import Came
from domain.choosing import (
    Bookable,
    book_mine,
    book_series_mine,
    says_where_first,
    says_where_first_of,
    series_to_book,
    session_to_book,
    what_to_book,
)
from domain.errors import BadInput
from domain.kinds import Mode
from domain.models import BookingState
from domain.organisations import known_organisations
from domain.people import say_where
from domain.series.bookable import BookableSeries
from web.front import Front
from web.pages.narrowing import Chosen, Listed, choices_of, chosen_in
from web.pages.own import BEFORE_YES, OnesOwn, Reader
from web.pages.typed import Typed, area_of, same, told_at, typed_where
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
        Route("/mine/{token}/find", pages.said_where, methods=["POST"]),
        Route(session, pages.ask, methods=["GET"]),
        Route(session, pages.book, methods=["POST"]),
        Route(series, pages.ask_series, methods=["GET"]),
        Route(series, pages.book_series, methods=["POST"]),
    ]


class Choosing(OnesOwn):
    """The list, and the page that asks about one of it."""

    async def find(self, request: Request) -> Response:
        """What there is to book. Who came by an invitation alone is asked first where they work."""
        reader, _ = await self.own(request)
        return await self._find(request, reader, Typed())

    async def said_where(self, request: Request) -> Response:
        """Where they work is kept, and they see what there is to book; or go back to the yes that they were asked at."""
        form = await self.front.forms.read(request)
        reader, _ = await self.own(request)
        typed = typed_where(form)
        if not typed.errors:
            said = reader.partnership_id, reader.person_id, typed.of("organisation"), area_of(typed), self.whose(reader).rules
            try:
                await self.front.store.write(say_where, *said, now=self.front.clock())
                if BEFORE_YES in request.query_params:
                    return self.back(request, "said_where")
                return RedirectResponse(request.url.path, status_code=303)
            except BadInput as bad:
                typed.errors |= told_at(bad, same("organisation"))
        return await self._find(request, reader, typed, status=422)

    async def _find(self, request: Request, reader: Reader, typed: Typed, *, status: int = 200) -> Response:
        rules = self.whose(reader).rules
        about = reader.partnership_id, reader.person_id, rules
        found = await self.front.store.read(what_to_book, *about, now=self.front.clock())
        names = await self.front.store.read(known_organisations, reader.partnership_id, rules) if found.family else ()
        chosen, every = chosen_in(request), _sessions(found)
        shown = _narrowed(found, chosen)
        facts: dict[str, object] = {"found": shown, "some": bool(found.programmes or found.series), "organisations": names, "typed": typed}
        facts |= {
            "before_yes": found.family and BEFORE_YES in request.query_params,
            "chosen": chosen,
            "choices": choices_of(every),
            "shown": len(_sessions(shown)),
            "total": len(every),
        }
        return self.page(request, "find.html", reader, status=status, **facts)

    async def ask(self, request: Request) -> Response:
        """One session, and what they have at that time."""
        return await self._ask(request, None)

    async def _ask(self, request: Request, typed: Typed | None, *, status: int = 200) -> Response:
        """`typed` None: of a private session the name that they go by is offered."""
        reader = await self.reader(request)
        session_id, rules = request.path_params["session"], self.whose(reader).rules
        asks = reader.partnership_id, session_id, reader.person_id
        if await self.front.store.read(says_where_first, *asks, now=self.front.clock()):
            return RedirectResponse(f"{self.here(request)}/find", status_code=303)
        about = reader.partnership_id, session_id, reader.person_id, rules
        one = await self.front.store.read(session_to_book, *about, now=self.front.clock())
        if one.already:
            return RedirectResponse(self.here(request), status_code=303)
        request.state.call = one.contact
        typed = typed or Typed({"name": one.called})
        facts: dict[str, Any] = {"one": one, "session": one.session, "typed": typed, "patience": rules.link_patience}
        return self.page(request, "find_one.html", reader, status=status, **facts)

    async def book(self, request: Request) -> Response:
        """Booked, or on the list. Pressed twice it is booked once. What clashes is asked about, beside the name that they typed."""
        mode, as_well, name = await self._answers(request)
        reader = await self.reader(request)
        about = reader.partnership_id, request.path_params["session"], reader.person_id, self.whose(reader).rules
        said: dict[str, Any] = {"mode": mode, "accept_clash": as_well, "alias": name}
        try:
            booked = await self.front.store.write(book_mine, *about, now=self.front.clock(), **said)
        except BadInput as bad:
            if bad.field != "alias":
                raise
            typed = Typed({"name": name}, errors=told_at(bad, {"alias": "name"}))
            return await self._ask(request, typed, status=422)
        if booked.came is Came.CLASH:
            return await self._ask(request, Typed({"name": name}) if name else None)
        return self.back(request, SAID[booked.came])

    async def ask_series(self, request: Request) -> Response:
        """A series, and what they have at the time of its parts."""
        reader = await self.reader(request)
        about = reader.partnership_id, request.path_params["series"], reader.person_id
        if await self.front.store.read(says_where_first_of, *about, now=self.front.clock()):
            return RedirectResponse(f"{self.here(request)}/find", status_code=303)
        return await self._ask_series(request, reader, Typed())

    async def book_series(self, request: Request) -> Response:
        """All of it. Pressed twice it is booked once. What clashes is asked about, beside the way that they chose."""
        mode, as_well, _ = await self._answers(request)
        reader = await self.reader(request)
        about = reader.partnership_id, request.path_params["series"], reader.person_id, self.whose(reader).rules
        try:
            booked = await self.front.store.write(book_series_mine, *about, now=self.front.clock(), mode=mode, accept_clash=as_well)
        except BadInput as bad:
            return await self._ask_series(request, reader, Typed(errors=told_at(bad, {"mode": "way"})), status=422)
        if booked.state is None:
            return await self._ask_series(request, reader, Typed({"way": mode or ""}))
        return self.back(request, SAID_OF_SERIES[booked.state])

    async def _ask_series(self, request: Request, reader: Reader, typed: Typed, *, status: int = 200) -> Response:
        about = reader.partnership_id, request.path_params["series"], reader.person_id, self.whose(reader).rules
        series: BookableSeries | None = await self.front.store.read(series_to_book, *about, now=self.front.clock())
        if series is None:
            return RedirectResponse(self.here(request), status_code=303)
        return self.page(request, "find_series.html", reader, status=status, series=series, typed=typed)

    async def _answers(self, request: Request) -> tuple[Mode | None, str, str]:
        """How they take part, where they said, the mark of the clashes that were shown to them and accepted, and a name for it."""
        form = await self.front.forms.read(request)
        return next((one for one in Mode if one == words(form, "way")), None), words(form, "clash"), words(form, "name")


def _sessions(found: Bookable) -> list[Listed]:
    """Every session that is shown: those of series too."""
    alone = [one.session for programme in found.programmes for _, each in programme.days for one in each]
    return [*alone, *(part for series in found.series for part in series.parts)]


def _narrowed(found: Bookable, chosen: Chosen) -> Bookable:
    """What the reader wants to see of it: a series where one of its parts is among it."""
    programmes = []
    for programme in found.programmes:
        days = ((day, tuple(one for one in each if chosen.fits(one.session))) for day, each in programme.days)
        programmes.append(replace(programme, days=tuple((day, each) for day, each in days if each)))
    series = tuple(one for one in found.series if any(chosen.fits(part) for part in one.parts))
    return replace(found, programmes=tuple(one for one in programmes if one.days), series=series)
