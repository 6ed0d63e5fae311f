"""What somebody accepts of what clashes is written into an id in one way, and read in one, as it was written before too."""

from __future__ import annotations

import re

import pytest

from bot import ids, private_ids
from domain.kinds import Mode

MARK = "c0ffee123456"  # which begins as an older way to write one did
WRITTEN = {
    ids.BOOK: ids.book(7, Mode.ROOM, clash=MARK),
    ids.TAKE: ids.take(7, clash=MARK),
    ids.TAKE_OVER: ids.take_over(1, "123456", ids.agreed(new=True, clash=MARK, mine=True)),
    private_ids.GO_ON: private_ids.go_on(7, clash=MARK),
    private_ids.NAME_FORM: private_ids.name_form(7, Mode.ONLINE, clash=MARK),
}


def read(template: str, custom_id: str) -> str:
    found = re.fullmatch(template, custom_id)
    assert found is not None, custom_id
    return ids.accepted(found["clash"])


@pytest.mark.parametrize("template", WRITTEN)
def test_every_id_says_it_in_one_way(template: str) -> None:
    assert WRITTEN[template].endswith(f":clash{MARK}")
    assert read(template, WRITTEN[template]) == MARK


@pytest.mark.parametrize(
    ("template", "custom_id", "accepted"),
    [
        (ids.TAKE, "pw:take:7", ""),
        (ids.BOOK, "pw:book:7:any:clash", ""),
        (ids.BOOK, f"pw:book:7:any:clash{MARK}", MARK),
        (ids.TAKE_OVER, "pw:takeover:1:123456:", ""),
        (ids.TAKE_OVER, "pw:takeover:1:123456:nac", ""),
        (ids.TAKE_OVER, f"pw:takeover:1:123456:nac{MARK}", MARK),
        (ids.TAKE_OVER_FORM, f"pw:form:takeover:1:123456:c{MARK}", MARK),
        (private_ids.NAME_FORM, "pw:form:private:7:room:clash", ""),
    ],
)
def test_ids_that_are_out_are_understood_and_who_said_nothing_accepts_nothing(template: str, custom_id: str, accepted: str) -> None:
    assert read(template, custom_id) == accepted


def test_who_and_whose_stay_apart_from_it() -> None:
    found = re.fullmatch(ids.TAKE_OVER, f"pw:takeover:1:123456:na:clash{MARK}")
    assert found is not None
    assert (found["who"], found["mine"], ids.accepted(found["clash"])) == ("n", "a", MARK)
