"""Presenters: who leads a session, as the schedule says it and as organisers add to it, and whether they have said yes.

The schedule gives one label, which may name several people; organisers give it an address, or name people beside it.
Another person, or another mailbox, is another row: the old one has ended, and takes its calendar entry back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from domain.audit import audit, of_person
from domain.changeable import lock_to_change
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.kinds import Kind
from domain.meetings import ensure
from domain.models import Notice, NoticeState, Person, Presenter, Session, SessionState
from domain.places import lock
from domain.presenters.reaching import address_of, open_chat, person_behind
from domain.presenters.rows import LABEL_LIMIT, end_row, known_person, member, new_row, same_mailbox, typed_address
from domain.presenters.telling import has_moved, invite, living, withdraw
from domain.rules import Rules
from domain.texts import address_key, name_key, one_line

MOST = 10  # presenters of one session
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read for something else


@dataclass(frozen=True)
class NewPresenter:
    """Somebody who presents, as an organiser describes them: a label, and how to reach them where that is known."""

    label: str
    address: str | None = None
    discord_id: int | None = None  #: of a member of the partnership's server
    co_organiser: bool = False


@dataclass(frozen=True)
class PresenterView:
    """A presenter, for the organisers. `asked`: they have been, or will be, written to; `waiting`: that letter has yet to go."""

    id: int
    session_id: int
    label: str
    address: str | None
    in_chat: bool
    co_organiser: bool
    asked: bool
    confirmed: bool
    declined: bool
    waiting: bool = field(default=False, compare=False)


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def code_of(presenter: Presenter) -> str:
    """The code in a presenter's mail: `ABCD-EFGH`. It is made from the row's seed, so that a repeated mail is the same mail."""
    digest = hmac.new((presenter.code_seed or "").encode(), f"presenter:{presenter.id}".encode(), hashlib.sha256).digest()
    letters = "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in digest[:8])
    return f"{letters[:4]}-{letters[4:]}"


# ── organisers ──────────────────────────────────────────────────────────────────────────────────────────────


def add(db: Db, partnership_id: int, session_id: int, new: NewPresenter, rules: Rules, *, actor: str, now: datetime) -> PresenterView:
    """Name a presenter, and ask them if they can be reached. One who stands in the schedule by this name is given the address."""
    session = lock_to_change(db, partnership_id, session_id, now=now)
    label, address = one_line(new.label, LABEL_LIMIT, "the presenter's name", field="label"), typed_address(new.address)
    person = known_person(db, partnership_id, new.discord_id, label, address, now=now)
    there = living(db, session_id)
    if any(_same(one, address, person) for one in there):
        raise BadInput("This person is a presenter of the session already.", field="address")
    if len(there) >= MOST:
        raise BadInput(f"A session can have at most {MOST} presenters.")
    presenter = next((one for one in there if name_key(one.label) == name_key(label) and not one.address and one.person_id is None), None)
    presenter = presenter or new_row(session, label, named=bool(there))
    presenter.address, presenter.person_id = address, person.id if person else None
    presenter.co_organiser = new.co_organiser
    return _begin(db, session, presenter, "add presenter", rules, actor=actor, now=now)


def change(
    db: Db,
    partnership_id: int,
    presenter_id: int,
    rules: Rules,
    *,
    actor: str,
    now: datetime,
    label: str | None = None,
    address: str | None = None,
) -> PresenterView:
    """Correct a presenter's label or address. Another address, or another name without the same address, starts anew.

    None leaves what there is. Raises `BadInput` for an address that is emptied: who has been written to is taken off, not forgotten.
    """
    old, session = _theirs(db, partnership_id, presenter_id, now)
    if address is not None and not address.strip() and address_of(db, old) is not None:
        raise BadInput("Enter an e-mail address. To write to them no more, take them off the session.", field="address")
    label = one_line(label, LABEL_LIMIT, "the presenter's name", field="label") if label is not None else old.label
    given = typed_address(address)
    same_address = given is not None and address_key(given) == address_key(address_of(db, old) or "")
    if not old.sequence or (address_of(db, old) is None and name_key(label) == name_key(old.label)):  # no mailbox was written to yet
        person = known_person(db, partnership_id, None, label, given, now=now)
        old.label, old.address, old.person_id = label, given or old.address, person.id if person else old.person_id
        return _begin(db, session, old, "change presenter", rules, actor=actor, now=now)
    if (given is None or same_address) and (name_key(label) == name_key(old.label) or same_address):
        old.label, session.touched_at = label, now
        db.add_all((old, session))
        audit(db, partnership_id, actor, "change presenter", now=now, programme_id=session.programme_id, session_id=session.id)
        return view(db, old)
    new = new_row(session, label, named=old.named)
    person = known_person(db, partnership_id, None, label, given, now=now)
    new.address, new.person_id, new.co_organiser = given, person.id if person else None, old.co_organiser and given is not None
    end_row(db, old, session, now=now)
    return _begin(db, session, new, "change presenter", rules, actor=actor, now=now)


def remove(db: Db, partnership_id: int, presenter_id: int, rules: Rules, *, actor: str, now: datetime) -> None:
    """Somebody presents no more: the entry in their calendar is taken back."""
    presenter, session = _theirs(db, partnership_id, presenter_id, now)
    end_row(db, presenter, session, now=now)
    ensure(db, session, rules, now=now, changed=presenter.co_organiser)
    audit(db, partnership_id, actor, "remove presenter", now=now, programme_id=session.programme_id, session_id=session.id)


def set_co_organiser(db: Db, partnership_id: int, presenter_id: int, on: bool, rules: Rules, *, actor: str, now: datetime) -> PresenterView:
    """Make a presenter co-organiser in Teams, or alternative host in Zoom, or no longer. The meeting follows."""
    presenter, session = _theirs(db, partnership_id, presenter_id, now)
    if on and address_of(db, presenter) is None:
        raise BadInput("Please give this presenter's e-mail address first. Teams and Zoom know people by it.", field="address")
    changed, presenter.co_organiser = presenter.co_organiser != on, on
    db.add(presenter)
    db.flush()
    ensure(db, session, rules, now=now, changed=changed)
    audit(db, partnership_id, actor, "change presenter", now=now, programme_id=session.programme_id, session_id=session.id)
    return view(db, presenter)


def mark(db: Db, partnership_id: int, presenter_id: int, yes: bool, rules: Rules, *, actor: str, now: datetime) -> PresenterView:
    """An organiser has heard from a presenter: they come, or it is open again. Who had said no is asked anew."""
    presenter, session = _theirs(db, partnership_id, presenter_id, now)
    had_declined = presenter.declined_at is not None
    presenter.confirmed_at, presenter.declined_at = now if yes else None, None
    db.add(presenter)
    db.flush()
    if had_declined:
        invite(db, presenter, session, now=now)
        ensure(db, session, rules, now=now, changed=presenter.co_organiser)
    audit(db, partnership_id, actor, "mark presenter", now=now, programme_id=session.programme_id, session_id=session.id)
    return view(db, presenter)


def presenters_of(db: Db, partnership_id: int, session_id: int) -> tuple[PresenterView, ...]:
    """Everyone who presents a session, for its organisers."""
    return tuple(view(db, one) for one in living(db, session_id) if one.partnership_id == partnership_id)


def find_presenter(db: Db, partnership_id: int, presenter_id: int) -> PresenterView:
    """One presenter. Raises `NotFound` for another partnership's, and for one who presents no more."""
    return view(db, _row_of(db, partnership_id, presenter_id))


