"""A browser without scripts, for people who come by the web: it opens pages, follows links, fills in forms and presses buttons.

It talks to the real web application in this process, without a socket, and can do only what a page offers: what is no link,
field or button there cannot be followed, filled in or pressed. Each person has one of their own, with its own cookies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx
from starlette.types import ASGIApp

from web.app import make_app
from web.front import Front

#: elements whose words are no part of what is read
_UNSEEN = frozenset({"head", "script", "style", "template"})
#: redirects in a row, after which two pages send people to and fro
_MOST_REDIRECTS = 5


class NotThere(RuntimeError):
    """A page has no such link, field or button; or it is no page that people are to be sent to."""


@dataclass
class Form:
    """A form of a page. `fields` are what it sends when nothing is changed; `options`, by field, what can be chosen there."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)  #: every field that a person can see
    labels: list[str] = field(default_factory=list)  #: the words on its buttons


@dataclass(frozen=True)
class Link:
    """A link as it is seen: its words, and where it leads."""

    words: str
    path: str


@dataclass(frozen=True)
class Page:
    """One page as it was answered. `path` is where one is at the end of all redirects."""

    path: str
    status: int
    kind: str
    html: str
    content: bytes = field(default=b"", repr=False)
    tag: str = ""  #: what says whether it is still the same

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader(self.path)
        reader.feed(self.html)
        reader.close()
        return reader

    @property
    def words(self) -> str:
        """Everything that is read on it."""
        return " ".join(" ".join(self._read.words).split())

    @property
    def links(self) -> tuple[Link, ...]:
        """Every link, in order."""
        return tuple(self._read.links)

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every form, in order."""
        return tuple(self._read.forms)

    def link(self, pattern: str) -> str:
        """Where the first link leads whose words or address fit. Raises `NotThere`."""
        found = next((one.path for one in self.links if re.search(pattern, one.words) or re.search(pattern, one.path)), None)
        if found is None:
            raise NotThere(f"{self.path} has no link {pattern!r}: {self.words}")
        return found

    def has_button(self, pattern: str) -> bool:
        """Whether there is such a button."""
        return any(re.search(pattern, label) for form in self.forms for label in form.labels)

    def form(self, pattern: str) -> Form:
        """The first form with such a button. Raises `NotThere`."""
        for form in self.forms:
            if any(re.search(pattern, label) for label in form.labels):
                return form
        raise NotThere(f"{self.path} has no button {pattern!r}: {self.words}")


def read_page(html: str) -> Page:
    """What somebody sees of HTML that came by another way than a request."""
    return Page("", 200, "text/html", html)


class _Reader(HTMLParser):
    """Reads a page: its words, links and forms."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[Link] = []
        self.forms: list[Form] = []
        self._path = path
        self._unseen = 0
        self._form: Form | None = None
        self._link: tuple[str, list[str]] | None = None
        self._button: list[str] | None = None
        self._choosing = ""
        self._writing: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = {name: value or "" for name, value in attrs}
        self._unseen += tag in _UNSEEN
        if tag == "a" and "href" in given:
            self._link = given["href"], []
        elif tag == "form":
            self._form = Form(given.get("action", "") or self._path, given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._part_of(self._form, tag, given)

    def _part_of(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button":
            self._button = []
        elif tag == "textarea":
            form.names.append(name)
            self._writing = name, []
        elif tag == "select":
            form.names.append(name)
            self._choosing = name
        elif tag == "option":
            form.options.setdefault(self._choosing, []).append(value)
            if "selected" in given or self._choosing not in form.fields:
                form.fields[self._choosing] = value
        elif tag == "input" and given.get("type") in ("radio", "checkbox"):
            form.names += [name] * (name not in form.names)
            form.options.setdefault(name, []).append(value)
            if "checked" in given:
                form.fields[name] = value
        elif tag == "input" and name:
            form.fields[name] = value
            form.names += [name] * (given.get("type") != "hidden")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self._unseen -= tag in _UNSEEN
        if tag == "a" and self._link is not None:
            self.links.append(Link(" ".join("".join(self._link[1]).split()), self._link[0]))
            self._link = None
        elif tag == "button" and self._button is not None and self._form is not None:
            self._form.labels.append(" ".join("".join(self._button).split()))
            self._button = None
        elif tag == "textarea" and self._writing is not None and self._form is not None:
            self._form.fields[self._writing[0]] = "".join(self._writing[1]).removeprefix("\n")
            self._writing = None
        elif tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._unseen:
            return
        self.words.append(data)
        for words in (self._link and self._link[1], self._button, self._writing and self._writing[1]):
            if words is not None:
                words.append(data)


class Browser:
    """One person's browser."""

    def __init__(self, app: ASGIApp, address: str, shown: set[str]) -> None:
        self._address = address
        self._shown = shown
        # raised, not answered: what fails inside is a fault of the program, and ends the rehearsal
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address, trust_env=False)

    async def open(self, address: str, *, tag: str = "") -> Page:
        """A page by its path, or by its whole address, as a mail has it. Raises `NotThere` for another site's.

        `tag`: of what one has already, as a calendar program shows it.
        """
        return await self._ask("GET", address, headers={"If-None-Match": tag} if tag else None)

    async def follow(self, page: Page, pattern: str) -> Page:
        """Press a link whose words, or address, fit. Raises `NotThere`."""
        return await self.open(urljoin(page.path, page.link(pattern)))

    async def press(self, page: Page, pattern: str, /, **typed: str) -> Page:
        """Fill in the form of a button, and press it. Raises `NotThere` for a button, a field or a choice that the page has not."""
        form = page.form(pattern)
        for name, value in typed.items():
            if name not in form.names or value not in form.options.get(name, [value]):
                raise NotThere(f"{page.path} does not ask for {name}, or not with {value!r}: {form.names} {form.options}")
        return await self._ask(form.method.upper(), urljoin(page.path, form.action), {**form.fields, **typed})

    async def _ask(
        self, method: str, address: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Page:
        for _ in range(_MOST_REDIRECTS):
            if urlsplit(address).netloc not in ("", urlsplit(self._address).netloc):
                raise NotThere(f"{address} is another site's")
            how = {"data": fields} if method == "POST" else {"params": fields} if fields else {}
            answer = await self._client.request(method, address, headers=headers, **how)
            if not answer.has_redirect_location:  # 304 is none
                return self._see(answer)
            method, address, fields = "GET", urljoin(str(answer.url), answer.headers["location"]), None
        raise NotThere(f"{address} sends people to and fro")

    def _see(self, answer: httpx.Response) -> Page:
        kind = answer.headers.get("content-type", "").partition(";")[0]
        text = answer.text if kind.startswith("text/") else ""
        self._shown.update(text.splitlines())
        return Page(answer.url.path, answer.status_code, kind, text, answer.content, answer.headers.get("etag", ""))


class Browsers:
    """Everybody's browsers, at one installation's pages. What each was shown is kept, by the address of who it was shown to."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.address = front.place.address
        self._app = make_app(front)
        self._shown: dict[str, set[str]] = defaultdict(set)

    @property
    def home(self) -> str:
        """The path of the only partnership's pages."""
        (only,) = self.front.each
        return f"/{only.key}"

    def of(self, who: str) -> Browser:
        """A new browser of somebody, by their e-mail address."""
        return Browser(self._app, self.address, self._shown[who.casefold()])

    def shown_to(self) -> dict[str, str]:
        """By address, each line of a page that was shown to them, once."""
        return {who: "\n".join(sorted(lines)) for who, lines in self._shown.items()}

    async def public(self) -> dict[str, Page]:
        """Every page that can be reached from the front page by links alone, by path."""
        browser, found, ahead = Browser(self._app, self.address, set()), dict[str, Page](), ["/"]
        while ahead:
            path = ahead.pop()
            page = await browser.open(path)
            found[path] = page
            if page.kind == "text/html":
                here = (urlsplit(urljoin(page.path, link.path)) for link in page.links)
                ahead += sorted({one.path for one in here if not one.netloc and one.scheme in ("", "http", "https")} - {*found, *ahead})
        return found
