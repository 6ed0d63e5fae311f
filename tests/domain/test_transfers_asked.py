"""A colleague is asked to take a place: what they are sent, what cannot be handed over, and how often one may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.browsing import Handing, session_page
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.kinds import Channel, Kind, Provider
from domain.letters.matters import TransferMatter
from domain.models import Privacy, Session, Transfer
from domain.ports.letters import Recipient
from domain.rules import Rules
from domain.transfers import asking
from domain.transfers.asking import name_to_show, open_until
from tests.another_writer import another_writes_in_the_middle
from tests.building import START, Building, one_row, rows
from tests.domain.transfer_building import COLLEAGUE, TYPED, ask, place, states
from tests.private_building import make_private

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


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
