"""What the verdict is tried on: an honest week, played once, and a copy of what it left to spoil one thing in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verdict_building import Case, Left, played


@pytest.fixture(scope="session")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What the honest week left; it is played once."""
    return played(tmp_path_factory.mktemp("honest"))


@pytest.fixture
def case(left: Left, tmp_path: Path) -> Iterator[Case]:
    made = Case.of(left, tmp_path)
    yield made
    made.store.close()
