"""A message to those booked: whom it is for, once each, and what it says to whom."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain import announcements
from domain.announcements import MOST_WORDS, AnnouncementPreview, Sent, Tried, Written, clean_words
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Channel, Kind, Mode
from domain.ledger import marks
from domain.letters.matters import AnnouncementMatter
from domain.models import Announcement, Audience, Booking, BookingState, Notice, NoticeState, Privacy
from domain.ports.letters import Letter
from tests.building import ACTOR, START, Building, rows

MONDAY, DAY = date(2027, 3, 15), timedelta(days=1)
ABOUT = "Practice week, Monday 15 March 2027"


def write(building: Building, audience: Audience = Audience.CONFIRMED, **other: Any) -> int:
    given = {"subject": "Parking", "words": "Use the north gate."} | other
    new = Written(building.programme_id, audience, **given)
    return building.write(announcements.write, building.partnership_id, new, actor=ACTOR, now=building.now)


def preview(building: Building, made: int, per_minute: int | None = None) -> AnnouncementPreview:
    return building.read(announcements.preview, building.partnership_id, made, per_minute, now=building.now)


def send(building: Building, made: int, per_minute: int | None = None) -> Sent:
    return building.write(announcements.send, building.partnership_id, made, per_minute, actor=ACTOR, now=building.now)


def trial(building: Building, made: int, discord_id: int) -> Tried:
    return building.write(announcements.send_trial, building.partnership_id, made, discord_id, now=building.now)


def spoken(building: Building) -> list[Letter]:
    """The announcements that leave now."""
    return [letter for letter in building.deliver() if letter.kind is Kind.ANNOUNCEMENT]


def names(letters: list[Letter]) -> list[tuple[str, Channel]]:
    return sorted((letter.recipient.name, letter.channel) for letter in letters)


def a_day(building: Building) -> tuple[int, int]:
    """Two sessions on Monday with one place each: 1 (mail) on both, 2 (chat) waits for the first; 3 (mail) on Tuesday's."""
    first = building.session(title="First", places=1)
    second = building.session(title="Second", places=1, starts_at=START + timedelta(hours=2))
    tuesday = building.session(title="Tuesday", starts_at=START + DAY)
    one, two = building.person(1), building.person(2, reminders_by_chat=True)
    building.book(first, one)
    building.book(second, one)
    building.book(first, two)
    building.book(tuesday, building.person(3))
    building.deliver()
    return first, second


# ── whom it is for ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("audience", "where", "expected"),
    [
        (Audience.CONFIRMED, {"day": MONDAY}, [("Person 1", Channel.EMAIL)]),
        (Audience.WAITING, {"day": MONDAY}, [("Person 2", Channel.CHAT)]),
        (Audience.BOTH, {"day": MONDAY}, [("Person 1", Channel.EMAIL), ("Person 2", Channel.CHAT)]),
        (Audience.CONFIRMED, {}, [("Person 1", Channel.EMAIL), ("Person 3", Channel.EMAIL)]),
        (Audience.BOTH, {}, [("Person 1", Channel.EMAIL), ("Person 2", Channel.CHAT), ("Person 3", Channel.EMAIL)]),
        (Audience.CONFIRMED, {"day": MONDAY + DAY}, [("Person 3", Channel.EMAIL)]),
    ],
)
def test_each_person_gets_one_message_however_many_bookings(
    building: Building, audience: Audience, where: dict[str, Any], expected: list[tuple[str, Channel]]
) -> None:
    a_day(building)
    made = write(building, audience, **where)
    shown = preview(building, made)
    assert (shown.people, shown.mails, shown.chats) == (
        len(expected),
        *(sum(c is w for _, c in expected) for w in (Channel.EMAIL, Channel.CHAT)),
    )
    assert send(building, made).people == len(expected)
    assert names(spoken(building)) == expected


def test_a_message_about_one_session_says_which(building: Building) -> None:
    first, _ = a_day(building)
    made = write(building, Audience.BOTH, session_id=first)
    send(building, made)
    letters = spoken(building)
    assert names(letters) == [("Person 1", Channel.EMAIL), ("Person 2", Channel.CHAT)]
    about = "First, Monday 15 March 2027, 9.30am to 10.15am"
    assert {letter.matter for letter in letters} == {AnnouncementMatter("Parking", "Use the north gate.", about)}
    assert {letter.session for letter in letters} == {None}  # no link leaves with it


def test_the_preview_says_what_will_happen_and_when_it_is_through(building: Building) -> None:
    a_day(building)
    made = write(building, day=MONDAY)
    assert preview(building, made, per_minute=30) == AnnouncementPreview(
        id=made,
        programme_id=building.programme_id,
        about=ABOUT,
        audience=Audience.CONFIRMED,
        subject="Parking",
        words="Use the north gate.",
        people=1,
        mails=1,
        chats=0,
        through_at=building.now + timedelta(minutes=1),
        zone="Europe/London",
        sent=False,
    )


def test_it_is_sent_once_and_who_books_later_is_not_sent_it(building: Building) -> None:
    first, _ = a_day(building)
    made = write(building, day=MONDAY)
    assert send(building, made) == Sent(1, building.now, "Europe/London")
    building.change(first, places=3)
    building.book(first, building.person(4))
    assert send(building, made) == Sent(0, building.now, "Europe/London", already=True)
    assert preview(building, made).sent
    assert names(spoken(building)) == [("Person 1", Channel.EMAIL)]


def test_an_unproven_address_is_not_written_to(building: Building) -> None:
    session = building.session()
    building.book(session, building.newcomer(7))
    building.deliver()
    made = write(building, Audience.BOTH)
    send(building, made)
    assert [(letter.channel, letter.recipient.address) for letter in spoken(building)] == [(Channel.CHAT, None)]


