"""What was typed on a page and proven too late: by then the session is private, the invitation taken back, or the mailbox given up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.booked import who_is_booked
from domain.errors import BadInput, NotFound
from domain.invitations import revoke
from domain.keeping.people import unproven
from domain.kinds import Kind
from domain.models import Booking, BookingState, Privacy, ServiceArea
from domain.organisations import SHARED, known_organisations
from domain.people import register
from domain.places import lapse_holds
from domain.private_sessions import set_privacy
from domain.proving import Proved, Where, prove_by_link, wished_for
from domain.transfers.asking import hand_over_place
from domain.undoing import undo
from domain.visiting import FilledIn, ask
from tests.building import ACTOR, Building, details, rows
from tests.private_building import made_code, parent, private_session
from tests.visiting_building import by_page, post_office, press, prove_token

NOTES = "Ring the blue bell"


def asked(building: Building, session: int, filled: FilledIn) -> str:
    building.write(ask, building.partnership_id, session, filled, building.rules, now=building.now)
    return prove_token(building)


def make_private(building: Building, session: int) -> None:
    about = building.partnership_id, [session], Privacy.PRIVATE, building.rules
    building.write(set_privacy, *about, actor=ACTOR, now=building.now, sees_private=True, public_title="Morning workshop")


def states(building: Building, session: int) -> list[BookingState]:
    return [one.state for one in building.read(rows, Booking, Booking.session_id == session)]


def notes_that_left(building: Building) -> list[str]:
    return [one.session.notes for one in post_office(building) if one.session is not None and one.session.notes]


def test_what_was_asked_for_by_an_invitation_that_is_taken_back_is_nobodys(building: Building) -> None:
    session = private_session(building, notes=NOTES)
    code = made_code(building, most_uses=100)
    token = asked(building, session, FilledIn("Kim", "kim@elsewhere.org", code=code.code))
    building.write(revoke, building.partnership_id, code.id, actor=ACTOR, now=building.now)
    proved = press(building, token)
    assert (proved.booked, proved.over) == (None, True)
    assert states(building, session) == [BookingState.CANCELLED]
    assert notes_that_left(building) == []


def test_whose_invitation_stands_has_the_place(building: Building) -> None:
    session = private_session(building, notes=NOTES)
    token = asked(building, session, FilledIn("Kim", "kim@elsewhere.org", code=made_code(building, most_uses=100).code))
    assert press(building, token).over is False
    assert states(building, session) == [BookingState.CONFIRMED]
    assert notes_that_left(building) == [NOTES]


@pytest.mark.parametrize("known", [False, True])
def test_what_was_typed_while_everybody_could_ends_when_a_session_becomes_private(building: Building, known: bool) -> None:
    session = building.session(notes=NOTES)
    if known:
        building.person(7)
    token = by_page(building, session)
    make_private(building, session)
    assert states(building, session) == [BookingState.CANCELLED]
    assert press(building, token).over is True
    assert states(building, session) == [BookingState.CANCELLED]
    assert notes_that_left(building) == []


def test_a_place_that_is_ones_own_stays_when_the_session_becomes_private(building: Building) -> None:
    session = building.session()
    building.book(session, building.person(7))
    make_private(building, session)
    assert states(building, session) == [BookingState.CONFIRMED]


def test_a_link_asked_for_with_an_address_that_was_given_up_opens_nothing_of_theirs(building: Building) -> None:
    session = building.session()
    building.person(7)
    building.write(register, building.partnership_id, 7, details(7, email="new7@council.gov.uk"), building.rules, now=building.now)
    building.deliver()
    token = by_page(building, session)
    building.prove(7)  # the address is another now
    about = (building.partnership_id,), token, {building.partnership_id: building.rules}
    with pytest.raises(NotFound):
        building.read(wished_for, *about, now=building.now)
    with pytest.raises(NotFound):
        building.write(prove_by_link, *about, now=building.now)
    old = [one for one in post_office(building) if one.recipient.address == "person7@council.gov.uk" and one.kind is Kind.VERIFICATION]
    assert old == []


def test_a_question_to_a_colleague_does_not_leave_for_a_session_that_is_private_by_now(building: Building) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    building.deliver()
    building.later(minutes=5)
    where = building.partnership_id, session, ann
    building.write(hand_over_place, *where, "Bea", "bea@council.gov.uk", building.rules, now=building.now)
    make_private(building, session)
    assert [one.recipient.address for one in post_office(building) if one.kind is Kind.TRANSFER] == []


def test_who_delivers_a_private_session_is_not_offered_to_everybody(building: Building) -> None:
    building.session(organisation="Northfield Council")
    private_session(building, organisation="Mothers of Removed Children")
    assert building.read(known_organisations, building.partnership_id, building.rules) == ("Northfield Council",)


def with_where(building: Building, token: str, where: Where | None) -> Proved:
    about = (building.partnership_id,), token, {building.partnership_id: building.rules}
    given: dict[str, Any] = {"now": building.now, "where": where}
    proved: Proved = building.write(prove_by_link, *about, **given)
    return proved


def test_a_family_that_asks_for_an_open_session_is_asked_where_they_work_before_it_is_theirs(building: Building) -> None:
    session = building.session()
    private_session(building, title="Parents’ panel")
    parent(building, 50)
    token = asked(building, session, FilledIn("Rosemary Smith", "parent50@family.example", organisation="Northfield Council"))
    about = (building.partnership_id,), token, {building.partnership_id: building.rules}
    assert building.read(wished_for, *about, now=building.now).asks_where is True
    asks = with_where(building, token, None)
    assert (asks.asks_where, asks.booked) == (True, None)
    assert states(building, session) == [BookingState.HELD]
    with pytest.raises(BadInput):
        with_where(building, token, Where(""))
    with_where(building, token, Where("Northfield Council", ServiceArea.CHILDREN))
    booked = building.write(who_is_booked, building.partnership_id, session, actor=ACTOR, now=building.now)
    assert [(one.organisation, one.state) for one in booked] == [("Northfield Council", BookingState.CONFIRMED)]


def test_who_has_said_where_they_work_is_not_asked_again(building: Building) -> None:
    building.person(7)
    token = by_page(building, building.session())
    about = (building.partnership_id,), token, {building.partnership_id: building.rules}
    assert building.read(wished_for, *about, now=building.now).asks_where is False


def test_who_waits_has_the_place_that_a_wish_kept_until_the_session_became_private(building: Building) -> None:
    session = building.session(places=1)
    by_page(building, session)
    waits = building.person(1)
    building.book(session, waits)
    assert building.booking(session, waits).state is BookingState.WAITLISTED
    make_private(building, session)
    assert building.booking(session, waits).state is BookingState.CONFIRMED


def test_who_waits_has_the_place_that_was_kept_by_an_invitation_that_is_taken_back(building: Building) -> None:
    session = private_session(building, places=1)
    code = made_code(building, most_uses=100)
    token = asked(building, session, FilledIn("Kim", "kim@elsewhere.org", code=code.code))
    waits = parent(building, 5)
    building.book(session, waits, alias="Rosie")
    assert building.booking(session, waits).state is BookingState.WAITLISTED
    building.write(revoke, building.partnership_id, code.id, actor=ACTOR, now=building.now)
    assert press(building, token).over is True
    assert building.booking(session, waits).state is BookingState.CONFIRMED


def test_what_was_typed_ends_when_an_edit_makes_the_session_private_as_an_import_does(building: Building) -> None:
    session = building.session(public_title="Morning workshop")
    by_page(building, session)
    building.change(session, privacy=Privacy.PRIVATE)
    assert states(building, session) == [BookingState.CANCELLED]


def test_what_was_typed_while_a_session_stood_open_by_mistake_ends_when_that_is_undone(building: Building) -> None:
    session = private_session(building, places=1)
    undo_id = building.change(session, privacy=Privacy.OPEN).undo_id
    assert undo_id is not None
    by_page(building, session)
    building.book(session, building.person(1))
    building.write(undo, building.partnership_id, undo_id, building.rules, actor=ACTOR, now=building.now)
    assert sorted(states(building, session)) == [BookingState.CANCELLED, BookingState.CONFIRMED]


def test_what_was_typed_by_an_invitation_that_is_taken_back_lets_nobody_in_by_another_door(building: Building) -> None:
    session, code = private_session(building), made_code(building, most_uses=100)
    building.person(7, email="kim@elsewhere.org", email_key="kim@elsewhere.org")
    asked(building, session, FilledIn("Kim", "kim@elsewhere.org", code=code.code))
    building.write(revoke, building.partnership_id, code.id, actor=ACTOR, now=building.now)
    (kim,) = building.read(rows, Booking)
    with pytest.raises(NotFound):
        building.book(session, kim.person_id, alias="Kim")


def test_a_place_of_ones_own_stays_when_its_link_is_pressed_once_more_and_the_session_is_private(building: Building) -> None:
    session = building.session()
    token = by_page(building, session)
    press(building, token)
    make_private(building, session)
    assert press(building, token).over is False
    assert states(building, session) == [BookingState.CONFIRMED]


# ── what pages offer to everybody ───────────────────────────────────────────────────────────────────────────

TYPED = "Rosie Smith, mother of two at 12 Hill Road"


def typed_by_strangers(building: Building) -> None:
    session = building.session(places=100)
    for number in range(SHARED):
        asked(building, session, FilledIn("Somebody", f"made-up-{number}@nowhere.example", organisation=TYPED))


def test_what_made_up_addresses_type_as_their_organisation_stands_on_no_form(building: Building) -> None:
    typed_by_strangers(building)
    assert building.read(known_organisations, building.partnership_id, building.rules) == ()


def test_nor_does_it_once_the_addresses_were_never_proven_and_are_taken_out(building: Building) -> None:
    typed_by_strangers(building)
    building.later(days=2)
    building.write(lapse_holds, building.rules, now=building.now)
    assert building.write(unproven, building.partnership_id, building.now - timedelta(days=1), building.now) == SHARED
    assert building.read(known_organisations, building.partnership_id, building.rules) == ()


def test_what_enough_people_share_who_have_proven_an_address_is_offered(building: Building) -> None:
    for number in range(SHARED):
        building.newcomer(number)
        building.deliver()
        assert building.read(known_organisations, building.partnership_id, building.rules) == ()
        building.prove(number)
    assert building.read(known_organisations, building.partnership_id, building.rules) == ("Northfield Council",)


def test_who_delivers_a_session_that_may_be_private_is_not_offered_to_everybody(building: Building) -> None:
    session = building.session(organisation="Mothers of Removed Children")
    assert building.read(known_organisations, building.partnership_id, building.rules) == ("Mothers of Removed Children",)
    building.change(session, privacy_asked=True)
    assert building.read(known_organisations, building.partnership_id, building.rules) == ()
