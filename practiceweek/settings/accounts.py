"""Accounts: the settings and secrets as the plain values with which the integrations sign in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from integrations.entra import AzureCredential
from integrations.graph_calls import Application
from integrations.mail_line import Password, XOAuth2
from integrations.teams import TeamsAccount
from integrations.zoom_line import ZoomAccount
from practiceweek.settings.installation import Settings
from practiceweek.settings.tables import MailSettings, TeamsSettings


async def _nothing_to_close() -> None:
    pass


def mail_login(settings: Settings) -> tuple[Password | XOAuth2 | None, Callable[[], Awaitable[None]]]:
    """How to log in to the mail server, and how to let go of what that took."""
    wanted, secrets = settings.mail, settings.secrets
    if wanted.by == "graph" or wanted.login == "none":
        return None, _nothing_to_close
    if wanted.login == "password":
        return Password(wanted.username, secrets.mail_password.get_secret_value()), _nothing_to_close
    credential = AzureCredential(wanted.authority, wanted.tenant_id, wanted.client_id, secrets.mail_client_secret.get_secret_value())

    async def token() -> str:
        return (await credential.get_token(wanted.scope)).token

    return XOAuth2(wanted.username, token), credential.close


def replies_login(settings: Settings) -> tuple[Password | XOAuth2, Callable[[], Awaitable[None]]]:
    """How to log in to the mailbox of replies over IMAP, and how to let go of what that took."""
    name = settings.replies.username or settings.replies_to
    if settings.replies.login == "password":
        return Password(name, settings.secrets.replies_password.get_secret_value()), _nothing_to_close
    login, sign_out = mail_login(settings.model_copy(update={"mail": settings.mail.model_copy(update={"by": "smtp", "login": "xoauth2"})}))
    assert isinstance(login, XOAuth2)
    return XOAuth2(name, login.token), sign_out


def mail_application(settings: Settings) -> Application:
    """The application that sends mail by Graph: its own, or the one that makes the Teams meetings."""
    wanted: MailSettings | TeamsSettings
    wanted, secret = settings.mail, settings.secrets.mail_client_secret
    if settings.mail_uses_teams:
        wanted, secret = settings.teams, settings.secrets.teams_client_secret
    return Application(settings.teams.base_url, wanted.authority, wanted.tenant_id, wanted.client_id, secret.get_secret_value())


def teams_application(settings: Settings) -> Application:
    """The application that makes Teams meetings."""
    wanted, secret = settings.teams, settings.secrets.teams_client_secret
    return Application(wanted.base_url, wanted.authority, wanted.tenant_id, wanted.client_id, secret.get_secret_value())


def teams_account(settings: Settings) -> TeamsAccount:
    """The application that makes Teams meetings, and how they are set."""
    wanted = settings.teams
    secret = settings.secrets.teams_client_secret.get_secret_value()
    return TeamsAccount(wanted.base_url, wanted.authority, wanted.tenant_id, wanted.client_id, secret, wanted.who_skips_the_lobby)


def zoom_account(settings: Settings) -> ZoomAccount:
    """The Zoom app, and how its meetings are set."""
    wanted = settings.zoom
    secret = settings.secrets.zoom_client_secret.get_secret_value()
    return ZoomAccount(
        wanted.api_base,
        wanted.oauth_base,
        wanted.account_id,
        wanted.client_id,
        secret,
        join_before_host=wanted.join_before_host,
        waiting_room=wanted.waiting_room,
    )
