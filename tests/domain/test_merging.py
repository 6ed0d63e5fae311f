"""Somebody known twice, in chat and by the pages, becomes one person; what each of the two had is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import SQLModel, col, select

from domain.admissions import open_code
from domain.database import Db
from domain.errors import Refusal
from domain.links import Wanted, mint
from domain.merging import pointing_to
from domain.models import (
    Admission,
    AuditEntry,
    Booking,
    BookingState,
    EmailProof,
    FeedbackGiven,
    InvitationCode,
    Link,
    Needs,
    Notice,
    NoticeState,
    Person,
    Purpose,
    SeriesBooking,
    ServiceArea,
)
from domain.people import Details, register
from domain.proofs import Proven
from domain.visiting import FilledIn, ask_series
from tests.building import START, Building, rows
from tests.private_building import made_code, private_session
from tests.series_building import run_of
from tests.visiting_building import ADDRESS, LINK_KEY, by_page, press, prove_token


def people(building: Building) -> list[tuple[int | None, str | None]]:
    """Who there is: of who was merged a row is left that leads to nobody."""
    return [(one.discord_id, one.email_key) for one in building.read(rows, Person, Person.name != "Somebody")]


def places(building: Building, person: int) -> dict[int, BookingState]:
    return {one.session_id: one.state for one in building.read(rows, Booking, Booking.person_id == person)}


def test_an_account_that_proves_the_address_of_somebody_from_the_pages_is_that_person(building: Building) -> None:
    web, chat = building.session(places=1), building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    press(building, by_page(building, web))
    account = building.newcomer(7)
    building.book(chat, account)
    building.deliver()
    assert isinstance(building.prove(7), Proven)
    assert people(building) == [(7, ADDRESS)]
    assert places(building, account) == {web: BookingState.CONFIRMED, chat: BookingState.CONFIRMED}
    assert [(row.actor, row.action) for row in building.read(rows, AuditEntry, AuditEntry.action == "merge people")] == [
        (f"person:{account}", "merge people")
    ]


def test_who_proves_in_chat_first_keeps_the_place_that_the_page_held(building: Building) -> None:
    session = building.session(places=1)
    account = building.newcomer(7)
    token = by_page(building, session)
    building.deliver()
    building.prove(7)
    assert len(people(building)) == 2
    assert press(building, token).person_id == account
    assert (people(building), places(building, account)) == ([(7, ADDRESS)], {session: BookingState.CONFIRMED})
    assert press(building, token).person_id == account  # and once more changes nothing
    assert places(building, account) == {session: BookingState.CONFIRMED}


def test_two_accounts_are_never_one_person(building: Building) -> None:
    building.person(8, email=ADDRESS, email_key=ADDRESS)
    building.newcomer(7)
    building.deliver()
    said = building.prove(7)
    assert isinstance(said, Refusal)
    assert str(said) == "This address is already used by another Discord account here. Ask an organiser to help."
    assert len(people(building)) == 2


def test_of_two_places_on_one_session_one_stays_and_the_other_goes_to_the_next_in_line(building: Building) -> None:
    session = building.session(places=2)
    owner = press(building, by_page(building, session)).person_id
    account = building.newcomer(7)
    building.book(session, account)  # held: the second of the two places
    waits = building.person(9)
    building.book(session, waits)
    was = building.booking(session, owner)
    building.deliver()
    building.prove(7)
    assert places(building, account) == {session: BookingState.CONFIRMED}
    assert places(building, waits) == {session: BookingState.CONFIRMED}
    kept = building.booking(session, account)
    assert (kept.id, kept.sequence, kept.invited) == (was.id, was.sequence, True)  # nothing was sent of the other: nothing is said anew


def test_a_calendar_that_heard_of_both_is_told_once_more_with_a_higher_number(building: Building) -> None:
    session = building.session(places=5)
    account = building.person(7, email="old@council.gov.uk", email_key="old@council.gov.uk")
    building.book(session, account)
    owner = press(building, by_page(building, session)).person_id
    building.deliver()
    numbers = [building.booking(session, one).sequence for one in (owner, account)]
    building.write(_change_address, building.partnership_id, building.rules, building.now)
    building.deliver()
    building.prove(7)
    kept = building.booking(session, account)
    assert (kept.state, kept.sequence > max(numbers)) == (BookingState.CONFIRMED, True)
    queued = building.read(rows, Notice, Notice.state == NoticeState.QUEUED, col(Notice.sequence).is_not(None))
    to_old = [one for one in queued if one.proof_id is not None]
    to_new = [one for one in queued if one.proof_id is None]
    assert [(one.kind.value, one.sequence) for one in to_new] == [("invitation", kept.sequence)]
    assert [one.kind.value for one in to_old] == ["cancellation"]


def test_the_count_of_calendar_messages_never_falls(building: Building) -> None:
    session = building.session(places=5)
    owner = press(building, by_page(building, session)).person_id
    building.deliver()
    building.cancel(session, owner)
    building.deliver()
    assert building.booking(session, owner).sequence == 2
    account = building.newcomer(7)
    building.book(session, account)  # a row of its own, of which nothing was ever sent
    building.deliver()
    building.prove(7)
    kept = building.booking(session, account)
    assert (kept.state, kept.sequence) == (BookingState.CONFIRMED, 3)


def _change_address(db: Db, partnership_id: int, rules: Any, now: Any) -> None:
    old = db.exec(select(Person).where(col(Person.discord_id) == 7)).one()
    db.add(
        EmailProof(
            partnership_id=partnership_id,
            person_id=old.id or 0,
            address=old.email or "",
            salt="",
            asked_at=now,
            expires_at=now,
            done_at=now,
        )
    )
    db.flush()
    register(db, partnership_id, 7, Details("Seven", ADDRESS, "Northfield Council", ServiceArea.ADULTS), rules, now=now)


def test_a_series_booked_by_page_and_in_chat_is_one_claim_on_every_part(building: Building) -> None:
    run = run_of(building, places=2)
    filled = FilledIn("Seven on the web", ADDRESS, organisation="Northfield Council")
    building.write(ask_series, building.partnership_id, run.id, filled, building.rules, now=building.now)
    press(building, prove_token(building))
    account = building.newcomer(7)
    run.book(account)  # held: nobody knows yet that it is the same person
    waits = building.person(9)
    run.book(waits)
    building.deliver()
    building.prove(7)
    confirmed = [BookingState.CONFIRMED] * 4
    assert (run.states(account), run.states(waits)) == (confirmed, confirmed)
    assert {one.series_booking_id for one in building.read(rows, Booking, Booking.person_id == account)} == {run.whole(account).id}


def test_needs_links_admissions_and_answers_move_with_their_person(building: Building) -> None:
    session = private_session(building)
    code = made_code(building, most_uses=5)
    building.write(open_code, building.partnership_id, 7, code.code, now=building.now)
    owner = press(building, by_page(building, session, code=code.code, needs={"access": "Large print"})).person_id
    building.write(_answered, session, owner)
    building.write(_mine_token, building.partnership_id, owner, building.now)
    account = building.newcomer(7)
    building.deliver()
    building.prove(7)
    needs = building.read(rows, Needs)
    assert [(one.access, one.booking_id) for one in needs] == [("Large print", building.booking(session, account).id)]
    assert [(one.discord_id, one.person_id) for one in building.read(rows, Admission)] == [(7, None)]
    assert [one.uses for one in building.read(rows, InvitationCode)] == [1]
    assert building.read(_given) == [(session, account)]
    assert {one.purpose: one.person_id for one in building.read(rows, Link)} == {Purpose.PROVE: account}  # their page's address is new


def _answered(db: Db, session: int, person: int) -> None:
    db.add(FeedbackGiven(session_id=session, person_id=person))


def _given(db: Db) -> list[tuple[int, int]]:
    return [(one.session_id, one.person_id) for one in db.exec(select(FeedbackGiven))]


def _mine_token(db: Db, partnership_id: int, person: int, now: Any) -> str:
    wanted = Wanted(Purpose.MINE, person, partnership_id, now + timedelta(days=1), person_id=person)
    return mint(db, LINK_KEY, [wanted], now=now)[wanted.subject]


def test_pressing_one_link_confirms_of_somebody_known_only_what_that_mail_was_about(building: Building) -> None:
    known = building.person(7)
    meant, typed_by_another = building.session(places=1), building.session(places=1, starts_at=START + timedelta(days=1))
    by_page(building, typed_by_another)
    press(building, by_page(building, meant))
    assert places(building, known) == {meant: BookingState.CONFIRMED, typed_by_another: BookingState.HELD}


def test_every_column_that_points_to_a_person_or_a_booking_is_moved(building: Building) -> None:
    """Found by the schema, so that a new table is not forgotten: only those of which there may be one have a way of their own."""
    every = {
        f"{table.name}.{key.parent.name}": key.target_fullname for table in SQLModel.metadata.sorted_tables for key in table.foreign_keys
    }
    apart = {"booking.person_id", "seriesbooking.person_id", "feedbackgiven.person_id", "admission.person_id", "needs.booking_id"}
    moved = {f"{column.table.name}.{column.name}" for model in (Person, Booking, SeriesBooking) for column in pointing_to(model)}
    wanted = {name for name, target in every.items() if target in ("person.id", "booking.id", "seriesbooking.id")}
    assert moved | apart == wanted
