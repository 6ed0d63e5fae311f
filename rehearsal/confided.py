"""What was told in private, judged: no name, address or need of a private booking stands anywhere but before those it is for.

Looked through are the channels, every mail that is not that person's own, what everybody else was shown, the log, the
report, the timeline and the meetings. The organiser of a programme is shown who comes, and nobody else is.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlmodel import col, select

from domain.database import Db
from domain.models import Booking, Needs, Part, Person, Privacy, Session
from rehearsal.entries import Found, addresses_of
from rehearsal.evidence import Evidence

_QUESTIONS = ("access", "interpreter", "childcare", "travel", "dietary", "supporter")


def stay_private(evidence: Evidence) -> Found:
    """Nothing of a private booking is found where it is not to be."""
    db = evidence.db
    people = {person.id: person for person in db.exec(select(Person))}
    theirs = {number: _pattern(marks) for number, marks in _marks(db, evidence.confided).items() if marks}
    addresses = addresses_of(db)
    breaches = []
    for number, pattern in sorted(theirs.items()):
        person = people[number]
        own = {address.casefold() for address in (*addresses.get(number, {}), person.email or "")}
        places = [
            *((where, text) for where, text in _open_places(evidence)),
            *((f"a mail to somebody else ({mail.name})", mail.text) for mail in evidence.mails if mail.to.casefold() not in own),
            *(
                (f"what account {account} was shown", text)
                for account, text in evidence.shown.items()
                if account != person.discord_id and account not in evidence.organisers
            ),
        ]
        breaches += [f"what person {number} said in private stands in {where}" for where, text in places if pattern.search(_bare(text))]
    return len(theirs), breaches


def titles_stay_neutral(evidence: Evidence) -> Found:
    """What a private session is really called stands in no channel, no meeting and no mail."""
    private = evidence.db.exec(select(Session).where(col(Session.privacy) == Privacy.PRIVATE).order_by(col(Session.id))).all()
    breaches = []
    for session in private:
        if session.title == session.public_title:
            continue
        pattern = _pattern({session.title})
        places = [*_open_places(evidence, but=("report",)), *((f"the mail {mail.name}", mail.text) for mail in evidence.mails)]
        breaches += [f"the title of {session.reference} stands in {where}" for where, text in places if pattern.search(_bare(text))]
    return len(private), breaches


def _open_places(evidence: Evidence, but: Iterable[str] = ()) -> list[tuple[str, str]]:
    left = [(name, text) for name, text in evidence.left.items() if not name.startswith(tuple(but) or ("\0",))]
    return [*evidence.public_transcripts.items(), *left]


def _marks(db: Db, confided: Mapping[int, tuple[str, ...]]) -> dict[int, set[str]]:
    """By person: names chosen for a private session, needs told for it, and of families their name and address as well."""
    marks: dict[int, set[str]] = defaultdict(set)
    private = select(Booking, Person).join(Session, col(Session.id) == col(Booking.session_id))
    private = private.join(Person, col(Person.id) == col(Booking.person_id)).where(col(Session.privacy) == Privacy.PRIVATE)
    for booking, person in db.exec(private).all():
        mine = marks[person.id or 0]
        mine |= {booking.alias or "", *confided.get(person.discord_id or 0, ())}
        if person.part is Part.PARENT:
            mine |= {person.name, person.email or ""}
        for needs in db.exec(select(Needs).where(col(Needs.booking_id) == booking.id)):
            mine |= {getattr(needs, question) for question in _QUESTIONS}
        mine.discard("")
    return dict(marks)


def _pattern(marks: Iterable[str]) -> re.Pattern[str]:
    """Any of these words, as words of their own."""
    return re.compile("|".join(rf"(?<!\w){re.escape(_bare(mark))}(?!\w)" for mark in sorted(marks)))


def _bare(text: str) -> str:
    """The text as it is read: without a chat's or a page's signs, and without the breaks of lines."""
    return " ".join(html.unescape(text).replace("\\", "").split()).casefold()
