"""The report of a small made-up week, compared whole; and which numbers are too small to show."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.attendance import mark
from domain.bookings import book, cancel
from domain.charts import Section, Table, parts, sections
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.errors import NotFound
from domain.feedback.answers import Comments, Results, Spread
from domain.feedback.asking import close_feedback, complete, give_rating
from domain.kinds import Format, Mode, Provider
from domain.models import Attendance, Booking, BookingState, Person, Privacy, ProgrammeKind, ServiceArea
from domain.people import organisation_named
from domain.ports.drawing import Bars
from domain.programmes import NewProgramme, create, ensure_partnership, publish
from domain.reports.figures import OTHER_GROUPS, CancelledLine, GroupLine, ProgrammeReport, SessionLine, Tally, Totals, grouped, tally_of
from domain.reports.programme import programme_report
from domain.rules import Rules
from domain.sessions import add, cancel_session
from domain.times import LONDON
from tests.building import Building, rows
from tests.visiting_building import known_twice

MONDAY = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AFTER = datetime(2027, 4, 5, 9, 0, tzinfo=UTC)


def people_of(db: Db, partnership_id: int, organisation: str, area: ServiceArea, count: int, now: datetime) -> list[int]:
    employer = organisation_named(db, partnership_id, organisation)
    made = []
    for number in range(count):
        address = f"{number}@{organisation.lower()}.example"
        person = Person(
            partnership_id=partnership_id,
            name=f"{organisation} {number}",
            email=address,
            email_key=address,
            proven_at=now,
            organisation_id=employer.id,
            service_area=area,
            created_at=now,
        )
        db.add(person)
        db.flush()
        made.append(person.id or 0)
    return made


@pytest.fixture
def programme_id(store: Store, partnership_id: int, rules: Rules, now: datetime) -> int:
    """Monday: a room of seven, with a queue and feedback. Tuesday: online without limit, not marked. Wednesday: a private
    session. Thursday: cancelled. Friday: not over yet. Bookings by three employers.
    """
    new = NewProgramme("Practice Week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
    programme = store.write_now(create, partnership_id, new, actor="test", now=now).id

    def session(title: str, day: int, format_: Format, places: int | None, **more: Any) -> int:
        starts = MONDAY + day * DAY
        wanted = NewSession(title, starts, starts + HOUR, format_, places=places, reference=f"PW-{day}", **more)
        return store.write_now(add, partnership_id, programme, wanted, rules, actor="test", now=now).session_id

    room = session("Listening", 0, Format.IN_PERSON, 7, organisation="Derby")
    online = session("Law", 1, Format.ONLINE, None, provider=Provider.GIVEN, given_link="https://example.org/law")
    private = session("Parents", 2, Format.IN_PERSON, 10, privacy=Privacy.PRIVATE, public_title="Workshop")
    called_off = session("Away day", 3, Format.IN_PERSON, 10)
    store.write_now(publish, partnership_id, programme, None, rules, actor="test", now=now)
    ahead = session("Ahead", 28, Format.HYBRID, 10, online_places=30, provider=Provider.GIVEN, given_link="https://example.org/a")
    derby = store.write_now(people_of, partnership_id, "Derby", ServiceArea.CHILDREN, 6, now)
    trust = store.write_now(people_of, partnership_id, "Trust", ServiceArea.ADULTS, 6, now)
    tiny = store.write_now(people_of, partnership_id, "Tiny", ServiceArea.ADULTS, 2, now)

    def booked(session_id: int, people: list[int], mode: Mode | None = None) -> None:
        for person in people:
            store.write_now(book, partnership_id, session_id, person, rules, now=now, mode=mode)

    booked(room, [*derby[:5], *trust[:1], *tiny[:1], *derby[5:]])  # seven places, and one of Derby's waits
    booked(online, [*trust, *tiny])
    store.write_now(cancel, partnership_id, online, trust[5], rules, now=now)
    booked(ahead, trust[:2], Mode.ROOM)
    booked(ahead, tiny[:1], Mode.ONLINE)
    booked(called_off, derby)
    store.write_now(cancel_session, partnership_id, called_off, "Snow", rules, actor="test", now=now)
    store.write_now(place_of_parent, partnership_id, private, trust[0], now)
    marks = dict.fromkeys((*derby[:4], trust[0]), Attendance.ATTENDED) | {tiny[0]: Attendance.ABSENT}
    store.write_now(mark, partnership_id, room, marks, actor="test", now=MONDAY)
    for person, rating in zip((*derby[:4], trust[0]), (5, 4, 4, 5, 2), strict=True):
        given = store.write_now(give_rating, partnership_id, room, person, rating, rules, now=MONDAY + HOUR)
        if rating == 2:
            store.write_now(complete, partnership_id, given.token, {"do_better": "Slower"}, rules, now=MONDAY + HOUR)
    store.write_now(close_feedback, rules, now=AFTER)
    return programme


def place_of_parent(db: Db, partnership_id: int, session_id: int, person_id: int, now: datetime) -> None:
    """Nobody books a private session from chat yet."""
    db.add(
        Booking(
            partnership_id=partnership_id,
            session_id=session_id,
            person_id=person_id,
            mode=Mode.ROOM,
            state=BookingState.CONFIRMED,
            asked_at=now,
            confirmed_at=now,
        )
    )


@pytest.fixture
def report(store: Store, partnership_id: int, programme_id: int, rules: Rules) -> ProgrammeReport:
    return store.read_now(programme_report, partnership_id, programme_id, rules, now=AFTER)


def test_a_small_week_in_numbers(report: ProgrammeReport, programme_id: int) -> None:
    five = Results(5, Spread((0, 1, 0, 2, 2)))
    commented = Results(5, five.rating, None, (Comments("What could be better?", ("Slower",)),))
    ahead = MONDAY + 28 * DAY
    derby, trust, tiny = Tally(5, 1, 0, 4, 0, 1), Tally(8, 0, 1, 1, 0, 5), Tally(4, 0, 0, 0, 1, 2)
    assert report == ProgrammeReport(
        programme_id=programme_id,
        title="Practice Week",
        partnership="Midlands Teaching Partnership",
        starts_on=date(2027, 3, 15),
        ends_on=date(2027, 4, 12),
        zone="Europe/London",
        made_at=AFTER,
        minimum_answers=5,
        totals=Totals(
            sessions=4,
            private=1,
            cancelled_sessions=1,
            people=12,
            places=57,
            limited=11,
            unlimited_sessions=1,
            tally=Tally(18, 1, 1, 5, 1, 9),
            results=five,
        ),
        sessions=(
            SessionLine("PW-0", "Listening", "Derby", MONDAY, MONDAY + HOUR, LONDON, 7, Tally(7, 1, 0, 5, 1, 1), commented),
            SessionLine("PW-1", "Law", None, MONDAY + DAY, MONDAY + DAY + HOUR, LONDON, None, Tally(7, 0, 1, 0, 0, 7), Results()),
            SessionLine("PW-28", "Ahead", None, ahead, ahead + HOUR, LONDON, 40, Tally(3), Results(), ((Mode.ROOM, 10), (Mode.ONLINE, 30))),
        ),
        cancelled=(CancelledLine("PW-3", "Away day", MONDAY + 3 * DAY, MONDAY + 3 * DAY + HOUR, LONDON),),
        organisations=(GroupLine("Derby", 5, derby), GroupLine(OTHER_GROUPS, 7, trust + tiny)),
        areas=(GroupLine("Adults’ services", 7, trust + tiny), GroupLine("Children’s services", 5, derby)),
    )


def test_percentages_go_up_at_a_half_and_say_nothing_of_nothing(report: ProgrammeReport) -> None:
    room, online, _ = report.sessions
    assert (room.fill, online.fill, report.totals.fill) == (100, None, 19)
    assert (room.tally.no_show, online.tally.no_show, Tally(attended=7, absent=1).no_show) == (17, None, 13)


def test_a_private_session_is_told_of_by_number_only(report: ProgrammeReport) -> None:
    assert report.totals.private == 1
    assert "Parents" not in repr(report)
    assert "Workshop" not in repr(report)


def test_nobody_is_named(report: ProgrammeReport) -> None:
    assert "Derby 0" not in repr(report)
    assert "@" not in repr(report)


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((9, 7, 5), (("a", 9), ("b", 7), ("c", 5))),
        ((9, 7, 3, 2), (("a", 9), ("b", 7), (OTHER_GROUPS, 5))),
        ((9, 7, 4), (("a", 9), (OTHER_GROUPS, 11))),  # alone, the four could be worked out
        ((9, 7, 0), (("a", 9), (OTHER_GROUPS, 7))),
        ((4, 3), ((OTHER_GROUPS, 7),)),
        ((2, 2), ()),
        ((), ()),
    ],
)
def test_small_groups_are_counted_together_so_that_none_can_be_worked_out(
    sizes: tuple[int, ...], shown: tuple[tuple[str, int], ...]
) -> None:
    lines = [GroupLine(name, size, Tally(confirmed=size)) for name, size in zip("abcd", sizes, strict=False)]
    assert grouped(reversed(lines)) == tuple(GroupLine(name, size, Tally(confirmed=size)) for name, size in shown)


def test_bookings_of_a_session_to_come_are_neither_marked_nor_unmarked() -> None:
    confirmed, held = (
        Booking(partnership_id=1, session_id=1, person_id=i, mode=Mode.ROOM, state=state, asked_at=MONDAY)
        for i, state in enumerate((BookingState.CONFIRMED, BookingState.HELD))
    )
    assert (tally_of([confirmed, held], over=False), tally_of([confirmed, held], over=True)) == (Tally(1), Tally(1, unmarked=1))


def test_a_draft_has_an_empty_report_and_another_partnership_none(
    store: Store, partnership_id: int, programme_id: int, rules: Rules, now: datetime
) -> None:
    other = store.write_now(ensure_partnership, "other", "Other", 2)
    new = NewProgramme("Draft", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
    draft = store.write_now(create, partnership_id, new, actor="test", now=now).id
    unseen = NewSession("Unseen", MONDAY, MONDAY + HOUR, Format.IN_PERSON)
    store.write_now(add, partnership_id, draft, unseen, rules, actor="test", now=now)
    empty = store.read_now(programme_report, partnership_id, draft, rules, now=now)
    with pytest.raises(NotFound):
        store.read_now(programme_report, other, programme_id, rules, now=now)
    assert (empty.totals, empty.sessions, sections(empty)) == (Totals(0, 0, 0, 0, 0, 0, 0, Tally(), Results()), (), ())


# ── as pictures and tables ──────────────────────────────────────────────────────────────────────────────────


def test_every_picture_has_its_table(report: ProgrammeReport) -> None:
    places, organisations, areas, ratings, feedback = sections(report)
    labels = ("Mon 15 Mar, 9.30am: Listening", "Tue 16 Mar, 9.30am: Law", "Mon 12 Apr, 10.30am: Ahead")
    days = "Monday 15 March to Monday 12 April 2027"
    assert places == Section(
        "places-1",
        f"Places: {days}",
        "“Full” is how many of the places were booked. A session without a limit has no such number.",
        (
            Bars(f"People booked, {days}", labels, (("Booked", (7.0, 7.0, 3.0)), ("Waiting", (1.0, 0.0, 0.0))), stacked=True),
            Bars(f"How full, {days}", (labels[0], labels[2]), (("Places booked", (100.0, 8.0)),), unit="%"),
        ),
        Table(
            ("Session", "When", "Places", "Booked", "Full", "Waiting", "Cancelled", "Came", "Did not come", "Not marked"),
            (
                ("Listening", "Mon 15 Mar, 9.30am", 7, 7, "100%", 1, 0, 5, 1, 1),
                ("Law", "Tue 16 Mar, 9.30am", "No limit", 7, None, 0, 1, 0, 0, 7),
                ("Ahead", "Mon 12 Apr, 10.30am", "In the room 10, online 30", 3, "8%", 0, 0, 0, 0, 0),
            ),
        ),
    )
    assert organisations.table.rows == (("Derby", 5, 5, 1, 0, 4, 0, 1, "0%"), (OTHER_GROUPS, 7, 12, 0, 1, 1, 1, 7, "50%"))
    assert areas.charts[0].series == (("Came", (1.0, 4.0)), ("Did not come", (1.0, 0.0)), ("Not marked", (7.0, 1.0)))
    assert ratings.words == "5 answers, 4.0 out of 5 on average."
    assert feedback.table.rows == (("Listening", "Mon 15 Mar, 9.30am", 5, 4.0, None, None),)


@pytest.mark.parametrize(
    ("a_day", "portions"), [((7, 7, 7, 7, 7), [14, 14, 7]), ((25, 1), [20, 6]), ((20, 20), [20, 20]), ((1,) * 45, [20, 20, 5]), ((), [])]
)
def test_pictures_hold_whole_days_and_no_more_than_can_be_read(a_day: tuple[int, ...], portions: list[int]) -> None:
    lines = [
        SessionLine("", "", None, MONDAY + day * DAY, MONDAY + day * DAY + HOUR, "Europe/London", None, Tally(), Results())
        for day, count in enumerate(a_day)
        for _ in range(count)
    ]
    assert [len(part) for part in parts(lines)] == portions


def test_a_claim_that_became_one_with_another_counts_once(building: Building) -> None:
    session = building.session(places=5)
    account = known_twice(building, session)
    nine = building.person(9)
    building.book(session, nine)
    building.cancel(session, nine)
    report = building.read(programme_report, building.partnership_id, building.programme_id, building.rules, now=building.now)
    assert report.totals.tally == Tally(confirmed=1, cancelled=1)
    assert (report.totals.people, [one.tally for one in report.sessions if one.tally.confirmed]) == (1, [report.totals.tally])
    assert len(building.read(rows, Booking, Booking.person_id == account)) == 1
