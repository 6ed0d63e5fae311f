"""Looking at Microsoft: the sign-in, what the application was granted, for whom it may make meetings, and its mail.

Each look is a question that changes nothing. What cannot be seen from outside is said, with the place where to see it.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from domain.findings import Finding, clock_finding, missing, ok, unsure
from integrations.asking import Answer, ask, busy
from integrations.graph_calls import Application

SERVICE = "Microsoft"
MEETINGS_ROLE, MAIL_ROLE = "OnlineMeetings.ReadWrite.All", "Mail.Send"
#: each lets the application read licences
_LICENCE_ROLES = frozenset({"LicenseAssignment.Read.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"})
_GRANT = "In Entra, open the application and its API permissions. Add the application permission {role}. Then grant admin consent."
_POLICY = (
    "In Teams PowerShell, run New-CsApplicationAccessPolicy for this app. "
    "Then give it to the host with Grant-CsApplicationAccessPolicy. "
    "It can take 30 minutes."
)
#: Microsoft's numbers for what is wrong with a sign-in
_SIGN_IN = {
    "AADSTS90002": ("Microsoft does not know this tenant.", "Check tenant_id: Entra shows it as Directory (tenant) ID."),
    "AADSTS900023": ("Microsoft does not know this tenant.", "Check tenant_id: Entra shows it as Directory (tenant) ID."),
    "AADSTS700016": (
        "Microsoft does not know this application in the tenant.",
        "Check client_id: Entra shows it as Application (client) ID.",
    ),
    "AADSTS7000215": (
        "The client secret is wrong.",
        "Use the secret's value, not its id. Entra shows it only once: make a new one.",
    ),
    "AADSTS7000222": ("The client secret has run out.", "Make a new one in Entra, under Certificates & secrets."),
    "AADSTS7000112": ("The application is switched off.", "In Entra, under Enterprise applications, let people sign in to it."),
}


class GraphLook:
    """One sign-in, and what can be asked with it. `now` is the instant of the look, by this machine's clock."""

    def __init__(self, application: Application, http: httpx.AsyncClient, *, now: datetime) -> None:
        self._application = application
        self._http = http
        self._now = now
        self._token = ""
        self.roles: frozenset[str] = frozenset()

    async def sign_in(self) -> list[Finding]:
        """Whether we get a token."""
        wanted = self._application
        form = {"client_id": wanted.client_id, "client_secret": wanted.client_secret, "grant_type": "client_credentials"}
        form["scope"] = _scope_of(wanted.base_url)
        tenant = quote(wanted.tenant_id, safe="")
        answer = await ask(
            self._http, "POST", f"{wanted.authority.rstrip('/')}/{tenant}/oauth2/v2.0/token", service="the Microsoft sign-in", form=form
        )
        if isinstance(answer, Finding):
            return [answer]
        if answer.busy:
            return [busy("the Microsoft sign-in")]
        clock = clock_finding(SERVICE, answer.at, self._now)
        token = answer.told.get("access_token")
        if not answer.good or not isinstance(token, str):
            return [_not_signed_in(answer), *clock]
        self._token, self.roles = token, frozenset(_roles_in(token))
        hint = "When the secret runs out cannot be seen from here. Entra shows the day under Certificates & secrets: write it down."
        return [ok("Microsoft takes our sign-in."), unsure(hint), *clock]

    @property
    def signed_in(self) -> bool:
        """Whether anything more can be asked."""
        return bool(self._token)

    def role(self, role: str, purpose: str) -> Finding:
        """Whether the application was granted this role."""
        if role in self.roles:
            return ok(f"The application may {purpose} ({role}).")
        return missing(f"The application may not {purpose}: {role} was not granted.", _GRANT.format(role=role))

    async def host(self, host: str) -> list[Finding]:
        """Whether the application may make meetings for this organiser, and whether they have Teams."""
        if "@" in host:
            remedy = "Entra shows it on the account's page as Object ID."
            return [missing(f"The Teams host {host} is an address. Microsoft wants the account's object id.", remedy)]
        asked = {"$filter": "JoinWebUrl eq 'https://teams.microsoft.com/l/meetup-join/practiceweek-check'"}
        answer = await self._get(f"/users/{quote(host, safe='')}/onlineMeetings", asked)
        if isinstance(answer, Finding):
            return [answer]
        return [_policy(host, answer), *([] if answer.status == 404 else [await self._licence(host)])]

    async def _licence(self, host: str) -> Finding:
        look = f"Look in the Microsoft 365 admin centre, at the account's licences, that the host {host} has Teams."
        if not self.roles & _LICENCE_ROLES:
            return unsure(f"Whether the host {host} has a licence with Teams could not be told.", look)
        answer = await self._get(f"/users/{quote(host, safe='')}/licenseDetails", {})
        if isinstance(answer, Finding) or not answer.good:
            return unsure(f"Whether the host {host} has a licence with Teams could not be told.", look)
        if any(_is_teams(plan) for one in answer.told.get("value", ()) for plan in one.get("servicePlans", ())):
            return ok(f"The host {host} has a licence with Teams.")
        return missing(f"The host {host} has no licence with Teams.", "Give the account one in the Microsoft 365 admin centre.")

    async def mailbox(self, sender: str) -> Finding:
        """Whether the application may send from this mailbox: it hands in nothing at all, which Exchange refuses as unreadable."""
        address = f"{self._base}/users/{quote(sender, safe='@')}/sendMail"
        answer = await ask(self._http, "POST", address, service="Microsoft mail", bearer=self._token, content=b"?")
        if isinstance(answer, Finding):
            return answer
        if answer.busy:
            return busy("Microsoft mail")
        if answer.status == 400 and "mime" in json.dumps(answer.told).casefold():  # it came as far as reading the letter
            return ok(f"Microsoft would take mail from {sender}. Nothing was sent.")
        if answer.status == 404:
            return missing(f"Microsoft knows no mailbox {sender}.", "Check mail.sender. It has to be a mailbox of this tenant.")
        if answer.status == 403:
            remedy = "Let the application's access policy, or its RBAC scope in Exchange, cover this mailbox. It can take an hour."
            return missing(f"Microsoft does not let the application send from {sender}.", remedy)
        return unsure(f"Microsoft gave an answer about {sender} that we do not know ({answer.status}).", "Send yourself a trial message.")

    async def _get(self, path: str, params: dict[str, str]) -> Answer | Finding:
        answer = await ask(self._http, "GET", self._base + path, service="Microsoft Graph", bearer=self._token, params=params)
        return busy("Microsoft Graph") if isinstance(answer, Answer) and answer.busy else answer

    @property
    def _base(self) -> str:
        return self._application.base_url.rstrip("/")


