"""Who presents a session: named and asked, their answers, taken off again. The same use cases as in chat; each asks by e-mail itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import BadInput, NotFound
from domain.kinds import Format, Provider
from domain.presenters.naming import NewPresenter, PresenterView, add, change, mark, presenters_of, remove, set_co_organiser
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_session import OfSession
from web.pages.typed import same, told_at
from web.safety.forms import words

NO_NAME = "Enter their name, as people will see it."
EMPTY = {"label": "", "address": ""}
FIELDS = same(*EMPTY)


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of the presenters of one session, and of one of them."""
    pages = Presenters(front)
    at = "/organise/session/{session:int}/presenters"
    one = "/organise/session/{session:int}/presenter/{presenter:int}"
    return [
        allowed.get(at, pages.show),
        allowed.post(at, pages.add),
        allowed.get(one, pages.form),
        allowed.post(one, pages.change),
        allowed.post(f"{one}/answer", pages.answer),
        allowed.post(f"{one}/meeting", pages.meeting),
        allowed.get(f"{one}/remove", pages.ask_remove),
        allowed.post(f"{one}/remove", pages.remove),
    ]


class Presenters(OfSession):
    """The list with its form, and one presenter's page."""

    async def show(self, request: Request, visit: Visit) -> Response:
        """Everyone who presents it, and what they have said."""
        visit.require_sight()
        return await self._list(request, visit, EMPTY, {}, done=request.query_params.get("done", ""))

    async def add(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Named; who has an address is asked as soon as the session is published."""
        visit.require_sight()
        typed = _typed(form)
        try:
            if not typed["label"]:
                raise BadInput(NO_NAME, field="label")
            new = NewPresenter(typed["label"], typed["address"] or None, co_organiser=typed["runs"] == "yes")
            await self._do(visit, add, visit.desk.session_id, new)
        except BadInput as bad:
            return await self._list(request, visit, typed, told_at(bad, FIELDS), status=422)
        return self._back(visit, "added", "/presenters")

    async def form(self, request: Request, visit: Visit) -> Response:
        """One of them, and what can be done."""
        one = await self._one(request, visit)
        return self._one_page(request, visit, one, {"label": one.label, "address": one.address or ""}, {})

    async def change(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Another name or address. With another address somebody else is asked, and the old one told."""
        one = await self._one(request, visit)
        typed = _typed(form)
        try:
            if not typed["label"]:
                raise BadInput(NO_NAME, field="label")
            await self._do(visit, change, one.id, label=typed["label"], address=typed["address"])
        except BadInput as bad:
            return self._one_page(request, visit, one, typed, told_at(bad, FIELDS), status=422)
        return self._back(visit, "saved", "/presenters")

    async def answer(self, request: Request, visit: Visit, form: FormData) -> Response:
        """What the organiser has heard from them: they come, or it is open again. Without either nothing is said of them."""
        one = await self._one(request, visit)
        if words(form, "answer") not in ("yes", "open"):
            return await self.form(request, visit)
        await self._do(visit, mark, one.id, words(form, "answer") == "yes")
        return self._back(visit, "saved", "/presenters")

    async def meeting(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Whether they may run the Teams or Zoom meeting too."""
        one = await self._one(request, visit)
        try:
            await self._do(visit, set_co_organiser, one.id, words(form, "runs") == "yes")
        except BadInput as bad:
            typed = {"label": one.label, "address": ""}
            return self._one_page(request, visit, one, typed, told_at(bad, FIELDS), status=422)
        return self._back(visit, "saved", "/presenters")

    async def ask_remove(self, request: Request, visit: Visit) -> Response:
        """What taking them off would mean."""
        one = await self._one(request, visit)
        return self._page(request, "organise/presenter_off.html", visit, one=one)

    async def remove(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Taken off: the entry in their calendar is taken back. Pressed twice they are off once."""
        one = await self._found(request, visit)
        if one is not None:
            with suppress(NotFound):  # another press has just done it
                await self._do(visit, remove, one.id)
        return self._back(visit, "removed", "/presenters")

    async def _one(self, request: Request, visit: Visit) -> PresenterView:
        """The presenter that the address names. Raises `NotFound` for one of another session."""
        one = await self._found(request, visit)
        if one is None:
            raise NotFound
        return one

    async def _found(self, request: Request, visit: Visit) -> PresenterView | None:
        visit.require_sight()
        there = await self._front.store.read(presenters_of, visit.where, visit.desk.session_id)
        return next((one for one in there if one.id == request.path_params["presenter"]), None)

    async def _list(
        self, request: Request, visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str], *, done: str = "", status: int = 200
    ) -> Response:
        found = await self._front.store.read(presenters_of, visit.where, visit.desk.session_id)
        facts = {"found": found, "typed": typed, "errors": errors, "done": done, "meets": _meets(visit)}
        return self._page(request, "organise/presenters.html", visit, status, **facts)

    def _one_page(
        self,
        request: Request,
        visit: Visit,
        one: PresenterView,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        *,
        status: int = 200,
    ) -> Response:
        facts = {"one": one, "typed": typed, "errors": errors, "meets": _meets(visit)}
        return self._page(request, "organise/presenter.html", visit, status, **facts)


def _meets(visit: Visit) -> bool:
    """Whether there is a meeting of Teams or Zoom that they could run."""
    session = visit.desk.session
    return session.format is not Format.IN_PERSON and session.provider in (Provider.TEAMS, Provider.ZOOM)


def _typed(form: FormData) -> dict[str, str]:
    return {name: words(form, name).strip() for name in ("label", "address", "runs")}
