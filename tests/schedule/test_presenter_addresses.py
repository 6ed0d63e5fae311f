"""A schedule may say where its presenters are written to."""

from __future__ import annotations

from typing import Any

import pytest

from domain.models import Presenter
from domain.schedule.columns import fields_of
from domain.schedule.planned import Fate
from tests.building import rows
from tests.schedule.desk import Desk

HEAD = ("Date", "Time", "Title", "Presenter", "Presenter email", "Platform")


def row(presenter: str = "Ann Lee", email: str = "ann@uni.ac.uk", title: str = "Lunch and learn") -> tuple[Any, ...]:
    return ("15/03/2027", "12-1pm", title, presenter, email, "Teams")


def living(desk: Desk) -> list[tuple[str, str | None]]:
    return [(one.label, one.address) for one in desk.store.read_now(rows, Presenter) if one.ended_at is None]


@pytest.mark.parametrize(
    "heading",
    ["Presenter email", "Presenter e-mail", "Speaker e-mail", "Facilitator email", "Facilitator's Email Address", "Trainer email"],
)
def test_headings_that_mean_a_presenters_address(heading: str) -> None:
    assert fields_of(heading)[:1] == ("presenter_address",)


def test_an_address_in_the_file_reaches_the_presenter_and_a_second_reading_changes_nothing(desk: Desk) -> None:
    desk.apply(row(), head=HEAD)
    assert living(desk) == [("Ann Lee", "ann@uni.ac.uk")]
    assert [planned.fate for planned in desk.preview(row(), head=HEAD).rows] == [Fate.UNCHANGED]
    desk.publish()
    assert ("invitation", "") in desk.owed()


def test_an_address_that_cannot_be_read_is_left_out_and_said(desk: Desk) -> None:
    shown = desk.preview(row(email="ask Ann"), row(email="a@x.org, b@x.org", title="Second"), head=HEAD)
    said = [problem.message for problem in shown.warnings if problem.column == "Presenter email"]
    assert said == [
        "This is not an e-mail address that can be used, so the presenter is not asked.",
        "Only one address can be read here. Add the others to the session afterwards.",
    ]
    desk.apply(row(email="ask Ann"), head=HEAD)
    assert living(desk) == [("Ann Lee", None)]


def test_a_new_address_is_a_change_and_another_name_does_not_keep_the_old_one(desk: Desk) -> None:
    desk.apply(row(), head=HEAD)
    (planned,) = desk.preview(row(email="ann.lee@uni.ac.uk"), head=HEAD).rows
    assert [(d.field, d.before, d.after) for d in planned.differences] == [("Presenter’s e-mail", "ann@uni.ac.uk", "ann.lee@uni.ac.uk")]
    desk.apply(row(email="ann.lee@uni.ac.uk"), head=HEAD)
    assert living(desk) == [("Ann Lee", "ann.lee@uni.ac.uk")]
    desk.apply(row(presenter="Bo Day", email=""), head=HEAD)
    assert living(desk) == [("Bo Day", None)]
    desk.apply(row(presenter="Bo Daye", email="bo@uni.ac.uk"), head=HEAD)
    desk.apply(row(presenter="Bo Day", email="bo@uni.ac.uk"), head=HEAD)  # the same mailbox: the name was corrected
    assert living(desk) == [("Bo Day", "bo@uni.ac.uk")]
