"""The day before: one message for all of a person's sessions of a day, and reminders of their own for what came too late for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.day_reminders import Told, is_of_a_day
from domain.errors import ChatClosed
from domain.kinds import Channel, Kind, Mode, Provider
from domain.ledger.marks import Result, mark
from domain.models import Notice, NoticeState, Person, Privacy
from domain.ports.letters import Letter
from domain.rules import Rules
from domain.timekeeping import keep_time
from tests.building import START, Building, one_row, rows

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TITLES = ("Morning", "Noon", "Evening")
KEY = "reminder:1:1440:2027-03-15:email"


@pytest.fixture
def building(building: Building) -> Building:
    """Only the day before is reminded of."""
    building.rules = Rules(reminders=(DAY,))
    return building


def three(building: Building) -> tuple[int, int, int]:
    """Three sessions of one day, three hours apart."""
    made = [building.session(title=title, starts_at=START + 3 * number * HOUR) for number, title in enumerate(TITLES)]
    return made[0], made[1], made[2]


def at(building: Building, instant: datetime) -> list[tuple[str, ...]]:
    """Let it be this instant, and see which titles each reminder that leaves has."""
    building.now = instant
    building.write(keep_time, building.rules, now=instant)
    return [titles(letter) for letter in building.deliver() if letter.kind is Kind.REMINDER]


def titles(letter: Letter) -> tuple[str, ...]:
    assert letter.session is not None
    return (letter.session.title, *(one.session.title for one in letter.also))


def test_a_day_is_one_message_when_its_first_session_falls_due(building: Building) -> None:
    person = building.person(1)
    for session_id in three(building):
        building.book(session_id, person)
    assert at(building, START - DAY - timedelta(minutes=1)) == []
    assert at(building, START - DAY) == [TITLES]
    assert at(building, START - DAY + 3 * HOUR) == []
    assert at(building, START - DAY + 6 * HOUR) == []
    assert [key for key, _ in building.notices() if key.startswith("reminder")] == [KEY]


def test_each_session_has_its_own_facts_and_a_private_one_only_its_public_title(building: Building) -> None:
    person = building.person(1)
    first = building.online(title="Online one", provider=Provider.GIVEN, given_link="https://meet.example/1")
    second = building.session(title="Secret", public_title="A session", starts_at=START + HOUR)
    for session_id in (first, second):
        building.book(session_id, person)
    building.change(second, privacy=Privacy.PRIVATE)
    building.now = START - DAY
    building.write(keep_time, building.rules, now=building.now)
    (letter,) = [one for one in building.deliver() if one.kind is Kind.REMINDER]
    assert letter.session is not None
    assert (letter.session.join_url, letter.mode, letter.booking_id) == ("https://meet.example/1", Mode.ONLINE, 1)
    assert letter.recipient.name == ""  # for the private one another name may have been chosen
    (also,) = letter.also
    assert (also.session.title, also.session.private, also.mode, also.booking_id) == ("A session", True, Mode.ROOM, 2)


def test_what_moved_away_or_was_cancelled_since_drops_out(building: Building) -> None:
    person = building.person(1)
    morning, noon, evening = three(building)
    for session_id in (morning, noon, evening):
        building.book(session_id, person)
    building.now = START - DAY
    building.write(keep_time, building.rules, now=building.now)
    building.cancel(morning, person)
    building.move(noon, START + 2 * DAY)
    assert at(building, building.now) == [("Evening",)]
    assert at(building, START - DAY + 6 * HOUR) == []
    assert at(building, START + DAY) == [("Noon",)]


def test_with_none_left_nothing_is_sent(building: Building) -> None:
    person = building.person(1)
    (morning, *_) = three(building)
    building.book(morning, person)
    building.now = START - DAY
    building.write(keep_time, building.rules, now=building.now)
    building.call_off(morning)
    assert at(building, building.now) == []
    assert (KEY, "superseded") in building.notices()


def test_a_session_booked_or_moved_into_the_day_after_it_went_has_a_reminder_of_its_own(building: Building) -> None:
    person = building.person(1)
    morning, noon, _ = three(building)
    elsewhere = building.session(title="From another day", starts_at=START + 3 * DAY)
    for session_id in (morning, elsewhere):
        building.book(session_id, person)
    assert at(building, START - DAY) == [("Morning",)]
    building.later(minutes=5)
    building.book(noon, person)
    building.move(elsewhere, START + 6 * HOUR)
    assert at(building, START - DAY + 3 * HOUR) == [("Noon",)]
    assert at(building, START - DAY + 6 * HOUR) == [("From another day",)]
    assert [key for key, _ in building.notices() if key.startswith("reminder")] == [
        KEY,
        f"reminder:{building.booking(noon, person).id}:1440:{START + 3 * HOUR:%Y%m%dT%H%M%SZ}:email",
        f"reminder:{building.booking(elsewhere, person).id}:1440:{START + 6 * HOUR:%Y%m%dT%H%M%SZ}:email",
    ]


def test_a_session_moved_within_the_day_after_it_went_is_told_at_its_new_hour(building: Building) -> None:
    person = building.person(1)
    morning, noon, _ = three(building)
    for session_id in (morning, noon):
        building.book(session_id, person)
    assert at(building, START - DAY) == [("Morning", "Noon")]
    building.move(noon, START + 5 * HOUR)
    assert at(building, START - DAY + 3 * HOUR) == []
    assert at(building, START - DAY + 5 * HOUR) == [("Noon",)]


def test_what_was_confirmed_after_its_own_hour_is_told_only_beside_another(building: Building) -> None:
    person = building.person(1)
    morning, noon, _ = three(building)
    building.book(noon, person)
    building.now = START - DAY + HOUR
    building.book(morning, person)  # its own hour has passed
    assert at(building, START - DAY + 2 * HOUR) == []
    assert at(building, START - DAY + 3 * HOUR) == [("Morning", "Noon")]


def test_a_message_that_waits_is_worth_sending_for_as_long_as_its_last_session_s(building: Building) -> None:
    person = building.person(1)
    morning, _, evening = three(building)
    for session_id in (morning, evening):
        building.book(session_id, person)
    building.deliver()
    building.now = START - DAY
    building.write(keep_time, building.rules, now=building.now)
    assert building.read(one_row, Notice, Notice.key == KEY).expires_at == START - DAY / 2
    building.now = START - DAY + 6 * HOUR
    building.write(keep_time, building.rules, now=building.now)
    assert at(building, START - DAY / 2 + HOUR) == [("Morning", "Evening")]


def test_what_chat_refuses_goes_by_mail_for_the_whole_day(building: Building) -> None:
    person = building.person(1, reminders_by_chat=True, reminders_by_email=False)
    morning, noon, evening = three(building)
    for session_id in (morning, noon):
        building.book(session_id, person)
    building.deliver()
    building.now = START - DAY
    building.write(keep_time, building.rules, now=building.now)
    (claimed,) = building.claim(channels=(Channel.CHAT,))
    letter = building.hand_over(claimed)
    assert letter is not None
    assert titles(letter) == ("Morning", "Noon")
    building.write(mark, Result(claimed, error=ChatClosed("closed")), "post", building.rules, now=building.now)
    building.book(evening, person)
    assert at(building, building.now) == [("Morning", "Noon", "Evening")]
    assert at(building, START - DAY + 6 * HOUR) == []
    assert building.read(one_row, Person, Person.id == person).chat_closed_at is not None


def test_days_are_those_of_the_wall_and_the_clocks_may_change_between(building: Building) -> None:
    person = building.person(1)
    spring = datetime(2027, 3, 28, 8, 30, tzinfo=UTC)  # 9.30am, the day the clocks went forward
    late = datetime(2027, 3, 28, 22, 30, tzinfo=UTC)  # 11.30pm
    next_day = datetime(2027, 3, 28, 23, 15, tzinfo=UTC)  # a quarter past midnight on the 29th
    for title, starts_at in (("Spring", spring), ("Late", late), ("Next day", next_day)):
        building.book(building.session(title=title, starts_at=starts_at, minutes=15), person)
    assert at(building, spring - DAY + HOUR) == [("Spring", "Late")]
    assert at(building, next_day - DAY) == []
    assert at(building, next_day - DAY + HOUR) == [("Next day",)]


def test_a_very_long_day_is_told_in_more_than_one_message(building: Building) -> None:
    person = building.person(1)
    for number in range(12):
        building.book(building.session(title=f"{number}", starts_at=START + number * timedelta(minutes=50)), person)
    assert at(building, START - DAY) == [tuple(str(number) for number in range(10))]
    assert at(building, START - DAY + timedelta(minutes=500)) == [("10",)]
    assert at(building, START - DAY + timedelta(minutes=550)) == [("11",)]
    assert len(building.read(one_row, Notice, Notice.key == KEY).detail) < 300


def test_the_hour_before_stays_with_each_session(building: Building) -> None:
    building.rules = Rules()
    person = building.person(1)
    morning, noon, _ = three(building)
    for session_id in (morning, noon):
        building.book(session_id, person)
    assert at(building, START - DAY) == [("Morning", "Noon")]
    assert at(building, START - HOUR) == [("Morning",)]
    assert at(building, START + 2 * HOUR) == [("Noon",)]
    sent = building.read(rows, Notice, Notice.kind == Kind.REMINDER, Notice.state == NoticeState.SENT)
    assert [notice.booking_id for notice in sent] == [None, 1, 2]


def test_what_was_told_is_read_back_as_it_was_written() -> None:
    told = Told(date(2027, 3, 15), START, ((7, START), (123456, START + HOUR)))
    assert Told.read(told.write()) == told
    assert (told.has(7, START), told.has(7, START + HOUR), told.has(8, START)) == (True, False, False)
    assert [is_of_a_day(lead) for lead in (DAY, 2 * DAY, HOUR, 25 * HOUR)] == [True, True, False, False]
