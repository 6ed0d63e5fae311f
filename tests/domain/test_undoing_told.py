"""Who hears of an edit that is undone: nobody of what never was, and who has heard already that it is as before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.kinds import Channel, Format, Kind, Provider
from domain.reminders import owe_reminders
from domain.rules import RulesBook
from domain.undoing import Undone
from tests.building import START, Building
from tests.domain.undoing_building import HOUR, ONLINE, booked, changed, moved, told, undo

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
