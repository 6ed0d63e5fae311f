"""A week played by hand in a real browser: booked, cancelled, imported, moved through time, answered. `make pictures` keeps pictures."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page

from tests.acceptance.play_browser import PATIENCE_MS, PROGRAM, Chat, Playing, browser, chromium, open_chat

WEEK = """Date,Time,Title,Description,Led by,Host organisation,Platform,Venue,Places
Monday 15 March 2027,9.30am - 10.15am,Welcome to the week,How to join and what to expect,Principal Social Worker,Northbridge,Teams,,500
Monday 15 March 2027,11am - 12 noon,Voice of the child,Listening to children in every assessment,Practice Lead,Eastmoor,Teams,,60
Monday 15 March 2027,1pm - 2pm,Lunch and learn: curiosity,Bring your lunch and a question,Learning Team,Westfield,Zoom,,100
Monday 15 March 2027,2pm - 4pm,Reflection group,A small group for new social workers,ASYE Lead,Northbridge,In person,"Room 2, Town Hall",8
Tuesday 16 March 2027,10am - 11am,Legal update,What is new this year,Solicitor,Southgate,Teams,,100
"""
MORE = """Date,Time,Title,Led by,Platform,Places
Wednesday 17 March 2027,10am - 11am,Kinship care in practice,Kinship Team,Teams,40
"""
MONDAY, CHILD, LEGAL = "Monday 15 March 2027", "Voice of the child", "Legal update"
ADDRESS = "amira@northbridge.example"
#: moments between publication and the prompt for feedback, at most
MOMENTS = 40
#: a picture as wide as a chart is there, and is one
DRAWN = "() => [...document.querySelectorAll('article.channel-message img')].some(one => one.naturalWidth > 300)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("played")
    (made / "week.csv").write_text(WEEK, encoding="utf-8")
    (made / "more.csv").write_text(MORE, encoding="utf-8")
    return made


@pytest.fixture
def playing(folder: Path) -> Iterator[Playing]:
    chromium()  # looked for before anything slow begins
    started = Playing(folder, "week.csv")
    yield started
    started.end(signal.SIGTERM)


def keep(name: str, shown: Locator | Page) -> None:
    """Keep a picture of what is shown, where pictures are wanted."""
    wanted = os.environ.get("PRACTICEWEEK_PICTURES")
    if wanted:
        Path(wanted).mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=Path(wanted) / f"{name}.png")


def newest_letter(home: Page, subject: str) -> None:
    """Open the newest letter whose subject is like this, once it has come."""
    home.bring_to_front()
    home.get_by_role("link", name="Mail", exact=True).click()
    link = home.get_by_role("main").get_by_role("link", name=re.compile(subject)).first
    link.click()  # once it is there: the page shows by itself what comes
    home.get_by_role("heading", level=1, name=re.compile(subject)).wait_for()


def press_move(home: Page, words: str) -> str:
    """Press a button that moves the time; what the clock says then."""
    with home.expect_navigation():
        home.get_by_role("button", name=words).click()
    return home.locator("#now").inner_text()


def book_by_hand(amira: Chat, home: Page) -> None:
    """The first booking: a session from the day's menu, a form, a code from a letter."""
    keep("day", amira.see(MONDAY).locator(".component-container"))
    amira.choose(MONDAY, CHILD)
    amira.see("Listening to children")
    amira.ready()
    keep("card", amira.message("Listening to children").locator(".component-container"))
    amira.press("Listening to children", "Book")
    form = amira.fill({"Your name": "Amira Khan", "Work e-mail": ADDRESS, "Organisation": "Northbridge"}, "Children's services")
    keep("form", form)
    amira.submit()
    amira.see("We are keeping a place for you")
    newest_letter(home, "code")
    code = re.search(r"\b(\d{3}) ?(\d{3})\b", home.get_by_role("main").locator("pre.paper").inner_text())
    assert code is not None
    amira.press("We are keeping a place for you", "Enter code")
    amira.form().get_by_role("textbox").fill(code[1] + code[2])
    amira.submit()
    amira.see("You are booked for")


def read_the_invitation(home: Page) -> None:
    """The invitation, in words, in its own frame, and as the file that a calendar takes."""
    newest_letter(home, CHILD)
    invitation = home.locator(".invitation")
    assert invitation.locator("dd").all_inner_texts()[:2] == [CHILD, f"{MONDAY}, 11am to 12 noon, UK time (GMT)"]
    assert home.frame_locator("iframe").locator("body").inner_text().count(CHILD) >= 1
    invitation.get_by_text("The calendar file").click()
    assert "BEGIN:VEVENT" in invitation.locator("pre").inner_text()
    invitation.get_by_text("The calendar file").click()
    with home.expect_download() as taken:
        home.get_by_role("link", name="invite.ics").click()
    assert taken.value.path().read_bytes().startswith(b"BEGIN:VCALENDAR")
    home.evaluate("scrollTo(0, 0)")
    keep("invitation", home)