def test_what_chat_refuses_goes_by_e_mail_with_its_words(building: Building) -> None:
    a_day(building)
    made = write(building, Audience.WAITING)
    send(building, made)
    (notice,) = building.claim(channels=[Channel.CHAT])
    building.hand_over(notice)
    building.write(marks.mark_permanent, notice, "post", "closed", closed=True, now=building.now)
    (letter,) = spoken(building)
    assert (letter.channel, letter.fallback, letter.matter) == (
        Channel.EMAIL,
        True,
        AnnouncementMatter("Parking", "Use the north gate.", "Practice week"),
    )


def test_nobody_to_write_to_is_said(building: Building) -> None:
    with pytest.raises(BadInput, match="there is nobody to send it to"):
        send(building, write(building))


def test_who_is_on_a_cancelled_session_is_not_meant(building: Building) -> None:
    first, second = a_day(building)
    building.call_off(second)
    building.call_off(first)
    assert preview(building, write(building, Audience.BOTH, day=MONDAY)).people == 0


# ── private ─────────────────────────────────────────────────────────────────────────────────────────────────


def privately(building: Building, session_id: int, person_id: int, alias: str) -> None:
    def place(db: Any, now: datetime) -> None:
        db.add(
            Booking(
                partnership_id=building.partnership_id,
                session_id=session_id,
                person_id=person_id,
                mode=Mode.ROOM,
                state=BookingState.CONFIRMED,
                asked_at=now,
                confirmed_at=now,
                alias=alias,
            )
        )

    building.write(place, building.now)


def test_a_private_session_is_spoken_of_by_its_public_title_and_to_its_own_people_alone(building: Building) -> None:
    a_day(building)
    secret = building.session(title="Parents of babies in care", privacy=Privacy.PRIVATE, public_title="A quiet hour")
    privately(building, secret, building.person(5), "Robin")
    send(building, write(building, Audience.BOTH, day=MONDAY))
    by_name = {letter.recipient.name: letter.matter for letter in spoken(building)}
    assert {name: matter.about for name, matter in by_name.items() if isinstance(matter, AnnouncementMatter)} == {
        "Person 1": ABOUT,
        "Person 2": ABOUT,
        "Robin": "A quiet hour, Monday 15 March 2027, 9.30am to 10.15am",
    }
    send(building, write(building, session_id=secret))
    (letter,) = spoken(building)
    assert isinstance(letter.matter, AnnouncementMatter)
    assert (letter.recipient.name, letter.matter.about) == ("Robin", "A quiet hour, Monday 15 March 2027, 9.30am to 10.15am")


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Use the\tnorth gate. \r\n\r\n\r\n\r\nThank you  ", "Use the north gate.\n\nThank you"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("**bold** @everyone <@1>", "**bold** @everyone <@1>"),
    ],
)
def test_words_are_kept_as_typed_without_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert clean_words(typed) == kept


@pytest.mark.parametrize(("typed", "sentence"), [(" \u200b\n", "Please write what"), ("x" * (MOST_WORDS + 1), "at most 1,800 characters")])
def test_empty_or_endless_words_are_refused(typed: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        clean_words(typed)


# ── a trial, and what is not sent ───────────────────────────────────────────────────────────────────────────


def test_a_trial_goes_to_the_organisers_own_address_and_to_nobody_else(building: Building) -> None:
    a_day(building)
    building.person(9)
    made = write(building, day=MONDAY)
    assert (trial(building, made, 9), trial(building, made, 9)) == (Tried(Channel.EMAIL), Tried(Channel.EMAIL))
    (letter,) = spoken(building)
    assert (letter.recipient.address, letter.matter) == (
        "person9@council.gov.uk",
        AnnouncementMatter("Parking", "Use the north gate.", ABOUT, trial=True),
    )
    assert not preview(building, made).sent
    assert send(building, made).people == 1


def test_a_trial_to_an_organiser_whom_we_do_not_know_is_a_direct_message(building: Building) -> None:
    a_day(building)
    made = write(building)
    assert trial(building, made, 424242) == Tried(Channel.CHAT)
    (letter,) = spoken(building)
    assert (letter.channel, letter.recipient.discord_id, letter.recipient.address) == (Channel.CHAT, 424242, None)


def test_what_is_not_sent_within_a_day_is_forgotten_and_cannot_be_sent(building: Building) -> None:
    a_day(building)
    made, kept = write(building), write(building)
    send(building, kept)
    building.later(days=1)
    with pytest.raises(Closed, match="more than a day ago"):
        send(building, made)
    building.write(announcements.forget_unsent, now=building.now)
    assert [one.id for one in building.read(rows, Announcement)] == [kept]
    with pytest.raises(NotFound, match="kept for a day"):
        preview(building, made)


def test_another_partnership_has_no_such_message(building: Building) -> None:
    a_day(building)
    made = write(building)
    other = building.partnership_id + 1
    for call in (
        lambda: building.write(announcements.send, other, made, None, actor=ACTOR, now=building.now),
        lambda: building.write(announcements.send_trial, other, made, 9, now=building.now),
        lambda: building.read(announcements.programme_of, other, made),
        lambda: building.read(announcements.programme_of, building.partnership_id, 999),
    ):
        with pytest.raises(NotFound):
            call()
    assert building.read(rows, Notice, Notice.kind == Kind.ANNOUNCEMENT, Notice.state == NoticeState.QUEUED) == []


def test_a_session_of_another_programme_is_not_found(building: Building) -> None:
    first, _ = a_day(building)
    building.programme("Another week")
    with pytest.raises(NotFound):
        write(building, session_id=first)
