"""What a stranger typed on a page with somebody's address comes to nothing that they did not say themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import calling_off
from domain.announcements import Written, write
from domain.announcements import preview as announcement_preview
from domain.attention.items import Concern
from domain.attention.seats import seats
from domain.bookings import Booked, Came
from domain.database import Db
from domain.models import Audience, AuditEntry, Booking, BookingState, Notice, Person, Session
from domain.needs.lists import needs_count, needs_list
from domain.organising import session_desk
from domain.private_sessions import BookedLine, booked_list
from domain.proofs import Proven
from domain.reminders import close_waiting
from domain.rules import Rules, RulesBook
from domain.saying_yes import say_yes
from domain.sign_in import sign_in_sheet
from domain.timekeeping import due, keep_time
from domain.visiting import ask
from tests.building import ACTOR, START, Building, rows
from tests.private_building import make_private
from tests.series_building import DAYS, run_of
from tests.visiting_building import filled_in_for, press, wish, wish_series

CONFIRMED, HELD, WAITS, ENDED = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED, BookingState.CANCELLED


def standing(building: Building, session_id: int, person_id: int) -> tuple[BookingState, bool]:
    """The state of their claim, and whether it is but a wish from a page."""
    mine = building.booking(session_id, person_id)
    return mine.state, mine.wished


def tick(building: Building) -> None:
    building.write(keep_time, building.rules, now=building.now)


def lapse(building: Building) -> None:
    """What is held, is held no longer."""
    building.now += building.rules.hold + timedelta(minutes=1)
    tick(building)


def due_now(building: Building) -> tuple[str, ...]:
    found: tuple[str, ...] = building.read(due, building.rules, now=building.now)
    return found


def full(building: Building, **other: Any) -> tuple[int, int]:
    """A session whose one place is somebody's, and that person."""
    session, has = building.session(places=1, **other), building.person(1)
    assert building.book(session, has).came is Came.CONFIRMED
    return session, has


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


# ── digits, and links for something else ────────────────────────────────────────────────────────────────────


def test_digits_in_chat_confirm_what_was_asked_for_in_chat_and_no_pages_wish(building: Building) -> None:
    typed, other, meant = (building.session(places=1, starts_at=START + timedelta(days=day)) for day in range(3))
    press(building, wish(building, other, 7))  # somebody from the pages, who has proven the address there
    wish(building, typed, 7)
    account = building.newcomer(7)
    building.book(meant, account)
    building.deliver()
    proven = building.prove(7)
    assert isinstance(proven, Proven)
    assert proven.confirmed == (meant,)
    assert [standing(building, one, account) for one in (typed, other, meant)] == [(HELD, True), (CONFIRMED, False), (CONFIRMED, False)]


def test_digits_in_chat_promote_no_pages_wish(building: Building) -> None:
    other = building.session(places=1, starts_at=START + timedelta(days=1))
    session, has = full(building)
    press(building, wish(building, other, 7))
    wish(building, session, 7)
    building.cancel(session, has)
    account = building.newcomer(7)
    building.deliver()
    building.prove(7)
    assert standing(building, session, account) == (WAITS, True)


def test_a_link_for_one_session_touches_nothing_else(building: Building) -> None:
    known = building.person(7)
    full_one, has = full(building)
    held, meant = (building.session(places=1, starts_at=START + timedelta(days=day)) for day in (1, 2))
    late = building.session(places=1, starts_at=START + timedelta(days=3))
    building.book(late, building.person(2))
    building.book(late, known)  # their own, asked for in chat
    for session in (full_one, held):
        wish(building, session, 7)
    building.cancel(full_one, has)
    press(building, wish(building, meant, 7))
    states = [standing(building, one, known) for one in (full_one, held, meant, late)]
    assert states == [(WAITS, True), (HELD, True), (CONFIRMED, False), (WAITS, False)]


def test_a_newcomer_of_the_pages_proves_by_one_mail_only_what_that_mail_was_about(building: Building) -> None:
    waits, has = full(building)
    meant = building.session(places=1, starts_at=START + timedelta(days=1))
    wish(building, waits, 7)
    token = wish(building, meant, 7)
    building.cancel(waits, has)
    person = press(building, token).person_id
    assert [standing(building, one, person) for one in (waits, meant)] == [(WAITS, True), (CONFIRMED, False)]


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


