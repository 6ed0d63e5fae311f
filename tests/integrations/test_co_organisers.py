"""Co-organisers in Teams and alternative hosts in Zoom: sent whole, taken away again, and a refusal never loses the meeting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from domain.errors import Permanent
from domain.ports.meetings import MeetingMade, MeetingRequest
from integrations.teams import TeamsAccount, TeamsMeetings
from integrations.zoom import ZoomAccount, ZoomMeetings
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.zoom import ZoomRealm, ZoomStandIn

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
GRAPH = GraphRealm(hosts=("host-a",), people=("ann@uni.ac.uk", "bo@uni.ac.uk"))
ZOOM = ZoomRealm(hosts=("one@zoom.example",), licensed=("ann@uni.ac.uk", "bo@uni.ac.uk"))
PLAIN = MeetingRequest(
    "6f2c:1", "host-a", "Strengths", datetime(2027, 3, 15, 9, 30, tzinfo=UTC), datetime(2027, 3, 15, 10, 30, tzinfo=UTC), "Europe/London"
)
WITH = replace(PLAIN, co_organisers=("ann@uni.ac.uk", "bo@uni.ac.uk"))
STRANGER = replace(PLAIN, co_organisers=("ann@uni.ac.uk", "stranger@elsewhere.org"))


def on_zoom(wanted: MeetingRequest) -> MeetingRequest:
    return replace(wanted, host="one@zoom.example")


@pytest.fixture
async def graph() -> AsyncIterator[GraphStandIn]:
    async with GraphStandIn(clock=lambda: NOW, realm=GRAPH) as standin:
        yield standin


@pytest.fixture
async def teams(graph: GraphStandIn) -> AsyncIterator[TeamsMeetings]:
    meetings = TeamsMeetings(
        TeamsAccount(graph.base_url, graph.authority, GRAPH.tenant_id, GRAPH.client_id, GRAPH.client_secret), seconds=20
    )
    yield meetings
    await meetings.aclose()


@pytest.fixture
async def standin() -> AsyncIterator[ZoomStandIn]:
    async with ZoomStandIn(clock=lambda: NOW, realm=ZOOM) as service:
        yield service


@pytest.fixture
async def zoom(standin: ZoomStandIn) -> AsyncIterator[ZoomMeetings]:
    account = ZoomAccount(standin.api_base, standin.oauth_base, ZOOM.account_id, ZOOM.client_id, ZOOM.client_secret)
    meetings = ZoomMeetings(account, seconds=10)
    yield meetings
    await meetings.aclose()


def attendees(graph: GraphStandIn) -> list[tuple[str, str]]:
    (meeting,) = graph.living
    return [(one["upn"], one["role"]) for one in meeting.settings["participants"]["attendees"]]


async def test_teams_is_told_every_co_organiser_and_when_they_go(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    made = await teams.create(WITH)
    assert attendees(graph) == [("ann@uni.ac.uk", "coorganizer"), ("bo@uni.ac.uk", "coorganizer")]
    assert await teams.change(made, replace(WITH, co_organisers=("bo@uni.ac.uk",))) == made
    assert attendees(graph) == [("bo@uni.ac.uk", "coorganizer")]
    assert await teams.change(made, PLAIN) == made
    assert attendees(graph) == []


async def test_a_meeting_stands_in_teams_without_a_co_organiser_of_another_tenant(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    made = await teams.create(STRANGER)
    assert (made.without_co_organisers, len(graph.living), attendees(graph)) == (True, 1, [])
    assert await teams.change(made, WITH) == replace(made, without_co_organisers=False)
    assert await teams.recover(STRANGER) == made


async def test_a_meeting_that_is_gone_from_teams_is_not_mistaken_for_a_refusal(teams: TeamsMeetings) -> None:
    with pytest.raises(Permanent, match="gone"):
        await teams.change(MeetingMade("MSo-nothing", "https://teams.example/x"), WITH)


async def test_zoom_is_told_its_alternative_hosts_and_when_they_go(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    made = await zoom.create(on_zoom(replace(WITH, co_organisers=(*WITH.co_organisers, "One@zoom.example"))))
    (meeting,) = standin.living
    assert (made.without_co_organisers, meeting.settings["alternative_hosts"]) == (False, "ann@uni.ac.uk;bo@uni.ac.uk")
    await zoom.change(made, on_zoom(PLAIN))
    assert standin.living[0].settings["alternative_hosts"] == ""


async def test_a_meeting_stands_on_zoom_without_somebody_who_is_not_licensed(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    made = await zoom.create(on_zoom(STRANGER))
    assert (made.without_co_organisers, len(standin.meetings)) == (True, 1)
    assert await zoom.change(made, on_zoom(WITH)) == replace(made, without_co_organisers=False)
    again = await zoom.change(made, on_zoom(replace(STRANGER, title="Moved")))
    assert (again.without_co_organisers, standin.living[0].title) == (True, "Moved")
    assert await zoom.recover(on_zoom(STRANGER)) == made
    assert len(standin.meetings) == 1


@pytest.mark.parametrize(("named", "status"), [("ann@uni.ac.uk", 201), ("x@uni.ac.uk", 400), ("one@zoom.example", 400), (7, 400)])
async def test_the_zoom_stand_in_refuses_whom_zoom_refuses(standin: ZoomStandIn, named: object, status: int) -> None:
    async with httpx.AsyncClient() as client:
        form = {"grant_type": "account_credentials", "account_id": ZOOM.account_id}
        told = await client.post(f"{standin.oauth_base}/oauth/token", data=form, auth=(ZOOM.client_id, ZOOM.client_secret))
        headers = {"Authorization": f"Bearer {told.json()['access_token']}"}
        body = {"topic": "x", "type": 2, "settings": {"alternative_hosts": named}}
        answer = await client.post(f"{standin.api_base}/users/one@zoom.example/meetings", json=body, headers=headers)
    assert answer.status_code == status
