"""The report's page, read as a browser would."""

from __future__ import annotations

import itertools
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest

from domain.charts import sections
from domain.feedback.answers import Comments, Confidence, Results, Spread
from domain.ports.drawing import Bars
from domain.reports.figures import CancelledLine, GroupLine, ProgrammeReport, SessionLine, Tally, Totals
from integrations.pictures import Charts
from integrations.report_page import page, summary

MONDAY = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
NASTY = '<script>alert("1")</script> & \u202eSons\x00'
RESULTS = Results(
    7,
    Spread((0, 1, 0, 2, 4)),
    Confidence(5, 2.4, 3.8),
    (Comments("What could be better?", (NASTY, "First line\nsecond <b>line</b>")),),
)


def a_report(title: str = "Practice Week") -> ProgrammeReport:
    tally = Tally(18, 3, 1, 12, 4, 2)
    return ProgrammeReport(
        programme_id=1,
        title=title,
        partnership=title,
        starts_on=date(2027, 3, 15),
        ends_on=date(2027, 3, 19),
        zone="Europe/London",
        made_at=datetime(2027, 4, 5, 9, 0, tzinfo=UTC),
        minimum_answers=5,
        totals=Totals(3, 1, 1, 16, 1200, 15, 1, tally, replace(RESULTS, comments=())),
        sessions=(
            SessionLine("PW-1", title, title, MONDAY, MONDAY + HOUR, "Europe/London", 20, tally, RESULTS),
            SessionLine("PW-2", "Law", None, MONDAY + HOUR, MONDAY + 2 * HOUR, "Europe/London", None, Tally(), Results()),
        ),
        cancelled=(CancelledLine("PW-3", title, MONDAY, MONDAY + HOUR, "Europe/London"),),
        organisations=(GroupLine(title, 9, tally), GroupLine("Derby", 7, tally)),
        areas=(GroupLine("Adults’ services", 16, tally),),
    )


class Read(HTMLParser):
    """What a page holds, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += [data.strip()] if data.strip() else []

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    def rows(self, text: str) -> list[str]:
        """The cells after a caption's second appearance, up to the next heading."""
        return self.text[self.text.index(text) + 1 :]


@pytest.fixture(scope="module")
def written() -> str:
    return page(a_report(), Charts()).decode()


@pytest.fixture(scope="module")
def read(written: str) -> Read:
    return Read(written)


def test_it_opens_by_itself(written: str, read: Read) -> None:
    outside = [(tag, attrs) for tag, attrs in read.tags if tag in ("script", "link", "iframe", "object", "form")]
    assert outside == []
    assert written.startswith("<!DOCTYPE html>\n")
    for wanted in ("http:", "https:", "url(", "@import", "//"):
        assert wanted not in "".join(part for part in written.split('"') if not part.startswith("data:image/png;base64,"))


def test_its_list_of_contents_leads_to_every_part(read: Read) -> None:
    links = [attrs["href"] for tag, attrs in read.tags if tag == "a"]
    parts = [f"#{attrs.get('id')}" for tag, attrs in read.tags if tag == "h2"]
    assert links == parts
    assert parts[:2] == ["#in-short", "#part-1"]


def test_it_is_british_english_with_one_heading_of_the_first_rank(read: Read) -> None:
    levels = [int(tag[1]) for tag, _ in read.tags if tag in ("h1", "h2", "h3", "h4")]
    assert dict(read.tags)["html"] == {"lang": "en-GB"}
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_picture_is_in_the_page_has_words_and_stands_before_its_table(read: Read) -> None:
    shown = [(tag, attrs) for tag, attrs in read.tags if tag in ("img", "table")]
    pictures = [attrs for tag, attrs in shown if tag == "img"]
    charts = [chart for section in sections(a_report()) for chart in section.charts]
    assert [picture["alt"] for picture in pictures] == [f"Bar chart: {c.title}. The table below has the same numbers." for c in charts]
    assert [b64decode(str(p["src"]).removeprefix("data:image/png;base64,")) for p in pictures] == [Charts().bars(c) for c in charts]
    order = "".join("i" if tag == "img" else "t" for tag, _ in shown)
    assert order == "t" + "".join("i" * len(s.charts) + "t" for s in sections(a_report())) + "t"


def test_every_table_says_what_it_is_and_what_its_rows_and_columns_are(written: str, read: Read) -> None:
    scopes = [attrs.get("scope") for tag, attrs in read.tags if tag == "th"]
    assert read.count("table") == read.count("caption") == written.count("<thead>")
    assert set(scopes) == {"col", "row"}


def test_the_numbers_stand_in_the_page(read: Read) -> None:
    told = read.rows("The whole programme")[: 2 + 2 * len(summary(a_report().totals).rows)]
    assert told == [
        *("What", "How many"),
        *("Sessions", "3"),
        *("Sessions cancelled", "1"),
        *("People who had a place", "16"),
        *("Places booked", "18"),
        *("How full the sessions with a limit were", "1% (15 of 1,200 places)"),
        *("On a waiting list at the end", "3"),
        *("Bookings that people cancelled", "1"),
        *("Came", "12"),
        *("Did not come", "4"),
        *("Not marked", "2"),
        *("No-show rate, of those marked", "25%"),
        *("Rating", "4.3 out of 5, from 7 answers"),
        *("Confidence, before and after", "2.4 and 3.8 out of 5"),
    ]
    assert "These numbers were counted on Monday 5 April 2027, 10am, UK time (BST)." in read.text


def test_whatever_people_typed_is_text_and_nothing_else() -> None:
    nasty = page(a_report(NASTY), Charts()).decode()
    clean, plain = Read(nasty), Read(page(a_report(), Charts()).decode())
    assert [tag for tag, _ in clean.tags] == [tag for tag, _ in plain.tags]
    assert '<script>alert("1")</script> & Sons: how it went' in clean.text
    assert [text for text in clean.text if text.startswith("second")] == ["second <b>line</b>"]
    assert not {"\x00", "\u202e"} & set(nasty)


def test_a_report_of_nothing_is_still_a_page() -> None:
    nothing = replace(
        a_report(), sessions=(), cancelled=(), organisations=(), areas=(), totals=Totals(0, 0, 0, 0, 0, 0, 0, Tally(), Results())
    )
    read = Read(page(nothing, NoPictures()).decode())
    assert (read.count("img"), read.count("table"), "There is nothing to show yet." in read.text) == (0, 1, True)


class NoPictures:
    def bars(self, chart: Bars) -> bytes:
        raise AssertionError(f"nothing is to be drawn, not even {chart.title}")
