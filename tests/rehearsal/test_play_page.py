"""The page beside the chat: it shows what broke, keeps others out, and never lets a letter run anything."""

from __future__ import annotations

import io
import logging
import random
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
import structlog
from sqlalchemy import text

from domain.admissions import open_code
from domain.database import Db
from domain.errors import BadInput
from practiceweek import logs
from practiceweek.rehearsals import folder as rehearsal_folder
from practiceweek.rehearsals.rehearsing import set_stage
from rehearsal.mailbox import Arrived
from rehearsal.opened import open_letter
from rehearsal.overheard import Overheard
from rehearsal.play import Play
from rehearsal.play_page import PlayPage, listen
from rehearsal.schedules import schedule_of

WEEK = b"""Date,Time,Title,Platform,Places
Monday 15 March 2027,11am - 12 noon,Voice <b>of</b> the child,Teams,60
"""
PRIVATE = b"""Date,Time,Title,Platform,Places,Private
Monday 15 March 2027,11am - 12 noon,Kinship families,Teams,20,yes
"""
BEGUN = datetime(2027, 2, 22, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """Logging is the process's own: put back what was there."""
    root = logging.getLogger()
    handlers, level, known = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**known)


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """A published week, and everybody in the chat."""
    logs.set_up("warning", "json", io.StringIO())
    out = tmp_path / "out"
    rehearsal_folder.make_ready(out)
    schedule = schedule_of("week.csv", WEEK, now=BEGUN)
    async with set_stage([schedule], 1, out) as stage:
        begun = Play(stage, [schedule], random.Random(1))
        overheard = Overheard(begun.note_fault)
        logging.getLogger().addHandler(overheard)
        await begun.begin()
        yield begun
        await begun.pages.close()


@pytest.fixture
async def page(play: Play) -> AsyncIterator[httpx.AsyncClient]:
    """The page of that week."""
    served = PlayPage(play)
    address = await served.open(listen(0))
    async with httpx.AsyncClient(base_url=address.rstrip("/"), follow_redirects=True) as client:
        yield client
    await served.close()


def origin(page: httpx.AsyncClient) -> dict[str, str]:
    return {"Origin": str(page.base_url).rstrip("/")}


async def test_time_moves_by_the_buttons_and_the_page_says_where_it_is(play: Play, page: httpx.AsyncClient) -> None:
    assert "It is Monday 22 February 2027, 9am" in (await page.get("/")).text
    moved = await page.post("/time/hour", data={"back": "/meetings"}, headers=origin(page))
    assert (moved.url.path, play.stage.clock()) == ("/meetings", BEGUN + timedelta(hours=1))
    assert "It is Monday 22 February 2027, 10am" in moved.text
    await page.post("/time/day", data={"back": "//elsewhere.example"}, headers=origin(page))
    assert play.stage.clock() == datetime(2027, 2, 22, 23, 59, tzinfo=UTC)
    await page.post("/time/day", headers=origin(page))
    assert play.stage.clock() == datetime(2027, 2, 23, 23, 59, tzinfo=UTC)
    while play.stage.clock() < datetime(2027, 3, 15, 11, tzinfo=UTC):
        await page.post("/time/next", headers=origin(page))
    assert play.story[-1].words == "“Voice <b>of</b> the child” begins."
    home = (await page.get("/")).text
    assert "“Voice &lt;b&gt;of&lt;/b&gt; the child” begins." in home
    assert "<b>of</b>" not in home


async def test_nobody_else_can_use_the_page(play: Play, page: httpx.AsyncClient) -> None:
    """Not another website in the same browser, nor another name that leads to this machine."""
    assert (await page.post("/time/hour")).status_code == 403
    assert (await page.post("/time/hour", headers={"Origin": "http://elsewhere.example"})).status_code == 403
    assert (await page.get("/", headers={"Host": "elsewhere.example"})).status_code == 403
    assert play.stage.clock() == BEGUN
    shown = await page.get("/")
    assert "script-src 'self';" in shown.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]
    assert [(await page.get(path)).status_code for path in ("/mail/1", "/mail/0/html", "/time/hour", "/play.py")] == [404, 404, 405, 404]


async def test_what_breaks_is_shown_and_the_play_goes_on(play: Play, page: httpx.AsyncClient) -> None:
    def spoil(db: Db) -> None:
        db.connection().execute(text("ALTER TABLE booking RENAME TO lost"))

    await play.stage.store.write(spoil)
    assert play.broken == []
    with pytest.raises(RuntimeError, match="the bot failed when Amira Khan did /my bookings"):
        await play.stage.chat.command(play.players[0].someone, "my bookings")
    assert [broken.words.partition(":")[0] for broken in play.broken] == ["a reply failed"]
    moved = await page.post("/time/hour", headers=origin(page))
    assert "It is Monday 22 February 2027, 9am" in moved.text  # it got no further
    assert "Something went wrong" in moved.text
    assert play.broken[-1].words.startswith("OperationalError: ")
    assert "no such table: booking" in moved.text
    assert "Traceback" in moved.text


async def test_a_letter_is_shown_without_its_scripts_and_its_file_is_only_saved(play: Play, page: httpx.AsyncClient) -> None:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "<script>", "a@b.example", "Amira Khan <amira@northbridge.example>"
    letter.set_content("Plain & <simple>")
    letter.add_alternative("<p>Rich</p><script>alert(1)</script>", subtype="html")
    letter.add_attachment(b"<html>", maintype="text", subtype="html", filename='a"b.html')
    play.stage.mailbox.messages.append(Arrived(BEGUN, "a@b.example", "amira@northbridge.example", letter.as_bytes()))
    shown = (await page.get("/mail/1")).text
    assert "Plain &amp; &lt;simple&gt;" in shown
    assert "alert(1)" not in shown
    assert 'sandbox="" src="/mail/1/html"' in shown
    framed = await page.get("/mail/1/html")
    assert framed.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    file = await page.get("/mail/1/file/1")
    assert (file.content, file.headers["Content-Type"]) == (b"<html>", "application/octet-stream")
    assert file.headers["Content-Disposition"] == 'attachment; filename="a_b.html"'
    assert (await page.get("/mail/1/file/2")).status_code == 404
    assert [line in (await page.get("/mail?to=nobody@b.example")).text for line in ("No letter has come", "&lt;script&gt;")] == [
        False,
        False,
    ]
    opened = open_letter(1, play.stage.mailbox.messages[0], play.stage.web.address)
    assert (opened.line.to, opened.line.calendar, opened.invitation) == ("Amira Khan", False, None)


async def test_a_parent_is_given_a_code_that_opens_what_is_private(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rehearsal_folder.make_ready(out)
    schedule = schedule_of("week.csv", PRIVATE, now=BEGUN)
    async with set_stage([schedule], 1, out) as stage:
        play = Play(stage, [schedule], random.Random(1))
        await play.begin()
        rosa = play.players[2]
        (hint,) = rosa.hints
        code = hint.removeprefix("Her invitation code: ").removesuffix(". Type /invited, and then the code.")
        assert await stage.store.write(open_code, stage.partnership_id, rosa.someone.id, code, now=BEGUN) == 1
        assert play.ahead is not None
        assert "Kinship" not in play.ahead.what
        assert [player.hints for player in play.players if player is not rosa] == [(), (), ()]
        await play.pages.close()


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=f"^Another program uses port {port}, or it may not be used. Name another with --port.$"):
            listen(port)
