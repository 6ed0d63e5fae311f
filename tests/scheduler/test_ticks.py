"""The ticks, between a real ledger and small channels, services and boards that answer as they are told."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from itertools import pairwise

import pytest

from domain import programmes
from domain.database import Store
from domain.errors import ChatClosed, OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Channel, Format, Kind, Provider
from domain.limits import Flow
from domain.models import MeetingState, NoticeState, Person, Posting
from domain.ports.board import Shown
from domain.ports.letters import Letter, Receipt
from domain.ports.meetings import MeetingMade, MeetingRequest
from domain.postings import AT_MOST_EVERY
from domain.views import DayView
from scheduler.ticks import Ticks
from tests.building import ACTOR, START, Building, rows

FAULT = ValueError("a fault of ours")


class Post:
    """A channel that answers each letter as it is told, by its key; what it is not told about goes well."""

    def __init__(self, *, harmless: bool = False, room: int | None = None) -> None:
        self.sent: list[str] = []
        self.answers: dict[str, deque[Exception]] = {}
        self.harmless = harmless
        self.asked_after: list[float] = []
        self.places = room

    def will_answer(self, key: str, *errors: Exception) -> None:
        self.answers[key] = deque(errors)

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        self.asked_after.append(seconds)
        return self.harmless

    async def flow(self) -> Flow | None:
        return None if self.places is None else Flow(START - timedelta(days=30), self.places, 30)

    async def send(self, letter: Letter) -> Receipt:
        await asyncio.sleep(0)
        self.sent.append(letter.key)
        if self.answers.get(letter.key):
            raise self.answers[letter.key].popleft()
        return Receipt(f"receipt of {letter.key}")


class Rooms:
    """A meeting service. `fails` is raised by the next calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.fails: deque[Exception] = deque()

    def _called(self, what: str, wanted: MeetingRequest) -> None:
        self.calls.append((what, wanted.title))
        if self.fails:
            raise self.fails.popleft()

    async def create(self, wanted: MeetingRequest) -> MeetingMade:
        self._called("create", wanted)
        return MeetingMade(f"id-{wanted.ref}", f"https://meet.example/{wanted.ref}")

    async def recover(self, wanted: MeetingRequest) -> MeetingMade | None:
        self._called("recover", wanted)
        return MeetingMade(f"id-{wanted.ref}", f"https://meet.example/{wanted.ref}")

    async def change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        self._called("change", wanted)
        return made

    async def remove(self, made: MeetingMade, wanted: MeetingRequest) -> None:
        self._called("remove", wanted)

    async def sweep(self, wanted: MeetingRequest, keep: MeetingMade | None) -> int:
        self._called("sweep", wanted)
        return 0


class Board:
    """A server's channels: what each message shows. `fails` is raised by the next calls."""

    def __init__(self) -> None:
        self.messages: dict[int, tuple[int, int, tuple[str, ...]]] = {}
        self.edits: list[int] = []
        self.nonces: list[str] = []
        self.fails: deque[Exception] = deque()
        self.pages_of_a_day = 1

    def pages(self, day: DayView) -> int:
        return self.pages_of_a_day

    async def show(self, day: DayView, page: int, channel_id: int, message_id: int | None, *, nonce: str) -> Shown:
        self.nonces.append(nonce)
        if self.fails:
            raise self.fails.popleft()
        if message_id is not None:
            self.edits.append(message_id)
        message_id = message_id or 1000 + len(self.messages)
        self.messages[message_id] = (channel_id, page, tuple(f"{one.title}: {one.places[0].taken} taken" for one in day.sessions))
        return Shown(message_id)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def ticks(building: Building, post: Post, rooms: Rooms, board: Board) -> Ticks:
    return ticks_of(building, post, rooms=rooms, board=board)


def ticks_of(
    building: Building,
    email: Post,
    *,
    chat: Post | None = None,
    rooms: Rooms | None = None,
    board: Board | None = None,
    store: Store | None = None,
    by: str = "this process",
) -> Ticks:
    channels = {Channel.EMAIL: email, **({Channel.CHAT: chat} if chat else {})}
    providers = {Provider.TEAMS: rooms} if rooms else {}
    clock = lambda: building.now  # noqa: E731 - the building moves its present instant
    return Ticks(store or building.store, building.rules, clock=clock, by=by, providers=providers, channels=channels, board=board)


def booked(building: Building, people: int = 1) -> list[int]:
    """A session whose every booking owes an invitation; the people."""
    session_id = building.session(places=None)
    found = [building.person(number) for number in range(1, people + 1)]
    for person in found:
        building.book(session_id, person)
    return found


