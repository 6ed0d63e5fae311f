"""The settings: a TOML file, and secrets from the environment only.

`load(path)` reads and checks the whole; what is wrong is said in sentences, one a line. Every base address is a
setting, so that national clouds and local stand-ins differ only here.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from domain.kinds import Provider
from practiceweek.settings.checks import (
    A_PARTNERSHIP,
    A_SERVER,
    sentence,
    shared,
    without_unknown,
)
from practiceweek.settings.faults import SettingsError
from practiceweek.settings.partnership import HostSettings, PartnershipSettings
from practiceweek.settings.tables import (
    DatabaseSettings,
    DiscordSettings,
    LogSettings,
    MailSettings,
    MetricsSettings,
    RepliesSettings,
    TeamsSettings,
    WebSettings,
    ZoomSettings,
)

__all__ = ["Settings", "SettingsError", "load"]


#: the first words of pages that are no partnership's
PATHS = frozenset(
    {"accessibility", "assets", "calendar", "feedback", "handed", "invited", "join", "mine", "organise", "presenting", "privacy", "prove"}
)

#: where a secret is found
_WHERE = {
    "discord_token": " It is in Discord's developer portal, under Bot.",
    "web_key": ' Make one with: echo "PRACTICEWEEK_WEB_KEY=$(openssl rand -base64 32)"',
}


class Secrets(BaseSettings):
    """Read from the environment, never from a file."""

    model_config = SettingsConfigDict(env_prefix="PRACTICEWEEK_", extra="ignore", frozen=True)

    discord_token: SecretStr = SecretStr("")
    mail_password: SecretStr = SecretStr("")
    mail_client_secret: SecretStr = SecretStr("")
    replies_password: SecretStr = SecretStr("")
    teams_client_secret: SecretStr = SecretStr("")
    zoom_client_secret: SecretStr = SecretStr("")
    web_key: SecretStr = SecretStr("")

    def values(self) -> tuple[str, ...]:
        """Every secret that is set, to keep it out of the log."""
        known: list[SecretStr] = [getattr(self, name) for name in type(self).model_fields]
        return tuple(secret.get_secret_value() for secret in known if secret.get_secret_value())


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    database: DatabaseSettings = DatabaseSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    web: WebSettings = WebSettings()
    discord: DiscordSettings = DiscordSettings()
    mail: MailSettings = MailSettings()
    replies: RepliesSettings = RepliesSettings()
    teams: TeamsSettings = TeamsSettings()
    zoom: ZoomSettings = ZoomSettings()
    partnership: dict[str, PartnershipSettings] = Field(description="one table for each partnership")
    secrets: Secrets = Field(default_factory=Secrets, exclude=True)

    @field_validator("partnership")
    @classmethod
    def _apart(cls, value: dict[str, PartnershipSettings]) -> dict[str, PartnershipSettings]:
        """Each has a server and hosts of its own: by the server a command finds its partnership, and each books its hosts alone."""
        if not value:
            raise ValueError(A_PARTNERSHIP)
        if taken := sorted(PATHS & value.keys()):
            raise ValueError(f"{taken[0]} is the address of a page of ours. Give the table another name")
        if two := shared((name, one.guild_id) for name, one in value.items() if one.guild_id is not None):
            raise ValueError(f"{two[0]} and {two[1]} have the same guild_id. Each partnership needs a Discord server of its own")
        accounts = ((name, (host.provider, host.account.strip().casefold())) for name, one in value.items() for host in one.hosts)
        if two := shared(accounts):
            raise ValueError(
                f"{two[0]} and {two[1]} have the same host. A host that both could book would be booked twice: give each its own"
            )
        return value

    @model_validator(mode="after")
    def _hosts_have_their_service(self) -> Settings:
        for provider in {host.provider: None for host in self.hosts()}:
            if not (self.teams.enabled if provider is Provider.TEAMS else self.zoom.enabled):
                raise ValueError(
                    f"there are {provider.title()} hosts, but {provider.title()} is not switched on. "
                    f"Write enabled = true below [{provider}], or take the hosts out"
                )
        return self

    @model_validator(mode="after")
    def _somewhere_to_come(self) -> Settings:
        """A number that was forgotten is told from a partnership that has no server: that one has pages."""
        for name, one in self.partnership.items():
            if one.guild_id is None and not self.web.enabled:
                raise ValueError(
                    f"partnership.{name} has no guild_id, and there are no pages. Without Discord, write enabled = true below [web]. "
                    f"With it, write guild_id. {A_SERVER}"
                )
        return self

    @property
    def uses_discord(self) -> bool:
        """Whether any partnership has a Discord server."""
        return any(one.guild_id is not None for one in self.partnership.values())

    def hosts(self, provider: Provider | None = None) -> tuple[HostSettings, ...]:
        """The accounts that hold meetings, of every partnership; of one service only, if it is named."""
        every = (host for one in self.partnership.values() for host in one.hosts)
        return tuple(host for host in every if provider in (None, host.provider))

    def chosen(self, name: str | None = None) -> tuple[str, PartnershipSettings]:
        """The partnership of this name, or the only one: its key and its settings. Raises `SettingsError` where it is not clear which."""
        if name is None and len(self.partnership) == 1:
            return next(iter(self.partnership.items()))
        named = ", ".join(self.partnership)
        if name is None:
            raise SettingsError(f"There are several partnerships: {named}. Say which one you mean, with --partnership NAME.")
        if name not in self.partnership:
            raise SettingsError(f"There is no partnership {name} in the settings. They name: {named}.")
        return name, self.partnership[name]

    def of_one(self, name: str) -> Settings:
        """The same settings, as if there were this partnership alone. Raises `SettingsError`."""
        key, one = self.chosen(name)
        return self.model_copy(update={"partnership": {key: one}})

    def sender_of(self, partnership: PartnershipSettings) -> str:
        """The address that a partnership's mail comes from."""
        return partnership.sender or self.mail.sender

    def missing_secrets(self) -> tuple[str, ...]:
        """A sentence for each secret that is needed to run and not set."""
        secrets, by_smtp = self.secrets, self.mail.by == "smtp"
        own_secret = self.mail.login == "xoauth2" if by_smtp else not self.mail_uses_teams
        needed = (
            (self.uses_discord, "There is no bot token", "discord_token"),
            (by_smtp and self.mail.login == "password", "There is no password for mail", "mail_password"),
            (own_secret or self._replies_need_own, "There is no client secret for mail", "mail_client_secret"),
            (self.replies.by == "imap" and self.replies.login == "password", "There is no password for replies", "replies_password"),
            (self.teams.enabled, "There is no client secret for Teams", "teams_client_secret"),
            (self.zoom.enabled, "There is no client secret for Zoom", "zoom_client_secret"),
            (self.web.enabled, "There is no key for the links in e-mails", "web_key"),
        )
        return tuple(
            f"{sentence}. Set PRACTICEWEEK_{name.upper()} in the environment.{_WHERE.get(name, '')}"
            for wanted, sentence, name in needed
            if wanted and not getattr(secrets, name).get_secret_value()
        )

    def missing_for_pages(self) -> tuple[str, ...]:
        """A sentence for what a process of pages alone needs, and has not."""
        return tuple(one for one in self.missing_secrets() if "PRACTICEWEEK_WEB_KEY" in one)

    @property
    def _replies_need_own(self) -> bool:
        """Whether replies are read by an application of mail's own."""
        by_token = self.replies.by == "imap" and self.replies.login == "xoauth2"
        return by_token or (self.replies.by == "graph" and not self.mail_uses_teams)

    @property
    def replies_to(self) -> str:
        """The mailbox that replies are read from; empty: none is."""
        return "" if self.replies.by == "none" else self.replies.mailbox or self.mail.sender

    @property
    def mail_uses_teams(self) -> bool:
        """Whether mail by Graph goes through the application that makes the Teams meetings."""
        return self.teams.enabled and not self.mail.tenant_id and not self.mail.client_id

    def missing_ids(self) -> tuple[str, ...]:
        """A sentence for each id or address that is needed to run and empty."""
        own = (self.mail.login == "xoauth2" if self.mail.by == "smtp" else not self.mail_uses_teams) or self._replies_need_own
        by_imap = self.replies.by == "imap"
        needed = (
            (by_imap, "replies", "host", "the server's name"),
            (by_imap and self.replies.require_authenticated, "replies", "trusted_server", "what your mail people tell you"),
            (own, "mail", "tenant_id", "the directory's id"),
            (own, "mail", "client_id", "the application's id"),
            (self.teams.enabled, "teams", "tenant_id", "the directory's id"),
            (self.teams.enabled, "teams", "client_id", "the application's id"),
            (self.zoom.enabled, "zoom", "account_id", "the account's id"),
            (self.zoom.enabled, "zoom", "client_id", "the app's id"),
        )
        nobody = (
            f"partnership.{name}.organisers is empty. Write an e-mail address there: without Discord, organisers sign in by e-mail."
            for name, one in self.partnership.items()
            if one.guild_id is None and not one.organisers
        )
        return (
            *nobody,
            *(
                f"{table}.{name} is empty. Write {what} there, or do without: see [{table}] in config.example.toml."
                for wanted, table, name, what in needed
                if wanted and not getattr(getattr(self, table), name).strip()
            ),
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands in: the environment cannot change a table by accident."""
        return (init_settings,)


def load(path: Path) -> Settings:
    """Read and check a configuration. Raises `SettingsError` with a sentence for each fault."""
    try:
        tables = TomlConfigSettingsSource(Settings, path)() if path.is_file() else None
    except tomllib.TOMLDecodeError as fault:
        raise SettingsError(f"{path} is not a TOML file: {fault}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not a TOML file: it is not UTF-8 text.") from None
    except OSError as fault:
        raise SettingsError(f"{path} could not be read: {fault.strerror}.") from None
    if tables is None:
        raise SettingsError(f"There is no file {path}. Copy config.example.toml to begin.")
    return from_tables(tables, file=str(path))


def from_tables(tables: dict[str, Any], *, file: str = "the file") -> Settings:
    """Check tables that were read or made. Raises `SettingsError`."""
    if "secrets" in tables:
        raise SettingsError("Secrets belong in the environment, not in the file: see the end of config.example.toml.")
    told = _faults(tables)
    if not told:
        return Settings(**tables)
    known = {fault["loc"] for fault in told}
    beyond = [fault for fault in _faults(without_unknown(tables, told)) if fault["loc"] not in known]
    raise SettingsError("\n".join(sentence(fault, file) for fault in (*told, *beyond)))


def _faults(tables: dict[str, Any]) -> list[ErrorDetails]:
    """What is wrong. How settings go together is looked at only where each by itself can be used."""
    try:
        Settings(**tables)
    except ValidationError as faults:
        return faults.errors(include_url=False, include_input=False)
    return []
