"""One pass of the clock: what is due is found, carried out through a port, and marked.

A tick holds no work. Each step is safe to run as often as one likes, by several processes at once, and after a
crash at any point: what was not marked is found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError

from domain import calling_off, ledger, notices, postings, provision, timekeeping
from domain.database import Store
from domain.errors import OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Channel, Provider
from domain.ledger import Result
from domain.letters import handing as letters
from domain.letters.matters import CertificateMatter
from domain.meetings import NOT_SET_UP
from domain.ports import Attachment, Certificates, Letter, MeetingMade, MeetingProvider, Noticeboard, NoticeChannel
from domain.provision import ACCOUNT_PAUSE, Action, Work
from domain.rules import Rules

log = structlog.get_logger(__name__)

#: letters under way at once, a channel
AT_ONCE = 8
BATCH = 25


class Ticks:
    """The passes of the clock over one store. `clock` gives the present instant in UTC; `by` names this process on its claims."""

    def __init__(
        self,
        store: Store,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        by: str,
        providers: Mapping[Provider, MeetingProvider],
        channels: Mapping[Channel, NoticeChannel],
        board: Noticeboard | None = None,
        digits: Callable[[], str] = letters.six_digits,
        certificates: Certificates | None = None,
    ) -> None:
        self._certificates = certificates
        self.store = store
        self.rules = rules
        self.clock = clock
        self.by = by
        self.channels = channels
        self._providers = providers
        self._board = board
        self._digits = digits
        self._under_way: set[int] = set()  # letters that a channel has not answered for yet

    # ── time passes ─────────────────────────────────────────────────────────────────────────────────────

    async def keep_time(self) -> None:
        """Let holds lapse, owe what has fallen due, end what came too late, and judge what vanished processes left."""
        now = self.clock()
        if self._under_way:
            await self.store.write(ledger.renew, self.by, tuple(self._under_way), now=now)
        for left in await self.store.write(timekeeping.keep_time, self.rules, now=now):
            channel = self.channels.get(left.channel)
            seconds = (now - left.since).total_seconds()
            repeat = channel is not None and channel.harmless_to_repeat(left.kind, seconds)
            reason = "the process that was sending it disappeared"
            await self.store.write(ledger.mark_unknown, left.id, None, reason, repeat=repeat, rules=self.rules, now=now)
        await self.carry_on()

    async def carry_on(self) -> None:
        """Cancel what a vanished process left of a day that was called off: session by session, so that nobody waits long."""
        for left in await self.store.read(calling_off.standing_still, now=self.clock()):
            where = left.partnership_id, left.announcement_id
            for session_id in left.sessions:
                await self.store.write(calling_off.cancel_one, *where, session_id, self.rules, now=self.clock())
            await self.store.write(calling_off.finish, *where, now=self.clock())
            log.info("calling_off.carried_on", announcement=left.announcement_id, sessions=len(left.sessions))

    # ── meetings ────────────────────────────────────────────────────────────────────────────────────────

    async def provide(self) -> int:
        """Make, look for, change and delete meetings until none is due; how many were asked for."""
        asked = 0
        while work := await self.store.write(provision.claim, self.rules, now=self.clock()):
            for one in work:  # in order: a host's meetings are never made side by side
                await self._provide_one(one)
            asked += len(work)
        return asked

    async def _provide_one(self, work: Work) -> None:
        try:
            await self._ask(work)
        except OutsideError as error:
            await self._not_done(work, error)
        except Exception:
            log.exception("meeting.broken", meeting=work.meeting_id, action=work.action)
            await self._not_done(work, Unknown("a fault of ours"))

    async def _ask(self, work: Work) -> None:
        service = self._providers.get(work.provider)
        if service is None:
            raise Temporary(NOT_SET_UP, retry_after=ACCOUNT_PAUSE)  # nothing that one meeting could do about
        match work.action:
            case Action.CREATE:
                await self._adopt(work, await service.create(work.wanted))
            case Action.RECOVER:
                await self._adopt(work, await service.recover(work.wanted), recovered=True)
            case Action.CHANGE:
                await self._change(service, work)
            case Action.REMOVE:
                assert work.made is not None
                await service.remove(work.made, work.wanted)
                await self.store.write(provision.gone, work.meeting_id, now=self.clock())
            case Action.SWEEP:
                deleted = await service.sweep(work.wanted, work.made)
                await self.store.write(provision.swept, work.meeting_id)
                log.info("meeting.swept", meeting=work.meeting_id, deleted=deleted)

    async def _change(self, service: MeetingProvider, work: Work) -> None:
        assert work.made is not None
        try:
            made = await service.change(work.made, work.wanted)
        except Permanent as error:
            if error.reason != "gone":
                raise
            log.warning("meeting.lost", meeting=work.meeting_id)
            await self.store.write(provision.lost, work.meeting_id, self.rules, now=self.clock())
            return
        await self._adopt(work, made)

    async def _adopt(self, work: Work, made: MeetingMade | None, *, recovered: bool = False) -> None:
        await self.store.write(provision.adopt, work.meeting_id, made, work.wanted, self.rules, now=self.clock(), recovered=recovered)
        log.info("meeting.adopted" if made else "meeting.not_found", meeting=work.meeting_id, action=work.action, provider=work.provider)

    async def _not_done(self, work: Work, error: OutsideError) -> None:
        await self.store.write(
            provision.not_done,
            work,
            error.reason,
            permanent=isinstance(error, Permanent),
            unknown=isinstance(error, Unknown),
            retry_after=error.retry_after if isinstance(error, Temporary) else None,
            now=self.clock(),
        )
        log.warning("meeting.not_done", meeting=work.meeting_id, action=work.action, outcome=type(error).__name__, reason=error.reason)

    # ── notices ─────────────────────────────────────────────────────────────────────────────────────────

    async def deliver(self) -> int:
        """Send what is owed by every channel, side by side; how many letters left."""
        return sum(await asyncio.gather(*(self.deliver_by(channel) for channel in self.channels)))

    async def deliver_by(self, channel: Channel) -> int:
        """Send what is owed by one channel until nothing is due or nothing may leave, the most needed first; how many letters left."""
        left = 0
        while limit := self._room(channel):
            batch = await self.store.write(ledger.claim, self.by, [channel], now=self.clock(), limit=limit)
            for start in range(0, len(batch), AT_ONCE):
                left += await self._deliver_together([notice.id for notice in batch[start : start + AT_ONCE]], channel)
            if len(batch) < limit:
                break
        return left

    def _room(self, channel: Channel) -> int:
        """No more is claimed than may leave now: the rest stays in line, where a more needed letter can still overtake it."""
        room = self.channels[channel].room()
        return BATCH if room is None else min(BATCH, room)

    async def _deliver_together(self, notice_ids: Sequence[int], channel: Channel) -> int:
        """Read again, hand over, mark: a few letters side by side; how many left."""
        handed = await self._hand_over(notice_ids)
        under_way = {letter.notice_id for letter in handed}
        self._under_way |= under_way
        try:
            results = await asyncio.gather(*(self._send(letter, self.channels[channel]) for letter in handed))
            await self._mark(results)
        finally:
            self._under_way -= under_way
        return sum(result.error is None for result in results)

    async def _hand_over(self, notice_ids: Sequence[int]) -> list[Letter]:
        """All in one transaction; where that fails one in each, and the one at fault is put aside."""
        try:
            return await self.store.write(letters.hand_over_all, notice_ids, self.by, self.rules, now=self.clock(), digits=self._digits)
        except OperationalError:  # the database is at fault, no letter
            raise
        except Exception:
            log.exception("notice.broken", notices=list(notice_ids))
        if len(notice_ids) > 1:
            return [letter for one in notice_ids for letter in await self._hand_over([one])]
        await self.store.write(ledger.mark_fault, notice_ids[0], self.by)
        return []

    async def _mark(self, results: Sequence[Result]) -> None:
        """As `_hand_over`."""
        try:
            await self.store.write(ledger.mark_all, results, self.by, self.rules, now=self.clock())
            return
        except OperationalError:
            raise
        except Exception:
            log.exception("notice.broken", notices=[result.notice_id for result in results])
        if len(results) > 1:
            for one in results:
                await self._mark([one])
        else:
            await self.store.write(ledger.mark_fault, results[0].notice_id, self.by)

    async def _send(self, letter: Letter, channel: NoticeChannel) -> Result:
        try:
            receipt = await channel.send(await self._with_certificate(letter))
        except OutsideError as failure:
            error = failure
        except Exception:
            log.exception("notice.broken", notice=letter.notice_id, kind=letter.kind)
            error = Unknown("a fault of ours")
        else:
            log.info("notice.sent", notice=letter.notice_id, kind=letter.kind, channel=letter.channel)
            return Result(letter.notice_id, receipt.external_id)
        log.warning("notice.not_sent", notice=letter.notice_id, kind=letter.kind, outcome=type(error).__name__, reason=error.reason)
        again = self.clock() + notices.backoff(letter.attempt, letter.notice_id, None)
        since = (again - (letter.first_tried_at or again)).total_seconds()
        return Result(letter.notice_id, error=error, repeat=channel.harmless_to_repeat(letter.kind, since))

    async def _with_certificate(self, letter: Letter) -> Letter:
        """A certificate is drawn when it is sent, off the loop: its letter carries what stands on it."""
        if self._certificates is None or not isinstance(letter.matter, CertificateMatter):
            return letter
        content = await asyncio.to_thread(self._certificates.completion, letter.matter.facts)
        return replace(letter, attachments=(*letter.attachments, Attachment("certificate.pdf", "application/pdf", content)))

    # ── channels ────────────────────────────────────────────────────────────────────────────────────────

    async def show(self) -> int:
        """Post and edit the days of programmes whose messages are no longer true; how many messages changed."""
        if self._board is None:
            return 0
        changed = 0
        read_at = self.clock()
        for page in await self.store.read(postings.stale, now=read_at):
            pages = self._board.pages(page.day)
            if not await self.store.write(postings.differs, page.posting_id, page.digest, pages=pages, now=read_at):
                continue
            try:
                there = await self._board.show(page.day, page.page, page.channel_id, page.message_id, nonce=f"day {page.posting_id}")
            except OutsideError as failure:
                await self._not_shown(page, failure)
            except Exception:
                log.exception("posting.broken", posting=page.posting_id)
                await self._not_shown(page, Unknown("a fault of ours"))
            else:
                await self.store.write(postings.shown, page, there.message_id, read_at=read_at, now=self.clock())
                changed += 1
        return changed

    async def _not_shown(self, page: postings.Stale, error: OutsideError) -> None:
        after = error.retry_after if isinstance(error, Temporary) else None
        permanent = isinstance(error, Permanent)
        await self.store.write(postings.not_shown, page, error.reason, permanent=permanent, retry_after=after, now=self.clock())
        log.warning("posting.not_shown", posting=page.posting_id, reason=error.reason)

    async def run_due(self) -> None:
        """Everything that is due now, once: what a travelling clock calls at each instant."""
        await self.keep_time()
        await self.provide()
        await self.deliver()
        await self.show()

    async def release(self) -> None:
        """Give back what is claimed and not handed over: on a graceful stop."""
        await self.store.write(ledger.release, self.by)
