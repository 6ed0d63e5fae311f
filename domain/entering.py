"""Entering: an organiser signs in by a link that is e-mailed, for some hours and in one browser, and signs out again.

A page says the same to every address. The link in the mail serves once and for a quarter of an hour; opening it changes
nothing, its button signs in. What the browser keeps is a link of its own, which ends with the hours, by signing out, or when the
address organises no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import col, select

from domain.audit import audit
from domain.database import Db
from domain.errors import NotFound
from domain.kinds import Channel, Kind
from domain.links import GONE, LinkKey, Wanted, mint, opened
from domain.models import Link, Notice, OrganiserAddress, Purpose
from domain.notices import need, owe
from domain.organisers import Organiser, organiser_at, organiser_of
from domain.ports.letters import Letter, Recipient
from domain.texts import clean_address

#: how long the mailed link serves, and how long a browser stays signed in
LINK_FOR, SIGNED_IN_FOR = timedelta(minutes=15), timedelta(hours=8)
#: to one address in an hour; more are asked for in vain, and the page says the same
MAILS_AN_HOUR = 5


@dataclass(frozen=True)
class SignedIn:
    """A browser that is signed in: the token that it keeps, and until when (UTC)."""

    token: str
    organiser: Organiser
    until: datetime


def ask_to_enter(db: Db, partnership_id: int, address: str, *, now: datetime) -> None:
    """Mail a link to an address that organises here; for any other do nothing. Raises `BadInput` for what is no address."""
    organiser = organiser_at(db, partnership_id, clean_address(address, field="address"))
    if organiser is None:
        return
    lately = (
        col(Notice.kind) == Kind.SIGN_IN,
        col(Notice.organiser_id) == organiser.organiser_id,
        col(Notice.owed_at) > now - timedelta(hours=1),
    )
    if db.exec(select(func.count()).select_from(Notice).where(*lately)).one() >= MAILS_AN_HOUR:
        return
    owe(
        db,
        Notice(
            partnership_id=partnership_id,
            key=f"{Kind.SIGN_IN}:{organiser.organiser_id}:{int(now.timestamp())}",  # two quick presses are one
            kind=Kind.SIGN_IN,
            channel=Channel.EMAIL,
            need=need(Kind.SIGN_IN, starts_at=None, now=now),
            organiser_id=organiser.organiser_id,
            owed_at=now,
            next_try_at=now,
            expires_at=now + LINK_FOR,
        ),
    )


def asked_to_enter(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> Organiser:
    """Who would be signed in by the link in a mail. Reading it changes nothing. Raises `NotFound`."""
    return _unused(db, partnership_ids, token, now)[1]


def enter(db: Db, partnership_ids: Sequence[int], token: str, key: LinkKey, *, now: datetime) -> SignedIn:
    """The button on the link's page was pressed: this browser is signed in. Every link that was mailed to them before is used up.

    Raises `NotFound` for one that is over, or was used.
    """
    link, organiser = _unused(db, partnership_ids, token, now, held=True)
    mailed = select(Link).where(
        col(Link.purpose) == Purpose.SIGN_IN, col(Link.organiser_id) == organiser.organiser_id, col(Link.used_at).is_(None)
    )
    for one in db.exec(mailed).all():
        one.used_at = now
        db.add(one)
    db.flush()
    until = now + SIGNED_IN_FOR
    wanted = Wanted(Purpose.SIGNED_IN, link.id or 0, organiser.partnership_id, until, organiser_id=organiser.organiser_id)
    db.exec(delete(Link).where(col(Link.subject) == wanted.subject))  # of a mailed link that is long forgotten, whose number came again
    audit(db, organiser.partnership_id, organiser.actor, "sign in", now=now)
    return SignedIn(mint(db, key, [wanted], now=now)[wanted.subject], organiser, until)


def signed_in(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> Organiser:
    """Whose browser this is. Raises `NotFound` for one that is signed in no more."""
    organiser = organiser_of(db, opened(db, partnership_ids, Purpose.SIGNED_IN, token, now=now).organiser_id)
    if organiser is None:
        raise NotFound(GONE)
    return organiser


def leave(db: Db, partnership_ids: Sequence[int], token: str, *, now: datetime) -> None:
    """Signed out: what the browser kept opens nothing any more. Raises `NotFound` where it did not before."""
    link = opened(db, partnership_ids, Purpose.SIGNED_IN, token, now=now, held=True)
    db.delete(link)
    db.flush()


def _unused(db: Db, ids: Sequence[int], token: str, now: datetime, *, held: bool = False) -> tuple[Link, Organiser]:
    link = opened(db, ids, Purpose.SIGN_IN, token, now=now, held=held)
    organiser = organiser_of(db, link.organiser_id)
    if link.used_at is not None or organiser is None:
        raise NotFound(GONE)
    return link, organiser


# ── the letter ──────────────────────────────────────────────────────────────────────────────────────────────


def still_organises(db: Db, notice: Notice) -> bool:
    """Whether the letter with the link is still to be sent."""
    return organiser_of(db, notice.organiser_id) is not None


def addressed(db: Db, letter: Letter, notice: Notice) -> Letter:
    """The letter with whom it is for: an address that need be nobody's whom we know."""
    row = db.get_one(OrganiserAddress, notice.organiser_id)
    return replace(letter, recipient=Recipient("", row.address, None), until=notice.expires_at, organiser_id=notice.organiser_id)
