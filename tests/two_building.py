"""Two partnerships in one database, each with one of everything, and words that stand in one of them alone.

Everything of a partnership that people can read has its word in it. Whatever shows the word of one in the other has given it away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import SQLModel, select

from domain import digests, programmes
from domain.admissions import open_code
from domain.announcements import Written, write
from domain.database import Db, Store
from domain.drafts import keep_draft
from domain.feedback.asking import give_rating
from domain.hosts import sync_hosts
from domain.invitations import NewCode, make_code
from domain.kinds import Provider
from domain.materials import add_link
from domain.models import Audience, DraftOf, Material, OrganiserAddress, Privacy, ProgrammeKind, SeriesBooking, Session, Transfer, Undo
from domain.needs.own import tell_needs
from domain.organisers import sync_organisers
from domain.people import register_family
from domain.presenters import naming
from domain.programmes import NewProgramme, ensure_partnership, set_organiser_role
from domain.rules import Rules
from domain.schedule.remembering import remember
from domain.series import parts as series_parts
from domain.series.booking import book_series
from domain.transfers.asking import hand_over_place
from tests.building import ACTOR, START, Building, rows
from tests.organiser_building import LUNCH, csv

FORM = '[[question]]\nkind = "choice"\nwords = "{word}?"\noptions = ["Children", "Adults"]\n'
MIDLANDS, NORTH = "Xylophone", "Yucca"


@dataclass(frozen=True)
class Own:
    """One of everything that a partnership has, by id, and as people type it."""

    word: str
    partnership_id: int
    programme: int
    sessions: tuple[int, ...]  #: private to come, private and over, open to come, open and over
    references: tuple[str, ...]
    series: int
    series_booking: int
    people: tuple[int, ...]
    presenter: int
    drafts: tuple[int, ...]  #: a schedule, a form, a list of who came
    message: int
    undo: int
    transfer: int
    digits: str
    code: int
    letters: str  #: of a code that opens the private sessions
    material: int
    token: str  #: of a rating
    booking: int
    organiser: int  #: an address that organises everything


def two_partnerships(
    store: Store, now: datetime, accounts: tuple[int, int], roles: Mapping[str, int], guilds: tuple[int, int]
) -> tuple[Own, Own]:
    """Midlands and North, at 10am on the first day. `accounts`: of a practitioner and a parent, who are in both."""
    made = []
    for word, key, guild in ((MIDLANDS, "midlands", guilds[0]), (NORTH, "north", guilds[1])):
        partnership_id = store.write_now(ensure_partnership, key, f"{word} Partnership", guild)
        building = Building(store, partnership_id, Rules(), now)
        made.append(_furnished(building, word, accounts, roles.get(word)))
    return made[0], made[1]


def _furnished(building: Building, word: str, accounts: tuple[int, int], role_id: int | None) -> Own:
    where = building.partnership_id
    by: dict[str, Any] = {"actor": ACTOR, "now": building.now}
    building.write(sync_hosts, where, [(Provider.TEAMS, f"{word}-teams", 20, None), (Provider.ZOOM, f"{word}-zoom", 1, None)])
    new = NewProgramme(f"{word} week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
    building.programme_id = building.write(programmes.create, where, new, **by).id
    if role_id is not None:
        building.write(set_organiser_role, where, building.programme_id, role_id, **by)
    told: dict[str, Any] = {"venue": f"{word} House", "description": f"{word}.", "organisation": f"{word} Council", "places": 9}
    hidden: dict[str, Any] = told | {"privacy": Privacy.PRIVATE, "title": f"{word} panel", "public_title": f"{word} hour"}
    later, over = START + timedelta(days=1), START - timedelta(minutes=30)
    sessions = (
        building.session(**hidden, starts_at=later),
        building.session(**hidden, starts_at=over, minutes=30),
        building.session(**told, title=f"{word} talk", starts_at=later + timedelta(hours=2), presenter=f"{word} Speaker"),
        building.session(**told, title=f"{word} start", starts_at=over - timedelta(hours=1), minutes=30),
    )
    course = building.session(**told, title=f"{word} course day", starts_at=START + timedelta(days=2))
    building.write(programmes.publish, where, building.programme_id, 77, building.rules, **by)
    series = building.write(series_parts.create, where, f"{word} course", None, **by)
    building.write(series_parts.add_part, where, series, course, **by)
    people = _people(building, word, accounts, sessions)
    building.write(book_series, where, series, people[0], building.rules, now=building.now)
    return _busy(building, word, accounts, sessions, series, people)


def _people(building: Building, word: str, accounts: tuple[int, int], sessions: tuple[int, ...]) -> tuple[int, ...]:
    """A practitioner, a parent who was let in, and a colleague; all have places."""
    known = {"name": f"{word} Ann", "email": f"{word.casefold()}.ann@council.gov.uk", "email_key": f"{word.casefold()}.ann@council.gov.uk"}
    ann = building.person(1, discord_id=accounts[0], **known)
    code = building.write(make_code, building.partnership_id, NewCode(building.programme_id), actor=ACTOR, now=building.now)
    building.write(open_code, building.partnership_id, accounts[1], code.code, now=building.now)
    address = f"{word.casefold()}.pan@family.example"
    pan = building.write(register_family, building.partnership_id, accounts[1], f"{word} Pan", address, building.rules, now=building.now)
    building.deliver()
    building.prove(accounts[1])
    bob = building.person(3, discord_id=None, name=f"{word} Bob")
    for one in sessions[:2]:
        building.book(one, pan.id, alias=f"{word} Pan")
    for one in sessions[2:]:
        building.book(one, ann)
        building.book(one, bob)
    return ann, pan.id, bob


def _busy(building: Building, word: str, accounts: tuple[int, int], sessions: tuple[int, ...], series: int, people: tuple[int, ...]) -> Own:
    """What people and organisers have under way; at the end it is 10am on the first day."""
    where, rules = building.partnership_id, building.rules
    by: dict[str, Any] = {"actor": ACTOR, "now": building.now}
    account, parent = accounts
    building.write(sync_organisers, where, [f"{word}@council.gov.uk".lower()], now=building.now)
    building.write(add_link, where, sessions[2], f"https://example.org/{word}", f"{word} slides", rules, **by)
    named = naming.NewPresenter(f"{word} Speaker", f"{word.casefold()}.ann@council.gov.uk")
    presenter = building.write(naming.add, where, sessions[2], named, rules, **by).id
    colleague = f"{word} Cas", f"{word.casefold()}.cas@council.gov.uk"
    building.write(hand_over_place, where, sessions[2], people[0], *colleague, rules, now=building.now)
    building.deliver()
    code = building.write(make_code, where, NewCode(building.programme_id, most_uses=None, label=f"{word} group"), **by)
    building.write(digests.want, where, building.programme_id, account, **by)
    building.write(remember, where, account, f"{word} lead", "presenter", now=building.now)
    building.later(days=14, hours=1)
    by = {"actor": ACTOR, "now": building.now}
    files = (
        (DraftOf.SCHEDULE, "csv", csv(LUNCH.replace("Lunch", word))),
        (DraftOf.FORM, "toml", FORM.format(word=word).encode()),
        (DraftOf.ATTENDANCE, "csv", f"Name,Attended\n{word} Ann,Yes\n".encode()),
    )
    drafts = tuple(
        building.write(
            keep_draft,
            where,
            building.programme_id,
            f"{word}.{end}",
            content,
            asked_by=account,
            now=building.now,
            purpose=purpose,
            session_id=sessions[3] if purpose is DraftOf.ATTENDANCE else None,
        )
        for purpose, end, content in files
    )
    needed = {"access": f"A {word} ramp"}
    building.write(tell_needs, where, sessions[0], parent, needed, rules=rules, now=building.now)
    written = Written(building.programme_id, Audience.CONFIRMED, f"{word} news", f"{word}!", sessions[2])
    message = building.write(write, where, written, **by)
    rated = building.write(give_rating, where, sessions[3], people[2], 4, rules, now=building.now)
    building.change(sessions[2], audience=f"{word} everyone")
    own = Own(
        word, where, building.programme_id, sessions, (), series, 0, people, presenter, drafts, message, 0, 0, "123456", code.id,
        code.code, 0, rated.token, building.booking(sessions[3], people[0]).id or 0, 0,
    )  # fmt: skip
    return _numbered(building, own)


def _numbered(building: Building, own: Own) -> Own:
    """The ids of what was made last, and the references of the sessions."""
    return replace(
        own,
        references=tuple(building.read(rows, Session, Session.id == one)[0].reference for one in own.sessions),
        series_booking=building.read(rows, SeriesBooking)[-1].id,
        undo=building.read(rows, Undo)[-1].id,
        transfer=building.read(rows, Transfer)[-1].id,
        material=building.read(rows, Material)[-1].id,
        organiser=building.read(rows, OrganiserAddress)[-1].id,
    )


Rows = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]


def everything(db: Db) -> Rows:
    """Every row of every table, by table and key."""
    return {
        (table.name, tuple(row[column.name] for column in table.primary_key)): dict(row)
        for table in SQLModel.metadata.sorted_tables
        for row in db.connection().execute(select(*table.columns)).mappings()
    }
