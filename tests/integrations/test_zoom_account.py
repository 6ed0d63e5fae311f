"""What a Zoom account gives and takes: its sign-in, its calls a second and a day, and its secrets."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.database import Store
from domain.errors import Busy, Held, OutsideError, Permanent, Temporary
from domain.limits import ZOOM as ZOOM_CALLS
from domain.limits import Allowance
from domain.ports.meetings import MeetingMade
from domain.provision.outcomes import ACCOUNT_PAUSE
from integrations.limits import SharedLimits
from integrations.zoom import ZoomMeetings
from rehearsal import faults
from rehearsal.faults import Fault
from rehearsal.zoom import ZoomStandIn
from tests.integrations.zoom_building import CREATE, HOST, MEETING, REALM, UNKNOWN, WANTED, Hand, account_of, posts


async def test_meetings_made_together_share_one_token(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    await asyncio.gather(*(zoom.create(replace(WANTED, ref=f"6f2c:{number}")) for number in range(5)))
    assert sum(call.path == "/oauth/token" for call in standin.calls) == 1
    assert len(standin.living) == 5


async def test_an_expired_token_is_replaced_once_for_all_calls(standin: ZoomStandIn, zoom: ZoomMeetings, clock: Hand) -> None:
    await zoom.create(WANTED)
    clock.now += timedelta(seconds=3600)
    await asyncio.gather(*(zoom.create(replace(WANTED, ref=f"6f2c:{number}")) for number in range(2, 6)))
    assert sum(call.path == "/oauth/token" for call in standin.calls) == 2
    assert len(standin.meetings) == 5


@pytest.mark.parametrize("field", ["client_secret", "client_id", "account_id"])
async def test_a_wrong_account_is_tried_again_in_half_an_hour_and_no_meeting_is_asked_for(standin: ZoomStandIn, field: str) -> None:
    wrong: dict[str, Any] = {field: "wrong"}
    zoom = ZoomMeetings(replace(account_of(standin), **wrong), seconds=20)
    with pytest.raises(Temporary, match="Zoom refused our sign-in") as caught:
        await zoom.create(WANTED)
    await zoom.aclose()
    assert (caught.value.retry_after, posts(standin)) == (ACCOUNT_PAUSE, 0)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([faults.status(401)] * 2, "Zoom refused our sign-in: check the account id, the client id and the client secret"),
        ([faults.status(400, code=4711)], "our Zoom application may not do this: one of its scopes is missing"),
    ],
    ids=["token", "scope"],
)
async def test_what_the_account_may_not_do_is_tried_again_in_half_an_hour(
    standin: ZoomStandIn, zoom: ZoomMeetings, answers: list[Fault], reason: str
) -> None:
    for answer in answers:
        standin.faults.next("POST", CREATE, answer)
    with pytest.raises(Temporary) as caught:
        await zoom.create(WANTED)
    assert (caught.value.reason, caught.value.retry_after, standin.meetings) == (reason, ACCOUNT_PAUSE, [])


@pytest.mark.parametrize(
    "fault", [faults.status(503), faults.DROP_BEFORE_EFFECT, faults.HTML_502, faults.GARBLED_AFTER_EFFECT], ids=lambda fault: fault.name
)
async def test_a_sign_in_that_failed_means_that_nothing_happened(standin: ZoomStandIn, zoom: ZoomMeetings, fault: Fault) -> None:
    standin.faults.next("POST", "/oauth/token$", fault)
    with pytest.raises(Temporary):
        await zoom.create(WANTED)
    assert posts(standin) == 0


@pytest.mark.parametrize("address", ["http://127.0.0.1:here/v2", "ftp://127.0.0.1/v2", "127.0.0.1/v2"])
async def test_an_address_that_cannot_be_used_is_permanent(standin: ZoomStandIn, address: str) -> None:
    zoom = ZoomMeetings(replace(account_of(standin), api_base=address), seconds=20)
    with pytest.raises(Permanent, match="the address set for Zoom cannot be used"):
        await zoom.create(WANTED)
    await zoom.aclose()


class Watch:
    """A clock that only moves when somebody waits, or a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Hasty(SharedLimits):
    """Waits for nothing: what is held is seen at once."""

    async def take(self, *accounts: str, patience: float = 0.0) -> None:
        await super().take(*accounts, patience=patience)


