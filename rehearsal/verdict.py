"""What must hold after a rehearsal, checked against what arrived rather than against what was meant.

The evidence is the database as it was left, every message in the mailbox and in people's direct messages, every
meeting that the stand-ins hold, and the transcripts of public channels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.cancellations import MAILED
from domain.database import Db
from domain.kinds import Channel, Format, Kind, Mode
from domain.models import (
    BookingState,
    EmailProof,
    Host,
    Meeting,
    Notice,
    NoticeState,
    Organisation,
    Person,
    Presenter,
    Programme,
    Session,
    SessionState,
    Transfer,
)
from rehearsal import entries, reminded
from rehearsal.entries import OURS, Found, addresses_of, claims
from rehearsal.evidence import Evidence, Message, RoomHeld


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
        ("every cancelled booking that had been invited has a cancellation", entries.are_taken_back),
        ("sequences and time stamps rise", entries.rise),
        ("no message came twice with other words", entries.are_not_reworded),
        ("reminders come at the right wall time", reminded.come_in_time),
        ("everyone confirmed in time is reminded", reminded.come_to_everyone),
        ("nobody is reminded of what they cancelled", reminded.come_to_nobody_else),
        ("no session has two meetings, and a cancelled one has none", _one_meeting),
        ("no host is over its allowance at once", _hosts),
        ("nothing is left owed", _nothing_owed),
        ("an address that is not proven gets nothing but a code", _only_codes),
        ("no channel names anybody", _no_names),
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


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────


def _nothing_owed(evidence: Evidence) -> Found:
    notices = evidence.db.exec(select(Notice).order_by(col(Notice.id))).all()
    excused = _refused_and_told_otherwise(evidence.db, notices)
    breaches = []
    for notice in notices:
        what = f"notice {notice.id} ({notice.kind} by {notice.channel})"
        if notice.state in (NoticeState.QUEUED, NoticeState.CLAIMED):
            breaches.append(f"{what} is still {notice.state}")
        elif notice.state in (NoticeState.FAILED, NoticeState.UNKNOWN, NoticeState.EXPIRED) and notice.id not in excused:
            breaches.append(f"{what} {notice.state}" + (f": {notice.error}" if notice.error else ""))
    breaches += [f"{c.where} is still held" for c in claims(evidence.db) if c.booking.state is BookingState.HELD]
    open_work = select(Meeting, Session).join(Session).where(col(Meeting.next_try_at).is_not(None) | col(Meeting.sweep_at).is_not(None))
    breaches += [f"there is still something to do about a meeting of {session.reference}" for _, session in evidence.db.exec(open_work)]
    return len(notices), [*breaches, *_never_came(evidence, notices)]


def _refused_and_told_otherwise(db: Db, notices: Sequence[Notice]) -> set[int | None]:
    """Direct messages that were refused, where an e-mail is owed in their place, or was in any case, or may not be: nothing is lost."""
    proven = {person.id for person in db.exec(select(Person)) if person.proven_at is not None}
    instead = {notice.fallback_of for notice in notices}
    keys = {notice.key for notice in notices}
    return {
        notice.id
        for notice in notices
        if notice.channel is Channel.CHAT
        and notice.state is NoticeState.FAILED
        and (
            notice.id in instead
            or notice.kind is Kind.PROMOTION  # the invitation itself goes by e-mail
            or notice.key.removesuffix(f":{Channel.CHAT}") in keys  # and so does the calendar cancellation
            or (notice.announcement_id is not None and notice.detail == MAILED)
            or notice.person_id not in proven
            or notice.key.removesuffix(f":{Channel.CHAT}") + f":{Channel.EMAIL}" in keys
        )
    }


def _never_came(evidence: Evidence, notices: Iterable[Notice]) -> Iterable[str]:
    """What the ledger calls sent has come, to the right person; and no e-mail has come that nobody owed."""
    came: dict[tuple[Channel, str], Message] = {(Channel.EMAIL, mail.name): mail for mail in evidence.mails}
    came |= {(Channel.CHAT, message.name): message for message in evidence.direct_messages}
    people = _whereabouts(evidence.db)
    typed = select(EmailProof, Person.email).join(Person, col(Person.id) == col(EmailProof.person_id))  # what nobody proved is blanked
    asked = {proof.id: {(proof.address or email or "").casefold()} for proof, email in evidence.db.exec(typed).all()}
    handed = {transfer.id: {transfer.to_address.casefold()} for transfer in evidence.db.exec(select(Transfer))}
    owed = set()
    for notice in notices:
        if notice.state is not NoticeState.SENT or notice.channel not in (Channel.EMAIL, Channel.CHAT):
            continue
        owed.add(notice.external_id)
        message = came.get((notice.channel, notice.external_id or ""))
        if message is None:
            yield f"notice {notice.id} ({notice.kind} by {notice.channel}) is called sent, and never came"
        elif message.to.casefold() not in _addressed(notice, asked, people, handed):
            yield f"notice {notice.id} ({notice.kind} by {notice.channel}) came to somebody else"
    strays = {mail.name for mail in evidence.mails if mail.name} - owed
    yield from (f"an e-mail {name} came that nobody owed" for name in sorted(strays))


def _addressed(
    notice: Notice,
    asked: Mapping[int | None, set[str]],
    people: Mapping[int | None, set[str]],
    handed: Mapping[int | None, set[str]],
) -> set[str]:
    """Where a notice may arrive: an address that waits for a code, a colleague's, or the person's own."""
    if notice.proof_id:
        return asked[notice.proof_id]
    return handed[notice.transfer_id] if notice.transfer_id and notice.person_id is None else people.get(notice.person_id, set())


def _whereabouts(db: Db) -> Mapping[int | None, set[str]]:
    """Where each person may be written to, now or once: addresses, and the Discord account."""
    places: dict[int | None, set[str]] = {number: set(known) for number, known in addresses_of(db).items()}
    for person in db.exec(select(Person)):
        places.setdefault(person.id, set()).add(str(person.discord_id))
    return places


def _only_codes(evidence: Evidence) -> Found:
    since: dict[str, list[datetime]] = defaultdict(list)
    for known in addresses_of(evidence.db).values():
        for address, proven_at in known.items():
            since[address].append(proven_at)
    early = [mail for mail in evidence.mails if not any(at <= mail.at for at in since.get(mail.to.casefold(), ()))]
    return len(early), [f"the e-mail {mail.name} went to an address that nobody had proven" for mail in early if not mail.only_a_code]


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────


def _no_names(evidence: Evidence) -> Found:
    people, published = evidence.db.exec(select(Person)).all(), _published(evidence.db)
    breaches = []
    for channel, transcript in evidence.public_transcripts.items():
        said = transcript.replace("\\", "").casefold()
        for person in people:
            marks = {person.email, f"<@{person.discord_id}>", f"<@!{person.discord_id}>"}
            if person.name.casefold() not in published:  # a presenter may have the name of somebody made up
                marks.add(person.name)
            if any(mark is not None and mark.casefold() in said for mark in marks):
                breaches.append(f"person {person.id} is named in {channel}")
    return len(evidence.public_transcripts), breaches


def _published(db: Db) -> str:
    """What the schedule itself says to everyone."""
    texts: list[str | None] = [presenter.label for presenter in db.exec(select(Presenter))]
    texts += [organisation.name for organisation in db.exec(select(Organisation))]
    for session in db.exec(select(Session)):
        texts += [session.title, session.description, session.venue, session.audience, session.notes]
    for programme in db.exec(select(Programme)):
        texts += [programme.title, programme.audience]
    return "\n".join(text for text in texts if text).casefold()
