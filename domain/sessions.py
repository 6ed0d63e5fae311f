"""Sessions: adding, editing, moving and cancelling one, so that invitations follow.

Every change takes the session's lock (before it its programme's, where the days or the state of that matter), checks the whole, writes
the facts, brings the meeting into line and owes the updates, in one transaction. What a move would mean is told beforehand by
`domain.moving`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from sqlmodel import col, select

from domain.attendance import forget_marks
from domain.audit import audit
from domain.cancellations import WithOthers
from domain.capacity import ask_all_anew
from domain.changeable import require_changeable
from domain.database import Db
from domain.descriptions import COPIED, NewSession, as_service_knows, checked, described, told_changes, told_differences
from domain.errors import BadInput, Closed, Refusal
from domain.fitting import check_modes, refuse_to_put_back, refuse_too_few, shorten_holds
from domain.kinds import Format, Mode, Provider
from domain.meetings import current, ensure, link_of, revive, why_no_host
from domain.models import Booking, MeetingState, Privacy, Programme, ProgrammeState, Session, SessionState
from domain.notices import owe_updates
from domain.people import organisation_named
from domain.places import ACTIVE, end, find_session, lock, promote
from domain.presenters.rows import label_by_schedule
from domain.presenters.telling import co_organisers, withdraw_all
from domain.privacy import is_private, refuse_to_open
from domain.programmes import lock_for, lock_programme, open_session, owned, post_days, require_kept
from domain.references import free_reference
from domain.rules import Rules
from domain.series.completion import settle
from domain.settling import Before, as_it_was, can_be_kept, remember
from domain.texts import name_key, one_line
from domain.times import day_of
from domain.waiting import tell_waiting
from domain.wishes import end_wishes

CHANGED_MEANWHILE = "Somebody else changed this session a moment ago. Please look at it again, then make your change."
#: what these count goes by how the session is held
PLACES = ("places", "online_places")


@dataclass(frozen=True)
class Changed:
    """What a change did. `told` people are owed an update; `promoted` heard that they have a place."""

    session_id: int
    told: int = 0
    promoted: int = 0
    no_host: str = ""  #: why its meeting has no host: `meetings.NO_HOST` or `NOT_SET_UP`; empty where it has one, or needs none
    undo_id: int | None = field(default=None, compare=False)  #: what undoes it while it settles
    too_much: bool = field(default=False, compare=False)  #: to be kept, so that it cannot be undone
    waiting: int = field(default=0, compare=False)  #: who still wait, or hold an offer, and are owed an update too


def merged(seen: NewSession, new: NewSession, present: NewSession) -> NewSession:
    """What an organiser changed of what they saw, upon what is there at present. Raises `Refusal` where another changed the same."""
    changes = {one.name: getattr(new, one.name) for one in fields(new) if getattr(new, one.name) != getattr(seen, one.name)}
    others = {name: getattr(present, name) for name, value in changes.items() if getattr(present, name) != value}
    if present.format is not seen.format and not others.keys().isdisjoint(PLACES):
        raise Refusal(CHANGED_MEANWHILE)  # they were meant for another way of taking part
    if any(there != getattr(seen, name) for name, there in others.items()):
        raise Refusal(CHANGED_MEANWHILE)
    return replace(present, **changes)


def add(
    db: Db,
    partnership_id: int,
    programme_id: int,
    new: NewSession,
    rules: Rules,
    *,
    actor: str,
    now: datetime,
    privacy_said: bool = True,
) -> Changed:
    """A session more. In a published programme it opens at once, unless its wording asks whether it is private.

    Its programme is held, so that two at once come one after the other. Raises `Closed` for one that is put away. Not `privacy_said`:
    nobody has said whether it is private. In a programme that is private by now it is private too.
    """
    programme = lock_programme(db, partnership_id, programme_id)
    require_kept(programme.state)
    if not privacy_said and programme.default_privacy is Privacy.PRIVATE:
        new = replace(new, privacy=Privacy.PRIVATE, privacy_asked=False)
    new = checked(new)
    organisation = organisation_named(db, partnership_id, new.organisation) if new.organisation else None
    session = Session(
        partnership_id=partnership_id,
        programme_id=programme_id,
        reference=free_reference(db, partnership_id, new.reference),
        uid=secrets.token_hex(12),
        organisation_id=organisation.id if organisation else None,
        touched_at=now,
        created_at=now,
        **{name: getattr(new, name) for name in COPIED},
    )
    db.add(session)
    db.flush()
    label_by_schedule(db, session, new.presenter, new.presenter_address, now=now)
    if programme.state in (ProgrammeState.PUBLISHED, ProgrammeState.CLOSED) and not session.privacy_asked:
        open_session(db, session, rules, now=now)
        post_days(db, programme, [day_of(session.starts_at, programme.zone)])
    _widen(db, programme, session)
    audit(db, partnership_id, actor, "add session", now=now, programme_id=programme_id, session_id=session.id)
    return Changed(session.id or 0, no_host=_no_host(db, session))


def edit(
    db: Db,
    partnership_id: int,
    session_id: int,
    new: NewSession,
    rules: Rules,
    *,
    actor: str,
    now: datetime,
    seen: NewSession | None = None,
) -> Changed:
    """Make the session what `new` says: time, place, provider, texts and places. Those booked hear of what concerns them.

    `seen`: the session as the organiser saw it; then only what they changed is changed, and what another changed meanwhile stays.
    Raises `Closed` for a session that is cancelled or over, `Refusal` where both changed the same, `BadInput` for fewer places than people
    have.
    """
    lock_for(db, partnership_id, [session_id])
    session = find_session(db, partnership_id, session_id)
    if seen is not None:
        new = merged(seen, new, described(db, partnership_id, session_id))
    require_changeable(session.state, session.ends_at, now=now)
    new = checked(replace(new, reference=session.reference, series_id=session.series_id, series_part=session.series_part))
    if new.starts_at != session.starts_at and new.starts_at <= now:
        raise BadInput("That time has passed already. Please choose a later one.", field="starts_at")
    refuse_to_open(db, session, new.privacy)
    was_at, was, was_private = session.starts_at, as_it_was(db, session, new, now=now), is_private(session)
    refuse_too_few(db, session, was.session, new)
    if new.format is not session.format:
        check_modes(db, session, new)
    differences = told_differences(session, new)
    link_before = link_of(db, session)
    asked = as_service_knows(session), co_organisers(db, session)
    _apply(db, session, new, now=now)
    if was_at <= now < session.starts_at:
        forget_marks(db, session, now=now)
    ensure(db, session, rules, now=now, changed=(as_service_knows(session), co_organisers(db, session)) != asked)
    changes = told_changes(differences, new, new_link=link_of(db, session) != link_before)
    tells = bool(changes) and session.state is SessionState.PUBLISHED
    told = owe_updates(db, session, changes, rules, now=now, moved_from=was_at) if tells else 0
    waiting = tell_waiting(db, session, changes, rules, now=now, moved_from=was_at) if tells else 0
    if (session.starts_at, session.ends_at) != (was.session.starts_at, was.session.ends_at):
        ask_all_anew(db, session)
    shorten_holds(db, session, rules)
    if is_private(session) and not was_private:
        end_wishes(db, session, now=now)
    promoted = promote(db, session, rules, now=now)
    programme = owned(db, partnership_id, session.programme_id)
    if session.state is SessionState.PUBLISHED:
        post_days(db, programme, [day_of(session.starts_at, programme.zone)])
    _widen(db, programme, session)
    audit(db, partnership_id, actor, "edit session", now=now, programme_id=programme.id, session_id=session_id, detail=",".join(changes))
    undo_id = remember(db, session, was, rules, now=now)
    too_much = not can_be_kept(was) and described(db, partnership_id, session_id) != was.session
    return Changed(session_id, told, promoted, _no_host(db, session), undo_id, too_much, waiting=max(waiting - promoted, 0))


def put_back(db: Db, session: Session, was: Before, rules: Rules, *, now: datetime) -> None:
    """Make a session, held as for an edit, what it was before one, without a word to anybody. Its meeting follows; who was promoted stays.

    An edit moves nothing into a series or out of one: what joined or left since is where it is, with everybody's bookings. Who was
    named as its presenter since, or taken off, stays so.

    Raises `Closed` where those who have a place by now would not fit any more.
    """
    programme = lock_programme(db, session.partnership_id, session.programme_id)  # its days follow
    present = described(db, session.partnership_id, session.id or 0)
    back = replace(was.session, series_id=session.series_id, series_part=session.series_part)
    if name_key(present.presenter) != name_key(was.presenter):
        back = replace(back, presenter=present.presenter)
    refuse_to_put_back(db, session, present, back, was.modes)
    asked, was_private = (as_service_knows(session), co_organisers(db, session)), is_private(session)
    moves = (session.starts_at, session.ends_at) != (back.starts_at, back.ends_at)
    refuse_to_open(db, session, back.privacy)
    check_modes(db, session, back)  # of those who have booked since
    _apply(db, session, back, now=now)
    for booking in db.exec(select(Booking).where(col(Booking.id).in_(list(was.modes)))).all():
        booking.mode = was.modes[booking.id or 0]
        db.add(booking)
    revive(db, session, was.link, rules, now=now)
    ensure(db, session, rules, now=now, changed=(as_service_knows(session), co_organisers(db, session)) != asked)
    days = {day_of(at, programme.zone) for at in db.exec(select(Session.starts_at).where(col(Session.programme_id) == programme.id))}
    programme.starts_on, programme.ends_on = min(days | {was.first_day}), max(days | {was.last_day})
    db.add(programme)
    db.flush()
    if moves:
        ask_all_anew(db, session)
    if is_private(session) and not was_private:
        end_wishes(db, session, now=now)


def reschedule(
    db: Db, partnership_id: int, session_id: int, starts_at: datetime, ends_at: datetime, rules: Rules, *, actor: str, now: datetime
) -> Changed:
    """Move a session. Invitations move by themselves."""
    lock_for(db, partnership_id, [session_id])  # first, so that nothing that another has just changed is put back
    new = replace(described(db, partnership_id, session_id), starts_at=starts_at, ends_at=ends_at)
    return edit(db, partnership_id, session_id, new, rules, actor=actor, now=now)


def change_provider(
    db: Db,
    partnership_id: int,
    session_id: int,
    provider: Provider,
    rules: Rules,
    *,
    actor: str,
    now: datetime,
    given_link: str | None = None,
) -> Changed:
    """Hold the session's meeting elsewhere: a new one is made, the old one deleted, and everyone is sent the new link."""
    lock_for(db, partnership_id, [session_id])
    new = replace(described(db, partnership_id, session_id), provider=provider, given_link=given_link)
    if new.format is Format.IN_PERSON:
        raise BadInput("This session is in person, so it has no meeting to move.")
    return edit(db, partnership_id, session_id, new, rules, actor=actor, now=now)


