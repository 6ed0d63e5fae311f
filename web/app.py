"""The web application: every page of every partnership, behind everything that a request must pass."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from web.front import Front
from web.pages import (
    asking,
    certificates,
    changes,
    choosing,
    feedback,
    feeds,
    handing,
    invited,
    joining,
    mine,
    organising,
    presenting,
    programmes,
    proving,
    rights,
    standing,
)
from web.replies import Replies
from web.safety.bodies import CappedBodies
from web.safety.headers import SafeHeaders

#: in the order in which a path is looked for
PAGES = (
    standing,
    invited,
    organising,
    proving,
    mine,
    choosing,
    handing,
    rights,
    joining,
    presenting,
    feedback,
    certificates,
    feeds,
    changes,
    asking,
    programmes,
)


class Numbers(Convertor[int]):
    """`{session:int}`: a number that a database can have as an id. A longer one is an address that there is not."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """From the address."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Into an address."""
        return str(value)


def make_app(front: Front) -> ASGIApp:
    """The application. Nothing is connected; `front` brings the open store. No answer leaves without its headers, not even of a fault."""
    return SafeHeaders(make_pages(front), secure=front.place.is_secure)


def make_pages(front: Front) -> Starlette:
    """Every page, and what a request passes on its way there, outermost first."""
    register_url_convertor("int", Numbers())
    replies = Replies(front)
    host = urlsplit(front.place.address).hostname or "localhost"
    routes: list[Route | Mount] = [Mount("/assets", StaticFiles(directory=Path(__file__).parent / "assets"), name="assets")]
    for pages in PAGES:
        routes += pages.routes(front)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=[host, "localhost", "127.0.0.1"], www_redirect=False),
            Middleware(CappedBodies, refused=replies.http),
        ],
        exception_handlers=replies.handlers(),
    )
    app.router.redirect_slashes = False  # a redirect would name the host that the request claims
    return app
