"""`practiceweek status` and `practiceweek notices`: how the program stands, and what it could not send, for who runs it.

`status` reads only, and makes no database. It ends with 1 when something is wrong with the program; what that is stands in
`domain.wrongs`, and a database of another revision is wrong as well. What waits for organisers it only counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from domain import agenda, tending
from domain.attention import attention
from domain.database import Db, Store, reading_engine
from domain.errors import BadInput
from domain.findings import listed
from domain.letters.names import NAMES
from domain.models import NoticeState, Partnership
from domain.operating import HostUse, Installation, Lease, Standing, installation
from domain.rules import RulesBook
from domain.tending import NoticeLine, Tended, Wanted
from domain.times import LONDON, clock_words, to_wall
from domain.wrongs import ago, messages, wrongs
from practiceweek.database import heads, revisions, where
from practiceweek.imports import ACTOR
from practiceweek.kept import id_of
from practiceweek.processes.standby import is_taken
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now

#: what has become of one message, and of several
STATES = {
    NoticeState.QUEUED: ("waits to be sent", "wait to be sent"),
    NoticeState.CLAIMED: ("is being sent", "are being sent"),
    NoticeState.SENT: ("was sent", "were sent"),
    NoticeState.FAILED: ("failed", "failed"),
    NoticeState.UNKNOWN: ("may or may not have arrived", "may or may not have arrived"),
    NoticeState.EXPIRED: ("came too late to be sent", "came too late to be sent"),
    NoticeState.SUPERSEDED: ("was replaced by a newer one", "were replaced by newer ones"),
    NoticeState.DROPPED: ("was dropped, and is no longer needed", "were dropped, and are no longer needed"),
}
_WAYS = {"email": "by e-mail", "chat": "by chat", "board": "in a channel"}


# ── status ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Status:
    """What `status` found. Without `found` the database could not be read, and `wrong` says why."""

    revision: str | None
    wrong: tuple[str, ...]
    found: Installation | None = None
    next_due: datetime | None = None
    for_organisers: int = 0  #: how many things stand under “What needs you”, where organisers look: nothing is wrong with the program


def status(settings: Settings, *, as_json: bool, now: Callable[[], datetime] = utc_now) -> int:
    """Say how everything stands; the exit code."""
    at = now()
    seen = look(settings, now=at)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(seen, at), indent=2, ensure_ascii=False, default=_plainly) + "\n")
    else:
        for line in _lines(seen, at):
            sys.stdout.write(line + "\n")
    return 1 if seen.wrong else 0


def look(settings: Settings, *, now: datetime) -> Status:
    """Look, and change nothing. A database that cannot be opened is wrong, like any other thing."""
    url = settings.database.url
    try:
        if not revisions.exists(url):
            return Status(None, (f"{where.none_at(url)} {where.what_then(url)}",))
        with _reading(url) as db:
            return _looked(db, settings, now)
    except DatabaseError as fault:
        return Status(None, (f"The database {where.place(url)} cannot be used: {revisions.why(fault.orig)}.",))


def _looked(db: Db, settings: Settings, now: datetime) -> Status:
    present, needed = heads.present(db.connection()), revisions.newest()
    if present != needed:
        said = f"The database is at revision {present or 'unknown'}, and this program needs {needed}."
        return Status(present, (f"{said} Make a copy of it, then run: practiceweek db upgrade --config FILE",))
    found = installation(db, now=now)
    taken = is_taken(db, settings.database.url)
    wrong = wrongs(found, now=now, chat_taken=taken, pages=settings.web.enabled, chat=settings.uses_discord)
    rules = _rules(db, settings)
    return Status(present, wrong, found, agenda.next_due(db, rules, now=now), _for_organisers(db, rules, now))


def _for_organisers(db: Db, rules: RulesBook, now: datetime) -> int:
    """How many things wait for the organisers of all partnerships."""
    return sum(len(attention(db, one, None, rules.of(one), now=now)) for one in rules.by_partnership)


@contextmanager
def _reading(url: str) -> Iterator[Db]:
    engine = reading_engine(url)
    try:
        with Db(engine) as db:
            yield db
    finally:
        engine.dispose()


def _rules(db: Db, settings: Settings) -> RulesBook:
    """The rules of the partnerships that the settings name."""
    ids = dict(db.exec(select(Partnership.key, Partnership.id)).all())
    return RulesBook({ids[key] or 0: one.rules() for key, one in settings.partnership.items() if key in ids})


def _lines(seen: Status, now: datetime) -> Iterator[str]:
    if seen.wrong:
        yield "Something needs you:"
        yield from (f"  - {one}" for one in seen.wrong)
    else:
        yield "All is well with the program."
    if seen.for_organisers:
        waits, it = ("thing waits", "it") if seen.for_organisers == 1 else ("things wait", "them")
        yield f"{seen.for_organisers:,} {waits} for organisers. They see {it} under “What needs you”."
    if seen.revision is not None:
        yield ""
        yield f"The database has revision {seen.revision}."
    if seen.found is None:
        return
    there = [one for one in seen.found.processes if one.is_there(now)]
    for one in there:
        known = (("sends messages", one.sends), ("answers in chat", one.answers), ("shows pages", one.serves))
        does = listed([word for word, on in known if on]) or "stands by"
        yield f"Process {one.name} {does}. It was last heard of {ago(one.seen_at, now)}."
    for paused in seen.found.paused:
        why = tending.without_addresses(paused.reason) or "it gave no reason"
        yield f"{paused.account} is not called before {_clock(paused.until, now)}: {why}."
    yield "Nothing is due at present." if seen.next_due is None else f"The next thing to do is due {_when(seen.next_due, now)}."
    everything = (seen.found.all, *seen.found.each) if len(seen.found.each) > 1 else seen.found.each
    for standing in everything:
        yield ""
        yield from _standing_lines(standing, now)


def _standing_lines(one: Standing, now: datetime) -> Iterator[str]:
    yield one.name
    if not one.counts:
        yield "  There are no messages yet."
    for state, counts in groupby(sorted(one.counts, key=lambda count: list(STATES).index(count.state)), key=lambda count: count.state):
        these = list(counts)
        total = sum(count.count for count in these)
        yield f"  {messages(total)} {STATES[state][total != 1]}:"
        yield from (f"    {count.count:>7,}  {NAMES[count.kind][count.count != 1]} {_WAYS[count.channel]}" for count in these)
    if one.oldest_owed is not None:
        yield f"  The oldest that waits could have been sent {ago(one.oldest_owed, now)}."
    if one.next_due is not None:
        yield f"  The next one waits for its hour: {_clock(one.next_due, now)}."
    yield from (f"  {_lease_words(lease, now)}" for lease in one.leases)
    yield from (f"  {_host_words(host)}" for host in one.hosts)
    if one.forgotten is not None:
        gone = ", ".join(f"{what} {count:,}" for what, count in one.forgotten.counts) or "nothing"
        yield f"  What is over was last deleted {ago(one.forgotten.at, now)}: {gone}."


def _lease_words(lease: Lease, now: datetime) -> str:
    has = f"Process {lease.process} has {messages(lease.notices)} in hand"
    return f"{has}, until {_clock(lease.until, now)}." if lease.until > now else f"{has}; its time was over {ago(lease.until, now)}."


def _host_words(host: HostUse) -> str:
    most = f" of {host.per_day:,}" if host.per_day is not None else ""
    return f"Host {host.host_id} ({host.provider}, {host.account}) was used {host.calls:,}{most} times today."


def _when(due: datetime, now: datetime) -> str:
    return "now" if due <= now else _clock(due, now)


def _clock(instant: datetime, now: datetime) -> str:
    """`9.15am`, with its day unless that is today. London time."""
    wall = to_wall(instant, LONDON)
    day = "" if wall.date() == to_wall(now, LONDON).date() else f" on {wall:%a} {wall.day} {wall:%b %Y}"
    return clock_words(wall) + day


def _as_json(seen: Status, now: datetime) -> dict[str, Any]:
    found = seen.found
    return {
        "ok": not seen.wrong,
        "at": now,
        "revision": seen.revision,
        "wrong": seen.wrong,
        "for_organisers": seen.for_organisers,
        "next_due": seen.next_due,
        "processes": [asdict(one) | {"there": one.is_there(now)} for one in found.processes] if found else [],
        "paused": [asdict(one) | {"reason": tending.without_addresses(one.reason)} for one in found.paused] if found else [],
        "all": _standing_json(found.all, now) if found else None,
        "partnerships": [_standing_json(one, now) for one in found.each] if found else [],
    }


def _standing_json(one: Standing, now: datetime) -> dict[str, Any]:
    late = (now - one.oldest_owed).total_seconds() if one.oldest_owed is not None else None
    return asdict(one) | {"oldest_owed": one.oldest_owed, "oldest_owed_seconds": late}


def _plainly(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


# ── notices ─────────────────────────────────────────────────────────────────────────────────────────────────


def list_notices(settings: Settings, wanted: Wanted, partnership: str | None, *, limit: int, as_json: bool) -> int:
    """Show the newest notices that are meant; the exit code."""
    url = settings.database.url
    with _reading(url) as db:
        found = tending.find(db, _of_partnership(db, wanted, settings, partnership), limit=limit)
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False, default=_plainly) + "\n")
        return 0
    now = utc_now()
    for one in found:
        sys.stdout.write(_notice_words(one, now) + "\n")
    if not found:
        sys.stdout.write("There are no such messages.\n")
    elif len(found) == limit:
        sys.stdout.write(f"These are the newest {limit:,}. To see more, add --limit.\n")
    return 0


def tend(settings: Settings, wanted: Wanted, partnership: str | None, *, again: bool, may_arrive_twice: bool = False) -> int:
    """Put notices back in line, or take them off the list; the exit code: 1 where one of those that were named was refused."""
    if wanted.is_everything:
        raise BadInput("Say which messages you mean: their numbers, or for instance --state failed. See: practiceweek notices list")
    store = Store(settings.database.url)
    try:
        wanted = store.read_now(_of_partnership, wanted, settings, partnership)
        if again:
            done = store.write_now(tending.retry, wanted, may_arrive_twice=may_arrive_twice, actor=ACTOR, now=utc_now())
        else:
            done = store.write_now(tending.drop, wanted, actor=ACTOR, now=utc_now())
    finally:
        store.close()
    for line in _tended_lines(done, again=again):
        sys.stdout.write(line + "\n")
    return 1 if wanted.ids and done.refused else 0


def _of_partnership(db: Db, wanted: Wanted, settings: Settings, name: str | None) -> Wanted:
    """Only those of the partnership that was named."""
    if name is None:
        return wanted
    key, _ = settings.chosen(name)
    return replace(wanted, partnership_id=id_of(db, key))


def _tended_lines(done: Tended, *, again: bool) -> Iterator[str]:
    what = "back in line" if again else "dropped, and never sent"
    are = "is" if len(done.done) == 1 else "are"
    nothing = "No message was put back in line." if again else "No message was dropped."
    yield f"{messages(len(done.done))} {are} {what}." if done.done else nothing
    yield from (f"  {number}: {why}" for number, why in done.refused)


def _notice_words(one: NoticeLine, now: datetime) -> str:
    about = f", session {one.session_id}" if one.session_id is not None else ""
    why = f": {one.reason}" if one.reason else ""
    why += f"{'' if why.endswith('.') else '.'} It went by e-mail instead." if one.sent_otherwise else ""
    at = one.sent_at or one.next_try_at
    when = f"sent {_clock(at, now)}" if one.sent_at else f"{one.attempts} tried, due {_clock(at, now)}"
    return f"{one.id:>8}  {one.state:<10}  {one.kind} {_WAYS[one.channel]}{about}, {when}{why}"
