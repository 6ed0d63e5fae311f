"""Two schedulers over one database: side by side, one killed, and one frozen past its lease that wakes when the other has its letters."""

from __future__ import annotations

import asyncio
import signal

import pytest

from domain import timekeeping
from tests.faults.judging import sentences
from tests.faults.lives import Life
from tests.faults.proxy import Wire
from tests.faults.scene import CLAIMS, MARKS, Scene

PAST_THE_LEASE = {"minutes": 6}


async def much_is_owed(scene: Scene) -> None:
    """Invitations by mail; the day-before reminders, by mail and by chat; two sessions that want a meeting."""
    for session in range(4):
        await scene.book(session, *range(6))
    scene.clock.move(hours=3, minutes=1)
    await scene.store.write(timekeeping.keep_time, scene.rules, now=scene.clock())


async def little_is_owed(scene: Scene) -> None:
    """Two invitations by mail, and the day-before reminders of both people, by mail and by chat: no more than one batch."""
    await scene.book(0, 1, 2)
    scene.clock.move(hours=3, minutes=1)
    await scene.store.write(timekeeping.keep_time, scene.rules, now=scene.clock())


async def until_sent(scene: Scene, *channels: str, in_hand: int = 0, passes: float = 0) -> None:
    """Until no more than so many are left in these channels; so many seconds of the clock pass between looks."""
    async with asyncio.timeout(30):
        while sum(row[1] in ("queued", "claimed") for row in await scene.ledger(*channels)) > in_hand:
            scene.clock.move(seconds=passes)
            await asyncio.sleep(0.05)


async def has_gone_on(life: Life, scene: Scene) -> None:
    """A thawed life finishes what it was at, says goodbye and ends."""
    life.send(signal.SIGCONT)
    life.send(signal.SIGTERM)
    assert await life.ended() == 0, scene.cradle.errors()


async def test_two_side_by_side_send_each_notice_once_and_make_each_meeting_once(scene: Scene) -> None:
    await much_is_owed(scene)
    both = [scene.bear("live"), scene.bear("live")]
    await until_sent(scene, "email", "chat")
    for life in both:
        life.send(signal.SIGTERM)
        assert await life.ended() == 0
    verdict = await scene.is_well()
    assert verdict.repeated_harmlessly == 0
    assert verdict.states.keys() <= {"sent", "superseded", "expired"}


async def test_what_a_killed_one_leaves_the_other_carries_on(scene: Scene) -> None:
    await much_is_owed(scene)
    one, other = scene.bear("live"), scene.bear("live")
    await scene.outside.mail.arrival()
    assert await one.kill()
    scene.clock.move(**PAST_THE_LEASE)
    await until_sent(scene, "email", "chat", passes=5)
    other.send(signal.SIGTERM)
    assert await other.ended() == 0
    await scene.is_well()


@pytest.mark.parametrize("channel", ["email", "chat"])
async def test_one_frozen_with_letters_in_hand_does_not_send_what_the_other_has_by_then(scene: Scene, channel: str) -> None:
    """Frozen right after it was committed that these letters may leave: the last instant at which nothing has left."""
    await little_is_owed(scene)
    late = scene.bear("deliver", channels=[channel], ends={"of": CLAIMS, "at": "after", "how": int(signal.SIGSTOP)})
    await late.until("ends")
    scene.clock.move(**PAST_THE_LEASE)
    await scene.once(channels=[channel])  # it finds the lease lapsed, and judges
    scene.clock.move(minutes=1)
    await scene.once(channels=[channel])  # what may be repeated goes
    unknown = {row[0] for row in await scene.ledger(channel) if row[1] == "unknown"}
    assert unknown  # reminders: nobody can say whether the frozen one had sent them
    await has_gone_on(late, scene)
    verdict = await scene.is_well()
    assert verdict.repeated_harmlessly == 0
    assert await scene.came() & unknown == set()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_one_frozen_after_it_has_sent_marks_nothing_that_the_other_has_by_then(scene: Scene) -> None:
    """On SQLite a frozen process may hold the file's only lock, and then nobody writes before it wakes."""
    await little_is_owed(scene)
    late = scene.bear("deliver", channels=["email"], ends={"of": MARKS, "at": "start", "how": int(signal.SIGSTOP)})
    await late.until("ends")
    scene.clock.move(**PAST_THE_LEASE)
    await scene.once(channels=["email"])
    await has_gone_on(late, scene)
    await scene.is_well()


@pytest.mark.parametrize("word", [b"RCPT", b"DATA\r\n", b"\r\n.\r\n"])
async def test_one_frozen_in_the_middle_of_handing_over_a_letter_repeats_only_what_is_harmless(scene: Scene, word: bytes) -> None:
    """The one gap that no check closes: the bytes are on their way. A calendar mail comes twice, the very same; no other mail does."""
    await little_is_owed(scene)
    async with Wire(scene.outside.mail.host, scene.outside.mail.port, word) as wire:
        late = scene.bear("deliver", settings=scene.outside.settings(scene.store.url, mail_port=wire.port), channels=["email"])
        await wire.held.wait()
        await until_sent(scene, "email", in_hand=1)  # the others have left, and nothing is being written
        late.send(signal.SIGSTOP)
        scene.clock.move(**PAST_THE_LEASE)
        await scene.once(channels=["email"])
        scene.clock.move(minutes=1)
        await scene.once(channels=["email"])
        wire.go.set()
        await has_gone_on(late, scene)
    assert sentences((await scene.is_well()).breaches) == []
    came = [mail for mail in scene.outside.record().mails if mail.sequence is None]
    assert len(came) == len({mail.message_id for mail in came})
