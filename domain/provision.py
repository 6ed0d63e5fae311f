"""Asking the meeting services, by the recipe that never makes two.

Only meetings that `meetings.ensure` has committed are asked for. From the claim on a meeting *may* exist
(unknown) until the service's answer says otherwise: an unknown one is looked for by its ref, never just made
again. A link is published only once its meeting is adopted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from sqlalchemy import and_, or_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from domain.database import Db
from domain.hosts import count_call, free_host, has_calls_left, has_hosts
from domain.kinds import Kind, Mode, Provider
from domain.limits import host_account, paused_until
from domain.meetings import NO_HOST, NOT_SET_UP, SWEEP_AFTER, WITHOUT_CO_ORGANISERS, ensure
from domain.models import Booking, BookingState, Host, HostDay, Meeting, MeetingState, Notice, NoticeState, Session
from domain.notices import backoff, owe_calendar, owe_updates, went_without_link
from domain.ports import MeetingMade, MeetingRequest
from domain.presenters.telling import co_organisers, told_without_link
from domain.privacy import shown_title
from domain.rules import Rules, RulesOf
from domain.standing import Instant, Standing, at

LEASE = timedelta(minutes=3)
LOOK_AGAIN = timedelta(seconds=90)  # after an unknown outcome: time for the effect to land
NO_HOST_RETRY = timedelta(minutes=10)
ATTEMPTS = 12
ACCOUNT_PAUSE = 1800.0  # seconds: who asks for as long a pause means the whole account, not this meeting
REFUSED_CHANGE = timedelta(minutes=30)


class Action(StrEnum):
    """What a claimed meeting needs."""

    CREATE = "create"
    RECOVER = "recover"
    CHANGE = "change"
    REMOVE = "remove"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Work:
    """One thing to ask of a meeting service, claimed for a lease of three minutes."""

    meeting_id: int
    session_id: int
    provider: Provider
    action: Action
    wanted: MeetingRequest
    made: MeetingMade | None


def any_due(db: Db, *, now: datetime) -> bool:
    """Whether `claim` would take anything."""
    (due,) = _turn().ask(db, now=now)
    return bool(due)


@cache
def _turn() -> Standing:
    return Standing([select(Meeting.id).where(*_whose_turn(at())).exists()])


def _whose_turn(now: Instant) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(col(Meeting.next_try_at) <= now, and_(col(Meeting.next_try_at).is_(None), col(Meeting.sweep_at) <= now)),
        or_(col(Meeting.claimed_until).is_(None), col(Meeting.claimed_until) <= now),
    )


def claim(db: Db, rules: RulesOf, *, now: datetime, limit: int = 20) -> list[Work]:
    """Take meetings whose turn has come. A create is committed as *unknown* before it is sent."""
    due = (
        select(Meeting)
        .where(*_whose_turn(now))
        .order_by(col(Meeting.slot_starts_at), col(Meeting.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    work = [_take(db, meeting, rules.of(meeting.partnership_id), now) for meeting in db.exec(due).all()]
    return [w for w in work if w is not None]


def _take(db: Db, meeting: Meeting, rules: Rules, now: datetime) -> Work | None:
    session = db.get_one(Session, meeting.session_id)
    if meeting.state is MeetingState.WANTED and meeting.host_id is None and not _find_host(db, meeting, session, rules, now):
        return None
    sweeping = meeting.next_try_at is None
    action = _action(meeting, sweeping)
    if action is None:
        meeting.next_try_at = None
        db.add(meeting)
        return None
    if action in (Action.CREATE, Action.CHANGE) and not _may_call(db, meeting, session, rules, now):
        return None
    if action in (Action.CREATE, Action.CHANGE):
        count_call(db, meeting.host_id, now)
    if action is Action.CREATE:
        meeting.state = MeetingState.UNKNOWN
    if not sweeping:
        meeting.attempts += 1
    meeting.claimed_until = now + LEASE
    db.add(meeting)
    made = MeetingMade(meeting.external_id, meeting.join_url or "") if meeting.external_id else None
    return Work(meeting.id or 0, meeting.session_id, meeting.provider, action, _request(db, meeting, session), made)


def _action(meeting: Meeting, sweeping: bool) -> Action | None:
    if sweeping:
        return Action.SWEEP
    if meeting.state is MeetingState.REMOVING:
        return Action.REMOVE if meeting.external_id else Action.SWEEP
    return {MeetingState.WANTED: Action.CREATE, MeetingState.UNKNOWN: Action.RECOVER, MeetingState.CHANGING: Action.CHANGE}.get(
        meeting.state
    )


def _may_call(db: Db, meeting: Meeting, session: Session, rules: Rules, now: datetime) -> bool:
    """Spare a host that has had its calls for today: another host, or tomorrow (UTC). What begins today is tried all the same."""
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    told = _host_paused(db, meeting, now)
    if told is None and (session.starts_at < tomorrow or has_calls_left(db, meeting.host_id, now)):
        return True
    if meeting.state is MeetingState.WANTED and meeting.sweep_at is None:  # nothing can be at the old host
        span = session.starts_at, session.ends_at
        other = free_host(db, meeting.partnership_id, meeting.provider, *span, rules, now=now, but=meeting.id)
        if other is not None and other != meeting.host_id:
            meeting.host_id = other
            return True
    meeting.next_try_at, meeting.error = told or tomorrow, "the host has had as many meetings made today as it may"
    db.add(meeting)
    return False


def _host_paused(db: Db, meeting: Meeting, now: datetime) -> datetime | None:
    """Until when the service wants no more meetings of this host (UTC), whatever we have counted ourselves."""
    host = db.get_one(Host, meeting.host_id)
    return paused_until(db, (host_account(host.provider, host.account),), now=now)


def _find_host(db: Db, meeting: Meeting, session: Session, rules: Rules, now: datetime) -> bool:
    meeting.host_id = free_host(
        db, meeting.partnership_id, meeting.provider, session.starts_at, session.ends_at, rules, now=now, but=meeting.id
    )
    if meeting.host_id is None:
        meeting.error = NO_HOST if has_hosts(db, meeting.partnership_id, meeting.provider) else NOT_SET_UP
        meeting.next_try_at = now + NO_HOST_RETRY if session.ends_at > now else None
    else:
        meeting.error = ""
    db.add(meeting)
    return meeting.host_id is not None


def _request(db: Db, meeting: Meeting, session: Session) -> MeetingRequest:
    host = db.get(Host, meeting.host_id) if meeting.host_id else None
    title = shown_title(session, "Practice session")
    account, also = host.account if host else "", co_organisers(db, session)
    return MeetingRequest(meeting.ref, account, title, session.starts_at, session.ends_at, session.zone, also)


def _held(db: Db, meeting_id: int) -> Meeting:
    """The meeting that was asked for, held for this transaction; its session first, as every change of a session does."""
    of = db.exec(select(Meeting.session_id).where(col(Meeting.id) == meeting_id)).one()
    db.exec(select(Session).where(col(Session.id) == of).with_for_update(key_share=True).execution_options(populate_existing=True)).one()
    return db.get_one(Meeting, meeting_id, with_for_update=True, populate_existing=True)


def adopt(
    db: Db, meeting_id: int, made: MeetingMade | None, asked: MeetingRequest, rules: RulesOf, *, now: datetime, recovered: bool = False
) -> None:
    """The service has the meeting as `asked` (None: recovery found none, so it is asked for anew).

    The link is published only if the session still wants this meeting; what changed in the meantime is asked for again.
    """
    meeting = _held(db, meeting_id)
    meeting.claimed_until, meeting.error = None, ""
    if meeting.state in (MeetingState.REMOVING, MeetingState.GONE):
        _adopt_unwanted(meeting, made, now, recovered=recovered)
    elif made is None:
        meeting.state, meeting.next_try_at, meeting.sweep_at = MeetingState.WANTED, now, now + SWEEP_AFTER
    else:
        _adopt_wanted(db, meeting, made, asked, rules.of(meeting.partnership_id), now=now, recovered=recovered)
    db.add(meeting)
    db.flush()


def _adopt_unwanted(meeting: Meeting, made: MeetingMade | None, now: datetime, *, recovered: bool) -> None:
    if made is not None:
        meeting.external_id, meeting.join_url = made.external_id, made.join_url
        meeting.sweep_at = meeting.sweep_at if recovered else None  # a plain answer leaves nothing to land later
    meeting.state, meeting.next_try_at, meeting.attempts = MeetingState.REMOVING, now, 0


def _adopt_wanted(
    db: Db, meeting: Meeting, made: MeetingMade, asked: MeetingRequest, rules: Rules, *, now: datetime, recovered: bool
) -> None:
    session = db.get_one(Session, meeting.session_id)
    before = meeting.join_url
    meeting.external_id, meeting.join_url, meeting.made_at = made.external_id, made.join_url, meeting.made_at or now
    as_asked = _request(db, meeting, session) == asked
    meeting.state = MeetingState.READY if as_asked else MeetingState.CHANGING
    meeting.next_try_at, meeting.attempts = (None if as_asked else now), 0
    meeting.error = WITHOUT_CO_ORGANISERS if made.without_co_organisers else ""
    if recovered:
        meeting.sweep_at = now + SWEEP_AFTER
    db.add(meeting)
    db.flush()
    session.touched_at = now
    db.add(session)
    _tell_link(db, session, changed=before is not None and before != made.join_url, rules=rules, now=now)


def _tell_link(db: Db, session: Session, *, changed: bool, rules: Rules, now: datetime) -> None:
    """Let waiting invitations go, and owe the link to those whose invitation went without it."""
    if changed:
        owe_updates(db, session, ("link",), rules, now=now)
        return
    waiting = select(Notice).where(
        col(Notice.session_id) == session.id,
        col(Notice.state) == NoticeState.QUEUED,
        col(Notice.kind).in_((Kind.INVITATION, Kind.PROMOTION, Kind.UPDATE)),
    )
    for notice in db.exec(waiting):
        rested = notice.owed_at + rules.settle if notice.kind is Kind.UPDATE else now  # an edit settles all the same
        notice.next_try_at = min(notice.next_try_at, max(now, rested))
        db.add(notice)
    last_told = (
        select(Booking)
        .join(Notice, col(Notice.booking_id) == col(Booking.id))
        .where(
            col(Booking.session_id) == session.id,
            col(Booking.state) == BookingState.CONFIRMED,
            col(Booking.mode) == Mode.ONLINE,
            *went_without_link(Notice.booking_id),
        )
    )
    for booking in db.exec(last_told).unique().all():
        owe_calendar(db, booking, session, Kind.UPDATE, now=now, detail="link")
    for presenter in told_without_link(db, session):
        owe_calendar(db, presenter, session, Kind.UPDATE, now=now, detail="link")


def gone(db: Db, meeting_id: int, *, now: datetime) -> None:
    """The service has deleted it. Where an effect may still land, a look for it follows."""
    meeting = _held(db, meeting_id)
    meeting.claimed_until, meeting.error = None, ""
    meeting.external_id, meeting.next_try_at = None, None
    if meeting.sweep_at is None:
        meeting.state = MeetingState.GONE
    db.add(meeting)


def swept(db: Db, meeting_id: int) -> None:
    """The look for late effects is done. What is to be removed is looked for at once and again when its sweep is due."""
    meeting = _held(db, meeting_id)
    meeting.claimed_until = None
    if meeting.state is MeetingState.REMOVING and meeting.next_try_at is not None:
        meeting.next_try_at = None
    else:
        meeting.sweep_at = None
    if meeting.state is MeetingState.REMOVING and meeting.sweep_at is None:
        meeting.state = MeetingState.GONE
    db.add(meeting)


def lost(db: Db, meeting_id: int, rules: RulesOf, *, now: datetime) -> None:
    """The service says that a meeting we had is no longer there: someone deleted it. Make another, and tell everyone its link."""
    meeting = _held(db, meeting_id)
    meeting.claimed_until = None
    session = db.get_one(Session, meeting.session_id)
    meeting.state, meeting.next_try_at, meeting.sweep_at = MeetingState.GONE, None, None
    db.add(meeting)
    db.flush()
    ensure(db, session, rules.of(session.partnership_id), now=now)
    owe_updates(db, session, ("link",), rules.of(session.partnership_id), now=now)


def not_done(
    db: Db, work: Work, reason: str, *, permanent: bool, unknown: bool, retry_after: float | None, now: datetime, held: bool = False
) -> None:
    """The service did not do it, or may have done it. Tried again with growing pauses; given up after twelve attempts or a plain no.

    Two things are not given up before the session is over: what the whole account was refused, and a change of a meeting that
    people have the link of. `held`: the service was not asked at all, so it was no attempt.
    """
    meeting = _held(db, work.meeting_id)
    meeting.claimed_until = None
    db.add(meeting)
    if meeting.state is MeetingState.REMOVING and work.action in _ASKED_AS:  # no longer wanted in the meantime: now it is deleted
        meeting.next_try_at, meeting.attempts = now + LOOK_AGAIN if unknown else now, 0
        return
    if meeting.state is not _ASKED_AS.get(work.action, meeting.state):
        return  # another process has seen to it since
    meeting.error = reason[:200]
    if work.action is Action.CREATE and not unknown and meeting.state is MeetingState.UNKNOWN:
        meeting.state = MeetingState.WANTED
    may_exist = unknown and work.action is Action.CREATE  # looked for before it is given up, however many attempts came before
    if work.action is Action.SWEEP and meeting.state is not MeetingState.REMOVING:
        meeting.sweep_at = now + max(SWEEP_AFTER, timedelta(seconds=retry_after or 0))
        return
    if held or ((retry_after or 0) >= ACCOUNT_PAUSE and meeting.slot_ends_at > now):
        _uncount(db, meeting, work.action, now)
    if work.action is Action.CHANGE:
        meeting.next_try_at = now + _change_pause(meeting, permanent, retry_after) if meeting.slot_ends_at > now else None
    elif permanent or (meeting.attempts >= ATTEMPTS and not may_exist):
        _give_up(meeting, now)
    else:
        pause = LOOK_AGAIN if may_exist else backoff(meeting.attempts, work.meeting_id, retry_after)
        meeting.next_try_at = now + pause


def _give_up(meeting: Meeting, now: datetime) -> None:
    if meeting.state is MeetingState.UNKNOWN:
        meeting.sweep_at = now + SWEEP_AFTER  # it may exist: given up, it is at least not left behind
    removing = meeting.state is MeetingState.REMOVING
    meeting.error = ("could not be deleted: " if removing else "") + meeting.error[:170]
    meeting.state, meeting.next_try_at = MeetingState.FAILED, None


def _change_pause(meeting: Meeting, permanent: bool, retry_after: float | None) -> timedelta:
    """Until the next attempt at a change. One that is refused again and again must not use up its host's calls: up to six hours."""
    if permanent:
        return REFUSED_CHANGE * min(max(meeting.attempts, 1), ATTEMPTS)
    return backoff(meeting.attempts, meeting.id or 0, retry_after)


def _uncount(db: Db, meeting: Meeting, action: Action, now: datetime) -> None:
    """What the whole account was refused is no attempt of this meeting, and none of its host's calls today (UTC)."""
    meeting.attempts = max(meeting.attempts - 1, 0)
    if action in (Action.CREATE, Action.CHANGE):
        today = db.exec(select(HostDay).where(col(HostDay.host_id) == meeting.host_id, col(HostDay.day) == now.date())).first()
        if today is not None and today.calls > 0:
            today.calls -= 1
            db.add(today)


#: The state in which a meeting is while it is asked for; an answer that comes after it has changed is of no use.
_ASKED_AS = {Action.CREATE: MeetingState.UNKNOWN, Action.RECOVER: MeetingState.UNKNOWN, Action.CHANGE: MeetingState.CHANGING}
