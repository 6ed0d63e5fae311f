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

from domain.announcements import Written, write
from domain.drafts import keep_draft
from domain.kinds import Format, Mode, Provider
from domain.links import Wanted, mint
from domain.materials import add_link, materials_of
from domain.models import Audience, OrganiserAddress, Presenter, Purpose, Transfer
from domain.organisers import add_organiser, sync_organisers
from domain.presenters.naming import NewPresenter, add
from domain.presenters.tokens import token_of as presenting_token
from domain.private_sessions import set_contact
from domain.transfers.asking import hand_over_place
from domain.transfers.tokens import token_of
from domain.visiting import FilledIn, ask
from tests.building import ACTOR, START, Building, one_row, rows
from tests.private_building import made_code, private_session
from tests.series_building import Run, run_of
from tests.visiting_building import LINK_KEY, post_office
from tests.web.conftest import OLGA
from web.app import make_pages
from web.front import Front

#: what the first part of a path is opened by
LINKS = {
    "organise": Purpose.SIGN_IN,
    "prove": Purpose.PROVE,
    "mine": Purpose.MINE,
    "join": Purpose.JOIN,
    "feedback": Purpose.FEEDBACK,
    "calendar": Purpose.FEED,
}
#: 22 characters as a link has them, that open nothing
WRONG = "A" * 22
SCHEDULE = (
    "Date,Time,Title,Host organisation,Platform,Location,Places\n17/03/2027,10-11am,<b>Kinship</b>,Dudley MBC,Teams,,30\n"
    "16/03/2027,11am-12pm,Online hour,,Teams,,5\n"
)
_PLACEHOLDER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass
class Scene:
    """A partnership with one of everything, and the address of each page of it."""

    building: Building
    front: Front
    known: dict[str, str] = field(default_factory=dict)
    instead: dict[str, dict[str, str]] = field(default_factory=dict)  #: what is not `known` in a route of this path
    tokens: dict[Purpose, str] = field(default_factory=dict)
    open: int = 0
    private: int = 0

    @property
    def cookie(self) -> dict[str, str]:
        """What the browser of an organiser keeps, who is signed in."""
        return {"organiser": self.tokens[Purpose.SIGNED_IN]}

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
        known = self.known | self.instead.get(path, {})
        if "/invited/" in path:
            known["session"] = str(self.private)
        if first in LINKS:
            known["token"] = WRONG if wrong else self.tokens.get(LINKS[first], "")
        if wrong:
            known |= {"code": WRONG[:8], "offer": WRONG, "asked": WRONG}
        missing = [name for name in _PLACEHOLDER.findall(path) if not known.get(name)]
        assert not missing, f"{path}: say in tests/web/every_page.py what stands for {missing}"
        return _PLACEHOLDER.sub(lambda found: known[found[1]], path)


def furnish(building: Building, front: Front, *, whole: bool = True) -> Scene:
    """Make one of everything: a day has gone by, and most is still to come. `whole`: Olga organises not only the programme."""
    scene = Scene(building, front)
    person = building.person(1, name="Ann <b>Bold</b>")
    past = _past(building, person)
    scene.open = building.session(title="Strengths & <script>alert(1)</script>", places=4, organisation="Northfield Council")
    hour = building.online(title="Online hour", places=1, starts_at=START + timedelta(days=1))
    day = START + timedelta(days=2)
    both = building.session(title="Two ways", starts_at=day, format=Format.HYBRID, online_places=3, provider=Provider.TEAMS)
    scene.private = private_session(building, starts_at=START + timedelta(days=3))
    building.write(set_contact, building.partnership_id, building.programme_id, "Sam, 0121 496 0001", actor=ACTOR, now=building.now)
    run = run_of(building, days=(START + timedelta(days=3), START + timedelta(days=4)), places=3)
    run.book(person)
    another = run_of(building, "Second course", days=(START + timedelta(days=5), START + timedelta(days=6)), places=3)
    building.book(scene.open, person)
    building.book(both, person, mode=Mode.ONLINE)
    made = made_code(building, most_uses=None)
    scene.known = {
        "partnership": front.each[0].key,
        "programme": str(building.programme_id),
        "session": str(scene.open),
        "series": str(run.id),
        "booking": str(building.booking(scene.open, person).id),
        "code": made.code,
        "invitation": str(made.id),
        "what": "bookings",
    }
    scene.known["offer"] = _offers(building, both)
    presenter, material = presented(building, scene.open)
    scene.known |= {"presenter": str(presenter), "material": str(material), "asked": asked_by_mail(building, presenter)}
    scene.instead = {
        "/mine/{token}/certificates/series/{series:int}.pdf": {"series": str(past.whole(person).id)},
        "/mine/{token}/cpd/{session:int}": {"session": str(past.parts[0])},
        "/organise/session/{session:int}/attendance": {"session": str(past.parts[0])},
        "/organise/session/{session:int}/invitations": {"session": str(scene.private)},
        "/mine/{token}/session/{session:int}/way": {"session": str(both)},
        "/mine/{token}/session/{session:int}/book": {"session": str(hour)},
        "/mine/{token}/series/{series:int}/book": {"series": str(another.id)},
    }
    scene.tokens[Purpose.FEEDBACK] = _link(building, Purpose.FEEDBACK, person, past.parts[0])
    scene.tokens[Purpose.JOIN] = _link(building, Purpose.JOIN, person, both)
    scene.tokens[Purpose.MINE] = _link(building, Purpose.MINE, person)
    scene.tokens[Purpose.FEED] = _link(building, Purpose.FEED, person)
    _asks(scene)
    _organises(scene)
    if whole:
        building.write(sync_organisers, building.partnership_id, [OLGA], now=building.now)
    return scene


