"""Asking for a place: who one is, by any name, and what one needs. An e-mail comes, and nothing is booked before its button is pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.browsing import known_organisations
from domain.database import Db
from domain.errors import BadInput, NotFound
from domain.invitations import opened_by
from domain.kinds import Mode
from domain.models import ServiceArea
from domain.needs.own import questions_for
from domain.places import find_session, modes_of
from domain.privacy import require_nothing_hidden
from domain.private_sessions import contact_of
from domain.queries import session_view
from domain.rules import Rules
from domain.views import SessionView
from domain.visiting import Wish, ask
from web.front import Front
from web.safety.forms import words
from web.surroundings import Surroundings


def routes(front: Front) -> list[Route]:
    """Of open sessions, and of those that an invitation's link shows."""
    pages = Wishes(front)
    return [
        Route("/{partnership}/session/{session:int}/book", pages.form, methods=["GET"]),
        Route("/{partnership}/session/{session:int}/book", pages.sent, methods=["POST"]),
        Route("/{partnership}/session/{session:int}/asked", pages.asked, methods=["GET"]),
        Route("/{partnership}/invited/{code}", pages.invited, methods=["GET"]),
        Route("/{partnership}/invited/{code}/{session:int}/book", pages.form, methods=["GET"]),
        Route("/{partnership}/invited/{code}/{session:int}/book", pages.sent, methods=["POST"]),
        Route("/{partnership}/invited/{code}/{session:int}/asked", pages.asked, methods=["GET"]),
    ]


@dataclass(frozen=True)
class Asking:
    """What the form needs to know of the session."""

    session: SessionView
    modes: tuple[Mode, ...]
    needs: tuple[str, ...]
    organisations: tuple[str, ...]
    contact: str  #: whom families call


@dataclass
class Typed:
    """What was typed, shown again beside what is wrong with it: by the field's name."""

    fields: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """What was typed there."""
        return self.fields.get(name, "")


class Wishes:
    """The form, and the page after it."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def invited(self, request: Request) -> Response:
        """The private sessions that an invitation shows."""
        whose = self._front.partnership(request)
        sessions = await self._front.store.read(_invited, whose.partnership_id, request.path_params["code"], self._front.clock())
        return self._front.page(request, "invited.html", whose, sessions=sessions, here=request.url.path)

    async def form(self, request: Request) -> Response:
        """Empty, as it is first seen."""
        whose = self._front.partnership(request)
        return self._form(request, whose, await self._read(request, whose), Typed())

    async def sent(self, request: Request) -> Response:
        """Taken, or shown again with what is wrong beside each field."""
        whose = self._front.partnership(request)
        form = await self._front.forms.read(request)
        await self._front.guesses.form_sent(request)
        asking = await self._read(request, whose)
        typed = Typed({name: words(form, name) for name in ("name", "email", "organisation", "area", "mode", *asking.needs)})
        wish = _wish(typed, asking, request.path_params.get("code"))
        if not typed.errors:
            await self._front.guesses.mail_asked_for(wish.address)
            try:
                await self._front.store.write(ask, whose.partnership_id, asking.session.id, wish, whose.rules, now=self._front.clock())
            except BadInput as bad:
                typed.errors[_field_of(bad)] = str(bad)
        if typed.errors:
            return self._form(request, whose, asking, typed, status=422)
        self._front.wake()
        return RedirectResponse(request.url.path.removesuffix("/book") + "/asked", status_code=303)

    async def asked(self, request: Request) -> Response:
        """The same for everybody: an e-mail is on its way."""
        whose = self._front.partnership(request)
        asking = await self._read(request, whose)
        return self._front.page(request, "asked.html", whose, session=asking.session, held=whose.rules.hold, contact=asking.contact)

    async def _read(self, request: Request, whose: Surroundings) -> Asking:
        code, session_id = request.path_params.get("code"), request.path_params["session"]
        return await self._front.store.read(_asking, whose.partnership_id, session_id, code, whose.rules, self._front.clock())

    def _form(self, request: Request, whose: Surroundings, asking: Asking, typed: Typed, *, status: int = 200) -> Response:
        return self._front.page(request, "book.html", whose, status=status, asking=asking, session=asking.session, typed=typed)


def _invited(db: Db, partnership_id: int, code: str, now: datetime) -> tuple[SessionView, ...]:
    return tuple(session_view(db, find_session(db, partnership_id, one)) for one in opened_by(db, partnership_id, code, now=now))


def _asking(db: Db, partnership_id: int, session_id: int, code: str | None, rules: Rules, now: datetime) -> Asking:
    """What the form asks. Raises `NotFound` where the reader may not know of the session."""
    session = find_session(db, partnership_id, session_id)
    if code is None:
        require_nothing_hidden(session)
    elif session_id not in opened_by(db, partnership_id, code, now=now):
        raise NotFound
    shown = session_view(db, session)
    needs = questions_for(private=shown.private, format_=shown.format)
    organisations = () if shown.private else known_organisations(db, partnership_id, rules)
    return Asking(shown, modes_of(shown.format), needs, organisations, contact_of(db, session))


def _wish(typed: Typed, asking: Asking, code: str | None) -> Wish:
    """What was asked for; what is missing is noted beside its field."""
    if not typed.of("name").strip():
        typed.errors["name"] = "Enter a name. It can be any name that we may call you by." if code else "Enter your name."
    if not typed.of("email").strip():
        typed.errors["email"] = "Enter your e-mail address, like name@example.org."
    if not asking.session.private and not typed.of("organisation").strip():
        typed.errors["organisation"] = "Enter the organisation that you work for or study at."
    mode = next((one for one in asking.modes if one == typed.of("mode")), None)
    if mode is None and len(asking.modes) > 1:
        typed.errors["mode"] = "Choose how you will take part."
    area = next((one for one in ServiceArea if one == typed.of("area")), ServiceArea.OTHER)
    needs = {question: typed.of(question) for question in asking.needs}
    return Wish(typed.of("name"), typed.of("email"), mode, needs, typed.of("organisation"), area, code)


def _field_of(bad: BadInput) -> str:
    """The field that a refused value was typed into."""
    said = str(bad)
    known = (("address", "email"), ("organisation", "organisation"), ("name", "name"), ("what you need", "access"))
    return next((name for word, name in known if word in said), "email")
