"""Settings in, one running program out: the only place that knows every part.

Nothing here decides anything; it makes each part from plain values and hands it to those that need it.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.addresses import point_discord_at
from bot.client import PracticeBot
from bot.delivery import BoardMessages, ChannelBoard, DirectMessages
from bot.surroundings import Surroundings
from domain.database import Db, Store
from domain.errors import BadInput, OutsideError
from domain.hosts import sync_hosts
from domain.kinds import Channel, Provider
from domain.letters.handing import six_digits
from domain.programmes import ensure_partnership
from domain.rules import Rules
from integrations.certificates import CertificateFiles
from integrations.form_files import TomlForms
from integrations.graph_mail import GraphMail
from integrations.holidays import english_bank_holidays
from integrations.ical import CalendarFiles
from integrations.letter_desk import LetterDesk
from integrations.letters import Voice
from integrations.mail import Mail, MailServer, Pace, Password, XOAuth2
from integrations.mime import Sender
from integrations.pictures import Charts
from integrations.report_page import page
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from integrations.sign_in import PrintedSignInSheets
from integrations.teams import TeamsMeetings
from integrations.zoom import ZoomMeetings
from practiceweek.accounts import mail_application, mail_login, teams_account, zoom_account
from practiceweek.settings import PartnershipSettings, Settings, SettingsError
from practiceweek.times import utc_now
from scheduler.clock import Clock
from scheduler.ticks import Ticks

log = structlog.get_logger(__name__)

#: direct messages a second: well under Discord's 50 requests, two of which each message needs
MESSAGES_PER_SECOND = 15.0


@dataclass(frozen=True)
class Pacing:
    """How calls to others are spread out. A rehearsal, whose clock stands still, spreads nothing."""

    messages_per_second: float | None = MESSAGES_PER_SECOND
    zoom_per_second: float = 10.0
    mail: bool = True


@dataclass(frozen=True)
class Program:
    """One running program. `await close()` lets go of everything it holds."""

    store: Store
    partnership_id: int
    rules: Rules
    bot: PracticeBot
    mail: Mail | GraphMail
    teams: TeamsMeetings | None
    zoom: ZoomMeetings | None
    ticks: Ticks
    clock: Clock
    sign_out: Callable[[], Awaitable[None]]  #: of the mail server's own sign-in

    async def warm_up(self) -> None:
        """What is slow the first time, off the loop, before anyone waits for it. What fails here fails later by itself, and is said."""
        if self.teams is not None:
            await _warmed("teams.cold", self.teams.warm_up())
        if isinstance(self.mail, GraphMail):
            await _warmed("mail.cold", self.mail.warm_up())

    async def close(self) -> None:
        """Close connections, then the database."""
        await self.mail.aclose()
        await self.sign_out()
        for meetings in (self.teams, self.zoom):
            if meetings is not None:
                await meetings.aclose()
        await asyncio.to_thread(self.store.close)


async def _warmed(cold: str, warming: Awaitable[None]) -> None:
    try:
        await warming
    except OutsideError as fault:
        log.warning(cold, reason=fault.reason)
    except Exception:
        log.exception(cold)


async def compose(
    settings: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
    digits: Callable[[], str] = six_digits,
    pacing: Pacing | None = None,
) -> Program:
    """Make every part and put them together. Nothing is connected yet. Raises `SettingsError` for what only shows here."""
    pacing = pacing or Pacing()
    _, partnership = settings.only_partnership
    rules = partnership.rules()
    point_discord_at(settings.discord.api_base, settings.discord.gateway_url)
    calendars = CalendarFiles(partnership.name, settings.mail.sender)
    login, sign_out = mail_login(settings)
    mail = _mail(settings, partnership, login, calendars, now, pacing)
    teams = _teams(settings) if settings.teams.enabled else None
    zoom = _zoom(settings, pacing) if settings.zoom.enabled else None
    store, partnership_id = await _open(settings)
    alarm = _Alarm()
    bot = PracticeBot(
        Surroundings(
            store=store,
            partnership_id=partnership_id,
            partnership_name=partnership.name,
            guild_id=partnership.guild_id,
            organiser_roles=frozenset(partnership.organiser_roles),
            rules=rules,
            clock=now,
            calendar=calendars,
            sheets=CalamineSheetReader(),
            pictures=Charts(),
            wake=alarm,
            holidays=english_bank_holidays(),
            sync_commands=settings.discord.sync_commands,
            report_page=page,
            certificates=CertificateFiles(),
            sign_in=PrintedSignInSheets(),
            sheet_writer=XlsxWriter(),
            forms=TomlForms(),
            contact=partnership.contact,
            mails_per_minute=settings.mail.per_minute if pacing.mail else None,
        )
    )
    ticks = Ticks(
        store,
        rules,
        clock=now,
        by=f"{socket.gethostname()[:30]}:{os.getpid()}",
        providers={provider: made for provider, made in ((Provider.TEAMS, teams), (Provider.ZOOM, zoom)) if made is not None},
        channels={
            Channel.EMAIL: mail,
            Channel.CHAT: DirectMessages(bot, per_second=pacing.messages_per_second),
            Channel.BOARD: BoardMessages(bot, partnership.guild_id),
        },
        board=ChannelBoard(bot, partnership.guild_id),
        digits=digits,
        certificates=CertificateFiles(),
    )
    clock = Clock(ticks, now=now)
    alarm.ring = clock.wake
    return Program(store, partnership_id, rules, bot, mail, teams, zoom, ticks, clock, sign_out)


class _Alarm:
    """What the bot calls when something is owed; it is made before the clock that it wakes."""

    def __init__(self) -> None:
        self.ring: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        self.ring()


async def _open(settings: Settings) -> tuple[Store, int]:
    """The store, and its partnership's id. A store that cannot be written to is closed again."""
    store = Store(settings.database.url)
    try:
        return store, await store.write(_partnership, *settings.only_partnership)
    except BaseException:
        await asyncio.to_thread(store.close)
        raise


