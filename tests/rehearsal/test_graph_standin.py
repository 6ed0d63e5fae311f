"""The Graph stand-in is as strict as the service. Spoken to in plain HTTP, without the SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from rehearsal import faults
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.serving import Call

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
REALM = GraphRealm(hosts=("host-a", "host-b"), without_policy=("host-c",))
NEW = {
    "externalId": "6f2c:1",
    "subject": "Panel",
    "startDateTime": "2027-03-15T09:30:00+00:00",
    "endDateTime": "2027-03-15T10:30:00+00:00",
}
CHANGE = {
    "startDateTime": "2027-03-16T09:30:00Z",
    "endDateTime": "2027-03-16T10:30:00Z",
    "participants": {"attendees": []},
    "lobbyBypassSettings": {"scope": "everyone"},
}
CREATE = "/users/host-a/onlineMeetings/createOrGet"


@dataclass
class Hand:
    """A clock that is moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
async def graph(clock: Hand) -> AsyncIterator[GraphStandIn]:
    async with GraphStandIn(clock=clock, realm=REALM) as standin:
        yield standin


@pytest.fixture
async def http(graph: GraphStandIn) -> AsyncIterator[httpx.AsyncClient]:
    token = graph.issue_token(REALM.audience)
    async with httpx.AsyncClient(base_url=graph.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
        yield client


def form(**changed: str) -> dict[str, str]:
    whole = {
        "grant_type": "client_credentials",
        "client_id": REALM.client_id,
        "client_secret": REALM.client_secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    return whole | changed


async def test_a_token_opens_graph_for_an_hour(graph: GraphStandIn, http: httpx.AsyncClient, clock: Hand) -> None:
    answer = await http.post(f"{graph.authority}/{REALM.tenant_id}/oauth2/v2.0/token", data=form())
    assert (answer.status_code, answer.json()["expires_in"], answer.json()["token_type"]) == (200, 3599, "Bearer")
    signed = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await http.post(CREATE, json=NEW, headers=signed)).status_code == 201
    clock.now += timedelta(seconds=3599)
    late = await http.post(CREATE, json=NEW, headers=signed)
    assert (late.status_code, late.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    ("changed", "tenant", "status", "error"),
    [
        ({"client_secret": "wrong"}, REALM.tenant_id, 401, "invalid_client"),
        ({"client_id": "wrong"}, REALM.tenant_id, 400, "unauthorized_client"),
        ({"grant_type": "password"}, REALM.tenant_id, 400, "unsupported_grant_type"),
        ({"scope": "OnlineMeetings.ReadWrite.All"}, REALM.tenant_id, 400, "invalid_scope"),
        ({"scope": "http://127.0.0.1/.default"}, REALM.tenant_id, 400, "invalid_scope"),
        ({}, "another-tenant", 400, "invalid_request"),
    ],
)
async def test_a_sign_in_that_is_not_right_is_refused(
    graph: GraphStandIn, http: httpx.AsyncClient, changed: dict[str, str], tenant: str, status: int, error: str
) -> None:
    answer = await http.post(f"{graph.authority}/{tenant}/oauth2/v2.0/token", data=form(**changed))
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer made-up", "other-audience"])
async def test_without_a_token_for_graph_nothing_is_made(graph: GraphStandIn, http: httpx.AsyncClient, header: str) -> None:
    signed = f"Bearer {graph.issue_token('https://outlook.office.com')}" if header == "other-audience" else header
    answer = await http.post(CREATE, json=NEW, headers={"Authorization": signed})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert graph.meetings == []


async def test_the_same_external_id_gives_the_same_meeting(graph: GraphStandIn, http: httpx.AsyncClient) -> None:
    first, second = [await http.post(CREATE, json=NEW) for _ in range(2)]
    other_host = await http.post("/users/host-b/onlineMeetings/createOrGet", json=NEW)
    assert [answer.status_code for answer in (first, second, other_host)] == [201, 200, 201]
    assert first.json() == second.json()
    assert first.json()["joinWebUrl"].startswith("https://teams.example/l/meetup-join/")
    assert other_host.json()["id"] != first.json()["id"]
    assert len(graph.meetings) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"lobbyBypassSettings": {"scope": "everyone"}},
        {"allowedPresenters": "everyone"},
        {"externalId": ""},
        {"startDateTime": "2027-03-15T09:30:00"},
        {"startDateTime": "15/03/2027 09:30"},
        {"endDateTime": None},
        {"endDateTime": NEW["startDateTime"]},
    ],
)
async def test_create_or_get_refuses_what_the_service_refuses(
    graph: GraphStandIn, http: httpx.AsyncClient, changed: dict[str, Any]
) -> None:
    answer = await http.post(CREATE, json={**NEW, **changed})
    assert (answer.status_code, answer.json()["error"]["code"], graph.meetings) == (400, "BadRequest", [])


async def test_a_body_that_is_not_json_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.post(CREATE, content=b"{")).status_code == 400


@pytest.mark.parametrize(("host", "status"), [("nobody", 404), ("host-c", 403)])
async def test_only_known_hosts_under_the_policy_hold_meetings(http: httpx.AsyncClient, host: str, status: int) -> None:
    assert (await http.post(f"/users/{host}/onlineMeetings/createOrGet", json=NEW)).status_code == status


