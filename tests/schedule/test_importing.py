"""Importing a schedule into a real database: what a preview says, and what Confirm does and owes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from domain.bookings import book
from domain.database import Db, Store
from domain.descriptions import described
from domain.errors import BadInput, NotFound, Refusal
from domain.hosts import sync_hosts
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import (
    AuditEntry,
    Booking,
    BookingState,
    Meeting,
    Notice,
    NoticeState,
    Person,
    Privacy,
    Programme,
    ProgrammeKind,
    Series,
    Session,
    SessionState,
)
from domain.ports.files import Sheet
from domain.programmes import NewProgramme, create, ensure_partnership, publish
from domain.rules import Rules
from domain.schedule.importing import (
    Fate,
    Imported,
    ImportPreview,
    apply,
    bare_preview,
    keep_draft,
    kept_draft,
    preview,
    preview_json,
)
from domain.schedule.proposals import Difference
from domain.schedule.telling import done_words, gone_words, headline, problem_words, row_words, what_happens
from domain.schedule.values import Problem
from domain.sessions import cancel_session, edit
from domain.timekeeping import keep_time
from integrations.sheets import CalamineSheetReader

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
HEAD = ("Date", "Time", "Title", "Host organisation", "Platform", "Location", "Places")
BANK_HOLIDAYS = {date(2027, 3, 26): "Good Friday"}
SAMPLES = Path(__file__).parents[2] / "rehearsal" / "programmes"
EVERY_FILE = sorted(path.name for path in SAMPLES.glob("*.csv"))

Row = tuple[object, ...]
LUNCH: Row = ("15/03/2027", "12-1pm", "Lunch and learn", "Dudley MBC", "Teams", "", 50.0)
REFLECT: Row = ("15/03/2027", "2pm-4pm", "Critical reflection", "Coventry City Council", "In person", "Council House", 12.0)
KINSHIP: Row = ("16/03/2027", "10-11am", "Kinship care", "Dudley MBC", "Zoom", "", 30.0)
WEEK = (LUNCH, REFLECT, KINSHIP)


def a_sheet(*rows: Row, head: Row = HEAD) -> Sheet:
    return Sheet("week", (head, *rows))


class Desk:
    """An organiser's desk: one programme, and the files that are tried on it."""

    def __init__(self, store: Store, partnership_id: int, rules: Rules, **programme: Any) -> None:
        self.store, self.partnership_id, self.rules = store, partnership_id, rules
        self.now = NOW
        wanted = NewProgramme("Practice week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19), **programme)
        self.programme_id = store.write_now(create, partnership_id, wanted, actor="discord:1", now=NOW).id
        hosts = [(Provider.TEAMS, "teams-1", 20, None), (Provider.ZOOM, "zoom-1", 1, 100)]
        store.write_now(sync_hosts, partnership_id, hosts)

    def preview(self, *rows: Row, head: Row = HEAD, answers: Mapping[int, int | None] | None = None) -> ImportPreview:
        return self.store.read_now(
            preview,
            self.partnership_id,
            self.programme_id,
            a_sheet(*rows, head=head),
            self.rules,
            now=self.now,
            holidays=BANK_HOLIDAYS,
            answers=answers,
        )

    def apply(self, *rows: Row, head: Row = HEAD, good_rows_only: bool = False, **more: Any) -> Imported:
        return self.store.write_now(
            apply,
            self.partnership_id,
            self.programme_id,
            a_sheet(*rows, head=head),
            self.rules,
            good_rows_only=good_rows_only,
            actor="discord:1",
            now=self.now,
            holidays=BANK_HOLIDAYS,
            **more,
        )

    def publish(self) -> None:
        self.store.write_now(publish, self.partnership_id, self.programme_id, None, self.rules, actor="discord:1", now=self.now)

    def sessions(self) -> list[Session]:
        with self.store.reading() as db:
            return list(db.exec(select(Session).order_by(col(Session.starts_at), col(Session.id))).all())

    def session(self, title: str) -> Session:
        return next(session for session in self.sessions() if session.title == title)

    def book(self, title: str, name: str, mode: Mode | None = None) -> int:
        """Somebody with a proven address books; their person id."""

        def proven(db: Db) -> int:
            person = Person(
                partnership_id=self.partnership_id,
                name=name,
                email=f"{name.lower()}@council.example",
                email_key=f"{name.lower()}@council.example",
                proven_at=NOW,
                created_at=NOW,
            )
            db.add(person)
            db.flush()
            return person.id or 0

        person_id = self.store.write_now(proven)
        session_id = self.session(title).id or 0
        self.store.write_now(book, self.partnership_id, session_id, person_id, self.rules, now=self.now, mode=mode)
        return person_id

    def owed(self) -> list[tuple[str, str]]:
        """Kind and detail of every message that waits, in the order in which they were owed."""
        with self.store.reading() as db:
            waiting = select(Notice).where(col(Notice.state) == NoticeState.QUEUED).order_by(col(Notice.id))
            return [(notice.kind.value, notice.detail) for notice in db.exec(waiting)]

    def all_sent(self) -> None:
        """Every message has gone out, and every invitation stands in its calendar."""

        def sent(db: Db) -> None:
            for notice in db.exec(select(Notice).where(col(Notice.state) == NoticeState.QUEUED)):
                notice.state, notice.sent_at = NoticeState.SENT, self.now
                db.add(notice)
            for booking in db.exec(select(Booking).where(col(Booking.state) == BookingState.CONFIRMED)):
                booking.invited = True
                db.add(booking)

        self.store.write_now(sent)


@pytest.fixture
def desk(store: Store, partnership_id: int, rules: Rules) -> Desk:
    return Desk(store, partnership_id, rules)


def counts(shown: ImportPreview) -> dict[str, int]:
    return {fate.value: len(shown.of(fate)) for fate in Fate if shown.of(fate)}


# ── a new file ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_preview_says_what_each_row_will_become_and_makes_nothing(desk: Desk) -> None:
    shown = desk.preview(*WEEK)
    assert [row_words(row) for row in shown.rows] == [
        "Row 2: Lunch and learn. Monday 15 March 2027, 12 noon to 1pm. Teams. 50 places. Dudley MBC.",
        "Row 3: Critical reflection. Monday 15 March 2027, 2pm to 4pm. In person at Council House. 12 places. Coventry City Council.",
        "Row 4: Kinship care. Tuesday 16 March 2027, 10am to 11am. Zoom. 30 places. Dudley MBC.",
    ]
    assert headline(shown) == "3 sessions, 0 invitations."
    assert what_happens(shown) == "3 new. Nobody is told anything. Nobody can see the sessions before you publish the programme."
    assert (shown.errors, shown.warnings, shown.gone) == ((), (), ())
    assert desk.sessions() == []


def test_confirm_makes_every_session_as_it_was_shown(desk: Desk) -> None:
    done = desk.apply(*WEEK)
    assert done == Imported(new=3)
    assert done_words(done) == "3 sessions added. Nobody was told anything."
    made = [(s.title, s.starts_at.hour, s.format, s.provider, s.venue, s.places, s.state) for s in desk.sessions()]
    assert made == [
        ("Lunch and learn", 12, Format.ONLINE, Provider.TEAMS, None, 50, SessionState.DRAFT),
        ("Critical reflection", 14, Format.IN_PERSON, None, "Council House", 12, SessionState.DRAFT),
        ("Kinship care", 10, Format.ONLINE, Provider.ZOOM, None, 30, SessionState.DRAFT),
    ]


def test_what_the_file_does_not_say_takes_the_programmes_defaults_and_the_preview_says_which(
    store: Store, partnership_id: int, rules: Rules
) -> None:
    desk = Desk(store, partnership_id, rules, default_provider=Provider.ZOOM, default_places=25, default_privacy=Privacy.PRIVATE)
    rows: list[Row] = [
        ("15/03/2027", "9-10am", "Said online", "", "Online", "", ""),
        ("15/03/2027", "11am-12pm", "A webinar", "", "Webinar", "", 40.0),
        ("15/03/2027", "2-3pm", "Nothing said", "", "", "", ""),
        ("15/03/2027", "4-5pm", "No limit", "", "Teams", "", "unlimited"),
    ]
    shown = desk.preview(*rows)
    assert [(row.session.provider, row.session.places, row.session.privacy, row.defaults) for row in shown.rows] == [
        (Provider.ZOOM, 25, Privacy.PRIVATE, ("platform", "places", "privacy")),
        (Provider.ZOOM, 40, Privacy.PRIVATE, ("platform", "privacy")),
        (Provider.ZOOM, 25, Privacy.PRIVATE, ("platform", "places", "privacy")),
        (Provider.TEAMS, None, Privacy.PRIVATE, ("privacy",)),
    ]
    assert row_words(shown.rows[0]) == (
        "Row 2: Said online. Monday 15 March 2027, 9am to 10am. Zoom. 25 places. Private. "
        "Taken from the programme: platform, places and privacy."
    )
    assert desk.preview(rows[0]).rows == shown.rows[:1]


def test_a_hybrid_rows_number_is_the_places_in_the_room(store: Store, partnership_id: int, rules: Rules) -> None:
    desk = Desk(store, partnership_id, rules, default_places=200)
    desk.apply(("15/03/2027", "1-3pm", "Parents' panel", "", "Hybrid", "Old Library", 45.0))
    panel = desk.session("Parents' panel")
    assert (panel.format, panel.provider, panel.venue, panel.places, panel.online_places) == (
        Format.HYBRID,
        Provider.TEAMS,
        "Old Library",
        45,
        200,
    )


def test_a_link_in_the_file_serves_as_the_meeting(desk: Desk) -> None:
    head = (*HEAD, "Link")
    desk.apply((*LUNCH, "https://meet.example.org/lunch"), head=head)
    lunch = desk.session("Lunch and learn")
    assert (lunch.provider, lunch.given_link) == (Provider.GIVEN, "https://meet.example.org/lunch")
    assert counts(desk.preview(LUNCH)) == {"unchanged": 1}  # a file without the link leaves it alone


def test_a_series_is_made_once_and_found_again_however_it_is_typed(desk: Desk) -> None:
    head = (*HEAD, "Series")
    desk.apply((*LUNCH, "Practitioner teachers"), (*KINSHIP, "practitioner  Teachers"), head=head)
    with desk.store.reading() as db:
        series = [(one.id, one.title) for one in db.exec(select(Series))]
    assert series == [(1, "Practitioner teachers")]
    assert {session.series_id for session in desk.sessions()} == {1}
    assert counts(desk.preview((*LUNCH, "Practitioner teachers"), (*KINSHIP, "practitioner  Teachers"), head=head)) == {"unchanged": 2}


def test_a_changed_series_is_an_edit(desk: Desk) -> None:
    head = (*HEAD, "Series")
    desk.apply((*LUNCH, "Practitioner teachers"), head=head)
    shown = desk.preview((*LUNCH, "Wellbeing"), head=head)
    assert shown.rows[0].differences == (Difference("Series", "Practitioner teachers", "Wellbeing"),)
    assert desk.apply((*LUNCH, "Wellbeing"), head=head) == Imported(changed=1)
    with desk.store.reading() as db:
        assert db.get_one(Series, desk.session("Lunch and learn").series_id).title == "Wellbeing"


def test_a_reference_in_the_file_becomes_the_sessions_own(desk: Desk) -> None:
    desk.apply(("SW-7", *LUNCH), head=("Reference", *HEAD))
    assert desk.session("Lunch and learn").reference == "SW-7"


# ── problems ────────────────────────────────────────────────────────────────────────────────────────────────

NO_HOUR: Row = ("17/03/2027", "prerecorded", "Watch when you like", "Dudley MBC", "Online", "", "")


def test_a_row_without_an_hour_is_an_error_on_that_row_and_nothing_is_imported(desk: Desk) -> None:
    shown = desk.preview(*WEEK, NO_HOUR)
    assert [(problem.row, problem.column) for problem in shown.errors] == [(5, "Time")]
    assert problem_words(shown.errors[0]).startswith("Row 5 (Time): ")
    assert "1 row cannot be used." in what_happens(shown)
    with pytest.raises(Refusal, match=r"^Row 5: .* Nothing was imported\.$"):
        desk.apply(*WEEK, NO_HOUR)
    assert desk.sessions() == []


def test_the_good_rows_alone_are_imported_where_the_organiser_says_so(desk: Desk) -> None:
    assert desk.apply(*WEEK, NO_HOUR, good_rows_only=True) == Imported(new=3, skipped=1)
    assert [session.title for session in desk.sessions()] == ["Lunch and learn", "Critical reflection", "Kinship care"]


def test_what_a_session_cannot_be_is_an_error_on_its_row(desk: Desk) -> None:
    shown = desk.preview((*LUNCH, "http://plain.example.org"), head=(*HEAD, "Link"))
    assert shown.errors == (Problem(2, None, "A link must start with https:// and have no spaces."),)
    assert shown.rows == ()


def test_a_file_with_no_usable_row_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal, match="No row of this file can be used"):
        desk.apply(NO_HOUR, good_rows_only=True)


