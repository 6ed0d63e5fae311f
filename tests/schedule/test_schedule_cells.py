"""Platforms, venues, links, places, privacy and headings, as people spell them."""

from __future__ import annotations

import pytest

from domain.errors import BadInput
from domain.schedule.columns import fields_of, find_columns
from domain.schedule.families import families_named
from domain.schedule.formats import Spoken, held, place_at_end, read_place
from domain.schedule.places import Places, read_places, read_private
from domain.schedule.themes import names_a_body, read_theme
from domain.schedule.wording import clean, clean_lines

NONE = Spoken()


@pytest.mark.parametrize(
    ("platform", "format_", "venue"),
    [
        ("MS Teams", "teams", None),
        ("Teams", "teams", None),
        ("Microsoft Teams", "teams", None),
        ("Microsoft Teams meeting", "teams", None),
        ("Zoom", "zoom", None),
        ("Zoom webinar", "zoom", None),
        ("Online (Zoom)", "zoom", None),
        ("In person", "in_person", None),
        ("Face to face", "in_person", None),
        ("F2F", "in_person", None),
        ("Hybrid", "hybrid", None),
        ("In person and online", "hybrid", None),
        ("Hybrid (Room 5 and Teams)", "hybrid", "Room 5"),
        ("Leeds Civic Hall / Teams", "hybrid", "Leeds Civic Hall"),
        ("Online", "online", None),
        ("Webinar", "online", None),
        ("Virtual", "online", None),
        ("Virtual classroom", "online", None),
        ("TBC", "unknown", None),
        ("", "unknown", None),
        ("n/a", "unknown", None),
        ("Council House, Coventry", "in_person", "Council House, Coventry"),
        ("Team building room", "in_person", "Team building room"),
        ("Online via MS Teams – joining link will be emailed", "teams", None),
        ("Link will be emailed to delegates", "unknown", None),
        ("Microsoft Teams – details to follow", "teams", None),
        ("In person - Room 2, Council House", "in_person", "Room 2, Council House"),
        ("Face 2 Face", "in_person", None),
        ("F/F", "in_person", None),
        ("FTF", "in_person", None),
        ("Both", "hybrid", None),
        ("Both sites", "in_person", "Both sites"),
        ("Leeds Civic Hall (or Teams)", "hybrid", "Leeds Civic Hall"),
        ("In-person @ Town Hall", "in_person", "Town Hall"),
        ("E-learning", "online", None),
        ("Pre-recorded", "online", None),
    ],
)
def test_a_platform_is_known_however_it_is_spelled(platform: str, format_: str, venue: str | None) -> None:
    how = held(read_place(platform), NONE, NONE, NONE)
    assert (how.format, how.venue) == (format_, venue)


def test_a_location_column_may_say_it_all() -> None:
    assert held(NONE, read_place("MS Teams"), NONE, NONE).format == "teams"
    assert held(NONE, read_place("Carlisle Civic Centre"), NONE, NONE).venue == "Carlisle Civic Centre"


def test_a_hybrid_session_keeps_its_venue() -> None:
    how = held(read_place("Hybrid"), read_place("Old Library, Digbeth"), NONE, NONE)
    assert (how.format, how.venue, how.asks) == ("hybrid", "Old Library, Digbeth", ())


def test_an_online_session_with_a_place_is_asked_about() -> None:
    how = held(read_place("MS Teams"), read_place("Room 4, Council House"), NONE, NONE)
    assert (how.format, how.asks) == (
        "teams",
        ("This is online but also names a place (Room 4, Council House). If people may come there, write Hybrid.",),
    )


def test_words_beside_an_online_platform_are_not_lost_in_silence() -> None:
    assert held(NONE, read_place("Leicester or MS Teams"), NONE, NONE).asks == (
        "The words “Leicester” beside the platform are left out. If people may come to a place, write Hybrid and the place.",
    )
    for plain in ("Online workshop", "Teams meeting, join on your computer", "Zoom (link to follow)", "Virtual session"):
        assert held(read_place(plain), NONE, NONE, NONE).asks == ()


def test_a_pasted_link_is_kept() -> None:
    how = held(read_place("https://teams.microsoft.com/l/meetup-join/abc"), NONE, NONE, NONE)
    assert (how.format, how.link) == ("teams", "https://teams.microsoft.com/l/meetup-join/abc")
    assert held(read_place("https://example.webex.com/meet/x"), NONE, NONE, NONE).format == "online"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "http://169.254.169.254/latest", "http://localhost/x", "https://127.0.0.1/", "https://a:b@evil.org/"]
)
def test_a_link_that_is_not_public_is_refused(link: str) -> None:
    with pytest.raises(BadInput, match="is not a link that people can open"):
        read_place(link)


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("Mental Capacity Act (Making decisions), Brian Jackson House", "Brian Jackson House"),
        ("Neglect, Room 4", "Room 4"),
        ("Developing, planning and delivering", None),
        ("Safeguarding, Bradford", None),
    ],
)
def test_a_building_at_the_end_of_a_title_is_seen(title: str, place: str | None) -> None:
    assert place_at_end(title) == place


