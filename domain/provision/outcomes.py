"""What a meeting service answered, written down: adopted, gone, looked for, lost, or not done."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Kind, Mode
from domain.meetings import SWEEP_AFTER, WITHOUT_CO_ORGANISERS, ensure
from domain.models import Booking, BookingState, HostDay, Meeting, MeetingState, Notice, NoticeState, Session
from domain.notices import backoff, owe_calendar, owe_updates, went_without_link
from domain.ports.meetings import MeetingMade, MeetingRequest
from domain.presenters.telling import told_without_link
from domain.provision.turns import Action, Work, request_of
from domain.rules import Rules, RulesOf

LOOK_AGAIN = timedelta(seconds=90)  # after an unknown outcome: time for the effect to land
ATTEMPTS = 12
ACCOUNT_PAUSE = 1800.0  # seconds: who asks for as long a pause means the whole account, not this meeting
REFUSED_CHANGE = timedelta(minutes=30)


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
    as_asked = request_of(db, meeting, session) == asked
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


def gone(db: Db, meeting_id: int) -> None:
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