# ── series ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_strangers_wish_for_a_series_is_not_promoted_and_counts_in_nobodys_position(building: Building) -> None:
    run = run_of(building, places=1)
    has, known, waits = building.person(1), building.person(7), building.person(8)
    run.book(has)
    wish_series(building, run.id, 7)
    assert (run.whole(known).wished, run.states(known)) == (True, [WAITS] * 4)
    assert run.book(waits).position == 1
    run.cancel(has)
    assert (run.states(known), run.states(waits)) == ([WAITS] * 4, [CONFIRMED] * 4)


def test_the_owner_who_presses_the_mails_link_has_a_free_series_at_once(building: Building) -> None:
    run = run_of(building, places=1)
    has, known = building.person(1), building.person(7)
    run.book(has)
    token = wish_series(building, run.id, 7)
    run.cancel(has)
    press(building, token)
    assert (run.whole(known).wished, run.states(known)) == (False, [CONFIRMED] * 4)
    assert {one.wished for one in building.read(rows, Booking, Booking.person_id == known)} == {False}


def test_who_asks_for_the_series_in_chat_makes_the_wish_their_own(building: Building) -> None:
    held, waiting = run_of(building, places=1), run_of(building, "Another course", places=1, days=DAYS[:2])
    known, has = building.person(7), building.person(1)
    waiting.book(has)
    wish_series(building, held.id, 7)
    wish_series(building, waiting.id, 7)
    assert held.states(known) == [HELD] * 4
    held.book(known, accept_clash=True)
    waiting.book(known, accept_clash=True)
    assert (held.whole(known).wished, held.states(known)) == (False, [CONFIRMED] * 4)
    assert (waiting.whole(known).wished, waiting.states(known)) == (False, [WAITS] * 3)
    waiting.cancel(has)
    assert waiting.states(known) == [CONFIRMED] * 3


def test_digits_in_chat_confirm_no_series_that_a_page_holds(building: Building) -> None:
    run, other = run_of(building, places=1), building.session(places=1, starts_at=START + timedelta(days=2))
    press(building, wish(building, other, 7))
    wish_series(building, run.id, 7)
    account = building.newcomer(7)
    building.deliver()
    building.prove(7)
    assert (run.whole(account).wished, run.states(account)) == (True, [HELD] * 4)


