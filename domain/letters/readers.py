"""Which noun knows what a letter of a kind speaks of. One line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.announced import read_announcement
from domain.database import Db
from domain.digests import read_digest
from domain.in_line import read_in_line
from domain.kinds import Kind
from domain.letters.matters import Matter
from domain.models import Notice
from domain.offers import read_offer
from domain.presenters.letters import read_presenting
from domain.rules import Rules
from domain.series.completion import read_certificate
from domain.transfers.asking import read_transfer

#: `read(db, notice, rules, now=…)`: what the letter speaks of, or None when it is no longer true
Read = Callable[..., Matter | None]

MATTERS: Mapping[Kind, Read] = {
    Kind.ANNOUNCEMENT: read_announcement,
    Kind.CERTIFICATE: read_certificate,
    Kind.DIGEST: read_digest,
    Kind.OFFER: read_offer,
    Kind.TRANSFER: read_transfer,
    Kind.WAITING: read_in_line,
}


def read_matter(db: Db, notice: Notice, rules: Rules, *, now: datetime) -> Matter | None:
    """What a claimed notice speaks of. None for a kind without, and for a notice that is no longer true."""
    if notice.presenter_id is not None:  # whatever its kind
        return read_presenting(db, notice, rules, now=now)
    read = MATTERS.get(notice.kind)
    return read(db, notice, rules, now=now) if read else None
