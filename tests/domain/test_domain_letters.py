"""Letters: the facts are read again at the moment of sending."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel

from domain.database import Db
from domain.kinds import CalendarMethod, Channel, Format, Kind, Mode, Provider
from domain.letters.handing import six_digits
from domain.models import Booking, EmailProof, NoticeState, Person, Privacy, Session
from domain.notices import owe_person
from domain.ports.letters import CalendarFacts, Letter, Recipient, SessionFacts
from domain.ports.meetings import MeetingMade
from domain.proofs import ask_proof_again, hash_code
from domain.provision import outcomes, turns
from tests.building import START, Building, one_row, rows

LINK = "https://teams.example/join/1"


def made(building: Building, meeting_id: int = 1, link: str = LINK) -> None:
    """The service makes the meeting that was claimed."""
    for work in building.write(turns.claim, building.rules, now=building.now):
        building.write(
            outcomes.adopt, work.meeting_id, MeetingMade(f"id-{work.meeting_id}", link), work.wanted, building.rules, now=building.now
        )


def test_a_letter_says_everything_that_is_needed(building: Building) -> None:
    ann = building.person(1)
    session = building.session(
        presenter="Dr Okafor", organisation="Northfield Council", description="About strengths.", notes="Ring the bell."
    )
    building.book(session, ann)
    (letter,) = building.deliver()
    assert letter.session is not None
    assert letter == Letter(
        notice_id=1,
        partnership_id=building.partnership_id,
        key="invitation:1:1",
        kind=Kind.INVITATION,
        channel=Channel.EMAIL,
        recipient=Recipient("Person 1", "person1@council.gov.uk", 1),
        session=SessionFacts(
            session_id=session,
            uid=letter.session.uid,
            reference=letter.session.reference,
            programme="Practice week",
            title="Strengths",
            description="About strengths.",
            starts_at=START,
            ends_at=START + timedelta(minutes=45),
            zone="Europe/London",
            format=letter.session.format,
            provider=None,
            venue="Town Hall, room 2",
            join_url=None,
            notes="Ring the bell.",
            presenter="Dr Okafor",
            organisation="Northfield Council",
        ),
        calendar=CalendarFacts(CalendarMethod.REQUEST, 1, building.now),
        mode=Mode.ROOM,
        booking_id=1,
        person_id=1,
        attempt=1,
        first_tried_at=building.now,
    )


def test_an_invitation_waits_for_its_link_and_goes_as_soon_as_it_is_there(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    session, ann = building.online(), building.person(1)
    building.book(session, ann)
    assert building.deliver() == []
    assert building.notice(1).next_try_at == building.now + timedelta(minutes=30)
    building.later(minutes=1)
    made(building)
    (letter,) = building.deliver()
    assert letter.session is not None
    assert letter.session.join_url == LINK


def test_past_its_patience_it_goes_without_and_only_those_who_got_it_so_are_sent_the_link(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    session, ann, bob = building.online(), building.person(1), building.person(2)
    building.book(session, ann)
    building.deliver()
    building.later(minutes=30)
    (without,) = building.deliver()
    assert without.session is not None
    assert without.session.join_url is None
    building.book(session, bob)
    building.later(minutes=1)
    made(building)
    letters = building.deliver()
    assert [(one.kind, one.booking_id, one.changes, one.session and one.session.join_url) for one in letters] == [
        (Kind.INVITATION, 2, (), LINK),
        (Kind.UPDATE, 1, ("link",), LINK),
    ]


def test_an_invitation_does_not_wait_into_the_last_hour(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    session, ann = building.online(), building.person(1)
    building.now = START - timedelta(minutes=70)
    building.book(session, ann)
    assert building.deliver() == []
    assert building.notice(1).next_try_at == START - timedelta(hours=1)


def test_nobody_waits_for_a_link_that_is_not_to_come(building: Building) -> None:
    session = building.session(title="By telephone", format=Format.ONLINE, provider=None, venue=None)
    building.book(session, building.person(1))
    assert [letter.kind for letter in building.deliver()] == [Kind.INVITATION]


def test_who_comes_to_the_room_of_a_hybrid_session_does_not_wait(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS)
    building.book(session, building.person(1), mode=Mode.ROOM)
    building.book(session, building.person(2), mode=Mode.ONLINE)
    assert [letter.booking_id for letter in building.deliver()] == [1]


def test_an_update_that_waits_for_the_new_link_goes_as_soon_as_it_is_there_but_settles_first(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    building.host(Provider.ZOOM, "host-1")
    session = building.online()
    building.book(session, building.person(1))
    made(building)
    building.deliver()
    building.change(session, provider=Provider.ZOOM)
    building.later(seconds=10)
    made(building, link="https://zoom.example/j/2")
    assert building.deliver() == []
    building.later(seconds=110)
    (letter,) = building.deliver()
    assert letter.session is not None
    assert (letter.changes, letter.session.join_url) == (("link",), "https://zoom.example/j/2")


def test_an_update_is_not_kept_from_a_link_that_comes_late(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    building.host(Provider.ZOOM, "host-1")
    session = building.online()
    building.book(session, building.person(1))
    made(building)
    building.deliver()
    building.change(session, provider=Provider.ZOOM)
    building.later(minutes=3)
    assert building.deliver() == []
    building.later(minutes=1)
    made(building, link="https://zoom.example/j/2")
    assert [letter.session and letter.session.join_url for letter in building.deliver()] == ["https://zoom.example/j/2"]


def test_a_private_session_keeps_its_subject_to_itself(building: Building) -> None:
    session, ann = building.session(presenter="A parent", description="About one family."), building.person(1)
    building.book(session, ann)
    building.change(session, privacy=Privacy.PRIVATE, public_title="A conversation")
    (letter,) = building.deliver()
    assert letter.session is not None
    told = letter.session.title, letter.session.description, letter.session.presenter, letter.session.private
    assert told == ("A conversation", "", None, True)


# ── verification ────────────────────────────────────────────────────────────────────────────────────────────


def proof(building: Building) -> EmailProof:
    return building.read(lambda db: rows(db, EmailProof))[-1]


def test_digits_are_made_when_the_mail_is_sent_and_only_their_hash_is_kept(building: Building) -> None:
    building.newcomer(9)
    assert proof(building).code_hash is None
    building.later(minutes=10)
    (letter,) = building.deliver(code="042042")
    kept = proof(building)
    assert (letter.code, letter.until, letter.recipient.address) == (
        "042042",
        building.now + timedelta(minutes=15),
        "person9@council.gov.uk",
    )
    assert (kept.code_hash, kept.expires_at, kept.tries) == (hash_code("042042", kept.salt), building.now + timedelta(minutes=15), 0)
    assert "042042" not in str(building.read(_everything))


def _everything(db: Db) -> list[dict[str, Any]]:
    return [dict(row._mapping) for table in SQLModel.metadata.sorted_tables for row in db.connection().execute(table.select())]


def test_six_digits_are_six_digits() -> None:
    codes = {six_digits() for _ in range(200)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 190


def test_only_the_digits_go_to_an_address_that_is_not_proven(building: Building) -> None:
    session, new = building.session(), building.newcomer(9)
    building.book(session, new)
    building.change(session, venue="Library")
    building.later(minutes=3)
    assert [(letter.kind, letter.recipient.address) for letter in building.deliver()] == [(Kind.VERIFICATION, "person9@council.gov.uk")]
    building.call_off(session)
    assert [(letter.kind, letter.channel, letter.recipient.address) for letter in building.deliver()] == [
        (Kind.CANCELLATION, Channel.CHAT, None)
    ]


def test_digits_that_were_asked_for_anew_are_not_sent_twice(building: Building) -> None:
    building.newcomer(9)
    building.write(ask_proof_again, building.partnership_id, 9, building.rules, now=building.now)
    assert [letter.key for letter in building.deliver()] == ["verification:2:email"]
    assert building.notices()[0] == ("verification:1:email", NoticeState.SUPERSEDED.value)


# ── what is no longer true is not sent ──────────────────────────────────────────────────────────────────────


def remind(building: Building, session: int, person: int, starts_at: datetime) -> None:
    def owe(db: Db) -> None:
        booking = db.get_one(Booking, one_row(db, Booking, Booking.session_id == session, Booking.person_id == person).id)
        owe_person(
            db,
            Kind.REMINDER,
            db.get_one(Person, person),
            key=f"reminder:{booking.id}",
            now=building.now,
            session=db.get_one(Session, session),
            booking=booking,
            lead_minutes=60,
            detail=starts_at.isoformat(),
        )

    building.write(owe)


@pytest.mark.parametrize("what", ["cancelled", "moved", "called off"])
def test_a_reminder_of_what_is_no_longer_so_is_not_sent(building: Building, what: str) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    remind(building, session, ann, START)
    match what:
        case "cancelled":
            building.cancel(session, ann)
        case "moved":
            building.move(session, START + timedelta(hours=1))
        case "called off":
            building.call_off(session)
    assert [letter.kind for letter in building.deliver() if letter.kind is Kind.REMINDER] == []


def test_a_reminder_of_what_is_so_is_sent(building: Building) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    remind(building, session, ann, START)
    assert [(letter.kind, letter.lead_minutes) for letter in building.deliver()] == [(Kind.INVITATION, None), (Kind.REMINDER, 60)]


def test_the_present_address_is_written_to_though_the_notice_is_older(building: Building) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)

    def marry(db: Db) -> None:
        db.get_one(Person, ann).name = "Ann Other"

    building.write(marry)
    assert [letter.recipient for letter in building.deliver()] == [Recipient("Ann Other", "person1@council.gov.uk", 1)]
