"""How a session is held: another way of holding it, with its meeting, its places, and what people are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import descriptions
from domain.errors import BadInput, Closed, Refusal
from domain.held import NO_ROOM, NO_SERVICE, Held, HeldPreview, held_as, hold_as, preview_held
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import BookingState
from domain.ports.letters import Letter
from domain.presenters.naming import NewPresenter, add
from domain.reminders import owe_reminders
from domain.rules import RulesBook
from domain.sessions import Changed
from domain.undoing import Undone, undo
from tests.building import ACTOR, START, Building

LINK = "https://meet.example.org/x"
ROOM, ONLINE, BOTH = Format.IN_PERSON, Format.ONLINE, Format.HYBRID


def described(building: Building, session: int) -> descriptions.NewSession:
    return building.read(descriptions.described, building.partnership_id, session)


def hold(building: Building, session: int, format_: Format, **other: Any) -> Changed:
    """Hold it this way; what is not said stays as it is."""
    held = replace(Held.of(described(building, session)), format=format_, **other)
    return building.write(hold_as, building.partnership_id, session, held, building.rules, actor=ACTOR, now=building.now)


def meant(building: Building, session: int, format_: Format, **other: Any) -> HeldPreview:
    held = replace(Held.of(described(building, session)), format=format_, **other)
    return building.read(preview_held, building.partnership_id, session, held, building.rules, now=building.now)


def held_both(building: Building, **other: Any) -> int:
    return building.session(format=BOTH, provider=Provider.GIVEN, given_link=LINK, **{"places": 2, "online_places": 2} | other)


def settled(building: Building) -> list[Letter]:
    """What leaves once everything has settled, or waits for no link any more."""
    building.later(minutes=3)
    return building.deliver()


# ── what people are told ────────────────────────────────────────────────────────────────────────────────────


def told(letters: list[Letter]) -> list[tuple[Mode | None, tuple[str, ...], str | None]]:
    return [(one.mode, one.changes, one.session.join_url if one.session else None) for one in letters]


@pytest.mark.parametrize(
    ("was", "mode", "then", "expected"),
    [
        ({"format": ROOM}, None, {"format_": ONLINE}, (Mode.ONLINE, ("held", "link"), LINK)),
        ({"format": ROOM}, None, {"format_": BOTH}, (Mode.ROOM, ("held", "link"), LINK)),
        ({"format": ONLINE, "venue": None}, None, {"format_": ROOM, "venue": "Hall"}, (Mode.ROOM, ("held",), None)),
        ({"format": ONLINE, "venue": None}, None, {"format_": BOTH, "venue": "Hall"}, (Mode.ONLINE, ("held",), LINK)),
        ({"format": BOTH}, Mode.ONLINE, {"format_": ROOM}, (Mode.ROOM, ("held",), None)),
        ({"format": BOTH}, Mode.ROOM, {"format_": ROOM, "venue": "Elsewhere"}, (Mode.ROOM, ("held", "place"), None)),
        ({"format": BOTH}, Mode.ROOM, {"format_": ONLINE}, (Mode.ONLINE, ("held",), LINK)),
    ],
)
def test_whoever_has_a_place_keeps_one_and_is_told_how(
    building: Building, was: dict[str, Any], mode: Mode | None, then: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    by: dict[str, Any] = {} if was["format"] is ROOM else {"provider": Provider.GIVEN, "given_link": LINK}
    session, person = building.session(places=1, online_places=1, **by, **was), building.person(1)
    building.book(session, person, mode=mode)
    building.deliver()
    asked = then if was["format"] is not ROOM else then | {"provider": Provider.GIVEN, "given_link": LINK}
    assert hold(building, session, **asked).told == 1
    letters = settled(building)
    assert ([one.kind for one in letters], told(letters)) == ([Kind.UPDATE], [expected])
    booking = building.booking(session, person)
    assert (booking.state, booking.mode) == (BookingState.CONFIRMED, expected[0])


def test_who_waits_hears_of_it_and_comes_to_the_places_that_there_are_now(building: Building) -> None:
    session = held_both(building, places=1, online_places=1)
    people = [building.person(number) for number in (1, 2, 3, 4)]
    for person, mode in zip(people, (Mode.ROOM, Mode.ONLINE, Mode.ONLINE, Mode.ROOM), strict=True):
        building.book(session, person, mode=mode)
    building.deliver()
    done = hold(building, session, ONLINE, online_places=3)
    assert (done.told, done.promoted) == (2, 1)
    assert [building.booking(session, one).state.value for one in people] == ["confirmed", "confirmed", "confirmed", "waitlisted"]
    assert {(one.kind, one.waiting, one.changes) for one in settled(building)} == {
        (Kind.UPDATE, False, ("held",)), (Kind.PROMOTION, False, ()), (Kind.UPDATE, True, ("held",)),
    }  # fmt: skip


def test_a_reminder_after_it_says_how_it_is_held_then(building: Building) -> None:
    session = held_both(building)
    building.book(session, building.person(1), mode=Mode.ONLINE)
    building.deliver()
    hold(building, session, ROOM)
    settled(building)
    building.now = START - timedelta(minutes=50)
    building.write(owe_reminders, RulesBook({building.partnership_id: building.rules}), now=building.now)
    assert {(one.mode, one.session and one.session.format, one.session and one.session.join_url) for one in building.deliver()} == {
        (Mode.ROOM, ROOM, None)
    }


# ── the meeting ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_meeting_is_asked_for_and_given_back(building: Building) -> None:
    building.host(Provider.TEAMS, "teams-1")
    session = building.session()
    assert meant(building, session, ONLINE, provider=Provider.TEAMS).host_free
    assert hold(building, session, ONLINE, provider=Provider.TEAMS).no_host == ""
    hold(building, session, BOTH, venue="Hall")
    assert [(one.provider, one.generation, one.state.value) for one in building.meetings(session)] == [(Provider.TEAMS, 1, "wanted")]
    hold(building, session, ROOM)
    assert [(one.generation, one.state.value) for one in building.meetings(session)] == [(1, "gone")]
    hold(building, session, BOTH, provider=Provider.TEAMS)
    assert [(one.generation, one.state.value) for one in building.meetings(session)] == [(1, "gone"), (2, "wanted")]


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("format_", [ROOM, ONLINE])
def test_where_the_way_that_is_left_is_too_small_it_is_refused(building: Building, format_: Format) -> None:
    session = held_both(building)
    for number, mode in ((1, Mode.ROOM), (2, Mode.ONLINE), (3, Mode.ONLINE)):
        building.book(session, building.person(number), mode=mode)
    before = described(building, session)
    with pytest.raises(BadInput) as refused:
        hold(building, session, format_)
    said = "2 places, but 3 people have a place. Enter at least 3, or ask some of them first."
    assert (str(refused.value), refused.value.field, described(building, session)) == (said, "places", before)


def test_what_a_way_has_no_use_for_is_left_out() -> None:
    session = descriptions.NewSession("Talk", START, START + timedelta(hours=1), BOTH, Provider.GIVEN, venue="Hall", given_link=LINK)
    held = Held(BOTH, Provider.GIVEN, LINK, "Hall", 5, 9)
    assert held_as(session, held) == replace(session, places=5, online_places=9)
    assert held_as(session, replace(held, format=ONLINE)) == replace(session, format=ONLINE, venue=None, places=9)
    in_room = held_as(session, replace(held, format=ROOM))
    assert in_room == replace(session, format=ROOM, provider=None, given_link=None, places=5)
    teams = held_as(session, replace(held, provider=Provider.TEAMS))
    assert (teams.provider, teams.given_link) == (Provider.TEAMS, None)
    assert held_as(in_room, Held.of(in_room)) == in_room


def test_a_room_and_a_service_must_be_said() -> None:
    session = descriptions.NewSession("Talk", START, START + timedelta(hours=1), ROOM, venue="Hall")
    for held, said, field in ((Held(BOTH, Provider.TEAMS, venue=" "), NO_ROOM, "venue"), (Held(ONLINE), NO_SERVICE, "provider")):
        with pytest.raises(BadInput, match=said) as refused:
            held_as(session, held)
        assert refused.value.field == field


# ── beforehand, and afterwards ──────────────────────────────────────────────────────────────────────────────


def test_what_it_would_mean_is_said_beforehand(building: Building) -> None:
    session = held_both(building)
    for number, mode in ((1, Mode.ROOM), (2, Mode.ONLINE), (3, Mode.ONLINE)):
        building.book(session, building.person(number), mode=mode)
    assert meant(building, session, ROOM) == HeldPreview(3, to_room=2)
    assert meant(building, session, ONLINE) == HeldPreview(3, to_online=1)
    assert meant(building, session, BOTH, provider=Provider.ZOOM) == HeldPreview(2, host_free=False, none_set_up=True)
    building.host(Provider.ZOOM, "zoom-1")
    assert meant(building, session, BOTH, provider=Provider.ZOOM) == HeldPreview(2)  # who comes to the room needs no link


@pytest.mark.parametrize(
    ("then", "other"),
    [
        (BOTH, {"room_places": 9}),
        (BOTH, {"venue": " Town  Hall, room 2 "}),
        (BOTH, {"venue": "Elsewhere"}),
        (BOTH, {"given_link": "https://meet.example.org/y"}),
        (BOTH, {"provider": Provider.TEAMS}),
        (ROOM, {}),
        (ONLINE, {"online_places": 9}),
    ],
)
def test_as_many_are_said_to_be_told_as_are(building: Building, then: Format, other: dict[str, Any]) -> None:
    building.host(Provider.TEAMS, "teams-1")
    session = held_both(building)
    for number, mode in ((1, Mode.ROOM), (2, Mode.ROOM), (3, Mode.ONLINE), (4, Mode.ROOM)):
        building.book(session, building.person(number), mode=mode)
    building.write(
        add, building.partnership_id, session, NewPresenter("Ann", "ann@council.gov.uk"), building.rules, actor=ACTOR, now=building.now
    )
    building.deliver()
    said = (
        meant(building, session, then, online_places=9, **other)
        if "online_places" not in other
        else meant(building, session, then, **other)
    )
    done = hold(building, session, then, **{"room_places": 9, "online_places": 9} | other)
    assert (said.told + said.presenting, said.waiting) == (done.told, done.waiting + min(done.promoted, said.waiting))


def test_it_can_be_undone_while_it_settles_and_nobody_hears(building: Building) -> None:
    session, person = held_both(building), building.person(1)
    building.book(session, person, mode=Mode.ONLINE)
    building.deliver()
    before = described(building, session)
    done = hold(building, session, ROOM, venue="Elsewhere")
    assert done.undo_id is not None
    assert building.booking(session, person).mode is Mode.ROOM
    undone = building.write(undo, building.partnership_id, done.undo_id, building.rules, actor=ACTOR, now=building.now)
    assert (undone, described(building, session), building.booking(session, person).mode) == (Undone(session), before, Mode.ONLINE)
    assert settled(building) == []


def test_what_is_over_or_changed_by_another_meanwhile_is_refused(building: Building) -> None:
    session = building.session()
    seen = described(building, session)
    building.change(session, venue="Another room")
    asked = building.partnership_id, session, replace(Held.of(seen), venue="Hall"), building.rules
    with pytest.raises(Refusal, match="Somebody else changed this session"):
        building.write(hold_as, *asked, actor=ACTOR, now=building.now, seen=seen)
    building.now = START + timedelta(days=1)
    with pytest.raises(Closed):
        building.write(hold_as, *asked, actor=ACTOR, now=building.now)
