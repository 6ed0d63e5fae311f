"""A tick and what it keeps true outside: the meetings of a service, and the postings of a server."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain import bookings, programmes
from domain.errors import Permanent, Temporary, Unknown
from domain.kinds import Format, Provider
from domain.models import MeetingState, Posting
from domain.ports.board import Shown
from domain.postings import AT_MOST_EVERY, AT_ONCE, COMES_LATE, stale
from domain.views import DayView
from scheduler.ticks import Ticks
from tests.building import ACTOR, START, Building, rows
from tests.scheduler.as_told import FAULT, Board, Post, Rooms, ticks_of

# ── meetings ────────────────────────────────────────────────────────────────────────────────────────────────


def online(building: Building, title: str = "Online") -> int:
    return building.session(title=title, format=Format.ONLINE, provider=Provider.TEAMS, venue=None)


async def test_a_meeting_is_made_and_its_link_kept(building: Building, ticks: Ticks, rooms: Rooms) -> None:
    building.host(Provider.TEAMS, "host-1")
    session_id = online(building)
    assert await ticks.provide() == 1
    (meeting,) = building.meetings(session_id)
    assert (meeting.state, meeting.external_id, meeting.join_url) == (
        MeetingState.READY,
        f"id-{meeting.ref}",
        f"https://meet.example/{meeting.ref}",
    )
    assert await ticks.provide() == 0
    assert rooms.calls == [("create", "Online")]


async def test_an_unknown_outcome_is_looked_up_before_anything_is_made_again(building: Building, ticks: Ticks, rooms: Rooms) -> None:
    building.host(Provider.TEAMS, "host-1")
    session_id = online(building)
    rooms.fails.append(Unknown("no answer"))
    await ticks.provide()
    building.later(minutes=10)
    await ticks.run_due()
    assert rooms.calls[:2] == [("create", "Online"), ("recover", "Online")]
    assert [meeting.state for meeting in building.meetings(session_id)] == [MeetingState.READY]


async def test_a_fault_of_ours_with_one_meeting_does_not_stop_the_others(building: Building, ticks: Ticks, rooms: Rooms) -> None:
    building.host(Provider.TEAMS, "host-1", at_once=5)
    first, second = online(building, "First"), online(building, "Second")
    rooms.fails.append(FAULT)
    await ticks.provide()
    states = [meeting.state for session_id in (first, second) for meeting in building.meetings(session_id)]
    assert states.count(MeetingState.READY) == 1
    assert {title for _, title in rooms.calls} == {"First", "Second"}


async def test_a_service_that_is_not_set_up_is_waited_for(building: Building, post: Post) -> None:
    building.host(Provider.TEAMS, "host-1")
    session_id = online(building)
    await ticks_of(building, post).provide()
    (meeting,) = building.meetings(session_id)
    assert meeting.state is not MeetingState.READY
    assert meeting.next_try_at is not None
    assert meeting.next_try_at > building.now


# ── postings ────────────────────────────────────────────────────────────────────────────────────────────────


def postings(building: Building) -> list[Posting]:
    found: list[Posting] = building.read(rows, Posting)
    return found


async def test_a_published_day_is_posted(building: Building, ticks: Ticks, board: Board) -> None:
    assert await ticks.show() == 1
    assert board.messages == {1000: (77, 0, ("Opening: 0 taken",))}
    assert [(one.message_id, one.shown_at, one.attempts) for one in postings(building)] == [(1000, building.now - COMES_LATE, 0)]


async def test_a_booking_changes_the_day_where_it_stands(building: Building, ticks: Ticks, board: Board) -> None:
    session_id = building.session()
    await ticks.show()
    building.later(seconds=10)
    building.book(session_id, building.person(1))
    assert await ticks.show() == 1
    assert (board.edits, board.messages) == ([1000], {1000: (77, 0, ("Opening: 0 taken", "Strengths: 1 taken"))})


async def test_what_is_written_after_a_day_was_read_is_shown_though_it_was_touched_before(
    building: Building, ticks: Ticks, board: Board
) -> None:
    session_id = building.session()
    person, asked_at = building.person(1), building.now
    building.later(seconds=30)  # the booking waits to be written, in a process of pages
    await ticks.show()
    building.write(bookings.book, building.partnership_id, session_id, person, building.rules, now=asked_at)
    building.later(seconds=10)
    assert await ticks.show() == 1
    assert board.messages == {1000: (77, 0, ("Opening: 0 taken", "Strengths: 1 taken"))}
    building.later(seconds=60)
    await ticks.show()
    building.later(seconds=10)
    assert building.read(stale, now=building.now) == []


async def test_nothing_is_edited_while_nothing_differs(building: Building, ticks: Ticks, board: Board) -> None:
    session_id = building.session()
    await ticks.show()
    person = building.person(1)
    building.later(seconds=10)
    building.book(session_id, person)
    building.cancel(session_id, person)
    for _ in range(3):
        building.later(seconds=10)
        assert await ticks.show() == 0
    assert board.edits == []


async def test_a_day_is_edited_at_most_every_five_seconds(building: Building, ticks: Ticks, board: Board) -> None:
    session_id = building.session(places=None)
    await ticks.show()
    began = building.now
    for number in range(1, 21):
        building.later(seconds=1)
        building.book(session_id, building.person(number))
        await ticks.show()
    assert len(board.edits) == (building.now - began) // AT_MOST_EVERY
    building.later(seconds=5)
    await ticks.show()
    assert board.messages[1000][2] == ("Opening: 0 taken", "Strengths: 20 taken")


async def test_a_day_that_grows_gets_further_messages(building: Building, ticks: Ticks, board: Board) -> None:
    board.pages_of_a_day = 3
    await ticks.show()
    await ticks.show()
    assert [(channel, page) for channel, page, _ in board.messages.values()] == [(77, 0), (77, 1), (77, 2)]


async def test_no_message_waits_behind_others_that_change_all_the_time(building: Building, ticks: Ticks, board: Board) -> None:
    board.pages_of_a_day = AT_ONCE + 5
    await ticks.show()
    await ticks.show()
    assert len(board.messages) == AT_ONCE + 1
    building.later(seconds=10)
    building.session()
    await ticks.show()
    assert sorted(page for _, page, _ in board.messages.values()) == list(range(AT_ONCE + 5))


NO_RIGHT = "Discord answered 403 (code 50001)"


async def test_a_day_that_was_refused_is_tried_again_every_half_hour(building: Building, ticks: Ticks, board: Board) -> None:
    board.fails.extend([Permanent(NO_RIGHT)] * 12)
    for _ in range(12):
        assert await ticks.show() == 0
        assert [one.error for one in postings(building)] == [NO_RIGHT]
        building.later(minutes=29)
        assert await ticks.show() == 0
        building.later(minutes=1)
    assert (len(board.fails), await ticks.show()) == (0, 1)
    assert [(one.error, one.attempts) for one in postings(building)] == [("", 0)]


async def test_a_day_long_past_is_not_tried_for_ever(building: Building, ticks: Ticks, board: Board) -> None:
    board.fails.append(Permanent(NO_RIGHT))
    await ticks.show()
    building.now = START + timedelta(days=8)
    assert (await ticks.show(), board.messages) == (0, {})


def publish(building: Building, channel_id: int) -> None:
    building.write(
        programmes.publish, building.partnership_id, building.programme_id, channel_id, building.rules, actor=ACTOR, now=building.now
    )


async def test_publishing_again_tries_at_once_what_failed(building: Building, ticks: Ticks, board: Board) -> None:
    board.fails.append(Permanent(NO_RIGHT))
    await ticks.show()
    publish(building, 77)
    assert [(one.attempts, one.error) for one in postings(building)] == [(0, "")]
    assert (await ticks.show(), [channel for channel, _, _ in board.messages.values()]) == (1, [77])


async def test_publishing_into_another_channel_posts_every_day_there(building: Building, ticks: Ticks, board: Board) -> None:
    board.pages_of_a_day = 2
    await ticks.show()
    await ticks.show()
    publish(building, 88)
    await ticks.show()
    assert [(channel, page) for channel, page, _ in board.messages.values()] == [(77, 0), (77, 1), (88, 0), (88, 1)]
    assert board.edits == []


async def test_publishing_again_into_the_same_channel_posts_nothing_twice(building: Building, ticks: Ticks, board: Board) -> None:
    await ticks.show()
    publish(building, 77)
    building.later(minutes=1)
    assert (await ticks.show(), len(board.messages)) == (0, 1)


async def test_a_page_on_its_way_to_the_old_channel_is_posted_in_the_new_one(building: Building, ticks: Ticks, board: Board) -> None:
    class Moving(Board):
        async def show(self, day: DayView, page: int, channel_id: int, message_id: int | None, *, nonce: str) -> Shown:
            if channel_id == 77:
                await asyncio.to_thread(publish, building, 88)
            return await super().show(day, page, channel_id, message_id, nonce=nonce)

    moving = Moving()
    ticks = ticks_of(building, Post(), board=moving)
    await ticks.show()
    await ticks.show()
    assert [channel for channel, _, _ in moving.messages.values()] == [77, 88]


async def test_a_day_whose_answer_was_lost_is_posted_under_one_nonce_and_then_made_true(
    building: Building, ticks: Ticks, board: Board
) -> None:
    board.fails.append(Unknown("the connection to Discord broke off"))
    await ticks.show()
    building.later(minutes=1)
    await ticks.show()  # Discord may give back the first message, as it was then
    building.later(minutes=1)
    await ticks.show()
    await ticks.show()
    assert (board.edits, board.nonces) == ([1000], ["day 1"] * 3)


@pytest.mark.parametrize("error", [Temporary("Discord answered 503"), Unknown("the connection broke off"), FAULT])
async def test_a_day_that_could_not_be_posted_is_posted_later_and_does_not_stop_the_next(
    building: Building, ticks: Ticks, board: Board, error: Exception
) -> None:
    building.session(title="Tuesday", starts_at=START + timedelta(days=1))
    board.fails.append(error)
    assert await ticks.show() == 1
    assert [titles for _, _, titles in board.messages.values()] == [("Tuesday: 0 taken",)]
    building.later(minutes=1)
    assert await ticks.show() == 1
    assert sorted(titles for _, _, titles in board.messages.values()) == [("Opening: 0 taken",), ("Tuesday: 0 taken",)]


async def test_without_a_board_nothing_is_posted(building: Building, post: Post) -> None:
    assert await ticks_of(building, post).show() == 0
    assert [one.message_id for one in postings(building)] == [None]
