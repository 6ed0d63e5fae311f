"""Calling off a day or a programme: previewed, carried out session by session, said once to each person and once in public."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from domain import calling_off
from domain.calling_off import Begun, CalledOff, CallOffPreview
from domain.database import Db
from domain.errors import BadInput, NotFound
from domain.kinds import CalendarMethod, Channel, Kind
from domain.letters.matters import AnnouncementMatter
from domain.models import Announcement, AuditEntry, Booking, Notice, NoticeState, Presenter, Privacy, Session, SessionState
from domain.ports.letters import Letter
from tests.building import ACTOR, START, Building, one_row, rows
from tests.visiting_building import wish

MONDAY = date(2027, 3, 15)
HOUR = timedelta(hours=1)


def likes_chat(building: Building, number: int) -> int:
    return building.person(number, reminders_by_chat=True)


def begin(building: Building, day: date | None = MONDAY, reason: str = "Snow") -> Begun:
    given = (building.partnership_id, building.programme_id, day, reason)
    return building.write(calling_off.begin, *given, actor=ACTOR, now=building.now)


def cancel(building: Building, begun: Begun, sessions: tuple[int, ...]) -> None:
    for session in sessions:
        building.write(
            calling_off.cancel_one, building.partnership_id, begun.announcement_id or 0, session, building.rules, now=building.now
        )


def finish(building: Building, begun: Begun) -> CalledOff:
    return building.write(calling_off.finish, building.partnership_id, begun.announcement_id or 0, building.rules, now=building.now)


def call_off(building: Building, day: date | None = MONDAY, reason: str = "Snow") -> CalledOff:
    begun = begin(building, day, reason)
    cancel(building, begun, begun.sessions)
    return finish(building, begun)


def preview(building: Building, day: date | None = MONDAY, per_minute: int | None = 30) -> CallOffPreview:
    given = (building.partnership_id, building.programme_id, day, per_minute)
    return building.read(calling_off.preview, *given, now=building.now)


def letters_of(building: Building, *channels: Channel) -> list[Letter]:
    return [letter for letter in deliver(building) if letter.channel in channels]


def deliver(building: Building) -> list[Letter]:
    """Everything that is due, by every channel."""
    left = []
    while claimed := building.claim(channels=tuple(Channel)):
        for notice_id in claimed:
            letter = building.hand_over(notice_id)
            if letter is not None:
                building.sent(notice_id)
                left.append(letter)
    return left


def states(building: Building) -> dict[str, SessionState]:
    return {session.title: session.state for session in building.read(rows, Session)}


def a_full_day(building: Building) -> tuple[int, int, int]:
    """Three sessions on Monday: Ada (chat) on all, Bea (mail) on one, Cy waits for the third; and one on Tuesday."""
    first, second = building.session(title="First"), building.session(title="Second", starts_at=START + HOUR)
    third = building.session(title="Third", starts_at=START + 2 * HOUR, places=1)
    building.session(title="Tuesday", starts_at=START + timedelta(days=1))
    ada, bea, cy = likes_chat(building, 1), building.person(2), likes_chat(building, 3)
    for session in (first, second, third):
        building.book(session, ada)
    building.book(second, bea)
    building.book(third, cy)
    deliver(building)
    building.later(minutes=10)
    return first, second, third


# ── before ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_preview_counts_sessions_people_messages_and_presenters_and_says_when_it_is_through(building: Building) -> None:
    first, second, _ = a_full_day(building)
    building.write(_presented, building.partnership_id, {first: "Dr Okafor", second: "Dr Okafor"})
    assert preview(building, per_minute=2) == CallOffPreview(
        programme="Practice week",
        day=MONDAY,
        sessions=4,  # with the opening
        private=0,
        people=3,
        mails=4,  # Ada's three calendars and Bea's one; Cy only waits, and hears in chat
        chats=2,
        presenters=1,
        through_at=building.now + timedelta(minutes=2),
        zone="Europe/London",
        channel_id=77,
    )
    assert states(building)["First"] is SessionState.PUBLISHED


def _presented(db: Db, partnership_id: int, labels: dict[int, str]) -> None:
    for session_id, label in labels.items():
        db.add(Presenter(partnership_id=partnership_id, session_id=session_id, label=label))


def test_the_preview_says_what_will_be_sent(building: Building) -> None:
    a_full_day(building)
    expected = preview(building)
    call_off(building)
    left = deliver(building)
    by = [letter.channel for letter in left]
    assert (by.count(Channel.EMAIL), by.count(Channel.CHAT), by.count(Channel.BOARD)) == (expected.mails, expected.chats, 1)


def test_nothing_left_to_cancel_is_said(building: Building) -> None:
    with pytest.raises(BadInput, match="There is nothing to cancel"):
        preview(building, date(2027, 3, 20))
    building.later(days=30)
    with pytest.raises(BadInput, match="There is nothing to cancel"):
        preview(building, None)


def test_another_partnership_sees_and_cancels_nothing(building: Building) -> None:
    for use_case, more in ((calling_off.begin, {"actor": ACTOR}),):
        with pytest.raises(NotFound):
            building.write(use_case, building.partnership_id + 1, building.programme_id, None, "", now=building.now, **more)


# ── carrying out ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_is_cancelled_and_nothing_else(building: Building) -> None:
    a_full_day(building)
    assert call_off(building) == CalledOff(4, 3, 77)
    off, on = SessionState.CANCELLED, SessionState.PUBLISHED
    assert states(building) == {"Opening": off, "First": off, "Second": off, "Third": off, "Tuesday": on}
    trail = [entry.action for entry in building.read(rows, AuditEntry) if entry.action.startswith(("call", "cancel"))]
    assert trail == ["call off day", *["cancel session"] * 4]


def test_each_session_takes_its_calendar_entry_away_and_chat_says_it_once(building: Building) -> None:
    a_full_day(building)
    call_off(building)
    left = deliver(building)
    mails = [letter for letter in left if letter.channel is Channel.EMAIL]
    assert sorted((m.recipient.name, m.session.title if m.session else "") for m in mails) == [
        ("Person 1", "First"),
        ("Person 1", "Second"),
        ("Person 1", "Third"),
        ("Person 2", "Second"),
    ]
    assert all(m.calendar is not None and m.calendar.method is CalendarMethod.CANCEL and m.reason == "Snow" for m in mails)
    chat = {letter.recipient.name: letter.matter for letter in left if letter.channel is Channel.CHAT}
    day = "Monday 15 March 2027"
    assert chat == {
        "Person 1": AnnouncementMatter(
            "Your 3 sessions are called off",
            f"We are sorry. The organisers have called off:\n• First, {day}, 9.30am to 10.15am\n• Second, {day}, 10.30am to 11.15am\n"
            f"• Third, {day}, 11.30am to 12.15pm\n\nWhy: Snow\n\nYou do not need to do anything.",
            "",
        ),
        "Person 3": AnnouncementMatter(
            "Your session is called off",
            f"We are sorry. The organisers have called off:\n• Third, {day}, 11.30am to 12.15pm\n\n"
            "Why: Snow\n\nYou do not need to do anything.",
            "",
        ),
    }


def test_the_channel_hears_once_and_how_many(building: Building) -> None:
    a_full_day(building)
    call_off(building)
    (letter,) = letters_of(building, Channel.BOARD)
    assert (letter.kind, letter.channel_id, letter.matter) == (
        Kind.ANNOUNCEMENT,
        77,
        AnnouncementMatter(
            "Monday 15 March 2027: called off",
            "4 sessions are called off.\n\nWhy: Snow\n\nIf you had a place, we are telling you ourselves, and your calendar too. "
            "You do not need to do anything.",
            "Practice week",
        ),
    )


def test_of_whom_a_page_only_has_a_wish_nobody_is_said_to_be_told(building: Building) -> None:
    session = building.session()
    for person in (building.person(1), likes_chat(building, 2)):
        building.book(session, person)
    wish(building, session, 7)
    assert preview(building).people == call_off(building).people == 2


def test_a_whole_programme_is_cancelled(building: Building) -> None:
    a_full_day(building)
    assert call_off(building, None, "Inspection").sessions == 5
    assert set(states(building).values()) == {SessionState.CANCELLED}
    (letter,) = letters_of(building, Channel.BOARD)
    assert isinstance(letter.matter, AnnouncementMatter)
    assert letter.matter.subject == "Practice week: called off"


# ── again, and after a crash ────────────────────────────────────────────────────────────────────────────────


def test_a_crash_half_way_is_made_good_by_asking_again_and_nothing_is_said_twice(building: Building) -> None:
    a_full_day(building)
    begun = begin(building)
    cancel(building, begun, begun.sessions[:2])
    half = deliver(building)
    assert [letter.channel for letter in half] == [Channel.EMAIL]  # chat waits for the rest
    building.later(minutes=1)
    again = begin(building)
    assert again == Begun(begun.announcement_id, begun.sessions[2:])
    cancel(building, again, begun.sessions)  # those of before too
    assert finish(building, again) == finish(building, again) == CalledOff(4, 3, 77)
    rest = deliver(building)
    by = [letter.channel for letter in half + rest]
    assert (by.count(Channel.EMAIL), by.count(Channel.CHAT), by.count(Channel.BOARD)) == (4, 2, 1)
    assert len({letter.key for letter in half + rest}) == 7
    assert begin(building) == Begun(None, ())


def test_the_clock_carries_on_with_what_stands_still(building: Building) -> None:
    a_full_day(building)
    begun = begin(building)
    cancel(building, begun, begun.sessions[:1])
    building.later(minutes=1)
    assert building.read(calling_off.standing_still, now=building.now) == ()
    building.later(minutes=2)
    (found,) = building.read(calling_off.standing_still, now=building.now)
    assert (found.announcement_id, found.sessions) == (begun.announcement_id, begun.sessions[1:])
    cancel(building, begun, found.sessions)
    finish(building, begun)
    assert building.read(calling_off.standing_still, now=building.now) == ()


def test_who_gave_their_place_back_before_hears_nothing(building: Building) -> None:
    first = building.session(title="First")
    ada = likes_chat(building, 1)
    building.book(first, ada)
    building.cancel(first, ada)
    deliver(building)
    building.later(minutes=10)
    call_off(building)
    assert [letter.channel for letter in deliver(building)] == [Channel.BOARD]


def test_who_takes_no_direct_messages_is_not_written_to_twice(building: Building) -> None:
    _, _, third = a_full_day(building)
    call_off(building)
    refused = building.read(rows, Notice, Notice.channel == Channel.CHAT, Notice.state == NoticeState.QUEUED)
    assert len(refused) == 2
    from domain.ledger import marks

    building.claim(channels=[Channel.CHAT])
    for notice in refused:
        building.hand_over(notice.id)
        building.write(marks.mark_permanent, notice.id, "post", "closed", closed=True, now=building.now)
    mails = letters_of(building, Channel.EMAIL)
    told = sorted((mail.recipient.name, mail.kind.value) for mail in mails)
    # Ada has an e-mail for each session already; Cy only waited, and now hears by e-mail
    assert told == [*[("Person 1", "cancellation")] * 3, ("Person 2", "cancellation"), ("Person 3", "announcement")]
    assert building.booking(third, 3).person_id == 3


# ── private ─────────────────────────────────────────────────────────────────────────────────────────────────


def privately_booked(building: Building, session: int, number: int, *, now: datetime) -> int:
    """Somebody on a private session, under a name of their own."""
    person = likes_chat(building, number)
    building.write(_place, building.partnership_id, session, person, now=now)
    return person


def _place(db: Db, partnership_id: int, session_id: int, person_id: int, *, now: datetime) -> None:
    from domain.kinds import Mode
    from domain.models import BookingState

    db.add(
        Booking(
            partnership_id=partnership_id,
            session_id=session_id,
            person_id=person_id,
            mode=Mode.ROOM,
            state=BookingState.CONFIRMED,
            asked_at=now,
            confirmed_at=now,
            alias="Robin",
            invited=True,
            sequence=1,
        )
    )


def test_private_sessions_are_cancelled_counted_and_named_nowhere_public(building: Building) -> None:
    secret = building.session(title="Parents of babies in care", privacy=Privacy.PRIVATE, public_title="A quiet hour")
    privately_booked(building, secret, 5, now=building.now)
    building.later(minutes=10)
    shown = preview(building)
    assert (shown.sessions, shown.private, shown.people) == (2, 1, 1)
    call_off(building)
    left = deliver(building)
    public = [letter.matter for letter in left if letter.channel is Channel.BOARD]
    assert [matter.words.partition("\n")[0] for matter in public if isinstance(matter, AnnouncementMatter)] == ["1 session is called off."]
    theirs = [letter for letter in left if letter.channel is Channel.CHAT]
    assert [letter.recipient.name for letter in theirs] == ["Robin"]
    assert isinstance(theirs[0].matter, AnnouncementMatter)
    assert "• A quiet hour, Monday 15 March 2027, 9.30am to 10.15am" in theirs[0].matter.words
    assert not any("Parents" in repr(letter) for letter in left)


def test_a_day_of_private_sessions_alone_is_not_spoken_of_in_public(building: Building) -> None:
    day = START + timedelta(days=2)
    building.session(title="Panel", privacy=Privacy.PRIVATE, public_title="A quiet hour", starts_at=day)
    assert preview(building, day.date()).channel_id is None
    assert call_off(building, day.date()) == CalledOff(1, 0, None)
    assert letters_of(building, *Channel) == []
    assert begin(building, day.date()) == Begun(None, ())


def test_the_order_holds_the_reason_as_one_clean_line(building: Building) -> None:
    call_off(building, MONDAY, "Snow\u202e on\nevery road")
    assert building.read(one_row, Announcement).words == "Snow on every road"


@pytest.mark.parametrize("day", [MONDAY, None])
def test_a_session_moved_off_the_day_while_it_is_called_off_stays(building: Building, day: date | None) -> None:
    session = building.session()
    begun = begin(building, day)
    assert session in begun.sessions
    building.move(session, START + timedelta(days=7))
    cancel(building, begun, begun.sessions)
    finish(building, begun)
    assert states(building)["Strengths"] is (SessionState.CANCELLED if day is None else SessionState.PUBLISHED)
    assert states(building)["Opening"] is SessionState.CANCELLED
