"""A place is handed to a colleague: it stays with the giver until the colleague agrees, and nobody is promoted in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col

from domain import bookings
from domain.agenda import next_due
from domain.browsing import Handing, session_page
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.kinds import CalendarMethod, Channel, Kind, Mode, Provider
from domain.letters.matters import TransferMatter
from domain.models import (
    Booking,
    BookingState,
    EmailProof,
    Hold,
    Needs,
    Part,
    Person,
    Presenter,
    Privacy,
    ServiceArea,
    Session,
    Transfer,
    TransferState,
)
from domain.needs.lists import needs_count
from domain.needs.own import my_needs, tell_needs
from domain.people import is_family, register_family
from domain.ports.letters import Letter, Recipient
from domain.presenters import naming as presenters
from domain.rules import Rules
from domain.timekeeping import keep_time
from domain.transfers import asking
from domain.transfers import taking as taking_over
from domain.transfers.asking import name_to_show, open_until
from domain.transfers.colleagues import Known, Newcomer
from domain.transfers.taking import Offered, TakenOver
from tests.another_writer import another_writes_in_the_middle
from tests.building import ACTOR, CODE, START, Building, one_row, rows
from tests.private_building import make_private

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
COLLEAGUE = "colleague@council.gov.uk"
NEWCOMER = Newcomer("Cora Colleague", "Northfield Council", ServiceArea.CHILDREN)
TYPED = f"1-{CODE}"


def ask(
    building: Building, session_id: int, giver: int, *, name: str = "Cora Colleague", address: str = COLLEAGUE
) -> asking.ColleagueAsked:
    return building.write(
        asking.hand_over_place, building.partnership_id, session_id, giver, name, address, building.rules, now=building.now
    )


def take(building: Building, discord_id: int, typed: str = TYPED, **other: Any) -> Any:
    return building.write(taking_over.take_over, building.partnership_id, discord_id, typed, building.rules, now=building.now, **other)


def look(building: Building, discord_id: int, typed: str = TYPED) -> Any:
    return building.write(taking_over.look_at_offer, building.partnership_id, discord_id, typed, building.rules, now=building.now)


def place(building: Building, *, waiting: bool = True, places: int = 1, **session: Any) -> tuple[int, int]:
    """A full session of which person 1 has the invitation, and person 2 waits."""
    session_id = building.session(places=places, **session)
    giver = building.person(1)
    building.book(session_id, giver)
    if waiting:
        building.book(session_id, building.person(2))
    building.deliver()
    return session_id, giver


def states(building: Building, session_id: int) -> list[str]:
    return [booking.state.value for booking in building.read(rows, Booking, Booking.session_id == session_id)]


def transfer(building: Building, number: int = 1) -> Transfer:
    return building.read(one_row, Transfer, Transfer.id == number)


def outcomes(letters: list[Letter]) -> list[tuple[str, str]]:
    return [(letter.recipient.address or "", letter.matter.outcome) for letter in letters if isinstance(letter.matter, TransferMatter)]


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_colleague_is_written_to_at_the_typed_address_and_the_place_stays(building: Building) -> None:
    session_id, giver = place(building)
    asked = ask(building, session_id, giver)
    assert asked == asking.ColleagueAsked(session_id, "Cora Colleague", COLLEAGUE, building.now + timedelta(hours=48))
    assert states(building, session_id) == ["confirmed", "waitlisted"]
    (letter,) = building.deliver()
    assert (letter.kind, letter.channel, letter.code, letter.until) == (Kind.TRANSFER, Channel.EMAIL, TYPED, asked.until)
    assert letter.recipient == Recipient("", COLLEAGUE, None)
    assert letter.matter == TransferMatter("asked", "", "person1@council.gov.uk", "")
    assert letter.calendar is None
    assert letter.attachments == ()
    page = building.read(session_page, building.partnership_id, session_id, 1)
    assert page.mine is not None
    assert page.mine.handing == Handing("Cora Colleague", asked.until)


def test_nothing_that_only_a_place_gives_is_in_the_question(building: Building) -> None:
    given = Provider.GIVEN
    session_id = building.online(places=1, given_link="https://meet.example/secret", provider=given, notes="The door code is 1234.")
    giver = building.person(1)
    building.book(session_id, giver)
    building.deliver()
    ask(building, session_id, giver)
    (letter,) = building.deliver()
    assert letter.session is not None
    assert (letter.session.join_url, letter.session.notes, letter.session.materials) == (None, "", ())


def test_a_question_ends_after_48_hours_or_at_the_cut_off_or_the_start(building: Building) -> None:
    session_id, _ = place(building)
    session = building.read(one_row, Session, Session.id == session_id)
    rules = building.rules
    assert open_until(session, rules, START - timedelta(days=5)) == START - timedelta(days=3)
    assert open_until(session, rules, START - timedelta(hours=30)) == START - timedelta(hours=2)
    assert open_until(session, rules, START - timedelta(hours=1)) == START


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Alice Adams", "Alice Adams"),
        ("  Zoë   O'Neill-Okafor ", "Zoë O'Neill-Okafor"),
        ("Dr. A. Shah", "Dr. A. Shah"),
        ("evil.example", ""),
        ("Win a prize http://evil.example", ""),
        ("Call 0800 123456", ""),
        ("a" * 61, ""),
        ("<b>Bob</b>", ""),
    ],
)
def test_a_stranger_s_mailbox_is_shown_a_name_and_nothing_else(name: str, shown: str) -> None:
    assert name_to_show(name) == shown


def test_what_cannot_be_handed_over_is_refused_with_a_sentence(building: Building) -> None:
    session_id, giver = place(building)
    with pytest.raises(Refusal, match="your own e-mail address"):
        ask(building, session_id, giver, address="Person1@council.gov.uk")
    with pytest.raises(BadInput, match="cannot be used"):
        ask(building, session_id, giver, address="nobody")
    with pytest.raises(NotFound, match="You have no place"):
        ask(building, session_id, 2)  # waits
    private = building.session(privacy=Privacy.OPEN, starts_at=START + timedelta(days=1))
    building.book(private, giver)
    building.write(make_private, private)
    with pytest.raises(Refusal, match="only for you"):
        ask(building, private, giver)
    building.now = START
    with pytest.raises(Closed, match="has started"):
        ask(building, session_id, giver)


def test_a_place_of_a_series_is_not_handed_over_alone(building: Building) -> None:
    from domain.models import Series

    session_id, giver = place(building)

    def make_part(db: Db) -> None:
        series = Series(
            partnership_id=building.partnership_id, title="Course", course="Course", course_key="course", created_at=building.now
        )
        db.add(series)
        db.flush()
        session = db.get_one(Session, session_id)
        session.series_id, session.series_part = series.id, 1

    building.write(make_part)
    with pytest.raises(Refusal, match="part of a series"):
        ask(building, session_id, giver)


def test_only_addresses_of_allowed_domains_are_asked(building: Building) -> None:
    session_id, giver = place(building)
    building.rules = Rules(mail_domains=("council.gov.uk",))
    with pytest.raises(BadInput, match="work e-mail"):
        ask(building, session_id, giver, address="cora@example.com")


def test_one_question_at_a_time_and_few_an_hour_and_few_to_one_address(building: Building) -> None:
    session_id, giver = place(building)
    for number in range(3):
        ask(building, session_id, giver, address=f"other{number}@council.gov.uk")
        with pytest.raises(Refusal, match="asked a colleague already"):
            ask(building, session_id, giver)
        assert building.write(asking.withdraw, building.partnership_id, session_id, giver, now=building.now) == "Cora Colleague"
        building.later(minutes=1)
    with pytest.raises(Refusal, match="3 times in the last hour"):
        ask(building, session_id, giver)
    for _ in range(3):
        building.later(hours=1)
        ask(building, session_id, giver)
        building.write(asking.withdraw, building.partnership_id, session_id, giver, now=building.now)
    building.later(hours=1)
    with pytest.raises(Refusal, match="a few times today"):
        ask(building, session_id, giver, address=COLLEAGUE.upper())


@ON_POSTGRESQL
def test_of_two_who_ask_one_colleague_at_once_only_the_first_may_write_the_third_letter(building: Building) -> None:
    """On a server they count at the same moment; a file is written to by one at a time."""
    givers = []
    for number in range(1, 5):
        session, giver = building.session(title=f"Session {number}"), building.person(number)
        building.book(session, giver)
        givers.append((session, giver))
    for session, giver in givers[:2]:
        ask(building, session, giver)

    def fourth(db: Db) -> object:
        about = building.partnership_id, *givers[3], "Cora", COLLEAGUE.upper(), building.rules
        return asking.hand_over_place(db, *about, now=building.now)

    about = building.partnership_id, *givers[2], "Cora", COLLEAGUE, building.rules
    others = another_writes_in_the_middle(building, fourth, before="INSERT INTO transfer")
    with pytest.raises(Refusal, match="a few times today"), others as db:
        asking.hand_over_place(db, *about, now=building.now)
    assert [one.booking_id for one in building.read(rows, Transfer)] == [building.booking(*one).id for one in givers[:3]]


def test_a_question_taken_back_before_it_left_is_not_sent(building: Building) -> None:
    session_id, giver = place(building)
    ask(building, session_id, giver)
    building.write(asking.withdraw, building.partnership_id, session_id, giver, now=building.now)
    assert building.deliver() == []
    assert building.notices()[-1] == ("transfer:1:asked:email", "superseded")


# ── taking it ───────────────────────────────────────────────────────────────────────────────────────────────


def asked(building: Building, **session: Any) -> tuple[int, int]:
    """As `place`, and the colleague has the code."""
    session_id, giver = place(building, **session)
    ask(building, session_id, giver)
    building.deliver()
    return session_id, giver


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


# ── codes ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_five_wrong_tries_end_the_code_and_the_giver_is_told(building: Building) -> None:
    session_id, _ = asked(building)
    for guesser in range(20, 25):
        assert isinstance(take(building, guesser, "1-000000", newcomer=NEWCOMER), Refusal)
    assert transfer(building).state is TransferState.LAPSED
    assert "too often" in str(take(building, 9, newcomer=NEWCOMER))
    assert outcomes(building.deliver()) == [("person1@council.gov.uk", "tries")]
    assert states(building, session_id) == ["confirmed", "waitlisted"]


def test_a_person_may_guess_only_so_often_whatever_they_guess(building: Building) -> None:
    asked(building)
    for number in range(10):
        assert "does not work" in str(look(building, 20, f"{number + 100}-000000"))
    assert "too many codes" in str(look(building, 20))
    building.later(hours=1)
    assert isinstance(look(building, 20), Offered)


def test_a_code_of_another_partnership_opens_nothing_here(building: Building) -> None:
    from domain.programmes import ensure_partnership

    asked(building)
    elsewhere = building.write(ensure_partnership, "north", "Northern Partnership", 2)
    said = building.write(taking_over.look_at_offer, elsewhere, 9, TYPED, building.rules, now=building.now)
    assert "does not work" in str(said)


def test_a_code_works_once(building: Building) -> None:
    asked(building)
    take(building, 9, newcomer=NEWCOMER)
    assert str(take(building, 9)) == "You have taken this place already."
    assert str(take(building, 10, newcomer=NEWCOMER)) == "This code has been used already."


# ── how it ends ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_colleague_who_says_no_leaves_the_place_where_it_is(building: Building) -> None:
    session_id, _ = asked(building)
    assert building.write(taking_over.decline, building.partnership_id, 9, TYPED, now=building.now) == "person1@council.gov.uk"
    assert states(building, session_id) == ["confirmed", "waitlisted"]
    assert outcomes(building.deliver()) == [("person1@council.gov.uk", "declined")]
    assert "said no" in str(take(building, 9, newcomer=NEWCOMER))


def test_an_unanswered_question_lapses_by_the_clock_and_the_giver_is_told(building: Building) -> None:
    session_id, _ = asked(building)
    ends = building.now + timedelta(hours=48)
    assert building.read(next_due, building.rules, now=building.now) == ends
    building.now = ends
    assert "run out" in str(take(building, 9, newcomer=NEWCOMER))
    building.write(keep_time, building.rules, now=building.now)
    building.write(keep_time, building.rules, now=building.now)
    assert outcomes(building.deliver()) == [("person1@council.gov.uk", "lapsed")]
    assert (transfer(building).state, states(building, session_id)) == (TransferState.LAPSED, ["confirmed", "waitlisted"])


def test_a_place_given_back_meanwhile_cannot_be_taken_even_when_it_is_booked_again(building: Building) -> None:
    session_id, giver = asked(building, waiting=False)
    building.later(minutes=1)
    building.cancel(session_id, giver)
    assert "no longer offers" in str(take(building, 9, newcomer=NEWCOMER))
    building.book(session_id, giver)
    assert "no longer offers" in str(take(building, 9, newcomer=NEWCOMER))
    building.write(keep_time, building.rules, now=building.now)
    assert transfer(building).state is TransferState.WITHDRAWN
    assert outcomes(building.deliver()) == []


def test_a_cancelled_session_says_so_and_a_moved_one_is_shown_as_it_is_now(building: Building) -> None:
    session_id, _ = asked(building)
    building.move(session_id, START + timedelta(hours=3))
    mine = building.person(9, email=COLLEAGUE, email_key=COLLEAGUE)
    later = building.session(starts_at=START + timedelta(hours=3), title="Then")
    building.book(later, mine)
    assert [clash.session_id for clash in take(building, 9).clashes] == [later]
    building.call_off(session_id)
    assert str(take(building, 9)) == "This session has been called off."
    building.write(keep_time, building.rules, now=building.now)
    assert outcomes(building.deliver()) == []


def test_agreeing_while_the_giver_cancels_leaves_one_place_for_one_person(building: Building) -> None:
    session_id, giver = asked(building)

    def agree() -> Any:
        return take(building, 9, newcomer=NEWCOMER)

    def cancel() -> Any:
        return building.write(bookings.cancel, building.partnership_id, session_id, giver, building.rules, now=building.now)

    with ThreadPoolExecutor(2) as pool:
        outcomes_ = [future.result() for future in (pool.submit(agree), pool.submit(cancel))]
    found = states(building, session_id)
    assert found.count("confirmed") == 1
    assert found[0] == "cancelled"
    agreed = isinstance(outcomes_[0], TakenOver)
    assert transfer(building).state is (TransferState.AGREED if agreed else TransferState.ASKED)
    assert building.read(rows, Booking, col(Booking.state) == BookingState.CONFIRMED)[-1].person_id != giver


def test_two_who_type_the_same_code_at_once_make_one_booking(building: Building) -> None:
    session_id, _ = asked(building)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda number: take(building, number, newcomer=NEWCOMER), range(20, 24)))
    assert sum(isinstance(one, TakenOver) for one in done) == 1
    assert states(building, session_id).count("confirmed") == 1


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
