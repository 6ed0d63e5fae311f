"""Every page there is, with something to show on it: what walks all routes finds them by the application, and their examples here.

A new route needs no line here while its path is made of what stands in `Scene.known` and of a link of `LINKS`; else it needs one,
and until then whoever walks fails and names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.routing import Route

from domain.kinds import Format, Provider
from domain.links import Wanted, mint
from domain.models import Purpose
from domain.private_sessions import set_contact
from domain.visiting import Wish, ask
from tests.building import ACTOR, Building
from tests.private_building import made_code, private_session
from tests.web.conftest import KEY, post_office
from web.app import make_pages
from web.front import Front

#: what the first part of a path is opened by
LINKS = {
    "prove": Purpose.PROVE,
    "mine": Purpose.MINE,
    "join": Purpose.JOIN,
    "feedback": Purpose.FEEDBACK,
    "calendar": Purpose.FEED,
}
#: 22 characters as a link has them, that open nothing
WRONG = "A" * 22
_PLACEHOLDER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass
class Scene:
    """A partnership with one of everything, and the address of each page of it."""

    building: Building
    front: Front
    known: dict[str, str] = field(default_factory=dict)
    tokens: dict[Purpose, str] = field(default_factory=dict)
    open: int = 0
    private: int = 0

    def routes(self, method: str) -> Iterator[Route]:
        """Every route of the application that takes such a request."""
        for route in make_pages(self.front).routes:
            if isinstance(route, Route) and method in (route.methods or ()):
                yield route

    def paths(self, method: str) -> dict[str, str]:
        """The address of an example, by the path of its route. Fails for a route without one."""
        return {route.path: self.example(route.path) for route in self.routes(method)}

    def example(self, path: str, *, wrong: bool = False) -> str:
        """One address of this route; `wrong`: with a link in it that opens nothing."""
        first = path.split("/")[1]
        known = dict(self.known)
        if "/invited/" in path:
            known["session"] = str(self.private)
        if first in LINKS:
            known["token"] = WRONG if wrong else self.tokens.get(LINKS[first], "")
        if wrong:
            known["code"] = WRONG[:8]
        missing = [name for name in _PLACEHOLDER.findall(path) if not known.get(name)]
        assert not missing, f"{path}: say in tests/web/every_page.py what stands for {missing}"
        return _PLACEHOLDER.sub(lambda found: known[found[1]], path)


def furnish(building: Building, front: Front) -> Scene:
    """Make one of everything."""
    scene = Scene(building, front)
    scene.open = building.session(title="Strengths & <script>alert(1)</script>", places=2, organisation="Northfield Council")
    building.online(title="Online hour", places=1, starts_at=building.now + timedelta(days=15))
    building.session(
        title="Two ways", format=Format.HYBRID, online_places=3, provider=Provider.TEAMS, starts_at=building.now + timedelta(days=16)
    )
    scene.private = private_session(building, starts_at=building.now + timedelta(days=17))
    building.write(set_contact, building.partnership_id, building.programme_id, "Sam, 0121 496 0001", actor=ACTOR, now=building.now)
    person = building.person(1, name="Ann <b>Bold</b>")
    building.book(scene.open, person)
    scene.known = {
        "partnership": front.each[0].key,
        "programme": str(building.programme_id),
        "session": str(scene.open),
        "booking": str(building.booking(scene.open, person).id),
        "code": made_code(building, most_uses=None).code,
    }
    _links(scene, person)
    return scene


def _links(scene: Scene, person: int) -> None:
    building, booking = scene.building, int(scene.known["booking"])
    wish = Wish("Ben", "ben@council.gov.uk", organisation="Northfield Council")
    building.write(ask, building.partnership_id, scene.open, wish, building.rules, now=building.now)
    letters = [letter.links for letter in post_office(building)]
    scene.tokens[Purpose.PROVE] = next(links.prove for links in letters if links is not None and links.prove)
    until = building.now + timedelta(days=90)
    numbers = {Purpose.MINE: person, Purpose.FEED: person, Purpose.JOIN: booking, Purpose.FEEDBACK: booking}
    for purpose, number in numbers.items():
        of_booking = {"booking_id": booking} if number == booking and purpose in (Purpose.JOIN, Purpose.FEEDBACK) else {}
        wanted = Wanted(purpose, number, building.partnership_id, until, person_id=person, **of_booking)
        scene.tokens[purpose] = building.write(mint, KEY, [wanted], now=building.now)[wanted.subject]