def test_a_yes_on_ones_own_page_confirms_the_series_that_a_page_holds(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    wish_series(building, run.id, 7)
    building.write(say_yes, building.partnership_id, run.parts[1], known, building.rules, now=building.now)
    assert (run.whole(known).wished, run.states(known)) == (False, [CONFIRMED] * 4)


def test_a_series_wish_ends_silently_after_a_day(building: Building) -> None:
    run = run_of(building, places=1)
    has, known = building.person(1), building.person(7)
    run.book(has)
    wish_series(building, run.id, 7)
    building.deliver()
    before = building.notices()
    building.later(days=1)
    assert "wishes" in due_now(building)
    tick(building)
    assert "wishes" not in due_now(building)
    assert (run.states(known), run.whole(known).wished, building.notices()) == ([ENDED] * 4, False, before)
    lapsed = building.read(rows, AuditEntry, AuditEntry.action == "lapse in series")
    assert [(one.actor, one.series_id) for one in lapsed] == [("clock", run.id)]


def test_a_held_series_of_somebody_known_lapses_without_a_word(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    wish_series(building, run.id, 7)
    building.deliver()
    before = building.notices()
    lapse(building)
    assert (run.states(known), building.notices()) == ([ENDED] * 4, before)


@pytest.mark.parametrize("places", [1, 2])
def test_a_strangers_wish_for_a_series_takes_no_single_place_away(building: Building, places: int) -> None:
    """Somebody has one part by itself: when the wish lapses, held or waiting, that place stays theirs."""
    run, known = run_of(building, places=places), building.person(7)
    alone = building.session(title="Workshop 4", starts_at=DAYS[-1] + timedelta(days=7), places=2)
    building.book(alone, known)
    run.add(alone)
    if places == 1:
        run.book(building.person(1))
    wish_series(building, run.id, 7)
    building.deliver()
    building.later(days=1)
    tick(building)
    assert (run.whole(known).state, standing(building, alone, known)) == (ENDED, (CONFIRMED, False))


def test_who_waits_for_one_part_alone_waits_on_when_a_strangers_wish_for_the_series_ends(building: Building) -> None:
    run, known = run_of(building, places=1), building.person(7)
    alone = building.session(title="Workshop 4", starts_at=DAYS[-1] + timedelta(days=7), places=1)
    building.book(alone, building.person(1))
    building.book(alone, known)
    run.add(alone)
    wish_series(building, run.id, 7)
    building.later(days=1)
    tick(building)
    assert (run.whole(known).state, standing(building, alone, known)) == (ENDED, (WAITS, False))


# ── two who become one ──────────────────────────────────────────────────────────────────────────────────────


def two_rows(building: Building, session: int, *, own: bool) -> int:
    """Person 7 known twice: proven on a page, and waiting in chat for digits. `own`: they ask in chat for the session first."""
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    press(building, wish(building, other, 7))
    account = building.newcomer(7)
    if own:
        building.book(session, account)
    wish(building, session, 7)
    building.deliver()
    return account


def test_of_two_claims_that_become_one_the_one_that_is_no_wish_stays(building: Building) -> None:
    session, has = full(building)
    account = two_rows(building, session, own=True)
    asked = building.booking(session, account)
    building.prove(7)
    kept = building.booking(session, account)
    assert (kept.id, kept.state, kept.wished) == (asked.id, WAITS, False)
    building.cancel(session, has)
    assert standing(building, session, account) == (CONFIRMED, False)


def test_of_a_place_that_a_page_holds_and_a_wish_of_ones_own_the_own_stays_and_the_place_goes_on(building: Building) -> None:
    session, has = full(building)
    first, account = building.person(2), building.newcomer(7)
    building.book(session, first)
    building.book(session, account)  # waits, behind another
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    press(building, wish(building, other, 7))
    building.deliver()
    building.write(_held_by_page, session, building)
    building.prove(7)
    assert standing(building, session, account) == (WAITS, False)
    assert standing(building, session, first) == (CONFIRMED, False)
    assert has not in {one.person_id for one in building.read(rows, Booking, Booking.session_id == session, Booking.state == HELD)}


def _held_by_page(db: Db, session_id: int, building: Building) -> None:
    """A place more, and a page that is quicker than the line."""
    session = db.get_one(Session, session_id)
    session.places = 2
    db.add(session)
    db.flush()
    ask(db, building.partnership_id, session_id, filled_in_for(7), building.rules, now=building.now)


def test_what_is_only_wished_stays_wished_when_two_become_one(building: Building) -> None:
    session, _ = full(building)
    account = two_rows(building, session, own=False)
    building.prove(7)
    assert standing(building, session, account) == (WAITS, True)


def held_and_waiting(building: Building) -> tuple[int, int, int, str]:
    """Person 7 waits in chat behind person 8, and a page holds the place that came free meanwhile; who they are, and its link."""
    session, has = full(building)
    ahead, account = building.newcomer(8), building.newcomer(7)
    building.book(session, ahead)
    building.book(session, account)
    building.cancel(session, has)  # nobody in line is proven: the place stays free
    token = wish(building, session, 7)
    building.deliver()
    for number in (8, 7):
        building.prove(number)
    return session, ahead, account, token


def test_the_link_makes_the_wish_their_own_before_two_become_one(building: Building) -> None:
    session, ahead, account, token = held_and_waiting(building)
    assert press(building, token).person_id == account
    assert [standing(building, session, one) for one in (account, ahead)] == [(CONFIRMED, False), (WAITS, False)]


def test_a_held_wish_that_gives_way_leaves_its_place_to_the_line(building: Building) -> None:
    """By the link of another mail, which says nothing of this session."""
    session, ahead, account, _ = held_and_waiting(building)
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    building.write(_forget_address, account)
    token = wish(building, other, 7)
    building.write(_forget_address, account, "person7@council.gov.uk")
    assert press(building, token).person_id == account
    assert [standing(building, session, one) for one in (account, ahead)] == [(WAITS, False), (CONFIRMED, False)]


def _forget_address(db: Db, person_id: int, key: str | None = None) -> None:
    """The page does not know the account by this address, as before it was proven in chat."""
    person = db.get_one(Person, person_id)
    person.email_key = key
    db.add(person)


def test_a_series_wished_on_a_page_gives_way_to_the_claim_in_chat(building: Building) -> None:
    run = run_of(building, places=1)
    has = building.person(1)
    run.book(has)
    other = building.session(places=1, title="Other", starts_at=START + timedelta(days=1))
    press(building, wish(building, other, 7))
    account = building.newcomer(7)
    wish_series(building, run.id, 7)
    run.book(account)
    building.deliver()
    building.prove(7)
    assert (run.whole(account).wished, run.states(account)) == (False, [WAITS] * 4)
    assert {one.wished for one in building.read(rows, Booking, Booking.person_id == account)} == {False}
    run.cancel(has)
    assert run.states(account) == [CONFIRMED] * 4
