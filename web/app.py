"""The web application: every page of every partnership, behind everything that a request must pass."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from web.front import Front
from web.pages import mine, programmes, proving, wishes
from web.replies import Replies
from web.safety.bodies import CappedBodies
from web.safety.headers import SafeHeaders

#: in the order in which a path is looked for
PAGES = (proving, mine, wishes, programmes)


def make_app(front: Front) -> Starlette:
    """The application. Nothing is connected; `front` brings the open store."""
    host = urlsplit(front.place.address).hostname or "localhost"
    routes: list[Route | Mount] = [Mount("/assets", StaticFiles(directory=Path(__file__).parent / "assets"), name="assets")]
    for pages in PAGES:
        routes += pages.routes(front)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(SafeHeaders, secure=front.place.is_secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=[host, "localhost", "127.0.0.1"], www_redirect=False),
        ],
        exception_handlers=Replies(front).handlers(),
    )
    app.router.redirect_slashes = False  # a redirect would name the host that the request claims
    app.add_middleware(CappedBodies)
    return app
