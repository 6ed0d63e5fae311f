"""`/attendance list`: the people, in a menu, for organisers alone."""

from __future__ import annotations

from domain.models import Attendance, AuditEntry, Booking
from tests.organiser_building import REFUSED, Desk

ROOM = "15/03/2027,12-1pm,Lunch and learn,Dudley MBC,In person,Town Hall,40"


async def at_lunch(desk: Desk, people: int) -> str:
    """The session has started, with this many people; its id."""
    await desk.imported(ROOM)
    await desk.published()
    for number in range(1, people + 1):
        desk.booked("Lunch and learn", number)
    desk.server.building.now = desk.sessions()["Lunch and learn"].starts_at
    desk.server.chat.advance_to(desk.server.building.now)
    return desk.id_of("Lunch and learn")


def marks(desk: Desk) -> list[str]:
    return [booking.attendance.value for booking in desk.read_rows(Booking)]


async def test_choosing_who_was_there_marks_the_whole_page(desk: Desk) -> None:
    await at_lunch(desk, 3)
    shown = await desk.do("attendance list", session=desk.ref("Lunch and learn"))
    assert shown.private
    assert "3 people: 0 there, 0 not there, 3 not marked yet." in shown.text
    assert [label for _, label, _ in shown.menus[0].options] == ["Person 1", "Person 2", "Person 3"]
    saved = await desk.server.chat.choose(desk.olga, shown, "1", "3")
    assert saved.text.startswith("### Saved\n")
    assert "3 people: 2 there, 1 not there, 0 not marked yet." in saved.text
    assert marks(desk) == ["attended", "absent", "attended"]


async def test_everyone_but_those_who_stayed_away(desk: Desk) -> None:
    await at_lunch(desk, 3)
    everyone = await desk.press(await desk.do("attendance list", session=desk.ref("Lunch and learn")), "Everyone was there")
    assert everyone.text.startswith("### Saved: everyone was there\n")
    assert marks(desk) == ["attended"] * 3
    await desk.server.chat.choose(desk.olga, everyone, "2")
    assert marks(desk) == ["attended", "absent", "attended"]


async def test_the_other_way_of_choosing_is_a_button_away(desk: Desk) -> None:
    await at_lunch(desk, 2)
    away = await desk.press(await desk.do("attendance list", session=desk.ref("Lunch and learn")), "Choose who was not there")
    assert "Choose everyone who was **not there**." in away.text
    there = await desk.press(away, "Choose who was there")
    assert "Choose everyone who was **there**." in there.text
    assert marks(desk) == ["unknown"] * 2


async def test_more_people_than_a_menu_holds_are_paged_and_each_page_marked_alone(desk: Desk) -> None:
    await at_lunch(desk, 30)
    shown = await desk.do("attendance list", session=desk.ref("Lunch and learn"))
    assert len(shown.menus[0].options) == 25
    assert "This is part 1 of 2; each part is marked on its own." in shown.text
    second = await desk.press(shown, "More people")
    assert len(second.menus[0].options) == 5
    saved = await desk.server.chat.choose(desk.olga, second)
    assert "30 people: 0 there, 5 not there, 25 not marked yet." in saved.text
    assert sorted(marks(desk)) == ["absent"] * 5 + ["unknown"] * 25
    assert (await desk.press(saved, "Back")).menus[0].options == shown.menus[0].options


async def test_nobody_is_marked_before_the_start(desk: Desk) -> None:
    await desk.imported(ROOM)
    await desk.published()
    refused = await desk.do("attendance list", session=desk.ref("Lunch and learn"))
    assert refused.text == "You can mark who is there from the start: Monday 15 March 2027, 12 noon."


async def test_names_are_for_the_programmes_organisers_alone_and_every_look_is_on_record(desk: Desk) -> None:
    session = await at_lunch(desk, 2)
    pat = desk.organiser_of(desk.another_programme())
    for who in (pat, desk.curious()):
        refused = await desk.do("attendance list", who, session=desk.ref("Lunch and learn"))
        assert (refused.text, refused.menus) == (REFUSED, ())
        seen = await desk.server.chat.command(who, "my bookings")
        for forged in (f"pw:attendance:{session}:there:0", f"pw:everyone:{session}"):
            assert (await desk.server.chat.forge(who, seen, forged)).text == REFUSED
        assert (await desk.server.chat.forge(who, seen, f"pw:marked:{session}:there:0", values=["1"])).text == REFUSED
    assert desk.read_rows(AuditEntry, AuditEntry.action == "view attendance") == []
    assert set(marks(desk)) == {Attendance.UNKNOWN.value}
    await desk.do("attendance list", session=desk.ref("Lunch and learn"))
    assert [entry.actor for entry in desk.read_rows(AuditEntry, AuditEntry.action == "view attendance")] == [f"discord:{desk.olga.id}"]


async def test_who_has_no_place_cannot_be_smuggled_in(desk: Desk) -> None:
    session = await at_lunch(desk, 2)
    desk.server.building.person(9)
    shown = await desk.do("attendance list", session=desk.ref("Lunch and learn"))
    refused = await desk.server.chat.forge(desk.olga, shown, f"pw:marked:{session}:there:0", values=["3"])
    assert refused.text == "Somebody on this list has no place any more. Please open the list again."
    assert marks(desk) == ["unknown"] * 2


async def test_only_sessions_that_have_started_are_offered(desk: Desk) -> None:
    chat = desk.server.chat
    await desk.imported(ROOM)
    await desk.published()
    assert await chat.suggestions(desk.olga, "attendance list", "session", "") == ()
    desk.server.building.now = desk.sessions()["Lunch and learn"].starts_at
    chat.advance_to(desk.server.building.now)
    offered = (("Mon 15 Mar, 12 noon to 1pm · Lunch and learn · Dudley MBC", desk.ref("Lunch and learn")),)
    assert await chat.suggestions(desk.olga, "attendance list", "session", "") == offered
    assert await chat.suggestions(desk.curious(), "attendance list", "session", "") == ()
