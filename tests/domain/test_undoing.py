"""Undoing an edit while it settles: the session as before, and nobody hears of what never was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from domain import descriptions, undoing
from domain.bookings import Came
from domain.database import Db
from domain.errors import Closed, NotFound, Refusal
from domain.kinds import Channel, Format, Kind, Mode, Provider
from domain.models import Booking, BookingState, MeetingState, Person, Privacy, Programme, Undo
from domain.ports.meetings import MeetingMade
from domain.provision import outcomes, turns
from domain.reminders import owe_reminders
from domain.rules import RulesBook
from domain.series import parts
from domain.undoing import Undone
from tests.building import ACTOR, START, Building, one_row, rows
from tests.private_building import let_in, made_code
from tests.series_building import DAYS, run_of

HOUR = timedelta(hours=1)


def changed(building: Building, session: int, **changes: Any) -> int:
    """Edit, and what undoes it."""
    undo_id = building.change(session, **changes).undo_id
    assert undo_id is not None
    return undo_id


def moved(building: Building, session: int, by: timedelta = HOUR) -> int:
    return changed(building, session, starts_at=START + by, ends_at=START + by + timedelta(minutes=45))


def undo(building: Building, undo_id: int) -> Undone:
    return building.write(undoing.undo, building.partnership_id, undo_id, building.rules, actor=ACTOR, now=building.now)


def described(building: Building, session: int) -> descriptions.NewSession:
    return building.read(descriptions.described, building.partnership_id, session)


def booked(building: Building, **other: Any) -> tuple[int, int]:
    """A session with one person on it, who has the invitation."""
    session, person = building.session(**other), building.person(1)
    building.book(session, person)
    assert [letter.kind for letter in building.deliver()] == [Kind.INVITATION]
    building.later(minutes=10)
    return session, person


def told(building: Building) -> list[tuple[Kind, tuple[str, ...]]]:
    """What leaves once everything has settled."""
    building.later(minutes=3)
    return [(letter.kind, letter.changes) for letter in building.deliver()]


# ── as before ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_part_of_a_session_comes_back(building: Building) -> None:
    session, _ = booked(building, presenter="Dr Okafor", organisation="Northfield Council", audience="Everyone", notes="Bring a pen.")
    before = described(building, session)
    new = {
        "title": "Other",
        "starts_at": START + HOUR,
        "ends_at": START + 2 * HOUR,
        "format": Format.HYBRID,
        "provider": Provider.GIVEN,
        "given_link": "https://meet.example.org/x",
        "description": "More",
        "audience": "Some",
        "organisation": "Solihull MBC",
        "venue": "Elsewhere",
        "places": 9,
        "online_places": 8,
        "notes": "",
        "privacy": Privacy.PRIVATE,
        "public_title": "A quiet hour",
    }
    undo_id = changed(building, session, **new)
    assert described(building, session) != before
    assert undo(building, undo_id) == Undone(session)
    assert described(building, session) == before
    assert told(building) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": START + HOUR, "ends_at": START + 2 * HOUR},
        {"venue": "Elsewhere"},
        {"notes": "Bring a pen."},
        {"title": "Other"},
        {"places": 9},
    ],
)
def test_nobody_hears_of_an_edit_that_was_undone_in_time(building: Building, changes: dict[str, Any]) -> None:
    session, _ = booked(building)
    before = described(building, session)
    undo_id = changed(building, session, **changes)
    building.later(minutes=1, seconds=59)
    assert undo(building, undo_id) == Undone(session)
    assert (described(building, session), told(building)) == (before, [])


def test_without_the_undo_they_do_hear(building: Building) -> None:
    session, _ = booked(building)
    moved(building, session)
    assert told(building) == [(Kind.UPDATE, ("time",))]


def test_the_next_edit_after_an_undo_is_told_for_itself_alone(building: Building) -> None:
    session, person = booked(building)
    undo(building, moved(building, session))
    building.change(session, notes="Bring a pen.")
    assert told(building) == [(Kind.UPDATE, ("notes",))]
    undo(building, changed(building, session, venue="Elsewhere"))
    assert told(building) == []
    assert building.booking(session, person).sequence == 4  # it may rise; that does no harm


def test_the_programmes_days_come_back_too(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session, timedelta(days=365))
    assert building.read(one_row, Programme).ends_on == date(2028, 3, 14)
    undo(building, undo_id)
    assert building.read(one_row, Programme).ends_on == date(2027, 3, 19)


def test_how_people_take_part_comes_back_with_the_format(building: Building) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.GIVEN, given_link="https://meet.example.org/x", online_places=5)
    room, online = building.person(1), building.person(2)
    building.book(session, room, mode=Mode.ROOM)
    building.book(session, online, mode=Mode.ONLINE)
    undo_id = changed(building, session, format=Format.ONLINE, venue=None)
    assert building.booking(session, room).mode is Mode.ONLINE
    undo(building, undo_id)
    assert (building.booking(session, room).mode, building.booking(session, online).mode) == (Mode.ROOM, Mode.ONLINE)


def test_where_too_many_took_part_to_be_kept_the_edit_is_made_and_cannot_be_undone(building: Building) -> None:
    session = building.session(description='"' * 2000, notes='"' * 2000)  # each two characters where it is kept
    ids = range(2_000_000_000, 2_000_000_600)
    building.write(_took_part, building.partnership_id, session, ids, now=building.now)
    earlier = changed(building, session, places=9)
    done = building.change(session, format=Format.ONLINE, venue=None, provider=Provider.GIVEN, given_link="https://meet.example.org/x")
    assert (done.undo_id, done.too_much, described(building, session).format) == (None, True, Format.ONLINE)
    assert [len(row.before) for row in building.read(rows, Undo)][1:] == [0]
    with pytest.raises(Closed, match="changed again"):
        undo(building, earlier)
    assert building.change(session, places=8).too_much is False


def test_of_an_edit_that_changed_nothing_it_is_not_said_that_it_is_too_much_to_be_undone(building: Building) -> None:
    session = building.session(description="\x01" * 2000, notes="\x01" * 2000)  # each six characters where it is kept
    done = building.change(session)
    assert (done.undo_id, done.too_much) == (None, False)
    assert building.change(session, places=9).too_much is True


def _took_part(db: Db, partnership_id: int, session_id: int, ids: range, *, now: datetime) -> None:
    """So many who had a place once: how they took part is kept too."""
    people = [{"id": one, "partnership_id": partnership_id, "name": "Ann", "created_at": now} for one in ids]
    db.connection().execute(insert(Person), people)
    once = {"partnership_id": partnership_id, "session_id": session_id, "mode": Mode.ROOM, "state": BookingState.CANCELLED, "asked_at": now}
    db.connection().execute(insert(Booking), [{"id": one, "person_id": one} | once for one in ids])


# ── who has heard already, and who was about to hear something else ─────────────────────────────────────────


def test_who_has_heard_already_hears_that_it_is_as_before(building: Building) -> None:
    """An edit is told at once where the clock of the sender runs ahead of ours: here by hand."""
    session, _ = booked(building)
    undo_id = moved(building, session)
    (update,) = [number for number in building.claim() if building.notice(number).kind is Kind.UPDATE] or [0]
    assert update == 0  # it settles
    building.later(minutes=2)
    (update,) = building.claim()
    assert building.hand_over(update) is not None
    building.sent(update)
    building.now -= timedelta(seconds=30)
    assert undo(building, undo_id) == Undone(session, told=1)
    assert told(building) == [(Kind.UPDATE, ("time",))]


def test_an_older_edit_that_has_not_been_told_yet_is_still_told(building: Building) -> None:
    session, _ = booked(building)
    building.change(session, notes="Bring a pen.")
    building.later(minutes=1)
    undo(building, changed(building, session, venue="Elsewhere"))
    assert told(building) == [(Kind.UPDATE, ("notes",))]


def test_an_invitation_that_never_left_says_how_it_is(building: Building) -> None:
    session = building.session()
    building.book(session, building.person(1))
    undo_id = moved(building, session)
    undo(building, undo_id)
    building.later(minutes=3)
    (letter,) = building.deliver()
    assert (letter.kind, letter.session and letter.session.starts_at) == (Kind.INVITATION, START)


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


# ── refused ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_undo_is_harmless_twice(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    assert (undo(building, undo_id), undo(building, undo_id)) == (Undone(session), Undone(session, already=True))


def test_a_later_edit_makes_the_earlier_undo_refuse(building: Building) -> None:
    session, _ = booked(building)
    earlier = moved(building, session)
    later = changed(building, session, places=7)
    with pytest.raises(Closed, match="This session has been changed again since"):
        undo(building, earlier)
    undo(building, later)
    with pytest.raises(Closed, match="This session has been changed again since"):
        undo(building, earlier)
    assert (described(building, session).starts_at, described(building, session).places) == (START + HOUR, 5)


def test_it_is_too_late_once_people_are_told(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    building.later(minutes=2)
    with pytest.raises(Closed, match="It is too late to undo this"):
        undo(building, undo_id)
    assert described(building, session).starts_at == START + HOUR


def test_what_is_told_at_once_cannot_be_undone_and_stops_an_earlier_undo(building: Building) -> None:
    session, _ = booked(building)
    building.now = START - timedelta(hours=2)
    earlier = changed(building, session, places=9)
    building.later(seconds=1)
    assert building.change(session, venue="Elsewhere").undo_id is None
    with pytest.raises(Closed, match="changed again"):
        undo(building, earlier)


def test_a_cancelled_session_stays_cancelled(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    building.call_off(session)
    with pytest.raises(Closed, match="This session has been cancelled since"):
        undo(building, undo_id)


def test_another_partnership_undoes_nothing(building: Building) -> None:
    session, _ = booked(building)
    undo_id = moved(building, session)
    with pytest.raises(NotFound):
        building.write(undoing.undo, building.partnership_id + 1, undo_id, building.rules, actor=ACTOR, now=building.now)
    with pytest.raises(NotFound):
        undo(building, 999)


def test_an_edit_that_changes_nothing_has_nothing_to_undo(building: Building) -> None:
    session, _ = booked(building)
    assert building.change(session).undo_id is None
    assert building.read(rows, Undo) == []


def test_old_undos_are_forgotten(building: Building) -> None:
    session, _ = booked(building)
    for number in range(4):
        changed(building, session, notes=f"Note {number}")
        building.later(minutes=5)
    assert len(building.read(rows, Undo)) == 1


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


# ── those who wait ──────────────────────────────────────────────────────────────────────────────────────────


def test_who_waits_hears_that_the_session_moves_without_calendar_or_link(building: Building) -> None:
    session = building.online(provider=Provider.GIVEN, given_link="https://meet.example.org/secret", places=1)
    building.book(session, building.person(1))
    building.book(session, building.person(2))
    building.book(session, building.person(3, reminders_by_chat=True))
    building.deliver()
    building.later(minutes=10)
    moved(building, session)
    building.later(minutes=3)
    left = {letter.recipient.name: letter for letter in building.deliver()}
    assert [(one.channel, one.kind, one.waiting, one.calendar is not None) for _, one in sorted(left.items())] == [
        (Channel.EMAIL, Kind.UPDATE, False, True),
        (Channel.EMAIL, Kind.UPDATE, True, False),
        (Channel.CHAT, Kind.UPDATE, True, False),
    ]
    assert [one.session.join_url for _, one in sorted(left.items()) if one.session] == ["https://meet.example.org/secret", None, None]
    assert left["Person 2"].changes == ("time",)


def test_three_quick_moves_are_one_message_to_who_waits_and_undone_ones_none(building: Building) -> None:
    session = building.session(places=1)
    building.book(session, building.person(1))
    building.book(session, building.person(2))
    building.deliver()
    building.later(minutes=10)
    undo(building, moved(building, session))
    assert told(building) == []
    moved(building, session)
    building.change(session, venue="Elsewhere")
    undo(building, moved(building, session, 2 * HOUR))
    building.later(minutes=3)
    waits = [letter for letter in building.deliver() if letter.waiting]
    assert [(letter.changes, letter.session and letter.session.starts_at) for letter in waits] == [(("time", "place"), START + HOUR)]


def test_who_has_a_place_by_then_does_not_hear_it_as_one_who_waits(building: Building) -> None:
    session = building.session(places=1)
    first, second = building.person(1), building.person(2)
    building.book(session, first)
    building.book(session, second)
    building.deliver()
    building.later(minutes=10)
    moved(building, session)
    building.cancel(session, first)
    building.later(minutes=3)
    assert sorted((letter.recipient.name, letter.kind.value) for letter in building.deliver()) == [
        ("Person 1", "cancellation"),
        ("Person 2", "promotion"),
    ]


# ── who presents ────────────────────────────────────────────────────────────────────────────────────────────


def test_who_presents_hears_nothing_of_what_was_undone(building: Building) -> None:
    session = building.session(presenter="Dr Okafor", presenter_address="okafor@council.gov.uk")
    building.deliver()
    building.later(minutes=10)
    undo_id = moved(building, session)
    assert [key.partition(":")[0] for key in building.owed()] == ["presenting"]
    undo(building, undo_id)
    assert told(building) == []


# ── what came in between ────────────────────────────────────────────────────────────────────────────────────


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


LINK = "https://meet.example.org/x"
ONLINE: dict[str, Any] = {"format": Format.ONLINE, "provider": Provider.GIVEN, "given_link": LINK, "venue": None}


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


def reminded(building: Building) -> None:
    building.later(minutes=1)
    building.write(owe_reminders, RulesBook({building.partnership_id: building.rules}), now=building.now)
    assert [one.kind for one in building.deliver()] == [Kind.REMINDER]


@pytest.mark.parametrize("whole_day", [True, False])
def test_who_was_reminded_while_it_settled_hears_that_it_was_undone(building: Building, whole_day: bool) -> None:
    lead = timedelta(hours=24 if whole_day else 26)
    building.rules = replace(building.rules, reminders=(lead,))
    session, person = booked(building)
    first = START - 2 * HOUR if whole_day else START
    if whole_day:  # it is owed for what comes first that day, and speaks of both
        building.book(building.session(starts_at=first), person)
        building.deliver()
    building.now = first - lead - timedelta(seconds=30)
    undo_id = changed(building, session, **ONLINE)
    reminded(building)
    assert undo(building, undo_id).told == 1
    building.later(minutes=3)
    told = [(one.kind, one.session and one.session.format) for one in building.deliver()]
    assert told == [(Kind.UPDATE, Format.IN_PERSON)]
