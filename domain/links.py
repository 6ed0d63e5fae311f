"""Links: what an e-mailed address opens, for whom, and until when.

What stands in a link are 128 bits that nobody can guess: HMAC-SHA-256 (RFC 2104) of a random salt, under a key that only the
environment has. The row keeps the salt and a hash of the result. So the database alone opens nothing, and the same letter,
sent again after an answer that was lost, has the same link in it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, update
from sqlmodel import col, select

from domain.database import Db
from domain.errors import NotFound
from domain.models import Link, Purpose
from domain.once import put_in

#: characters of a token: 128 bits as base64url without padding (RFC 4648, section 5)
TOKEN_LENGTH = 22
GONE = "This link does not work. It may be old, or a part of it may be missing. Copy the whole link from your latest e-mail."

#: bytes of a key below which links could be guessed
LEAST_KEY = 16


class LinkKey:
    """The installation's key for links: at least 128 bits. It never leaves the process, and never stands in a log."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < LEAST_KEY:
            raise ValueError(f"the key for links needs at least {LEAST_KEY} bytes")
        self._secret = secret

    def __repr__(self) -> str:
        return "LinkKey(…)"

    def token(self, subject: str, salt: str) -> str:
        """What stands in the link of this subject."""
        return self.sign(f"{subject}\n{salt}")

    def sign(self, text: str) -> str:
        """128 bits that only this key makes of this text."""
        digest = hmac.new(self._secret, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def hash_token(token: str) -> str:
    """A token as it is kept. So many random bits need no salt of the hash's own."""
    return hashlib.sha256(f"link:{token}".encode()).hexdigest()


def numbered_token(key: LinkKey, number: int | None, subject: str, salt: str) -> str:
    """`12-` and 22 letters: of a row that keeps nothing of its link but a random salt of its own, so that nothing in it opens anything."""
    return f"{number}-{key.token(subject, salt)}"


def number_in(token: str) -> int | None:
    """The row that a numbered token names; None for what is none."""
    found = re.fullmatch(r"([0-9]{1,9})-[A-Za-z0-9_-]{22}", token)
    return int(found[1]) if found else None


@dataclass(frozen=True)
class Wanted:
    """A link to be had: for what and of whom, and until when (UTC). Asked for again, it is the same link, and lives longer."""

    purpose: Purpose
    number: int  #: of the person, booking, proof or organiser that it belongs to
    partnership_id: int
    expires_at: datetime
    person_id: int | None = None
    booking_id: int | None = None
    proof_id: int | None = None
    organiser_id: int | None = None

    @property
    def subject(self) -> str:
        """Its name among all links."""
        return f"{self.purpose}:{self.number}"


def mint(db: Db, key: LinkKey, wanted: Iterable[Wanted], *, now: datetime) -> dict[str, str]:
    """The tokens of these links, by subject. Those that are not there yet are made; one that is somebody else's is not given out.

    One that another key made opens with this key's token from now on, and no more with the other's.
    """
    by_subject = {one.subject: one for one in wanted if one.expires_at > now}
    if not by_subject:
        return {}
    put_in(db, [_new(key, one, now) for one in by_subject.values()])
    found = db.exec(
        select(Link.subject, Link.salt, Link.expires_at, Link.token_hash, *_OWNER).where(col(Link.subject).in_(by_subject))
    ).all()
    rows = [_Kept(*one[:4]) for one in found if list(one[4:]) == _owner(by_subject[one[0]])]
    _prolong(db, {one.subject: until for one in rows if one.expires_at < (until := by_subject[one.subject].expires_at)})
    _make_ours(db, {one.subject: hash_token(one.token(key)) for one in rows if not one.is_of(key)})
    return {one.subject: one.token(key) for one in rows}


class _Kept(NamedTuple):
    """What the row of a link keeps of it."""

    subject: str
    salt: str
    expires_at: datetime
    token_hash: str

    def token(self, key: LinkKey) -> str:
        return key.token(self.subject, self.salt)

    def is_of(self, key: LinkKey) -> bool:
        """Whether this key made it."""
        return hash_token(self.token(key)) == self.token_hash


#: whose a link is, and of what
_OWNER: tuple[Any, ...] = (Link.partnership_id, Link.person_id, Link.booking_id)


def _owner(one: Wanted) -> list[int | None]:
    return [one.partnership_id, one.person_id, one.booking_id]


def kept(db: Db, key: LinkKey, subjects: Sequence[str], *, now: datetime) -> dict[str, str]:
    """The tokens of those of these links that this key made, by subject. Nothing is made."""
    if not subjects:
        return {}
    mine = select(Link.subject, Link.salt, Link.expires_at, Link.token_hash)
    found = db.exec(mine.where(col(Link.subject).in_(subjects), col(Link.expires_at) > now)).all()
    return {one.subject: one.token(key) for one in (_Kept(*row) for row in found) if one.is_of(key)}


def _new(key: LinkKey, one: Wanted, now: datetime) -> Link:
    salt = secrets.token_hex(16)
    return Link(
        partnership_id=one.partnership_id,
        purpose=one.purpose,
        subject=one.subject,
        token_hash=hash_token(key.token(one.subject, salt)),
        salt=salt,
        person_id=one.person_id,
        booking_id=one.booking_id,
        proof_id=one.proof_id,
        organiser_id=one.organiser_id,
        made_at=now,
        expires_at=one.expires_at,
    )


def _prolong(db: Db, until: dict[str, datetime]) -> None:
    if until:
        later = case(dict(until), value=col(Link.subject))
        db.exec(update(Link).where(col(Link.subject).in_(until)).values(expires_at=later))


def _make_ours(db: Db, hashes: dict[str, str]) -> None:
    if hashes:
        ours = case(dict(hashes), value=col(Link.subject))
        db.exec(update(Link).where(col(Link.subject).in_(hashes)).values(token_hash=ours))


def opened(db: Db, partnership_ids: Sequence[int], purpose: Purpose, token: str, *, now: datetime, held: bool = False) -> Link:
    """The link that this token opens. Altered, over, used up, of another purpose and never made are told alike: `NotFound`.

    `held`: for this transaction, so that what serves once serves once.
    """
    mine = select(Link).where(col(Link.token_hash) == hash_token(token), col(Link.purpose) == purpose)
    found = db.exec(mine.with_for_update() if held else mine).first()
    if found is None or found.partnership_id not in partnership_ids or found.expires_at <= now:
        raise NotFound(GONE)
    return found


def revoke(db: Db, key: LinkKey, link: Link) -> None:
    """What was e-mailed before opens nothing any more; the next letter has a new link."""
    link.salt = secrets.token_hex(16)
    link.token_hash, link.used_at = hash_token(key.token(link.subject, link.salt)), None
    db.add(link)
    db.flush()
