"""Zoom meetings over its REST interface, which has no key that makes a POST safe to repeat.

So our ref stands first in the meeting's agenda, a meeting is asked for once, and after an answer that was lost the host's
list is searched for the ref. What lands later still is found by `sweep`.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any
from urllib.parse import quote

import httpx

from domain.errors import Busy, OutsideError, Permanent, Temporary
from domain.kinds import Provider
from domain.limits import A_MINUTE, ZOOM, Unlimited, host_account
from domain.ports.limits import Limits
from domain.ports.meetings import MeetingMade, MeetingRequest
from integrations.outcomes import AccountRefused, broken, refused, time_to_midnight, waiting_time
from integrations.zoom_line import SIGN_IN_REFUSED, SignIn, ZoomAccount

__all__ = ["ZoomAccount", "ZoomMeetings"]

_SERVICE = "Zoom"
_FULL_DAY = "this Zoom host has reached its limit for today"
_GONE = "gone"
_LONGEST_TOPIC = 200
_PAGE_SIZE = 300
_SCHEDULED = 2

#: Zoom's own codes, in words
_WORDS = {
    300: "Zoom did not accept what was asked (code 300)",
    1001: "Zoom does not know this host",
    1114: "Zoom does not take one of the alternative hosts",
    3001: _GONE,
    3003: "this meeting belongs to another Zoom host",
}
_RUNNING = 3002
_NO_SCOPE = 4711
_SCOPE_MISSING = "our Zoom application may not do this: one of its scopes is missing"


_Params = dict[str, str | int] | None


@dataclass(frozen=True)
class _Listed:
    """One meeting of ours as the host's list shows it."""

    number: int
    join_url: str


