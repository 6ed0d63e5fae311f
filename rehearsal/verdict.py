"""What must hold after a rehearsal, checked against what arrived rather than against what was meant.

The evidence is the database as it was left, every message in the mailbox and in people's direct messages, every
meeting that the stand-ins hold, and the transcripts of public channels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Format, Mode
from domain.models import (
    BookingState,
    Host,
    Organisation,
    Person,
    Presenter,
    Programme,
    Session,
    SessionState,
)
from domain.rights.subjects import SOMEBODY
from rehearsal import announced, confided, entries, owed, paged, presented, reminded, waited, wholes
from rehearsal.entries import OURS, Found, claims
from rehearsal.evidence import Evidence, RoomHeld


@dataclass(frozen=True)
class Check:
    """One thing that must hold: how many cases were looked at, and each breach in a sentence."""

    name: str
    looked_at: int
    breaches: tuple[str, ...]


def verdict(evidence: Evidence) -> tuple[Check, ...]:
    """Every check, in the order in which a reader asks."""
    checks: Sequence[tuple[str, Callable[[Evidence], Found]]] = (
        ("no session is over its places", _places),
        ("every confirmed booking holds one invitation that tells the truth", entries.tell_the_truth),
        ("presenters' calendar entries tell the truth", presented.tell_the_truth),
        ("every cancelled booking that had been invited has a cancellation", entries.are_taken_back),
        ("sequences and time stamps rise", entries.rise),
        ("no message came twice with other words", entries.are_not_reworded),
        ("reminders come at the right wall time", reminded.come_in_time),
        ("a day's reminder is one message to each person", reminded.come_as_one),
        ("everyone confirmed in time is reminded", reminded.come_to_everyone),
        ("nobody is reminded of what they cancelled", reminded.come_to_nobody_else),
        ("a message to those booked came once to each of them", announced.come_once),
        ("who came on a waiting list by a page was told so once", waited.are_told_once),
        ("a course is held on all its parts or on none", wholes.are_whole),
        ("certificates went to those who completed, and to nobody else", wholes.are_certified),
        ("calendars that are read again and again tell the truth", paged.calendars_tell_the_truth),
        ("a certificate of attendance is there for who attended, and for nobody else", paged.certificates_are_earned),
        ("what is typed into a CPD note is kept nowhere", paged.drafts_are_kept_nowhere),
        ("a yes or a no to an offered place counts", paged.answers_count),
        ("who is ticked off on a page is so in the records", paged.marks_stand),
        ("the organiser's week shows every session as it is", paged.weeks_are_whole),
        ("no session has two meetings, and a cancelled one has none", _one_meeting),
        ("no host is over its allowance at once", _hosts),
        ("nothing is left owed", owed.nothing_is_left),
        ("an address that is not proven gets nothing but a code", owed.only_codes),
        ("no channel and no public page names anybody", _no_names),
        ("what is told in private is found nowhere else", confided.stay_private),
        ("private sessions are known by their neutral title alone", confided.titles_stay_neutral),
    )
    made = []
    for name, look in checks:
        looked_at, breaches = look(evidence)
        made.append(Check(name, looked_at, tuple(dict.fromkeys(breaches))))
    return tuple(made)


def _sessions(db: Db) -> Sequence[Session]:
    return db.exec(select(Session).where(col(Session.state) != SessionState.DRAFT).order_by(col(Session.id))).all()


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────


def _places(evidence: Evidence) -> Found:
    got: Counter[tuple[str, bool]] = Counter()
    for claim in claims(evidence.db):
        if claim.booking.state in (BookingState.CONFIRMED, BookingState.HELD):
            got[claim.session.uid, _online_place(claim.session, claim.booking.mode)] += 1
    breaches, looked_at = [], 0
    for session in _sessions(evidence.db):
        hybrid = session.format is Format.HYBRID
        for places, online in ((session.places, False), (session.online_places, True))[: 2 if hybrid else 1]:
            looked_at += 1
            if places is not None and got[session.uid, online] > places:
                where = ("", " online" if online else " in the room")[hybrid]
                breaches.append(f"{session.reference}: {got[session.uid, online]} people have {places} places{where}")
    return looked_at, breaches


def _online_place(session: Session, mode: Mode) -> bool:
    """Only a hybrid session counts apart who comes and who joins."""
    return session.format is Format.HYBRID and mode is Mode.ONLINE


# ── meetings ────────────────────────────────────────────────────────────────────────────────────────────────


def _one_meeting(evidence: Evidence) -> Found:
    rooms: dict[str, list[RoomHeld]] = defaultdict(list)
    for room in evidence.rooms:
        rooms[room.ref.rsplit(":", 1)[0]].append(room)
    breaches = []
    sessions = _sessions(evidence.db)
    for session in sessions:
        held = rooms.pop(session.uid, [])
        online = session.format is not Format.IN_PERSON and session.provider in OURS
        wanted = int(online and session.state is SessionState.PUBLISHED)
        if len(held) != wanted:
            breaches.append(f"{session.reference} should have {wanted} meeting{'' if wanted == 1 else 's'} and has {len(held)}")
        for room in held[:wanted]:
            if room.provider is not session.provider:
                breaches.append(f"the meeting of {session.reference} is on {room.provider}, the session on {session.provider}")
            if (room.starts_at, room.ends_at) != (session.starts_at, session.ends_at):
                breaches.append(
                    f"the meeting of {session.reference} is at {room.starts_at:%d %b %H:%M} to {room.ends_at:%H:%M}, "
                    f"the session at {session.starts_at:%d %b %H:%M} to {session.ends_at:%H:%M} (UTC)"
                )
    breaches += [f"there is a meeting {ref} of no session" for ref in rooms]
    return len(sessions), breaches


def _hosts(evidence: Evidence) -> Found:
    allowed = {(host.provider, host.account): host.at_once for host in evidence.db.exec(select(Host))}
    breaches = []
    for room in evidence.rooms:
        same = [r for r in evidence.rooms if (r.provider, r.host) == (room.provider, room.host)]
        at_once = sum(r.starts_at <= room.starts_at < r.ends_at for r in same)
        if at_once > allowed.get((room.provider, room.host), 0):
            breaches.append(f"the {room.provider} host {room.host} has {at_once} meetings at {room.starts_at:%d %b %H:%M} (UTC)")
    return len(evidence.rooms), breaches


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────


def _no_names(evidence: Evidence) -> Found:
    people, published = evidence.db.exec(select(Person)).all(), _published(evidence.db)
    places = {**evidence.public_transcripts, **{where: unescape(text) for where, text in evidence.pages.items()}}
    said = {where: text.replace("\\", "").casefold() for where, text in places.items()}
    all_that_is_said = "\n".join({line for text in said.values() for line in text.split("\n")})  # pages are much alike
    breaches = []
    for person in people:
        marks = [mark for mark in _marks_of(person, published) if mark in all_that_is_said]
        breaches += [f"person {person.id} is named in {where}" for where, text in said.items() if any(mark in text for mark in marks)]
    return len(places), breaches


def _marks_of(person: Person, published: str) -> set[str]:
    """By what somebody is known: a name has no line breaks."""
    marks = {person.email, f"<@{person.discord_id}>", f"<@!{person.discord_id}>"}
    # a presenter may have the name of somebody made up; and who is forgotten has a name no longer
    if person.name.casefold() not in published and person.name != SOMEBODY:
        marks.add(person.name)
    return {mark.casefold() for mark in marks if mark is not None}


def _published(db: Db) -> str:
    """What the schedule itself says to everyone."""
    texts: list[str | None] = [presenter.label for presenter in db.exec(select(Presenter))]
    texts += [organisation.name for organisation in db.exec(select(Organisation))]
    for session in db.exec(select(Session)):
        texts += [session.title, session.description, session.venue, session.audience, session.notes]
    for programme in db.exec(select(Programme)):
        texts += [programme.title, programme.audience]
    return "\n".join(text for text in texts if text).casefold()
