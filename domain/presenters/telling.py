"""Presenting: every message that somebody who presents is owed, through the same ledger as bookings.

A presenter with an address is sent calendar mail that follows the session; one whom Discord knows is asked there too,
with buttons. A presenter who is only a label on a session hears nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.feedback.answers import results_of
from domain.feedback.questions import form
from domain.kinds import Channel, Kind
from domain.models import Milestone, Notice, NoticeState, Presenter, Session, SessionState
from domain.notices import chosen_channels, need, number_next, owe, owe_all, owe_calendar, went_without_link
from domain.once import put_in
from domain.partnerships import of_these
from domain.presenters.reaching import address_of, open_chat, person_behind, presents
from domain.rules import RulesOf
from domain.texts import address_key

RESULTS = "results"
#: how long after its feedback closed a presenter may still be sent it, and how long that is worth sending
RESULTS_WITHIN = timedelta(days=7)


def living(db: Db, session_id: int | None) -> Sequence[Presenter]:
    """Who presents a session, the schedule's own label first; who said no is among them."""
    mine = select(Presenter).where(col(Presenter.session_id) == session_id, col(Presenter.ended_at).is_(None))
    return db.exec(mine.order_by(col(Presenter.named), col(Presenter.id))).all()


def shown_label(labels: Sequence[str]) -> str | None:
    """Several presenters in one line. Who stands in another's label already ("Ann Lee and Bo Day") is not named twice."""
    kept: list[str] = []
    for label in dict.fromkeys(labels):
        others = [other for other in labels if other != label]
        if not any(f" {_bare(label)} " in f" {_bare(other)} " for other in others):
            kept.append(label)
    return ", ".join(kept) or None


def _bare(label: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in label.casefold()).split())


def co_organisers(db: Db, session: Session) -> tuple[str, ...]:
    """The addresses of those who are to run a session's meeting too, in the order of the alphabet."""
    ours = [one for one in living(db, session.id) if one.co_organiser and one.declined_at is None]
    return tuple(sorted({address for one in ours if (address := address_of(db, one)) is not None}))


# ── asking and telling ──────────────────────────────────────────────────────────────────────────────────────


def invite(db: Db, presenter: Presenter, session: Session, *, now: datetime) -> bool:
    """Ask somebody to present, by mail and by direct message as far as they can be reached; whether they can be."""
    person, by_mail = person_behind(db, presenter), address_of(db, presenter) is not None
    by_chat = open_chat(person)
    if not presents(presenter, session) or session.ends_at <= now or not (by_mail or by_chat):
        return False
    if by_mail:
        owe_calendar(db, presenter, session, Kind.INVITATION, now=now)
    else:
        number_next(presenter, now=now)
        db.add(presenter)
    if by_chat:
        owe(db, _message(presenter, session, Kind.INVITATION, Channel.CHAT, f"{presenter.sequence}:chat", now=now, until=session.starts_at))
    return True


def withdraw(db: Db, presenter: Presenter, session: Session, *, now: datetime, reason: str = "", asked_for: bool = False) -> None:
    """Take the session out of a presenter's calendar again. `asked_for`: they said themselves that they cannot."""
    if presenter.sequence:  # else they have never been written to
        owe_calendar(db, presenter, session, Kind.CANCELLATION, now=now, detail=reason, by_organiser=not asked_for)


def invite_all(db: Db, session: Session, *, now: datetime) -> int:
    """Ask everyone who is to present a session and has not been asked; how many."""
    return sum(invite(db, presenter, session, now=now) for presenter in living(db, session.id) if not presenter.sequence)


def withdraw_all(db: Db, session: Session, *, now: datetime, reason: str = "") -> int:
    """Tell everyone who presents a session that it is cancelled; how many."""
    told = [one for one in living(db, session.id) if one.declined_at is None and one.sequence]
    for presenter in told:
        withdraw(db, presenter, session, now=now, reason=reason)
    return len(told)


def told_without_link(db: Db, session: Session) -> Sequence[Presenter]:
    """Presenters whose last message went before there was a link."""
    last = (
        select(Presenter)
        .join(Notice, col(Notice.presenter_id) == col(Presenter.id))
        .where(
            col(Presenter.session_id) == session.id,
            col(Presenter.ended_at).is_(None),
            col(Presenter.declined_at).is_(None),
            *went_without_link(Notice.presenter_id),
        )
    )
    return db.exec(last).unique().all()


def has_moved(db: Db, presenter: Presenter) -> bool:
    """Whether they are told of another day or time, which nothing that they have said before can be about."""
    told = select(Notice.detail).where(
        col(Notice.presenter_id) == presenter.id, col(Notice.kind) == Kind.UPDATE, col(Notice.state) != NoticeState.SUPERSEDED
    )
    if (said := presenter.confirmed_at or presenter.declined_at) is not None:
        told = told.where(col(Notice.owed_at) > said)
    return any("time" in changes.split(",") for changes in db.exec(told))


# ── what falls due ──────────────────────────────────────────────────────────────────────────────────────────


