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
class Item:
    """One thing that needs attention. `sentence` may be shown as it is; `at` is the session's start, where it is about one."""

    concern: Concern
    sentence: str
    session_id: int | None = None
    programme_id: int | None = None
    at: datetime | None = None


def named(session: Session, with_their_own: Collection[int] = ()) -> str:
    """`“Welcome” (Monday 15 March 2027, 9.30am to 10.30am)`. `with_their_own` as in `is_neutral`: for a draft."""
    return _with_its_time(session, listed_title(session, with_their_own))


def _with_its_time(session: Session, title: str) -> str:
    return f"“{title}” ({span_words(session.starts_at, session.ends_at, session.zone)})"


def by_own_titles(items: Iterable[Item], private: Sequence[Session]) -> list[Item]:
    """The items with the own titles of these sessions, for who may know them. Where two sessions share a neutral title and a time, only
    the one that an item is about is sure to be meant, and only where it is named once."""
    neutral = {one.id: _with_its_time(one, one.public_title or NEUTRAL_FOR_ORGANISERS) for one in private}
    several = Counter(neutral.values())
    found = []
    for item in items:
        sentence = item.sentence
        for one in private:
            words = neutral[one.id]
            if several[words] == 1 or (item.session_id == one.id and item.sentence.count(words) == 1):
                sentence = sentence.replace(words, _with_its_time(one, one.title))
        found.append(replace(item, sentence=sentence))
    return found


def about(concern: Concern, session: Session, sentence: str) -> Item:
    """An item about one session."""
    return Item(concern, sentence, session.id, session.programme_id, session.starts_at)


def reason_words(error: str) -> str:
    """What a service said, to stand within a sentence."""
    return error.strip().rstrip(".") or "it gave no reason"


def people(count: int) -> str:
    """`1 person`, `2 people`."""
    return f"{count:,} {'person' if count == 1 else 'people'}"
