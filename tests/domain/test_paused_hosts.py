"""Meetings while a service, or one host of it, has asked to be left alone."""

from __future__ import annotations

from datetime import timedelta

from domain.kinds import Provider
from domain.limits import host_account, pause
from domain.models import Host, HostDay, MeetingState
from domain.provision import outcomes, turns
from domain.provision.turns import Action, Work
from tests.building import START, Building, rows

SECONDS = 3600.0


def claimed(building: Building) -> list[Work]:
    return list(building.write(turns.claim, building.rules, now=building.now))


def close(building: Building, account: str) -> None:
    building.write(pause, host_account(Provider.ZOOM, account), SECONDS, "this Zoom host has reached its limit for today", now=building.now)


def test_a_host_that_is_paused_gives_way_to_another(building: Building) -> None:
    building.host(Provider.ZOOM, "one", at_once=2)
    session_id = building.online(provider=Provider.ZOOM)
    building.host(Provider.ZOOM, "two", at_once=2)
    close(building, "one")
    assert [(work.session_id, work.action, work.wanted.host) for work in claimed(building)] == [(session_id, Action.CREATE, "two")]
    assert [work.wanted.host for work in claimed(building)] == []


def test_a_new_session_is_given_a_host_that_is_not_paused(building: Building) -> None:
    building.host(Provider.ZOOM, "one")
    building.host(Provider.ZOOM, "two")
    close(building, "one")
    building.online(provider=Provider.ZOOM)
    assert [work.wanted.host for work in claimed(building)] == ["two"]


def test_where_every_host_is_paused_nothing_is_asked_until_the_pause_is_over_even_of_today(building: Building) -> None:
    building.host(Provider.ZOOM, "one")
    building.now = START - timedelta(hours=3)
    session_id = building.online(provider=Provider.ZOOM)
    close(building, "one")
    assert claimed(building) == []
    (meeting,) = building.meetings(session_id)
    assert (meeting.state, meeting.attempts, meeting.next_try_at) == (MeetingState.WANTED, 0, building.now + timedelta(seconds=SECONDS))
    building.later(seconds=SECONDS)
    assert [work.action for work in claimed(building)] == [Action.CREATE]


def test_what_was_held_is_no_attempt_and_none_of_the_hosts_calls(building: Building) -> None:
    building.host(Provider.ZOOM, "one")
    session_id = building.online(provider=Provider.ZOOM)
    for _ in range(3):
        (work,) = claimed(building)
        building.write(
            outcomes.not_done, work, "others' limits", permanent=False, unknown=False, retry_after=30.0, held=True, now=building.now
        )
        (meeting,) = building.meetings(session_id)
        assert (meeting.state, meeting.attempts) == (MeetingState.WANTED, 0)
        building.later(minutes=1)
    assert [day.calls for day in building.read(rows, HostDay)] == [0]
    assert len(building.read(rows, Host)) == 1