def test_too_many_rows_at_once_are_refused(desk: Desk) -> None:
    with pytest.raises(BadInput, match=r"This file has 501 sessions\. At most 500"):
        desk.preview(*(replace_title(LUNCH, f"Session {n}") for n in range(501)))


def replace_title(row: Row, title: str) -> Row:
    return (*row[:2], title, *row[3:])


def test_warnings_name_bank_holidays_weekends_and_past_dates(desk: Desk) -> None:
    shown = desk.preview(
        ("26/03/2027", "9-10am", "On Good Friday", "", "Teams", "", ""),
        ("20/03/2027", "9-10am", "On a Saturday", "", "Teams", "", ""),
        ("15/02/2027", "9-10am", "Long ago", "", "Teams", "", ""),
    )
    outside = "is outside the programme's days (Monday 15 March 2027 to Friday 19 March 2027). Is the date right?"
    assert [problem_words(problem) for problem in shown.warnings] == [
        "Row 2 (Date): Friday 26 March 2027 is a bank holiday in England (Good Friday).",
        f"Row 2 (Date): Friday 26 March 2027 {outside}",
        "Row 3 (Date): Saturday 20 March 2027 is at a weekend.",
        f"Row 3 (Date): Saturday 20 March 2027 {outside}",
        "Row 4 (Date): Monday 15 February 2027 is in the past.",
        f"Row 4 (Date): Monday 15 February 2027 {outside}",
    ]


