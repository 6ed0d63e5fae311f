"""Booking, waiting, cancelling and being promoted, by button, menu and command."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.delivery import DirectMessages
from domain.database import Db
from domain.kinds import Channel, Format, Kind, Mode, Provider
from domain.models import Booking, BookingState, Person
from domain.places import lapse_holds
from domain.ports.letters import Recipient
from domain.programmes import view
from rehearsal.chat import Someone
from tests.bot_building import FORM, Server, headline
from tests.building import START, one_row, rows
from tests.visiting_building import wish


async def test_a_newcomer_books_with_the_form_and_the_code(server: Server) -> None:
    chat, building = server.chat, server.building
    session_id = building.session(title="Strengths", places=5, presenter="Dr A. Mensah", organisation="Northfield Council")
    alice = chat.join("Alice")
    card = await server.card(alice, session_id)
    assert (card.text, card.labels, card.private) == (
        "## Strengths\n"
        "Monday 15 March 2027, 9.30am to 10.15am, UK time (GMT)\n"
        "-# On your clock: <t:1805103000:F>\n"
        "**With:** Dr A. Mensah · Northfield Council\n"
        "**How:** In person, at Town Hall, room 2\n"
        "**Places:** 5 of 5 places left",
        ("Book",),
        True,
    )
    form = await chat.press(alice, card, "Book")
    held = await chat.fill(alice, form, **FORM)
    assert held.text.splitlines()[:2] == [
        "### We are keeping a place for you until 9.30am (<t:1803893400:t>)",
        "We have sent six digits to alice@council.gov.uk. Enter them to confirm that it is yours.",
    ]
    assert held.labels == ("Enter code", "Send again", "Cancel my place")
    assert held.message_id == card.message_id  # the same card, changed in place
    assert server.states(session_id) == [BookingState.HELD]
    assert [letter.code for letter in building.deliver()] == ["123456"]
    done = await chat.fill(alice, await chat.press(alice, held, "Enter code"), code="123 456")
    assert done.text == (
        "### Thank you\nYour address alice@council.gov.uk is confirmed.\n"
        "You are booked for:\n- **Strengths**, Mon 15 Mar, 9.30am to 10.15am\n"
        "The invitation is on its way to your e-mail."
    )
    assert server.states(session_id) == [BookingState.CONFIRMED]
    assert server.woken == [building.now] * 3


async def test_a_wrong_code_says_how_many_tries_are_left(server: Server) -> None:
    chat, building = server.chat, server.building
    alice = chat.join("Alice")
    held = await chat.fill(alice, await chat.press(alice, await server.card(alice, building.session()), "Book"), **FORM)
    building.deliver()
    wrong = await chat.fill(alice, await chat.press(alice, held, "Enter code"), code="999999")
    assert headline(wrong) == "### That is not the code we sent. You can try 4 more times."
    again = await chat.press(alice, wrong, "Send again")
    assert headline(again) == "### We have sent new digits to alice@council.gov.uk"


async def test_somebody_known_books_in_two_taps(server: Server) -> None:
    session_id = server.building.session()
    bola = server.someone(2)
    card = await server.card(bola, session_id)
    booked = await server.chat.press(bola, card, "Book")
    assert booked.text.startswith("### You are booked\nThe invitation is on its way to your e-mail.\n## Strengths\n")
    assert "4 of 5 places left" in booked.text
    assert booked.labels == ("Cancel my place", "Hand my place to a colleague", "Tell us what you need")


async def test_a_place_is_booked_by_command_and_its_suggestions(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session(title="Strengths", organisation="Northfield Council")
    building.session(title="Other matters", starts_at=START + timedelta(days=1))
    bola = server.someone(2)
    for typed in ("streng", "northfield", "monday 15 streng", "9.30am 15/3"):
        assert await chat.suggestions(bola, "book", "session", typed) == (
            ("Mon 15 Mar, 9.30am to 10.15am · Strengths · Northfield Council", server.reference(session_id)),
        )
    assert len(await chat.suggestions(bola, "book", "session", "")) == 3
    booked = await chat.command(bola, "book", session="strengths")  # typed and sent without choosing
    assert headline(booked) == "### You are booked"
    refused = await chat.command(bola, "book", session="nothing like it")
    assert refused.text == "Please choose one of the sessions that are shown while you type."


async def test_a_number_books_by_reference_and_never_by_id(server: Server) -> None:
    building, chat = server.building, server.chat
    first = building.session(title="First", reference="3")
    second = building.session(title="Second", reference="2")
    third = building.session(title="Third 7", reference="Abc-1", starts_at=START + timedelta(days=1))
    assert (first, second) == (2, 3)
    bola = server.someone(2)
    for typed, title in (("2", "Second"), ("aBC-1", "Third 7")):
        assert f"## {title}\n" in (await chat.command(bola, "book", session=typed)).text
    for typed in (str(third), "7"):
        refused = await chat.command(bola, "book", session=typed)
        assert refused.text == "Please choose one of the sessions that are shown while you type."


async def test_a_full_session_has_a_waiting_list_and_says_the_position(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session(places=1)
    first, second, third = server.someone(2), server.someone(3), server.someone(4)
    await server.book(first, session_id)
    await server.book(second, session_id)
    card = await server.card(third, session_id)
    assert card.labels == ("Join the waiting list",)
    assert "**Places:** Full: 1 waiting" in card.text
    waiting = await chat.press(third, card, "Join the waiting list")
    assert waiting.text.startswith("### You are number 2 on the waiting list\nWe tell you at once when a place comes free.\n")
    assert waiting.labels == ("Leave the waiting list",)
    assert "**Places:** Full: 2 waiting" in waiting.text


async def test_cancelling_promotes_the_first_in_line_and_may_be_undone_by_booking_again(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session(places=1)
    first, second = server.someone(2), server.someone(3)
    await server.book(first, session_id)
    await server.book(second, session_id)
    building.deliver()
    cancelled = await chat.press(first, await server.card(first, session_id), "Cancel my place")
    assert cancelled.text.startswith("### Your place is cancelled\nIt will go from your calendar too.\n")
    assert cancelled.labels == ("Join the waiting list",)
    assert server.states(session_id) == [BookingState.CANCELLED, BookingState.CONFIRMED]
    assert headline(await chat.press(first, cancelled, "Join the waiting list")) == "### You are number 1 on the waiting list"


async def test_a_clash_is_said_with_both_sessions_and_may_be_accepted_or_left(server: Server) -> None:
    building, chat = server.building, server.chat
    kept, wanted = building.session(title="Kept"), building.session(title="Wanted", starts_at=START + timedelta(minutes=30))
    bola = server.someone(2)
    await server.book(bola, kept)
    clash = await server.book(bola, wanted)
    assert clash.text == (
        "### You already have a place at this time\n"
        "You asked for:\n**Wanted**\nMon 15 Mar, 10am to 10.45am\n"
        "At the same time you have:\n**Kept**\nMon 15 Mar, 9.30am to 10.15am\n"
        "You can have both, for example if you will leave one early. Nothing has been booked yet."
    )
    assert server.states(wanted) == []
    left = await chat.press(bola, clash, "Leave it")
    assert left.text == "Nothing was booked. Your other place stays as it is."
    clash = await server.book(bola, wanted)
    newer = building.session(title="Newer", starts_at=START + timedelta(minutes=20))
    person = building.read(one_row, Person, Person.discord_id == bola.id)
    building.book(newer, person.id, accept_clash=True)  # on a page
    again = await chat.press(bola, clash, "Book anyway")  # of the newer one nothing was said there
    assert ("**Kept**" in again.text, "**Newer**" in again.text, server.states(wanted)) == (True, True, [])
    both = await chat.press(bola, again, "Book anyway")
    assert headline(both) == "### You are booked"


async def test_a_place_that_would_clash_is_offered_and_may_be_taken(server: Server) -> None:
    second, wanted = await _offered(server)
    card = await server.card(second, wanted)
    assert card.text.startswith("### A place in the room is yours if you want it\nPlease answer by 9pm (<t:1803934800:t>).\n")
    assert card.labels == ("Take the place", "No, thank you")
    asked = await server.chat.press(second, card, "Take the place")
    assert (headline(asked), "**Kept**" in asked.text) == ("### You already have a place at this time", True)
    assert headline(await server.chat.press(second, asked, "Book anyway")) == "### You are booked"


async def test_an_offers_message_names_what_clashes_and_one_press_accepts_that_and_no_more(server: Server) -> None:
    second, wanted = await _offered(server)
    building, chat = server.building, server.chat
    (letter,) = [one for one in building.deliver() if one.kind is Kind.OFFER]
    await DirectMessages(chat.bot).send(replace(letter, channel=Channel.CHAT, recipient=Recipient("Cleo", None, second.id)))
    message = chat.direct(second)[-1]
    assert "At the same time you have: Kept." in message.text
    person = building.read(one_row, Person, Person.discord_id == second.id)
    newer = building.session(title="Newer", starts_at=START + timedelta(minutes=20))
    building.book(newer, person.id, accept_clash=True)  # on a page
    asked = await chat.press(second, message, "Take the place")
    assert (headline(asked), "**Newer**" in asked.text) == ("### You already have a place at this time", True)
    building.cancel(newer, person.id)
    assert headline(await chat.press(second, message, "Take the place")) == "### You are booked"
    assert building.booking(wanted, person.id).state is BookingState.CONFIRMED


async def test_a_message_of_before_that_says_nothing_of_what_clashes_asks_first(server: Server) -> None:
    second, wanted = await _offered(server)
    card = await server.card(second, wanted)
    forged = await server.chat.forge(second, card, f"pw:take:{wanted}")
    assert headline(forged) == "### You already have a place at this time"
    assert BookingState.CONFIRMED not in server.states(wanted)[1:]


async def test_an_offer_may_be_declined_and_goes_to_the_next(server: Server) -> None:
    second, wanted = await _offered(server)
    third = server.someone(4)
    assert headline(await server.book(third, wanted)) == "### You are number 1 on the waiting list"
    declined = await server.chat.press(second, await server.card(second, wanted), "No, thank you")
    assert headline(declined) == "### We no longer keep a place for you"
    assert server.states(wanted) == [BookingState.CANCELLED, BookingState.CANCELLED, BookingState.CONFIRMED]


async def test_an_offer_that_has_ended_is_not_booked_by_its_button(server: Server) -> None:
    second, wanted = await _offered(server)
    card = await server.card(second, wanted)
    server.later(hours=13)
    server.building.write(lapse_holds, server.building.rules, now=server.building.now)
    late = await server.chat.press(second, card, "Take the place")
    assert late.text.startswith("### This offer has ended\nThe place went to the next person.\n")
    assert server.states(wanted) == [BookingState.CANCELLED, BookingState.CANCELLED]


async def _offered(server: Server) -> tuple[Someone, int]:
    """Somebody to whom a place is offered, because it clashes with one they have; and its session."""
    building = server.building
    wanted, kept = building.session(title="Wanted", places=1), building.session(title="Kept", starts_at=START + timedelta(minutes=30))
    first, second = server.someone(2), server.someone(3)
    await server.book(first, wanted)
    await server.book(second, wanted)
    await server.book(second, kept)
    await server.chat.press(first, await server.card(first, wanted), "Cancel my place")
    return second, wanted


async def test_a_hybrid_session_is_booked_in_the_room_or_online(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session(format=Format.HYBRID, provider=Provider.TEAMS, places=1, online_places=None)
    bola, cleo = server.someone(2), server.someone(3)
    card = await server.card(bola, session_id)
    assert "**How:** In person, at Town Hall, room 2; or online, on Teams" in card.text
    assert "**Places:** Room: 1 of 1 place left · Online: No limit" in card.text
    assert card.labels == ("Book in the room", "Book online")
    assert headline(await chat.press(bola, card, "Book in the room")) == "### You are booked"
    choice = await server.book(cleo, session_id)
    assert (headline(choice), choice.labels) == ("### Choose how you will take part", ("Join the waiting list in the room", "Book online"))
    assert headline(await server.book(cleo, session_id, how=Mode.ONLINE.value)) == "### You are booked"


async def test_a_session_that_has_started_is_over_or_cancelled_is_closed(server: Server) -> None:
    building, chat = server.building, server.chat
    soon, called_off = building.session(title="Soon"), building.session(title="Called off")
    bola, newcomer = server.someone(2), chat.join("Newcomer")
    cards = {person.name: await server.card(person, soon) for person in (bola, newcomer)}
    off = await server.card(bola, called_off)
    building.call_off(called_off)
    refused = await chat.press(bola, off, "Book")
    assert refused.text == "This session has been called off."
    server.later(days=14, minutes=31)
    for person in (bola, newcomer):  # the newcomer is not asked for details in vain
        refused = await chat.press(person, cards[person.name], "Book")
        assert refused.text in (
            "This session has started, so it can no longer be booked.",
            "This session has started, so booking is closed.",
        )
        assert refused.private
    seen = await chat.forge(bola, off, f"pw:show:{soon}")
    assert (seen.text.splitlines()[-1], seen.labels) == ("**This session has started, so booking is closed.**", ())
    assert server.states(soon) == []


async def test_near_the_start_a_full_session_has_no_waiting_list(server: Server) -> None:
    session_id = server.building.session(places=0)
    bola = server.someone(2)
    server.later(days=13, hours=23)
    card = await server.card(bola, session_id)
    assert [(b.label, b.disabled) for b in card.buttons] == [("Full", True)]
    assert (await server.book(bola, session_id)).text.startswith("This session is full, and it starts soon")


async def test_my_bookings_lists_places_and_waiting_lists(server: Server) -> None:
    building, chat = server.building, server.chat
    booked = building.session(title="Booked one")
    waiting = building.session(title="Waited for", places=0, starts_at=START + timedelta(days=1))
    bola = server.someone(2)
    empty = await chat.command(bola, "my bookings")
    assert empty.text == "## Your bookings\nYou have no bookings at the moment. Use /browse to see what is on."
    await server.book(bola, waiting)
    await server.book(bola, booked)
    mine = await chat.command(bola, "my bookings", direct=True)
    assert mine.text == (
        "## Your bookings\n"
        "**Mon 15 Mar, 9.30am to 10.15am** Booked one\n-# <t:1805103000:t> · Booked\n"
        "**Tue 16 Mar, 9.30am to 10.15am** Waited for\n-# <t:1805189400:t> · Waiting: number 1"
    )
    card = await chat.choose(bola, mine, str(booked))
    assert (headline(card), card.labels) == (
        "### You have a place in the room",
        ("Cancel my place", "Hand my place to a colleague", "Tell us what you need"),
    )


async def test_my_calendar_is_a_file_of_the_places_one_has(server: Server) -> None:
    building, chat = server.building, server.chat
    session_id = building.session(title="Strengths")
    bola = server.someone(2)
    assert (await chat.command(bola, "my calendar")).text.startswith("You have no sessions to put in a calendar yet.")
    await server.book(bola, session_id)
    seen = await chat.command(bola, "my calendar")
    assert seen.private
    assert seen.text.startswith("Here is your session. Open the file to add it to a calendar.")
    assert [name for name, _ in seen.files] == ["my-sessions.ics"]
    assert b"SUMMARY:Strengths" in seen.files[0][1]


async def test_booking_closes_with_the_programme(server: Server) -> None:
    building = server.building
    session_id = building.session()
    bola = server.someone(2)
    card = await server.card(bola, session_id)
    building.write(close_programme, building.programme_id)
    assert (await server.chat.press(bola, card, "Book")).text == "Booking for this programme has closed."
    assert "**Booking for this programme is closed.**" in (await server.card(bola, session_id)).text


def close_programme(db: Db, programme_id: int) -> None:
    from domain.models import Programme, ProgrammeState

    programme = db.get_one(Programme, programme_id)
    programme.state = ProgrammeState.CLOSED
    db.add(programme)
    assert view(programme).state is ProgrammeState.CLOSED


async def test_what_a_page_asked_for_in_ones_name_takes_no_book_button_away_and_booking_has_its_place(server: Server) -> None:
    """Somebody typed Ann's address on a page: to Ann, in chat, it is as if nobody had."""
    building = server.building
    session_id = building.session(title="Strengths", places=1)
    ann = server.someone(7)
    wish(building, session_id, 7)
    assert [(one.state, one.wished) for one in building.read(rows, Booking)] == [(BookingState.HELD, True)]
    card = await server.card(ann, session_id)
    assert card.labels == ("Book",)
    assert "we are keeping" not in card.text.casefold()
    assert "You have no bookings at the moment." in (await server.chat.command(ann, "my bookings")).text
    done = await server.chat.press(ann, card, "Book")
    assert headline(done).startswith("### You are booked")
    assert [(one.state, one.wished) for one in building.read(rows, Booking)] == [(BookingState.CONFIRMED, False)]


async def test_who_wants_what_a_page_waits_for_in_their_name_may_join_the_waiting_list(server: Server) -> None:
    building = server.building
    session_id = building.session(title="Strengths", places=1)
    building.book(session_id, building.person(1))
    ann = server.someone(7)
    wish(building, session_id, 7)
    waits = (await server.card(ann, session_id)).labels
    assert [(one.state, one.wished) for one in building.read(rows, Booking)][1:] == [(BookingState.WAITLISTED, True)]
    assert waits == ("Join the waiting list",)
