"""Pages that stand: what is kept of people, how well the pages can be used, and how to find one's own link again."""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.errors import BadInput
from domain.texts import clean_address
from domain.visiting import ask_for_link
from web.front import Front
from web.pages.typed import Typed
from web.safety.forms import words
from web.surroundings import Surroundings


def routes(front: Front) -> list[Route]:
    """Of the installation, and of each partnership."""
    pages = Standing(front)
    return [
        Route("/privacy", pages.privacy, methods=["GET"]),
        Route("/accessibility", pages.accessibility, methods=["GET"]),
        Route("/{partnership}/my-link", pages.form, methods=["GET"]),
        Route("/{partnership}/my-link", pages.sent, methods=["POST"]),
        Route("/{partnership}/my-link/sent", pages.asked, methods=["GET"]),
    ]


class Standing:
    """Pages that are the same for everybody."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def privacy(self, request: Request) -> Response:
        """What is kept, for how long, and who sees it."""
        return self._front.page(request, "privacy.html", each=self._front.each)

    async def accessibility(self, request: Request) -> Response:
        """What was tried, and whom to tell of trouble."""
        return self._front.page(request, "accessibility.html", each=self._front.each)

    async def form(self, request: Request) -> Response:
        """The address, please."""
        return self._form(request, Typed())

    async def sent(self, request: Request) -> Response:
        """The same answer for every address, and as soon: whether we know it is looked up when the answer has gone."""
        whose = self._front.partnership(request)
        form = await self._front.forms.read(request)
        await self._front.guesses.form_sent(request)
        typed = Typed({"email": words(form, "email")})
        typed.missing("email", "Enter your e-mail address, like name@example.org.")
        if not typed.errors:
            await self._front.guesses.mail_asked_for(typed.of("email"))
            try:
                clean_address(typed.of("email"))
            except BadInput as bad:
                typed.errors["email"] = str(bad)
        if typed.errors:
            return self._form(request, typed, status=422)
        after = BackgroundTask(self._look_up, whose, typed.of("email"))
        return RedirectResponse(f"{request.url.path}/sent", status_code=303, background=after)

    async def _look_up(self, whose: Surroundings, address: str) -> None:
        await self._front.store.write(ask_for_link, whose.partnership_id, address, whose.rules, now=self._front.clock())
        self._front.wake()

    async def asked(self, request: Request) -> Response:
        """If we know the address, a mail is on its way."""
        return self._front.page(request, "my_link_sent.html", self._front.partnership(request))

    def _form(self, request: Request, typed: Typed, *, status: int = 200) -> Response:
        return self._front.page(request, "my_link.html", self._front.partnership(request), status=status, typed=typed)
