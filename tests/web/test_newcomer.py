"""What somebody new to the pages looks for: what they need online too, a course as one, filters, every error at once, a code on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from domain.admissions import REFUSED
from domain.invitations import revoke
from domain.kinds import Format, Provider
from domain.limits import WRONG_LINKS, Allowance
from domain.models import BookingState, Needs, Part, Person
from domain.visiting import NOT_BOTH
from integrations.letters import word
from integrations.limits import SharedLimits
from tests.building import ACTOR, START, Building, rows
from tests.mail_building import VOICE
from tests.private_building import NEUTRAL, SECRET, made_code, make_private, private_session
from tests.series_building import run_of
from tests.visiting_building import LINK_KEY, post_office, prove_token
from tests.web.conftest import ADDRESS, front_like, press, send, stamp
from tests.web.every_page import WRONG
from tests.web.test_choosing import family
from tests.web.test_mine import mine
from tests.web.test_refused_at_fields import UNSEEN, told
from tests.web.test_safety_pages import visiting
from web.front import Front
from web.safety.guesses import Guesses

ANN = {"name": "Ann", "email": "ann@example.org", "organisation": "Northfield Council"}
CONFIRMED = BookingState.CONFIRMED


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What stands on a page does not depend on the database: the use cases are tried on both."""
    return sqlite_url


async def proven(building: Building, browser: httpx.AsyncClient) -> httpx.Response:
    """The button behind the link of the latest mail."""
    letter = post_office(building)[-1]
    assert letter.links is not None
    return await send(browser, f"/prove/{letter.links.prove}", {})


def listed(page: httpx.Response) -> list[str]:
    """The titles of what is listed, series among it."""
    return [re.sub(r"<[^>]*>", "", one).strip() for one in re.findall(r"<h[34] class=\"govuk-heading-s\"><a[^>]*>(.*?)</a>", page.text)]


# ── what people need ────────────────────────────────────────────────────────────────────────────────────────


async def test_who_comes_online_says_what_they_need_when_they_ask_and_later(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.online()
    form = await browser.get(f"/midlands/session/{session}/book")
    assert ('id="access"' in form.text, "captions, a sign-language interpreter, large print" in form.text) == (True, True)
    assert 'id="dietary"' not in form.text
    await send(browser, f"/midlands/session/{session}/book", ANN | {"access": "Captions"})
    own = await proven(building, browser)
    assert "You have told us what you need." in own.text
    await send(browser, f"{own.url.path}/session/{session}/needs", {"access": "Captions, and easy read"})
    assert [one.access for one in building.read(rows, Needs)] == ["Captions, and easy read"]


# ── a course as one ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_course_stands_together_on_the_programmes_page_and_each_day_says_that_it_is_a_part(
    building: Building, browser: httpx.AsyncClient
) -> None:
    run = run_of(building, "Practitioner teachers", places=2)
    path = f"/midlands/series/{run.id}"
    page = await browser.get(f"/midlands/programme/{building.programme_id}")
    together = page.text.split('id="together"')[1].split("</section>")[0]
    assert [f"Part {n}: Workshop {n}, " in together for n in (1, 2, 3)] == [True] * 3
    assert re.findall(rf'href="{path}/book"[^>]*>([^<]*)<', together) == ["Book all 3 parts"]
    days = page.text.split("</section>", 1)[1]
    assert [f"Part {n} of 3 of <a" in days for n in (1, 2, 3)] == [True] * 3
    assert (await browser.get(f"{path}/book")).status_code == 200


async def test_a_full_course_is_waited_for_one_that_began_says_what_is_left_and_one_with_a_private_part_is_not_offered(
    building: Building, browser: httpx.AsyncClient
) -> None:
    run, at = run_of(building, places=1), f"/midlands/programme/{building.programme_id}"
    building.now = START + timedelta(hours=1)
    assert ">Book the 2 parts that are left<" in (await browser.get(at)).text
    run.book(building.person(1))
    assert ">Join the waiting list for the 2 parts that are left<" in (await browser.get(at)).text
    building.write(make_private, run.parts[2])
    hidden = (await browser.get(at)).text
    assert ('id="together"' in hidden, "of <a" in hidden, "Practitioner teachers" in hidden) == (False, False, False)


async def test_a_course_is_narrowed_with_its_parts(building: Building, browser: httpx.AsyncClient) -> None:
    run_of(building, "By day", format=Format.ONLINE, provider=Provider.TEAMS, venue=None)
    building.session(title="Kinship")
    at = f"/midlands/programme/{building.programme_id}"
    assert "By day" in listed(await browser.get(f"{at}?format=online"))
    assert "By day" not in listed(await browser.get(f"{at}?format=in_person"))