def view(db: Db, presenter: Presenter) -> PresenterView:
    """A presenter as a value."""
    return PresenterView(
        presenter.id or 0,
        presenter.session_id,
        presenter.label,
        address_of(db, presenter),
        open_chat(person_behind(db, presenter)),
        presenter.co_organiser,
        presenter.sequence > 0,
        presenter.confirmed_at is not None,
        presenter.declined_at is not None,
        _waiting(db, presenter),
    )


def _waiting(db: Db, presenter: Presenter) -> bool:
    """Whether the question that they were asked last has not left yet."""
    asked = select(Notice.state).where(col(Notice.presenter_id) == presenter.id, col(Notice.kind) == Kind.INVITATION)
    return db.exec(asked.order_by(col(Notice.id).desc())).first() in (NoticeState.QUEUED, NoticeState.CLAIMED)


# ── presenters themselves ───────────────────────────────────────────────────────────────────────────────────


def answer(db: Db, partnership_id: int, presenter_id: int, discord_id: int, yes: bool, rules: Rules, *, now: datetime) -> PresenterView:
    """A presenter says that they come, or that they cannot. Harmless to repeat. Raises `NotFound` for anybody else."""
    presenter = db.get(Presenter, presenter_id)
    known = presenter is not None and presenter.partnership_id == partnership_id and presenter.ended_at is None
    person = person_behind(db, presenter) if presenter is not None and known else None
    if presenter is None or person is None or person.discord_id != discord_id:
        raise NotFound("We could not find a session that you present. Ask an organiser to help you.")
    return answered(db, presenter, yes, rules, now=now)


