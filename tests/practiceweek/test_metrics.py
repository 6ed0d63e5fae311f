"""What a process says of itself to Prometheus and to a monitor, asked over a real socket."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from domain.database import Store
from domain.errors import Permanent, Unknown
from domain.kinds import Channel, Kind
from domain.ledger.marks import Result
from domain.ports.letters import Letter, Recipient
from domain.rules import Rules
from practiceweek.processes.metrics import COUNTED_EVERY, Metrics, served
from practiceweek.processes.state import State
from practiceweek.settings.faults import SettingsError
from tests.building import Building

HERE = "127.0.0.1"


class Process:
    """What a process under test says of itself."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.now, self.connected, self.waits, self.serves = now, True, False, False
        self.store = store

    def state(self, *, has_clock: bool = True, talks: bool = True, has_pages: bool = False, uses_chat: bool = True) -> State:
        known = has_clock, talks, lambda: self.connected, lambda: self.waits
        return State(self.store, lambda: self.now, *known, has_pages=has_pages, serves=lambda: self.serves, uses_chat=uses_chat)


@pytest.fixture
def process(store: Store, now: datetime) -> Process:
    return Process(store, now)


async def asked(at: str, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as asking, asking.get(at + path) as answer:
        return answer.status, await answer.text()


def samples(said: str) -> dict[str, float]:
    """Every sample, written as Prometheus shows it; without the buckets and the times of birth."""
    found = {}
    for family in text_string_to_metric_families(said):
        for one in family.samples:
            if not one.name.endswith(("_bucket", "_created")):
                labels = ",".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
                found[f"{one.name.removeprefix('practiceweek_')}[{labels}]"] = one.value
    return found


def letter(now: datetime, *, late: float = 0.0, channel: Channel = Channel.EMAIL) -> Letter:
    return Letter(
        1, "reminder:1", Kind.REMINDER, channel, Recipient("Quokka", "q@family.example", 901), due_at=now - timedelta(seconds=late)
    )


async def test_the_ledger_letters_and_ticks_are_counted_and_nobody_is_named(process: Process, partnership_id: int, rules: Rules) -> None:
    building = Building(process.store, partnership_id, rules, process.now)
    building.programme()
    building.book(building.session(title="Zebra"), building.person(1, name="Quokka"))
    process.now += timedelta(seconds=90)
    metrics = Metrics(process.state())
    metrics.handed(letter(process.now, late=3.0), Result(1), process.now)
    metrics.handed(letter(process.now), Result(2, error=Permanent("550 q@family.example")), process.now)
    metrics.handed(letter(process.now, channel=Channel.CHAT), Result(3, error=Unknown("cut")), process.now)
    metrics.ticked("time", 0.25)
    async with served(metrics, HERE, 0) as at:
        code, said = await asked(at, "/metrics")
    assert code == 200
    assert samples(said) == {
        "notices[channel=email,kind=invitation,state=queued]": 1.0,
        "oldest_owed_seconds[]": 90.0,
        "letters_total[channel=email,kind=reminder,outcome=sent]": 1.0,
        "letters_total[channel=email,kind=reminder,outcome=permanent]": 1.0,
        "letters_total[channel=chat,kind=reminder,outcome=unknown]": 1.0,
        "lateness_seconds_count[channel=email]": 1.0,
        "lateness_seconds_sum[channel=email]": 3.0,
        "tick_seconds_count[tick=time]": 1.0,
        "tick_seconds_sum[tick=time]": 0.25,
        "store_waiting[]": 0.0,
        "discord_connected[]": 1.0,
        "standing_by[]": 0.0,
        "pages_shown[]": 0.0,
    }
    assert re.findall(r"Quokka|Zebra|\b901\b|family|council", said) == []


async def test_the_ledger_is_not_counted_at_every_asking(process: Process, partnership_id: int, rules: Rules) -> None:
    building = Building(process.store, partnership_id, rules, process.now)
    building.programme()
    session, key = building.session(), "notices[channel=email,kind=invitation,state=queued]"
    metrics, seen = Metrics(process.state()), []
    for person, later in ((1, timedelta(0)), (2, COUNTED_EVERY / 2), (3, COUNTED_EVERY / 2)):
        building.book(session, building.person(person))
        process.now += later
        seen.append(samples((await metrics.scrape()).decode())[key])
    assert seen == [1.0, 1.0, 3.0]


async def test_a_database_that_is_gone_is_no_reason_to_say_nothing(process: Process) -> None:
    metrics = Metrics(process.state())
    await asyncio.to_thread(process.store.close)
    async with served(metrics, HERE, 0) as at:
        code, said = await asked(at, "/metrics")
        assert (code, "notices[" in str(samples(said)), samples(said)["discord_connected[]"]) == (200, False, 1.0)
        assert await asked(at, "/health") == (503, "The database does not answer.\n")


async def test_health_follows_the_clock(process: Process) -> None:
    metrics = Metrics(process.state())
    async with served(metrics, HERE, 0) as at:
        assert await asked(at, "/health") == (503, "The clock has not ticked yet.\n")
        metrics.ticked("notices-email", 1.0)
        assert await asked(at, "/health") == (503, "The clock has not ticked yet.\n")
        metrics.ticked("time", 1.0)
        assert await asked(at, "/health") == (200, "All is well.\n")
        metrics.ticked_at = asyncio.get_running_loop().time() - 75.5
        assert await asked(at, "/health") == (503, "The clock has not ticked for 75 seconds.\n")


async def test_a_whole_process_that_has_lost_discord_says_so_and_goes_on(process: Process) -> None:
    metrics = Metrics(process.state())
    async with served(metrics, HERE, 0) as at:
        metrics.ticked("time", 1.0)
        process.connected = False
        assert await asked(at, "/health") == (200, "There is no connection to Discord. Mail and meetings go on.\n")
        process.connected = True
        assert await asked(at, "/health") == (200, "All is well.\n")


async def test_a_scheduler_that_cannot_log_in_to_discord_says_so_too(process: Process) -> None:
    metrics = Metrics(process.state(talks=False))
    async with served(metrics, HERE, 0) as at:
        metrics.ticked("time", 1.0)
        assert await asked(at, "/health") == (200, "All is well.\n")
        process.connected = False
        assert await asked(at, "/health") == (200, "There is no connection to Discord. Mail and meetings go on.\n")


async def test_where_there_is_no_server_nobody_misses_a_connection_to_discord(process: Process) -> None:
    process.connected, process.serves = False, True
    metrics = Metrics(process.state(talks=False, has_pages=True, uses_chat=False))
    async with served(metrics, HERE, 0) as at:
        metrics.ticked("time", 1.0)
        assert await asked(at, "/health") == (200, "All is well.\n")


async def test_a_bot_alone_is_well_when_it_talks_or_stands_by(process: Process) -> None:
    metrics = Metrics(process.state(has_clock=False))
    async with served(metrics, HERE, 0) as at:
        assert await asked(at, "/health") == (200, "All is well.\n")
        process.connected = False
        assert await asked(at, "/health") == (503, "There is no connection to Discord.\n")
        process.waits = True
        assert await asked(at, "/health") == (200, "Standing by: another process answers in chat.\n")
        assert samples((await asked(at, "/metrics"))[1])["standing_by[]"] == 1.0


async def test_a_process_of_pages_is_well_while_they_are_shown(process: Process) -> None:
    process.connected = False  # to Discord, with which it has nothing to do
    metrics = Metrics(process.state(has_clock=False, talks=False, has_pages=True))
    async with served(metrics, HERE, 0) as at:
        assert await asked(at, "/health") == (503, "The pages are not shown.\n")
        process.serves = True
        metrics.answered(200, 0.25)
        assert await asked(at, "/health") == (200, "All is well.\n")
        assert samples((await asked(at, "/metrics"))[1])["pages_shown[]"] == 1.0


async def test_a_whole_process_whose_pages_are_gone_is_not_well(process: Process) -> None:
    metrics = Metrics(process.state(has_pages=True))
    async with served(metrics, HERE, 0) as at:
        metrics.ticked("time", 1.0)
        assert await asked(at, "/health") == (503, "The pages are not shown.\n")
        process.serves = True
        assert await asked(at, "/health") == (200, "All is well.\n")


async def test_there_is_nothing_else_to_ask(process: Process) -> None:
    async with served(Metrics(process.state()), HERE, 0) as at:
        assert [(await asked(at, path))[0] for path in ("/", "/admin")] == [404, 404]


async def test_a_port_that_is_taken_is_said(process: Process) -> None:
    with closing(socket.socket()) as taken:
        taken.bind((HERE, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"metrics: {HERE} port {port} cannot be used: .* --metrics-port NUMBER"):
            async with served(Metrics(process.state()), HERE, port):
                pass


def test_no_one_elses_registry_is_touched(process: Process) -> None:
    before: Any = list(REGISTRY.collect())
    Metrics(process.state())
    Metrics(process.state())
    assert [one.name for one in REGISTRY.collect()] == [one.name for one in before]
