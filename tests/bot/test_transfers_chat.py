"""A place handed to a colleague, and materials, as people meet them in chat."""

from __future__ import annotations

from domain.kinds import Kind
from domain.letters.matters import TransferMatter
from domain.models import BookingState, Part, Person, ServiceArea, Transfer, TransferState
from tests.bot_building import Server, fits, headline
from tests.building import CODE, rows
from tests.organiser_building import LUNCH, REFLECT, REFUSED, Desk

TYPED = f"1-{CODE}"
NEWCOMER = {"name": "Cora Colleague", "organisation": "Northfield Council", "area": ["children"]}


async def test_a_place_goes_from_the_card_to_a_colleague_who_is_new(server: Server) -> None:
    chat, session_id = server.chat, server.building.session(places=1)
    giver, waiting, colleague = server.someone(1), server.someone(2), chat.join("Cora")
    booked = await server.book(giver, session_id)
    await server.book(waiting, session_id)
    assert booked.labels[:2] == ("Cancel my place", "Hand my place to a colleague")
    assert "Tell us what you need" in booked.labels  # in person
    server.building.deliver()

    form = await chat.press(giver, booked, "Hand my place to a colleague")
    asked = await chat.fill(giver, form, name="Cora **Colleague**", email="cora@council.gov.uk")
    assert headline(asked) == "### We are asking Cora \\*\\*Colleague\\*\\*"
    assert asked.labels[:2] == ("Cancel my place", "Keep my place")
    assert "It stays yours until they agree" in asked.text
    (letter,) = server.building.deliver()
    assert (letter.kind, letter.code) == (Kind.TRANSFER, TYPED)

    wrong = await chat.fill(colleague, await chat.command(colleague, "my accept"), code="1-000000")
    assert headline(wrong).startswith("### That code does not work.")
    offer = await chat.fill(colleague, await chat.press(colleague, wrong, "Enter the code again"), code=TYPED)
    assert offer.private
    assert "would like you to have their place in the room" in headline(offer)
    assert offer.labels == ("Take the place", "No, thank you")
    assert fits(offer)
    taken = await chat.fill(colleague, await chat.press(colleague, offer, "Take the place"), **NEWCOMER)
    assert headline(taken) == "### The place is yours"
    assert server.states(session_id) == [BookingState.CANCELLED, BookingState.WAITLISTED, BookingState.CONFIRMED]
    again = await chat.press(giver, asked, "Keep my place")
    assert "no place" in again.text


async def test_a_colleague_with_another_address_says_that_it_is_theirs_or_says_no(server: Server) -> None:
    chat, session_id = server.chat, server.building.session(places=1)
    giver, colleague, stranger = server.someone(1), server.someone(2), chat.join("Mallory")
    await server.book(giver, session_id)
    server.building.deliver()
    choices = await chat.suggestions(giver, "my hand-over", "session", "stren")
    assert [value for _, value in choices] == [server.reference(session_id)]
    form = await chat.command(giver, "my hand-over", session=server.reference(session_id))
    await chat.fill(giver, form, name="Bea", email="bea@council.gov.uk")
    server.building.deliver()

    offer = await chat.fill(colleague, await chat.command(colleague, "my accept"), code=TYPED)
    assert offer.labels == ("Yes, it is mine: take the place", "No, thank you")
    forged = await chat.forge(stranger, offer, f"pw:takeover:1:{'9' * 6}:a")
    assert headline(forged).startswith("### That code does not work.")
    offer = await chat.fill(colleague, await chat.command(colleague, "my accept"), code=TYPED)
    said = await chat.press(colleague, offer, "No, thank you")
    assert headline(said) == "### Thank you for your answer"
    assert server.states(session_id) == [BookingState.CONFIRMED]
    (told,) = server.building.deliver()
    assert told.matter == TransferMatter("declined", "", "person1@council.gov.uk", "Bea")
    assert [one.state for one in server.building.read(rows, Transfer)] == [TransferState.DECLINED]
    assert "@" not in "".join(message.text for message in chat.posted())


