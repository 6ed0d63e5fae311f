"""What letters say, and that they say the same to everyone who reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from domain.kinds import Format, Kind, Mode, Provider
from domain.letters.matters import AnnouncementMatter, PresentingMatter, ResultsMatter, WaitingMatter
from domain.ports.letters import Letter, Recipient
from integrations.letters import Voice, word
from tests.mail_building import LINK, VOICE, letter, session, verification

UNTIL = datetime(2027, 3, 13, 12, 0, tzinfo=UTC)
ROOM = {"format": Format.IN_PERSON, "provider": None, "join_url": None, "venue": "Room 4, Town Hall"}
HYBRID = {"format": Format.HYBRID, "venue": "Room 4, Town Hall", "presenting": True}
PRESENTING = PresentingMatter(7, confirmed=False, code="ABCD-EFGH", people=12, online=4, needs=(("an interpreter", 2),))
SAID = ResultsMatter(6, 4.3, (0, 0, 1, 2, 3), (2.1, 4.0), (("What could be better?", ("More time.", "Nothing.")),))

EVERY: dict[str, Letter] = {
    "invitation": letter(),
    "invitation to a room": letter(session=session(**ROOM), mode=Mode.ROOM),
    "invitation without its link yet": letter(session=session(join_url=None)),
    "update": letter(Kind.UPDATE, changes=("time", "place", "link", "title", "notes")),
    "cancellation by oneself": letter(Kind.CANCELLATION),
    "cancellation by organisers": letter(Kind.CANCELLATION, by_organiser=True, reason="The presenter is ill."),
    "cancellation of an old address": letter(Kind.CANCELLATION, reason="Your invitation has moved."),
    "cancellation of who asked to be forgotten": letter(Kind.CANCELLATION, leaving=True),
    "promotion": letter(Kind.PROMOTION),
    "offer": letter(Kind.OFFER, until=UNTIL),
    "waiting": letter(Kind.WAITING, calendar=None, matter=WaitingMatter(3)),
    "waiting closed": letter(Kind.WAITING_CLOSED),
    "lapsed": letter(Kind.LAPSED),
    "reminder": letter(Kind.REMINDER, lead_minutes=1440, fallback=True),
    "feedback": letter(Kind.FEEDBACK),
    "verification": verification(),
    "sign in": letter(Kind.SIGN_IN, session=None, mode=None, recipient=Recipient("", "olga@example.org", None), until=UNTIL),
    "announcement": letter(
        Kind.ANNOUNCEMENT,
        session=None,
        matter=AnnouncementMatter("News from Northfield Teaching Partnership", "Booking is open.", "the week"),
    ),
    "presenting": letter(matter=PRESENTING, session=session(presenting=True)),
    "presenting in a room, with people online": letter(matter=PRESENTING, session=session(**HYBRID), mode=Mode.ROOM),
    "presenting, changed": letter(Kind.UPDATE, matter=PRESENTING, changes=("time", "notes")),
    "presenting tomorrow": letter(Kind.REMINDER, matter=PRESENTING, lead_minutes=1440),
    "presenting no more": letter(Kind.CANCELLATION, matter=PresentingMatter(7, confirmed=True, ended="removed")),
    "presenting what is cancelled": letter(Kind.CANCELLATION, matter=PresentingMatter(7, confirmed=True, ended="session"), reason="Snow."),
    "results for who presented": letter(Kind.RESULTS, matter=SAID),
}
every = pytest.mark.parametrize("name", EVERY)


class Page(HTMLParser):
    """What a page shows and how it is made."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.links: dict[str, str] = {}
        self._href = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self._href = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if "style" not in self.open and "head" not in self.open:
            self.texts.append(text)
        if self.open and self.open[-1] == "a":
            self.links[text] = self._href


def words(text: str) -> list[str]:
    return re.findall(r"[\w'’]+", re.sub(r"https?://\S+", "", text))


@every
def test_plain_text_and_html_say_the_same_words(name: str) -> None:
    worded = word(EVERY[name], VOICE)
    assert words(worded.text) == words(" ".join(Page(worded.html).texts))


