"""Letters about a place that is handed over, about materials, and about a whole day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.kinds import Format, Kind, Mode
from domain.letters.matters import TransferMatter
from domain.ports.letters import Attachment, MaterialFacts, Recipient, ReminderItem
from integrations.letters import word
from integrations.mime import pack
from tests.mail_building import NOW, SENDER, VOICE, calendars, letter, opened, request, session

UNTIL = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
ASKED = letter(
    Kind.TRANSFER,
    key="transfer:12:asked:email",
    recipient=Recipient("", "cora@council.example", None),
    session=session(join_url=None, notes=""),
    code="12-402917",
    until=UNTIL,
    matter=TransferMatter("asked", "Ann Other", "ann@council.example", ""),
)
PLAN = MaterialFacts("The plan", None, "Plan.pdf")
READING = MaterialFacts("Reading", "https://northfield.example/a?b=1&c=2")


def test_the_question_says_who_asks_which_session_and_the_code_on_a_line_of_its_own() -> None:
    worded = word(ASKED, VOICE, NOW)
    assert worded.subject == "A colleague offers you a place: Working with fathers, Monday 15 March 2027, 9.30am"
    assert "Hello,\n\nAnn Other (ann@council.example) has a place at this session and would like you to have it." in worded.text
    assert "\n12-402917\n" in worded.text
    assert "The code works until Wednesday 3 March 2027, 9am, UK time (GMT)." in worded.text
    assert "Where: online\n" in worded.text
    assert '<p class="code">12-402917</p>' in worded.html
    assert opened(pack(ASKED, worded, None, SENDER, now=NOW).content)["To"] == "cora@council.example"


def test_without_a_name_that_can_be_shown_the_address_asks() -> None:
    worded = word(replace(ASKED, matter=TransferMatter("asked", "", "ann@council.example", "")), VOICE, NOW)
    assert "Hello,\n\nann@council.example has a place" in worded.text


@pytest.mark.parametrize(
    ("outcome", "subject", "words", "theirs"),
    [
        ("agreed", "Your colleague has your place", "Cora has taken your place at this session.", False),
        ("declined", "Your place is still yours", "Cora has said no to your place at this session.", True),
        ("cannot", "Your place is still yours", "Cora cannot take your place at this session.", True),
        ("lapsed", "Your place is still yours", "Cora did not answer in time", True),
        ("tries", "Your place is still yours", "The code that we sent to Cora was typed wrongly too often", True),
    ],
)
def test_the_giver_is_told_what_came_of_it(outcome: str, subject: str, words: str, theirs: bool) -> None:
    told = word(letter(Kind.TRANSFER, matter=TransferMatter(outcome, "Ann Other", "ann@council.example", "Cora")), VOICE, NOW)
    assert told.subject.startswith(f"{subject}: Working with fathers")
    for form in (told.text, told.html):
        assert words in form
        assert ("You can ask somebody else, or cancel your place." in form) is theirs


def test_materials_stand_in_the_invitation_and_links_in_the_calendar() -> None:
    read = session(materials=(READING, PLAN, MaterialFacts("big.pdf", None, "big.pdf")))
    one = letter(session=read, attachments=(Attachment("Plan.pdf", "application/pdf", b"%PDF-"),))
    worded = word(one, VOICE, NOW)
    assert "To read: Reading\nhttps://northfield.example/a?b=1&c=2\n" in worded.text
    assert "To read, with this e-mail: The plan (Plan.pdf)\n" in worded.text
    assert "To read: big.pdf. To get it, open the session in Discord and press Materials." in worded.text
    assert '<a href="https://northfield.example/a?b=1&amp;c=2">Reading</a>' in worded.html
    entry = calendars().invitation(read, request(), one.recipient, Mode.ONLINE).replace(b"\r\n ", b"")
    assert b"https://northfield.example/a?b=1&c=2" in entry
    private = calendars().invitation(replace(read, private=True), request(), one.recipient, Mode.ONLINE).replace(b"\r\n ", b"")
    assert b"northfield.example/a" not in private


def test_a_change_of_materials_is_said() -> None:
    one = letter(Kind.UPDATE, changes=("materials",), session=session(materials=(READING,)))
    assert "- What there is to read for this session has changed. You find it below." in word(one, VOICE, NOW).text


def test_a_day_is_one_letter_with_every_session_s_own_hour_and_place() -> None:
    second = session(
        session_id=2,
        title="Your session",
        private=True,
        format=Format.IN_PERSON,
        venue="Town Hall, room 2",
        join_url=None,
        starts_at=datetime(2027, 3, 15, 13, 0, tzinfo=UTC),
        ends_at=datetime(2027, 3, 15, 14, 0, tzinfo=UTC),
    )
    one = letter(Kind.REMINDER, lead_minutes=1440, also=(ReminderItem(second, Mode.ROOM, 4),))
    worded = word(one, VOICE, session().starts_at - timedelta(days=1))
    assert worded.subject == "Tomorrow: your 2 sessions on Monday 15 March 2027"
    assert "You have a place at 2 sessions." in worded.text
    assert worded.text.index("1. Working with fathers") < worded.text.index("2. Your session")
    assert "When: Monday 15 March 2027, 1pm to 2pm, UK time (GMT)\nWhere: Town Hall, room 2\n" in worded.text
    assert worded.html.count('<div class="session">') == 2
