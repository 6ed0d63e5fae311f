"""`/programme history`: who did what, a page at a time, for that programme's organisers."""

from __future__ import annotations

from tests.bot_building import fits
from tests.building import START
from tests.organiser_building import LUNCH, REFUSED, Desk
from tests.private_building import parent, private_session


async def test_an_organiser_reads_what_was_done_and_turns_the_pages(desk: Desk) -> None:
    building = desk.server.building
    await desk.imported(LUNCH)
    await desk.published()
    title = "Lunch and learn"
    building.programme_id = desk.programme_id
    desk.booked(title, 7)
    shown = await desk.do("programme history", programme=str(desk.programme_id))
    assert fits(shown)
    olga = f"<@{desk.olga.id}>"
    assert shown.text.splitlines()[2:] == [
        "- Mon 1 Mar 2027, 9am: <@7> booked a place on “Lunch and learn”.",
        f"- Mon 1 Mar 2027, 9am: {olga} published this programme.",
        f"- Mon 1 Mar 2027, 9am: {olga} read in a schedule.",
        f"- Mon 1 Mar 2027, 9am: {olga} added “Lunch and learn”.",
        "- Mon 1 Mar 2027, 9am: <@1> made this programme.",
    ]
    for number in range(12):
        building.session(title=f"Session {number}")
    first = await desk.do("programme history", programme=str(desk.programme_id))
    assert first.labels == ("Newest", "Older")
    older = await desk.press(first, "Older")
    assert "made this programme" in older.text
    assert older.labels == ("Newest",)
    newest = await desk.press(older, "Newest")
    assert "“Session 11”" in newest.text


async def test_people_on_private_sessions_are_not_named(desk: Desk) -> None:
    building = desk.server.building
    building.programme_id = desk.programme_id
    session = private_session(building, title="Zebra panel", public_title="Coffee morning", starts_at=START)
    await desk.published()
    building.book(session, parent(building, 901, "Quokka"), alias="Quokka")
    shown = await desk.do("programme history", programme=str(desk.programme_id))
    assert "Somebody booked a place on “Coffee morning”." in shown.text
    assert not [word for word in ("Zebra", "Quokka", "901") if word in shown.text]


async def test_only_its_organisers_may_look(desk: Desk) -> None:
    other = desk.another_programme("Other week")
    olly = desk.organiser_of(other, "Olly")
    for who in (olly, desk.curious("Curious")):
        seen = await desk.do("programme history", who, programme=str(desk.programme_id))
        assert seen.text == REFUSED
    mine = await desk.do("programme history", olly, programme=str(other))
    assert mine.text.startswith("## What was done\nOther week")
