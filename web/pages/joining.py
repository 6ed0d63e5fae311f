"""The way into a session: today's room, whom to call, and a button to say that one is here. Opening the page records nothing."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.errors import Closed
from domain.joining import say_here, way_in
from web.front import Front


def routes(front: Front) -> list[Route]:
    """Of a booking's link."""
    pages = Joining(front)
    return [Route("/join/{token}", pages.show, methods=["GET"]), Route("/join/{token}", pages.here, methods=["POST"])]


class Joining:
    """One page with a link and a button."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """Where to go, as things stand."""
        way = await self._front.store.read(way_in, self._front.ids, request.path_params["token"], now=self._front.clock())
        return self._front.page(request, "join.html", self._front.of(way.partnership_id), way=way, session=way.session)

    async def here(self, request: Request) -> Response:
        """They are here. Pressed too early or too late, the page says how things stand, and nothing is marked."""
        await self._front.forms.read(request)
        try:
            await self._front.store.write(say_here, self._front.ids, request.path_params["token"], now=self._front.clock())
        except Closed:
            pass
        else:
            self._front.wake()
        return RedirectResponse(request.url.path, status_code=303)
