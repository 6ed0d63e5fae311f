"""How a session is held, changed in chat: the form says what it would mean, and what was done can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kinds import Format, Mode, Provider
from domain.models import Booking
from tests.bot.test_organisers_session import a_week, owed
from tests.organiser_building import KINSHIP, LUNCH, Desk

PANEL = "15/03/2027,1-3pm,Panel,Dudley MBC,Hybrid,Old Library,45"


def shown(form: Any) -> tuple[str, dict[str, str | None]]:
    """The text of a form, and what stands in its fields."""
    parts = form.form["components"]
    fields = {part["component"]["custom_id"]: part["component"].get("value") for part in parts if "component" in part}
    return "\n".join(part["content"] for part in parts if "content" in part), fields


async def test_a_room_is_given_up_for_teams_and_undone(desk: Desk) -> None:
    await a_week(desk, PANEL)
    building = desk.server.building
    person = building.person(1)
    building.book(int(desk.id_of("Panel")), person, mode=Mode.ROOM)
    building.deliver()
    form = await desk.do("session held", session=desk.ref("Panel"), held="online")
    text, fields = shown(form)
    assert "- **1 person** would be sent an updated invitation." in text
    assert "- 1 person would have come to the room, and would join online instead." in text
    assert fields == {"online_places": None}
    done = await desk.server.chat.fill(desk.olga, form, online_places="60")
    assert done.text.startswith("### Held online now\n**Panel**")
    session = desk.sessions()["Panel"]
    assert (session.format, session.venue, session.places, owed(desk)) == (Format.ONLINE, None, 60, [("update", "held")])
    await desk.press(done, "Undo")
    session = desk.sessions()["Panel"]
    assert (session.format, session.venue, session.places) == (Format.HYBRID, "Old Library", 45)
    assert [one.mode for one in desk.read_rows(Booking) if one.person_id == person] == [Mode.ROOM]


async def test_of_another_number_of_places_alone_nobody_is_told(desk: Desk) -> None:
    await a_week(desk, PANEL)
    building = desk.server.building
    building.book(int(desk.id_of("Panel")), building.person(1), mode=Mode.ROOM)
    building.deliver()
    form = await desk.do("session held", session=desk.ref("Panel"), held="both")
    text, fields = shown(form)
    assert "- Nobody is told if you change only the places. If the room or the link changes, those who have booked are told." in text
    same = {name: value or "" for name, value in fields.items()}
    done = await desk.server.chat.fill(desk.olga, form, **same | {"room_places": "60"})
    assert ("Nobody needs to be told." in done.text, desk.sessions()["Panel"].places, owed(desk)) == (True, 60, [])


async def test_a_meeting_is_given_up_for_a_room(desk: Desk) -> None:
    await a_week(desk, KINSHIP)
    form = await desk.do("session held", session=desk.ref("Kinship care"), held="room")
    assert shown(form)[1] == {"venue": None, "room_places": "30"}
    done = await desk.server.chat.fill(desk.olga, form, venue="Town Hall", room_places="no limit")
    assert "In person at Town Hall. No limit on places." in done.text
    session = desk.sessions()["Kinship care"]
    assert (session.format, session.provider, session.places) == (Format.IN_PERSON, None, None)


async def test_both_ways_with_a_link_of_ones_own(desk: Desk) -> None:
    await a_week(desk, KINSHIP)
    form, again = [await desk.do("session held", session=desk.ref("Kinship care"), held="both", on="given") for _ in range(2)]
    assert set(shown(form)[1]) == {"venue", "room_places", "online_places", "link"}
    typed = {"venue": "Town Hall", "room_places": "", "online_places": "9", "link": "https://meet.example.org/x"}
    refused = await desk.server.chat.fill(desk.olga, form, **typed | {"room_places": "lots"})
    assert "number" in refused.text
    await desk.server.chat.fill(desk.olga, again, **typed)
    session = desk.sessions()["Kinship care"]
    assert (session.format, session.provider, session.places, session.online_places) == (Format.HYBRID, Provider.GIVEN, None, 9)


async def test_where_nobody_said_on_what_it_is_asked(desk: Desk) -> None:
    await a_week(desk, "16/03/2027,10-11am,Reflection,Dudley MBC,In person,Council House,12")
    refused = await desk.do("session held", session=desk.ref("Reflection"), held="online")
    assert refused.text == "Say where people meet online: on Teams, on Zoom, or with a link of your own."


async def test_too_few_places_are_refused_and_an_overtaken_form_too(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    for number in (1, 2):
        desk.booked("Lunch and learn", number)
    form, again, late = [await desk.do("session held", session=desk.ref("Lunch and learn"), held="room") for _ in range(3)]
    refused = await desk.server.chat.fill(desk.olga, form, venue="Hall", room_places="1")
    assert refused.text == "1 place, but 2 people have a place. Enter at least 2, or ask some of them first."
    await desk.server.chat.fill(desk.olga, again, venue="Hall", room_places="9")
    overtaken = await desk.server.chat.fill(desk.olga, late, venue="Another hall", room_places="9")
    assert overtaken.text == "Somebody changed how this session is held. Please open the form again with /session held."
    assert desk.sessions()["Lunch and learn"].venue == "Hall"


@pytest.mark.parametrize("way", ["online", "room", "both"])
async def test_who_only_sees_the_command_changes_nothing(desk: Desk, way: str) -> None:
    await a_week(desk, LUNCH)
    refused = await desk.do("session held", desk.curious(), session=desk.ref("Lunch and learn"), held=way)
    assert (refused.form, desk.sessions()["Lunch and learn"].format) == (None, Format.ONLINE)
