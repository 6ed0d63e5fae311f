"""Settings in, one running program out: the only place that knows every part.

Nothing here decides anything; it makes each part from plain values and hands it to those that need it. Each part is made by a
function of its own, so that a process may have the bot, the clock, or both:

    open_store ──► make_bot                                    the bot
        │              │
        └──► make_services ──► make_ticks ──► Clock            the scheduler; it needs a bot only to write with
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from bot.addresses import point_discord_at
from bot.client import PracticeBot
from bot.delivery import BoardMessages, ChannelBoard, DirectMessages
from bot.no_server import NoServer
from bot.surroundings import Surroundings
from domain.database import Store
from domain.kinds import Channel
from domain.letters.handing import six_digits
from domain.limits import Unlimited
from domain.links import LinkKey
from domain.ports.limits import Limits
from domain.rules import Rules
from integrations.certificates import CertificateFiles
from integrations.form_files import TomlForms
from integrations.holidays import english_bank_holidays
from integrations.own_process import in_own_process
from integrations.person_files import PersonFiles
from integrations.pictures import Charts
from integrations.report_page import page
from integrations.sheet_writer import XlsxWriter
from integrations.sheets import CalamineSheetReader
from integrations.sign_in import PrintedSignInSheets
from practiceweek.kept import Kept, book_of, open_store, with_server
from practiceweek.limits import shared_limits
from practiceweek.processes.naming import process_name
from practiceweek.services import Services, calendar_of, link_key, make_services
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now
from scheduler.clock import Clock
from scheduler.reading import ReplyReading
from scheduler.ticks import Ticks


@dataclass(frozen=True)
class Program:
    """One running program. `await close()` lets go of everything it holds."""

    store: Store
    kept: tuple[Kept, ...]
    bot: PracticeBot | None  #: None: no partnership has a Discord server
    services: Services
    ticks: Ticks
    clock: Clock

    @property
    def partnership_id(self) -> int:
        """The partnership, where there is one: a rehearsal's."""
        (only,) = self.kept
        return only.id

    @property
    def rules(self) -> Rules:
        """As `partnership_id`."""
        (only,) = self.kept
        return only.rules

    async def warm_up(self) -> None:
        """What is slow the first time, off the loop, before anyone waits for it."""
        await self.services.warm_up()

    async def close(self) -> None:
        """Close connections, then the database."""
        await self.services.close()
        await asyncio.to_thread(self.store.close)


class Alarm:
    """What the bot calls when something is owed; it is made before the clock that it wakes."""

    def __init__(self) -> None:
        self.ring: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        self.ring()


async def compose(
    settings: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
    digits: Callable[[], str] = six_digits,
    limits: Limits | None = None,
) -> Program:
    """Make every part and put them together. Nothing is connected yet. Raises `SettingsError` for what only shows here.

    `limits`: those of others, as the settings say; a rehearsal, whose clock stands still, hands in that there are none.
    """
    async with AsyncExitStack() as undone:
        store, kept = await open_store(settings)
        undone.push_async_callback(asyncio.to_thread, store.close)
        limits = limits or shared_limits(settings, store, now=now)
        alarm = Alarm()
        services = make_services(settings, kept, now=now, limits=limits)
        undone.push_async_callback(services.close)
        bot = make_bot(settings, store, kept, now=now, wake=alarm, limits=limits)
        ticks = make_ticks(store, kept, services, bot, now=now, digits=digits, limits=limits, links=link_key(settings))
        undone.pop_all()  # everything stands
    clock = Clock(ticks, now=now)
    alarm.ring = clock.wake
    return Program(store, kept, bot, services, ticks, clock)


def make_bot(
    settings: Settings, store: Store, kept: Sequence[Kept], *, now: Callable[[], datetime], wake: Callable[[], None], limits: Limits
) -> PracticeBot | None:
    """The bot of every partnership with a server; None where there is none. Not connected; to write with it, `bot.login` is enough."""
    served = with_server(kept)
    if not served:
        return None
    point_discord_at(settings.discord.api_base, settings.discord.gateway_url)
    per_minute = None if isinstance(limits, Unlimited) else settings.mail.per_minute
    return PracticeBot(*(_surroundings(settings, store, one, now, wake, per_minute) for one in served), limits=limits)


def _surroundings(
    settings: Settings, store: Store, one: Kept, now: Callable[[], datetime], wake: Callable[[], None], per_minute: int | None
) -> Surroundings:
    assert one.settings.guild_id is not None
    return Surroundings(
        store=store,
        partnership_id=one.id,
        partnership_name=one.settings.name,
        guild_id=one.settings.guild_id,
        organiser_roles=frozenset(one.settings.organiser_roles),
        rules=one.rules,
        clock=now,
        calendar=calendar_of(settings, one),
        sheets=CalamineSheetReader(),
        pictures=Charts(),
        wake=wake,
        holidays=english_bank_holidays(),
        sync_commands=settings.discord.sync_commands,
        report_page=page,
        person_files=PersonFiles(),
        certificates=CertificateFiles(),
        sign_in=PrintedSignInSheets(),
        sheet_writer=XlsxWriter(),
        forms=TomlForms(),
        contact=one.settings.contact,
        mails_per_minute=per_minute,
        pages=f"{settings.web.address.rstrip('/')}/{one.key}" if settings.web.enabled else "",
        aside=in_own_process,
    )


def make_ticks(
    store: Store,
    kept: Sequence[Kept],
    services: Services,
    bot: PracticeBot | None,
    *,
    now: Callable[[], datetime],
    digits: Callable[[], str],
    limits: Limits,
    links: LinkKey | None,
) -> Ticks:
    """The passes of the clock, with everything that they write and call with."""
    book, served = book_of(kept), frozenset(one.id for one in with_server(kept))
    none = frozenset(one.id for one in kept) - served  # whose letters go by mail alone
    direct = DirectMessages(bot, limits=limits, whose=served, clock=now) if bot is not None else None
    posted = BoardMessages(bot, limits=limits, whose=served) if bot is not None else None
    return Ticks(
        store,
        book,
        clock=now,
        by=process_name(),
        providers=services.providers,
        channels={
            Channel.EMAIL: services.mail,
            Channel.CHAT: NoServer(none, direct),
            Channel.BOARD: NoServer(none, posted),
        },
        board=ChannelBoard(bot) if bot is not None else None,
        digits=digits,
        certificates=CertificateFiles(),
        links=links,
        said=direct,
        reading=ReplyReading(store, services.replies, book, clock=now, limits=limits) if services.replies is not None else None,
    )