@every
def test_every_link_of_the_html_stands_in_the_plain_text(name: str) -> None:
    worded = word(EVERY[name], VOICE)
    hrefs = [href.removeprefix("mailto:") for href in Page(worded.html).links.values()]
    assert [href for href in hrefs if href not in worded.text] == []


@every
def test_each_page_is_well_made_for_a_screen_reader(name: str) -> None:
    page = Page(word(EVERY[name], VOICE).html)
    tags = [tag for tag, _ in page.tags]
    assert page.open == []
    assert page.tags[0] == ("html", {"lang": "en-GB"})
    assert (tags.count("h1"), tags.count("title"), tags.count("table"), tags.count("img"), tags.count("script")) == (1, 1, 0, 0, 0)
    assert [text for text in page.links if text.lower() in ("here", "click here", "link", "this link")] == []


@every
def test_sentences_are_short(name: str) -> None:
    text = re.sub(r"https?://\S+", "", word(EVERY[name], VOICE).text)
    sentences = [sentence for sentence in re.split(r"[.:?!]\s|\n", text) if sentence.strip()]
    assert [sentence for sentence in sentences if len(sentence.split()) > 22] == []


@every
def test_no_letter_holds_a_gap_or_an_unfilled_place(name: str) -> None:
    worded = word(EVERY[name], VOICE)
    assert "\n\n\n" not in worded.text
    assert [bad for bad in ("None", "{{", "{%", "Undefined") if bad in worded.text + worded.html] == []


def test_an_invitation_in_full() -> None:
    assert word(letter(), VOICE).text == (
        "Your place is booked\n"
        "\n"
        "Hello Ann Other,\n"
        "\n"
        "You have a place at this session. We look forward to seeing you.\n"
        "\n"
        "Working with fathers\n"
        "\n"
        "When: Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)\n"
        "Where: online. Join the Teams meeting:\n"
        f"{LINK}\n"
        "Before you come: Join five minutes early.\n"
        "Led by: Priya Shah and Barnsley Council\n"
        "About: Two short talks.\n"
        "Part of: Practice Week March 2027\n"
        "\n"
        "This e-mail carries a calendar invitation. Press Accept to put the session in your calendar. "
        "If the time, place or link changes, we will send you a new one and your calendar will change too.\n"
        "\n"
        "If you cannot come\n"
        "\n"
        "Please cancel, so that someone else can have your place. "
        "In Discord, type /my bookings, choose the session and press Cancel my place. "
        "Pressing Decline in your calendar does not cancel your place.\n"
        "\n"
        "Open Discord to see your bookings: https://discord.com/channels/1/2\n"
        "\n"
        "----\n"
        "Any questions? Write to practiceweek@northfield.example.\n"
        "Northfield Teaching Partnership\n"
    )


