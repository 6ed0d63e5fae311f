"""What every page about one session works with: the session as its organisers see it, and whether it can still be changed."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from web.front import Front
from web.pages.organising.allowed import Visit


class OfSession:
    """A group of pages about one session."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def _page(self, request: Request, template: str, visit: Visit, status: int = 200, **facts: object) -> Response:
        now = self._front.clock()
        facts |= {"visit": visit, "programme": visit.programme, "desk": visit.desk, "session": visit.desk.session}
        return self._front.page(request, template, visit.whose, status=status, now=now, changes=visit.desk.is_ahead(now), **facts)
