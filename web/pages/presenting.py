"""A presenter's answer behind the link in their mail: they come, or they cannot. Opening the page records nothing."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.errors import Closed
from domain.presenters.by_link import Moved, PresenterPage, Stage, answer_by_link, look
from web.front import Front
from web.pages.typed import Typed
from web.safety.forms import words

ANSWERS = ("yes", "no")


def routes(front: Front) -> list[Route]:
    """Of a presenter's link."""
    pages = Presenting(front)
    return [Route("/presenting/{asked}", pages.show, methods=["GET"]), Route("/presenting/{asked}", pages.answer, methods=["POST"])]


class Presenting:
    """One page with one question. What was answered stands on it, and can be changed until the start."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """The session, and the question. Mail scanners open links, so opening one changes nothing."""
        asked = await self._asked(request)
        return self._page(request, asked, Typed({"answer": _said(asked)}))

    async def answer(self, request: Request) -> Response:
        """Yes or no. Pressed too late, or once they are taken off, the page says how things stand, and nothing changes."""
        form = await self._front.forms.read(request)
        typed, asked = Typed({"answer": words(form, "answer")}), await self._asked(request)
        if asked.stage is not Stage.ASKED:
            return RedirectResponse(request.url.path, status_code=303)
        if typed.of("answer") not in ANSWERS:
            typed.errors["answer"] = "Choose yes if you will be there, or no if you cannot."
            return self._page(request, asked, typed, status=422)
        front, token = self._front, request.path_params["asked"]
        yes, seen = typed.of("answer") == "yes", _instant(words(form, "starts"))
        try:
            await front.store.write(answer_by_link, front.ids, front.key, token, yes, seen, front.rules_of, now=front.clock())
        except Moved as moved:
            typed.errors["answer"] = str(moved)
            return self._page(request, await self._asked(request), typed, status=422)
        except Closed:
            pass
        else:
            front.wake()
        return RedirectResponse(request.url.path, status_code=303)

    async def _asked(self, request: Request) -> PresenterPage:
        front = self._front
        return await front.store.read(look, front.ids, front.key, request.path_params["asked"], now=front.clock())

    def _page(self, request: Request, asked: PresenterPage, typed: Typed, *, status: int = 200) -> Response:
        whose = self._front.of(asked.partnership_id)
        return self._front.page(request, "presenting.html", whose, status=status, asked=asked, session=asked.session, typed=typed)


def _said(asked: PresenterPage) -> str:
    """What they have answered; empty: nothing yet."""
    if asked.session is None:
        return ""
    return "yes" if asked.session.confirmed else "no" if asked.session.declined else ""


def _instant(typed: str) -> datetime | None:
    """The start as the page wrote it down; None for what no page of ours has written."""
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
