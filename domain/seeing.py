"""Seeing: who sees what, as one table. Whoever shows a list of people asks it (`may_see`), and `docs/privacy.md` is written from it.

What somebody sees of themselves is not here: everybody sees that. Discord's roles and signed-in addresses are told apart at the doors;
here they are one organiser. Each view or export of a list leaves a row in the audit trail (`domain.audit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Seer(StrEnum):
    """Who looks."""

    PRACTITIONER = "practitioner"
    PARENT = "parent"
    PRESENTER = "presenter of the session"
    PROGRAMME_ORGANISER = "organiser of the programme"
    PARTNERSHIP_ORGANISER = "organiser of the partnership"
    OPERATOR = "operator"


class Sight(StrEnum):
    """What there is to see."""

    SCHEDULE = "the open schedule, with places left"
    COUNT = "how many come"
    NEEDS_COUNTED = "what is needed, without names"
    RESULTS = "feedback, from the minimum of answers on"
    NAMES = "who comes to an open session"
    PRIVATE_NAMES = "who comes to a private session"
    NEEDS_NAMED = "who needs what"
    TRAIL = "who did what"
    LEDGER = "messages, as numbers and states"
    PERSON = "everything about one person"


_PUBLIC = frozenset({Sight.SCHEDULE})
_ORGANISERS = frozenset({Sight.SCHEDULE, Sight.COUNT, Sight.NEEDS_COUNTED, Sight.RESULTS, Sight.NAMES, Sight.TRAIL})
_OF_PEOPLE = frozenset({Sight.PRIVATE_NAMES, Sight.NEEDS_NAMED})

#: the table
SEES: Mapping[Seer, frozenset[Sight]] = {
    Seer.PRACTITIONER: _PUBLIC,
    Seer.PARENT: _PUBLIC,
    Seer.PRESENTER: frozenset({Sight.SCHEDULE, Sight.COUNT, Sight.NEEDS_COUNTED, Sight.RESULTS}),
    Seer.PROGRAMME_ORGANISER: _ORGANISERS | _OF_PEOPLE,
    Seer.PARTNERSHIP_ORGANISER: _ORGANISERS,
    Seer.OPERATOR: frozenset({Sight.LEDGER, Sight.PERSON}),
}


def may_see(seer: Seer, sight: Sight) -> bool:
    """Whether the table says so."""
    return sight in SEES[seer]


def organiser_as(*, is_programmes_own: bool, programme_has_its_own: bool, organises_partnership: bool) -> Seer | None:
    """As what an organiser looks at one programme; None: as nobody. Where it has no organisers of its own, the partnership's are its."""
    if is_programmes_own or (organises_partnership and not programme_has_its_own):
        return Seer.PROGRAMME_ORGANISER
    return Seer.PARTNERSHIP_ORGANISER if organises_partnership else None
