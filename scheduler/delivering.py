"""What one channel still has to carry, from the ledger's line to the mark: taken, sent and marked side by side.

    ledger ──take──► waiting ──send──► results ──mark──► ledger

While letters are on their way the next are taken and the last are marked, so that neither the channel nor the database
waits for the other. No more is taken than will leave in the twinkling of an eye: what is in hand when a process dies may have
been sent, for all that anybody knows, and what stays in line can still be overtaken by what is needed more. So a channel that
takes a second for each letter has a few in hand, and one that takes none a thousand at most.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError

from domain import notices
from domain.database import Store
from domain.engines import is_passing
from domain.errors import Held, OutsideError, Temporary, Unknown
from domain.kinds import Channel
from domain.ledger import claims, marks
from domain.ledger.marks import Result
from domain.letters import handing, taking
from domain.letters.turn import require_turn, seconds_since
from domain.links import LinkKey
from domain.ports.letters import Letter, NoticeChannel
from domain.rules import RulesOf
from scheduler.watching import Nobody, Watcher

log = structlog.get_logger("scheduler.ticks")

#: letters under way at once, a channel
AT_ONCE = 8
#: no more is taken at once than leaves in this time (seconds), nor than this; nor less than are under way at once
AHEAD_S = 0.2
MOST = 1000
#: how long a sender goes on before somebody looks at what it has done (seconds)
LOOK_AFTER_S = 0.02
#: while letters leave, what came of them is written down no more often than this (seconds): each time costs the database a commit
MARK_EVERY_S = 0.1
#: what came of a letter is written down again and again while the database is away (seconds between)
MARK_AGAIN_S = (0.2, 1.0, 4.0)


def _is_of_the_database(error: Exception) -> bool:
    """Whether the database is at fault, and no letter. Not all that passes is an OperationalError to the driver."""
    return isinstance(error, OperationalError) or is_passing(error)


@dataclass
class Means:
    """What delivering needs. `finish` makes a letter whole, off the loop; `under_way` are the letters in hand, of every channel."""

    store: Store
    rules: RulesOf
    clock: Callable[[], datetime]
    by: str
    digits: Callable[[], str]
    finish: Callable[[Letter], Awaitable[Letter]]
    under_way: set[int] = field(default_factory=set)
    stopping: bool = False  #: take no more
    watcher: Watcher = field(default_factory=Nobody)
    links: LinkKey | None = None  #: of this installation's pages, if it has any


class Delivery:
    """One pass over what a channel owes. `run()` once; it returns how many letters left."""

    def __init__(self, means: Means, channel: Channel, line: NoticeChannel) -> None:
        self._means = means
        self._channel = channel
        self._line = line
        self._waiting: deque[Letter] = deque()
        self._in_hand: set[int] = set()  # taken, and not written down yet
        self._results: list[Result] = []
        self._on_their_way = 0
        self._dry = False  # nothing more is due, or nothing more may leave
        self._full = False  # no more may leave than is in hand
        self._stride = AT_ONCE
        self._left = 0
        self._marked_at = 0.0  # by the loop's clock
        self._spent = 0, 0.0  # letters since the stride was set, and the seconds that they took, each for itself

    async def run(self) -> int:
        """Send what is owed until nothing is due or nothing may leave, the most needed first."""
        sending, beside = set[asyncio.Task[None]](), dict[str, asyncio.Task[None]]()
        try:
            while busy := self._begin(sending, beside):
                soon = MARK_EVERY_S if self._results else None
                done, _ = await asyncio.wait(busy, timeout=soon, return_when=asyncio.FIRST_COMPLETED)
                sending -= done
                for what in [what for what, task in beside.items() if task in done]:
                    del beside[what]
                for task in done:
                    task.result()
        except BaseException:
            for task in sending:
                task.cancel()
            await self._wind_up([*sending, *beside.values()])
            raise
        return self._left

    def _begin(self, sending: set[asyncio.Task[None]], beside: dict[str, asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Begin what can be begun; everything that is under way."""
        if "take" not in beside and (limit := self._wants()):
            beside["take"] = asyncio.create_task(self._take(limit))
        for _ in range(min(AT_ONCE - len(sending), len(self._waiting))):
            sending.add(asyncio.create_task(self._send_some()))
        now = asyncio.get_running_loop().time()
        if self._results and "mark" not in beside and (not self._is_busy or now - self._marked_at >= MARK_EVERY_S):
            results, self._results, self._marked_at = self._results, [], now
            beside["mark"] = asyncio.create_task(self._mark(results))
        return sending | set(beside.values())

    def _wants(self) -> int:
        """How many to take now."""
        enough = self._is_busy if self._full else len(self._waiting) > self._stride // 2
        return 0 if self._dry or self._means.stopping or enough else self._stride

    @property
    def _is_busy(self) -> bool:
        return bool(self._waiting or self._on_their_way)

    async def _may_leave(self, limit: int) -> int:
        """No more than may leave now: the rest stays in line, where a more needed letter can still overtake it."""
        flow = await self._line.flow()
        if flow is None:
            return limit
        if flow.starts_at > self._means.clock():
            return 0
        in_hand = len(self._waiting) + self._on_their_way
        return max(min(limit, flow.room - in_hand), 0)

    # ── take ────────────────────────────────────────────────────────────────────────────────────────────

    async def _take(self, limit: int) -> None:
        """The next letters. Where they cannot be taken together they are claimed, and handed over by themselves."""
        means = self._means
        self._set_stride()
        limit = await self._may_leave(limit)
        self._full = not limit
        if self._full:
            self._dry = not self._is_busy  # else it is asked again when what is in hand has left
            return
        try:
            taken = await means.store.write(
                taking.take, means.by, self._channel, means.rules, now=means.clock(), limit=limit, links=means.links
            )
        except Exception as error:
            if _is_of_the_database(error):
                raise
            log.exception("notices.broken", channel=self._channel)
            now, ours = means.clock(), means.rules.kept()
            claimed = await means.store.write(claims.claim, means.by, [self._channel], now=now, limit=limit, whose=ours)
            ids = tuple(one.id for one in claimed)
            taken = taking.Taken(ids, (), ids)
        self._dry = len(taken.order) < limit
        self._keep(taken.letters)
        one_by_one = await self._hand_over(taken.claimed) if taken.claimed else []
        self._keep(one_by_one)
        turn = {number: place for place, number in enumerate(taken.order)}
        self._waiting.extend(sorted([*taken.letters, *one_by_one], key=lambda letter: turn[letter.notice_id]))

    def _keep(self, letters: Iterable[Letter]) -> None:
        ids = {letter.notice_id for letter in letters}
        self._in_hand |= ids
        self._means.under_way |= ids

    def _set_stride(self) -> None:
        """For this time: as many as leave in `AHEAD_S`, judged by how long the last took; at most twice as many as before."""
        done, seconds = self._spent
        if done:
            leaves = int(AT_ONCE * AHEAD_S * done / max(seconds, 1e-9))
            self._stride, self._spent = max(AT_ONCE, min(MOST, 2 * self._stride, leaves)), (0, 0.0)

    async def _hand_over(self, notice_ids: Sequence[int]) -> list[Letter]:
        """All in one transaction; where that fails one in each, and the one at fault is put aside."""
        means = self._means
        try:
            return await means.store.write(
                handing.hand_over_all,
                notice_ids,
                means.by,
                means.rules,
                now=means.clock(),
                digits=means.digits,
                links=means.links,
            )
        except Exception as error:
            if _is_of_the_database(error):
                raise
            log.exception("notice.broken", notices=list(notice_ids))
        if len(notice_ids) > 1:
            return [letter for one in notice_ids for letter in await self._hand_over([one])]
        await means.store.write(marks.mark_fault, notice_ids[0], means.by)
        return []

    # ── send ────────────────────────────────────────────────────────────────────────────────────────────

    async def _send_some(self) -> None:
        """One letter after the other, for a while."""
        loop = asyncio.get_running_loop()
        began, count = loop.time(), 0
        while self._waiting and loop.time() < began + LOOK_AFTER_S:
            letter = self._waiting.popleft()
            self._on_their_way += 1
            try:
                result = await self._send(letter)
            finally:
                self._on_their_way -= 1
            count += 1
            self._results.append(result)
            self._means.watcher.handed(letter, result, self._means.clock())
            self._left += result.error is None
        self._spent = self._spent[0] + count, self._spent[1] + loop.time() - began

    async def _send(self, letter: Letter) -> Result:
        """Not after its turn. A channel that has to wait for something before a letter leaves looks again."""
        try:
            whole = await self._means.finish(letter)
            require_turn(letter, self._line.harmless_to_repeat, self._means.clock())
            receipt = await self._line.send(whole)
        except OutsideError as failure:
            error = failure
        except Exception:
            log.exception("notice.broken", notice=letter.notice_id, kind=letter.kind)
            error = Unknown("a fault of ours")
        else:
            return Result(letter.notice_id, receipt.external_id, kind=letter.kind)
        if isinstance(error, Held):
            self._dry = True  # others have drawn what seemed to be free
        log.warning("notice.not_sent", notice=letter.notice_id, kind=letter.kind, outcome=type(error).__name__, reason=error.reason)
        again = self._means.clock() + notices.backoff(letter.attempt, letter.notice_id, None)
        since = seconds_since(letter.first_tried_at or again, again)
        return Result(letter.notice_id, error=error, repeat=self._line.harmless_to_repeat(letter.kind, since), kind=letter.kind)

    # ── mark ────────────────────────────────────────────────────────────────────────────────────────────

    async def _mark(self, results: Sequence[Result]) -> None:
        await self._written(results)
        self._let_go({result.notice_id for result in results})
        if sent := [result.notice_id for result in results if result.error is None]:
            log.info("notices.sent", channel=self._channel, notices=sent)

    async def _written(self, results: Sequence[Result]) -> None:
        """As `_hand_over`. But what came of a letter is known here alone: it is not given up while the database is away for a moment."""
        means = self._means
        for pause in (*MARK_AGAIN_S, None):
            try:
                await means.store.write(marks.mark_all, results, means.by, means.rules, now=means.clock())
                return
            except Exception as error:
                if not _is_of_the_database(error):
                    log.exception("notice.broken", notices=[result.notice_id for result in results])
                    break
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        if len(results) > 1:
            for one in results:
                await self._written([one])
        else:
            await means.store.write(marks.mark_fault, results[0].notice_id, means.by)

    # ── when it ends before its time ────────────────────────────────────────────────────────────────────

    def _let_go(self, ids: set[int]) -> None:
        self._in_hand -= ids
        self._means.under_way -= ids

    async def _wind_up(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Write down what is known, put back what was not begun, and leave the rest to be judged when its lease is over."""
        self._dry = True
        await asyncio.gather(*tasks, return_exceptions=True)
        unbegun = [Result(letter.notice_id, error=Temporary("it was not begun"), kind=letter.kind) for letter in self._waiting]
        self._waiting.clear()
        known, self._results = [*self._results, *unbegun], []
        try:
            if known:
                await self._mark(known)
        finally:
            self._let_go(set(self._in_hand))
