"""What a presenter's mail says, and the calendar entry that it carries."""

from __future__ import annotations

from dataclasses import replace

import icalendar
import pytest

from domain.kinds import Format, Kind, Mode
from domain.letters.matters import PresentingMatter, ResultsMatter
from domain.ports.letters import LetterLinks, MaterialFacts
from integrations.letter_desk import LetterDesk
from integrations.letters import word
from tests.mail_building import ANN, LINK, NOW, SENDER, VOICE, calendars, letter, opened, request, session

ASKED = PresentingMatter(7, confirmed=False, code="ABCD-EFGH", people=12, online=4, needs=(("an interpreter", 2),))


def test_a_presenter_who_has_no_button_for_the_materials_is_not_sent_to_it() -> None:
    materials = (MaterialFacts("Film", None, "film.pptx"),)
    remembered = letter(Kind.REMINDER, matter=ASKED, session=session(presenting=True, materials=materials), lead_minutes=1440)
    worded = word(remembered, VOICE)
    assert "To read: Film (film.pptx). Ask the organisers if you need it.\n" in worded.text
    assert "<strong>To read:</strong> Film (film.pptx). Ask the organisers if you need it.</p>" in worded.html


def test_an_invitation_to_present_in_full() -> None:
    worded = word(letter(matter=ASKED, session=session(presenting=True, format=Format.HYBRID, venue="Room 4"), mode=Mode.ROOM), VOICE)
    assert worded.subject == "Will you present? Working with fathers, Monday 15 March 2027, 9.30am"
    assert worded.text == (
        "Will you present this session?\n"
        "\n"
        "Hello Ann Other,\n"
        "\n"
        "We are Northfield Teaching Partnership. Our organisers named you as a presenter of this session and gave us your address. "
        "If that is a mistake, please tell us.\n"
        "\n"
        "Working with fathers\n"
        "\n"
        "When: Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)\n"
        "Where: Room 4\n"
        "Before you come: Join five minutes early.\n"
        "Led by: Priya Shah and Barnsley Council\n"
        "About: Two short talks.\n"
        "Part of: Practice Week March 2027\n"
        "\n"
        "12 people have a place so far, 4 of them online.\n"
        "\n"
        "What people need in order to come, and how many of them:\n"
        "- an interpreter: 2\n"
        "\n"
        "Some people join online. Join the Teams meeting:\n"
        f"{LINK}\n"
        "\n"
        "Please tell us that you will present\n"
        "\n"
        "In Discord, type /presenting confirm ABCD-EFGH\n"
        "You can also write to practiceweek@northfield.example and say yes.\n"
        "\n"
        "If you cannot present, please tell us soon, so that we can find somebody else. "
        "Pressing Decline in your calendar does not tell us.\n"
        "\n"
        "This e-mail carries a calendar invitation. Press Accept to put the session in your calendar. "
        "If the time, place or link changes, your calendar will change too.\n"
        "\n"
        "In Discord, type /presenting sessions to see how many people come.\n"
        "Open Discord: https://discord.com/channels/1/2\n"
        "\n"
        "----\n"
        "Any questions? Write to practiceweek@northfield.example.\n"
        "Northfield Teaching Partnership\n"
    )


def test_who_has_said_yes_is_not_asked_again() -> None:
    confirmed = PresentingMatter(7, confirmed=True, code="ABCD-EFGH", people=1)
    text = word(letter(Kind.REMINDER, matter=confirmed, lead_minutes=1440), VOICE).text
    assert [part for part in ("ABCD", "/presenting confirm", "/my bookings", "cancel your place") if part in text] == []
    assert "1 person has a place so far." in text


@pytest.mark.parametrize(
    ("ended", "first"),
    [
        ("session", "We are sorry. The organisers have called off this session, so please do not come."),
        ("declined", "You told us that you cannot present this session, so we take it out of your calendar."),
        ("removed", "The organisers have changed who presents this session. You do not need to come."),
    ],
)
def test_a_cancellation_says_why(ended: str, first: str) -> None:
    worded = word(letter(Kind.CANCELLATION, matter=PresentingMatter(7, confirmed=True, ended=ended), reason="Snow."), VOICE)
    assert first in worded.text
    stops = "Called off" if ended == "session" else "Cancelled"
    assert worded.subject == f"{stops}: Working with fathers, Monday 15 March 2027, 9.30am"


