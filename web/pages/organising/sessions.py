"""One session in its organiser's hands: how it stands, changing it, saying whether it is private, cancelling it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.descriptions import NewSession
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.hosts import not_set_up
from domain.models import Privacy, SessionState
from domain.moving import MovePreview, preview_move
from domain.private_sessions import set_privacy
from domain.sessions import cancel_session, edit
from domain.times import day_of
from domain.undoing import TOO_LATE, Undone, session_of_undo, undo, undo_of
from domain.week import week
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_session import OfSession
from web.pages.organising.typed import (
    FIELDS,
    HEADINGS,
    ORDER,
    changed,
    differing,
    fields_of,
    fingerprint,
    meeting_items,
    stands_already,
    told_by_heading,
    typed_in,
)
from web.pages.typed import NO_FIELD
from web.safety.forms import number, words
from web.safety.outcomes import Outcome


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of one session."""
    pages = Sessions(front)
    at = "/organise/session/{session:int}"
    return [
        allowed.get(at, pages.show),
        allowed.get(f"{at}/edit", pages.form),
        allowed.post(f"{at}/edit", pages.save),
        allowed.post(f"{at}/undo", pages.undo),
        allowed.post(f"{at}/privacy", pages.answer),
        allowed.get(f"{at}/cancel", pages.ask_cancel),
        allowed.post(f"{at}/cancel", pages.cancel),
    ]


class Sessions(OfSession):
    """A session's pages."""

    async def show(self, request: Request, visit: Visit) -> Response:
        """How it stands, in numbers."""
        days = await self._front.store.read(week, visit.where, visit.programme.id, sees_private=visit.found.sees_people)
        glance = next(one for day in days for one in day.sessions if one.session_id == visit.desk.session_id)
        without = await self._front.store.read(not_set_up, visit.where)
        last = await self._front.store.read(undo_of, visit.where, visit.desk.session_id, now=self._front.clock())
        outcome = self._front.outcomes.read(request)
        return self._page(request, "organise/session.html", visit, glance=glance, outcome=outcome, without=without, undo=last)

    async def form(self, request: Request, visit: Visit) -> Response:
        """The session's words, to change."""
        self._still_open(visit)
        return await self._form(request, visit, fields_of(visit.desk.session), {})

    async def save(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Changed; of a new time the page first says what it would mean."""
        self._still_open(visit)
        session = visit.desk.session
        fields = typed_in(form, session)
        today = day_of(self._front.clock(), session.zone)
        if stands_already(session, fields, today=today):
            return self._back(visit, "saved")
        if words(form, "seen") != fingerprint(session):
            return await self._form(request, visit, fields, {}, differs=differing(session, fields), status=409)
        try:
            new = changed(session, fields, today=today)
            moved = await self._moved(visit, new)
            asks = fingerprint((new.starts_at, new.ends_at, moved))
            if moved is not None and words(form, "sure") != asks:
                return await self._form(request, visit, fields, {}, moved=moved, sure=asks)
            done = await self._do(visit, edit, visit.desk.session_id, new, seen=visit.desk.session)
        except BadInput as bad:
            told = told_by_heading(bad, HEADINGS, FIELDS)
            in_order = sorted(told, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
            return await self._form(request, visit, fields, {name: told[name] for name in in_order}, status=422)
        except Closed:
            raise
        except Refusal as refused:
            return await self._form(request, visit, fields, {NO_FIELD: str(refused)}, status=409)
        return self._saved(request, visit, done)

    async def undo(self, request: Request, visit: Visit, form: FormData) -> Response:
        """The last change is taken back. Pressed twice it is taken back once; pressed too late the page says so."""
        visit.require_sight()
        undo_id = number(words(form, "undo")) or 0
        if await self._front.store.read(session_of_undo, visit.where, undo_id) != visit.desk.session_id:
            raise NotFound(TOO_LATE)
        done: Undone = await self._do(visit, undo, undo_id)
        if done.already:
            return self._back(visit, "undone-before")
        return self._say(request, visit, Outcome("undone", done.told, done.promoted or None))

    async def answer(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Whether it is private: asked where its words look as if families take part. Without an answer it is asked again."""
        visit.require_sight()
        privacy = next((one for one in Privacy if one == words(form, "privacy")), None)
        if privacy is None:
            return await self.show(request, visit)
        await self._do(visit, set_privacy, [visit.desk.session_id], privacy, sees_private=visit.found.sees_people)
        return self._back(visit, "saved")

    async def ask_cancel(self, request: Request, visit: Visit) -> Response:
        """What cancelling would mean."""
        self._still_open(visit)
        return self._page(request, "organise/cancel.html", visit, typed="", errors={})

    async def cancel(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Cancelled, and everyone who had a claim is told why. Pressed twice it is cancelled once."""
        visit.require_sight()
        reason = words(form, "reason")
        told = None if visit.desk.state is SessionState.CANCELLED else visit.desk.active
        try:
            await self._do(visit, cancel_session, visit.desk.session_id, reason)
        except BadInput as bad:
            return self._page(request, "organise/cancel.html", visit, 422, typed=reason, errors={"reason": str(bad)})
        week_of = f"/organise/programme/{visit.programme.id}"
        return RedirectResponse(self._front.outcomes.address(request, week_of, Outcome("cancelled", told)), status_code=303)

    async def _moved(self, visit: Visit, new: NewSession) -> MovePreview | None:
        """What a new time would mean to those who are booked; None where nothing moves, or nobody would notice."""
        was = visit.desk.session
        if (new.starts_at, new.ends_at) == (was.starts_at, was.ends_at) or visit.desk.state is not SessionState.PUBLISHED:
            return None
        span = new.starts_at, new.ends_at
        found = await self._front.store.read(
            preview_move, visit.where, visit.desk.session_id, *span, visit.whose.rules, now=self._front.clock()
        )
        return found if found.bookings or not found.host_free else None

    async def _form(
        self,
        request: Request,
        visit: Visit,
        fields: Mapping[str, str],
        errors: Mapping[str, str],
        *,
        moved: MovePreview | None = None,
        sure: str = "",
        differs: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        facts: dict[str, Any] = {"typed": fields, "errors": errors, "moved": moved, "sure": sure, "differs": differs}
        without = await self._front.store.read(not_set_up, visit.where)
        facts["meeting_on"] = meeting_items(without)
        return self._page(request, "organise/edit.html", visit, status, seen=fingerprint(visit.desk.session), **facts)
