"""The page beside the chat: the time and how to move it, who one can be, the mail as it arrives, and the meetings.

It is served on 127.0.0.1 alone. Nothing of it comes from elsewhere, and a letter is shown in a frame where no script runs.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.errors import BadInput
from domain.times import hours_words, to_wall
from rehearsal.clock import moment_words
from rehearsal.opened import Opened, line_of, open_letter
from rehearsal.play import Play
from rehearsal.serving import HeldMeeting

_HERE = Path(__file__).parent / "pages"
_RULES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: a letter brings its own style and nothing else
_LETTER_RULES = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
_STATIC = {"play.css": "text/css", "play.js": "text/javascript"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def listen(port: int) -> socket.socket:
    """Take a port of 127.0.0.1 (0: any free one). Raises `BadInput` when another program has it."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
    except OSError:
        taken.close()
        raise BadInput(f"Another program uses port {port}, or it may not be used. Name another with --port.") from None
    return taken


class PlayPage:
    """The page of one play. `await open(listen(0))` serves it and gives its address."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def open(self, listening: socket.socket) -> str:
        """Serve it."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._home),
                web.get("/mail", self._mail),
                web.get("/mail/{number:\\d+}", self._letter),
                web.get("/mail/{number:\\d+}/html", self._letter_html),
                web.get("/mail/{number:\\d+}/file/{file:\\d+}", self._file),
                web.get("/meetings", self._meetings),
                web.get("/version", self._version),
                web.get("/{name:play\\.(?:css|js)}", self._static),
                web.post("/time/{move}", self._move),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        host, port = listening.getsockname()
        self.address = f"http://{host}:{port}"
        await web.SockSite(self._runner, listening).start()
        return f"{self.address}/"

    async def close(self) -> None:
        """Serve it no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only this page may use itself: no other name for this machine, and no form of another page."""
        host = self.address.removeprefix("http://")
        if request.headers.get("Host") not in (host, host.replace("127.0.0.1", "localhost")):
            raise web.HTTPForbidden(text="This page answers on 127.0.0.1 only.")
        if request.method == "POST" and request.headers.get("Origin") != f"http://{request.headers['Host']}":
            raise web.HTTPForbidden(text="Only the page itself can do that.")
        response = await handler(request)
        response.headers.setdefault("Content-Security-Policy", _RULES)
        response.headers.update({"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"})
        return response

    # ── what is shown ───────────────────────────────────────────────────────────────────────────────────

    async def _home(self, request: web.Request) -> web.Response:
        newest = [line_of(number, letter) for number, letter in enumerate(self._play.stage.mailbox.messages, 1)][-5:][::-1]
        story = [(moment_words(told.at), told.words) for told in self._play.story[-12:][::-1]]
        return self._page("home", request, newest=newest, story=story)

    async def _mail(self, request: web.Request) -> web.Response:
        letters = [line_of(number, letter) for number, letter in enumerate(self._play.stage.mailbox.messages, 1)]
        to = request.query.get("to", "")
        shown = [line for line in reversed(letters) if to in ("", line.address)]
        return self._page("mail", request, letters=shown, addresses=sorted({line.address for line in letters}), to=to)

    async def _letter(self, request: web.Request) -> web.Response:
        return self._page("letter", request, letter=self._opened(request))

    async def _letter_html(self, request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": _LETTER_RULES}
        return web.Response(text=self._opened(request).html, content_type="text/html", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        wanted = int(request.match_info["file"])
        found = next((file for file in self._opened(request).files if file.number == wanted), None)
        if found is None:
            raise web.HTTPNotFound
        response = web.Response(body=found.content, content_type="application/octet-stream")
        name = "".join(letter if letter.isalnum() or letter in "._- " else "_" for letter in found.name)
        response.headers["Content-Disposition"] = f'attachment; filename="{name.encode("ascii", "replace").decode()}"'
        return response

    async def _meetings(self, request: web.Request) -> web.Response:
        stage = self._play.stage
        held = [("Teams", one) for one in stage.graph.meetings] + [("Zoom", one) for one in stage.zoom.meetings]
        rows = [_told(service, one) for service, one in sorted(held, key=lambda pair: (pair[1].starts_at, pair[1].title))]
        return self._page("meetings", request, meetings=rows)

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response(self._play.version)

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return web.Response(text=(_HERE / name).read_text(encoding="utf-8"), content_type=_STATIC[name])

    def _opened(self, request: web.Request) -> Opened:
        number, letters = int(request.match_info["number"]), self._play.stage.mailbox.messages
        if not 1 <= number <= len(letters):
            raise web.HTTPNotFound
        return open_letter(number, letters[number - 1], self._play.stage.web.address)

    def _page(self, name: str, request: web.Request, **facts: Any) -> web.Response:
        play, now = self._play, self._play.stage.clock()
        shared: Mapping[str, Any] = {
            "name": name,
            "play": play,
            "now": moment_words(now),
            "ahead": None if play.ahead is None else (moment_words(play.ahead.at), play.ahead.what),
            "broken": [(moment_words(one.at), one.words, one.where) for one in play.broken[::-1]],
            "back": request.path_qs,
        }
        return web.Response(text=_templates().get_template(f"{name}.html").render(**shared, **facts), content_type="text/html")

    # ── what is done ────────────────────────────────────────────────────────────────────────────────────

    async def _move(self, request: web.Request) -> web.StreamResponse:
        play, back = self._play, str((await request.post()).get("back", "/"))
        match request.match_info["move"]:
            case "next":
                await play.to_next()
            case "hour":
                await play.later(timedelta(hours=1))
            case "day":
                await play.to_end_of_day()
            case _:
                raise web.HTTPNotFound
        raise web.HTTPSeeOther(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")


def _told(service: str, meeting: HeldMeeting) -> dict[str, str]:
    """A meeting as a row."""
    if meeting.deleted_at is not None:
        state = f"Deleted {moment_words(meeting.deleted_at)}"
    elif meeting.changed_at:
        state = f"Changed {moment_words(meeting.changed_at[-1])}"
    else:
        state = "Ready"
    wall = to_wall(meeting.starts_at)
    return {
        "service": service,
        "title": meeting.title,
        "host": meeting.host,
        "day": f"{wall:%a} {wall.day} {wall:%b %Y}",
        "hours": hours_words(meeting.starts_at, meeting.ends_at),
        "state": state,
        "gone": "yes" if meeting.deleted_at is not None else "",
        "link": meeting.join_url,
    }


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
