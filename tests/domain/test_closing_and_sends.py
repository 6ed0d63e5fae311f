"""A programme closed, opened again and archived; and when a large send will be through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import browsing, organising, postings, programmes
from domain.closing import archive, close, reopen
from domain.errors import Closed, NotFound
from domain.kinds import Channel, Kind
from domain.models import AuditEntry, BookingState, Programme, ProgrammeState
from domain.organising import pick_programme
from domain.programmes import ProgrammeView
from domain.reports import programme
from domain.sends import Sends, Waits, mails_owed, sends, through_at
from practiceweek.imports import programme_of
from tests.building import ACTOR, START, Building, one_row, rows

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def do(building: Building, use_case: Callable[..., ProgrammeView], *, partnership_id: int | None = None) -> ProgrammeState:
    where = building.partnership_id if partnership_id is None else partnership_id
    done = building.write(use_case, where, building.programme_id, actor=ACTOR, now=building.now)
    return done.state


# ── closing ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_programme_takes_no_new_booking_and_opens_again(building: Building) -> None:
    session, person = building.session(), building.person(1)
    assert (do(building, close), do(building, close)) == (ProgrammeState.CLOSED, ProgrammeState.CLOSED)
    with pytest.raises(Closed, match="Booking for this programme has closed"):
        building.book(session, person)
    assert do(building, reopen) is ProgrammeState.PUBLISHED
    building.book(session, person)
    trail = [entry.action for entry in building.read(rows, AuditEntry) if entry.action.endswith(("close programme", "reopen programme"))]
    assert trail == ["close programme", "reopen programme"]


def test_the_waiting_list_of_a_closed_programme_still_promotes(building: Building) -> None:
    session = building.session(places=1)
    first, second = building.person(1), building.person(2)
    building.book(session, first)
    building.book(session, second)
    do(building, close)
    building.cancel(session, first)
    assert building.booking(session, second).state is BookingState.CONFIRMED


def test_an_offer_can_be_taken_though_the_programme_has_closed(building: Building) -> None:
    session, other = building.session(places=1), building.session(title="At the same time")
    first, second = building.person(1), building.person(2)
    building.book(session, first)
    building.book(session, second)
    building.book(other, second)
    building.cancel(session, first)
    assert building.booking(session, second).state is BookingState.HELD
    do(building, close)
    building.book(session, second, accept_clash=True)
    assert building.booking(session, second).state is BookingState.CONFIRMED


def test_what_is_posted_changes_when_it_closes_and_not_once_it_is_archived(building: Building) -> None:
    def show() -> list[bool]:
        found = building.read(postings.stale, now=building.now)
        for page in found:
            building.write(postings.shown, page, 5, read_at=building.now, now=building.now)
        return [page.day.sessions[0].booking_open for page in found]

    assert show() == [True]
    building.later(minutes=1)
    do(building, close)
    building.later(minutes=1)
    assert show() == [False]
    building.later(days=30)
    do(building, reopen)
    do(building, archive)
    building.later(minutes=1)
    assert show() == []


def test_a_session_added_to_a_closed_programme_is_open_as_the_others_are(building: Building) -> None:
    do(building, close)
    session = building.session(title="Late", starts_at=START + timedelta(days=1))
    do(building, reopen)
    building.book(session, building.person(1))


def test_only_what_is_over_is_archived(building: Building) -> None:
    building.now = datetime(2027, 3, 19, 23, 59, tzinfo=UTC)
    with pytest.raises(Closed, match="runs until Friday 19 March 2027"):
        do(building, archive)
    building.later(minutes=1)
    assert do(building, archive) is ProgrammeState.ARCHIVED


def test_an_archived_programme_leaves_browse_and_autocomplete_and_stays_in_reports(building: Building) -> None:
    building.now = datetime(2027, 3, 20, 9, tzinfo=UTC)
    do(building, archive)
    where, now = building.partnership_id, building.now
    assert building.read(browsing.open_programmes, where, now=now - timedelta(days=2)) == ()
    assert building.read(organising.organised, where, None) == ()
    assert [one.id for one in building.read(programme.reportable, where)] == [building.programme_id]


@pytest.mark.parametrize("use_case", [close, reopen])
def test_an_archived_programme_stays_as_it_is(building: Building, use_case: Callable[..., ProgrammeView]) -> None:
    building.later(days=30)
    do(building, archive)
    with pytest.raises(Closed, match="over and put away"):
        do(building, use_case)
    with pytest.raises(Closed, match="over and put away"):
        building.write(
            programmes.publish, building.partnership_id, building.programme_id, 77, building.rules, actor=ACTOR, now=building.now
        )
    assert building.read(one_row, Programme).state is ProgrammeState.ARCHIVED


@pytest.mark.parametrize("use_case", [close, reopen])
def test_a_draft_is_neither_closed_nor_opened(building: Building, use_case: Callable[..., ProgrammeView]) -> None:
    building.programme("Next year", publish=False)
    with pytest.raises(Closed, match="not published yet"):
        do(building, use_case)


@pytest.mark.parametrize("use_case", [close, reopen, archive])
def test_another_partnership_closes_nothing(building: Building, use_case: Callable[..., ProgrammeView]) -> None:
    with pytest.raises(NotFound):
        do(building, use_case, partnership_id=building.partnership_id + 1)


# ── large sends ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "by_this", "per_minute", "minutes"),
    [(0, 0, 30, 0), (0, 1, 30, 1), (0, 30, 30, 1), (1, 30, 30, 2), (600, 900, 30, 50), (600, 900, None, 0), (0, 7, 1, 7)],
)
def test_a_send_is_through_a_minute_for_every_so_many(before: int, by_this: int, per_minute: int | None, minutes: int) -> None:
    assert through_at(before, by_this, per_minute, NOW) == NOW + timedelta(minutes=minutes)


def sent_of(building: Building, per_minute: int | None = 1) -> Sends:
    found: Sends = building.read(sends, building.partnership_id, building.programme_id, per_minute, now=building.now)
    return found


def test_what_waits_is_counted_by_kind_and_way_with_what_settles(building: Building) -> None:
    session = building.session()
    for number in (1, 2):
        building.book(session, building.person(number))
    assert sent_of(building) == Sends(
        (Waits(Kind.INVITATION, Channel.EMAIL, 2),), 0, 2, building.now + timedelta(minutes=2), "Europe/London"
    )
    building.deliver()
    building.later(minutes=5)
    building.change(session, notes="Bring a pen.")
    settled = building.now + building.rules.settle
    assert sent_of(building) == Sends((Waits(Kind.UPDATE, Channel.EMAIL, 2),), 2, 2, settled, "Europe/London")
    building.later(minutes=3)
    building.deliver()
    assert sent_of(building) == Sends((), 0, 0, building.now, "Europe/London")


def test_mail_of_every_programme_leaves_by_one_door(building: Building) -> None:
    building.book(building.session(), building.person(1))
    building.programme("Another week")
    found: Any = sent_of(building)
    assert (found.waits, found.mails, found.through_at) == ((), 1, building.now + timedelta(minutes=1))
    assert building.read(mails_owed) == 1


def test_this_years_programme_is_found_by_its_title_though_last_years_has_the_same_and_is_put_away(building: Building) -> None:
    last = building.programme_id
    building.later(days=400)
    building.write(archive, building.partnership_id, last, actor=ACTOR, now=building.now)
    building.later(days=-400)
    assert building.read(programme_of, building.partnership_id, "Practice week") == last
    this = building.programme("Practice week", publish=False)
    found = [building.read(find, building.partnership_id, "practice week") for find in (programme_of, pick_programme)]
    assert (found[0], found[1].id) == (this, this)
    assert building.read(programme_of, building.partnership_id, str(last)) == last
    assert building.read(programme_of, building.partnership_id, "Another week") is None


def test_of_several_with_one_title_the_newest_is_meant_that_is_not_put_away(building: Building) -> None:
    older, newest = [building.programme("Practice week", publish=False) for _ in range(2)]
    assert building.read(programme_of, building.partnership_id, "Practice week") == newest
    building.write(archive, building.partnership_id, newest, actor=ACTOR, now=building.now + timedelta(days=400))
    assert building.read(programme_of, building.partnership_id, "Practice week") == older