async def test_a_family_is_asked_where_they_work_before_they_take_a_place(server: Server) -> None:
    chat, session_id = server.chat, server.building.session(places=1)
    giver, rosie = server.someone(1), server.someone(2, name="Rosie", part=Part.PARENT)
    await server.book(giver, session_id)
    server.building.deliver()
    form = await chat.command(giver, "my hand-over", session=server.reference(session_id))
    await chat.fill(giver, form, name="Rosie", email="person2@council.gov.uk")
    server.building.deliver()

    offer = await chat.fill(rosie, await chat.command(rosie, "my accept"), code=TYPED)
    forged = await chat.forge(rosie, offer, f"pw:takeover:1:{CODE}:")
    assert forged.labels == ("Take the place", "No, thank you")  # asked again
    assert server.states(session_id) == [BookingState.CONFIRMED]
    form = await chat.press(rosie, offer, "Take the place")
    taken = await chat.fill(rosie, form, **NEWCOMER | {"name": "Rose Hill"})
    assert headline(taken) == "### The place is yours"
    (known,) = server.building.read(rows, Person, Person.discord_id == rosie.id)
    assert (known.name, known.part, known.service_area) == ("Rose Hill", Part.PRACTITIONER, ServiceArea.CHILDREN)
    assert server.states(session_id) == [BookingState.CANCELLED, BookingState.CONFIRMED]


async def test_nobody_hands_over_or_opens_what_is_not_theirs(server: Server) -> None:
    chat, session_id = server.chat, server.building.session(places=1)
    owner, stranger = server.someone(1), server.someone(2)
    card = await server.book(owner, session_id)
    other = await server.card(stranger, session_id)
    for custom_id in (f"pw:handover:{session_id}", f"pw:keep:{session_id}", f"pw:materials:{session_id}", "pw:handover:999999"):
        refused = await chat.forge(stranger, other, custom_id)
        assert refused.form is None
        assert refused.text.startswith(("You have no place", "The materials are for people", "We could not find"))
    kept = await chat.press(stranger, other, "Join the waiting list")
    assert kept.labels == ("Leave the waiting list",)
    assert "Hand my place to a colleague" in card.labels
    assert len(server.building.read(rows, Person)) == 2


async def test_organisers_add_materials_and_those_with_a_place_open_them(desk: Desk) -> None:
    chat = desk.server.chat
    await desk.imported(LUNCH)
    await desk.published()
    session_id = int(desk.id_of("Lunch and learn"))
    refused = await desk.do("session materials add", desk.curious(), session=desk.ref("Lunch and learn"), link="https://a.example/")
    assert refused.text == REFUSED
    lunch = desk.ref("Lunch and learn")
    added = await desk.server.chat.command(desk.olga, "session materials add", session=lunch, link="https://a.example/", called="Reading")
    assert headline(added) == "### Added: Reading"
    await desk.do("session materials add", session=desk.ref("Lunch and learn"), file=("Plan.pdf", b"%PDF-1.7 plan"))
    wrong = await desk.do("session materials add", session=desk.ref("Lunch and learn"), file=("run.exe", b"MZ"))
    assert "That kind of file cannot be added" in wrong.text

    ann = desk.server.someone(5)
    seen = await desk.server.card(ann, session_id)
    assert "**To read:** Reading, Plan.pdf" in seen.text
    assert "Materials" not in seen.labels
    booked = await chat.press(ann, seen, "Book")
    opened = await chat.press(ann, booked, "Materials")
    assert opened.private
    assert opened.files == (("Plan.pdf", b"%PDF-1.7 plan"),)
    assert "https://a.example/" in opened.text
    listed = await desk.do("session materials list", session=desk.ref("Lunch and learn"))
    assert (await desk.press(listed, "Materials")).files == opened.files
    choices = await chat.suggestions(desk.olga, "session materials remove", "which", "read", session=desk.ref("Lunch and learn"))
    assert choices == (("Reading", "1"),)
    removed = await desk.do("session materials remove", session=desk.ref("Lunch and learn"), which="1")
    assert headline(removed) == "### Removed: Reading"


async def test_a_practitioner_says_what_they_need_and_an_organiser_sees_it(desk: Desk) -> None:
    chat = desk.server.chat
    await desk.imported(LUNCH, REFLECT)
    await desk.published()
    ann = desk.server.someone(5)
    online = await desk.server.book(ann, int(desk.id_of("Lunch and learn")))
    room = await desk.server.book(ann, int(desk.id_of("Critical reflection")))
    assert "Tell us what you need" in online.labels  # such as captions
    form = await chat.press(ann, room, "Tell us what you need")
    await chat.fill(ann, form, access="A room without steps", dietary="No nuts")
    seen = await desk.do("session needs", session=desk.ref("Critical reflection"))
    assert seen.private
    assert "A room without steps" in seen.text
    assert "No nuts" in seen.text
    refused = await desk.do("session needs", desk.curious(), session=desk.ref("Critical reflection"))
    assert refused.text == REFUSED
