"""Killed at an exact instant: before and after a commit, after the claim, after the sending, after the mark, before an answer."""

from __future__ import annotations

import signal

import pytest

from rehearsal.mailbox import Break
from tests.faults.chat_desk import Trouble
from tests.faults.judging import sentences
from tests.faults.scene import CLAIMS, HANDS_OVER, MARKS, Scene

#: which use case, and when; of how many letters the ledger cannot know afterwards whether they left
INSTANTS = {
    "before the claim is committed": (CLAIMS, "before"),
    "after the claim": (CLAIMS, "after"),
    "before it is handed over": (HANDS_OVER, "start"),
    "after it was sent": (MARKS, "start"),
    "before the mark is committed": (MARKS, "before"),
    "after the mark": (MARKS, "after"),
}


#: the direct messages of the only one who is reminded by chat
REMINDED_BY_CHAT = 902


async def owed_by_mail_and_chat(scene: Scene) -> None:
    """Two invitations by mail, and the day-before reminder of both: one by mail, one by chat too."""
    await scene.book(0, 1, 2)
    scene.clock.move(hours=3, minutes=1)


@pytest.mark.parametrize("instant", INSTANTS)
async def test_killed_at_an_exact_instant_of_the_ledger(scene: Scene, instant: str) -> None:
    await owed_by_mail_and_chat(scene)
    of, at = INSTANTS[instant]
    for channel in ("email", "chat"):
        life = scene.bear("live", channels=[channel], ends={"of": of, "at": at})
        await life.until("ends")
        assert await life.ended() == -signal.SIGKILL
    scene.clock.move(minutes=6)
    verdict = await scene.is_well()
    known = await scene.ledger("email", "chat")
    assert not [row for row in known if row[1] in ("failed", "expired")]
    if at == "after" and of is MARKS:
        assert ("sent", 1) in {row[1:] for row in known}  # that one was not sent again
    if at == "start" and of is MARKS:
        assert verdict.repeated_harmlessly >= 1


@pytest.mark.parametrize(("at", "there"), [("before", False), ("after", True)])
async def test_a_booking_is_there_with_its_notice_or_not_at_all(scene: Scene, at: str, there: bool) -> None:
    life = scene.bear("people", people=scene.world.people[:1], times=1, seed=1, ends={"of": ["book"], "at": at})
    await life.until("ends")
    assert await life.ended() == -signal.SIGKILL
    words = scene.outside.record().words
    assert [word.came for word in words] == [None]  # nobody was told
    assert [row[1] for row in await scene.ledger("email")] == (["queued"] if there else [])
    verdict = await scene.is_well()
    assert (verdict.sent > 0) is there


async def test_killed_between_the_content_and_the_answer(scene: Scene) -> None:
    """The mail server has it, the program does not know: the invitation is repeated, the reminder stays unknown."""
    await owed_by_mail_and_chat(scene)
    scene.outside.mail.break_next(Break.HANG_AFTER)
    life = scene.bear("live", channels=["email"])
    await scene.outside.mail.arrival()
    assert await life.kill()
    scene.clock.move(minutes=6)
    verdict = await scene.is_well()
    assert verdict.repeated_harmlessly >= 1


async def test_mail_without_a_calendar_part_is_not_repeated_whatever_its_kind(scene: Scene) -> None:
    """A session is called off before its invitations have left: they are told in a plain mail, which two of would be noticed."""
    await scene.book(0, 1, 3)
    await scene.call_off(0)
    life = scene.bear("live", channels=["email"], ends={"of": MARKS, "at": "start"})
    await scene.outside.mail.arrival()
    await life.until("ends")
    await life.ended()
    scene.clock.move(minutes=6)
    await scene.is_well()
    came = sorted(row[1] for row in await scene.ledger("email") if row[0].startswith("cancellation"))
    assert came in (["unknown", "unknown"], ["sent", "unknown"])  # it had handed over one or both when it died
    messages = [mail.message["Message-ID"] for mail in scene.outside.mail.messages]
    assert len(messages) == len(set(messages))


async def test_a_chat_message_is_not_repeated_once_its_nonce_may_be_forgotten(scene: Scene) -> None:
    """Its answer was lost, so it waits for its repeat; then the program is away for ten minutes."""
    await owed_by_mail_and_chat(scene)
    scene.outside.chat.faults.append(Trouble(taken=True, room=REMINDED_BY_CHAT))  # what is posted for all goes out meanwhile
    life = scene.bear("live", channels=["chat"], ends={"of": MARKS, "at": "after"})
    await life.until("ends")
    await life.ended()
    assert "queued" in {row[1] for row in await scene.ledger("chat")}
    scene.clock.move(minutes=10)
    verdict = await scene.verdict()
    assert {b.wrong.value for b in verdict.breaches} == {"left owed"}
    await scene.is_well()
    assert [row[1] for row in await scene.ledger("chat") if ":1440:" in row[0]] == ["unknown"]


async def test_a_chat_message_is_repeated_within_two_minutes_and_is_one_message(scene: Scene) -> None:
    await owed_by_mail_and_chat(scene)
    scene.outside.chat.faults.append(Trouble(taken=True, room=REMINDED_BY_CHAT))
    await scene.once(channels=["chat"])
    scene.clock.move(seconds=40)
    await scene.once(channels=["chat"])
    posts = [post for post in scene.outside.chat.posts if post.nonce.isdecimal()]
    assert [post.fresh for post in posts] == [True, False]
    assert sentences((await scene.is_well()).breaches) == []
