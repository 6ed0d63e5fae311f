"""`/programme create`, `publish`, `attention` and `organiser` in a server."""

from __future__ import annotations

from datetime import date
from typing import Any

import discord
import pytest
from simcord.builders import RoleHandle

from bot.limits import CARD_TEXT, COMPONENTS, size
from bot.organisers.programmes import attention_card
from domain.attention import Concern, Item
from domain.kinds import Provider
from domain.models import Posting, Privacy, Programme, ProgrammeKind, ProgrammeOrganiser, ProgrammeState, SessionState
from rehearsal.chat import Someone
from tests.organiser_building import KINSHIP, LUNCH, REFLECT, REFUSED, WEEK, Desk

NEW: dict[str, Any] = {"title": "Spring week", "kind": "practice_week", "first_day": "Monday 15 March 2027", "last_day": "19/3/27"}


async def test_a_programme_is_created_from_british_dates_and_says_what_comes_next(desk: Desk) -> None:
    made = await desk.do("programme create", **NEW, platform="zoom", places=40)
    assert made.private
    assert made.text == (
        "### Spring week is ready to be filled\n"
        "Practice week, Monday 15 March 2027 to Friday 19 March 2027.\n"
        "Where a schedule does not say: Zoom; places: 40.\n"
        "Nobody can see it yet. Next, use /programme import with your schedule, or /session add. Then /programme publish."
    )
    (row,) = desk.read_rows(Programme, Programme.title == "Spring week")
    facts = (row.kind, row.state, row.starts_on, row.ends_on, row.default_provider, row.default_places, row.default_privacy)
    days = date(2027, 3, 15), date(2027, 3, 19)
    assert facts == (ProgrammeKind.PRACTICE_WEEK, ProgrammeState.DRAFT, *days, Provider.ZOOM, 40, Privacy.OPEN)
    assert desk.trail() == ["create programme"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first_day": "next week"}, "No date could be read in “next week”. Write it in full, such as 15 March 2027."),
        ({"last_day": "14 March 2027"}, "The last day comes before the first. Please check the dates."),
        ({"first_day": "31/02/2027"}, "There is no 31 February 2027: that month has 28 days."),
        ({"title": "\u200b"}, "Please enter the programme's title."),
    ],
)
async def test_what_cannot_be_a_programme_is_said_in_a_sentence(desk: Desk, typed: dict[str, str], sentence: str) -> None:
    assert (await desk.do("programme create", **NEW | typed)).text == sentence
    assert desk.read_rows(Programme, Programme.title == "Spring week") == []


async def test_only_organisers_of_the_partnership_create_programmes_and_appoint_organisers(desk: Desk) -> None:
    programme_id = desk.another_programme()
    pat = desk.organiser_of(programme_id)
    role = desk.server.chat.guild.create_role("Friends")
    for who in (pat, desk.curious()):
        assert (await desk.do("programme create", who, **NEW)).text == REFUSED
        assert (await desk.do("programme organiser", who, programme=str(programme_id), role=role)).text == REFUSED
    assert len(desk.read_rows(ProgrammeOrganiser)) == 1


# ── publishing ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_publishing_is_previewed_and_then_opens_the_sessions_and_owes_their_days(desk: Desk) -> None:
    await desk.imported(*WEEK)
    shown = await desk.do("programme publish", programme=str(desk.programme_id))
    channel = desk.server.chat.practice_week.id
    assert shown.text == (
        "## Publish Regional week?\n"
        "**3 sessions would open**, on 2 days, Monday 15 March 2027 to Tuesday 16 March 2027.\n"
        f"The days are posted in <#{channel}> and kept up to date there.\n"
        "People can see and book the sessions at once. Nobody is sent a message."
    )
    assert {session.state for session in desk.sessions().values()} == {SessionState.DRAFT}
    woken = len(desk.server.woken)
    done = await desk.press(shown, "Publish")
    assert done.text.startswith("### Regional week is published\n3 sessions opened.")
    assert {session.state for session in desk.sessions().values()} == {SessionState.PUBLISHED}
    assert [(posting.day, posting.channel_id) for posting in desk.read_rows(Posting)] == [
        (date(2027, 3, 15), channel),
        (date(2027, 3, 16), channel),
    ]
    assert len(desk.server.woken) == woken + 1


async def test_the_days_go_to_the_channel_that_was_chosen(desk: Desk) -> None:
    await desk.imported(LUNCH)
    channel = desk.server.chat.organisers
    shown = await desk.do("programme publish", programme=str(desk.programme_id), channel=channel)
    await desk.press(shown, "Publish")
    assert [posting.channel_id for posting in desk.read_rows(Posting)] == [channel.id]


async def test_an_empty_programme_cannot_be_published(desk: Desk) -> None:
    refused = await desk.do("programme publish", programme=str(desk.programme_id))
    assert refused.text == "There are no sessions in this programme yet. Import a schedule or add a session first."


async def test_who_organises_another_programme_cannot_publish_this_one(desk: Desk) -> None:
    await desk.imported(LUNCH)
    pat = desk.organiser_of(desk.another_programme())
    assert (await desk.do("programme publish", pat, programme=str(desk.programme_id))).text == REFUSED
    seen = await desk.server.chat.command(pat, "my bookings")
    forged = await desk.server.chat.forge(pat, seen, f"pw:publish:{desk.programme_id}:1")
    assert forged.text == REFUSED
    assert desk.sessions()["Lunch and learn"].state is SessionState.DRAFT


