"""Needs: told for one session, shown to few, deleted in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.askers import ByLink
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Format, Provider
from domain.models import AuditEntry, Needs, Presenter, Privacy, Session
from domain.needs.lists import NeedsCount, NeedsLine, mark_seen_to, needs_count, needs_for_presenter, needs_list
from domain.needs.own import PRIVATE_QUESTIONS, MyNeeds, asked_needs, my_needs, tell_needs, withdraw_needs
from domain.timekeeping import keep_time
from tests.building import ACTOR, START, Building, rows
from tests.private_building import NEUTRAL, parent, private_session

DELETED = date(2027, 4, 14)  # thirty days after Monday 15 March


def tell(building: Building, session: int, who: int, **answers: str) -> MyNeeds:
    told: MyNeeds = building.write(tell_needs, building.partnership_id, session, who, answers, building.rules, now=building.now)
    return told


def tick(building: Building) -> None:
    building.write(keep_time, building.rules, now=building.now)


@pytest.mark.parametrize(
    ("privacy", "format_", "asked"),
    [
        (Privacy.PRIVATE, Format.ONLINE, PRIVATE_QUESTIONS),
        (Privacy.PRIVATE, Format.IN_PERSON, PRIVATE_QUESTIONS),
        (Privacy.OPEN, Format.IN_PERSON, ("access", "dietary")),
        (Privacy.OPEN, Format.HYBRID, ("access", "dietary")),
        (Privacy.OPEN, Format.ONLINE, ("access",)),
    ],
)
def test_which_questions_fit(privacy: Privacy, format_: Format, asked: tuple[str, ...]) -> None:
    session = Session(
        partnership_id=1,
        programme_id=1,
        reference="PW-1",
        uid="1",
        title="Care",
        privacy=privacy,
        format=format_,
        starts_at=START,
        ends_at=START,
        touched_at=START,
        created_at=START,
    )
    assert asked_needs(session) == asked


def test_needs_are_told_changed_and_taken_back(building: Building) -> None:
    session, rosie = private_session(building), parent(building, 50)
    building.book(session, rosie, alias="Rosie")
    told = tell(building, session, 50, access=" Step-free\u200b ", travel="Bus fare")
    needs = (("access", "Step-free"), ("travel", "Bus fare"))
    assert told == MyNeeds(session, NEUTRAL, PRIVATE_QUESTIONS, needs, seen_to=False, delete_on=DELETED)
    assert tell(building, session, 50, access="", dietary="Halal").told == (("travel", "Bus fare"), ("dietary", "Halal"))
    assert building.read(my_needs, building.partnership_id, session, 50).of("dietary") == "Halal"
    assert building.write(withdraw_needs, building.partnership_id, session, 50).told == ()
    assert building.read(rows, Needs) == []
    tell(building, session, 50, access="Ramp")
    tell(building, session, 50, access="")  # the last one taken back leaves nothing
    assert building.read(rows, Needs) == []


def test_only_what_is_asked_by_who_has_a_place_and_before_the_end(building: Building) -> None:
    opened, online = building.session(), building.online(provider=Provider.GIVEN, given_link="https://x.example/1")
    ann = building.person(1)
    with pytest.raises(NotFound):
        tell(building, opened, 1, access="Ramp")
    building.book(opened, ann)
    building.book(online, ann, accept_clash=True)
    assert tell(building, opened, 1, access="Ramp").told == (("access", "Ramp"),)
    for session, answers in ((opened, {"childcare": "One"}), (online, {"dietary": "No nuts"})):
        with pytest.raises(BadInput, match="not asked"):
            tell(building, session, 1, **answers)
    with pytest.raises(BadInput, match="at most 300"):
        tell(building, opened, 1, access="x" * 301)
    building.now = START + timedelta(hours=1)
    with pytest.raises(Closed):
        tell(building, opened, 1, access="Ramp")


def test_organisers_see_names_and_each_view_and_answer_is_recorded(building: Building) -> None:
    session, rosie = private_session(building), parent(building, 50)
    building.book(session, rosie, alias="Rosie B")
    tell(building, session, 50, access="Step-free")
    at = building.partnership_id
    listed = building.write(needs_list, at, session, actor=ACTOR, now=building.now)
    assert (listed.title, listed.lines) == (NEUTRAL, (NeedsLine(1, "Rosie B", (("access", "Step-free"),), seen_to=False),))
    building.write(mark_seen_to, at, session, [1], actor=ACTOR, now=building.now)
    assert building.read(my_needs, at, session, 50).seen_to
    assert not tell(building, session, 50, access="Step-free and large print").seen_to  # changed: to be looked at again
    with pytest.raises(NotFound):
        building.write(mark_seen_to, at, session, [999], actor=ACTOR, now=building.now)
    trail = [entry.action for entry in building.read(rows, AuditEntry) if "needs" in entry.action]
    assert trail == ["view needs", "answer needs"]


def test_presenters_see_counts_and_needs_without_names_and_others_nothing(building: Building) -> None:
    session = private_session(building)
    for number, name in ((50, "Rosie"), (51, "Amal")):
        building.book(session, parent(building, number, name), alias=name)
    tell(building, session, 50, access="Step-free", dietary="Vegan")
    tell(building, session, 51, access="Large print")
    grace = building.person(2)
    building.write(leads, session, grace)
    seen = building.read(needs_for_presenter, building.partnership_id, session, 2)
    assert seen == NeedsCount(NEUTRAL, 2, (("access", ("Large print", "Step-free")), ("dietary", ("Vegan",))))
    assert seen == building.read(needs_count, building.partnership_id, session)
    for who in (50, 3):
        with pytest.raises(NotFound):
            building.read(needs_for_presenter, building.partnership_id, session, who)


def leads(db: Db, session_id: int, person_id: int) -> None:
    for presenter in rows(db, Presenter, Presenter.session_id == session_id):
        presenter.person_id = person_id
        db.add(presenter)


def test_needs_are_deleted_on_their_day_and_not_before(building: Building) -> None:
    session, rosie = private_session(building), parent(building, 50)
    building.book(session, rosie, alias="Rosie")
    tell(building, session, 50, access="Step-free")
    building.now = START + timedelta(days=29)
    tick(building)
    assert [needs.delete_on for needs in building.read(rows, Needs)] == [DELETED]
    building.later(days=1)
    tick(building)
    assert building.read(rows, Needs) == []


def test_a_session_that_moves_takes_the_day_of_deletion_with_it(building: Building) -> None:
    later, sooner, rosie = private_session(building), private_session(building, starts_at=START + timedelta(days=3)), parent(building, 50)
    for session in (later, sooner):
        building.book(session, rosie, alias="Rosie")
        tell(building, session, 50, access="Step-free")
    building.move(later, START + timedelta(days=4))
    building.move(sooner, START + timedelta(hours=1))
    building.now = START + timedelta(days=31)
    tick(building)
    assert [needs.delete_on for needs in building.read(rows, Needs)] == [DELETED + timedelta(days=4)]
    building.later(days=4)
    tick(building)
    assert building.read(rows, Needs) == []


def test_who_said_that_they_cannot_present_sees_nothing(building: Building) -> None:
    session, grace = private_session(building), building.person(2)
    building.write(leads, session, grace)
    assert building.read(needs_for_presenter, building.partnership_id, session, 2).booked == 0

    def declined(db: Db) -> None:
        for presenter in rows(db, Presenter, Presenter.session_id == session):
            presenter.declined_at = building.now
            db.add(presenter)

    building.write(declined)
    with pytest.raises(NotFound):
        building.read(needs_for_presenter, building.partnership_id, session, 2)


def test_a_place_that_is_given_back_or_a_session_that_is_cancelled_takes_its_needs_along(building: Building) -> None:
    first, second, rosie = private_session(building), private_session(building, starts_at=START + timedelta(days=1)), parent(building, 50)
    for session in (first, second):
        building.book(session, rosie, alias="Rosie")
        tell(building, session, 50, access="Step-free")
    building.cancel(first, rosie)
    building.call_off(second)
    tick(building)
    assert building.read(rows, Needs) == []


def test_what_is_taken_back_is_gone_though_a_question_is_asked_no_more(building: Building) -> None:
    session, person = building.session(), building.person(1)
    building.book(session, person)
    told = {"access": "A ramp", "dietary": "Halal"}
    building.write(tell_needs, building.partnership_id, session, ByLink(person), told, building.rules, now=building.now)
    building.change(session, format=Format.ONLINE, provider=Provider.GIVEN, given_link="https://meet.example.org/x", venue=None)
    building.write(tell_needs, building.partnership_id, session, ByLink(person), {"access": ""}, building.rules, now=building.now)
    assert building.read(rows, Needs) == []
