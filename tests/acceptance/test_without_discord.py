"""A partnership of pages and e-mail alone: `run` needs no token, an organiser signs in by mail, and nobody calls Discord."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from domain import processes
from domain.database import Store
from tests.acceptance.installation import Installation, Running, eventually
from tests.acceptance.signing_up import words
from tests.acceptance.test_pages_apart import KEY, stamp, with_pages

OLGA = "olga@midlands.example"


async def started(installation: Installation, *command: str) -> Running:
    return await installation.run(*command, PRACTICEWEEK_WEB_KEY=KEY, PRACTICEWEEK_DISCORD_TOKEN="")


def shows_pages(installation: Installation) -> bool:
    """Whether a process has said so in the database."""
    store = Store(installation.url)
    try:
        return any(one.serves for one in store.read_now(processes.seen))
    finally:
        store.close()


async def test_a_partnership_without_discord_is_run_and_its_organiser_signs_in_by_e_mail(tmp_path: Path) -> None:
    async with Installation(tmp_path) as installation:
        address = with_pages(installation)
        config = re.sub(r"^(guild_id|organiser_roles) = .*\n", "", installation.config.read_text(encoding="utf-8"), flags=re.MULTILINE)
        config = config.replace("[partnership.midlands]\n", f'[partnership.midlands]\norganisers = ["{OLGA}"]\n')
        installation.config.write_text(config, encoding="utf-8")
        whole = await started(installation, "run")
        await eventually(lambda: "pages.served" in whole.logged or whole.process.returncode is not None)
        assert whole.process.returncode is None, whole.logged
        async with httpx.AsyncClient(base_url=address, follow_redirects=True, timeout=20) as browser:
            door = await browser.get("/midlands/organise")
            await browser.post("/midlands/organise", data={"email": OLGA, "stamp": stamp(door)})
            (mail,) = await installation.mails(OLGA)
            (link,) = set(re.findall(rf"{address}(/organise/sign-in/[\w-]+)", words(mail)))
            asked = await browser.get(link)
            inside = await browser.post(link, data={"stamp": stamp(asked)})
            assert "There is no programme yet." in inside.text
            assert '<a class="govuk-link" href="/organise/start">Start the first one</a>' in inside.text
        await eventually(lambda: shows_pages(installation))
        status = await started(installation, "status")
        assert (await status.ended(), status.logged.splitlines()[0]) == (0, "All is well with the program.")
        bot = await started(installation, "run", "--only", "bot")
        assert (await bot.ended(), bot.logged.splitlines()[-1]) == (
            2,
            "No partnership here has a Discord server (guild_id), so there is no bot to run. Run: practiceweek run",
        )
        assert await whole.stop(seconds=20) == 0
        assert whole.logged.count('"event": "discord.not_used"') == 1
        assert [said for said in ("Traceback", "warning", "discord.away") if said in whole.logged] == []
        assert (installation.discord.gateway.logins, "Discord" in words(mail)) == (0, False)
