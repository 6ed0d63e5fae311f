"""One pass of the clock: what is due is found, carried out through a port, and marked.

A tick holds no work. Each step is safe to run as often as one likes, by several processes at once, and after a
crash at any point: what was not marked is found again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from domain import calling_off, in_time, postings, timekeeping
from domain.database import Store
from domain.errors import Held, OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Channel, Provider
from domain.ledger import claims, marks
from domain.letters import handing as letters
from domain.letters.matters import CertificateMatter
from domain.letters.turn import seconds_since
from domain.links import LinkKey
from domain.meetings import NOT_SET_UP
from domain.ports.board import Noticeboard
from domain.ports.drawing import Certificates
from domain.ports.letters import Attachment, Letter, NoticeChannel, SentMessages
from domain.ports.meetings import MeetingMade, MeetingProvider
from domain.provision import outcomes, turns
from domain.provision.outcomes import ACCOUNT_PAUSE
from domain.provision.turns import Action, Work
from domain.rules import RulesOf
from scheduler.delivering import Delivery, Means
from scheduler.erasing import forget_those_ready
from scheduler.reading import ReplyReading
from scheduler.watching import Watcher

log = structlog.get_logger(__name__)


class Ticks:
    """The passes of the clock over one store. `clock` gives the present instant in UTC; `by` names this process on its claims."""

    def __init__(
        self,
        store: Store,
        rules: RulesOf,
        *,
        clock: Callable[[], datetime],
        by: str,
        providers: Mapping[Provider, MeetingProvider],
        channels: Mapping[Channel, NoticeChannel],
        board: Noticeboard | None = None,
        digits: Callable[[], str] = letters.six_digits,
        certificates: Certificates | None = None,
        links: LinkKey | None = None,
        said: SentMessages | None = None,
        reading: ReplyReading | None = None,
    ) -> None:
        self._certificates = certificates
        self.reading = reading
        self.store = store
        self.rules = rules
        self.clock = clock
        self.by = by
        self.channels = channels
        self._providers = providers
        self._board = board
        self._said = said
        self._means = Means(store, rules, clock, by, digits, self._with_certificate, links=links)

    def watched_by(self, watcher: Watcher) -> None:
        """Let somebody look on."""
        self._means.watcher = watcher

    # ── time passes ─────────────────────────────────────────────────────────────────────────────────────

    async def keep_time(self) -> bool:
        """Let holds lapse, owe what has fallen due, end what came too late, and judge what vanished processes left.

        Whether anything may be owed by it, so that the channels are worth a look.
        """
        now = self.clock()
        if self._means.under_way:
            await self.store.write(claims.renew, self.by, tuple(self._means.under_way), now=now)
        due = await self.store.read(timekeeping.due, self.rules, now=now)
        for left in await self.store.write(timekeeping.keep_time, self.rules, now=now) if set(due) - timekeeping.APART else ():
            channel = self.channels.get(left.channel)
            repeat = channel is not None and channel.harmless_to_repeat(left.kind, seconds_since(left.since, now))
            reason = "the process that was sending it disappeared"
            await self.store.write(marks.mark_unknown, left.id, None, reason, repeat=repeat, rules=self.rules, now=now)
        moved = await self._see_reminders_off(now)
        if timekeeping.CALLING_OFF in due:
            await self.carry_on()
        if timekeeping.ERASING in due:
            await forget_those_ready(self.store, self.rules, self.clock, self._said)
        return bool(due) or moved

    async def _see_reminders_off(self, now: datetime) -> bool:
        """Reminders that will not leave in time by one channel go by another; whether any does. No channel is full: nothing is asked."""
        flows = {channel: await line.flow() for channel, line in self.channels.items()}
        if all(flow is None or (flow.room and flow.starts_at <= now) for flow in flows.values()):
            return False
        late = await self.store.read(in_time.too_late, flows, now=now, whose=self.rules.kept())
        if not late:
            return False
        moved = await self.store.write(in_time.send_another_way, late, flows, now=now, whose=self.rules.kept())
        log.warning("reminders.late", late={channel.value: len(ids) for channel, ids in late.items()}, moved=moved)
        return moved > 0

    async def carry_on(self) -> None:
        """Cancel what a vanished process left of a day that was called off: session by session, so that nobody waits long."""
        for left in await self.store.read(calling_off.standing_still, now=self.clock(), whose=self.rules.kept()):
            where, rules = (left.partnership_id, left.announcement_id), self.rules.of(left.partnership_id)
            for session_id in left.sessions:
                await self.store.write(calling_off.cancel_one, *where, session_id, rules, now=self.clock())
            await self.store.write(calling_off.finish, *where, rules, now=self.clock())
            log.info("calling_off.carried_on", announcement=left.announcement_id, sessions=len(left.sessions))

    # ── meetings ────────────────────────────────────────────────────────────────────────────────────────

    async def provide(self) -> int:
        """Make, look for, change and delete meetings until none is due; how many were asked for."""
        asked = 0
        if not await self.store.read(turns.any_due, self.rules, now=self.clock()):
            return asked
        while work := await self.store.write(turns.claim, self.rules, now=self.clock()):
            for one in work:  # in order: a host's meetings are never made side by side
                if (mine := await self.store.write(turns.renew, one, now=self.clock())) is not None:
                    await self._provide_one(mine)
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
                await self.store.write(outcomes.gone, work.meeting_id)
            case Action.SWEEP:
                deleted = await service.sweep(work.wanted, work.made)
                await self.store.write(outcomes.swept, work.meeting_id)
                log.info("meeting.swept", meeting=work.meeting_id, deleted=deleted)

    async def _change(self, service: MeetingProvider, work: Work) -> None:
        assert work.made is not None
        try:
            made = await service.change(work.made, work.wanted)
        except Permanent as error:
            if error.reason != "gone":
                raise
            log.warning("meeting.lost", meeting=work.meeting_id)
            await self.store.write(outcomes.lost, work.meeting_id, self.rules, now=self.clock())
            return
        await self._adopt(work, made)

    async def _adopt(self, work: Work, made: MeetingMade | None, *, recovered: bool = False) -> None:
        await self.store.write(outcomes.adopt, work.meeting_id, made, work.wanted, self.rules, now=self.clock(), recovered=recovered)
        log.info("meeting.adopted" if made else "meeting.not_found", meeting=work.meeting_id, action=work.action, provider=work.provider)

    async def _not_done(self, work: Work, error: OutsideError) -> None:
        await self.store.write(
            outcomes.not_done,
            work,
            error.reason,
            permanent=isinstance(error, Permanent),
            unknown=isinstance(error, Unknown),
            retry_after=error.retry_after if isinstance(error, Temporary) else None,
            held=isinstance(error, Held),
            now=self.clock(),
        )
        log.warning("meeting.not_done", meeting=work.meeting_id, action=work.action, outcome=type(error).__name__, reason=error.reason)

    # ── notices ─────────────────────────────────────────────────────────────────────────────────────────

    async def deliver(self) -> int:
        """Send what is owed by every channel, side by side; how many letters left."""
        return sum(await asyncio.gather(*(self.deliver_by(channel) for channel in self.channels)))

    async def deliver_by(self, channel: Channel) -> int:
        """Send what is owed by one channel until nothing is due or nothing may leave, the most needed first; how many letters left."""
        return await Delivery(self._means, channel, self.channels[channel]).run()

    async def _with_certificate(self, letter: Letter) -> Letter:
        """A certificate is drawn when it is sent, off the loop: its letter carries what stands on it."""
        if self._certificates is None or not isinstance(letter.matter, CertificateMatter):
            return letter
        content = await asyncio.to_thread(self._certificates.completion, letter.matter.facts)
        return replace(letter, attachments=(*letter.attachments, Attachment("certificate.pdf", "application/pdf", content)))

    # ── replies ─────────────────────────────────────────────────────────────────────────────────────────

    async def read_replies(self) -> int:
        """Carry out what people answered from their calendars; how many places or presenters it changed."""
        return await self.reading.run() if self.reading is not None else 0

    # ── channels ────────────────────────────────────────────────────────────────────────────────────────

    async def show(self) -> int:
        """Post and edit the days of programmes whose messages are no longer true; how many messages changed."""
        if self._board is None:
            return 0
        changed = 0
        read_at = self.clock()
        for page in await self.store.read(postings.stale, now=read_at, whose=self.rules.kept()):
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
        await self.read_replies()
        await self.keep_time()
        await self.provide()
        await self.deliver()
        await self.show()

    def wind_down(self) -> None:
        """Take nothing more in hand: what is in hand is sent, and then it is over."""
        self._means.stopping = True

    async def release(self) -> None:
        """Give back what is claimed and not handed over: on a graceful stop."""
        await self.store.write(claims.release, self.by)
        self._means.stopping = False  # it is over
