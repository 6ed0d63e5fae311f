"""A parents' panel, by e-mail and pages alone, in a real browser the size of a phone: booked, moved, attended, answered.

Nobody else learns who came: not from the chat, not from the public pages, the meetings, or the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from rehearsal.play_cast import ORGANISER
from tests.acceptance.play_browser import PATIENCE_MS, Playing, browser, chromium, open_chat

PANEL = """Date,Start,End,Title,Public title,Private,Led by,Platform,Places
18/03/2027,18:00,19:30,Parents who went to court,Thursday evening,Yes,Family Lead,Teams,12
"""
REAL, NEUTRAL = "Parents who went to court", "Thursday evening"
CALLED, ADDRESS, NEED = "Wren Hollow", "rosa@family.example", "Somebody to mind Pip"
PHONE, WIDE = {"width": 375, "height": 740}, {"width": 1000, "height": 860}
#: moments between publication and the prompt for feedback, at most
MOMENTS = 20


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Playing]:
    chromium()  # looked for before anything slow begins
    (tmp_path / "panel.csv").write_text(PANEL, encoding="utf-8")
    started = Playing(tmp_path, "panel.csv", "--kind", "parent-partnership")
    yield started
    started.end()


def page_of(opened: Browser, viewport: dict[str, int], said: list[str]) -> Page:
    """A page of a browser of its own; what it complains of is kept."""
    made = opened.new_context(viewport=viewport).new_page()  # type: ignore[arg-type]  # a mapping of its two words
    made.set_default_timeout(PATIENCE_MS)
    made.on("console", lambda one: said.append(one.text))
    made.on("pageerror", lambda error: said.append(str(error)))
    return made


def newest_letter(home: Page, subject: str) -> str:
    """Open the newest letter whose subject is like this, once it has come; its words."""
    home.bring_to_front()
    home.get_by_role("link", name="Mail", exact=True).click()
    home.get_by_role("main").get_by_role("link", name=re.compile(subject)).first.click()
    home.get_by_role("heading", level=1, name=re.compile(subject)).wait_for()
    return home.locator("pre.paper").inner_text()


def link_of(home: Page, purpose: str) -> str:
    """Where a link of the letter that is open leads."""
    found = home.locator(f".leads a[href*='/{purpose}/']").first.get_attribute("href")
    assert found is not None
    return found


def move(home: Page, words: str) -> None:
    """Let time pass, by a button."""
    home.get_by_role("link", name="The week", exact=True).click()
    with home.expect_navigation():
        home.get_by_role("button", name=words).click()


def live_until(home: Page, what: str) -> None:
    """Moment by moment, until this is told."""
    for _ in range(MOMENTS):
        if home.locator(".story").get_by_text(what).count():
            return
        move(home, "Next moment of the week")
    raise AssertionError(home.locator(".story").inner_text())


def fits(page: Page) -> bool:
    """Whether nothing has to be read by moving sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def book(parent: Page, invitation: str) -> None:
    """From the link of the invitation to the page that says where to look next."""
    parent.goto(invitation)
    assert (parent.get_by_role("heading", level=2).first.inner_text(), fits(parent)) == (NEUTRAL, True)
    parent.get_by_role("button", name="Book a place").click()
    parent.get_by_label("What may we call you?").fill(CALLED)
    parent.get_by_label("Your e-mail address").fill(ADDRESS)
    parent.get_by_label("What childcare do you need?").fill(NEED)
    assert fits(parent)
    parent.get_by_role("button", name="Send me the link").click()
    parent.get_by_role("heading", level=1, name="Look at your e-mail").wait_for()


def confirm(parent: Page, home: Page) -> None:
    """Opening the link books nothing; its button does."""
    newest_letter(home, "Confirm")
    parent.goto(link_of(home, "prove"))
    parent.get_by_role("button", name="Confirm my place").click()
    parent.get_by_text("You have a place.", exact=True).wait_for()
    assert fits(parent)


