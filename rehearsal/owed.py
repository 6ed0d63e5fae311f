"""What is owed and what came, judged: nothing is left to send, and every message reached whom it was for, and nobody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.announced import DISCORD
from domain.cancellations import MAILED
from domain.database import Db
from domain.kinds import Channel, Kind
from domain.models import (
    Announcement,
    BookingState,
    DigestReader,
    EmailProof,
    Meeting,
    Notice,
    NoticeState,
    OrganiserAddress,
    Person,
    Presenter,
    Session,
    Transfer,
)
from rehearsal.entries import Found, addresses_of, claims
from rehearsal.evidence import Evidence, Message


def nothing_is_left(evidence: Evidence) -> Found:
    """No notice, place or meeting waits for anything; what is called sent has come."""
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
    addressed = _Whereabouts.of(evidence.db, evidence.typed)
    owed, forgotten = set(), 0
    for notice in notices:
        if notice.state is not NoticeState.SENT or notice.channel not in (Channel.EMAIL, Channel.CHAT):
            continue
        if notice.external_id is None and notice.proof_id in addressed.forgotten:
            forgotten += 1  # nobody proved the address, and what was kept of it is gone by now
            continue
        owed.add(notice.external_id)
        message = came.get((notice.channel, notice.external_id or ""))
        if message is None:
            yield f"notice {notice.id} ({notice.kind} by {notice.channel}) is called sent, and never came"
        elif message.to.casefold() not in addressed.at(notice):
            yield f"notice {notice.id} ({notice.kind} by {notice.channel}) came to somebody else"
    strays = {mail.name: mail for mail in evidence.mails if mail.name and mail.name not in owed}
    excused = [name for name, mail in strays.items() if mail.to.casefold() in addressed.gone][:forgotten]
    yield from (f"an e-mail {name} came that nobody owed" for name in sorted(set(strays).difference(excused)))


@dataclass(frozen=True)
class _Whereabouts:
    """Where each may be written to, now or once: addresses, and the Discord account."""

    people: Mapping[int | None, set[str]]
    proofs: Mapping[int | None, set[str]]  #: addresses that wait for a code
    colleagues: Mapping[int | None, set[str]]  #: by transfer
    presenters: Mapping[int | None, set[str]]
    trials: Mapping[int | None, set[str]]  #: accounts of organisers, by announcement
    readers: Mapping[int | None, set[str]]  #: of the daily message
    organisers: Mapping[int | None, set[str]]  #: addresses that sign in to the organisers' pages
    forgotten: Set[int | None]  #: proofs of addresses that are kept no longer
    gone: Set[str]  #: addresses that people typed, and that are kept nowhere any more

    @classmethod
    def of(cls, db: Db, typed: frozenset[str]) -> _Whereabouts:
        """Everyone's. What has been forgotten since was for one of those whom nothing is known of any more."""
        people: dict[int | None, set[str]] = {number: set(known) for number, known in addresses_of(db).items()}
        for person in db.exec(select(Person)):
            people.setdefault(person.id, set()).add(str(person.discord_id))
        asked = db.exec(select(EmailProof, Person.email).join(Person, col(Person.id) == col(EmailProof.person_id))).all()
        handed = db.exec(select(Transfer)).all()
        told = {proof.id: {(proof.address or email or "").casefold()} - {""} for proof, email in asked}  # what nobody proved is blanked
        given = {one.id: {one.to_address.casefold()} - {""} | people.get(one.to_person_id, set()) for one in handed}
        gone = set(typed).difference(*people.values(), *told.values(), *given.values())
        return cls(
            people,
            {number: known or gone for number, known in told.items()},
            {number: known or gone for number, known in given.items()},
            {one.id: {(one.address or "").casefold()} | people.get(one.person_id, set()) for one in db.exec(select(Presenter))},
            {made.id: {made.made_by.removeprefix(DISCORD)} for made in db.exec(select(Announcement))},
            {reader.id: {str(reader.discord_id)} for reader in db.exec(select(DigestReader))},
            {organiser.id: {organiser.address.casefold()} for organiser in db.exec(select(OrganiserAddress))},
            {number for number, known in told.items() if not known},
            gone,
        )

    def at(self, notice: Notice) -> set[str]:
        """Where a notice may arrive: an address that waits for a code, a colleague's, a presenter's, or the person's own."""
        if notice.proof_id:
            return self.proofs[notice.proof_id]
        if notice.presenter_id:
            return self.presenters[notice.presenter_id]
        if notice.person_id is not None:
            return self.people.get(notice.person_id, set())
        if notice.organiser_id:
            return self.organisers[notice.organiser_id]
        if notice.transfer_id:
            return self.colleagues[notice.transfer_id]
        return self.trials.get(notice.announcement_id) or self.readers.get(notice.digest_reader_id) or set()


def only_codes(evidence: Evidence) -> Found:
    """To an address that nobody has proven goes a code; to a presenter's, whom an organiser names, what is for a presenter; and to
    an organiser's, whom the settings name, the link to sign in."""
    since: dict[str, list[datetime]] = defaultdict(list)
    for known in addresses_of(evidence.db).values():
        for address, proven_at in known.items():
            since[address].append(proven_at)
    named = col(Notice.presenter_id).is_not(None) | col(Notice.organiser_id).is_not(None)
    led = set(evidence.db.exec(select(Notice.external_id).where(named)))
    early = [mail for mail in evidence.mails if not any(at <= mail.at for at in since.get(mail.to.casefold(), ())) and mail.name not in led]
    return len(early), [f"the e-mail {mail.name} went to an address that nobody had proven" for mail in early if not mail.only_a_code]
