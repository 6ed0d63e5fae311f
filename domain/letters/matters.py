"""What letters of one kind speak of, beyond their session: plain values, read again at the moment of sending.

A noun that owes letters of its own gives a function from a claimed notice to one of these, and is listed in
`domain.letters.readers`. None says that the notice is no longer true, and it is not sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.records import CompletionFacts


@dataclass(frozen=True)
class AnnouncementMatter:
    """An organiser's words. `about` says of what: a session, a day or the programme."""

    subject: str
    words: str
    about: str
    trial: bool = False


@dataclass(frozen=True)
class DigestMatter:
    """What needs an organiser's attention in one programme this morning: whole sentences, the most pressing first."""

    programme_id: int
    programme: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class TransferMatter:
    """A place that changes hands. `outcome`: asked, agreed, declined, lapsed, cannot, tries. Only `asked` goes to the colleague."""

    outcome: str
    giver_name: str  #: fit for a stranger's mailbox, or empty
    giver_address: str  #: proven
    colleague: str  #: the name that the giver typed, for the giver


@dataclass(frozen=True)
class PresentingMatter:
    """What somebody who presents a session is told of it: counts, never names."""

    presenter_id: int
    confirmed: bool  #: they have said yes
    code: str = ""  #: what to type in Discord to say yes
    people: int = 0  #: with a place
    online: int | None = None  #: of them online, where there is a room as well
    needs: tuple[tuple[str, int], ...] = ()  #: what people need in order to come, and how many
    ended: str = ""  #: of a cancellation: "session", "declined", "moved" to another address, or "removed" by an organiser


@dataclass(frozen=True)
class ResultsMatter:
    """What people said of a session, as far as it may be seen."""

    answers: int
    mean: float
    counts: tuple[int, ...]  #: how many gave 1, 2, 3, 4 and 5
    confidence: tuple[float, float] | None  #: before and after
    comments: tuple[tuple[str, tuple[str, ...]], ...]  #: by question


@dataclass(frozen=True)
class CertificateMatter:
    """A series is completed: what stands on the certificate, which travels with the letter."""

    facts: CompletionFacts


@dataclass(frozen=True)
class WaitingMatter:
    """Somebody came on a waiting list. `position` counts from 1."""

    position: int


@dataclass(frozen=True)
class OfferMatter:
    """What somebody has at the time of a place that is offered to them: titles as they may be shown, and the mark of all of it."""

    others: tuple[str, ...]
    mark: str  #: what a button accepts by (`domain.capacity.mark_of`)


#: every kind of matter there is
Matter = (
    WaitingMatter | OfferMatter | AnnouncementMatter | DigestMatter | TransferMatter | PresentingMatter | ResultsMatter | CertificateMatter
)
