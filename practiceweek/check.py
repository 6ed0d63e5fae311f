"""`practiceweek check`: every connection is tried, and what is missing is said in plain words. Nothing is changed anywhere.

Each part of the outside world has its own look (`bot.checking`, `integrations.*_check`); here they are given their
settings, taken side by side, and shown.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import httpx
import structlog
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.addresses import point_discord_at
from bot.checking import Wanted, look_at_discord
from bot.intents import wanted_intents
from domain.errors import OutsideError
from domain.findings import Finding, Sign, missing, off, ok, unsure
from domain.kinds import Provider
from integrations.graph_check import MAIL_ROLE, MEETINGS_ROLE, GraphLook, lobby
from integrations.mail_check import look_at_mail_server
from integrations.mail_line import MailServer
from integrations.outcomes import AccountRefused
from integrations.sender_check import EXCHANGE, SenderLook
from integrations.zoom_check import HostWish, ZoomLook
from practiceweek.database import looking as check_database
from practiceweek.processes.looking import look_at_pages
from practiceweek.services import make_replies
from practiceweek.settings.accounts import mail_application, mail_login, teams_application, zoom_account
from practiceweek.settings.checks import is_this_machine
from practiceweek.settings.installation import Settings, SettingsError
from practiceweek.times import utc_now

log = structlog.get_logger(__name__)

#: every step of a look has its own patience; this is for all of them together
_LONGEST_S = 180.0
_SIGNS = {Sign.OK: ("✓", "green"), Sign.MISSING: ("✗", "red"), Sign.UNSURE: ("?", "yellow"), Sign.OFF: ("–", "dim")}


@dataclass(frozen=True)
class Connection:
    """What was found out about one connection."""

    name: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Surroundings:
    """What a test brings of its own: whom to ask about names, and which certificates to trust."""

    nameserver: tuple[str, int] | None = None
    trust: ssl.SSLContext | None = None
    now: Callable[[], datetime] = utc_now


async def look(settings: Settings, around: Surroundings | None = None) -> tuple[Connection, ...]:
    """Try every connection, side by side."""
    around = around or Surroundings()
    looks: dict[str, Awaitable[Sequence[Finding]]] = {
        "Settings": _settings(settings),
        "Database": asyncio.to_thread(check_database.look_at_database, settings.database.url),
        **{f"Discord{_whose(settings, key)}": _discord(settings, key, around) for key in settings.partnership},
        **{f"E-mail{whose}": _mail(settings, sender, around) for sender, whose in _senders(settings).items()},
        **{f"Sender's domain{whose}": _sender(settings, sender, around) for sender, whose in _senders(settings).items()},
        **({"Replies": _replies(settings, around)} if settings.replies_to else {}),
        **({"Pages": _pages(settings, around)} if settings.web.enabled else {}),
        "Teams": _teams(settings, around),
        "Zoom": _zoom(settings, around),
    }
    found = await asyncio.gather(*(_guarded(name, one) for name, one in looks.items()))
    return tuple(Connection(name, tuple(_clean(settings, one) for one in findings)) for name, findings in zip(looks, found, strict=True))


def _whose(settings: Settings, *keys: str) -> str:
    """What is added to a connection's name where there are several partnerships."""
    return f" ({', '.join(keys)})" if len(settings.partnership) > 1 else ""


def _senders(settings: Settings) -> dict[str, str]:
    """Each address that mail comes from, and whose it is, as `_whose`."""
    keys: dict[str, list[str]] = {}
    for key, one in settings.partnership.items():
        keys.setdefault(settings.sender_of(one), []).append(key)
    return {sender: _whose(settings, *mine) for sender, mine in keys.items()}


