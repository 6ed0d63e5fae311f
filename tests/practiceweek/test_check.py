"""`practiceweek check`: what is there, what is missing and what cannot be told, against local stand-ins of everything outside."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from domain.database import Store
from domain.findings import Finding, Sign
from practiceweek.check import Connection, as_json, is_fine, show
from practiceweek.database import revisions
from tests.practiceweek.outside_to_look_at import SENDER, TEAMS_HOST, ZOOM_HOST, outside

PROGRAM = Path(sys.executable).with_name("practiceweek")


# ── all as it should be ─────────────────────────────────────────────────────────────────────────────────────


async def test_where_all_is_well_every_connection_says_so(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        found = await world.look()
    said = {name: [(one.sign.value, one.sentence) for one in findings] for name, findings in found.items()}
    free = said["Database"].pop()
    assert (free[0] in ("ok", "unsure"), free[1].endswith("GB are free on its disk.")) == (True, True)
    assert said == {
        "Settings": [("ok", "The settings can be read, and every secret and id that they need is there.")],
        "Database": [
            ("ok", "The database is there and whole."),
            ("ok", f"The database has the revision that this program needs ({revisions.newest()})."),
            ("ok", "The database can be written to."),
            ("ok", "No session is over its places."),
        ],
        "Discord": [
            ("ok", "Discord knows the bot's token."),
            ("ok", "The clock of this machine agrees with Discord."),
            ("ok", "The bot needs no privileged intent."),
            ("ok", "The bot is in the server “The partnership”."),
            ("ok", "The bot may add its commands to the server."),
            ("ok", "The organisers' role is there."),
            ("ok", "In the server the bot has every permission that it needs."),
            ("ok", "In #practice-week, the channel of Practice week, the bot may do all it has to."),
        ],
        "E-mail": [
            ("ok", "The mail server 127.0.0.1 answers."),
            ("ok", "The connection is encrypted, and its certificate is good for 90 more days."),
            ("ok", "The mail server takes our login."),
            ("ok", f"The mail server takes mail from {SENDER}. Nothing was sent."),
        ],
        "Sender's domain": [("off", "SPF: not asked: the mail server is on this machine.")],
        "Teams": [
            ("ok", "Microsoft takes our sign-in."),
            (
                "unsure",
                "When the secret runs out cannot be seen from here. Entra shows the day under Certificates & secrets: write it down.",
            ),
            ("ok", "The clock of this machine agrees with Microsoft."),
            ("ok", "The application may make meetings (OnlineMeetings.ReadWrite.All)."),
            ("ok", f"The application may make meetings for the host {TEAMS_HOST}."),
            ("unsure", f"Whether the host {TEAMS_HOST} has a licence with Teams could not be told."),
            ("ok", "Our Teams meetings let everyone in without the host (teams.who_skips_the_lobby)."),
            ("unsure", "Whether your organisation's own meeting policy allows that cannot be read from here."),
        ],
        "Zoom": [
            ("ok", "Zoom takes our sign-in."),
            ("ok", "The clock of this machine agrees with Zoom."),
            ("ok", "The Zoom app may make, change, delete and list meetings."),
            ("ok", f"The Zoom host {ZOOM_HOST} has a licence."),
            ("ok", f"People may join before the Zoom host {ZOOM_HOST}."),
            ("ok", f"Nobody has to wait to be let in by the Zoom host {ZOOM_HOST}."),
        ],
    }
    assert is_fine(world.found)


async def test_a_look_changes_nothing_anywhere(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"mail": {"by": "graph"}}) as world:
        before = (tmp_path / "practiceweek.sqlite").read_bytes()
        await world.look()
        assert (tmp_path / "practiceweek.sqlite").read_bytes() == before
        assert {request.method for request in world.discord.requests} == {"GET"}
        assert [call.effect for call in (*world.graph.calls, *world.zoom.calls) if call.effect] == []
        assert (world.graph.meetings, world.zoom.meetings, world.mail.messages) == ([], [], [])


async def test_the_command_says_it_in_words_or_json_and_its_exit_code_tells(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        tables = world.settings_tables()
        config = tmp_path / "config.toml"
        config.write_text(_toml(tables), encoding="utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        secrets = {f"PRACTICEWEEK_{name.upper()}": value for name, value in world.known().items()}

        async def check(*words: str, **more: str) -> tuple[int, str, str]:
            process = await asyncio.create_subprocess_exec(
                PROGRAM,
                "check",
                "--config",
                config,
                *words,
                env={**kept, "SSL_CERT_FILE": str(tmp_path / "authority.pem"), **secrets, **more},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            said, errors = await asyncio.wait_for(process.communicate(), 60)
            return process.returncode or 0, said.decode(), errors.decode()

        code, said, errors = await check("--json", PRACTICEWEEK_ZOOM_CLIENT_SECRET="the-wrong-secret")
        told = json.loads(said)
        zoom = next(one for one in told["connections"] if one["name"] == "Zoom")
        assert (code, told["fine"], errors) == (1, False, "")
        assert zoom["findings"][0] == {
            "sign": "missing",
            "sentence": "Zoom does not know this client id, or the client secret is wrong.",
            "remedy": "Copy both again from the app's page in Zoom.",
        }
        code, words, _ = await check(PRACTICEWEEK_ZOOM_CLIENT_SECRET="the-wrong-secret")
    assert (code, "✗ Zoom does not know this client id" in words, "→ Copy both again" in words) == (1, True, True)
    assert [secret for secret in (*world.known().values(), "the-wrong-secret") if secret and secret in said + words] == []


def _toml(tables: dict[str, Any]) -> str:
    """Just enough of TOML for these settings."""
    lines = []
    for name, table in tables.items():
        rows = {f"partnership.{key}": value for key, value in table.items()} if name == "partnership" else {name: table}
        for header, row in rows.items():
            lines += [f"[{header}]", *(f"{key} = {json.dumps(value)}" for key, value in row.items() if key != "hosts")]
            for host in row.get("hosts", ()):
                lines += [f"[[{header}.hosts]]", *(f"{key} = {json.dumps(value)}" for key, value in host.items())]
    return "\n".join(lines)


# ── the settings and the database ───────────────────────────────────────────────────────────────────────────


async def test_what_the_settings_lack_is_said_and_what_is_off_is_said_to_be_off(tmp_path: Path) -> None:
    tables = {"teams": {"enabled": False}, "zoom": {"account_id": ""}}
    async with outside(tmp_path, tables=tables, secrets={"discord_token": ""}) as world:
        world.tables["partnership"] = {"hosts": []}
        found = await world.look()
    assert found["Settings"] == (
        Finding(
            Sign.MISSING,
            "There is no bot token.",
            "Set PRACTICEWEEK_DISCORD_TOKEN in the environment. It is in Discord's developer portal, under Bot.",
        ),
        Finding(
            Sign.MISSING, "zoom.account_id is empty.", "Write the account's id there, or do without: see [zoom] in config.example.toml."
        ),
    )
    assert found["Discord"] == (Finding(Sign.UNSURE, "There is no bot token, so nothing could be looked at."),)
    assert found["Teams"] == (Finding(Sign.OFF, "Teams is off in the settings."),)
    assert "Zoom is on, but there is no host to hold its meetings." in [one.sentence for one in found["Zoom"]]


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    async with outside(tmp_path, database=False) as world:
        assert await world.lacks("Database", Sign.UNSURE) == [f"There is no database at {tmp_path / 'practiceweek.sqlite'}."]
        assert not (tmp_path / "practiceweek.sqlite").exists()
        world.tables["database"] = {"url": f"sqlite:///{tmp_path / 'nowhere' / 'a.sqlite'}"}
        assert await world.lacks("Database") == [f"There is no folder {tmp_path / 'nowhere'} for the database."]


def opened_to_others(file: Path) -> int:
    """What others were allowed before."""
    before = file.stat().st_mode & 0o777
    file.chmod(0o644)
    return before


async def test_a_database_that_others_may_open_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        assert opened_to_others(Path(world.database.removeprefix("sqlite:///"))) == 0o600
        assert "Others on this machine may open the database, which holds names." in await world.lacks("Database", Sign.UNSURE)


async def test_a_file_that_is_no_database_and_one_of_another_revision_are_said(tmp_path: Path) -> None:
    async with outside(tmp_path, database=False) as world:
        file = tmp_path / "practiceweek.sqlite"
        file.write_bytes(b"a letter to a friend, rather longer than a header" * 20)
        assert await world.lacks("Database") == [f"The file {file} is not a database, or it is damaged."]
        file.unlink()
        Store(world.database).close()
        file.write_bytes(b"")
        said = f"The database is at revision unknown, and this program needs {revisions.newest()}."
        assert await world.lacks("Database") == [said]


# ── the clock, and how it is shown ──────────────────────────────────────────────────────────────────────────


async def test_a_clock_that_is_wrong_is_said_by_every_service(tmp_path: Path) -> None:
    async with outside(tmp_path, clock=timedelta(minutes=10)) as world:
        found = await world.look()
    wrong = [one.sentence for findings in found.values() for one in findings if one.sentence.startswith("The clock of this machine is ")]
    assert [" ".join(said.split()[:6]) for said in wrong] == ["The clock of this machine is"] * 3
    assert [said.rsplit("the clock of ")[-1] for said in wrong] == ["Discord.", "Microsoft.", "Zoom."]


def test_the_table_shows_a_sign_a_sentence_and_what_to_do() -> None:
    connections = (
        Connection("Discord", (Finding(Sign.OK, "It is [there]."), Finding(Sign.MISSING, "It lacks a right.", "Give it."))),
        Connection("Zoom", (Finding(Sign.UNSURE, "It could not be told.", "Look."), Finding(Sign.OFF, "It is off."))),
    )
    shown = io.StringIO()
    show(connections, Console(file=shown, width=100))
    lines = [line.rstrip() for line in shown.getvalue().splitlines()]
    assert [line for line in lines if line] == [
        "  Discord",
        "✓ It is [there].",
        "✗ It lacks a right.",
        "  → Give it.",
        "  Zoom",
        "? It could not be told.",
        "  → Look.",
        "– It is off.",
        "1 thing is missing: see each ✗.",
    ]
    assert json.loads(as_json(connections))["fine"] is False
