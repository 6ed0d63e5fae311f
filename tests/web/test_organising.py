"""The organisers' pages: in by a link that serves once, to the programmes that are theirs, and to nothing else."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.routing import Route

from domain.database import Db
from domain.models import AuditEntry, InvitationCode, Link, Session
from domain.organisers import add_organiser, remove_organiser, sync_organisers
from integrations.letters import word
from practiceweek.limits import shared_limits
from practiceweek.settings.installation import Settings
from tests.building import ACTOR, Building, rows
from tests.mail_building import VOICE
from tests.organiser_building import WEEK, csv
from tests.visiting_building import LINK_KEY
from tests.web.conftest import ADDRESS, OLGA, front_like, press, stamp
from tests.web.conftest import asked_to_sign_in as asked
from tests.web.conftest import sign_in_letters as letters
from tests.web.every_page import presented
from tests.web.test_safety_pages import visiting
from web.app import make_pages
from web.front import Front
from web.safety.guesses import Guesses

ASKED = "If this address may organise here, a link is on its way to it."


@pytest.fixture
def other(building: Building) -> int:
    """A programme that is not Olga's, with a session of its own."""
    mine = building.programme_id
    theirs = building.programme("Another week")
    building.programme_id = mine
    return theirs


# ── the door ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_door_says_the_same_to_every_address_and_writes_only_to_an_organisers(
    building: Building, browser: httpx.AsyncClient
) -> None:
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    building.person(7)
    pages = [await asked(browser, one) for one in (OLGA, "nobody@example.org", "person7@council.gov.uk")]
    assert (
        len({(page.status_code, page.url.path, page.text.replace(stamp(pages[0]) if "stamp" in page.text else "", "")) for page in pages})
        == 1
    )
    assert ASKED in pages[0].text
    assert [one.recipient.address for one in letters(building)] == [OLGA]


async def test_what_is_no_address_is_told_beside_its_field(browser: httpx.AsyncClient) -> None:
    for typed in ("", "olga", "a@b@c"):
        page = await asked(browser, typed)
        assert (page.status_code, 'href="#email"' in page.text) == (422, True)


async def test_opening_the_link_signs_nobody_in_and_its_button_does_so_once(building: Building, browser: httpx.AsyncClient) -> None:
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    await asked(browser)
    (letter,) = letters(building)
    assert letter.links is not None
    link = f"/organise/sign-in/{letter.links.sign_in}"
    for _ in range(3):
        assert "Press the button to sign in" in (await browser.get(link)).text
    assert (await browser.get("/organise")).url.path == "/midlands/organise"
    page = await browser.get(link)
    assert (await browser.post(link, data={"stamp": stamp(page)})).url.path == f"/organise/programme/{building.programme_id}"
    assert (await browser.post(link, data={"stamp": stamp(page)})).status_code == 404
    over = await browser.get(link)
    assert (over.status_code, 'href="/midlands/organise">Ask for a new link' in over.text) == (404, True)
    assert (await browser.get(f"/organise/sign-in/{'A' * 22}")).text == over.text, "what never was is told alike"


async def test_a_whole_council_may_ask_for_links_and_one_address_few(building: Building, front: Front) -> None:
    own = shared_limits(Settings.model_construct(), building.store, now=front.clock)
    async with visiting(front_like(front, guesses=Guesses(own, LINK_KEY))) as visitor:
        mark = stamp(await visitor.get("/midlands/organise"))
        building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)

        async def asks(address: str) -> httpx.Response:
            return await visitor.post("/midlands/organise", data={"stamp": mark, "email": address})

        for whom in (OLGA, "nobody@example.org"):
            tries = [await asks(whom) for _ in range(7)]
            assert [one.status_code for one in tries] == [303] * 6 + [429]
            assert "with this address" in tries[-1].text
        assert {(await asks(f"one{number}@council.gov.uk")).status_code for number in range(60)} == {303}


async def test_a_link_is_over_after_a_quarter_of_an_hour_and_being_signed_in_after_eight_hours(
    building: Building, browser: httpx.AsyncClient, olga: httpx.AsyncClient
) -> None:
    assert (await olga.get("/organise")).status_code == 200
    building.later(hours=8)
    assert (await olga.get("/organise")).url.path == "/midlands/organise"
    await asked(browser)
    (letter,) = letters(building)
    assert letter.links is not None
    building.later(minutes=15)
    assert (await browser.get(f"/organise/sign-in/{letter.links.sign_in}")).status_code == 404


