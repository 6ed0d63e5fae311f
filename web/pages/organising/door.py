"""The door: an address is typed, a link comes by e-mail, its button signs in. Every address gets the same answer."""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.database import Db
from domain.entering import LINK_FOR, SIGNED_IN_FOR, ask_to_enter, asked_to_enter, enter, leave
from domain.errors import BadInput
from domain.organisers import Organiser
from domain.organising import organised
from domain.programmes import ProgrammeView
from domain.texts import clean_address
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.safety.forms import words
from web.surroundings import Surroundings


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of signing in and out, and of the list of one's programmes."""
    pages = Door(front, allowed)
    return [
        Route("/organise/door", pages.choose, methods=["GET"]),
        Route("/organise/sign-in/{token}", pages.link, methods=["GET"]),
        Route("/organise/sign-in/{token}", pages.enter, methods=["POST"]),
        allowed.post("/organise/sign-out", pages.leave),
        allowed.get("/organise", pages.home),
        Route("/{partnership}/organise", pages.form, methods=["GET"]),
        Route("/{partnership}/organise", pages.sent, methods=["POST"]),
        Route("/{partnership}/organise/asked", pages.asked, methods=["GET"]),
    ]


class Door:
    """In and out."""

    def __init__(self, front: Front, allowed: Allowed) -> None:
        self._front = front
        self._allowed = allowed

    async def choose(self, request: Request) -> Response:
        """The only partnership's door, or a choice of them."""
        if len(self._front.each) == 1:
            return RedirectResponse(f"/{self._front.each[0].key}/organise", status_code=303)
        return self._front.page(request, "organise/choose.html", each=self._front.each)

    async def form(self, request: Request) -> Response:
        """Where the address is typed."""
        return self._front.page(request, "organise/door.html", self._front.partnership(request), typed="", errors={})

    async def sent(self, request: Request) -> Response:
        """Taken, and as soon, whether it is somebody's who organises or not: that is looked up when the answer has gone."""
        form = await self._front.forms.read(request)
        whose = self._front.partnership(request)
        await self._front.guesses.form_sent(request)
        typed = words(form, "email")
        try:
            if not typed.strip():
                raise BadInput("Enter your e-mail address, like name@council.gov.uk.")
            await self._front.guesses.mail_asked_for(typed)
            clean_address(typed)
        except BadInput as bad:
            return self._front.page(request, "organise/door.html", whose, status=422, typed=typed, errors={"email": str(bad)})
        return RedirectResponse(f"/{whose.key}/organise/asked", status_code=303, background=BackgroundTask(self._look_up, whose, typed))

    async def _look_up(self, whose: Surroundings, address: str) -> None:
        await self._front.store.write(ask_to_enter, whose.partnership_id, address, now=self._front.clock())
        self._front.wake()

    async def asked(self, request: Request) -> Response:
        """The same for everybody."""
        return self._front.page(request, "organise/asked.html", self._front.partnership(request), lasts=LINK_FOR)

    async def link(self, request: Request) -> Response:
        """What pressing the button will do. Mail scanners open links, so opening one changes nothing."""
        self._may_ask_again(request)
        who = await self._front.store.read(asked_to_enter, self._front.ids, request.path_params["token"], now=self._front.clock())
        return self._front.page(request, "organise/enter.html", self._front.of(who.partnership_id), lasts=SIGNED_IN_FOR)

    async def enter(self, request: Request) -> Response:
        """Signed in, in this browser."""
        self._may_ask_again(request)
        await self._front.forms.read(request)
        done = await self._front.store.write(enter, self._front.ids, request.path_params["token"], self._front.key, now=self._front.clock())
        response = RedirectResponse("/organise", status_code=303)
        self._allowed.keep(response, done.token, round(SIGNED_IN_FOR.total_seconds()))
        return response

    def _may_ask_again(self, request: Request) -> None:
        """Whatever is wrong with a link, the page says where a new one is asked for. Of whom it was, it says nothing."""
        each = self._front.each
        request.state.ask_again = f"/{each[0].key}/organise" if len(each) == 1 else "/organise/door"

    async def leave(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Signed out."""
        await self._front.store.write(leave, self._front.ids, self._allowed.token(request), now=self._front.clock())
        response = RedirectResponse(f"/{visit.whose.key}/organise", status_code=303)
        self._allowed.forget(response)
        return response

    async def home(self, request: Request, visit: Visit) -> Response:
        """One's programmes; where there is one, that."""
        mine = await self._front.store.read(_programmes, visit.organiser)
        if len(mine) == 1:
            return RedirectResponse(f"/organise/programme/{mine[0].id}", status_code=303)
        return self._front.page(request, "organise/home.html", visit.whose, visit=visit, programmes=mine)


def _programmes(db: Db, organiser: Organiser) -> tuple[ProgrammeView, ...]:
    """Those that are not put away, the latest first."""
    return tuple(one for one in organised(db, organiser.partnership_id, None) if organiser.organises(one.id))
