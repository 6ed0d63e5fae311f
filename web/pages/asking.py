"""Asking for a place: who one is, by any name, and what one needs. An e-mail comes, and nothing is booked before its button is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.admissions import meant_for, opened_by
from domain.bookable import FULL, ToBook, Way, to_book
from domain.capacity import line_moves
from domain.database import Db
from domain.errors import BadInput, NotFound
from domain.kinds import Mode
from domain.needs.own import LONGEST, questions_for
from domain.organisations import known_organisations
from domain.people import NAME_LIMIT
from domain.places import find_session, modes_of
from domain.privacy import require_nothing_hidden
from domain.private_sessions import contact_of
from domain.queries import session_view
from domain.series.bookable import SeriesWay, series_to_ask_for
from domain.views import SessionView
from domain.visiting import OF_A_SERIES, FilledIn, WishAnswer, ask, ask_series, read_filled
from web.front import Front
from web.pages.typed import Typed, area_of, same
from web.safety.forms import words
from web.surroundings import Surroundings

#: the fields that everybody is asked, in the order of the form
FIELDS = ("name", "email", "organisation", "family", "area", "mode")
ENTER_WHERE = "Enter the organisation that you work for or study at."
ENTER_WHERE_OR_SAY = "Enter the organisation that you work for or study at, or say that you work for none of these."
#: to who chose the way that has filled up meanwhile
OTHER_WAY = "All places are taken the way that you chose. Read below how you can take part, and send the form again."
#: to who chose none of two, of which one has filled up meanwhile
ONE_WAY = "There is only one way left to take part. Read below which it is, and send the form again."


def routes(front: Front) -> list[Route]:
    """Of open sessions and series, and of the sessions that an invitation's link shows."""
    pages = AskingPages(front)
    found = [Route("/{partnership}/invited/{code}", pages.invited, methods=["GET"])]
    for way in ("session/{session:int}", "series/{series:int}", "invited/{code}/{session:int}"):
        found += [
            Route(f"/{{partnership}}/{way}/book", pages.form, methods=["GET"]),
            Route(f"/{{partnership}}/{way}/book", pages.sent, methods=["POST"]),
            Route(f"/{{partnership}}/{way}/asked", pages.asked, methods=["GET"]),
        ]
    return found


@dataclass(frozen=True)
class Asking:
    """What the form needs to know. `sessions`: the one that is asked for, or every part of a series that is still to come."""

    title: str
    sessions: tuple[SessionView, ...]
    ways: Sequence[Way | SeriesWay] = ()  #: in which it can be asked for, as far as everybody sees
    refused: str = ""  #: why it cannot be asked for at all: then nobody is to fill in the form
    needs: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    contact: str = ""  #: whom families call, where it is private
    private: bool = False
    series_id: int | None = None

    @property
    def families(self) -> bool:
        """Whether who works for none of the organisations may ask for it. Of a private session nobody is asked."""
        return not self.private and bool(self.sessions) and all(one.for_families for one in self.sessions)

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Where one has a choice, of a series in one of its parts: the ways that are left of it."""
        chooses = any(len(modes_of(one.format)) > 1 for one in self.sessions)
        return tuple(way.mode for way in self.ways if way.mode is not None) if chooses else ()

    @property
    def full(self) -> frozenset[Mode]:
        """The ways whose places are all taken, of a series on one of its parts. For everybody alike."""
        return frozenset(way.mode for way in self.ways if way.waits and way.mode is not None)

    @property
    def waits(self) -> bool:
        """Whether there is nothing to ask for but the waiting list, however one takes part."""
        return bool(self.ways) and all(way.waits for way in self.ways)


class AskingPages:
    """The form, and the page after it."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def invited(self, request: Request) -> Response:
        """The private sessions that an invitation shows."""
        whose = self._front.partnership(request)
        code = request.path_params["code"]
        sessions, contact, most = await self._front.store.read(_invited, whose, code, self._front.clock())
        request.state.call = contact
        facts: dict[str, Any] = {"sessions": sessions, "full": FULL, "most": most, "here": request.url.path, "now": self._front.clock()}
        return self._front.page(request, "invited.html", whose, **facts)

    async def form(self, request: Request) -> Response:
        """Empty, as it is first seen."""
        whose = self._front.partnership(request)
        asking = await self._read(request, whose)
        return self._refused(request, whose, asking) if asking.refused else self._form(request, whose, asking, Typed())

    async def sent(self, request: Request) -> Response:
        """Taken, or shown again with what is wrong beside each field."""
        whose = self._front.partnership(request)
        form = await self._front.forms.read(request)
        await self._front.guesses.wish_sent(request)
        asking = await self._read(request, whose)
        if asking.refused:
            return self._refused(request, whose, asking, status=409)
        typed = Typed({name: words(form, name) for name in (*FIELDS, *asking.needs)})
        filled = _filled_in(typed, asking, request.path_params.get("code"))
        said = ""
        try:
            read_filled(filled, whose.rules, private=asking.private, families=asking.families)
        except BadInput as bad:
            typed.refused(bad, _fields(asking))
        if not typed.errors:
            await self._front.guesses.wish_asked_for(filled.address, request.url.path)
            try:
                said = await self._ask(whose, asking, filled)
            except BadInput as bad:
                typed.refused(bad, _fields(asking))
        if typed.errors:
            return self._form(request, whose, asking, typed, status=422)
        self._front.wake()
        return RedirectResponse(request.url.path.removesuffix("/book") + f"/asked{said}", status_code=303)

    async def _ask(self, whose: Surroundings, asking: Asking, filled: FilledIn) -> str:
        """What the next page says: that all places were taken, or nothing of it. The same for every address."""
        use_case: Callable[..., Any] = ask if asking.series_id is None else ask_series
        number = asking.sessions[0].id if asking.series_id is None else asking.series_id
        asked: WishAnswer = await self._front.store.write(
            use_case, whose.partnership_id, number, filled, whose.rules, now=self._front.clock()
        )
        return "?waits=yes" if asked.waits else ""

    async def asked(self, request: Request) -> Response:
        """The same for everybody: an e-mail is on its way."""
        whose = self._front.partnership(request)
        asking = await self._read(request, whose)
        waits = request.query_params.get("waits") == "yes"
        moving = all(line_moves(one.starts_at, whose.rules, self._front.clock()) for one in asking.sessions)
        return self._front.page(request, "asked.html", whose, asking=asking, held=whose.rules.hold, moving=moving, waits=waits)

    async def _read(self, request: Request, whose: Surroundings) -> Asking:
        asking = await self._front.store.read(_asking, whose, request.path_params, self._front.clock())
        request.state.call = asking.contact
        return asking

    def _form(self, request: Request, whose: Surroundings, asking: Asking, typed: Typed, *, status: int = 200) -> Response:
        back = request.url.path.removesuffix("/book")
        back = back.rsplit("/", 1)[0] if asking.private else back
        return self._front.page(request, "book.html", whose, status=status, asking=asking, typed=typed, back=back)

    def _refused(self, request: Request, whose: Surroundings, asking: Asking, *, status: int = 200) -> Response:
        """Instead of a form that would be filled in for nothing."""
        on = request.url.path.rsplit("/", 2)[0] if asking.private else f"/{whose.key}"
        return self._front.page(request, "too_late.html", whose, status=status, asking=asking, on=on)


