"""Calendar entries: what the messages that arrived have made of each calendar, judged against the bookings.

An *entry* is what one mailbox holds of one session: its messages in the order of arrival, each once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Format, Mode, Provider
from domain.models import Booking, BookingState, EmailProof, Person, Presenter, Session, SessionState
from rehearsal.evidence import Evidence, Invitation

Found = tuple[int, list[str]]  #: how many cases were looked at, and each breach in a sentence

OURS = (Provider.TEAMS, Provider.ZOOM)


# ── what is looked at ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Claim:
    """A booking with its session and its person."""

    booking: Booking
    session: Session
    person: Person

    @property
    def where(self) -> str:
        """How a breach names it."""
        return f"booking {self.booking.id} of {self.session.reference}"

    @property
    def online(self) -> bool:
        """Whether this person joins a session online that is held in a room as well."""
        return self.session.format is Format.HYBRID and self.booking.mode is Mode.ONLINE

    @property
    def has_place(self) -> bool:
        """Whether an entry should stand in this person's calendar."""
        return self.booking.state is BookingState.CONFIRMED and self.session.state is SessionState.PUBLISHED


def claims(db: Db) -> list[Claim]:
    """Every booking there ever was."""
    rows = (
        select(Booking, Session, Person)
        .join(Session, col(Session.id) == col(Booking.session_id))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .order_by(col(Booking.id))
    )
    return [Claim(*row) for row in db.exec(rows).all()]


def addresses_of(db: Db) -> dict[int, dict[str, datetime]]:
    """For each person every address that was ever theirs, and from when it was (UTC): nobody's before it is proven."""
    known: dict[int, dict[str, datetime]] = defaultdict(dict)
    proofs = db.exec(select(EmailProof)).all()
    asked = {(proof.person_id, proof.asked_at) for proof in proofs}
    people = {person.id: person for person in db.exec(select(Person)) if person.proven_at is not None}
    for proof in proofs:
        withdrawn = not proof.by_link and (proof.person_id, proof.done_at) in asked  # that very moment another code was asked for
        if proof.done_at is not None and proof.address and not withdrawn and proof.person_id in people:
            mine, key = known[proof.person_id], proof.address.casefold()
            mine[key] = min(mine.get(key, proof.done_at), proof.done_at)
    for number, person in people.items():
        if person.email is not None and person.proven_at is not None:
            known[number or 0].setdefault(person.email.casefold(), person.proven_at)
    return dict(known)


def entries_of(invitations: Iterable[Invitation]) -> dict[tuple[str, str], list[Invitation]]:
    """The messages of each entry, by address and UID. A message that comes again changes nothing."""
    seen: set[str] = set()
    entries: dict[tuple[str, str], list[Invitation]] = defaultdict(list)
    for invitation in invitations:
        if not invitation.message_id or invitation.message_id not in seen:
            seen.add(invitation.message_id)
            entries[invitation.to.casefold(), invitation.uid].append(invitation)
    return dict(entries)


# ── the checks ──────────────────────────────────────────────────────────────────────────────────────────────


def tell_the_truth(evidence: Evidence) -> Found:
    """Every confirmed booking holds invitations of one UID, whose last has the present time, place and link."""
    entries, links = entries_of(evidence.invitations), links_of(evidence)
    confirmed = [claim for claim in claims(evidence.db) if claim.has_place]
    breaches = []
    for claim in confirmed:
        messages = entries.get(((claim.person.email or "").casefold(), claim.session.uid), [])
        if messages:
            session, online = claim.session, claim.session.format is Format.ONLINE or claim.online
            found = faults_of(messages[-1], session, links.get(session.uid, set()), online=online)
            breaches += [f"{claim.where}: {fault}" for fault in found]
        else:
            breaches.append(f"{claim.where} has no invitation")
    for invitation in evidence.invitations:
        if invitation.attendee.casefold() != invitation.to.casefold():
            breaches.append(f"an invitation with the UID {invitation.uid} went to somebody whom it is not made out to")
    return len(confirmed), breaches + _strays(evidence, entries)


def links_of(evidence: Evidence) -> Mapping[str, set[str]]:
    """By UID: where each session is held online at present: what the service says, or what the organiser gave."""
    links: dict[str, set[str]] = defaultdict(set)
    for room in evidence.rooms:
        links[room.ref.rsplit(":", 1)[0]].add(room.join_url)
    for session in evidence.db.exec(select(Session).where(col(Session.provider).not_in(OURS) | col(Session.provider).is_(None))):
        links[session.uid] = {session.given_link} if session.given_link else set()
    return links


