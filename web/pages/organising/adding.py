"""Adding one session to a programme: the fields that chat has, read as a row of a schedule, and seen at once in the week."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.adding import add_once, newest_session
from domain.descriptions import checked
from domain.errors import BadInput
from domain.fields import Fields
from domain.hosts import not_set_up
from domain.kinds import Format, Provider
from domain.programmes import require_kept
from domain.schedule.proposals import PROVIDERS, Defaults
from domain.schedule.typed import TypedSession, read_day, read_session
from domain.times import day_of
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_programme import OfProgramme
from web.pages.organising.typed import NOT_HERE, fingerprint, places_in, told_by_heading
from web.pages.typed import NO_FIELD, same
from web.safety.forms import number, words

#: each field, and the heading that it stands under in a schedule
HEADINGS = {
    "title": "Title",
    "date": "Date",
    "start": "Start",
    "end": "End",
    "held": "Platform",
    "venue": "Venue",
    "places": "Places",
    "organisation": "Organisation",
    "presenter": "Presenter",
    "audience": "Audience",
    "link": "Link",
    "description": "Description",
}
#: a schedule has no column for it
ONLINE_PLACES = "online_places"
FIELDS = {heading: name for name, heading in HEADINGS.items()}
#: the same, by the names that a session has for them
NAMED = same(ONLINE_PLACES, "title", "venue", "places", "organisation", "presenter", "audience", "description")
NAMED |= {"starts_at": "start", "ends_at": "end", "given_link": "link"}
HELD = ("Online", "Teams", "Zoom", "In person", "Hybrid")
MISSING = {
    "title": "Enter the title, as people will see it.",
    "date": "Enter the date, such as 15 March 2027.",
    "start": "Enter the start, such as 9.30am.",
    "end": "Enter the end, such as 10.30am.",
}
NO_LINK = "A link must start with https:// and have no spaces."
ONLY_BOTH = "Only a session in a room and online has places online. Choose “In a room and online”, or leave this empty."
IN_A_ROOM = "A session in a room has no link to join. Choose another way to hold it, or leave the link empty."


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of a session that is not there yet."""
    pages = Adding(front)
    at = "/organise/programme/{programme:int}/add"
    return [allowed.get(at, pages.form), allowed.post(at, pages.save)]


