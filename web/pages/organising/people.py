"""Who comes: the booking list, what people need, attendance. Every look at names is left in the audit trail."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.attendance import attendance_list, mark
from domain.booked import who_is_booked
from domain.models import Attendance
from domain.needs.lists import mark_seen_to, needs_list
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_session import OfSession
from web.safety.forms import words

#: people on one page of attendance: a form holds no more than some hundred fields
AT_ONCE = 200


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of the people on one session."""
    pages = People(front)
    at = "/organise/session/{session:int}"
    return [
        allowed.get(f"{at}/people", pages.booked),
        allowed.get(f"{at}/needs", pages.needs),
        allowed.post(f"{at}/needs", pages.seen_to),
        allowed.get(f"{at}/attendance", pages.attendance),
        allowed.post(f"{at}/attendance", pages.marked),
    ]


class People(OfSession):
    """The lists of names."""

    async def booked(self, request: Request, visit: Visit) -> Response:
        """Who has a place, and who waits."""
        visit.require_sight()
        listed = await self._front.store.write(who_is_booked, visit.where, visit.desk.session_id, **self._by(visit))
        return self._page(request, "organise/people.html", visit, people=listed)

    async def needs(self, request: Request, visit: Visit) -> Response:
        """Who needs what in order to come."""
        visit.require_sight()
        listed = await self._front.store.write(needs_list, visit.where, visit.desk.session_id, **self._by(visit))
        return self._page(request, "organise/needs.html", visit, listed=listed, done=request.query_params.get("done", ""))

    async def seen_to(self, request: Request, visit: Visit, form: FormData) -> Response:
        """What was ticked is arranged; the people see that."""
        visit.require_sight()
        ids = [int(one) for one in form.getlist("booking") if isinstance(one, str) and one.isdecimal() and len(one) < 10]
        if ids:
            await self._front.store.write(mark_seen_to, visit.where, visit.desk.session_id, ids, **self._by(visit))
        return RedirectResponse(f"/organise/session/{visit.desk.session_id}/needs?done=saved", status_code=303)

    async def attendance(self, request: Request, visit: Visit) -> Response:
        """Who was there, to mark."""
        visit.require_sight()
        listed = await self._front.store.write(attendance_list, visit.where, visit.desk.session_id, **self._by(visit))
        pages = max(1, ceil(len(listed.people) / AT_ONCE))
        said = request.query_params.get("page", "1")
        page = min(max(int(said), 1), pages) if said.isdecimal() and len(said) < 4 else 1
        shown = replace(listed, people=listed.people[(page - 1) * AT_ONCE : page * AT_ONCE])
        done = request.query_params.get("done", "")
        return self._page(request, "organise/attendance.html", visit, listed=shown, done=done, page=page, pages=pages)

    async def marked(self, request: Request, visit: Visit, form: FormData) -> Response:
        """As it was marked. Who is not in the form stays as they are."""
        visit.require_sight()
        marks = {}
        for name in form:
            person = name.removeprefix("person-")
            said = next((one for one in Attendance if one == words(form, name)), None)
            if name.startswith("person-") and person.isdecimal() and len(person) < 10 and said is not None:
                marks[int(person)] = said
        if marks:
            await self._front.store.write(mark, visit.where, visit.desk.session_id, marks, **self._by(visit))
            self._front.wake()
        page = words(form, "page") if words(form, "page").isdecimal() else "1"
        return RedirectResponse(f"/organise/session/{visit.desk.session_id}/attendance?done=saved&page={page}", status_code=303)

    def _by(self, visit: Visit) -> dict[str, Any]:
        return {"actor": visit.organiser.actor, "now": self._front.clock()}
