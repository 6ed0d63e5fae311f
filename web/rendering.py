"""Rendering: templates in, HTML out. Times are words with the day; everything that people typed is escaped."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup, escape

from domain.capacity import mark_of
from domain.kinds import Format, Mode
from domain.models import ServiceArea
from domain.own_page import OwnPage
from domain.schedule.telling import bookings_words, gone_words, headline, problem_words, row_words, short_words, what_happens
from domain.times import clock_words, day_words, hours_words, length_words, to_wall, when_words, zone_words
from domain.week import Way

MACROS = "govuk_frontend_jinja"
#: each question of what somebody needs: the words, and such as what
NEEDS = {
    "access": (
        "What helps you to take part?",
        "Such as: step-free way in, captions, a sign-language interpreter, large print, easy read, breaks. You can leave this empty.",
    ),
    "interpreter": ("Do you need an interpreter?", "Tell us which language, or British Sign Language. You can leave this empty."),
    "childcare": ("What childcare do you need?", "Tell us how many children, and how old they are. You can leave this empty."),
    "travel": ("What help do you need with travel?", "Such as: a taxi, a bus fare. You can leave this empty."),
    "dietary": ("What food do you need?", "Such as: halal, vegetarian, no nuts. You can leave this empty."),
    "supporter": (
        "Will you bring somebody to support you?",
        "You are welcome to. Tell us if they need a seat too. You can leave this empty.",
    ),
}
FORMATS = {Format.ONLINE: "Online", Format.IN_PERSON: "In a room", Format.HYBRID: "In a room or online"}
AREAS = {
    ServiceArea.CHILDREN: "Children and families",
    ServiceArea.ADULTS: "Adults",
    ServiceArea.BOTH: "Both",
    ServiceArea.OTHER: "Something else, or I would rather not say",
}
#: a British telephone number, as people write it
PHONE = re.compile(r"(?<![\d\w])(?:\+44|0)[\d ()]{8,14}\d(?!\d)")
MODES = {Mode.ROOM: "In the room", Mode.ONLINE: "Online"}


class Rendering:
    """The pages' templates, over the macros of the GOV.UK Design System."""

    def __init__(self) -> None:
        self._templates = _templates()

    def warm_up(self) -> None:
        """Compile every template, and every macro."""
        for name in self._templates.list_templates(("html",)):
            self._templates.get_template(name)

    def html(self, template: str, **facts: object) -> str:
        """A page as HTML."""
        return self._templates.get_template(template).render(**facts)


@cache
def _templates() -> Environment:
    """One for the process: what is compiled once stays compiled."""
    templates = Environment(
        loader=ChoiceLoader([PackageLoader("web"), PrefixLoader({MACROS: PackageLoader(MACROS)})]),
        autoescape=True,
        undefined=ChainableUndefined,  # the macros ask for what was not given, and take it for false
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "lines": lines,
        "when": when,
        "day": day_words,
        "format": FORMATS.__getitem__,
        "mode": MODES.__getitem__,
        "clash_mark": mark_of,
    }
    templates.filters |= {
        "span": length_words,
        "pair": pair,
        "format_pair": format_pair,
        "day_pair": day_pair,
        "need_label": lambda one: NEEDS[one][0],
        "need_hint": lambda one: NEEDS[one][1],
        "phones": phones,
        "reminded_by": reminded_by,
    }
    templates.filters |= {
        "headline": headline,
        "what_happens": what_happens,
        "problem_words": problem_words,
        "row_words": row_words,
        "short_words": short_words,
        "gone_words": gone_words,
        "bookings_words": bookings_words,
        "booked_words": booked_words,
    }
    templates.globals |= {"errors_list": errors_list, "modes_items": modes_items, "number_items": number_items}
    templates.globals |= {"hours": hours_words}
    templates.globals |= {"instant": instant, "areas_items": areas_items}
    return templates


def pair(value: str) -> tuple[str, str]:
    """A choice whose value is what it is called."""
    return value, value


def format_pair(value: Format) -> tuple[str, str]:
    """A way of taking part, as a choice."""
    return value.value, FORMATS[value]


def day_pair(value: date) -> tuple[str, str]:
    """A day, as a choice."""
    return value.isoformat(), day_words(value)


def errors_list(errors: Mapping[str, str]) -> list[dict[str, str]]:
    """What is wrong, each a link to its field; what is of no field is only said."""
    return [{"text": said, "href": f"#{name}"} if name else {"text": said} for name, said in errors.items()]


def modes_items(modes: Sequence[Mode], full: Collection[Mode] = ()) -> list[dict[str, Any]]:
    """The ways to take part, to choose one. Of one that is full it says what choosing it means."""
    hints = {mode: {"hint": {"text": "Full. If you choose this, you join the waiting list."}} for mode in full}
    return [{"value": mode.value, "text": MODES[mode], **hints.get(mode, {})} for mode in modes]


def number_items(choices: Sequence[tuple[int, str]]) -> list[dict[str, str]]:
    """Answers with a number each, to choose one."""
    return [{"value": str(number), "text": words} for number, words in choices]


def booked_words(ways: Sequence[Way], kept: str = "of them kept for people who have not confirmed yet") -> str:
    """`3 of 45`, `3, with no limit`; in two ways `In the room 0 of 45. Online 0, no limit`. Behind each how many are but `kept`."""
    unlimited = ", with no limit" if len(ways) == 1 else ", no limit"
    named = [f"{MODES[one.mode]} {one.taken}" if len(ways) > 1 else f"{one.taken}" for one in ways]
    limits = [f" of {one.places}" if one.places is not None else unlimited for one in ways]
    waits = [f", {one.kept} {kept}" if one.kept else "" for one in ways]
    return ". ".join("".join(parts) for parts in zip(named, limits, waits, strict=True))


def areas_items() -> list[dict[str, str]]:
    """The service areas, to choose one."""
    return [{"value": area.value, "text": words} for area, words in AREAS.items()]


def reminded_by(own: OwnPage) -> str:
    """How somebody is reminded: `email`, `chat` or `both`, as their form has it."""
    if own.person.reminders_by_chat and own.person.reminders_by_email:
        return "both"
    return "chat" if own.person.reminders_by_chat else "email"


def phones(text: str) -> Markup:
    """The text, each telephone number in it a link that calls it."""
    parts, end = [], 0
    for found in PHONE.finditer(text):
        number = "".join(c for c in found[0] if c.isdigit() or c == "+")
        parts += [escape(text[end : found.start()]), Markup('<a class="govuk-link phone" href="tel:{}">{}</a>').format(number, found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def instant(moment: datetime, zone: str) -> str:
    """`Monday 15 March 2027, 9.30am, UK time (GMT)`."""
    wall = to_wall(moment, zone)
    return f"{day_words(wall.date())}, {clock_words(wall)}, {zone_words(moment, zone)}"


def lines(text: str) -> Markup:
    """The text, each of its lines on a line of its own."""
    return Markup("<br>").join(text.split("\n"))


class Timed(Protocol):
    """Anything with a start, an end (UTC) and the zone that it is held in."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...

    @property
    def zone(self) -> str: ...


def when(session: Timed) -> str:
    """`Monday 15 March 2027, 9.30am to 11am, UK time (GMT)`."""
    return when_words(session.starts_at, session.ends_at, session.zone)
