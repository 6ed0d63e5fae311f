"""How a session is held: online, in a room or both. What it would mean is said first; the use case settles all that follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.descriptions import NewSession, checked
from domain.errors import BadInput, Closed, Refusal
from domain.fields import Fields
from domain.held import Held, HeldPreview, held_as, hold_as, preview_held
from domain.hosts import not_set_up
from domain.kinds import Format, Provider
from domain.models import SessionState
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_session import OfSession
from web.pages.organising.typed import LINK_UNUSED, fingerprint, meeting_items, places_in
from web.pages.typed import NO_FIELD, same, told_at
from web.safety.forms import words

NAMES = ("format", "venue", "room_places", "provider", "given_link", "online_places")
FIELDS = same(*NAMES) | {"places": "room_places"}
#: of a session that is only online, whose places are no room's
ONLINE_FIELDS = FIELDS | {"places": "online_places"}


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of how one session is held."""
    pages = Holding(front)
    at = "/organise/session/{session:int}/held"
    return [allowed.get(at, pages.form), allowed.post(at, pages.save)]


class Holding(OfSession):
    """The form, with what it would mean."""

    async def form(self, request: Request, visit: Visit) -> Response:
        """As it is held at present."""
        self._still_open(visit)
        return await self._form(request, visit, _fields_of(visit.desk.session), {})

    async def save(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Held so. Where that concerns somebody, the page says it first. Sent twice it is done once."""
        self._still_open(visit)
        session = visit.desk.session
        typed = {name: words(form, name).strip() for name in NAMES}
        try:
            if _stands_already(session, typed):
                return self._back(visit, "saved")
            if words(form, "seen") != fingerprint(Held.of(session)):
                return await self._form(request, visit, typed, {}, differs=_differing(session, typed), status=409)
            held, _ = _read(session, typed)
            meant = await self._meant(visit, held)
            asks = fingerprint((held, meant))
            if meant is not None and words(form, "sure") != asks:
                return await self._form(request, visit, typed, {}, meant=meant, sure=asks)
            done = await self._do(visit, hold_as, visit.desk.session_id, held, seen=session)
        except BadInput as bad:
            fields = ONLINE_FIELDS if typed["format"] == Format.ONLINE else FIELDS
            return await self._form(request, visit, typed, told_at(bad, fields), status=422)
        except Closed:
            raise
        except Refusal as refused:
            return await self._form(request, visit, typed, {NO_FIELD: str(refused)}, status=409)
        return self._saved(request, visit, done)

    async def _meant(self, visit: Visit, held: Held) -> HeldPreview | None:
        """What it would mean; None where nobody would notice."""
        if visit.desk.state is not SessionState.PUBLISHED:
            return None
        asked = visit.where, visit.desk.session_id, held, visit.whose.rules
        found: HeldPreview = await self._front.store.read(preview_held, *asked, now=self._front.clock())
        return found if found.anything else None

    async def _form(
        self,
        request: Request,
        visit: Visit,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        *,
        meant: HeldPreview | None = None,
        sure: str = "",
        differs: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        errors = {name: errors[name] for name in (NO_FIELD, *NAMES) if name in errors}  # in the order of the form
        facts: dict[str, Any] = {"typed": typed, "errors": errors, "meant": meant, "sure": sure, "differs": differs}
        facts["seen"] = fingerprint(Held.of(visit.desk.session))
        facts["meeting_on"] = meeting_items(await self._front.store.read(not_set_up, visit.where))
        return self._page(request, "organise/held.html", visit, status, **facts)


def _fields_of(session: NewSession) -> dict[str, str]:
    """What stands in the form before anything is typed."""
    held = Held.of(session)
    fields = {"format": held.format, "provider": held.provider or "", "venue": held.venue or "", "given_link": held.given_link or ""}
    places = {"room_places": held.room_places, "online_places": held.online_places}
    return fields | {name: "" if count is None else str(count) for name, count in places.items()}


def _differing(session: NewSession, typed: Mapping[str, str]) -> dict[str, str]:
    """What the session says at present, where the fields say something else."""
    return {name: text for name, text in _fields_of(session).items() if text.strip() != typed[name]}


def _stands_already(session: NewSession, typed: Mapping[str, str]) -> bool:
    """Whether it is held so: the same form came before."""
    try:
        return _read(session, typed)[1] == checked(session)
    except BadInput:
        return False


def _read(session: NewSession, typed: Mapping[str, str]) -> tuple[Held, NewSession]:
    """What the form says, and the session held so. Only what is of the way that was chosen is read. Raises `BadInput` for all at once."""
    format_ = next((one for one in Format if one == typed["format"]), session.format)
    room, online = format_ is not Format.ONLINE, format_ is not Format.IN_PERSON
    fields = Fields()
    held = Held(
        format_,
        next((one for one in Provider if one == typed["provider"]), Provider.GIVEN if typed["given_link"] else None),
        typed["given_link"] or None,
        typed["venue"] or None,
        fields.read(lambda: places_in(typed["room_places"], "room_places"), None) if room else None,
        fields.read(lambda: places_in(typed["online_places"], "online_places"), None) if online else None,
    )
    if online and held.provider is not Provider.GIVEN and held.given_link not in (None, session.given_link):
        fields.check(_refuse_link)
    new = fields.read(lambda: checked(held_as(session, held)), session)
    fields.require()
    return held, new


def _refuse_link() -> None:
    raise BadInput(LINK_UNUSED, field="given_link")
