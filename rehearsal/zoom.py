"""A stand-in for Zoom's sign-in and scheduled meetings, as strict as they are.

It has no key that makes a POST safe to repeat: the same POST twice is two meetings. Schedules may overlap; only a meeting
that runs by the stand-in's clock cannot be deleted. Links lead nowhere.
"""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiohttp import web

from rehearsal.serving import HeldMeeting, ServiceError, StandIn, digest
from rehearsal.zoom_people import SCOPES, ZoomPerson, person_told, settings_told
from rehearsal.zoom_rules import Asked, asked_in, check_alternative_hosts, listed, ref_in, told

Weight = Literal["light", "medium"]

#: calls a second by plan; heavier calls are allowed less often
RATES: dict[str, dict[Weight, int]] = {
    "free": {"light": 4, "medium": 2},
    "pro": {"light": 30, "medium": 20},
    "business": {"light": 80, "medium": 60},
}
_DEFAULT_SETTINGS = {"join_before_host": False, "waiting_room": True}
_PAGE_TOKEN_LIFE = timedelta(minutes=15)


@dataclass(frozen=True)
class ZoomRealm:
    """What the account knows and allows."""

    account_id: str = "rehearsal-account"
    client_id: str = "practice-week"
    client_secret: str = "a-secret-of-the-rehearsal"
    hosts: tuple[str, ...] = ("host-one@zoom.example",)
    #: what is special about a host; the others are as they should be
    people: Mapping[str, ZoomPerson] = field(default_factory=dict)
    #: what the app may do
    scopes: tuple[str, ...] = SCOPES
    #: licensed people of the account besides its hosts: who may be an alternative host
    licensed: tuple[str, ...] = ()
    #: creates and updates of one host in one UTC day
    daily_limit: int = 100
    #: how the answer over the daily limit says when to come back
    daily_retry_after: Literal["absent", "iso"] = "absent"
    #: whose limits a second hold; None: none do
    plan: Literal["free", "pro", "business"] | None = None
    #: a list's pages are never larger than this
    largest_page: int = 300


