"""The limits of others, kept in our own database: every process draws from one count, and obeys one pause.

pyrate-limiter decides (an exact sliding window); our database keeps what was drawn, in the transaction of whoever draws,
so that it works alike on SQLite and PostgreSQL, and a clock can be handed in. Why not its own buckets:
`docs/decisions/0005-limits-in-our-own-database.md`.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from pyrate_limiter import AbstractBucket, Rate, RateItem
from sqlalchemy import BindParameter, bindparam, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from domain import limits
from domain.database import Db, Store
from domain.errors import Held
from domain.limits import Allowance, Flow, kind_of
from domain.models import Draw

log = structlog.get_logger("limits")

#: a call arrives a little after it was drawn: windows are longer by this part of them, and by no less than so many seconds
_SLACK, _LEAST_SLACK_S = 0.02, 0.05
#: a limit that is free again this soon holds no letter back: it is waited for where the letter is sent
_SOON_S = 2.0
_PATIENCE_S = 5.0
_FORGET_EVERY = timedelta(minutes=10)
#: after which our own database may answer again
_DATABASE_AWAY_S = 5.0

_account: BindParameter[str] = bindparam("account")
_from: BindParameter[int] = bindparam("from_ms")
_COUNT = select(func.count()).select_from(Draw).where(col(Draw.account) == _account, col(Draw.at_ms) >= _from)
_NEWEST = select(col(Draw.at_ms)).where(col(Draw.account) == _account).order_by(col(Draw.at_ms).desc()).limit(1)
_OLD = delete(Draw).where(col(Draw.account) == _account, col(Draw.at_ms) < _from)
_FORGOTTEN = delete(Draw).where(col(Draw.at_ms) < _from)


class SharedLimits:
    """What each kind of account takes, kept by every process over one store. A kind that is not named has no limit, but may be paused.

    `clock` gives the present instant (UTC), in the writing thread too: the count is right by the instant at which it is
    this process's turn to draw, not by the one at which it asked. Machines of one installation keep the same time, as for leases.
    """

    def __init__(
        self,
        store: Store,
        allowances: Mapping[str, Allowance],
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        slack: float | None = None,
    ) -> None:
        self._store = store
        self._rates = {kind: Rate(one.calls, _window_ms(one, slack)) for kind, one in allowances.items()}
        self._soon = {kind for kind, one in allowances.items() if one.seconds <= _SOON_S}
        self._clock = clock
        self._sleep = sleep
        self._forget_at = clock() + _FORGET_EVERY

    async def flow(self, *accounts: str) -> Flow | None:
        """How calls leave that need all of these accounts: by the limit of the first, and the pauses of all. None: as they come."""
        return await self._store.read(self._flow, accounts)

    async def take(self, *accounts: str, patience: float = _PATIENCE_S) -> None:
        """Take a turn with all of these accounts, or with none. Waits up to `patience` seconds; then raises `Held`."""
        waited = 0.0
        while (wait := await self._try(accounts)) > 0:
            if waited + wait > patience:
                raise Held("others' limits are reached", retry_after=wait)
            await self._sleep(wait)
            waited += wait

    async def pause(self, account: str, seconds: float, reason: str) -> None:
        """The service asked us to wait: nobody calls this account for so long."""
        now = self._clock()
        until = await self._store.write(limits.pause, account, seconds, reason, now=now)
        log.warning("limits.paused", account=kind_of(account), seconds=round((until - now).total_seconds(), 1), reason=reason)

    # ── in the store's threads ──────────────────────────────────────────────────────────────────────────

    async def _try(self, accounts: Sequence[str]) -> float:
        """Seconds to wait; 0: it is drawn."""
        try:
            await self._store.swift.write(self._draw, accounts)
        except _NotYet as not_yet:
            return not_yet.seconds
        except (SQLAlchemyError, RuntimeError) as fault:  # RuntimeError: the store is closed, and with it the program
            log.warning("limits.not_asked", fault=type(fault).__name__)
            raise Held("our own database did not answer", retry_after=_DATABASE_AWAY_S) from None
        return 0.0

    def _draw(self, db: Db, accounts: Sequence[str]) -> None:
        """One call of each account, all or none: what was drawn before a refusal is undone with it."""
        rated = [account for account in sorted(set(accounts)) if kind_of(account) in self._rates]
        _one_by_one(db, rated)
        now = self._clock()
        until = limits.paused_until(db, accounts, now=now)
        if until is not None:
            raise _NotYet((until - now).total_seconds())
        for account in rated:
            bucket = _Bucket(db, account, self._rates[kind_of(account)])
            item = RateItem(account, _ms(now))
            if not bucket.put(item):
                raise _NotYet(max(bucket.wait(item), 1) / 1000)
        if rated and now >= self._forget_at:
            self._forget_at = now + _FORGET_EVERY
            self._forget(db, now)

    def _forget(self, db: Db, now: datetime) -> None:
        longest = max(rate.interval for rate in self._rates.values())
        db.execute(_FORGOTTEN, {"from_ms": _ms(now) - 2 * longest})
        limits.forget_pauses(db, now=now)

    def _flow(self, db: Db, accounts: Sequence[str]) -> Flow | None:
        account, now = accounts[0], self._clock()
        until = limits.paused_until(db, accounts, now=now)
        rate = self._rates.get(kind_of(account))
        if rate is None:
            return None if until is None else Flow(until)
        if until is not None:
            return Flow(until, 0, rate.limit, rate.interval / 1000)
        free = rate.limit - _Bucket(db, account, rate).within(_ms(now))
        if kind_of(account) in self._soon:
            free += rate.limit
        return Flow(now, max(free, 0), rate.limit, rate.interval / 1000)


class _NotYet(Exception):
    """So many seconds are to be waited; raised, so that the store undoes what was drawn already."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class _Bucket(AbstractBucket):
    """pyrate-limiter's place for what was drawn: the rows of one account, for one transaction."""

    is_async = False

    def __init__(self, db: Db, account: str, rate: Rate) -> None:
        self._db = db
        self._account = account
        self.rates = [rate]

    def put(self, item: RateItem) -> bool:
        """Draw, if the window has room."""
        decision = self._algorithm.decide(self.rates, [self.within(item.timestamp)], item.weight, item.timestamp, self._back)
        if not self._record(item, decision):
            return False
        self._db.execute(insert(Draw), [{"account": self._account, "at_ms": item.timestamp}] * item.weight)
        self.leak(item.timestamp)
        return True

    def within(self, now_ms: int) -> int:
        """How many were drawn within the window."""
        start = self._algorithm.window_start(self.rates[0], now_ms)
        return int(self._db.execute(_COUNT, {"account": self._account, "from_ms": start}).scalar_one())

    def wait(self, item: RateItem) -> int:
        """After a refusal: milliseconds until there is room."""
        waiting = self.waiting(item)
        assert isinstance(waiting, int)
        return waiting

    def leak(self, current_timestamp: int | None = None) -> int:
        """Delete what no longer counts."""
        assert current_timestamp is not None
        bound = self._algorithm.leak_bound(self.rates, current_timestamp)
        self._db.execute(_OLD, {"account": self._account, "from_ms": bound})
        return 0

    def flush(self) -> None:
        """Forget all that was drawn."""
        self._db.execute(delete(Draw).where(col(Draw.account) == self._account))

    def count(self) -> int:
        """How many rows there are."""
        return int(self._db.execute(_COUNT, {"account": self._account, "from_ms": 0}).scalar_one())

    def peek(self, index: int) -> RateItem | None:
        """The one so many places before the newest."""
        at = self._back(index)
        return None if at is None else RateItem(self._account, at)

    def _back(self, offset: int) -> int | None:
        return self._db.execute(_NEWEST.offset(offset), {"account": self._account}).scalar_one_or_none()


def _one_by_one(db: Db, accounts: Sequence[str]) -> None:
    """On PostgreSQL one process draws from an account at a time; on SQLite one writes at a time anyhow.

    Our turn begins before the clock is read: who reads it and then waits would draw at an instant for which others have tidied up.
    """
    if db.connection().dialect.name != "postgresql":  # the connection begins with the right to write
        return
    for account in accounts:  # in one order, so that nobody waits for somebody who waits
        db.execute(select(func.pg_advisory_xact_lock(_LOCKS, zlib.crc32(account.encode()) - 2**31)))


#: our own among the advisory locks of the database
_LOCKS = 7_305


def _window_ms(allowance: Allowance, slack: float | None) -> int:
    more = max(allowance.seconds * _SLACK, _LEAST_SLACK_S) if slack is None else slack
    return round((allowance.seconds + more) * 1000)


def _ms(instant: datetime) -> int:
    return round(instant.astimezone(UTC).timestamp() * 1000)