def cancel_by_hand(amira: Chat, home: Page) -> None:
    """Another session, booked and given back."""
    amira.choose("Tuesday 16 March 2027", LEGAL)
    amira.press("What is new this year", "Book")
    amira.press("The invitation is on its way to your e-mail", "Cancel my place")
    amira.see("Your place is cancelled")
    newest_letter(home, f"^Cancelled.*{LEGAL}")
    assert home.locator(".invitation .asks").inner_text() == "Take this out of your calendar."


def import_by_hand(organiser: Chat, amira: Chat, folder: Path) -> None:
    """The organiser uploads a file by command and confirms; everybody sees the new day."""
    organiser.command("programme import", file=folder / "more.csv", programme="Week")
    organiser.press("Wednesday 17 March 2027", "Import all")
    organiser.see("1 session added.")
    amira.see("Kinship care in practice")


def look_by_the_web(home: Page) -> None:
    """The other door: what was done in the chat shows on the pages, for people without Discord."""
    home.bring_to_front()
    ben = home.get_by_role("listitem").filter(has=home.get_by_role("heading", name="Ben Carter", exact=True))
    with home.expect_popup() as opened:
        ben.get_by_role("link", name="pages").click()
    opened.value.get_by_role("link", name="Week", exact=True).click()
    opened.value.get_by_role("link", name="Kinship care in practice").click()
    assert "40 places left" in opened.value.get_by_role("main").inner_text()
    opened.value.close()


def live_through(home: Page) -> list[str]:
    """Moment by moment, until the session is over and has been asked about."""
    before = home.locator("#now").inner_text()
    clocks = [press_move(home, "+1 hour"), press_move(home, "To the end of the day")]
    assert [before, *clocks] == [f"It is Monday 22 February 2027, {hour}" for hour in ("9am", "10am", "11.59pm")]
    while not home.locator(".story").get_by_text(f"“{CHILD}” ends.").count():
        assert len(clocks) < MOMENTS, clocks
        clocks.append(press_move(home, "Next moment of the week"))
    return clocks


def answer_by_hand(amira: Chat) -> None:
    """The prompt in the direct messages: a number, then a few words."""
    amira.press("How useful was this session?", "5 Very useful")
    amira.press("Your rating of", "Add a few words")
    amira.form().get_by_role("textbox").first.fill("I will ask one more question.")
    amira.submit()
    amira.see("Your words are in.")


def ask_for_the_report(organiser: Chat) -> None:
    """How the week went, with its picture."""
    organiser.command("programme report")
    organiser.page.wait_for_function(DRAWN)


def picture_of_a_report(folder: Path) -> None:
    """For the picture alone: a week with many people in it is rehearsed."""
    if os.environ.get("PRACTICEWEEK_PICTURES"):
        subprocess.run([PROGRAM, "rehearse", "--people", "120", "--out", "many"], cwd=folder, capture_output=True, timeout=600, check=True)
        with browser() as opened:
            report = opened.new_page(viewport={"width": 1000, "height": 860})
            report.goto((folder / "many" / "report.html").as_uri())
            keep("report", report)


def test_a_week_is_played_by_hand(playing: Playing, folder: Path) -> None:
    address = playing.address()
    with browser() as opened:
        home = opened.new_context(viewport={"width": 1000, "height": 860}).new_page()
        home.set_default_timeout(PATIENCE_MS)
        complaints: list[str] = []
        home.on("console", lambda said: complaints.append(said.text))
        home.on("pageerror", lambda error: complaints.append(str(error)))
        home.goto(address)
        keep("play", home)
        amira = open_chat(home, "Amira Khan", "#practice-week")
        letters = open_chat(home, "Amira Khan", "direct messages")
        organiser = open_chat(home, "The organiser", "#organisers")
        book_by_hand(amira, home)
        read_the_invitation(home)
        cancel_by_hand(amira, home)
        import_by_hand(organiser, amira, folder)
        home.get_by_role("link", name="The week").click()
        look_by_the_web(home)
        home.bring_to_front()
        home.get_by_role("link", name="Meetings").click()
        row = home.get_by_role("row").filter(has_text=CHILD)
        assert row.locator("td").first.inner_text() == "Mon 15 Mar 2027\n11am to 12 noon"
        home.get_by_role("link", name="The week").click()
        clocks = live_through(home)
        assert clocks[-1] == f"It is {MONDAY}, 12 noon"
        press_move(home, "+1 hour")
        answer_by_hand(letters)
        ask_for_the_report(organiser)
        assert home.get_by_text("Something went wrong").count() == 0
        assert complaints == []
    taken = subprocess.run(
        [PROGRAM, "rehearse", "--play", "--port", address.rsplit(":", 1)[1].strip("/")],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (taken.returncode, taken.stderr[:28]) == (2, "Another program uses port " + address.rsplit(":", 1)[1][:2])
    assert playing.end() == 0
    assert playing.said.endswith("The play has ended. Its log and its database are in play-out\n")
    picture_of_a_report(folder)


def test_a_second_play_begins_in_the_same_folder(playing: Playing) -> None:
    shown = httpx.get(playing.address()).text
    assert [words in shown for words in ("It is Monday 22 February 2027, 9am", "No letter has come yet.")] == [True, True]
    assert playing.end(signal.SIGTERM) == 0
