"""The week at a glance, whether it is ready, and publishing it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.attention import Item, attention, beside_its_list, gaps_before_publishing
from domain.hosts import not_set_up
from domain.models import Privacy, ProgrammeState, SessionState
from domain.organising import still_owed, to_publish
from domain.programmes import publish
from domain.times import day_of, day_words
from domain.week import Glance, week
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_programme import OfProgramme

#: what a sentence of the attention list says of commands, which a page has none of
_COMMAND = re.compile(r",? with /(?:session|programme|attendance|series|report|my) [a-z]+")


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of one programme as a whole."""
    pages = Week(front)
    return [
        allowed.get("/organise/programme/{programme:int}", pages.show),
        allowed.get("/organise/programme/{programme:int}/ready", pages.ready),
        allowed.get("/organise/programme/{programme:int}/publish", pages.ask_publish),
        allowed.post("/organise/programme/{programme:int}/publish", pages.publish),
    ]


class Week(OfProgramme):
    """A programme, as who organises it sees it."""

    async def show(self, request: Request, visit: Visit) -> Response:
        """Every day and every session, in numbers."""
        days = await self._front.store.read(week, visit.where, visit.programme.id, sees_private=visit.found.sees_people)
        opens = any(one.state is SessionState.DRAFT for day in days for one in day.sessions)
        outcome = self._front.outcomes.read(request)
        private = visit.programme.default_privacy is Privacy.PRIVATE or any(one.private for day in days for one in day.sessions)
        invites = visit.found.sees_people and private
        just = request.query_params.get("session", "") if outcome.done == "added" else ""
        added = next((one for day in days for one in day.sessions if str(one.session_id) == just), None)
        without = await self._front.store.read(not_set_up, visit.where) if added else frozenset()
        facts: dict[str, Any] = {
            "days": days,
            "opens": opens,
            "invites": invites,
            "private": private,
            "added": added,
            "without": without,
            "shared": self._shared(visit),
            "public": any(_everybody_sees(one) for day in days for one in day.sessions),
        }
        return self._page(request, "organise/week.html", visit, outcome=outcome, **facts)

    def _shared(self, visit: Visit) -> str | None:
        """The address of the programme's public page; None: nobody sees it."""
        shown = visit.programme.state in (ProgrammeState.PUBLISHED, ProgrammeState.CLOSED)
        return self._front.link(f"/{visit.whose.key}/programme/{visit.programme.id}") if shown else None

    async def ready(self, request: Request, visit: Visit) -> Response:
        """What still needs somebody before it begins."""
        now = self._front.clock()
        sees = visit.found.sees_people
        items = await self._front.store.read(attention, visit.where, visit.programme.id, visit.whose.rules, now=now, sees_private=sees)
        owed = await self._front.store.read(still_owed, visit.where, visit.programme.id)
        told = _for_pages(items)
        days = () if items else await self._front.store.read(week, visit.where, visit.programme.id, sees_private=sees)
        states = {one.state for day in days for one in day.sessions if one.state is not SessionState.CANCELLED}
        begins = visit.programme.starts_on
        first = day_words(begins) if begins > day_of(now, visit.programme.zone) else None
        return self._page(request, "organise/ready.html", visit, items=told, owed=owed, first=first, states=states)

    async def ask_publish(self, request: Request, visit: Visit) -> Response:
        """What publishing would open."""
        now, sees = self._front.clock(), visit.found.sees_people
        where = visit.where, visit.programme.id
        opens = await self._front.store.read(to_publish, *where, now=now)
        gaps = await self._front.store.read(gaps_before_publishing, *where, visit.whose.rules, now=now, sees_private=sees)
        return self._page(request, "organise/publish.html", visit, opens=opens, gaps=_for_pages(gaps))

    async def publish(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Open it. Pressed twice, it is open once."""
        actor, now = visit.organiser.actor, self._front.clock()
        await self._front.store.write(publish, visit.where, visit.programme.id, None, visit.whose.rules, actor=actor, now=now)
        self._front.wake()
        return RedirectResponse(f"/organise/programme/{visit.programme.id}?done=published", status_code=303)


def _everybody_sees(one: Glance) -> bool:
    return one.state is SessionState.PUBLISHED and not one.private


def _for_pages(items: Sequence[Item]) -> list[tuple[Item, str]]:
    """Each with its words. Where several are meant, the page lists all of them beneath."""
    return [(item, for_page(beside_its_list(item))) for item in items]


def for_page(sentence: str) -> str:
    """A sentence of the attention list without the commands that it names."""
    return _COMMAND.sub("", sentence).replace("use /programme publish", "publish")
