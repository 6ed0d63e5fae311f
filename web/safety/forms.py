"""Forms: what a browser sends back is taken only with the hidden field of a page that we gave this very browser (OWASP, CSRF).

The browser has a random cookie, which scripts and other sites cannot read; every form has that cookie's value, signed. A form
that another site makes the browser send has no such field. Nobody is logged in by the cookie, and it says nothing of anybody.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.links import TOKEN_LENGTH, LinkKey

FIELD = "stamp"
#: form fields and files that one form may have
MOST_FIELDS, MOST_FILES = 500, 1


@dataclass(frozen=True)
class Stamp:
    """What makes a form ours. `new`: the browser has no cookie yet."""

    cookie: str
    field: str
    new: bool


class Forms:
    """Gives forms their stamp, and takes only what is stamped."""

    def __init__(self, key: LinkKey, *, secure: bool) -> None:
        self._key = key
        self._secure = secure
        #: the prefix makes browsers refuse one that was set over plain HTTP or by another host (RFC 6265bis, 4.1.3.2)
        self._cookie = "__Host-forms" if secure else "forms"

    def stamp(self, request: Request) -> Stamp:
        """For the forms of the page that answers this request."""
        known = request.cookies.get(self._cookie, "")
        new = not _is_ours(known)
        cookie = secrets.token_urlsafe(16) if new else known
        return Stamp(cookie, self._key.sign(f"form\n{cookie}"), new)

    def keep(self, response: Response, stamp: Stamp) -> None:
        """Let the browser keep it until it is closed."""
        if stamp.new:
            response.set_cookie(self._cookie, stamp.cookie, secure=self._secure, httponly=True, samesite="lax", path="/")

    async def read(self, request: Request) -> FormData:
        """The form that was sent. Raises `HTTPException` 403 for one without our stamp, 400 for letters that our pages do not send."""
        if not _in_our_letters(request):
            raise HTTPException(400)
        form = await request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES)
        field, known = form.get(FIELD), request.cookies.get(self._cookie, "")
        good = isinstance(field, str) and _is_ours(known) and hmac.compare_digest(field.encode(), self._key.sign(f"form\n{known}").encode())
        if not good:
            await request.close()  # what came as a file
            raise HTTPException(403)
        return form


def _is_ours(cookie: str) -> bool:
    return len(cookie) == TOKEN_LENGTH and cookie.isascii() and cookie.replace("-", "").replace("_", "").isalnum()


def _in_our_letters(request: Request) -> bool:
    """Whether a form is written in UTF-8, as every page of ours is: no browser chooses how we read it."""
    _, said = parse_options_header(request.headers.get("Content-Type"))
    return said.get(b"charset", b"utf-8").lower() in (b"utf-8", b"utf8")


def words(form: FormData, name: str) -> str:
    """A field as it was typed; empty where it is missing, or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def number(text: str) -> int | None:
    """A number as ids are; None for what cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
