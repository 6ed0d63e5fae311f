"""The settings: a TOML file, and secrets from the environment only.

`load(path)` reads and checks the whole; what is wrong is said in sentences, one a line. Every base address is a
setting, so that national clouds and local stand-ins differ only here.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from domain.kinds import Provider
from domain.rules import Rules
from practiceweek.settings_checks import ONE_PARTNERSHIP, Duration, GraphAddress, OneAddress, WebAddress, begins, sentence


class SettingsError(Exception):
    """The settings cannot be used; str() says why, one sentence a line."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(_Table):
    url: Annotated[str, begins("sqlite:///")] = Field("sqlite:///practiceweek.sqlite", description="where the database is: sqlite:///FILE")


class LogSettings(_Table):
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is written: debug, info, warning or error")
    format: Literal["text", "json"] = Field("text", description="text for people, json for machines")


class DiscordSettings(_Table):
    api_base: WebAddress = Field("https://discord.com", description="Discord's REST address, without /api")
    gateway_url: Annotated[str, begins("wss://", "ws://")] = Field("wss://gateway.discord.gg/", description="Discord's gateway address")
    sync_commands: bool = Field(True, description="tell Discord about the commands at start")


class MailSettings(_Table):
    by: Literal["smtp", "graph"] = Field("smtp", description="smtp, or graph for Exchange without a password")
    host: str = Field("localhost", description="the SMTP server's name")
    port: int = Field(587, ge=1, le=65535, description="its port: 587 for starttls, 465 for tls")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls, or none (only for a server on this machine)"
    )
    login: Literal["none", "password", "xoauth2"] = Field("password", description="none, password or xoauth2")
    username: str = Field("", description="the account that logs in")
    authority: str = Field("https://login.microsoftonline.com", description="for xoauth2 and graph: where tokens come from")
    tenant_id: str = Field("", description="for xoauth2 and graph: the directory's id; by graph, empty is the one of [teams]")
    client_id: str = Field("", description="for xoauth2 and graph: the application's id; by graph, empty is the one of [teams]")
    scope: str = Field("https://outlook.office365.com/.default", description="for xoauth2: what the token is for")
    sender: OneAddress = Field("practice-week@example.org", description="the address that mail comes from; by graph: its mailbox")
    per_minute: int = Field(30, ge=1, description="messages a minute at most; Exchange takes 30")
    connections: int = Field(2, ge=1, le=10, description="connections to the server at once")
    timeout_seconds: float = Field(30, gt=0, description="how long to wait for the server")


class TeamsSettings(_Table):
    enabled: bool = Field(False, description="make Teams meetings")
    base_url: GraphAddress = Field("https://graph.microsoft.com/v1.0", description="Microsoft Graph's address; mail by graph uses it too")
    authority: WebAddress = Field("https://login.microsoftonline.com", description="where tokens come from")
    tenant_id: str = Field("", description="the directory's id")
    client_id: str = Field("", description="the application's id")
    who_skips_the_lobby: Literal["everyone", "organization", "organizationAndFederated", "invited", "organizer"] = Field(
        "everyone", description="who skips the lobby, so that nobody must sit in front of the host account"
    )
    timeout_seconds: float = Field(30, gt=0, description="how long to wait for Graph")


class ZoomSettings(_Table):
    enabled: bool = Field(False, description="make Zoom meetings")
    api_base: WebAddress = Field("https://api.zoom.us/v2", description="Zoom's address")
    oauth_base: WebAddress = Field("https://zoom.us", description="where Zoom's tokens come from")
    account_id: str = Field("", description="the account's id")
    client_id: str = Field("", description="the server-to-server app's id")
    join_before_host: bool = Field(True, description="people may join before the host")
    waiting_room: bool = Field(False, description="people wait until they are let in")
    timeout_seconds: float = Field(30, gt=0, description="how long to wait for Zoom")


class HostSettings(_Table):
    provider: Literal[Provider.TEAMS, Provider.ZOOM] = Field(description="teams or zoom")
    account: str = Field(min_length=1, description="Teams: the organiser's object id; Zoom: the user's id or address")
    at_once: int = Field(1, ge=1, description="meetings it may run at once; Zoom Pro 1, Business 2, Teams as you like")
    per_day: int | None = Field(None, ge=1, description="creates and changes a day; Zoom allows 100")


class PartnershipSettings(_Table):
    name: str = Field(min_length=1, description="the partnership's name, as people know it")
    guild_id: int = Field(ge=1, description="the Discord server's id")
    organiser_roles: tuple[int, ...] = Field((), description="ids of the Discord roles whose members organise")
    contact: str = Field("", description="whom to ask: a name, an address or a telephone number, shown in every mail")
    mail_domains: tuple[str, ...] = Field((), description="mail domains that may sign up; empty: any")
    organisations: tuple[str, ...] = Field((), description="organisations to offer at sign-up")
    reminders: tuple[Duration, ...] = Field(
        (timedelta(hours=24), timedelta(hours=1)), description="how long before the start people are reminded"
    )
    hold: Duration = Field(timedelta(minutes=30), description="how long a place is kept until an address is proven")
    offer: Duration = Field(timedelta(hours=12), description="how long a place that clashes is offered")
    cutoff: Duration = Field(timedelta(hours=2), description="from this long before the start nobody is promoted")
    clash_tolerance: Duration = Field(timedelta(minutes=5), description="an overlap up to this long is no clash")
    settle: Duration = Field(timedelta(minutes=2), description="how long an edit rests before people are told")
    link_patience: Duration = Field(timedelta(minutes=30), description="how long an invitation waits for its link")
    feedback_open: Duration = Field(timedelta(days=7), description="how long feedback is taken after a session")
    minimum_answers: int = Field(5, ge=1, description="results show from this many answers")
    host_padding: Duration = Field(timedelta(minutes=10), description="how long either side of a session its host is kept free")
    needs_kept: Duration = Field(timedelta(days=30), description="how long after a session what people need for it is kept")
    hosts: tuple[HostSettings, ...] = Field((), description="accounts that hold meetings, each a [[partnership.<name>.hosts]] table")

    def rules(self) -> Rules:
        """The decisions that use cases need."""
        return Rules(
            hold=self.hold,
            offer=self.offer,
            cutoff=self.cutoff,
            clash_tolerance=self.clash_tolerance,
            settle=self.settle,
            link_patience=self.link_patience,
            reminders=self.reminders,
            feedback_open=self.feedback_open,
            minimum_answers=self.minimum_answers,
            mail_domains=self.mail_domains,
            host_padding=self.host_padding,
            needs_kept=self.needs_kept,
            organisations=self.organisations,
        )


