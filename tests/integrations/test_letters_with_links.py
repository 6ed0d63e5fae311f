"""Letters where there are pages: each leads to its reader's own, in text and HTML alike, and in the calendar to the way in alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from icalendar import Calendar

from domain.kinds import Format, Kind, Mode
from domain.letters.matters import TransferMatter
from domain.ports.letters import Letter, LetterLinks, MaterialFacts, Recipient, ReminderItem
from integrations.ical import CalendarFiles
from integrations.letter_desk import LetterDesk
from integrations.letters import word, word_anew
from integrations.mime import _printable_once
from integrations.subjects import how_soon
from tests.integrations.test_letters import EVERY, Page, words
from tests.mail_building import ANN, LINK, NOW, SENDER, VOICE, calendars, letter, opened, session, verification

WEB = "https://pages.northfield.example"
SPOKEN = replace(VOICE, web=WEB + "/")
MINE, JOIN, FEEDBACK, PROVE, SECOND = ("m" * 22, "j" * 22, "f" * 22, "p" * 22, "s" * 22)
LINKS = LetterLinks(MINE, JOIN)
ZOE = Recipient("Zoë Parent", "zoe@home.example", None)
ALSO = (ReminderItem(session(session_id=2, title="Second"), Mode.ONLINE, 4),)
OF: dict[str, LetterLinks] = {
    "feedback": LetterLinks(MINE, feedback=FEEDBACK),
    "verification": LetterLinks(prove=PROVE),
    "cancellation of who asked to be forgotten": LetterLinks(),
}
WITH = {
    name: replace(one, links=OF.get(name, LINKS))
    for name, one in EVERY.items()
    if not name.startswith(("presenting", "results", "verification"))
}
WITH["verification by link"] = replace(verification(), code=None, links=OF["verification"])
WITH["a lost link"] = replace(WITH["verification by link"], found=True)
WITH["a day's reminder"] = letter(Kind.REMINDER, lead_minutes=1440, calendar=None, also=ALSO, links=LetterLinks(MINE, JOIN, also=(SECOND,)))
READ, PLAN = MaterialFacts("Short guide", "https://example.org/read"), MaterialFacts("The plan", file_name="plan.pdf")
TO_READ = replace(
    WITH["a day's reminder"], session=session(materials=(READ,)), also=(replace(ALSO[0], session=session(materials=(PLAN,))),)
)
WITH["a day's reminder with things to read"] = TO_READ
every = pytest.mark.parametrize("name", WITH)
both = pytest.mark.parametrize("who", [ANN, ZOE], ids=["in chat", "not in chat"])


@every
@both
def test_text_and_html_say_the_same_and_lead_to_the_same_places(name: str, who: Recipient) -> None:
    worded = word(replace(WITH[name], recipient=who), SPOKEN)
    page = Page(worded.html)
    assert words(worded.text) == words(" ".join(page.texts))
    hrefs = [href.removeprefix("mailto:") for href in page.links.values()]
    assert [href for href in hrefs if href not in worded.text] == []
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert "\n\n\n" not in worded.text


@every
def test_who_is_not_in_chat_never_hears_of_it(name: str) -> None:
    one = replace(WITH[name], recipient=ZOE, fallback=False)
    worded = word(one, SPOKEN)
    assert ("Discord" in worded.text, "discord.com" in worded.html) == (False, False)


NO_SERVER = replace(SPOKEN, chat_link=None)
HANDED = letter(Kind.TRANSFER, calendar=None, code="ABCD-EFGH", matter=TransferMatter("asked", "Dora", "dora@uni.ac.uk", "Eve"))
#: a code is sent to who asked for it in chat alone
WITHOUT_CHAT = (
    {name: one for name, one in EVERY.items() if name != "verification"}
    | WITH
    | {
        "a place that a colleague hands over": replace(HANDED, links=LetterLinks(handed=PROVE)),
        "a place that a colleague hands over, without a link": HANDED,
        "a place that a colleague has taken": letter(
            Kind.TRANSFER, calendar=None, matter=TransferMatter("agreed", "", "ann@uni.ac.uk", "Bea")
        ),
        "presenting, by a page": replace(EVERY["presenting"], links=LetterLinks(present=PROVE)),
    }
)


@pytest.mark.parametrize("name", WITHOUT_CHAT)
@both
def test_where_there_is_no_server_nobody_hears_of_discord(name: str, who: Recipient) -> None:
    """Who had an account when there was a server neither, and who has no page yet."""
    one = replace(WITHOUT_CHAT[name], recipient=who)
    worded = word(one, NO_SERVER)
    said = worded.text + worded.html
    assert [asked for asked in ("Discord", "discord.com", "/my ", "/presenting confirm", "ABCD-EFGH", "the code") if asked in said] == []
    assert words(worded.text) == words(" ".join(Page(worded.html).texts))


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("invitation", {f"{WEB}/mine/{MINE}", f"{WEB}/join/{JOIN}", LINK}),
        ("invitation to a room", {f"{WEB}/mine/{MINE}"}),
        ("announcement", {f"{WEB}/mine/{MINE}"}),
        ("invitation without its link yet", {f"{WEB}/mine/{MINE}", f"{WEB}/join/{JOIN}"}),
        ("cancellation by organisers", {f"{WEB}/mine/{MINE}"}),
        ("offer", {f"{WEB}/mine/{MINE}"}),
        ("waiting closed", {f"{WEB}/mine/{MINE}"}),
        ("lapsed", {f"{WEB}/mine/{MINE}"}),
        ("feedback", {f"{WEB}/feedback/{FEEDBACK}"}),
        ("verification by link", {f"{WEB}/prove/{PROVE}"}),
        ("a lost link", {f"{WEB}/prove/{PROVE}"}),
        ("cancellation of who asked to be forgotten", set()),
        ("a day's reminder", {f"{WEB}/mine/{MINE}", f"{WEB}/join/{JOIN}", f"{WEB}/join/{SECOND}", LINK}),
    ],
)
def test_each_letter_leads_where_its_reader_has_to_go(name: str, ways: set[str]) -> None:
    page = Page(word(replace(WITH[name], recipient=ZOE), SPOKEN).html)
    assert {href for href in page.links.values() if not href.startswith("mailto:")} == ways


@every
@both
def test_what_is_worded_once_for_all_is_what_the_templates_say(name: str, who: Recipient) -> None:
    one = replace(WITH[name], recipient=who)
    assert word(one, SPOKEN, NOW) == word_anew(one, SPOKEN, how_soon(one, NOW))


def test_nobodys_link_stands_in_anothers_letter() -> None:
    for number in range(3):
        token = f"{number}" * 22
        worded = word(letter(links=LetterLinks(token, token)), SPOKEN)
        assert [f"{other}" * 22 in worded.text + worded.html for other in range(3)] == [other == number for other in range(3)]


def test_without_pages_nothing_leads_to_them() -> None:
    assert word(letter(links=LINKS), VOICE) == word(letter(), VOICE)


def test_the_link_of_a_verification_is_announced_as_one() -> None:
    worded = word(WITH["verification by link"], SPOKEN)
    assert worded.subject == "Confirm your address for Northfield Teaching Partnership"
    assert "press the button" in worded.text
    assert "Ann" not in worded.text  # whoever typed the address may have typed any name


def test_who_lost_their_link_is_not_asked_to_confirm_anything() -> None:
    worded = word(WITH["a lost link"], SPOKEN)
    assert worded.subject == "Your bookings with Northfield Teaching Partnership"
    assert "You asked for the link to your own page." in worded.text
    assert "If you did not ask for this, you do not need to do anything. Your bookings stay as they are." in worded.text
    assert ("confirm" in worded.text.lower(), "Nothing is booked" in worded.text) == (False, False)


@both
def test_the_cancellation_of_who_asked_to_be_forgotten_says_so_and_invites_to_nothing(who: Recipient) -> None:
    worded = word(replace(WITH["cancellation of who asked to be forgotten"], recipient=who), SPOKEN)
    assert "You asked us to forget you." in worded.text
    assert [said for said in ("book again", "Open your page", "Discord", "http") if said in worded.text] == []


def desk() -> LetterDesk:
    return LetterDesk(SENDER, SPOKEN, calendars(), now=lambda: NOW)


def entry(one: Letter) -> dict[str, str]:
    """The calendar entry that travels with a letter."""
    message = opened(desk().pack(one).content)
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    event = Calendar.from_ical(part.get_content()).walk("VEVENT")[0]
    return {name: str(event[name]) for name in ("LOCATION", "DESCRIPTION", "CONFERENCE") if name in event}


def test_the_entry_carries_the_way_in_and_the_link_but_not_the_page_of_ones_own() -> None:
    read = entry(letter(links=LINKS, recipient=ZOE))
    assert (read["LOCATION"], read["CONFERENCE"]) == (f"{WEB}/join/{JOIN}", LINK)
    assert read["DESCRIPTION"].split("\n")[:5] == [
        "Join the Teams meeting:",
        LINK,
        "",
        "The newest link is always here:",
        f"{WEB}/join/{JOIN}",
    ]
    assert MINE not in read["DESCRIPTION"]
    assert read["DESCRIPTION"].endswith(
        "If you cannot come, please cancel on your own page. Its link is in our e-mails. Declining here does not cancel your place."
    )


def test_where_there_is_no_server_no_entry_speaks_of_it() -> None:
    files, one = CalendarFiles(SENDER.name, SENDER.address, has_chat=False), letter()
    assert one.session is not None
    assert one.calendar is not None
    for own_page, where in ((True, "on your own page. Its link is in our e-mails."), (False, "in good time: tell the organisers.")):
        written = files.invitation(one.session, one.calendar, ANN, Mode.ONLINE, own_page=own_page)
        assert written == files.invitation_anew(one.session, one.calendar, ANN, Mode.ONLINE, own_page=own_page)
        said = str(Calendar.from_ical(written).walk("VEVENT")[0]["DESCRIPTION"])
        assert said.endswith(f"please cancel {where} Declining here does not cancel your place.")


def test_a_cancelled_entry_leads_nowhere() -> None:
    assert JOIN not in str(entry(letter(Kind.CANCELLATION, links=LINKS)))


def test_in_a_room_the_entry_names_the_room() -> None:
    room = session(format=Format.IN_PERSON, provider=None, join_url=None, venue="Room 4")
    assert entry(letter(session=room, mode=Mode.ROOM, links=LetterLinks(MINE)))["LOCATION"] == "Room 4"


@pytest.mark.parametrize("length", range(30))
@both
def test_an_entry_is_the_one_that_the_library_writes_wherever_its_lines_are_folded(length: int, who: Recipient) -> None:
    """The token's line begins elsewhere with each length of the address, so that it is folded at each of its letters."""
    files, one, join = calendars(), letter(), f"https://{'w' * length}.example/join/{JOIN[:-3]}-_X"
    assert one.session is not None
    assert one.calendar is not None
    for _ in range(2):
        written = files.invitation(one.session, one.calendar, who, Mode.ONLINE, join=join, own_page=True)
        assert written == files.invitation_anew(one.session, one.calendar, who, Mode.ONLINE, join=join, own_page=True)


