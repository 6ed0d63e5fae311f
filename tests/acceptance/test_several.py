"""One installation in several processes, over one database: who answers, who sends, and what happens when one is gone."""

from __future__ import annotations

import signal

import pytest

from rehearsal.mailbox import read_invitation
from tests.acceptance.installation import Installation, eventually
from tests.acceptance.signing_up import ADDRESS, ALICE, card, code_in, published, signs_up, words

BOT, SCHEDULER = ("--only", "bot"), ("--only", "scheduler")
ANSWERING, WAITING, TICKING = "standby.answering", "standby.waiting", "program.started"


@pytest.mark.parametrize("with_teams", [True])
@pytest.mark.parametrize("installed_on", ["sqlite", "postgres"])
async def test_a_bot_and_two_schedulers_run_a_week_together_while_one_is_killed_and_one_deployed_anew(installation: Installation) -> None:
    first = await installation.start_until(TICKING, *SCHEDULER)
    bot = await installation.start(*BOT)
    second = await installation.start_until(TICKING, *SCHEDULER)
    await published(installation)
    alice = installation.discord.join("Alice")
    assert (await signs_up(installation, alice, "Strengths-based practice", ALICE)).headline == "### Thank you"
    _, mail = await installation.mails(ADDRESS, 2)
    (meeting,) = [one for one in installation.graph.living if one.title == "Strengths-based practice"]
    assert meeting.join_url in words(mail)

    # one that is killed between a letter's arrival and its mark leaves it for five minutes: that is tried by the suite of faults
    await eventually(lambda: [state for _, state in installation.ledger()] == ["sent"] * 2)
    first.process.kill()
    assert await first.ended() == -signal.SIGKILL
    await alice.press(await card(alice, "Court skills"), "Book")
    await eventually(lambda: [state for _, state in installation.ledger()] == ["sent"] * 3)

    third = await installation.start_until(TICKING, *SCHEDULER)  # a deploy: one starts, one stops
    await alice.press(await card(alice, "Professional curiosity"), "Book")
    assert await second.stop() == 0
    await eventually(lambda: [state for _, state in installation.ledger()] == ["sent"] * 4)
    assert [await bot.stop(), await third.stop()] == [0, 0]
    titles = [entry.summary for mail in installation.mail_for(ADDRESS) if (entry := read_invitation(mail.message))]
    assert titles == ["Strengths-based practice", "Court skills", "Professional curiosity"]
    assert len(installation.graph.living) == len({one.title for one in installation.graph.living})
    assert installation.discord.refusals == []


@pytest.mark.parametrize("installed_on", ["sqlite", "postgres"])
async def test_a_second_bot_stands_by_and_takes_over_from_one_that_was_killed(installation: Installation) -> None:
    scheduler = await installation.start_until(TICKING, *SCHEDULER)
    first = await installation.start(*BOT)
    await published(installation)
    alice = installation.discord.join("Alice")
    shown = await card(alice, "Court skills")
    held = await alice.fill(await alice.press(shown, "Book"), **ALICE)
    second = await installation.start_until(WAITING, *BOT)
    (mail,) = await installation.mails(ADDRESS)
    assert installation.discord.gateway.logins == 1

    first.process.kill()
    gateway = installation.discord.gateway
    await installation.discord.until(lambda: gateway.connected and gateway.logins == 2)
    done = await alice.fill(await alice.press(held, "Enter code"), code=code_in(mail))
    assert done.headline == "### Thank you"
    await installation.mails(ADDRESS, 2)
    assert [await second.stop(), await scheduler.stop()] == [0, 0]
