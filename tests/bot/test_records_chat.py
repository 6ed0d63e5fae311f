"""Sheets, lists, columns, exports, forms and the daily message, in a server: who may, what is shown, and nothing before Confirm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from bot.client import PracticeBot
from bot.delivery import DirectMessages
from domain.database import Store
from domain.feedback.questions import form
from domain.kinds import Channel
from domain.models import Booking, DigestReader, Notice, RememberedColumn
from domain.rules import Rules
from integrations.form_files import TomlForms
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from integrations.sign_in import PrintedSignInSheets
from rehearsal.chat import ChatStandIn, Clock
from scheduler.ticks import Ticks
from tests.bot_building import Server, fits, surroundings_of
from tests.building import Building
from tests.organiser_building import REFUSED, WEEK, Desk

ROOM = "15/03/2027,12-1pm,Lunch and learn,Dudley MBC,In person,Town Hall,40"
ODD = "Date,Time,Title,Slot lead,Biscuits,Platform,Location"
ODD_ROW = "15/03/2027,12-1pm,Lunch and learn,Ann Other,Yes,In person,Town Hall"
FORM = b'[[question]]\nkind = "choice"\nwords = "Where do you work?"\noptions = ["Children", "Adults"]\n'


@pytest.fixture
async def desk(store: Store, partnership_id: int, rules: Rules, now: Any) -> AsyncIterator[Desk]:
    """A server where files are read and written."""
    building = Building(store, partnership_id, rules, now)
    given: dict[str, Any] = {
        "sheets": CalamineSheetReader(), "sign_in": PrintedSignInSheets(), "sheet_writer": XlsxWriter(), "forms": TomlForms(),
    }  # fmt: skip

    def make_bot(clock: Clock) -> PracticeBot:
        return PracticeBot(surroundings_of(store, partnership_id, rules, clock, **given))

    async with ChatStandIn(make_bot, now) as chat:
        made = Desk(Server(chat, building, []), chat.join("Olga", organiser=True), 0)
        made.programme_id = made.another_programme("Regional week")
        yield made
    assert chat.faults() == []


async def at_lunch(desk: Desk, people: int) -> str:
    """The session has started, with this many people; its reference."""
    await desk.imported(ROOM)
    await desk.published()
    for number in range(1, people + 1):
        desk.booked("Lunch and learn", number)
    desk.server.building.now = desk.sessions()["Lunch and learn"].starts_at
    desk.server.chat.advance_to(desk.server.building.now)
    return desk.ref("Lunch and learn")


def marks(desk: Desk) -> list[str]:
    return [booking.attendance.value for booking in desk.read_rows(Booking)]


# ── who comes, and who came ─────────────────────────────────────────────────────────────────────────────────


async def test_a_sheet_to_print_comes_as_a_file_to_organisers_alone(desk: Desk) -> None:
    reference = await at_lunch(desk, 2)
    sent = await desk.do("attendance sheet", session=reference, paper="landscape")
    assert sent.private
    assert sent.text.startswith("Here is the sign-in sheet for **Lunch and learn**: 2 people.")
    ((name, content),) = sent.files
    (page,) = PdfReader(BytesIO(content)).pages
    assert (name, page.mediabox.width > page.mediabox.height) == (f"sign-in-{reference}.pdf", True)
    assert "Person 2" in page.extract_text()
    refused = await desk.do("attendance sheet", desk.curious(), session=reference)
    assert (refused.text, refused.files) == (REFUSED, ())


async def test_a_list_is_shown_before_anybody_is_marked(desk: Desk) -> None:
    reference = await at_lunch(desk, 3)
    file = ("zoom.csv", b"Name (Original Name),User Email\nPerson 1,\nX,PERSON2@council.gov.uk\n@everyone,\n")
    shown = await desk.do("attendance upload", session=reference, file=file)
    assert (
        "**2 people** with a place were there. The file does not say about 1 other person with a place. Nothing is marked yet."
        in shown.text
    )
    assert "@everyone" not in shown.text
    assert shown.labels == ("Mark them", "Mark them, and the others as not there", "Do not mark anybody")
    assert marks(desk) == ["unknown"] * 3
    pat = desk.organiser_of(desk.another_programme())
    stolen = await desk.server.chat.forge(pat, await desk.server.chat.command(pat, "my bookings"), shown.buttons[0].custom_id or "")
    assert (stolen.text, marks(desk)) == (REFUSED, ["unknown"] * 3)
    saved = await desk.press(shown, "Mark them, and the others as not there")
    assert saved.text.startswith("### Saved\n")
    assert marks(desk) == ["attended", "attended", "absent"]
    again = await desk.server.chat.forge(desk.olga, saved, shown.buttons[0].custom_id or "")
    assert again.text == "This file has been marked already. Nothing was done twice."


async def test_everyone_but_a_few_on_whichever_page_they_stand(desk: Desk) -> None:
    reference = await at_lunch(desk, 28)
    shown = await desk.do("attendance allbut", session=reference)
    assert (len(shown.menus[0].options), fits(shown)) == (25, True)
    second = await desk.press(shown, "More people")
    saved = await desk.server.chat.choose(desk.olga, second, second.menus[0].options[0][0])
    assert "28 people: 27 there, 1 not there." in saved.text
    first = await desk.press(saved, "Back")
    saved = await desk.server.chat.choose(desk.olga, first, first.menus[0].options[0][0], first.menus[0].options[1][0])
    assert "28 people: 25 there, 3 not there." in saved.text
    assert sorted(marks(desk)) == ["absent"] * 3 + ["attended"] * 25


# ── columns, leaving and going on ───────────────────────────────────────────────────────────────────────────


async def test_an_unknown_column_is_asked_about_once_and_then_remembered_for_that_organiser(desk: Desk) -> None:
    asked = await desk.send(ODD_ROW, head=ODD)
    assert "2 columns are new to us. What do they mean? We remember it for your next file." in asked.text
    assert (desk.sessions(), fits(asked)) == ({}, True)
    assert len(asked.menus[0].options) == 25
    rest = await desk.server.chat.choose(desk.olga, asked, "presenter", menu=asked.menus[0].custom_id)
    assert "One column is new to us. What does it mean?" in rest.text
    shown = await desk.press(rest, "It means nothing")
    assert "Slot lead as presenter" in shown.text
    assert "not read" not in shown.text
    await desk.press(shown, "Import all")
    kept = [(row.heading_key, row.means) for row in desk.read_rows(RememberedColumn)]
    assert kept == [("slot lead", "presenter"), ("biscuits", "nothing")]
    again = await desk.send(ODD_ROW, head=ODD)
    assert "**1 session, 0 invitations.** 1 unchanged." in again.text
    pat = desk.organiser_of(desk.programme_id)
    assert "2 columns are new to us." in (await desk.send(ODD_ROW, head=ODD, who=pat)).text


async def test_what_was_remembered_can_be_forgotten_by_its_owner_alone(desk: Desk) -> None:
    asked = await desk.send(ODD_ROW, head=ODD)
    await desk.press(asked, "The others mean nothing")
    shown = await desk.do("programme columns")
    assert "- “biscuits”: nothing. Do not read this column" in shown.text
    pat = desk.organiser_of(desk.programme_id)
    theirs = await desk.do("programme columns", pat)
    assert theirs.text == "We remember nothing about your columns. We ask when a column is new to us."
    kept = [str(row.id) for row in desk.read_rows(RememberedColumn)]
    await desk.server.chat.forge(pat, theirs, "pw:columns-forget", values=kept)
    assert len(desk.read_rows(RememberedColumn)) == 2
    one = await desk.server.chat.choose(desk.olga, shown, kept[0])
    assert one.text.startswith("### Forgotten\n")
    assert len(desk.read_rows(RememberedColumn)) == 1
    await desk.press(one, "Forget all of it")
    assert desk.read_rows(RememberedColumn) == []


async def test_a_file_that_was_left_is_gone_on_with_later(desk: Desk) -> None:
    left = await desk.press(await desk.send(ODD_ROW, head=ODD), "Not now")
    assert left.text.startswith("### Nothing was changed.\nWe keep week.csv for a week.")
    offered = await desk.do("programme import", programme=str(desk.programme_id))
    assert offered.labels == ("Go on with week.csv",)
    stranger = await desk.server.chat.forge(
        desk.curious(), await desk.server.chat.command(desk.curious("Nosy"), "my bookings"), offered.buttons[0].custom_id or ""
    )
    assert stranger.text == REFUSED
    asked = await desk.press(offered, "Go on with week.csv")
    shown = await desk.press(asked, "The others mean nothing")
    await desk.press(shown, "Import all")
    assert set(desk.sessions()) == {"Lunch and learn"}
    assert (await desk.do("programme import", programme=str(desk.programme_id))).text.startswith("### Please send a file")


async def test_going_on_comes_back_to_the_same_answers(desk: Desk) -> None:
    await desk.imported(*WEEK)
    shown = await desk.send(*WEEK[:1])
    await desk.server.chat.choose(desk.olga, shown, "1", menu=shown.menus[0].custom_id)
    offered = await desk.do("programme import", programme=str(desk.programme_id))
    back = await desk.press(offered, "Go on with week.csv")
    assert "**1 session to cancel.**" in back.text


# ── to take away ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_spreadsheet_comes_as_a_file_and_can_be_imported_again(desk: Desk) -> None:
    await desk.imported(*WEEK)
    sent = await desk.do("report export", programme=str(desk.programme_id), what="sessions")
    assert sent.private
    ((name, content),) = sent.files
    assert name == f"sessions-{desk.programme_id}.xlsx"
    assert openpyxl.load_workbook(BytesIO(content)).worksheets[0].max_row == 4
    shown = await desk.do("programme import", programme=str(desk.programme_id), file=(name, content))
    assert "**3 sessions, 0 invitations.** 3 unchanged. There is nothing to import." in shown.text
    refused = await desk.do("report export", desk.curious(), programme=str(desk.programme_id), what="bookings")
    assert (refused.text, refused.files) == (REFUSED, ())
    assert "export sessions" in desk.trail()


# ── the form ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_form_is_shown_before_it_is_asked_and_faults_are_told_by_question(desk: Desk) -> None:
    programme = str(desk.programme_id)
    bad = FORM.replace(b'"Adults"', b'"Children"') + b'[[question]]\nkind = "tickbox"\nwords = "%s"\n' % (b"x" * 46)
    refused = await desk.do("programme form", programme=programme, file=("form.toml", bad))
    assert refused.text.splitlines() == [
        "Question 1: two of its options are the same.",
        "Question 2: its words have 46 characters. The most is 45.",
        "Question 2: its kind is “tickbox”. Write scale, choice or text.",
    ]
    shown = await desk.do("programme form", programme=programme, file=("form.toml", FORM))
    assert "2. Where do you work? One of: Children; Adults." in shown.text
    building = desk.server.building
    assert len(building.read(form, building.partnership_id, desk.programme_id)) == 5
    await desk.press(shown, "Ask these questions")
    assert [one.key for one in building.read(form, building.partnership_id, desk.programme_id)] == ["rating", "question_1"]
    assert "Where do you work?" in (await desk.do("programme form", programme=programme)).text
    assert (await desk.do("programme form", desk.curious(), programme=programme)).text == REFUSED


# ── the daily message ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_daily_message_goes_to_who_wants_it_and_not_to_who_lost_the_role(desk: Desk) -> None:
    await desk.imported(ROOM, "16/03/2027,10-11am,Kinship care,Dudley MBC,Zoom,,30")
    await desk.published()
    building, chat = desk.server.building, desk.server.chat
    pat = desk.organiser_of(desk.programme_id)
    for who in (desk.olga, pat):
        assert (await desk.do("programme daily", who, programme=str(desk.programme_id), message="on")).text.startswith("### You will get")
    assert (await desk.do("programme daily", desk.curious(), programme=str(desk.programme_id), message="on")).text == REFUSED
    desk.dismiss(desk.olga)
    building.now += timedelta(days=1)
    chat.advance_to(building.now)
    channels = {Channel.CHAT: DirectMessages(chat.bot)}
    ticks = Ticks(building.store, building.rules, clock=chat.now, by="me", providers={}, channels=channels)
    for _ in range(2):
        await ticks.keep_time()
        await ticks.deliver()
    (message,) = chat.direct(pat)
    assert message.text.splitlines()[0].startswith("## Good morning. 1 thing needs you")
    assert "Zoom is not set up here." in message.text
    assert chat.direct(desk.olga) == []
    assert [reader.discord_id for reader in desk.read_rows(DigestReader)] == [pat.id]
    assert [(notice.state.value, notice.error) for notice in desk.read_rows(Notice)] == [
        ("failed", "the reader organises this programme no longer"),
        ("sent", ""),
    ]
    assert (await desk.do("programme daily", pat, programme=str(desk.programme_id), message="off")).text.startswith(
        "### The daily message is off"
    )
    assert desk.read_rows(DigestReader) == []
