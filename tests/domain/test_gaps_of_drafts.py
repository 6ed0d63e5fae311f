"""What drafts lack is told before anybody can book them, grouped by why, each session named."""

from __future__ import annotations

from datetime import timedelta

from domain.attention import Concern, Item, attention, gaps_before_publishing
from domain.attention.items import OneOf
from domain.kinds import Format, Provider
from domain.models import Privacy
from domain.organising import to_publish
from tests.building import START, Building

WHEN = "(Monday 15 March 2027, 9.30am to 10.15am)"
MEND = "Choose another provider or give a link of your own with /session provider, or ask for Teams."


def drafted(building: Building) -> int:
    """A drafted programme; its first session is led and in a room, so that it lacks nothing."""
    programme_id = building.programme("Next week", publish=False)
    opening = building.read(to_publish, building.partnership_id, programme_id, now=building.now)
    assert opening.drafted == 1
    return programme_id


def gaps(building: Building, *, sees_private: bool = False) -> tuple[Item, ...]:
    where = building.partnership_id, building.programme_id, building.rules
    found: tuple[Item, ...] = building.read(gaps_before_publishing, *where, now=building.now, sees_private=sees_private)
    return tuple(one for one in found if one.concern is not Concern.NOBODY)


def test_drafts_that_would_have_no_link_are_told_once_and_each_is_named(building: Building) -> None:
    programme_id = drafted(building)
    first, second = building.online(title="Welcome"), building.online(title="Kinship care")
    words = f"2 sessions would have no link to join. The first is “Welcome” {WHEN}. Teams is not set up here. {MEND}"
    those = OneOf(first, f"“Welcome” {WHEN}"), OneOf(second, f"“Kinship care” {WHEN}")
    item = Item(Concern.NO_HOST, words, None, programme_id, START, those)
    assert gaps(building) == (item,)
    every = building.read(attention, building.partnership_id, programme_id, building.rules, now=building.now)
    assert [one for one in every if one.concern is Concern.NO_HOST] == [item]


def test_a_draft_that_would_find_a_host_lacks_no_link_and_the_second_at_once_does(building: Building) -> None:
    drafted(building)
    building.host(Provider.TEAMS, "teams@council.example")
    building.online(title="Welcome")
    assert gaps(building) == ()
    second = building.online(title="Kinship care")
    (item,) = gaps(building)
    assert (item.session_id, item.those) == (second, ())
    assert item.sentence.startswith(f"“Kinship care” {WHEN} would have no link to join. No Teams host is free at that time.")


def test_a_draft_online_on_nothing_is_told(building: Building) -> None:
    drafted(building)
    building.online(title="Welcome", provider=None)
    said = "It is online, but nobody has said on what. Choose Teams or Zoom or give a link of your own with /session provider."
    assert [one.sentence for one in gaps(building)] == [f"“Welcome” {WHEN} would have no link to join. {said}"]


def test_a_draft_that_names_nobody_is_told_until_somebody_is_named(building: Building) -> None:
    drafted(building)
    session = building.session(title="Reflection")
    where = building.partnership_id, building.programme_id, building.rules
    found = building.read(gaps_before_publishing, *where, now=building.now)
    assert [(one.concern, len(one.those)) for one in found] == [(Concern.NOBODY, 2)]
    building.change(session, presenter="Priya Shah")
    (item,) = building.read(gaps_before_publishing, *where, now=building.now)
    assert item.sentence == (
        "“Opening” (Monday 15 March 2027, 8.30am to 8.45am) names nobody who leads it. Name somebody with /session presenters."
    )


def test_what_is_published_or_has_begun_is_no_draft_with_a_gap(building: Building) -> None:
    building.online(title="Published")
    assert gaps(building) == ()
    drafted(building)
    building.online(title="Welcome")
    building.now = START
    assert gaps(building) == ()


def test_private_drafts_are_named_only_to_who_may_know_them(building: Building) -> None:
    drafted(building)
    private = [building.online(title=title, privacy=Privacy.PRIVATE) for title in ("Parents of Oak Road", "Carers of Elm Road")]
    (hidden,), (seen,) = gaps(building), gaps(building, sees_private=True)
    assert "Road" not in str(hidden)
    assert [(one.session_id, one.name) for one in seen.those] == [
        (private[0], f"“Parents of Oak Road” {WHEN}"),
        (private[1], f"“Carers of Elm Road” {WHEN}"),
    ]


def test_a_draft_that_has_begun_does_not_count_as_one_that_people_could_book(building: Building) -> None:
    drafted(building)
    building.session(title="Later", starts_at=START + timedelta(days=1), format=Format.IN_PERSON)
    building.now = START
    shown = building.read(to_publish, building.partnership_id, building.programme_id, now=building.now)
    assert (shown.drafted, shown.begun, shown.sessions) == (1, 1, 2)
