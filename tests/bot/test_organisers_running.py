"""Running what is published, in a server: a day called off, a programme closed, an edit undone, a message to those booked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.delivery import BoardMessages, DirectMessages
from bot.organisers.sends import through_words
from domain.errors import Permanent
from domain.kinds import Channel, Kind
from domain.models import Announcement, Audience, Notice, NoticeState, ProgrammeState, SessionState
from domain.ports.letters import Letter, NoticeChannel, Recipient
from rehearsal.chat import GUILD_ID, Someone
from scheduler.ticks import Ticks
from tests.bot_building import fits, headline
from tests.conftest import NOW
from tests.organiser_building import LUNCH, REFLECT, REFUSED, WEEK, Desk


async def a_week(desk: Desk, *lines: str) -> None:
    await desk.imported(*(lines or WEEK))
    await desk.published()


def booked(desk: Desk, number: int, *titles: str, **other: Any) -> Someone:
    """A member of the server, with places on these sessions."""
    building = desk.server.building
    person = desk.server.chat.join(f"Person {number}")
    person_id = building.person(number, discord_id=person.id, **other)
    for title in titles:
        building.book(int(desk.id_of(title)), person_id)
    return person


async def deliver(desk: Desk) -> None:
    """Send what is due in chat and in channels; e-mail is sent by hand."""
    building, bot = desk.server.building, desk.server.chat.bot
    channels: dict[Channel, NoticeChannel] = {Channel.CHAT: DirectMessages(bot), Channel.BOARD: BoardMessages(bot, GUILD_ID)}
    ticks = Ticks(building.store, building.rules, clock=desk.server.chat.now, by="test", providers={}, channels=channels)
    await ticks.deliver()
    await ticks.deliver()


def mails(desk: Desk) -> list[Letter]:
    """What leaves by e-mail now."""
    building = desk.server.building
    left = []
    for notice_id in building.claim(channels=[Channel.EMAIL]):
        letter = building.hand_over(notice_id)
        if letter is not None:
            building.sent(notice_id)
            left.append(letter)
    return left


# ── called off ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_day_is_called_off_after_a_preview_and_said_once_in_public_and_once_to_each(desk: Desk) -> None:
    await a_week(desk)
    ada = booked(desk, 1, "Lunch and learn", "Critical reflection", reminders_by_chat=True)
    booked(desk, 2, "Lunch and learn")
    mails(desk)
    desk.server.later(minutes=10)
    offered = await desk.server.chat.suggestions(desk.olga, "programme cancel", "day", "15", programme=str(desk.programme_id))
    assert offered == (("Monday 15 March 2027", "Monday 15 March 2027"),)
    shown = await desk.do("programme cancel", programme=str(desk.programme_id), day="Monday 15 March 2027")
    where = desk.server.chat.practice_week.id
    assert shown.text == (
        "## Cancel Monday 15 March 2027?\nRegional week\n- **2 sessions** would be cancelled.\n"
        "- **2 people** would be told: 3 e-mails and 1 direct message.\n"
        f"- One short message is posted in <#{where}>. It says nothing of private sessions.\n"
        "Calendar entries are taken away, and the meetings are deleted. This cannot be undone."
    )
    form = await desk.press(shown, "Write the reason and cancel")
    done = await desk.server.chat.fill(desk.olga, form, reason="@everyone **snow** <@1>")
    assert done.text.startswith("### Monday 15 March 2027 is cancelled\n2 sessions. 2 people will be told.")
    states = {title: session.state for title, session in desk.sessions().items()}
    off, on = SessionState.CANCELLED, SessionState.PUBLISHED
    assert states == {"Lunch and learn": off, "Critical reflection": off, "Kinship care": on}
    before = len(desk.server.chat.posted())
    await deliver(desk)
    (posted,) = desk.server.chat.posted()[before:]
    assert headline(posted) == "### Monday 15 March 2027: called off"
    assert "2 sessions are called off.\n\nWhy: @\u200beveryone \\*\\*snow\\*\\* \\<@1\\>" in posted.text
    (told,) = desk.server.chat.direct(ada)
    assert headline(told) == "### Your 2 sessions are called off"
    assert len(mails(desk)) == 3
    sent = [r.json for r in desk.server.chat.env.http_requests if r.path.endswith(f"/{where}/messages") and r.json]
    assert (sent[-1]["allowed_mentions"], sent[-1]["enforce_nonce"]) == ({"parse": []}, True)
    again = await desk.do("programme cancel", programme=str(desk.programme_id), day="Monday 15 March 2027")
    assert again.text == "There is nothing to cancel: every session then is over, or cancelled already."
    await deliver(desk)
    assert len(desk.server.chat.posted()) == before + 1


async def test_one_session_cancelled_is_said_in_chat_too(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    ada = booked(desk, 1, "Lunch and learn", reminders_by_chat=True)
    mails(desk)
    form = await desk.press(await desk.do("session cancel", session=desk.ref("Lunch and learn")), "Write the reason and cancel it")
    await desk.server.chat.fill(desk.olga, form, reason="The speaker is ill")
    await deliver(desk)
    assert [headline(one) for one in desk.server.chat.direct(ada)] == ["### This session is called off"]
    assert [letter.kind for letter in mails(desk)] == [Kind.CANCELLATION]


async def test_a_board_message_without_a_channel_is_refused_for_good(desk: Desk) -> None:
    letter = Letter(1, "k", Kind.ANNOUNCEMENT, Channel.BOARD, Recipient("", None, None))
    board = BoardMessages(desk.server.chat.bot, GUILD_ID)
    with pytest.raises(Permanent):
        await board.send(letter)
    assert (await board.flow(), board.harmless_to_repeat(Kind.ANNOUNCEMENT, 60), board.harmless_to_repeat(Kind.ANNOUNCEMENT, 600)) == (
        None,
        True,
        False,
    )


# ── undone ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_edit_is_undone_by_the_button_on_its_answer(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    booked(desk, 1, "Lunch and learn")
    mails(desk)
    desk.server.later(minutes=10)
    done = await desk.press(await desk.do("session reschedule", session=desk.ref("Lunch and learn"), start="2pm"), "Move it")
    assert "Undo" in done.labels
    undone = await desk.press(done, "Undo")
    assert undone.text == (
        "### Undone\n**Lunch and learn**\nMonday 15 March 2027, 12 noon to 1pm\nIt is as it was before.\n- Nobody hears anything of it."
    )
    desk.server.later(minutes=5)
    assert mails(desk) == []
    assert desk.trail()[-1] == "undo edit"


async def test_too_late_and_too_little_are_said(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    session = desk.ref("Lunch and learn")
    first = await desk.do("session places", session=session, places="9")
    second = await desk.do("session places", session=session, places="10")
    assert "changed again since" in (await desk.press(first, "Undo")).text
    desk.server.later(minutes=3)
    assert "too late to undo" in (await desk.press(second, "Undo")).text
    assert desk.sessions()["Lunch and learn"].places == 10


# ── closed, open again, archived ────────────────────────────────────────────────────────────────────────────


async def test_a_closed_programme_takes_no_bookings_and_who_has_a_place_can_still_give_it_back(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    programme = str(desk.programme_id)
    ada = booked(desk, 1, "Lunch and learn")
    bea = booked(desk, 2)
    closed = await desk.do("programme close", programme=programme)
    assert headline(closed) == "### Regional week is closed for booking"
    refused = await desk.server.chat.command(bea, "book", session=desk.ref("Lunch and learn"))
    assert "Booking for this programme" in refused.text
    browsed = await desk.server.chat.command(ada, "browse")
    day = await desk.server.chat.choose(ada, browsed, "2027-03-15") if "2027-03-15" in str(browsed.menus) else browsed
    assert "**Booking for this programme is closed.**" in day.text
    theirs = await desk.server.chat.choose(ada, day, desk.id_of("Lunch and learn"))
    assert "Booking for this programme is closed." in theirs.text
    assert "Cancel my place" in theirs.labels
    assert headline(await desk.do("programme reopen", programme=programme)) == "### Regional week is open for booking again"
    done = await desk.server.chat.command(bea, "book", session=desk.ref("Lunch and learn"))
    assert headline(done) == "### You are booked"
    early = await desk.do("programme archive", programme=programme)
    assert early.text == "This programme runs until Friday 19 March 2027. You can put it away from the day after."


async def test_an_archived_programme_is_offered_nowhere_but_in_reports(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    programme = str(desk.programme_id)
    desk.server.later(days=20)
    done = await desk.do("programme archive", programme=programme)
    assert headline(done) == "### Regional week is archived"
    suggestions = desk.server.chat.suggestions
    assert await suggestions(desk.olga, "programme close", "programme", "regional") == ()
    assert await suggestions(desk.olga, "programme report", "programme", "regional") == (("Regional week", programme),)
    refused = await desk.do("programme reopen", programme=programme)
    assert refused.text == "This programme is over and put away, so it cannot be changed."
    assert (await desk.send(LUNCH)).text == refused.text


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_message_is_written_seen_tried_and_sent_once(desk: Desk) -> None:
    await a_week(desk)
    ada = booked(desk, 1, "Lunch and learn", "Critical reflection", reminders_by_chat=True)
    booked(desk, 2, "Lunch and learn")
    mails(desk)
    form = await desk.do("programme message", programme=str(desk.programme_id), day="15/03/2027")
    shown = await desk.server.chat.fill(desk.olga, form, subject="Parking", words="Use the **north** gate.\n# Not @everyone")
    assert fits(shown)
    assert shown.text == (
        "## Send this message?\nRegional week, Monday 15 March 2027\n"
        "**2 people** who have a place: 1 e-mail and 1 direct message.\n"
        "### Parking\nUse the \\*\\*north\\*\\* gate.\n\\# Not @\u200beveryone"
    )
    tried = await desk.press(shown, "Send me a trial")
    assert "A trial is on its way to you, as a direct message." in tried.text
    await deliver(desk)
    (trial,) = desk.server.chat.direct(desk.olga)
    assert trial.text.endswith("-# Regional week, Monday 15 March 2027\n-# This is a trial. Only you can see it.")
    assert desk.server.chat.direct(ada) == []
    both = await desk.server.chat.at_once(
        lambda: desk.server.chat.press(desk.olga, tried, "Send"), lambda: desk.server.chat.press(desk.olga, tried, "Send")
    )
    assert len(both) == 2
    assert headline(desk.server.chat.look(tried)) == "### This message has been sent already"
    await deliver(desk)
    assert [headline(one) for one in desk.server.chat.direct(ada)] == ["### Parking"]
    assert [(letter.recipient.name, letter.kind) for letter in mails(desk)] == [("Person 2", Kind.ANNOUNCEMENT)]


async def test_a_message_about_a_session_goes_to_who_waits_and_a_known_organisers_trial_to_their_e_mail(desk: Desk) -> None:
    await a_week(desk, "15/03/2027,12-1pm,Lunch and learn,Dudley MBC,In person,Town Hall,1")
    building = desk.server.building
    building.person(9, discord_id=desk.olga.id)
    booked(desk, 1, "Lunch and learn")
    booked(desk, 2, "Lunch and learn")
    mails(desk)
    form = await desk.do("session message", session=desk.ref("Lunch and learn"), to="waiting")
    shown = await desk.server.chat.fill(desk.olga, form, subject="Hope", words="You may still get in.")
    await desk.press(shown, "Send me a trial")
    assert [(letter.recipient.address, letter.session) for letter in mails(desk)] == [("person9@council.gov.uk", None)]
    await desk.press(shown, "Send")
    assert [letter.recipient.name for letter in mails(desk)] == ["Person 2"]


async def test_what_is_still_to_be_sent_is_listed(desk: Desk) -> None:
    await a_week(desk, LUNCH)
    programme = str(desk.programme_id)
    assert headline(await desk.do("programme sends", programme=programme)) == "### Everything has been sent"
    booked(desk, 1, "Lunch and learn")
    shown = await desk.do("programme sends", programme=programme)
    assert shown.text == "## 1 message is still to be sent\nRegional week\n- 1 invitation by e-mail"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, ""),
        (61, "The last e-mail leaves at about 10.01am (<t:1803895260:t>)."),
        (60 * 24, "The last e-mail leaves on Tue 2 Mar at about 9am (<t:1803978000:t>)."),
    ],
)
def test_a_send_that_is_through_at_once_is_not_worth_a_sentence(minutes: int, words: str) -> None:
    assert through_words(NOW + timedelta(minutes=minutes), NOW, "Europe/London") == words


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nobody_else_may_do_any_of_it_not_even_with_forged_buttons(desk: Desk) -> None:
    await a_week(desk, LUNCH, REFLECT)
    programme, session = str(desk.programme_id), desk.ref("Lunch and learn")
    edit = await desk.do("session places", session=session, places="9")
    form = await desk.do("session message", session=session)
    kept = await desk.server.chat.fill(desk.olga, form, subject="Hello", words="Hello")
    (made,) = desk.read_rows(Announcement)
    assert made.audience is Audience.CONFIRMED
    buttons = [button.custom_id for seen in (edit, kept) for button in seen.buttons if button.custom_id and button.custom_id != "pw:drop"]
    for who in (desk.organiser_of(desk.another_programme()), desk.curious()):
        for command in ("cancel", "close", "reopen", "archive", "sends", "message"):
            answer = await desk.do(f"programme {command}", who, programme=programme)
            assert (command, answer.text, answer.form) == (command, REFUSED, None)
        assert (await desk.do("session message", who, session=session)).text == REFUSED
        seen = await desk.server.chat.command(who, "my bookings")
        for custom_id in (*buttons, f"pw:calloffall:{programme}:all", f"pw:sends:{programme}"):
            answer = await desk.server.chat.forge(who, seen, custom_id)
            assert (custom_id, answer.text, answer.form) == (custom_id, REFUSED, None)
    assert desk.read_rows(Notice, Notice.state == NoticeState.QUEUED) == []
    assert (desk.sessions()["Lunch and learn"].places, desk.sessions()["Lunch and learn"].state) == (9, SessionState.PUBLISHED)
    from domain.models import Programme

    assert desk.read_rows(Programme, Programme.id == desk.programme_id)[0].state is ProgrammeState.PUBLISHED
