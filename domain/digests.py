"""The daily message: what needs attention in a programme, at 8am of its own zone, to each organiser who wants it.

The notice is owed every morning; whether there is anything to say is decided at the moment of sending, and a morning
without is never sent. Who may still organise is a matter of Discord's roles, which the domain does not know: the chat
channel asks before it sends, and calls `end` for a reader who lost the role.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.attention import attention
from domain.audit import CLOCK, audit
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.letters.matters import DigestMatter
from domain.models import DigestReader, Notice, Programme, ProgrammeState
from domain.notices import need, owe
from domain.partnerships import Whose, of_these
from domain.ports.letters import Recipient
from domain.programmes import owned
from domain.rules import Rules
from domain.times import day_of, to_instant

AT = time(8)
#: how long after 8am the message is still worth sending
WORTH = timedelta(hours=6)


def due_at(day: date, zone: str) -> datetime:
    """8am of a day (UTC). No zone changes its clocks at that hour."""
    return to_instant(datetime.combine(day, AT), zone)


def want(db: Db, partnership_id: int, programme_id: int, discord_id: int, *, actor: str, now: datetime) -> None:
    """This organiser wants the daily message, from the next 8am on. Harmless to repeat. Raises `NotFound`."""
    owned(db, partnership_id, programme_id)
    if _reader(db, programme_id, discord_id) is None:
        db.add(DigestReader(partnership_id=partnership_id, programme_id=programme_id, discord_id=discord_id, since=now))
        audit(db, partnership_id, actor, "want daily message", now=now, programme_id=programme_id)


def stop(db: Db, partnership_id: int, programme_id: int, discord_id: int, *, actor: str, now: datetime) -> None:
    """This organiser wants it no longer. Harmless to repeat. Raises `NotFound`."""
    owned(db, partnership_id, programme_id)
    reader = _reader(db, programme_id, discord_id)
    if reader is not None:
        _forget(db, reader)
        audit(db, partnership_id, actor, "stop daily message", now=now, programme_id=programme_id)


def end(db: Db, partnership_id: int, programme_id: int, discord_id: int, *, now: datetime) -> None:
    """Forget a reader. What is owed to them already leads nowhere, and is not sent."""
    reader = _reader(db, programme_id, discord_id)
    if reader is None or reader.partnership_id != partnership_id:
        return
    _forget(db, reader)
    audit(db, partnership_id, CLOCK, "end daily message", now=now, programme_id=programme_id)


def _forget(db: Db, reader: DigestReader) -> None:
    db.exec(update(Notice).where(col(Notice.digest_reader_id) == reader.id).values(digest_reader_id=None))
    db.delete(reader)
    db.flush()


def _reader(db: Db, programme_id: int, discord_id: int) -> DigestReader | None:
    mine = select(DigestReader).where(col(DigestReader.programme_id) == programme_id, col(DigestReader.discord_id) == discord_id)
    return db.exec(mine).first()


def wanted_by_any(whose: Whose = None) -> ColumnElement[bool]:
    """Whether `digests_due` may hold: somebody wants the message."""
    return select(DigestReader.id).where(*of_these(DigestReader.partnership_id, whose)).exists()


def digests_due(db: Db, *, now: datetime, whose: Whose = None) -> bool:
    """Whether `owe_digests` has anything to do."""
    keys = {notice.key for notice in _this_morning(db, now, whose)}
    return bool(keys) and len(db.exec(select(Notice.id).where(col(Notice.key).in_(keys))).all()) < len(keys)


def owe_digests(db: Db, *, now: datetime, whose: Whose = None) -> int:
    """Owe this morning's message to everyone who wanted it by 8am; how many. At most one a day, reader and programme."""
    return sum(owe(db, notice) for notice in _this_morning(db, now, whose))


def _this_morning(db: Db, now: datetime, whose: Whose) -> Iterator[Notice]:
    """To everyone who wanted it by 8am, while it is worth sending, owed already or not."""
    for reader, programme in _readers(db, whose):
        day = day_of(now, programme.zone)
        due = due_at(day, programme.zone)
        if reader.since <= due <= now < due + WORTH:
            yield _notice(reader, day, due, now)


def next_instant(db: Db, *, now: datetime, whose: Whose = None) -> datetime | None:
    """The next 8am at which somebody wants the message (UTC)."""
    instants = []
    for _, programme in _readers(db, whose):
        today = day_of(now, programme.zone)
        instants += [due for day in (today, today + timedelta(days=1)) if (due := due_at(day, programme.zone)) > now]
    return min(instants, default=None)


def _readers(db: Db, whose: Whose) -> list[tuple[DigestReader, Programme]]:
    rows = select(DigestReader, Programme).join(Programme, col(Programme.id) == col(DigestReader.programme_id))
    wanted = col(Programme.state) != ProgrammeState.ARCHIVED, *of_these(DigestReader.partnership_id, whose)
    return list(db.exec(rows.where(*wanted).order_by(col(DigestReader.id))))


def _notice(reader: DigestReader, day: date, due: datetime, now: datetime) -> Notice:
    return Notice(
        partnership_id=reader.partnership_id,
        key=f"digest:{reader.programme_id}:{reader.discord_id}:{day:%Y%m%d}",
        kind=Kind.DIGEST,
        channel=Channel.CHAT,
        need=need(Kind.DIGEST, starts_at=None, now=now),
        programme_id=reader.programme_id,
        digest_reader_id=reader.id,
        owed_at=now,
        next_try_at=now,
        expires_at=due + WORTH,
    )


# ── at the moment of sending ────────────────────────────────────────────────────────────────────────────────


def read_digest(db: Db, notice: Notice, rules: Rules, *, now: datetime) -> DigestMatter | None:
    """What needs attention now; None when nothing does, or nobody wants to know any more."""
    reader = db.get(DigestReader, notice.digest_reader_id) if notice.digest_reader_id else None
    if reader is None:
        return None
    items = attention(db, reader.partnership_id, reader.programme_id, rules, now=now)
    if not items:
        return None
    title = db.get_one(Programme, reader.programme_id).title
    return DigestMatter(reader.programme_id, title, tuple(item.sentence for item in items))


def reader_of(db: Db, notice: Notice) -> Recipient:
    """To whom the daily message goes: an account in chat. We know no name of theirs."""
    reader = db.get(DigestReader, notice.digest_reader_id) if notice.digest_reader_id else None
    return Recipient("", None, reader.discord_id if reader else None)
