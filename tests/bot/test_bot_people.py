"""One's own details in chat: the form, the organisation that was meant, codes, reminders."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.forms import details_form
from domain.database import Db, Store
from domain.kinds import Kind
from domain.models import Person
from domain.people import find
from domain.places import lapse_holds
from domain.rules import Rules
from tests.bot_building import FORM, Server, headline, surroundings_of
from tests.building import START


async def test_a_refused_form_says_why_and_keeps_what_was_typed(server: Server) -> None:
    chat, building = server.chat, server.building
    session_id = building.session()
    alice = chat.join("Alice")
    form = await chat.press(alice, await server.card(alice, session_id), "Book")
    refused = await chat.fill(alice, form, **FORM | {"email": "a@b.org, c@d.org"})
    assert headline(refused) == "### That e-mail address cannot be used. Enter one address, like name@council.gov.uk."
    again = await chat.press(alice, refused, "Try again")
    assert again.form is not None
    assert [field["component"].get("value") for field in again.form["components"][1:4]] == [
        "Alice Adams",
        "a@b.org, c@d.org",
        "Northfield Council",
    ]
    assert headline(await chat.fill(alice, again, **FORM)).startswith("### We are keeping a place for you")


async def test_the_form_keeps_to_five_items_and_has_the_privacy_notice(server: Server) -> None:
    alice = server.chat.join("Alice")
    form = (await server.chat.press(alice, await server.card(alice, server.building.session()), "Book")).form
    assert form is not None
    assert [part["type"] for part in form["components"]] == [10, 18, 18, 18, 18]
    assert form["components"][0]["content"].startswith(
        "**Who sees this?** The organisers of Midlands Teaching Partnership see your details"
    )
    assert form["components"][0]["content"].endswith("To see or delete what is kept about you, ask an organiser.")


def test_the_privacy_notice_names_the_contact(store: Store, partnership_id: int, rules: Rules, now: datetime) -> None:
    around = surroundings_of(store, partnership_id, rules, lambda: now, contact="data@council.gov.uk")
    notice = details_form(around, None).to_dict()["components"][0]
    assert str(notice["content"]).endswith("To see or delete what is kept about you, contact data@council.gov.uk.")


async def test_an_organisation_is_recognised_however_it_is_typed(server: Server) -> None:
    chat, building = server.chat, server.building
    session_id = building.session(organisation="Leicester City Council")
    alice = chat.join("Alice")
    form = await chat.press(alice, await server.card(alice, session_id), "Book")
    held = await chat.fill(alice, form, **FORM | {"organisation": "leicester  CITY council"})
    assert held.menus == ()
    assert building.read(find, building.partnership_id, alice.id).organisation == "Leicester City Council"


async def test_a_name_that_is_nearly_known_is_asked_about_once_the_place_is_held(server: Server) -> None:
    chat, building = server.chat, server.building
    session_id = building.session(organisation="Leicester City Council")
    building.session(organisation="Leicestershire County Council")
    alice = chat.join("Alice")
    form = await chat.press(alice, await server.card(alice, session_id), "Book")
    held = await chat.fill(alice, form, **FORM | {"organisation": "Leicester"})
    assert headline(held).startswith("### We are keeping a place for you")
    assert "You typed **Leicester** as your organisation. Is it one of these?" in held.text
    assert [label for _, label, _ in held.menus[0].options] == [
        "Leicester City Council",
        "Leicestershire County Council",
        "None of these: Leicester",
    ]
    thanks = await chat.choose(alice, held, "Leicester City Council")
    assert thanks.text.startswith("### Thank you\nYour organisation is Leicester City Council.\n## Strengths")
    assert building.read(find, building.partnership_id, alice.id).organisation == "Leicester City Council"
    assert "Enter code" in thanks.labels
    # the name that was only typed is not offered to the next person
    assert await chat.suggestions(alice, "my details", "organisation", "leices") == (
        ("Leicester City Council", "Leicester City Council"),
        ("Leicestershire County Council", "Leicestershire County Council"),
    )


async def test_what_few_have_typed_is_offered_to_nobody(server: Server) -> None:
    chat, building = server.chat, server.building
    for number in range(2, 6):
        building.newcomer(number, organisation="Jayden Smith's mum")
        building.deliver()
        building.prove(number)
    alice = chat.join("Alice")
    assert await chat.suggestions(alice, "my details", "organisation", "") == ()
    form = await chat.press(alice, await server.card(alice, building.session()), "Book")
    assert (await chat.fill(alice, form, **FORM | {"organisation": "Jayden"})).menus == ()
    building.newcomer(6, organisation="Jayden Smith's mum")
    building.deliver()
    assert await chat.suggestions(alice, "my details", "organisation", "") == ()  # typed, and no address is proven
    building.prove(6)  # five people share it: it is a place of work, whatever its name
    assert await chat.suggestions(alice, "my details", "organisation", "") == (("Jayden Smith's mum", "Jayden Smith's mum"),)


async def test_what_was_typed_may_be_kept(server: Server) -> None:
    chat, building = server.chat, server.building
    session_id = building.session(organisation="Leicester City Council")
    alice = chat.join("Alice")
    form = await chat.press(alice, await server.card(alice, session_id), "Book")
    held = await chat.fill(alice, form, **FORM | {"organisation": "Leicester"})
    kept = await chat.choose(alice, held, "none")
    assert kept.text.startswith("### Thank you\nYour organisation is Leicester.\n")


async def test_my_details_shows_and_changes_them(server: Server) -> None:
    chat, building = server.chat, server.building
    bola = server.someone(2)
    building.session(organisation="Eastmoor Trust")
    mine = await chat.command(bola, "my details", direct=True)
    assert mine.text == (
        "## Your details\n**Name:** Person 2\n**Work e-mail:** person2@council.gov.uk\n**Organisation:** none\n"
        "**Service area:** Something else\n"
        "**Reminders:** By e-mail. Invitations always come by e-mail."
    )
    saved = await chat.command(bola, "my details", organisation="Eastmoor Trust")
    assert headline(saved) == "### Your details are saved."
    assert "**Organisation:** Eastmoor Trust" in saved.text
    form = await chat.press(bola, mine, "Change my details")
    changed = await chat.fill(bola, form, name="Bola Ade", email="person2@council.gov.uk", organisation="Eastmoor Trust", area=["adults"])
    assert "**Name:** Bola Ade" in changed.text
    assert "**Service area:** Adults' services" in changed.text
    assert changed.labels == ("Change my details",)


async def test_a_changed_address_is_proven_before_it_is_used(server: Server) -> None:
    chat, building = server.chat, server.building
    bola = server.someone(2)
    await server.book(bola, building.session())
    building.deliver()
    form = await chat.press(bola, await chat.command(bola, "my details"), "Change my details")
    changed = await chat.fill(bola, form, **FORM | {"email": "bola@new.gov.uk"})
    assert "**Work e-mail:** person2@council.gov.uk" in changed.text
    assert (
        "We have sent six digits to bola@new.gov.uk. Enter them to confirm that it is yours. "
        "Until then your messages go to the old address." in changed.text
    )
    assert [letter.recipient.address for letter in building.deliver()] == ["bola@new.gov.uk"]
    proven = await chat.fill(bola, await chat.press(bola, changed, "Enter code"), code="123456")
    assert proven.text == "### Thank you\nYour address bola@new.gov.uk is confirmed.\nYour invitations move to this address."


async def test_reminders_are_chosen_from_a_menu(server: Server) -> None:
    chat, building = server.chat, server.building
    bola = server.someone(2)
    mine = await chat.command(bola, "my details")
    assert [(value, about) for value, _, about in mine.menus[0].options] == [("chat", ""), ("email", "As it is now"), ("both", "")]
    both = await chat.choose(bola, mine, "both")
    assert headline(both) == "### Reminders will come by chat and by e-mail."
    known = building.read(find, building.partnership_id, bola.id)
    assert (known.reminders_by_chat, known.reminders_by_email) == (True, True)


async def test_somebody_whose_code_ran_out_is_sent_another_when_they_book_again(server: Server) -> None:
    chat, building = server.chat, server.building
    first, second = building.session(title="First"), building.session(title="Second")
    alice = chat.join("Alice")
    await chat.fill(alice, await chat.press(alice, await server.card(alice, first), "Book"), **FORM)
    building.deliver()
    server.later(days=2)
    building.write(lapse_holds, building.rules, now=building.now)
    held = await server.book(alice, second)
    assert headline(held).startswith("### We are keeping a place for you until 9.30am")
    letters = [(letter.kind, letter.recipient.address) for letter in building.deliver(code="654321")]
    assert letters == [(Kind.VERIFICATION, "alice@council.gov.uk"), (Kind.LAPSED, None)]  # the second goes by chat
    done = await chat.fill(alice, await chat.press(alice, held, "Enter code"), code="654321")
    assert "You are booked for:\n- **Second**" in done.text


async def test_more_than_three_codes_an_hour_are_refused(server: Server) -> None:
    chat, building = server.chat, server.building
    alice = chat.join("Alice")
    held = await chat.fill(alice, await chat.press(alice, await server.card(alice, building.session()), "Book"), **FORM)
    for _ in range(2):
        held = await chat.press(alice, held, "Send again")
    assert (await chat.press(alice, held, "Send again")).text == (
        "We have sent 3 codes in the last hour. Look in your junk mail, or try again in an hour."
    )


async def test_who_has_had_three_codes_this_hour_is_told_when_the_next_can_be_sent(server: Server) -> None:
    chat, building = server.chat, server.building
    first, second = building.session(title="First"), building.session(title="Second", starts_at=START + timedelta(days=1))
    alice = chat.join("Alice")
    held = await chat.fill(alice, await chat.press(alice, await server.card(alice, first), "Book"), **FORM)
    for _ in range(2):
        held = await chat.press(alice, held, "Send again")
    building.deliver()
    for _ in range(building.rules.code_tries):
        await chat.fill(alice, await chat.press(alice, held, "Enter code"), code="000000")
    booked = await server.book(alice, second)
    spent = "The six digits that we sent to alice@council.gov.uk no longer work. You can ask for new ones from 10am (<t:1803895200:t>)."
    assert spent in booked.text
    assert spent in (await chat.command(alice, "my details")).text
    assert building.deliver() == []
    server.later(hours=1, minutes=1)
    assert "no longer work. Press Send again for new ones." in (await chat.command(alice, "my details")).text


async def test_somebody_whose_messages_are_closed_is_told_so(server: Server) -> None:
    chat, building = server.chat, server.building
    bola = server.someone(2)
    mine = await chat.command(bola, "my details")
    await chat.choose(bola, mine, "chat")
    building.write(close_chat, bola.id, building.now)
    words = "\nDiscord does not let us write to you: reminders come by e-mail."
    assert words in (await chat.command(bola, "my details")).text
    assert words not in (await chat.choose(bola, mine, "both")).text  # asked for again: it is tried again


def close_chat(db: Db, discord_id: int, now: datetime) -> None:
    person = db.exec(select(Person).where(col(Person.discord_id) == discord_id)).one()
    person.chat_closed_at = now
    db.add(person)


async def test_a_waiting_newcomer_is_asked_for_the_code_too(server: Server) -> None:
    chat, building = server.chat, server.building
    alice = chat.join("Alice")
    card = await server.card(alice, building.session(places=0))
    waiting = await chat.fill(alice, await chat.press(alice, card, "Join the waiting list"), **FORM)
    assert waiting.text.startswith(
        "### You are number 1 on the waiting list\nWe tell you at once when a place comes free. "
        "We have sent six digits to alice@council.gov.uk. Enter them to confirm that it is yours.\n"
    )
    assert waiting.labels == ("Leave the waiting list", "Enter code", "Send again")