def test_links_say_where_they_lead() -> None:
    zoom = letter(session=session(provider=Provider.ZOOM, join_url="https://zoom.us/j/1?pwd=a&b=c"))
    assert Page(word(zoom, VOICE).html).links == {
        "Join the Zoom meeting": "https://zoom.us/j/1?pwd=a&b=c",
        "Open Discord to see your bookings": "https://discord.com/channels/1/2",
        "practiceweek@northfield.example": "mailto:practiceweek@northfield.example",
    }


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("invitation", "Your place: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("update", "Changed: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("cancellation by oneself", "Cancelled: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("cancellation by organisers", "Called off: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("cancellation of an old address", "Invitation cancelled: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("promotion", "You have a place: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("offer", "A place is free: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("waiting closed", "No place this time: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("lapsed", "Place not taken: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("reminder", "Tomorrow: Working with fathers, Monday 15 March 2027, 9.30am"),
        ("feedback", "How was Working with fathers?"),
        ("verification", "Your code for Northfield Teaching Partnership"),
        ("announcement", "News from Northfield Teaching Partnership"),
    ],
)
def test_subjects(name: str, subject: str) -> None:
    assert word(EVERY[name], VOICE).subject == subject


@pytest.mark.parametrize(
    ("lead", "late", "said"),
    [
        (1440, timedelta(), "Tomorrow"),
        (1440, timedelta(hours=11), "Tomorrow"),
        (1440, timedelta(hours=15), "Today"),
        (2880, timedelta(), "In 2 days"),
        (10080, timedelta(days=1), "In 6 days"),
        (60, timedelta(), "In 1 hour"),
        (60, timedelta(minutes=9), "In 1 hour"),
        (60, timedelta(minutes=25), "Today"),
        (120, timedelta(), "In 2 hours"),
        (30, timedelta(), "In 30 minutes"),
    ],
)
def test_a_reminder_says_how_far_away_the_session_is_and_never_what_is_no_longer_true(lead: int, late: timedelta, said: str) -> None:
    reminder = letter(Kind.REMINDER, lead_minutes=lead)
    now = session().starts_at - timedelta(minutes=lead) + late
    assert word(reminder, VOICE, now).subject == f"{said}: Working with fathers, Monday 15 March 2027, 9.30am"


def test_a_reminder_of_the_day_before_says_tomorrow_across_the_clock_change() -> None:
    starts_at = datetime(2027, 3, 28, 8, 30, tzinfo=UTC)  # 9.30am, the day the clocks go forward
    reminder = letter(Kind.REMINDER, lead_minutes=1440, session=session(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)))
    now = datetime(2027, 3, 27, 9, 30, tzinfo=UTC)  # the same wall time the day before, 23 hours earlier
    assert word(reminder, VOICE, now).subject == "Tomorrow: Working with fathers, Sunday 28 March 2027, 9.30am"


def test_times_name_the_zone_in_force_that_day() -> None:
    july = session(starts_at=datetime(2027, 7, 1, 8, 30, tzinfo=UTC), ends_at=datetime(2027, 7, 1, 11, 0, tzinfo=UTC))
    assert "When: Thursday 1 July 2027, 9.30am to 12 noon, UK time (BST)\n" in word(letter(session=july), VOICE).text


def test_an_update_says_what_changed() -> None:
    changed = re.findall("<li>(.*)</li>", word(EVERY["update"], VOICE).html)
    assert changed == [
        "The title has changed. It is now “Working with fathers”.",
        "The time has changed. It is now Monday 15 March 2027, 9.30am to 10.15am.",
        "The place has changed. You now take part online.",
        "What you need to know before you come has changed. Please read it below.",
        "The link to join is new. Use the link in this e-mail. Do not use an older one.",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("place",), ["The place has changed. The new place is Room 4, Town Hall."]),
        (("held", "link"), ["How it is held has changed. You come to Room 4, Town Hall."]),
        (("link",), ["Some details have changed. The right ones are below."]),
        ((), ["Some details have changed. The right ones are below."]),
    ],
)
def test_who_comes_to_the_room_hears_of_the_place_and_not_of_the_link(changes: tuple[str, ...], said: list[str]) -> None:
    update = letter(Kind.UPDATE, changes=changes, session=session(format=Format.HYBRID, venue="Room 4, Town Hall"), mode=Mode.ROOM)
    worded = word(update, VOICE)
    assert re.findall("<li>(.*)</li>", worded.html) == said
    assert LINK not in worded.text + worded.html


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"format": Format.ONLINE}, ["It is online now.", "It is online now."]),
        ({"format": Format.IN_PERSON, "venue": "Room 4"}, ["It is in Room 4 now.", "The new place is Room 4."]),
        ({"format": Format.IN_PERSON}, ["It is in a room now.", "We will tell you the new place soon."]),
        ({"format": Format.HYBRID, "venue": "Room 4"}, ["It is online now.", "The new place is Room 4."]),
    ],
)
def test_who_waits_hears_how_it_is_held_and_not_that_they_take_part(held: dict[str, Any], said: list[str]) -> None:
    facts = {"changes": ("held", "place"), "mode": Mode.ONLINE, "waiting": True, "calendar": None}
    changes = re.findall("<li>(.*)</li>", word(letter(Kind.UPDATE, session=session(**{"venue": None} | held), **facts), VOICE).html)
    assert changes == [f"{what} has changed. {words}" for what, words in zip(("How it is held", "The place"), said, strict=True)]


