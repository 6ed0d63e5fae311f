"""Microsoft Graph as the SDK speaks it: the connections, the bodies, and calls that are sent once.

Slow to import, so only `graph_calls` does, in a thread.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import RetryHandlerOption
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.lobby_bypass_scope import LobbyBypassScope
from msgraph.generated.models.lobby_bypass_settings import LobbyBypassSettings
from msgraph.generated.models.meeting_participant_info import MeetingParticipantInfo
from msgraph.generated.models.meeting_participants import MeetingParticipants
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting import OnlineMeeting
from msgraph.generated.models.online_meeting_role import OnlineMeetingRole
from msgraph.generated.users.item.online_meetings.create_or_get.create_or_get_post_request_body import CreateOrGetPostRequestBody
from msgraph.generated.users.item.online_meetings.online_meetings_request_builder import OnlineMeetingsRequestBuilder
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]  # it ships no types

from integrations.entra import Credential

#: of a list of mails, a hundred on each
_MOST_PAGES = 20
#: the status of the answer to the call that this task is making, which the SDK keeps to itself
_status: ContextVar[list[int] | None] = ContextVar("status", default=None)


@dataclass(frozen=True)
class Found:
    """What createOrGet answered: the meeting's id and link, and whether it was there before."""

    external_id: str
    join_url: str
    was_there: bool


class Line:
    """An open line to Graph: four calls, each sent exactly once. What goes wrong comes as the SDK raises it."""

    def __init__(self, base_url: str, credential: Credential, seconds: float) -> None:
        self.credential = credential
        self._scope = _scope_of(base_url)
        self._http, self._wires = _open_client(base_url, seconds)
        # a host that is not allowed would silently get no token
        hosts = [urlsplit(base_url).hostname or ""]
        # the SDK's type asks for azure's own class, of which it uses get_token
        asked: Any = credential
        adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(asked, scopes=[self._scope], allowed_hosts=hosts), self._http)
        adapter.base_url = base_url.rstrip("/")
        self._adapter = adapter
        self._graph = GraphServiceClient(request_adapter=adapter)
        # the SDK imports each builder when it is first asked for: now, in the thread that opens the line
        _ = (self._meetings("host").create_or_get, self._meetings("host").by_online_meeting_id("meeting"))

    def _meetings(self, host: str) -> OnlineMeetingsRequestBuilder:
        return self._graph.users.by_user_id(host).online_meetings

    async def token(self) -> str:
        """The token that the next call will carry, asked for exactly as the SDK asks, so that it comes from the same store."""
        return (await self.credential.get_token(self._scope, claims=None, enable_cae=True)).token

    async def create_or_get(self, host: str, ref: str, title: str, starts_at: datetime, ends_at: datetime) -> Found | None:
        """The meeting of this host and ref, made if there is none. It takes no settings: patch them afterwards."""
        statuses: list[int] = []
        _status.set(statuses)
        body = CreateOrGetPostRequestBody(external_id=ref, subject=title, start_date_time=starts_at, end_date_time=ends_at)
        made = await self._meetings(host).create_or_get.post(body, _sent_once())
        if made is None or not made.id or not made.join_web_url:
            return None
        return Found(made.id, made.join_web_url, statuses[-1:] == [httpx.codes.OK])

    async def patch(
        self, host: str, external_id: str, title: str, starts_at: datetime, ends_at: datetime, lobby: str, also: Sequence[str] = ()
    ) -> None:
        """Everything about a meeting that is ours to say. Both times and all participants go together.

        Only co-organisers (`also`: addresses) are participants: everybody else comes by the link.
        """
        scope = LobbyBypassScope(lobby)
        body = OnlineMeeting(
            subject=title,
            start_date_time=starts_at,
            end_date_time=ends_at,
            participants=MeetingParticipants(attendees=[_co_organiser(who) for who in also]),
            lobby_bypass_settings=LobbyBypassSettings(scope=scope, is_dial_in_bypass_enabled=scope is LobbyBypassScope.Everyone),
        )
        await self._meetings(host).by_online_meeting_id(external_id).patch(body, _sent_once())

    async def delete(self, host: str, external_id: str) -> None:
        """Delete a meeting."""
        await self._meetings(host).by_online_meeting_id(external_id).delete(_sent_once())

    async def send_mime(self, mailbox: str, content: bytes) -> None:
        """Send a whole message from a mailbox. The SDK's own sendMail speaks JSON only: MIME is base64 in a body of text/plain."""
        asked = RequestInformation(Method.POST, "{+baseurl}/users/{user%2Did}/sendMail", {"user%2Did": mailbox})
        asked.configure(_sent_once())
        asked.headers.try_add("Accept", "application/json")
        asked.set_stream_content(b64encode(content), "text/plain")
        await self._adapter.send_no_response_content_async(asked, {"XXX": ODataError})

    async def unread_answers(self, mailbox: str, folder: str, since: str) -> list[str]:
        """The ids of unread answers to invitations that came since then, the oldest first."""
        asked = RequestInformation(
            Method.GET,
            "{+baseurl}/users/{user%2Did}/mailFolders/{folder%2Did}/messages{?%24filter,%24select,%24orderby,%24top}",
            {
                "user%2Did": mailbox,
                "folder%2Did": folder,
                "%24filter": f"receivedDateTime ge {since} and isRead eq false",
                "%24orderby": "receivedDateTime",
                "%24select": "id",
                "%24top": 100,
            },
        )
        found: list[str] = []
        for _ in range(_MOST_PAGES):
            told = json.loads(await self._bytes_of(asked) or b"{}")
            found += [one["id"] for one in told.get("value", ()) if one.get("@odata.type") == "#microsoft.graph.eventMessageResponse"]
            if not (more := told.get("@odata.nextLink")):
                break
            asked = RequestInformation(Method.GET)
            asked.url = more
        return found

    async def mime_of(self, mailbox: str, message: str) -> bytes:
        """One mail, whole."""
        path = {"user%2Did": mailbox, "message%2Did": message}
        return await self._bytes_of(RequestInformation(Method.GET, "{+baseurl}/users/{user%2Did}/messages/{message%2Did}/$value", path))

    async def mark_read(self, mailbox: str, message: str) -> None:
        """As if somebody had opened it."""
        path = {"user%2Did": mailbox, "message%2Did": message}
        asked = RequestInformation(Method.PATCH, "{+baseurl}/users/{user%2Did}/messages/{message%2Did}", path)
        asked.configure(_sent_once())
        asked.headers.try_add("Accept", "application/json")
        asked.set_stream_content(b'{"isRead": true}', "application/json")
        await self._adapter.send_no_response_content_async(asked, {"XXX": ODataError})

    async def _bytes_of(self, asked: RequestInformation) -> bytes:
        asked.configure(_sent_once())
        answer: Any = await self._adapter.send_primitive_async(asked, "bytes", {"XXX": ODataError})
        return bytes(answer or b"")

    async def close(self) -> None:
        await self._http.aclose()
        # the SDK's transport does not pass the closing on to the connections under it
        for wire in self._wires:
            await wire.aclose()
        await self.credential.close()


