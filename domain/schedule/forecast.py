"""Which sessions of a file would find no host for their meeting: the reservations of every row, made in order on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db
from domain.descriptions import NewSession
from domain.hosts import HOLDING, HostLoad, choose_host
from domain.kinds import Format, Provider
from domain.models import Host, HostDay, Meeting
from domain.rules import Rules

Slot = tuple[datetime, datetime]


@dataclass(frozen=True)
class Want:
    """A meeting that is to be: of a row (None: of a drafted session that stands already) and, where there is one, of a session."""

    session: NewSession
    row: int | None = None
    session_id: int | None = None


@dataclass(frozen=True)
class Hostless:
    """A row whose meeting would find no host. `none_at_all`: no host of this service is set up."""

    row: int
    session: NewSession
    none_at_all: bool


@dataclass
class _Diary:
    """A host's reservations, by session."""

    host: Host
    calls_today: int
    slots: dict[int, Slot] = field(default_factory=dict)

    def load(self, slot: Slot) -> HostLoad:
        return HostLoad(self.host.id or 0, self.host.at_once, len(self.slots), self.at_once(slot), self.calls_today, self.host.per_day)

    def at_once(self, slot: Slot) -> int:
        """The most meetings at any one moment of the slot."""
        others = [other for other in self.slots.values() if other[0] < slot[1] and other[1] > slot[0]]
        return max((sum(start <= max(at, slot[0]) < end for start, end in others) for at, _ in others), default=0)


def hostless(db: Db, partnership_id: int, wants: Sequence[Want], rules: Rules, *, now: datetime) -> tuple[Hostless, ...]:
    """The rows that would find no host if everything were reserved in this order. Changes nothing."""
    diaries = _diaries(db, partnership_id, now)
    return tuple(_reserve(diaries, [want for want in wants if _needs_host(want.session)], rules))


def _needs_host(session: NewSession) -> bool:
    return session.format is not Format.IN_PERSON and session.provider in (Provider.TEAMS, Provider.ZOOM)


def _diaries(db: Db, partnership_id: int, now: datetime) -> list[_Diary]:
    hosts = db.exec(select(Host).where(col(Host.partnership_id) == partnership_id, col(Host.active).is_(True)).order_by(col(Host.id))).all()
    today = dict(db.exec(select(HostDay.host_id, HostDay.calls).where(col(HostDay.day) == now.date())).all())
    diaries = {host.id: _Diary(host, today.get(host.id or 0, 0)) for host in hosts}
    held = select(Meeting).where(col(Meeting.partnership_id) == partnership_id, col(Meeting.state).in_(HOLDING))
    for meeting in db.exec(held):
        if meeting.host_id in diaries:
            diaries[meeting.host_id].slots[meeting.session_id] = (meeting.slot_starts_at, meeting.slot_ends_at)
    return list(diaries.values())


def _reserve(diaries: Sequence[_Diary], wants: Sequence[Want], rules: Rules) -> Iterator[Hostless]:
    for turn, want in enumerate(wants):
        session = want.session
        mine = [diary for diary in diaries if diary.host.provider is session.provider]
        slot = session.starts_at - rules.host_padding, session.ends_at + rules.host_padding
        key = want.session_id or -1 - turn  # a session that is still to be has no id
        before = next((diary for diary in diaries if key in diary.slots), None)
        if before is not None:
            del before.slots[key]
        stays = before is not None and before in mine and before.at_once(slot) < before.host.at_once
        chosen = before.host.id if before is not None and stays else choose_host([diary.load(slot) for diary in mine])
        for diary in mine:
            if diary.host.id == chosen:
                diary.slots[key] = slot
        if chosen is None and want.row is not None:
            yield Hostless(want.row, session, none_at_all=not mine)
