"""Letters as direct messages, and a programme's days in a channel."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.delivery import ChannelBoard, DirectMessages, told
from domain.errors import ChatClosed, OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Channel, Format, Kind, Mode, Provider
from domain.ports.letters import Letter, Recipient, SessionFacts
from domain.queries import day_view
from rehearsal.chat import Someone
from tests.bot_building import Server, headline
from tests.building import START

LINK = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc"
FACTS = SessionFacts(
    session_id=2,
    uid="u",
    reference="PW-22222",
    programme="Practice week",
    title="Strengths",
    description="",
    starts_at=START,
    ends_at=START + timedelta(minutes=45),
    zone="Europe/London",
    format=Format.ONLINE,
    provider=Provider.TEAMS,
    venue=None,
    join_url=LINK,
    notes="Bring a case to talk about.",
    presenter="Dr A. Mensah",
    organisation="Northfield Council",
)


def letter(person: Someone, kind: Kind, **other: Any) -> Letter:
    to = Recipient("Bola", None, person.id)
    plain = Letter(notice_id=41, key="k", kind=kind, channel=Channel.CHAT, recipient=to, session=FACTS, mode=Mode.ONLINE)
    return replace(plain, **other)


async def test_a_reminder_has_the_link_and_a_way_to_cancel(server: Server) -> None:
    chat = server.chat
    bola = server.someone(2)
    receipt = await DirectMessages(chat.bot).send(letter(bola, Kind.REMINDER, lead_minutes=1440))
    seen = chat.direct(bola)[-1]
    assert receipt.external_id == str(seen.message_id)
    assert seen.text == (
        "### Reminder\nYour session starts <t:1805103000:R>.\n"
        "**Strengths**\nMonday 15 March 2027, 9.30am to 10.15am, UK time (GMT)\n-# On your clock: <t:1805103000:F>\n"
        "**With:** Dr A. Mensah · Northfield Council\n**Good to know:** Bring a case to talk about."
    )
    assert [(b.label, b.address or b.custom_id) for b in seen.buttons] == [("Join on Teams", LINK), ("Cancel my place", "pw:cancel:2")]
    sent = next(r.json for r in reversed(chat.env.http_requests) if r.path.endswith("/messages"))
    assert sent is not None
    assert (sent["nonce"], sent["enforce_nonce"], sent["allowed_mentions"]) == ("41", True, {"parse": []})


@pytest.mark.parametrize(
    ("kind", "more", "said", "labels"),
    [
        (
            Kind.PROMOTION,
            {},
            "### You have a place\nA place has come free, and it is yours. We are sending the invitation to your e-mail. "
            "If you cannot come, please cancel.",
            ("Join on Teams", "Cancel my place"),
        ),
        (
            Kind.OFFER,
            {"until": datetime(2027, 3, 2, 9, tzinfo=UTC)},
            "### A place has come free\nYou have another session at the same time, so we ask first. "
            "The place is kept for you until 9am (<t:1803978000:t>).",
            ("Take the place", "No, thank you"),
        ),
        (
            Kind.LAPSED,
            {},
            "### Your place has gone\nWe kept a place for you, but it was not confirmed in time. You can ask for a place again.",
            ("Look at the session",),
        ),
        (
            Kind.WAITING_CLOSED,
            {},
            "### The waiting list has closed\nThe session starts soon, and no place has come free for you. If you can still come, "
            "look once more: a free place now goes to whoever books it first.",
            ("Look at the session",),
        ),
        (
            Kind.CANCELLATION,
            {"reason": "The speaker is ill"},
            "### This session is called off\nYou do not need to do anything.\nThe organisers say: The speaker is ill",
            (),
        ),
        (
            Kind.UPDATE,
            {"changes": ("time", "link")},
            "### Your session has changed\nWhat is new: the time and the link to join. Here is how it is now.",
            ("Join on Teams", "Cancel my place"),
        ),
    ],
)
async def test_each_kind_of_letter_has_its_words_and_buttons(
    server: Server, kind: Kind, more: dict[str, Any], said: str, labels: tuple[str, ...]
) -> None:
    bola = server.someone(2)
    await DirectMessages(server.chat.bot).send(letter(bola, kind, **more))
    seen = server.chat.direct(bola)[-1]
    assert (seen.text.partition("\n**Strengths**\n")[0], seen.labels) == (said, labels)
    assert LINK not in seen.text


async def test_feedback_is_asked_for_by_five_buttons(server: Server) -> None:
    bola = server.someone(2)
    await DirectMessages(server.chat.bot).send(letter(bola, Kind.FEEDBACK))
    assert [b.custom_id for b in server.chat.direct(bola)[-1].buttons] == [f"pw:rate:2:{n}" for n in range(1, 6)]


async def test_who_is_in_the_room_gets_the_room_and_no_link(server: Server) -> None:
    bola = server.someone(2)
    hybrid = replace(FACTS, format=Format.HYBRID, venue="Town Hall")
    await DirectMessages(server.chat.bot).send(letter(bola, Kind.REMINDER, session=hybrid, mode=Mode.ROOM))
    seen = server.chat.direct(bola)[-1]
    assert "**Where:** Town Hall" in seen.text
    assert seen.labels == ("Cancel my place",)


async def test_a_link_too_long_for_a_button_stands_as_text_and_a_strange_one_not_at_all(server: Server) -> None:
    chat = server.chat
    bola = server.someone(2)
    long = LINK + "x" * 600
    await DirectMessages(chat.bot).send(letter(bola, Kind.REMINDER, session=replace(FACTS, join_url=long)))
    assert f"Join here: {long}" in chat.direct(bola)[-1].text
    await DirectMessages(chat.bot).send(letter(bola, Kind.REMINDER, session=replace(FACTS, join_url="javascript:alert(1)")))
    assert "javascript" not in repr(chat.direct(bola)[-1])


async def test_a_button_of_a_direct_message_acts_for_its_person(server: Server) -> None:
    chat, building = server.chat, server.building
    session_id = building.session()
    bola = server.someone(2)
    await server.book(bola, session_id)
    await DirectMessages(chat.bot).send(letter(bola, Kind.REMINDER, session=replace(FACTS, session_id=session_id)))
    await chat.restart()
    cancelled = await chat.press(bola, chat.direct(bola)[-1], "Cancel my place")
    assert headline(cancelled) == "### Your place is cancelled"


async def _outcome(sending: Awaitable[Any]) -> tuple[type[OutsideError], str, float | None]:
    with pytest.raises(OutsideError) as caught:
        await sending
    return type(caught.value), caught.value.reason, getattr(caught.value, "retry_after", None)


async def test_what_discord_answers_is_told_in_the_ledgers_words(server: Server) -> None:
    chat = server.chat
    bola = server.someone(2)
    messages = DirectMessages(chat.bot)
    chat.close_messages(bola)
    assert await _outcome(messages.send(letter(bola, Kind.REMINDER))) == (ChatClosed, "direct messages are closed", None)
    chat.mend()
    chat.fail("POST", "/channels/*/messages", status=503)
    assert await _outcome(messages.send(letter(bola, Kind.REMINDER))) == (Temporary, "Discord answered 503", None)
    for status, code in ((401, 0), (403, 0), (403, 40333)):  # our token, or what stands before Discord: not this person's doing
        chat.fail("POST", "/channels/*/messages", status=status, code=code)
        assert await _outcome(messages.send(letter(bola, Kind.REMINDER))) == (Temporary, f"Discord answered {status}", None)
    chat.fail("POST", "/channels/*/messages", status=403, code=50278)
    assert await _outcome(messages.send(letter(bola, Kind.REMINDER))) == (ChatClosed, "direct messages are closed", None)
    chat.fail("POST", "/channels/*/messages", status=400, code=50035)
    assert await _outcome(messages.send(letter(bola, Kind.REMINDER))) == (Permanent, "Discord answered 400 (code 50035)", None)
    nobody = letter(bola, Kind.REMINDER, recipient=Recipient("Ghost", None, 123))
    assert await _outcome(messages.send(nobody)) == (Permanent, "Discord answered 404 (code 10013)", None)
    unlinked = letter(bola, Kind.REMINDER, recipient=Recipient("Ghost", None, None))
    assert await _outcome(messages.send(unlinked)) == (Permanent, "no Discord account is known", None)
    assert await _outcome(messages.send(letter(bola, Kind.VERIFICATION))) == (Permanent, "this is not sent by chat", None)
    assert chat.direct(bola) == []


async def test_a_connection_that_breaks_is_unknown_only_once_the_message_may_have_left() -> None:
    for handed_over, error, expected in (
        (True, TimeoutError(), Unknown),
        (True, aiohttp.ServerDisconnectedError(), Unknown),
        (False, aiohttp.ServerDisconnectedError(), Temporary),
        (True, aiohttp.ConnectionTimeoutError(), Temporary),
    ):
        with pytest.raises(expected), told(handed_over=handed_over):
            raise error


@pytest.mark.parametrize(
    ("looked_at", "expected"),
    [
        (119, None),
        (120, (Unknown, "it may have arrived, and it is too late to repeat it")),  # Discord may know the nonce no longer
        (400, (Temporary, "its turn was over before it was begun")),  # another process may have it
    ],
)
async def test_whoever_was_held_up_before_a_message_left_looks_at_the_clock_once_more(
    server: Server, looked_at: int, expected: tuple[type[OutsideError], str] | None
) -> None:
    """Discord took its time to open the conversation, or the process was frozen in between."""
    bola, first = server.someone(2), datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    again = letter(bola, Kind.REMINDER, lead_minutes=60, first_tried_at=first, leased_until=first + timedelta(seconds=400), attempt=2)
    messages = DirectMessages(server.chat.bot, clock=lambda: first + timedelta(seconds=looked_at))
    if expected is None:
        await messages.send(again)
    else:
        assert (await _outcome(messages.send(again)))[:2] == expected
    assert len(server.chat.direct(bola)) == (expected is None)


async def test_nobody_knows_how_long_ago_a_message_left_before_the_clock_went_back(server: Server) -> None:
    bola, first = server.someone(2), datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    now = first - timedelta(minutes=39)
    again = letter(bola, Kind.REMINDER, lead_minutes=60, first_tried_at=first, leased_until=now + timedelta(minutes=4), attempt=2)
    messages = DirectMessages(server.chat.bot, clock=lambda: now)
    assert (await _outcome(messages.send(again)))[:2] == (Unknown, "it may have arrived, and it is too late to repeat it")
    assert server.chat.direct(bola) == []


def test_a_repeat_is_harmless_while_discord_knows_the_nonce() -> None:
    messages = DirectMessages(discord.Client(intents=discord.Intents.none()))
    assert [messages.harmless_to_repeat(Kind.REMINDER, s) for s in (0, 119, 120, 4000)] == [True, True, False, False]


async def test_a_day_is_posted_edited_and_posted_anew_when_somebody_deleted_it(server: Server) -> None:
    chat, building = server.chat, server.building
    session_id = building.session(title="Strengths")
    board = ChannelBoard(chat.bot, chat.guild.id)

    def day() -> Any:
        return building.read(day_view, building.partnership_id, building.programme_id, START.date())

    first = await board.show(day(), 0, chat.practice_week.id, None, nonce="day 1")
    assert chat.posted()[-1].text.endswith("Strengths\n-# <t:1805103000:t> · 5 of 5 places left")
    bola = server.someone(2)
    card = await chat.choose(bola, chat.posted()[-1], str(session_id))
    assert (card.private, headline(card)) == (True, "## Strengths")
    await chat.press(bola, card, "Book")
    assert await board.show(day(), 0, chat.practice_week.id, first.message_id, nonce="day 1") == first
    assert [seen.text.endswith("<t:1805103000:t> · 4 of 5 places left") for seen in chat.posted()] == [True]
    chat.env.backend.delete_message(chat.practice_week.id, first.message_id)
    await chat.settle()
    again = await board.show(day(), 0, chat.practice_week.id, first.message_id, nonce="day 1")
    assert again != first
    assert len(chat.posted()) == 1
    assert board.pages(day()) == 1


async def test_a_day_is_posted_under_a_nonce_of_its_own_and_another_in_place_of_a_deleted_message(server: Server) -> None:
    chat, building = server.chat, server.building
    board = ChannelBoard(chat.bot, chat.guild.id)
    day = building.read(day_view, building.partnership_id, building.programme_id, START.date())
    room = chat.practice_week.id
    for message_id, nonce in ((None, "day 1"), (None, "day 1"), (None, "day 2"), (5, "day 1"), (5, "day 1"), (6, "day 1")):
        await board.show(day, 0, room, message_id, nonce=nonce)
    asked = [r.json or {} for r in chat.env.http_requests if r.method == "POST" and r.path.endswith(f"/channels/{room}/messages")][-6:]
    first, second, other_day, anew, anew_again, other = [str(one["nonce"]) for one in asked]
    assert (first == second, anew == anew_again, len({first, other_day, anew, other})) == (True, True, 4)
    assert [(one["enforce_nonce"], len(str(one["nonce"])) <= 25) for one in asked] == [(True, True)] * 6


async def test_a_channel_that_is_gone_is_permanent(server: Server) -> None:
    chat, building = server.chat, server.building
    board = ChannelBoard(chat.bot, chat.guild.id)
    day = building.read(day_view, building.partnership_id, building.programme_id, START.date())
    assert (await _outcome(board.show(day, 0, 987654321, None, nonce="day 1")))[0] is Permanent
    assert (await _outcome(board.show(day, 0, 987654321, 5, nonce="day 1")))[0] is Permanent
    chat.fail("POST", "/channels/*/messages", status=429, times=1)
    assert (await _outcome(board.show(day, 0, chat.practice_week.id, None, nonce="day 1")))[0] is Temporary


# ── taking back ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_message_is_taken_back_and_the_others_stay(server: Server) -> None:
    chat = server.chat
    bola, post = server.someone(2), DirectMessages(server.chat.bot)
    first = await post.send(letter(bola, Kind.REMINDER, notice_id=41, lead_minutes=60))
    second = await post.send(letter(bola, Kind.REMINDER, notice_id=42, lead_minutes=1440))
    for _ in range(2):  # what is gone already is no fault
        await post.take_back(bola.id, str(first.external_id))
        assert [str(one.message_id) for one in chat.direct(bola)] == [second.external_id]


async def test_what_discord_does_not_allow_is_said_as_permanent(server: Server) -> None:
    bola, post = server.someone(2), DirectMessages(server.chat.bot)
    sent = await post.send(letter(bola, Kind.REMINDER, lead_minutes=60))
    server.chat.fail("DELETE", "/channels/*/messages/*", status=403, code=50003)
    with pytest.raises(Permanent):
        await post.take_back(bola.id, str(sent.external_id))
    assert [str(one.message_id) for one in server.chat.direct(bola)] == [sent.external_id]
