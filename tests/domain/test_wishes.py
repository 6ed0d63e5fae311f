"""What a stranger typed on a page with somebody's address comes to nothing that they did not say themselves, and ends unheard."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import calling_off
from domain.announcements import Written, write
from domain.announcements import preview as announcement_preview
from domain.attention.items import Concern
from domain.attention.seats import seats
from domain.bookings import Booked, Came
from domain.database import Db
from domain.models import Audience, AuditEntry, BookingState, Notice
from domain.needs.lists import needs_count, needs_list
from domain.organising import session_desk
from domain.private_sessions import BookedLine, booked_list
from domain.reminders import close_waiting
from domain.rules import Rules, RulesBook
from domain.saying_yes import say_yes
from domain.sign_in import sign_in_sheet
from domain.timekeeping import keep_time
from tests.building import ACTOR, START, Building, rows
from tests.domain.wish_building import due_now, full, lapse, standing, tick
from tests.private_building import make_private
from tests.visiting_building import press, wish

CONFIRMED, HELD, WAITS, ENDED = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED, BookingState.CANCELLED


# ── nobody is promoted by a stranger ────────────────────────────────────────────────────────────────────────


def test_a_strangers_wish_is_not_promoted_when_a_place_comes_free(building: Building) -> None:
    session, has = full(building)
    known = building.person(7)
    wish(building, session, 7)
    assert standing(building, session, known) == (WAITS, True)
    building.deliver()
    building.cancel(session, has)
    building.change(session, places=5)
    assert standing(building, session, known) == (WAITS, True)
    assert [key for key in building.owed() if "promotion" in key or "invitation" in key] == []


def test_who_asked_themselves_is_promoted_past_a_strangers_wish_and_does_not_count_it(building: Building) -> None:
    session, has = full(building)
    typed, waits = building.person(7), building.person(8)
    wish(building, session, 7)
    first = building.book(session, waits)
    assert (first.came, first.position) == (Came.WAITLISTED, 1)
    assert building.book(session, waits).position == 1  # read anew, as it was counted
    assert building.book(session, building.person(9)).position == 2
    building.cancel(session, has)
    assert (standing(building, session, typed), standing(building, session, waits)) == ((WAITS, True), (CONFIRMED, False))


def test_the_owner_who_presses_the_mails_link_has_a_free_place_at_once(building: Building) -> None:
    session, has = full(building)
    known = building.person(7)
    token = wish(building, session, 7)
    building.cancel(session, has)
    building.deliver()
    booked = press(building, token).booked
    assert booked is not None
    assert (booked.came, standing(building, session, known)) == (Came.CONFIRMED, (CONFIRMED, False))
    assert [letter.kind.value for letter in building.deliver()] == ["invitation"]  # they never waited


def test_the_owner_who_presses_while_it_is_full_waits_in_the_order_of_asking(building: Building) -> None:
    session, has = full(building)
    known, later = building.person(7), building.person(8)
    token = wish(building, session, 7)
    building.book(session, later)
    booked = press(building, token).booked
    assert booked is not None
    assert (booked.came, booked.position) == (Came.WAITLISTED, 1)
    building.cancel(session, has)
    assert (standing(building, session, known), standing(building, session, later)) == ((CONFIRMED, False), (WAITS, False))


def test_who_asks_in_chat_makes_the_wish_their_own(building: Building) -> None:
    session, has = full(building)
    known = building.person(7)
    wish(building, session, 7)
    assert (building.book(session, known).came, standing(building, session, known)) == (Came.WAITLISTED, (WAITS, False))
    building.cancel(session, has)
    assert standing(building, session, known) == (CONFIRMED, False)


def test_who_asks_in_chat_for_what_a_page_holds_has_it_at_once(building: Building) -> None:
    session, known = building.session(places=1), building.person(7)
    wish(building, session, 7)
    assert standing(building, session, known) == (HELD, True)
    said: Booked = building.book(session, known)
    assert (said.came, said.already, said.held_until) == (Came.CONFIRMED, False, None)
    assert standing(building, session, known) == (CONFIRMED, False)


def test_a_wish_that_somebody_has_made_their_own_is_no_wish_when_a_page_asks_again(building: Building) -> None:
    session, _ = full(building)
    known = building.person(7)
    building.book(session, known)
    wish(building, session, 7)
    assert standing(building, session, known) == (WAITS, False)


def test_a_yes_on_ones_own_page_confirms_what_a_page_holds(building: Building) -> None:
    session, other = building.session(places=1), building.session(places=1, starts_at=START + timedelta(days=1))
    known = building.person(7)
    wish(building, session, 7)
    wish(building, other, 7)
    building.write(say_yes, building.partnership_id, session, known, building.rules, now=building.now)
    assert [standing(building, one, known) for one in (session, other)] == [(CONFIRMED, False), (HELD, True)]


# ── a wish ends by itself, and nobody hears of it ───────────────────────────────────────────────────────────


def test_a_wish_that_nobody_made_their_own_ends_silently_after_a_day(building: Building) -> None:
    session, _ = full(building, starts_at=START + timedelta(days=7))
    known = building.person(7)
    wish(building, session, 7)
    building.deliver()
    before = building.notices()
    building.later(hours=23, minutes=59)
    assert "wishes" not in due_now(building)
    tick(building)
    assert standing(building, session, known) == (WAITS, True)
    building.later(minutes=1)
    assert "wishes" in due_now(building)
    tick(building)
    assert "wishes" not in due_now(building)
    assert standing(building, session, known) == (ENDED, False)
    assert building.notices() == before
    lapsed = building.read(rows, AuditEntry, AuditEntry.action == "lapse")
    assert [(one.actor, one.session_id, one.booking_id) for one in lapsed] == [("clock", session, building.booking(session, known).id)]


def test_what_somebody_asked_for_themselves_does_not_end_with_a_day(building: Building) -> None:
    session, _ = full(building, starts_at=START + timedelta(days=7))
    known, other = building.person(7), building.person(8)
    token = wish(building, session, 7)
    building.book(session, other)
    press(building, token)
    building.later(days=2)
    tick(building)
    assert [standing(building, session, one) for one in (known, other)] == [(WAITS, False), (WAITS, False)]


def test_another_partnerships_wishes_are_left_to_whoever_keeps_them(building: Building) -> None:
    session, _ = full(building, starts_at=START + timedelta(days=7))
    known = building.person(7)
    wish(building, session, 7)
    building.later(days=1)
    building.write(_lapse_for, building.rules, 99, building.now)
    assert standing(building, session, known) == (WAITS, True)


def _lapse_for(db: Db, rules: Rules, partnership_id: int, now: datetime) -> None:
    keep_time(db, RulesBook({partnership_id: rules}), now=now)


def test_a_held_wish_of_somebody_known_lapses_without_a_word(building: Building) -> None:
    session, known = building.session(places=1), building.person(7)
    waits = building.person(8)
    wish(building, session, 7)
    building.book(session, waits)
    building.deliver()
    lapse(building)
    assert (standing(building, session, known), standing(building, session, waits)) == ((ENDED, False), (CONFIRMED, False))
    assert [key for key in building.owed() if key.startswith("lapsed")] == []


def test_a_place_held_for_somebody_in_chat_still_lapses_with_a_word(building: Building) -> None:
    session, account = building.session(places=1), building.newcomer(7)
    building.book(session, account)
    lapse(building)
    assert [key for key in building.owed() if key.startswith("lapsed")] == [f"lapsed:{building.booking(session, account).id}:1:chat"]


def test_a_link_pressed_after_the_hold_lapsed_asks_anew(building: Building) -> None:
    session, known = building.session(places=1), building.person(7)
    token = wish(building, session, 7)
    lapse(building)
    booked = press(building, token).booked
    assert booked is not None
    assert (booked.came, standing(building, session, known)) == (Came.CONFIRMED, (CONFIRMED, False))


def test_somebody_who_never_asked_hears_nothing_of_the_session(building: Building) -> None:
    """Neither that it moved, nor that nobody is promoted any more, nor that it is called off."""
    session, _ = full(building, starts_at=START)
    known = building.person(7)
    building.now = START - timedelta(hours=20)
    wish(building, session, 7)
    building.deliver()
    before = {key for key, _ in building.notices()}
    building.move(session, START + timedelta(hours=1))
    building.now = START - timedelta(minutes=30)
    building.write(close_waiting, building.rules, now=building.now)
    building.call_off(session)
    theirs = {n.key for n in building.read(rows, Notice, Notice.person_id == known)}
    assert theirs - before == set()


def test_organisers_are_told_of_no_wish_as_of_somebody_who_waits(building: Building) -> None:
    """No alarm that a place is free for them, no name on the sheet at the door, no message to those who wait."""
    session, has = full(building)
    building.person(7)
    wish(building, session, 7)
    building.cancel(session, has)
    items = building.read(_seats, building)
    sheet = building.write(sign_in_sheet, building.partnership_id, session, actor=ACTOR, now=building.now)
    new = Written(building.programme_id, Audience.WAITING, "News", "Hello", session_id=session)
    written = building.write(write, building.partnership_id, new, actor=ACTOR, now=building.now)
    preview = building.read(announcement_preview, building.partnership_id, written, None, now=building.now)
    assert (items, sheet.waiting, preview.people) == ([], (), 0)


def _seats(db: Db, building: Building) -> list[Concern]:
    return [one.concern for one in seats(db, building.partnership_id, None, building.rules, building.now) if one.concern is Concern.WAITING]


def test_no_preview_of_calling_off_counts_a_wish_and_nobody_hears_of_it(building: Building) -> None:
    """One that waits, in a full session, and one that is held, in another of that day."""
    session, _ = full(building)
    empty = building.session(starts_at=START + timedelta(hours=3))
    for number, wanted in ((7, session), (8, empty)):
        building.person(number)
        wish(building, wanted, number)
    where, day = building.partnership_id, START.date()
    shown = building.read(calling_off.preview, where, building.programme_id, day, None, now=building.now)
    assert (shown.sessions, shown.people, shown.mails, shown.chats) == (3, 1, 1, 0)
    assert [building.read(session_desk, where, one).active for one in (session, empty)] == [1, 0]
    assert [building.call_off(one).told for one in (session, empty)] == [1, 0]


def test_no_list_of_a_private_session_counts_or_shows_a_wish(building: Building) -> None:
    session, _ = full(building)
    building.person(7)
    wish(building, session, 7)
    waits = building.person(8)
    building.book(session, waits)
    building.write(make_private, session)
    where = building.partnership_id, session
    listed = building.write(booked_list, *where, actor=ACTOR, now=building.now)
    assert listed.people == (BookedLine("Person 1", CONFIRMED), BookedLine("Person 8", WAITS))
    assert building.write(needs_list, *where, actor=ACTOR, now=building.now).lines == ()
    assert building.read(needs_count, *where).booked == 1