class Secrets(BaseSettings):
    """Read from the environment, never from a file."""

    model_config = SettingsConfigDict(env_prefix="PRACTICEWEEK_", extra="ignore", frozen=True)

    discord_token: SecretStr = SecretStr("")
    mail_password: SecretStr = SecretStr("")
    mail_client_secret: SecretStr = SecretStr("")
    teams_client_secret: SecretStr = SecretStr("")
    zoom_client_secret: SecretStr = SecretStr("")

    def values(self) -> tuple[str, ...]:
        """Every secret that is set, to keep it out of the log."""
        known: list[SecretStr] = [getattr(self, name) for name in type(self).model_fields]
        return tuple(secret.get_secret_value() for secret in known if secret.get_secret_value())


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    database: DatabaseSettings = DatabaseSettings()
    log: LogSettings = LogSettings()
    discord: DiscordSettings = DiscordSettings()
    mail: MailSettings = MailSettings()
    teams: TeamsSettings = TeamsSettings()
    zoom: ZoomSettings = ZoomSettings()
    partnership: dict[str, PartnershipSettings] = Field(description="one table for each partnership; exactly one for now")
    secrets: Secrets = Field(default_factory=Secrets, exclude=True)

    @field_validator("partnership")
    @classmethod
    def _exactly_one(cls, value: dict[str, PartnershipSettings]) -> dict[str, PartnershipSettings]:
        if len(value) != 1:
            raise ValueError(ONE_PARTNERSHIP)
        return value

    @model_validator(mode="after")
    def _hosts_have_their_service(self) -> Settings:
        for host in self.only_partnership[1].hosts:
            if not (self.teams.enabled if host.provider is Provider.TEAMS else self.zoom.enabled):
                raise ValueError(f"there are {host.provider} hosts, but [{host.provider}] is not enabled")
        return self

    @property
    def only_partnership(self) -> tuple[str, PartnershipSettings]:
        """The one partnership: its key and its settings."""
        return next(iter(self.partnership.items()))

    def missing_secrets(self) -> tuple[str, ...]:
        """A sentence for each secret that is needed to run and not set."""
        secrets, by_smtp = self.secrets, self.mail.by == "smtp"
        own_secret = self.mail.login == "xoauth2" if by_smtp else not self.mail_uses_teams
        needed = (
            (True, "There is no bot token", "discord_token"),
            (by_smtp and self.mail.login == "password", "There is no password for mail", "mail_password"),
            (own_secret, "There is no client secret for mail", "mail_client_secret"),
            (self.teams.enabled, "There is no client secret for Teams", "teams_client_secret"),
            (self.zoom.enabled, "There is no client secret for Zoom", "zoom_client_secret"),
        )
        return tuple(
            f"{sentence}. Set PRACTICEWEEK_{name.upper()} in the environment."
            for wanted, sentence, name in needed
            if wanted and not getattr(secrets, name).get_secret_value()
        )

    @property
    def mail_uses_teams(self) -> bool:
        """Whether mail by Graph goes through the application that makes the Teams meetings."""
        return self.teams.enabled and not self.mail.tenant_id and not self.mail.client_id

    def missing_ids(self) -> tuple[str, ...]:
        """A sentence for each id that is needed to run and empty."""
        own = self.mail.login == "xoauth2" if self.mail.by == "smtp" else not self.mail_uses_teams
        needed = (
            (own, "mail", "tenant_id", "the directory's id"),
            (own, "mail", "client_id", "the application's id"),
            (self.teams.enabled, "teams", "tenant_id", "the directory's id"),
            (self.teams.enabled, "teams", "client_id", "the application's id"),
            (self.zoom.enabled, "zoom", "account_id", "the account's id"),
            (self.zoom.enabled, "zoom", "client_id", "the app's id"),
        )
        return tuple(
            f"{table}.{name} is empty. Write {what} there, or do without: see [{table}] in config.example.toml."
            for wanted, table, name, what in needed
            if wanted and not getattr(getattr(self, table), name).strip()
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
    return from_tables(tables)


def from_tables(tables: dict[str, Any]) -> Settings:
    """Check tables that were read or made. Raises `SettingsError`."""
    if "secrets" in tables:
        raise SettingsError("Secrets belong in the environment, not in the file: see the end of config.example.toml.")
    try:
        return Settings(**tables)
    except ValidationError as faults:
        raise SettingsError("\n".join(sentence(fault) for fault in faults.errors(include_url=False, include_input=False))) from None
