"""Who one can be when a week is played by hand: two practitioners, a parent, the organiser; and the codes that families are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.errors import BadInput
from domain.invitations import NewCode, make_code
from domain.models import Programme
from rehearsal.chat import Someone
from rehearsal.chat_pages import ChatPage


@dataclass(frozen=True)
class Role:
    """Somebody whom one can be: a name, what they are here for, and the address they might type into a form."""

    name: str
    about: str
    address: str
    discord_id: int


@dataclass(frozen=True)
class Door:
    """A way in by the web: what it is called, and its whole address."""

    where: str
    address: str


@dataclass(frozen=True)
class Player:
    """A role with its pages in the chat, its ways in by the web, and hints that only this run knows."""

    role: Role
    someone: Someone
    pages: tuple[ChatPage, ...]
    web: tuple[Door, ...] = ()
    hints: tuple[str, ...] = ()


AMIRA = Role(
    "Amira Khan",
    "A practitioner. Book a session, look at /my bookings, give a place back.",
    "amira@northbridge.example",
    8_100_000_000_000_001,
)
BEN = Role("Ben Carter", "Another practitioner: fill a session, and see who waits.", "ben@westfield.example", 8_100_000_000_000_002)
ROSA = Role("Rosa Bell", "A parent. Nobody but the organiser is to know that she comes.", "rosa@family.example", 8_100_000_000_000_003)
ORGANISER = Role(
    "The organiser",
    "Runs the week: try /programme attention, /programme import, /session cancel.",
    "rita@northbridge.example",
    8_000_000_000_000_001,
)
NO_CODE = "Nothing is private yet. As the organiser, type /session private, and then /invitation new for a code."


def codes_for_families(db: Db, partnership_id: int, *, now: datetime) -> tuple[str, ...]:
    """How a parent comes in: a code for each programme that has something private, made now and known to nobody else."""
    codes = []
    for programme in db.exec(select(Programme).where(col(Programme.partnership_id) == partnership_id).order_by(col(Programme.id))).all():
        try:
            made = make_code(db, partnership_id, NewCode(programme.id or 0, most_uses=None), actor="rehearsal", now=now)
        except BadInput:  # there is nothing private in it
            continue
        codes.append(made.code)
    return tuple(codes)


def hints_for_families(codes: Sequence[str]) -> tuple[str, ...]:
    """What to type, in words."""
    return tuple(f"Her invitation code: {code}. Type /invited, and then the code." for code in codes) or (NO_CODE,)


def web_doors(role: Role, home: str, codes: Sequence[str]) -> tuple[Door, ...]:
    """Where each comes in by the web; `home` is the whole address of the partnership's pages."""
    if role is ORGANISER:
        return (Door("organisers’ pages", f"{home}/organise"),)
    invitations = tuple(
        Door("her invitation" if len(codes) == 1 else f"invitation {n}", f"{home}/invited/{c}") for n, c in enumerate(codes, 1)
    )
    return invitations if role is ROSA and codes else (Door("pages", home),)
