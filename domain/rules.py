"""What each partnership has decided about its own ways, with defaults that suit most. Durations are elapsed time.

What is done for one partnership takes its `Rules`. What the clock does for all of them at once takes `RulesOf`: it asks
once for each different answer, and not once for each partnership.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeVar

from domain.keeping.periods import Periods

T = TypeVar("T")


class RulesOf(Protocol):
    """The rules of every partnership that this installation keeps."""

    def kept(self) -> Collection[int] | None:
        """The ids of those partnerships; None: all that there are."""

    def of(self, partnership_id: int, /) -> Rules:
        """What this partnership has decided; the defaults for one that is not kept here."""

    def deciding(self, what: Callable[[Rules], Iterable[T]]) -> Mapping[T, Collection[int] | None]:
        """Each answer, and whose it is: the partnerships' ids, or None for all that there are."""

    def __hash__(self) -> int:
        """Rules are values that never change: what was made for them once serves the same rules again."""


@dataclass(frozen=True)
class Rules:
    """The partnership's settings that use cases need. Values only; read from the settings once at start."""

    #: how long a place is kept for somebody whose address is not proven yet
    hold: timedelta = timedelta(minutes=30)
    #: what share of a session's places pages may keep at once for addresses that nobody has proven; one is kept in any case
    unproven_share: float = 0.25
    #: how long a place that clashes is offered to the first in line
    offer: timedelta = timedelta(hours=12)
    #: from this long before the start nobody is promoted any more
    cutoff: timedelta = timedelta(hours=2)
    #: sessions that overlap by no more than this do not clash
    clash_tolerance: timedelta = timedelta(minutes=5)
    #: how long an edit rests before anybody is told
    settle: timedelta = timedelta(minutes=2)
    #: an edit this close to the start is told at once
    settle_not_within: timedelta = timedelta(hours=2)
    #: how long an invitation waits for its link
    link_patience: timedelta = timedelta(minutes=30)
    #: how long before the start people are reminded; whole days are wall days
    reminders: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=1))
    #: how long after a session's end its feedback is asked for and taken
    feedback_open: timedelta = timedelta(days=7)
    #: results show from this many answers, and in batches of it
    minimum_answers: int = 5
    #: mail domains whose addresses may sign up; empty: any
    mail_domains: tuple[str, ...] = ()
    #: how long either side of a session its host is kept free
    host_padding: timedelta = timedelta(minutes=10)
    #: how long after a session what people need for it is kept
    needs_kept: timedelta = timedelta(days=30)
    #: how long everything else about people is kept
    periods: Periods = field(default_factory=Periods)
    #: attempts at a notice that may have arrived already, or that no instant ends, before it is given up
    notice_attempts: int = 8
    #: a code's life, tries, and how often an hour one may be sent
    code_life: timedelta = timedelta(minutes=15)
    code_tries: int = 5
    codes_an_hour: int = 3
    #: names offered when people are asked for their organisation, besides those in the schedule
    organisations: tuple[str, ...] = field(default=())

    def kept(self) -> Collection[int] | None:
        """As `RulesOf`."""
        return None

    def of(self, _partnership_id: int, /) -> Rules:
        """The same for all: `RulesOf` of an installation with one partnership."""
        return self

    def deciding(self, what: Callable[[Rules], Iterable[T]]) -> Mapping[T, Collection[int] | None]:
        """As `RulesOf`."""
        return dict.fromkeys(what(self))


@dataclass(frozen=True)
class RulesBook:
    """The rules of several partnerships, by id. The database may hold others, which another process keeps: they are always named."""

    by_partnership: Mapping[int, Rules]

    def __hash__(self) -> int:
        return hash(frozenset(self.by_partnership.items()))

    def kept(self) -> Collection[int] | None:
        """As `RulesOf`."""
        return tuple(self.by_partnership)

    def of(self, partnership_id: int, /) -> Rules:
        """As `RulesOf`."""
        return self.by_partnership.get(partnership_id) or Rules()

    def deciding(self, what: Callable[[Rules], Iterable[T]]) -> Mapping[T, Collection[int] | None]:
        """As `RulesOf`."""
        whose: dict[T, list[int]] = {}
        for partnership_id, rules in self.by_partnership.items():
            for answer in dict.fromkeys(what(rules)):
                whose.setdefault(answer, []).append(partnership_id)
        return whose
