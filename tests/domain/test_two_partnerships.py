"""Every use case of one partnership, asked with the ids of another's rows: it tells nothing of them and touches none.

The use cases are found, not listed: a public function of `domain` whose first arguments are `db` and `partnership_id`. A new one is
tried without a line more; an argument that nobody has named yet makes the test red.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Table, event
from sqlmodel import SQLModel

import domain
from domain.announcements import Written
from domain.askers import ByLink
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.errors import Refusal
from domain.feedback.questions import Question
from domain.held import Held
from domain.invitations import NewCode
from domain.kinds import Export, Format, Mode, Provider
from domain.models import Attendance, Audience, Privacy, ProgrammeKind, QuestionKind, ServiceArea
from domain.ports.files import Sheet
from domain.presenters.naming import NewPresenter
from domain.programmes import NewProgramme
from domain.rules import Rules
from domain.schedule.forecast import Want
from domain.visiting import FilledIn
from tests.building import START, details
from tests.two_building import Own, Rows, everything, two_partnerships

ACCOUNT, PARENT = 1, 2
#: they work on what they are given, whoever's it is: they are handed no id of a person's, a button's or a command's
WITHIN = frozenset({"domain.audit.audit", "domain.hosts.free_host"})


def use_cases() -> dict[str, Callable[..., Any]]:
    """Every function that is scoped by a partnership."""
    found = {}
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        room = importlib.import_module(module.name)
        for name, one in vars(room).items():
            ours = inspect.isfunction(one) and one.__module__ == module.name and not name.startswith("_")
            if ours and list(inspect.signature(one).parameters)[:2] == ["db", "partnership_id"]:
                found[f"{module.name}.{name}"] = one
    return {name: one for name, one in found.items() if name not in WITHIN}


def values(own: Own, base: Own, now: datetime) -> dict[str, list[Any]]:
    """What an argument may be, by its name: of `own` where it names something. What names two things names one of `base` first."""
    session, day = own.sessions[2], date(2027, 3, 16)
    sheet = Sheet("week.csv", (("Date", "Time", "Title", "Host organisation"), ("17/03/2027", "12-1pm", "New talk", "A Council")))
    new = NewSession(title="New", starts_at=START, ends_at=START + timedelta(hours=1), format=Format.IN_PERSON, venue="Hall")
    question = Question("useful", QuestionKind.TEXT, "How was it?", ())
    return {
        # ids of rows
        "session_id": list(own.sessions), "session_ids": [own.sessions], "programme_id": [own.programme], "series_id": [own.series],
        "person_id": [own.people[0]], "presenter_id": [own.presenter], "draft_id": list(own.drafts), "announcement_id": [own.message],
        "undo_id": [own.undo], "code_id": [own.code], "material_id": [own.material], "series_booking_id": [own.series_booking],
        "booking_ids": [(own.booking,)], "by_session_id": [own.sessions[0]], "programme_ids": [(own.programme,)],
        "programmes": [(own.programme,)], "titles": [{own.sessions[2]: "New"}],
        # what is typed
        "typed": [own.references[2], f"{own.word} talk", str(own.programme), own.letters, f"{own.transfer}-{own.digits}"],
        "reference": [own.references[2]], "words": [own.word], "code": [f"{own.transfer}-{own.digits}", own.digits, own.letters],
        "token": [own.token], "key": [f"session:{session}"], "keys": [(f"{own.word} course".casefold(),)], "contact": ["Us"],
        "name": ["Terry"], "address": ["terry@council.gov.uk"], "email": ["terry@council.gov.uk"], "label": ["Slides"], "reason": ["Snow"],
        "title": ["A course"],
        "course": [f"{own.word} course"], "link": ["https://example.org"], "file_name": ["a.pdf"], "heading": ["Lead"],
        "means": ["presenter"], "action": ["try"], "detail": [""], "place": ["Hall"],
        # who and when
        "discord_id": [ACCOUNT, PARENT], "who": [ACCOUNT, PARENT], "columns": [{"lead": "presenter"}],
        "asker": [ACCOUNT, PARENT, ByLink(own.people[0])], "organiser_id": [own.organiser],
        "addresses": [["terry@council.gov.uk"]], "before": [now], "_before": [now], "_now": [now],
        "asked_by": [ACCOUNT], "actor": ["discord:1"], "now": [now], "role_id": [7], "roles": [None, {7}],
        "day": [day], "starts_at": [START], "ends_at": [START + timedelta(hours=1)],
        # how
        "rules": [Rules()], "per_minute": [None], "sheet": [sheet], "content": [b"%PDF-1.4"], "marks": [{own.booking: Attendance.ATTENDED}],
        "absent": [(own.people[0],)], "answers": [{"access": "A ramp"}, {"useful": "Yes"}], "rating": [4], "questions": [(question,)],
        "provider": [Provider.TEAMS, Provider.ZOOM], "privacy": [Privacy.OPEN, Privacy.PRIVATE], "what": list(Export), "yes": [True, False],
        "holidays": [{}], "organiser": [True], "begun": [False, True], "by_chat": [True], "by_email": [True], "on": [True], "seen": ["x"],
        "newest": [0], "organisation": ["A Council"], "service_area": [ServiceArea.BOTH],
        "sees_private": [True], "organises_partnership": [True], "channel_id": [5], "others_away": [False], "good_rows_only": [True],
        "filled": [FilledIn("Terry", "terry@council.gov.uk", None, {}, "Council", code=own.letters)],
        "wanted": [None], "held": [Held(Format.IN_PERSON, venue="Hall")],
        "way": [Mode.ROOM], "mode": [None],
        "wants": [(Want(new, 1, session),)], "hosts": [()], "places": [30], "details": [details(9)],
        "new": [new, Written(own.programme, Audience.CONFIRMED, "News", "Hello", session), NewCode(own.programme, own.sessions[0]),
                Written(base.programme, Audience.CONFIRMED, "News", "Hello", session), NewCode(base.programme, own.sessions[0]),
                NewPresenter("Terry", "terry@council.gov.uk"), NewProgramme("New", ProgrammeKind.PRACTICE_WEEK, day, day)],
    }  # fmt: skip


def fits(parameter: inspect.Parameter, value: Any) -> bool:
    """Of the values of `new` and `filled` one alone is of the right kind."""
    several = parameter.name in ("new", "filled")
    return not several or (value is None and "str" in str(parameter.annotation)) or type(value).__name__ in str(parameter.annotation)


def ways(use_case: Callable[..., Any], theirs: dict[str, list[Any]], mine: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """The ways to ask: everything theirs, then one thing theirs and the rest one's own. Each argument that is needed or names a row."""
    wanted = list(inspect.signature(use_case).parameters.values())[2:]
    asked = [one for one in wanted if one.default is one.empty or one.name.endswith(("_id", "_ids"))]
    naming = [one.name for one in asked if theirs[one.name] != mine[one.name]]
    for mixed in [naming, *([name] for name in naming if len(naming) > 1)]:
        given = [(theirs if one.name in mixed else mine)[one.name] for one in asked]
        fitting = [[value for value in some if fits(one, value)] for one, some in zip(asked, given, strict=True)]
        for chosen in product(*fitting):
            yield dict(zip((one.name for one in asked), chosen, strict=True))


