"""The tables of the settings file that are about this installation's own parts and the services that it uses, one class each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from practiceweek.settings.checks import (
    DatabaseAddress,
    GraphAddress,
    NoOrOneAddress,
    OneAddress,
    PagesAddress,
    Proxy,
    WebAddress,
    begins,
)
from practiceweek.settings.partnership import Table


class DatabaseSettings(Table):
    url: DatabaseAddress = Field(
        "sqlite:///practiceweek.sqlite",
        description="where the database is: sqlite:///FILE, or postgresql+psycopg://NAME@SERVER/DATABASE. "
        "A relative FILE counts from the folder in which the program is started; a full path has four strokes",
    )


class LogSettings(Table):
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is written: debug, info, warning or error")
    format: Literal["text", "json"] = Field("text", description="text for people, json for machines")


class MetricsSettings(Table):
    enabled: bool = Field(False, description="tell Prometheus how it goes, at /metrics, and a monitor at /health")
    host: str = Field("127.0.0.1", min_length=1, description="where they are asked; as it is, from this machine only")
    port: int = Field(9464, ge=0, le=65535, description="the port; 0: any that is free")


class WebSettings(Table):
    enabled: bool = Field(False, description="have pages, feeds and links in e-mails, for people without Discord")
    address: PagesAddress = Field(
        "https://practice-week.example.org", description="where people open the pages: https://, unless it is this machine"
    )
    host: str = Field("127.0.0.1", min_length=1, description="where this program listens; a web server in front passes requests on")
    port: int = Field(8080, ge=0, le=65535, description="the port; 0: any that is free")
    proxies: tuple[Proxy, ...] = Field(
        ("127.0.0.1",), description="IP addresses of web servers in front, whose word on who asks is believed"
    )


class DiscordSettings(Table):
    api_base: WebAddress = Field("https://discord.com", description="Discord's REST address, without /api")
    gateway_url: Annotated[str, begins("wss://", "ws://")] = Field("wss://gateway.discord.gg/", description="Discord's gateway address")
    sync_commands: bool = Field(True, description="tell Discord about the commands at start")


class MailSettings(Table):
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


class RepliesSettings(Table):
    by: Literal["none", "imap", "graph"] = Field("none", description="none, imap, or graph for Exchange without a password")
    mailbox: NoOrOneAddress = Field("", description="the address that invitations come from; empty: the sender of [mail]")
    host: str = Field("", description="the IMAP server's name")
    port: int = Field(993, ge=1, le=65535, description="its port: 993 for tls, 143 for starttls")
    security: Literal["tls", "starttls", "none"] = Field("tls", description="tls, starttls, or none (only for a server on this machine)")
    login: Literal["password", "xoauth2"] = Field("password", description="password, or xoauth2 with the application of [mail]")
    username: str = Field("", description="the account that logs in; empty: the mailbox")
    folder: str = Field("inbox", min_length=1, description="the folder that replies arrive in")
    trusted_server: str = Field("", description="the name that your mail server writes first in Authentication-Results; or exchange")
    require_authenticated: bool = Field(True, description="believe only whom trusted_server has proven: else one can decline for another")
    timeout_seconds: float = Field(30, gt=0, description="how long to wait for the mailbox")


class TeamsSettings(Table):
    enabled: bool = Field(False, description="make Teams meetings")
    base_url: GraphAddress = Field("https://graph.microsoft.com/v1.0", description="Microsoft Graph's address; mail by graph uses it too")
    authority: WebAddress = Field("https://login.microsoftonline.com", description="where tokens come from")
    tenant_id: str = Field("", description="the directory's id")
    client_id: str = Field("", description="the application's id")
    who_skips_the_lobby: Literal["everyone", "organization", "organizationAndFederated", "invited", "organizer"] = Field(
        "everyone", description="who skips the lobby, so that nobody must sit in front of the host account"
    )
    timeout_seconds: float = Field(30, gt=0, description="how long to wait for Graph")


class ZoomSettings(Table):
    enabled: bool = Field(False, description="make Zoom meetings")
    api_base: WebAddress = Field("https://api.zoom.us/v2", description="Zoom's address")
    oauth_base: WebAddress = Field("https://zoom.us", description="where Zoom's tokens come from")
    account_id: str = Field("", description="the account's id")
    client_id: str = Field("", description="the server-to-server app's id")
    join_before_host: bool = Field(True, description="people may join before the host")
    waiting_room: bool = Field(False, description="people wait until they are let in")
    per_second: int = Field(10, ge=1, description="calls a second at most; Zoom takes 2 from a free account, 20 from Pro, 60 from Business")
    timeout_seconds: float = Field(30, gt=0, description="how long to wait for Zoom")
