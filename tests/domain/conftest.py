"""What several files of the domain's tests stand on."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.database import Store
from domain.kinds import Provider
from domain.rules import Rules
from tests.building import Building
from tests.domain.feedback_week import Week, a_week
from tests.domain.providing import Providing


@pytest.fixture
def providing(building: Building) -> Providing:
    """A meeting service, and a host of each kind."""
    building.host(Provider.TEAMS, "organiser-1", at_once=2)
    building.host(Provider.ZOOM, "host-1")
    return Providing(building)


@pytest.fixture
def week(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Week:
    """A published week with one session that twelve people have booked."""
    return a_week(store, partnership_id, rules, now)