async def test_a_patch_changes_the_times_and_settings(graph: GraphStandIn, http: httpx.AsyncClient, clock: Hand) -> None:
    made = (await http.post(CREATE, json=NEW)).json()
    clock.now += timedelta(minutes=1)
    answer = await http.patch(f"/users/host-a/onlineMeetings/{made['id']}", json=CHANGE)
    read = await http.get(f"/users/host-a/onlineMeetings/{made['id']}")
    assert (answer.status_code, answer.json()) == (200, read.json())
    assert read.json() == {
        **made,
        "startDateTime": "2027-03-16T09:30:00Z",
        "endDateTime": "2027-03-16T10:30:00Z",
        "lobbyBypassSettings": {"scope": "everyone"},
    }
    assert graph.meetings[0].changed_at == [clock.now]


@pytest.mark.parametrize(
    "changed",
    [
        {"startDateTime": None},
        {"endDateTime": None},
        {"participants": None},
        {"participants": {}},
        {"lobbyBypassSettings": {"scope": "anyone"}},
        {"externalId": "6f2c:2"},
        {"joinWebUrl": "https://teams.example/mine"},
    ],
)
async def test_a_patch_needs_both_times_and_the_participants(graph: GraphStandIn, http: httpx.AsyncClient, changed: dict[str, Any]) -> None:
    made = (await http.post(CREATE, json=NEW)).json()
    body = {name: value for name, value in {**CHANGE, **changed}.items() if value is not None}
    answer = await http.patch(f"/users/host-a/onlineMeetings/{made['id']}", json=body)
    assert (answer.status_code, graph.meetings[0].changed_at) == (400, [])


async def test_a_deleted_meeting_is_gone_and_its_ref_makes_a_new_one(graph: GraphStandIn, http: httpx.AsyncClient) -> None:
    made = (await http.post(CREATE, json=NEW)).json()
    path = f"/users/host-a/onlineMeetings/{made['id']}"
    assert [(await http.delete(path)).status_code for _ in range(2)] == [204, 404]
    assert [(await http.get(path)).status_code, (await http.patch(path, json=CHANGE)).status_code] == [404, 404]
    again = await http.post(CREATE, json=NEW)
    assert (again.status_code, again.json()["id"] != made["id"]) == (201, True)
    assert [held.deleted_at for held in graph.meetings] == [NOW, None]


async def test_ids_and_links_come_from_the_seed_and_not_from_the_order(clock: Hand) -> None:
    seen = []
    for seed, refs in ((1, ("a", "b")), (1, ("b", "a")), (2, ("a", "b"))):
        async with GraphStandIn(clock=clock, realm=REALM, seed=seed) as graph, httpx.AsyncClient(base_url=graph.base_url) as http:
            signed = {"Authorization": f"Bearer {graph.issue_token(REALM.audience)}"}
            for ref in refs:
                await http.post(CREATE, json={**NEW, "externalId": ref}, headers=signed)
            seen.append(graph.dump())
    assert seen[0] == seen[1]
    assert {held["join_url"] for held in seen[0]}.isdisjoint({held["join_url"] for held in seen[2]})


async def test_every_call_is_on_the_record(graph: GraphStandIn, http: httpx.AsyncClient, clock: Hand) -> None:
    made = (await http.post(CREATE, json=NEW)).json()["id"]
    clock.now += timedelta(seconds=1)
    graph.faults.next("POST", "createOrGet$", faults.DROP_AFTER_EFFECT)
    with pytest.raises(httpx.RemoteProtocolError):
        await http.post(CREATE, json=NEW)
    await http.get("/nothing")
    path = f"/v1.0{CREATE}"
    assert graph.calls == [
        Call("POST", path, NOW, 201, f"created {made}"),
        Call("POST", path, clock.now, None, f"found {made}", "dropped after the effect"),
        Call("GET", "/v1.0/nothing", clock.now, 404),
    ]


async def test_an_outage_lasts_from_its_start_to_just_before_its_end(graph: GraphStandIn, http: httpx.AsyncClient, clock: Hand) -> None:
    graph.faults.outage(NOW + timedelta(minutes=1), NOW + timedelta(minutes=2), retry_after=60)
    seen = []
    for minute in range(3):
        clock.now = NOW + timedelta(minutes=minute)
        answer = await http.post(CREATE, json=NEW)
        seen.append((answer.status_code, answer.headers.get("Retry-After"), answer.headers["Date"]))
    assert seen == [
        (201, None, "Mon, 08 Mar 2027 09:00:00 GMT"),
        (503, "60", "Mon, 08 Mar 2027 09:01:00 GMT"),
        (200, None, "Mon, 08 Mar 2027 09:02:00 GMT"),
    ]


async def test_a_fault_of_the_stand_in_itself_comes_out_at_its_end(clock: Hand) -> None:
    standin = GraphStandIn(clock=clock, realm=REALM)
    await standin.__aenter__()
    signed = {"Authorization": f"Bearer {standin.issue_token(REALM.audience)}"}
    del standin.realm
    async with httpx.AsyncClient(base_url=standin.base_url, headers=signed) as http:
        assert (await http.post(CREATE, json=NEW)).status_code == 500
    with pytest.raises(AttributeError):
        await standin.__aexit__(None, None, None)
