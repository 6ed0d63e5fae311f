"""`practiceweek check` looks at e-mail, by SMTP and by Graph, and at the sender's domain; nothing is sent."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from domain.findings import Sign
from rehearsal.graph import GraphRealm
from rehearsal.mailbox import Mailbox, Step
from tests.practiceweek.outside_to_look_at import GRAPH, SENDER, SPF, outside, utc_now

# ── e-mail ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_wrong_password_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path, secrets={"mail_password": "another"}) as world:
        assert await world.lacks("E-mail") == ["The mail server does not take our login (answer 535)."]


async def test_a_sender_that_is_refused_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    async with outside(tmp_path) as world:
        world.mail.answer_next(Step.MAIL, "550 5.7.60 not allowed to send as this sender")
        assert await world.lacks("E-mail") == [f"The mail server does not take mail from {SENDER} (answer 550)."]
        world.mail.answer_next(Step.RCPT, "450 4.2.1 busy")
        assert await world.lacks("E-mail", Sign.UNSURE) == [
            f"The mail server could not say just now whether it takes mail from {SENDER} (answer 450)."
        ]
    assert world.mail.messages == []


async def test_a_certificate_that_is_not_good_is_said_with_its_reason(tmp_path: Path) -> None:
    async with outside(tmp_path, named="mail.elsewhere.example") as world:
        assert await world.lacks("E-mail") == ["The certificate of the mail server 127.0.0.1 is for another name."]
        world.trust = ssl.create_default_context()
        assert await world.lacks("E-mail") == ["The certificate of the mail server 127.0.0.1 is from an issuer that is not known here."]


@pytest.mark.parametrize(
    ("days", "sign", "said"),
    [
        (-2, Sign.MISSING, "The certificate of the mail server 127.0.0.1 has run out."),
        (1, Sign.UNSURE, "The connection is encrypted, but its certificate is good for 1 more day."),
    ],
)
async def test_a_certificate_that_runs_out_is_said(tmp_path: Path, days: int, sign: Sign, said: str) -> None:
    async with outside(tmp_path, days=days) as world:
        assert await world.lacks("E-mail", sign) == [said]


async def test_a_server_without_starttls_or_not_there_at_all_is_said(tmp_path: Path) -> None:
    async with outside(tmp_path) as world, Mailbox(utc_now) as plain:
        world.tables["mail"] = {"port": plain.port}
        assert await world.lacks("E-mail") == [f"The mail server 127.0.0.1 does not offer STARTTLS on port {plain.port}."]
        await plain.refuse_connections()
        assert await world.lacks("E-mail") == [f"The mail server 127.0.0.1 does not answer on port {plain.port}."]
        world.tables["mail"] = {"host": "no.such.invalid"}
        assert await world.lacks("E-mail") == ["There is no server with the name no.such.invalid."]


async def test_mail_by_graph_is_looked_at_instead_of_smtp(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"mail": {"by": "graph"}}) as world:
        found = (await world.look())["E-mail"]
        assert [one.sentence for one in found if one.sign is Sign.OK][-2:] == [
            "The application may send mail (Mail.Send).",
            f"Microsoft would take mail from {SENDER}. Nothing was sent.",
        ]
        assert world.mail.connections == 0


@pytest.mark.parametrize(
    ("realm", "said"),
    [
        (
            replace(GRAPH, roles=("OnlineMeetings.ReadWrite.All",)),
            [
                "The application may not send mail: Mail.Send was not granted.",
                f"Microsoft does not let the application send from {SENDER}.",
            ],
        ),
        (replace(GRAPH, mailboxes_out_of_reach=(SENDER,)), [f"Microsoft does not let the application send from {SENDER}."]),
        (replace(GRAPH, mailboxes=()), [f"Microsoft knows no mailbox {SENDER}."]),
    ],
    ids=["no role", "out of reach", "no mailbox"],
)
async def test_what_mail_by_graph_lacks_is_said(tmp_path: Path, realm: GraphRealm, said: list[str]) -> None:
    async with outside(tmp_path, graph_realm=realm, tables={"mail": {"by": "graph"}}) as world:
        assert await world.lacks("E-mail") == said


# ── the sender's domain ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_domain_that_does_not_name_exchange_is_said_where_mail_leaves_by_graph(tmp_path: Path) -> None:
    async with outside(tmp_path, tables={"mail": {"by": "graph"}}, records={**SPF, ("smtp.office365.com", "A"): ["192.0.2.9"]}) as world:
        assert await world.lacks("Sender's domain") == ["The SPF record of midlands.example does not name spf.protection.outlook.com."]
