"""Organisers without Discord: addresses that may sign in to the organisers' pages, and what each may touch.

An address organises one programme, or everything of its partnership. Several rows of one address count together, and a row
that is ended counts from that instant on no more: what somebody may do is asked at every request.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from domain.audit import audit, by_organiser
from domain.database import Db
from domain.errors import NotFound
from domain.models import Link, OrganiserAddress, Partnership
from domain.organising import SessionDesk, session_desk
from domain.privacy import may_see_people
from domain.programmes import ProgrammeView, owned, view
from domain.texts import address_key, clean_address

#: who added an address, where the settings did
SETTINGS = "settings"
NO_SUCH = "We could not find that page."


@dataclass(frozen=True)
class Organiser:
    """Somebody who organises by page. `programme_ids` None: everything of the partnership."""

    partnership_id: int
    organiser_id: int
    address: str
    programme_ids: frozenset[int] | None

    @property
    def actor(self) -> str:
        """How the audit trail names them."""
        return by_organiser(self.organiser_id)

    @property
    def organises_all(self) -> bool:
        """Whether everything of their partnership is theirs."""
        return self.programme_ids is None

    def organises(self, programme_id: int) -> bool:
        """Whether a programme of their partnership is theirs."""
        return self.programme_ids is None or programme_id in self.programme_ids


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────


def organiser_at(db: Db, partnership_id: int, address: str) -> Organiser | None:
    """Who organises with this address just now; None: nobody."""
    rows = _living(db, partnership_id, address_key(address))
    return _together(rows) if rows else None


def organiser_of(db: Db, organiser_id: int | None) -> Organiser | None:
    """The same, by one of their rows. Where that one is ended, another of the same address stands for it."""
    row = db.get(OrganiserAddress, organiser_id) if organiser_id is not None else None
    return organiser_at(db, row.partnership_id, row.address) if row is not None else None


def _living(db: Db, partnership_id: int, key: str) -> Sequence[OrganiserAddress]:
    mine = select(OrganiserAddress).where(
        col(OrganiserAddress.partnership_id) == partnership_id,
        col(OrganiserAddress.address_key) == key,
        col(OrganiserAddress.ended_at).is_(None),
    )
    return db.exec(mine.order_by(col(OrganiserAddress.id))).all()


def _together(rows: Sequence[OrganiserAddress]) -> Organiser:
    first = rows[0]
    ids = frozenset(row.programme_id for row in rows if row.programme_id is not None)
    everything = any(row.programme_id is None for row in rows)
    return Organiser(first.partnership_id, first.id or 0, first.address, None if everything else ids)


def require_programme(db: Db, organiser: Organiser, programme_id: int) -> ProgrammeView:
    """A programme of theirs. Raises `NotFound` for another's, as for one that is not there."""
    if not organiser.organises(programme_id):
        raise NotFound(NO_SUCH)
    return view(owned(db, organiser.partnership_id, programme_id))


def require_session(db: Db, organiser: Organiser, session_id: int) -> SessionDesk:
    """A session of one of their programmes. Raises `NotFound` as above."""
    desk = session_desk(db, organiser.partnership_id, session_id)
    if not organiser.organises(desk.programme_id):
        raise NotFound(NO_SUCH)
    return desk


def sees_people(db: Db, organiser: Organiser, programme_id: int) -> bool:
    """Whether they may see who is on a programme's private sessions."""
    key = address_key(organiser.address)
    return may_see_people(db, organiser.partnership_id, programme_id, (), organises_partnership=organiser.organises_all, address=key)


# ── letting somebody organise ───────────────────────────────────────────────────────────────────────────────


def add_organiser(db: Db, partnership_id: int, programme_id: int, address: str, *, actor: str, now: datetime) -> str:
    """Let an address organise one programme; the address as it is kept. Harmless to repeat. Raises `BadInput`, `NotFound`."""
    owned(db, partnership_id, programme_id)
    address = clean_address(address, field="address")
    if _begin(db, partnership_id, programme_id, address, actor, now):
        audit(db, partnership_id, actor, "add organiser address", now=now, programme_id=programme_id)
    return address


