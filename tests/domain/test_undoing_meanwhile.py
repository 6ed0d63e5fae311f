"""What came between an edit and its undo: places, meetings and series are as they have become, and nobody loses by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.bookings import Came
from domain.errors import Closed, Refusal
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import BookingState, MeetingState, Privacy
from domain.ports.meetings import MeetingMade
from domain.provision import outcomes, turns
from domain.series import parts
from domain.undoing import Undone
from tests.building import ACTOR, START, Building
from tests.domain.undoing_building import LINK, ONLINE, booked, changed, described, moved, told, undo
from tests.private_building import let_in, made_code
from tests.series_building import DAYS, run_of

# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_that_gave_somebody_the_only_place_is_not_undone(building: Building) -> None:
    session, _ = booked(building, places=1)
    waiting = building.person(2)
    building.book(session, waiting)
    building.later(minutes=10)
    undo_id = changed(building, session, places=2)
    with pytest.raises(Closed, match="More people have a place now than there were places before"):
        undo(building, undo_id)
    assert (described(building, session).places, building.booking(session, waiting).state) == (2, BookingState.CONFIRMED)


def test_who_was_promoted_keeps_the_place_and_it_is_said(building: Building) -> None:
    session, ann = booked(building, places=1)
    waiting = building.person(2)
    building.book(session, waiting)
    building.later(minutes=10)
    undo_id = changed(building, session, places=2)
    assert building.booking(session, waiting).state is BookingState.CONFIRMED
    building.cancel(session, ann)
    assert undo(building, undo_id) == Undone(session, promoted=1)
    assert described(building, session).places == 1


def test_who_booked_online_before_the_undo_counts_in_the_room_after_it(building: Building) -> None:
    session, ann, bob = building.session(places=1), building.person(1), building.person(2)
    undo_id = changed(building, session, format=Format.ONLINE, provider=Provider.GIVEN, given_link="https://meet.example/a")
    assert building.book(session, ann).came is Came.CONFIRMED
    undo(building, undo_id)
    assert building.booking(session, ann).mode is Mode.ROOM
    assert building.book(session, bob).came is Came.WAITLISTED  # the only place is taken


def test_an_undo_does_not_open_what_was_booked_in_private_since(building: Building) -> None:
    session, family = building.session(), building.person(1)
    undo_id = changed(building, session, privacy=Privacy.PRIVATE, public_title="A morning")
    let_in(building, 1, made_code(building).code)
    building.book(session, family, alias="Rosie")
    with pytest.raises(Refusal, match="stays private"):
        undo(building, undo_id)
    assert described(building, session).privacy is Privacy.PRIVATE


def test_who_came_to_wait_has_the_place_that_an_undo_gives_back(building: Building) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.GIVEN, given_link=LINK, places=1, online_places=1)
    first, second = building.person(1), building.person(2)
    building.book(session, first, mode=Mode.ROOM)
    undo_id = changed(building, session, **ONLINE, places=1, online_places=None)
    building.book(session, second)
    assert building.booking(session, second).state is BookingState.WAITLISTED
    assert undo(building, undo_id) == Undone(session)  # nobody had a place by the edit
    there = building.booking(session, second)
    assert (there.mode, there.state) == (Mode.ONLINE, BookingState.CONFIRMED)


def test_nobody_who_asks_after_an_undo_is_served_before_who_waits(building: Building) -> None:
    session = building.session(places=5)
    building.book(session, building.person(1))
    undo_id = changed(building, session, places=1)
    waits, later = building.person(2), building.person(3)
    building.book(session, waits)
    undo(building, undo_id)
    building.book(session, later)
    assert [building.booking(session, one).state for one in (waits, later)] == [BookingState.CONFIRMED, BookingState.CONFIRMED]


# ── the meeting ─────────────────────────────────────────────────────────────────────────────────────────────


def online(building: Building) -> int:
    """A session on Teams whose meeting is made and whose one person has the link."""
    building.host(Provider.TEAMS, "teams-1", at_once=5)
    building.host(Provider.ZOOM, "zoom-1")
    session = building.online()
    building.book(session, building.person(1))
    provide(building)
    building.deliver()
    building.later(minutes=10)
    return session


def provide(building: Building) -> None:
    """The services do whatever they are asked."""
    from domain.provision import outcomes, turns

    while work := building.write(turns.claim, building.rules, now=building.now):
        for one in work:
            if one.action in (turns.Action.CREATE, turns.Action.CHANGE):
                made = one.made or MeetingMade(f"m{one.meeting_id}", f"https://meet.example.org/{one.meeting_id}")
                building.write(outcomes.adopt, one.meeting_id, made, one.wanted, building.rules, now=building.now)
            elif one.action is turns.Action.REMOVE:
                building.write(outcomes.gone, one.meeting_id)
            else:
                building.write(outcomes.swept, one.meeting_id)


def test_the_meeting_follows_a_move_there_and_back(building: Building) -> None:
    session = online(building)
    undo_id = moved(building, session)
    provide(building)
    undo(building, undo_id)
    provide(building)
    (meeting,) = building.meetings(session)
    assert (meeting.state, meeting.slot_starts_at) == (MeetingState.READY, START - building.rules.host_padding)
    assert told(building) == []


def test_the_old_meeting_is_kept_while_another_provider_settles_and_comes_back(building: Building) -> None:
    session = online(building)
    link = building.meetings(session)[0].join_url
    undo_id = changed(building, session, provider=Provider.ZOOM)
    provide(building)
    assert [meeting.state for meeting in building.meetings(session)] == [MeetingState.REMOVING, MeetingState.READY]
    undo(building, undo_id)
    provide(building)
    assert [(meeting.state, meeting.join_url == link) for meeting in building.meetings(session)] == [
        (MeetingState.READY, True),
        (MeetingState.GONE, False),
    ]
    assert told(building) == []


def test_a_meeting_that_is_gone_already_is_made_anew_and_its_link_told(building: Building) -> None:
    from domain.provision import outcomes

    session = online(building)
    undo_id = changed(building, session, provider=Provider.ZOOM)
    provide(building)
    building.write(outcomes.gone, building.meetings(session)[0].id or 0)
    assert undo(building, undo_id) == Undone(session, told=1)
    provide(building)
    assert told(building) == [(Kind.UPDATE, ("link",))]


def test_a_link_that_comes_after_an_undone_edit_reaches_who_was_invited_without_it(building: Building) -> None:
    building.host(Provider.TEAMS, "host-1")
    session, person = building.online(), building.person(1)
    building.book(session, person)
    building.later(minutes=31)  # its patience is over
    assert [(one.kind, one.session.join_url) for one in building.deliver() if one.session] == [(Kind.INVITATION, None)]
    undo(building, changed(building, session, notes="Bring a pen."))
    (work,) = building.write(turns.claim, building.rules, now=building.now)
    made = MeetingMade("m1", "https://meet.example/m1")
    building.write(outcomes.adopt, work.meeting_id, made, work.wanted, building.rules, now=building.now)
    told = [(one.kind, one.changes, one.session.join_url) for one in building.deliver() if one.session]
    assert told == [(Kind.UPDATE, ("link",), "https://meet.example/m1")]


# ── a series that it joined or left meanwhile ───────────────────────────────────────────────────────────────


def test_what_joined_a_series_since_the_edit_stays_a_part_of_it(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    session = building.session(title="Workshop 4", starts_at=DAYS[-1] + timedelta(days=7))
    undo_id = changed(building, session, title="Workshop 5")
    run.add(session)
    whole = run.whole(ann).id
    undo(building, undo_id)
    now = described(building, session)
    assert (now.title, now.series_id, now.series_part) == ("Workshop 4", run.id, 4)
    assert building.booking(session, ann).series_booking_id == whole
    run.cancel(ann)
    assert building.booking(session, ann).state is BookingState.CANCELLED


def test_what_left_a_series_since_the_edit_stays_out_of_it(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    undo_id = changed(building, run.parts[2], title="Workshop 5")
    building.write(parts.take_out, building.partnership_id, run.parts[2], building.rules, actor=ACTOR, now=building.now)
    undo(building, undo_id)
    now = described(building, run.parts[2])
    assert (now.title, now.series_id, now.series_part) == ("Workshop 3", None, None)
    run.cancel(ann)
    assert building.booking(run.parts[2], ann).state is BookingState.CONFIRMED
