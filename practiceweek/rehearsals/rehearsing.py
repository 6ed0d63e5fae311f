"""`practiceweek rehearse`: starts the stand-ins, composes the real program on their addresses, and hands it to the week."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from domain.database import Db
from domain.ledger import claims
from domain.limits import Unlimited
from domain.models import NoticeState, ProgrammeKind
from domain.times import LONDON
from integrations.holidays import english_bank_holidays
from practiceweek import logs
from practiceweek.compose import Program, compose
from practiceweek.database import revisions
from practiceweek.imports import content_of
from practiceweek.processes import loading
from practiceweek.processes.pages import make_front
from practiceweek.rehearsals import folder as rehearsal_folder
from practiceweek.rehearsals import report
from practiceweek.settings.installation import Secrets, Settings, from_tables
from practiceweek.times import utc_now
from rehearsal.browser import Browsers
from rehearsal.chat import GUILD_ID, ORGANISER_ROLE_ID, ChatStandIn
from rehearsal.clock import TravellingClock
from rehearsal.evidence import gather
from rehearsal.graph import GraphRealm, GraphStandIn
from rehearsal.leavings import leave, texts_left
from rehearsal.mailbox import Mailbox
from rehearsal.play_cast import ORGANISER
from rehearsal.played import Played
from rehearsal.schedules import Schedule, bundled, schedule_of
from rehearsal.stage import Stage
from rehearsal.verdict import Check, verdict
from rehearsal.week import Week
from rehearsal.zoom import ZoomRealm, ZoomStandIn

#: how seldom the collector looks: a rehearsal makes many small things, and hardly any goes in circles
SELDOM = (50_000, 20, 50)
#: how long before the first day the organiser publishes
BEFORE = timedelta(days=21)
#: meetings that a Teams host of the rehearsal may run at once; a Zoom host runs one
TEAMS_AT_ONCE = 3
FEWEST_HOSTS = 4
#: where the pages of a rehearsal are, which nobody serves there: it opens them in this process
PAGES = "https://practice-week.example"


@dataclass(frozen=True)
class Outcome:
    """What a rehearsal came to."""

    checks: tuple[Check, ...]
    counts: dict[str, int]
    out: Path
    added: tuple[str, ...] = ()  #: titles of the sessions that the rehearsal added
    left_out: tuple[str, ...] = ()  #: rows of the files that could not be used, each with why
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether nothing was breached."""
        return not any(check.breaches for check in self.checks)

    @property
    def exit_code(self) -> int:
        """How the command ends."""
        return 0 if self.holds else 1

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        checks = [asdict(check) for check in self.checks]
        told = {"holds": self.holds, "counts": self.counts, "checks": checks, "added": self.added, "left_out": self.left_out}
        return told | {"seconds": round(self.seconds, 1), "out": str(self.out)}


def rehearse(
    files: Sequence[Path],
    *,
    people: int,
    seed: int,
    out: Path,
    console: Console,
    kind: ProgrammeKind | None = None,
    open_mailbox: Callable[[TravellingClock], Mailbox] = Mailbox,
    database: str | None = None,
) -> Outcome:
    """Act out a whole week and check it; `kind` None: each file's is guessed. Raises `Refusal` for files, or a folder, that cannot be used.

    `open_mailbox` makes the mail server: another one shows what the verdict says when mail is lost. `database`: the URL of
    an empty one, instead of a file in the folder.
    """
    began = time.monotonic()
    rehearsal_folder.check(out)
    schedules = schedules_of(files, kind)
    rehearsal_folder.make_ready(out)
    with (out / "rehearsal.log").open("w", encoding="utf-8", buffering=1) as log:
        logs.set_up("warning", "json", log)
        outcome = asyncio.run(_rehearse(schedules, people, seed, out, console, open_mailbox, database))
    outcome = replace(outcome, left_out=left_out_of(schedules), seconds=time.monotonic() - began)
    report.say(console, outcome)
    return outcome


