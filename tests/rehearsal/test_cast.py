"""The people of a rehearsal: as many as one likes, no two alike, and nobody whom mail could reach."""

from __future__ import annotations

import random

import pytest

from rehearsal.people import Actor, account_of, cast

COUNCILS = ["Dudley MBC", "St Helen's Council"]


def people(count: int, seed: int = 1) -> list[Actor]:
    return cast(count, COUNCILS, random.Random(seed), by_chat=3)


def test_the_same_seed_makes_the_same_people_and_another_makes_others() -> None:
    assert people(30) == people(30)
    assert people(30) != people(30, seed=2)


def test_no_two_of_twenty_thousand_are_alike() -> None:
    everyone = people(20_000)
    for what in (
        {actor.details.name.casefold() for actor in everyone},
        {actor.details.email for actor in everyone},
        {actor.discord_id for actor in everyone},
        {actor.pseudonym for actor in everyone},
    ):
        assert len(what) == 20_000


def test_every_name_is_one_that_somebody_could_have() -> None:
    strange = [
        actor.details.name
        for actor in people(20_000)
        if not actor.details.name.replace("'", "").replace(".", "").replace(" ", "").isalpha()
    ]
    assert strange == []


def test_no_address_can_be_reached() -> None:
    assert {actor.details.email.rpartition("@")[2] for actor in people(200)} == {"dudley-mbc.example", "st-helen-s-council.example"}


@pytest.mark.parametrize(
    ("count", "by_web", "theirs"), [(9, 2, [6, 9]), (9, 6, [4, 5, 6, 7, 8, 9]), (9, 20, [4, 5, 6, 7, 8, 9]), (3, 2, []), (9, 0, [])]
)
def test_those_who_come_by_the_web_are_spread_over_the_rest(count: int, by_web: int, theirs: list[int]) -> None:
    everyone = cast(count, COUNCILS, random.Random(1), by_chat=3, by_web=by_web)
    assert [actor.number for actor in everyone if actor.by_web] == theirs
    assert not any(actor.by_chat and actor.by_web for actor in everyone)


def test_who_has_no_account_is_known_by_their_address() -> None:
    everyone = cast(4, COUNCILS, random.Random(1), by_chat=1, by_web=3)
    assert [account_of(actor) for actor in everyone] == [everyone[0].discord_id, *(actor.details.email for actor in everyone[1:])]


def test_the_first_act_in_the_chat() -> None:
    assert [actor.by_chat for actor in people(5)] == [True, True, True, False, False]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_dice_say_one_refuses_direct_messages_and_one_never_proves_their_address(seed: int) -> None:
    everyone = people(10, seed)
    eighth, ninth = everyone[7], everyone[8]
    assert (eighth.number, eighth.closed, eighth.reminders_by_email) == (8, True, False)
    assert (ninth.number, ninth.proves) == (9, False)


@pytest.mark.parametrize("count", [1, 8, 9])
def test_a_few_people_are_a_few_people(count: int) -> None:
    assert [actor.number for actor in people(count)] == list(range(1, count + 1))
