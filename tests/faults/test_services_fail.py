"""Mail, Discord, Zoom and Teams fail in every way of the line: the ledger and what they received still agree, on both databases."""

from __future__ import annotations

import pytest

from tests.faults.chat_desk import Trouble
from tests.faults.judging import sentences
from tests.faults.killing import TROUBLES
from tests.faults.outside import ZOOM
from tests.faults.scene import Scene
from tests.faults.world import SCHEDULE_ROOM

#: what a hang costs is the program's patience, which is a setting
PATIENCE = {"timeout_seconds": 1}


async def much_is_owed(scene: Scene) -> None:
    for session in range(4):
        await scene.book(session, *range(6))
    scene.clock.move(hours=3, minutes=1)


@pytest.mark.parametrize("service", ["smtp", "chat", "zoom", "teams"])
async def test_whatever_a_service_does_no_letter_is_lost_or_doubled(scene: Scene, service: str) -> None:
    await much_is_owed(scene)
    for name, trouble in TROUBLES.items():
        if name.startswith(service):
            trouble(scene.outside)
    settings = scene.outside.settings(scene.store.url, **PATIENCE)
    await scene.once(settings=settings)
    scene.clock.move(seconds=50)
    await scene.once(settings=settings)
    await scene.is_well()


async def test_a_mail_server_that_is_not_there_or_speaks_no_tls_loses_nobody_a_letter(scene: Scene) -> None:
    await scene.book(0, 1)
    await scene.once(settings=scene.outside.settings(scene.store.url, mail_port=1))
    scene.clock.move(minutes=1)
    await scene.once(settings=scene.outside.settings(scene.store.url, security="starttls"))
    assert [row[1:] for row in await scene.ledger("email")] == [("queued", 2)]
    assert scene.outside.mail.messages == []
    await scene.is_well()


async def test_tokens_that_ran_out_and_a_spent_day_make_no_second_meeting(scene: Scene) -> None:
    scene.outside.zoom.spend(ZOOM.hosts[0], ZOOM.daily_limit)
    await scene.once()
    assert scene.outside.zoom.living == []
    scene.outside.zoom.revoke_tokens()
    scene.outside.graph.revoke_tokens()
    await scene.is_well()


async def test_closed_messages_become_mail_and_deleted_ones_are_posted_anew(scene: Scene) -> None:
    await much_is_owed(scene)
    scene.outside.chat.closed.add(902)  # a person who takes no direct messages (50007)
    await scene.once()
    posted = [post for post in scene.outside.chat.posts if post.room == SCHEDULE_ROOM]
    for post in posted:
        del scene.outside.chat.messages[post.message_id]  # somebody deletes what was posted of the days
    await scene.cancel(0, 1)
    scene.clock.move(minutes=1)
    await scene.once()
    again = [post for post in scene.outside.chat.posts if post.room == SCHEDULE_ROOM and post.message_id in scene.outside.chat.messages]
    assert len(again) >= 1
    scene.outside.chat.gone.add(SCHEDULE_ROOM)  # and then the whole channel
    await scene.is_well()
    assert tuple(state for key, state, _ in sorted(await scene.ledger()) if key.startswith("reminder:3:1440"))[:2] == ("failed", "sent")


async def test_a_discord_that_answers_5xx_and_429_is_asked_again(scene: Scene) -> None:
    await much_is_owed(scene)
    scene.outside.chat.faults.extend([Trouble(429, retry_after=0.01), Trouble(502), Trouble(429, retry_after=0.02)])
    await scene.once(channels=["chat"])
    assert list(scene.outside.chat.faults) == [], "each was met"
    await scene.is_well()
    assert sentences((await scene.verdict(troubled=False)).breaches) == [], "and nothing was given up"