def hasty(store: Store, watch: Watch) -> SharedLimits:
    return Hasty(store, {}, clock=watch)


async def test_two_processes_make_no_more_calls_a_second_than_the_account_takes(standin: ZoomStandIn, store: Store) -> None:
    watch = Watch()
    began = watch.now
    both = [SharedLimits(store, {ZOOM_CALLS: Allowance(4, 1.0)}, clock=watch, sleep=watch.sleep, slack=0.0) for _ in range(2)]
    processes = [ZoomMeetings(account_of(standin), seconds=20, limits=limits) for limits in both]
    for number in range(9):
        await processes[number % 2].create(replace(WANTED, ref=f"6f2c:{number}"))
    assert (watch.now - began).total_seconds() == pytest.approx(2.002)
    for zoom in processes:
        await zoom.aclose()


async def test_a_429_with_retry_after_stops_every_process_until_it_is_over(standin: ZoomStandIn, store: Store) -> None:
    watch = Watch()
    mine, theirs = (ZoomMeetings(account_of(standin), seconds=20, limits=hasty(store, watch)) for _ in range(2))
    standin.faults.next("POST", CREATE, faults.status(429, retry_after=2))
    with pytest.raises(Busy):
        await mine.create(WANTED)
    asked = len(standin.calls)
    for zoom in (mine, theirs):
        with pytest.raises(Held):
            await zoom.create(WANTED)
    watch.now += timedelta(seconds=1.999)
    with pytest.raises(Held):
        await theirs.change(MeetingMade("1", ""), WANTED)
    assert len(standin.calls) == asked
    watch.now += timedelta(seconds=0.001)
    await theirs.create(WANTED)
    for zoom in (mine, theirs):
        await zoom.aclose()


async def test_a_host_that_has_had_its_day_is_asked_nothing_more_and_the_others_are(standin: ZoomStandIn, store: Store) -> None:
    watch = Watch()
    mine, theirs = (ZoomMeetings(account_of(standin), seconds=20, limits=hasty(store, watch)) for _ in range(2))
    standin.faults.next("POST", CREATE, faults.status(429, retry_after=3600, message="You have reached the maximum per-day rate limit"))
    with pytest.raises(Busy, match="for today"):
        await mine.create(WANTED)
    with pytest.raises(Held) as held:
        await theirs.create(replace(WANTED, ref="6f2c:2"))
    assert held.value.retry_after == 3600
    assert await theirs.recover(WANTED) is None
    for zoom in (mine, theirs):
        await zoom.aclose()


async def test_no_failure_and_no_warning_tells_a_secret_a_link_or_a_host(
    standin: ZoomStandIn, zoom: ZoomMeetings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await zoom.create(WANTED)
    told, contexts = repr(account_of(standin)), []
    kinds: list[tuple[str, str, Callable[[], Awaitable[object]]]] = [
        ("POST", CREATE, lambda: zoom.create(WANTED)),
        ("GET", CREATE, lambda: zoom.recover(WANTED)),
        ("PATCH", MEETING, lambda: zoom.change(made, WANTED)),
        ("DELETE", MEETING, lambda: zoom.remove(made, WANTED)),
    ]
    bad = [*UNKNOWN, faults.status(403, message=made.join_url), faults.status(400, code=300, message=HOST), faults.status(429)]
    for fault in bad:
        for method, pattern, call in kinds:
            standin.faults.next(method, pattern, replace(fault, status=502) if fault in UNKNOWN else fault)
            with pytest.raises(OutsideError) as caught:
                await call()
            contexts.append(caught.value.__context__)
            told += "".join(traceback.format_exception(caught.value))
    told += "".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert [hidden for hidden in (REALM.client_secret, made.join_url, made.external_id, "zoom.example", HOST) if hidden in told] == []
    assert set(contexts) == {None}
    assert standin.faults.left == 0
