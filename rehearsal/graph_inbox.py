"""The inbox of the Graph stand-in: what is unread, one mail as MIME, and marking it as read. Nothing else is known here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from rehearsal.serving import ServiceError

_FILTER = re.compile(r"receivedDateTime ge (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) and isRead eq false")


@dataclass
class Received:
    """A mail in an inbox. `answer`: Exchange takes it for an answer to an invitation."""

    id: str
    content: bytes = field(repr=False)
    at: datetime
    answer: bool
    read: bool = False


class Inbox:
    """The inbox of the tenant's mailboxes. `admit` checks a call's token and gives the mailbox of its path; `tell` records."""

    def __init__(
        self, mailboxes: Iterable[str], admit: Callable[[web.Request], str], tell: Callable[[web.Request, str], None], *, page: int = 2
    ) -> None:
        self._mailboxes = {mailbox.casefold() for mailbox in mailboxes}
        self._admit, self._tell, self._page = admit, tell, page
        self.mails: list[Received] = []

    def bring(self, content: bytes, at: datetime) -> str:
        """A mail arrives; its id."""
        mail = Received(f"AAMk{len(self.mails)}=", content, at, b"METHOD:REPLY" in content or b"text/calendar" in content)
        self.mails.append(mail)
        return mail.id

    @property
    def unread(self) -> list[str]:
        """The ids of the mails that nobody has read."""
        return [mail.id for mail in self.mails if not mail.read]

    def routes(self) -> list[web.RouteDef]:
        """Its three paths."""
        one = "/v1.0/users/{user}/messages/{mail}"
        return [
            web.get("/v1.0/users/{user}/mailFolders/{folder}/messages", self._list, allow_head=False),
            web.get(one + "/$value", self._value, allow_head=False),
            web.patch(one, self._patch),
        ]

    def _enter(self, request: web.Request) -> None:
        if self._admit(request).casefold() not in self._mailboxes:
            raise ServiceError(404, "ErrorInvalidUser", "The requested user is invalid.")

    def _find(self, request: web.Request) -> Received:
        self._enter(request)
        for mail in self.mails:
            if mail.id == request.match_info["mail"]:
                return mail
        raise ServiceError(404, "ErrorItemNotFound", "The specified object was not found in the store.")

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self._enter(request)
        if request.match_info["folder"].casefold() != "inbox":
            raise ServiceError(400, "ErrorInvalidIdMalformed", "Id is malformed.")
        asked = _FILTER.fullmatch(request.query.get("$filter", ""))
        if asked is None or request.query.get("$orderby") != "receivedDateTime" or request.query.get("$select") != "id":
            raise ServiceError(400, "ErrorInvalidUrlQuery", "The restriction or sort order is too complex for this operation.")
        since, skip = datetime.strptime(asked[1], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC), int(request.query.get("$skip", 0))
        found = [mail for mail in self.mails if not mail.read and mail.at >= since]
        told: dict[str, Any] = {"value": [_told(mail) for mail in found[skip : skip + self._page]]}
        if skip + self._page < len(found):
            told["@odata.nextLink"] = str(request.url.update_query({"$skip": skip + self._page}))
        return web.json_response(told)

    async def _value(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._find(request).content, content_type="text/plain")

    async def _patch(self, request: web.Request) -> web.StreamResponse:
        mail = self._find(request)
        if json.loads(await request.text()) != {"isRead": True}:
            raise ServiceError(400, "ErrorInvalidPropertySet", "Only isRead is known here.")
        mail.read = True
        self._tell(request, f"read {mail.id}")
        return web.json_response(_told(mail))


def _told(mail: Received) -> dict[str, Any]:
    kind = "#microsoft.graph.eventMessageResponse" if mail.answer else None
    return {**({"@odata.type": kind} if kind else {}), "id": mail.id}