class ZoomMeetings:
    """Makes, finds, changes and deletes Zoom meetings, as `limits` allows. `seconds` is how long one call may take."""

    def __init__(self, account: ZoomAccount, *, seconds: float = 30.0, limits: Limits | None = None) -> None:
        self._account = account
        self._seconds = seconds
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(seconds, connect=min(seconds, 10.0)))
        self._limits = limits or Unlimited()
        self._sign_in = SignIn(account, self._http, seconds)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def create(self, wanted: MeetingRequest) -> MeetingMade:
        """Ask for the meeting, once; where Zoom plainly refuses its alternative hosts, and so made nothing, once more without them."""
        try:
            return await self._create(wanted)
        except Permanent:
            if not wanted.co_organisers:
                raise
        return replace(await self._create(replace(wanted, co_organisers=())), without_co_organisers=True)

    async def _create(self, wanted: MeetingRequest) -> MeetingMade:
        answer = await self._call("POST", self._of_host(wanted.host), host=wanted.host, effect_possible=True, json=self._body(wanted))
        made = _read(answer, effect_possible=True)
        return _made(made, effect_possible=True)

    async def recover(self, wanted: MeetingRequest) -> MeetingMade | None:
        """The meeting of this ref in the host's list. Of several the lowest number stays, and the rest are deleted."""
        found = await self._list(wanted)
        for extra in found[1:]:
            await self._delete(str(extra.number))
        made = MeetingMade(str(found[0].number), found[0].join_url) if found else None
        return await self._with_co_organisers(made, wanted) if made and wanted.co_organisers else made

    async def _with_co_organisers(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        """A meeting that was found again may have been asked for without them. It is there, whatever comes of this."""
        try:
            return await self.change(made, wanted)
        except OutsideError:
            return replace(made, without_co_organisers=True)

    async def change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        """Send title, times and settings, whole, and read the link again: harmless to repeat."""
        try:
            return await self._change(made, wanted)
        except Permanent as failure:
            if failure.reason == _GONE or not wanted.co_organisers:
                raise
        return replace(await self._change(made, replace(wanted, co_organisers=())), without_co_organisers=True)

    async def _change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        path = f"/meetings/{quote(made.external_id, safe='')}"
        await self._call("PATCH", path, host=wanted.host, json=self._body(wanted, changing=True))
        return _made(_read(await self._call("GET", path), effect_possible=False), effect_possible=False)

    async def remove(self, made: MeetingMade, wanted: MeetingRequest) -> None:
        """Delete the meeting; one that is gone is done. `Temporary` while people are in it."""
        await self._delete(made.external_id)

    async def sweep(self, wanted: MeetingRequest, keep: MeetingMade | None) -> int:
        """Delete every listed meeting of this ref except `keep`."""
        extra = [found for found in await self._list(wanted) if keep is None or str(found.number) != keep.external_id]
        for meeting in extra:
            await self._delete(str(meeting.number))
        return len(extra)

    def _of_host(self, host: str) -> str:
        return f"/users/{quote(host, safe='@')}/meetings"

    def _body(self, wanted: MeetingRequest, *, changing: bool = False) -> dict[str, Any]:
        """Everything about a meeting that is ours to say. A change takes alternative hosts away too; nobody is their own."""
        others = ";".join(who for who in wanted.co_organisers if who.casefold() != wanted.host.casefold())
        minutes = math.ceil((wanted.ends_at - wanted.starts_at).total_seconds() / 60)
        return {
            "topic": wanted.title[:_LONGEST_TOPIC],
            "type": _SCHEDULED,
            "start_time": f"{wanted.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "duration": minutes,
            "timezone": wanted.zone,
            "agenda": _mark(wanted.ref),
            "settings": {
                "join_before_host": self._account.join_before_host,
                "jbh_time": 0,  # any time before the start
                "waiting_room": self._account.waiting_room,
            }
            | ({"alternative_hosts": others} if others or changing else {}),
        }

    async def _list(self, wanted: MeetingRequest) -> list[_Listed]:
        """The host's meetings of this ref on all pages, lowest number first."""
        found: dict[int, _Listed] = {}
        asked: dict[str, str | int] = {"type": "scheduled", "page_size": _PAGE_SIZE}
        while True:
            page = _read(await self._call("GET", self._of_host(wanted.host), params=asked), effect_possible=False)
            found.update((meeting.number, meeting) for meeting in _ours(page, wanted.ref))
            if not page.get("next_page_token"):
                return [found[number] for number in sorted(found)]
            asked["next_page_token"] = str(page["next_page_token"])

    async def _delete(self, number: str) -> None:
        try:
            await self._call("DELETE", f"/meetings/{quote(number, safe='')}")
        except Permanent as failure:
            if failure.reason != _GONE:
                raise

    async def _call(
        self, method: str, path: str, *, host: str = "", effect_possible: bool = False, json: object = None, params: _Params = None
    ) -> httpx.Response:
        """One call, and once more with a fresh token where the token had expired, which means that nothing happened.

        `host`: whose daily limit it counts against. What Zoom asks to wait is waited by every process.
        """
        accounts = (ZOOM, host_account(Provider.ZOOM, host)) if host else (ZOOM,)
        call = self._request(method, path, json, params)
        await self._limits.take(*accounts)
        token = await self._sign_in.token()
        answer = await self._send(call, token, effect_possible)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            await self._limits.take(*accounts)
            token = await self._sign_in.token(instead_of=token)
            answer = await self._send(call, token, effect_possible)
        if not answer.is_success:
            failure = _meaning(answer, path, effect_possible)
            if isinstance(failure, Busy):
                busy = accounts[-1] if failure.reason == _FULL_DAY else ZOOM
                await self._limits.pause(busy, failure.retry_after or A_MINUTE, failure.reason)
            raise failure
        return answer

    def _request(self, method: str, path: str, json: object, params: _Params) -> httpx.Request:
        try:
            return self._http.build_request(method, self._account.api_base.rstrip("/") + path, json=json, params=params)
        except httpx.InvalidURL as error:
            failure = broken(_SERVICE, error, effect_possible=False)
        raise failure

    async def _send(self, call: httpx.Request, token: str, effect_possible: bool) -> httpx.Response:
        call.headers["Authorization"] = f"Bearer {token}"
        try:
            async with asyncio.timeout(self._seconds):
                return await self._http.send(call)
        except (httpx.HTTPError, TimeoutError) as error:
            failure = broken(_SERVICE, error, effect_possible=effect_possible)
        # outside the handler, so that the address does not travel along as the context
        raise failure


def _mark(ref: str) -> str:
    """What stands first in the agenda."""
    return f"ref:{ref}"


def _ours(page: dict[str, Any], ref: str) -> list[_Listed]:
    """The meetings of this ref on one page. The list cuts long agendas short; the ref stands first."""
    try:
        ours = [told for told in page["meetings"] if str(told.get("agenda", "")).split(maxsplit=1)[:1] == [_mark(ref)]]
        return [_Listed(int(told["id"]), str(told["join_url"])) for told in ours]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        failure = broken(_SERVICE, error, effect_possible=False)
    raise failure


def _read(answer: httpx.Response, *, effect_possible: bool) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if isinstance(told, dict):
        return told
    raise broken(_SERVICE, ValueError(), effect_possible=effect_possible)


def _made(told: dict[str, Any], *, effect_possible: bool) -> MeetingMade:
    if not told.get("id") or not told.get("join_url"):
        raise broken(_SERVICE, ValueError(), effect_possible=effect_possible)
    return MeetingMade(str(told["id"]), str(told["join_url"]))


def _meaning(answer: httpx.Response, path: str, effect_possible: bool) -> OutsideError:
    """What an answer that is no success meant: by Zoom's own code where it gives one."""
    status = answer.status_code
    try:
        told = answer.json()
    except ValueError:
        told = {}
    code, message = (told.get("code"), str(told.get("message", ""))) if isinstance(told, dict) else (None, "")
    if status == httpx.codes.TOO_MANY_REQUESTS and ("per-day" in message.lower() or "daily" in message.lower()):
        return Busy(_FULL_DAY, retry_after=time_to_midnight(answer.headers))
    if status == httpx.codes.UNAUTHORIZED:
        return AccountRefused(SIGN_IN_REFUSED)
    if status < 500 and code == _NO_SCOPE:
        return AccountRefused(_SCOPE_MISSING)
    if status < 500 and code == _RUNNING:
        return Temporary("people are in this Zoom meeting just now")
    reason = _WORDS.get(code, "") if isinstance(code, int) else ""
    if status == httpx.codes.NOT_FOUND and not reason:
        reason = _WORDS[1001] if path.startswith("/users/") else _WORDS[3001]
    return refused(_SERVICE, status, effect_possible=effect_possible, reason=reason, wait=waiting_time(answer.headers))
