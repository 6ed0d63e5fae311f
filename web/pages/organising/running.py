"""Running what is published: closed to new bookings, opened again, put away; and what was done about it, by whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.closing import Step, archive, close, reopen, what_can_be_done
from domain.history import history
from domain.programmes import ProgrammeView
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_programme import OfProgramme
from web.safety.forms import number

UseCase = Callable[..., ProgrammeView]
#: what does each; its name is the last part of its address
STEPS: dict[Step, UseCase] = {Step.CLOSE: close, Step.REOPEN: reopen, Step.ARCHIVE: archive}


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of running a programme, and of its history."""
    pages = Running(front)
    at = "/organise/programme/{programme:int}"
    found = [
        allowed.get(f"{at}/running", pages.show),
        allowed.get(f"{at}/history", pages.history),
        allowed.get("/organise/session/{session:int}/history", pages.history),
    ]
    for step in STEPS:
        ask: Callable[[Request, Visit], Awaitable[Response]] = partial(pages.ask, step=step)
        done: Callable[[Request, Visit, FormData], Awaitable[Response]] = partial(pages.carry_out, step=step)
        found += [allowed.get(f"{at}/{step}", ask), allowed.post(f"{at}/{step}", done)]
    return found


class Running(OfProgramme):
    """What can be done with a programme as a whole."""

    async def show(self, request: Request, visit: Visit) -> Response:
        """How it stands, and each thing that can be done."""
        outcome = self._front.outcomes.read(request)
        return self._page(request, "organise/running.html", visit, steps=self._open_steps(visit), outcome=outcome)

    async def ask(self, request: Request, visit: Visit, *, step: Step) -> Response:
        """What it would mean."""
        return self._page(request, "organise/run.html", visit, step=step, can=step in self._open_steps(visit))

    async def carry_out(self, request: Request, visit: Visit, form: FormData, *, step: Step) -> Response:
        """Done. Pressed twice it is done once."""
        actor, now = visit.organiser.actor, self._front.clock()
        await self._front.store.write(STEPS[step], visit.where, visit.programme.id, actor=actor, now=now)
        self._front.wake()
        return RedirectResponse(f"/organise/programme/{visit.programme.id}/running?done={step}", status_code=303)

    async def history(self, request: Request, visit: Visit) -> Response:
        """Who did what, and when, the newest first. That somebody looked is recorded."""
        if visit.found.desk is not None:
            visit.require_sight()
        session_id = visit.desk.session_id if visit.found.desk else None
        before = number(request.query_params.get("before", ""))
        actor, now = visit.organiser.actor, self._front.clock()
        shown = await self._front.store.write(
            history,
            visit.where,
            visit.programme.id,
            before,
            actor=actor,
            now=now,
            session_id=session_id,
            sees_private=visit.found.sees_people,
        )
        return self._page(request, "organise/history.html", visit, shown=shown, newer=before is not None)

    def _open_steps(self, visit: Visit) -> tuple[Step, ...]:
        return what_can_be_done(visit.programme, now=self._front.clock())
