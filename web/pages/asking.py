"""Asking for a place: who one is, by any name, and what one needs. An e-mail comes, and nothing is booked before its button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.admissions import meant_for, opened_by
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
from domain.series.booking import STARTED
from domain.series.views import series_page
from domain.views import SessionView
from domain.visiting import FilledIn, WishAnswer, ask, ask_series, read_filled
from web.front import Front
from web.pages.typed import Typed, area_of, same
from web.safety.forms import words
from web.surroundings import Surroundings

#: the fields that everybody is asked, in the order of the form
FIELDS = ("name", "email", "organisation", "family", "area", "mode")
ENTER_WHERE = "Enter the organisation that you work for or study at."
ENTER_WHERE_OR_SAY = "Enter the organisation that you work for or study at, or say that you work for none of these."
#: a series is asked for without a reader: what it is to them, their own page says
NOBODY = 0


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
    modes: tuple[Mode, ...]
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
    def full(self) -> frozenset[Mode]:
        """The ways whose places are all taken, of a series on one of its parts. For everybody alike."""
        return frozenset(mode for mode in Mode if any(_is_full(session, mode) for session in self.sessions))

    @property
    def waits(self) -> bool:
        """Whether there is nothing to ask for but the waiting list, however one takes part."""
        return self.full >= set(self.modes or Mode) and bool(self.sessions)

    def too_late(self, now: datetime) -> str | None:
        """Why it can no longer be asked for, whoever asks; None: it can, as far as its hour goes."""
        if self.series_id is not None:
            return STARTED if not self.sessions else None
        return "This session has started, so it can no longer be booked." if self.sessions[0].starts_at <= now else None


class AskingPages:
    """The form, and the page after it."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def invited(self, request: Request) -> Response:
        """The private sessions that an invitation shows."""
        whose = self._front.partnership(request)
        code = request.path_params["code"]
        sessions, contact, most = await self._front.store.read(_invited, whose.partnership_id, code, self._front.clock())
        request.state.call = contact
        facts: dict[str, Any] = {"sessions": sessions, "most": most, "here": request.url.path, "now": self._front.clock()}
        return self._front.page(request, "invited.html", whose, **facts)

    async def form(self, request: Request) -> Response:
        """Empty, as it is first seen."""
        whose = self._front.partnership(request)
        asking = await self._read(request, whose)
        if (said := asking.too_late(self._front.clock())) is not None:
            on = request.url.path.rsplit("/", 2)[0] if asking.private else f"/{whose.key}"
            return self._front.page(request, "too_late.html", whose, asking=asking, said=said, on=on)
        return self._form(request, whose, asking, Typed())

    async def sent(self, request: Request) -> Response:
        """Taken, or shown again with what is wrong beside each field."""
        whose = self._front.partnership(request)
        form = await self._front.forms.read(request)
        await self._front.guesses.wish_sent(request)
        asking = await self._read(request, whose)
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
        moving = all(self._front.clock() < one.starts_at - whose.rules.cutoff for one in asking.sessions)  # the waiting list
        return self._front.page(request, "asked.html", whose, asking=asking, held=whose.rules.hold, moving=moving, waits=waits)

    async def _read(self, request: Request, whose: Surroundings) -> Asking:
        asking = await self._front.store.read(_asking, whose, request.path_params, self._front.clock())
        request.state.call = asking.contact
        return asking

    def _form(self, request: Request, whose: Surroundings, asking: Asking, typed: Typed, *, status: int = 200) -> Response:
        back = request.url.path.removesuffix("/book")
        back = back.rsplit("/", 1)[0] if asking.private else back
        return self._front.page(request, "book.html", whose, status=status, asking=asking, typed=typed, back=back)


def _invited(db: Db, partnership_id: int, code: str, now: datetime) -> tuple[tuple[SessionView, ...], str, int | None]:
    """What there is to book, whom to call, and how many the invitation is for."""
    sessions = [find_session(db, partnership_id, one) for one in opened_by(db, partnership_id, code, now=now)]
    contacts = dict.fromkeys(contact for one in sessions if (contact := contact_of(db, one)))
    return tuple(session_view(db, one) for one in sessions), " or ".join(contacts), meant_for(db, partnership_id, code)


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
    return Asking(shown.title, (shown,), modes_of(shown.format), needs, organisations, contact, shown.private)


def _is_full(session: SessionView, mode: Mode) -> bool:
    """Whether no place is free this way; where a session is held in one way only, in that."""
    ways = [one for one in session.places if one.mode is mode] or session.places[:1]
    return any(one.free == 0 for one in ways)


def _asking_series(db: Db, whose: Surroundings, series_id: int, now: datetime) -> Asking:
    page = series_page(db, whose.partnership_id, series_id, NOBODY, now=now)
    ahead = tuple(view for _, view in page.parts if view.id in page.ahead)
    every = [modes_of(view.format) for view in ahead]
    modes = next((modes for modes in every if len(modes) > 1), ())  # where one part has a choice, it is theirs
    organisations = known_organisations(db, whose.partnership_id, whose.rules)
    return Asking(page.title, ahead, modes, (), organisations, series_id=series_id)


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
    if mode is None and len(asking.modes) > 1:
        typed.errors["mode"] = "Choose how you will take part."
    typed.too_long(asking.needs, LONGEST)
    needs = {question: typed.of(question) for question in asking.needs}
    return FilledIn(typed.of("name"), typed.of("email"), mode, needs, typed.of("organisation"), area_of(typed), code, family)


def _fields(asking: Asking) -> dict[str, str]:
    """The fields of the form, by the names that `FilledIn` has for them. Where there is one way to take part, no field is for it."""
    return same("name", "organisation", *asking.needs) | {"address": "email"} | (same("mode") if len(asking.modes) > 1 else {})
