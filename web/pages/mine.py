"""One's own page: everything that somebody has booked, behind the one link that their e-mails carry."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.bookings import cancel
from domain.errors import NotFound
from domain.models import Purpose
from domain.own_page import way_to
from domain.saying_yes import Said, say_yes
from domain.series.booking import cancel_series
from web.front import Front
from web.pages.own import BEFORE_YES, OnesOwn
from web.safety.forms import words

#: what the page says of what was just done, by the word in its address
DONE = {
    "cancelled": "It is cancelled. You have no place there now.",
    "series": "The whole series is cancelled. You have no place there now.",
    "accepted": "You have said yes.",
    "said_where": "We know now where you work or study. If you want the place, say yes once more.",
    "clash": "You have something else at that time by now. Look at what it is below. If you want both, say yes once more.",
    "over": "There is no place left for you. It is full, or it can no longer be booked. You can look for another.",
    "booked": "You have a place. The invitation is on its way to your e-mail.",
    "waits": "You are on the waiting list. We write to you when a place comes free for you.",
    "kept": "We keep a place for you for a while.",
    "way": "How you take part is changed.",
    "needs": "What you need is saved.",
    "reminders": "How we remind you is saved.",
    "asked": "We are asking your colleague. Your place stays yours until they agree.",
    "gone": "You have no place there any more, so there is nothing to keep.",
    "keeps": "You keep your place. We no longer ask your colleague.",
    "before_cancelled": "You cancelled that place, so the old link does not book it again. If you want it after all, book it anew.",
    "before_handed": "Your colleague has that place now, so the old link does not book it again. If you want one too, book it anew.",
    "taken": "The place is yours. Your invitation is on its way.",
}


def routes(front: Front) -> list[Route]:
    """Of a person's own link."""
    pages = Mine(front)
    session = "/mine/{token}/session/{session:int}"
    series = "/mine/{token}/series/{series:int}"
    return [
        Route("/mine/{token}", pages.show, methods=["GET"]),
        Route(f"{session}/cancel", pages.ask_cancel, methods=["GET"]),
        Route(f"{session}/cancel", pages.cancel, methods=["POST"]),
        Route(f"{session}/accept", pages.accept, methods=["POST"]),
        Route(f"{session}/join", pages.join, methods=["POST"]),
        Route(f"{session}/feedback", pages.feedback, methods=["POST"]),
        Route(f"{series}/cancel", pages.ask_cancel_series, methods=["GET"]),
        Route(f"{series}/cancel", pages.cancel_series, methods=["POST"]),
    ]


class Mine(OnesOwn):
    """The list, and what can be done with each place."""

    async def show(self, request: Request) -> Response:
        """What is booked, held and waited for; what is over."""
        reader, own = await self.own(request)
        done = DONE.get(request.query_params.get("done", ""), "")
        facts: dict[str, Any] = {"own": own, "done": done, "again": _again(request), "patience": self.whose(reader).rules.link_patience}
        if done in (DONE["booked"], DONE["taken"]) and own.newest_waits_for_link:
            facts |= {"done": "You have a place.", "waits": True}
        return self.page(request, "mine.html", reader, **facts)

    async def ask_cancel(self, request: Request) -> Response:
        """A question before a place is given back."""
        reader, one = await self.one(request)
        if one.series is not None:
            return RedirectResponse(f"{self.here(request)}/series/{one.series[0]}/cancel", status_code=303)
        return self.page(request, "cancel.html", reader, one=one, session=one.page.session)

    async def cancel(self, request: Request) -> Response:
        """Given back. Pressed twice it is given back once."""
        await self.front.forms.read(request)
        reader = await self.reader(request)
        whose = self.whose(reader)
        session_id = request.path_params["session"]
        await self.front.store.write(cancel, whose.partnership_id, session_id, reader.person_id, whose.rules, now=self.front.clock())
        return self.back(request, "cancelled")

    async def accept(self, request: Request) -> Response:
        """A place that is kept for them is taken. A family is asked first where they work, if it is not for families."""
        form = await self.front.forms.read(request)
        reader = await self.reader(request)
        whose = self.whose(reader)
        where = whose.partnership_id, request.path_params["session"], reader.person_id
        said: Said = await self.front.store.write(say_yes, *where, whose.rules, now=self.front.clock(), accept_clash=words(form, "clash"))
        if said is Said.WHERE:
            return RedirectResponse(f"{self.here(request)}/find?{BEFORE_YES}=1", status_code=303)
        return self.back(request, said)

    async def join(self, request: Request) -> Response:
        """To the page with today's room."""
        return await self._on(request, Purpose.JOIN, "join")

    async def feedback(self, request: Request) -> Response:
        """To the questions about a session that is over."""
        return await self._on(request, Purpose.FEEDBACK, "feedback")

    async def _on(self, request: Request, purpose: Purpose, door: str) -> Response:
        await self.front.forms.read(request)
        reader = await self.reader(request)
        whose = reader.partnership_id, reader.person_id
        session_id, rules = request.path_params["session"], self.whose(reader).rules
        token = await self.front.store.write(way_to, self.front.key, *whose, session_id, purpose, rules, now=self.front.clock())
        return RedirectResponse(f"/{door}/{token}", status_code=303)

    async def ask_cancel_series(self, request: Request) -> Response:
        """A question before the places of a whole series are given back."""
        reader, own = await self.own(request)
        found = next((one for one in own.series if one[0] == request.path_params["series"]), None)
        if found is None:
            raise NotFound
        parts = [one for one in own.booked if one.series is not None and one.series[0] == found[0]]
        return self.page(request, "cancel_series.html", reader, title=found[1], parts=parts)

    async def cancel_series(self, request: Request) -> Response:
        """All given back. Pressed twice they are given back once."""
        await self.front.forms.read(request)
        reader = await self.reader(request)
        whose = self.whose(reader)
        series_id = request.path_params["series"]
        await self.front.store.write(cancel_series, whose.partnership_id, series_id, reader.person_id, whose.rules, now=self.front.clock())
        return self.back(request, "series")


def _again(request: Request) -> str:
    """Where what they gave back is booked once more; empty where the address names nothing. What can be booked is said there."""
    named = ((what, request.query_params.get(what, "")) for what in ("session", "series"))
    return next((f"{what}/{number}/book" for what, number in named if number.isascii() and number.isdigit() and len(number) < 10), "")
