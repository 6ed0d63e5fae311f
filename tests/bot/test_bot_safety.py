"""What must not happen in chat: forged buttons, bots, other servers, pings, two effects of one press, false promises."""

from __future__ import annotations

import pytest
from discord import TextChannel

from bot.cards import button, card, row
from bot.errors import OUR_FAULT
from domain.kinds import Format, Provider
from domain.models import BookingState
from rehearsal.chat import GUILD_ID, Seen, Someone
from tests.bot_building import FORM, Server, headline

LINE_BREAKERS = "\u202egnp.exe\u202c \u200bzero\u200d width"


async def test_a_forged_button_is_asked_again_and_refused(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session()
    bola = server.someone(2)
    shown = await server.card(bola, session_id)
    gone = "We could not find that session. It may have been removed."
    assert (await chat.forge(bola, shown, "pw:book:999:any")).text == gone
    beyond = (await chat.forge(bola, shown, "pw:book:999999999999:any")).text
    assert beyond in (gone, "We could not find that. Please choose it from the list.")  # PostgreSQL's numbers end before that
    assert (await chat.forge(bola, shown, f"pw:book:{session_id}:online")).text == "You cannot take part in this session that way."
    assert (await chat.forge(bola, shown, f"pw:cancel:{session_id}")).text == "You have no booking for this session."
    assert (await chat.forge(bola, shown, "pw:open", values=["1; DROP TABLE"])).text == "Please choose one from the list."
    assert (await chat.forge(bola, shown, "pw:open", values=["٣"])).text == "Please choose one from the list."
    assert (
        await chat.forge(bola, shown, f"pw:day:{building.programme_id}", values=["2027-02-30"])
    ).text == "Please choose a day from the list."
    assert (await chat.forge(bola, shown, "pw:programme", values=["77"])).text == "We could not find that programme."
    assert (await chat.forge(bola, shown, "pw:reminders", values=["pigeon"])).text == "Please choose how you would like to be reminded."
    assert (await chat.forge(bola, shown, "pw:nothing:1")).text.startswith("This button does not work any more.")
    assert server.states(session_id) == []


async def test_a_draft_or_private_session_cannot_be_found_by_its_number(server: Server) -> None:
    building, chat = server.building, server.chat
    from domain.models import Privacy

    private = building.session(title="Family panel", privacy=Privacy.PRIVATE, public_title="A workshop")
    bola = server.someone(2)
    shown = await server.card(bola, building.session())
    for custom_id in (f"pw:book:{private}:any", f"pw:show:{private}", f"pw:take:{private}"):
        refused = await chat.forge(bola, shown, custom_id)
        assert refused.text == "We could not find that session. It may have been removed."
    assert await chat.suggestions(bola, "book", "session", "family") == ()


async def test_a_bot_is_ignored(server: Server) -> None:
    chat = server.chat
    robot = chat.join("Robot", bot=True)
    answer = await chat.command(robot, "browse")
    assert (answer.text, answer.result.acknowledged) == ("", False)
    session_id = server.building.session()
    posted = await _posted(server, session_id)
    assert (await chat.press(robot, posted, "Book")).result.acknowledged is False
    assert server.states(session_id) == []


async def _posted(server: Server, session_id: int) -> Seen:
    """A public message with a button to book."""
    layout = card(("A session", row(button("Book", f"pw:book:{session_id}:any"))))
    layout.stop()
    channel = server.chat.bot.get_channel(server.chat.practice_week.id)
    assert isinstance(channel, TextChannel)
    await channel.send(view=layout)
    await server.chat.settle()
    return server.chat.posted()[-1]


async def test_a_public_button_acts_for_whoever_presses_it_and_answers_only_them(server: Server) -> None:
    session_id = server.building.session(places=1)
    bola, cleo = server.someone(2), server.someone(3)
    posted = await _posted(server, session_id)
    booked = await server.chat.press(bola, posted, "Book")
    waiting = await server.chat.press(cleo, posted, "Book")
    assert (headline(booked), booked.private) == ("### You are booked", True)
    assert (headline(waiting), waiting.private) == ("### You are number 1 on the waiting list", True)
    assert server.chat.posted()[-1].text == "A session"


async def test_another_server_is_refused(server: Server) -> None:
    chat = server.chat
    session_id = server.building.session()
    elsewhere = chat.env.create_guild("Elsewhere", id=GUILD_ID + 1)
    channel = elsewhere.create_text_channel("general")
    user = chat.env.create_user("Stranger")
    stranger = Someone("Stranger", user.id, elsewhere.add_member(user), user)
    await chat.settle()
    layout = card((row(button("Book", f"pw:book:{session_id}:any")),))
    layout.stop()
    theirs = chat.bot.get_channel(channel.id)
    assert isinstance(theirs, TextChannel)
    await theirs.send(view=layout)
    await chat.settle()
    refused = await chat.press(stranger, chat.posted(channel)[-1], "Book")
    assert refused.text == "This does not work in this server. Please do it in your partnership's server."
    assert (await chat.command(stranger, "my bookings", at=channel)).text == refused.text


async def test_a_command_of_the_server_is_not_there_in_direct_messages(server: Server) -> None:
    bola = server.someone(2)
    there = set(bola.user.available_commands())
    assert there >= {"my bookings", "my calendar", "my details"}
    assert there.isdisjoint({"browse", "book"})


async def test_somebody_unknown_cannot_begin_in_direct_messages(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    stranger = chat.join("Stranger", outside=True)
    assert (await chat.command(stranger, "my details", direct=True)).text.startswith("We do not know you yet.")
    channel = await chat.bot.create_dm(__import__("discord").Object(stranger.id))
    layout = card((row(button("Book", f"pw:book:{session_id}:any")),))
    layout.stop()
    await channel.send(view=layout)
    await chat.settle()
    refused = await chat.press(stranger, chat.direct(stranger)[-1], "Book")
    assert refused.text == "Please make your first booking in the server of Midlands Teaching Partnership."


async def test_nothing_that_people_write_pings_anybody(server: Server) -> None:
    building, chat = server.building, server.chat
    nasty = "@everyone <@&123456789012345678> <@123456789012345678> [free](https://evil.example) # Big `code` ||x||"
    session_id = building.session(title=nasty, presenter=nasty, organisation=nasty, audience="@here", description=nasty + LINE_BREAKERS)
    bola = server.someone(2, name="Bola")
    shown = await server.card(bola, session_id)
    ids = "\\<@&123456789012345678\\> \\<@123456789012345678\\>"
    escaped = f"@\u200beveryone {ids} \\[free\\]\\(https://evil.example\\) \\# Big \\`code\\` \\|\\|x\\|\\|"
    assert shown.text.splitlines()[0] == f"## {escaped}"
    assert shown.text.splitlines()[-1] == escaped + "gnp.exe zero width"
    await chat.press(bola, shown, "Book")
    sent = [request.json for request in chat.env.http_requests if request.json and "components" in str(request.json)]
    mentions = [(body.get("data") or body).get("allowed_mentions") for body in sent if isinstance(body, dict) and body.get("type") != 9]
    assert mentions
    assert all(m == {"parse": []} for m in mentions if m is not None)
    posts = [b for b in sent if (b.get("data") or b).get("flags")]
    assert all((b.get("data") or b).get("allowed_mentions") == {"parse": []} for b in posts)


async def test_a_double_click_is_one_booking(server: Server) -> None:
    session_id = server.building.session()
    bola = server.someone(2)
    shown = await server.card(bola, session_id)
    both = await server.chat.at_once(*(lambda: server.chat.press(bola, shown, "Book") for _ in range(2)))
    assert server.states(session_id) == [BookingState.CONFIRMED]
    assert {headline(seen) for seen in both} <= {"### You are booked", "### You already have a place"}
    assert [key for key, _ in server.building.notices()] == ["invitation:1:1"]


async def test_the_same_interaction_twice_has_one_effect(server: Server) -> None:
    chat = server.chat
    session_id = server.building.session(places=1)
    bola = server.someone(2)
    await server.book(bola, session_id)
    sent = next(payload for kind, name, payload in reversed(chat.env.backend.transcript) if name == "INTERACTION_CREATE")
    chat.env.backend.emit("INTERACTION_CREATE", sent)  # the gateway resumes, and tells it again
    await chat.settle()
    assert server.states(session_id) == [BookingState.CONFIRMED]
    assert [key for key, _ in server.building.notices()] == ["invitation:1:1"]


async def test_fifty_people_press_at_once_and_no_place_is_given_twice(server: Server) -> None:
    session_id = server.building.session(places=5)
    people = [server.someone(number) for number in range(2, 52)]
    posted = await _posted(server, session_id)
    seen = await server.chat.at_once(*(lambda p=person: server.chat.press(p, posted, "Book") for person in people))
    assert server.states(session_id).count(BookingState.CONFIRMED) == 5
    assert server.states(session_id).count(BookingState.WAITLISTED) == 45
    assert sum(headline(s) == "### You are booked" for s in seen) == 5
    assert sorted(int(headline(s).split()[4]) for s in seen if "waiting list" in headline(s)) == list(range(1, 46))


async def test_a_booking_whose_answer_came_too_late_is_made_once_and_the_next_press_says_so(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    bola = server.someone(2)
    shown = await server.card(bola, session_id)
    chat.fail("POST", "/interactions/*/*/callback", status=404, code=10062)
    assert (await chat.press(bola, shown, "Book")).text == ""
    assert server.states(session_id) == [BookingState.CONFIRMED]
    assert headline(await chat.press(bola, shown, "Book")) == "### You already have a place"
    assert server.states(session_id) == [BookingState.CONFIRMED]


async def test_buttons_menus_and_forms_work_after_a_restart(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session(format=Format.ONLINE, provider=Provider.TEAMS, venue=None)
    alice = chat.join("Alice")
    days = await chat.command(alice, "browse")
    await chat.restart()
    sessions = await chat.choose(alice, days, "2027-03-15")
    await chat.restart()
    shown = await chat.choose(alice, sessions, str(session_id))
    await chat.restart()
    form = await chat.press(alice, shown, "Book")
    await chat.restart()
    held = await chat.fill(alice, form, **FORM)
    assert headline(held) == "### We are keeping a place for you until 9.30am (<t:1803893400:t>)"


async def test_a_fault_of_ours_after_the_change_was_made_sends_people_to_their_bookings(server: Server) -> None:
    chat, session_id = server.chat, server.building.session()
    bola = server.someone(2)
    shown = await server.card(bola, session_id)
    chat.fail("POST", "/interactions/*/*/callback", status=400)
    with pytest.raises(RuntimeError, match="the bot failed when Person 2 did"):
        await chat.press(bola, shown, "Book")
    assert server.states(session_id) == [BookingState.CONFIRMED]  # so it must not be said that nothing was changed
    assert OUR_FAULT == (
        "Something went wrong on our side. Look at /my bookings before you try again, or tell an organiser. (Reference {reference}.)"
    )
