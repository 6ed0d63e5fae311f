"""What there is to book: programmes, their days, a session. Open to everybody; nothing private is ever named here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.bookable import to_book
from domain.browsing import open_programmes
from domain.database import Db
from domain.link_to_come import link_is_to_come
from domain.places import find_session
from domain.privacy import require_nothing_hidden
from domain.programme_page import programme_page
from domain.queries import session_view
from domain.series.bookable import series_to_ask_for
from domain.series.booking import FULL
from domain.series.views import NOT_FOR_ALL, PartOf, part_of
from domain.views import SessionView
from web.front import Front
from web.pages.narrowing import choices_of, chosen_in
from web.surroundings import Surroundings


def routes(front: Front) -> list[Route]:
    """Of a partnership's front page, its programmes and their sessions."""
    pages = Programmes(front)
    return [
        Route("/", pages.door, methods=["GET"]),
        Route("/{partnership}", pages.all, methods=["GET"]),
        Route("/{partnership}/", pages.stroke, methods=["GET"]),
        Route("/{partnership}/programme/{programme:int}", pages.one, methods=["GET"]),
        Route("/{partnership}/session/{session:int}", pages.session, methods=["GET"]),
        Route("/{partnership}/series/{series:int}", pages.series, methods=["GET"]),
    ]


class Programmes:
    """The public pages."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def door(self, request: Request) -> Response:
        """The only partnership's page, or a choice of them."""
        if len(self._front.each) == 1:
            return RedirectResponse(f"/{self._front.each[0].key}", status_code=303)
        return self._front.page(request, "door.html", each=self._front.each)

    async def stroke(self, request: Request) -> Response:
        """The front page, with a stroke at its end as people type it."""
        return RedirectResponse(f"/{self._front.partnership(request).key}", status_code=303)

    async def all(self, request: Request) -> Response:
        """The programmes that can be booked."""
        whose = self._front.partnership(request)
        found = await self._front.store.read(open_programmes, whose.partnership_id, now=self._front.clock())
        return self._front.page(request, "programmes.html", whose, programmes=found)

    async def one(self, request: Request) -> Response:
        """A programme by day, as far as the reader has narrowed it. What is booked together comes first, together."""
        whose, chosen = self._front.partnership(request), chosen_in(request)
        programme = await self._front.store.read_shared(programme_page, whose.partnership_id, request.path_params["programme"])
        every = [session for day in programme.days for session in day.sessions]
        shown = [(day.day, [one for one in day.sessions if chosen.fits(one)]) for day in programme.days]
        fitting = [one for _, sessions in shown for one in sessions]
        now = self._front.clock()
        series = [one for one in programme.series if one.coming(now) and any(session.series_id == one.id for session in fitting)]
        return self._front.page(
            request,
            "programme.html",
            whose,
            programme=programme,
            days=[(day, sessions) for day, sessions in shown if sessions],
            series=series,
            full={one.id for one in series if one.waits(now)},
            over={one.id for one in series if one.waits_in_vain(whose.rules, now)},
            full_series=FULL,
            of_series={one.id: one for one in programme.series},
            now=now,
            chosen=chosen,
            shown=len(fitting),
            total=len(every),
            choices=choices_of(every),
        )

    async def session(self, request: Request) -> Response:
        """One session that everybody may see. One of a series leads to the series, which is booked as a whole."""
        whose, now = self._front.partnership(request), self._front.clock()
        session, part, to_come = await self._front.store.read(_session, whose, request.path_params["session"], now)
        facts: dict[str, Any] = {"session": session, "part": part, "now": now, "not_for_all": NOT_FOR_ALL, "to_come": to_come}
        facts |= {"book": f"{request.url.path}/book", "to_book": to_book(session, whose.rules, now)}
        return self._front.page(request, "session.html", whose, **facts)

    async def series(self, request: Request) -> Response:
        """A series, part by part."""
        whose, now = self._front.partnership(request), self._front.clock()
        about = whose.partnership_id, request.path_params["series"], whose.rules
        found = await self._front.store.read(series_to_ask_for, *about, now=now)
        facts: dict[str, Any] = {"series": found.page, "to_book": found, "now": now, "book": f"{request.url.path}/book"}
        return self._front.page(request, "series.html", whose, **facts)


def _session(db: Db, whose: Surroundings, session_id: int, now: datetime) -> tuple[SessionView, PartOf | None, bool]:
    """The session, its part in a series, and whether its link is still to come."""
    session = find_session(db, whose.partnership_id, session_id)
    require_nothing_hidden(session)
    to_come = link_is_to_come(db, session, None, whose.rules, now=now)
    return session_view(db, session), part_of(db, session, None, None, now=now), to_come
