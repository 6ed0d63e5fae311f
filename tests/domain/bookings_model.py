"""What ought to be of bookings: a small model in plain Python, of two sessions at the same hour and the line of each.

It calls none of the code's decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.rules import Rules

BEGIN = datetime(2027, 3, 14, 13, 30, tzinfo=UTC)
RULES = Rules(notice_attempts=1000, offer=timedelta(hours=3))
SESSIONS = (2, 3)  # ids: 1 is the opening of the programme
STARTS = (BEGIN + timedelta(hours=20), BEGIN + timedelta(hours=20, minutes=15))
PLACES = (2, 7)  # who waits for the one has room in the other: a promotion that clashes is an offer
PROVEN = (1, 2, 3, 4, 5)
NEW = (6, 7)  # give their details, and prove their address later or never
CUTOFF = timedelta(hours=2)
HOLD = timedelta(minutes=30)
OFFER = timedelta(hours=3)


@dataclass
class Claim:
    """What a person has of a session: `proof` and `offer` are places held."""

    state: str
    turn: int
    until: datetime | None = None
    accepted: bool = False


@dataclass
class Room:
    """A session: its line is a plain dictionary."""

    starts: datetime
    ends: datetime
    places: int
    cancelled: bool = False
    most: int = 0  #: places taken when last looked at
    turn: int = 0
    claims: dict[int, Claim] = field(default_factory=dict)

    def taken(self) -> int:
        return sum(claim.state in ("confirmed", "proof", "offer") for claim in self.claims.values())

    def line(self) -> list[int]:
        return sorted((p for p, claim in self.claims.items() if claim.state == "waiting"), key=lambda p: self.claims[p].turn)


@dataclass
class Model:
    """What ought to be."""

    now: datetime
    rooms: dict[int, Room]
    proven: set[int]

    def clash(self, person: int, session: int) -> bool:
        mine = self.rooms[session]
        for number, other in self.rooms.items():
            claim = other.claims.get(person)
            if number == session or other.cancelled or claim is None or claim.state not in ("confirmed", "proof", "offer"):
                continue
            if min(mine.ends, other.ends) - max(mine.starts, other.starts) > timedelta(minutes=5):
                return True
        return False

    def book(self, session: int, person: int, accept: bool) -> str:
        room, mine = self.rooms[session], self.rooms[session].claims.get(person)
        if room.cancelled or room.starts <= self.now:
            return "refused"
        if mine is not None and mine.state in ("confirmed", "proof"):
            return mine.state
        if mine is not None and mine.state == "offer":
            if mine.until is not None and mine.until <= self.now:
                return "refused"
            if self.clash(person, session) and not accept:
                return "clash"
            room.claims[person] = Claim("confirmed", mine.turn, accepted=True)
            return "confirmed"
        free, line_open = room.taken() < room.places, self.now < room.starts - CUTOFF
        if mine is not None and mine.state == "waiting" and not free:
            return "waiting"
        if not free and not line_open:
            return "refused"
        if self.clash(person, session) and not accept:
            return "clash"
        room.turn += 1
        if not free:
            room.claims[person] = Claim("waiting", room.turn, accepted=accept)
        elif person in self.proven:
            room.claims[person] = Claim("confirmed", room.turn, accepted=accept)
        else:
            room.claims[person] = Claim("proof", room.turn, min(self.now + HOLD, room.starts), accept)
        return room.claims[person].state

    def cancel(self, session: int, person: int) -> str:
        room, mine = self.rooms[session], self.rooms[session].claims.get(person)
        if mine is None:
            return "refused"
        if mine.state != "none":
            if room.starts <= self.now:
                return "refused"
            room.claims[person] = Claim("none", mine.turn)
            self.promote(session)
        return "done"

    def promote(self, session: int) -> None:
        room = self.rooms[session]
        if room.cancelled or self.now >= room.starts - CUTOFF:
            return
        for person in [p for p in room.line() if p in self.proven][: max(room.places - room.taken(), 0)]:
            claim = room.claims[person]
            if self.clash(person, session) and not claim.accepted:
                claim.state, claim.until = "offer", min(self.now + OFFER, room.starts - CUTOFF)
            else:
                claim.state = "confirmed"

    def prove(self, person: int) -> None:
        self.proven.add(person)
        for room in self.rooms.values():
            claim = room.claims.get(person)
            alive = claim is not None and claim.state == "proof" and claim.until is not None and claim.until > self.now
            if claim is not None and alive and not room.cancelled and room.starts > self.now:
                claim.state, claim.until = "confirmed", None
        for session, room in self.rooms.items():
            if person in room.line():
                self.promote(session)

    def lapse(self) -> None:
        for session, room in self.rooms.items():
            over = [p for p, c in room.claims.items() if c.until is not None and c.until <= self.now]
            for person in sorted(over, key=lambda p: room.claims[p].turn):
                room.claims[person] = Claim("none", room.claims[person].turn)
                self.promote(session)
