"""The rows of presenters: beginning one, ending one, and the one whose label the schedule gives."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.models import Part, Person, Presenter, Session
from domain.presenters.telling import invite, living, withdraw
from domain.texts import address_key, clean_address, name_key, one_line

LABEL_LIMIT = 200


# ── the schedule ────────────────────────────────────────────────────────────────────────────────────────────


def label_by_schedule(db: Db, session: Session, label: str | None, address: str | None = None, *, now: datetime) -> None:
    """Make the schedule's own label what a schedule or an organiser's form says. People named beside it stay.

    The same name keeps its address, unless another is given with it. A name that this session had before is taken up again.
    """
    old = next((one for one in living(db, session.id) if not one.named), None)
    label = (label or "").strip()[:LABEL_LIMIT]
    if old is not None and label and (name_key(old.label) == name_key(label) or same_mailbox(old, address)):
        old.label = label
        db.add(old)
        if address and not same_mailbox(old, address):
            if old.sequence:
                end_row(db, old, session, now=now)
                old = new_row(session, label)
            _reach(db, old, session, address, now=now)
        db.flush()
        return
    if old is not None:
        end_row(db, old, session, now=now)
    if label:
        again = _ended_before(db, session, label, address)
        if again is not None:
            again.ended_at = again.confirmed_at = again.declined_at = None
        row = again or new_row(session, label)
        _reach(db, row, session, address or row.address, now=now)
    db.flush()


def _reach(db: Db, row: Presenter, session: Session, address: str | None, *, now: datetime) -> None:
    person = known_person(db, session.partnership_id, None, row.label, address, now=now)
    row.address, row.person_id = address, person.id if person else row.person_id
    db.add(row)
    db.flush()
    invite(db, row, session, now=now)


def _ended_before(db: Db, session: Session, label: str, address: str | None) -> Presenter | None:
    """Who had this name before. Another mailbox is another row: the entry in the old one is still taken back."""
    ended = select(Presenter).where(col(Presenter.session_id) == session.id, col(Presenter.ended_at).is_not(None), ~col(Presenter.named))
    same = (one for one in db.exec(ended.order_by(col(Presenter.id).desc())) if name_key(one.label) == name_key(label))
    return next((one for one in same if address is None or not one.sequence or same_mailbox(one, address)), None)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def new_row(session: Session, label: str, *, named: bool = False) -> Presenter:
    """A presenter who is not kept yet."""
    seed = secrets.token_hex(16)
    return Presenter(partnership_id=session.partnership_id, session_id=session.id or 0, label=label, named=named, code_seed=seed)


def end_row(db: Db, presenter: Presenter, session: Session, *, now: datetime) -> None:
    """Somebody presents no more. Who had said so already does not hear of it again."""
    presenter.ended_at, session.touched_at = now, now
    db.add_all((presenter, session))
    db.flush()
    if presenter.declined_at is None and session.ends_at > now:
        withdraw(db, presenter, session, now=now)


def typed_address(typed: str | None) -> str | None:
    """The address that was typed, if any was. Raises `BadInput`."""
    return clean_address(typed, field="address") if typed and typed.strip() else None


def same_mailbox(one: Presenter, address: str | None) -> bool:
    """Whether this is the address that an organiser gave for them."""
    return bool(address and one.address) and address_key(address or "") == address_key(one.address or "")


def known_person(db: Db, partnership_id: int, discord_id: int | None, label: str, address: str | None, *, now: datetime) -> Person | None:
    """The person who is meant: a member of the server, or who has proven this address."""
    if discord_id is not None:
        return member(db, partnership_id, discord_id, label, now=now)
    if address is None:
        return None
    mine = select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.email_key) == address_key(address))
    return db.exec(mine).first()


def member(db: Db, partnership_id: int, discord_id: int, name: str, *, now: datetime) -> Person:
    """The person of a Discord account, made with this name if we do not know them."""
    known = db.exec(select(Person).where(col(Person.partnership_id) == partnership_id, col(Person.discord_id) == discord_id)).first()
    if known is None:
        name = one_line(name, LABEL_LIMIT, "the presenter's name")[:100]
        known = Person(partnership_id=partnership_id, discord_id=discord_id, name=name, part=Part.PRESENTER, created_at=now)
        db.add(known)
        db.flush()
    return known