async def test_a_role_lost_between_preview_and_press_counts(desk: Desk) -> None:
    await desk.imported(LUNCH)
    shown = await desk.do("programme publish", programme=str(desk.programme_id))
    desk.dismiss(desk.olga)
    assert (await desk.press(shown, "Publish")).text == REFUSED


# ── organisers of one programme ─────────────────────────────────────────────────────────────────────────────


async def test_a_role_is_given_a_programme_and_told_if_it_cannot_see_the_commands(desk: Desk) -> None:
    chat = desk.server.chat
    blind = chat.guild.create_role("Leads")
    seeing = chat.guild.create_role("Deputies", permissions=discord.Permissions(manage_events=True))
    told = await desk.do("programme organiser", programme=str(desk.programme_id), role=blind)
    assert told.text.startswith(f"### Everyone with <@&{blind.id}> can organise this programme now\nRegional week\nDiscord hides")
    told = await desk.do("programme organiser", programme=str(desk.programme_id), role=seeing)
    assert told.text == f"### Everyone with <@&{seeing.id}> can organise this programme now\nRegional week"
    user = chat.env.create_user("Dee")
    dee = Someone("Dee", user.id, chat.guild.add_member(user, roles=[seeing]), user)
    assert (await desk.send(*WEEK, who=dee)).labels == ("Import all", "Do not import")


async def test_a_role_is_taken_back_and_everybody_is_no_role(desk: Desk) -> None:
    chat, week = desk.server.chat, str(desk.programme_id)
    everyone = RoleHandle(chat.env, chat.guild, chat.env.backend.get_guild(chat.guild.id).roles[chat.guild.id])
    refused = await desk.do("programme organiser", programme=week, role=everyone)
    assert refused.text == "That role is everyone in the server. Choose a role that only this programme's organisers have."
    deputies = chat.guild.create_role("Deputies", permissions=discord.Permissions(manage_events=True))
    await desk.do("programme organiser", programme=week, role=deputies)
    user = chat.env.create_user("Dee")
    dee = Someone("Dee", user.id, chat.guild.add_member(user, roles=[deputies]), user)
    assert (await desk.send(*WEEK, who=dee)).labels == ("Import all", "Do not import")
    told = await desk.do("programme organiser", programme=week, role=deputies, remove=True)
    assert told.text == (
        f"### <@&{deputies.id}> can organise this programme no longer\nRegional week\nOrganisers of the whole partnership still can."
    )
    assert (await desk.send(*WEEK, who=dee)).text == REFUSED
    again = await desk.do("programme organiser", programme=week, role=deputies, remove=True)
    assert again.text == "That role does not organise this programme, so there is nothing to take back."
    assert desk.trail() == ["add organiser role", "remove organiser role"]


# ── attention ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_nothing_to_attend_to_is_said_too(desk: Desk) -> None:
    shown = await desk.do("programme attention", programme=str(desk.programme_id))
    assert shown.text == "### Nothing needs your attention\nRegional week: no link is late and no message has failed."


async def test_messages_that_are_still_to_be_sent_are_counted(desk: Desk) -> None:
    await desk.imported(REFLECT)
    await desk.published()
    desk.booked("Critical reflection", 1)
    shown = await desk.do("programme attention", programme=str(desk.programme_id))
    assert shown.text == (
        "### Nothing needs your attention\nRegional week: no link is late and no message has failed. 1 message is still to be sent."
    )
    other = await desk.do("programme attention", programme=str(desk.another_programme()))
    assert other.text.endswith("no link is late and no message has failed.")
    desk.server.building.deliver()
    shown = await desk.do("programme attention")
    assert shown.text.endswith("no link is late and no message has failed.")


async def test_a_session_without_a_host_is_on_the_list_of_its_programme_and_of_all(desk: Desk) -> None:
    await desk.imported(KINSHIP, "16/03/2027,10-11am,Without a host,Dudley MBC,Zoom,,30")
    await desk.published()
    each: tuple[dict[str, Any], ...] = ({"programme": str(desk.programme_id)}, {})
    for options in each:
        shown = await desk.do("programme attention", **options)
        assert shown.text.startswith("## 1 thing needs your attention\n")
        assert "“Without a host” \\(Tuesday 16 March 2027, 10am to 11am\\) has no link to join. No Zoom host is free" in shown.text


async def test_a_programmes_organiser_sees_its_list_and_no_other(desk: Desk) -> None:
    programme_id = desk.another_programme()
    pat = desk.organiser_of(programme_id)
    assert (await desk.do("programme attention", pat, programme=str(programme_id))).text.startswith("### Nothing needs")
    assert (await desk.do("programme attention", pat, programme=str(desk.programme_id))).text == REFUSED
    assert (await desk.do("programme attention", pat)).text == REFUSED
    seen = await desk.server.chat.command(pat, "my bookings")
    for other in (desk.programme_id, 0):
        assert (await desk.server.chat.forge(pat, seen, f"pw:attention:{other}:0")).text == REFUSED


def test_any_number_of_concerns_fits_page_by_page() -> None:
    items = [Item(Concern.NO_LINK, f"{n} " + "*_" * 300) for n in range(60)]
    first = attention_card(items, "t" * 200, 1, 0)
    pages = 0
    for page in range(60):
        card = attention_card(items, "t" * 200, 1, page)
        container = card.to_components()[0]
        assert sum(size(part.get("content", "")) for part in container["components"]) <= CARD_TEXT
        assert card.total_children_count <= COMPONENTS
        pages = page
        if not any(getattr(item, "label", "") == "More" for item in card.walk_children()):
            break
    assert pages > 10
    assert first.total_children_count > 3
