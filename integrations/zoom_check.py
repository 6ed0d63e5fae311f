"""Looking at Zoom: the sign-in, what the app may do, and whether each host can hold the meetings that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import httpx

from domain.findings import Finding, clock_finding, listed, missing, ok, unsure
from integrations.asking import Answer, ask, busy
from integrations.zoom_line import ZoomAccount

#: what the app must be able to do, by the names of its scopes: the newer, finer one, and the older, broader one
_NEEDED = {
    "make meetings": ("meeting:write:meeting:admin", "meeting:write:admin"),
    "change meetings": ("meeting:update:meeting:admin", "meeting:write:admin"),
    "delete meetings": ("meeting:delete:meeting:admin", "meeting:write:admin"),
    "read a meeting": ("meeting:read:meeting:admin", "meeting:read:admin"),
    "list meetings": ("meeting:read:list_meetings:admin", "meeting:read:admin"),
}
_READ_HOST = ("user:read:user:admin", "user:read:admin")
_READ_SETTINGS = ("user:read:settings:admin", "user:read:admin")
_BASIC, _LICENSED = 1, 2
_MOST_AT_ONCE = 2


@dataclass(frozen=True)
class HostWish:
    """A host, and how many meetings the settings let it run at once."""

    account: str
    at_once: int


class ZoomLook:
    """One sign-in, and what can be asked with it. `now` is the instant of the look, by this machine's clock."""

    def __init__(self, account: ZoomAccount, http: httpx.AsyncClient, *, now: datetime) -> None:
        self._account = account
        self._http = http
        self._now = now
        self._token = ""
        self.scopes: frozenset[str] = frozenset()

    async def sign_in(self) -> list[Finding]:
        """Whether we get a token, and what it allows."""
        wanted = self._account
        form = {"grant_type": "account_credentials", "account_id": wanted.account_id}
        address = f"{wanted.oauth_base.rstrip('/')}/oauth/token"
        who = (wanted.client_id, wanted.client_secret)
        answer = await ask(self._http, "POST", address, service="the Zoom sign-in", form=form, auth=who)
        if isinstance(answer, Finding):
            return [answer]
        if answer.busy:
            return [busy("the Zoom sign-in")]
        clock = clock_finding("Zoom", answer.at, self._now)
        token = answer.told.get("access_token")
        if not answer.good or not isinstance(token, str):
            return [_not_signed_in(answer), *clock]
        self._token, self.scopes = token, frozenset(str(answer.told.get("scope", "")).split())
        return [ok("Zoom takes our sign-in."), *clock, self._rights()]

    @property
    def signed_in(self) -> bool:
        """Whether anything more can be asked."""
        return bool(self._token)

    def _rights(self) -> Finding:
        lacking = [(purpose, names[0]) for purpose, names in _NEEDED.items() if not self._may(names)]
        if not lacking:
            return ok("The Zoom app may make, change, delete and list meetings.")
        scopes = listed([scope for _, scope in lacking])
        said = f"The Zoom app may not {listed([purpose for purpose, _ in lacking])}."
        return missing(said, f"In the Zoom App Marketplace, open the app, Scopes, and add {scopes}.")

    def _may(self, names: tuple[str, ...]) -> bool:
        return bool(self.scopes & set(names))

    async def host(self, host: HostWish) -> list[Finding]:
        """Whether the host exists, its licence, how many meetings it may run, and who may come in before it."""
        look = f"Look in the Zoom portal, User Management, at {host.account}; or add the scope {_READ_HOST[0]} to the app."
        if not self._may(_READ_HOST):
            return [unsure(f"Which licence the Zoom host {host.account} has could not be told.", look), *await self._doors(host.account)]
        answer = await self._get(f"/users/{quote(host.account, safe='@')}")
        if isinstance(answer, Finding):
            return [answer]
        if answer.status == 404:
            return [missing(f"Zoom does not know the host {host.account}.", "Use the id or the address of an account of yours in Zoom.")]
        if not answer.good:
            return [unsure(f"Which licence the Zoom host {host.account} has could not be told.", look)]
        return [_licence(host, answer.told.get("type")), *_together(host, answer.told.get("type")), *await self._doors(host.account)]

    async def _doors(self, host: str) -> list[Finding]:
        """Who may come in before the host."""
        look = f"Look in the Zoom portal at the settings of {host}; or add the scope {_READ_SETTINGS[0]} to the app."
        cannot = [unsure(f"Who may join before the Zoom host {host} could not be told.", look)]
        if not self._may(_READ_SETTINGS):
            return cannot
        answer = await self._get(f"/users/{quote(host, safe='@')}/settings")
        if isinstance(answer, Finding) or not answer.good:
            return cannot
        scheduled, inside = answer.told.get("schedule_meeting", {}), answer.told.get("in_meeting", {})
        return [
            _early(host, scheduled.get("join_before_host"), self._account.join_before_host),
            _waiting(host, inside.get("waiting_room"), self._account.waiting_room),
        ]

    async def _get(self, path: str) -> Answer | Finding:
        answer = await ask(self._http, "GET", self._account.api_base.rstrip("/") + path, service="Zoom", bearer=self._token)
        return busy("Zoom") if isinstance(answer, Answer) and answer.busy else answer


