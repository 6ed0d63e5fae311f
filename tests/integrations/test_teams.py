"""Teams meetings by the real SDK against the Graph stand-in, through every failure that the service knows."""

from __future__ import annotations

import asyncio
import logging
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from azure.core.credentials import AccessToken

from domain.errors import OutsideError, Permanent, Temporary, Unknown
from domain.ports.meetings import MeetingMade, MeetingRequest
from domain.provision.outcomes import ACCOUNT_PAUSE
from integrations.entra import AzureCredential
from integrations.teams import TeamsAccount, TeamsMeetings
from rehearsal import faults
from rehearsal.faults import Fault
from rehearsal.graph import GraphRealm, GraphStandIn

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
REALM = GraphRealm(hosts=("host-a",), without_policy=("host-b",))
WANTED = MeetingRequest(
    ref="6f2c:1",
    host="host-a",
    title="Trauma-informed practice",
    starts_at=datetime(2027, 3, 15, 9, 30, tzinfo=UTC),
    ends_at=datetime(2027, 3, 15, 10, 30, tzinfo=UTC),
    zone="Europe/London",
)
CREATE = r"/createOrGet$"
MEETING = r"/onlineMeetings/MSo"

#: after these the meeting may have been made
UNKNOWN = [
    faults.DROP_BEFORE_EFFECT,
    faults.DROP_AFTER_EFFECT,
    faults.GATEWAY_AFTER_EFFECT,
    faults.LATE_EFFECT,
    faults.HTML_502,
    faults.HTML_502_AFTER_EFFECT,
    faults.GARBLED_AFTER_EFFECT,
    faults.status(500),
    faults.status(503),
    faults.status(503, retry_after=1),
    faults.status(504, retry_after=600),
]
HANGS = [faults.HANG_BEFORE_EFFECT, faults.HANG_AFTER_EFFECT]


