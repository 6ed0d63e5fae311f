"""The limits of others: how much each account takes, and until when it has asked us to wait.

    take ──► room in the window, no pause ──► the call ──► 429, 421: a pause, for every process
      └────► else wait a little, or `Held`: the letter stays in line, where a more needed one can overtake it

The count itself is kept by `integrations.limits`; here are the names of the accounts, and the pauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Provider
from domain.models import Pause
from domain.models.limits import LONGEST_ACCOUNT

#: e-mail, whichever way it leaves
MAIL = "mail"
#: every request of the bot that is not an answer to somebody's click
DISCORD = "discord"
#: direct messages that the ledger sends
MESSAGES = "messages"
TEAMS = "teams"
#: looking for replies to invitations
REPLIES = "replies"
#: kinds of accounts of the pages: what one computer may guess wrong, send, and be sent to one address
WRONG_LINKS, FORMS_SENT, ASKED_FOR = "web-wrong", "web-forms", "web-mail"
#: wishes for a place that come from one computer: a whole council may be behind its address
WISHES_SENT = "web-wishes"
#: mails to one address about one wish, and about all its wishes
WISH_MAIL, WISHES_MAIL = "web-wish-mail", "web-wishes-mail"
ZOOM = "zoom"
#: how long a service is left alone that asks to be, and does not say for how long (seconds)
A_MINUTE = 60.0

#: the longest that anything is paused by one answer: a service that asks for more is asked once a day
LONGEST_PAUSE = timedelta(days=1)


@dataclass(frozen=True)
class Allowance:
    """At most so many calls in any so many seconds."""

    calls: int
    seconds: float

    def __post_init__(self) -> None:
        if self.calls < 1 or self.seconds <= 0:
            raise ValueError("a limit allows at least one call in a positive time")


@dataclass(frozen=True)
class Flow:
    """How letters leave just now: from `starts_at` on, `room` of them at once, then `calls` in any `seconds` (None: no limit)."""

    starts_at: datetime  #: UTC; later than now while the account is paused
    room: int = 0
    calls: int | None = None
    seconds: float = 60.0

    def leaves_at(self, ahead: int) -> datetime:
        """When a letter leaves that has so many before it, at the latest (UTC)."""
        if self.calls is None or ahead < self.room:
            return self.starts_at
        turns = (ahead - self.room) // self.calls + 1
        return self.starts_at + timedelta(seconds=turns * self.seconds)


@dataclass(frozen=True)
class Paused:
    """An account that nobody calls until then (UTC)."""

    account: str
    until: datetime
    reason: str


def named(kind: str, which: object) -> str:
    """The account of one of many: `zoom:host@example.org`, `channel:123`. Its limit is that of its kind."""
    return f"{kind}:{which}"[:LONGEST_ACCOUNT]


def host_account(provider: Provider, account: str) -> str:
    """A host of a meeting service, which may be paused by itself: it has had its meetings for today."""
    return named("host", f"{provider}:{account}")


def kind_of(account: str) -> str:
    """The kind of an account, by which its limit is known."""
    return account.partition(":")[0]


def shown_as(account: str) -> str:
    """An account as it is printed: its kind, and a short mark where there are many. Never its name, which may be somebody's address."""
    kind, _, name = account.partition(":")
    return f"{kind} {sha256(name.encode()).hexdigest()[:6]}" if name else kind


class Unlimited:
    """No limit is kept and no pause: for one who acts with a clock that stands still."""

    async def flow(self, *accounts: str) -> Flow | None:
        return None

    async def take(self, *accounts: str, patience: float = 0.0) -> None:
        return None

    async def pause(self, account: str, seconds: float, reason: str) -> None:
        return None


# ── pauses ──────────────────────────────────────────────────────────────────────────────────────────────────


def pause(db: Db, account: str, seconds: float, reason: str, *, now: datetime) -> datetime:
    """Nobody calls this account for so long; a longer pause that it has already stays. Until when (UTC)."""
    until = now + min(timedelta(seconds=max(seconds, 0.0)), LONGEST_PAUSE)
    known = db.exec(select(Pause).where(col(Pause.account) == account).with_for_update()).first()
    if known is not None and known.until >= until:
        return known.until
    known = known or Pause(account=account, until=until, since=now)
    if known.until <= now:
        known.since = now
    known.until, known.reason = until, reason[:200]
    db.add(known)
    db.flush()
    return until


def paused_until(db: Db, accounts: Sequence[str], *, now: datetime) -> datetime | None:
    """Until when one of these accounts may not be called (UTC); None: they may be."""
    found = select(Pause.until).where(col(Pause.account).in_(accounts), col(Pause.until) > now)
    return max(db.exec(found).all(), default=None)


def pauses(db: Db, *, now: datetime) -> tuple[Paused, ...]:
    """Every account that is paused now, by its name."""
    rows = sorted(db.exec(select(Pause).where(col(Pause.until) > now)), key=lambda row: row.account)
    return tuple(Paused(row.account, row.until, row.reason) for row in rows)


def forget_pauses(db: Db, *, now: datetime) -> None:
    """Pauses that were over a day ago tell nobody anything."""
    db.exec(delete(Pause).where(col(Pause.until) < now - LONGEST_PAUSE))
