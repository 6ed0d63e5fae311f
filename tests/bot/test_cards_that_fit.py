"""Cards keep to Discord's limits, however much stands in them: 4,000 characters and 40 parts a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from discord import ui

from bot.limits import CARD_TEXT, COMPONENTS, size
from bot.materials import materials_card
from bot.organisers.column_cards import remembered_card
from bot.organisers.invitations import codes_card
from bot.presenting import results_card
from bot.reminder_cards import day_card
from domain.invitations import CodeView
from domain.kinds import Channel, Format, Kind, Mode, Provider
from domain.letters.matters import ResultsMatter
from domain.materials import MaterialView
from domain.models import Privacy, ProgrammeKind, ProgrammeState
from domain.ports.letters import Letter, ReminderItem
from domain.programmes import ProgrammeView
from domain.schedule.remembering import Remembered
from tests.mail_building import letter, session

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
TITLE = "Working together with fathers and male carers in child protection: what practitioners and parents have learnt"
LINK = "https://northfield.example/" + "a" * 300


def counted(card: ui.LayoutView) -> tuple[int, int]:
    """Parts and characters, as Discord counts them."""
    found = [_counted(part) for part in card.to_components()]
    return sum(parts for parts, _ in found), sum(characters for _, characters in found)


def _counted(part: dict[str, Any]) -> tuple[int, int]:
    below = [_counted(one) for one in (*part.get("components", ()), *filter(None, (part.get("accessory"),)))]
    return 1 + sum(parts for parts, _ in below), size(part.get("content", "")) + sum(characters for _, characters in below)


def fits(card: ui.LayoutView) -> bool:
    parts, characters = counted(card)
    return parts <= COMPONENTS and characters <= CARD_TEXT


def text_of(card: ui.LayoutView) -> str:
    return "\n".join(item.content for item in card.walk_children() if isinstance(item, ui.TextDisplay))


def day(sessions: int, **facts: Any) -> Letter:
    first = letter(Kind.REMINDER, channel=Channel.CHAT, lead_minutes=1440, session=session(title=TITLE, **facts))
    return replace(first, also=(ReminderItem(session(title=TITLE, **facts), Mode.ONLINE, 1),) * (sessions - 1))


@pytest.mark.parametrize("sessions", [2, 12, 13, 20, 75])
def test_a_day_of_any_number_of_sessions_fits_into_one_reminder(sessions: int) -> None:
    assert fits(day_card(day(sessions, join_url=LINK)))
    assert fits(day_card(day(sessions, format=Format.IN_PERSON, provider=None, join_url=None, venue="Committee Room 3, " * 10)))


def test_of_a_long_day_the_first_have_a_button_and_the_others_say_where_the_link_is() -> None:
    card = day_card(day(15, join_url=LINK))
    assert sum(isinstance(item, ui.Section) for item in card.walk_children()) == 10
    assert text_of(card).count("Online. The link is in your calendar.") == 5
    assert "-# And 3 more: type /my bookings to see them all." in text_of(day_card(day(23, join_url=LINK)))


def test_what_people_wrote_to_four_questions_fits() -> None:
    texts = ("It was good to hear from people who have lived it, and I will open a first visit in another way. " * 3,) * 30
    comments = tuple((f"What would you say to question {number}?", texts) for number in range(4))
    assert fits(results_card(TITLE, ResultsMatter(30, 4.2, (1, 2, 3, 4, 20), (2.1, 4.0), comments)))


def test_forty_codes_with_long_notes_fit_and_the_older_ones_are_counted() -> None:
    kind, state = ProgrammeKind.PARENT_PARTNERSHIP, ProgrammeState.PUBLISHED
    days = date(2027, 3, 15), date(2027, 3, 19)
    programme = ProgrammeView(1, TITLE, kind, state, *days, "Europe/London", Provider.TEAMS, None, Privacy.PRIVATE, None)
    code = CodeView(1, "ABCDE", "Tuesday group at Northfield family centre", TITLE, 3, 10, NOW, "Europe/London", revoked=False, over=False)
    card = codes_card(programme, [code] * 40)
    assert fits(card)
    shown = text_of(card).count("**ABCDE…**")
    assert f"- and {40 - shown} older ones" in text_of(card)


def test_columns_without_number_fit() -> None:
    heading = "information and events for everyone who comes to this session (please fill in)"
    assert fits(remembered_card([Remembered(number, heading, "description") for number in range(60)], news="Forgotten"))


def test_a_link_that_the_card_has_no_room_for_is_named() -> None:
    links = [MaterialView(number, f"Slides {number}", "https://northfield.example/" + "a" * 960, None) for number in range(5)]
    card = materials_card(TITLE, links)
    assert fits(card)
    assert text_of(card).count("](<https://northfield.example/") == 2
    assert "- Slides 4: its address is too long to show here. You find it in your e-mail from us." in text_of(card)