def lobby(scope: str) -> list[Finding]:
    """Who may come in without the host."""
    if scope == "everyone":
        said = ok("Our Teams meetings let everyone in without the host (teams.who_skips_the_lobby).")
    else:
        words = f"Our Teams meetings let only some people in without the host (teams.who_skips_the_lobby is {scope})."
        said = missing(words, 'Set teams.who_skips_the_lobby = "everyone", or let somebody sit there as the host.')
    look = "Look in the Teams admin centre, Meetings, Meeting policies: Who can bypass the lobby, and Anonymous users can join a meeting."
    return [said, unsure("Whether your organisation's own meeting policy allows that cannot be read from here.", look)]


def _policy(host: str, answer: Answer) -> Finding:
    if answer.status == 403:
        return missing(f"The application may not make meetings for the host {host}: its access policy is missing.", _POLICY)
    about = json.dumps(answer.told).casefold()
    if answer.status == 404 and "user" in about:
        return missing(f"Microsoft does not know the host {host}.", "Use the object id of an account of this tenant.")
    if answer.good or answer.status in (400, 404):  # it looked, and there is no such meeting
        return ok(f"The application may make meetings for the host {host}.")
    return unsure(f"Microsoft gave an answer about the host {host} that we do not know ({answer.status}).", "Try again later.")


def _is_teams(plan: dict[str, Any]) -> bool:
    return str(plan.get("servicePlanName", "")).startswith("TEAMS") and plan.get("provisioningStatus") == "Success"


def _not_signed_in(answer: Answer) -> Finding:
    number = re.search(r"AADSTS\d+", str(answer.told.get("error_description", "")))
    known = _SIGN_IN.get(number[0]) if number else None
    if known is not None:
        return missing(*known)
    shown = f" ({number[0]})" if number else f" (answer {answer.status})"
    return missing(f"Microsoft refused our sign-in{shown}.", "Check the tenant, the client id and the client secret.")


def _roles_in(token: str) -> Iterable[str]:
    """What the token says was granted. It is read, not proven: Microsoft proves it when it is used."""
    try:
        body = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return [str(role) for role in claims.get("roles", ())]
    except (IndexError, ValueError, AttributeError, TypeError):
        return []


def _scope_of(base_url: str) -> str:
    """The scope that covers everything the application was granted in this cloud."""
    parts = urlsplit(base_url)
    return f"https://{parts.hostname}/.default" if parts.scheme == "https" else "https://graph.microsoft.com/.default"