async def _guarded(name: str, one: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(_LONGEST_S):
            return await one
    except TimeoutError:
        return [unsure("This took too long, so it was given up.", "Try again in a few minutes.")]
    except Exception as fault:
        log.exception("check.broken", connection=name)
        return [unsure(f"This could not be looked at: a fault of ours ({type(fault).__name__}).", "Please tell us.")]


def _clean(settings: Settings, finding: Finding) -> Finding:
    """No secret leaves, whatever a look may have put into a sentence."""
    sentence, remedy = finding.sentence, finding.remedy
    for secret in settings.secrets.values():
        sentence, remedy = sentence.replace(secret, "•••"), remedy.replace(secret, "•••")
    return Finding(finding.sign, sentence, remedy)


# ── the looks ───────────────────────────────────────────────────────────────────────────────────────────────


async def _settings(settings: Settings) -> list[Finding]:
    lacking = (*settings.missing_secrets(), *settings.missing_ids())
    found = [missing(*_halves(sentence)) for sentence in lacking]
    return found or [ok("The settings can be read, and every secret and id that they need is there.")]


def _halves(sentence: str) -> tuple[str, str]:
    """What is missing, and what to do."""
    said, _, remedy = sentence.partition(". ")
    return f"{said}.", remedy


async def _discord(settings: Settings, key: str, around: Surroundings) -> list[Finding]:
    partnership, token = settings.partnership[key], settings.secrets.discord_token.get_secret_value()
    if partnership.guild_id is None:
        return [off("Discord: not used.")]
    if not token:
        return [unsure("There is no bot token, so nothing could be looked at.")]
    url = settings.database.url
    known = await asyncio.to_thread(check_database.right_revision, url)
    places = await asyncio.to_thread(check_database.places, url, key) if known else []
    point_discord_at(settings.discord.api_base, settings.discord.gateway_url)
    wanted = Wanted(partnership.guild_id, partnership.organiser_roles, places, wanted_intents())
    return await look_at_discord(token, wanted, now=around.now())


async def _mail(settings: Settings, sender: str, around: Surroundings) -> list[Finding]:
    wanted = settings.mail
    if wanted.by == "graph":
        return await _mail_by_graph(settings, sender, around)
    login, sign_out = mail_login(settings)
    try:
        server = MailServer(wanted.host, wanted.port, wanted.security, login, wanted.timeout_seconds, around.trust)
        return await look_at_mail_server(server, sender, now=around.now())
    except ValueError as fault:
        return [missing(f"The settings for mail cannot be used: {fault}.", "See [mail] in config.example.toml.")]
    finally:
        await sign_out()


async def _mail_by_graph(settings: Settings, sender: str, around: Surroundings) -> list[Finding]:
    async with _http(settings.mail.timeout_seconds, around) as http:
        graph = GraphLook(mail_application(settings), http, now=around.now())
        found = await graph.sign_in()
        if graph.signed_in:
            found += [graph.role(MAIL_ROLE, "send mail"), await graph.mailbox(sender)]
        return found


async def _replies(settings: Settings, around: Surroundings) -> list[Finding]:
    try:
        box, sign_out = make_replies(settings, now=around.now, trust=around.trust)
    except SettingsError as fault:
        return [missing(f"The settings for replies cannot be used: {fault}.", "See [replies] in config.example.toml.")]
    assert box is not None
    try:
        await box.check()
    except AccountRefused as fault:
        return [missing(f"{fault.reason[:1].upper()}{fault.reason[1:]}.", "Compare [replies] with what your mail people tell you.")]
    except OutsideError as fault:
        return [unsure(f"{fault.reason[:1].upper()}{fault.reason[1:]}.", "Check replies.host and replies.port, or try again later.")]
    finally:
        await box.aclose()
        await sign_out()
    found = [ok(f"The mailbox of {settings.replies_to} can be looked into, so that a Decline gives a place back. Nothing was read.")]
    if not settings.replies.require_authenticated:
        found.append(
            unsure("Anybody can decline for another.", "Name your mail server in trusted_server, and set require_authenticated to true.")
        )
    return found


async def _pages(settings: Settings, around: Surroundings) -> list[Finding]:
    async with _http(10.0, around) as http:
        return await look_at_pages(settings, http)


async def _sender(settings: Settings, sender: str, around: Surroundings) -> list[Finding]:
    if settings.mail.by == "smtp" and is_this_machine(settings.mail.host):
        domain = sender.rpartition("@")[2]
        also = f"If it passes mail on to others, the DNS of {domain} has to name it: ask whoever keeps that."
        return [Finding(Sign.OFF, "SPF: not asked: the mail server is on this machine.", also)]
    server = EXCHANGE if settings.mail.by == "graph" else settings.mail.host
    return await SenderLook(sender, server, nameserver=around.nameserver).look()


async def _teams(settings: Settings, around: Surroundings) -> list[Finding]:
    wanted = settings.teams
    if not wanted.enabled:
        return [off("Teams is off in the settings.")]
    hosts = [host.account for host in settings.hosts(Provider.TEAMS)]
    async with _http(wanted.timeout_seconds, around) as http:
        graph = GraphLook(teams_application(settings), http, now=around.now())
        found = [*await graph.sign_in(), *_some(hosts, "Teams")]
        if graph.signed_in:
            role = graph.role(MEETINGS_ROLE, "make meetings")
            found.append(role)
            for host in hosts if role.sign is Sign.OK else ():  # without the role every host would be refused
                found += await graph.host(host)
        return found + lobby(wanted.who_skips_the_lobby)


async def _zoom(settings: Settings, around: Surroundings) -> list[Finding]:
    wanted = settings.zoom
    if not wanted.enabled:
        return [off("Zoom is off in the settings.")]
    hosts = [HostWish(host.account, host.at_once) for host in settings.hosts(Provider.ZOOM)]
    async with _http(wanted.timeout_seconds, around) as http:
        zoom = ZoomLook(zoom_account(settings), http, now=around.now())
        found = [*await zoom.sign_in(), *_some(hosts, "Zoom")]
        for host in hosts if zoom.signed_in else ():
            found += await zoom.host(host)
        return found


def _some(hosts: Sequence[object], service: str) -> list[Finding]:
    if hosts:
        return []
    said = f"{service} is on, but there is no host to hold its meetings."
    return [missing(said, "Add a [[partnership.<name>.hosts]] table: see the end of config.example.toml.")]


def _http(seconds: float, around: Surroundings) -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=httpx.Timeout(seconds, connect=min(seconds, 10.0)), verify=around.trust or True)