def left_out_of(schedules: Sequence[Schedule]) -> tuple[str, ...]:
    """The rows that could not be used; with the file's name where there are several."""
    return tuple(f"{s.name}, {row[0].lower()}{row[1:]}" if len(schedules) > 1 else row for s in schedules for row in s.left_out)


def schedules_of(files: Sequence[Path], kind: ProgrammeKind | None = None) -> list[Schedule]:
    """The files as schedules, or the bundled one of this kind. Raises `Refusal` for one that cannot be used."""
    chosen = files or [bundled(kind or ProgrammeKind.PRACTICE_WEEK)]
    return [schedule_of(file.name, content_of(file), now=utc_now(), kind=kind) for file in chosen]


async def _rehearse(
    schedules: Sequence[Schedule],
    people: int,
    seed: int,
    out: Path,
    console: Console,
    open_mailbox: Callable[[TravellingClock], Mailbox],
    database: str | None,
) -> Outcome:
    async with set_stage(schedules, seed, out, open_mailbox, database) as stage:
        played = await _play(stage, schedules, people, seed, console)
        altered = await asyncio.to_thread(leave, out, stage, played)
        left = await asyncio.to_thread(texts_left, out)
        checks = await stage.store.read(judge, stage, altered, left, played)
        return Outcome(checks, await _counts(stage, played), out, played.added)


@asynccontextmanager
async def set_stage(
    schedules: Sequence[Schedule],
    seed: int,
    out: Path,
    open_mailbox: Callable[[TravellingClock], Mailbox] = Mailbox,
    database: str | None = None,
    pages: str = PAGES,
) -> AsyncIterator[Stage]:
    """The stand-ins, and the real program on their addresses, three weeks before the first day. `pages`: where links in mail lead."""
    zone = ZoneInfo(LONDON)
    start = datetime.combine(min(s.first_day for s in schedules) - BEFORE, wall_time(9), zone)
    clock = TravellingClock(start)
    async with AsyncExitStack() as stack:
        teams_hosts, zoom_hosts = hosts_for(schedules)
        graph = await stack.enter_async_context(GraphStandIn(clock=clock, realm=GraphRealm(hosts=teams_hosts), seed=seed))
        zoom = await stack.enter_async_context(ZoomStandIn(clock=clock, realm=ZoomRealm(hosts=zoom_hosts), seed=seed))
        mailbox = await stack.enter_async_context(open_mailbox(clock))
        settings = _settings(database or f"sqlite:///{out / 'practiceweek.sqlite'}", graph, zoom, mailbox, pages, seed)
        revisions.upgrade(settings.database.url)
        dice = random.Random(seed)
        program = await compose(settings, now=clock, digits=lambda: f"{dice.randrange(1_000_000):06d}", limits=Unlimited())
        stack.push_async_callback(program.close)
        bot = program.bot
        assert bot is not None, "a rehearsal has a server"
        await program.warm_up()
        loading.end()
        stack.callback(gc.set_threshold, *gc.get_threshold())
        gc.set_threshold(*SELDOM)
        chat = await stack.enter_async_context(ChatStandIn(lambda _: bot, start, guild_id=GUILD_ID))
        front = make_front(settings, program.store, program.kept, wake=_nobody_wakes, limits=Unlimited(), now=clock)
        await asyncio.to_thread(front.warm_up)
        yield _stage(program, chat, graph, zoom, mailbox, clock, Browsers(front))


def _nobody_wakes() -> None:
    """What is owed is looked for after every act."""


