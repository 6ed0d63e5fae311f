"""Calling off a day or a whole programme: which, then what it would mean and the reason, then session after session, as in chat."""

from __future__ import annotations

from datetime import date, timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.calling_off import NOTHING_LEFT, CalledOff, CallOffPreview, begin, cancel_one, days_left, finish, preview
from domain.errors import BadInput
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_programme import OfProgramme
from web.safety.forms import words
from web.safety.outcomes import Outcome

ALL = "all"
NOTHING_CHOSEN = "Choose what to cancel."
NOT_A_DAY = "Choose one of the days, or the whole programme."
#: a send that is through sooner than this is not worth a sentence
SOON = timedelta(minutes=1)


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of calling off more than one session."""
    pages = CallingOff(front)
    at = "/organise/programme/{programme:int}/call-off"
    return [allowed.get(at, pages.ask), allowed.post(at, pages.carry_out)]


class CallingOff(OfProgramme):
    """Which day, what it would mean, and done."""

    async def ask(self, request: Request, visit: Visit) -> Response:
        """Which day; of one that is chosen, who would hear. Nothing is changed by looking."""
        if "day" not in request.query_params:
            if "chosen" in request.query_params:
                return await self._choose(request, visit, NOTHING_CHOSEN, status=422)
            return await self._choose(request, visit)
        return await self._shown(request, visit, request.query_params["day"])

    async def carry_out(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Each session is cancelled for itself, so that a fault on the way loses nothing: the clock carries on where it stopped."""
        said, store, actor = words(form, "day"), self._front.store, visit.organiser.actor
        try:
            day, reason = _day(said), words(form, "reason")
            await self._meant(visit, day)  # or there is nothing left to call off
            begun = await store.write(begin, visit.where, visit.programme.id, day, reason, actor=actor, now=self._front.clock())
            if begun.announcement_id is None:
                return await self._choose(request, visit, NOTHING_LEFT, status=422)
        except BadInput as bad:
            if bad.field != "reason":
                return await self._choose(request, visit, str(bad), status=422)
            return await self._shown(request, visit, said, typed=words(form, "reason"), error=str(bad), status=422)
        for session_id in begun.sessions:
            await store.write(cancel_one, visit.where, begun.announcement_id, session_id, visit.whose.rules, now=self._front.clock())
        done: CalledOff = await store.write(finish, visit.where, begun.announcement_id, visit.whose.rules, now=self._front.clock())
        self._front.wake()
        run = f"/organise/programme/{visit.programme.id}/running"
        return RedirectResponse(self._front.outcomes.address(request, run, Outcome("called-off", done.people)), status_code=303)

    async def _choose(self, request: Request, visit: Visit, error: str = "", *, status: int = 200) -> Response:
        days = await self._front.store.read(days_left, visit.where, visit.programme.id, now=self._front.clock())
        errors = {"day": error} if error else {}
        return self._page(request, "organise/call_off.html", visit, status, days=days, errors=errors)

    async def _meant(self, visit: Visit, day: date | None) -> CallOffPreview:
        """What calling it off would mean. Raises `BadInput` when nothing is left."""
        asked, whose = (visit.where, visit.programme.id, day), visit.whose
        found: CallOffPreview = await self._front.store.read(
            preview, *asked, whose.mails_per_minute, now=self._front.clock(), has_server=whose.has_server
        )
        return found

    async def _shown(self, request: Request, visit: Visit, said: str, *, typed: str = "", error: str = "", status: int = 200) -> Response:
        now = self._front.clock()
        try:
            day = _day(said)
            shown = await self._meant(visit, day)
        except BadInput as bad:
            return await self._choose(request, visit, str(bad), status=422)
        late = shown.through_at - now > SOON
        facts = {"shown": shown, "said": said, "typed": typed, "errors": {"reason": error} if error else {}, "late": late}
        return self._page(request, "organise/call_off_sure.html", visit, status, **facts)


def _day(text: str) -> date | None:
    """A day of the list; None: the whole programme. Raises `BadInput`."""
    try:
        return None if text == ALL else date.fromisoformat(text)
    except ValueError:
        raise BadInput(NOT_A_DAY, field="day") from None