# ── showing it ──────────────────────────────────────────────────────────────────────────────────────────────


def is_fine(connections: Sequence[Connection]) -> bool:
    """Whether nothing is missing."""
    return all(finding.sign is not Sign.MISSING for one in connections for finding in one.findings)


def show(connections: Sequence[Connection], console: Console) -> None:
    """A table by connection, and one sentence."""
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(width=1)
    table.add_column(overflow="fold")
    for number, one in enumerate(connections):
        if number:
            table.add_row()
        table.add_row("", f"[bold]{escape(one.name)}[/bold]")
        for finding in one.findings:
            sign, colour = _SIGNS[finding.sign]
            table.add_row(f"[{colour}]{sign}[/{colour}]", escape(finding.sentence))
            if finding.remedy:
                table.add_row("", f"[dim]→ {escape(finding.remedy)}[/dim]")
    console.print(table, highlight=False)
    console.print(f"\n{_sum(connections)}", highlight=False)


def _sum(connections: Sequence[Connection]) -> str:
    signs = [finding.sign for one in connections for finding in one.findings]
    lacking, unclear = signs.count(Sign.MISSING), signs.count(Sign.UNSURE)
    if lacking:
        return f"{lacking} {'thing is' if lacking == 1 else 'things are'} missing: see each ✗."
    return f"Nothing is missing. {unclear} could not be told: see each ?." if unclear else "Nothing is missing."


def as_json(connections: Sequence[Connection]) -> str:
    """For `--json`."""
    told = {"fine": is_fine(connections), "connections": [asdict(one) for one in connections]}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
