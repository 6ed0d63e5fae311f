"""What needs an organiser's eye: sessions that people cannot join, messages that did not arrive, rooms, presenters and places.

Each item is one plain sentence or two, the last of which says how to mend it. Nothing here names a person or changes anything.
"""

from __future__ import annotations

from datetime import datetime

from domain.attention.drafts import gaps_of_drafts
from domain.attention.items import SERVICES, Concern, Item, beside_its_list, by_own_titles
from domain.attention.links import late_links, stale_meetings, why_no_link
from domain.attention.messages import lost_messages, moved_reminders, stale_postings
from domain.attention.readiness import readiness
from domain.attention.replies import left_replies
from domain.attention.seats import seats
from domain.database import Db
from domain.privacy import sessions_kept_private
from domain.programmes import owned
from domain.rules import Rules

__all__ = ["SERVICES", "Concern", "Item", "attention", "beside_its_list", "gaps_before_publishing", "why_no_link"]


def attention(
    db: Db, partnership_id: int, programme_id: int | None, rules: Rules, *, now: datetime, sees_private: bool = False
) -> tuple[Item, ...]:
    """Everything that needs attention in a programme (None: in the partnership), the most pressing session first.

    `sees_private`: who asks knows the programme's private sessions by their own titles.
    """
    if programme_id is not None:
        owned(db, partnership_id, programme_id)
    items = [
        *gaps_of_drafts(db, partnership_id, programme_id, rules, now),
        *late_links(db, partnership_id, programme_id, rules, now),
        *stale_meetings(db, partnership_id, programme_id, now),
        *readiness(db, partnership_id, programme_id, rules, now, sees_private=sees_private and programme_id is not None),
        *seats(db, partnership_id, programme_id, rules, now),
        *lost_messages(db, partnership_id, programme_id, now),
        *left_replies(db, partnership_id, programme_id, now),
        *moved_reminders(db, partnership_id, programme_id, now),
        *stale_postings(db, partnership_id, programme_id),
    ]
    return _in_order(db, programme_id, items, now, sees_private=sees_private)


def gaps_before_publishing(
    db: Db, partnership_id: int, programme_id: int, rules: Rules, *, now: datetime, sees_private: bool = False
) -> tuple[Item, ...]:
    """What a programme's drafts would lack if they were published now, as `attention` says it among the rest."""
    owned(db, partnership_id, programme_id)
    found = list(gaps_of_drafts(db, partnership_id, programme_id, rules, now))
    return _in_order(db, programme_id, found, now, sees_private=sees_private)


def _in_order(db: Db, programme_id: int | None, items: list[Item], now: datetime, *, sees_private: bool) -> tuple[Item, ...]:
    if sees_private and programme_id is not None:
        items = by_own_titles(items, sessions_kept_private(db, programme_id))
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return tuple(sorted(items, key=lambda item: item.at or far))  # stable: links before messages of the same session
