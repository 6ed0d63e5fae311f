"""The domain's tests stand on one published programme."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.database import Store
from domain.rules import Rules
from tests.building import Building


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Rules, now: datetime) -> Building:
    """A partnership with a published programme that holds one session without places."""
    made = Building(store, partnership_id, rules, now)
    made.programme()
    return made
