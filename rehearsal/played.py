"""What a played week leaves: what people did, who they are, and what they were given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.people import Account, Actor, account_of
from rehearsal.taken import Taken
from rehearsal.timeline import Moment


@dataclass
class Played:
    """What a played week leaves: what people did, who they are, and the report that the organiser was given."""

    acts: list[Moment]
    actors: Sequence[Actor]
    sessions: int
    attention: str  #: what needs the organiser in the end
    reports: dict[str, bytes]
    added: tuple[str, ...] = ()  #: titles of the sessions that the rehearsal added
    others: Mapping[Account, str] = field(default_factory=dict)  #: how the timeline calls those who are no practitioners
    confided: Mapping[Account, tuple[str, ...]] = field(default_factory=dict)  #: what families told in private
    pages: Mapping[str, str] = field(default_factory=dict)  #: every public page, amid the sign-up and in the end, by what it is
    typed: frozenset[str] = frozenset()  #: every address that people typed, in small letters
    taken: Taken = field(default_factory=Taken)  #: what people and organisers were given by pages, and did there

    @property
    def pseudonyms(self) -> dict[Account, str]:
        """How the timeline calls everyone."""
        return {account_of(actor): actor.pseudonym for actor in self.actors} | dict(self.others)

    def by_door(self) -> dict[str, int]:
        """How many people came by which door: practitioners and families."""
        families = Counter(type(account) for account in self.confided)
        by_chat, by_web = sum(actor.by_chat for actor in self.actors), sum(actor.by_web for actor in self.actors)
        rest = len(self.actors) - by_chat - by_web
        return {"by chat": by_chat + families[int], "by the web": by_web + families[str], "by neither, for speed": rest}