async def test_an_older_mail_does_not_come_to_life_again_with_a_newer_one(building: Building, browser: httpx.AsyncClient) -> None:
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    await asked(browser)
    (first,) = letters(building)
    building.later(minutes=16)
    await asked(browser)
    (second,) = letters(building)
    assert first.links
    assert second.links
    assert first.links.sign_in != second.links.sign_in
    assert (await browser.get(f"/organise/sign-in/{first.links.sign_in}")).status_code == 404
    assert (await browser.get(f"/organise/sign-in/{second.links.sign_in}")).status_code == 200


async def test_at_most_five_links_an_hour_go_to_one_address(building: Building, browser: httpx.AsyncClient) -> None:
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    for _ in range(7):
        assert ASKED in (await asked(browser)).text
        building.later(seconds=1)
    assert len(letters(building)) == 5


async def test_signing_out_ends_what_the_browser_kept(building: Building, olga: httpx.AsyncClient) -> None:
    kept = olga.cookies["organiser"]
    await press(olga, "/organise/programme/" + str(building.programme_id), button="/organise/sign-out")
    assert "organiser" not in olga.cookies
    olga.cookies.set("organiser", kept, domain="testserver.local")
    assert (await olga.get("/organise")).url.path == "/midlands/organise"


async def test_an_address_that_organises_no_more_is_out_at_once(building: Building, olga: httpx.AsyncClient) -> None:
    building.write(remove_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    assert (await olga.get("/organise")).url.path == "/midlands/organise"
    await asked(olga)
    assert letters(building) == []


@pytest.mark.parametrize("by_settings", [False, True])
async def test_who_is_let_in_again_signs_in_again(building: Building, olga: httpx.AsyncClient, by_settings: bool) -> None:
    here, programme = building.partnership_id, building.programme_id
    if by_settings:
        building.write(remove_organiser, here, programme, OLGA, actor=ACTOR, now=building.now)
        building.write(sync_organisers, here, [OLGA], now=building.now)
        building.later(seconds=1)
        await asked(olga)
        (letter,) = letters(building)
        assert letter.links is not None
        await press(olga, f"/organise/sign-in/{letter.links.sign_in}")
    assert (await olga.get("/organise")).url.path == f"/organise/programme/{programme}"
    building.later(seconds=1)
    await asked(olga)
    building.later(seconds=1)
    mailed = [one.links.sign_in for one in letters(building) if one.links]
    if by_settings:
        for named in ([], [OLGA]):
            building.write(sync_organisers, here, named, now=building.now)
    else:
        building.write(remove_organiser, here, programme, OLGA, actor=ACTOR, now=building.now)
        building.write(add_organiser, here, programme, OLGA, actor=ACTOR, now=building.now)
    assert (await olga.get("/organise")).url.path == "/midlands/organise"
    assert [(await olga.get(f"/organise/sign-in/{one}")).status_code for one in mailed] == [404]
    await asked(olga)
    assert len(letters(building)) == 1, "a new one is mailed"


async def test_who_still_organises_another_programme_stays_signed_in(building: Building, olga: httpx.AsyncClient, other: int) -> None:
    building.write(add_organiser, building.partnership_id, other, OLGA, actor=ACTOR, now=building.now)
    building.write(remove_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    assert (await olga.get("/organise")).url.path == f"/organise/programme/{other}"


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(building: Building, browser: httpx.AsyncClient) -> None:
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    await asked(browser)
    (letter,) = letters(building)
    assert letter.links is not None
    link = f"/organise/sign-in/{letter.links.sign_in}"
    page = await browser.get(link)
    done = await browser.post(link, data={"stamp": stamp(page)}, follow_redirects=False)
    name, _, rest = done.headers["set-cookie"].partition("=")
    assert (name, sorted(rest.lower().split("; ")[1:])) == ("organiser", ["httponly", "max-age=28800", "path=/", "samesite=lax"])
    token = rest.split(";")[0]
    assert token not in building.store.read_now(_links), "only its hash is kept"


def _links(db: Db) -> str:
    return repr([(one.token_hash, one.salt, one.subject) for one in db.exec(select(Link))])


def test_the_letter_says_where_the_link_leads_and_until_when(building: Building) -> None:
    building.write(add_organiser, building.partnership_id, building.programme_id, OLGA, actor=ACTOR, now=building.now)
    from domain.entering import ask_to_enter

    building.write(ask_to_enter, building.partnership_id, OLGA, now=building.now)
    (letter,) = letters(building)
    assert letter.links is not None
    worded = word(letter, replace(VOICE, web=ADDRESS))
    link = f"{ADDRESS}/organise/sign-in/{letter.links.sign_in}"
    assert f"\n{link}\n" in worded.text
    assert f'<a href="{link}">' in worded.html
    assert "The link works once, until Monday 1 March 2027, 9.15am, UK time (GMT)." in worded.text


# ── whose it is ─────────────────────────────────────────────────────────────────────────────────────────────


def paths(front: Front, building: Building, programme_id: int, session_id: int, draft_id: int, message_id: int) -> list[tuple[str, str]]:
    """Every route behind the door, as (method, address), about this programme."""
    app: Starlette = make_pages(front)
    found = []
    presenter, material = presented(building, session_id)
    for route in app.routes:
        if (
            isinstance(route, Route)
            and route.path.startswith("/organise/")
            and not route.path.startswith(("/organise/door", "/organise/sign-"))
        ):
            named = {
                "programme:int": programme_id,
                "session:int": session_id,
                "draft:int": draft_id,
                "message:int": message_id,
                "invitation:int": building.write(_invite, building.partnership_id, programme_id, building.now),
                "presenter:int": presenter,
                "material:int": material,
                "what": "bookings",
            }
            path = route.path
            for name, value in named.items():
                path = path.replace("{" + name + "}", str(value))
            found += [(method, path) for method in sorted(route.methods or ()) if method != "HEAD"]
    return found


async def test_nobody_passes_who_is_not_signed_in_and_nobody_reaches_anothers_programme(
    building: Building, front: Front, olga: httpx.AsyncClient, other: int
) -> None:
    theirs = building.read(rows, Session, Session.programme_id == other)[0].id
    draft = building.write(_keep, building.partnership_id, other, building.now)
    message = building.write(_write, building.partnership_id, other, building.now)
    every = paths(front, building, other, theirs, draft, message)
    assert len(every) > 25
    mark = stamp(await olga.get("/organise/programme/" + str(building.programme_id)))
    before = building.read(_state)
    for method, path in every:
        said = await olga.request(method, path, data={"stamp": mark} if method == "POST" else None)
        assert (method, path, said.status_code) == (method, path, 404)
    olga.cookies.delete("organiser")
    for method, path in every:
        said = await olga.request(method, path, data={"stamp": mark} if method == "POST" else None, follow_redirects=False)
        assert (method, path, said.status_code) == (method, path, 303 if method == "GET" else 403)
    assert building.read(_state) == before


def _keep(db: Db, partnership_id: int, programme_id: int, now: Any) -> int:
    from domain.drafts import keep_draft

    return keep_draft(db, partnership_id, programme_id, "week.csv", csv(*WEEK), asked_by=None, now=now)


def _invite(db: Db, partnership_id: int, programme_id: int, now: Any) -> int:
    """An invitation of this programme, though nothing in it is private."""
    code = InvitationCode(
        partnership_id=partnership_id,
        programme_id=programme_id,
        code_hash=secrets.token_hex(32),
        hint="AAA",
        expires_at=now + timedelta(days=9),
        made_by=ACTOR,
        made_at=now,
    )
    db.add(code)
    db.flush()
    return code.id or 0


def _write(db: Db, partnership_id: int, programme_id: int, now: Any) -> int:
    from domain.announcements import Written, write
    from domain.models import Audience

    return write(db, partnership_id, Written(programme_id, Audience.BOTH, "Hello", "All"), actor=ACTOR, now=now)


def _state(db: Db) -> list[Any]:
    return [(one.id, one.revision, one.state) for one in db.exec(select(Session).order_by(col(Session.id)))] + [
        len(db.exec(select(AuditEntry)).all())
    ]


async def test_no_form_is_taken_without_the_stamp(building: Building, front: Front, olga: httpx.AsyncClient) -> None:
    session = building.session()
    draft = building.write(_keep, building.partnership_id, building.programme_id, building.now)
    message = building.write(_write, building.partnership_id, building.programme_id, building.now)
    posts = [path for method, path in paths(front, building, building.programme_id, session, draft, message) if method == "POST"]
    assert [(path, (await olga.post(path, data={})).status_code) for path in posts] == [(path, 403) for path in posts]


async def test_who_organises_everything_sees_every_programme_and_one_alone_its_own(
    building: Building, browser: httpx.AsyncClient, other: int
) -> None:
    building.write(sync_organisers, building.partnership_id, ["all@council.gov.uk"], now=building.now)
    await asked(browser, "ALL@council.gov.uk")
    (letter,) = letters(building)
    assert letter.links is not None
    home = await press(browser, f"/organise/sign-in/{letter.links.sign_in}")
    assert ("Practice week" in home.text, "Another week" in home.text) == (True, True)
    assert (await browser.get(f"/organise/programme/{other}")).status_code == 200
    building.write(sync_organisers, building.partnership_id, [], now=building.now)
    assert (await browser.get(f"/organise/programme/{other}")).url.path == "/midlands/organise"
