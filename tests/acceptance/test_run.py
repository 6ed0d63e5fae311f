"""`practiceweek run` against a Discord, a Graph, a Zoom and a mail server that it did not bring itself, by settings alone."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest

from rehearsal.mailbox import Break, Step, read_invitation
from tests.acceptance.installation import Installation, Running, eventually
from tests.acceptance.signing_up import ADDRESS, ALICE, MONDAY, card, code_in, published, signs_up, words


def nothing_secret(running: Running) -> None:
    """No line of the log names a person, a link or a secret."""
    for secret in ("alice", "coventry.gov.uk", "https://", "http://", "the-mail-password", "the-teams-secret", "the-zoom-secret"):
        assert secret not in running.logged.lower()


@pytest.mark.parametrize(("installed_on", "with_teams"), [("nothing", True)])
async def test_a_week_is_run_from_chat_to_the_invitation_with_its_link(installation: Installation) -> None:
    running = await installation.start()
    await published(installation)
    alice = installation.discord.join("Alice")
    done = await signs_up(installation, alice, "Strengths-based practice", ALICE)
    assert done.headline == "### Thank you"
    _, mail = await installation.mails(ADDRESS, 2)
    entry = read_invitation(mail.message)
    assert entry is not None
    (meeting,) = [one for one in installation.graph.living if one.title == "Strengths-based practice"]
    starts = MONDAY.replace(hour=9, minute=30)
    assert (entry.method, entry.sequence, entry.summary) == ("REQUEST", 1, "Strengths-based practice")
    assert (entry.starts_at, entry.ends_at) == (starts, starts + timedelta(minutes=45))
    assert (meeting.starts_at, meeting.ends_at) == (starts, starts + timedelta(minutes=45))
    assert meeting.join_url in (entry.conference or "")
    assert meeting.join_url in words(mail)
    assert [one.title for one in await eventually(lambda: installation.zoom.living)] == ["Professional curiosity"]
    assert await running.stop() == 0
    assert installation.discord.refusals == []
    assert installation.ledger() == [("verification:1:email", "sent"), ("invitation:1:1", "sent")]
    nothing_secret(running)


async def test_buttons_go_on_working_after_a_restart(installation: Installation) -> None:
    first = await installation.start()
    await published(installation)
    alice = installation.discord.join("Alice")
    shown = await card(alice, "Court skills")
    held = await alice.fill(await alice.press(shown, "Book"), **ALICE)
    (mail,) = await installation.mails(ADDRESS)
    assert await first.stop() == 0
    second = await installation.start()
    typing = await alice.press(held, "Enter code")  # a button that the first process drew
    done = await alice.fill(typing, code=code_in(mail))
    assert done.headline == "### Thank you"
    _, invitation = await installation.mails(ADDRESS, 2)
    entry = read_invitation(invitation.message)
    assert entry is not None
    assert (entry.summary, entry.location) == ("Court skills", "Council House, room 2")
    assert await second.stop() == 0
    assert installation.discord.refusals == []


async def test_a_broken_connection_to_discord_is_resumed_and_nothing_is_missed(installation: Installation) -> None:
    running = await installation.start()
    await published(installation)
    alice = installation.discord.join("Alice")
    await installation.discord.gateway.drop()
    answer = await alice.command("my bookings")  # asked while the bot is away
    assert answer.private
    gateway = installation.discord.gateway
    assert (gateway.logins, gateway.resumes, gateway.closed_with) == (1, 1, [])
    assert await running.stop() == 0


async def test_what_is_owed_when_the_process_dies_arrives_after_the_next_start(installation: Installation) -> None:
    running = await installation.start()
    await published(installation)
    alice = installation.discord.join("Alice")
    await signs_up(installation, alice, "Court skills", ALICE)
    await installation.mails(ADDRESS, 2)
    installation.mail.answer_next(Step.RCPT, "450 4.2.0 try later")
    await alice.press(await card(alice, "Strengths-based practice"), "Book")
    await eventually(lambda: ("invitation:2:1", "queued", 1) in installation.ledger(attempts=True))
    installation.mail.break_next(Break.HANG_AFTER)  # the mail has it, and does not say so
    await alice.press(await card(alice, "Professional curiosity"), "Book")
    await installation.mails(ADDRESS, 3)
    running.process.kill()
    assert await running.ended() == -signal.SIGKILL
    assert installation.ledger()[2:] == [("invitation:2:1", "queued"), ("invitation:3:1", "claimed")]

    installation.let_leases_lapse()
    again = await installation.start()
    await eventually(lambda: [state for _, state in installation.ledger()] == ["sent"] * 4)
    assert await again.stop() == 0
    titles = [entry.summary for mail in installation.mail_for(ADDRESS) if (entry := read_invitation(mail.message))]
    assert sorted(titles) == ["Court skills", "Professional curiosity", "Professional curiosity", "Strengths-based practice"]
    one, other = (mail for mail in installation.mail_for(ADDRESS) if "Professional" in str(mail.message["Subject"]))
    assert (one.answered, other.answered, one.content == other.content) == (False, True, True)  # a calendar takes it for one


async def test_sigint_stops_it_too(installation: Installation) -> None:
    running = await installation.start()
    assert await running.stop(signal.SIGINT) == 0
    assert installation.discord.gateway.connected is False
    assert [line for line in running.logged.splitlines() if "error" in line or "warning" in line or not line.startswith("{")] == []


async def test_a_stop_before_discord_has_answered_is_as_good(installation: Installation) -> None:
    installation.discord.away = 10_000
    running = await installation.run("run")
    await installation.discord.until(lambda: installation.discord.refusals)
    assert await running.stop() == 0
    assert "Traceback" not in running.logged


async def test_a_discord_that_is_away_at_the_start_is_tried_again_and_mail_does_not_wait_for_it(installation: Installation) -> None:
    first = await installation.start()
    await published(installation)
    alice = installation.discord.join("Alice")
    await signs_up(installation, alice, "Court skills", ALICE)
    await installation.mails(ADDRESS, 2)
    await installation.mail.refuse_connections()
    shown = await card(alice, "Strengths-based practice")
    await alice.press(shown, "Book")
    assert await first.stop() == 0
    await installation.mail.listen()
    installation.discord.away = 2
    second = await installation.run("run")
    await installation.mails(ADDRESS, 3)
    await installation.discord.until(lambda: installation.discord.gateway.connected)
    assert installation.discord.refusals == [("GET", "/users/@me", 503)] * 2
    answer = await alice.command("my bookings")
    assert "Court skills" in answer.text
    assert await second.stop() == 0
    assert "Traceback" not in second.logged


async def test_direct_messages_that_are_owed_at_the_start_wait_until_discord_knows_the_bot(installation: Installation) -> None:
    first = await installation.start()
    await published(installation)
    alice = installation.discord.join("Alice")
    await signs_up(installation, alice, "Court skills", ALICE)
    assert await first.stop() == 0
    installation.owe_direct_message(alice.id)
    second = await installation.start()
    await installation.discord.until(alice.direct)
    assert await second.stop() == 0
    assert len(alice.direct()) == 1
    assert installation.ledger()[-1] == ("test:chat", "sent")
    assert installation.discord.refusals == []
    assert "Traceback" not in second.logged


async def test_a_token_that_discord_does_not_know_is_one_sentence_and_nothing_is_sent(installation: Installation) -> None:
    running = await installation.run("run", PRACTICEWEEK_DISCORD_TOKEN="MTAw.G.some-other-token")
    assert await running.ended() == 2
    said = [line for line in running.logged.splitlines() if not line.startswith("{")]
    assert said == ["Discord does not know this bot token. Check PRACTICEWEEK_DISCORD_TOKEN."]
    assert "Traceback" not in running.logged
    assert installation.discord.refusals == [("GET", "/users/@me", 401)]
    assert installation.mail.connections == 0


async def test_a_token_that_is_taken_back_while_the_bot_runs_is_the_same_sentence(installation: Installation) -> None:
    running = await installation.start()
    installation.discord.gateway.token = "another one"
    await installation.discord.gateway.drop()
    assert await running.ended() == 2
    said = [line for line in running.logged.splitlines() if not line.startswith("{")]
    assert said == ["Discord does not know this bot token. Check PRACTICEWEEK_DISCORD_TOKEN."]
    assert installation.discord.gateway.closed_with == [4004]


async def test_a_missing_token_is_one_sentence(installation: Installation) -> None:
    running = await installation.run("run", PRACTICEWEEK_DISCORD_TOKEN="")
    assert (await running.ended(), running.logged) == (
        2,
        "There is no bot token. Set PRACTICEWEEK_DISCORD_TOKEN in the environment. It is in Discord's developer portal, under Bot.\n",
    )