class Adding(OfProgramme):
    """The form for a new session."""

    async def form(self, request: Request, visit: Visit) -> Response:
        """Empty: what is left out is as the programme says."""
        require_kept(visit.programme.state)
        newest = await self._front.store.read(newest_session, visit.where, visit.programme.id)
        return await self._form(request, visit, dict.fromkeys((*HEADINGS, ONLINE_PLACES), ""), {}, newest=newest)

    async def save(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Added, and seen in the week. What deserves a second look is said first. Sent twice it is added once."""
        require_kept(visit.programme.state)
        typed = {name: words(form, name).replace("\r\n", "\n").strip() for name in (*HEADINGS, ONLINE_PLACES)}
        newest = number(words(form, "newest")) or 0
        errors = {name: told for name, told in MISSING.items() if not typed[name]}
        read = None
        try:
            read = self._read(visit, typed)
        except BadInput as bad:
            errors = _in_order(errors, told_by_heading(bad, FIELDS, NAMED))
        if errors or read is None:
            return await self._form(request, visit, typed, errors, newest=newest, status=422)
        asks = fingerprint(read.warnings)
        if read.warnings and words(form, "sure") != asks:
            return await self._form(request, visit, typed, {}, newest=newest, warnings=read.warnings, sure=asks)
        actor, now = visit.organiser.actor, self._front.clock()
        new, where = read.proposal.new, (visit.where, visit.programme.id)
        done = await self._front.store.write(add_once, *where, new, visit.whose.rules, newest=newest, actor=actor, now=now)
        self._front.wake()
        return RedirectResponse(f"/organise/programme/{visit.programme.id}?done=added&session={done.session_id}", status_code=303)

    def _read(self, visit: Visit, typed: Mapping[str, str]) -> TypedSession | None:
        """The session that the fields describe. Raises `BadInput` for all that cannot be used, at once."""
        programme = visit.programme
        defaults = Defaults(programme.default_provider, programme.default_places, programme.default_privacy, programme.zone)
        cells = {HEADINGS[name]: text for name, text in typed.items() if text and name in HEADINGS and (name != "held" or text in HELD)}
        fields = Fields()
        found = fields.read(lambda: read_session(cells, defaults, now=self._front.clock(), holidays=visit.whose.holidays), None)
        if typed["date"] and not (typed["start"] and typed["end"]):  # without its hours a row's date is not looked at
            today = day_of(self._front.clock(), programme.zone)
            fields.check(lambda: read_day(typed["date"], today=today, zone=programme.zone))
        read = fields.read(lambda: _with_online_places(found, typed[ONLINE_PLACES], typed["held"]), None)
        # a schedule may say "to follow" there, and nothing comes of it
        if typed["link"] and (found is None or found.proposal.new.given_link is None):
            fields.check(partial(_check_link, typed["link"], in_room=found is not None or typed["held"] == "In person"))
        fields.require()
        return read

    async def _form(
        self,
        request: Request,
        visit: Visit,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        *,
        newest: int,
        warnings: Sequence[str] = (),
        sure: str = "",
        status: int = 200,
    ) -> Response:
        facts: dict[str, Any] = {"typed": typed, "errors": errors, "newest": newest, "warnings": warnings, "sure": sure}
        without = await self._front.store.read(not_set_up, visit.where)
        facts |= {"held": _held_items(visit, without), "link_hint": _link_hint(visit.programme.default_provider, without)}
        facts["day"] = max(day_of(self._front.clock()), visit.programme.starts_on)
        return self._page(request, "organise/add.html", visit, status, **facts)


def _in_order(missing: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """All that is wrong, in the order of the form. What is of no field may come of what is missing: that is said alone then."""
    every = {name: said for name, said in told.items() if name != NO_FIELD or not missing} | dict(missing)
    order = [*HEADINGS, ONLINE_PLACES, *every]
    return dict(sorted(every.items(), key=lambda one: order.index(one[0])))


def _check_link(typed: str, *, in_room: bool) -> None:
    """A link that nothing came of. Raises `BadInput`, unless it may be right."""
    if "://" not in typed:
        raise BadInput(NO_LINK, field="given_link")
    if in_room:
        raise BadInput(IN_A_ROOM, field="given_link")


def _with_online_places(read: TypedSession | None, typed: str, held: str) -> TypedSession | None:
    """The places online of a session that is held both ways; empty: what the programme says. Raises `BadInput`."""
    both = held == "Hybrid" if read is None else read.proposal.new.format is Format.HYBRID
    if not typed or not both:
        if typed:
            raise BadInput(ONLY_BOTH, field=ONLINE_PLACES)
        return read
    places = None if typed.casefold() == "no limit" else places_in(typed, ONLINE_PLACES)
    if read is None:
        return None
    new = read.proposal.new
    new = checked(replace(new, online_places=places))
    return replace(read, proposal=replace(read.proposal, new=new))


def _link_hint(default: Provider, without: Collection[Provider]) -> str:
    """Whether somebody has to give the link themselves."""
    if default is Provider.GIVEN:
        return "People need one to join online. If you do not have it yet, add it later."
    if default in without:
        service = PROVIDERS[default]
        return f"{service} is {NOT_HERE}, so we cannot make a link. If people join online, give them one of your own."
    return "Only if you have a link to join by. If not, we make one."


def _held_items(visit: Visit, without: Collection[Provider]) -> list[dict[str, str]]:
    """The ways to hold a session; which service is the programme's is said, and which is not set up."""
    default = visit.programme.default_provider
    nowhere = {one: f", {NOT_HERE}" if one in without else "" for one in Provider}
    said = {
        "Online": f"Online, as the programme says ({PROVIDERS[default]}{nowhere[default]})",
        "Teams": f"Online, on Teams{nowhere[Provider.TEAMS]}",
        "Zoom": f"Online, on Zoom{nowhere[Provider.ZOOM]}",
        "In person": "In a room",
        "Hybrid": "In a room and online",
    }
    return [{"value": value, "text": said[value]} for value in HELD]
