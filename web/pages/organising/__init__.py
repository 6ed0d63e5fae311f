"""The organisers' pages: signed in by a link, each sees the programmes that are theirs, and nothing else.

Every route but those of the door is made by `allowed.Allowed`, which alone decides who may.
"""

from __future__ import annotations

from starlette.routing import Route

from web.front import Front
from web.pages.organising import (
    adding,
    calling_off,
    door,
    held,
    imports,
    invitations,
    materials,
    messages,
    people,
    presenters,
    reports,
    running,
    sessions,
    starting,
    week,
)
from web.pages.organising.allowed import Allowed


def routes(front: Front) -> list[Route]:
    """All of them, below `/organise`, and the door of each partnership."""
    allowed = Allowed(front)
    found = door.routes(front, allowed)
    for pages in (
        starting,
        week,
        adding,
        sessions,
        held,
        people,
        presenters,
        materials,
        imports,
        messages,
        reports,
        invitations,
        running,
        calling_off,
    ):
        found += pages.routes(front, allowed)
    return found