def cannot_present(db: Db, partnership_id: int, presenter_id: int, rules: Rules, *, now: datetime) -> PresenterView:
    """A presenter has pressed Decline in their calendar, and is known by their address. Harmless to repeat."""
    return answered(db, _row_of(db, partnership_id, presenter_id), False, rules, now=now)


def confirm_by_code(db: Db, partnership_id: int, discord_id: int, name: str, code: str, rules: Rules, *, now: datetime) -> PresenterView:
    """Somebody types the code from their mail: they come, and from now on Discord knows them as this presenter."""
    typed = "".join(c for c in code.upper() if c.isalnum())
    asked = select(Presenter).where(
        col(Presenter.partnership_id) == partnership_id, col(Presenter.ended_at).is_(None), col(Presenter.code_seed).is_not(None)
    )
    fits = [one for one in db.exec(asked).all() if hmac.compare_digest(code_of(one).replace("-", "").encode(), typed.encode())]
    if not fits:
        raise Refusal("That is not a code that we sent. Please look at the newest e-mail from us, or ask an organiser.")
    presenter = fits[0]
    lock(db, partnership_id, presenter.session_id)
    db.refresh(presenter)
    if presenter.ended_at is not None:
        raise Refusal("You have been taken off this session since we wrote to you. Please ask an organiser.")
    if presenter.person_id is None:
        presenter.person_id = member(db, partnership_id, discord_id, name, now=now).id
        db.add(presenter)
        db.flush()
    return answered(db, presenter, True, rules, now=now)


def answered(db: Db, presenter: Presenter, yes: bool, rules: Rules, *, now: datetime) -> PresenterView:
    """Their answer, however it came: by a press in chat, from a calendar, by the link in their mail. Raises `Closed`, `NotFound`.

    Said twice it counts once; but of another day or time that they are told of since it is said anew.
    """
    session = lock(db, presenter.partnership_id, presenter.session_id)
    if session.state is SessionState.CANCELLED or session.ends_at <= now:
        raise Closed("This session is over or called off, so there is nothing to answer.")
    presenter = _row_of(db, session.partnership_id, presenter.id or 0, anew=True)
    had_declined = presenter.declined_at is not None
    said = presenter.confirmed_at if yes else presenter.declined_at
    if said is not None and not has_moved(db, presenter):
        return view(db, presenter)
    presenter.confirmed_at, presenter.declined_at = (now, None) if yes else (None, now)
    db.add(presenter)
    db.flush()
    what, by = "confirm presenting" if yes else "decline presenting", of_person(presenter.person_id)
    audit(db, session.partnership_id, by, what, now=now, programme_id=session.programme_id, session_id=session.id)
    if yes and had_declined:
        invite(db, presenter, session, now=now)
    elif not yes and not had_declined:
        withdraw(db, presenter, session, now=now, asked_for=True)
    if had_declined is yes:
        ensure(db, session, rules, now=now, changed=presenter.co_organiser)
    return view(db, presenter)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _theirs(db: Db, partnership_id: int, presenter_id: int, now: datetime) -> tuple[Presenter, Session]:
    session = lock_to_change(db, partnership_id, _row_of(db, partnership_id, presenter_id).session_id, now=now)
    return _row_of(db, partnership_id, presenter_id, anew=True), session  # under the lock: another may have ended it meanwhile


def _row_of(db: Db, partnership_id: int, presenter_id: int, *, anew: bool = False) -> Presenter:
    presenter = db.get(Presenter, presenter_id, populate_existing=anew)
    if presenter is None or presenter.partnership_id != partnership_id or presenter.ended_at is not None:
        raise NotFound("We could not find that presenter. They may have been taken off the session.")
    return presenter


def _begin(db: Db, session: Session, presenter: Presenter, what: str, rules: Rules, *, actor: str, now: datetime) -> PresenterView:
    """Keep a presenter who starts here, and ask them."""
    presenter.code_seed = presenter.code_seed or secrets.token_hex(16)
    db.add(presenter)
    db.flush()
    if presenter.co_organiser and address_of(db, presenter) is None:
        raise BadInput("Please give this presenter's e-mail address first. Teams and Zoom know people by it.", field="address")
    invite(db, presenter, session, now=now)
    session.touched_at = now
    db.add(session)
    ensure(db, session, rules, now=now)
    audit(db, session.partnership_id, actor, what, now=now, programme_id=session.programme_id, session_id=session.id)
    return view(db, presenter)


def _same(one: Presenter, address: str | None, person: Person | None) -> bool:
    return same_mailbox(one, address) or (person is not None and one.person_id == person.id)
