"""One setting decides whether replies are read, and what people are told of Decline follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from domain.findings import Finding, missing, ok, unsure
from integrations.mailbox_graph import GraphReplies
from integrations.mailbox_imap import ImapReplies
from practiceweek.check import look
from practiceweek.compose import compose
from practiceweek.settings.installation import Secrets, Settings, from_tables
from rehearsal.imap import ImapStandIn

NAME = "practice-week@example.org"
IMAP = {"by": "imap", "host": "127.0.0.1", "security": "none", "trusted_server": "mx.example.org"}


def settings(database_url: str, *, password: str = "a secret", **replies: Any) -> Settings:
    """Two partnerships: the mail of one comes from the mailbox of [mail], that of the other from its own."""
    both = {"midlands": {"name": "Midlands", "guild_id": 1}, "north": {"name": "North", "guild_id": 2, "sender": "north@example.org"}}
    tables: dict[str, Any] = {"database": {"url": database_url}, "mail": {"login": "none"}, "replies": replies, "partnership": both}
    secrets = Secrets.model_construct(replies_password=SecretStr(password))
    return from_tables(tables).model_copy(update={"secrets": secrets})


async def test_the_setting_chooses_the_way_and_the_clock_reads(database_url: str) -> None:
    made: list[tuple[type[object], bool]] = []
    for replies in ({}, IMAP, {"by": "graph"}):
        program = await compose(settings(database_url, **replies))
        made.append((type(program.services.replies), program.ticks.reading is not None))
        await program.close()
    assert made == [(type(None), False), (ImapReplies, True), (GraphReplies, True)]


def test_what_replies_need_is_said(database_url: str) -> None:
    bare = settings(database_url, password="", by="imap")
    assert "There is no password for replies. Set PRACTICEWEEK_REPLIES_PASSWORD in the environment." in bare.missing_secrets()
    assert [one.partition(" is empty")[0] for one in bare.missing_ids()] == ["replies.host", "replies.trusted_server"]
    assert [one.partition(" is empty")[0] for one in settings(database_url, by="graph").missing_ids()] == [
        "mail.tenant_id",
        "mail.client_id",
    ]
    assert settings(database_url).missing_ids() == ()


async def looked(wanted: Settings) -> tuple[Finding, ...]:
    (found,) = [one.findings for one in await look(wanted) if one.name == "Replies"]
    return found


@pytest.mark.parametrize("kind", ["right", "wrong", "nobody"])
async def test_the_check_looks_into_the_mailbox(sqlite_url: str, kind: str) -> None:
    async with ImapStandIn(logins={NAME: "a secret"}, folder="inbox") as server:
        password = "a secret" if kind == "right" else "wrong"
        port = server.port
        if kind == "nobody":
            await server.__aexit__(None, None, None)
        found = await looked(settings(sqlite_url, password=password, **IMAP, port=port))
    said = {
        "right": ok(f"The mailbox of {NAME} can be looked into, so that a Decline gives a place back. Nothing was read."),
        "wrong": missing("The mailbox for replies does not take our login.", "Compare [replies] with what your mail people tell you."),
        "nobody": unsure(
            "The connection to the mailbox for replies could not be made, or was cut.",
            "Check replies.host and replies.port, or try again later.",
        ),
    }
    assert found == (said[kind],)
