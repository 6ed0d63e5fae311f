"""The other way: what one channel did not take is owed by another, while there is time. Nobody is told twice."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from domain.cancellations import MAILED
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import Notice, Person, Presenter
from domain.notices import CALENDAR_KINDS, owe
from domain.presenters.reaching import address_of

#: what a notice that goes another way says again
_SAID_AGAIN = {
    "partnership_id",
    "kind",
    "need",
    "person_id",
    "booking_id",
    "session_id",
    "presenter_id",
    "series_booking_id",
    "programme_id",
    "transfer_id",
    "announcement_id",
    "lead_minutes",
    "detail",
    "expires_at",
}


def another_way(db: Db, refused: Notice, *, now: datetime) -> None:
    """What chat did not take goes by e-mail; a reminder that e-mail did not take goes by chat, while it is worth sending."""
    if refused.channel is Channel.CHAT:
        _by_email_instead(db, refused, now=now)
    elif refused.channel is Channel.EMAIL and (refused.expires_at is None or refused.expires_at > now):
        owe_instead(db, refused, Channel.CHAT, now=now)


def _by_email_instead(db: Db, refused: Notice, *, now: datetime) -> None:
    """To a person whose address is proven, while it is worth sending."""
    if refused.person_id is None:
        return
    late = refused.expires_at is not None and refused.expires_at <= now
    key = refused.key.removesuffix(f":{Channel.CHAT}")
    own_mail = db.exec(select(Notice.id).where(col(Notice.key) == key)).first() is not None  # such as a calendar cancellation
    if own_mail or (refused.announcement_id is not None and refused.detail == MAILED):
        return
    if late or refused.kind is Kind.PROMOTION or not _has_mail(db, refused):
        return  # a promotion's own mail is owed already
    _owe_by(db, refused, key, Channel.EMAIL, now)


def owe_instead(db: Db, notice: Notice, by: Channel, *, now: datetime) -> bool:
    """Owe a reminder by the other channel, where its person has one and nothing is owed that way already; whether it was.

    What may have arrived by the first is not owed again: nobody is reminded twice.
    """
    if notice.kind is not Kind.REMINDER or notice.first_handed_at is not None or notice.person_id is None:
        return False
    person = db.get_one(Person, notice.person_id)
    open_chat = person.discord_id is not None and person.chat_closed_at is None
    there = _has_mail(db, notice) if by is Channel.EMAIL else open_chat
    return there and _owe_by(db, notice, notice.key.removesuffix(f":{notice.channel}"), by, now)


def _owe_by(db: Db, refused: Notice, key: str, by: Channel, now: datetime) -> bool:
    other = refused.model_dump(include=_SAID_AGAIN)
    return owe(db, Notice(**other, key=f"{key}:{by}", channel=by, owed_at=now, next_try_at=now, fallback_of=refused.id))


def _has_mail(db: Db, refused: Notice) -> bool:
    """Whether mail may take the place of a chat message. A presenter's calendar mail is owed already."""
    if refused.presenter_id is not None:
        return refused.kind not in CALENDAR_KINDS and address_of(db, db.get_one(Presenter, refused.presenter_id)) is not None
    return db.get_one(Person, refused.person_id).proven_at is not None
