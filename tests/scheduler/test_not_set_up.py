"""A session whose service this installation does not have: said at once and plainly, and healed when the service comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.attention import Concern, attention
from domain.hosts import sync_hosts
from domain.kinds import Provider
from domain.models import MeetingState
from domain.ports.meetings import MeetingMade, MeetingProvider, MeetingRequest
from domain.provision.outcomes import ATTEMPTS
from scheduler.ticks import Ticks
from tests.building import START, Building

SAID = "Zoom is not set up here. Choose another provider or give a link of your own with /session provider, or ask for Zoom."


class Zoom:
    """A Zoom that makes what it is asked for."""

    async def create(self, wanted: MeetingRequest) -> MeetingMade:
        return MeetingMade("1", "https://zoom.example/j/1")

    recover = create

    async def change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        return made

    async def remove(self, made: MeetingMade, wanted: MeetingRequest) -> None:
        pass

    async def sweep(self, wanted: MeetingRequest, keep: MeetingMade | None) -> int:
        return 0


def ticks(building: Building, providers: Mapping[Provider, MeetingProvider]) -> Ticks:
    return Ticks(building.store, building.rules, clock=lambda: building.now, by="this process", providers=providers, channels={})


def said(building: Building, session_id: int) -> list[tuple[Concern, str]]:
    items = building.store.read_now(attention, building.partnership_id, None, building.rules, now=building.now)
    return [(one.concern, one.sentence.split("no link to join. ")[-1]) for one in items if one.session_id == session_id]


async def test_without_any_host_the_service_is_said_to_be_missing_and_not_the_hour(building: Building) -> None:
    session_id = building.online(provider=Provider.ZOOM)
    await ticks(building, {}).provide()
    assert said(building, session_id) == [(Concern.NO_HOST, SAID)]


async def test_a_service_that_is_switched_off_uses_up_no_attempt_and_heals_by_itself(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1")
    session_id = building.online(provider=Provider.ZOOM)
    for _ in range(ATTEMPTS + 3):
        await ticks(building, {}).provide()
        building.later(minutes=45)
    assert said(building, session_id) == [(Concern.NO_HOST, SAID)]
    assert building.meetings(session_id)[0].state is MeetingState.WANTED
    await ticks(building, {Provider.ZOOM: Zoom()}).provide()
    assert (building.meetings(session_id)[0].state, said(building, session_id)) == (MeetingState.READY, [])


async def test_once_a_host_is_there_it_is_the_hour_again(building: Building) -> None:
    session_id = building.online(provider=Provider.ZOOM)
    await ticks(building, {Provider.ZOOM: Zoom()}).provide()
    building.store.write_now(sync_hosts, building.partnership_id, [(Provider.ZOOM, "host-1", 1, None)])
    building.later(minutes=10)
    await ticks(building, {Provider.ZOOM: Zoom()}).provide()
    assert (building.meetings(session_id)[0].state, said(building, session_id)) == (MeetingState.READY, [])
    assert building.now < START - timedelta(hours=1)