def test_no_token_is_kept_after_its_letter_has_left() -> None:
    _printable_once.cache_clear()
    whole = desk().pack(letter(links=LINKS)).content
    kept = _printable_once.cache_info().currsize
    other = desk().pack(letter(links=LetterLinks("x" * 22, "y" * 22), recipient=replace(ANN, name="Bea Other"))).content
    assert _printable_once.cache_info().currsize == kept  # nothing of the second letter was new to what is kept
    assert whole != other


@pytest.mark.parametrize("name", ["o", "Discord", "Working with fathers"])
def test_a_name_that_stands_twice_in_a_line_leaves_the_letter_as_it_was_worded(name: str) -> None:
    one = letter(links=LINKS, recipient=replace(ANN, name=name))
    parts = {part.get_content_type(): part for part in opened(desk().pack(one).content).walk()}
    worded = word(one, SPOKEN, NOW)
    read = (parts["text/plain"].get_content(), parts["text/html"].get_content())
    assert [text.replace("\r\n", "\n").rstrip("\n") for text in read] == [worded.text.rstrip("\n"), worded.html.rstrip("\n")]


def test_a_days_reminder_says_of_each_session_what_there_is_to_read() -> None:
    text = word(replace(TO_READ, recipient=ZOE), SPOKEN).text
    first, second = text.split("2. ", 1)
    assert ["To read: Short guide\nhttps://example.org/read" in part for part in (first, second)] == [True, False]
    assert ["To read: The plan (plan.pdf). Ask the organisers if you need it." in part for part in (first, second)] == [False, True]
