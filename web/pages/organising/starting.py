"""Starting a programme: what chat's command asks for, by who organises the whole partnership."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.adding import create_once, newest_programme
from domain.errors import BadInput
from domain.fields import Fields
from domain.hosts import not_set_up
from domain.kinds import Provider
from domain.models import Privacy, ProgrammeKind
from domain.programmes import NewProgramme, usual_privacy
from domain.schedule.typed import read_day
from domain.texts import one_line
from domain.times import day_of
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.typed import meeting_items, places_in
from web.pages.typed import Typed, same
from web.safety.forms import number, words

ASKED = ("title", "kind", "first", "last", "provider", "places", "privacy", "contact")
#: the form's fields, by the names that a programme has for them
NAMED = same("title", "kind", "contact", "places", "first", "last") | {"starts_on": "first", "ends_on": "last", "default_places": "places"}
KINDS = {
    ProgrammeKind.PRACTICE_WEEK: "A practice week",
    ProgrammeKind.PARENT_PARTNERSHIP: "A parent partnership: workshops and panels with families",
    ProgrammeKind.PRACTITIONER_TEACHER: "A course for practitioner teachers",
}
NO_KIND = "Choose what kind of programme it is."
NOT_A_DAY = {"first": "Enter the first day, such as 15 March 2027.", "last": "Enter the last day, such as 19 March 2027."}


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of a programme that is not there yet."""
    pages = Starting(front)
    at = "/organise/start"
    return [allowed.get(at, pages.form, whole=True), allowed.post(at, pages.save, whole=True)]


class Starting:
    """The form for a new programme."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def form(self, request: Request, visit: Visit) -> Response:
        """Empty; a way to meet that works here is chosen."""
        return await self._form(request, visit, Typed(), await self._front.store.read(newest_programme, visit.where))

    async def save(self, request: Request, visit: Visit, form: FormData) -> Response:
        """In draft, and led to where a schedule is sent. Sent twice it is created once."""
        typed = Typed({name: words(form, name).strip() for name in ASKED})
        newest, now = number(words(form, "newest")) or 0, self._front.clock()
        without = await self._front.store.read(not_set_up, visit.where)
        try:
            new = _new(typed.fields, _usual(without), today=day_of(now))
            made = await self._front.store.write(create_once, visit.where, new, newest=newest, actor=visit.organiser.actor, now=now)
        except BadInput as bad:
            typed.refused(bad, NAMED)
            return await self._form(request, visit, typed, newest, status=422)
        return RedirectResponse(f"/organise/programme/{made.id}?done=started", status_code=303)

    async def _form(self, request: Request, visit: Visit, typed: Typed, newest: int, *, status: int = 200) -> Response:
        without = await self._front.store.read(not_set_up, visit.where)
        typed.fields = {"provider": _usual(without), **typed.fields}
        facts: dict[str, object] = {"typed": typed, "newest": newest, "today": day_of(self._front.clock())}
        facts["kinds"] = [{"value": kind, "text": text} for kind, text in KINDS.items()]
        facts["services"] = meeting_items(without, given="We have links of our own")
        return self._front.page(request, "organise/start.html", visit.whose, status=status, visit=visit, **facts)


def _usual(without: Collection[Provider]) -> Provider:
    """Where people meet if nobody says so: a service that is set up here. Where none is, links are the organisers' own."""
    return next((one for one in (Provider.TEAMS, Provider.ZOOM) if one not in without), Provider.GIVEN)


def _new(typed: Mapping[str, str], usual: Provider, *, today: date) -> NewProgramme:
    """The programme that the fields describe; people meet where it is `usual` if they do not say.

    Raises `BadInput` for all fields that cannot be used, at once.
    """
    fields = Fields()
    fields.check(lambda: one_line(typed["title"], 200, "the title, as people will see it", field="title"))
    kind = fields.read(lambda: _kind(typed["kind"]), ProgrammeKind.PRACTICE_WEEK)
    first = fields.read(lambda: _day(typed, "first", today), today)
    last = fields.read(lambda: _day(typed, "last", today), today)
    places = fields.read(lambda: places_in(typed["places"], "places"), None)
    fields.require()
    return NewProgramme(
        title=typed["title"],
        kind=kind,
        starts_on=first,
        ends_on=last,
        default_provider=next((one for one in Provider if one == typed["provider"]), usual),
        default_places=places,
        default_privacy=next((one for one in Privacy if one == typed["privacy"]), usual_privacy(kind)),
        contact=typed["contact"],
    )


def _kind(typed: str) -> ProgrammeKind:
    if typed not in KINDS:
        raise BadInput(NO_KIND, field="kind")
    return ProgrammeKind(typed)


def _day(typed: Mapping[str, str], name: str, today: date) -> date:
    if not typed[name]:
        raise BadInput(NOT_A_DAY[name], field=name)
    try:
        return read_day(typed[name], today=today)
    except BadInput as bad:
        raise BadInput(str(bad), field=name) from bad
