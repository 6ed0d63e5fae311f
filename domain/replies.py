"""Replies to invitations: a Decline from the calendar gives the place back, as the button in chat does.

A reply is believed where the mail server vouches for its sender, and the sender is who was invited. It counts for the invitation that
they have: not for an older one, and not once they have answered again. Whatever is not plain is left for people, and is on the
attention list; so is a Decline that came after their Accept and says that it was written before: no two clocks are the same. Where
a clock was ahead when they answered, nobody can know the order of what they say until that time: people ask them. Who has declined
is sent no calendar cancellation (RFC 5546, 3.2.3): the entry is gone. They are told in plain words.

Accept changes nothing: the place is theirs, and some calendars accept by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.bookings import cancel
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import (
    Booking,
    BookingState,
    CameOfReply,
    Notice,
    Person,
    Presenter,
    ReplySeen,
    Session,
    SessionState,
    WhyLeft,
)
from domain.notices import About, owe_person
from domain.once import put_in
from domain.partnerships import Whose, of_these
from domain.places import lock
from domain.ports.replies import Answer, Reply
from domain.presenters.naming import cannot_present
from domain.presenters.reaching import address_of
from domain.rules import RulesOf
from domain.standing import Instant, at
from domain.texts import address_key

#: how long is kept what became of a reply; a mailbox is not read further back
KEPT = timedelta(days=30)
_PRESENTING = re.compile(r"presenting-([0-9]{1,9})-(.+)", re.DOTALL)


@dataclass(frozen=True)
class Standing:
    """What a reply meets: the claim that it is about, and the calendar messages that its sender has."""

    open: bool  #: there is still something to give back
    ended: bool  #: it was given back before
    whole: bool  #: it is a part of a series
    told: int  #: the SEQUENCE of the last calendar message that left
    owed: int  #: of the last that is owed
    answered_at: datetime | None  #: when they last answered the same message: by their clock, and not later than it was read
    unsure_until: datetime | None = None  #: the latest time that their clocks have said, which may have been ahead
    said_otherwise: bool = False  #: their last answer was no refusal
    said_before: bool = False  #: they have declined at this very second, in another envelope


@dataclass(frozen=True)
class _Answer:
    """What they have said before."""

    given_at: datetime  #: at the latest: by their clock, or when it was read
    written_at: datetime  #: by their clock
    refuses: bool


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def why_left(reply: Reply, standing: Standing | None) -> WhyLeft | None:
    """Why people have to read it; None: it is plain. `standing` None: nobody with this address was invited."""
    if standing is None:
        return WhyLeft.UNKNOWN
    if address_key(reply.sender) != address_key(reply.attendee):
        return WhyLeft.OTHER_SENDER
    if reply.automatic:
        return WhyLeft.AUTOMATIC
    if reply.answer is Answer.OTHER:
        return WhyLeft.OTHER_ANSWER
    current = standing.told <= reply.sequence <= standing.owed
    if reply.answer is not Answer.DECLINED:
        again = reply.answer is Answer.ACCEPTED and standing.ended and current and reply.proven and _is_last(reply, standing)
        return WhyLeft.TOO_LATE if again else None
    if not standing.open:
        return None
    if _overtaken(reply, standing):
        return WhyLeft.OTHER_ANSWER if reply.proven and standing.said_otherwise else None
    if not reply.proven:
        return WhyLeft.UNPROVEN
    if not current:
        return WhyLeft.OLD
    if not _is_last(reply, standing):
        return WhyLeft.OTHER_ANSWER
    return WhyLeft.SERIES if standing.whole else None


def gives_back(reply: Reply, standing: Standing) -> bool:
    """Whether a plain reply changes anything."""
    return reply.answer is Answer.DECLINED and standing.open and _is_last(reply, standing)


def _overtaken(reply: Reply, standing: Standing) -> bool:
    """They have answered since, or this is that answer once more: mail may come in another order than it was sent, and twice."""
    return standing.said_before or (standing.answered_at is not None and reply.dtstamp <= standing.answered_at)


def _is_last(reply: Reply, standing: Standing) -> bool:
    """It is certain that they have not answered since: what one clock says is in order, and no clock has said a later time."""
    return not _overtaken(reply, standing) and (standing.unsure_until is None or reply.dtstamp > standing.unsure_until)


# ── taking one in ───────────────────────────────────────────────────────────────────────────────────────────


def take_in(db: Db, reply: Reply, rules: RulesOf, *, now: datetime) -> CameOfReply | None:
    """What became of a reply, now or before: harmless to repeat. None: it is about nothing of ours, and stays as it is."""
    found = _session_of(db, reply.uid, rules.kept())
    if found is None:
        return None
    session, claim = lock(db, found.partnership_id, found.id or 0), _claim(db, found, reply)
    if claim is not None:
        db.refresh(claim)  # under the lock
    before = col(ReplySeen.partnership_id) == session.partnership_id, col(ReplySeen.key) == reply.key
    standing = _standing(db, session, claim, reply, now=now) if claim is not None else None
    why = why_left(reply, standing) if standing is None or session.ends_at > now else None
    changes = why is None and standing is not None and gives_back(reply, standing)
    came = CameOfReply.LEFT if why else _came(claim) if changes else CameOfReply.NOTED
    if not put_in(db, [_seen(session, claim, reply, came, why, now)]):
        return CameOfReply(db.exec(select(ReplySeen.came).where(*before)).one())
    if changes and isinstance(claim, Booking):
        _give_back(db, session, claim, rules, now=now)
    elif changes and claim is not None:
        cannot_present(db, session.partnership_id, claim.id or 0, rules.of(session.partnership_id), now=now)
    return came


def _session_of(db: Db, uid: str, whose: Collection[int] | None) -> Session | None:
    presenting = _PRESENTING.fullmatch(uid)
    mine = select(Session).where(col(Session.uid) == (presenting[2] if presenting else uid), *of_these(Session.partnership_id, whose))
    found = db.exec(mine).first()
    return None if found is None or found.state is SessionState.DRAFT else found


def _claim(db: Db, session: Session, reply: Reply) -> Booking | Presenter | None:
    """Whose place or part it is, by the address that answers."""
    if presenting := _PRESENTING.fullmatch(reply.uid):
        presenter = db.get(Presenter, int(presenting[1]))
        theirs = presenter is not None and presenter.session_id == session.id and presenter.ended_at is None and presenter.sequence > 0
        address = address_of(db, presenter) if presenter is not None and theirs else None
        return presenter if address is not None and address_key(address) == address_key(reply.attendee) else None
    mine = (
        select(Booking)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Booking.session_id) == session.id,
            col(Booking.sequence) > 0,
            col(Person.partnership_id) == session.partnership_id,
            col(Person.email_key) == address_key(reply.attendee),
        )
    )
    return db.exec(mine).first()


def _standing(db: Db, session: Session, claim: Booking | Presenter, reply: Reply, *, now: datetime) -> Standing:
    if isinstance(claim, Booking):
        stands, ended = claim.state is BookingState.CONFIRMED, claim.state is BookingState.CANCELLED
        whole, until = claim.series_booking_id is not None, session.starts_at
        of_notice, of_reply = col(Notice.booking_id) == claim.id, col(ReplySeen.booking_id) == claim.id
    else:
        stands, ended = claim.declined_at is None, claim.declined_at is not None
        whole, until = False, session.ends_at
        of_notice, of_reply = col(Notice.presenter_id) == claim.id, col(ReplySeen.presenter_id) == claim.id
    ahead = session.state is SessionState.PUBLISHED and until > now
    left = col(Notice.first_handed_at).is_not(None), col(Notice.channel) == Channel.EMAIL, col(Notice.proof_id).is_(None)
    told = db.exec(select(func.max(col(Notice.sequence))).where(of_notice, *left)).one()
    answers = _answers(db, reply, of_reply)
    return Standing(
        open=stands and ahead,
        ended=ended and ahead,
        whole=whole,
        told=claim.sequence if told is None else told,
        owed=claim.sequence,
        answered_at=answers[-1].given_at if answers else None,
        unsure_until=max((one.written_at for one in answers), default=None),
        said_otherwise=bool(answers) and not answers[-1].refuses,
        said_before=reply.answer is Answer.DECLINED and any(one.refuses and one.written_at == reply.dtstamp for one in answers),
    )


def _answers(db: Db, reply: Reply, whose: ColumnElement[bool]) -> list[_Answer]:
    """What they have answered to the same message, in the order in which it was surely given."""
    mine = whose, col(ReplySeen.sequence) == reply.sequence, col(ReplySeen.answered_at).is_not(None)
    kept = db.exec(select(ReplySeen.answered_at, ReplySeen.seen_at, ReplySeen.refuses).where(*mine).order_by(col(ReplySeen.id)))
    found = [_Answer(min(written, seen), written, refuses) for written, seen, refuses in kept if written is not None]
    return sorted(found, key=lambda one: one.given_at)


def _came(claim: Booking | Presenter | None) -> CameOfReply:
    return CameOfReply.CANCELLED if isinstance(claim, Booking) else CameOfReply.DECLINED


def _seen(
    session: Session, claim: Booking | Presenter | None, reply: Reply, came: CameOfReply, why: WhyLeft | None, now: datetime
) -> ReplySeen:
    """Its row. Only who is proven to have answered may overtake an answer."""
    counts = reply.proven and claim is not None and why not in (WhyLeft.OTHER_SENDER, WhyLeft.AUTOMATIC)
    return ReplySeen(
        partnership_id=session.partnership_id,
        key=reply.key,
        session_id=session.id or 0,
        booking_id=claim.id if isinstance(claim, Booking) else None,
        presenter_id=claim.id if isinstance(claim, Presenter) else None,
        came=came,
        why=why,
        refuses=reply.answer in (Answer.DECLINED, Answer.OTHER),
        sequence=min(reply.sequence, claim.sequence if claim is not None else 0),
        answered_at=reply.dtstamp if counts else None,
        seen_at=now,
    )


def _give_back(db: Db, session: Session, booking: Booking, rules: RulesOf, *, now: datetime) -> None:
    """As when they cancel themselves; but their calendar has let go of the entry, and is told nothing."""
    booking.invited = False
    db.add(booking)
    db.flush()
    cancel(db, session.partnership_id, session.id or 0, booking.person_id, rules.of(session.partnership_id), now=now)
    person, key = db.get_one(Person, booking.person_id), f"cancellation:{booking.id}:{booking.sequence}:declined"
    about = About(key=key, now=now, session=session, booking=booking, expires_at=session.ends_at, channel=Channel.EMAIL)
    owe_person(db, Kind.CANCELLATION, person, **about)


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────


def replies_over(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `forget_replies` has anything to do."""
    return select(ReplySeen.id).where(*_old(at(-KEPT), whose)).exists()


def _old(seen: Instant, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    return col(ReplySeen.seen_at) <= seen, *of_these(ReplySeen.partnership_id, whose)


def forget_replies(db: Db, *, now: datetime, whose: Whose = None) -> int:
    """Forget what became of replies that nobody will read again; how many."""
    old = db.exec(select(ReplySeen).where(*_old(now - KEPT, whose))).all()
    for seen in old:
        db.delete(seen)
    return len(old)
