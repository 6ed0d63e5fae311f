"""Who holds a meeting: the free host, the least used one, and what is done when there is none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.kinds import Provider
from domain.moving import MovePreview, preview_move
from tests.building import START, Building
from tests.domain.providing import Providing


def hosts_of(building: Building, *sessions: int) -> list[int | None]:
    return [building.meetings(session)[-1].host_id for session in sessions]


def test_no_free_host_is_said_at_once_and_found_when_one_frees(providing: Providing) -> None:
    building = providing.building
    first, second = building.online(provider=Provider.ZOOM), building.online(provider=Provider.ZOOM)
    providing.tick()
    assert (providing.states(first), providing.states(second)) == ([(1, "ready", "m1")], [(1, "wanted", None)])
    assert building.meetings(second)[0].error == "no host is free at this time"
    building.call_off(first)
    providing.wait(minutes=10)
    assert (providing.states(first), providing.states(second)) == ([(1, "gone", None)], [(1, "ready", "m2")])


def test_a_session_without_a_host_that_moves_to_a_free_hour_has_one_at_once(providing: Providing) -> None:
    building = providing.building
    building.online(provider=Provider.ZOOM)
    second = building.online(provider=Provider.ZOOM)
    assert building.move(second, START + timedelta(hours=3)).no_host == ""
    providing.tick()
    assert providing.states(second) == [(1, "ready", "m2")]


@pytest.mark.parametrize(("minutes", "free"), [(64, False), (65, True)])
def test_ten_minutes_are_kept_free_on_either_side(providing: Providing, minutes: int, free: bool) -> None:
    building = providing.building
    building.online(provider=Provider.ZOOM)
    second = building.online(provider=Provider.ZOOM, starts_at=START + timedelta(minutes=minutes))
    assert (hosts_of(building, second) != [None]) is free


def test_a_host_runs_as_many_at_once_as_it_may(providing: Providing) -> None:
    building = providing.building
    one, two, three = (building.online() for _ in range(3))
    assert hosts_of(building, one, two, three) == [1, 1, None]


def test_the_least_used_host_is_taken(providing: Providing) -> None:
    building = providing.building
    second = building.host(Provider.ZOOM, "host-2")
    sessions = [building.online(provider=Provider.ZOOM, starts_at=START + timedelta(hours=2 * n)) for n in range(3)]
    assert hosts_of(building, *sessions) == [2, second, 2]


def test_a_move_to_an_hour_when_its_host_is_busy_takes_another_and_says_so_beforehand(providing: Providing) -> None:
    building = providing.building
    later = START + timedelta(hours=3)
    building.online(provider=Provider.ZOOM, starts_at=later)
    session = building.online(provider=Provider.ZOOM)
    building.book(session, building.person(1))
    providing.tick()

    def preview() -> MovePreview:
        return building.read(
            preview_move, building.partnership_id, session, later, later + timedelta(minutes=45), building.rules, now=building.now
        )

    assert preview() == MovePreview(1, (), link_stays=False, host_free=False)
    other = building.host(Provider.ZOOM, "host-2")
    assert preview() == MovePreview(1, (), link_stays=False, host_free=True, host="host-2")
    building.move(session, later)
    assert hosts_of(building, session) == [other]
    providing.wait(minutes=2)  # while it can be undone, the old one is kept
    assert [(generation, state) for generation, state, _ in providing.states(session)] == [(1, "gone"), (2, "ready")]


def test_a_host_that_has_had_its_calls_for_today_is_spared_until_tomorrow(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1", per_day=8)
    providing = Providing(building)
    for hour in range(6):
        building.online(provider=Provider.ZOOM, starts_at=START + timedelta(hours=2 * hour))
    providing.tick()
    assert len(providing.service.calls) == 3  # five are kept for changes by hand
    building.host(Provider.ZOOM, "host-2", per_day=6)
    providing.wait(hours=1)
    assert len(providing.service.calls) == 3
    building.now = datetime(2027, 3, 2, tzinfo=building.now.tzinfo)
    providing.tick()
    assert [wanted.host for wanted in providing.service.meetings.values()] == ["host-1"] * 6


def test_another_host_helps_out_where_one_has_had_its_calls(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1", per_day=6)
    providing = Providing(building)
    for hour in range(2):
        building.online(provider=Provider.ZOOM, starts_at=START + timedelta(hours=2 * hour))
    building.host(Provider.ZOOM, "host-2", per_day=6)
    providing.tick()
    assert [wanted.host for wanted in providing.service.meetings.values()] == ["host-1", "host-2"]


def test_what_begins_today_is_tried_all_the_same(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1", per_day=6)
    providing = Providing(building)
    for hour in (3, 5):
        building.online(provider=Provider.ZOOM, starts_at=building.now + timedelta(hours=hour))
    providing.tick()
    assert providing.service.calls == ["create", "create"]
