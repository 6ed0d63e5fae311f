"""A person at a real browser (Chromium), in the pages of `practiceweek rehearse --play`: presses, chooses, fills in, uploads, reads."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

PROGRAM = str(Path(sys.executable).with_name("practiceweek"))
#: on a busy machine a click may take its time
PATIENCE_MS = 90_000
ENDS_WITHIN_S = 30
#: the chat page takes no new click before it has shown what came of the last
_READY = "() => { const s = window.simcordPreview; return Boolean(s && s.ready && !(s.awaitingRevision > s.publishedRevision)); }"


def chromium() -> str:
    """Where Chromium is. Without it the test is left out, and fails where it must run: in CI."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "there is no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser of its own. Without its sandbox, which containers seldom allow; it only sees pages of this machine."""
    with sync_playwright() as made, made.chromium.launch(executable_path=chromium(), args=["--no-sandbox"]) as opened:
        yield opened


class Playing:
    """The real command, running. `said` is what it has printed."""

    def __init__(self, folder: Path, *words: str) -> None:
        call = [PROGRAM, "rehearse", *words, "--play", "--no-browser"]
        self.process = subprocess.Popen(
            call, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        self.said = ""
        self._watch = threading.Timer(240, self.process.kill)  # whatever happens, it does not outlive its test for long
        self._watch.start()

    def address(self) -> str:
        """Wait until the week is published; the address of its page."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Press Ctrl-C" in line:
                found = re.search(r"http://127\.0\.0\.1:\d+/\n", self.said)
                assert found is not None, self.said
                return found[0].strip()
        raise AssertionError(self.said)

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Press Ctrl-C and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.said += self.process.communicate(timeout=ENDS_WITHIN_S)[0]
        self._watch.cancel()
        return self.process.returncode


class Chat:
    """One tab of the chat: a channel, or direct messages, as one person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE_MS)
        self.ready()

    def ready(self) -> None:
        """Wait until the page takes the next click."""
        self.page.wait_for_function(_READY)

    def message(self, text: str) -> Locator:
        """The newest message with this text in it."""
        return self.page.locator("article.channel-message").filter(has_text=text).last

    def see(self, text: str) -> Locator:
        """Wait for a message with this text."""
        found = self.message(text)
        found.wait_for()
        return found

    def press(self, text: str, label: str) -> None:
        """Press a button of a message."""
        self.page.bring_to_front()
        self.see(text)
        self.ready()
        self.message(text).get_by_role("button", name=label, exact=True).click()

    def choose(self, text: str, option: str) -> None:
        """Choose from the menu of a message."""
        self.page.bring_to_front()
        self.see(text)
        self.ready()
        self.message(text).get_by_role("combobox").first.click()
        self.page.get_by_role("option", name=option).first.click()

    def form(self) -> Locator:
        """The form that is open."""
        found = self.page.get_by_role("dialog")
        found.wait_for()
        return found

    def fill(self, texts: dict[str, str], chosen: str | None = None) -> Locator:
        """Fill in the form that is open: fields by their labels, and one choice."""
        form = self.form()
        for label, words in texts.items():
            form.get_by_label(label).fill(words)
        if chosen is not None:
            form.get_by_role("combobox").first.click()
            form.get_by_role("option", name=chosen, exact=True).click()
        return form

    def submit(self) -> None:
        """Send the form that is open."""
        self.ready()
        self.form().get_by_role("button", name="Submit").click()
        self.page.get_by_role("dialog").wait_for(state="hidden")

    def command(self, words: str, file: Path | None = None, **options: str) -> None:
        """Type a command, with its options and a file, and send it."""
        self.page.bring_to_front()
        self.ready()
        self.page.get_by_label("Message", exact=True).press_sequentially(f"/{words}")
        self.page.get_by_role("listbox", name="Application commands").get_by_text(f"/{words}", exact=True).click()
        self.page.locator(".command-chip").wait_for()
        for name in (*options, *(("file",) if file else ())):
            self._offer(name)
        if file is not None:
            self.page.locator("input.command-file-input").set_input_files(file)
        for name, value in options.items():
            self.page.locator(f"input.command-option-input[data-option='{name}']").fill(value)
            self.page.locator(".command-popup").get_by_text(value).first.click()
        self.ready()
        self.page.get_by_role("button", name="Send").click()

    def _offer(self, option: str) -> None:
        """An option that need not be given is chosen from a list before it can be filled in."""
        if not self.page.locator(f".command-pill[data-option='{option}']").count():
            self.page.locator(".command-ghost").click()
            self.page.locator(".command-popup").get_by_text(option, exact=True).click()


def open_chat(home: Page, who: str, where: str) -> Chat:
    """Follow the link of a person on the page beside the chat: a new tab."""
    person = home.get_by_role("listitem").filter(has=home.get_by_role("heading", name=who, exact=True))
    with home.expect_popup() as opened:
        person.get_by_role("link", name=where).click()
    return Chat(opened.value)