# ── what came of a letter ───────────────────────────────────────────────────────────────────────────────────


async def test_what_was_taken_is_marked_sent_with_its_receipt(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building, 2)
    assert await ticks.deliver() == 2
    sent = [building.notice(number) for number in (1, 2)]
    assert [(n.state, n.external_id, n.attempts, n.sent_at, n.claimed_by) for n in sent] == [
        (NoticeState.SENT, f"receipt of invitation:{number}:1", 1, building.now, None) for number in (1, 2)
    ]
    assert await ticks.deliver() == 0
    assert post.sent == ["invitation:1:1", "invitation:2:1"]


async def test_what_will_never_work_is_marked_failed(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    post.will_answer("invitation:1:1", Permanent("the address is not known"))
    assert await ticks.deliver() == 0
    notice = building.notice(1)
    assert (notice.state, notice.error, notice.attempts) == (NoticeState.FAILED, "the address is not known", 1)


async def test_what_did_not_happen_is_tried_again_later_and_later(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    post.will_answer("invitation:1:1", *[Temporary("try later")] * 9)
    waits = []
    for _ in range(9):
        before = building.now
        await ticks.deliver()
        assert building.notice(1).state is NoticeState.QUEUED
        building.now = building.notice(1).next_try_at
        waits.append((building.now - before).total_seconds())
        building.now -= timedelta(seconds=1)
        assert await ticks.deliver() == 0  # a second too early: not tried
        building.now += timedelta(seconds=1)
    assert await ticks.deliver() == 1
    assert [round(later / earlier, 6) for earlier, later in pairwise(waits)] == [2.0] * 6 + [1.875, 1.0]
    assert 15 <= waits[0] < 18


@pytest.mark.parametrize("away", [timedelta(minutes=40), timedelta(hours=9)])
async def test_a_server_that_is_away_loses_nobody_a_letter(building: Building, ticks: Ticks, post: Post, away: timedelta) -> None:
    booked(building, 3)
    for number in (1, 2, 3):
        post.will_answer(f"invitation:{number}:1", *[Temporary("no connection to the mail server")] * 100)
    back = building.now + away
    while building.now < back:
        await ticks.run_due()
        building.later(minutes=5)
    post.answers.clear()
    building.later(minutes=36)
    await ticks.run_due()
    assert building.notices() == [(f"invitation:{number}:1", "sent") for number in (1, 2, 3)]


async def test_a_wait_that_the_service_asked_for_is_kept(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    post.will_answer("invitation:1:1", Temporary("slow down", retry_after=300))
    await ticks.deliver()
    assert building.notice(1).next_try_at == building.now + timedelta(seconds=300)


@pytest.mark.parametrize("error", [Unknown("no answer"), FAULT])
async def test_what_may_have_happened_is_repeated_only_where_that_does_no_harm(building: Building, error: Exception) -> None:
    booked(building)
    harmless = Post(harmless=True)
    harmless.will_answer("invitation:1:1", error)
    await ticks_of(building, harmless).deliver()
    assert building.notice(1).state is NoticeState.QUEUED
    harmful = Post(harmless=False)
    harmful.will_answer("invitation:2:1", error)
    building.book(building.notice(1).session_id or 0, building.person(2))
    await ticks_of(building, harmful).deliver()
    reason = "no answer" if isinstance(error, OutsideError) else "a fault of ours"
    assert (building.notice(2).state, building.notice(2).error) == (NoticeState.UNKNOWN, reason)
    building.now = building.notice(1).next_try_at
    await ticks_of(building, harmful).deliver()  # what waits for its repeat is not sent once that would be noticed
    assert harmful.sent == ["invitation:2:1"]
    assert building.notice(1).state is NoticeState.UNKNOWN
    building.later(days=3)
    assert await ticks_of(building, harmful).deliver() == 0


async def test_one_letter_that_fails_does_not_hold_up_the_others(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building, 30)
    for number, error in ((1, FAULT), (8, Permanent("gone")), (9, Temporary("later")), (30, Unknown("no answer"))):
        post.will_answer(f"invitation:{number}:1", error)
    assert await ticks.deliver() == 26
    states = [building.notice(number).state for number in (1, 8, 9, 30)]
    assert states == [NoticeState.UNKNOWN, NoticeState.FAILED, NoticeState.QUEUED, NoticeState.UNKNOWN]
    assert len(building.notices(NoticeState.SENT)) == 26


async def test_a_channel_that_is_broken_does_not_stop_the_others(building: Building) -> None:
    session_id = building.session(places=None)
    for number in (1, 2):
        building.book(session_id, building.person(number, reminders_by_chat=True, reminders_by_email=False))
    building.now = START - timedelta(hours=23)
    email, chat = Post(), Post()
    chat.will_answer("reminder:1:1440:2027-03-15:chat", FAULT)
    ticks = ticks_of(building, email, chat=chat)
    await ticks.run_due()
    assert email.sent == ["invitation:1:1", "invitation:2:1"]
    assert len(chat.sent) == 2
    assert len(building.notices(NoticeState.SENT)) == 3


@pytest.mark.parametrize(
    ("answer", "closes"), [(ChatClosed("direct messages are closed"), True), (Permanent("Discord answered 400 (code 50035)"), False)]
)
async def test_a_refused_direct_message_becomes_an_e_mail(building: Building, answer: Exception, closes: bool) -> None:
    session_id = building.session()
    building.book(session_id, building.person(1, reminders_by_chat=True, reminders_by_email=False))
    building.now = START - timedelta(hours=23)
    email, chat = Post(), Post()
    key = "reminder:1:1440:2027-03-15"
    chat.will_answer(f"{key}:chat", answer)
    ticks = ticks_of(building, email, chat=chat)
    await ticks.run_due()
    await ticks.run_due()
    assert (chat.sent, email.sent) == ([f"{key}:chat"], ["invitation:1:1", f"{key}:email"])
    (person,) = building.read(rows, Person)
    assert person.chat_closed_at == (building.now if closes else None)


async def test_a_reminder_that_chat_cannot_take_is_mailed_before_it_is_too_late(building: Building) -> None:
    session_id = building.session()
    building.book(session_id, building.person(1, reminders_by_chat=True, reminders_by_email=False))
    key = f"reminder:1:60:{START:%Y%m%dT%H%M%SZ}"
    email, chat = Post(), Post()
    chat.will_answer(f"{key}:chat", *[Temporary("Discord answered 503")] * 100)
    ticks = ticks_of(building, email, chat=chat)
    building.now = START - timedelta(hours=1)
    while building.now < START - timedelta(minutes=30):
        await ticks.run_due()
        building.later(seconds=10)
    assert email.sent == ["invitation:1:1", f"{key}:email"]


async def test_a_letter_that_we_cannot_write_does_not_hold_up_the_others(building: Building, post: Post) -> None:
    booked(building, 2)
    building.newcomer(9)

    def no_digits() -> str:
        raise FAULT

    ticks = Ticks(
        building.store, building.rules, clock=lambda: building.now, by="us", providers={}, channels={Channel.EMAIL: post}, digits=no_digits
    )
    assert await ticks.deliver() == 2
    assert post.sent == ["invitation:1:1", "invitation:2:1"]
    broken = building.notice(3)
    assert (broken.key, broken.state, broken.error, broken.claimed_by) == (
        "verification:1:email",
        NoticeState.FAILED,
        "a fault of ours",
        None,
    )


async def test_a_letter_that_we_cannot_mark_does_not_hold_up_the_others(building: Building) -> None:
    booked(building, 3)

    class Odd(Post):
        async def send(self, letter: Letter) -> Receipt:
            await super().send(letter)
            return Receipt(object() if letter.key == "invitation:2:1" else None)  # type: ignore[arg-type]  # no database keeps it

    await ticks_of(building, Odd()).deliver()
    assert building.notices() == [("invitation:1:1", "sent"), ("invitation:2:1", "unknown"), ("invitation:3:1", "sent")]
    assert building.notice(2).error == "a fault of ours"


# ── order and room ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_most_urgent_goes_first(building: Building, ticks: Ticks, post: Post) -> None:
    far, soon = building.session(), building.session(title="Soon", starts_at=building.now + timedelta(hours=2))
    one, two = building.person(1), building.person(2)
    building.book(soon, one)
    await ticks.deliver()
    building.book(far, two)
    building.newcomer(3)
    building.call_off(soon)
    post.sent.clear()
    await ticks.deliver()
    assert post.sent == ["cancellation:1:2", "verification:1:email", "invitation:2:1"]


async def test_no_more_is_claimed_than_may_leave(building: Building) -> None:
    booked(building, 5)
    post = Post(room=0)
    ticks = ticks_of(building, post)
    assert await ticks.deliver() == 0
    assert building.notices() == [(f"invitation:{number}:1", "queued") for number in range(1, 6)]

    class Shrinking(Post):
        async def flow(self) -> Flow:
            return Flow(START - timedelta(days=30), max(3 - len(self.sent), 0), 30)

    shrinking = Shrinking()
    assert await ticks_of(building, shrinking).deliver() == 3
    assert [state for _, state in building.notices()] == ["sent"] * 3 + ["queued"] * 2


# ── processes ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_two_processes_never_send_one_notice_twice(building: Building, other_store: Store) -> None:
    booked(building, 200)
    ours, theirs = Post(), Post()
    first, second = ticks_of(building, ours, by="one"), ticks_of(building, theirs, by="two", store=other_store)
    left = await asyncio.wait_for(asyncio.gather(first.deliver(), second.deliver()), 60)
    assert sum(left) == 200
    assert sorted(ours.sent + theirs.sent) == sorted(f"invitation:{number}:1" for number in range(1, 201))
    assert {state for _, state in building.notices()} == {"sent"}


async def test_what_a_vanished_process_had_only_claimed_is_sent_after_its_lease(building: Building, ticks: Ticks, post: Post) -> None:
    booked(building)
    building.claim(by="a process that died")
    await ticks.run_due()
    building.later(minutes=4, seconds=59)
    await ticks.run_due()
    assert post.sent == []
    building.later(seconds=1)
    await ticks.run_due()
    assert post.sent == ["invitation:1:1"]
    assert building.notice(1).state is NoticeState.SENT


@pytest.mark.parametrize(("harmless", "sent", "state"), [(True, ["invitation:1:1"], "sent"), (False, [], "unknown")])
async def test_what_a_vanished_process_may_have_sent_is_judged_by_its_channel(
    building: Building, harmless: bool, sent: list[str], state: str
) -> None:
    booked(building)
    (notice_id,) = building.claim(by="a process that died")
    building.hand_over(notice_id, by="a process that died")
    post = Post(harmless=harmless)
    ticks = ticks_of(building, post)
    building.later(minutes=5)
    await ticks.run_due()
    assert post.asked_after == [300.0]
    building.later(minutes=1)
    await ticks.run_due()
    assert (post.sent, building.notices()) == (sent, [("invitation:1:1", state)])


async def test_a_late_answer_does_not_overwrite_what_another_process_has_done(building: Building, other_store: Store) -> None:
    booked(building)

    class Slow(Post):
        def __init__(self) -> None:
            super().__init__()
            self.begun, self.gate = asyncio.Event(), asyncio.Event()

        async def send(self, letter: Letter) -> Receipt:
            self.begun.set()
            await self.gate.wait()
            raise Permanent("too late to say so")

    slow, quick = Slow(), Post(harmless=True)
    hanging = asyncio.create_task(ticks_of(building, slow, by="slow").deliver())
    await slow.begun.wait()
    building.later(minutes=5)
    ticks = ticks_of(building, quick, by="quick", store=other_store)
    await ticks.run_due()
    building.later(minutes=1)
    await ticks.run_due()
    slow.gate.set()
    assert (await hanging, quick.sent) == (0, ["invitation:1:1"])
    assert building.notice(1).state is NoticeState.SENT


async def test_a_letter_under_way_is_judged_by_nobody_while_its_process_lives(building: Building, other_store: Store) -> None:
    booked(building)

    class Slow(Post):
        def __init__(self) -> None:
            super().__init__(harmless=True)
            self.begun, self.gate = asyncio.Event(), asyncio.Event()

        async def send(self, letter: Letter) -> Receipt:
            self.begun.set()
            await self.gate.wait()
            return await super().send(letter)

    slow, quick = Slow(), Post(harmless=True)
    ticks, others = ticks_of(building, slow, by="slow"), ticks_of(building, quick, by="quick", store=other_store)
    hanging = asyncio.create_task(ticks.deliver())
    await slow.begun.wait()
    for _ in range(6):
        building.later(minutes=4)
        await ticks.keep_time()
        await others.run_due()
    slow.gate.set()
    assert (await hanging, slow.sent, quick.sent) == (1, ["invitation:1:1"], [])
    assert building.notice(1).state is NoticeState.SENT


async def test_a_stop_gives_back_what_is_claimed(building: Building, ticks: Ticks) -> None:
    booked(building)
    building.claim(by="this process")
    await ticks.release()
    assert building.notices() == [("invitation:1:1", "queued")]


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
    assert [(one.message_id, one.shown_at, one.attempts) for one in postings(building)] == [(1000, building.now, 0)]


async def test_a_booking_changes_the_day_where_it_stands(building: Building, ticks: Ticks, board: Board) -> None:
    session_id = building.session()
    await ticks.show()
    building.later(seconds=10)
    building.book(session_id, building.person(1))
    assert await ticks.show() == 1
    assert (board.edits, board.messages) == ([1000], {1000: (77, 0, ("Opening: 0 taken", "Strengths: 1 taken"))})


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