def _offers(building: Building, session: int) -> str:
    """Dora asks Eve, whom nobody knows, to take her place; what stands in Eve's link."""
    dora = building.person(31, name="Dora")
    building.book(session, dora, mode=Mode.ROOM)
    asked = building.partnership_id, session, dora, "Eve", "eve@council.gov.uk", building.rules
    building.write(hand_over_place, *asked, now=building.now)
    return token_of(LINK_KEY, building.read(one_row, Transfer))


def presented(building: Building, session: int) -> tuple[int, int]:
    """Somebody who presents a session and was asked to, and something to read for it."""
    where, rules, now = building.partnership_id, building.rules, building.now
    new = NewPresenter("Grace Hopper", "grace@council.gov.uk")
    presenter = building.write(add, where, session, new, rules, actor=ACTOR, now=now)
    building.write(add_link, where, session, "https://slides.example.org/one", "Slides", rules, actor=ACTOR, now=now)
    (material,) = building.read(materials_of, where, session)
    return presenter.id, material.id


def asked_by_mail(building: Building, presenter: int) -> str:
    """What stands in the link of a presenter who was asked by mail."""
    row = building.read(one_row, Presenter, Presenter.id == presenter)
    return presenting_token(LINK_KEY, row, row.address)


def _past(building: Building, person: int) -> Run:
    """A short course that is over, and was attended."""
    run = run_of(building, "Short course", days=tuple(building.now + timedelta(hours=hours) for hours in (2, 6)))
    run.book(person)
    building.later(hours=20)
    for part in run.parts:
        run.attend(part, person)
    return run


def _link(building: Building, purpose: Purpose, person: int, session: int | None = None) -> str:
    booking = building.booking(session, person).id if session is not None else None
    until = building.now + timedelta(days=90)
    wanted = Wanted(purpose, booking or person, building.partnership_id, until, person_id=person, booking_id=booking)
    return str(building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject])


def _asks(scene: Scene) -> None:
    """Ben has asked for a place, and has not opened his mail."""
    building = scene.building
    filled = FilledIn("Ben", "ben@council.gov.uk", organisation="Northfield Council")
    building.write(ask, building.partnership_id, scene.open, filled, building.rules, now=building.now)
    letters = [letter.links for letter in post_office(building)]
    scene.tokens[Purpose.PROVE] = next(links.prove for links in letters if links is not None and links.prove)


def _organises(scene: Scene) -> None:
    """Olga organises the programme, is signed in in one browser and asked to be in another; a file and a message of hers wait."""
    building, where = scene.building, scene.building.partnership_id
    building.write(add_organiser, where, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    (olga,) = building.read(rows, OrganiserAddress)
    until = building.now + timedelta(hours=8)
    wanted = [Wanted(purpose, olga.id, where, until, organiser_id=olga.id) for purpose in (Purpose.SIGN_IN, Purpose.SIGNED_IN)]
    tokens = building.write(mint, LINK_KEY, wanted, now=building.now)
    for one in wanted:
        scene.tokens[one.purpose] = tokens[one.subject]
    draft = building.write(keep_draft, where, building.programme_id, "week.csv", SCHEDULE.encode(), asked_by=None, now=building.now)
    written = Written(building.programme_id, Audience.CONFIRMED, "News <b>now</b>", "Please <script>bring</script> a pen.")
    message = building.write(write, where, written, actor=ACTOR, now=building.now)
    scene.known |= {"draft": str(draft), "message": str(message)}
