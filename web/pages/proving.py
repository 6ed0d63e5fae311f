"""Proving an address: the link in the mail shows what would happen, and its button makes it happen. Opening it changes nothing."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.database import Db
from domain.letters.links import to_own_page
from domain.links import LinkKey, mint
from domain.privacy import is_private, shown_title
from domain.private_sessions import contact_of
from domain.series.runs import find_series
from domain.visiting import Proved, prove_by_link, wished_for
from web.front import Front


def routes(front: Front) -> list[Route]:
    """Of the link in the first mail."""
    pages = Proving(front)
    return [Route("/prove/{token}", pages.show, methods=["GET"]), Route("/prove/{token}", pages.press, methods=["POST"])]


class Proving:
    """One page with one button."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """What pressing the button will do."""
        found = await self._front.store.read(_wished, self._front.ids, request.path_params["token"], self._front.clock())
        partnership_id, address, title, request.state.call = found
        return self._front.page(request, "prove.html", self._front.of(partnership_id), address=address, title=title)

    async def press(self, request: Request) -> Response:
        """It is theirs. From here on their own page knows everything."""
        await self._front.forms.read(request)
        mine = await self._front.store.write(_prove, self._front, request.path_params["token"], self._front.key, self._front.clock())
        self._front.wake()
        return RedirectResponse(f"/mine/{mine}", status_code=303)


def _wished(db: Db, ids: tuple[int, ...], token: str, now: datetime) -> tuple[int, str, str | None, str]:
    """Whose page it is, the address, what was asked for, and whom families call."""
    partnership_id, address, session = wished_for(db, ids, token, now=now)
    if session is None:
        return partnership_id, address, None, ""
    if session.series_id is not None:
        return partnership_id, address, find_series(db, partnership_id, session.series_id).title, ""
    return partnership_id, address, shown_title(session), contact_of(db, session) if is_private(session) else ""


def _prove(db: Db, front: Front, token: str, key: LinkKey, now: datetime) -> str:
    """The token of their own page."""
    proved: Proved = prove_by_link(db, front.ids, token, front.rules_of, now=now)
    wanted = to_own_page(proved.partnership_id, proved.person_id, now)
    return mint(db, key, [wanted], now=now)[wanted.subject]
