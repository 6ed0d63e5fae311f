"""What was told in private, judged: no name, address or need of a private booking stands anywhere but before those it is for.

Looked through are the channels, the public pages, every mail that is not that person's own, what everybody else was shown in
the chat and on pages, the log, the report, the timeline and the meetings. The organiser of a programme is shown who comes, and
nobody else is.
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
from rehearsal.people import Account

_QUESTIONS = ("access", "interpreter", "childcare", "travel", "dietary", "supporter")


def stay_private(evidence: Evidence) -> Found:
    """Nothing of a private booking is found where it is not to be."""
    db = evidence.db
    people = {person.id: person for person in db.exec(select(Person))}
    theirs = {number: _Marks(marks) for number, marks in _marks(db, evidence.confided).items() if marks}
    addresses, places = addresses_of(db), list(_places(evidence)) if theirs else []
    breaches = []
    for number, marks in sorted(theirs.items()):
        person = people[number]
        own: set[Account | None] = {address.casefold() for address in (*addresses.get(number, {}), person.email or "")}
        own.add(person.discord_id)
        breaches += [
            f"what person {number} said in private stands in {where}"
            for where, whose, text in places
            if (whose is None or whose not in own) and marks.stand_in(text)
        ]
    return len(theirs), breaches


def _places(evidence: Evidence) -> Iterable[tuple[str, Account | None, str]]:
    """Everywhere that is looked: what it is, whose own it is (None: nobody's), and its words as they are read."""
    yield from ((where, None, _bare(text)) for where, text in _open_places(evidence))
    yield from ((f"a mail to somebody else ({mail.name})", mail.to.casefold(), _bare(mail.text)) for mail in evidence.mails)
    for account, text in evidence.shown.items():
        if account not in evidence.organisers:
            what = f"what account {account} was shown" if isinstance(account, int) else "a page that was shown to somebody else"
            yield what, account, _bare(text)


def titles_stay_neutral(evidence: Evidence) -> Found:
    """What a private session is really called stands in no channel, no meeting and no mail."""
    private = evidence.db.exec(select(Session).where(col(Session.privacy) == Privacy.PRIVATE).order_by(col(Session.id))).all()
    public = [*_open_places(evidence, but=("report",)), *((f"the mail {mail.name}", mail.text) for mail in evidence.mails)]
    places, breaches = [(where, _bare(text)) for where, text in public] if private else [], []
    for session in private:
        if session.title == session.public_title:
            continue
        title = _Marks({session.title})
        breaches += [f"the title of {session.reference} stands in {where}" for where, text in places if title.stand_in(text)]
    return len(private), breaches


def _open_places(evidence: Evidence, but: Iterable[str] = ()) -> list[tuple[str, str]]:
    left = [(name, text) for name, text in evidence.left.items() if not name.startswith(tuple(but) or ("\0",))]
    return [*evidence.public_transcripts.items(), *evidence.pages.items(), *left]


def _marks(db: Db, confided: Mapping[Account, tuple[str, ...]]) -> dict[int, set[str]]:
    """By person: names chosen for a private session, needs told for it, and of families their name and address as well."""
    marks: dict[int, set[str]] = defaultdict(set)
    private = select(Booking, Person).join(Session, col(Session.id) == col(Booking.session_id))
    private = private.join(Person, col(Person.id) == col(Booking.person_id)).where(col(Session.privacy) == Privacy.PRIVATE)
    for booking, person in db.exec(private).all():
        mine = marks[person.id or 0]
        known: tuple[Account, ...] = (person.discord_id or 0, (person.email or "").casefold())
        mine |= {booking.alias or "", *(words for account in known for words in confided.get(account, ()))}
        if person.part is Part.PARENT:
            mine |= {person.name, person.email or ""}
        for needs in db.exec(select(Needs).where(col(Needs.booking_id) == booking.id)):
            mine |= {getattr(needs, question) for question in _QUESTIONS}
        mine.discard("")
    return dict(marks)


class _Marks:
    """Words that are looked for, each as a word of its own, in texts that are bare."""

    def __init__(self, marks: Iterable[str]) -> None:
        self._words = sorted({_bare(mark) for mark in marks})
        self._apart = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in self._words))

    def stand_in(self, text: str) -> bool:
        """Whether one of them is there. A plain look first: texts are many megabytes, and hardly ever is anything found."""
        return any(word in text for word in self._words) and self._apart.search(text) is not None


def _bare(text: str) -> str:
    """The text as it is read: without a chat's or a page's signs, and without the breaks of lines."""
    return " ".join(html.unescape(text).replace("\\", "").split()).casefold()
