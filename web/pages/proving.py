"""Proving an address: the link in the mail shows what would happen, and its button makes it happen. Opening it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.capacity import Clash, find_session
from domain.database import Db
from domain.errors import BadInput
from domain.given_back import GivenBack
from domain.letters.links import own_token
from domain.links import LinkKey
from domain.models import BookingState
from domain.organisations import known_organisations
from domain.privacy import is_private, shown_title
from domain.private_sessions import contact_of
from domain.proving import Proved, Where, prove_by_link, wished_for
from domain.series.runs import find_series
from web.front import Front
from web.pages.typed import Typed, area_of, same, told_at, typed_where
from web.safety.forms import words

#: how they stand with what they asked for, as their own page says it. An offer speaks for itself there
SAID: Mapping[BookingState | None, str] = {BookingState.CONFIRMED: "?done=booked", BookingState.WAITLISTED: "?done=waits"}


def routes(front: Front) -> list[Route]:
    """Of the link in the first mail."""
    pages = Proving(front)
    return [Route("/prove/{token}", pages.show, methods=["GET"]), Route("/prove/{token}", pages.press, methods=["POST"])]


@dataclass(frozen=True)
class Question:
    """What pressing the button will do. `title` empty: there is nothing to confirm. `call`: whom families call. `known`: their address is.

    `gone`: they gave it back after they had asked, and what it was.
    """

    partnership_id: int
    address: str
    title: str = ""
    call: str = ""
    clashes: tuple[Clash, ...] = ()
    asks_where: bool = False
    known: bool = False
    gone: tuple[GivenBack, str] | None = None


class Proving:
    """One page with one button."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """What pressing the button will do. Who has another place at that time is asked about it."""
        return await self._show(request, Typed())

    async def _show(self, request: Request, typed: Typed, *, status: int = 200) -> Response:
        question = await self._front.store.read(_question, self._front, request.path_params["token"], self._front.clock())
        request.state.call, whose = question.call, self._front.of(question.partnership_id)
        names: tuple[str, ...] = ()
        if question.asks_where:
            names = await self._front.store.read(known_organisations, question.partnership_id, whose.rules)
        facts = {"question": question, "typed": typed, "organisations": names}
        return self._front.page(request, "prove.html", whose, status=status, **facts)

    async def press(self, request: Request) -> Response:
        """It is theirs. From here on their own page knows everything. Where something was not asked about, it is now."""
        form = await self._front.forms.read(request)
        as_well, token = words(form, "clash"), request.path_params["token"]
        typed = typed_where(form) if "organisation" in form else Typed()
        if typed.errors:
            return await self._show(request, typed, status=422)
        said_where = Where(typed.of("organisation"), area_of(typed)) if typed.fields else None
        given: dict[str, Any] = {"accept_clash": as_well, "where": said_where}
        try:
            proven = await self._front.store.write(_prove, self._front, token, self._front.key, self._front.clock(), **given)
        except BadInput as bad:
            typed.errors |= told_at(bad, same("organisation"))
            return await self._show(request, typed, status=422)
        if proven is None:
            return await self._show(request, typed)
        mine, said = proven
        self._front.wake()
        return RedirectResponse(f"/mine/{mine}{said}", status_code=303)


def _question(db: Db, front: Front, token: str, now: datetime) -> Question:
    wished = wished_for(db, front.ids, token, front.rules_of, now=now)
    session, about = wished.session, (wished.partnership_id, wished.address)
    if session is None:
        return Question(*about)
    whole = session.series_id is not None
    title = find_series(db, wished.partnership_id, session.series_id or 0).title if whole else shown_title(session)
    call = contact_of(db, session) if is_private(session) else ""
    if wished.given_back is not None:
        return Question(*about, call=call, gone=(wished.given_back, title))
    if wished.pressed or wished.has:  # then it leads to their page, and books nothing
        return Question(*about)
    return Question(*about, title, call, wished.clashes, wished.asks_where, wished.known)


def _prove(
    db: Db, front: Front, token: str, key: LinkKey, now: datetime, *, accept_clash: str, where: Where | None
) -> tuple[str, str] | None:
    """The token of their own page, and what it has to say; None where they have to be asked about something first."""
    proved = prove_by_link(db, front.ids, token, front.rules_of, now=now, accept_clash=accept_clash, where=where)
    if proved.clashes or proved.asks_where:
        return None
    said = _gone(db, proved) if proved.given_back is not None else "?done=over" if proved.over else SAID.get(proved.stands, "")
    return own_token(db, key, proved.partnership_id, proved.person_id, now), said


def _gone(db: Db, proved: Proved) -> str:
    """That they gave it back, and which it was: their own page leads to it, if everybody can book it."""
    session = find_session(db, proved.partnership_id, proved.session_id or 0)
    again = f"series={session.series_id}" if session.series_id is not None else "" if is_private(session) else f"session={session.id}"
    return f"?done=before_{proved.given_back}&{again}".removesuffix("&")
