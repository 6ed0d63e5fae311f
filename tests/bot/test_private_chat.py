"""Private sessions in chat: a family's way from a code to a place and back, and all that everybody else does not see."""

from __future__ import annotations

from domain.database import Db
from domain.models import AuditEntry, Booking, BookingState, Needs, Part, Person, Presenter, Session
from domain.privacy import is_private
from rehearsal.chat import Seen, Someone
from tests.bot_building import Server, headline
from tests.building import rows
from tests.private_building import NEUTRAL, SECRET, made_code, private_session

ASKED_NAME = {"name": "Rosie", "email": "rosie@family.example"}
GONE = "We could not find that session. It may have been removed."
NO_CODE = "This code does not work. Check each letter, or ask who gave it to you for a new one."


async def let_in(server: Server, person: Someone, code: str, *, direct: bool = True) -> Seen:
    return await server.chat.command(person, "invited", code=code, direct=direct)


async def test_a_parent_books_in_direct_messages_with_a_name_and_an_address_and_nothing_else(server: Server) -> None:
    building, chat = server.building, server.chat
    session = private_session(building)
    dana = chat.join("Dana")
    form = await chat.command(dana, "invited", direct=True)  # nothing yet: the code is asked for
    assert form.form is not None
    assert form.form["title"] == "Open your invitation"
    wrong = await chat.fill(dana, form, code="AAAAA-AAAAA-AAAAA")
    assert (headline(wrong), wrong.labels, wrong.private) == (f"### {NO_CODE}", ("Try again",), True)
    opened = await chat.fill(dana, await chat.press(dana, wrong, "Try again"), code=made_code(building).code.lower())
    assert opened.text.startswith("### Welcome. Your code works.\n## You are invited\nOnly you can see this.")
    card = await chat.choose(dana, opened, str(session))
    assert card.private
    assert f"## {NEUTRAL}\n" in card.text
    assert [word for word in (SECRET, "About care.", "Grace Hopper") if word in card.text] == []
    before = await chat.press(dana, card, "Book")
    assert before.text == (
        "### Before you book\n"
        f"**{NEUTRAL}**\nMon 15 Mar, 9.30am to 10.15am\n"
        "1. **What happens next:** You choose a name and we send an invitation to your e-mail.\n"
        "2. **Who sees it:** Only the organisers of this programme see your name here and what you need.\n"
        "3. **What Discord shows:** Others can see your Discord name in the member list of the server, but not what you do here.\n"
        "4. **If you change your mind:** Type /my bookings, choose it and press Cancel my place. You need not say why.\n"
        "5. **If you want to talk:** Ask the person who gave you your code."
    )
    asked = await chat.press(dana, before, "Go on")
    assert asked.form is not None
    held = await chat.fill(dana, asked, **ASKED_NAME)
    assert held.text.startswith("### We are keeping a place for you until 9.30am")
    building.deliver()
    proven = await chat.fill(dana, await chat.press(dana, held, "Enter code"), code="123456")
    assert f"- **{NEUTRAL}**, Mon 15 Mar" in proven.text
    (row,) = building.read(rows, Person, Person.discord_id == dana.id)
    assert (row.name, row.part, row.organisation_id, row.email) == ("Rosie", Part.PARENT, None, "rosie@family.example")
    assert [letter.recipient.name for letter in building.deliver()] == ["Rosie"]
    mine = await chat.command(dana, "my bookings", direct=True)
    card = await chat.choose(dana, mine, str(session))
    assert card.labels == ("Cancel my place", "Tell us what you need")
    assert headline(await chat.press(dana, card, "Cancel my place")) == "### Your place is cancelled"
    details = await chat.command(dana, "my details", direct=True)
    assert "**Organisation:**" not in details.text
    again = await chat.fill(dana, await chat.press(dana, details, "Change my details"), name="Rosie B", email="rosie@family.example")
    assert headline(again) == "### Your details are saved."
    assert chat.posted() == []


async def test_what_is_needed_is_told_in_private_changed_and_seen_to(server: Server) -> None:
    building, chat = server.building, server.chat
    session, opened = private_session(building), building.session(title="Open")
    dana, olga = server.someone(2), chat.join("Olga", organiser=True)
    await let_in(server, dana, made_code(building).code)
    card = await chat.forge(dana, await chat.command(dana, "invited", direct=True), f"pw:show:{session}")
    before = await chat.press(dana, card, "Book")
    booked = await chat.fill(dana, await chat.press(dana, before, "Go on"), name="Rosie")
    assert headline(booked) == "### You are booked"
    needs = await chat.press(dana, booked, "Tell us what you need")
    assert needs.text.count("nothing yet") == 6
    form = await chat.choose(dana, needs, "childcare")
    told = await chat.fill(dana, form, childcare="One child, 3 years old")
    assert "**Childcare:** One child, 3 years old" in told.text
    assert "It is deleted on Wednesday 14 April 2027." in told.text
    listed = await chat.command(olga, "session needs", session=server.reference(session))
    assert listed.private
    assert "- **Rosie**: Childcare: One child, 3 years old" in listed.text
    assert f"Person {2}" not in listed.text
    seen = await chat.choose(olga, listed, listed.menus[0].options[0][0])
    assert headline(seen) == "### Saved. They see on their card that you have seen it."
    again = await chat.forge(dana, told, f"pw:needs:{session}")
    assert "The organisers have seen this" in again.text
    assert headline(await chat.press(dana, again, "Take it all back")) == "### We have deleted what you told us."
    assert building.read(rows, Needs) == []
    open_card = await server.book(dana, opened)  # it clashes, and the private one is named by its neutral title
    assert SECRET not in open_card.text
    assert NEUTRAL in open_card.text
    room = await chat.press(dana, open_card, "Book anyway")
    short = await chat.press(dana, room, "Tell us what you need")  # only two questions: the form at once
    answered = await chat.fill(dana, short, access="Ramp", dietary="")
    assert "**Access:** Ramp\n**Food:** nothing yet" in answered.text
    trail = [entry.action for entry in building.read(rows, AuditEntry, AuditEntry.actor == f"discord:{olga.id}")]
    assert trail == ["view needs", "answer needs", "view needs"]


