"""A session as its organiser types it on a page: what stands in each field, and the session that comes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from starlette.datastructures import FormData

from domain.descriptions import NewSession, checked
from domain.errors import BadInput, BadInputs
from domain.fields import Fields
from domain.kinds import Format, Provider
from domain.schedule.typed import Misread, read_span
from domain.times import to_wall, told_apart
from web.pages.typed import NO_FIELD, same, told_at
from web.safety.forms import words

MINUTE = timedelta(minutes=1)
#: said of a service on which nobody can meet here
NOT_HERE = "not set up here"
LINK_UNUSED = "To use this link, choose “A link of your own”. If you do not want it, leave this empty."
TEXTS = ("title", "description", "notes", "audience")
OPTIONAL = ("organisation", "presenter", "venue", "public_title")
#: in the order of the form; the texts come last
ORDER = ("title", "public_title", "date", "start", "end", "venue", "places", "online_places", "provider", "given_link", "presenter")
#: the form's fields, by the headings and by the names that a session has for them
HEADINGS = {"Date": "date", "Start": "start", "End": "end", "Duration": "end"}
FIELDS = same(*TEXTS, *OPTIONAL, "places", "online_places", "given_link") | {"starts_at": "start", "ends_at": "end"}


def fields_of(session: NewSession) -> dict[str, str]:
    """What stands in the fields before anything is typed. Times are wall times; of an hour that comes twice they say which."""
    start, end = to_wall(session.starts_at, session.zone), to_wall(session.ends_at, session.zone)
    fields = {name: getattr(session, name) or "" for name in (*TEXTS, *OPTIONAL)}
    fields |= {"date": f"{start.day} {start:%B %Y}", "start": told_apart(start), "end": told_apart(end)}
    fields |= {name: "" if (count := getattr(session, name)) is None else str(count) for name in ("places", "online_places")}
    return fields | {"provider": session.provider or "", "given_link": session.given_link or ""}


def fingerprint(seen: object) -> str:
    """Differs when what a form was made of is another by now: somebody changed the session, or something else is asked about."""
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def typed_in(form: FormData, session: NewSession) -> dict[str, str]:
    """The fields as they were sent; one that the form does not have stays as it was."""
    return {name: words(form, name).replace("\r\n", "\n") if name in form else text for name, text in fields_of(session).items()}


def changed(session: NewSession, fields: Mapping[str, str], *, today: date) -> NewSession:
    """The session that the fields describe. Raises `BadInput` for all fields that cannot be used, at once."""
    was = fields_of(session)
    given: dict[str, Any] = {name: fields[name].strip() for name in TEXTS if fields[name] != was[name]}
    given |= {name: fields[name].strip() or None for name in OPTIONAL if fields[name] != was[name]}
    read, nothing = Fields(), dict[str, Any]()
    if any(fields[name].strip() != was[name] for name in ("date", "start", "end")):
        given |= read.read(lambda: _span(session, fields, today), nothing)
    for name in ("places", "online_places"):
        if fields[name].strip() != was[name]:
            given |= read.read(partial(_places, fields[name], name), nothing)
    if session.format is not Format.IN_PERSON:
        given |= read.read(lambda: _meeting(session, fields), nothing)
    new = replace(session, **given)
    read.check(lambda: checked(new))
    read.require()
    return new


def _span(session: NewSession, fields: Mapping[str, str], today: date) -> dict[str, Any]:
    minutes = round((session.ends_at - session.starts_at) / MINUTE)
    end = fields["end"].strip() or None
    starts_at, ends_at = read_span(fields["date"], fields["start"], end, minutes=minutes, today=today, zone=session.zone)
    return {"starts_at": starts_at, "ends_at": ends_at}


def _places(text: str, name: str) -> dict[str, Any]:
    return {name: places_in(text, name)}


def stands_already(session: NewSession, fields: Mapping[str, str], *, today: date) -> bool:
    """Whether the session is what the fields describe: the same form came before."""
    try:
        new = changed(session, fields, today=today)
        return session in (new, checked(new))
    except BadInput:
        return False


def differing(session: NewSession, fields: Mapping[str, str]) -> dict[str, str]:
    """What stands in the session at present, where the fields say something else."""
    return {name: text for name, text in fields_of(session).items() if fields[name].strip() != text.strip()}


def places_in(text: str, name: str) -> int | None:
    """A number of places, of the field with this name; empty: no limit. Raises `BadInput`."""
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 6:
        raise BadInput("Enter the places as a number, such as 25. Leave it empty for no limit.", field=name)
    return int(text)


def _meeting(session: NewSession, fields: Mapping[str, str]) -> dict[str, Any]:
    provider = next((one for one in Provider if one == fields["provider"]), session.provider)
    link = fields["given_link"].strip() or None
    if provider is None and link:
        provider = Provider.GIVEN  # nobody had said where, and this says it
    if provider not in (None, Provider.GIVEN) and link not in (None, session.given_link):
        raise BadInput(LINK_UNUSED, field="given_link")
    if provider is Provider.GIVEN and link is None:
        raise BadInput("Enter the link that people join by, or choose Teams or Zoom.", field="given_link")
    return {"provider": provider, "given_link": link if provider is Provider.GIVEN else None}


def meeting_items(without: Collection[Provider], given: str = "A link of your own") -> list[dict[str, str]]:
    """Where people can meet online, as radios; the services `without` an account say so."""
    said = {Provider.TEAMS: "Teams", Provider.ZOOM: "Zoom", Provider.GIVEN: given}
    return [{"value": one, "text": f"{text} ({NOT_HERE})" if one in without else text} for one, text in said.items()]


def told_by_heading(bad: BadInput, headings: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """What was refused, under the form's fields: by the `headings` of a row that was misread, or by the `fields` of a session.

    A field has what is to be mended first; what belongs to no field is said whole.
    """
    found: dict[str, list[str]] = {}
    for one in bad.each if isinstance(bad, BadInputs) else (bad,):
        if not isinstance(one, Misread) or not one.problems:
            for field, told in told_at(one, fields).items():
                found.setdefault(field, []).append(told)
            continue
        for problem in one.problems:
            found.setdefault(headings.get(problem.column or "", NO_FIELD), []).append(problem.message)
    return {field: " ".join(told if field == NO_FIELD else told[:1]) for field, told in found.items()}