@dataclass
class Hand:
    """A clock that is moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class GivenToken:
    """A credential that has one token."""

    token: str

    async def get_token(self, *scopes: str, claims: str | None = None, enable_cae: bool = False) -> AccessToken:
        return AccessToken(self.token, 0)

    def forget(self, token: str) -> None:
        pass

    async def close(self) -> None:
        pass


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
async def graph(clock: Hand) -> AsyncIterator[GraphStandIn]:
    async with GraphStandIn(clock=clock, realm=REALM) as standin:
        yield standin


def account_of(graph: GraphStandIn) -> TeamsAccount:
    return TeamsAccount(graph.base_url, graph.authority, REALM.tenant_id, REALM.client_id, REALM.client_secret)


@pytest.fixture
async def teams(graph: GraphStandIn) -> AsyncIterator[TeamsMeetings]:
    meetings = TeamsMeetings(account_of(graph), seconds=20)
    yield meetings
    await meetings.aclose()


@pytest.fixture
async def impatient(graph: GraphStandIn) -> AsyncIterator[TeamsMeetings]:
    """Waits a third of a second, once the SDK is loaded and signed in."""
    meetings = TeamsMeetings(account_of(graph), seconds=0.33)
    await meetings.warm_up()
    yield meetings
    await meetings.aclose()


def posts(graph: GraphStandIn) -> int:
    return sum(call.method == "POST" and call.path.endswith("createOrGet") and call.fault != "landed late" for call in graph.calls)


def ever(graph: GraphStandIn) -> list[str]:
    """The id of every meeting ever made."""
    return [meeting.external_id for meeting in graph.meetings]


async def test_a_new_meeting_has_its_times_and_lets_everyone_past_the_lobby(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    made = await teams.create(WANTED)
    assert graph.dump() == [
        {
            "external_id": made.external_id,
            "host": "host-a",
            "ref": "6f2c:1",
            "title": "Trauma-informed practice",
            "starts_at": "2027-03-15T09:30:00+00:00",
            "ends_at": "2027-03-15T10:30:00+00:00",
            "join_url": made.join_url,
            "created_at": "2027-03-08T09:00:00+00:00",
            "zone": "UTC",
            "agenda": "",
            "settings": {
                "lobbyBypassSettings": {"isDialInBypassEnabled": True, "scope": "everyone"},
                "participants": {"attendees": []},
            },
            "changed_at": ["2027-03-08T09:00:00+00:00"],
            "deleted_at": None,
        }
    ]
    assert [(call.method, call.status) for call in graph.calls] == [("POST", 200), ("POST", 201), ("PATCH", 200)]


async def test_the_lobby_is_a_setting(graph: GraphStandIn) -> None:
    teams = TeamsMeetings(replace(account_of(graph), lobby_bypass="organization"), seconds=20)
    await teams.create(WANTED)
    await teams.aclose()
    assert graph.living[0].settings["lobbyBypassSettings"] == {"isDialInBypassEnabled": False, "scope": "organization"}


@pytest.mark.parametrize("fault", UNKNOWN, ids=lambda fault: f"{fault.name} {fault.retry_after}")
async def test_after_an_unknown_outcome_the_same_call_finds_one_meeting(graph: GraphStandIn, teams: TeamsMeetings, fault: Fault) -> None:
    graph.faults.next("POST", CREATE, fault)
    with pytest.raises(Unknown):
        await teams.create(WANTED)
    assert posts(graph) == 1  # the SDK did not repeat it
    made = await teams.recover(WANTED)
    assert made is not None
    assert await teams.create(WANTED) == made
    assert ever(graph) == [made.external_id]
    assert graph.living[0].settings["lobbyBypassSettings"]["scope"] == "everyone"
    assert await teams.sweep(WANTED, made) == 0
    assert ever(graph) == [made.external_id]


@pytest.mark.parametrize("fault", HANGS, ids=lambda fault: fault.name)
async def test_no_answer_in_time_is_unknown_and_then_one_meeting(graph: GraphStandIn, impatient: TeamsMeetings, fault: Fault) -> None:
    graph.faults.next("POST", CREATE, fault)
    with pytest.raises(Unknown, match="Teams did not answer in time"):
        await impatient.create(WANTED)
    made = await impatient.recover(WANTED)
    assert made is not None
    assert (posts(graph), ever(graph)) == (2, [made.external_id])


@pytest.mark.parametrize("wait", [17, 200])
async def test_too_many_requests_say_how_long_to_wait_and_nothing_is_made(graph: GraphStandIn, teams: TeamsMeetings, wait: int) -> None:
    graph.faults.next("POST", CREATE, faults.status(429, retry_after=wait))
    with pytest.raises(Temporary) as caught:
        await teams.create(WANTED)
    assert (caught.value.retry_after, posts(graph), ever(graph)) == (wait, 1, [])


async def test_a_service_that_cannot_be_reached_is_temporary(graph: GraphStandIn, clock: Hand) -> None:
    async with GraphStandIn(clock=clock, realm=REALM) as gone:
        nowhere = gone.base_url
    teams = TeamsMeetings(replace(account_of(graph), base_url=nowhere), seconds=20)
    with pytest.raises(Temporary, match="Teams could not be reached"):
        await teams.create(WANTED)
    await teams.aclose()


@pytest.mark.parametrize("address", ["http://[", "ftp://127.0.0.1/v1.0", "http://graph.example/v1.0"])
async def test_an_address_that_cannot_be_used_is_permanent(graph: GraphStandIn, address: str) -> None:
    teams = TeamsMeetings(replace(account_of(graph), base_url=address), seconds=20)
    with pytest.raises(Permanent, match="the address set for Teams cannot be used"):
        await teams.create(WANTED)
    await teams.aclose()


async def test_a_host_that_nobody_knows_is_permanent(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    with pytest.raises(Permanent, match="Teams does not know this host"):
        await teams.create(replace(WANTED, host="nobody"))
    assert ever(graph) == []


async def test_a_missing_policy_is_looked_at_again_in_half_an_hour(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    with pytest.raises(Temporary) as caught:
        await teams.create(replace(WANTED, host="host-b"))
    reason = "Teams does not let us make meetings for this host: its application access policy is missing (a new one can take 30 minutes)"
    assert (caught.value.reason, caught.value.retry_after, ever(graph)) == (reason, ACCOUNT_PAUSE, [])


async def test_a_body_that_is_refused_is_permanent(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    with pytest.raises(Permanent, match="Teams did not accept this"):
        await teams.create(replace(WANTED, ends_at=WANTED.starts_at))
    assert ever(graph) == []


@pytest.mark.parametrize(
    "fault",
    [
        *(faults.status(number) for number in (400, 401, 403, 404, 422, 429, 503)),
        faults.DROP_AFTER_EFFECT,
        faults.HTML_502,
    ],
    ids=lambda fault: f"{fault.name} {fault.status}",
)
async def test_a_meeting_whose_settings_failed_is_unknown_until_they_landed(
    graph: GraphStandIn, teams: TeamsMeetings, fault: Fault
) -> None:
    for _ in range(2 if fault.status == 401 else 1):  # a token that is refused is replaced once
        graph.faults.next("PATCH", MEETING, fault)
    with pytest.raises(Unknown, match="the meeting was made, but not its settings"):
        await teams.create(WANTED)
    made = await teams.recover(WANTED)
    assert made is not None
    assert ever(graph) == [made.external_id]
    assert graph.living[0].settings["lobbyBypassSettings"]["scope"] == "everyone"


async def test_settings_that_are_refused_for_good_are_never_called_done(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    for _ in range(2):
        graph.faults.next("PATCH", MEETING, faults.status(400))
    for call in (teams.create, teams.recover):
        with pytest.raises(Unknown, match="the meeting was made, but not its settings: Teams did not accept this"):
            await call(WANTED)
    assert await teams.sweep(WANTED, None) == 1
    assert graph.living == []


async def test_a_pause_that_the_settings_need_is_passed_on_where_the_meeting_is_looked_for(
    graph: GraphStandIn, teams: TeamsMeetings
) -> None:
    graph.faults.next("PATCH", MEETING, faults.status(403))
    with pytest.raises(Temporary) as caught:
        await teams.recover(WANTED)
    assert caught.value.retry_after == ACCOUNT_PAUSE


async def test_changing_sends_title_and_both_times(graph: GraphStandIn, teams: TeamsMeetings, clock: Hand) -> None:
    made = await teams.create(WANTED)
    clock.now += timedelta(minutes=5)
    later = replace(WANTED, title="Moved", starts_at=WANTED.starts_at + timedelta(days=1), ends_at=WANTED.ends_at + timedelta(days=1))
    assert await teams.change(made, later) == made
    held = graph.living[0]
    assert (held.title, held.starts_at, held.ends_at) == ("Moved", later.starts_at, later.ends_at)
    assert held.changed_at == [NOW, NOW + timedelta(minutes=5)]


async def test_changing_what_is_gone_is_permanent(teams: TeamsMeetings) -> None:
    with pytest.raises(Permanent) as caught:
        await teams.change(MeetingMade("MSo-nothing", "https://teams.example/x"), WANTED)
    assert caught.value.reason == "gone"


@pytest.mark.parametrize(
    "fault", [*UNKNOWN, faults.status(429, retry_after=9)], ids=lambda fault: f"{fault.name} {fault.retry_after} {fault.status}"
)
async def test_a_change_that_failed_may_be_repeated(graph: GraphStandIn, teams: TeamsMeetings, fault: Fault) -> None:
    made = await teams.create(WANTED)
    later = replace(WANTED, title="Moved")
    graph.faults.next("PATCH", MEETING, fault)
    with pytest.raises(Temporary) as caught:
        await teams.change(made, later)
    assert caught.value.retry_after == (float(fault.retry_after) if fault.retry_after else None)
    assert await teams.change(made, later) == made
    assert [held.title for held in graph.meetings] == ["Moved"]


async def test_deleting_is_done_when_the_meeting_is_gone(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    made = await teams.create(WANTED)
    graph.faults.next("DELETE", MEETING, faults.DROP_AFTER_EFFECT)
    with pytest.raises(Temporary):
        await teams.remove(made, WANTED)
    await teams.remove(made, WANTED)
    assert [held.deleted_at for held in graph.meetings] == [NOW]
    assert [call.status for call in graph.calls if call.method == "DELETE"] == [None, 404]


async def test_sweeping_without_a_meeting_to_keep_deletes_what_a_lost_answer_left(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    graph.faults.next("POST", CREATE, faults.DROP_AFTER_EFFECT)
    with pytest.raises(Unknown):
        await teams.create(WANTED)
    assert await teams.sweep(WANTED, None) == 1
    assert graph.living == []
    assert await teams.sweep(WANTED, None) == 0
    assert graph.living == []


async def test_sweeping_with_a_meeting_to_keep_asks_nothing(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    made = await teams.create(WANTED)
    before = len(graph.calls)
    assert await teams.sweep(WANTED, made) == 0
    assert len(graph.calls) == before


async def test_an_outage_ends_and_one_meeting_is_there(graph: GraphStandIn, teams: TeamsMeetings, clock: Hand) -> None:
    graph.faults.outage(NOW, NOW + timedelta(hours=1))
    with pytest.raises(Temporary):  # even signing in fails, so nothing can have happened
        await teams.create(WANTED)
    clock.now += timedelta(hours=1)
    made = await teams.create(WANTED)
    assert ever(graph) == [made.external_id]


async def test_meetings_made_together_share_one_token(graph: GraphStandIn, teams: TeamsMeetings) -> None:
    made = await asyncio.gather(*(teams.create(replace(WANTED, ref=f"6f2c:{number}")) for number in range(5)))
    assert len({meeting.external_id for meeting in made}) == 5
    assert sum(call.path.endswith("/token") for call in graph.calls) == 1


async def test_an_expired_token_is_replaced_once_for_all_calls(graph: GraphStandIn, teams: TeamsMeetings, clock: Hand) -> None:
    await teams.create(WANTED)
    clock.now += timedelta(hours=2)
    await asyncio.gather(*(teams.create(replace(WANTED, ref=f"6f2c:{number}")) for number in range(2, 6)))
    assert len(ever(graph)) == 5
    assert sum(call.path.endswith("/token") for call in graph.calls) == 2


async def test_a_wrong_secret_is_tried_again_in_half_an_hour_and_no_meeting_is_asked_for(graph: GraphStandIn) -> None:
    teams = TeamsMeetings(replace(account_of(graph), client_secret="wrong"), seconds=20)
    with pytest.raises(Temporary, match="Microsoft refused our sign-in") as caught:
        await teams.create(WANTED)
    await teams.aclose()
    assert (caught.value.retry_after, posts(graph)) == (ACCOUNT_PAUSE, 0)


async def test_a_token_for_somebody_else_is_tried_again_in_half_an_hour(graph: GraphStandIn) -> None:
    credential = GivenToken(graph.issue_token("https://outlook.office.com"))
    teams = TeamsMeetings(account_of(graph), credential=credential, seconds=20)
    with pytest.raises(Temporary, match="Microsoft refused our sign-in") as caught:
        await teams.create(WANTED)
    await teams.aclose()
    assert (caught.value.retry_after, ever(graph)) == (ACCOUNT_PAUSE, [])


@pytest.mark.parametrize(
    "fault", [faults.status(503), faults.DROP_BEFORE_EFFECT, faults.HTML_502, faults.GARBLED_AFTER_EFFECT], ids=lambda fault: fault.name
)
async def test_a_sign_in_that_failed_means_that_nothing_happened(graph: GraphStandIn, teams: TeamsMeetings, fault: Fault) -> None:
    graph.faults.next("POST", "/token$", fault)
    with pytest.raises(Temporary):
        await teams.create(WANTED)
    assert posts(graph) == 0


async def test_a_sign_in_that_hangs_means_that_nothing_happened(graph: GraphStandIn, impatient: TeamsMeetings) -> None:
    graph.faults.next("POST", "/token$", faults.HANG_BEFORE_EFFECT)
    with pytest.raises(Temporary, match="the Microsoft sign-in did not answer in time"):
        await impatient.create(WANTED)
    assert posts(graph) == 0


async def test_over_tls_azure_identity_signs_in_and_signs_in_again_when_refused(
    clock: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates, ca_file = trustme.CA(), str(tmp_path / "ca.pem")
    certificates.cert_pem.write_to_path(ca_file)
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)  # for httpx, under Graph
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificates.issue_cert("127.0.0.1").configure_cert(tls)
    async with GraphStandIn(clock=clock, realm=replace(REALM, audience="https://127.0.0.1"), tls=tls) as graph:
        who = (graph.authority, REALM.tenant_id, REALM.client_id)
        teams = TeamsMeetings(account_of(graph), credential=AzureCredential(*who, REALM.client_secret, ca_file=ca_file), seconds=20)
        made = await teams.create(WANTED)
        graph.revoke_tokens()
        assert await teams.create(WANTED) == made
        await teams.aclose()
        assert [call.status for call in graph.calls if call.path.endswith("/token")] == [200, 200]
        assert ever(graph) == [made.external_id]

        wrong = TeamsMeetings(account_of(graph), credential=AzureCredential(*who, "wrong", ca_file=ca_file), seconds=20)
        with pytest.raises(Temporary, match="Microsoft refused our sign-in") as caught:
            await wrong.create(WANTED)
        await wrong.aclose()
        assert caught.value.retry_after == ACCOUNT_PAUSE


async def test_no_failure_and_no_warning_tells_a_secret_a_link_or_a_host(
    graph: GraphStandIn, teams: TeamsMeetings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await teams.create(WANTED)
    told, contexts = repr(account_of(graph)), []
    kinds: list[tuple[str, str, Callable[[], Awaitable[object]]]] = [
        ("POST", CREATE, lambda: teams.create(WANTED)),
        ("PATCH", MEETING, lambda: teams.change(made, WANTED)),
        ("DELETE", MEETING, lambda: teams.remove(made, WANTED)),
    ]
    for fault in [*UNKNOWN, faults.status(403, message=made.join_url), faults.status(400, message="host-a"), faults.status(429)]:
        for method, pattern, call in kinds:
            graph.faults.next(method, pattern, replace(fault, status=502) if fault in UNKNOWN else fault)
            with pytest.raises(OutsideError) as caught:
                await call()
            contexts.append(caught.value.__context__)
            told += "".join(traceback.format_exception(caught.value))
    told += "".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert [hidden for hidden in (REALM.client_secret, made.join_url, made.external_id, "teams.example", "host-a") if hidden in told] == []
    assert set(contexts) == {None}
    assert graph.faults.left == 0
