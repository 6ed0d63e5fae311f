"""A crowd presses one button, and the process dies in the middle of it: what anybody was told is so."""

from __future__ import annotations

import re
import signal
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import col, select

from domain import programmes, sessions
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.kinds import Format
from domain.models import Booking, Notice, Person, ProgrammeKind
from domain.programmes import NewProgramme, ensure_partnership
from domain.rules import Rules
from tests.acceptance.discord_far import FarDiscord
from tests.acceptance.discord_people import see
from tests.acceptance.installation import Installation, utc_now
from tests.building import ACTOR, proven_person

PEOPLE, PLACES, FIRST = 150, 20, 7_000_001
ACKNOWLEDGED = 5  #: a first answer of Discord's: the message is still to come
#: so many have been told when the process dies
TOLD = 40


def scene(db: Db, guild_id: int, *, now: datetime) -> int:
    """A session of twenty places, and a hundred and fifty people whose addresses are proven; its id."""
    partnership = ensure_partnership(db, "midlands", "Midlands Teaching Partnership", guild_id)
    day = (now + timedelta(days=10)).date()
    new = NewProgramme("Practice week", ProgrammeKind.PRACTICE_WEEK, day, day)
    programme = programmes.create(db, partnership, new, actor=ACTOR, now=now).id
    starts_at = now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=10)
    described = NewSession(
        title="Court skills",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        format=Format.IN_PERSON,
        venue="Town Hall",
        places=PLACES,
    )
    session = sessions.add(db, partnership, programme, described, Rules(), actor=ACTOR, now=now).session_id
    programmes.publish(db, partnership, programme, 1, Rules(), actor=ACTOR, now=now)
    for number in range(PEOPLE):
        proven_person(db, partnership, number + 1, now=now, discord_id=FIRST + number)
    return session


def standing(db: Db, session_id: int) -> tuple[dict[int, str], list[int]]:
    """How each account stands: `booked`, or the number on the waiting list; and who is owed an invitation."""
    mine = (
        select(Person.discord_id, col(Booking.state))
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(col(Booking.session_id) == session_id)
        .order_by(col(Booking.queue_number))
    )
    stands: dict[int, str] = {}
    waiting = 0
    for who, state in db.exec(mine):
        waiting += state.value == "waitlisted"
        stands[who or 0] = "booked" if state.value == "confirmed" else str(waiting)
    owed = select(Person.discord_id).join(Notice, col(Notice.person_id) == col(Person.id)).order_by(col(Notice.id))
    return stands, [who or 0 for who in db.exec(owed)]


def words_to(discord: FarDiscord, who: int) -> str:
    """What somebody's card says came of it, as `standing` puts it."""
    message = discord.presses[who].message
    assert message is not None
    headline = see(message, discord.practice_week).headline
    waits = re.search(r"You are number (\d+) on the waiting list", headline)
    return waits[1] if waits else "booked" if "You are booked" in headline else headline


async def test_nothing_that_anybody_was_told_is_lost_when_the_process_dies_in_a_burst(tmp_path: Path) -> None:
    discord = FarDiscord()
    async with Installation(tmp_path, discord=discord) as installation:
        assert await (await installation.run("db", "upgrade")).ended() == 0
        store = Store(installation.url)
        session = store.write_now(scene, discord.guild_id, now=utc_now())
        running = await installation.start()
        people = discord.crowd(FIRST, PEOPLE)
        await discord.all_press(people, discord.button(f"pw:book:{session}:any"), within=0.3)
        await discord.seen(lambda: len(discord.told) >= TOLD, seconds=30)
        await running.stop(signal.SIGKILL)
        stands, owed = store.read_now(standing, session)
        told = {who: words_to(discord, who) for who in discord.told}
        store.close()
    assert told == {who: stands[who] for who in told}
    assert TOLD <= len(told) <= len(stands)
    in_line = [one.id for one in people][: len(stands)]
    assert list(stands) == in_line
    assert list(stands.values()) == ["booked"] * PLACES + [str(number) for number in range(1, len(stands) - PLACES + 1)]
    assert owed == in_line[:PLACES]


async def test_a_press_is_acknowledged_in_time_however_busy_the_database_is(tmp_path: Path) -> None:
    """Another process holds the file: nobody is told "booked" before it is so, and nobody's press fails for want of an answer."""
    discord = FarDiscord()
    async with Installation(tmp_path, discord=discord) as installation:
        assert await (await installation.run("db", "upgrade")).ended() == 0
        store = Store(installation.url)
        session = store.write_now(scene, discord.guild_id, now=utc_now())
        store.close()
        running = await installation.start()
        (one,) = discord.crowd(FIRST, 1)
        with closing(sqlite3.connect(tmp_path / "practiceweek.sqlite", isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN IMMEDIATE")
            await discord.press(one, discord.button(f"pw:book:{session}:any"))
            await discord.seen(lambda: discord.answered, seconds=20)
            assert (discord.presses[one.id].callback, discord.told) == (ACKNOWLEDGED, {})
            other.execute("ROLLBACK")
        await discord.seen(lambda: discord.told, seconds=20)
        assert words_to(discord, one.id) == "booked"
        assert discord.answered[one.id] < 3
        assert await running.stop() == 0