def remove_organiser(db: Db, partnership_id: int, programme_id: int, address: str, *, actor: str, now: datetime) -> None:
    """It organises this programme no longer, from this instant on. Raises `NotFound` when it did not."""
    owned(db, partnership_id, programme_id)
    rows = [row for row in _living(db, partnership_id, address_key(address.strip())) if row.programme_id == programme_id]
    if not rows:
        raise NotFound("That address does not organise this programme, so there is nothing to take back.")
    for row in rows:
        row.ended_at = now
        db.add(row)
    db.flush()
    _shut(db, partnership_id, {row.address_key for row in rows})
    audit(db, partnership_id, actor, "remove organiser address", now=now, programme_id=programme_id)


def organiser_addresses(db: Db, partnership_id: int, programme_id: int) -> tuple[str, ...]:
    """The addresses that organise this programme, besides the partnership's."""
    mine = select(OrganiserAddress.address).where(
        col(OrganiserAddress.partnership_id) == partnership_id,
        col(OrganiserAddress.programme_id) == programme_id,
        col(OrganiserAddress.ended_at).is_(None),
    )
    return tuple(sorted(db.exec(mine), key=str.casefold))


def sync_organisers(db: Db, partnership_id: int, addresses: Collection[str], *, now: datetime) -> None:
    """Bring the addresses that organise the whole partnership into line with the settings. Harmless to repeat.

    The partnership's row is held meanwhile: the database cannot refuse a second row that is of no programme.
    """
    db.exec(select(Partnership.id).where(col(Partnership.id) == partnership_id).with_for_update()).one()
    wanted = {address_key(address): address for address in addresses}
    theirs = select(OrganiserAddress).where(
        col(OrganiserAddress.partnership_id) == partnership_id,
        col(OrganiserAddress.programme_id).is_(None),
        col(OrganiserAddress.added_by) == SETTINGS,
        col(OrganiserAddress.ended_at).is_(None),
    )
    ended = [row for row in db.exec(theirs).all() if row.address_key not in wanted]
    for row in ended:
        row.ended_at = now
        db.add(row)
    db.flush()
    _shut(db, partnership_id, {row.address_key for row in ended})
    for address in wanted.values():
        _begin(db, partnership_id, None, address, SETTINGS, now)


def _shut(db: Db, partnership_id: int, keys: Collection[str]) -> None:
    """Of addresses that organise nothing any more no link opens, not even once they are let in again: then they sign in anew."""
    rows, link = OrganiserAddress, Link
    for key in sorted(keys):
        if not _living(db, partnership_id, key):
            theirs = select(rows.id).where(col(rows.partnership_id) == partnership_id, col(rows.address_key) == key)
            db.exec(delete(link).where(col(link.organiser_id).in_(theirs)))


def _begin(db: Db, partnership_id: int, programme_id: int | None, address: str, added_by: str, now: datetime) -> bool:
    """Whether that is new. An address that organised before takes its row up again."""
    same = select(OrganiserAddress).where(
        col(OrganiserAddress.partnership_id) == partnership_id,
        col(OrganiserAddress.address_key) == address_key(address),
        col(OrganiserAddress.programme_id) == programme_id if programme_id else col(OrganiserAddress.programme_id).is_(None),
    )
    row = db.exec(same.order_by(col(OrganiserAddress.id))).first()
    if row is not None and row.ended_at is None:
        return False
    if row is None:
        row = OrganiserAddress(
            partnership_id=partnership_id,
            programme_id=programme_id,
            address=address,
            address_key=address_key(address),
            added_by=added_by,
            added_at=now,
        )
    row.address, row.added_by, row.added_at, row.ended_at = address, added_by, now, None
    db.add(row)
    db.flush()
    return True
