"""Who may do what in chat: one table. The tests hold it against the bot, and `docs/roles.md` is written from it.

`make roles` writes the page. `tests/bot/test_roles.py` tries everything in the table as everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from discord import app_commands

from bot.buttons import DYNAMIC_ITEMS, FORMS
from bot.client import PracticeBot
from domain.database import Store
from domain.rules import Rules
from tests.bot_building import surroundings_of

PAGE = Path(__file__).parent.parent / "docs" / "roles.md"


class Role(StrEnum):
    """Who tries."""

    PRACTITIONER = "practitioner"
    PRESENTER = "presenter"
    PARENT = "parent"
    STRANGER = "stranger"  # a member of the server whom we do not know
    ORGANISER = "organiser"  # of the whole partnership
    PROGRAMME_ORGANISER = "programme organiser"
    OTHER_ORGANISER = "organiser of another programme"
    BOT = "bot"
    OTHER_SERVER = "another server"
    DIRECT = "organiser in direct messages"  # where nobody has a role


class For(StrEnum):
    """Whom a thing is for."""

    EVERYONE = "everyone"
    ADMITTED = "admitted"
    BOOKED = "booked"
    PRESENTERS = "presenters"
    PROGRAMME = "programme"
    SESSION = "session"
    PEOPLE = "people"
    ORGANISERS = "organisers"
    PARTNERSHIP = "partnership"


MEANING: dict[For, tuple[str, str]] = {
    For.EVERYONE: (
        "Everyone in the server",
        "You see what is open to everyone, and your own affairs. A private session counts as not there, unless you were let in.",
    ),
    For.ADMITTED: ("People with an invitation code", "Only for the private sessions that the code opens."),
    For.BOOKED: ("People with a booking", "Only for your own booking, place, transfer or certificate."),
    For.PRESENTERS: ("Presenters", "Only for the sessions that you present. You never see who comes."),
    For.PROGRAMME: (
        "The programme's organisers",
        "They have its role, or organise the partnership. An organiser of another programme is refused.",
    ),
    For.SESSION: (
        "The session's organisers",
        "The programme's organisers, as above. A private session is for the programme's own organisers alone, if it has some.",
    ),
    For.PEOPLE: (
        "Who may see people on private sessions",
        "The programme's own organisers. The partnership's organisers too, if the programme has none of its own.",
    ),
    For.ORGANISERS: ("All organisers", "You organise at least one programme. You see only your own things."),
    For.PARTNERSHIP: ("The partnership's organisers", "A programme's own organisers are refused."),
}

EVERYONE, ADMITTED, BOOKED, PRESENTERS, PROGRAMME, SESSION, PEOPLE, ORGANISERS, PARTNERSHIP = For

COMMANDS: dict[str, For] = {
    "/browse": EVERYONE,
    "/book": EVERYONE,
    "/feedback": EVERYONE,
    "/invited": EVERYONE,
    "/my accept": EVERYONE,
    "/my attended": EVERYONE,
    "/my bookings": EVERYONE,
    "/my calendar": EVERYONE,
    "/my certificate": EVERYONE,
    "/my data": EVERYONE,
    "/my details": EVERYONE,
    "/my hand-over": BOOKED,
    "/my series": EVERYONE,
    "/presenting confirm": EVERYONE,
    "/presenting results": PRESENTERS,
    "/presenting sessions": EVERYONE,
    "/series browse": EVERYONE,
    "/programme create": PARTNERSHIP,
    "/programme organiser": PARTNERSHIP,
    "/programme organiser-mail": PARTNERSHIP,
    "/programme columns": ORGANISERS,
    "/series new": ORGANISERS,
    "/attendance allbut": PEOPLE,
    "/attendance list": PEOPLE,
    "/attendance sheet": PEOPLE,
    "/attendance upload": PEOPLE,
    "/invitation list": PEOPLE,
    "/invitation new": PEOPLE,
    "/invitation revoke": PEOPLE,
    "/session bookings": PEOPLE,
    "/session needs": PEOPLE,
    "/programme archive": PROGRAMME,
    "/programme attention": PROGRAMME,
    "/programme cancel": PROGRAMME,
    "/programme close": PROGRAMME,
    "/programme contact": PROGRAMME,
    "/programme daily": PROGRAMME,
    "/programme form": PROGRAMME,
    "/programme history": PROGRAMME,
    "/programme import": PROGRAMME,
    "/programme message": PROGRAMME,
    "/programme private": PROGRAMME,
    "/programme publish": PROGRAMME,
    "/programme reopen": PROGRAMME,
    "/programme report": PROGRAMME,
    "/programme sends": PROGRAMME,
    "/report export": PROGRAMME,
    "/series add": SESSION,
    "/series remove": SESSION,
    "/series replace": SESSION,
    "/series show": PROGRAMME,
    "/session add": PROGRAMME,
    "/session cancel": SESSION,
    "/session edit": SESSION,
    "/session held": SESSION,
    "/session materials add": SESSION,
    "/session materials list": SESSION,
    "/session materials remove": SESSION,
    "/session message": SESSION,
    "/session places": SESSION,
    "/session presenters": SESSION,
    "/session private": SESSION,
    "/session provider": SESSION,
    "/session reschedule": SESSION,
}
PRESSED: dict[str, For] = {
    "pw:accept": EVERYONE,
    "pw:again": EVERYONE,
    "pw:book": EVERYONE,
    "pw:code": EVERYONE,
    "pw:day": EVERYONE,
    "pw:days": EVERYONE,
    "pw:details": EVERYONE,
    "pw:invited": EVERYONE,
    "pw:invited:enter": EVERYONE,
    "pw:mine": EVERYONE,
    "pw:open": EVERYONE,
    "pw:organisation": EVERYONE,
    "pw:page": EVERYONE,
    "pw:private:leave": EVERYONE,
    "pw:programme": EVERYONE,
    "pw:reminders": EVERYONE,
    "pw:say": EVERYONE,
    "pw:series": EVERYONE,
    "pw:seriesopen": EVERYONE,
    "pw:show": EVERYONE,
    "pw:drop": EVERYONE,
    "pw:forget": EVERYONE,
    "pw:family:details": EVERYONE,
    "pw:feedback": EVERYONE,
    "pw:leave": EVERYONE,
    "pw:words": EVERYONE,
    "pw:refuse": EVERYONE,
    "pw:takeover": EVERYONE,
    "pw:private:go": ADMITTED,
    "pw:cancel": BOOKED,
    "pw:take": BOOKED,
    "pw:certificate": EVERYONE,
    "pw:handover": BOOKED,
    "pw:keep": BOOKED,
    "pw:materials": BOOKED,
    "pw:needs": BOOKED,
    "pw:needs:back": BOOKED,
    "pw:needs:choose": BOOKED,
    "pw:rate": BOOKED,
    "pw:needs:count": PRESENTERS,
    "pw:present": PRESENTERS,
    "pw:presented": PRESENTERS,
    "pw:allbut": PEOPLE,
    "pw:allbutpage": PEOPLE,
    "pw:attendance": PEOPLE,
    "pw:everyone": PEOPLE,
    "pw:marked": PEOPLE,
    "pw:needs:seen": PEOPLE,
    "pw:roll": PEOPLE,
    "pw:columns-forget": ORGANISERS,
    "pw:columns-forget-all": ORGANISERS,
    "pw:attention": PROGRAMME,
    "pw:calloff": SESSION,
    "pw:calloffall": PROGRAMME,
    "pw:form-file": PROGRAMME,
    "pw:history": PROGRAMME,
    "pw:import:all|good": PROGRAMME,
    "pw:import-go": PROGRAMME,
    "pw:import-mean": PROGRAMME,
    "pw:import-rest": PROGRAMME,
    "pw:import:row": PROGRAMME,
    "pw:import-stop": PROGRAMME,
    "pw:import:tick": PROGRAMME,
    "pw:import:turn|back|reset": PROGRAMME,
    "pw:message:send": SESSION,
    "pw:message:try": SESSION,
    "pw:move": SESSION,
    "pw:presenter": SESSION,
    "pw:presenters": SESSION,
    "pw:privacy:all": PROGRAMME,
    "pw:privacy:private|open": PROGRAMME,
    "pw:provider": SESSION,
    "pw:publish": PROGRAMME,
    "pw:sends": PROGRAMME,
    "pw:undo": SESSION,
}
SENT_BACK: dict[str, For] = {
    "pw:form:accept": EVERYONE,
    "pw:form:code": EVERYONE,
    "pw:form:details": EVERYONE,
    "pw:form:family": EVERYONE,
    "pw:form:forget": EVERYONE,
    "pw:form:invited": EVERYONE,
    "pw:form:words": EVERYONE,
    "pw:form:takeover": EVERYONE,
    "pw:form:private": ADMITTED,
    "pw:form:handover": BOOKED,
    "pw:form:needs": BOOKED,
    "pw:form:calloff": SESSION,
    "pw:form:calloffall": PROGRAMME,
    "pw:form:edit": SESSION,
    "pw:form:held": SESSION,
    "pw:form:link": SESSION,
    "pw:form:message": SESSION,
    "pw:form:presenter": SESSION,
}
WHO = COMMANDS | PRESSED | SENT_BACK

_GROUP = re.compile(r"\(\?P<(\w+)>((?:[^()\\]|\\.)*)\)(\?)?")
_WORDS = re.compile(r":?[a-z]+(\|:?[a-z]+)*")


def named(template: str) -> str:
    """A short name for a button, menu or form: its id up to the first part that varies; words that choose what is done stay."""
    stem = template.split("(?P", maxsplit=1)[0]
    verb = re.match(r"(pw:(?:import|privacy):)\(\?P<\w+>([a-z|]+)\)", template)
    return f"{verb[1]}{verb[2]}" if verb else stem.rstrip(":")


def filled(template: str, parts: Mapping[str, Iterable[object]]) -> list[str]:
    """Every id of a template with these parts. A part that chooses between words is every one of them. Raises `KeyError` for a new part."""
    found = list(_GROUP.finditer(template))
    choices = [
        [""] if group[3] else group[2].split("|")[::-1] if _WORDS.fullmatch(group[2]) else [str(one) for one in parts[group[1]]]
        for group in found
    ]
    ids = [_with(template, iter(chosen)) for chosen in product(*choices)]
    assert all(re.fullmatch(template, one) for one in ids), (template, ids)
    return ids


def _with(template: str, left: Iterator[str]) -> str:
    return _GROUP.sub(lambda _group: next(left), template)


def pressed() -> list[tuple[str, str, str]]:
    """Every button and menu: its name, its template, and what it does in words."""
    return [(named(t := item.__discord_ui_compiled_template__.pattern), t, item.__doc__ or "") for item in DYNAMIC_ITEMS]


def forms() -> list[tuple[str, str, str]]:
    """Every form: its name, its template, and what it does in words."""
    return [(named(form.template.pattern), form.template.pattern, form.handler.__doc__ or "") for form in FORMS]


def commands(bot: PracticeBot) -> dict[str, app_commands.Command[Any, ..., Any]]:
    """Every command by name, from the bot's own tree."""
    trees = (bot.tree.walk_commands(), bot.tree.walk_commands(guild=bot.served.each[0].guild))
    return {f"/{one.qualified_name}": one for tree in trees for one in tree if isinstance(one, app_commands.Command)}


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────

