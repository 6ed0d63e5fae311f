"""The verdict on a rehearsal: it says nothing of an honest week, and names the one thing that was spoiled in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.kinds import Mode, Provider
from domain.models import Host, Presenter, SessionState
from rehearsal.evidence import RoomHeld
from tests.rehearsal.verdict_checks import (
    ANN_S,
    CANCELLATIONS,
    CODES,
    ELSEWHERE,
    HOSTS,
    HOUR,
    INVITATIONS,
    NAMES,
    NOT_REMINDED,
    ONE_MEETING,
    ONE_REMINDER,
    OTHER_LINK,
    OWED,
    PLACES,
    REMINDED,
    REPEATS,
    RISING,
    WALL_TIME,
)
from tests.verdict_building import ANN, CAT, GIL, MISTYPED, Case

# ── an honest week ──────────────────────────────────────────────────────────────────────────────────────────


def test_of_an_honest_week_it_says_nothing(case: Case) -> None:
    assert case.breaches() == {}


def test_every_check_has_looked_at_something(case: Case) -> None:
    """What this week has nothing of is looked at in `test_verdict_full` and `test_verdict_pages`."""
    assert [(check.name, check.looked_at) for check in case.checks() if check.name not in ELSEWHERE] == [
        (PLACES, 8),
        (INVITATIONS, 8),
        (CANCELLATIONS, 3),
        (RISING, 5),
        (REPEATS, 44),
        (WALL_TIME, 16),
        (ONE_REMINDER, 8),
        (REMINDED, 16),
        (NOT_REMINDED, 16),
        (ONE_MEETING, 7),
        (HOSTS, 4),
        (OWED, 50),
        (CODES, 4),
        (NAMES, 1),
    ]
    assert {check.name: check.looked_at for check in case.checks() if check.name in ELSEWHERE} == dict.fromkeys(ELSEWHERE, 0)


def test_the_capitals_of_an_address_make_no_other_address(case: Case) -> None:
    case.alter(case.person(ANN), email=ANN_S.upper())
    assert case.breaches() == {}


def test_the_same_message_twice_is_one_message(case: Case) -> None:
    again = case.entry("strengths", ANN_S)[0]
    case.invitations.append(again)
    case.mails.append(case.mail(again.message_id))
    assert case.breaches() == {}


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_overbooked_session_is_named(case: Case) -> None:
    case.alter(case.session("strengths"), places=1)
    assert case.breaches() == {PLACES: (f"{case.session('strengths').reference}: 2 people have 1 places",)}


@pytest.mark.parametrize(("places", "where"), [("places", "in the room"), ("online_places", "online")])
def test_a_hybrid_session_has_two_kinds_of_places(case: Case, places: str, where: str) -> None:
    case.alter(case.session("hybrid"), **{places: 0})
    assert case.breaches() == {PLACES: (f"{case.session('hybrid').reference}: 1 people have 0 places {where}",)}


def test_a_place_that_is_taken_in_the_wrong_way_counts_all_the_same(case: Case) -> None:
    """A booking for the room of a session online: not to be missed because it is counted by its way."""
    case.alter(case.session("strengths"), places=1)
    case.alter(case.booking("strengths", CAT), mode=Mode.ROOM)
    assert case.breaches() == {PLACES: (f"{case.session('strengths').reference}: 2 people have 1 places",)}


# ── meetings and hosts ──────────────────────────────────────────────────────────────────────────────────────


def test_a_second_meeting_of_a_session_is_named(case: Case) -> None:
    room, ref = case.room("empty"), case.session("empty").reference
    case.rooms.append(replace(room, ref=room.ref.replace(":1", ":2"), host="organiser-3"))
    case.add(Host(partnership_id=1, provider=Provider.TEAMS, account="organiser-3"))
    assert case.breaches() == {ONE_MEETING: (f"{ref} should have 1 meeting and has 2",)}


def test_a_meeting_of_a_cancelled_session_is_named(case: Case) -> None:
    session = case.session("cancelled")
    case.rooms.append(RoomHeld(Provider.TEAMS, "organiser-1", f"{session.uid}:1", session.starts_at, session.ends_at, OTHER_LINK))
    assert case.breaches() == {ONE_MEETING: (f"{session.reference} should have 0 meetings and has 1",)}


def test_a_session_without_the_meeting_that_it_needs_is_named(case: Case) -> None:
    case.rooms.remove(case.room("empty"))
    assert case.breaches() == {ONE_MEETING: (f"{case.session('empty').reference} should have 1 meeting and has 0",)}


def test_a_meeting_at_another_time_is_named(case: Case) -> None:
    room, ref = case.room("empty"), case.session("empty").reference
    case.swap(room, starts_at=room.starts_at + HOUR, ends_at=room.ends_at + HOUR)
    words = f"the meeting of {ref} is at 17 Mar 10:30 to 11:15, the session at 17 Mar 09:30 to 10:15 (UTC)"
    assert case.breaches() == {ONE_MEETING: (words,)}


def test_a_meeting_with_another_service_is_named(case: Case) -> None:
    case.swap(case.room("empty"), provider=Provider.ZOOM, host="host-1")
    ref = case.session("empty").reference
    assert case.breaches() == {ONE_MEETING: (f"the meeting of {ref} is on zoom, the session on teams",)}


def test_a_meeting_of_no_session_is_named(case: Case) -> None:
    room = case.room("empty")
    stray = replace(room, ref="", starts_at=room.starts_at + timedelta(days=1), ends_at=room.ends_at + timedelta(days=1))
    case.rooms.append(stray)
    assert case.breaches() == {ONE_MEETING: ("there is a meeting  of no session",)}


def test_a_host_over_its_allowance_is_named(case: Case) -> None:
    case.swap(case.room("empty"), host=case.room("hybrid").host)
    words = f"the teams host {case.room('hybrid').host} has 2 meetings at 17 Mar 09:30 (UTC)"
    assert case.breaches() == {HOSTS: (words,)}


def test_a_host_that_is_not_ours_has_no_allowance(case: Case) -> None:
    case.swap(case.room("empty"), host="a-stranger")
    assert case.breaches() == {HOSTS: ("the teams host a-stranger has 1 meetings at 17 Mar 09:30 (UTC)",)}


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("said", ["Person 1 has a place", "PERSON 1", ANN_S, ANN_S.upper(), "<@1> has a place", "<@!1>", r"Person\ 1"])
def test_somebody_named_in_a_public_channel_is_found(case: Case, said: str) -> None:
    case.public["#organisers"] = f"2027-03-01 09:00 Practice Week\n    {said}\n"
    assert case.breaches() == {NAMES: (f"person {case.person(ANN).id} is named in #organisers",)}


def test_a_presenter_may_have_the_name_of_somebody_who_signs_up(case: Case) -> None:
    case.add(Presenter(partnership_id=1, session_id=case.session("strengths").id or 0, label="Dr Person 1, Solihull"))
    case.public["#practice-week"] += "\nLed by Dr Person 1, Solihull"
    assert case.breaches() == {}
    case.public["#practice-week"] += "\n<@1> has a place"
    assert case.breaches() == {NAMES: (f"person {case.person(ANN).id} is named in #practice-week",)}


# ── several at once ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_breach_is_named_and_each_once(case: Case) -> None:
    case.alter(case.session("strengths"), places=1)
    case.alter(case.session("empty"), state=SessionState.CANCELLED)
    case.public["#practice-week"] = f"{ANN_S} and {ANN_S}"
    assert {name: len(said) for name, said in case.breaches().items()} == {PLACES: 1, ONE_MEETING: 1, NAMES: 1}


def test_gil_has_two_addresses_and_neither_is_his(case: Case) -> None:
    """The story holds what the tests above rely on."""
    assert [one.to for one in case.mails if one.to in (MISTYPED, f"person{GIL}@council.gov.uk")] == [
        MISTYPED,
        f"person{GIL}@council.gov.uk",
    ]
    assert case.person(GIL).proven_at is None