class ZoomStandIn(StandIn):
    """Zoom on the loopback."""

    def __init__(self, *, clock: Callable[[], datetime], realm: ZoomRealm | None = None, seed: int = 1) -> None:
        super().__init__(clock=clock, seed=seed)
        self.realm = realm or ZoomRealm()
        self._tokens: dict[str, datetime] = {}
        self._issued = 0
        self._spent: Counter[tuple[str, str]] = Counter()
        self._rates: Counter[tuple[Weight, int]] = Counter()
        self._pages: dict[str, tuple[int, datetime]] = {}

    @property
    def oauth_base(self) -> str:
        """Where tokens come from."""
        return self.address

    @property
    def api_base(self) -> str:
        """Where the meetings are."""
        return f"{self.address}/v2"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/oauth/token", self._token),
            web.post("/v2/users/{host}/meetings", self._create),
            web.get("/v2/users/{host}/meetings", self._list, allow_head=False),
            web.get("/v2/users/{host}", self._person, allow_head=False),
            web.get("/v2/users/{host}/settings", self._settings, allow_head=False),
            web.get("/v2/meetings/{meeting}", self._get, allow_head=False),
            web.patch("/v2/meetings/{meeting}", self._patch),
            web.delete("/v2/meetings/{meeting}", self._delete),
        ]

    def error(self, status: int, code: str | int | None, message: str) -> dict[str, Any]:
        return {"code": status if code is None else code, "message": message}

    def revoke_tokens(self) -> None:
        """No token issued so far is good any more."""
        self._tokens.clear()

    def spend(self, host: str, calls: int) -> None:
        """This host has made so many creates and updates today."""
        self._spent[host, self._today()] += calls

    # ── sign-in and limits ──────────────────────────────────────────────────────────────────────────────────

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {**request.query, **await request.post()}
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind != "Basic" or _decoded(given) != f"{self.realm.client_id}:{self.realm.client_secret}":
            return web.json_response({"reason": "Invalid client_id or client_secret", "error": "invalid_client"}, status=401)
        if form.get("grant_type") != "account_credentials":
            return web.json_response({"reason": "unsupported grant type", "error": "unsupported_grant_type"}, status=400)
        if form.get("account_id") != self.realm.account_id:
            return web.json_response({"reason": "Bad Request", "error": "invalid_request"}, status=400)
        self._issued += 1
        token = digest(self.seed, "token", self._issued).hex()
        self._tokens[token] = self.clock() + timedelta(seconds=3600)
        answer = {"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": " ".join(self.realm.scopes)}
        return web.json_response(answer)

    def _admit(self, request: web.Request, weight: Weight) -> None:
        """The token, then the rate a second."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self._tokens:
            raise ServiceError(401, 124, "Invalid access token.")
        if self.clock() >= self._tokens[token]:
            raise ServiceError(401, 124, "Access token is expired.")
        if self.realm.plan is not None:
            second = int(self.clock().timestamp())
            self._rates[weight, second] += 1
            if self._rates[weight, second] > RATES[self.realm.plan][weight]:
                raise ServiceError(429, 429, "You have reached the maximum per-second rate limit for this API. Try again later.")

    def _today(self) -> str:
        return f"{self.clock().astimezone(UTC):%Y-%m-%d}"

    def _count(self, host: str) -> None:
        """One create or update of this host."""
        if self._spent[host, self._today()] >= self.realm.daily_limit:
            midnight = self.clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            wait = {"Retry-After": f"{midnight:%Y-%m-%dT%H:%M:%SZ}"} if self.realm.daily_retry_after == "iso" else {}
            words = "You have exceeded the daily rate limit of (100) for Meeting Create/Update API requests permitted for this user."
            raise ServiceError(429, 429, words, wait)
        self._spent[host, self._today()] += 1

    def _host(self, request: web.Request) -> str:
        host = request.match_info["host"]
        if host not in self.realm.hosts:
            raise ServiceError(404, 1001, f"User does not exist: {host}.")
        return host

    def _find(self, request: web.Request) -> HeldMeeting:
        for meeting in self.living:
            if meeting.external_id == request.match_info["meeting"]:
                return meeting
        raise ServiceError(404, 3001, f"Meeting does not exist: {request.match_info['meeting']}.")

    async def _person(self, request: web.Request) -> web.StreamResponse:
        self._admit(request, "light")
        host = self._host(request)
        return web.json_response(person_told(self.realm.people.get(host, ZoomPerson()), host, self.realm.scopes))

    async def _settings(self, request: web.Request) -> web.StreamResponse:
        self._admit(request, "medium")
        return web.json_response(settings_told(self.realm.people.get(self._host(request), ZoomPerson()), self.realm.scopes))

    # ── meetings ────────────────────────────────────────────────────────────────────────────────────────────

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self._admit(request, "medium")
        host, asked = self._host(request), asked_in(await request.text())
        check_alternative_hosts(asked.settings, host, (*self.realm.hosts, *self.realm.licensed))
        self._count(host)
        meeting = self._make(host, asked)
        self.tell(request, f"created {meeting.external_id}")
        return web.json_response(told(meeting), status=201)

    def _make(self, host: str, asked: Asked) -> HeldMeeting:
        """A new meeting. Its number comes from what was asked, so that it does not depend on who asked first."""
        start, title, agenda = asked.starts_at or self.clock(), asked.title or "Zoom Meeting", asked.agenda or ""
        alike = sum((held.host, held.agenda, held.title) == (host, agenda, title) for held in self.meetings)
        marks = digest(self.seed, "zoom", host, agenda, title, alike)
        number, taken = 80_000_000_000 + int.from_bytes(marks[:8]) % 10_000_000_000, {held.external_id for held in self.meetings}
        while str(number) in taken:
            number += 1
        link = f"https://zoom.example/j/{number}?pwd={marks.hex()[:16]}"
        end = start + timedelta(minutes=asked.minutes or 60)
        meeting = HeldMeeting(str(number), host, ref_in(agenda), title, start, end, link, self.clock(), asked.zone or "UTC", agenda)
        meeting.settings = {**_DEFAULT_SETTINGS, **asked.settings}
        self.meetings.append(meeting)
        return meeting

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self._admit(request, "medium")
        host, asked = self._host(request), request.query
        if asked.get("type", "scheduled") != "scheduled" or not asked.get("page_size", "30").isdecimal():
            raise ServiceError(400, 300, "Validation Failed.")
        size = min(int(asked.get("page_size", "30")), self.realm.largest_page, 300)
        start = self._page_start(asked.get("next_page_token", ""))
        held = [meeting for meeting in self.living if meeting.host == host]
        following = self._page_token(start + size) if start + size < len(held) else ""
        if not following:
            self.let_late_land(request)
        page = [listed(meeting) for meeting in held[start : start + size]]
        return web.json_response({"page_size": size, "total_records": len(held), "next_page_token": following, "meetings": page})

    def _page_token(self, start: int) -> str:
        token = digest(self.seed, "page", len(self._pages)).hex()
        self._pages[token] = (start, self.clock() + _PAGE_TOKEN_LIFE)
        return token

    def _page_start(self, token: str) -> int:
        if not token:
            return 0
        start, until = self._pages.get(token, (0, self.clock()))
        if self.clock() >= until:
            raise ServiceError(400, 300, "The next page token is invalid or expired.")
        return start

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self._admit(request, "light")
        return web.json_response(told(self._find(request)))

    async def _patch(self, request: web.Request) -> web.StreamResponse:
        self._admit(request, "light")
        meeting, asked = self._find(request), asked_in(await request.text())
        check_alternative_hosts(asked.settings, meeting.host, (*self.realm.hosts, *self.realm.licensed))
        self._count(meeting.host)
        minutes = timedelta(minutes=asked.minutes) if asked.minutes else meeting.ends_at - meeting.starts_at
        meeting.starts_at = asked.starts_at or meeting.starts_at
        meeting.ends_at = meeting.starts_at + minutes
        meeting.title = asked.title or meeting.title
        meeting.zone = asked.zone or meeting.zone
        if asked.agenda is not None:
            meeting.agenda, meeting.ref = asked.agenda, ref_in(asked.agenda)
        meeting.settings |= asked.settings
        meeting.changed_at.append(self.clock())
        self.tell(request, f"changed {meeting.external_id}")
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        self._admit(request, "light")
        meeting = self._find(request)
        if meeting.starts_at <= self.clock() < meeting.ends_at:
            raise ServiceError(400, 3002, "Sorry, you cannot delete this meeting since it is in progress.")
        meeting.deleted_at = self.clock()
        self.tell(request, f"deleted {meeting.external_id}")
        return web.Response(status=204)


def _decoded(given: str) -> str:
    try:
        return b64decode(given, validate=True).decode()
    except ValueError:
        return ""