def _invited(db: Db, whose: Surroundings, code: str, now: datetime) -> tuple[list[tuple[SessionView, ToBook]], str, int | None]:
    """The sessions with what there is to ask for of each, whom to call, and how many the invitation is for."""
    sessions = [find_session(db, whose.partnership_id, one) for one in opened_by(db, whose.partnership_id, code, now=now)]
    contacts = dict.fromkeys(contact for one in sessions if (contact := contact_of(db, one)))
    shown = [(view, to_book(view, whose.rules, now)) for view in (session_view(db, one) for one in sessions)]
    return shown, " or ".join(contacts), meant_for(db, whose.partnership_id, code)


def _asking(db: Db, whose: Surroundings, named: dict[str, Any], now: datetime) -> Asking:
    """What the form asks. Raises `NotFound` where the reader may not know of what the address names."""
    if "series" in named:
        return _asking_series(db, whose, named["series"], now)
    partnership_id, session_id, code = whose.partnership_id, named["session"], named.get("code")
    session = find_session(db, partnership_id, session_id)
    if code is None:
        require_nothing_hidden(session)
    elif session_id not in opened_by(db, partnership_id, code, now=now):
        raise NotFound
    shown = session_view(db, session)
    organisations = () if shown.private else known_organisations(db, partnership_id, whose.rules)
    contact = contact_of(db, session) if shown.private else ""
    needs = questions_for(private=shown.private, format_=shown.format)
    found = to_book(shown, whose.rules, now) if session.series_id is None else ToBook(refused=OF_A_SERIES)
    return Asking(shown.title, (shown,), found.ways, found.refused, needs, organisations, contact, shown.private)


def _asking_series(db: Db, whose: Surroundings, series_id: int, now: datetime) -> Asking:
    found = series_to_ask_for(db, whose.partnership_id, series_id, whose.rules, now=now)
    organisations = known_organisations(db, whose.partnership_id, whose.rules)
    return Asking(found.page.title, found.ahead, found.ways, found.refused, (), organisations, series_id=series_id)


def _filled_in(typed: Typed, asking: Asking, code: str | None) -> FilledIn:
    """What was asked for; what is missing or too long is noted beside its field."""
    typed.missing("name", "Enter a name. It can be any name that we may call you by." if asking.private else "Enter your name.")
    typed.too_long(["name"], NAME_LIMIT)
    typed.missing("email", "Enter your e-mail address, like name@example.org.")
    family = asking.families and bool(typed.of("family"))
    if not asking.private:
        if not family:
            typed.missing("organisation", ENTER_WHERE_OR_SAY if asking.families else ENTER_WHERE)
        typed.too_long(["organisation"], 200)
    mode = next((one for one in asking.modes if one == typed.of("mode")), None)
    if mode is None and asking.modes:
        one_is_left = OTHER_WAY if typed.of("mode") else ONE_WAY
        typed.errors["mode"] = "Choose how you will take part." if len(asking.modes) > 1 else one_is_left
    typed.too_long(asking.needs, LONGEST)
    needs = {question: typed.of(question) for question in asking.needs}
    return FilledIn(typed.of("name"), typed.of("email"), mode, needs, typed.of("organisation"), area_of(typed), code, family)


def _fields(asking: Asking) -> dict[str, str]:
    """The fields of the form, by the names that `FilledIn` has for them. Where nobody has a choice how to take part, no field is for it."""
    return same("name", "organisation", *asking.needs) | {"address": "email"} | (same("mode") if asking.modes else {})