@pytest.mark.parametrize(
    ("cell", "places"),
    [
        ("30", Places(30, True)),
        (30.0, Places(30, True)),
        ("30 places", Places(30, True)),
        ("max 30", Places(30, True)),
        ("1,000", Places(1000, True)),
        ("up to 40 people", Places(40, True)),
        ("", Places()),
        (None, Places()),
        ("n/a", Places()),
        ("TBC", Places()),
        ("Max of 30", Places(30, True)),
        ("18 places max", Places(18, True)),
        ("Twelve", Places(12, True)),
        ("max twenty people", Places(20, True)),
        ("Capacity: 30", Places(30, True)),
        ("c. 50", Places(50, True)),
        ("25pax", Places(25, True)),
        ("20 social workers", Places(20, True)),
        ("open to all", Places(None, True)),
        ("unlimited", Places(None, True)),
    ],
)
def test_places_are_read(cell: object, places: Places) -> None:
    assert read_places(cell) == places


@pytest.mark.parametrize(
    "cell", [-1.0, "-1", 1e9, "1e9", "1000000000", "a few", "20-30", "2 per team", "30 minutes", "1.000", "30+", 30.5, 0.0, True]
)
def test_places_that_cannot_be_are_refused(cell: object) -> None:
    with pytest.raises(BadInput):
        read_places(cell)


def test_two_numbers_of_places_are_answered_with_what_to_write() -> None:
    with pytest.raises(
        BadInput, match=r"^“15 \(max 20\)” holds more than one number\. Write only the most people who can come, such as 20\.$"
    ):
        read_places("15 (max 20)")


def test_only_a_plain_yes_makes_a_session_private() -> None:
    assert [read_private(cell) for cell in ("Yes", "y", True, "Private", "no", "Open", False, "")] == [
        True,
        True,
        True,
        True,
        False,
        False,
        False,
        None,
    ]
    with pytest.raises(BadInput, match="neither Yes nor No"):
        read_private("maybe")


def test_wording_that_names_families_is_noticed() -> None:
    texts = [
        "Parents' panel",
        "Foster carers",
        "people with lived experience",
        "Family group conferencing",
        "Working with the whole family",
    ]
    assert [bool(families_named(text)) for text in texts] == [True, True, True, False, False]


def test_a_theme_gives_the_host_and_how_it_is_held() -> None:
    assert (read_theme("Leeds (Online)").name, read_theme("Leeds (Online)").marker.kind) == ("Leeds", "online")
    assert [names_a_body(name) for name in ("Kirklees", "Telford & Wrekin", "Surrey County Council", "Neglect")] == [
        True,
        True,
        True,
        False,
    ]


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert clean("Hi\u202e\u200bde\r\n\x07 it\u00a0\u2066now\t") == "Hide it now"
    assert clean_lines("one\r\ntwo\u200b\x00\n\n\n\nthree") == "one\ntwo\n\nthree"


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Date", "date"),
        ("Theme", "theme"),
        ("Information and Events", "title"),
        ("Who it's aimed at", "audience"),
        ("Who it’s aimed at", "audience"),
        ("Session Lead", "presenter"),
        ("Session Times", "time"),
        ("Location", "venue"),
        ("Host organisation", "organisation"),
        ("Capacity", "places"),
        ("Platform", "format"),
        ("Series", "series"),
        ("Reference", "reference"),
        ("WORKSHOP TITLE:", "title"),
        ("Speaker/Facilitator", "presenter"),
        ("Venue / Platform", "venue"),
        ("Start time (UK)", "start"),
        ("Date & Time", "date"),
        ("No. of places", "places"),
        ("Presenter 2", "presenter"),
        ("Private?", "private"),
        ("Duration (mins)", "duration"),
        ("Name of presenter(s)", "presenter"),
        ("Date of session", "date"),
        ("MS Teams/Face to face", "format"),
        ("Virtual/Face to face", "format"),
        ("Teams or Zoom?", "format"),
        ("Time (from)", "start"),
        ("Time (to)", "end"),
        ("Max students", "places"),
        ("Max no. of attendees", "places"),
        ("No of spaces", "places"),
        ("How many places?", "places"),
        ("Attendance limit", "places"),
        ("Who is delivering?", "presenter"),
        ("Session leader", "presenter"),
        ("Who's it aimed at", "audience"),
        ("Host LA", "organisation"),
        ("Brief description", "description"),
    ],
)
def test_a_heading_is_known_by_its_synonyms(heading: str, field: str) -> None:
    assert fields_of(heading)[0] == field


@pytest.mark.parametrize("heading", ["Cost", "RAG", "Eventbrite", "", None, "Monday 15 March 2027", "Welcome to Regional Practice Week"])
def test_other_words_are_no_heading(heading: object) -> None:
    assert fields_of(heading) == ()


def test_a_second_choice_serves_where_the_first_is_taken() -> None:
    columns = find_columns((("Delivered by", "Organisation", "When", "Date", "Topic", "Details"),))
    assert columns is not None
    assert {name: columns.heading(name) for name in ("presenter", "organisation", "title", "description", "date", "time")} == {
        "presenter": "Delivered by",
        "organisation": "Organisation",
        "title": "Topic",
        "description": "Details",
        "date": "Date",
        "time": "When",
    }