def _partnership(db: Db, key: str, partnership: PartnershipSettings) -> int:
    partnership_id = ensure_partnership(db, key, partnership.name, partnership.guild_id)
    sync_hosts(db, partnership_id, [(host.provider, host.account, host.at_once, host.per_day) for host in partnership.hosts])
    return partnership_id


def _mail(
    settings: Settings,
    partnership: PartnershipSettings,
    login: Password | XOAuth2 | None,
    calendars: CalendarFiles,
    now: Callable[[], datetime],
    pacing: Pacing,
) -> Mail | GraphMail:
    wanted = settings.mail
    voice = Voice(partnership.name, partnership.contact, f"https://discord.com/channels/{partnership.guild_id}")
    sender, pace = Sender(partnership.name, wanted.sender), Pace(wanted.per_minute) if pacing.mail else None
    if wanted.by == "graph":
        desk = LetterDesk(sender, voice, calendars, now=now, pace=pace)
        return GraphMail(mail_application(settings), desk, seconds=wanted.timeout_seconds, at_once=wanted.connections)
    try:
        return Mail(
            MailServer(wanted.host, wanted.port, wanted.security, login, wanted.timeout_seconds),
            sender,
            voice,
            calendars,
            now=now,
            pace=pace,
            connections=wanted.connections,
        )
    except (ValueError, BadInput) as fault:
        raise SettingsError(f"mail: {fault}") from None


def _teams(settings: Settings) -> TeamsMeetings:
    return TeamsMeetings(teams_account(settings), seconds=settings.teams.timeout_seconds)


def _zoom(settings: Settings, pacing: Pacing) -> ZoomMeetings:
    account = zoom_account(settings, per_second=pacing.zoom_per_second)
    return ZoomMeetings(account, seconds=settings.zoom.timeout_seconds)