def set_places(
    db: Db, partnership_id: int, session_id: int, places: int | None, rules: Rules, *, actor: str, now: datetime, mode: Mode = Mode.ROOM
) -> Changed:
    """Raise or lower the places. More places promote; fewer than people have are refused. For a hybrid session `mode` says which."""
    lock_for(db, partnership_id, [session_id])
    new = described(db, partnership_id, session_id)
    online = new.format is Format.HYBRID and mode is Mode.ONLINE
    new = replace(new, online_places=places) if online else replace(new, places=places)
    return edit(db, partnership_id, session_id, new, rules, actor=actor, now=now)


def cancel_session(
    db: Db,
    partnership_id: int,
    session_id: int,
    reason: str,
    rules: Rules,
    *,
    actor: str,
    now: datetime,
    together: WithOthers | None = None,
) -> Changed:
    """Cancel a session: everyone booked, held or waiting is told, the meeting is deleted. Who waits for all its series comes first for the
    rest, unless it is called off with others (`together`). Harmless to repeat.
    """
    session = lock(db, partnership_id, session_id)
    if session.state is SessionState.CANCELLED:
        return Changed(session_id)
    if session.ends_at <= now:
        raise Closed("This session is over, so it cannot be cancelled.")
    reason = one_line(reason, 500, "the reason") if reason.strip() else ""
    session.state, session.cancelled_at, session.cancel_reason = SessionState.CANCELLED, now, reason
    session.revision += 1
    session.touched_at = now
    db.add(session)
    db.flush()
    active = db.exec(
        select(Booking).where(col(Booking.session_id) == session_id, col(Booking.state).in_(ACTIVE)).order_by(col(Booking.id))
    ).all()
    hear = sum(not booking.wished for booking in active)
    for booking in active:
        end(db, session, booking, now=now, reason=reason, by_organiser=True, together=together.announcement_id if together else None)
    settle(db, session, [booking.person_id for booking in active], now=now)  # nobody has attended what was cancelled
    presenters = withdraw_all(db, session, now=now, reason=reason)
    ensure(db, session, rules, now=now)
    promoted = promote(db, session, rules, now=now) if together is None else 0
    audit(db, partnership_id, actor, "cancel session", now=now, programme_id=session.programme_id, session_id=session_id)
    return Changed(session_id, told=hear + presenters, promoted=promoted)


def _apply(db: Db, session: Session, new: NewSession, *, now: datetime) -> None:
    for name in COPIED:
        setattr(session, name, getattr(new, name))
    organisation = organisation_named(db, session.partnership_id, new.organisation) if new.organisation else None
    session.organisation_id = organisation.id if organisation else None
    session.touched_at = now
    db.add(session)
    db.flush()
    label_by_schedule(db, session, new.presenter, new.presenter_address, now=now)


def _widen(db: Db, programme: Programme, session: Session) -> None:
    day = day_of(session.starts_at, programme.zone)
    programme.starts_on, programme.ends_on = min(programme.starts_on, day), max(programme.ends_on, day)
    db.add(programme)
    db.flush()


def _no_host(db: Db, session: Session) -> str:
    meeting = current(db, session.id)
    waits = meeting is not None and meeting.state is MeetingState.WANTED and meeting.host_id is None
    return why_no_host(db, session.partnership_id, meeting.provider) if meeting is not None and waits else ""
