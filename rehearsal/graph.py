"""A stand-in for Microsoft's sign-in, for the online meetings of Microsoft Graph and for its mail, as strict as they are.

One address serves both: `authority` for tokens, `base_url` for Graph. `createOrGet` keeps one meeting for a host and an
external id, takes only what the service takes, and everything else is patched; a patch needs both times and the
participants. Links lead nowhere.
"""

from __future__ import annotations

import re
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web

from rehearsal.graph_inbox import Inbox
from rehearsal.graph_outbox import Deliver, Outbox, token_of
from rehearsal.serving import HeldMeeting, ServiceError, StandIn, body_of, digest

_CREATE_TAKES = {"subject", "startDateTime", "endDateTime", "participants", "chatInfo", "externalId"}
_PATCH_TAKES = {
    "@odata.type",
    "subject",
    "startDateTime",
    "endDateTime",
    "participants",
    "lobbyBypassSettings",
    "allowedPresenters",
    "allowMeetingChat",
    "allowAttendeeToEnableCamera",
    "allowAttendeeToEnableMic",
    "allowTeamworkReactions",
    "isEntryExitAnnounced",
    "recordAutomatically",
}
_ROLES = {"attendee", "presenter", "coorganizer"}
_LOBBY_SCOPES = {"organizer", "organization", "organizationAndFederated", "everyone", "invited", "organizationExcludingGuests"}


@dataclass(frozen=True)
class GraphRealm:
    """What the tenant knows: its application, its people, and for whom the application may make meetings."""

    tenant_id: str = "11111111-2222-3333-4444-555555555555"
    client_id: str = "practice-week"
    client_secret: str = "a-secret-of-the-rehearsal"
    hosts: tuple[str, ...] = ("aaaaaaaa-0000-0000-0000-000000000001",)
    #: people of the tenant besides its hosts: who may be a co-organiser
    people: tuple[str, ...] = ()
    #: hosts that exist, but that no application access policy covers
    without_policy: tuple[str, ...] = ()
    #: whom a token must be for; national clouds have their own
    audience: str = "https://graph.microsoft.com"
    #: what the application was granted
    roles: tuple[str, ...] = ("OnlineMeetings.ReadWrite.All", "Mail.Send")
    #: mailboxes that the application may send from, and those that it may not
    mailboxes: tuple[str, ...] = ()
    mailboxes_out_of_reach: tuple[str, ...] = ()
    #: messages a minute from one mailbox
    mail_per_minute: int = 30


