"""How everything in the table of roles is tried: a command by its own parameters, a button, menu or form by its template."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from discord import AppCommandOptionType, app_commands

from rehearsal.chat import Seen
from tests.organiser_building import LUNCH, REFUSED, csv
from tests.roles_building import GHOST, HIDDEN, Stage, Target
from tests.roles_table import PRESSED, SENT_BACK, WHO, For, Role, commands, filled, forms, pressed

ELSEWHERE = "This does not work in this server. Please do it in your partnership's server."
ONLY_THEIRS = "This session is private. Only the organisers of its own programme can see or change it."
ORGANISING = frozenset({Role.ORGANISER, Role.PROGRAMME_ORGANISER, Role.OTHER_ORGANISER})
PEOPLES = frozenset({For.EVERYONE, For.ADMITTED, For.BOOKED, For.PRESENTERS})
PUBLISHED_ONLY = frozenset({"/programme report"})  # a draft has nothing to report, to its organisers either
#: what names a programme or a series: the week's are open to everyone
PUBLIC = frozenset({"pw:day", "pw:days", "pw:page", "pw:programme", "pw:series", "pw:seriesopen", "/series browse"})

#: parts of ids that say how, not which
HOW: dict[str, tuple[object, ...]] = {
    "answers": ("",), "asked": ("0",), "channel": (0,), "day": ("20270316",), "digits": ("000000",), "end": (1_805_200_000,),
    "heading": ("0" * 8,), "index": (0,), "menu": (0,), "page": (0,), "rating": (5,), "seen": ("0" * 8,), "start": (1_805_190_000,),
    "before": (0,), "ticks": (0,), "token": ("f" * 32,), "agreed": ("",), "command": ("my bookings",), "typed": ("",),
}  # fmt: skip
#: what is filled into a form, whichever it is
ANSWERS: dict[str, str | tuple[str, ...]] = {
    "name": "Terry Try", "email": "terry@council.gov.uk", "organisation": "Northfield Council", "area": ("children",), "code": "000000",
    "reason": "Snow", "subject": "News", "words": "Some news", "label": "Terry", "address": "terry@council.gov.uk", "access": "A ramp",
    "link": "https://example.org/room", "title": "Another title", "presenter": "Terry", "venue": "Town Hall",
}  # fmt: skip
#: what is typed into a command's option by its name; other texts are `words`
TYPED = {
    "date": "17 March 2027", "first_day": "15 March 2027", "last_day": "19 March 2027", "start": "2pm", "end": "3pm", "places": "30",
    "link": "https://example.org/read", "email": "terry@council.gov.uk", "day": "16 March 2027", "called": "Slides",
    "address": "terry@council.gov.uk",
}  # fmt: skip
WORDS = "Some words"


@dataclass(frozen=True)
class Tried:
    """One try: what was done upon which target, and what came of it."""

    name: str
    what: str
    target: Target
    seen: Seen
    whole: bool = True  #: every option was filled
    same: bool = False  #: the very same was done upon what is not there: it names no target

    @property
    def answered(self) -> bool:
        return bool(self.seen.result.acknowledged)

    def everything(self) -> str:
        """All that can be read in the answer."""
        seen = self.seen
        files = [content.decode("latin-1") for _, content in seen.files]
        return "\n".join((seen.text, *map(str, seen.buttons), *map(str, seen.menus), str(seen.form or ""), *files))

    def gist(self) -> tuple[object, ...]:
        """The answer, without the ids that it carries."""
        form = self.seen.form["title"] if self.seen.form else None
        return self.seen.text, self.seen.labels, form, tuple(name for name, _ in self.seen.files)


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────────


def typed(stage: Stage, command: str, option: app_commands.Parameter, target: Target) -> list[Any]:
    """What is typed into an option: from its own kind and choices, and of the target where it names something of it."""
    if option.choices:
        return [choice.value for choice in reversed(option.choices)]  # the last leaves a session private again
    of_target: dict[str, list[Any]] = {
        "session": list(target.references),
        "cancelled": list(target.references),
        "programme": [str(target.programme)],
        "series": [str(target.series)],
        "which": [str(target.material)],
    }
    if (command, option.name) == ("/presenting results", "session"):
        return [str(one) for one in target.parts["presenter"]]
    if (command, option.name) == ("/feedback", "session"):
        return [str(one) for one in target.sessions]
    if option.name == "code":
        return [str(target.code)] if command == "/invitation revoke" else ["AAAAAAAAA"]
    if option.name in of_target:
        return of_target[option.name]
    kinds: dict[AppCommandOptionType, Any] = {
        AppCommandOptionType.attachment: ("week.csv", csv(LUNCH)),
        AppCommandOptionType.boolean: False,
        AppCommandOptionType.channel: stage.chat.practice_week,
        AppCommandOptionType.integer: 1,
        AppCommandOptionType.role: stage.nobodies,
        AppCommandOptionType.string: TYPED.get(option.name, WORDS),
        AppCommandOptionType.user: stage.people[Role.STRANGER].member,
    }
    return [kinds[option.type]]


def ways(stage: Stage, name: str, command: Any, target: Target) -> Iterator[tuple[bool, dict[str, Any]]]:
    """The ways to type a command: with every option, then with those that it needs alone."""
    needed = [one for one in command.parameters if one.required]
    for options, whole in ((command.parameters, True), (needed, False)):
        if not whole and len(needed) == len(command.parameters):
            return
        for values in product(*(typed(stage, name, one, target) for one in options)):
            yield whole, dict(zip((one.name for one in options), values, strict=True))


async def type_command(stage: Stage, role: Role, name: str, command: Any, target: Target) -> AsyncIterator[Tried]:
    """Type a command in every way."""
    for whole, options in ways(stage, name, command, target):
        at = stage.elsewhere if role is Role.OTHER_SERVER else None
        direct = role is Role.DIRECT
        seen = await stage.chat.command(stage.people[role], name[1:], at=at, direct=direct, **options)
        yield Tried(name, f"{name} {options}", target, seen, whole)


# ── buttons, menus, forms ───────────────────────────────────────────────────────────────────────────────────


def values_for(name: str, target: Target) -> list[str]:
    """What is chosen, should it be a menu."""
    chosen = {"pw:programme": str(target.programme), "pw:day": "2027-03-16", "pw:certificate": f"series:{target.series}"}
    chosen |= {"pw:seriesopen": str(target.series), "pw:presenters": str(target.parts["presenter"][0]), "pw:reminders": "email"}
    return [chosen.get(name, str(target.sessions[0]))]


def parts_for(name: str, target: Target) -> dict[str, tuple[object, ...]]:
    """What the parts of an id are filled with. A draft is of the kind that the button is for."""
    drafts = target.parts["draft"]
    kind = {"pw:form-file": 1, "pw:roll": 2}.get(name, 0)
    return HOW | dict(target.parts) | {"draft": (drafts[min(kind, len(drafts) - 1)],)}


async def press_all(stage: Stage, role: Role, name: str, template: str, target: Target) -> AsyncIterator[Tried]:
    """Press a button, or choose from a menu, by every id that its template allows for the target."""
    for custom_id in filled(template, parts_for(name, target)):
        seen = await stage.chat.forge(stage.people[role], stage.carriers[role], custom_id, values=values_for(name, target))
        yield Tried(name, custom_id, target, seen)


async def send_all(stage: Stage, role: Role, name: str, template: str, target: Target) -> AsyncIterator[Tried]:
    """Send a form back, filled in."""
    for custom_id in filled(template, parts_for(name, target)):
        seen = await stage.chat.forge_form(stage.people[role], stage.carriers[role], custom_id, ANSWERS)
        yield Tried(name, custom_id, target, seen)


async def try_all(stage: Stage, role: Role, all_commands: Mapping[str, Any], targets: tuple[Target, ...]) -> list[Tried]:
    """Everything, one thing after another, upon each target in turn."""
    tries = []
    for name, command in all_commands.items():
        for target in targets:
            tries += [one async for one in type_command(stage, role, name, command, target)]
    for act, things in ((press_all, pressed()), (send_all, forms())):
        for name, template, _ in things:
            for target in targets:
                tries += [one async for one in act(stage, role, name, template, target)]
    return tries


async def suggest_all(stage: Stage, role: Role, all_commands: Mapping[str, Any]) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """What is offered while somebody types: command, what was typed, and the choices."""
    found = []
    for name, command in all_commands.items():
        for option in (one for one in command.parameters if one.autocomplete):
            for target, words in product((stage.theirs, stage.other), ("", *list(HIDDEN)[:2], "Ocelot")):
                given = {one.name: typed(stage, name, one, target)[0] for one in command.parameters if one.required and one is not option}
                person = stage.people[role]
                if role is Role.DIRECT:
                    offered = await person.user.autocomplete(name[1:], option.name, words, **given)
                else:
                    at = stage.elsewhere if role is Role.OTHER_SERVER else stage.chat.practice_week
                    offered = await person.member.autocomplete(at, name[1:], option.name, words, **given)
                found.append((name, f"{option.name}={words!r}", tuple((one["name"], str(one["value"])) for one in offered)))
    return found


def known_to(stage: Stage, role: Role) -> dict[str, Any]:
    """The commands that are there for somebody: in another server and in direct messages only the partnership-wide ones."""
    everything = commands(stage.chat.bot)
    if role not in (Role.OTHER_SERVER, Role.DIRECT):
        return everything
    return {name: one for name, one in everything.items() if name[1:] in stage.people[role].user.available_commands()}


async def fully_tried(stage: Stage, role: Role) -> list[str]:
    """Everything tried as somebody, and what is wrong with that: nothing, when all is well."""
    theirs = known_to(stage, role)
    offered = await suggest_all(stage, role, theirs)
    targets = (stage.theirs,) if role in (Role.BOT, Role.OTHER_SERVER) else (GHOST, stage.theirs, stage.other)
    tries = await try_all(stage, role, theirs, targets)
    assert {one.name for one in tries} == set(theirs) | set(PRESSED) | set(SENT_BACK)
    said = [f"#practice-week: {seen.text}" for seen in stage.chat.posted()[1:]]
    return [*_offered_wrongly(role, offered), *wrong(stage, role, tries), *said]


def _offered_wrongly(role: Role, offered: Sequence[tuple[str, str, tuple[tuple[str, str], ...]]]) -> Iterator[str]:
    for name, what, choices in offered:
        if choices and (role in (Role.BOT, Role.OTHER_SERVER) or (WHO[name] not in PEOPLES and role not in ORGANISING)):
            yield f"{name} {what}: offers {choices}"
        yield from (f"{name} {what}: offers {word}" for word, those in HIDDEN.items() if role not in those and word in str(choices))


# ── what should have come of it ─────────────────────────────────────────────────────────────────────────────


def may(role: Role, who: For, target: Target, stage: Stage) -> bool:
    """Whether a thing is for this role upon this target, as the table says it."""
    week, other = target is stage.theirs, target is stage.other
    own = (role is Role.PROGRAMME_ORGANISER and week) or (role is Role.OTHER_ORGANISER and other)
    return {
        For.EVERYONE: True,
        For.ADMITTED: role is Role.PARENT and week,
        For.BOOKED: role is Role.PARENT and week,
        For.PRESENTERS: role is Role.PRESENTER and week,
        For.PROGRAMME: own or role is Role.ORGANISER,
        For.SESSION: own,  # both programmes have organisers of their own, and the sessions are private
        For.PEOPLE: own,
        For.ORGANISERS: role in ORGANISING,
        For.PARTNERSHIP: role is Role.ORGANISER,
    }[who]


def wrong(stage: Stage, role: Role, tries: Sequence[Tried]) -> list[str]:
    """The tries that came out otherwise than the table says; none, when all is well."""
    nothing: dict[str, set[object]] = {}
    for one in tries:
        if one.target is GHOST and one.whole:
            nothing.setdefault(one.name, set()).add(one.gist())
    ghosts = {one.what for one in tries if one.target is GHOST}
    tries = [replace(one, same=one.what in ghosts) for one in tries]
    found = [f"{one.what}: {fault}: {one.seen.text[:120]!r}" for one in tries for fault in faults(stage, role, one, nothing)]
    return found + [f"{name}: no more than for a stranger" for name in _unmet(stage, role, tries, nothing)]


def faults(stage: Stage, role: Role, one: Tried, nothing: Mapping[str, set[object]]) -> Iterator[str]:
    """What is wrong with one answer."""
    yield from (f"shows {word}" for word, those in HIDDEN.items() if role not in those and word in one.everything())
    who = WHO[one.name]
    if role is Role.BOT:
        if one.answered or one.everything().strip():
            yield "a bot is answered"
    elif role is Role.OTHER_SERVER:
        if one.seen.text != ELSEWHERE:
            yield "another server is answered"
    elif who in PEOPLES:
        related = may(role, who, one.target, stage) and (who is not For.EVERYONE or role is Role.PARENT or one.name in PUBLIC)
        organising = one.name == "pw:materials" and may(role, For.SESSION, one.target, stage)
        if not related and not organising and not one.same and one.gist() not in nothing.get(one.name, set()):
            yield "tells that it is there"
    elif role not in ORGANISING:
        if one.seen.text != REFUSED:
            yield "is not refused"
    elif one.whole and one.target is not GHOST and not (one.name in PUBLISHED_ONLY and one.target is stage.other):
        refused = one.seen.text in (REFUSED, ONLY_THEIRS) or (not one.same and one.gist() in nothing.get(one.name, set()))
        if refused is may(role, who, one.target, stage):
            yield "is refused" if refused else "is not refused"


def _unmet(stage: Stage, role: Role, tries: Sequence[Tried], nothing: Mapping[str, set[object]]) -> list[str]:
    """Things for people that somebody may do, and that came to the same as for a session that is not there."""
    mine = {one.name: False for one in tries if WHO[one.name] in PEOPLES - {For.EVERYONE} and may(role, WHO[one.name], one.target, stage)}
    for one in tries:
        if one.name in mine and one.target is stage.theirs and one.gist() not in nothing.get(one.name, set()):
            mine[one.name] = True
    return [name for name, met in mine.items() if not met]
