"""The bot's requests, as Discord allows them: fifty a second over all processes, five messages in five seconds to a channel.

discord.py learns the limits of each route by itself, a process at a time, and knows nothing of the fifty a second. Both
are shared here, through the one door that it offers: an aiohttp `TraceConfig` (its option `http_trace`), which is awaited
before every request, each repeat of discord.py's own among them, and sees every answer. Answers to a click are exempt: they
do not count against the fifty, and nobody waits for them.
"""

from __future__ import annotations

import re
from types import SimpleNamespace

import aiohttp
import discord
import yarl

from domain.errors import Held
from domain.limits import A_MINUTE, DISCORD, named
from domain.ports.limits import Limits

TOO_MANY = 429
#: the longest that a request waits for its turn (seconds); the ledger waits out the rest
PATIENCE_S = 20.0
_API = re.compile(r"^/api/v\d+(?P<path>/.*)$")
#: an answer to a click, at once or later: `/interactions/<id>/<token>/callback`, `/webhooks/<application>/<token>`
_ANSWER = re.compile(r"^/(interactions|webhooks)/\d+/[^/]+")
_MESSAGES = re.compile(r"^/channels/(?P<channel>\d+)/messages(/\d+)?$")
#: what a route's own limit goes by (`/channels/<id>`, `/guilds/<id>`); any later number is one of many
_MAJOR = re.compile(r"^(/(?:channels|guilds)/\d+)?(.*)$")


class NotNow(discord.RateLimited):
    """We did not ask Discord: it has asked us to wait, or our share of a second is used up."""


def share(limits: Limits) -> aiohttp.TraceConfig:
    """What `discord.Client(http_trace=…)` takes: each request waits for its turn; what Discord asks to wait is waited by all.

    A request whose turn does not come within twenty seconds raises `NotNow`.
    """
    trace = aiohttp.TraceConfig()

    async def begin(_session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestStartParams) -> None:
        if accounts := accounts_of(request.method, request.url):
            try:
                await limits.take(*accounts, patience=PATIENCE_S)
            except Held as held:
                raise NotNow(held.retry_after or A_MINUTE) from None

    async def end(_session: aiohttp.ClientSession, _context: SimpleNamespace, answered: aiohttp.TraceRequestEndParams) -> None:
        if answered.response.status != TOO_MANY:
            return
        if accounts := accounts_of(answered.method, answered.url):
            headers = answered.response.headers
            everything = headers.get("X-RateLimit-Global", "").lower() == "true" or "Via" not in headers
            await limits.pause(DISCORD if everything else accounts[-1], _seconds(headers.get("Retry-After", "")), "Discord answered 429")

    trace.on_request_start.append(begin)
    trace.on_request_end.append(end)
    return trace


def accounts_of(method: str, url: yarl.URL) -> tuple[str, ...]:
    """The accounts that a request needs: the bot's, a channel's where it writes there, the route's. None: it is exempt."""
    api = _API.match(url.path)
    if api is None or _ANSWER.match(api["path"]):
        return ()
    route = named("route", f"{method} {_route(api['path'])}")
    message = _MESSAGES.match(api["path"])
    if message is None or method not in ("POST", "PATCH"):
        return DISCORD, route
    return DISCORD, named("channel", f"{message['channel']}:{method.lower()}"), route


def _route(path: str) -> str:
    major = _MAJOR.match(path)
    assert major is not None
    return (major[1] or "") + re.sub(r"/\d+", "/*", major[2])


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return A_MINUTE
