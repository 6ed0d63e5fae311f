"""Writing to people: written, seen as it will go out, tried on oneself, then sent once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.announcements import AnnouncementPreview, Written, preview, send, send_trial_by_mail, write
from domain.calling_off import days_left
from domain.errors import BadInput
from domain.models import Audience
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_programme import OfProgramme
from web.pages.typed import same, told_at
from web.safety.forms import words

TO = (Audience.CONFIRMED, Audience.WAITING, Audience.BOTH)
FIELDS = same("day", "subject", "words")


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of a message to those booked on a programme, a day of it, or a session."""
    pages = Messages(front)
    return [
        allowed.get("/organise/programme/{programme:int}/message", pages.form),
        allowed.post("/organise/programme/{programme:int}/message", pages.written),
        allowed.get("/organise/session/{session:int}/message", pages.form),
        allowed.post("/organise/session/{session:int}/message", pages.written),
        allowed.get("/organise/message/{message:int}", pages.show),
        allowed.post("/organise/message/{message:int}/trial", pages.trial),
        allowed.post("/organise/message/{message:int}/send", pages.send),
    ]


class Messages(OfProgramme):
    """A message, from the form to the post."""

    async def form(self, request: Request, visit: Visit) -> Response:
        """Where it is written."""
        _in_sight(visit)
        return await self._form(request, visit, {"to": Audience.CONFIRMED}, {})

    async def written(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Kept for a day, to be looked at. Nobody is sent anything yet."""
        _in_sight(visit)
        typed = {name: words(form, name) for name in ("to", "day", "subject", "words")}
        errors = {name: said for name, said in _MISSING.items() if not typed[name].strip()}
        if not errors:
            try:
                actor, now = visit.organiser.actor, self._front.clock()
                made = await self._front.store.write(write, visit.where, _message(visit, typed), actor=actor, now=now)
                return RedirectResponse(f"/organise/message/{made}", status_code=303)
            except BadInput as bad:
                errors = told_at(bad, FIELDS)
        return await self._form(request, visit, typed, errors, status=422)

    async def show(self, request: Request, visit: Visit) -> Response:
        """As it will go out, to how many, and when they have it."""
        _in_sight(visit)
        asked, whose = (visit.where, request.path_params["message"]), visit.whose
        shown: AnnouncementPreview = await self._front.store.read(
            preview, *asked, whose.mails_per_minute, now=self._front.clock(), has_server=whose.has_server
        )
        return self._page(request, "organise/message.html", visit, shown=shown, done=request.query_params.get("done", ""))

    async def trial(self, request: Request, visit: Visit, form: FormData) -> Response:
        """To the organiser alone."""
        _in_sight(visit)
        message = request.path_params["message"]
        await self._front.store.write(send_trial_by_mail, visit.where, message, visit.organiser.organiser_id, now=self._front.clock())
        self._front.wake()
        return RedirectResponse(f"/organise/message/{message}?done=tried", status_code=303)

    async def send(self, request: Request, visit: Visit, form: FormData) -> Response:
        """To everyone it is for, once: pressed twice it is sent once."""
        _in_sight(visit)
        message, actor = request.path_params["message"], visit.organiser.actor
        await self._front.store.write(send, visit.where, message, visit.whose.mails_per_minute, actor=actor, now=self._front.clock())
        self._front.wake()
        return RedirectResponse(f"/organise/message/{message}?done=sent", status_code=303)

    async def _form(
        self, request: Request, visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
    ) -> Response:
        days: tuple[date, ...] = ()
        if visit.found.desk is None:
            days = await self._front.store.read(days_left, visit.where, visit.programme.id, now=self._front.clock())
        return self._page(request, "organise/write.html", visit, status, typed=typed, errors=errors, days=days)


_MISSING = {"subject": "Enter a subject.", "words": "Write what you want to say."}


def _in_sight(visit: Visit) -> None:
    """Raises `NotAllowed` for a message about a private session that is not theirs to see."""
    if visit.found.desk is not None:
        visit.require_sight()


def _message(visit: Visit, typed: Mapping[str, str]) -> Written:
    to = next((one for one in TO if one == typed["to"]), Audience.CONFIRMED)
    session_id = visit.found.desk.session_id if visit.found.desk else None
    return Written(visit.programme.id, to, typed["subject"], typed["words"], session_id, None if session_id else _day(typed["day"]))


def _day(text: str) -> date | None:
    """A day of the list; none: the whole programme."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput("Choose one of the days in the list.", field="day") from None