@pytest.mark.parametrize("name", ["cancellation by oneself", "cancellation by organisers", "offer", "waiting closed", "lapsed", "feedback"])
def test_who_has_no_place_gets_no_link_to_join(name: str) -> None:
    worded = word(EVERY[name], VOICE)
    assert LINK not in worded.text
    assert "meetup-join" not in worded.html


def test_a_cancellation_by_organisers_gives_their_reason() -> None:
    assert "We are sorry. The organisers have called off this session, so please do not come.\n\nWhy: The presenter is ill.\n" in (
        word(EVERY["cancellation by organisers"], VOICE).text
    )


def test_a_cancellation_that_was_never_in_a_calendar_does_not_speak_of_one() -> None:
    assert "calendar" not in word(letter(Kind.CANCELLATION, calendar=None, by_organiser=True), VOICE).text


def test_a_moved_invitation_does_not_say_that_the_place_is_lost() -> None:
    text = word(EVERY["cancellation of an old address"], VOICE).text
    assert "Your invitation has moved." in text
    assert "Your place" not in text


def test_a_code_goes_out_without_the_words_of_whoever_typed_the_address() -> None:
    stranger = Recipient("Buy pills at evil.example", "victim@council.example", 9)
    worded = word(verification(recipient=stranger), VOICE)
    assert "evil" not in worded.subject + worded.text + worded.html
    assert "402917" not in worded.subject
    assert "\n402917\n" in worded.text
    assert "The code works until Monday 1 March 2027, 9.15am, UK time (GMT)." in worded.text


def test_a_private_session_is_described_to_nobody() -> None:
    private = session(title="Your session", private=True, programme="Parents with lived experience", organisation="Family Rights")
    text = word(letter(session=private), VOICE).text
    assert [said for said in ("lived experience", "Family Rights", "Priya", "Two short talks") if said in text] == []
    assert "Join five minutes early." in text


def test_what_people_type_cannot_become_html() -> None:
    nasty = session(title="<script>alert(1)</script>", notes='a"><img src=x>\n<b>b', venue="<i>", format=Format.IN_PERSON)
    html = word(letter(session=nasty, recipient=Recipient("<b>Ann", "ann@council.example", None)), VOICE).html
    tags = [tag for tag, _ in Page(html).tags]
    assert [tag for tag in tags if tag in ("script", "img", "b", "i")] == []
    assert "a&#34;&gt;&lt;img src=x&gt;<br>\n&lt;b&gt;b" in html


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", 'https://a.example/" onclick="x']
)
def test_only_web_addresses_become_links(link: str) -> None:
    page = Page(word(letter(session=session(join_url=link)), Voice("P", "", link)).html)
    assert page.links == {}
    assert [attrs for _, attrs in page.tags if "onclick" in attrs] == []


def test_a_subject_is_one_line_whatever_a_title_holds() -> None:
    worded = word(letter(session=session(title="A\r\nBcc: x@evil.example\x00\u2028\u202eB\tC")), VOICE)
    assert worded.subject == "Your place: A Bcc: x@evil.example B C, Monday 15 March 2027, 9.30am"


def contrast(first: str, second: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_words_and_links_stand_out_enough_by_day_and_by_night() -> None:
    html: Any = word(letter(), VOICE).html
    day, night = html.split("@media (prefers-color-scheme: dark)")
    for style in (day, night.split("</style>")[0]):
        paper = re.findall(r"background-color: (#\w{6})", style)[0]
        inks = re.findall(r"[ {]color: (#\w{6})", style)
        assert len(inks) == 2
        assert min(contrast(paper, ink) for ink in inks) >= 7


def test_where_replies_are_read_decline_gives_the_place_back_but_no_part_of_a_series() -> None:
    reading, silent = replace(VOICE, reads_replies=True), "Pressing Decline in your calendar does not cancel your place."
    told = "Or press Decline in your calendar: that gives your place back too."
    part = letter(session=session(part="Part 2 of 3 of Practitioner teachers 2027"))
    found = [[one in word(each, reading).text for one in (told, silent)] for each in (letter(), part)]
    assert (found, told in word(letter(), VOICE).text) == ([[True, False], [False, True]], False)
