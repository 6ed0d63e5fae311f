"""A colleague takes the place that they were offered: it is theirs with the code, and nobody is promoted in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import BadInput, Refusal
from domain.kinds import CalendarMethod, Channel, Kind, Mode
from domain.models import BookingState, EmailProof, Hold, Needs, Part, Person, Presenter, ServiceArea, TransferState
from domain.needs.lists import needs_count
from domain.needs.own import my_needs, tell_needs
from domain.people import is_family, register_family
from domain.presenters import naming as presenters
from domain.transfers.colleagues import Known
from domain.transfers.taking import Offered, TakenOver
from tests.building import ACTOR, CODE, START, Building, one_row, rows
from tests.domain.transfer_building import COLLEAGUE, NEWCOMER, ask, asked, look, outcomes, place, states, take, transfer


def test_a_newcomer_takes_the_place_and_nobody_is_promoted(building: Building) -> None:
    session_id, _giver = asked(building)
    assert look(building, 9) == Offered(session_id, "person1@council.gov.uk", COLLEAGUE, Mode.ROOM, Known.NEW, asks_who=True)
    assert isinstance(take(building, 9), Offered)  # who are they?
    assert take(building, 9, newcomer=NEWCOMER) == TakenOver(session_id, COLLEAGUE)
    assert states(building, session_id) == ["cancelled", "waitlisted", "confirmed"]
    person = building.read(one_row, Person, Person.discord_id == 9)
    assert (person.name, person.email, person.email_key, person.proven_at) == ("Cora Colleague", COLLEAGUE, COLLEAGUE, building.now)
    proof = building.read(one_row, EmailProof, EmailProof.person_id == person.id)
    assert (proof.address, proof.done_at, proof.code_hash) == (COLLEAGUE, building.now, None)
    sent = [(one.kind, one.recipient.address, one.calendar.method if one.calendar else None) for one in building.deliver()]
    assert sorted(sent) == [
        (Kind.CANCELLATION, "person1@council.gov.uk", CalendarMethod.CANCEL),
        (Kind.INVITATION, COLLEAGUE, CalendarMethod.REQUEST),
    ]
    assert transfer(building).state is TransferState.AGREED


def test_the_needs_of_the_giver_go_with_their_place_and_never_to_the_colleague(building: Building) -> None:
    session_id, _giver = asked(building)
    told = {"access": "A ramp", "dietary": "Vegan"}
    building.write(tell_needs, building.partnership_id, session_id, 1, told, building.rules, now=building.now)
    take(building, 9, newcomer=NEWCOMER)
    assert building.read(rows, Needs) == []
    assert building.read(my_needs, building.partnership_id, session_id, 9).told == ()
    assert building.read(needs_count, building.partnership_id, session_id).needs == ()


def test_the_giver_who_likes_chat_hears_there_too(building: Building) -> None:
    session_id = building.session(places=1)
    giver = building.person(1, reminders_by_chat=True, reminders_by_email=False)
    building.book(session_id, giver)
    building.deliver()
    ask(building, session_id, giver)
    building.deliver()
    take(building, 9, newcomer=NEWCOMER)
    told = [(one.channel, one.kind) for one in building.deliver()]
    assert sorted(told) == [(Channel.CHAT, Kind.TRANSFER), (Channel.EMAIL, Kind.CANCELLATION), (Channel.EMAIL, Kind.INVITATION)]


def test_somebody_with_that_address_needs_only_the_code(building: Building) -> None:
    session_id, _ = asked(building)
    building.person(9, email=COLLEAGUE, email_key=COLLEAGUE)
    assert look(building, 9).known is Known.SAME
    assert take(building, 9, f" 1 - {CODE[:3]} {CODE[3:]} ".replace(" - ", "-")) == TakenOver(session_id, COLLEAGUE)


def test_somebody_with_another_address_says_that_it_is_theirs_and_keeps_their_own(building: Building) -> None:
    session_id, _ = asked(building)
    mine = building.person(9)
    assert look(building, 9).known is Known.OTHER
    assert isinstance(take(building, 9), Offered)
    assert states(building, session_id) == ["confirmed", "waitlisted"]
    assert take(building, 9, address_is_mine=True) == TakenOver(session_id, "person9@council.gov.uk")
    assert building.read(one_row, Person, Person.id == mine).email == "person9@council.gov.uk"


def test_somebody_without_a_proven_address_proves_this_one_and_their_other_holds_with_it(building: Building) -> None:
    other = building.session(starts_at=START + timedelta(days=1))
    session_id, _ = asked(building)
    newcomer = building.newcomer(9)
    building.book(other, newcomer)
    assert look(building, 9).known is Known.UNPROVEN
    assert take(building, 9) == TakenOver(session_id, COLLEAGUE)
    person = building.read(one_row, Person, Person.id == newcomer)
    assert (person.email, person.email_key) == (COLLEAGUE, COLLEAGUE)
    assert building.booking(other, newcomer).state is BookingState.CONFIRMED


@pytest.mark.parametrize(
    ("who", "known", "goes_to"),
    [
        ("same", Known.SAME, COLLEAGUE),
        ("by mail alone", Known.SAME, COLLEAGUE),
        ("unproven", Known.UNPROVEN, COLLEAGUE),
        ("another address", Known.OTHER, "rosie@family.example"),
    ],
)
def test_a_family_says_where_they_work_before_the_code_gives_them_a_place(building: Building, who: str, known: Known, goes_to: str) -> None:
    session_id, _ = asked(building)
    rosie = rosie_is(building, who)
    assert (look(building, 9).known, look(building, 9).asks_who) == (known, True)
    bare = take(building, 9, address_is_mine=True)
    assert isinstance(bare, Offered)
    assert (bare.asks_who, states(building, session_id)) == (True, ["confirmed", "waitlisted"])
    assert take(building, 9, newcomer=NEWCOMER, address_is_mine=True) == TakenOver(session_id, goes_to)
    person = building.read(one_row, Person, Person.id == rosie)
    assert (person.name, is_family(person), person.part, person.service_area, person.email) == (
        "Cora Colleague",
        False,
        Part.PRACTITIONER,
        ServiceArea.CHILDREN,
        goes_to,
    )


def rosie_is(building: Building, who: str) -> int:
    """Rosie came by an invitation alone, and nobody has asked her where she works."""
    if who == "unproven":
        unproven = building.partnership_id, 9, "Rosie", "rosie@family.example"
        return int(building.write(register_family, *unproven, building.rules, now=building.now).id)
    address = "rosie@family.example" if who == "another address" else COLLEAGUE
    known = {"email": address, "email_key": address, "discord_id": None if who == "by mail alone" else 9}
    return building.person(9, name="Rosie", part=Part.PARENT, **known)


def test_a_family_takes_no_place_to_an_address_with_which_nobody_signs_up(building: Building) -> None:
    session_id, _ = asked(building)
    rosie_is(building, "another address")
    building.rules = replace(building.rules, mail_domains=("council.gov.uk",))
    with pytest.raises(BadInput, match="Please use your work e-mail address"):
        take(building, 9, newcomer=NEWCOMER, address_is_mine=True)
    assert states(building, session_id) == ["confirmed", "waitlisted"]


def test_an_address_of_another_account_opens_nothing(building: Building) -> None:
    session_id, _ = asked(building)
    building.person(8, email=COLLEAGUE, email_key=COLLEAGUE)
    building.person(9)
    for stranger in (9, 10):
        with pytest.raises(Refusal, match="another account"):
            take(building, stranger, newcomer=NEWCOMER, address_is_mine=True)
    assert states(building, session_id) == ["confirmed", "waitlisted"]


def test_a_clash_is_shown_first_and_taken_only_when_it_is_accepted(building: Building) -> None:
    session_id, _ = asked(building)
    mine = building.person(9, email=COLLEAGUE, email_key=COLLEAGUE)
    same_time = building.session(title="At the same time")
    building.book(same_time, mine)
    offered = take(building, 9)
    assert [clash.session_id for clash in offered.clashes] == [same_time]
    assert take(building, 9, accept_clash=True) == TakenOver(session_id, COLLEAGUE)
    assert building.booking(session_id, mine).clash_accepted


def test_who_waits_for_the_session_has_the_place_instead(building: Building) -> None:
    session_id, _ = asked(building)
    mine = building.person(9, email=COLLEAGUE, email_key=COLLEAGUE)
    building.book(session_id, mine)
    assert look(building, 9).waiting
    assert take(building, 9) == TakenOver(session_id, COLLEAGUE)
    assert states(building, session_id) == ["cancelled", "waitlisted", "confirmed"]


def test_a_place_that_was_kept_for_the_colleague_goes_to_the_next_in_line(building: Building) -> None:
    session_id = building.session(places=2)
    giver = building.person(1)
    building.book(session_id, giver)
    held = building.newcomer(9)
    building.book(session_id, held)
    assert building.booking(session_id, held).hold is Hold.PROOF
    waiting = building.person(2)
    building.book(session_id, waiting)
    building.deliver()
    ask(building, session_id, giver)
    building.deliver()
    take(building, 9)
    assert [building.booking(session_id, who).state.value for who in (giver, held, waiting)] == ["cancelled", "confirmed", "confirmed"]


def test_a_colleague_with_a_place_ends_the_question_and_the_giver_keeps_theirs(building: Building) -> None:
    session_id, giver = place(building, waiting=False, places=2)
    mine = building.person(9, email=COLLEAGUE, email_key=COLLEAGUE)
    building.book(session_id, mine)
    building.deliver()
    ask(building, session_id, giver)
    building.deliver()
    assert str(take(building, 9)).startswith("You already have a place at this session.")
    assert states(building, session_id) == ["confirmed", "confirmed"]
    assert outcomes(building.deliver()) == [("person1@council.gov.uk", "cannot")]


def test_the_giver_cannot_take_their_own_place(building: Building) -> None:
    asked(building)
    assert "your own place" in str(take(building, 1))


def test_a_presenter_who_takes_over_a_place_is_known_at_that_address(building: Building) -> None:
    session, _ = place(building)
    new = presenters.NewPresenter("Cora Colleague", COLLEAGUE)
    shown = building.write(presenters.add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now)
    ask(building, session, 1)
    building.deliver()
    taken = take(building, 77, newcomer=NEWCOMER)
    assert isinstance(taken, TakenOver)
    cora = building.read(one_row, Person, Person.discord_id == 77)
    assert building.read(one_row, Presenter, Presenter.id == shown.id).person_id == cora.id
