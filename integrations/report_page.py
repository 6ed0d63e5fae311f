"""The report as one page that opens by itself: no script, no file beside it, nothing fetched.

Each picture stands before the table of its numbers. The page prints on A4 and reads well aloud.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from domain.charts import WAYS, Cell, Table, sections, when_words
from domain.kinds import Mode
from domain.ports.drawing import Bars, Pictures
from domain.reports.figures import ProgrammeReport, Totals
from domain.schedule.telling import counted
from domain.times import clock_words, day_words, to_wall, zone_words
from integrations.plain import one_line, tidy


def page(report: ProgrammeReport, pictures: Pictures) -> bytes:
    """The whole of `report.html`, in UTF-8. Slow, as it draws: call it off the loop."""
    return _drawn("report.html", report, pictures).encode()


def body(report: ProgrammeReport, pictures: Pictures) -> str:
    """What stands on that page, to be put on another: from its first heading to its end. As slow."""
    return _drawn("_report.html", report, pictures)


def _drawn(template: str, report: ProgrammeReport, pictures: Pictures) -> str:
    made = to_wall(report.made_at, report.zone)
    first, last = day_words(report.starts_on), day_words(report.ends_on)
    return (
        _pages()
        .get_template(template)
        .render(
            title=one_line(report.title),
            partnership=one_line(report.partnership),
            dates=first if first == last else f"{first} to {last}",
            made=f"{day_words(made.date())}, {clock_words(made)}, {zone_words(report.made_at, report.zone)}",
            summary=summary(report.totals),
            minimum=report.minimum_answers,
            private=report.totals.private,
            sections=[(section, [(chart.title, _inline(chart, pictures)) for chart in section.charts]) for section in sections(report)],
            comments=[line for line in report.sessions if line.results.comments],
            cancelled=_cancelled(report),
        )
    )


def summary(totals: Totals) -> Table:
    """The programme's numbers, each with its words."""
    tally, results = totals.tally, totals.results
    rows: list[tuple[Cell, ...]] = [
        ("Sessions", totals.sessions),
        ("Sessions cancelled", totals.cancelled_sessions),
        ("People who had a place", totals.people),
        ("Places booked", tally.confirmed),
    ]
    if totals.fill is not None:
        rows.append(
            ("How full the sessions with a limit were", f"{totals.fill}% ({totals.limited:,} of {counted(totals.places, 'place')})")
        )
    rows += [("On a waiting list at the end", tally.waiting), ("Bookings that people cancelled", tally.cancelled)]
    rows += [("Came", tally.attended), ("Did not come", tally.absent), ("Not marked", tally.unmarked)]
    if tally.no_show is not None:
        rows.append(("No-show rate, of those marked", f"{tally.no_show}%"))
    if results.rating is not None:
        rows.append(("Rating", f"{results.rating.mean} out of 5, from {counted(results.answers, 'answer')}"))
    if results.confidence is not None:
        rows.append(("Confidence, before and after", f"{results.confidence.before} and {results.confidence.after} out of 5"))
    return Table(("What", "How many"), tuple(rows))


def _cancelled(report: ProgrammeReport) -> Table:
    rows = tuple((line.title, when_words(line.starts_at, line.zone), line.reference) for line in report.cancelled)
    return Table(("Session", "Was to be on", "Reference"), rows)


def _inline(chart: Bars, pictures: Pictures) -> str:
    return "data:image/png;base64," + b64encode(pictures.bars(chart)).decode("ascii")


# ── the template ────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"cell": _cell, "numbers": _numbers, "lines": _lines, "one_line": one_line}
    return pages


def _cell(value: Cell) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int | float) else one_line(value)


def _numbers(table: Table) -> list[bool]:
    """For each column, whether it is one of numbers: the first, which names the row, never is."""
    columns = list(zip(*table.rows, strict=True))[1:]
    return [False, *(all(_is_number(value) for value in column if not _is_of_places(value)) for column in columns)]


def _is_of_places(value: Cell) -> bool:
    """Whether these words stand where others have a number of places."""
    return isinstance(value, str) and (value == "No limit" or value.startswith(f"{WAYS[Mode.ROOM]} "))


def _is_number(value: Cell) -> bool:
    return not isinstance(value, str) or value.endswith("%")


def _lines(text: str) -> Markup:
    """The text for HTML, each of its lines on a line of its own."""
    return Markup("<br>").join(escape(line) for line in tidy(text).split("\n"))
