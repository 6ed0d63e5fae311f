"""The mailbox of replies over IMAP, against a strict server: what is read, what is marked, and what each failure is taken for."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from domain.errors import OutsideError, Temporary
from integrations.mail_line import Password, XOAuth2
from integrations.mailbox_imap import ImapReplies, ImapServer
from integrations.outcomes import AccountRefused
from integrations.vouching import Voucher
from rehearsal.imap import ImapStandIn
from tests.reply_building import calendar, mail

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
NAME = "practice-week@northfield.example"
UID = "3f1c@practiceweek"


@pytest.fixture
async def server() -> AsyncIterator[ImapStandIn]:
    async with ImapStandIn(logins={NAME: "a secret"}) as opened:
        yield opened


def reader(server: ImapStandIn, **other: Any) -> ImapReplies:
    wanted = ImapServer("127.0.0.1", server.port, "none", Password(NAME, "a secret"), timeout=5.0)
    return ImapReplies(replace(wanted, **other), Voucher("mx.northfield.example"), now=lambda: NOW)


async def test_replies_are_found_and_nothing_is_touched_by_looking(server: ImapStandIn) -> None:
    server.bring(mail(calendar(UID)), NOW)
    server.bring(b"From: a@b.example\r\nSubject: When is it?\r\n\r\nHello", NOW)
    server.bring(mail(calendar(UID), name="<old@council.gov.uk>"), NOW - timedelta(days=31))
    box = reader(server)
    assert [(one.handle, one.reply.uid) for one in await box.unread()] == [("1:1", UID)]
    assert server.unread == [1, 2, 3]


async def test_what_was_seen_to_is_marked_and_what_is_left_is_not_read_again(server: ImapStandIn) -> None:
    for number in (1, 2, 3):
        server.bring(mail(calendar(UID), name=f"<{number}@council.gov.uk>"), NOW)
    box = reader(server)
    assert [one.handle for one in await box.unread()] == ["1:1", "1:2", "1:3"]
    await box.mark_read(["1:1"])
    box.leave(["1:2"])
    assert [one.handle for one in await box.unread()] == ["1:3"]
    assert server.unread == [2, 3]
    assert [one.handle for one in await reader(server).unread()] == ["1:2", "1:3"]  # another process looks for itself


async def test_a_mail_that_is_no_reply_is_fetched_once(server: ImapStandIn) -> None:
    server.bring(b"From: a@b.example\r\n\r\nHello", NOW)
    box = reader(server)
    await box.unread()
    await box.unread()
    assert len([asked for asked in server.asked if asked.startswith("UID FETCH")]) == 1


async def test_nothing_is_ever_asked_but_to_look_and_to_mark(server: ImapStandIn) -> None:
    server.bring(mail(calendar(UID)), NOW)
    box = reader(server)
    await box.unread()
    await box.mark_read(["1:1"])
    assert server.asked == [
        *("CAPABILITY", "LOGIN", 'SELECT "INBOX"', "UID SEARCH UNSEEN SINCE 30-Jan-2027", "UID FETCH 1 (BODY.PEEK[]<0.262144>)", "LOGOUT"),
        *("CAPABILITY", "LOGIN", 'SELECT "INBOX"', r"UID STORE 1 +FLAGS.SILENT (\Seen)", "LOGOUT"),
    ]


async def test_of_ten_megabytes_only_the_beginning_is_fetched(server: ImapStandIn) -> None:
    server.bring(mail(calendar(UID), after=bytes(10_000_000)), NOW)
    assert [one.reply.uid for one in await reader(server).unread()] == [UID]


async def test_a_folder_that_was_made_anew_is_not_marked_by_old_numbers(server: ImapStandIn) -> None:
    server.bring(mail(calendar(UID)), NOW)
    box = reader(server)
    (found,) = await box.unread()
    server.validity = 2
    await box.mark_read([found.handle])
    assert server.unread == [1]


async def failure(box: ImapReplies) -> tuple[type[OutsideError], str]:
    with pytest.raises(OutsideError) as caught:
        await box.unread()
    assert caught.value.__context__ is None  # what the server wrote does not travel along
    return type(caught.value), caught.value.reason


CUT = "the connection to the mailbox for replies could not be made, or was cut"


async def test_a_refused_login_waits_for_somebody_to_see_to_it(server: ImapStandIn) -> None:
    refused = (AccountRefused, "the mailbox for replies does not take our login")
    assert await failure(reader(server, login=Password(NAME, "wrong"))) == refused
    assert await failure(reader(server, login=Password(NAME, "geheim-ü"))) == refused


async def test_a_server_that_cannot_check_logins_is_tried_again(server: ImapStandIn) -> None:
    server.refuses["LOGIN"] = "NO [UNAVAILABLE] later"
    assert await failure(reader(server)) == (Temporary, "the mailbox for replies cannot check logins just now")


async def test_a_folder_that_is_not_there_is_said(server: ImapStandIn) -> None:
    assert await failure(reader(server, folder="Replies")) == (
        AccountRefused,
        "the mailbox for replies has no folder of the name that is set",
    )


async def test_a_line_that_is_cut_in_the_middle_of_a_mail_loses_nothing(server: ImapStandIn) -> None:
    server.bring(mail(calendar(UID)), NOW)
    box = reader(server)
    server.cuts_in = "UID FETCH"
    assert await failure(box) == (Temporary, CUT)
    server.cuts_in = None
    assert [one.handle for one in await box.unread()] == ["1:1"]


async def test_a_silent_server_is_given_up(server: ImapStandIn) -> None:
    server.silent_at = "UID SEARCH"
    assert await failure(reader(server, timeout=0.2)) == (Temporary, CUT)


async def test_a_server_that_is_not_there_is_tried_again(server: ImapStandIn) -> None:
    box = reader(server)
    await server.__aexit__(None, None, None)
    assert await failure(box) == (Temporary, CUT)


async def test_a_mailbox_that_may_only_be_read_is_said(server: ImapStandIn) -> None:
    server.bring(mail(calendar(UID)), NOW)
    server.read_only = True
    with pytest.raises(AccountRefused, match="does not let us mark mails as read"):
        await reader(server).mark_read(["1:1"])


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_the_line_is_encrypted_and_a_token_logs_in(security: str) -> None:
    authority = trustme.CA()
    ours, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(ours)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)

    async def token() -> str:
        return "a token"

    async with ImapStandIn(tokens={NAME: "a token"}, tls=theirs, tls_at_once=security == "tls") as server:
        server.bring(mail(calendar(UID)), NOW)
        box = reader(server, security=security, login=XOAuth2(NAME, token), trust=ours)
        assert [one.handle for one in await box.unread()] == ["1:1"]
        stranger = reader(server, security=security, login=XOAuth2(NAME, token), trust=ssl.create_default_context())
        assert await failure(stranger) == (AccountRefused, "the certificate or encryption of the mailbox for replies is not good")


def test_nothing_goes_over_the_net_in_the_open() -> None:
    with pytest.raises(ValueError, match="use tls or starttls"):
        ImapServer("mail.example", 143, "none", Password(NAME, "x"))
    with pytest.raises(ValueError, match="quotation marks"):
        ImapServer("127.0.0.1", 143, "none", Password(NAME, "x"), folder='a" b')
