"""Importing a schedule into a real database: what a preview says, and what Confirm makes of a new file."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from domain.database import Store
from domain.kinds import Format, Provider
from domain.models import Privacy, Series, SessionState
from domain.rules import Rules
from domain.schedule.importing import Imported, bare_preview, preview, preview_json
from domain.schedule.proposals import Difference
from domain.schedule.telling import done_words, headline, row_words, what_happens
from tests.schedule.desk import HEAD, KINSHIP, LUNCH, NOW, WEEK, Desk, Row, a_sheet, counts

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
