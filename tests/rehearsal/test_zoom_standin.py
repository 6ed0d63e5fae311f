"""The Zoom stand-in is as strict as the service. Spoken to in plain HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
import pytest

from rehearsal import faults
from rehearsal.zoom import ZoomRealm, ZoomStandIn

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
HOST, OTHER = "one@zoom.example", "two@zoom.example"
REALM = ZoomRealm(hosts=(HOST, OTHER))
CREATE = f"/users/{HOST}/meetings"
NEW = {
    "topic": "Panel",
    "type": 2,
    "start_time": "2027-07-12T08:30:00Z",
    "duration": 90,
    "timezone": "Europe/London",
    "agenda": "ref:6f2c:1",
    "settings": {"join_before_host": True},
}


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
async def zoom(clock: Hand) -> AsyncIterator[ZoomStandIn]:
    async with ZoomStandIn(clock=clock, realm=REALM) as standin:
        yield standin


async def signed(zoom: ZoomStandIn) -> dict[str, str]:
    form = {"grant_type": "account_credentials", "account_id": REALM.account_id}
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{zoom.oauth_base}/oauth/token", data=form, auth=(REALM.client_id, REALM.client_secret))
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
async def http(zoom: ZoomStandIn) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=zoom.api_base, headers=await signed(zoom), timeout=20) as client:
        yield client


@pytest.mark.parametrize(
    ("form", "who", "status"),
    [
        ({"grant_type": "account_credentials", "account_id": REALM.account_id}, (REALM.client_id, REALM.client_secret), 200),
        ({"grant_type": "account_credentials", "account_id": REALM.account_id}, (REALM.client_id, "wrong"), 401),
        ({"grant_type": "account_credentials", "account_id": REALM.account_id}, None, 401),
        ({"grant_type": "account_credentials", "account_id": "wrong"}, (REALM.client_id, REALM.client_secret), 400),
        ({"grant_type": "client_credentials", "account_id": REALM.account_id}, (REALM.client_id, REALM.client_secret), 400),
    ],
)
async def test_signing_in_takes_basic_auth_and_the_account(
    zoom: ZoomStandIn, form: dict[str, str], who: tuple[str, str] | None, status: int
) -> None:
    async with httpx.AsyncClient(auth=who) as http:
        assert (await http.post(f"{zoom.oauth_base}/oauth/token", data=form)).status_code == status


async def test_a_token_ends_after_an_hour_with_code_124(http: httpx.AsyncClient, clock: Hand) -> None:
    clock.now += timedelta(seconds=3599)
    assert (await http.post(CREATE, json=NEW)).status_code == 201
    clock.now += timedelta(seconds=1)
    late = await http.post(CREATE, json=NEW)
    assert (late.status_code, late.json()) == (401, {"code": 124, "message": "Access token is expired."})
    nobody = await http.post(CREATE, json=NEW, headers={"Authorization": ""})
    assert (nobody.status_code, nobody.json()["code"]) == (401, 124)


async def test_the_same_post_twice_is_two_meetings_and_schedules_may_overlap(zoom: ZoomStandIn, http: httpx.AsyncClient) -> None:
    first, second = [(await http.post(CREATE, json=NEW)).json() for _ in range(2)]
    assert first["id"] != second["id"]
    assert [held.ref for held in zoom.living] == ["6f2c:1", "6f2c:1"]
    assert first["join_url"].startswith(f"https://zoom.example/j/{first['id']}?pwd=")
    assert first["settings"] == {"join_before_host": True, "waiting_room": True}


@pytest.mark.parametrize(
    ("start", "zone", "told"),
    [
        ("2027-07-12T09:30:00", "Europe/London", "2027-07-12T08:30:00Z"),
        ("2027-01-12T09:30:00", "Europe/London", "2027-01-12T09:30:00Z"),
        ("2027-07-12T09:30:00Z", "Europe/London", "2027-07-12T09:30:00Z"),
    ],
)
async def test_a_start_is_utc_with_z_and_wall_time_without(http: httpx.AsyncClient, start: str, zone: str, told: str) -> None:
    made = (await http.post(CREATE, json={**NEW, "start_time": start, "timezone": zone})).json()
    assert (made["start_time"], made["timezone"], made["duration"]) == (told, zone, 90)


@pytest.mark.parametrize(
    "changed",
    [
        {"start_time": "12/07/2027 09:30"},
        {"start_time": "2027-13-12T09:30:00Z"},
        {"start_time": "2027-07-12T09:30:00+01:00"},
        {"timezone": "London"},
        {"duration": 0},
        {"duration": "90"},
        {"topic": "x" * 201},
        {"agenda": "x" * 2001},
        {"settings": {"waiting_room": "yes"}},
        {"settings": []},
        {"type": 1},
    ],
)
async def test_what_is_not_valid_is_refused_with_code_300(zoom: ZoomStandIn, http: httpx.AsyncClient, changed: dict[str, Any]) -> None:
    answer = await http.post(CREATE, json={**NEW, **changed})
    assert (answer.status_code, answer.json()["code"], zoom.meetings) == (400, 300, [])


async def test_a_body_that_is_not_json_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.post(CREATE, content=b"[]")).json()["code"] == 300


async def test_unknown_hosts_and_meetings_have_their_codes(http: httpx.AsyncClient) -> None:
    answers = [
        await http.post("/users/nobody/meetings", json=NEW),
        await http.get("/users/nobody/meetings"),
        await http.get("/meetings/81234567890"),
        await http.patch("/meetings/81234567890", json=NEW),
        await http.delete("/meetings/81234567890"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, 1001)] * 2 + [(404, 3001)] * 3


async def test_a_patch_changes_only_what_it_names(zoom: ZoomStandIn, http: httpx.AsyncClient, clock: Hand) -> None:
    made = (await http.post(CREATE, json=NEW)).json()
    clock.now += timedelta(minutes=1)
    answer = await http.patch(f"/meetings/{made['id']}", json={"start_time": "2027-07-13T08:30:00Z", "settings": {"waiting_room": False}})
    assert (answer.status_code, answer.content) == (204, b"")
    read = (await http.get(f"/meetings/{made['id']}")).json()
    assert read == {**made, "start_time": "2027-07-13T08:30:00Z", "settings": {"join_before_host": True, "waiting_room": False}}
    assert zoom.meetings[0].changed_at == [clock.now]


async def test_a_meeting_cannot_be_deleted_while_it_runs(zoom: ZoomStandIn, http: httpx.AsyncClient, clock: Hand) -> None:
    clock.now = datetime(2027, 7, 12, 7, 45, tzinfo=UTC)
    http.headers.update(await signed(zoom))
    made = (await http.post(CREATE, json=NEW)).json()
    clock.now = datetime(2027, 7, 12, 8, 30, tzinfo=UTC)
    running = await http.delete(f"/meetings/{made['id']}")
    assert (running.status_code, running.json()["code"]) == (400, 3002)
    clock.now = datetime(2027, 7, 12, 10, 0, tzinfo=UTC)
    http.headers.update(await signed(zoom))
    assert [(await http.delete(f"/meetings/{made['id']}")).status_code for _ in range(2)] == [204, 404]
    assert zoom.meetings[0].deleted_at == clock.now


@pytest.mark.parametrize(("said", "retry_after"), [("absent", None), ("iso", "2027-03-09T00:00:00Z")])
async def test_a_host_has_a_hundred_creates_and_updates_a_utc_day(
    clock: Hand, said: Literal["absent", "iso"], retry_after: str | None
) -> None:
    async with (
        ZoomStandIn(clock=clock, realm=replace(REALM, daily_retry_after=said)) as zoom,
        httpx.AsyncClient(base_url=zoom.api_base, headers=await signed(zoom)) as http,
    ):
        made = (await http.post(CREATE, json=NEW)).json()
        statuses = {(await http.patch(f"/meetings/{made['id']}", json={"topic": "x"})).status_code for _ in range(99)}
        over = await http.post(CREATE, json=NEW)
        assert (statuses, over.status_code, over.headers.get("Retry-After")) == ({204}, 429, retry_after)
        assert "daily rate limit" in over.json()["message"]
        assert (await http.patch(f"/meetings/{made['id']}", json={"topic": "y"})).status_code == 429
        assert (await http.post(f"/users/{OTHER}/meetings", json=NEW)).status_code == 201
        clock.now = datetime(2027, 3, 9, tzinfo=UTC)
        http.headers.update(await signed(zoom))
        assert (await http.post(CREATE, json=NEW)).status_code == 201


async def test_a_plan_limits_calls_a_second(clock: Hand) -> None:
    async with (
        ZoomStandIn(clock=clock, realm=replace(REALM, plan="free")) as zoom,
        httpx.AsyncClient(base_url=zoom.api_base, headers=await signed(zoom)) as http,
    ):
        statuses = [(await http.post(CREATE, json=NEW)).status_code for _ in range(3)]
        clock.now += timedelta(seconds=1)
        statuses.append((await http.post(CREATE, json=NEW)).status_code)
        assert statuses == [201, 201, 429, 201]


async def test_a_list_comes_in_pages_with_short_agendas(zoom: ZoomStandIn, http: httpx.AsyncClient, clock: Hand) -> None:
    for number in range(5):
        await http.post(CREATE, json={**NEW, "agenda": f"ref:{number} " + "x" * 500})
    await http.post(f"/users/{OTHER}/meetings", json=NEW)
    seen, token = [], ""
    for _ in range(3):
        page = (await http.get(CREATE, params={"type": "scheduled", "page_size": 2, "next_page_token": token})).json()
        seen += [len(meeting["agenda"]) for meeting in page["meetings"]]
        assert page["total_records"] == 5
        first, token = token, page["next_page_token"]
    assert (seen, token) == ([250] * 5, "")
    clock.now += timedelta(minutes=15)
    assert (await http.get(CREATE, params={"next_page_token": first})).status_code == 400


async def test_a_late_effect_lands_only_after_the_last_page_of_a_listing(zoom: ZoomStandIn, http: httpx.AsyncClient) -> None:
    for _ in range(2):
        await http.post(CREATE, json=NEW)
    zoom.faults.next("POST", "/meetings$", faults.LATE_EFFECT)
    assert (await http.post(CREATE, json=NEW)).status_code == 504
    page = (await http.get(CREATE, params={"page_size": 1})).json()
    assert len(zoom.living) == 2
    await http.get(CREATE, params={"page_size": 1, "next_page_token": page["next_page_token"]})
    assert len(zoom.living) == 3
    assert [(call.method, call.status, call.fault) for call in zoom.calls[-3:]] == [
        ("GET", 200, ""),
        ("GET", 200, ""),
        ("POST", 201, "landed late"),
    ]


async def test_numbers_and_links_come_from_the_seed_and_not_from_the_order(clock: Hand) -> None:
    seen = []
    for seed, refs in ((1, ("a", "b")), (1, ("b", "a")), (2, ("a", "b"))):
        async with ZoomStandIn(clock=clock, realm=REALM, seed=seed) as zoom:
            async with httpx.AsyncClient(base_url=zoom.api_base, headers=await signed(zoom)) as http:
                for ref in refs:
                    await http.post(CREATE, json={**NEW, "agenda": f"ref:{ref}"})
            seen.append(zoom.dump())
    assert seen[0] == seen[1]
    assert {held["join_url"] for held in seen[0]}.isdisjoint({held["join_url"] for held in seen[2]})
