"""Zoom meetings against the stand-in, through every failure that the service knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from domain.errors import Permanent, Temporary, Unknown
from domain.ports.meetings import MeetingMade
from integrations.zoom import ZoomMeetings
from rehearsal import faults
from rehearsal.faults import Fault
from rehearsal.zoom import ZoomStandIn
from tests.integrations.zoom_building import CREATE, HANGS, HOST, MEETING, NOW, REALM, UNKNOWN, WANTED, Hand, account_of, living, posts


@pytest.fixture
async def impatient(standin: ZoomStandIn) -> AsyncIterator[ZoomMeetings]:
    meetings = ZoomMeetings(account_of(standin), seconds=0.33)
    yield meetings
    await meetings.aclose()


async def recipe(standin: ZoomStandIn, zoom: ZoomMeetings) -> MeetingMade:
    """What the ledger does after an unknown outcome: look, ask again if there is none, sweep later."""
    made = await zoom.recover(WANTED) or await zoom.create(WANTED)
    await zoom.sweep(WANTED, made)
    return made


async def test_a_new_meeting_carries_its_ref_and_lets_people_in_before_the_host(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    made = await zoom.create(WANTED)
    assert standin.dump() == [
        {
            "external_id": made.external_id,
            "host": HOST,
            "ref": "6f2c:1",
            "title": "Trauma-informed practice",
            "starts_at": "2027-03-29T08:30:00+00:00",
            "ends_at": "2027-03-29T10:00:00+00:00",
            "join_url": made.join_url,
            "created_at": "2027-03-08T09:00:00+00:00",
            "zone": "Europe/London",
            "agenda": "ref:6f2c:1",
            "settings": {"join_before_host": True, "waiting_room": False, "jbh_time": 0},
            "changed_at": [],
            "deleted_at": None,
        }
    ]
    assert [(call.method, call.status) for call in standin.calls] == [("POST", 200), ("POST", 201)]


async def test_join_before_host_and_waiting_room_are_settings(standin: ZoomStandIn) -> None:
    zoom = ZoomMeetings(replace(account_of(standin), join_before_host=False, waiting_room=True), seconds=20)
    await zoom.create(WANTED)
    await zoom.aclose()
    assert standin.living[0].settings == {"join_before_host": False, "waiting_room": True, "jbh_time": 0}


async def test_a_long_title_is_cut_to_what_zoom_takes(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    await zoom.create(replace(WANTED, title="x" * 300))
    assert standin.living[0].title == "x" * 200


@pytest.mark.parametrize("fault", UNKNOWN, ids=lambda fault: fault.name)
async def test_after_an_unknown_outcome_there_is_one_meeting(standin: ZoomStandIn, zoom: ZoomMeetings, fault: Fault) -> None:
    standin.faults.next("POST", CREATE, fault)
    with pytest.raises(Unknown):
        await zoom.create(WANTED)
    assert posts(standin) == 1
    made_already = living(standin)
    assert made_already == ([] if fault.effect is faults.Effect.NONE else made_already[:1])
    made = await recipe(standin, zoom)
    assert living(standin) == [made.external_id]
    assert len(standin.meetings) == 1  # ever
    assert posts(standin) == (1 if made_already else 2)


@pytest.mark.parametrize("fault", HANGS, ids=lambda fault: fault.name)
async def test_no_answer_in_time_is_unknown_and_then_one_meeting(standin: ZoomStandIn, impatient: ZoomMeetings, fault: Fault) -> None:
    standin.faults.next("POST", CREATE, fault)
    with pytest.raises(Unknown, match="Zoom did not answer in time"):
        await impatient.create(WANTED)
    made = await recipe(standin, impatient)
    assert (living(standin), len(standin.meetings)) == ([made.external_id], 1)


async def test_an_effect_that_lands_after_the_listing_is_swept(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    standin.faults.next("POST", CREATE, faults.LATE_EFFECT)
    with pytest.raises(Unknown):
        await zoom.create(WANTED)
    assert await zoom.recover(WANTED) is None
    made = await zoom.create(WANTED)
    assert len(living(standin)) == 2
    assert await zoom.sweep(WANTED, made) == 1
    assert living(standin) == [made.external_id]
    assert await zoom.sweep(WANTED, made) == 0


async def test_of_several_the_lowest_number_stays(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    numbers = sorted([int((await zoom.create(WANTED)).external_id) for _ in range(5)])
    found = await zoom.recover(WANTED)
    assert found is not None
    assert found.external_id == str(numbers[0])
    assert living(standin) == [str(numbers[0])]
    assert found.join_url == standin.living[0].join_url


async def test_all_pages_are_searched_and_only_the_same_ref_counts(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    for ref in ("6f2c:10", "6f2c:11", "6f2c", "6f2c:2"):
        await zoom.create(replace(WANTED, ref=ref))
    assert await zoom.recover(WANTED) is None
    made = await zoom.create(WANTED)
    before = len(standin.calls)
    assert await zoom.recover(WANTED) == made
    assert len(standin.calls) - before == 3  # pages of two
    assert len(standin.living) == 5


async def test_sweeping_without_a_meeting_to_keep_deletes_all_of_the_ref(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    other = await zoom.create(replace(WANTED, ref="6f2c:2"))
    await zoom.create(WANTED)
    await zoom.create(WANTED)
    assert await zoom.sweep(WANTED, None) == 2
    assert [meeting.external_id for meeting in standin.living] == [other.external_id]


async def test_too_many_requests_a_second_are_temporary_and_nothing_is_made(clock: Hand) -> None:
    async with ZoomStandIn(clock=clock, realm=replace(REALM, plan="free")) as standin:
        zoom = ZoomMeetings(account_of(standin), seconds=20)
        for number in range(2):
            await zoom.create(replace(WANTED, ref=f"6f2c:{number}"))
        with pytest.raises(Temporary) as caught:
            await zoom.create(replace(WANTED, ref="6f2c:9"))
        await zoom.aclose()
        assert (caught.value.retry_after, len(standin.meetings)) == (None, 2)


@pytest.mark.parametrize("said", ["absent", "iso"])
async def test_the_daily_cap_waits_for_midnight_utc(clock: Hand, said: Literal["absent", "iso"]) -> None:
    async with ZoomStandIn(clock=clock, realm=replace(REALM, daily_retry_after=said)) as standin:
        zoom = ZoomMeetings(account_of(standin), seconds=20)
        made = await zoom.create(WANTED)
        standin.spend(HOST, 99)
        for call in (lambda: zoom.create(replace(WANTED, ref="6f2c:2")), lambda: zoom.change(made, WANTED)):
            with pytest.raises(Temporary) as caught:
                await call()
            assert (caught.value.reason, caught.value.retry_after) == ("this Zoom host has reached its limit for today", 15 * 3600.0)
        clock.now += timedelta(hours=15)
        await zoom.create(replace(WANTED, ref="6f2c:2"))
        await zoom.aclose()
        assert [meeting.ref for meeting in standin.meetings] == ["6f2c:1", "6f2c:2"]


@pytest.mark.parametrize(
    ("said", "wait"),
    [("17", 17.0), ("2027-03-08T09:01:00Z", 60.0), ("Mon, 08 Mar 2027 09:02:00 GMT", 120.0), ("2027-03-08T08:00:00Z", 0.0), ("soon", None)],
)
async def test_retry_after_is_read_in_all_its_forms(standin: ZoomStandIn, zoom: ZoomMeetings, said: str, wait: float | None) -> None:
    standin.faults.next("POST", CREATE, faults.status(429, retry_after=said, message="You have reached the maximum per-second rate limit."))
    with pytest.raises(Temporary) as caught:
        await zoom.create(WANTED)
    assert caught.value.retry_after == wait


async def test_a_service_that_cannot_be_reached_is_temporary(standin: ZoomStandIn, clock: Hand) -> None:
    async with ZoomStandIn(clock=clock) as gone:
        nowhere = gone.api_base
    zoom = ZoomMeetings(replace(account_of(standin), api_base=nowhere), seconds=20)
    with pytest.raises(Temporary, match="Zoom could not be reached"):
        await zoom.create(WANTED)
    await zoom.aclose()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.status(404, code=1001), "Zoom does not know this host"),
        (faults.status(404), "Zoom does not know this host"),
        (faults.status(400, code=300), "Zoom did not accept what was asked (code 300)"),
        (faults.status(400, code=3003), "this meeting belongs to another Zoom host"),
        (faults.status(403), "Zoom did not accept this (answer 403)"),
    ],
    ids=lambda value: value.code if isinstance(value, Fault) else None,
)
async def test_a_refusal_is_permanent_and_nothing_is_made(standin: ZoomStandIn, zoom: ZoomMeetings, fault: Fault, reason: str) -> None:
    standin.faults.next("POST", CREATE, fault)
    with pytest.raises(Permanent) as caught:
        await zoom.create(WANTED)
    assert (caught.value.reason, standin.meetings) == (reason, [])


async def test_an_unknown_host_is_permanent_when_made_and_when_listed(zoom: ZoomMeetings) -> None:
    stranger = replace(WANTED, host="nobody@partnership.example")
    for call in (zoom.create, zoom.recover):
        with pytest.raises(Permanent, match="Zoom does not know this host"):
            await call(stranger)


async def test_changing_sends_title_and_times_and_keeps_the_link(standin: ZoomStandIn, zoom: ZoomMeetings, clock: Hand) -> None:
    made = await zoom.create(WANTED)
    clock.now += timedelta(minutes=5)
    later = replace(WANTED, title="Moved", starts_at=WANTED.starts_at + timedelta(days=1), ends_at=WANTED.ends_at + timedelta(days=1))
    assert await zoom.change(made, later) == made
    held = standin.living[0]
    assert (held.title, held.starts_at, held.ends_at, held.ref) == ("Moved", later.starts_at, later.ends_at, WANTED.ref)
    assert held.changed_at == [NOW + timedelta(minutes=5)]


async def test_changing_what_is_gone_is_permanent(zoom: ZoomMeetings) -> None:
    with pytest.raises(Permanent) as caught:
        await zoom.change(MeetingMade("81234567890", "https://zoom.example/x"), WANTED)
    assert caught.value.reason == "gone"


@pytest.mark.parametrize("method", ["PATCH", "GET"])
@pytest.mark.parametrize("fault", UNKNOWN, ids=lambda fault: fault.name)
async def test_a_change_that_failed_may_be_repeated(standin: ZoomStandIn, zoom: ZoomMeetings, fault: Fault, method: str) -> None:
    made = await zoom.create(WANTED)
    later = replace(WANTED, title="Moved")
    standin.faults.next(method, MEETING, replace(fault, status=502) if method == "PATCH" else fault)
    with pytest.raises(Temporary):
        await zoom.change(made, later)
    assert await zoom.change(made, later) == made
    assert [held.title for held in standin.meetings] == ["Moved"]


@pytest.mark.parametrize("fault", UNKNOWN, ids=lambda fault: fault.name)
async def test_a_search_that_failed_is_temporary_and_deletes_nothing(standin: ZoomStandIn, zoom: ZoomMeetings, fault: Fault) -> None:
    for _ in range(3):
        await zoom.create(WANTED)
    standin.faults.next("GET", CREATE, replace(fault, status=502) if fault.manner is faults.Manner.STATUS else fault)
    with pytest.raises(Temporary):
        await zoom.recover(WANTED)
    assert len(standin.living) == 3


async def test_deleting_is_done_when_the_meeting_is_gone(standin: ZoomStandIn, zoom: ZoomMeetings) -> None:
    made = await zoom.create(WANTED)
    standin.faults.next("DELETE", MEETING, faults.DROP_AFTER_EFFECT)
    with pytest.raises(Temporary):
        await zoom.remove(made, WANTED)
    await zoom.remove(made, WANTED)
    assert [held.deleted_at for held in standin.meetings] == [NOW]


async def test_a_running_meeting_is_deleted_later(standin: ZoomStandIn, zoom: ZoomMeetings, clock: Hand) -> None:
    made = await zoom.create(WANTED)
    clock.now = WANTED.starts_at
    with pytest.raises(Temporary, match="people are in this Zoom meeting just now"):
        await zoom.remove(made, WANTED)
    clock.now = WANTED.ends_at
    await zoom.remove(made, WANTED)
    assert standin.living == []


async def test_an_outage_ends_and_one_meeting_is_there(standin: ZoomStandIn, zoom: ZoomMeetings, clock: Hand) -> None:
    standin.faults.outage(NOW, NOW + timedelta(hours=1))
    with pytest.raises(Temporary):  # even signing in fails, so nothing can have happened
        await zoom.create(WANTED)
    clock.now += timedelta(hours=1)
    made = await zoom.create(WANTED)
    assert living(standin) == [made.external_id]
