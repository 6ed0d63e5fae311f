"""Handing a place to a colleague: asked by the giver on their own page; answered by the colleague behind the link in their mail."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.database import Db
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.letters.links import own_token
from domain.models import BookingState
from domain.organisations import known_organisations
from domain.own_page import OwnBooking
from domain.people import NAME_LIMIT
from domain.transfers.asking import PlaceGone, hand_over_place, withdraw
from domain.transfers.by_link import Answered, Handed, look, refuse, take
from domain.transfers.colleagues import Newcomer
from domain.transfers.taking import Agreed, Offered
from web.front import Front
from web.pages.own import OnesOwn, Reader
from web.pages.typed import Typed, area_of, same
from web.safety.forms import words

FIELDS = ("name", "organisation", "area")


def routes(front: Front) -> list[Route]:
    """Of the giver's own page, and of the colleague's link."""
    giver, colleague = Givers(front), Colleagues(front)
    session = "/mine/{token}/session/{session:int}"
    return [
        Route(f"{session}/hand-over", giver.form, methods=["GET"]),
        Route(f"{session}/hand-over", giver.sent, methods=["POST"]),
        Route(f"{session}/keep", giver.keep, methods=["POST"]),
        Route("/handed/{offer}", colleague.show, methods=["GET"]),
        Route("/handed/{offer}", colleague.answer, methods=["POST"]),
    ]


class Givers(OnesOwn):
    """Who has a place, and asks a colleague."""

    async def form(self, request: Request) -> Response:
        """The colleague's name and address."""
        reader, one = await self._place(request)
        return self._form(request, reader, one, Typed())

    async def sent(self, request: Request) -> Response:
        """Asked. The place stays theirs until the colleague agrees."""
        form = await self.front.forms.read(request)
        reader, one = await self._place(request)
        await self.front.guesses.form_sent(request)
        typed = Typed({name: words(form, name) for name in ("name", "email")})
        typed.missing("name", "Enter your colleague’s name.")
        typed.missing("email", "Enter your colleague’s e-mail address, like name@council.gov.uk.")
        try:
            await self._ask(reader, one, typed)  # a field that is missing is refused there too
            return self.back(request, "asked")
        except (Closed, NotFound):
            raise
        except Refusal as refused:
            typed.refused(refused, {"name": "name", "address": "email"})
        return self._form(request, reader, one, typed, status=422)

    async def keep(self, request: Request) -> Response:
        """The question is taken back. Pressed twice it is taken back once."""
        await self.front.forms.read(request)
        reader = await self.reader(request)
        session_id = request.path_params["session"]
        try:
            await self.front.store.write(withdraw, reader.partnership_id, session_id, reader.person_id, now=self.front.clock())
        except PlaceGone:
            return self.back(request, "gone")
        return self.back(request, "keeps")

    async def _ask(self, reader: Reader, one: OwnBooking, typed: Typed) -> None:
        where, rules = (reader.partnership_id, one.page.session.id, reader.person_id), self.whose(reader).rules
        await self.front.store.write(hand_over_place, *where, typed.of("name"), typed.of("email"), rules, now=self.front.clock())

    async def _place(self, request: Request) -> tuple[Reader, OwnBooking]:
        """Their place. Raises `NotFound` for one that cannot be handed over."""
        reader, one = await self.one(request)
        mine = one.page.mine
        if mine is None or mine.state is not BookingState.CONFIRMED or not mine.can_hand_over:
            raise NotFound
        return reader, one

    def _form(self, request: Request, reader: Reader, one: OwnBooking, typed: Typed, *, status: int = 200) -> Response:
        return self.page(request, "hand_over.html", reader, status=status, one=one, session=one.page.session, typed=typed)


class Colleagues:
    """Who is asked: one page with two answers."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """What is offered. Mail scanners open links, so opening one changes nothing."""
        self._way_on(request)
        return await self._form(request, Typed())

    async def answer(self, request: Request) -> Response:
        """Yes or no; without either the page asks again. A yes leads to their own page."""
        self._way_on(request)
        form = await self._front.forms.read(request)
        if words(form, "answer") == "no":
            key, offer = self._front.key, request.path_params["offer"]
            whose = await self._front.store.write(refuse, self._front.ids, key, offer, now=self._front.clock())
            self._front.wake()
            return self._front.page(request, "handed_no.html", self._front.of(whose))
        typed = Typed({name: words(form, name) for name in FIELDS})
        if words(form, "answer") != "yes":
            return await self._form(request, typed)
        agreed = Agreed(_newcomer(typed), clash=words(form, "clash"))
        try:
            answered, mine = await self._front.store.write(_take, self._front, request.path_params["offer"], agreed, self._front.clock())
        except BadInput as bad:
            typed.refused(bad, same("name", "organisation"))
            return await self._form(request, typed, status=422)
        self._front.wake()
        if isinstance(answered.outcome, Refusal):
            raise answered.outcome
        if isinstance(answered.outcome, Offered):
            _ask_who(typed, answered.outcome)
            return await self._form(request, typed, status=422 if typed.errors else 200)
        return RedirectResponse(f"/mine/{mine}?done=taken", status_code=303)

    def _way_on(self, request: Request) -> None:
        """Where an offer that is over leads to. Of whose it was, it says nothing."""
        each = self._front.each
        request.state.way_on = f"/{each[0].key}/my-link" if len(each) == 1 else "/"

    async def _form(self, request: Request, typed: Typed, *, status: int = 200) -> Response:
        front, offer = self._front, request.path_params["offer"]
        handed: Handed = await front.store.read(look, front.ids, front.key, offer, front.rules_of, now=front.clock())
        whose = self._front.of(handed.partnership_id)
        new = handed.offered.asks_who
        names = await self._front.store.read(known_organisations, handed.partnership_id, whose.rules) if new else ()
        facts = {"offered": handed.offered, "session": handed.session, "new": new, "organisations": names, "typed": typed}
        return self._front.page(request, "handed.html", whose, status=status, **facts)


def _newcomer(typed: Typed) -> Newcomer | None:
    """Who they say that they are; None where they have not said it all."""
    if not typed.of("name").strip() or not typed.of("organisation").strip():
        return None
    return Newcomer(typed.of("name"), typed.of("organisation"), area_of(typed))


def _ask_who(typed: Typed, offered: Offered) -> None:
    """Note what they have left out of who they are."""
    if offered.asks_who:
        typed.missing("name", "Enter your name.")
        typed.too_long(["name"], NAME_LIMIT)
        typed.missing("organisation", "Enter the organisation that you work for or study at.")
        typed.too_long(["organisation"], 200)


def _take(db: Db, front: Front, offer: str, agreed: Agreed, now: datetime) -> tuple[Answered, str]:
    """What came of it, and the token of their own page; empty where they have no place by it."""
    answered = take(db, front.ids, front.key, offer, agreed, front.rules_of, now=now)
    if answered.person_id is None:
        return answered, ""
    return answered, own_token(db, front.key, answered.partnership_id, answered.person_id, now)
