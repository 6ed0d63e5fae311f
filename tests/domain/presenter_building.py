"""What a test of presenters stands on: Ann, who is named, and what she and others are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.kinds import CalendarMethod
from domain.models import Presenter
from domain.ports.letters import Letter
from domain.presenters import naming as presenters
from domain.presenters.naming import NewPresenter, PresenterView
from tests.building import ACTOR, Building, one_row

ANN = NewPresenter("Ann Lee", "ann@uni.ac.uk")


def add(building: Building, session: int, new: NewPresenter = ANN) -> PresenterView:
    made: PresenterView = building.write(
        presenters.add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now
    )
    return made


def do(building: Building, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return building.write(use_case, building.partnership_id, *args, building.rules, actor=ACTOR, now=building.now, **kwargs)


def row(building: Building, presenter_id: int) -> Presenter:
    found: Presenter = building.read(one_row, Presenter, Presenter.id == presenter_id)
    return found


def told(letters: list[Letter]) -> list[tuple[str, str | None, CalendarMethod | None, int | None]]:
    carried = [(x.calendar.method, x.calendar.sequence) if x.calendar else (None, None) for x in letters]
    return [(x.kind.value, x.recipient.address, *calendar) for x, calendar in zip(letters, carried, strict=True)]
