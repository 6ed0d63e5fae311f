"""What drafts lack, said before anybody can book them: a link that nobody could make, and somebody who leads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlmodel import col, select

from domain.attention.items import SERVICES, Concern, Item, about, named, of_several
from domain.attention.links import none_free, none_set_up, why_no_link
from domain.attention.readiness import ahead
from domain.database import Db
from domain.descriptions import NewSession
from domain.kinds import Format, Provider
from domain.models import Presenter, Session, SessionState
from domain.privacy import having_their_own
from domain.rules import Rules
from domain.schedule.forecast import Want, hostless

_MADE = (Provider.TEAMS, Provider.ZOOM)


def gaps_of_drafts(db: Db, partnership_id: int, programme_id: int | None, rules: Rules, now: datetime) -> Iterator[Item]:
    """What a programme's drafts (None: the partnership's) would lack if they were published now. What is published is told of elsewhere."""
    found = [one for one in ahead(db, partnership_id, programme_id, now) if one.state is SessionState.DRAFT and one.starts_at > now]
    if not found:
        return
    with_their_own = having_their_own(db, partnership_id)
    yield from _links(db, partnership_id, found, with_their_own, rules, now)
    yield from _leading(db, found, with_their_own)


def _links(
    db: Db, partnership_id: int, drafts: Sequence[Session], with_their_own: Collection[int], rules: Rules, now: datetime
) -> Iterator[Item]:
    made = [_want(one) for one in drafts]
    without = {one.row: one.none_at_all for one in hostless(db, partnership_id, made, rules, now=now)}
    alike: dict[tuple[Concern, str, int, int | None], list[Session]] = {}
    for session in drafts:
        why, its_own = _why(session, without.get(session.id or 0), rules, now)
        if why is not None:
            alike.setdefault((*why, session.programme_id, session.id if its_own else None), []).append(session)
    for (concern, said, *_), those in alike.items():
        if len(those) > 1:
            yield of_several(concern, those, "would have no link to join", said, with_their_own)
        else:
            yield about(concern, those[0], f"{named(those[0], with_their_own)} would have no link to join. {said}")


def _want(session: Session) -> Want:
    """Its meeting, numbered by the session, as no row of a file is meant."""
    bare = NewSession(session.title, session.starts_at, session.ends_at, session.format, session.provider)
    return Want(bare, session.id, session.id)


def _why(session: Session, none_at_all: bool | None, rules: Rules, now: datetime) -> tuple[tuple[Concern, str] | None, bool]:
    """Why there would be no link (None: there would be one), and whether that is for this session alone to mend."""
    if session.format is Format.IN_PERSON:
        return None, False
    if session.provider not in _MADE:
        return why_no_link(session, None, rules, now=now), False
    if none_at_all is None:
        return None, False
    service = SERVICES[session.provider]
    return (Concern.NO_HOST, none_set_up(service) if none_at_all else none_free(service)), not none_at_all


def _leading(db: Db, drafts: Sequence[Session], with_their_own: Collection[int]) -> Iterator[Item]:
    ids = [one.id for one in drafts]
    led = set(db.exec(select(Presenter.session_id).where(col(Presenter.session_id).in_(ids), col(Presenter.ended_at).is_(None))).all())
    mend = "Name somebody with /session presenters."
    nobody: dict[int, list[Session]] = {}
    for session in drafts:
        if session.id not in led:
            nobody.setdefault(session.programme_id, []).append(session)
    for those in nobody.values():
        if len(those) > 1:
            yield of_several(Concern.NOBODY, those, "name nobody who leads them", mend, with_their_own)
        else:
            yield about(Concern.NOBODY, those[0], f"{named(those[0], with_their_own)} names nobody who leads it. {mend}")