def _not_signed_in(answer: Answer) -> Finding:
    if answer.told.get("error") == "invalid_client" or answer.status == 401:
        return missing("Zoom does not know this client id, or the client secret is wrong.", "Copy both again from the app's page in Zoom.")
    if answer.status == 400:
        remedy = "Check zoom.account_id, and that the app is of the kind Server-to-Server OAuth and switched on."
        return missing("Zoom does not know this account, or the app is switched off.", remedy)
    return missing(f"Zoom refused our sign-in (answer {answer.status}).", "Check the account id, the client id and the client secret.")


def _licence(host: HostWish, kind: object) -> Finding:
    if kind == _LICENSED:
        return ok(f"The Zoom host {host.account} has a licence.")
    if kind == _BASIC:
        said = f"The Zoom host {host.account} has no licence (Basic): Zoom ends its meetings after 40 minutes."
        return missing(said, "Give the account a licence in the Zoom portal, under User Management.")
    return missing(f"The Zoom host {host.account} cannot hold meetings.", "Give the account a Zoom Meetings licence.")


def _together(host: HostWish, kind: object) -> list[Finding]:
    """Whether the plan allows as many meetings at once as the settings ask for."""
    if host.at_once <= 1:
        return []
    if kind != _LICENSED or host.at_once > _MOST_AT_ONCE:
        most = 1 if kind != _LICENSED else _MOST_AT_ONCE
        said = f"The Zoom host {host.account} is to run {host.at_once} meetings at once. Zoom allows it {most} at most."
        return [missing(said, f"Set at_once = {most} for it, or add another host.")]
    said = f"The Zoom host {host.account} is to run 2 meetings at once. Whether your plan allows it cannot be seen from here."
    return [unsure(said, "It does on Business and above, not on Pro. Look in the Zoom portal, Account Management, Billing.")]


def _early(host: str, theirs: object, wanted: bool) -> Finding:
    if not wanted:
        said = "Our Zoom meetings wait for the host (zoom.join_before_host is false)."
        return missing(said, "Nobody sits in front of the host account: set zoom.join_before_host = true, or let somebody be there.")
    if theirs:
        return ok(f"People may join before the Zoom host {host}.")
    said = f"In Zoom, people may not join before the host {host}. Our meetings ask for it, but a locked setting wins."
    return missing(said, "In the Zoom portal, at this account's settings, switch on Allow participants to join before host.")


def _waiting(host: str, theirs: object, wanted: bool) -> Finding:
    if wanted:
        said = "Our Zoom meetings have a waiting room (zoom.waiting_room is true): somebody has to let people in."
        return missing(said, "Set zoom.waiting_room = false, or let somebody be there as the host.")
    if theirs:
        said = f"In Zoom, the host {host} has a waiting room. Our meetings ask for none, but a locked setting wins."
        return missing(said, "In the Zoom portal, at this account's settings, switch off Waiting room.")
    return ok(f"Nobody has to wait to be let in by the Zoom host {host}.")