def remind(db: Db, session: Session, lead: timedelta, worth_until: datetime, *, now: datetime) -> int:
    """Owe the presenters of a session their reminder; how many messages."""
    minutes = int(lead.total_seconds() // 60)
    owed = []
    for presenter in living(db, session.id):
        if not presents(presenter, session) or not presenter.sequence:
            continue
        for channel in _channels(db, presenter):
            key = f"reminder:{minutes}:{session.starts_at:%Y%m%dT%H%M%SZ}:{channel}"
            notice = _message(presenter, session, Kind.REMINDER, channel, key, now=now, until=worth_until)
            notice.lead_minutes, notice.detail = minutes, session.starts_at.isoformat()
            owed.append(notice)
    return owe_all(db, owed)


def owe_results(db: Db, rules: RulesOf, *, now: datetime) -> int:
    """Owe the presenters of a session, once its feedback has closed, what may be seen of it; how many messages.

    By then all that may ever be seen is released, so they hear once. Too few answers: they hear nothing.
    """
    seen = select(Milestone.id).where(col(Milestone.session_id) == col(Session.id), col(Milestone.what) == RESULTS)
    closed = select(Session).where(
        col(Session.state) == SessionState.PUBLISHED,
        col(Session.feedback_closed_at) > now - RESULTS_WITHIN,
        ~seen.exists(),
        *of_these(Session.partnership_id, rules.kept()),
    )
    owed = []
    for session in db.exec(closed.order_by(col(Session.id))).all():
        if not put_in(db, [Milestone(session_id=session.id or 0, what=RESULTS, at=session.ends_at)]):
            continue  # another process is seeing to it
        questions = form(db, session.partnership_id, session.programme_id)
        if not results_of(db, [session.id or 0], questions, rules.of(session.partnership_id))[session.id or 0].answers:
            continue
        for presenter in living(db, session.id):
            if presents(presenter, session) and presenter.sequence:
                channel = _channels(db, presenter)[0]
                owed.append(_message(presenter, session, Kind.RESULTS, channel, f"results:{channel}", now=now, until=now + RESULTS_WITHIN))
    return owe_all(db, owed)


def _channels(db: Db, presenter: Presenter) -> tuple[Channel, ...]:
    """Where a presenter is reminded: as a person has chosen, as far as they can be reached that way; else by mail."""
    person, by_mail = person_behind(db, presenter), address_of(db, presenter) is not None
    chosen = chosen_channels(person) if person is not None else (Channel.EMAIL,)
    usable = tuple(way for way in chosen if way is Channel.CHAT or by_mail)
    return usable or ((Channel.EMAIL,) if by_mail else (Channel.CHAT,))


def _message(presenter: Presenter, session: Session, kind: Kind, channel: Channel, key: str, *, now: datetime, until: datetime) -> Notice:
    """A message to a presenter that carries no calendar entry, not owed yet."""
    return Notice(
        partnership_id=presenter.partnership_id,
        key=f"presenting:{presenter.id}:{key}",
        kind=kind,
        channel=channel,
        need=need(kind, starts_at=session.starts_at, now=now),
        person_id=presenter.person_id,
        presenter_id=presenter.id,
        session_id=session.id,
        owed_at=now,
        next_try_at=now,
        expires_at=until,
    )


# ── an address that is proven ───────────────────────────────────────────────────────────────────────────────


def recognise(db: Db, person_id: int, partnership_id: int, address: str) -> int:
    """Somebody has proven an address to which presenters were invited: from now on we know who they are; how many."""
    unknown = select(Presenter).where(col(Presenter.partnership_id) == partnership_id, col(Presenter.person_id).is_(None))
    found = [
        one for one in db.exec(unknown.where(col(Presenter.address).is_not(None))) if address_key(one.address or "") == address_key(address)
    ]
    for presenter in found:
        presenter.person_id = person_id
        db.add(presenter)
    db.flush()
    return len(found)


def follow_address(db: Db, person_id: int, old_proof_id: int | None, *, now: datetime) -> int:
    """The address of somebody who presents has changed, or is their first: their entries move to it; how many."""
    mine = (
        select(Presenter, Session)
        .join(Session, col(Session.id) == col(Presenter.session_id))
        .where(
            col(Presenter.person_id) == person_id, col(Presenter.address).is_(None), col(Presenter.sequence) > 0, col(Session.ends_at) > now
        )
    )
    if old_proof_id is not None:
        _cancel_where_they_are(db, person_id, old_proof_id)
    moved = 0
    for presenter, session in db.exec(mine.order_by(col(Presenter.id))).all():
        if not presents(presenter, session):
            continue
        if old_proof_id is not None and presenter.invited:
            stamp, key = number_next(presenter, now=now), f"{presenter.sequence}:moved"
            gone = _message(presenter, session, Kind.CANCELLATION, Channel.EMAIL, key, now=now, until=session.ends_at)
            gone.proof_id, gone.sequence, gone.dtstamp = old_proof_id, presenter.sequence, stamp
            owe(db, gone)
        owe_calendar(db, presenter, session, Kind.INVITATION, now=now)
        moved += 1
    return moved


def _cancel_where_they_are(db: Db, person_id: int, old_proof_id: int) -> None:
    """Calendar cancellations that have not left yet go to the mailbox to which they were owed: the entries are there."""
    unsent = (
        select(Notice, Presenter)
        .join(Presenter, col(Presenter.id) == col(Notice.presenter_id))
        .where(
            col(Presenter.person_id) == person_id,
            col(Presenter.address).is_(None),
            col(Notice.kind) == Kind.CANCELLATION,
            col(Notice.sequence).is_not(None),
            col(Notice.proof_id).is_(None),
            col(Notice.state).in_((NoticeState.QUEUED, NoticeState.CLAIMED)),
            col(Notice.handed_at).is_(None),
        )
    )
    for notice, presenter in db.exec(unsent).all():
        notice.proof_id, presenter.invited = old_proof_id, False
        db.add_all((notice, presenter))
    db.flush()