def tables() -> list[Table]:
    return list(SQLModel.metadata.sorted_tables)


def crossing(rows: Rows, of: dict[str, Any], table: Table, partnership_id: int) -> list[str]:
    """The columns of a row that name a row of another partnership."""
    found = []
    for column in table.columns:
        for key in column.foreign_keys:
            other = rows.get((key.column.table.name, (of[column.name],)))
            if other is not None and other.get("partnership_id", partnership_id) != partnership_id:
                found.append(column.name)
    return found


class Undone(Exception):
    """Carries the faults out of a transaction that is undone by it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__()
        self.faults = faults


def tried(db: Db, name: str, use_case: Callable[..., Any], theirs: Own, mine: Own, how: dict[str, Any], before: Rows) -> None:
    """One use case, asked in one partnership with what is another's."""
    wrote: list[str] = []
    event.listen(db.connection(), "before_cursor_execute", lambda *seen: None if seen[2].startswith("SELECT") else wrote.append(seen[2]))
    try:
        said = repr(use_case(db, mine.partnership_id, **how))
    except Refusal as refused:
        said = str(refused)
    except Exception as error:
        said = ""
        raise Undone([f"{name} {how}: {type(error).__name__} {error}"[:300]]) from None
    db.flush()
    faults = [f"{name} {how}: shows {theirs.word}: {said}"[:400]] if theirs.word in said else []
    if wrote:
        after = everything(db)
        by_name = {table.name: table for table in tables()}
        for key in before.keys() | after.keys():
            old, new = before.get(key), after.get(key)
            whose = (new or old or {}).get("partnership_id")
            if old == new:
                continue
            if whose == theirs.partnership_id or (whose is None and key[0] != "partnership" and old is not None):
                faults.append(f"{name} {how}: changes {key}")
            if new is not None and (across := crossing(after, new, by_name[key[0]], whose or mine.partnership_id)):
                faults.append(f"{name} {how}: {key} names {across} of another's")
    raise Undone(faults)


def test_no_use_case_tells_or_touches_anything_of_another_partnership(store: Store, now: datetime) -> None:
    theirs, mine = two_partnerships(store, now, (ACCOUNT, PARENT), {}, (11, 12))
    at, found = now + timedelta(days=14, hours=1), []
    given = values(theirs, mine, at), values(mine, mine, at)
    before, cases = store.write_now(everything), use_cases()
    assert {"domain.bookings.book", "domain.sessions.edit", "domain.feedback.asking.give_rating"} <= set(cases)
    for name, use_case in cases.items():
        for how in ways(use_case, *given):
            with pytest.raises(Undone) as undone:
                store.write_now(tried, name, use_case, theirs, mine, how, before)
            found += undone.value.faults
    assert found == []