def sign_in(desk: Page, home: Page) -> None:
    """The organiser needs no account either."""
    door = home.get_by_role("link", name="organisers’ pages").get_attribute("href")
    assert door is not None
    desk.goto(door)
    desk.get_by_label("Your e-mail address").fill(ORGANISER.address)
    desk.get_by_role("button", name="Send me the link").click()
    desk.get_by_role("heading", level=1, name="Look at your e-mail").wait_for()
    newest_letter(home, "[Ss]ign in")
    desk.goto(link_of(home, "organise/sign-in"))
    desk.get_by_role("button", name="Sign in").click()


def reschedule(desk: Page) -> None:
    """Half an hour later: what that does is said first."""
    desk.get_by_role("link", name=REAL).click()
    desk.get_by_role("link", name="Change it").click()
    desk.get_by_label("Start").fill("6.30pm")
    desk.get_by_label("End").fill("8pm")
    desk.get_by_role("button", name="Save").first.click()
    desk.get_by_text("1 person is told of the new time.").wait_for()
    desk.get_by_role("button", name="Save").first.click()
    desk.get_by_text("Saved.").wait_for()


def answer(parent: Page, link: str) -> None:
    """How it was, in one press and a few words."""
    parent.goto(link)
    parent.get_by_role("radio").nth(4).check()
    assert fits(parent)
    parent.get_by_role("button", name="Send my feedback").click()
    parent.get_by_role("heading", level=1, name="Thank you").wait_for()


def public_pages(home: str) -> str:
    """What anybody can read without an invitation."""
    with httpx.Client(follow_redirects=True) as client:
        front = client.get(home)
        programmes = re.findall(r'href="([^"]*/programme/\d+)"', front.text)
        return "\n".join([front.text, *(client.get(str(front.url.join(path))).text for path in programmes)])


def test_a_parents_panel_is_booked_moved_attended_and_answered_by_e_mail_alone(playing: Playing, tmp_path: Path) -> None:
    address, said = playing.address(), list[str]()
    with browser() as opened:
        home, parent, desk = (page_of(opened, size, said) for size in (WIDE, PHONE, WIDE))
        home.goto(address)
        invitation = home.get_by_role("link", name="her invitation").get_attribute("href")
        assert invitation is not None
        everybody = open_chat(home, "Amira Khan", "#practice-week")
        book(parent, invitation)
        confirm(parent, home)

        first = newest_letter(home, f"Your place: {NEUTRAL}")
        assert "Thursday 18 March 2027, 6pm to 7.30pm, UK time (GMT)" in first
        join = link_of(home, "join")
        home.get_by_role("link", name="The week", exact=True).click()
        sign_in(desk, home)
        reschedule(desk)
        move(home, "+1 hour")
        assert "Thursday 18 March 2027, 6.30pm to 8pm, UK time (GMT)" in newest_letter(home, NEUTRAL)
        assert link_of(home, "join") == join

        live_until(home, f"“{NEUTRAL}” begins.")
        parent.goto(join)
        assert parent.get_by_role("button", name="Join the online meeting").count() == 1
        parent.get_by_role("button", name="I am here").click()
        parent.get_by_text("You have told us that you are here.").wait_for()
        live_until(home, f"“{NEUTRAL}” ends.")
        move(home, "+1 hour")
        newest_letter(home, "How was")
        answer(parent, link_of(home, "feedback"))

        home.get_by_role("link", name="Meetings").click()
        meetings = home.get_by_role("main").inner_text()
        shown = "\n".join([everybody.page.content(), meetings, public_pages(invitation.partition("/invited/")[0])])
        assert home.get_by_text("Something went wrong").count() == 0
    assert said == []
    assert playing.end() == 0
    log = (tmp_path / "play-out" / "rehearsal.log").read_text(encoding="utf-8")
    assert [words for words in (CALLED, ADDRESS, NEED, REAL) if words in shown + log] == []
    assert NEUTRAL in shown
