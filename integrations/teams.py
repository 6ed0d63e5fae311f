"""Teams meetings through Microsoft Graph: `createOrGet` keyed by our ref, so that asking again never makes a second one.

The SDK repeats a POST by itself after 503 and 504; every call here is sent exactly once, and the ledger decides about the
next time. Its import and its first parsed answer block for one to two seconds, so both happen in a thread (`warm_up`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

import httpx

from domain.errors import Busy, OutsideError, Permanent, Unknown
from domain.limits import A_MINUTE, TEAMS, Unlimited
from domain.ports.limits import Limits
from domain.ports.meetings import MeetingMade, MeetingRequest
from integrations.entra import Credential
from integrations.graph_calls import Application, GraphCalls
from integrations.outcomes import AccountRefused, broken, refused, waiting_time

if TYPE_CHECKING:
    from integrations.graph import Found, Line

T = TypeVar("T")

#: who walks in without waiting in the lobby, in Graph's words
Lobby = Literal["everyone", "organization", "organizationAndFederated", "organizationExcludingGuests", "invited", "organizer"]

_NO_POLICY = "Teams does not let us make meetings for this host: its application access policy is missing (a new one can take 30 minutes)"
_GONE = "gone"
_LONGEST_TITLE = 255


@dataclass(frozen=True)
class TeamsAccount:
    """The application that may make meetings, and how its meetings are set. National clouds differ only in the two addresses."""

    base_url: str  #: such as https://graph.microsoft.com/v1.0
    authority: str  #: such as https://login.microsoftonline.com
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    #: nobody sits in front of the host account, so by default nobody is left in the lobby
    lobby_bypass: Lobby = "everyone"


class TeamsMeetings:
    """Makes, changes and deletes Teams meetings, as `limits` allows. `seconds` is how long a call may take; sign-in has as long again."""

    def __init__(
        self, account: TeamsAccount, *, credential: Credential | None = None, seconds: float = 60.0, limits: Limits | None = None
    ) -> None:
        self._account = account
        self._limits = limits or Unlimited()
        application = Application(account.base_url, account.authority, account.tenant_id, account.client_id, account.client_secret)
        self._graph = GraphCalls(application, "Teams", credential=credential, seconds=seconds)

    async def warm_up(self) -> None:
        """Load the SDK and let it parse once, off the loop. The first call does it if nobody did."""
        await self._graph.open()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._graph.close()

    async def create(self, wanted: MeetingRequest) -> MeetingMade:
        """Make the meeting, or find it if an earlier attempt made it, and give it its settings.

        Once it is made, any failure is `Unknown`: a refusal of its settings does not mean that there is no meeting.
        """
        made = await self._make(wanted)
        try:
            return await self._settle(made, wanted)
        except OutsideError as failure:
            unsettled = _unsettled(failure)
        raise unsettled

    async def recover(self, wanted: MeetingRequest) -> MeetingMade | None:
        """The same calls again: the service keeps one meeting for a ref. A pause that it asks for is passed on."""
        made = await self._make(wanted)
        try:
            return await self._settle(made, wanted)
        except Permanent as failure:
            unsettled = _unsettled(failure)
        raise unsettled

    async def change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        """Send title, both times, participants and settings, whole: harmless to repeat."""
        return await self._settle(made, wanted)

    async def remove(self, made: MeetingMade, wanted: MeetingRequest) -> None:
        """Delete the meeting; one that is gone is done."""
        await self._delete(wanted.host, made.external_id)

    async def sweep(self, wanted: MeetingRequest, keep: MeetingMade | None) -> int:
        """With `keep` there is nothing to do: the service keeps one meeting for a ref, however late an answer is.

        With None the meeting of the ref is found by asking for it once more, which makes it if there is none, and is
        then deleted. It counts only if it was there before.
        """
        if keep is not None:
            return 0
        found = await self._create_or_get(wanted)
        await self._delete(wanted.host, found.external_id)
        return int(found.was_there)

    async def _make(self, wanted: MeetingRequest) -> MeetingMade:
        found = await self._create_or_get(wanted)
        return MeetingMade(found.external_id, found.join_url)

    async def _create_or_get(self, wanted: MeetingRequest) -> Found:
        title = wanted.title[:_LONGEST_TITLE]
        found = await self._call(
            lambda line: line.create_or_get(wanted.host, wanted.ref, title, wanted.starts_at, wanted.ends_at),
            effect_possible=True,
            missing="Teams does not know this host",
        )
        if found is None:
            raise Unknown("Teams gave an answer without a meeting")
        return found

    async def _settle(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade:
        """Its settings, whole. Where Teams does not take the co-organisers (of another tenant, say), the meeting stands without them."""
        try:
            await self._patch(made, wanted, wanted.co_organisers)
        except Permanent as failure:
            if failure.reason == _GONE or not wanted.co_organisers:
                raise
        else:
            return replace(made, without_co_organisers=False)
        await self._patch(made, wanted, ())
        return replace(made, without_co_organisers=True)

    async def _patch(self, made: MeetingMade, wanted: MeetingRequest, also: tuple[str, ...]) -> None:
        title, lobby = wanted.title[:_LONGEST_TITLE], self._account.lobby_bypass
        await self._call(
            lambda line: line.patch(wanted.host, made.external_id, title, wanted.starts_at, wanted.ends_at, lobby, also),
            effect_possible=False,
            missing=_GONE,
        )

    async def _delete(self, host: str, external_id: str) -> None:
        try:
            await self._call(lambda line: line.delete(host, external_id), effect_possible=False, missing=_GONE)
        except Permanent as failure:
            if failure.reason != _GONE:
                raise

    async def _call(self, send: Callable[[Line], Awaitable[T]], *, effect_possible: bool, missing: str) -> T:
        await self._limits.take(TEAMS)
        try:
            return await self._graph.call(send, partial(_meaning, effect_possible, missing))
        except Busy as busy:
            await self._limits.pause(TEAMS, busy.retry_after or A_MINUTE, busy.reason)
            raise


def _unsettled(failure: OutsideError) -> Unknown:
    """The meeting is there, but not as it should be. One made a moment ago may not even be known to every server of theirs."""
    return Unknown(f"the meeting was made, but not its settings: {failure.reason}")


def _meaning(effect_possible: bool, missing: str, answer: tuple[int, httpx.Headers] | None, error: Exception) -> OutsideError:
    """What an answer that is no success meant."""
    if answer is None:
        return broken("Teams", error, effect_possible=effect_possible)
    status, headers = answer
    if status == 403:
        return AccountRefused(_NO_POLICY)
    reason = missing if status == 404 else ""
    return refused("Teams", status, effect_possible=effect_possible, reason=reason, wait=waiting_time(headers))
