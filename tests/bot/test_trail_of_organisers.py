"""Every command, button and form of organisers is tried, and what it changes, shows or gives out is found in the audit trail.

The table below says what each may leave. A new command that is not in it is red, and so is one that changes a row and leaves
nothing, whatever the table says.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import text

from domain.database import Store
from domain.history import SAID
from domain.models import AuditEntry
from domain.programmes import ensure_partnership
from domain.rules import Rules
from domain.schedule.remembering import remember
from tests.building import rows
from tests.roles_building import Stage, a_stage
from tests.roles_table import COMMANDS, PRESSED, SENT_BACK, For, Role, commands, forms, pressed
from tests.roles_trying import press_all, send_all, type_command

OF_ORGANISERS = frozenset({For.PROGRAMME, For.SESSION, For.PEOPLE, For.ORGANISERS, For.PARTNERSHIP})
WHO = {name: who for name, who in (COMMANDS | PRESSED | SENT_BACK).items() if who in OF_ORGANISERS}

#: what each leaves, when it is tried upon the week as it stands; `a | b`: of several ways to type it
LEAVES = {
    "/programme create": "create programme",
    "/programme organiser": "add organiser role",
    "/programme organiser-mail": "add organiser address",
    "/series new": "create series | view series",
    "/series show": "view series",
    "/attendance allbut": "view attendance",
    "/attendance list": "view attendance",
    "/attendance sheet": "print sign-in sheet",
    "/invitation list": "view invitations",
    "/invitation new": "make invitation",
    "/invitation revoke": "revoke invitation",
    "/session bookings": "view bookings",
    "/session needs": "view needs",
    "/programme close": "close programme",
    "/programme contact": "set contact",
    "/programme daily": "want daily message",
    "/programme history": "view history",
    "/programme private": "set programme privacy",
    "/programme reopen": "reopen programme",
    "/programme report": "view report",
    "/report export": "export attendance | export bookings | export feedback | export sessions",
    "/session add": "add session",
    "/session edit": "edit session",
    "/session materials remove": "remove material",
    "/session places": "edit session",
    "/session presenters": "add presenter",
    "/session private": "edit session | set privacy",
    "pw:allbut": "view attendance",
    "pw:allbutpage": "view attendance",
    "pw:attendance": "view attendance",
    "pw:columns-forget-all": "forget columns",
    "pw:everyone": "mark attendance",
    "pw:form-file": "set feedback form",
    "pw:form:calloff": "cancel session",
    "pw:history": "view history",
    "pw:marked": "view attendance",
    "pw:move": "edit session",
    "pw:presenter": "remove presenter",
    "pw:publish": "publish programme",
}
#: these change something too, but find nothing to change in the week as it stands; the tests of their nouns look for the row
ELSEWHERE = {
    "/attendance upload": "mark attendance",
    "/programme archive": "archive programme",
    "/series add": "add part",
    "/series remove": "take part out",
    "/series replace": "replace part",
    "/session materials add": "add material",
    "/session provider": "edit session",
    "pw:columns-forget": "forget columns",
    "pw:form:calloffall": "call off day",
    "pw:form:edit": "edit session",
    "pw:form:held": "edit session",
    "pw:form:link": "edit session",
    "pw:form:presenter": "change presenter",
    "pw:import-mean": "remember column",
    "pw:import:all|good": "import schedule",
    "pw:message:send": "send message",
    "pw:needs:seen": "answer needs",
    "pw:privacy:all": "set privacy",
    "pw:privacy:private|open": "set privacy",
    "pw:provider": "edit session",
    "pw:roll": "mark attendance",
    "pw:undo": "undo edit",
}
#: these only look, ask or show what would be done
LOOKS = {
    "/programme attention", "/programme cancel", "/programme columns", "/programme form", "/programme import", "/programme message",
    "/programme publish", "/programme sends", "/session cancel", "/session held", "/session materials list", "/session message",
    "/session reschedule",
    "pw:attention", "pw:calloff", "pw:calloffall", "pw:form:message", "pw:import-go", "pw:import-rest", "pw:import-stop", "pw:import:row",
    "pw:import:tick", "pw:import:turn|back|reset", "pw:message:try", "pw:presenters", "pw:sends",
}  # fmt: skip
#: whatever is written in these is left in the trail
WATCHED = (
    "programme", "session", "booking", "series", "seriesbooking", "presenter", "material", "invitationcode", "needs", "feedbackquestion",
    "programmeorganiser", "organiseraddress", "digestreader", "rememberedcolumn",
)  # fmt: skip


@pytest.fixture
async def stage(sqlite_url: str, rules: Rules, now: datetime) -> AsyncIterator[Stage]:
    store = Store(sqlite_url)
    partnership_id = store.write_now(ensure_partnership, "midlands", "Midlands", 1)
    async with a_stage(store, partnership_id, rules, now) as made:
        yield made
    store.close()


def written(stage: Stage) -> dict[str, int]:
    """What stands in each table that is watched."""
    with stage.building.store.reading() as db:
        return {name: hash(tuple(map(tuple, db.connection().execute(text(f"SELECT * FROM {name}")).all()))) for name in WATCHED}


async def tried(stage: Stage, name: str) -> None:
    """Everything that a name stands for, upon the week, by who may."""
    role = Role.PROGRAMME_ORGANISER if WHO[name] in (For.PROGRAMME, For.SESSION, For.PEOPLE) else Role.ORGANISER
    known = commands(stage.chat.bot)
    if name in known:
        _ = [one async for one in type_command(stage, role, name, known[name], stage.theirs)]
        return
    for act, things in ((press_all, pressed()), (send_all, forms())):
        for its_name, template, _ in things:
            if its_name == name:
                _ = [one async for one in act(stage, role, name, template, stage.theirs)]


def test_the_table_has_everything_of_organisers_once() -> None:
    assert sorted([*LEAVES, *ELSEWHERE, *LOOKS]) == sorted(WHO)


def test_the_history_has_words_for_all_of_it() -> None:
    actions = {action for said in (*LEAVES.values(), *ELSEWHERE.values()) for action in said.split(" | ")}
    assert actions - set(SAID) == set()


async def test_everything_that_organisers_do_is_found_in_the_trail(stage: Stage) -> None:
    building = stage.building
    building.write(remember, building.partnership_id, stage.desk.olga.id, "Slot lead", "presenter", now=building.now)
    found, silent = {}, []
    count, before = len(building.read(rows, AuditEntry)), written(stage)
    for name in WHO:
        await tried(stage, name)
        new, after = building.read(rows, AuditEntry)[count:], written(stage)
        if not new:
            silent += [f"{name} changed {table}" for table in WATCHED if before[table] != after[table]]
        count, before, found[name] = count + len(new), after, " | ".join(sorted({one.action for one in new}))
    assert silent == []
    assert {name: said for name, said in found.items() if said} == LEAVES
