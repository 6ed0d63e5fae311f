"""Who may: the one place that lets an organiser to a page. It asks at every request, and for what the address names.

A programme that is another's, one that there is not, and one of another partnership are one same page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.announcements import programme_of, session_of
from domain.database import Db
from domain.drafts import kept_draft
from domain.entering import signed_in
from domain.errors import NotFound
from domain.invitations import programme_of as programme_invited_to
from domain.organisers import NO_SUCH, Organiser, require_programme, require_session, sees_people
from domain.organising import SessionDesk
from domain.privacy import require_sight
from domain.programmes import ProgrammeView
from web.front import Front
from web.surroundings import Surroundings


@dataclass(frozen=True)
class Found:
    """Who came, and what the address names of theirs."""

    organiser: Organiser
    programme: ProgrammeView | None
    desk: SessionDesk | None
    sees_people: bool  #: of the programme's private sessions


@dataclass(frozen=True)
class Visit:
    """An organiser at a page of theirs."""

    found: Found
    whose: Surroundings

    @property
    def organiser(self) -> Organiser:
        """Who came."""
        return self.found.organiser

    @property
    def where(self) -> int:
        """Their partnership's id."""
        return self.found.organiser.partnership_id

    @property
    def programme(self) -> ProgrammeView:
        """The programme that the address names. Raises `NotFound` where it names none."""
        if self.found.programme is None:
            raise NotFound
        return self.found.programme

    @property
    def desk(self) -> SessionDesk:
        """The session that the address names. Raises `NotFound` where it names none."""
        if self.found.desk is None:
            raise NotFound
        return self.found.desk

    def require_sight(self) -> None:
        """Raises `NotAllowed` for a session that is or may be private, and that this organiser may not see."""
        require_sight(self.desk.session, sees_private=self.found.sees_people)


Page = Callable[[Request, Visit], Awaitable[Response]]
Press = Callable[[Request, Visit, FormData], Awaitable[Response]]


class Allowed:
    """Makes the routes of the organisers' pages."""

    def __init__(self, front: Front) -> None:
        self._front = front
        #: the prefix makes browsers refuse one that was set over plain HTTP or by another host (RFC 6265bis, 4.1.3.2)
        self._cookie = "__Host-organiser" if front.place.is_secure else "organiser"

    def get(self, path: str, page: Page, *, whole: bool = False) -> Route:
        """A page to look at; `whole`: for who organises the whole partnership. Who is not signed in is led to the door."""

        async def allowed(request: Request) -> Response:
            visit = await self.visit(request, whole=whole)
            return await page(request, visit) if visit else RedirectResponse("/organise/door", status_code=303)

        return Route(path, allowed, methods=["GET"])

    def post(self, path: str, press: Press, *, whole: bool = False) -> Route:
        """A form that was sent; `whole`: as above. Who is signed in no more keeps what they typed: the page says how."""

        async def allowed(request: Request) -> Response:
            try:
                form = await self._front.forms.read(request)
                visit = await self.visit(request, whole=whole)
                if visit is None:
                    return self._front.page(request, "organise/signed_out.html", status=403)
                return await press(request, visit, form)
            finally:
                await request.close()  # a file that was sent

        return Route(path, allowed, methods=["POST"])

    async def visit(self, request: Request, *, whole: bool = False) -> Visit | None:
        """Who came, if they are signed in. Raises `NotFound` for what is not theirs."""
        token = self.token(request)
        if not token:
            return None
        request.state.of_a_file = "draft" in request.path_params  # one that is gone is to be sent again: no e-mail has a link to it
        found = await self._front.store.read(_found, self._front.ids, token, request.path_params, self._front.clock())
        if found and whole and not found.organiser.organises_all:
            raise NotFound(NO_SUCH)
        request.state.way_back = _way_back(found) if found else None
        return Visit(found, self._front.of(found.organiser.partnership_id)) if found else None

    def token(self, request: Request) -> str:
        """What the browser keeps; empty: nothing."""
        return request.cookies.get(self._cookie, "")[:100]

    def keep(self, response: Response, token: str, seconds: int) -> None:
        """Let the browser keep it. Lax, as the link to the door comes from a mail."""
        response.set_cookie(
            self._cookie, token, max_age=seconds, secure=self._front.place.is_secure, httponly=True, samesite="lax", path="/"
        )

    def forget(self, response: Response) -> None:
        """Let the browser forget it."""
        response.delete_cookie(self._cookie, path="/", secure=self._front.place.is_secure, httponly=True, samesite="lax")


def _found(db: Db, ids: tuple[int, ...], token: str, path: Mapping[str, Any], now: datetime) -> Found | None:
    try:
        organiser = signed_in(db, ids, token, now=now)
    except NotFound:
        return None
    session_id = _session_id(db, organiser.partnership_id, path)
    desk = require_session(db, organiser, session_id) if session_id is not None else None
    programme_id = _programme_id(db, organiser.partnership_id, path, desk)
    if programme_id is None:
        return Found(organiser, None, None, sees_people=False)
    return Found(organiser, require_programme(db, organiser, programme_id), desk, sees_people(db, organiser, programme_id))


def _way_back(found: Found) -> tuple[str, str] | None:
    """Where one goes on who is refused: an address, and what it is called."""
    if found.desk is not None:
        return f"/organise/session/{found.desk.session_id}", "Go back to the session"
    if found.programme is not None:
        return f"/organise/programme/{found.programme.id}", "Go back to the week"
    return None


def _session_id(db: Db, partnership_id: int, path: Mapping[str, Any]) -> int | None:
    """The session that an address names, or that its message is about."""
    return session_of(db, partnership_id, path["message"]) if "message" in path else path.get("session")


def _programme_id(db: Db, partnership_id: int, path: Mapping[str, Any], desk: SessionDesk | None) -> int | None:
    """The programme that an address is about, whatever it names."""
    if desk is not None:
        return desk.programme_id
    if "draft" in path:
        return kept_draft(db, partnership_id, path["draft"]).programme_id
    if "invitation" in path:
        return programme_invited_to(db, partnership_id, path["invitation"])
    if "message" in path:
        return programme_of(db, partnership_id, path["message"])
    return path.get("programme")