def test_results_in_full() -> None:
    said = ResultsMatter(6, 4.3, (0, 0, 1, 2, 3), (2.1, 4.0), (("What could be better?", ("More <time>.", "Nothing.")),))
    worded = word(letter(Kind.RESULTS, matter=said), VOICE)
    assert worded.subject == "What people said about Working with fathers"
    assert "6 people rated your session. On average they gave it 4.3 out of 5." in worded.text
    assert "- 3 out of 5: 1\n- 4 out of 5: 2\n- 5 out of 5: 3" in worded.text
    assert "What could be better?\n\n- More <time>.\n- Nothing.\n" in worded.text
    assert "More &lt;time&gt;." in worded.html


def test_the_entry_of_who_presents_has_its_own_words() -> None:
    facts = session(uid="presenting-7-3f1c", presenting=True, format=Format.HYBRID, venue="Room 4")
    (entry,) = icalendar.Calendar.from_ical(calendars().invitation(facts, request(), ANN, Mode.ROOM)).walk("VEVENT")
    words = str(entry["DESCRIPTION"])
    assert (str(entry["UID"]), str(entry["LOCATION"]), entry["SEQUENCE"]) == ("presenting-7-3f1c", "Room 4", 1)
    assert "You present this session. If you cannot, please tell the organisers soon." in words
    assert LINK in words
    assert "/my bookings" not in words


LINKED = LetterLinks(present="12-" + "A" * 22)
WAY = "https://pages.example/presenting/12-AAAAAAAAAAAAAAAAAAAAAA"
PAGES = replace(VOICE, web="https://pages.example/")


def test_who_is_asked_by_mail_answers_by_the_link_in_both_parts() -> None:
    for kind in (Kind.INVITATION, Kind.UPDATE, Kind.REMINDER):
        lead = 1440 if kind is Kind.REMINDER else None
        worded = word(letter(kind, matter=ASKED, links=LINKED, session=session(presenting=True), lead_minutes=lead), PAGES)
        assert (
            "Please say yes or no\n"
            "\n"
            f"Tell us if you can come: {WAY}\n"
            "\n"
            "Or, in Discord, type /presenting confirm ABCD-EFGH\n"
            "\n"
            "If you cannot present, please tell us soon, so that we can find somebody else. "
        ) in worded.text
        assert f'<h2>Please say yes or no</h2>\n<p><a href="{WAY}">Tell us if you can come</a></p>\n' in worded.html
        for part in (worded.text, worded.html):
            assert "The links in this e-mail are yours alone. Please do not pass them on." in part
            assert ("Accept alone does not tell us that you will come." in part) is (kind is not Kind.REMINDER)


def test_who_has_said_yes_or_no_can_change_it_by_the_link() -> None:
    yes = word(letter(Kind.REMINDER, matter=replace(ASKED, confirmed=True), links=LINKED, lead_minutes=1440), PAGES)
    assert f"You told us that you will be there. See how it stands, or change your answer: {WAY}\n" in yes.text
    assert f'<a href="{WAY}">See how it stands, or change your answer</a>' in yes.html
    no = word(letter(Kind.CANCELLATION, matter=replace(ASKED, ended="declined"), links=LINKED), PAGES)
    assert f"Can you come after all? Change your answer: {WAY}\n" in no.text
    assert f'<p>Can you come after all? <a href="{WAY}">Change your answer</a></p>' in no.html


def test_the_calendar_file_is_the_same_with_the_link_in_the_letter_and_without_it() -> None:
    desk = LetterDesk(SENDER, PAGES, calendars(), now=lambda: NOW)
    files = []
    for links in (LINKED, None):
        one = letter(matter=ASKED, links=links, session=session(uid="presenting-12-3f1c", presenting=True))
        parts = [part for part in opened(desk.pack(one).content).walk() if part.get_content_type() in ("text/calendar", "application/ics")]
        files.append([part.get_content() for part in parts])
    assert (len(files[0]), files[0] == files[1], WAY in str(files)) == (2, True, False)
