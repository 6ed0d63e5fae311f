"""Feeds: calendars that other programs read again and again, and the page on which somebody gets the address of theirs."""

from __future__ import annotations

import hashlib
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.browsing import open_programme
from domain.database import Db
from domain.feeds import feed_address, feed_of, make_feed, programme_feed, renew_feed
from domain.links import LinkKey
from domain.ports.letters import SessionFacts
from domain.programmes import ProgrammeView
from web.front import Front
from web.pages.own import Reader, reader_of
from web.safety.forms import words

ICS = "text/calendar; charset=utf-8"


def routes(front: Front) -> list[Route]:
    """Of the feeds, and of the page that gives the address of one's own."""
    pages = Feeds(front)
    return [
        Route("/calendar/{token}.ics", pages.mine, methods=["GET"]),
        Route("/{partnership}/programme/{programme:int}/calendar.ics", pages.programme, methods=["GET"]),
        Route("/mine/{token}/calendar", pages.show, methods=["GET"]),
        Route("/mine/{token}/calendar", pages.make, methods=["POST"]),
    ]


class Feeds:
    """Files of text/calendar. A reader that has the newest already is told so, and nothing is sent twice."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def mine(self, request: Request) -> Response:
        """A person's own sessions."""
        token, now = request.path_params["token"], self._front.clock()
        feed = await self._front.store.read(feed_of, self._front.ids, token, self._front.key, now=now)
        whose = self._front.of(feed.partnership_id)
        ways = {session_id: self._front.link(f"/join/{way}") for session_id, way in feed.ways_in}
        content = whose.calendar.feed(f"{whose.name}: my sessions", feed.sessions, ways_in=ways)
        return answered(request, content, "private, no-cache")

    async def programme(self, request: Request) -> Response:
        """What is on in a programme, for everybody."""
        whose = self._front.partnership(request)
        programme, sessions = await self._front.store.read(_programme, whose.partnership_id, request.path_params["programme"])
        pages = {one.session_id: self._front.link(f"/{whose.key}/session/{one.session_id}") for one, _ in sessions}
        content = whose.calendar.programme(f"{whose.name}: {programme.title}", sessions, pages=pages)
        return answered(request, content, "no-cache")

    async def show(self, request: Request) -> Response:
        """The address of one's own feed, or a button to have one."""
        token, now = request.path_params["token"], self._front.clock()
        reader, feed = await self._front.store.read(_address, self._front.ids, token, self._front.key, now)
        address = self._front.link(f"/calendar/{feed}.ics") if feed else ""
        whose, opens = self._front.of(reader.partnership_id), _webcal(address)
        return self._front.page(request, "calendar.html", whose, address=address, opens=opens, here=f"/mine/{token}")

    async def make(self, request: Request) -> Response:
        """An address, or a new one in place of the old."""
        form = await self._front.forms.read(request)
        token, new = request.path_params["token"], words(form, "new") == "yes"
        await self._front.store.write(_make, self._front.ids, token, self._front.key, self._front.clock(), new=new)
        return RedirectResponse(request.url.path, status_code=303)


def answered(request: Request, content: bytes, keeping: str) -> Response:
    """The file, or 304 for who has it (RFC 9110, sections 8.8.3 and 13.1.2)."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": keeping}
    asked = ",".join(request.headers.getlist("if-none-match"))
    known = {one.strip().removeprefix("W/") for one in asked.split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return Response(content, headers=headers, media_type=ICS)


def _webcal(address: str) -> str:
    """The same under the scheme by which calendar programs are opened."""
    return "webcal" + address[address.index(":") :] if address else ""


def _programme(db: Db, partnership_id: int, programme_id: int) -> tuple[ProgrammeView, tuple[tuple[SessionFacts, int], ...]]:
    programme = open_programme(db, partnership_id, programme_id)
    return programme, programme_feed(db, programme)


def _address(db: Db, ids: tuple[int, ...], token: str, key: LinkKey, now: datetime) -> tuple[Reader, str | None]:
    reader = reader_of(db, ids, token, now)
    return reader, feed_address(db, key, reader.person_id, now=now)


def _make(db: Db, ids: tuple[int, ...], token: str, key: LinkKey, now: datetime, *, new: bool) -> None:
    reader = reader_of(db, ids, token, now)
    (renew_feed if new else make_feed)(db, key, reader.partnership_id, reader.person_id, now=now)
