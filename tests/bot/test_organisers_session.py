"""`/session add`, `edit`, `reschedule`, `cancel`, `provider` and `places` in a server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.hosts import sync_hosts
from domain.kinds import Format, Provider
from domain.models import Host, Meeting, Notice, NoticeState, SessionState
from rehearsal.chat import Someone
from tests.organiser_building import HEAD, KINSHIP, LUNCH, REFLECT, REFUSED, WEEK, Desk

ROOM = "15/03/2027,12-1pm,Lunch and learn,Dudley MBC,In person,Town Hall,2"


def owed(desk: Desk) -> list[tuple[str, str]]:
    """Kind and detail of what waits to be sent."""
    return [(notice.kind.value, notice.detail) for notice in desk.read_rows(Notice, Notice.state == NoticeState.QUEUED)]


async def a_week(desk: Desk, *lines: str) -> None:
    await desk.imported(*(lines or WEEK))
    await desk.published()


# ── adding ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_is_added_from_words_as_a_schedule_would_have_them(desk: Desk) -> None:
    done = await desk.do(
        "session add",
        programme=str(desk.programme_id),
        title="Hybrid hour",
        date="Tuesday 16 March 2027",
        start="1.15",
        end="2pm",
        held="Hybrid",
        venue="Old Library",
        places="45 people",
        organisation="Dudley MBC",
    )
    session = desk.sessions()["Hybrid hour"]
    assert done.private
    assert done.text == (
        "### Added\n**Hybrid hour**\nTuesday 16 March 2027, 1.15pm to 2pm\n"
        f"In person at Old Library and on Teams. 45 places in the room, no limit online. Reference {session.reference}.\n"
        "- Nobody can see it before you publish the programme.\n- Taken from the programme: platform, places online."
    )
    assert (session.format, session.provider, session.venue, session.places, session.starts_at) == (
        Format.HYBRID,
        Provider.TEAMS,
        "Old Library",
        45,
        datetime(2027, 3, 16, 13, 15, tzinfo=UTC),
    )


async def test_a_session_added_to_a_published_programme_is_open_at_once_and_warns(desk: Desk) -> None:
    await a_week(desk, KINSHIP)
    typed: dict[str, Any] = {"title": "Extra", "date": "26/03/2027", "start": "10am", "end": "11am", "held": "Teams"}
    done = await desk.do("session add", programme=str(desk.programme_id), **typed)
    assert "- People can book it now." in done.text
    assert "- Friday 26 March 2027 is a bank holiday in England \\(Good Friday\\)." in done.text
    assert desk.sessions()["Extra"].state is SessionState.PUBLISHED
    clash = typed | {"title": "No host", "date": "16/03/2027", "held": "Zoom"}
    done = await desk.do("session add", programme=str(desk.programme_id), **clash)
    assert "- **No host is free at that time**, so there is no link for now." in done.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"start": "11am"}, "This ends before it starts. Please check the times."),
        (
            {"date": "28 March 2027", "start": "01:30", "end": "02:30"},
            "01:30 on 28 March 2027 does not exist: the clocks go forward that night.",
        ),
        ({"places": "a few"}, "“a few” is not a number of places. Write one whole number, such as 30, or leave it empty."),
        ({"link": "javascript:alert(1)"}, "“javascript:alert(1)” is not a link that people can open."),
    ],
)
async def test_what_cannot_be_a_session_is_said_in_a_sentence(desk: Desk, typed: dict[str, str], sentence: str) -> None:
    good: dict[str, Any] = {"title": "Extra", "date": "16/03/2027", "start": "10am", "end": "10.30am"}
    refused = await desk.do("session add", programme=str(desk.programme_id), **good | typed)
    assert refused.text.replace("\\", "").startswith(sentence)
    assert desk.sessions() == {}


# ── editing ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_form_holds_what_there_is_and_saving_tells_who_is_booked(desk: Desk) -> None:
    await a_week(desk, ROOM)
    desk.booked("Lunch and learn", 1)
    desk.server.building.deliver()
    form = await desk.do("session edit", session=desk.ref("Lunch and learn"))
    fields = {part["component"]["custom_id"]: part["component"].get("value") for part in (form.form or {})["components"]}
    assert fields == {"title": "Lunch and learn", "presenter": None, "venue": "Town Hall", "description": None, "notes": None}
    words = {"title": "Lunch and learn", "presenter": "Ada Bell", "venue": "Council House", "description": "Bring a plate", "notes": ""}
    saved = await desk.server.chat.fill(desk.olga, form, **words)
    assert saved.text.startswith("### Saved\n**Lunch and learn**\n")
    assert "In person at Council House. 2 places." in saved.text
    assert "- 1 person will be told." in saved.text
    assert owed(desk) == [("update", "place")]


async def test_a_form_that_was_overtaken_by_another_change_is_refused(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    session = desk.ref("Lunch and learn")
    form = await desk.do("session edit", session=session)
    await desk.do("session edit", session=session, audience="All social workers")
    refused = await desk.server.chat.fill(desk.olga, form, title="Mine", presenter="", audience="", description="", notes="")
    assert refused.text == "Somebody changed this session while you had the form open. Please open it again with /session edit."
    assert desk.sessions()["Lunch and learn"].audience == "All social workers"


async def test_organisation_and_audience_are_changed_without_the_form(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    done = await desk.do("session edit", session=desk.ref("Lunch and learn"), organisation="Solihull MBC")
    assert "- Nobody needs to be told." in done.text
    offered = await desk.server.chat.suggestions(desk.olga, "session edit", "session", "solihull")
    assert [name for name, _ in offered] == ["Mon 15 Mar, 12 noon to 1pm · Lunch and learn · Solihull MBC"]


# ── moving ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_move_shows_who_hears_who_clashes_and_whether_the_link_stays(desk: Desk) -> None:
    await a_week(desk)
    person = desk.booked("Lunch and learn", 1)
    desk.server.building.book(int(desk.id_of("Critical reflection")), person)
    shown = await desk.do("session reschedule", session=desk.ref("Lunch and learn"), start="2.30pm")
    assert shown.text == (
        "## Move this session?\n**Lunch and learn**\nMonday 15 March 2027, 12 noon to 1pm\n"
        "**To:** Monday 15 March 2027, 2.30pm to 3.30pm\n"
        "- **1 person** would be sent an updated invitation.\n"
        "- **1 person** has another session at that time: Person 1.\n"
        "- The link stays the same. Host: teams-1."
    )
    assert desk.sessions()["Lunch and learn"].starts_at.hour == 12
    desk.server.building.deliver()
    done = await desk.press(shown, "Move it")
    assert done.text.startswith("### Moved\n**Lunch and learn**\nMonday 15 March 2027, 2.30pm to 3.30pm\n")
    assert "- 1 person will be told." in done.text
    assert desk.sessions()["Lunch and learn"].starts_at == datetime(2027, 3, 15, 14, 30, tzinfo=UTC)


async def test_a_move_without_a_free_host_says_so_beforehand(desk: Desk) -> None:
    await a_week(desk, KINSHIP, "16/03/2027,2-3pm,Second on Zoom,Dudley MBC,Zoom,,30")
    shown = await desk.do("session reschedule", session=desk.ref("Second on Zoom"), start="10.30am")
    assert "- **No Zoom host is free then.** There would be no link for now." in shown.text
    done = await desk.press(shown, "Move it")
    assert "- **No host is free at that time**, so there is no link for now." in done.text


async def test_a_change_of_more_than_can_be_put_back_says_that_it_cannot_be_undone(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    building, session = desk.server.building, desk.sessions()["Lunch and learn"].id or 0
    building.change(session, description="\x01" * 2000, notes="\x01" * 2000)  # each is six characters where it is kept
    done = await desk.do("session places", session=desk.ref("Lunch and learn"), places="9")
    assert "- There is too much to put back, so this cannot be undone." in done.text
    assert done.labels == ()


async def test_where_no_host_is_set_up_at_all_cards_say_so_and_what_to_do(desk: Desk) -> None:
    building = desk.server.building
    await a_week(desk, "16/03/2027,2-3pm,On Zoom,Dudley MBC,Zoom,,30")
    building.write(sync_hosts, building.partnership_id, [(Provider.TEAMS, "teams-1", 20, None)])
    mend = "Choose another service with /session provider, or ask for Zoom."
    typed: dict[str, Any] = {"title": "Another", "date": "17/03/2027", "start": "10am", "end": "11am", "held": "Zoom"}
    seen = [await desk.do("session add", programme=str(desk.programme_id), **typed)]
    assert f"- **Zoom is not set up here**, so there is no link. {mend}" in seen[0].text
    seen.append(await desk.do("session reschedule", session=desk.ref("Another"), start="10.30am"))
    assert f"- **Zoom is not set up here.** There would be no link. {mend}" in seen[1].text
    seen.append(await desk.press(seen[1], "Move it"))
    assert f"- **Zoom is not set up here**, so there is no link. {mend}" in seen[2].text
    assert [one for one in seen if "free" in one.text] == []


async def test_the_new_time_of_a_draft_is_looked_up_among_the_hosts_too(desk: Desk) -> None:
    await desk.imported(KINSHIP)
    free = await desk.do("session reschedule", session=desk.ref("Kinship care"), start="10.30am")
    assert "- A Zoom host is free then." in free.text
    building = desk.server.building
    building.write(sync_hosts, building.partnership_id, [])
    none = await desk.do("session reschedule", session=desk.ref("Kinship care"), start="10.30am")
    assert "- **Zoom is not set up here.** There would be no link." in none.text


async def test_a_move_to_another_host_says_that_the_link_changes(desk: Desk) -> None:
    await a_week(desk, KINSHIP, "16/03/2027,2-3pm,Second on Zoom,Dudley MBC,Zoom,,30")
    desk.server.building.host(Provider.ZOOM, "zoom-2")
    shown = await desk.do("session reschedule", session=desk.ref("Second on Zoom"), start="10.30am")
    assert "- There will be a new link, because another Zoom host takes it. Host: zoom-2." in shown.text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"date": "Wednesday 17 March"}, "Wednesday 17 March 2027, 12 noon to 1pm"),
        ({"date": "18/3/27", "start": "9.30", "end": "11"}, "Thursday 18 March 2027, 9.30am to 11am"),
        ({"start": "14:00"}, "Monday 15 March 2027, 2pm to 3pm"),
        ({"end": "12.30pm"}, "Monday 15 March 2027, 12 noon to 12.30pm"),
    ],
)
async def test_what_is_left_out_of_a_move_stays(desk: Desk, typed: dict[str, Any], expected: str) -> None:
    await a_week(desk, LUNCH)
    shown = await desk.do("session reschedule", session=desk.ref("Lunch and learn"), **typed)
    assert f"**To:** {expected}\n- Nobody is booked yet, so nobody is told." in shown.text


async def test_a_move_past_midnight_to_nowhere_or_nothing_is_refused(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    session = desk.ref("Lunch and learn")
    assert (await desk.do("session reschedule", session=session)).text.startswith("Say when it will be")
    assert (await desk.do("session reschedule", session=session, start="12 noon")).text == "That is when it is already."
    assert "midnight" in (await desk.do("session reschedule", session=session, start="11.30pm")).text
    assert (
        await desk.do("session reschedule", session="nonsense")
    ).text == "Please choose one of the sessions that are shown while you type."


async def test_a_number_is_a_reference_and_never_an_id(desk: Desk) -> None:
    head = "Ref,Date,Time,Title,Host organisation,Platform,Location,Places"
    await desk.imported(*(f"{number},{row}" for number, row in zip("432", WEEK, strict=True)), head=head)
    await desk.published()
    titles = {one.reference: title for title, one in desk.sessions().items()}
    assert titles == {"4": "Lunch and learn", "3": "Critical reflection", "2": "Kinship care"}
    for reference, title in titles.items():
        done = await desk.do("session places", session=reference, places=f"4{reference}")
        assert done.text.startswith(f"### Places changed\n**{title}**")
    assert {one.reference: one.places for one in desk.sessions().values()} == {"4": 44, "3": 43, "2": 42}
    nobody = await desk.do("session places", session="1", places="9")
    assert nobody.text == "Please choose one of the sessions that are shown while you type."


async def test_a_session_is_named_by_its_reference_in_any_capitals_or_by_words_of_one_title(desk: Desk) -> None:
    await desk.imported("Lun-a," + LUNCH, "Ref-b," + REFLECT, head=f"Reference,{HEAD}")
    for typed in ("LUN-A", "lun-a", " Lun-a ", "Lunch and learn", "lunch"):
        assert (await desk.do("session cancel", session=typed)).text.startswith("## Cancel this session?\n**Lunch and learn**")
    refused = await desk.do("session cancel", session="and reflection lunch")
    assert refused.text == "Please choose one of the sessions that are shown while you type."
    offered = await desk.server.chat.suggestions(desk.olga, "session cancel", "session", "")
    assert [value for _, value in offered] == ["Lun-a", "Ref-b"]


async def test_a_move_by_date_alone_across_a_clock_change_keeps_the_hour(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    shown = await desk.do("session reschedule", session=desk.ref("Lunch and learn"), date="29 March 2027")
    assert "**To:** Monday 29 March 2027, 12 noon to 1pm" in shown.text
    same = await desk.do("session reschedule", session=desk.ref("Lunch and learn"), date="15 March 2027", end="2pm")
    assert "**To:** Monday 15 March 2027, 12 noon to 2pm" in same.text


async def test_a_move_can_be_confirmed_after_a_restart(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    shown = await desk.do("session reschedule", session=desk.ref("Lunch and learn"), date="20 March 2027")
    assert "- Saturday 20 March 2027 is at a weekend." in shown.text
    await desk.server.chat.restart()
    assert (await desk.press(shown, "Move it")).text.startswith("### Moved\n")


# ── cancelling ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_cancelling_shows_how_many_hear_asks_the_reason_and_tells_them(desk: Desk) -> None:
    await a_week(desk, ROOM)
    for number in (1, 2, 3):
        desk.booked("Lunch and learn", number)
    desk.server.building.deliver()
    shown = await desk.do("session cancel", session=desk.ref("Lunch and learn"))
    assert "**3 people** would be told. 1 of them waits for a place or for a code." in shown.text
    form = await desk.press(shown, "Write the reason and cancel it")
    assert desk.sessions()["Lunch and learn"].state is SessionState.PUBLISHED
    done = await desk.server.chat.fill(desk.olga, form, reason="The presenter is ill.")
    assert done.text == "### Cancelled\n**Lunch and learn**\nMonday 15 March 2027, 12 noon to 1pm\n3 people will be told."
    assert desk.sessions()["Lunch and learn"].state is SessionState.CANCELLED
    assert owed(desk) == [("cancellation", "The presenter is ill.")] * 3
    again = await desk.do("session reschedule", session=desk.sessions()["Lunch and learn"].reference, start="3pm")
    assert again.text == "This session has been cancelled, so it cannot be changed."


async def test_a_session_nobody_booked_is_cancelled_without_telling_anybody(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    shown = await desk.do("session cancel", session=desk.ref("Lunch and learn"))
    assert "Nobody has booked it, so nobody is told." in shown.text
    left = await desk.press(shown, "Leave it")
    assert left.text == "### Nothing was changed."


# ── provider and places ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_moves_from_zoom_to_teams_after_a_look(desk: Desk) -> None:
    await a_week(desk, KINSHIP)
    desk.booked("Kinship care", 1)
    shown = await desk.do("session provider", session=desk.ref("Kinship care"), on="teams")
    assert "## Hold this session on Teams?" in shown.text
    assert "**1 person** would be sent the new link." in shown.text
    done = await desk.press(shown, "Use Teams")
    assert done.text.startswith("### On Teams now\n")
    session = desk.sessions()["Kinship care"]
    assert session.provider is Provider.TEAMS
    hosts = {host.id: host.account for host in desk.read_rows(Host)}
    assert [(hosts[meeting.host_id], meeting.generation) for meeting in desk.read_rows(Meeting)] == [("zoom-1", 1), ("teams-1", 2)]


async def test_a_link_of_ones_own_is_asked_for_and_checked(desk: Desk) -> None:
    await a_week(desk, KINSHIP)
    session = desk.ref("Kinship care")
    form = await desk.do("session provider", session=session, on="given")
    refused = await desk.server.chat.fill(desk.olga, form, link="http://plain.example.org")
    assert refused.text == "A link must start with https:// and have no spaces."
    form = await desk.do("session provider", session=session, on="given")
    done = await desk.server.chat.fill(desk.olga, form, link=" https://meet.example.org/a_b ")
    assert done.text.startswith("### Your link is used now\n")
    assert desk.sessions()["Kinship care"].given_link == "https://meet.example.org/a_b"


async def test_an_in_person_session_has_no_provider(desk: Desk) -> None:
    await a_week(desk, REFLECT)
    refused = await desk.do("session provider", session=desk.ref("Critical reflection"), on="zoom")
    assert refused.text == "This session is in person, so it has no meeting to move. To hold it online, use /session held."


async def test_more_places_promote_and_fewer_than_people_have_are_refused(desk: Desk) -> None:
    await a_week(desk, ROOM)
    for number in (1, 2, 3):
        desk.booked("Lunch and learn", number)
    session = desk.ref("Lunch and learn")
    more = await desk.do("session places", session=session, places="3")
    assert "- 1 person from the waiting list has a place now, and will be told." in more.text
    fewer = await desk.do("session places", session=session, places="1")
    assert fewer.text == "1 place, but 3 people have a place. Enter at least 3, or ask some of them first."
    assert desk.sessions()["Lunch and learn"].places == 3
    free = await desk.do("session places", session=session, places="no limit")
    assert "No limit on places." in free.text
    assert desk.sessions()["Lunch and learn"].places is None


async def test_the_places_of_a_hybrid_session_are_changed_one_by_one(desk: Desk) -> None:
    await a_week(desk, "15/03/2027,1-3pm,Panel,Dudley MBC,Hybrid,Old Library,45")
    await desk.do("session places", session=desk.ref("Panel"), places="60", where="online")
    session = desk.sessions()["Panel"]
    assert (session.places, session.online_places) == (45, 60)


@pytest.mark.parametrize("typed", ["", "lots", "-3", "tbc"])
async def test_places_that_are_no_number_are_refused(desk: Desk, typed: str) -> None:
    await a_week(desk, ROOM)
    refused = await desk.do("session places", session=desk.ref("Lunch and learn"), places=typed or "?")
    assert "number" in refused.text
    assert desk.sessions()["Lunch and learn"].places == 2


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("session edit", {}),
    ("session edit", {"audience": "Everyone"}),
    ("session held", {"held": "room"}),
    ("session reschedule", {"start": "3pm"}),
    ("session cancel", {}),
    ("session provider", {"on": "zoom"}),
    ("session provider", {"on": "given"}),
    ("session places", {"places": "1"}),
]
PRESSES = ["pw:move:{}:1805200000:1805203600", "pw:calloff:{}", "pw:provider:{}:zoom"]


async def refused_everywhere(desk: Desk, who: Someone) -> None:
    session = desk.ref("Lunch and learn")
    before = desk.sessions()["Lunch and learn"]
    for name, options in COMMANDS:
        answer = await desk.do(name, who, session=session, **options)
        assert (answer.text, answer.form) == (REFUSED, None)
    seen = await desk.server.chat.command(who, "my bookings")
    for press in PRESSES:
        assert (await desk.server.chat.forge(who, seen, press.format(desk.id_of("Lunch and learn")))).text == REFUSED
    assert desk.sessions()["Lunch and learn"] == before
    typed = {"title": "Extra", "date": "16/03/2027", "start": "10am", "end": "11am"}
    assert (await desk.do("session add", who, programme=str(desk.programme_id), **typed)).text == REFUSED


async def test_an_organiser_of_another_programme_changes_nothing_here(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    await refused_everywhere(desk, desk.organiser_of(desk.another_programme()))


async def test_whoever_only_sees_the_commands_changes_nothing(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    await refused_everywhere(desk, desk.curious())


async def test_practitioners_do_not_see_the_commands(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    ada = desk.server.chat.join("Ada")
    with pytest.raises(Exception, match=r"(?i)permission"):
        await desk.do("session cancel", ada, session=desk.ref("Lunch and learn"))
    seen = await desk.server.chat.command(ada, "my bookings")
    for press in PRESSES:
        assert (await desk.server.chat.forge(ada, seen, press.format(desk.id_of("Lunch and learn")))).text == REFUSED


async def test_a_form_sent_back_after_the_role_was_lost_is_refused(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    session = desk.ref("Lunch and learn")
    edit = await desk.do("session edit", session=session)
    reason = await desk.press(await desk.do("session cancel", session=session), "Write the reason and cancel it")
    link = await desk.do("session provider", session=session, on="given")
    desk.dismiss(desk.olga)
    chat = desk.server.chat
    words = {"title": "Mine", "presenter": "", "audience": "", "description": "", "notes": ""}
    assert (await chat.fill(desk.olga, edit, **words)).text == REFUSED
    assert (await chat.fill(desk.olga, reason, reason="")).text == REFUSED
    assert (await chat.fill(desk.olga, link, link="https://meet.example.org/x")).text == REFUSED
    session_now = desk.sessions()["Lunch and learn"]
    assert (session_now.title, session_now.state, session_now.provider) == ("Lunch and learn", SessionState.PUBLISHED, Provider.TEAMS)


async def test_a_programmes_own_organiser_changes_its_sessions_and_sees_drafts(desk: Desk) -> None:
    await desk.imported(LUNCH)
    pat = desk.organiser_of(desk.programme_id)
    offered = await desk.server.chat.suggestions(pat, "session edit", "session", "lunch")
    assert offered == (("Mon 15 Mar, 12 noon to 1pm · Lunch and learn · Dudley MBC", desk.ref("Lunch and learn")),)
    done = await desk.do("session places", pat, session=desk.ref("Lunch and learn"), places="9")
    assert done.text.startswith("### Places changed\n")
    assert await desk.server.chat.suggestions(desk.organiser_of(desk.another_programme(), "Quin"), "session edit", "session", "") == ()
