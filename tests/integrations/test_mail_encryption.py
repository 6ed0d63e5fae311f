"""Encryption and login over real SMTP: what is not set up right is told as a setting, and no letter leaves unprotected."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from domain.errors import OutsideError, Permanent, Temporary
from integrations.entra import SignInRefused
from integrations.mail import MailServer, Password, XOAuth2
from integrations.mail_line import SettingProblem
from rehearsal.mailbox import Mailbox
from tests.integrations.smtp_building import fails, mail, other
from tests.mail_building import NOW, letter


class Keys:
    """A certificate for 127.0.0.1, and two clients: one that trusts it and one that does not."""

    def __init__(self) -> None:
        authority = trustme.CA()
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.server)
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)
        self.strange = ssl.create_default_context()


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


async def token() -> str:
    return "token-1"


@pytest.mark.parametrize("login", [None, Password("pw", "secret"), XOAuth2("pw", token)])
async def test_starttls_then_login_then_letters(keys: Keys, login: Password | XOAuth2 | None) -> None:
    asked: dict[str, Any] = {"logins": {"pw": "secret"}, "tokens": {"pw": "token-1"}} if login else {}
    async with (
        Mailbox(lambda: NOW, tls=keys.server, **asked) as box,
        mail(box, security="starttls", trust=keys.trusting, login=login) as sending,
    ):
        await sending.send(letter())
        await sending.send(other(2))
    assert (len(box.messages), box.connections) == (2, 1)


async def test_tls_from_the_first_byte(keys: Keys) -> None:
    async with Mailbox(lambda: NOW, tls=keys.server, tls_at_once=True) as box:
        async with mail(box, security="tls", trust=keys.trusting) as sending:
            await sending.send(letter())
        async with mail(box, security="tls", trust=keys.strange) as sending:
            assert await fails(sending.send(letter())) == (SettingProblem, "the mail server's certificate is not trusted")
    assert len(box.messages) == 1


async def stale() -> str:
    return "token-0"


@pytest.mark.parametrize("login", [Password("pw", "wrong"), XOAuth2("pw", stale)])
async def test_a_refused_login_is_temporary_and_told_as_a_setting(keys: Keys, login: Password | XOAuth2) -> None:
    asked: dict[str, Any] = {"logins": {"pw": "secret"}, "tokens": {"pw": "token-1"}}
    with capture_logs() as logs:
        async with (
            Mailbox(lambda: NOW, tls=keys.server, **asked) as box,
            mail(box, security="starttls", trust=keys.trusting, login=login) as sending,
        ):
            assert await fails(sending.send(letter())) == (SettingProblem, "smtp 535 at auth")
    assert logs == [{"event": "mail is not set up right", "reason": "smtp 535 at auth", "log_level": "error"}]
    assert issubclass(SettingProblem, Temporary)


async def test_without_a_login_a_server_that_asks_for_one_is_a_setting_problem(keys: Keys) -> None:
    locked = Mailbox(lambda: NOW, tls=keys.server, logins={"pw": "secret"})
    async with locked as box, mail(box, security="starttls", trust=keys.trusting) as sending:
        assert await fails(sending.send(letter())) == (SettingProblem, "smtp 530 5.7.0 at mail")


@pytest.mark.parametrize("refusal", [SignInRefused(), Permanent("no such tenant")], ids=["refused", "for good"])
async def test_a_token_that_is_refused_is_told_as_a_setting_and_the_letter_is_not_to_blame(keys: Keys, refusal: OutsideError) -> None:
    async def refused() -> str:
        raise refusal

    locked = Mailbox(lambda: NOW, tls=keys.server, tokens={"pw": "token-1"})
    async with locked as box, mail(box, security="starttls", trust=keys.trusting, login=XOAuth2("pw", refused)) as sending:
        with capture_logs() as logs:
            assert await fails(sending.send(letter())) == (SettingProblem, refusal.reason)
        assert [(line["event"], line["reason"]) for line in logs] == [("mail is not set up right", refusal.reason)]
        await box.all_closed()


async def test_a_token_that_cannot_be_had_is_what_its_giver_says(keys: Keys) -> None:
    async def broken() -> str:
        raise Temporary("no token")

    locked = Mailbox(lambda: NOW, tls=keys.server, tokens={"pw": "token-1"})
    async with locked as box, mail(box, security="starttls", trust=keys.trusting, login=XOAuth2("pw", broken)) as sending:
        assert await fails(sending.send(letter())) == (Temporary, "no token")


async def test_a_certificate_that_nobody_vouches_for_is_refused(keys: Keys) -> None:
    async with Mailbox(lambda: NOW, tls=keys.server) as box, mail(box, security="starttls", trust=keys.strange) as sending:
        assert await fails(sending.send(letter())) == (SettingProblem, "the mail server's certificate is not trusted")
    assert box.messages == []


async def test_a_server_without_starttls_gets_no_letter(box: Mailbox, keys: Keys) -> None:
    async with mail(box, security="starttls", trust=keys.trusting) as sending:
        reason = "the mail server does not offer the security or login that is set"
        assert await fails(sending.send(letter())) == (SettingProblem, reason)
    assert box.messages == []


@pytest.mark.parametrize("host", ["smtp.office365.com", "192.0.2.1", "localhost.evil.example"])
def test_mail_without_tls_never_leaves_this_machine(host: str) -> None:
    with pytest.raises(ValueError, match="use starttls or tls"):
        MailServer(host, 25, security="none")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_mail_without_tls_may_go_to_this_machine(host: str) -> None:
    assert MailServer(host, 25, security="none").security == "none"


def test_tls_is_the_default_and_secrets_are_not_shown() -> None:
    server = MailServer("smtp.office365.com", login=Password("pw", "hunter2"))
    assert (server.port, server.security) == (587, "starttls")
    assert "hunter2" not in repr(server)
