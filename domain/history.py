"""The history of a programme: its audit trail, to read. Newest first, a page at a time.

Who did it is given by their Discord id, to be shown as a mention that calls nobody; an organiser by page by their address. On a
private session nobody is named: it was an organiser, or a person, or the bot, and the session has its neutral title. Looking is
itself left in the trail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.audit import CLOCK, ORGANISER, audit
from domain.database import Db
from domain.models import AuditEntry, OrganiserAddress, Person, Series, Session
from domain.privacy import having_their_own, is_private, listed_title
from domain.programmes import owned
from domain.times import day_words

PAGE = 10

Row = TypeVar("Row", Session, Series, Person, OrganiserAddress)

#: what was done, in words that follow who did it. `{session}` and `{series}` are titles in quotation marks
SAID = {
    "accept offer": "took the place that was offered on {session}",
    "accept series offer": "took the place that was offered in the series {series}",
    "add material": "added something to read for {session}",
    "add organiser address": "let one more e-mail address organise this programme",
    "add organiser role": "let one more role organise this programme",
    "add part": "made {session} part of a series",
    "add presenter": "added a presenter to {session}",
    "add session": "added {session}",
    "answer needs": "noted that needs for {session} have been seen to",
    "archive programme": "put this programme away",
    "book confirmed": "booked a place on {session}",
    "book held": "asked for a place on {session}, which is kept until they prove their address",
    "book series confirmed": "booked the series {series}",
    "book series held": "asked for the series {series}, which is kept until they prove their address",
    "book series waitlisted": "joined the waiting list of the series {series}",
    "book waitlisted": "joined the waiting list of {session}",
    "call off day": "cancelled a day: {detail}",
    "call off programme": "cancelled the whole programme",
    "cancel booking": "gave back their booking for {session}",
    "cancel series booking": "gave back their booking for the series {series}",
    "cancel session": "cancelled {session}",
    "change presenter": "changed a presenter of {session}",
    "change way": "changed how they take part in {session}",
    "close programme": "closed this programme to new bookings",
    "confirm presenting": "said that they will present {session}",
    "create programme": "made this programme",
    "create series": "made the series {series}",
    "decline place": "said no to a colleague’s place on {session}",
    "decline presenting": "said that they cannot present {session}",
    "drop notices": "took messages off the list, so that they are not sent ({detail})",
    "edit session": "changed {session}",
    "end daily message": "stopped the daily message of somebody who organises no more",
    "end hand-over": "ended a question to a colleague about {session}",
    "erase person": "asked us to forget somebody",
    "export attendance": "made a spreadsheet of who came",
    "export bookings": "made a spreadsheet of the bookings",
    "export feedback": "made a spreadsheet of the feedback",
    "export person": "made a copy of what we hold about somebody",
    "export sessions": "made a spreadsheet of the sessions",
    "forget columns": "made us forget what some columns mean",
    "hand over": "asked a colleague to take their place on {session}",
    "import schedule": "read in a schedule",
    "keep place": "kept a place on {session} that they had offered to a colleague",
    "lapse": "gave up a place on {session} that was kept for too long",
    "lapse in series": "gave up a place in the series {series} that was kept for too long",
    "make invitation": "made an invitation code",
    "mark attendance": "noted who came to {session}",
    "mark presenter": "noted what a presenter of {session} said",
    "merge people": "joined two entries of one person",
    "offer place": "offered a free place on {session} to the next in line",
    "offer series place": "offered a free place in the series {series} to the next in line",
    "print sign-in sheet": "made a sign-in sheet for {session}",
    "promote": "gave a free place on {session} to the next in line",
    "promote in series": "gave a free place in the series {series} to the next in line",
    "prove place": "proved their address, so the place on {session} is theirs",
    "prove series place": "proved their address, so the place in the series {series} is theirs",
    "publish programme": "published this programme",
    "remember column": "told us what a column means",
    "remove material": "took away something to read for {session}",
    "remove organiser address": "stopped an e-mail address from organising this programme",
    "remove organiser role": "stopped a role from organising this programme",
    "remove presenter": "took a presenter off {session}",
    "reopen programme": "opened this programme for bookings again",
    "replace part": "put {session} in place of a part that was cancelled",
    "retry notices": "put messages back in line, so that they are sent ({detail})",
    "revoke invitation": "ended an invitation code",
    "send message": "sent a message to people with a booking",
    "set contact": "changed whom families can call",
    "set feedback form": "changed the feedback questions",
    "set privacy": "changed whether {session} is private",
    "set programme privacy": "changed whether this programme is private",
    "sign in": "signed in to the organisers’ pages",
    "stop daily message": "stopped their daily message",
    "take over place": "took over a colleague’s place on {session}",
    "take part out": "took {session} out of its series",
    "undo edit": "took back a change of {session}",
    "view attendance": "looked at who has a place on {session}",
    "view bookings": "looked at who has booked {session}",
    "view history": "looked at this history",
    "view invitations": "looked at the invitation codes",
    "view needs": "looked at what people need for {session}",
    "view report": "looked at the report",
    "view series": "looked at who is on the series {series}",
    "want daily message": "asked for the daily message",
}
#: done under a Discord account by somebody who need not be an organiser
_BY_PEOPLE = frozenset({"decline place"})


class Who(StrEnum):
    """What somebody is, where they are not named."""

    ORGANISER = "An organiser"
    PERSON = "Somebody"
    BOT = "The bot"
    OPERATOR = "Somebody who runs the bot"


@dataclass(frozen=True)
class Happened:
    """One thing that was done. `said` follows the name: of `discord_id`, or where there is none `who`."""

    at: datetime
    who: Who
    discord_id: int | None
    said: str
    address: str | None = None  #: of an organiser who did it by page


@dataclass(frozen=True)
class History:
    """A page. `older`: what to ask for next; None on the last page."""

    programme_id: int
    zone: str
    happened: tuple[Happened, ...]
    older: int | None


def history(
    db: Db,
    partnership_id: int,
    programme_id: int,
    before: int | None = None,
    *,
    actor: str,
    now: datetime,
    session_id: int | None = None,
    sees_private: bool = False,
) -> History:
    """What was done about a programme, the newest first; `before`: the page that follows another. Raises `NotFound`.

    `session_id`: only about this session of it. `sees_private`: who asks knows the programme's private sessions by their own titles.
    Looking is left in the trail, once for all pages, so this is a write.
    """
    programme = owned(db, partnership_id, programme_id)
    found = _entries(db, partnership_id, programme_id, before, session_id)
    shown = found[:PAGE]
    page = History(
        programme_id,
        programme.zone,
        _told(db, shown, None if sees_private else having_their_own(db, partnership_id)),
        (shown[-1].id or 0) if len(found) > PAGE else None,
    )
    if before is None:
        audit(db, partnership_id, actor, "view history", now=now, programme_id=programme_id, session_id=session_id)
    return page


def _entries(db: Db, partnership_id: int, programme_id: int, before: int | None, session_id: int | None) -> list[AuditEntry]:
    """A page and one more: of the programme itself, and of the whole series that have a part in it; or of one session alone."""
    whole = col(AuditEntry.programme_id) == programme_id
    if session_id is not None:
        return _page(db, partnership_id, (whole, col(AuditEntry.session_id) == session_id), before)
    parts = select(Session.series_id).where(col(Session.programme_id) == programme_id, col(Session.series_id).is_not(None))
    of_series = col(AuditEntry.series_id).in_(db.exec(parts.distinct()).all()), col(AuditEntry.programme_id).is_(None)
    found = [one for about in ((whole,), of_series) for one in _page(db, partnership_id, about, before)]
    return sorted(found, key=lambda one: -(one.id or 0))[: PAGE + 1]


def _page(db: Db, partnership_id: int, about: tuple[ColumnElement[bool], ...], before: int | None) -> list[AuditEntry]:
    mine = select(AuditEntry).where(col(AuditEntry.partnership_id) == partnership_id, *about)
    if before is not None:
        mine = mine.where(col(AuditEntry.id) < before)
    return list(db.exec(mine.order_by(col(AuditEntry.id).desc()).limit(PAGE + 1)))


def _told(db: Db, entries: Sequence[AuditEntry], with_their_own: Collection[int] | None) -> tuple[Happened, ...]:
    """`with_their_own`: as `listed_title` takes it; None: who asks knows every session by its own title."""
    sessions = {one.id: one for one in _by_id(db, Session, (entry.session_id for entry in entries))}
    series = {one.id: one.title for one in _by_id(db, Series, (entry.series_id for entry in entries))}
    people = {one.id: one.discord_id for one in _by_id(db, Person, (_number(entry.actor, "person:") for entry in entries))}
    by_page = (_number(entry.actor, ORGANISER) for entry in entries)
    addresses = {one.id: one.address for one in _by_id(db, OrganiserAddress, by_page)}
    told = []
    for entry in entries:
        session = sessions.get(entry.session_id)
        hidden = session is not None and is_private(session)
        discord_id = _number(entry.actor, "discord:") or people.get(_number(entry.actor, "person:"))
        title = None
        if session is not None:
            title = session.title if with_their_own is None else listed_title(session, with_their_own)
        said = SAID.get(entry.action, entry.action).format(
            session=_quoted(title, "a session"),
            series=_quoted(series.get(entry.series_id), "of workshops"),
            detail=_detail(entry),
        )
        address = addresses.get(_number(entry.actor, ORGANISER))
        told.append(Happened(entry.at, _who(entry), None if hidden else discord_id, said, None if hidden else address))
    return tuple(told)


def _by_id(db: Db, table: type[Row], ids: Iterable[int | None]) -> Sequence[Row]:
    wanted = {one for one in ids if one is not None}
    return db.exec(select(table).where(col(table.id).in_(wanted))).all() if wanted else ()


def _number(actor: str, kind: str) -> int | None:
    return int(actor.removeprefix(kind)) if actor.startswith(kind) and actor.removeprefix(kind).isdecimal() else None


def _who(entry: AuditEntry) -> Who:
    if entry.actor == CLOCK:
        return Who.BOT
    if entry.actor.startswith("person:") or entry.action in _BY_PEOPLE:
        return Who.PERSON
    return Who.ORGANISER if entry.actor.startswith(("discord:", ORGANISER)) else Who.OPERATOR


def _quoted(title: str | None, otherwise: str) -> str:
    return f"“{title}”" if title else otherwise


def _detail(entry: AuditEntry) -> str:
    return day_words(date.fromisoformat(entry.detail)) if entry.action == "call off day" else entry.detail
