"""Changes, acted out: amid the sign-up one session moves, one changes its service, one grows, and one is cancelled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Format, Kind, Provider
from domain.models import Notice, NoticeState, SessionState
from domain.times import to_wall
from domain.views import SessionView
from rehearsal.acting.scene import Scene
from rehearsal.mailbox import Break
from rehearsal.organiser import crosses_change, is_to_be_cancelled, published_sessions


@dataclass
class Changes(Scene):
    """What an organiser changes. `parts` are the sessions of courses, which stay as they are."""

    parts: frozenset[int] = field(default_factory=frozenset)

    def plan(self, sessions: Sequence[SessionView], *, middle: datetime) -> None:
        """One after another, from `middle` on.

        Of those that fit, the one with the most bookings is taken, so that somebody hears of it.
        """
        organiser = self.organiser
        free = [s for s in sessions if s.id not in self.parts]
        left = {s.id for s in [s for s in free if s.starts_at > middle + timedelta(days=1)] or free}

        def plan(minutes: int, change: Callable[[SessionView], Awaitable[None]], *fits: Callable[[SessionView], bool]) -> None:
            async def act() -> None:
                there = [s for s in await self.stage.store.read(published_sessions) if s.id in left and s.state is SessionState.PUBLISHED]
                fitting = next(filter(None, ([s for s in there if fit(s)] for fit in fits)), [])
                if fitting:
                    chosen = max(fitting, key=lambda s: (sum(p.taken for p in s.places), -s.id))
                    left.discard(chosen.id)
                    await change(chosen)

            self.at(middle + timedelta(minutes=minutes), act)

        plan(0, organiser.move_to_teams, lambda s: s.provider is Provider.ZOOM)
        plan(10, lambda s: organiser.reschedule(s, later=timedelta(minutes=30)), _meets_and_moves, _can_move)
        self.at(middle + timedelta(minutes=10) + self.stage.rules.settle, self._lose_an_answer)
        plan(20, lambda s: organiser.raise_places(s, by=2), lambda s: s.places[0].waiting > 0)
        stays = crosses_change  # so that its reminders can be seen
        goes = (
            is_to_be_cancelled,
            lambda s: s.provider is not None and not stays(s) and not s.private,
            lambda s: not stays(s) and not s.private,
        )
        plan(30, organiser.cancel, *goes)

    async def _lose_an_answer(self) -> None:
        """The connection breaks when the mail server has the next letter, if that is an update: it may be sent again."""
        if await self.stage.store.read(_update_is_due, self.now):
            self.stage.mailbox.break_next(Break.DROP_AFTER)


def _can_move(session: SessionView) -> bool:
    """Whether half an hour later is still the same day."""
    return to_wall(session.ends_at, session.zone).hour < 23


def _meets_and_moves(session: SessionView) -> bool:
    """Better one whose meeting has to move too."""
    return session.provider is Provider.TEAMS and session.format is Format.ONLINE and _can_move(session)


def _update_is_due(db: Db, now: datetime) -> bool:
    due = select(Notice.kind).where(col(Notice.state) == NoticeState.QUEUED, col(Notice.next_try_at) <= now)
    return db.exec(due.order_by(col(Notice.need), col(Notice.next_try_at), col(Notice.id)).limit(1)).first() is Kind.UPDATE
