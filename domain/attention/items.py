"""What one item of the attention list is, and the words that its sentences share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.kinds import Provider
from domain.models import Session
from domain.privacy import NEUTRAL_FOR_ORGANISERS, listed_title
from domain.times import span_words

#: how long after a session (or, without one, after it was owed) a message that failed stays listed
KEPT = timedelta(days=7)
SERVICES = {Provider.TEAMS: "Teams", Provider.ZOOM: "Zoom", Provider.GIVEN: "the given link"}


class Concern(StrEnum):
    """What is wrong."""

    NO_HOST = "no_host"
    NO_LINK = "no_link"
    MEETING_STALE = "meeting_stale"  # a meeting that could not be moved or deleted
    PRIVACY = "privacy"  # its wording proposes private, and nobody has said
    NOBODY = "nobody"  # a draft that names nobody who leads it
    DECLINED = "declined"
    UNCONFIRMED = "unconfirmed"
    ROOM_CLASH = "room_clash"
    NEEDS = "needs"
    OVERFULL = "overfull"
    WAITING = "waiting"  # people wait though places are free
    EMPTY = "empty"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    MOVED = "moved"  # reminders that went another way, because theirs was full or closed
    NOT_POSTED = "not_posted"
    REPLY = "reply"  # a Decline that is left for people


@dataclass(frozen=True)
class OneOf:
    """One of the sessions that an item is about, and how it is named."""

    session_id: int
    name: str


@dataclass(frozen=True)
class Item:
    """One thing that needs attention. `sentence` may be shown as it is; `at` is the session's start, where it is about one.

    Of several sessions with one trouble the sentence names the first, and `those` is all of them.
    """

    concern: Concern
    sentence: str
    session_id: int | None = None
    programme_id: int | None = None
    at: datetime | None = None
    those: tuple[OneOf, ...] = ()


def named(session: Session, with_their_own: Collection[int] = ()) -> str:
    """`“Welcome” (Monday 15 March 2027, 9.30am to 10.30am)`. `with_their_own` as in `is_neutral`: for a draft."""
    return _with_its_time(session, listed_title(session, with_their_own))


def _with_its_time(session: Session, title: str) -> str:
    return f"“{title}” ({span_words(session.starts_at, session.ends_at, session.zone)})"


def by_own_titles(items: Iterable[Item], private: Sequence[Session]) -> list[Item]:
    """The items with the own titles of these sessions, for who may know them. Where two sessions share a neutral title and a time, only
    the one that an item is about is sure to be meant, and only where it is named once."""
    neutral = {one.id: _with_its_time(one, one.public_title or NEUTRAL_FOR_ORGANISERS) for one in private}
    own = {one.id: _with_its_time(one, one.title) for one in private}
    several = Counter(neutral.values())
    found = []
    for item in items:
        sentence = item.sentence
        for one in private:
            words = neutral[one.id]
            if several[words] == 1 or (item.session_id == one.id and item.sentence.count(words) == 1):
                sentence = sentence.replace(words, own[one.id])
        found.append(
            replace(item, sentence=sentence, those=tuple(replace(one, name=own.get(one.session_id, one.name)) for one in item.those))
        )
    return found


def about(concern: Concern, session: Session, sentence: str) -> Item:
    """An item about one session."""
    return Item(concern, sentence, session.id, session.programme_id, session.starts_at)


def of_several(concern: Concern, sessions: Sequence[Session], words: str, why: str, with_their_own: Collection[int] = ()) -> Item:
    """Sessions with one trouble: one entry, at the start of the first. `words` go on after “2 sessions”."""
    first = sessions[0]
    those = tuple(OneOf(one.id or 0, named(one, with_their_own)) for one in sessions)
    sentence = f"{len(sessions):,} sessions {words}.{_first(those)} {why}"
    return Item(concern, sentence, None, first.programme_id, first.starts_at, those)


def _first(those: Sequence[OneOf]) -> str:
    return f" The first is {those[0].name}."


def beside_its_list(item: Item) -> str:
    """Its sentence where all of `those` are listed, so that it need not name the first."""
    return item.sentence.replace(_first(item.those), "", 1) if item.those else item.sentence


def reason_words(error: str) -> str:
    """What a service said, to stand within a sentence."""
    return error.strip().rstrip(".") or "it gave no reason"


def people(count: int) -> str:
    """`1 person`, `2 people`."""
    return f"{count:,} {'person' if count == 1 else 'people'}"
