"""The one place that turns what went wrong into a page.

What is not there, what is over and what is another's are one page. Anything that is our fault is logged with a reference that
the person can quote; addresses of pages are not logged, because a link in them is a secret.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import NotFound, Refusal
from web.front import Front
from web.safety.guesses import OF_ADDRESS

log = structlog.get_logger(__name__)

#: title and sentence, by status
SAID: Mapping[int, tuple[str, str]] = {
    400: ("We could not read that", "Go back, check what you typed, and try again."),
    403: (
        "Please try that again",
        "This form was open for too long, or came from another page. Go back, load the page again, and send it once more.",
    ),
    404: (
        "We could not find that page",
        "The address may be old, or a part of it may be missing. Copy the whole link from your latest e-mail.",
    ),
    405: (
        "We could not find that page",
        "The address may be old, or a part of it may be missing. Copy the whole link from your latest e-mail.",
    ),
    408: ("That took too long", "Your answers did not reach us in time. Go back, check your connection, and send them once more."),
    413: ("That is too much", "What you sent is too long for us. Send less, or a smaller file."),
    429: ("Please wait a little", "There were too many tries from here. Wait a few minutes, then try again."),
    500: ("Something went wrong on our side", "Nothing that you did caused this. Look at your bookings before you try again, or ask us."),
}

#: where it is an e-mail address that is asked for too often, and not everybody here who has to wait
ASKED_OFTEN = (
    "Please wait a little",
    "Too many e-mails were asked for with this address. Look in your inbox and in your junk mail. You can ask again in an hour.",
)


class Replies:
    """Exceptions in, pages out."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def handlers(self) -> dict[Any, Any]:
        """For Starlette, by kind of exception."""
        return {Refusal: self.refused, HTTPException: self.http, Exception: self.our_fault}

    async def refused(self, request: Request, refusal: Refusal) -> Response:
        """A person asked for something that cannot be; the sentence is for them."""
        if isinstance(refusal, NotFound):
            try:
                await self._front.guesses.wrong_link(request)
            except HTTPException as too_many:
                return await self.http(request, too_many)
            return self._not_found(request)
        way_on = getattr(request.state, "way_on", "")
        facts: dict[str, Any] = {"said": str(refusal), "way_on": way_on, "way_back": getattr(request.state, "way_back", None)}
        return self._front.page(request, "refused.html", status=409, title="That cannot be done", **facts)

    def _not_found(self, request: Request) -> Response:
        again = getattr(request.state, "ask_again", "")
        if again:
            return self._front.page(request, "organise/over.html", status=404, again=again)
        if getattr(request.state, "of_a_file", False):
            return self._front.page(request, "organise/gone.html", status=404)
        return self._page(request, 404, *SAID[404])

    async def http(self, request: Request, error: HTTPException) -> Response:
        """What the way here refused already."""
        known = ASKED_OFTEN if error.detail == OF_ADDRESS else SAID.get(error.status_code, SAID[400])
        response = self._page(request, error.status_code, *known)
        response.headers.update(error.headers or {})
        return response

    async def our_fault(self, request: Request, error: Exception) -> Response:
        """Nothing of the request is logged but its way."""
        reference = secrets.token_hex(3)
        log.error("a page failed", reference=reference, method=request.method, exc_info=(type(error), error, error.__traceback__))
        title, said = SAID[500]
        return self._page(request, 500, title, f"{said} (Reference {reference}.)")

    def _page(self, request: Request, status: int, title: str, said: str) -> Response:
        lost = status in (404, 405)  # the code of a letter may have been typed as an address
        return self._front.page(request, "refused.html", status=status, title=title, said=said, lost=lost)
