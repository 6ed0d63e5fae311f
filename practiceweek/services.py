"""The outside services, made from the settings: mail in the name of each partnership, Teams and Zoom."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from domain.errors import BadInput, OutsideError
from domain.kinds import Provider
from domain.links import LinkKey
from domain.ports.limits import Limits
from domain.ports.meetings import MeetingProvider
from integrations.graph_mail import GraphMail
from integrations.ical import CalendarFiles
from integrations.letter_desk import LetterDesk, Stationery
from integrations.letters import Voice
from integrations.mail import Mail, MailServer, Password, XOAuth2
from integrations.mailbox_graph import GraphReplies
from integrations.mailbox_imap import ImapReplies, ImapServer
from integrations.mime import Sender
from integrations.teams import TeamsMeetings
from integrations.vouching import EXCHANGE, Voucher
from integrations.zoom import ZoomMeetings
from practiceweek.kept import Kept
from practiceweek.settings.accounts import mail_application, mail_login, replies_login, teams_account, zoom_account
from practiceweek.settings.installation import Settings, SettingsError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Services:
    """What a scheduler needs besides chat. Nothing is connected before the first call."""

    mail: Mail | GraphMail
    teams: TeamsMeetings | None
    zoom: ZoomMeetings | None
    sign_out: Callable[[], Awaitable[None]]  #: of the mail server's own sign-in, and of the mailbox's
    replies: ImapReplies | GraphReplies | None = None

    @property
    def providers(self) -> Mapping[Provider, MeetingProvider]:
        """Where meetings can be made."""
        return {provider: made for provider, made in ((Provider.TEAMS, self.teams), (Provider.ZOOM, self.zoom)) if made is not None}

    async def warm_up(self) -> None:
        """What is slow the first time, off the loop, before anyone waits for it. What fails here fails later by itself, and is said."""
        if self.teams is not None:
            await _warmed("teams.cold", self.teams.warm_up())
        if isinstance(self.mail, GraphMail):
            await _warmed("mail.cold", self.mail.warm_up())

    async def close(self) -> None:
        """Close every connection."""
        await self.mail.aclose()
        if self.replies is not None:
            await self.replies.aclose()
        await self.sign_out()
        for meetings in (self.teams, self.zoom):
            if meetings is not None:
                await meetings.aclose()


async def _warmed(cold: str, warming: Awaitable[None]) -> None:
    try:
        await warming
    except OutsideError as fault:
        log.warning(cold, reason=fault.reason)
    except Exception:
        log.exception(cold)


def make_services(settings: Settings, kept: Sequence[Kept], *, now: Callable[[], datetime], limits: Limits) -> Services:
    """Mail, and the meeting services that are switched on. Raises `SettingsError` for what only shows here."""
    login, sign_out = mail_login(settings)
    replies, let_go = make_replies(settings, now=now)

    async def sign_out_of_both() -> None:
        await sign_out()
        await let_go()

    return Services(
        mail=_mail(settings, kept, login, now, limits),
        teams=_teams(settings, limits) if settings.teams.enabled else None,
        zoom=_zoom(settings, limits) if settings.zoom.enabled else None,
        sign_out=sign_out_of_both,
        replies=replies,
    )


async def _nothing() -> None:
    pass


def make_replies(
    settings: Settings, *, now: Callable[[], datetime], trust: ssl.SSLContext | None = None
) -> tuple[ImapReplies | GraphReplies | None, Callable[[], Awaitable[None]]]:
    """The mailbox that replies come to, if it is read, and how to let go of its sign-in. Raises `SettingsError`."""
    wanted = settings.replies
    if wanted.by == "none":
        return None, _nothing
    if wanted.by == "graph":
        voucher = Voucher(EXCHANGE, wanted.require_authenticated)
        who, seconds = mail_application(settings), wanted.timeout_seconds
        return GraphReplies(who, settings.replies_to, voucher, now=now, folder=wanted.folder, seconds=seconds), _nothing
    login, let_go = replies_login(settings)
    try:
        server = ImapServer(wanted.host, wanted.port, wanted.security, login, wanted.folder, wanted.timeout_seconds, trust)
    except ValueError as fault:
        raise SettingsError(f"replies: {fault}") from None
    return ImapReplies(server, Voucher(wanted.trusted_server.strip(), wanted.require_authenticated), now=now), let_go


def link_key(settings: Settings) -> LinkKey | None:
    """The key of the links that mail carries; None: this installation has no pages."""
    if not settings.web.enabled:
        return None
    try:
        return LinkKey(settings.secrets.web_key.get_secret_value().encode())
    except ValueError:
        raise SettingsError("PRACTICEWEEK_WEB_KEY is too short. Use at least 32 letters and digits, chosen at random.") from None


def calendar_of(settings: Settings, one: Kept) -> CalendarFiles:
    """Calendar files in a partnership's name."""
    own = one.settings
    return CalendarFiles(own.name, settings.sender_of(own), reads_replies=_reads_replies(settings, one), has_chat=own.guild_id is not None)


def _reads_replies(settings: Settings, one: Kept) -> bool:
    """Whether what people answer to a partnership's invitations comes to the mailbox that is read."""
    return settings.sender_of(one.settings).casefold() == settings.replies_to.casefold()


def _stationery(settings: Settings, one: Kept) -> Stationery:
    name, contact, guild_id = one.settings.name, one.settings.contact, one.settings.guild_id
    chat = f"https://discord.com/channels/{guild_id}" if guild_id is not None else None
    web = settings.web.address if settings.web.enabled else None
    voice = Voice(name, contact, chat, web=web, reads_replies=_reads_replies(settings, one))
    return Stationery(Sender(name, settings.sender_of(one.settings)), voice, calendar_of(settings, one))


def _mail(
    settings: Settings, kept: Sequence[Kept], login: Password | XOAuth2 | None, now: Callable[[], datetime], limits: Limits
) -> Mail | GraphMail:
    wanted = settings.mail
    each = {one.id: _stationery(settings, one) for one in kept}
    first = each[kept[0].id]
    try:
        if wanted.by == "graph":
            desk = LetterDesk(first.sender, first.voice, first.calendars, now=now, limits=limits, each=each)
            return GraphMail(mail_application(settings), desk, seconds=wanted.timeout_seconds, at_once=wanted.connections)
        return Mail(
            MailServer(wanted.host, wanted.port, wanted.security, login, wanted.timeout_seconds),
            first.sender,
            first.voice,
            first.calendars,
            now=now,
            limits=limits,
            connections=wanted.connections,
            each=each,
        )
    except (ValueError, BadInput) as fault:
        raise SettingsError(f"mail: {fault}") from None


def _teams(settings: Settings, limits: Limits) -> TeamsMeetings:
    return TeamsMeetings(teams_account(settings), seconds=settings.teams.timeout_seconds, limits=limits)


def _zoom(settings: Settings, limits: Limits) -> ZoomMeetings:
    return ZoomMeetings(zoom_account(settings), seconds=settings.zoom.timeout_seconds, limits=limits)
