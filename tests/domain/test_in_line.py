"""Who comes on a waiting list by a page is told so by one e-mail: once for each time, and only while it is true."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.database import Db
from domain.in_line import tell_in_line
from domain.kinds import Channel, Format, Kind, Provider
from domain.letters.matters import WaitingMatter
from domain.models import BookingState, Person
from domain.places import lapse_holds
from domain.ports.letters import Letter
from domain.saying_yes import say_yes
from domain.visiting import FilledIn, ask
from integrations.letters import word
from tests.building import START, Building
from tests.mail_building import VOICE
from tests.private_building import NEUTRAL, SECRET, made_code, private_session
from tests.series_building import run_of
from tests.visiting_building import by_page, post_office, press, prove_token, wish, wish_series


def full(building: Building, **other: Any) -> tuple[int, int]:
    """A session whose one place is somebody's, and that person."""
    session, has = building.session(places=1, **other), building.person(1)
    building.book(session, has)
    return session, has


def told(building: Building) -> list[Letter]:
    """The letters that leave now and say that somebody waits."""
    return [one for one in post_office(building) if one.kind is Kind.WAITING]


def waits_seventh(building: Building) -> tuple[int, int, int]:
    """A full session, who has its place, and person 7, who has proven that they wait."""
    session, has = full(building)
    return session, has, press(building, by_page(building, session)).person_id


def test_who_proves_and_waits_is_told_where_they_stand_once(building: Building) -> None:
    session, _ = full(building)
    building.book(session, building.person(2))
    token = by_page(building, session)
    assert told(building) == []  # a wish: it may be a stranger's
    for _ in range(2):
        press(building, token)
    (letter,) = told(building)
    mine = building.booking(session, letter.person_id or 0)
    assert (letter.key, letter.channel, letter.calendar, letter.matter) == (
        f"waiting:{mine.id}:{mine.queue_number}:email",
        Channel.EMAIL,
        None,
        WaitingMatter(2),
    )
    assert letter.links is not None
    assert (bool(letter.links.mine), letter.links.join) == (True, "")
    press(building, token)
    assert told(building) == []


def test_of_what_is_but_wished_for_nothing_is_owed_whoever_asks_for_it(building: Building) -> None:
    session, _ = full(building)
    known = building.person(7)
    wish(building, session, 7)
    building.write(_tell, building, session, known)
    assert [key for key, _ in building.notices() if key.startswith("waiting:")] == []


def _tell(db: Db, building: Building, session: int, person: int) -> None:
    tell_in_line(db, session, db.get_one(Person, person), building.rules, now=building.now)


def test_the_number_is_that_of_the_moment_in_which_it_leaves(building: Building) -> None:
    session, _ = full(building)
    first = building.person(2)
    building.book(session, first)
    press(building, by_page(building, session))
    building.cancel(session, first)
    assert [one.matter for one in told(building)] == [WaitingMatter(1)]


def test_who_has_a_place_by_then_is_told_of_the_place_alone(building: Building) -> None:
    session, has, _ = waits_seventh(building)
    building.cancel(session, has)
    assert [one.kind for one in post_office(building) if one.person_id is not None][-1:] == [Kind.PROMOTION]
    assert [state for key, state in building.notices() if key.startswith("waiting:")] == ["superseded"]


def test_who_has_left_the_list_by_then_is_told_nothing(building: Building) -> None:
    session, _, seven = waits_seventh(building)
    building.cancel(session, seven)
    assert told(building) == []
    assert [state for key, state in building.notices() if key.startswith("waiting:")] == ["superseded"]


def test_who_left_and_comes_anew_has_one_letter_for_the_new_place_in_the_line(building: Building) -> None:
    session, _, seven = waits_seventh(building)
    building.cancel(session, seven)
    press(building, by_page(building, session))
    number = building.booking(session, seven).queue_number
    assert [(one.key.split(":")[2], one.matter) for one in told(building)] == [(str(number), WaitingMatter(1))]


def test_who_asked_in_chat_was_told_there(building: Building) -> None:
    session, _ = full(building)
    building.book(session, building.person(7))
    assert told(building) == []


def test_who_came_too_late_to_what_was_kept_for_them_is_told(building: Building) -> None:
    session = building.session(places=1)
    token = by_page(building, session)
    building.later(minutes=31)
    building.write(lapse_holds, building.rules, now=building.now)
    building.book(session, building.person(1))
    press(building, token)
    assert [one.matter for one in told(building)] == [WaitingMatter(1)]


def test_a_yes_on_ones_own_page_is_told_too_and_a_strangers_wish_never(building: Building) -> None:
    session, _ = full(building)
    known = building.person(7)
    wish(building, session, 7)
    assert told(building) == []
    building.write(say_yes, building.partnership_id, session, known, building.rules, now=building.now)
    assert [(one.person_id, one.matter) for one in told(building)] == [(known, WaitingMatter(1))]


def test_of_a_series_one_letter_speaks_of_the_whole(building: Building) -> None:
    run = run_of(building, places=1)
    run.book(building.person(1))
    seven = press(building, wish_series(building, run.id, 7)).person_id
    assert run.states(seven) == [BookingState.WAITLISTED] * 4
    (letter,) = told(building)
    assert (letter.whole, letter.matter, letter.key) == (
        "Practitioner teachers 2027",
        WaitingMatter(1),
        f"waiting:series:{run.whole(seven).id}:{run.whole(seven).queue_number}:email",
    )


def test_when_nobody_is_promoted_any_more_nobody_is_told_to_wait(building: Building) -> None:
    building.now = START - timedelta(hours=3)
    session, _ = full(building)
    token = by_page(building, session)
    building.later(hours=2)
    press(building, token)
    assert told(building) == []


def test_the_letter_carries_no_link_to_join_and_says_how_to_leave(building: Building) -> None:
    session = building.session(
        places=1, format=Format.ONLINE, provider=Provider.GIVEN, venue=None, given_link="https://teams.microsoft.com/l/1"
    )
    building.book(session, building.person(1))
    press(building, by_page(building, session))
    (letter,) = told(building)
    said = word(letter, VOICE)
    assert said.subject == "On the waiting list: Strengths, Monday 15 March 2027, 9.30am"
    assert "number 1 on the waiting list" in said.text
    assert "leave the waiting list" in said.text.lower()
    assert "https://teams.microsoft.com" not in said.text + said.html


def test_of_a_private_session_it_says_the_plain_title_and_the_chosen_name(building: Building) -> None:
    session = private_session(building, places=1)
    codes = [made_code(building).code for _ in range(2)]
    press(building, by_page(building, session, code=codes[0]))
    post_office(building)
    press(building, _rosies(building, session, codes[1]))
    (letter,) = told(building)
    said = word(letter, VOICE)
    assert (NEUTRAL in said.text, SECRET in said.text + said.html + said.subject, letter.recipient.name) == (True, False, "Rosie")


def _rosies(building: Building, session: int, code: str) -> str:
    asked = FilledIn("Rosie", "rosie@family.example", code=code)
    building.write(ask, building.partnership_id, session, asked, building.rules, now=building.now)
    return prove_token(building)
