"""A presenter's answer by the link in their mail: it was read in the mailbox that was asked, so it needs no code and no Discord.

One link for each presenter of each session. It says how things stand until a day after the end, and takes a yes or a no until the
start; what comes of an answer is what comes of a press in chat. What is over, altered, another's and never made are told alike.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.database import Db
from domain.errors import Closed, NotFound
from domain.links import GONE, LinkKey, number_in
from domain.models import Presenter, Session, SessionState
from domain.places import find_session, lock
from domain.presenters.naming import answered
from domain.presenters.reaching import address_of
from domain.presenters.telling import has_moved
from domain.presenters.tokens import token_of
from domain.presenters.views import MySession, my_session
from domain.rules import Rules
from domain.schedule.links import is_openable

#: how long after the end the link still says what became of the session
LINK_FOR = timedelta(days=1)


class Stage(StrEnum):
    """What the page says first."""

    ASKED = "asked"  # they may answer, and change what they said
    BEGUN = "begun"
    OVER = "over"
    CANCELLED = "cancelled"  # the session is called off
    TAKEN_OFF = "taken off"  # they present it no more


class Moved(Closed):
    """The day or time has changed since you opened this page. Look at it again, then answer."""


@dataclass(frozen=True)
class PresenterPage:
    """A session as its presenter may see it, by their link. Once it is over or called off there is no way in, and nobody's needs."""

    partnership_id: int
    stage: Stage
    session: MySession | None  #: None for who was taken off: it is nothing of theirs any more
    moved: bool = False  #: its day or time has changed since they said yes, or since they were asked
    unopenable: bool = False  #: the organisers gave something that is no link; it stands as words


def look(db: Db, ids: Sequence[int], key: LinkKey, token: str, *, now: datetime) -> PresenterPage:
    """What this link shows. Changes nothing. Raises `NotFound`."""
    presenter, session = _theirs(db, ids, key, token, now=now)
    stage = stage_of(presenter, session, now=now)
    if stage is Stage.TAKEN_OFF:
        return PresenterPage(session.partnership_id, stage, None)
    shown = my_session(db, presenter, session)
    if stage not in (Stage.ASKED, Stage.BEGUN):
        return PresenterPage(session.partnership_id, stage, replace(shown, link=None, needs=()))
    unopenable = shown.link is not None and not is_openable(shown.link)
    return PresenterPage(session.partnership_id, stage, shown, has_moved(db, presenter), unopenable)


def answer_by_link(
    db: Db, ids: Sequence[int], key: LinkKey, token: str, yes: bool, seen: datetime | None, rules_of: Mapping[int, Rules], *, now: datetime
) -> None:
    """They come, or they cannot. `seen`: the start that stood on their page (UTC).

    Raises `NotFound`, `Closed` where there is nothing to answer, and `Moved` where they answer for a time that it had before.
    """
    presenter, session = _theirs(db, ids, key, token, now=now)
    session = lock(db, session.partnership_id, session.id or 0)
    if stage_of(presenter, session, now=now) is not Stage.ASKED:
        raise Closed
    if seen != session.starts_at:
        raise Moved
    answered(db, presenter, yes, rules_of[session.partnership_id], now=now)


def stage_of(presenter: Presenter, session: Session, *, now: datetime) -> Stage:
    """How it stands now."""
    if presenter.ended_at is not None:
        return Stage.TAKEN_OFF
    if session.state is SessionState.CANCELLED:
        return Stage.CANCELLED
    if now >= session.ends_at:
        return Stage.OVER
    return Stage.BEGUN if now >= session.starts_at else Stage.ASKED


def _theirs(db: Db, ids: Sequence[int], key: LinkKey, token: str, *, now: datetime) -> tuple[Presenter, Session]:
    """Whose link it is, and of which session."""
    number = number_in(token)
    presenter = db.get(Presenter, number) if number is not None else None
    address = address_of(db, presenter) if presenter is not None and presenter.partnership_id in ids else None
    if presenter is None or address is None or not hmac.compare_digest(token_of(key, presenter, address).encode(), token.encode()):
        raise NotFound(GONE)
    session = find_session(db, presenter.partnership_id, presenter.session_id)
    if session.state is SessionState.DRAFT or now >= session.ends_at + LINK_FOR:
        raise NotFound(GONE)
    return presenter, session
