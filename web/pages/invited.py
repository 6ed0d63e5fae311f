"""An invitation on paper: its code is typed here, and leads to the page that its link would open. Wrong ones count as wrong links."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.admissions import whose_code
from domain.errors import BadInput
from web.front import Front
from web.pages.typed import Typed, same
from web.safety.forms import words

#: short, for it is typed from a letter
PATH = "/invited"


def routes(front: Front) -> list[Route]:
    """Of the installation: a code says whose it is."""
    pages = Invited(front)
    return [Route(PATH, pages.form, methods=["GET"]), Route(PATH, pages.sent, methods=["POST"])]


class Invited:
    """One field."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def form(self, request: Request) -> Response:
        """The code, please."""
        return self._form(request, Typed())

    async def sent(self, request: Request) -> Response:
        """To what the code shows. Wrong, taken back, over and never made are told alike."""
        form = await self._front.forms.read(request)
        typed = Typed({"code": words(form, "code").strip()[:100]})
        typed.missing("code", "Enter the code from your letter.")
        if typed.errors:
            return self._form(request, typed, status=422)
        try:
            whose, code = await self._front.store.read(whose_code, self._front.ids, typed.of("code"), now=self._front.clock())
        except BadInput as bad:
            await self._front.guesses.wrong_link(request)
            typed.refused(bad, same("code"))
            return self._form(request, typed, status=422)
        return RedirectResponse(f"/{self._front.of(whose).key}/invited/{code}", status_code=303)

    def _form(self, request: Request, typed: Typed, *, status: int = 200) -> Response:
        return self._front.page(request, "code.html", status=status, typed=typed)
