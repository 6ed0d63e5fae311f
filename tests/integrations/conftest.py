"""What several files ask for: a local mailbox; and of Zoom a clock that is moved by hand, the stand-in, and meetings at it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integrations.zoom import ZoomMeetings
from rehearsal.mailbox import Mailbox
from rehearsal.zoom import ZoomStandIn
from tests.integrations.zoom_building import REALM, Hand, account_of
from tests.mail_building import NOW


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with Mailbox(lambda: NOW) as opened:
        yield opened


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
async def standin(clock: Hand) -> AsyncIterator[ZoomStandIn]:
    async with ZoomStandIn(clock=clock, realm=REALM) as service:
        yield service


@pytest.fixture
async def zoom(standin: ZoomStandIn) -> AsyncIterator[ZoomMeetings]:
    meetings = ZoomMeetings(account_of(standin), seconds=20)
    yield meetings
    await meetings.aclose()
