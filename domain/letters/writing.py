"""A letter from what was read: pure, and the same whether a notice was read alone or together with many."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.kinds import CalendarMethod, Kind
from domain.letters.truth import Case, to_waiting
from domain.models import Notice, SessionState
from domain.notices import FORGOTTEN
from domain.ports.letters import CalendarFacts, Letter, Recipient, ReminderItem, SessionFacts
from domain.privacy import name_on


def letter_of(
    case: Case,
    facts: SessionFacts | None,
    *,
    attempt: int,
    first_tried_at: datetime | None,
    leased_until: datetime,
    recipient: Recipient | None = None,
    whole: str = "",
    code: str | None = None,
    until: datetime | None = None,
    found: bool = False,
) -> Letter:
    """The letter of one notice. Without a `recipient` it goes to its person; `until` ends a code."""
    notice, booking = case.notice, case.booking
    leaving = notice.kind is Kind.CANCELLATION and notice.detail == FORGOTTEN
    waiting = to_waiting(notice)
    return Letter(
        notice_id=notice.id or 0,
        partnership_id=notice.partnership_id,
        key=notice.key,
        kind=notice.kind,
        channel=notice.channel,
        recipient=recipient or recipient_of(case),
        session=replace(facts, join_url=None) if facts and (waiting or notice.kind is Kind.WAITING) else facts,
        whole=whole,
        waiting=waiting,
        calendar=_calendar(notice),
        mode=booking.mode if booking else None,
        booking_id=booking.id if booking else None,
        person_id=notice.person_id,
        proof_id=notice.proof_id,
        reason=notice.detail if notice.kind is Kind.CANCELLATION and not leaving else "",
        leaving=leaving,
        by_organiser=case.session is not None and case.session.state is SessionState.CANCELLED,
        changes=tuple(notice.detail.split(",")) if notice.kind is Kind.UPDATE and notice.detail else (),
        code=code,
        found=found,
        until=booking.held_until if booking and notice.kind is Kind.OFFER else until,
        lead_minutes=notice.lead_minutes,
        programme_id=notice.programme_id,
        fallback=notice.fallback_of is not None,
        attempt=attempt,
        first_tried_at=first_tried_at,
        due_at=notice.next_try_at,
        leased_until=leased_until,
    )


def recipient_of(case: Case, address: str | None = None) -> Recipient:
    """Who it is for: by the name chosen for the session, at the proven address, or at the one that is to be proven."""
    person, booking = case.person, case.booking
    name = name_on(booking, person) if booking and person else person.name if person else ""
    return Recipient(name, address or (person.email if person and person.proven_at else None), person.discord_id if person else None)


def of_a_day(letter: Letter, also: tuple[ReminderItem, ...]) -> Letter:
    """A day's reminder. Beside a private session, under its neutral title, stands no name: another may have been chosen for it."""
    if not also:
        return letter
    private = letter.session is not None and (letter.session.private or any(one.session.private for one in also))
    return replace(letter, also=also, recipient=replace(letter.recipient, name="") if private else letter.recipient)


def _calendar(notice: Notice) -> CalendarFacts | None:
    if notice.sequence is None or notice.dtstamp is None:
        return None
    method = CalendarMethod.CANCEL if notice.kind is Kind.CANCELLATION else CalendarMethod.REQUEST
    return CalendarFacts(method, notice.sequence, notice.dtstamp)
