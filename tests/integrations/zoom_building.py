"""A Zoom account at the stand-in, the meeting that is wanted of it, and the ways in which its answers get lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.ports.meetings import MeetingRequest
from integrations.zoom import ZoomAccount
from rehearsal import faults
from rehearsal.zoom import ZoomRealm, ZoomStandIn

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
HOST = "zoom.one@partnership.example"
REALM = ZoomRealm(hosts=(HOST,), largest_page=2)
WANTED = MeetingRequest(
    ref="6f2c:1",
    host=HOST,
    title="Trauma-informed practice",
    starts_at=datetime(2027, 3, 29, 8, 30, tzinfo=UTC),
    ends_at=datetime(2027, 3, 29, 10, 0, tzinfo=UTC),
    zone="Europe/London",
)
CREATE = r"/users/.+/meetings$"
MEETING = r"/v2/meetings/"

#: after these the meeting may have been made
UNKNOWN = [
    faults.DROP_BEFORE_EFFECT,
    faults.DROP_AFTER_EFFECT,
    faults.GATEWAY_AFTER_EFFECT,
    faults.HTML_502,
    faults.HTML_502_AFTER_EFFECT,
    faults.GARBLED_AFTER_EFFECT,
    faults.status(500),
    faults.status(503, retry_after=30),
]
HANGS = [faults.HANG_BEFORE_EFFECT, faults.HANG_AFTER_EFFECT]


@dataclass
class Hand:
    """A clock that is moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def account_of(standin: ZoomStandIn) -> ZoomAccount:
    realm = standin.realm
    return ZoomAccount(standin.api_base, standin.oauth_base, realm.account_id, realm.client_id, realm.client_secret)


def posts(standin: ZoomStandIn) -> int:
    return sum(call.method == "POST" and call.path.endswith("/meetings") and call.fault != "landed late" for call in standin.calls)


def living(standin: ZoomStandIn) -> list[str]:
    return [meeting.external_id for meeting in standin.of_ref(WANTED.ref)]
