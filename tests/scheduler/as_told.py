"""Small channels, services and boards that answer as they are told, and the ticks between them and a real ledger."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

from domain.database import Store
from domain.kinds import Channel, Kind, Provider
from domain.limits import Flow
from domain.ports.board import Shown
from domain.ports.letters import Letter, Receipt
from domain.ports.meetings import MeetingMade, MeetingRequest
from domain.views import DayView
from scheduler.ticks import Ticks
from tests.building import START, Building

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
