"""Who may open which page: one table, held against the application, and each page tried as everybody.

A new route that is not in the table fails the first test. Who may not open a page may not send its form either.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

import httpx
import pytest

from domain.links import Wanted, mint
from domain.models import AuditEntry, OrganiserAddress, Person, Purpose
from domain.needs.own import tell_needs
from domain.organisers import add_organiser, sync_organisers
from domain.programmes import ensure_partnership
from tests.building import ACTOR, Building, one_row, rows
from tests.private_building import let_in, made_code, private_session
from tests.visiting_building import LINK_KEY
from tests.web.conftest import front_like, stamp
from tests.web.every_page import LINKS, WRONG, Scene, furnish, presented
from tests.web.test_safety_pages import everything, visiting
from web.front import Front
from web.pages.organising.reports import XLSX

OPENS, DOOR, NOT_THERE, REFUSED = "opens", "is led to the door", "is told that there is no such page", "is refused"


class Role(StrEnum):
    """Who tries."""

    NOBODY = "nobody"
    OWN_LINK = "whose link it is"
    ANOTHERS_LINK = "with a link of their own"
    PROGRAMME = "programme's organiser by mail"
    PARTNERSHIP = "partnership's organiser by mail"
    OTHER_PROGRAMME = "organiser of another programme"
    OTHER_PARTNERSHIP = "organiser of another partnership"


class For(StrEnum):
    """Whom a page is for."""

    EVERYONE = "everyone"
    INVITED = "whoever has the invitation's address"
    LINK = "whoever has the very link"
    MINE = "whoever has a link of their own: each sees what is theirs"
    ORGANISERS = "everyone who is signed in"
    WHOLE = "who organises the whole partnership"
    PROGRAMME = "the organisers of the programme"
    PEOPLE = "who may see the people of a private session"


LEFT = dict.fromkeys(Role, NOT_THERE)
SIGNED_IN = dict.fromkeys((Role.PROGRAMME, Role.PARTNERSHIP, Role.OTHER_PROGRAMME, Role.OTHER_PARTNERSHIP), OPENS)
OUTSIDE = dict.fromkeys((Role.NOBODY, Role.OWN_LINK, Role.ANOTHERS_LINK), DOOR)
COMES: dict[For, dict[Role, str]] = {
    For.EVERYONE: dict.fromkeys(Role, OPENS),
    For.INVITED: LEFT | {Role.OWN_LINK: OPENS},
    For.LINK: LEFT | {Role.OWN_LINK: OPENS},
    For.MINE: LEFT | {Role.OWN_LINK: OPENS, Role.ANOTHERS_LINK: OPENS},
    For.ORGANISERS: OUTSIDE | SIGNED_IN,
    For.WHOLE: LEFT | OUTSIDE | {Role.PARTNERSHIP: OPENS, Role.OTHER_PARTNERSHIP: OPENS},
    For.PROGRAMME: LEFT | OUTSIDE | {Role.PROGRAMME: OPENS, Role.PARTNERSHIP: OPENS},
    For.PEOPLE: LEFT | OUTSIDE | {Role.PROGRAMME: OPENS, Role.PARTNERSHIP: REFUSED},
}

MAY: dict[str, For] = {
    "/": For.EVERYONE,
    "/accessibility": For.EVERYONE,
    "/privacy": For.EVERYONE,
    "/organise/door": For.EVERYONE,
    "/{partnership}": For.EVERYONE,
    "/{partnership}/": For.EVERYONE,
    "/invited": For.EVERYONE,
    "/{partnership}/my-link": For.EVERYONE,
    "/{partnership}/my-link/sent": For.EVERYONE,
    "/{partnership}/organise": For.EVERYONE,
    "/{partnership}/organise/asked": For.EVERYONE,
    "/{partnership}/programme/{programme:int}": For.EVERYONE,
    "/{partnership}/programme/{programme:int}/calendar.ics": For.EVERYONE,
    "/{partnership}/series/{series:int}": For.EVERYONE,
    "/{partnership}/series/{series:int}/book": For.EVERYONE,
    "/{partnership}/series/{series:int}/asked": For.EVERYONE,
    "/{partnership}/session/{session:int}": For.EVERYONE,
    "/{partnership}/session/{session:int}/book": For.EVERYONE,
    "/{partnership}/session/{session:int}/asked": For.EVERYONE,
    "/{partnership}/invited/{code}": For.INVITED,
    "/{partnership}/invited/{code}/{session:int}/book": For.INVITED,
    "/{partnership}/invited/{code}/{session:int}/asked": For.INVITED,
    "/calendar/{token}.ics": For.LINK,
    "/feedback/{token}": For.LINK,
    "/handed/{offer}": For.LINK,
    "/join/{token}": For.LINK,
    "/organise/sign-in/{token}": For.LINK,
    "/presenting/{asked}": For.LINK,
    "/prove/{token}": For.LINK,
    "/mine/{token}": For.MINE,
    "/mine/{token}/calendar": For.MINE,
    "/mine/{token}/certificates": For.MINE,
    "/mine/{token}/data": For.MINE,
    "/mine/{token}/data/erase": For.MINE,
    "/mine/{token}/find": For.MINE,
    "/mine/{token}/reminders": For.MINE,
    "/mine/{token}/series/{series:int}/book": For.MINE,
    "/mine/{token}/session/{session:int}/book": For.MINE,
    "/mine/{token}/certificates/programme/{programme:int}.pdf": For.LINK,
    "/mine/{token}/certificates/series/{series:int}.pdf": For.LINK,
    "/mine/{token}/cpd/{session:int}": For.LINK,
    "/mine/{token}/series/{series:int}/cancel": For.LINK,
    "/mine/{token}/session/{session:int}/accept": For.LINK,
    "/mine/{token}/session/{session:int}/cancel": For.LINK,
    "/mine/{token}/session/{session:int}/feedback": For.LINK,
    "/mine/{token}/session/{session:int}/hand-over": For.LINK,
    "/mine/{token}/session/{session:int}/join": For.LINK,
    "/mine/{token}/session/{session:int}/keep": For.LINK,
    "/mine/{token}/session/{session:int}/needs": For.LINK,
    "/mine/{token}/session/{session:int}/way": For.LINK,
    "/organise": For.ORGANISERS,
    "/organise/sign-out": For.ORGANISERS,
    "/organise/start": For.WHOLE,
    "/organise/draft/{draft:int}": For.PROGRAMME,
    "/organise/draft/{draft:int}/all": For.PROGRAMME,
    "/organise/draft/{draft:int}/good": For.PROGRAMME,
    "/organise/invitation/{invitation:int}/take-back": For.PEOPLE,
    "/organise/message/{message:int}": For.PROGRAMME,
    "/organise/message/{message:int}/send": For.PROGRAMME,
    "/organise/message/{message:int}/trial": For.PROGRAMME,
    "/organise/programme/{programme:int}": For.PROGRAMME,
    "/organise/programme/{programme:int}/add": For.PROGRAMME,
    "/organise/programme/{programme:int}/archive": For.PROGRAMME,
    "/organise/programme/{programme:int}/call-off": For.PROGRAMME,
    "/organise/programme/{programme:int}/close": For.PROGRAMME,
    "/organise/programme/{programme:int}/export/{what}.xlsx": For.PROGRAMME,
    "/organise/programme/{programme:int}/history": For.PROGRAMME,
    "/organise/programme/{programme:int}/import": For.PROGRAMME,
    "/organise/programme/{programme:int}/import/forget": For.PROGRAMME,
    "/organise/programme/{programme:int}/import/sample.csv": For.PROGRAMME,
    "/organise/programme/{programme:int}/invitations": For.PEOPLE,
    "/organise/programme/{programme:int}/message": For.PROGRAMME,
    "/organise/programme/{programme:int}/publish": For.PROGRAMME,
    "/organise/programme/{programme:int}/ready": For.PROGRAMME,
    "/organise/programme/{programme:int}/reopen": For.PROGRAMME,
    "/organise/programme/{programme:int}/report": For.PROGRAMME,
    "/organise/programme/{programme:int}/running": For.PROGRAMME,
    "/organise/session/{session:int}": For.PROGRAMME,
    "/organise/session/{session:int}/message": For.PROGRAMME,
    "/organise/session/{session:int}/attendance": For.PEOPLE,
    "/organise/session/{session:int}/cancel": For.PEOPLE,
    "/organise/session/{session:int}/edit": For.PEOPLE,
    "/organise/session/{session:int}/held": For.PEOPLE,
    "/organise/session/{session:int}/history": For.PEOPLE,
    "/organise/session/{session:int}/invitations": For.PEOPLE,
    "/organise/session/{session:int}/material/{material:int}/remove": For.PEOPLE,
    "/organise/session/{session:int}/materials": For.PEOPLE,
    "/organise/session/{session:int}/needs": For.PEOPLE,
    "/organise/session/{session:int}/people": For.PEOPLE,
    "/organise/session/{session:int}/presenter/{presenter:int}": For.PEOPLE,
    "/organise/session/{session:int}/presenter/{presenter:int}/answer": For.PEOPLE,
    "/organise/session/{session:int}/presenter/{presenter:int}/meeting": For.PEOPLE,
    "/organise/session/{session:int}/presenter/{presenter:int}/remove": For.PEOPLE,
    "/organise/session/{session:int}/presenters": For.PEOPLE,
    "/organise/session/{session:int}/privacy": For.PEOPLE,
    "/organise/session/{session:int}/undo": For.PEOPLE,
}
#: what holds people's names, and stands in the audit trail each time that somebody looks
LISTS = {
    "/organise/programme/{programme:int}/export/{what}.xlsx": "export bookings",
    "/organise/session/{session:int}/attendance": "view attendance",
    "/organise/session/{session:int}/needs": "view needs",
    "/organise/session/{session:int}/people": "view bookings",
}
#: of whom everything is: stands on what is theirs and on lists of people, and nowhere else
ANN = "b&gt;Bold"
#: the number of no other link
UNUSED = 7000


@pytest.fixture
def both(front: Front, building: Building) -> Front:
    """The pages of two partnerships."""
    north = building.write(ensure_partnership, "north", "North Partnership", None)
    each = [*front.each, replace(front.each[0], partnership_id=north, key="north", name="North Partnership")]
    return front_like(front, each=each)


@pytest.fixture
def scene(building: Building, both: Front) -> Scene:
    """One of everything; Ann is on a private session to come, and was on one that is over."""
    over = private_session(building, starts_at=building.now + timedelta(hours=21))
    made = furnish(building, both, whole=False)
    ann = building.read(one_row, Person, Person.name == "Ann <b>Bold</b>")
    let_in(building, ann.discord_id, made_code(building).code)
    for one in (over, made.private):
        building.book(one, ann.id, alias=ann.name, accept_clash=True)
        told = {"access": "A ramp"}
        building.write(tell_needs, building.partnership_id, one, ann.discord_id, told, rules=building.rules, now=building.now)
    building.later(hours=2)
    at = "/organise/session/{session:int}"
    presenter, material = presented(building, made.private)
    known = {"session": str(made.private), "presenter": str(presenter), "material": str(material)}
    of_people = [path for path, may in MAY.items() if may is For.PEOPLE and path.startswith(at)]
    made.instead |= dict.fromkeys(of_people, known)
    made.instead[f"{at}/attendance"] = {"session": str(over)}
    return made


def signed_in(building: Building, partnership_id: int, address: str) -> str:
    """What the browser of an organiser keeps, whose address this is."""
    row = building.read(one_row, OrganiserAddress, OrganiserAddress.address == address)
    wanted = Wanted(Purpose.SIGNED_IN, UNUSED, partnership_id, building.now + timedelta(hours=8), organiser_id=row.id)
    return str(building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject])


def kept(scene: Scene, role: Role) -> str:
    """What this one's browser keeps; empty: nothing."""
    building, where = scene.building, scene.building.partnership_id
    if role is Role.PROGRAMME:
        return scene.tokens[Purpose.SIGNED_IN]
    if role is Role.PARTNERSHIP:
        building.write(sync_organisers, where, ["pat@council.gov.uk"], now=building.now)
        return signed_in(building, where, "pat@council.gov.uk")
    if role is Role.OTHER_PROGRAMME:
        other = Building(building.store, where, building.rules, building.now).programme("Another week")
        building.write(add_organiser, where, other, "olly@council.gov.uk", actor=ACTOR, now=building.now)
        return signed_in(building, where, "olly@council.gov.uk")
    if role is Role.OTHER_PARTNERSHIP:
        north = scene.front.ids[1]
        building.write(sync_organisers, north, ["nora@council.gov.uk"], now=building.now)
        return signed_in(building, north, "nora@council.gov.uk")
    return ""