def hosts_for(schedules: Sequence[Schedule]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The accounts of Teams and of Zoom: enough for any week, wherever its sessions are held or moved to."""
    busiest = sum(schedule.most_at_once for schedule in schedules) + 2  # one of the rehearsal's own, and one that is moved
    teams, zoom = max(FEWEST_HOSTS, -(-busiest // TEAMS_AT_ONCE)), max(FEWEST_HOSTS, busiest)
    return (
        tuple(f"aaaaaaaa-0000-0000-0000-{number:012d}" for number in range(1, teams + 1)),
        tuple(f"host-{number}@zoom.example" for number in range(1, zoom + 1)),
    )


def _settings(database: str, graph: GraphStandIn, zoom: ZoomStandIn, mailbox: Mailbox, pages: str, seed: int) -> Settings:
    hosts = [{"provider": "teams", "account": account, "at_once": TEAMS_AT_ONCE} for account in graph.realm.hosts]
    hosts += [{"provider": "zoom", "account": account, "per_day": 100} for account in zoom.realm.hosts]
    tables = {
        "database": {"url": database},
        "web": {"enabled": True, "address": pages},
        "mail": {"host": mailbox.host, "port": mailbox.port, "security": "none", "login": "none", "connections": 1},
        "teams": {
            "enabled": True,
            "base_url": graph.base_url,
            "authority": graph.authority,
            "tenant_id": graph.realm.tenant_id,
            "client_id": graph.realm.client_id,
        },
        "zoom": {
            "enabled": True,
            "api_base": zoom.api_base,
            "oauth_base": zoom.oauth_base,
            "account_id": zoom.realm.account_id,
            "client_id": zoom.realm.client_id,
        },
        "partnership": {
            "rehearsal": {
                "name": "The Rehearsal Teaching Partnership",
                "guild_id": GUILD_ID,
                "organiser_roles": [ORGANISER_ROLE_ID],
                "organisers": [ORGANISER.address],
                "contact": "the workforce team on 0121 496 0000",
                "hosts": hosts,
            }
        },
    }
    secrets = Secrets(
        teams_client_secret=SecretStr(graph.realm.client_secret),
        zoom_client_secret=SecretStr(zoom.realm.client_secret),
        web_key=SecretStr(f"the key of a rehearsal, {seed:032d}"),
    )
    return from_tables(tables).model_copy(update={"secrets": secrets})


def _stage(
    program: Program, chat: ChatStandIn, graph: GraphStandIn, zoom: ZoomStandIn, mailbox: Mailbox, clock: TravellingClock, web: Browsers
) -> Stage:
    parts = chat, graph, zoom, mailbox, clock, web
    return Stage(program.store, program.partnership_id, program.rules, program.ticks, *parts, english_bank_holidays())


async def _play(stage: Stage, schedules: Sequence[Schedule], people: int, seed: int, console: Console) -> Played:
    columns = SpinnerColumn(), TextColumn("{task.description:<42}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=1.0)

        def tell(what: str, done: float) -> None:
            progress.update(bar, description=what, completed=done)

        return await Week(stage, schedules, people, seed, tell).play()


def judge(db: Db, stage: Stage, altered: tuple[str, ...], left: Mapping[str, str], played: Played) -> tuple[Check, ...]:
    """What must hold, of all that a played week has left."""
    return verdict(gather(db, stage, altered, left, played.confided, played.pages, played.typed, played.taken))


async def _counts(stage: Stage, played: Played) -> dict[str, int]:
    states = await stage.store.read(claims.counts, stage.partnership_id)
    return {
        "sessions": played.sessions,
        "people who sign up": len(played.actors),
        **{f"people who come {door}": number for door, number in played.by_door().items()},
        "public pages looked at": len(played.pages),
        "families, presenters and colleagues": len(played.others),
        "messages in the mailbox": len({arrived.message_id for arrived in stage.mailbox.messages}),
        "messages sent": states.get(NoticeState.SENT, 0),
        "messages that a newer one replaced": states.get(NoticeState.SUPERSEDED, 0),
        "messages that would have come too late": states.get(NoticeState.EXPIRED, 0),
        "direct messages refused": states.get(NoticeState.FAILED, 0),
        "Teams meetings made": len(stage.graph.meetings),
        "Zoom meetings made": len(stage.zoom.meetings),
    }
