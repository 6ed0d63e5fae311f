"""Every page in every state, in a real browser: no fault that axe finds, no sideways scrolling, the keyboard alone, focus that is seen.

With PRACTICEWEEK_PICTURES set to a folder, each page is drawn into its folder `web` as well, 320 and 1,280 px wide; what else is odd
in the scene, long words and markup in names, is left out of the pictures.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright
from sqlmodel import Session as Database
from sqlmodel import col, update

from domain.kinds import Format, Provider
from domain.links import Wanted, mint
from domain.models import Announcement, Person, Purpose, Session
from domain.visiting import FilledIn, ask
from practiceweek.processes.pages import Pages
from tests.acceptance.play_browser import chromium
from tests.building import START, Building
from tests.private_building import parent
from tests.series_building import run_of
from tests.visiting_building import LINK_KEY, prove_token
from tests.web.conftest import front_like
from tests.web.every_page import WRONG, Scene, furnish
from web.front import Front
from web.surroundings import Place

WIDE, NARROW = 1280, 320
PICTURES = os.environ.get("PRACTICEWEEK_PICTURES", "")
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
LOOK = """async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})).violations
  .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html).join(' | ')}`)"""
#: what the keyboard must come to, and how it looks when it is there and when it is not
REACHABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary"
LOOKS = """one => {
  const label = one.nextElementSibling?.matches('label') ? one.nextElementSibling : null;
  const s = getComputedStyle(one), p = getComputedStyle(label || one, label ? '::before' : null);
  return [s.outlineStyle, s.outlineWidth, s.boxShadow, s.backgroundColor, s.color, p.boxShadow, p.outlineWidth].join('/'); }"""
#: where the keyboard is: its number, how it looks, and what it is
HERE = f"() => [document.activeElement.dataset.stop || '', ({LOOKS})(document.activeElement), document.activeElement.outerHTML]"
#: the fields that are wrong, and whether each is told so where it stands
TIED = """() => [...document.querySelectorAll('.govuk-error-summary a')].map(link => {
  const field = document.getElementById(link.hash.slice(1));
  if (!field) return `${link.hash}: no such field`;
  const said = [field, field.closest('fieldset')].filter(Boolean).flatMap(one => (one.getAttribute('aria-describedby') || '').split(' '))
    .filter(Boolean).map(id => document.getElementById(id)?.innerText || '').join(' ');
  return said.includes(link.innerText) ? '' : `${link.hash}: not told beside it`; })"""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a page looks like does not depend on the database."""
    return sqlite_url


@pytest.fixture
def scene(building: Building, front: Front) -> Scene:
    """One of everything; and a session that is full, with a long waiting list, and long words in all that is said of it."""
    made = furnish(building, front)
    long = "Council" if PICTURES else "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
    full = building.session(
        title=f"{long} and a great deal more that somebody thought had to stand in the title of a session",
        places=1,
        starts_at=START + timedelta(hours=3),
        organisation=f"The {long} of Northfield",
        presenter="Grace Hopper" if PICTURES else f"Dr {long}",
        venue=f"{long}, room 2",
        description=f"{long} " * 8,
        audience=f"Everybody who is {long}",
    )
    for number in (11, 12, 13):
        building.book(full, building.person(number))
    made.known["full"] = str(full)
    made.known["families"] = str(building.session(title="Panel", audience="Parents and carers", starts_at=START + timedelta(hours=6)))
    family = parent(building, 50)
    wanted = Wanted(Purpose.MINE, family, building.partnership_id, building.now + timedelta(days=90), person_id=family)
    made.known["family"] = building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject]
    filled = FilledIn("Rosie", "parent50@family.example", organisation="Northfield Council")
    building.write(ask, building.partnership_id, made.open, filled, building.rules, now=building.now)
    made.known["proof"] = prove_token(building)
    made.known["choice"] = str(run_of(building, "Third course", format=Format.HYBRID, provider=Provider.TEAMS, online_places=3).id)
    if PICTURES:
        building.write(_plain)
    return made


def _plain(db: Database) -> None:
    """Names as people have them, for the pictures."""
    db.exec(update(Session).where(col(Session.title).contains("<")).values(title="Strengths in families"))
    known = {"title": "Working with fathers", "audience": "newly qualified social workers"}
    db.exec(update(Session).where(col(Session.title).contains("a great deal")).values(**known))
    db.exec(update(Announcement).values(subject="What to bring", words="Please bring a pen, and something to drink."))
    db.exec(update(Person).where(col(Person.name).contains("<")).values(name="Ann Bold"))


def _kept(picture: bytes, name: str) -> None:
    """The upper part of a picture, in the 32 colours that it has most of: it is to be small."""
    folder = Path(PICTURES, "web")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = Image.open(BytesIO(picture)).convert("RGB")
    drawn = drawn.crop((0, 0, drawn.width, min(drawn.height, drawn.width + 880)))
    most: list[tuple[int, Any]] = sorted(drawn.getcolors(drawn.width * drawn.height) or [], reverse=True)[:32]
    colours = Image.new("P", (1, 1))
    colours.putpalette([part for _, colour in most for part in colour])
    drawn.quantize(palette=colours, dither=Image.Dither.NONE).save(folder / name, optimize=True)


def states(scene: Scene, *, organising: bool) -> dict[str, str]:
    """Every page that is HTML, by a name for its picture; `organising`: the organisers' or the others'."""
    files = (".pdf", ".ics", ".xlsx", ".csv")
    found = {
        _named(route): path for route, path in scene.paths("GET").items() if not route.endswith(files) and route not in ("/", "/organise")
    }
    programme, full = f"/midlands/programme/{scene.building.programme_id}", scene.known["full"]
    found |= {
        "session-full": f"/midlands/session/{full}",
        "session-full-book": f"/midlands/session/{full}/book",
        "programme-none-fits": f"{programme}?organisation=Nobody",
        "mine-find-asked": f"/mine/{scene.known['family']}/find",
        "prove-asked": f"/prove/{scene.known['proof']}",
        "mine-series-full": f"/mine/{scene.tokens[Purpose.MINE]}/series/{scene.known['choice']}/book",
        "not-found": f"/mine/{WRONG}",
        "invited-paper": "/invited",
        "session-book-families": f"/midlands/session/{scene.known['families']}/book",
    }
    found["organise-programme-call-off-day"] = f"/organise{programme.removeprefix('/midlands')}/call-off?day={START:%Y-%m-%d}"
    found |= {f"organise-{name}-full": f"/organise/session/{full}{rest}" for name, rest in (("session", ""), ("people", "/people"))}
    return {name: path for name, path in found.items() if path.startswith("/organise") is organising}


def _named(route: str) -> str:
    parts = [part for part in route.split("/") if part and not part.startswith("{")]
    return "-".join(parts) or "programmes"


#: forms that are sent empty, to see what is said
FORMS = {
    False: (
        *("session-book", "session-book-families", "series-book", "invited-book", "invited-paper", "my-link"),
        *("mine-session-hand-over", "mine-find-asked", "mine-series-full", "handed", "presenting", "prove-asked"),
    ),
    True: (
        *("start", "programme-add", "programme-import", "programme-message"),
        *("session-edit", "session-held", "session-materials", "session-presenters"),
    ),
}


@asynccontextmanager
async def at_a_browser(scene: Scene) -> AsyncIterator[Page]:
    """A page of a browser on the pages as they are served; what is behind the organisers' door is open."""
    found = chromium()  # looked for before anything is begun
    front = scene.front
    place = Place("http://127.0.0.1")
    pages = Pages(front_like(front, place=place), "127.0.0.1", 0)
    serving = asyncio.create_task(pages.serve())
    try:
        async with async_playwright() as made:
            browser = await made.chromium.launch(executable_path=found, args=["--no-sandbox"])
            context = await browser.new_context(bypass_csp=True, base_url=pages.address)
            await context.add_cookies([{"name": name, "value": value, "url": pages.address} for name, value in scene.cookie.items()])
            yield await context.new_page()
            await browser.close()
    finally:
        await pages.close()
        await serving


async def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is shown, in every respect."""
    await page.set_viewport_size({"width": WIDE, "height": 900})
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(LOOK, RULES)
    for width in (WIDE, NARROW):
        await page.set_viewport_size({"width": width, "height": 900})
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{wide} px wide at {width}")
        if PICTURES and not name.endswith(("-full", "-full-book", "-wrong", "-fits", "-door", "-asked", "-sent")):
            _kept(await page.screenshot(full_page=True), f"{name}-{width}.png")
    if await page.evaluate("document.documentElement.lang") != "en-GB":
        found.append("its language is not said")
    return [*found, *filter(None, await page.evaluate(TIED))]


async def keyboard_faults(page: Page) -> list[str]:
    """What the keyboard does not come to, or comes to without a sign. A group of choices is one stop, and arrows go on."""
    found = []
    await page.set_viewport_size({"width": WIDE, "height": 900})
    await page.evaluate(NUMBERED, REACHABLE)
    there = await page.evaluate(STOPS)
    look_at_all = f"there => Object.fromEntries(there.map(at => [at, ({LOOKS})(document.querySelector(`[data-stop='${{at}}']`))]))"
    unfocused = await page.evaluate(look_at_all, there)
    await page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    came = list[str]()
    for _ in range(len(there) + 5):
        await page.keyboard.press("Tab")
        number, looks, html = await page.evaluate(HERE)
        if number in came or html.startswith("<body"):
            break
        if not number:  # a wide table, which the arrows move
            continue
        came.append(number)
        if looks == unfocused.get(number):
            found.append(f"no sign of focus: {html}"[:200])
    missed = [number for number in there if number not in came]
    order = [int(number) for number in came]
    return found + [f"Tab does not reach {missed}"] * bool(missed) + ["Tab goes to and fro"] * (order != sorted(order))


NUMBERED = "every => document.querySelectorAll(every).forEach((one, at) => one.dataset.stop = at)"
STOPS = """() => { const groups = new Set(); return [...document.querySelectorAll('[data-stop]')].filter(one => {
  if (one.disabled || !one.checkVisibility()) return false;
  if (one.type !== 'radio') return true;
  const group = [...document.querySelectorAll(`input[type=radio][name="${one.name}"]`)];
  return one === (group.find(other => other.checked) || group[0]); }).map(one => one.dataset.stop); }"""


@pytest.mark.parametrize("organising", [False, True], ids=["visitors", "organisers"])
async def test_every_page_in_every_state_is_there_for_everybody(scene: Scene, *, organising: bool) -> None:
    wrong, titles = dict[str, list[str]](), dict[str, str]()
    async with at_a_browser(scene) as page:
        for name, path in states(scene, organising=organising).items():
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == (404 if name == "not-found" else 200), path
            titles[name] = await page.title()
            found = await faults_of(page, name) + await keyboard_faults(page)
            if name.removeprefix("organise-") in FORMS[organising]:
                found += await _sent_empty(page, name)
            if found:
                wrong[name] = found
    assert wrong == {}
    assert [name for name, title in titles.items() if not title.strip()] == []


async def test_the_answer_with_the_address_of_a_new_invitation_is_there_for_everybody(scene: Scene) -> None:
    async with at_a_browser(scene) as page:
        await page.goto(scene.paths("GET")["/organise/session/{session:int}/invitations"])
        await page.get_by_role("button", name="Make it").click()
        await page.get_by_role("heading", name="A new invitation").wait_for()
        assert await faults_of(page, "organise-invitation-made") + await keyboard_faults(page) == []


async def _sent_empty(page: Page, name: str) -> list[str]:
    """The same page once more, with what is wrong beside each field."""
    await page.goto(page.url)
    await page.evaluate("document.querySelectorAll('main form input[type=text], main form textarea').forEach(one => one.value = '')")
    buttons = page.locator("main form[method=post] button")
    await (buttons.last if name == "mine-find-asked" else buttons.first).click()  # there, after what they can book already
    await page.locator(".govuk-error-summary").wait_for()
    found = await faults_of(page, f"{name}-wrong")
    if not (await page.title()).startswith("Error: "):
        found.append("its title does not say that something is wrong")
    return [f"sent empty: {one}" for one in found]
