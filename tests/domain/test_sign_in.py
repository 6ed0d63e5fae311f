"""What stands on a sign-in sheet, and that making one is on record."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from domain.database import Db
from domain.errors import Closed, NotFound
from domain.kinds import Format, Mode, Provider
from domain.models import AuditEntry, Booking, Privacy, Session
from domain.people import organisation_named
from domain.ports.drawing import SignInLine, SignInSheet
from domain.programmes import ensure_partnership
from domain.sign_in import sign_in_sheet
from tests.building import ACTOR, Building, rows


def sheet(building: Building, session_id: int) -> SignInSheet:
    return building.write(sign_in_sheet, building.partnership_id, session_id, actor=ACTOR, now=building.now)


def employed(building: Building, number: int, name: str, organisation: str = "Northfield Council") -> int:
    def employer(db: Db) -> int:
        return organisation_named(db, building.partnership_id, organisation).id or 0

    return building.person(number, name=name, organisation_id=building.write(employer))


def test_a_sheet_lists_who_has_a_place_by_name_and_who_waits_in_order(building: Building) -> None:
    session_id = building.session(places=2)
    for number, name in enumerate(("Zoe Zed", "Adam Ant", "Wendy Waits", "Ben Behind"), 1):
        building.book(session_id, employed(building, number, name))
    made = sheet(building, session_id)
    council = "Northfield Council"
    assert made == SignInSheet(
        title="Strengths",
        programme="Practice week",
        partnership="Midlands Teaching Partnership",
        when="Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)",
        venue="Town Hall, room 2",
        people=(SignInLine("Adam Ant", council), SignInLine("Zoe Zed", council)),
        waiting=(SignInLine("Wendy Waits", council), SignInLine("Ben Behind", council)),
        made="Monday 1 March 2027, 9am",
        made_at=building.now,
    )


def test_of_a_private_session_only_chosen_names_are_printed(building: Building) -> None:
    session_id = building.session(title="Parents of children in care")
    for number, name in enumerate(("Real Name", "Other Name"), 1):
        building.book(session_id, employed(building, number, name))

    def choose(db: Db) -> None:
        session = db.get_one(Session, session_id)
        session.privacy, session.public_title = Privacy.PRIVATE, "Coffee morning"
        booking = db.exec(select(Booking).where(Booking.session_id == session_id)).all()[0]
        booking.alias = "Sky"
        db.add_all((session, booking))

    building.write(choose)
    made = sheet(building, session_id)
    assert (made.title, made.private) == ("Coffee morning", True)
    assert made.people == (SignInLine("No name given", ""), SignInLine("Sky", ""))


def test_of_a_hybrid_session_those_in_the_room_are_printed(building: Building) -> None:
    session_id = building.session(format=Format.HYBRID, provider=Provider.TEAMS, online_places=5)
    building.book(session_id, employed(building, 1, "Rita Room"), mode=Mode.ROOM)
    building.book(session_id, employed(building, 2, "Olaf Online"), mode=Mode.ONLINE)
    assert [line.name for line in sheet(building, session_id).people] == ["Rita Room"]


def test_every_sheet_is_on_record(building: Building) -> None:
    session_id = building.session()
    sheet(building, session_id)
    entries: list[Any] = building.read(rows, AuditEntry, AuditEntry.action == "print sign-in sheet")
    assert [(entry.actor, entry.session_id) for entry in entries] == [(ACTOR, session_id)]


def test_there_is_no_sheet_of_a_cancelled_session_or_another_partnerships(building: Building) -> None:
    session_id = building.session()
    elsewhere = building.write(ensure_partnership, "north", "North", 2)
    with pytest.raises(NotFound):
        building.write(sign_in_sheet, elsewhere, session_id, actor=ACTOR, now=building.now)
    building.call_off(session_id)
    with pytest.raises(Closed, match="cancelled"):
        sheet(building, session_id)
