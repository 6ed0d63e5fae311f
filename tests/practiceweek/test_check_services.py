"""`practiceweek check` looks at Discord, Teams and Zoom: what each lacks is said in words of its own."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.findings import Sign
from rehearsal import faults
from rehearsal.zoom_people import SCOPES, ZoomPerson
from tests.practiceweek.discord_to_look_at import ALL, ATTACH, SEND, SEND_IN_THREADS
from tests.practiceweek.outside_to_look_at import GRAPH, TEAMS_HOST, ZOOM, ZOOM_HOST, outside

# ── Discord ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_wrong_token_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path, secrets={"discord_token": "MTAw.G.another"}) as world:
        assert await world.lacks("Discord") == ["Discord does not know the bot's token."]


async def test_a_discord_that_is_not_there_is_said(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        async with outside(tmp_path, tables={"discord": {"api_base": nobody}}) as world:
            assert await world.lacks("Discord") == ["Discord could not be reached."]


async def test_each_permission_that_the_bot_lacks_is_named_with_its_place(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.discord.denied[world.discord.practice_week.id] = SEND  # who may not send may attach nothing either
        lacking = "In #practice-week, the channel of Practice week, the bot lacks Send Messages, Embed Links and Attach Files."
        assert await world.lacks("Discord") == [lacking]
        world.discord.rights = ALL & ~ATTACH
        world.discord.denied.clear()
        assert await world.lacks("Discord") == [
            "In the server as a whole the bot lacks Attach Files.",
            "In #practice-week, the channel of Practice week, the bot lacks Attach Files.",
        ]


async def test_a_programme_in_a_thread_is_looked_at_with_the_rights_of_its_channel(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        thread, channel = world.discord.practice_week, world.discord.add_channel("talk")
        world.discord.threads[thread.id] = channel.id
        said = "In #practice-week, the channel of Practice week, the bot lacks Send Messages in Threads."
        assert await world.lacks("Discord") == [said]
        world.discord.rights = ALL | SEND_IN_THREADS
        assert await world.lacks("Discord") == []


async def test_a_channel_that_is_gone_or_hidden_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.discord.unseen.add(world.discord.practice_week.id)
        assert await world.lacks("Discord") == ["The bot cannot see the channel of Practice week."]
        del world.discord.rooms[world.discord.practice_week.id]
        assert await world.lacks("Discord") == ["The channel of Practice week is no longer there."]


async def test_a_bot_that_was_not_invited_or_without_its_commands_is_said_with_the_address_that_invites_it(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"partnership": {"organiser_roles": [5]}}) as world:
        world.discord.commands_scope = False
        assert await world.lacks("Discord") == [
            "The bot may not add its commands to the server: it was invited without the scope applications.commands.",
            "The server has no role with the id 5.",
        ]
        world.discord.invited = False
        (finding,) = [one for one in (await world.look())["Discord"] if one.sign is Sign.MISSING]
    assert finding.sentence == "The bot is not in the partnership's server, or guild_id is the id of another."
    assert f"client_id={world.discord.application_id}&scope=bot+applications.commands&permissions={ALL}" in finding.remedy


# ── Teams ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tables", "secrets", "said"),
    [
        ({"tenant_id": "another"}, {}, "Microsoft does not know this tenant."),
        ({"client_id": "another"}, {}, "Microsoft does not know this application in the tenant."),
        ({}, {"teams_client_secret": "another"}, "The client secret is wrong."),
    ],
)
async def test_each_way_to_sign_in_wrongly_has_words_of_its_own(
    tmp_path: Path, tables: dict[str, Any], secrets: dict[str, str], said: str
) -> None:
    async with outside(tmp_path, tables={"teams": tables}, secrets=secrets) as world:
        assert await world.lacks("Teams") == [said]


async def test_a_missing_role_access_policy_or_host_is_said(tmp_path: Path) -> None:
    locked, unknown = "bbbbbbbb-0000-0000-0000-000000000002", "cccccccc-0000-0000-0000-000000000003"
    realm = replace(GRAPH, without_policy=(locked,))
    hosts = [{"provider": "teams", "account": host} for host in (TEAMS_HOST, locked, unknown, "ann@midlands.example")]
    async with outside(tmp_path, graph_realm=realm, tables={"partnership": {"hosts": hosts}}) as world:
        world.tables["teams"] = {"who_skips_the_lobby": "organization"}
        assert await world.lacks("Teams") == [
            f"The application may not make meetings for the host {locked}: its access policy is missing.",
            f"Microsoft does not know the host {unknown}.",
            "The Teams host ann@midlands.example is an address. Microsoft wants the account's object id.",
            "Our Teams meetings let only some people in without the host (teams.who_skips_the_lobby is organization).",
        ]
    (tmp_path / "two").mkdir()
    async with outside(tmp_path / "two", graph_realm=replace(GRAPH, roles=())) as world:
        assert await world.lacks("Teams") == ["The application may not make meetings: OnlineMeetings.ReadWrite.All was not granted."]


async def test_a_microsoft_that_is_busy_or_gone_is_told_from_a_refusal(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.graph.faults.next("POST", "/token$", faults.status(503))
        assert "The Microsoft sign-in is too busy to tell just now." in await world.lacks("Teams", Sign.UNSURE)
        world.graph.faults.next("POST", "/token$", faults.DROP_BEFORE_EFFECT)
        assert await world.lacks("Teams") == ["The Microsoft sign-in could not be reached."]


# ── Zoom ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_host_without_a_licence_is_said_to_be_cut_off_after_forty_minutes(tmp_path: Path) -> None:
    person = ZoomPerson(kind=1, join_before_host=False, waiting_room=True)
    hosts = [{"provider": "zoom", "account": ZOOM_HOST, "at_once": 2}, {"provider": "zoom", "account": "nobody@zoom.example"}]
    async with outside(tmp_path, zoom_realm=replace(ZOOM, people={ZOOM_HOST: person}), tables={"partnership": {"hosts": hosts}}) as world:
        assert await world.lacks("Zoom") == [
            f"The Zoom host {ZOOM_HOST} has no licence (Basic): Zoom ends its meetings after 40 minutes.",
            f"The Zoom host {ZOOM_HOST} is to run 2 meetings at once. Zoom allows it 1 at most.",
            f"In Zoom, people may not join before the host {ZOOM_HOST}. Our meetings ask for it, but a locked setting wins.",
            f"In Zoom, the host {ZOOM_HOST} has a waiting room. Our meetings ask for none, but a locked setting wins.",
            "Zoom does not know the host nobody@zoom.example.",
        ]


@pytest.mark.parametrize(
    ("at_once", "sign", "said"),
    [
        (2, Sign.UNSURE, f"The Zoom host {ZOOM_HOST} is to run 2 meetings at once. Whether your plan allows it cannot be seen from here."),
        (5, Sign.MISSING, f"The Zoom host {ZOOM_HOST} is to run 5 meetings at once. Zoom allows it 2 at most."),
    ],
)
async def test_more_meetings_at_once_than_zoom_allows_are_said(tmp_path: Path, at_once: int, sign: Sign, said: str) -> None:
    hosts = [{"provider": "zoom", "account": ZOOM_HOST, "at_once": at_once}]
    async with outside(tmp_path, tables={"partnership": {"hosts": hosts}}) as world:
        assert await world.lacks("Zoom", sign) == [said]


async def test_the_scopes_that_are_missing_are_named(tmp_path: Path) -> None:
    fewer = tuple(scope for scope in SCOPES if "delete" not in scope and "user:" not in scope)
    async with outside(tmp_path, zoom_realm=replace(ZOOM, scopes=fewer)) as world:
        found = (await world.look())["Zoom"]
    assert [(one.sentence, one.remedy) for one in found if one.sign is Sign.MISSING] == [
        (
            "The Zoom app may not delete meetings.",
            "In the Zoom App Marketplace, open the app, Scopes, and add meeting:delete:meeting:admin.",
        )
    ]
    assert [one.sentence for one in found if one.sign is Sign.UNSURE] == [
        f"Which licence the Zoom host {ZOOM_HOST} has could not be told.",
        f"Who may join before the Zoom host {ZOOM_HOST} could not be told.",
    ]


async def test_the_older_broader_scopes_are_good_too(tmp_path: Path) -> None:
    older = ("meeting:write:admin", "meeting:read:admin")
    async with outside(tmp_path, zoom_realm=replace(ZOOM, scopes=older)) as world:
        assert await world.lacks("Zoom") == []


async def test_a_wrong_account_is_told_from_a_wrong_secret(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"zoom": {"account_id": "another"}}) as world:
        assert await world.lacks("Zoom") == ["Zoom does not know this account, or the app is switched off."]
        world.tables["zoom"] = {"client_id": "another"}
        assert await world.lacks("Zoom") == ["Zoom does not know this client id, or the client secret is wrong."]
