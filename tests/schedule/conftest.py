"""What imports are tried on: an organiser's desk with one programme."""

from __future__ import annotations

import pytest

from domain.database import Store
from domain.rules import Rules
from tests.schedule.desk import Desk


@pytest.fixture
def desk(store: Store, partnership_id: int, rules: Rules) -> Desk:
    return Desk(store, partnership_id, rules)