async def test_a_practitioner_books_under_another_name_and_a_parent_is_asked_for_details_elsewhere(server: Server) -> None:
    building, chat = server.building, server.chat
    session, opened = private_session(building), building.session(title="Open")
    nadia = server.someone(3)
    code = made_code(building, most_uses=2).code
    await let_in(server, nadia, code, direct=False)
    kept = await server.book(nadia, opened)
    assert headline(kept) == "### You are booked"
    card = await chat.forge(nadia, kept, f"pw:book:{session}:any")
    clash = await chat.press(nadia, card, "Go on")
    assert headline(clash) == "### You already have a place at this time"
    form = await chat.press(nadia, clash, "Book anyway")
    assert form.form is not None
    assert [part["component"]["custom_id"] for part in form.form["components"] if "component" in part] == ["name"]
    assert headline(await chat.fill(nadia, form, name="Quiet One")) == "### You are booked"
    names = {row.session_id: row.alias for row in building.read(rows, Booking)}
    assert names == {opened: None, session: "Quiet One"}
    dana = chat.join("Dana")
    await let_in(server, dana, code)
    before = await chat.forge(dana, await chat.command(dana, "my bookings"), f"pw:book:{session}:any")
    await chat.fill(dana, await chat.press(dana, before, "Go on"), **ASKED_NAME)
    details = await server.book(dana, opened)
    assert details.form is not None
    assert details.form["title"] == "Before your first booking"


async def test_guessing_is_limited_in_chat(server: Server) -> None:
    private_session(server.building)
    code, dana = made_code(server.building).code, server.chat.join("Dana")
    for number in range(10):
        assert NO_CODE in (await server.chat.command(dana, "invited", code=f"GUESS-{number}")).text
    stopped = await server.chat.command(dana, "invited", code=code, direct=True)
    assert headline(stopped) == "### You have tried too many codes. Please wait an hour, or ask who gave you the code for help."
    server.later(hours=1)
    assert "### Welcome." in (await server.chat.command(dana, "invited", code=code)).text


async def test_strangers_practitioners_presenters_and_bots_see_nothing_of_it(server: Server) -> None:
    building, chat = server.building, server.chat
    session = private_session(building, reference="PRIV-1")
    building.session(title="Open")
    dana, nadia, stranger, grace = chat.join("Dana"), server.someone(2), chat.join("Stranger"), server.someone(4)
    building.write(led_by, session, grace.id)
    await let_in(server, dana, made_code(building).code)
    before = await chat.forge(dana, await chat.command(dana, "my bookings"), f"pw:book:{session}:any")
    await chat.fill(dana, await chat.press(dana, before, "Go on"), name="Rosie Quiet", email="rosie@family.example")
    building.deliver()
    for person in (nadia, stranger, grace):
        seen = await chat.command(person, "my bookings")
        for custom_id in (f"pw:show:{session}", f"pw:book:{session}:any", f"pw:private:go:{session}:any"):
            assert (await chat.forge(person, seen, custom_id)).text == GONE
        for verb in ("cancel", "needs", "take", "materials", "handover"):  # told as for a session that does not exist
            told = [(await chat.forge(person, seen, f"pw:{verb}:{number}")).text for number in (session, 9999)]
            assert told[0] == told[1]
        for typed in ("PRIV-1", SECRET, NEUTRAL):
            assert (await chat.command(person, "book", session=typed)).text == (
                "Please choose one of the sessions that are shown while you type."
            )
        assert [value for name, value in await chat.suggestions(person, "book", "session", "")] == [
            server.reference(1),
            server.reference(3),
        ]
        assert await chat.suggestions(person, "feedback", "session", "") == ()
    hers = await chat.forge(grace, seen, f"pw:needs:count:{session}")
    assert hers.text.startswith("## 0 people have a place")
    assert (await chat.forge(nadia, seen, f"pw:needs:count:{session}")).text == GONE
    said = chat.transcripts()
    heard = "".join(words for who, words in said.items() if who != "Dana")
    hidden = ("Rosie", "family.example", "About care")
    assert [word for word in hidden if word in heard] == []
    assert chat.posted() == []
    assert is_private_still(server, session)


def led_by(db: Db, session_id: int, discord_id: int) -> None:
    (person,) = rows(db, Person, Person.discord_id == discord_id)
    for presenter in rows(db, Presenter, Presenter.session_id == session_id):
        presenter.person_id = person.id
        db.add(presenter)


def is_private_still(server: Server, session_id: int) -> bool:
    (session,) = server.building.read(rows, Session, Session.id == session_id)
    held = [booking.state for booking in server.building.read(rows, Booking, Booking.session_id == session_id)]
    return is_private(session) and held == [BookingState.HELD]