HEAD = """# Who may do what

This page is written by `make roles` from the table that the tests hold against the bot: each command, button, menu and form is
tried by a practitioner, a presenter, a parent, a stranger, an organiser of the partnership, of the programme and of another
programme, an organiser in direct messages, another bot, and somebody in another server.

Other bots get no answer. In another server everything is refused. In direct messages nobody is an organiser.
What is hidden in Discord is not yet refused: it is asked again who you are whenever you type, choose, press or send something.
"""


def idle_bot() -> PracticeBot:
    """A bot that is not started: it knows its commands."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/none.sqlite")
        store.close()
    return PracticeBot(surroundings_of(store, 1, Rules(), lambda: datetime.now(UTC)))


def page(bot: PracticeBot) -> str:
    """The table as a page."""
    said = {name: one.description for name, one in commands(bot).items()}
    said |= {name: " ".join(words.split()) for name, _, words in (*pressed(), *forms())}
    parts = [HEAD]
    for who, (title, meaning) in MEANING.items():
        parts.append(f"## {title}\n\n{meaning}\n")
        for kind, table in (("Command", COMMANDS), ("Button or menu", PRESSED), ("Form", SENT_BACK)):
            rows = ["| `" + name.replace("|", "\\|") + f"` | {said[name]} |" for name, one in sorted(table.items()) if one is who]
            if rows:
                parts.append("\n".join((f"| {kind} | What it does |", "| --- | --- |", *rows)) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(idle_bot()), encoding="utf-8")
