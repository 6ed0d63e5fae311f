"""What bad input gets: every route is walked, so that a new page is held to the same."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from domain.database import Db
from domain.limits import WISH_MAIL, WISHES_SENT, WRONG_LINKS, Allowance
from integrations.limits import SharedLimits
from tests.building import Building
from tests.visiting_building import LINK_KEY, post_office
from tests.web.conftest import ADDRESS, front_like, stamp
from tests.web.every_page import LINKS, WRONG, Scene, furnish
from web.app import make_app
from web.front import Front
from web.safety.guesses import Guesses
from web.safety.headers import ALWAYS, TLS_ONLY
from web.surroundings import Place

#: no other site may learn where somebody was, and nothing of ours may be run, framed, sniffed or kept
NEEDED = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
#: addresses that no page has, and no database can look for
ODD = (
    "/midlands/session/99999999999999999999999",
    "/midlands/session/" + "9" * 5000,
    "/midlands/session/-1",
    "/midlands/session/%00",
    "/midlands/session/１",
    "/midlands/programme/2147483648",
    "/midlands/invited/%00",
    "/midlands/invited/%ff%fe",
    "/%00",
    "/assets/%00",
    "/assets/..%2f..%2fapp.py",
    "/assets/../app.py",
    "/assets//etc/passwd",
    "/assets/",
    "/assets/" + "a" * 5000,
    "/MIDLANDS",
    "/{partnership}",
)


@pytest.fixture
def scene(building: Building, front: Front) -> Scene:
    return furnish(building, front)


@pytest.fixture
async def visitor(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    """Sees each answer as it comes: follows no redirect."""
    async with visiting(front) as client:
        yield client


def visiting(front: Front, *, address: str = ADDRESS, **other: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(make_app(front), raise_app_exceptions=False, **other)
    return httpx.AsyncClient(transport=transport, base_url=address)


def everything(db: Db) -> dict[str, list[Any]]:
    """Every row of every table."""
    tables = SQLModel.metadata.sorted_tables
    return {table.name: sorted(map(repr, db.connection().execute(table.select()).all())) for table in tables}


# ── opening changes nothing, and nothing is sent without our stamp ──────────────────────────────────────────


async def test_opening_or_looking_at_the_head_of_any_page_changes_nothing(scene: Scene, visitor: httpx.AsyncClient) -> None:
    """But that an organiser looked at a list of people is noted."""
    before = scene.building.read(everything)
    paths = scene.paths("GET")
    visitor.cookies.update(scene.cookie)
    for path in paths.values():
        assert (await visitor.get(path)).status_code in (200, 303, 304), path
        assert (await visitor.head(path)).status_code in (200, 303, 304), path
    assert len(paths) >= 40
    after = scene.building.read(everything)
    assert len(after.pop("auditentry")) > len(before.pop("auditentry"))
    assert after == before


async def test_every_form_needs_the_stamp_of_the_very_browser(scene: Scene, front: Front) -> None:
    before = scene.building.read(everything)
    async with visiting(front) as one, visiting(front) as another:
        others = stamp(await one.get(f"/midlands/session/{scene.open}/book"))
        await another.get(f"/midlands/session/{scene.open}/book")
        another.cookies.update(scene.cookie)
        paths = scene.paths("POST")
        for path in paths.values():
            for sent in ({}, {"stamp": others}, {"stamp": "é"}, {"stamp": "A" * 22}, {"stamp": ""}):
                assert (await another.post(path, data=sent)).status_code == 403, path
            assert (await another.post(path, files={"stamp": ("stamp", others)})).status_code == 403, path
            assert (await another.post(path, content=b"{}", headers={"Content-Type": "application/json"})).status_code == 403, path
        assert len(paths) >= 25
    assert scene.building.read(everything) == before


async def test_a_form_sent_twice_does_it_once(scene: Scene, visitor: httpx.AsyncClient) -> None:
    prove = scene.example("/prove/{token}")
    sent = {"stamp": stamp(await visitor.get(prove))}
    mine = [(await visitor.post(prove, data=sent)).headers["location"].partition("?") for _ in range(2)]
    assert mine[0][0] == mine[1][0]
    assert [said for _, _, said in mine] == ["done=booked", ""]  # what came of it is said once
    after = scene.building.read(everything)
    cancel = f"{mine[0][0]}/session/{scene.open}/cancel"
    assert (await visitor.post(cancel, data=sent)).status_code == 303
    once = scene.building.read(everything)
    assert (await visitor.post(cancel, data=sent)).status_code in (303, 409)
    assert scene.building.read(everything) == once != after


# ── links ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_link_that_is_guessed_altered_over_or_of_another_purpose_is_one_same_page(scene: Scene, visitor: httpx.AsyncClient) -> None:
    nothing = (await visitor.get("/nothing/here/at-all")).content
    over = (await visitor.get(f"/organise/sign-in/{WRONG}")).content  # leads to where a new one is asked for, whoever's it was
    tried = 0
    for route in scene.routes("GET"):
        said = {nothing, over} if route.path.startswith("/organise/sign-in/") else {nothing}
        purpose = LINKS.get(route.path.split("/")[1])
        if "{code}" not in route.path and (purpose is None or "{token}" not in route.path):
            continue
        bad = {scene.example(route.path, wrong=True)}
        if purpose is not None:
            good = scene.tokens[purpose]
            bad |= {scene.example(route.path).replace(good, other) for key, other in scene.tokens.items() if key is not purpose}
            bad |= {scene.example(route.path).replace(good, other) for other in (good[:-1] + "-", good[:-1], good + "A", good.swapcase())}
            bad |= {scene.example(route.path).replace(good, other) for other in ("%00", "..%2f", "%f0%28%8c%28", "é", "A" * 5000)}
        for path in bad:
            answer = await visitor.get(path)
            assert (answer.status_code, answer.content in said) == (404, True), path
            tried += 1
    assert tried >= 10
    scene.building.later(days=400)
    for path in scene.paths("GET").values():
        if any(token in path for token in scene.tokens.values()):
            assert (await visitor.get(path)).status_code == 404, path


async def test_a_link_does_nothing_for_another_partnership(scene: Scene, front: Front) -> None:
    stranger = replace(front.each[0], partnership_id=front.each[0].partnership_id + 1, key="elsewhere")
    other = front_like(front, each=[stranger])
    async with visiting(other) as visitor:
        for path in scene.paths("GET").values():
            if any(token in path for token in scene.tokens.values()) or path.startswith("/midlands"):
                assert (await visitor.get(path)).status_code == 404, path


async def test_who_guesses_has_to_wait_and_others_do_not(scene: Scene, front: Front) -> None:
    limits = SharedLimits(front.store, {WRONG_LINKS: Allowance(3, 600)}, clock=front.clock)
    limited = front_like(front, guesses=Guesses(limits, LINK_KEY))

    async def tries(client: str, count: int) -> list[int]:
        async with visiting(limited, client=(client, 1)) as visitor:
            return [(await visitor.get(f"/mine/{WRONG}")).status_code for _ in range(count)]

    assert await tries("192.0.2.1", 5) == [404, 404, 404, 429, 429]
    assert await tries("192.0.2.2", 1) == [404]
    assert await tries("2001:db8::1", 3) == [404] * 3
    assert await tries("2001:db8::ffff:2", 1) == [429]  # the same household
    assert await tries("2001:db8:0:1::1", 1) == [404]
    assert await tries("::ffff:192.0.2.1", 1) == [429]
    async with visiting(limited, client=("192.0.2.1", 1)) as visitor:
        said = await visitor.get(f"/mine/{WRONG}")
        assert (said.status_code, int(said.headers["retry-after"]) > 0, "wait" in said.text) == (429, True, True)
        assert (await visitor.get(scene.example("/mine/{token}"))).status_code == 200  # a link that is right opens all the same
    assert "192.0.2.1" not in str(scene.building.read(everything))


async def test_mail_and_forms_are_limited_alike_for_known_and_unknown(scene: Scene, front: Front) -> None:
    limits = SharedLimits(front.store, {WISH_MAIL: Allowance(2, 3600), WISHES_SENT: Allowance(7, 600)}, clock=front.clock)
    path, found = f"/midlands/session/{scene.open}/book", dict[str, list[int]]()
    async with visiting(front_like(front, guesses=Guesses(limits, LINK_KEY))) as visitor:
        sent = {"stamp": stamp(await visitor.get(path)), "name": "Ann", "organisation": "Northfield Council"}
        for email in ("person1@council.gov.uk", "nobody@council.gov.uk", "third@council.gov.uk"):
            found[email] = [(await visitor.post(path, data=sent | {"email": email})).status_code for _ in range(3)]
    assert list(found.values()) == [[303, 303, 429], [303, 303, 429], [303, 429, 429]]


# ── what is shown, and to whom ──────────────────────────────────────────────────────────────────────────────


async def test_a_known_and_an_unknown_address_get_the_same_answer(scene: Scene, front: Front) -> None:
    scene.building.person(7)
    typed = {"name": "Ann", "organisation": "Northfield Council"}
    path, seen = f"/midlands/session/{scene.open}/book", []
    async with visiting(front) as visitor:
        sent = typed | {"stamp": stamp(await visitor.get(path))}
        for email in ("person1@council.gov.uk", "person7@council.gov.uk", "nobody@council.gov.uk", "ben@council.gov.uk"):
            answer = await visitor.post(path, data=sent | {"email": email})
            then = await visitor.get(answer.headers["location"])
            seen.append((answer.status_code, sorted(answer.headers.items()), answer.content, sorted(then.headers.items()), then.content))
    assert seen == [seen[0]] * 4
    assert seen[0][0] == 303
    assert sorted(letter.recipient.address or "" for letter in post_office(scene.building)) == [
        "ben@council.gov.uk",
        "nobody@council.gov.uk",
        "person1@council.gov.uk",
        "person7@council.gov.uk",
    ]


async def test_what_people_typed_is_never_markup(scene: Scene, visitor: httpx.AsyncClient) -> None:
    visitor.cookies.update(scene.cookie)
    for path in scene.paths("GET").values():
        page = await visitor.get(path)
        if page.headers.get("content-type", "").startswith("text/html"):
            assert re.findall(r"<script|<b>|javascript:|\son\w+=|\sstyle=", page.text) == [], path
    evil = '"><script>alert(1)</script>'
    form = f"/midlands/session/{scene.open}/book"
    sent = dict.fromkeys(("name", "email", "organisation", "access", "dietary", "mode"), evil)
    again = await visitor.post(form, data=sent | {"stamp": stamp(await visitor.get(form))})
    assert (again.status_code, again.text.count("<script"), again.text.count("&lt;script&gt;") > 3) == (422, 0, True)
    narrowed = await visitor.get(f"/midlands/programme/{scene.building.programme_id}", params=dict.fromkeys(("audience", "format"), evil))
    assert (narrowed.status_code, narrowed.text.count("<script")) == (200, 0)


async def test_no_page_sends_anybody_elsewhere(scene: Scene, visitor: httpx.AsyncClient) -> None:
    elsewhere = {"next": "//evil.example", "url": "https://evil.example", "return": "/\\evil.example", "to": "javascript:alert(1)"}
    for path in scene.paths("GET").values():
        answer = await visitor.get(path, params=elsewhere)
        assert "evil.example" not in answer.text + str(answer.headers), path
    prove = scene.example("/prove/{token}")
    answer = await visitor.post(prove, params=elsewhere, data=elsewhere | {"stamp": stamp(await visitor.get(prove))})
    assert re.fullmatch(r"/mine/[\w-]{22}\?done=booked", answer.headers["location"])
    for path in ("//evil.example", "/%5cevil.example", "/midlands//evil.example"):
        answer = await visitor.get(ADDRESS + path)
        assert (answer.status_code, answer.headers.get("location")) == (404, None), path


async def test_a_forged_host_is_refused_and_names_no_address(scene: Scene, visitor: httpx.AsyncClient) -> None:
    for name, said in (("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")):
        answer = await visitor.get(f"/midlands/session/{scene.open}/book", headers={name: said})
        assert answer.status_code == (400 if name == "Host" else 200)
        assert "evil.example" not in answer.text + str(answer.headers)
    assert (await visitor.get("/", headers={"X-Forwarded-Host": "evil.example"})).headers["location"] == "/midlands"


# ── headers and cookies ─────────────────────────────────────────────────────────────────────────────────────


async def test_the_headers_are_on_every_answer_even_of_a_fault(scene: Scene, front: Front) -> None:
    def broken() -> Any:
        raise RuntimeError("the clock is broken")

    seen = set()
    async with visiting(front) as visitor, visiting(front_like(front, clock=broken)) as faulty:
        book = f"/midlands/session/{scene.open}/book"
        for answer in (
            *[await visitor.get(path) for path in (*scene.paths("GET").values(), "/assets/style.css", "/assets/nothing", "/x/y/z")],
            await visitor.get("/midlands", headers={"Host": "evil.example"}),
            await visitor.post(book),
            await visitor.post(book, content=b"x" * 300_000),
            await visitor.put(book),
            await visitor.options(book),
            await visitor.post(book, content=b"--", headers={"Content-Type": "multipart/form-data"}),
            await faulty.get(scene.example("/mine/{token}")),
        ):
            seen.add(answer.status_code)
            assert {name: answer.headers.get(name) for name in NEEDED} == NEEDED, answer.request.url
            assert [name for name in ALWAYS if name.lower() not in answer.headers] == []
            assert "strict-transport-security" not in answer.headers
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert answer.headers["cache-control"] == "no-store", answer.request.url
    assert seen >= {200, 303, 400, 403, 404, 405, 413, 500}


async def test_browsers_are_told_of_tls_only_where_there_is_tls(scene: Scene, front: Front) -> None:
    path = f"/midlands/session/{scene.open}/book"
    async with visiting(front) as plainly:
        plain = (await plainly.get(path)).headers
    secret = "https://practice.example"
    async with visiting(front_like(front, place=Place(secret)), address=secret) as safely:
        safe = (await safely.get(path)).headers
    cookies = [re.sub(r"=[\w-]{22}", "=…", one["set-cookie"]) for one in (plain, safe)]
    assert cookies == ["forms=…; HttpOnly; Path=/; SameSite=lax", "__Host-forms=…; HttpOnly; Path=/; SameSite=lax; Secure"]
    assert [one.get("strict-transport-security") for one in (plain, safe)] == [None, TLS_ONLY]


# ── odd requests ────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_too_long_is_refused_by_what_it_says_and_by_what_comes(scene: Scene, visitor: httpx.AsyncClient) -> None:
    path, came = f"/midlands/session/{scene.open}/book", 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal came
        while came < 50_000_000:
            came += 50_000
            yield b"a" * 50_000

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for length in ("1000000000", "9" * 5000, "-1", "1e9", "²"):
        sent = {name.encode(): value.encode() for name, value in (form | {"Content-Length": length}).items()}
        answer = await visitor.post(path, headers=sent, content=b"name=Ann")
        assert (answer.status_code, "too long" in answer.text) == (413, True), length
    answer = await visitor.post(path, content=endless(), headers=form)
    assert (answer.status_code, "too long" in answer.text) == (413, True)
    assert came < 1_000_000
    fields = "&".join(f"f{number}=1" for number in range(600))
    assert (await visitor.post(path, content=fields.encode(), headers=form)).status_code == 400


async def test_an_odd_address_is_not_there(scene: Scene, visitor: httpx.AsyncClient) -> None:
    for path in ODD:
        assert (await visitor.get(path)).status_code == 404, path


async def test_odd_requests_are_answered_plainly(scene: Scene, visitor: httpx.AsyncClient) -> None:
    book = f"/midlands/session/{scene.open}/book"
    many = {"Cookie": "; ".join(f"c{number}={'x' * 20}" for number in range(300)) + '; forms="é\\000"; forms=; =; $Version=1'}
    assert (await visitor.get(book, headers={name.encode(): value.encode() for name, value in many.items()})).status_code == 200
    assert (await visitor.get(f"/midlands/programme/{scene.building.programme_id}?format=" + "%00" * 9000)).status_code == 200
    assert (await visitor.get("/midlands?" + "a&" * 9000)).status_code == 200
    for kind in ("multipart/form-data", "multipart/form-data; boundary=" + "b" * 9000, "application/x-www-form-urlencoded; charset=utf-7"):
        assert (await visitor.post(book, content=b"stamp=%ff\xff&name=\x00", headers={"Content-Type": kind})).status_code in (400, 403)
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW"):
        answer = await visitor.request(method, book)
        assert (answer.status_code, "GET" in answer.headers["allow"]) == (405, True), method
    assert (await visitor.head(book)).content == b""


async def test_what_no_database_can_keep_is_said_beside_the_form(scene: Scene, visitor: httpx.AsyncClient) -> None:
    book = f"/midlands/session/{scene.open}/book"
    sent = {"stamp": stamp(await visitor.get(book)), "name": "Ann\x00", "email": "a\x00b@c.org", "organisation": "Council\r\nBcc: x"}
    for change in (
        {},
        {"email": "a@c.org"},
        {"name": "Ann", "email": "a,b@c.org"},
        {"name": "a" * 100_000},
        {"email": "a" * 65 + "@c.org"},
    ):
        answer = await visitor.post(book, data=sent | change)
        assert answer.status_code in (303, 422), change
    assert "\x00" not in scene.building.read(lambda db: str(db.connection().execute(text("SELECT name, email FROM person")).all()))
    letters = post_office(scene.building)
    assert [one for one in letters if "\x00" in f"{one.recipient.name}{one.recipient.address}"] == []


async def test_a_form_in_letters_that_our_pages_do_not_send_is_refused_plainly(scene: Scene, visitor: httpx.AsyncClient) -> None:
    """Who sends a form names the letters it is written in; some come to half characters, and some cannot be read at all."""
    book = f"/midlands/session/{scene.open}/book"
    fields = {"stamp": stamp(await visitor.get(book)), "name": "Ann \\ud800 +2AA-", "email": "not an address", "organisation": "Council"}
    body = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()) + "--x--\r\n"
    answers = {}
    for charset in ("", "; charset=UTF-8", "; charset=utf-7", "; charset=unicode_escape", "; charset=punycode", "; charset=undefined"):
        kind = {"Content-Type": f"multipart/form-data; boundary=x{charset}"}
        page = await visitor.post(book, content=body.encode(), headers=kind)
        answers[charset.removeprefix("; charset=")] = (page.status_code, "We could not read that" in page.text)
    refused = dict.fromkeys(("utf-7", "unicode_escape", "punycode", "undefined"), (400, True))
    assert answers == dict.fromkeys(("", "UTF-8"), (422, False)) | refused
