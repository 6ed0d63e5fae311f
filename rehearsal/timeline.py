"""The timeline: everything that happened and everything that was sent, in order, with people as pseudonyms.

One line of JSON each: at (UTC), what, session, person, channel, outcome. Same seed, same bytes: nothing random, no
address and no id of a service stands in it. What people and organisers did is noted as it happens; what was sent
is read from the ledger afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlmodel import col, select

from domain.database import Db
from domain.errors import NaiveInstant
from domain.models import Notice, NoticeState, Person, Session
from rehearsal.people import Account


@dataclass(frozen=True, order=True)
class Moment:
    """One line. `at` is an instant in UTC as ISO 8601 text."""

    at: str
    order: int  #: acts of people before what the clock did in the same instant
    what: str
    session: str = ""
    person: str = ""
    channel: str = ""
    outcome: str = ""


def moment(at: datetime, what: str, *, order: int = 0, session: str = "", person: str = "", channel: str = "", outcome: str = "") -> Moment:
    """A line of the timeline. Raises `NaiveInstant` for a time without a zone."""
    if at.tzinfo is None:
        raise NaiveInstant(at)
    return Moment(at.astimezone(UTC).isoformat(timespec="seconds"), order, what, session, person, channel, outcome)


def sent(db: Db, pseudonyms: Mapping[Account, str]) -> list[Moment]:
    """What became of every notice. `pseudonyms` are by Discord account, or by address."""
    rows = (
        select(Notice, Person, Session)
        .join(Person, col(Person.id) == col(Notice.person_id), isouter=True)
        .join(Session, col(Session.id) == col(Notice.session_id), isouter=True)
        .order_by(col(Notice.id))
    )
    lines = []
    for notice, person, session in db.exec(rows).all():
        at = notice.sent_at or notice.first_handed_at or notice.owed_at
        lines.append(
            moment(
                at,
                str(notice.kind),
                order=1_000_000 + (notice.id or 0),
                session=session.reference if session else "",
                person=_called(person, pseudonyms) if person else "",
                channel=str(notice.channel),
                outcome=_outcome(notice),
            )
        )
    return lines


def _called(person: Person, pseudonyms: Mapping[Account, str]) -> str:
    return pseudonyms.get(person.discord_id or (person.email or "").casefold(), "")


def _outcome(notice: Notice) -> str:
    if notice.state is NoticeState.SENT:
        return "sent" if notice.attempts <= 1 else f"sent at attempt {notice.attempts}"
    return f"{notice.state}: {notice.error}" if notice.error else str(notice.state)


def as_lines(moments: Sequence[Moment]) -> bytes:
    """The timeline as a file of JSON lines."""
    lines = []
    for line in sorted(moments):
        fields = asdict(line)
        del fields["order"]
        lines.append(json.dumps(fields, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines).encode()