def faults_of(last: Invitation, session: Session, links: set[str], *, online: bool) -> Iterable[str]:
    """What the last message of an entry says that is not so; `online`: it is to carry the link."""
    if last.method != "REQUEST":
        yield f"the last message is a {last.method}"
    if (last.starts_at, last.ends_at) != (session.starts_at, session.ends_at):
        told, true = (f"{start:%d %b %H:%M} to {end:%H:%M}" for start, end in ((last.starts_at, last.ends_at), _span(session)))
        yield f"the invitation says {told}, the session is {true} (UTC)"
    if online:
        if (links or session.provider in OURS) and not _carries(last, links):
            yield "the invitation does not carry the present link"
    elif session.venue and _bare(last.location) != _bare(session.venue):
        yield "the invitation does not name the present venue"


def _span(session: Session) -> tuple[datetime, datetime]:
    return session.starts_at, session.ends_at


#: the page of one's own that leads to the link, where there are pages
_WAY_IN = re.compile(r"/join/[A-Za-z0-9_-]{22}$")


def _carries(last: Invitation, links: set[str]) -> bool:
    """Whether one present link stands wherever a calendar program may look for it, and no other."""
    shown = {place for place in (last.location.strip(), last.conference or last.location.strip()) if not _WAY_IN.search(place)}
    return len(shown) == 1 and shown <= links and shown <= set(last.description.split())


def _bare(text: str) -> str:
    """Letters and digits alone: line breaks and signs may be written otherwise."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _strays(evidence: Evidence, entries: Mapping[tuple[str, str], Sequence[Invitation]]) -> list[str]:
    """Entries of no session (a second UID), or in the calendar of somebody who never asked."""
    sessions = {session.uid: session for session in evidence.db.exec(select(Session))}
    asked = _owners(evidence)
    presented = {f"presenting-{one.id}-{session.uid}" for session in sessions.values() for one in _presenters(evidence, session)}
    breaches = []
    for address, uid in entries:
        if uid in presented:
            continue
        if uid not in sessions:
            breaches.append(f"there is an invitation with the UID {uid}, which is no session's")
        elif (address, uid) not in asked:
            breaches.append(f"somebody was invited to {sessions[uid].reference} who never asked for a place")
    return breaches


def _presenters(evidence: Evidence, session: Session) -> Sequence[Presenter]:
    """Presenters have entries of their own, which `rehearsal.presented` judges."""
    return evidence.db.exec(select(Presenter).where(col(Presenter.session_id) == session.id)).all()


def _owners(evidence: Evidence) -> dict[tuple[str, str], list[Claim]]:
    """Whose entry it is, by address and UID: an address may have been one person's after another's."""
    theirs = addresses_of(evidence.db)
    owners: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims(evidence.db):
        for address in theirs.get(claim.booking.person_id, {}):
            owners[address, claim.session.uid].append(claim)
    return owners


def are_taken_back(evidence: Evidence) -> Found:
    """Every entry whose booking has no place any more, or whose mailbox was left, ends in a CANCEL; no cancelled session keeps a place."""
    owners, looked_at, breaches = _owners(evidence), 0, []
    for key, messages in entries_of(evidence.invitations).items():
        mine = owners.get(key, [])
        if not mine or any(claim.has_place and (claim.person.email or "").casefold() == key[0] for claim in mine):
            continue
        looked_at += 1
        if messages[-1].method != "CANCEL":
            breaches.append(_not_taken_back(mine[0], key[0]))
    kept = [c for c in claims(evidence.db) if c.session.state is SessionState.CANCELLED and c.booking.state is not BookingState.CANCELLED]
    breaches += [f"{claim.where} is still {claim.booking.state}, and the session is cancelled" for claim in kept]
    return looked_at, breaches


def _not_taken_back(claim: Claim, address: str) -> str:
    if (claim.person.email or "").casefold() != address:
        return f"{claim.where} has moved to another address, and the calendar entry at the old one stands"
    return f"{claim.where} is {claim.booking.state}, its calendar entry is not cancelled"


def rise(evidence: Evidence) -> Found:
    """SEQUENCE and DTSTAMP rise with every message of an entry."""
    breaches, looked_at = [], 0
    for (_, uid), messages in entries_of(evidence.invitations).items():
        for before, after in pairwise(messages):
            looked_at += 1
            if after.sequence <= before.sequence:
                breaches.append(f"entry {uid}: sequence {before.sequence} is followed by {after.sequence}")
            if after.dtstamp <= before.dtstamp:
                breaches.append(
                    f"entry {uid}: the time stamp {before.dtstamp:%d %b %H:%M:%S} is followed by {after.dtstamp:%d %b %H:%M:%S}"
                )
    return looked_at, breaches


def are_not_reworded(evidence: Evidence) -> Found:
    """Every message has a name, and one that comes again is the same."""
    breaches = [f"message {name} came twice, not alike" for name in evidence.repeated_differently]
    breaches += ["a message came without a Message-ID" for mail in evidence.mails if not mail.name]
    return len(evidence.mails), breaches
