"""The browser of the rehearsal: it can do what a page offers, and nothing else."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from rehearsal.browser import Browser, Link, NotThere, read_page

ADDRESS = "https://pages.example"
HOME = """<html><head><title>Not read</title><style>p { color: red }</style></head><body><h1>Book &amp; wait</h1>
<a href="/there">The <span>other</span> page</a> <a href="https://elsewhere.example/">Away</a>
<form method="post" action="/sent"><input type="hidden" name="stamp" value="s1"><input name="name" value="Ann">
<textarea name="words">
as typed</textarea><select name="way"><option value="">All</option><option value="room" selected>Room</option></select>
<input type="radio" name="stars" value="1"><input type="radio" name="stars" value="2">
<input type="checkbox" name="news" value="yes" checked>
<button>Send <span>it</span></button></form></body></html>"""


async def home(request: Request) -> Response:
    response = HTMLResponse(HOME)
    response.set_cookie("known", "yes", secure=True, httponly=True)
    return response


async def sent(request: Request) -> Response:
    form = await request.form()
    told = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
    return RedirectResponse(f"/there?{told}&cookie={request.cookies.get('known', '')}", 303)


async def there(request: Request) -> Response:
    return HTMLResponse(f"<p>{request.url.query}</p>")


async def round_and_round(request: Request) -> Response:
    return RedirectResponse("/round", 303)


@pytest.fixture
def shown() -> set[str]:
    return set()


@pytest.fixture
def browser(shown: set[str]) -> Browser:
    routes = [Route("/", home), Route("/sent", sent, methods=["POST"]), Route("/there", there), Route("/round", round_and_round)]
    return Browser(Starlette(routes=routes), ADDRESS, shown)


async def test_a_page_is_read_as_people_read_it(browser: Browser, shown: set[str]) -> None:
    page = await browser.open("/")
    assert (page.path, page.status, page.kind) == ("/", 200, "text/html")
    assert page.words == "Book & wait The other page Away as typed All Room Send it"
    assert page.links == (Link("The other page", "/there"), Link("Away", "https://elsewhere.example/"))
    assert shown == set(HOME.splitlines())


async def test_a_form_is_sent_with_what_stands_in_it_and_what_was_typed(browser: Browser) -> None:
    after = await browser.press(await browser.open("/"), "^Send it$", name="Bea", stars="2")
    assert after.words == "name=Bea&news=yes&stamp=s1&stars=2&way=room&words=as%20typed&cookie=yes"


@pytest.mark.parametrize("typed", [{"age": "5"}, {"stars": "3"}, {"stamp": "forged"}, {"way": "online"}])
async def test_what_a_page_does_not_ask_for_cannot_be_typed(browser: Browser, typed: dict[str, str]) -> None:
    with pytest.raises(NotThere):
        await browser.press(await browser.open("/"), "^Send it$", **typed)


async def test_there_is_no_way_but_what_a_page_offers(browser: Browser) -> None:
    page = await browser.open("/")
    with pytest.raises(NotThere):
        await browser.press(page, "Cancel")
    with pytest.raises(NotThere):
        await browser.follow(page, "Nowhere")
    with pytest.raises(NotThere):
        await browser.follow(page, "Away")
    with pytest.raises(NotThere):
        await browser.open("/round")
    assert (await browser.follow(page, "other")).path == "/there"
    assert (await browser.open(f"{ADDRESS}/there?x")).words == "x"


def test_a_letter_is_read_as_a_page_is() -> None:
    assert read_page('<p>Dear <b>Ann</b>,</p><a href="/mine/x">Your page</a>').links == (Link("Your page", "/mine/x"),)
