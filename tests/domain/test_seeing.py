"""Who sees what is one table, which the enforcing place asks, and the page of privacy is written from the code."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.database import Db, Store
from domain.models import ProgrammeOrganiser
from domain.privacy import may_see_people
from domain.rules import Rules
from domain.seeing import SEES, Seer, Sight, may_see, organiser_as
from tests.building import Building
from tests.privacy_page import PAGE, page


def test_only_a_programmes_own_organisers_see_names_on_private_sessions_and_needs() -> None:
    seen = {sight: {seer for seer in Seer if may_see(seer, sight)} for sight in (Sight.PRIVATE_NAMES, Sight.NEEDS_NAMED)}
    assert seen == {sight: {Seer.PROGRAMME_ORGANISER} for sight in seen}
    assert SEES[Seer.PARENT] == SEES[Seer.PRACTITIONER] == {Sight.SCHEDULE}


@pytest.mark.parametrize(
    ("own", "has_own", "partnership", "seer"),
    [
        (True, True, False, Seer.PROGRAMME_ORGANISER),
        (False, False, True, Seer.PROGRAMME_ORGANISER),
        (False, True, True, Seer.PARTNERSHIP_ORGANISER),
        (False, True, False, None),
        (False, False, False, None),
    ],
)
def test_as_what_somebody_looks_at_a_programme(own: bool, has_own: bool, partnership: bool, seer: Seer | None) -> None:
    assert organiser_as(is_programmes_own=own, programme_has_its_own=has_own, organises_partnership=partnership) is seer


def test_the_place_that_enforces_it_asks_the_table(store: Store, partnership_id: int, rules: Rules, now: datetime) -> None:
    building = Building(store, partnership_id, rules, now)
    programme = building.programme()
    assert building.read(may_see_people, partnership_id, programme, (), organises_partnership=True) is True
    building.write(_own_role, partnership_id, programme)
    each: tuple[tuple[int, ...], ...] = ((), (7,))
    seen = [building.read(may_see_people, partnership_id, programme, roles, organises_partnership=True) for roles in each]
    assert seen == [may_see(Seer.PARTNERSHIP_ORGANISER, Sight.PRIVATE_NAMES), may_see(Seer.PROGRAMME_ORGANISER, Sight.PRIVATE_NAMES)]


def _own_role(db: Db, partnership_id: int, programme_id: int) -> None:
    db.add(ProgrammeOrganiser(partnership_id=partnership_id, programme_id=programme_id, role_id=7))


def test_the_page_of_privacy_is_as_the_code_says() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(written), "run: python -m tests.privacy_page"
