"""Which session did they mean? What is offered while somebody types, and what was typed in the end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlmodel import col, select

from domain.database import Db
from domain.errors import BadInput
from domain.models import Privacy, Session
from domain.privacy import is_neutral, listed_title
from domain.times import clock_words, to_wall


@dataclass(frozen=True)
class Found:
    """A session that a person may be looking for. Its reference names it in its partnership."""

    reference: str
    title: str
    organisation: str | None
    starts_at: datetime
    ends_at: datetime
    zone: str


def having_words(
    rows: Iterable[tuple[Session, str | None]], words: str, limit: int, with_their_own: Collection[int] = ()
) -> tuple[Found, ...]:
    """The first sessions whose title, organisation, day, hour or reference has every word.

    A private one stands there with its neutral title: somebody else may see the list over a shoulder. `with_their_own` as in `is_neutral`.
    """
    shown = ((s, listed_title(s, with_their_own), None if is_neutral(s, with_their_own) else by) for s, by in rows)
    wanted = words.casefold().split()
    fitting = (row for row in shown if all(word in _searchable(*row) for word in wanted))
    return tuple(Found(s.reference, title, by, s.starts_at, s.ends_at, s.zone) for s, title, by in islice(fitting, limit))


def _searchable(session: Session, title: str, organisation: str | None) -> str:
    wall = to_wall(session.starts_at, session.zone)
    parts = (
        title,
        organisation or "",
        f"{wall:%A} {wall.day} {wall:%B}",
        f"{wall.day}/{wall.month}",
        clock_words(wall),
    )
    return " ".join((*parts, session.reference)).casefold()


def by_reference(db: Db, partnership_id: int, typed: str, *, but_private: bool = False) -> int | None:
    """The id of the session with this reference, as it is written or with other capitals; None where none, or several, fit.

    `but_private`: for people, to whom a private session must not even be said to exist.
    """
    wanted = " ".join(typed.split())
    mine = select(Session.reference, Session.id).where(col(Session.partnership_id) == partnership_id)
    if but_private:
        mine = mine.where(col(Session.privacy) == Privacy.OPEN)
    exact = db.exec(mine.where(col(Session.reference) == wanted)).first()
    if exact is not None:
        return exact[1]
    alike = [session_id for reference, session_id in db.exec(mine) if reference.casefold() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None


def by_title(sessions: Iterable[Session], typed: str, with_their_own: Collection[int] = ()) -> int:
    """The id of the only session with this title, or else with all of these words in its title. Raises `BadInput`.

    A number alone stands for a reference, never for a word: who mistypes one must not change another session.
    """
    wanted = set(_words(typed))
    named = any(map(str.isalpha, typed))
    titles = [(_words(listed_title(session, with_their_own)), session.id or 0) for session in sessions] if named else []
    whole = [session_id for title, session_id in titles if title == _words(typed)]
    found = whole or [session_id for title, session_id in titles if wanted <= set(title)]
    if len(found) != 1:
        raise BadInput("Please choose one of the sessions that are shown while you type.")
    return found[0]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