def address(scene: Scene, role: Role, path: str, cleos: str) -> str:
    """The address of a page, as far as this one knows it."""
    if role is Role.ANOTHERS_LINK and path.split("/")[1] in LINKS:
        return scene.example(path, wrong=True).replace(WRONG, cleos)
    return scene.example(path, wrong=role is not Role.OWN_LINK)


def came_of(answer: httpx.Response) -> str:
    """What an answer says about who may."""
    if answer.status_code == 303 and answer.headers["location"] == "/organise/door":
        return DOOR
    if answer.status_code == 403 and "You are not signed in" in answer.text:
        return DOOR
    return {200: OPENS, 303: OPENS, 404: NOT_THERE, 409: REFUSED}.get(answer.status_code, str(answer.status_code))


def cleo(scene: Scene) -> str:
    """Another person's link to their own page."""
    building = scene.building
    person = building.person(7, name="Cleo")
    wanted = Wanted(Purpose.MINE, UNUSED, building.partnership_id, building.now + timedelta(days=90), person_id=person)
    return str(building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject])


def test_the_table_has_every_route_once(scene: Scene) -> None:
    assert sorted({route.path for method in ("GET", "POST") for route in scene.routes(method)}) == sorted(MAY)


@pytest.mark.parametrize("role", Role)
async def test_each_page_is_opened_by_whom_the_table_says_and_no_form_is_taken_from_others(scene: Scene, role: Role) -> None:
    cleos, cookie = cleo(scene), kept(scene, role)
    wrong: list[tuple[str, str, str]] = []
    async with visiting(scene.front) as browser:
        if cookie:
            browser.cookies.set("organiser", cookie)
        for path in (route.path for route in scene.routes("GET")):
            answer = await browser.get(address(scene, role, path, cleos))
            if came_of(answer) != COMES[MAY[path]][role]:
                wrong.append(("GET", path, came_of(answer)))
            if role not in (Role.OWN_LINK, Role.PROGRAMME, Role.PARTNERSHIP) and ANN in answer.text:
                wrong.append(("GET", path, "shows somebody else"))
        form = stamp(await browser.get("/midlands/my-link"))
        before = scene.building.read(everything)
        for path in (route.path for route in scene.routes("POST")):
            if COMES[MAY[path]][role] != OPENS:
                answer = await browser.post(address(scene, role, path, cleos), data={"stamp": form})
                if came_of(answer) != COMES[MAY[path]][role]:
                    wrong.append(("POST", path, came_of(answer)))
        assert wrong == []
        assert scene.building.read(everything) == before


async def test_every_look_at_a_list_of_people_is_in_the_audit_trail(scene: Scene) -> None:
    building, found = scene.building, dict[str, list[tuple[str, str]]]()
    async with visiting(scene.front) as browser:
        browser.cookies.update(scene.cookie)
        for path in (route.path for route in scene.routes("GET") if route.path.startswith("/organise/")):
            before = building.read(rows, AuditEntry)
            answer = await browser.get(scene.example(path))
            if ANN in answer.text or answer.headers["content-type"] == XLSX:
                left = building.read(rows, AuditEntry)[len(before) :]
                found[path] = [(one.actor, one.action) for one in left]
    (olga,) = building.read(rows, OrganiserAddress)
    assert found == {path: [(f"organiser:{olga.id}", action)] for path, action in LISTS.items()}
