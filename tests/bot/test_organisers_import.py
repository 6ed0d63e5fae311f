"""`/programme import` in a server: preview, pages, ticks, answers, Confirm; nothing before it, and nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.limits import CARD_TEXT, COMPONENTS, CUSTOM_ID, size
from bot.organisers.import_cards import preview_card, preview_pages
from bot.organisers.import_state import MOST_TICKS, ImportState
from domain.descriptions import NewSession
from domain.kinds import Format
from domain.models import ImportDraft, Session, SessionState
from domain.schedule.importing import Fate, ImportPreview, PlannedRow
from domain.schedule.standing import Standing
from domain.schedule.values import Problem, Schedule
from tests.organiser_building import LUNCH, NO_HOUR, REFLECT, REFUSED, WEEK, Desk, csv

NOON = datetime(2027, 3, 15, 12, tzinfo=UTC)


async def test_a_file_is_previewed_privately_and_nothing_exists_before_confirm(desk: Desk) -> None:
    shown = await desk.send(*WEEK)
    assert shown.private
    assert "**3 sessions, 0 invitations.** 3 new. Nobody is told anything." in shown.text
    assert "- Row 2: Lunch and learn. Monday 15 March 2027, 12 noon to 1pm. Teams. 50 places. Dudley MBC." in shown.text
    assert shown.labels == ("Import all", "Do not import")
    assert desk.sessions() == {}


async def test_confirm_makes_the_sessions_once_however_often_it_is_pressed(desk: Desk) -> None:
    shown = await desk.send(*WEEK)
    done = await desk.press(shown, "Import all")
    assert done.text.startswith("### 3 sessions added. Nobody was told anything.")
    assert "/programme publish" in done.text
    again = await desk.server.chat.forge(desk.olga, done, next(b.custom_id for b in shown.buttons if b.label == "Import all") or "")
    assert again.text.startswith("### This file has been imported already. Nothing was done twice.")
    assert set(desk.sessions()) == {"Lunch and learn", "Critical reflection", "Kinship care"}
    assert len(desk.read_rows(Session)) == 3


async def test_a_preview_can_be_confirmed_after_a_restart(desk: Desk) -> None:
    shown = await desk.send(*WEEK)
    await desk.server.chat.restart()
    assert (await desk.press(shown, "Import all")).text.startswith("### 3 sessions added.")


async def test_the_organiser_may_think_better_of_it(desk: Desk) -> None:
    dropped = await desk.press(await desk.send(*WEEK), "Do not import")
    assert (dropped.text, dropped.labels) == ("### Nothing was changed.", ())
    assert desk.sessions() == {}


async def test_with_an_error_only_the_good_rows_can_be_imported(desk: Desk) -> None:
    shown = await desk.send(*WEEK, NO_HOUR)
    assert "**Rows that cannot be used**\n- Row 5 \\(Time\\): " in shown.text
    assert [(button.label, button.disabled) for button in shown.buttons] == [
        ("Import all", True),
        ("Import the good rows", False),
        ("Do not import", False),
    ]
    done = await desk.press(shown, "Import the good rows")
    assert done.text.startswith("### 3 sessions added, 1 row left out.")
    assert len(desk.sessions()) == 3


async def test_a_tampered_import_all_with_errors_is_refused(desk: Desk) -> None:
    shown = await desk.send(*WEEK, NO_HOUR)
    good = next(button.custom_id for button in shown.buttons if button.label == "Import the good rows") or ""
    refused = await desk.server.chat.forge(desk.olga, shown, good.replace(":good:", ":all:"))
    assert "Nothing was imported." in refused.text
    assert desk.sessions() == {}


async def test_the_same_file_again_has_nothing_to_import(desk: Desk) -> None:
    await desk.imported(*WEEK)
    shown = await desk.send(*WEEK)
    assert "3 unchanged. There is nothing to import." in shown.text
    assert shown.labels == ("Do not import",)


async def test_gone_sessions_are_shown_with_their_bookings_and_cancelled_only_when_ticked(desk: Desk) -> None:
    await desk.imported(*WEEK)
    await desk.published()
    desk.booked("Kinship care", 1)
    shown = await desk.send(LUNCH, REFLECT)
    assert "**No longer in the file**\n- Kinship care. Tuesday 16 March 2027, 10am to 11am: 1 booked." in shown.text
    assert shown.labels == ("Do not import",)
    ticked = await desk.server.chat.choose(desk.olga, shown, "0")
    assert "**1 session to cancel.** 1 person would be told." in ticked.text
    unticked = await desk.server.chat.choose(desk.olga, ticked)
    assert "stay as they are, unless you choose them" in unticked.text
    done = await desk.press(await desk.server.chat.choose(desk.olga, unticked, "0"), "Import all")
    assert done.text.startswith("### 2 sessions unchanged, 1 session cancelled. 1 person will be told.")
    assert desk.sessions()["Kinship care"].state is SessionState.CANCELLED
    assert desk.sessions()["Lunch and learn"].state is SessionState.PUBLISHED


TWICE = ("15/03/2027,10-11am,Mental Capacity Act,Kirklees,Teams,,20", "15/03/2027,2-3pm,Mental Capacity Act,Kirklees,Teams,,20")
MOVED = ("15/03/2027,11am-12pm,Mental Capacity Act,Kirklees,Teams,,20", "15/03/2027,3-4pm,Mental Capacity Act,Kirklees,Teams,,20")


async def test_what_is_ambiguous_is_asked_row_by_row_before_it_can_be_imported(desk: Desk) -> None:
    await desk.imported(*TWICE)
    morning, afternoon = desk.read_rows(Session)
    shown = await desk.send(*MOVED)
    assert [(button.label, button.disabled) for button in shown.buttons] == [("Import all", True), ("Do not import", False)]
    first = shown.menus[0]
    assert [option[:2] for option in first.options] == [("1", "A new session"), ("2", "Mental Capacity Act"), ("3", "Mental Capacity Act")]
    assert first.options[1][2] == f"Mon 15 Mar, 10am to 11am · {morning.reference} · nobody booked"
    one = await desk.server.chat.choose(desk.olga, shown, "3", menu=first.custom_id)
    both = await desk.server.chat.choose(desk.olga, one, "2", menu=one.menus[-1].custom_id) if one.menus else one
    assert "2 changed" in both.text
    done = await desk.press(both, "Import all")
    assert done.text.startswith("### 2 sessions changed.")
    hours = {session.id: session.starts_at.hour for session in desk.read_rows(Session)}
    assert hours == {morning.id: 15, afternoon.id: 11}


async def test_answers_can_be_taken_back(desk: Desk) -> None:
    await desk.imported(*TWICE)
    shown = await desk.send(*MOVED)
    answered = await desk.server.chat.choose(desk.olga, shown, "1", menu=shown.menus[0].custom_id)
    assert "Answer again" in answered.labels
    back = await desk.press(answered, "Answer again")
    assert (back.text, back.labels) == (shown.text, shown.labels)


async def test_a_programme_that_changed_meanwhile_is_shown_anew_and_nothing_is_done(desk: Desk) -> None:
    shown = await desk.send(*WEEK)
    await desk.imported(LUNCH)
    refused = await desk.press(shown, "Import all")
    assert refused.text.startswith("### The programme has changed since this preview was made.")
    assert "2 new, 1 unchanged" in refused.text
    assert set(desk.sessions()) == {"Lunch and learn"}
    assert (await desk.press(refused, "Import all")).text.startswith("### 2 sessions added, 1 session unchanged.")


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_command_is_hidden_from_practitioners(desk: Desk) -> None:
    with pytest.raises(Exception, match=r"(?i)permission"):
        await desk.send(*WEEK, who=desk.server.chat.join("Ada"))


async def test_whoever_sees_the_command_without_organising_is_refused(desk: Desk) -> None:
    refused = await desk.send(*WEEK, who=desk.curious())
    assert refused.text == REFUSED
    assert desk.read_rows(ImportDraft) == []


async def test_an_organiser_of_another_programme_is_refused_by_command_and_by_button(desk: Desk) -> None:
    pat = desk.organiser_of(desk.another_programme())
    assert (await desk.send(*WEEK, who=pat)).text == REFUSED
    shown = await desk.send(*WEEK)
    confirm = next(button.custom_id for button in shown.buttons if button.label == "Import all") or ""
    pats = await desk.server.chat.command(pat, "my bookings")
    assert (await desk.server.chat.forge(pat, pats, confirm)).text == REFUSED
    assert desk.sessions() == {}


async def test_a_programmes_own_organiser_may_import_it(desk: Desk) -> None:
    programme_id = desk.another_programme()
    pat = desk.organiser_of(programme_id)
    shown = await desk.send(*WEEK, who=pat, programme_id=programme_id)
    done = await desk.press(shown, "Import all", who=pat)
    assert done.text.startswith("### 3 sessions added.")


async def test_who_lost_the_role_after_the_preview_cannot_confirm(desk: Desk) -> None:
    shown = await desk.send(*WEEK)
    desk.dismiss(desk.olga)
    assert (await desk.press(shown, "Import all")).text == REFUSED
    assert desk.sessions() == {}


async def test_programmes_are_offered_only_to_who_organises_them(desk: Desk) -> None:
    other = desk.another_programme()
    chat = desk.server.chat
    mine = ("Another week · 15/03/2027 (draft)", str(other))
    assert await chat.suggestions(desk.organiser_of(other), "programme import", "programme", "") == (mine,)
    assert set(await chat.suggestions(desk.olga, "programme import", "programme", "week")) == {
        mine,
        ("Regional week · 15/03/2027 (draft)", str(desk.programme_id)),
    }
    assert await chat.suggestions(desk.curious(), "programme import", "programme", "") == ()


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_that_is_no_spreadsheet_is_refused_and_not_kept(desk: Desk) -> None:
    refused = await desk.do("programme import", programme=str(desk.programme_id), file=("week.pdf", b"%PDF-1.7 not a sheet"))
    assert refused.text.startswith("This is not a spreadsheet that can be read.")
    assert desk.read_rows(ImportDraft) == []


async def test_a_file_over_five_megabytes_is_refused(desk: Desk) -> None:
    big = csv(*WEEK) + b"\n" * 5_000_000
    refused = await desk.do("programme import", programme=str(desk.programme_id), file=("week.csv", big))
    assert refused.text == "This file is too large: the most is 5 MB. Remove pictures from it, or save it as .csv."
    assert desk.read_rows(ImportDraft) == []


async def test_a_programme_that_was_not_chosen_from_the_list_is_asked_for_again(desk: Desk) -> None:
    refused = await desk.do("programme import", programme="no such thing", file=("week.csv", csv(*WEEK)))
    assert refused.text == "Please choose one of the programmes that are shown while you type."


async def test_words_in_a_file_ping_nobody_and_make_no_links(desk: Desk) -> None:
    shown = await desk.send("15/03/2027,12-1pm,@everyone [click](https://evil.example) <@1>,Dudley MBC,Teams,,50")
    assert "@everyone" not in shown.text
    assert "](" not in shown.text.replace("\\](", "").replace("]\\(", "")
    assert "<@1>" not in shown.text


# ── Discord's limits ────────────────────────────────────────────────────────────────────────────────────────


def a_session(title: str) -> NewSession:
    return NewSession(title, NOON, NOON.replace(hour=13), Format.IN_PERSON, venue="Town Hall", reference="PW-23456")


def a_monster(problems: int = 60, gone: int = 120, ambiguous: int = 40) -> ImportPreview:
    """A preview worse than any: every kind of trouble, many times, in long words."""
    long = "*_`" * 65
    candidates = tuple(Standing(n, SessionState.PUBLISHED, a_session(long), None, 3, 0, 2) for n in range(30))
    asked = tuple(PlannedRow(n, Fate.AMBIGUOUS, a_session(long), candidates=candidates) for n in range(2, 2 + ambiguous))
    new = tuple(PlannedRow(n, Fate.NEW, a_session(long), series=long) for n in range(100, 160))
    missing = tuple(Standing(1000 + n, SessionState.PUBLISHED, a_session(long), None, 9, 1, 4) for n in range(gone))
    errors = tuple(Problem(n, "When", f"{long} is not a time. " * 3) for n in range(problems))
    return ImportPreview(1, long, True, "Europe/London", asked + new, missing, errors, errors, Schedule(columns={"title": long * 5}))


def texts_and_parts(component: dict[str, Any]) -> tuple[int, int, list[str]]:
    """Characters of text, number of components, and ids, of a component with all it holds."""
    characters = size(component.get("content", ""))
    parts, ids = 1, [component["custom_id"]] if "custom_id" in component else []
    for inner in component.get("components", ()):
        more = texts_and_parts(inner)
        characters, parts, ids = characters + more[0], parts + more[1], ids + more[2]
    return characters, parts, ids


@pytest.mark.parametrize("answers", ["", "2" * 29, "z" * 30])
async def test_no_page_of_any_preview_outgrows_discord(answers: str) -> None:
    shown = a_monster()
    asked = shown.of(Fate.AMBIGUOUS)
    state = ImportState(999_999_999_999, ticks=(1 << MOST_TICKS) - 1, answers=answers)
    pages = preview_pages(shown)
    assert len(pages) > 50
    for page in range(len(pages)):
        here = ImportState(state.draft_id, "0" * 8, page, state.ticks, answers)
        card = preview_card(shown, pages, asked, here, file_name="x" * 200, news="y" * 300)
        found = [texts_and_parts(top) for top in card.to_components()]
        characters, parts, ids = (sum(f[0] for f in found), sum(f[1] for f in found), [i for f in found for i in f[2]])
        assert characters <= CARD_TEXT
        assert parts <= COMPONENTS
        assert len(ids) == len(set(ids))
        assert max(map(len, ids)) <= CUSTOM_ID


async def test_every_line_of_a_long_preview_can_be_turned_to(desk: Desk) -> None:
    lines = [
        f"{15 + n % 5}/03/2027,{9 + n // 20}:{n % 20 + 10}-{9 + n // 20}:50,Session number {n:03},Council {n},Teams,,{n + 1}"
        for n in range(75)
    ]
    shown = await desk.send(*lines, NO_HOUR)
    seen = shown.text
    while "More" in shown.labels:
        shown = await desk.press(shown, "More")
        seen += shown.text
    assert [f"Session number {n:03}." in seen for n in range(75)] == [True] * 75
    assert "Part 1 of" in seen
    done = await desk.press(shown, "Import the good rows")
    assert done.text.startswith("### 75 sessions added, 1 row left out.")


@pytest.mark.parametrize(
    ("menu", "chosen", "expected"), [(0, ("0", "24"), {0, 24}), (1, ("25", "0", "99"), {25}), (3, ("99", "100"), {99})]
)
def test_ticks_are_kept_in_the_id_and_only_for_their_own_menu(menu: int, chosen: tuple[str, ...], expected: set[int]) -> None:
    state = ImportState(7, "0123abcd", 2).with_ticks(menu, chosen)
    assert {bit for bit in range(120) if state.ticks >> bit & 1} == expected
    assert len(state.id("tick3")) <= CUSTOM_ID


def test_ticks_of_one_menu_leave_those_of_another() -> None:
    both = ImportState(7).with_ticks(0, ("3", "4")).with_ticks(1, ("30",))
    assert {bit for bit in range(120) if both.ticks >> bit & 1} == {3, 4, 30}
    assert {bit for bit in range(120) if both.with_ticks(0, ("5",)).ticks >> bit & 1} == {5, 30}
