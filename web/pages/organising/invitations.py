"""Invitations to private sessions: made, and their address shown once; listed; taken back. Only for that programme's own organisers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.errors import BadInput, Closed, NotAllowed, NotFound, Refusal
from domain.invitations import LONGEST_LIFE, MOST_USES, CodeView, NewCode, codes_of, list_codes, make_code, nothing_private, revoke
from domain.models import Privacy
from domain.privacy import ONLY_THEIRS
from web.front import Front
from web.pages.invited import PATH
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_programme import OfProgramme
from web.pages.typed import told_at
from web.safety.forms import number, words

OPEN = "This session is open to everyone, so nobody needs an invitation."
NOTHING_PRIVATE = "Nothing in this programme is private, so nobody needs an invitation."
PEOPLE = f"Enter for how many people, from 1 to {MOST_USES:,}. Leave it empty for any number."
DAYS = f"Enter the days as a number, from 1 to {LONGEST_LIFE.days}. Leave it empty to let it last until the programme is over."
#: the fields of the form, by the names that `NewCode` has for them
FIELDS = {"most_uses": "people", "days": "days", "label": "note"}


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of a programme's private sessions, of one of them, and of one invitation."""
    pages = Invitations(front)
    found = []
    for at in ("/organise/programme/{programme:int}/invitations", "/organise/session/{session:int}/invitations"):
        found += [allowed.get(at, pages.show), allowed.post(at, pages.make)]
    one = "/organise/invitation/{invitation:int}/take-back"
    return [*found, allowed.get(one, pages.ask), allowed.post(one, pages.take_back)]


class Invitations(OfProgramme):
    """The list with its form, the address of a new one, and the question before one is taken back."""

    async def show(self, request: Request, visit: Visit) -> Response:
        """Each with its first letters. That somebody looked is recorded."""
        await self._require(visit)
        return await self._list(request, visit, {"people": "1"}, {}, done=request.query_params.get("done", ""))

    async def make(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Made, and shown: no other page shows it. So this answer is the page itself; sent twice, the second makes none."""
        await self._require(visit)
        typed = {name: words(form, name).strip() for name in ("people", "days", "note", "newest")}
        errors = _unreadable(typed)
        session_id = visit.desk.session_id if visit.found.desk else None
        people, days = ((number(typed[name]) or 0) if typed[name] else None for name in ("people", "days"))  # no number is refused as 0 is
        new = NewCode(visit.programme.id, session_id, people, days, typed["note"])
        newest = number(typed["newest"]) or 0
        actor, now = visit.organiser.actor, self._front.clock()
        try:
            made = await self._front.store.write(make_code, visit.where, new, actor=actor, now=now, newest=newest)
        except BadInput as bad:
            return await self._list(request, visit, typed, told_at(bad, FIELDS) | errors, status=422)
        except Refusal as refused:
            return await self._list(request, visit, typed, told_at(refused, FIELDS), status=409)
        address = self._front.link(f"/{visit.whose.key}/invited/{made.code}")
        facts: dict[str, Any] = {"made": made, "address": address, "paper": self._front.link(PATH), "back": _at(visit)}
        return self._page(request, "organise/invitation.html", visit, **facts)

    async def ask(self, request: Request, visit: Visit) -> Response:
        """What taking it back would mean."""
        one = await self._one(request, visit)
        return self._page(request, "organise/take_back.html", visit, one=one, back=_list_of(visit, one))

    async def take_back(self, request: Request, visit: Visit, form: FormData) -> Response:
        """It lets nobody in any more. Pressed twice it is taken back once."""
        one = await self._one(request, visit)
        await self._front.store.write(revoke, visit.where, one.id, actor=visit.organiser.actor, now=self._front.clock())
        return RedirectResponse(f"{_list_of(visit, one)}?done=taken-back", status_code=303)

    async def _one(self, request: Request, visit: Visit) -> CodeView:
        _require_people(visit)
        codes = await self._front.store.read(codes_of, visit.where, visit.programme.id, now=self._front.clock())
        found = next((one for one in codes if one.id == request.path_params["invitation"]), None)
        if found is None:
            raise NotFound
        return found

    async def _require(self, visit: Visit) -> None:
        """Raises `NotAllowed` for who may not see the people of private sessions, `Closed` where nothing is private."""
        _require_people(visit)
        if visit.found.desk is not None and visit.desk.session.privacy is not Privacy.PRIVATE:
            raise Closed(OPEN)
        if visit.found.desk is None and await self._front.store.read(nothing_private, visit.where, visit.programme.id):
            raise Closed(NOTHING_PRIVATE)

    async def _list(
        self, request: Request, visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str], *, done: str = "", status: int = 200
    ) -> Response:
        actor, now = visit.organiser.actor, self._front.clock()
        every = await self._front.store.write(list_codes, visit.where, visit.programme.id, actor=actor, now=now)
        mine = [one for one in every if visit.found.desk is None or one.session_id in (None, visit.desk.session_id)]
        newest = every[0].id if every else 0
        facts = {"codes": mine, "typed": typed, "errors": errors, "newest": newest, "done": done}
        return self._page(request, "organise/invitations.html", visit, status, **facts)


def _require_people(visit: Visit) -> None:
    if not visit.found.sees_people:
        raise NotAllowed(ONLY_THEIRS)


def _at(visit: Visit) -> str:
    """The list that the address is of."""
    if visit.found.desk is not None:
        return f"/organise/session/{visit.desk.session_id}/invitations"
    return f"/organise/programme/{visit.programme.id}/invitations"


def _list_of(visit: Visit, one: CodeView) -> str:
    """The list that an invitation is on."""
    if one.session_id is not None:
        return f"/organise/session/{one.session_id}/invitations"
    return f"/organise/programme/{visit.programme.id}/invitations"


def _unreadable(typed: Mapping[str, str]) -> dict[str, str]:
    """What is no number, by its field."""
    return {name: said for name, said in (("people", PEOPLE), ("days", DAYS)) if typed[name] and number(typed[name]) is None}
