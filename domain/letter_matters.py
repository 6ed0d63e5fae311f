"""Which noun knows what a letter of a kind speaks of. One line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.database import Db
from domain.kinds import Kind
from domain.matters import Matter
from domain.models import Notice

#: `read(db, notice, now=…)`: what the letter speaks of, or None when it is no longer true
Read = Callable[..., Matter | None]

MATTERS: Mapping[Kind, Read] = {}


def read_matter(db: Db, notice: Notice, *, now: datetime) -> Matter | None:
    """What a claimed notice speaks of. None for a kind without, and for a notice that is no longer true."""
    read = MATTERS.get(notice.kind)
    return read(db, notice, now=now) if read else None
