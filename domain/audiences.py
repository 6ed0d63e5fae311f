"""Audiences: whom an open session is for, as far as its organisers have said so.

Whoever takes a place that is open to everybody says where they work, so that organisers see how places are shared out. A parent or
carer may work nowhere here. They need not say so where the audience names them: in a parent-partnership programme, and in a session
(or where it says nothing, a programme) whose audience is everybody, or parents or carers.
"""

from __future__ import annotations

import re

from domain.models import ProgrammeKind

EVERYBODY = frozenset({"all", "everyone", "everybody", "anyone", "anybody"})
FAMILIES = frozenset({"parent", "parents", "carer", "carers", "parent carers", "families", "the public", "people with lived experience"})
#: what stands between two of whom an audience names
_BETWEEN = re.compile(r"[,;/&]|\band\b|\bor\b")


def says_everybody(audience: str) -> bool:
    """Whether it says itself that it is for everybody."""
    return audience.strip().casefold() in EVERYBODY


def is_for_all(audience: str) -> bool:
    """Whether it says that all may come, or all of some: `All`, `All social workers`, `Everyone in adults' services`, `Any role`. Whoever
    narrows a list by an audience still sees it."""
    return audience.casefold().split()[:1] in [[word] for word in (*EVERYBODY, "any")]


def is_for_families(kind: ProgrammeKind, of_session: str, of_programme: str) -> bool:
    """Whether somebody who works for none of the organisations may come. “Children and families” is what people work with."""
    if kind is ProgrammeKind.PARENT_PARTNERSHIP:
        return True
    audience = (of_session.strip() or of_programme.strip()).casefold()
    named = {" ".join(one.split()) for one in _BETWEEN.split(audience)}
    return says_everybody(audience) or bool(named & (FAMILIES - ({"families"} if "children" in named else set())))