# ── filters ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_ones_own_list_is_narrowed_as_the_programmes_page_is(building: Building, browser: httpx.AsyncClient) -> None:
    tuesday = START + timedelta(days=1)
    building.session(title="Kinship", audience="Managers", organisation="Northfield Council")
    building.session(title="Fathers", audience="Students", organisation="Southfield Trust", starts_at=tuesday)
    building.online(title="Hour", audience="Everyone", starts_at=tuesday)
    run_of(building, "Course", days=(START + timedelta(days=2), START + timedelta(days=3)))
    pages = f"/midlands/programme/{building.programme_id}", f"{mine(building, building.person(1))}/find"
    for at in pages:
        names = re.findall(r'<select class="govuk-select" id="(\w+)"', (await browser.get(at)).text)
        assert names == ["audience", "format", "organisation", "day"]
        for query, found in (
            ("audience=Managers", ["Kinship", "Hour"]),
            ("format=online", ["Hour"]),
            ("organisation=Southfield%20Trust", ["Fathers"]),
            ("day=2027-03-16", ["Fathers", "Hour"]),
            ("day=2027-03-16&audience=Students&format=in_person", ["Fathers"]),
            ("day=never", []),
        ):
            page = await browser.get(f"{at}?{query}")
            assert listed(page) == found, (at, query)
            assert "Show all of them" in page.text


async def test_what_is_for_all_of_some_is_missed_by_nobody_who_narrows_the_list(building: Building, browser: httpx.AsyncClient) -> None:
    for title, audience in (
        ("One", "Adults"),
        ("Two", "All social workers"),
        ("Three", "All"),
        ("Four", "Allied health"),
        ("Five", "Children"),
    ):
        building.session(title=title, audience=audience)
    page = await browser.get(f"/midlands/programme/{building.programme_id}?audience=Adults")
    assert sorted(listed(page)) == ["One", "Three", "Two"]


# ── every error at once ─────────────────────────────────────────────────────────────────────────────────────


async def test_every_field_of_asking_for_a_place_is_told_at_once(building: Building, browser: httpx.AsyncClient) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.TEAMS, online_places=5)
    wrong = {"email": "ann@", "organisation": "ß" * 150, "access": "x" * 301, "dietary": UNSEEN}
    page = await send(browser, f"/midlands/session/{session}/book", wrong)
    assert [name for name, _ in told(page)] == ["name", "email", "organisation", "mode", "access", "dietary"]
    assert building.read(rows, Person) == []


async def test_every_field_of_handing_over_is_told_at_once(building: Building, browser: httpx.AsyncClient) -> None:
    dora, room = building.person(1, name="Dora"), building.session(places=1)
    building.book(room, dora)
    at = f"{mine(building, dora)}/session/{room}/hand-over"
    assert told(await press(browser, at, name="", email="eve@")) == [
        ("name", "Enter your colleague’s name."),
        ("email", "That e-mail address cannot be used. Enter one address, like name@council.gov.uk."),
    ]


async def test_every_need_is_told_at_once(building: Building, browser: httpx.AsyncClient) -> None:
    me, session = building.person(1), building.session()
    building.book(session, me)
    page = await press(browser, f"{mine(building, me)}/session/{session}/needs", access=UNSEEN, dietary="x" * 301)
    assert [name for name, _ in told(page)] == ["access", "dietary"]


async def test_every_field_of_a_new_session_is_told_at_once(building: Building, olga: httpx.AsyncClient) -> None:
    typed = {"title": "", "date": "16/03/2027", "start": "the end", "end": "3pm", "held": "Zoom", "newest": "0"}
    wrong = {"audience": "A" * 201, "link": "soon", "online_places": "5"}
    page = await press(olga, f"/organise/programme/{building.programme_id}/add", **typed | wrong)
    assert [name for name, _ in told(page)] == ["title", "start", "audience", "link", "online_places"]
    longer = {"title": "T" * 201, "start": "2pm", "link": "", "online_places": ""}
    page = await press(olga, f"/organise/programme/{building.programme_id}/add", **typed | wrong | longer)
    assert [name for name, _ in told(page)] == ["title", "audience"]