class GraphStandIn(StandIn):
    """Graph's online meetings on the loopback."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        realm: GraphRealm | None = None,
        seed: int = 1,
        tls: ssl.SSLContext | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        """`deliver` takes each message that is sent: (sender, recipient, content). Without it there is no mail."""
        super().__init__(clock=clock, seed=seed, tls=tls)
        self.realm = realm or GraphRealm()
        self._outbox = Outbox(self.realm.mailboxes, self.realm.mailboxes_out_of_reach, self.realm.mail_per_minute, clock, deliver)
        self.inbox = Inbox(self.realm.mailboxes, lambda request: self._admit(request, "Mail.ReadWrite"), self.tell)
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._issued = 0

    @property
    def authority(self) -> str:
        """Where tokens come from."""
        return self.address

    @property
    def base_url(self) -> str:
        """Where Graph is."""
        return f"{self.address}/v1.0"

    def routes(self) -> list[web.RouteDef]:
        one = "/v1.0/users/{user}/onlineMeetings/{meeting}"
        return [
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
            web.post("/v1.0/users/{user}/onlineMeetings/createOrGet", self._create_or_get),
            web.get(one, self._get, allow_head=False),
            web.patch(one, self._patch),
            web.delete(one, self._delete),
            web.get("/v1.0/users/{user}/onlineMeetings", self._list, allow_head=False),
            web.post("/v1.0/users/{user}/sendMail", self._send_mail),
            *self.inbox.routes(),
        ]

    def error(self, status: int, code: str | int | None, message: str) -> dict[str, Any]:
        inner = {"date": f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "request-id": digest(self.seed, len(self.calls)).hex()[:32]}
        return {"error": {"code": str(code or "UnknownError"), "message": message, "innerError": inner}}

    def revoke_tokens(self) -> None:
        """No token issued so far is good any more."""
        self._tokens.clear()

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if request.match_info["tenant"] != self.realm.tenant_id:
            return _no_token(400, "invalid_request", "AADSTS90002: Tenant not found.")
        if form.get("grant_type") != "client_credentials":
            return _no_token(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
        if form.get("client_id") != self.realm.client_id:
            return _no_token(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if form.get("client_secret") != self.realm.client_secret:
            return _no_token(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        scope = str(form.get("scope", ""))
        if not scope.startswith("https://") or not scope.endswith("/.default"):
            return _no_token(400, "invalid_scope", "AADSTS1002012: The provided value for scope is not valid.")
        token = self.issue_token(scope.removesuffix("/.default"))
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token})

    def issue_token(self, audience: str) -> str:
        """A token for an audience, good for an hour."""
        self._issued += 1
        token = token_of(audience, self.realm.client_id, self.realm.roles, digest(self.seed, "token", self._issued))
        self._tokens[token] = (audience, self.clock() + timedelta(seconds=3599))
        return token

    def _admit(self, request: web.Request, role: str) -> str:
        """Whom the path names, once the token has been checked and what it allows."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        audience, until = self._tokens.get(token, ("", self.clock()))
        if not token:
            raise ServiceError(401, "InvalidAuthenticationToken", "Access token is empty.")
        if self.clock() >= until:
            raise ServiceError(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        if audience != self.realm.audience:
            raise ServiceError(401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")
        if role not in self.realm.roles:
            raise ServiceError(403, "Forbidden", f"Missing role permissions on the request. API requires one of '{role}'.")
        return request.match_info["user"]

    def _host(self, request: web.Request) -> str:
        """The host of the path, once token, policy and host have been checked in the service's order."""
        user = self._admit(request, "OnlineMeetings.ReadWrite.All")
        if user in self.realm.without_policy:
            raise ServiceError(403, "Forbidden", f"No application access policy found for this app on the user {user}.")
        if user not in self.realm.hosts:
            raise ServiceError(404, "NotFound", f"User {user} was not found.")
        return user

    async def _create_or_get(self, request: web.Request) -> web.StreamResponse:
        host, body = self._host(request), await _body(request)
        _only(body, _CREATE_TAKES)
        ref = body.get("externalId")
        if not isinstance(ref, str) or not ref:
            raise ServiceError(400, "BadRequest", "externalId is required.")
        starts_at, ends_at = _times(body)
        self.let_late_land(request)
        for meeting in self.of_ref(ref):
            if meeting.host == host:
                self.tell(request, f"found {meeting.external_id}")
                return web.json_response(_told(meeting), status=200)
        meeting = self._make(host, ref, str(body.get("subject") or ""), starts_at, ends_at)
        self.tell(request, f"created {meeting.external_id}")
        return web.json_response(_told(meeting), status=201)

    def _make(self, host: str, ref: str, title: str, starts_at: datetime, ends_at: datetime) -> HeldMeeting:
        earlier = sum(meeting.host == host and meeting.ref == ref for meeting in self.meetings)
        marks = digest(self.seed, "teams", host, ref, earlier)
        external_id = "MSo" + urlsafe_b64encode(marks).decode().rstrip("=")
        link = f"https://teams.example/l/meetup-join/{quote(f'19:meeting_{marks.hex()[:32]}@thread.v2', safe='')}/0"
        settings = {"lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": False}, "participants": {"attendees": []}}
        meeting = HeldMeeting(external_id, host, ref, title, starts_at, ends_at, link, self.clock(), settings=settings)
        self.meetings.append(meeting)
        return meeting

    def _find(self, request: web.Request) -> HeldMeeting:
        host = self._host(request)
        for meeting in self.living:
            if meeting.host == host and meeting.external_id == request.match_info["meeting"]:
                return meeting
        raise ServiceError(404, "NotFound", "The meeting was not found.")

    async def _get(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(_told(self._find(request)))

    async def _list(self, request: web.Request) -> web.StreamResponse:
        """A host's meetings are listed by their link only."""
        host, asked = self._host(request), re.fullmatch(r"JoinWebUrl eq '([^']*)'", request.query.get("$filter", ""))
        if asked is None:
            raise ServiceError(400, "BadRequest", "Filter expression expected.")
        return web.json_response({"value": [_told(one) for one in self.living if one.host == host and one.join_url == asked[1]]})

    async def _send_mail(self, request: web.Request) -> web.StreamResponse:
        mailbox = self._admit(request, "Mail.Send")
        self._outbox.send(mailbox, request.content_type, await request.read())
        self.tell(request, "sent")
        return web.Response(status=202)

    async def _patch(self, request: web.Request) -> web.StreamResponse:
        meeting, body = self._find(request), await _body(request)
        _only(body, _PATCH_TAKES)
        starts_at, ends_at = _times(body)
        participants, lobby = body.get("participants"), body.get("lobbyBypassSettings", {"scope": "everyone"})
        if not isinstance(participants, dict) or not isinstance(participants.get("attendees"), list):
            raise ServiceError(400, "BadRequest", "The full list of attendees is required.")
        self._check_attendees(participants["attendees"])
        if not isinstance(lobby, dict) or lobby.get("scope") not in _LOBBY_SCOPES:
            raise ServiceError(400, "BadRequest", "lobbyBypassSettings is not valid.")
        meeting.starts_at, meeting.ends_at = starts_at, ends_at
        meeting.title = str(body.get("subject", meeting.title))
        meeting.settings |= {name: body[name] for name in sorted(body.keys() - _CREATE_TAKES - {"@odata.type"} | {"participants"})}
        meeting.changed_at.append(self.clock())
        self.tell(request, f"changed {meeting.external_id}")
        return web.json_response(_told(meeting))

    def _check_attendees(self, attendees: list[Any]) -> None:
        """Each by an address or an object id, with a role; a co-organiser is of the tenant."""
        for one in attendees:
            role, who = (one.get("role"), _who(one)) if isinstance(one, dict) else (None, "")
            if role not in _ROLES or not who:
                raise ServiceError(400, "BadRequest", "An attendee needs a role, and a upn or an identity.")
            if role == "coorganizer" and who.casefold() not in {known.casefold() for known in (*self.realm.people, *self.realm.hosts)}:
                raise ServiceError(400, "BadRequest", "A co-organizer must be a user of the organizer's tenant.")

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        meeting = self._find(request)
        meeting.deleted_at = self.clock()
        self.tell(request, f"deleted {meeting.external_id}")
        return web.Response(status=204)


def _who(attendee: dict[str, Any]) -> str:
    """The address or the object id of an attendee."""
    identity = attendee.get("identity") or {}
    known = identity.get("user") if isinstance(identity, dict) else None
    return str(attendee.get("upn") or (known.get("id") if isinstance(known, dict) else "") or "")


def _no_token(status: int, error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=status)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        return body_of(await request.text())
    except ValueError:
        raise ServiceError(400, "BadRequest", "Unable to read JSON request payload.") from None


def _only(body: dict[str, Any], takes: Iterable[str]) -> None:
    extra = sorted(set(body) - set(takes))
    if extra:
        raise ServiceError(400, "BadRequest", f"The property '{extra[0]}' is not accepted here.")


def _times(body: dict[str, Any]) -> tuple[datetime, datetime]:
    """Both times of a body, each with its offset, the end after the start."""
    try:
        starts_at, ends_at = (datetime.fromisoformat(body[name]) for name in ("startDateTime", "endDateTime"))
    except (KeyError, TypeError, ValueError):
        raise ServiceError(400, "BadRequest", "startDateTime and endDateTime are both required, in ISO 8601.") from None
    if starts_at.tzinfo is None or ends_at.tzinfo is None or ends_at <= starts_at:
        raise ServiceError(400, "BadRequest", "Both times need an offset, and the end comes after the start.")
    return starts_at.astimezone(UTC), ends_at.astimezone(UTC)


def _told(meeting: HeldMeeting) -> dict[str, Any]:
    """A meeting as Graph tells it."""
    return {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/onlineMeetings/$entity",
        "id": meeting.external_id,
        "externalId": meeting.ref,
        "subject": meeting.title,
        "creationDateTime": f"{meeting.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "startDateTime": f"{meeting.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{meeting.ends_at:%Y-%m-%dT%H:%M:%SZ}",
        "joinWebUrl": meeting.join_url,
        **meeting.settings,
    }
