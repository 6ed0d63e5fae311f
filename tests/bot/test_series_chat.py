"""Series in chat: booked and cancelled as a whole by whatever button; certificates and the list to keep; organisers' commands."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from pypdf import PdfReader

from bot.client import PracticeBot
from bot.delivery import DirectMessages
from domain.database import Store
from domain.kinds import Channel, Kind
from domain.models import AuditEntry, BookingState, Part, ProgrammeKind, Series, SeriesBooking, Session
from domain.ports.letters import Attachment, Letter, Receipt
from domain.programmes import NewProgramme, create
from domain.rules import Rules
from integrations.certificates import CertificateFiles
from rehearsal.chat import ChatStandIn, Clock
from scheduler.ticks import Ticks
from tests.bot_building import FORM, Server, fits, headline, surroundings_of
from tests.building import ACTOR, CODE, Building, rows
from tests.organiser_building import REFUSED, Desk
from tests.private_building import make_private
from tests.series_building import DAYS, evening, run_of

CONFIRMED, WAITING, CANCELLED = BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED


@pytest.fixture
async def server(store: Store, partnership_id: int, rules: Rules, now: datetime) -> AsyncIterator[Server]:
    """A server whose bot can draw certificates."""
    building = Building(store, partnership_id, rules, now)
    woken: list[datetime] = []

    def make_bot(clock: Clock) -> PracticeBot:
        around = surroundings_of(store, partnership_id, rules, clock, wake=lambda: woken.append(clock()), certificates=CertificateFiles())
        return PracticeBot(around)

    async with ChatStandIn(make_bot, now) as chat:
        building.programme()
        yield Server(chat, building, woken)
    assert chat.faults() == []


async def test_a_part_leads_to_the_whole_and_the_whole_is_booked_and_cancelled(server: Server) -> None:
    run, chat = run_of(server.building), server.chat
    ann = server.someone(1)
    part = await server.card(ann, run.parts[0])
    assert "**Part 1 of 3** of Practitioner teachers 2027\nThe parts belong together: you book or cancel them all at once." in part.text
    assert part.labels == ("Book all parts", "See all parts")
    shown = await chat.press(ann, part, "See all parts")
    assert shown.text.startswith(
        "## Practitioner teachers 2027\nA course in 3 parts. You book them all at once.\n**Part 1: Mon 15 Mar, 9.30am to 12.30pm**"
    )
    assert "**Places on all parts:** 5 left" in shown.text
    booked = await chat.press(ann, shown, "Book all parts")
    assert headline(booked) == "### You are booked on all parts"
    person = run.whole(1).person_id
    assert run.states(person) == [CONFIRMED] * 4
    mine = await server.card(ann, run.parts[0])
    assert mine.labels[:2] == ("Cancel all parts", "See all parts")
    gone = await chat.press(ann, mine, "Cancel all parts")
    assert headline(gone) == "### Your place on all parts to come is cancelled"
    assert run.states(person) == [CANCELLED] * 4
    again = await chat.command(ann, "series browse", series=str(run.id))
    assert again.labels == ("Book all parts",)
    assert all(map(fits, (part, shown, booked, mine, again)))


async def test_a_newcomer_books_the_whole_by_the_form_and_proves_the_address_once(server: Server) -> None:
    _run, chat = run_of(server.building, places=1), server.chat
    eve = chat.join("Eve")
    form = await chat.press(eve, await chat.command(eve, "series browse"), "Book all parts")
    held = await chat.fill(eve, form, **FORM)
    assert headline(held).startswith("### We are keeping a place on all parts for you until 9.30am")
    assert held.labels == ("Enter code", "Send again", "Cancel all parts")
    server.building.deliver()
    bob = server.someone(2)
    full = await chat.command(bob, "series browse", series="practitioner teachers 2027")
    assert full.labels == ("Join the waiting list",)
    assert headline(await chat.press(bob, full, "Join the waiting list")) == "### You are number 1 on the waiting list"
    await chat.fill(eve, await chat.press(eve, held, "Enter code"), code=CODE)
    states = {one.person_id: one.state for one in server.building.read(rows, SeriesBooking)}
    assert sorted(states.values()) == [CONFIRMED, WAITING]
    mine = await chat.command(bob, "my series", direct=True)
    assert "**Practitioner teachers 2027**\n-# Waiting: number 1" in mine.text


async def test_close_to_its_start_a_full_series_offers_no_line_that_stands_still(server: Server) -> None:
    _run, chat = run_of(server.building, places=1), server.chat
    ann, bob = server.someone(1), server.someone(2)
    await chat.press(ann, await chat.command(ann, "series browse"), "Book all parts")
    until_the_start = DAYS[0] - server.building.now
    server.later(seconds=until_the_start.total_seconds() - 7_201)
    assert "**Places:** Full. You can join the waiting list." in (await chat.command(bob, "series browse")).text
    server.later(seconds=1)
    full = await chat.command(bob, "series browse")
    assert ("waiting list" in full.text, "**Places:** Full." in full.text, full.labels) == (False, True, ("Full",))


async def test_a_clash_is_shown_and_accepted_for_all(server: Server) -> None:
    run, chat, ann = run_of(server.building), server.chat, server.someone(1)
    await server.book(ann, server.building.session(title="Court skills", starts_at=DAYS[0]))
    clash = await chat.press(ann, await chat.command(ann, "series browse"), "Book all parts")
    assert headline(clash) == "### You already have a place at the time of one part"
    assert "Court skills" in clash.text
    assert headline(await chat.press(ann, clash, "Book all anyway")) == "### You are booked on all parts"
    assert run.states(run.whole(1).person_id) == [CONFIRMED] * 4


async def test_a_part_that_was_missed_is_made_up_alone(server: Server) -> None:
    building, chat = server.building, server.chat
    run, ann = run_of(building), server.someone(1)
    again = run_of(building, "Practitioner teachers 2028", days=tuple(day + timedelta(days=364) for day in DAYS))
    await chat.press(ann, await chat.command(ann, "series browse", series=str(run.id)), "Book all parts")
    server.later(days=20)
    other = await chat.choose(ann, await chat.command(ann, "series browse", series=str(run.id)), str(again.id), menu="pw:seriesopen")
    assert headline(other) == "## Practitioner teachers 2028"
    booked = await server.book(ann, again.parts[0])
    assert headline(booked) == "### You are booked"
    assert "**Part 1 of 3** of Practitioner teachers 2028\nYou missed this part, so you can make it up here." in booked.text
    assert booked.labels[0] == "Cancel my place"
    refused = await server.book(ann, again.parts[1])  # not missed: books all of the other run instead
    assert headline(refused) == "### You are booked on all parts"


async def test_certificates_and_the_list_to_keep_are_for_their_own_person(server: Server) -> None:
    building, chat = server.building, server.chat
    run, ann, bob = run_of(building, title="Practitioner teachers 2027"), server.someone(1, name="Zoë Łukasz"), server.someone(2)
    assert headline(await chat.command(ann, "my certificate")) == "## Your certificates"
    assert headline(await chat.command(ann, "my attended")) == "## What you attended"
    run.book(1)
    person = run.whole(1).person_id
    for part, day in zip(run.parts, DAYS, strict=True):
        evening(building, day)
        run.attend(part, person)
    chat.advance_to(building.now)
    menu = await chat.command(ann, "my certificate", direct=True)
    assert [option[1:] for option in menu.menus[0].options] == [
        ("Practitioner teachers 2027", "You completed this course"),
        ("Practice week", "You attended 3 sessions"),
    ]
    for value, title in zip([option[0] for option in menu.menus[0].options], ("completion", "attendance"), strict=True):
        got = await chat.choose(ann, await chat.command(ann, "my certificate"), value)
        assert got.private
        [(name, content)] = got.files
        text = PdfReader(io.BytesIO(content)).pages[0].extract_text()
        assert (name, f"Certificate of {title}" in text, "Zoë Łukasz" in text) == ("certificate.pdf", True, True)
    kept = await chat.command(ann, "my attended")
    assert kept.text.startswith("## What you attended\n3 sessions, 9 hours of learning.\n**Mon 10 May 2027** Workshop 3\n-# 3 hours")
    assert kept.files[0][0] == "what-i-attended.csv"
    assert kept.files[0][1].decode("utf-8-sig").splitlines()[:2] == [
        "Date,Start,Session,Organisation,Hours",
        "Monday 15 March 2027,9.30am,Workshop 1,,3",
    ]
    public = await chat.command(bob, "my certificate")
    for forged in (menu.menus[0].options[0][0], f"programme:{building.programme_id}", "series:x", "nonsense"):
        refused = await chat.forge(bob, public, "pw:certificate", values=[forged])
        assert not refused.files
        assert refused.text.startswith(("We have no", "### We have no", "Please choose", "### Please choose"))


async def test_the_certificate_comes_by_message_with_its_file_and_by_mail(server: Server) -> None:
    building, chat, ann = server.building, server.chat, server.someone(1)
    run = run_of(building)
    run.book(1)
    for part, day in zip(run.parts, DAYS, strict=True):
        evening(building, day)
        run.attend(part, run.whole(1).person_id)
    building.deliver()
    building.later(minutes=11)
    chat.advance_to(building.now)
    post = Post()
    ticks = Ticks(
        building.store, building.rules, clock=lambda: building.now, by="test", providers={},
        channels={Channel.EMAIL: post, Channel.CHAT: DirectMessages(chat.bot)}, certificates=CertificateFiles(),
    )  # fmt: skip
    await ticks.deliver()
    seen = chat.direct(ann)[-1]
    number = run.whole(1).certificate
    assert headline(seen) == "### Your certificate"
    assert f"Its number is {number}." in seen.text
    [mailed] = [one for one in post.sent if one.kind is Kind.CERTIFICATE]
    [attached] = mailed.attachments
    assert (attached.name, attached.media_type) == ("certificate.pdf", "application/pdf")
    for content in (attached.content, seen.files[0][1]):
        assert f"Certificate number {number}" in PdfReader(io.BytesIO(content)).pages[0].extract_text()


class Post:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []

    def harmless_to_repeat(self, letter_kind: Kind, seconds: float) -> bool:
        return False

    async def flow(self) -> None:
        return None

    async def send(self, letter: Letter) -> Receipt:
        self.sent.append(letter)
        return Receipt()


async def test_files_of_a_letter_stand_below_its_card_under_names_that_discord_keeps(server: Server) -> None:
    from domain.ports.letters import Recipient
    from tests.mail_building import session

    bola = server.someone(2)
    files = (Attachment("Zoë's notes / part 2.pdf", "application/pdf", b"%PDF"), Attachment("Zoë's notes / part 2.pdf", "x", b"2"))
    letter = Letter(7, "k", Kind.REMINDER, Channel.CHAT, Recipient("Bola", None, bola.id), session=session(), attachments=files)
    await DirectMessages(server.chat.bot).send(letter)
    assert server.chat.direct(bola)[-1].files == (("Zoe-s-notes-part-2.pdf", b"%PDF"), ("Zoe-s-notes-part-2-2.pdf", b"2"))


# ── organisers ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_organiser_makes_a_run_adds_replaces_and_sees_who_has_done_what(desk: Desk) -> None:
    building, chat = desk.server.building, desk.server.chat
    building.programme_id = desk.programme_id
    await desk.imported("15/03/2027,12-1pm,One,Dudley MBC,In person,Hall,5", "16/03/2027,12-1pm,Two,Dudley MBC,In person,Hall,5")
    await desk.published()
    made = await desk.do("series new", title="Supervisors 2027")
    assert made.text.startswith("### The series is made\n")
    [series] = desk.read_rows(Series)
    assert (series.title, series.course) == ("Supervisors 2027", "Supervisors")
    assert await chat.suggestions(desk.olga, "series add", "series", "super") == (("Supervisors 2027", str(series.id)),)
    for title in ("One", "Two"):
        await desk.do("series add", series=str(series.id), session=desk.ref(title))
    assert [one.series_part for one in desk.sessions().values() if one.series_id] == [1, 2]
    ann = desk.server.someone(1)
    await chat.press(ann, await chat.command(ann, "series browse"), "Book all parts")
    building.call_off(int(desk.id_of("Two")), "Snow")
    new = building.session(title="Two again", starts_at=DAYS[0] + timedelta(days=2, hours=3))
    two = desk.ref("Two")
    assert await chat.suggestions(desk.olga, "series replace", "cancelled", "two") == (
        ("Tue 16 Mar, 12 noon to 1pm · Two · Dudley MBC", two),
    )
    assert await chat.suggestions(ann, "series replace", "cancelled", "") == ()
    replaced = await desk.do("series replace", cancelled=desk.ref("Two"), session=desk.ref("Two again"))
    assert replaced.text.startswith("### The new day stands for the cancelled one\n1 person is told of it.")
    assert await chat.suggestions(desk.olga, "series replace", "cancelled", "two") == ()
    assert building.booking(new, building.read(rows, SeriesBooking)[0].person_id).state is CONFIRMED
    shown = await desk.do("series show", series="supervisors 2027")
    assert "1 person, 0 completed.\n- Person 1: nothing done yet" in shown.text
    assert "**Part 2:** Two · Tue 16 Mar, 12 noon to 1pm · cancelled" in shown.text
    assert shown.private
    assert fits(shown)
    removed = await desk.do("series remove", session=desk.ref("Two"))
    assert removed.text.startswith("### Two is not part of the series any more")
    assert desk.trail()[-3:] == ["view series", "take part out", "view series"]


async def test_a_series_with_a_private_part_is_offered_to_nobody_in_chat(server: Server) -> None:
    building, ann = server.building, server.someone(1)
    run = run_of(building, "Supervisors 2027")
    shown = await server.chat.command(ann, "series browse")
    assert "Supervisors 2027" in shown.text
    building.write(make_private, run.parts[1])
    pressed = await server.chat.press(ann, shown, "Book all parts")
    assert "We could not find that series" in pressed.text
    card = await server.card(ann, run.parts[0])
    assert ("Please ask the organisers." in card.text, "Supervisors" in card.text, "Book all parts" in card.labels) == (True, False, False)
    assert "There is no series to book at the moment" in (await server.chat.command(ann, "series browse")).text
    assert building.read(rows, SeriesBooking) == []


async def test_series_commands_are_for_who_organises_the_programme(desk: Desk) -> None:
    building = desk.server.building
    building.programme_id = desk.programme_id
    run = run_of(building, "Supervisors 2027")
    other = desk.another_programme()
    pat, curious = desk.organiser_of(other), desk.curious()
    ref = building.read(rows, Session, Session.id == run.parts[0])[0].reference
    commands = (
        ("series new", {"title": "Mine 2028"}),
        ("series add", {"series": str(run.id), "session": ref}),
        ("series replace", {"cancelled": ref, "session": ref}),
        ("series remove", {"session": ref}),
        ("series show", {"series": str(run.id)}),
    )
    for name, options in commands:
        refused = await desk.do(name, curious, **options)
        assert refused.text.endswith(REFUSED), name
    for name, options in commands[1:]:
        refused = await desk.do(name, pat, **options)
        assert refused.text.endswith(REFUSED), name
    for who in (pat, curious):
        assert await desk.server.chat.suggestions(who, "series show", "series", "") == ()
    assert (await desk.do("series new", pat, title="Mine 2028")).text.startswith("### The series is made")
    assert not desk.read_rows(AuditEntry, AuditEntry.actor == f"discord:{curious.id}")


async def test_nobody_sees_a_series_that_is_not_published(desk: Desk) -> None:
    building = desk.server.building
    new = NewProgramme("Secret", ProgrammeKind.PRACTITIONER_TEACHER, DAYS[0].date(), DAYS[0].date())
    building.programme_id = building.write(create, building.partnership_id, new, actor=ACTOR, now=building.now).id
    run = run_of(building, "Secret 2027")
    ann = desk.server.someone(1)
    assert "There is no series to book at the moment." in (await desk.do("series browse", ann)).text
    for typed in (str(run.id), "Secret 2027", "999"):
        seen = await desk.do("series browse", ann, series=typed)
        assert "We could not find that series." in seen.text
        assert "Secret" not in seen.text
    assert await desk.server.chat.suggestions(ann, "series browse", "series", "") == ()


async def test_a_family_is_asked_where_they_work_before_a_series_with_a_part_that_is_not_for_them(server: Server) -> None:
    building, chat = server.building, server.chat
    run = run_of(building)
    building.change(run.parts[0], audience="Everyone")
    rosie = server.someone(2, name="Rosie", part=Part.PARENT)
    shown = await server.card(rosie, run.parts[0])
    await chat.press(rosie, shown, "Book all parts")
    assert building.read(rows, SeriesBooking) == []
    for part in run.parts[1:]:
        building.change(part, audience="Parents and carers")
    await chat.press(rosie, await server.card(rosie, run.parts[0]), "Book all parts")
    assert [one.state for one in building.read(rows, SeriesBooking)] == [CONFIRMED]