# ── a code on paper ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_code_from_a_letter_leads_to_what_its_link_shows(building: Building, browser: httpx.AsyncClient) -> None:
    private_session(building)
    code = made_code(building).code
    assert 'href="/invited"' in (await browser.get("/midlands")).text
    for typed in (code, code.lower().replace("-", " "), f" {code.replace('-', '')} "):
        page = await send(browser, "/invited", {"code": typed})
        assert (page.url.path, NEUTRAL in page.text, SECRET in page.text) == (f"/midlands/invited/{code}", True, False)


async def test_a_code_that_opens_nothing_is_one_same_sentence_and_counts_as_a_wrong_link(building: Building, front: Front) -> None:
    private_session(building)
    over, gone = made_code(building, days=1).code, made_code(building)
    building.write(revoke, building.partnership_id, gone.id, actor=ACTOR, now=building.now)
    building.later(days=2)
    good = made_code(building).code
    limits = SharedLimits(front.store, {WRONG_LINKS: Allowance(3, 600)}, clock=front.clock)
    async with visiting(front_like(front, guesses=Guesses(limits, LINK_KEY))) as visitor:
        assert [name for name, _ in told(await send(visitor, "/invited", {"code": " "}))] == ["code"]
        for wrong in ("AAAAA-AAAAA-AAAAA", over, gone.code):
            assert told(await send(visitor, "/invited", {"code": wrong})) == [("code", REFUSED)]
        assert (await send(visitor, "/invited", {"code": "AAAAA"})).status_code == 429
        assert (await visitor.get(f"/mine/{WRONG}")).status_code == 429  # one count for both
        assert (await send(visitor, "/invited", {"code": good})).headers["location"] == f"/midlands/invited/{good}"
        assert (await visitor.post("/invited", data={"code": good})).status_code == 403


async def test_a_code_says_nothing_of_another_partnership(building: Building, front: Front) -> None:
    private_session(building)
    code = made_code(building).code
    stranger = replace(front.each[0], partnership_id=building.partnership_id + 1, key="elsewhere")
    async with visiting(front_like(front, each=[stranger])) as visitor:
        assert told(await send(visitor, "/invited", {"code": code})) == [("code", REFUSED)]


async def test_who_makes_an_invitation_is_told_what_to_print(building: Building, olga: httpx.AsyncClient) -> None:
    session = private_session(building)
    made = await press(olga, f"/organise/session/{session}/invitations", people="2", newest="0")
    (code,) = re.findall(r'<span class="copy">([A-Z0-9]{5}(?:-[A-Z0-9]{5}){2})</span>', made.text)
    assert f'<span class="copy">{ADDRESS}/invited</span>' in made.text
    assert NEUTRAL in (await send(olga, "/invited", {"code": code})).text


# ── parents and carers, who work for nobody here ────────────────────────────────────────────────────────────

NOBODYS = {"name": "Pat", "email": "pat@family.example", "family": "yes"}


async def test_a_parent_who_works_nowhere_books_what_is_for_them(building: Building, browser: httpx.AsyncClient) -> None:
    building.rules = replace(building.rules, mail_domains=("council.gov.uk",))
    session = building.session(title="Panel", audience="Parents and carers, social workers")
    at = f"/midlands/session/{session}/book"
    assert "I do not work for any of these. I am a parent or carer." in (await browser.get(at)).text
    neither = {"name": "Pat", "email": "pat@family.example"}
    assert "organisation" in [name for name, _ in told(await send(browser, at, neither))]
    await send(browser, at, NOBODYS)
    own = await proven(building, browser)
    assert "You have a place." in own.text
    (pat,) = building.read(rows, Person)
    assert (pat.part, pat.organisation_id, building.booking(session, pat.id).state) == (Part.PARENT, None, CONFIRMED)


async def test_who_says_both_is_asked_and_where_it_is_for_who_works_here_the_way_is_not_there(
    building: Building, browser: httpx.AsyncClient
) -> None:
    both, staff = building.session(audience="Everyone"), building.session(audience="Social workers")
    page = await send(browser, f"/midlands/session/{both}/book", NOBODYS | {"organisation": "Northfield Council"})
    assert told(page) == [("organisation", NOT_BOTH)]
    form = f"/midlands/session/{staff}/book"
    assert 'name="family"' not in (await browser.get(form)).text
    assert [name for name, _ in told(await send(browser, form, NOBODYS))] == ["organisation"]
    assert building.read(rows, Person) == []


