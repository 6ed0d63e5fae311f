"""Periods: how long a partnership keeps records of each kind. It decides; these are what it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

#: the database refuses to delete younger rows of the audit trail (`domain.models.auditing.KEPT_DAYS`)
LEAST_TRAIL = timedelta(days=365)


@dataclass(frozen=True)
class Periods:
    """How long each is kept after it was last of use."""

    #: somebody who has asked for a place and never proven the address
    unproven: timedelta = timedelta(days=1)
    #: links, invitation codes, offers to colleagues, former addresses, and who has answered: once they are over
    over: timedelta = timedelta(days=30)
    #: which messages were sent to whom, and what organisers announced
    letters: timedelta = timedelta(days=365)
    #: who somebody is, after the last session that they booked or presented
    names: timedelta = timedelta(days=730)
    #: who did what: the database refuses less than a year
    trail: timedelta = LEAST_TRAIL
    #: what people wrote in feedback; the numbers stay
    feedback: timedelta = timedelta(days=1095)