def test_many_rows_outside_the_programmes_days_are_one_warning(desk: Desk) -> None:
    shown = desk.preview(*(("12/04/2027", f"{hour}am-{hour}.30am", f"At {hour}", "", "Teams", "", "") for hour in (8, 9, 10, 11)))
    assert [problem.message for problem in shown.warnings] == [
        "4 rows are outside the programme's days (Monday 15 March 2027 to Friday 19 March 2027). It will be made longer to hold them."
    ]


def test_a_presenter_or_a_room_taken_by_a_session_that_exists_is_a_warning(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    desk.apply((*LUNCH, "Ada Bell"), (*REFLECT, "Cai Dunn"), head=head)
    shown = desk.preview(
        ("15/03/2027", "12.30-1.30pm", "Two at once", "Dudley MBC", "Teams", "", "", "Ada Bell"),
        ("15/03/2027", "3-5pm", "Same room", "", "In person", "council house", "", "Eve Fox"),
        ("15/03/2027", "3.55-5pm", "Five minutes are no clash", "", "In person", "Council House", "", ""),
        head=head,
    )
    clashes = [problem_words(problem) for problem in shown.warnings if "exist" in problem.message]
    assert clashes == [
        "Row 2 (Presenter): Ada Bell is presenting at the same time as this: “Lunch and learn”, which exists already (12 noon to 1pm).",
        "Row 3 (Location): council house is used at the same time for “Critical reflection”, which exists already (2pm to 4pm).",
    ]


def test_a_room_taken_by_another_programme_is_a_warning_with_its_name(desk: Desk, store: Store, partnership_id: int, rules: Rules) -> None:
    desk.apply(REFLECT)
    desk.publish()
    other = Desk(store, partnership_id, rules)
    shown = other.preview(("15/03/2027", "3-5pm", "Same room", "", "In person", "Council House", ""))
    assert [problem.message for problem in shown.warnings] == [
        "Council House is used at the same time for “Critical reflection” of Practice week, which exists already (2pm to 4pm)."
    ]


def test_a_private_session_elsewhere_is_not_named(desk: Desk, store: Store, partnership_id: int, rules: Rules) -> None:
    desk.apply((*REFLECT, "Yes"), head=(*HEAD, "Private"))
    desk.publish()
    shown = Desk(store, partnership_id, rules).preview(("15/03/2027", "3-5pm", "Same room", "", "In person", "Council House", ""))
    assert [problem.message for problem in shown.warnings] == [
        "Council House is used at the same time for “A private session” of Practice week, which exists already (2pm to 4pm)."
    ]


def test_an_ambiguous_row_does_not_clash_with_what_it_may_be(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    twice = [(*row, "Ada Bell") for row in TWICE]
    desk.apply(*twice, head=head)
    longer = [(row[0], hours, *row[2:]) for row, hours in zip(twice, ("10.30-11.30am", "2.30-3.30pm"), strict=True)]
    shown = desk.preview(*longer, head=head)
    assert (len(shown.of(Fate.AMBIGUOUS)), shown.warnings) == (2, ())


def test_a_moved_row_does_not_clash_with_its_own_session(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    desk.apply((*REFLECT, "Cai Dunn"), head=head)
    later: Row = (REFLECT[0], "3pm-5pm", *REFLECT[2:], "Cai Dunn")
    assert desk.preview(later, head=head).warnings == ()


# ── hosts ───────────────────────────────────────────────────────────────────────────────────────────────────


def zoom_at(hours: str, title: str) -> Row:
    return ("16/03/2027", hours, title, "", "Zoom", "", 30.0)


def test_a_zoom_session_without_a_free_host_is_a_warning_on_its_row(desk: Desk) -> None:
    shown = desk.preview(zoom_at("10-11am", "First"), zoom_at("10.30-11.30am", "Second"), zoom_at("2-3pm", "Third"))
    assert [problem_words(problem) for problem in shown.warnings] == [
        "Row 3 (Platform): No Zoom host is free on Tuesday 16 March 2027, 10.30am to 11.30am. "
        "The session would have no link for now: move it, or choose another platform."
    ]
    with desk.store.reading() as db:
        assert db.exec(select(Meeting)).all() == []  # reserved on paper only


def test_the_forecast_of_hosts_is_what_then_happens(desk: Desk) -> None:
    stands = zoom_at("3-4pm", "Stands")
    desk.apply(stands)
    desk.publish()
    hours = {"First": "9-10am", "Second": "9.30-10.30am", "Third": "11am-12pm", "Too close": "12.15-1pm", "Fourth": "1.30-2.30pm"}
    rows = [*(zoom_at(when, title) for title, when in hours.items()), stands, zoom_at("3.30-4pm", "Late")]
    foreseen = [rows[problem.row - 2][2] for problem in desk.preview(*rows).warnings]
    desk.apply(*rows)
    with desk.store.reading() as db:
        hostless = select(Session.title).join(Meeting, col(Meeting.session_id) == col(Session.id)).where(col(Meeting.host_id).is_(None))
        assert list(db.exec(hostless.order_by(col(Session.id)))) == foreseen == ["Second", "Too close", "Late"]


def test_a_moved_session_leaves_its_old_hour_to_another_row(desk: Desk) -> None:
    desk.apply(KINSHIP)
    desk.publish()
    moved: Row = ("16/03/2027", "3-4pm", *KINSHIP[2:])
    assert desk.preview(moved, zoom_at("10-11am", "In its old place")).warnings == ()


def test_a_session_moved_by_half_an_hour_does_not_stand_in_its_own_way(desk: Desk) -> None:
    desk.apply(KINSHIP)
    desk.publish()
    assert desk.preview(("16/03/2027", "10.30-11.30am", *KINSHIP[2:])).warnings == ()


def test_no_host_at_all_is_said_once(desk: Desk, partnership_id: int) -> None:
    desk.store.write_now(sync_hosts, partnership_id, [(Provider.TEAMS, "teams-1", 20, None)])
    shown = desk.preview(zoom_at("10-11am", "First"), zoom_at("2-3pm", "Second"))
    assert [problem_words(problem) for problem in shown.warnings] == [
        "Row 2 (Platform): Zoom is not set up here. 2 sessions would have no link until it is. Choose another platform, or ask for Zoom."
    ]


# ── the same file again, and an edited one ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", EVERY_FILE)
@pytest.mark.parametrize("published", [False, True])
def test_the_same_file_again_changes_nothing(desk: Desk, name: str, published: bool) -> None:
    sheet = CalamineSheetReader().read(name, (SAMPLES / name).read_bytes())
    place = desk.store, desk.partnership_id, desk.programme_id, desk.rules
    first = import_file(*place, sheet)
    if published:
        desk.publish()
    before = [session.model_dump() for session in desk.sessions()]
    again = import_file(*place, sheet)
    assert again == Imported(unchanged=first.new, skipped=first.skipped)
    assert [session.model_dump() for session in desk.sessions()] == before
    assert len(before) == first.new > 0


def import_file(store: Store, partnership_id: int, programme_id: int, rules: Rules, sheet: Sheet) -> Imported:
    return store.write_now(
        apply, partnership_id, programme_id, sheet, rules, good_rows_only=True, actor="command line", now=NOW, holidays={}
    )


def test_an_edited_file_shows_the_difference_field_by_field(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    shown = desk.preview(
        LUNCH,
        ("15/03/2027", "2.30pm-4pm", "Critical reflection", "Coventry City Council", "In person", "Town Hall", 15.0),
        ("17/03/2027", "9-10am", "Added later", "", "Teams", "", 10.0),
    )
    assert counts(shown) == {"new": 1, "changed": 1, "unchanged": 1}
    assert row_words(shown.of(Fate.CHANGED)[0]) == (
        "Row 3: Critical reflection. When: Monday 15 March 2027, 2.30pm to 4pm instead of Monday 15 March 2027, 2pm to 4pm; "
        "Venue: Town Hall instead of Council House; Places: 15 places instead of 12 places."
    )
    assert [gone_words(one) for one in shown.gone] == ["Kinship care. Tuesday 16 March 2027, 10am to 11am: nobody booked."]
    assert what_happens(shown) == (
        "1 new, 1 changed, 1 unchanged, 1 no longer in the file. Nobody is told anything. "
        "New sessions can be booked at once, because the programme is published."
    )


def test_an_edit_owes_an_update_to_who_is_confirmed_and_only_to_them(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.book("Lunch and learn", "Ada")
    desk.book("Kinship care", "Ben")
    desk.all_sent()
    later: Row = ("15/03/2027", "1-2pm", *LUNCH[2:])
    shown = desk.preview(later, REFLECT, KINSHIP)
    assert (headline(shown), what_happens(shown)) == (
        "3 sessions, 1 invitation.",
        "1 changed, 2 unchanged. 1 person would be sent an updated invitation.",
    )
    done = desk.apply(later, REFLECT, KINSHIP)
    assert done == Imported(changed=1, unchanged=2, told=1)
    assert done_words(done) == "1 session changed, 2 sessions unchanged. 1 person will be told."
    assert desk.owed() == [(Kind.UPDATE.value, "time")]
    assert desk.session("Lunch and learn").starts_at == datetime(2027, 3, 15, 13, 0, tzinfo=UTC)


def test_more_places_alone_tell_nobody_who_is_booked(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.book("Lunch and learn", "Ada")
    desk.all_sent()
    more: Row = (*LUNCH[:6], 80.0)
    assert desk.preview(more, REFLECT, KINSHIP).told == 0
    assert desk.apply(more, REFLECT, KINSHIP) == Imported(changed=1, unchanged=2)
    assert desk.owed() == []


def test_a_row_with_fewer_places_than_people_have_is_an_error_and_left_out_of_the_good_rows(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    for name in ("Ann", "Bob", "Cat"):
        desk.book("Lunch and learn", name)
    fewer, moved = (*LUNCH[:6], 2.0), ("16/03/2027", "11am-12pm", *KINSHIP[2:])
    shown = desk.preview(fewer, REFLECT, moved)
    assert shown.errors == (Problem(2, "Places", "2 places, but 3 people have a place. Enter at least 3, or ask some of them first."),)
    assert (counts(shown), shown.gone) == ({"unchanged": 1, "changed": 1}, ())
    with pytest.raises(Refusal, match="2 places, but 3 people have a place"):
        desk.apply(fewer, REFLECT, moved)
    done = desk.apply(fewer, REFLECT, moved, good_rows_only=True)
    assert (done.changed, done.skipped, desk.session("Lunch and learn").places) == (1, 1, 50)


def test_a_new_row_of_a_published_programme_opens_at_once(desk: Desk) -> None:
    desk.apply(LUNCH)
    desk.publish()
    desk.apply(LUNCH, KINSHIP)
    assert desk.session("Kinship care").state is SessionState.PUBLISHED


def test_a_change_keeps_what_the_file_does_not_say(desk: Desk) -> None:
    desk.apply(*WEEK)
    kinship = desk.session("Kinship care").id or 0

    def by_hand(db: Db) -> None:
        wanted = replace(
            described(db, desk.partnership_id, kinship),
            notes="Cameras optional",
            description="With carers",
            presenter="Kinship Team",
            provider=Provider.GIVEN,
            given_link="https://zoom.us/j/123",
        )
        edit(db, desk.partnership_id, kinship, wanted, desk.rules, actor="discord:1", now=NOW)

    desk.store.write_now(by_hand)
    moved: Row = ("16/03/2027", "11am-12pm", *KINSHIP[2:6], "")
    desk.apply(LUNCH, REFLECT, moved)
    now = desk.store.read_now(described, desk.partnership_id, kinship)
    kept = (now.notes, now.description, now.presenter, now.provider, now.given_link, now.places, now.starts_at.hour)
    assert kept == ("Cameras optional", "With carers", "Kinship Team", Provider.GIVEN, "https://zoom.us/j/123", 30, 11)


def test_naming_another_platform_is_a_change_even_from_a_given_link(desk: Desk) -> None:
    head = (*HEAD, "Link")
    desk.apply((*KINSHIP, "https://zoom.us/j/123"), head=head)
    on_teams: Row = (*KINSHIP[:4], "MS Teams", *KINSHIP[5:])
    shown = desk.preview(on_teams)
    assert shown.rows[0].differences == (Difference("How", "a link of your own (https://zoom.us/j/123)", "Teams"),)


def test_with_our_references_an_emptied_cell_empties_the_field(desk: Desk) -> None:
    head = (*HEAD, "Presenter")
    desk.apply((*LUNCH, "Ada Bell"), head=head)
    lunch = desk.session("Lunch and learn")
    exported = desk.preview((lunch.reference, *LUNCH, ""), head=("Reference", *head))
    assert exported.rows[0].differences == (Difference("Presenter", "Ada Bell", "nothing"),)
    own_file = desk.preview((*LUNCH, ""), head=head)
    assert counts(own_file) == {"unchanged": 1}


def test_an_organisation_typed_in_other_capitals_is_the_same_one(desk: Desk) -> None:
    desk.apply(LUNCH)
    assert counts(desk.preview((*LUNCH[:3], "dudley mbc", *LUNCH[4:]))) == {"unchanged": 1}


def test_an_hour_that_comes_twice_can_be_moved_to_its_other_self(desk: Desk) -> None:
    first: Row = ("31/10/2027", "01:15-01:45 BST", "Night briefing", "", "Teams", "", 5.0)
    desk.apply(first)
    shown = desk.preview(("31/10/2027", "01:15-01:45 GMT", *first[2:]))
    day = "Sunday 31 October 2027, 1.15am to 1.45am"
    assert shown.rows[0].differences == (Difference("When", f"{day} BST", f"{day} GMT"),)


# ── matching ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_is_matched_by_its_reference_whatever_else_changed(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn")
    renamed: Row = (lunch.reference, "18/03/2027", "9-10am", "Breakfast and learn", "Coventry City Council", "Zoom", "", 20.0)
    desk.apply(renamed, head=("Reference", *HEAD))
    now = desk.session("Breakfast and learn")
    assert (now.id, now.uid, now.reference) == (lunch.id, lunch.uid, lunch.reference)


def test_a_row_is_matched_by_title_day_and_organisation(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn").id
    shown = desk.preview((LUNCH[0], "1-2pm", *LUNCH[2:]))
    assert [(row.fate, row.session_id) for row in shown.rows] == [(Fate.CHANGED, lunch)]


def test_a_row_is_matched_by_start_and_organisation(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn").id
    shown = desk.preview(replace_title(LUNCH, "Professional curiosity"))
    assert [(row.fate, row.session_id) for row in shown.rows] == [(Fate.CHANGED, lunch)]


TWICE = (
    ("15/03/2027", "10-11am", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
    ("15/03/2027", "2-3pm", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
)
MOVED_TWICE = (
    ("15/03/2027", "11am-12pm", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
    ("15/03/2027", "3-4pm", "Mental Capacity Act", "Kirklees", "Teams", "", 20.0),
)


def test_what_stays_ambiguous_is_asked_and_nothing_is_done_before_the_answer(desk: Desk) -> None:
    desk.apply(*TWICE)
    morning, afternoon = (session.id or 0 for session in desk.sessions())
    shown = desk.preview(*MOVED_TWICE)
    assert [(row.row, row.fate, [one.session_id for one in row.candidates]) for row in shown.rows] == [
        (2, Fate.AMBIGUOUS, [morning, afternoon]),
        (3, Fate.AMBIGUOUS, [morning, afternoon]),
    ]
    assert shown.gone == ()
    with pytest.raises(Refusal, match="Row 2 could be one of several sessions"):
        desk.apply(*MOVED_TWICE)
    assert desk.apply(*MOVED_TWICE, good_rows_only=True) == Imported(skipped=2)


def test_the_answers_settle_what_was_ambiguous(desk: Desk) -> None:
    desk.apply(*TWICE)
    morning, afternoon = (session.id or 0 for session in desk.sessions())
    assert desk.apply(*MOVED_TWICE, answers={2: morning, 3: afternoon}) == Imported(changed=2)
    assert [(session.id, session.starts_at.hour) for session in desk.sessions()] == [(morning, 11), (afternoon, 15)]


def test_an_answer_may_be_that_it_is_a_new_session(desk: Desk) -> None:
    desk.apply(*TWICE)
    morning, _ = (session.id or 0 for session in desk.sessions())
    assert desk.apply(*MOVED_TWICE, answers={2: None, 3: morning}) == Imported(new=1, changed=1)
    assert len(desk.sessions()) == 3


# ── gone, cancelled, over ───────────────────────────────────────────────────────────────────────────────────


def test_gone_cancels_nothing_unless_ticked_and_shows_its_bookings(desk: Desk) -> None:
    desk.apply(*WEEK[:2], (*KINSHIP[:6], 1.0))
    desk.publish()
    desk.book("Kinship care", "Ada")
    desk.book("Kinship care", "Ben")
    shown = desk.preview(LUNCH, REFLECT)
    assert [gone_words(one) for one in shown.gone] == ["Kinship care. Tuesday 16 March 2027, 10am to 11am: 1 booked, 1 waiting."]
    assert desk.apply(LUNCH, REFLECT) == Imported(unchanged=2)
    assert desk.session("Kinship care").state is SessionState.PUBLISHED


def test_a_ticked_session_is_cancelled_and_everyone_hears(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.book("Kinship care", "Ada")
    desk.all_sent()
    kinship = desk.session("Kinship care").id or 0
    done = desk.apply(LUNCH, REFLECT, cancel_gone=frozenset({kinship}))
    assert done == Imported(unchanged=2, cancelled=1, told=1)
    assert done_words(done) == "2 sessions unchanged, 1 session cancelled. 1 person will be told."
    assert desk.session("Kinship care").state is SessionState.CANCELLED
    assert desk.owed() == [(Kind.CANCELLATION.value, "This session is no longer in the programme.")]


def test_a_session_that_is_in_the_file_cannot_be_ticked(desk: Desk) -> None:
    desk.apply(*WEEK)
    lunch = desk.session("Lunch and learn").id or 0
    with pytest.raises(Refusal, match="A session that you ticked is in the file"):
        desk.apply(*WEEK, cancel_gone=frozenset({lunch}))


def test_a_session_cancelled_in_chat_is_not_made_again_by_the_same_file(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    lunch = desk.session("Lunch and learn").id or 0
    desk.store.write_now(cancel_session, desk.partnership_id, lunch, "", desk.rules, actor="discord:1", now=NOW)
    shown = desk.preview(*WEEK)
    assert counts(shown) == {"unchanged": 2, "cancelled": 1}
    assert row_words(shown.of(Fate.CANCELLED)[0]) == (
        "Row 2: Lunch and learn. This session was cancelled, and stays so. To hold it after all, add it again."
    )
    assert desk.apply(*WEEK) == Imported(unchanged=2, skipped=1)


def test_a_cancelled_day_that_is_replaced_by_another_is_a_new_session(desk: Desk) -> None:
    desk.apply(LUNCH)
    lunch = desk.session("Lunch and learn").id or 0
    desk.store.write_now(cancel_session, desk.partnership_id, lunch, "", desk.rules, actor="discord:1", now=NOW)
    assert counts(desk.preview(("17/03/2027", *LUNCH[1:]))) == {"new": 1}


def test_what_is_over_is_left_alone_and_not_called_gone(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    desk.now = datetime(2027, 3, 15, 20, 0, tzinfo=UTC)
    shown = desk.preview((LUNCH[0], "1-2pm", *LUNCH[2:]), KINSHIP)
    assert counts(shown) == {"over": 1, "unchanged": 1}
    assert shown.gone == ()


# ── drafts ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_kept_with_its_file_and_has_one_effect(desk: Desk) -> None:
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"Date,Time", asked_by=7, now=NOW)
    kept = desk.store.read_now(kept_draft, desk.partnership_id, draft)
    assert (kept.file_name, kept.content, kept.programme_id, kept.applied_at) == ("week.csv", b"Date,Time", desk.programme_id, None)
    assert desk.apply(*WEEK, draft_id=draft) == Imported(new=3)
    again = desk.apply(*WEEK, draft_id=draft)
    assert again == Imported(already=True)
    assert done_words(again) == "This file has been imported already. Nothing was done twice."
    assert len(desk.sessions()) == 3


def test_a_draft_that_was_refused_can_still_be_confirmed(desk: Desk) -> None:
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)
    with pytest.raises(Refusal):
        desk.apply(*WEEK, NO_HOUR, draft_id=draft)
    assert desk.apply(*WEEK, NO_HOUR, draft_id=draft, good_rows_only=True) == Imported(new=3, skipped=1)


def test_a_preview_that_is_no_longer_true_is_refused(desk: Desk) -> None:
    seen = desk.preview(*WEEK).fingerprint
    desk.apply(LUNCH)
    with pytest.raises(Refusal, match="The programme has changed since this preview was made"):
        desk.apply(*WEEK, seen=seen)
    assert desk.apply(*WEEK, seen=desk.preview(*WEEK).fingerprint) == Imported(new=2, unchanged=1)


def test_a_booking_meanwhile_does_not_make_a_preview_untrue(desk: Desk) -> None:
    desk.apply(*WEEK)
    desk.publish()
    moved: Row = ("15/03/2027", "1-2pm", *LUNCH[2:])
    seen = desk.preview(moved, REFLECT, KINSHIP).fingerprint
    desk.book("Lunch and learn", "Ada")
    assert desk.apply(moved, REFLECT, KINSHIP, seen=seen) == Imported(changed=1, unchanged=2, told=1)


def test_another_partnership_sees_neither_programme_nor_draft(desk: Desk) -> None:
    other = desk.store.write_now(ensure_partnership, "north", "North", 2)
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)
    with pytest.raises(NotFound):
        desk.store.read_now(preview, other, desk.programme_id, a_sheet(*WEEK), desk.rules, now=NOW, holidays={})
    with pytest.raises(NotFound):
        desk.store.read_now(kept_draft, other, draft)
    with pytest.raises(NotFound):
        desk.store.write_now(keep_draft, other, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)


def test_an_import_into_the_programme_of_another_partnership_is_refused_before_a_session_is_looked_at(desk: Desk) -> None:
    desk.apply(*WEEK)
    other = desk.store.write_now(ensure_partnership, "north", "North", 2)
    said: list[str] = []

    def bring_in(db: Db) -> None:
        event.listen(db.connection(), "before_cursor_execute", lambda *statement: said.append(statement[2]))
        week = a_sheet(*WEEK)
        apply(db, other, desk.programme_id, week, desk.rules, good_rows_only=False, actor="discord:1", now=NOW, holidays={})

    with pytest.raises(NotFound):
        desk.store.write_now(bring_in)
    assert ([one for one in said if "FROM session" in one], len(said)) == ([], 1)


def test_an_import_widens_the_programmes_days_and_is_on_record(desk: Desk) -> None:
    desk.apply(*WEEK, ("22/03/2027", "9-10am", "The week after", "", "Teams", "", ""))
    with desk.store.reading() as db:
        programme = db.get_one(Programme, desk.programme_id)
        trail = db.exec(select(AuditEntry.action, AuditEntry.detail).order_by(col(AuditEntry.id).desc())).first()
    assert (programme.starts_on, programme.ends_on) == (date(2027, 3, 15), date(2027, 3, 22))
    assert trail == ("import schedule", "4 new, 0 changed, 0 cancelled, 0 skipped")


# ── for the command line ────────────────────────────────────────────────────────────────────────────────────


def test_a_bare_preview_prints_the_agreed_json(desk: Desk) -> None:
    sheet = a_sheet(
        ("15/03/2027", "9.30am - 10.15am", "Welcome", "Dudley MBC", "Teams", "", 500.0),
        ("20/03/2027", "prerecorded", "Film", "", "Online", "", ""),
        ("20/03/2027", "9-10am", "Saturday", "", "Webinar", "", ""),
    )
    printed = preview_json(bare_preview(sheet, now=NOW, holidays={}))
    error = {"row": 3, "column": "Time"}
    assert printed["sessions"] == [
        {
            "row": 2,
            "title": "Welcome",
            "starts_at": "2027-03-15T09:30:00+00:00",
            "ends_at": "2027-03-15T10:15:00+00:00",
            "format": "teams",
            "venue": None,
            "places": 500,
            "audience": None,
            "presenter": None,
            "organisation": "Dudley MBC",
            "series": None,
            "private": False,
        },
        {
            "row": 4,
            "title": "Saturday",
            "starts_at": "2027-03-20T09:00:00+00:00",
            "ends_at": "2027-03-20T10:00:00+00:00",
            "format": "online",
            "venue": None,
            "places": None,
            "audience": None,
            "presenter": None,
            "organisation": None,
            "series": None,
            "private": False,
        },
    ]
    errors, warnings = printed["errors"], printed["warnings"]
    assert isinstance(errors, list)
    assert [{key: one[key] for key in error} for one in errors] == [error]
    assert warnings == [{"row": 4, "column": "Date", "message": "Saturday 20 March 2027 is at a weekend."}]
    shown = desk.store.read_now(preview, desk.partnership_id, desk.programme_id, sheet, desk.rules, now=NOW, holidays={})
    assert preview_json(shown)["sessions"] == printed["sessions"]


def test_a_week_of_seventy_five_sessions_is_previewed_and_imported_quickly_enough_to_wait_for(desk: Desk) -> None:
    rows = [
        (f"{15 + n % 5}/03/2027", f"{8 + n % 9}:00-{8 + n % 9}:50", f"Session {n}", f"Council {n % 7}", "Teams", "", 30.0)
        for n in range(75)
    ]
    assert desk.apply(*rows) == Imported(new=75)
    shown = desk.preview(*rows)
    assert counts(shown) == {"unchanged": 75}
    assert NOW + timedelta(days=13) < min(row.session.starts_at for row in shown.rows)


def test_an_uploaded_file_is_forgotten_after_a_week(desk: Desk) -> None:
    draft = desk.store.write_now(keep_draft, desk.partnership_id, desk.programme_id, "week.csv", b"x", asked_by=7, now=NOW)
    desk.store.write_now(keep_time, desk.rules, now=NOW + timedelta(days=7))
    assert desk.store.read_now(kept_draft, desk.partnership_id, draft).content == b"x"
    desk.store.write_now(keep_time, desk.rules, now=NOW + timedelta(days=7, seconds=1))
    with pytest.raises(NotFound, match="We no longer have this file"):
        desk.store.read_now(kept_draft, desk.partnership_id, draft)