async def test_a_family_finds_and_books_on_its_own_page_what_is_for_it_and_says_where_it_works_for_the_rest(
    building: Building, browser: httpx.AsyncClient
) -> None:
    own = await family(building, browser)
    panel = building.session(title="Panel", audience="Parents", starts_at=START + timedelta(days=1))
    staff = building.session(title="Kinship", audience="Social workers", starts_at=START + timedelta(days=2))
    found = await browser.get(f"{own}/find")
    assert (listed(found), "Where do you work or study?" in found.text) == (["Panel"], True)
    mark = stamp(found)
    assert (await browser.post(f"{own}/session/{staff}/book", data={"stamp": mark})).status_code == 409
    done = await browser.post(f"{own}/session/{panel}/book", data={"stamp": mark})
    assert (done.url.path, "You have a place." in done.text) == (own, True)
    await send(browser, f"/midlands/session/{panel}/book", {"name": "Rosie", "email": "rosie@family.example", "family": "yes"})
    assert "Where do you work" not in (await browser.get(f"/prove/{prove_token(building)}")).text


async def test_by_their_mails_link_a_family_is_asked_where_it_works_only_for_what_is_not_for_it(
    building: Building, browser: httpx.AsyncClient
) -> None:
    await family(building, browser)
    asked = []
    for audience in ("Parents and carers", "Social workers"):
        session = building.session(audience=audience, starts_at=START + timedelta(days=2))
        await send(browser, f"/midlands/session/{session}/book", ANN | {"email": "rosie@family.example"})
        asked.append("Where do you work or study?" in (await browser.get(f"/prove/{prove_token(building)}")).text)
    assert asked == [False, True]


# ── the mail that asks ──────────────────────────────────────────────────────────────────────────────────────


def said_in(building: Building) -> list[str]:
    """The mails that are due, in words; what is each one's own is taken out."""
    return [re.sub(r"https://\S+", "LINK", word(one, replace(VOICE, web="https://week.example.org")).text) for one in post_office(building)]


async def test_the_mail_names_what_was_asked_for_and_how_long_it_is_kept_alike_for_known_and_unknown(
    building: Building, front: Front
) -> None:
    building.rules = replace(building.rules, hold=timedelta(minutes=45))
    building.person(1, email="known@example.org", email_key="known@example.org")
    session = building.session(title="Kinship", places=40)
    async with visiting(front_like(front, each=[replace(front.each[0], rules=building.rules)])) as visitor:
        for address in ("known@example.org", "new@example.org"):
            await send(visitor, f"/midlands/session/{session}/book", ANN | {"email": address})
    known, new = said_in(building)
    assert known == new
    assert "asked for a place at Kinship with this e-mail address" in new
    assert "It is on Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)." in new
    assert "We keep the place for 45 minutes after it was asked for." in new
    assert "After that, we can only book you a place if one is still free." in new


async def test_the_page_after_the_form_says_how_long_the_setting_keeps_a_place(building: Building, front: Front) -> None:
    whose = replace(front.each[0], rules=replace(building.rules, hold=timedelta(minutes=45)))
    session = building.session(title="Kinship")
    async with visiting(front_like(front, each=[whose])) as visitor:
        await send(visitor, f"/midlands/session/{session}/book", ANN)
        said = (await visitor.get(f"/midlands/session/{session}/asked")).text
    assert "<strong>Kinship</strong>, Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)." in said
    assert "If we can, we keep a place for you for 45 minutes." in said


async def test_of_a_private_session_the_mail_says_the_neutral_title_and_nothing_that_only_a_place_gives(
    building: Building, browser: httpx.AsyncClient
) -> None:
    session, code = private_session(building, notes="Ring at the side door."), made_code(building).code
    await send(browser, f"/midlands/invited/{code}/{session}/book", {"name": "Rosie", "email": "rosie@family.example"})
    (mail,) = said_in(building)
    hidden = (SECRET, "About care.", "side door", "Rosie", "Town Hall")
    assert (NEUTRAL in mail, [one for one in hidden if one in mail]) == (True, [])


async def test_of_a_series_the_mail_names_it_and_its_next_part_and_where_nothing_is_kept_it_promises_nothing(
    building: Building, browser: httpx.AsyncClient
) -> None:
    run = run_of(building, "Teachers", places=1)
    run.book(building.person(1))
    await send(browser, f"/midlands/series/{run.id}/book", ANN)
    mail = said_in(building)[-1]
    assert "asked for a place on all parts of Teachers with this e-mail address." in mail
    assert "The next part is Workshop 1: Monday 15 March 2027, 9.30am to 12.30pm, UK time (GMT)." in mail
    assert ("We keep" in mail, "This counts for" in mail) == (False, False)
