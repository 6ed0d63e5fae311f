"""The pages in a process of their own, beside a bot and a scheduler: what is done on a page is seen in chat, and no link is in a log.

And within a whole `run`, which ends with them.
"""

from __future__ import annotations

import re
import socket
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.acceptance.installation import Installation, Running, eventually
from tests.acceptance.signing_up import published, words

KEY = "a key for links, long enough"
ADDRESS = "ben@coventry.gov.uk"


def with_pages(installation: Installation) -> str:
    """Switch the pages on; their address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = f'\n[web]\nenabled = true\naddress = "{address}"\nport = {port}\n'
    installation.config.write_text(installation.config.read_text(encoding="utf-8") + settings, encoding="utf-8")
    return address


async def started(installation: Installation, said: str, *only: str) -> Running:
    running = await installation.run("run", *only, PRACTICEWEEK_WEB_KEY=KEY)
    await eventually(lambda: said in running.logged or running.process.returncode is not None)
    assert running.process.returncode is None, running.logged
    return running


def stamp(page: httpx.Response) -> str:
    return re.findall(r'name="stamp" value="([^"]+)"', page.text)[0]


async def booked_by_page(installation: Installation, address: str, title: str) -> list[str]:
    """Somebody asks for a place and proves their address; every secret that was in an address on the way."""
    async with httpx.AsyncClient(base_url=address, follow_redirects=True, timeout=20) as browser:
        listed = await browser.get("/midlands")
        programme = await browser.get(re.findall(r"/midlands/programme/\d+", listed.text)[0])
        (session,) = re.findall(rf'href="(/midlands/session/\d+)">{title}', programme.text)
        form = await browser.get(f"{session}/book")
        typed = {"name": "Ben", "email": ADDRESS, "organisation": "Coventry City Council", "area": "children"}
        assert (await browser.post(f"{session}/book", data=typed | {"stamp": stamp(form)})).url.path == f"{session}/asked"
        (mail,) = await installation.mails(ADDRESS)
        (token,) = set(re.findall(rf"{address}/prove/([\w-]{{22}})", words(mail)))
        await browser.get("/mine/guessed-and-wrong-secret", headers={"Referer": f"{address}/prove/{token}"})
        shown = await browser.get(f"/prove/{token}")
        mine = await browser.post(f"/prove/{token}", data={"stamp": stamp(shown)})
        assert "You have a place" in mine.text
        await installation.mails(ADDRESS, 2)
    return [token, mine.url.path.removeprefix("/mine/"), "guessed-and-wrong-secret"]


async def card_says(installation: Installation, title: str, places: str) -> None:
    """The day that is posted in chat says how many places are left."""
    reader = installation.discord.join("Reader")
    said = re.compile(rf"{title}[^;]*?{places}", re.DOTALL)
    try:
        await eventually(lambda: any(said.search(f"{seen.text} {seen.options}") for seen in reader.posted()))
    except TimeoutError:
        raise AssertionError([f"{seen.text} {seen.options}" for seen in reader.posted()]) from None


@pytest.mark.parametrize("installed_on", ["sqlite", "postgres"])
async def test_a_place_booked_in_a_process_of_pages_is_seen_in_chat_and_no_link_in_a_log(installation: Installation) -> None:
    address = with_pages(installation)
    bot = await started(installation, "standby.answering", "--only", "bot")
    scheduler = await started(installation, "program.started", "--only", "scheduler")
    await published(installation)
    pages = await started(installation, "pages.served", "--only", "web")
    secrets = await booked_by_page(installation, address, "Strengths-based practice")
    await card_says(installation, "Strengths-based practice", "1 of 2 places left")
    status = await installation.run("status", PRACTICEWEEK_WEB_KEY=KEY)
    await status.ended()
    assert [await one.stop(seconds=20) for one in (pages, bot, scheduler)] == [0, 0, 0]
    for running in (pages, bot, scheduler):
        assert [secret for secret in (*secrets, KEY, ADDRESS) if secret in running.logged] == [], running.log
        assert "Traceback" not in running.logged
    assert '"event": "program.stopped"' in pages.logged


async def test_a_whole_run_answers_pages_until_it_is_asked_to_stop(tmp_path: Path) -> None:
    async with Installation(tmp_path) as installation:
        address = with_pages(installation)
        whole = await started(installation, "pages.served")
        async with httpx.AsyncClient(base_url=address, timeout=20) as browser:  # keeps its connection open to the end
            assert [(await browser.get(path)).status_code for path in ("/midlands", "/privacy", "/nowhere")] == [200, 200, 404]
            assert await whole.stop(seconds=20) == 0
            with pytest.raises(httpx.TransportError):
                await browser.get("/midlands")
        assert ('"event": "program.stopped"' in whole.logged, "Traceback" in whole.logged) == (True, False)
