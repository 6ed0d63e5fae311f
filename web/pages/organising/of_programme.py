"""What every organisers' page works with: the front, and what an address of theirs is about."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from web.front import Front
from web.pages.organising.allowed import Visit


class OfProgramme:
    """A group of pages about a programme, or about something of it."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def _page(self, request: Request, template: str, visit: Visit, status: int = 200, **facts: object) -> Response:
        facts |= {"visit": visit, "programme": visit.programme, "desk": visit.found.desk}
        return self._front.page(request, template, visit.whose, status=status, now=self._front.clock(), **facts)