def _co_organiser(address: str) -> MeetingParticipantInfo:
    return MeetingParticipantInfo(upn=address, role=OnlineMeetingRole.Coorganizer)


def parse_once() -> None:
    """Parse one of each kind of answer: the SDK imports more than a thousand modules when it first does."""
    for kind, text in ((OnlineMeeting, b'{"participants": {}, "lobbyBypassSettings": {}}'), (ODataError, b'{"error": {}}')):
        JsonParseNodeFactory().get_root_parse_node("application/json", text).get_object_value(kind)


def answer_of(error: BaseException) -> tuple[int, httpx.Headers] | None:
    """Status and headers of an answer that the SDK turned into an exception; None if there was no answer.

    A page of HTML where JSON was due (a gateway's 502) comes as the same exception without an error body.
    """
    if not isinstance(error, APIError) or error.response_status_code is None:
        return None
    return error.response_status_code, httpx.Headers(error.response_headers or {})


async def _note_status(response: httpx.Response) -> None:
    statuses = _status.get()
    if statuses is not None:
        statuses.append(response.status_code)


def _open_client(base_url: str, seconds: float) -> tuple[httpx.AsyncClient, list[httpx.AsyncBaseTransport]]:
    """A client with the SDK's handlers around its connections, and those connections. `seconds` is how long an answer may take."""
    client = httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=min(seconds, 10.0)),
        http2=base_url.startswith("https:"),
        event_hooks={"response": [_note_status]},
    )
    wires = [wire for wire in (client._transport, *client._mounts.values()) if wire is not None]
    return GraphClientFactory.create_with_default_middleware(client=client, options=options), wires


def _scope_of(base_url: str) -> str:
    """The scope that covers everything the application was granted in this cloud."""
    parts = urlsplit(base_url)
    return f"https://{parts.hostname}/.default" if parts.scheme == "https" else "https://graph.microsoft.com/.default"


def _sent_once() -> RequestConfiguration[Any]:
    """A call that the SDK does not repeat by itself, not even after 503 or 504."""
    return RequestConfiguration(options=[RetryHandlerOption(max_retries=0)])
