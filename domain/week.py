"""The week at a glance, for who organises it: each session of each day with its places, its people in numbers, its link, its presenter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import col, select

from domain.capacity import modes_of, places_of
from domain.database import Db
from domain.kinds import Format, Mode, Provider
from domain.letters.sessions import links_of
from domain.models import Presenter, Privacy, Session, SessionState
from domain.privacy import NEUTRAL_FOR_ORGANISERS, is_or_may_be_private
from domain.programmes import owned
from domain.schedule.standing import Standing, standing
from domain.times import day_of


class Led(StrEnum):
    """How it stands with who presents a session."""

    NOBODY = "nobody"
    NOT_ASKED = "not_asked"  # a name alone, or nobody has written to them yet
    SILENT = "silent"
    YES = "yes"
    NO = "no"  # somebody said that they cannot come


@dataclass(frozen=True)
class Way:
    """One way of taking part in a session: how many have a place in it, booked or kept, of how many (None: no limit).

    `kept`: of those that are taken, how many wait for somebody to show their address, or to say yes. Only organisers see it.
    """

    mode: Mode
    taken: int
    places: int | None
    kept: int = 0


@dataclass(frozen=True)
class Glance:
    """One session. `linked` None: it needs no link. Instants are UTC; `taken` counts places that are booked or kept."""

    session_id: int
    reference: str
    title: str
    private: bool
    state: SessionState
    starts_at: datetime
    ends_at: datetime
    zone: str
    format: Format
    organisation: str | None
    places: int | None  #: in all; None: no limit
    taken: int
    ways: tuple[Way, ...]  #: each with its own places: a hybrid session has two
    waiting: int
    linked: bool | None
    presenter: str | None
    led: Led
    link: str | None = field(default=None, compare=False)  #: to join; None too for who may not know
    provider: Provider | None = field(default=None, compare=False)  #: of its meeting


@dataclass(frozen=True)
class Day:
    """A day and its sessions, in order of their start."""

    day: date
    sessions: tuple[Glance, ...]


def week(db: Db, partnership_id: int, programme_id: int, *, sees_private: bool) -> tuple[Day, ...]:
    """A programme by day, drafts and cancelled sessions among them. Counts, never people. Raises `NotFound`.

    `sees_private`: whether who asks may know what sessions that are or may be private are really called.
    """
    programme = owned(db, partnership_id, programme_id)
    found = sorted(standing(db, programme), key=lambda one: (one.session.starts_at, one.session_id))
    rows = db.exec(select(Session).where(col(Session.programme_id) == programme_id)).all()
    links, by_id = links_of(db, rows), {row.id: row for row in rows}
    led = _led(db, [row.id or 0 for row in rows])
    days: defaultdict[date, list[Glance]] = defaultdict(list)
    for one in found:
        glance = _glance(one, by_id[one.session_id], links.get(one.session_id), led.get(one.session_id, Led.NOBODY), sees_private)
        days[day_of(one.session.starts_at, programme.zone)].append(glance)
    return tuple(Day(day, tuple(sessions)) for day, sessions in days.items())


def _glance(one: Standing, row: Session, link: str | None, led: Led, sees_private: bool) -> Glance:
    session = one.session
    private = session.privacy is Privacy.PRIVATE
    hidden = is_or_may_be_private(session) and not sees_private
    unlimited = session.places is None or (session.format is Format.HYBRID and session.online_places is None)
    return Glance(
        one.session_id,
        session.reference or "",
        (session.public_title or NEUTRAL_FOR_ORGANISERS) if hidden else session.title,
        private,
        one.state,
        session.starts_at,
        session.ends_at,
        session.zone,
        session.format,
        None if hidden else session.organisation,
        None if unlimited else (session.places or 0) + (session.online_places or 0 if session.format is Format.HYBRID else 0),
        one.confirmed + one.held,
        tuple(Way(mode, one.having.get(mode, 0), places_of(row, mode), one.kept.get(mode, 0)) for mode in modes_of(session.format)),
        one.waiting,
        None if session.format is Format.IN_PERSON else link is not None,
        None if hidden else session.presenter,
        led,
        None if hidden else link,
        None if session.format is Format.IN_PERSON else session.provider,
    )


def _led(db: Db, session_ids: Iterable[int]) -> dict[int, Led]:
    mine = select(Presenter).where(col(Presenter.session_id).in_(list(session_ids)), col(Presenter.ended_at).is_(None))
    said: defaultdict[int, list[Led]] = defaultdict(list)
    for one in db.exec(mine):
        said[one.session_id].append(_said(one))
    worst = (Led.NO, Led.SILENT, Led.NOT_ASKED, Led.YES)
    return {session_id: next(led for led in worst if led in each) for session_id, each in said.items()}


def _said(one: Presenter) -> Led:
    if one.declined_at is not None:
        return Led.NO
    if one.confirmed_at is not None:
        return Led.YES
    return Led.SILENT if one.sequence else Led.NOT_ASKED
