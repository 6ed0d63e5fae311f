"""Charts: a report as pictures, each with the table of its numbers. Plain values, the same for the page and for chat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.feedback.questions import RATINGS
from domain.kinds import Mode
from domain.ports.drawing import Bars
from domain.reports.figures import GroupLine, ProgrammeReport, SessionLine, enough_words
from domain.times import clock_words, day_of, day_words, to_wall

MOST_BARS = 20  # sessions in one picture, so that each can be read
PERCENT, OF_FIVE = "%", "of 5"  # units
#: where a hybrid session has its places
WAYS = {Mode.ROOM: "In the room", Mode.ONLINE: "online"}

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows below a head. A cell of None has nothing to say."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a report: pictures, and the table that says the same. `name` is short, for a file's name."""

    name: str
    heading: str
    words: str
    charts: tuple[Bars, ...]
    table: Table


def sections(report: ProgrammeReport) -> tuple[Section, ...]:
    """Everything that is drawn, in the order of reading."""
    return (*_places(report), *_groups(report), *_ratings(report))


def parts(lines: Sequence[SessionLine]) -> Iterator[tuple[SessionLine, ...]]:
    """Sessions in portions for one picture each: whole days, as many as fit; a long day in several."""
    part: list[SessionLine] = []
    days: dict[date, list[SessionLine]] = {}
    for line in lines:
        days.setdefault(day_of(line.starts_at, line.zone), []).append(line)
    for day in days.values():
        if part and len(part) + len(day) > MOST_BARS:
            yield tuple(part)
            part = []
        part += day
        while len(part) > MOST_BARS:
            yield tuple(part[:MOST_BARS])
            part = part[MOST_BARS:]
    if part:
        yield tuple(part)


def _days(lines: Sequence[SessionLine]) -> str:
    first, last = (day_of(line.starts_at, line.zone) for line in (lines[0], lines[-1]))
    return day_words(first) if first == last else f"{first:%A} {first.day} {first:%B} to {day_words(last)}"


def _label(line: SessionLine) -> str:
    wall = to_wall(line.starts_at, line.zone)
    return f"{wall:%a} {wall.day} {wall:%b}, {clock_words(wall)}: {line.title}"


def when_words(instant: datetime, zone: str) -> str:
    """`Mon 15 Mar, 9.30am`."""
    wall = to_wall(instant, zone)
    return f"{wall:%a} {wall.day} {wall:%b}, {clock_words(wall)}"


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────


def _places(report: ProgrammeReport) -> Iterator[Section]:
    for number, lines in enumerate(parts(report.sessions), 1):
        yield Section(
            f"places-{number}",
            f"Places: {_days(lines)}",
            "“Full” is how many of the places were booked. A session without a limit has no such number.",
            tuple(_places_charts(lines)),
            Table(
                ("Session", "When", "Places", "Booked", "Full", "Waiting", "Cancelled", "Came", "Did not come", "Not marked"),
                tuple(_places_row(line) for line in lines),
            ),
        )


def _places_charts(lines: Sequence[SessionLine]) -> Iterator[Bars]:
    booked, waiting = (tuple(float(n) for n in (getattr(line.tally, what) for line in lines)) for what in ("confirmed", "waiting"))
    series = (("Booked", booked), ("Waiting", waiting)) if any(waiting) else (("Booked", booked),)
    yield Bars(f"People booked, {_days(lines)}", tuple(_label(line) for line in lines), series, stacked=True)
    limited = [(line, line.fill) for line in lines if line.fill is not None]
    if limited:
        full = tuple(float(fill) for _, fill in limited if fill is not None)
        yield Bars(f"How full, {_days(lines)}", tuple(_label(line) for line, _ in limited), (("Places booked", full),), unit=PERCENT)


def _places_row(line: SessionLine) -> tuple[Cell, ...]:
    tally = line.tally
    places: Cell = "No limit" if line.places is None else line.places
    if line.by_way:
        places = ", ".join(f"{WAYS[mode]} {'no limit' if most is None else f'{most:,}'}" for mode, most in line.by_way)
    marks = tally.attended, tally.absent, tally.unmarked
    counts = tally.confirmed, _percent(line.fill), tally.waiting, tally.cancelled
    return line.title, when_words(line.starts_at, line.zone), places, *counts, *marks


def _percent(value: int | None) -> str | None:
    return None if value is None else f"{value}%"


# ── who came ────────────────────────────────────────────────────────────────────────────────────────────────


def _groups(report: ProgrammeReport) -> Iterator[Section]:
    words = "Groups of fewer than five people are counted together, so that nobody can be recognised. Private sessions are left out."
    for name, what, groups in (
        ("organisations", "Organisation", report.organisations),
        ("service-areas", "Service area", report.areas),
    ):
        if groups:
            heading = f"Who came, by {what.lower()}"
            head = (what, "People", "Bookings", "Waiting", "Cancelled", "Came", "Did not come", "Not marked", "No-show rate")
            yield Section(name, heading, words, (_group_chart(heading, groups),), Table(head, tuple(_group_row(group) for group in groups)))


def _group_chart(title: str, groups: Sequence[GroupLine]) -> Bars:
    series = (("Came", "attended"), ("Did not come", "absent"), ("Not marked", "unmarked"))
    known = ((words, tuple(float(getattr(group.tally, what)) for group in groups)) for words, what in series)
    shown = tuple((words, values) for words, values in known if any(values))
    booked = ("Booked", tuple(float(group.tally.confirmed) for group in groups))
    return Bars(title, tuple(group.name for group in groups), shown or (booked,), stacked=True)


def _group_row(group: GroupLine) -> tuple[Cell, ...]:
    tally = group.tally
    counts = tally.confirmed, tally.waiting, tally.cancelled, tally.attended, tally.absent, tally.unmarked
    return group.name, group.people, *counts, _percent(tally.no_show)


# ── feedback ────────────────────────────────────────────────────────────────────────────────────────────────


def _ratings(report: ProgrammeReport) -> Iterator[Section]:
    total = report.totals.results
    if total.rating is not None:
        answers = tuple(float(count) for count in total.rating.counts)
        yield Section(
            "ratings",
            "How useful people found it",
            f"{total.answers} answers, {total.rating.mean} out of 5 on average.",
            (Bars("How useful was this session?", RATINGS, (("Answers", answers),)),),
            Table(("Rating", "Answers"), tuple(zip(RATINGS, total.rating.counts, strict=True))),
        )
    if total.confidence is not None:
        sure = total.confidence
        labels, numbers = ("Before the session", "After the session"), (sure.before, sure.after)
        yield Section(
            "confidence",
            "How confident people felt",
            f"Averages from 1 to 5, of the {sure.answers} people who told us both.",
            (Bars("How confident people felt", labels, (("Confidence", numbers),), unit=OF_FIVE),),
            Table(("When", "Confidence"), tuple(zip(labels, numbers, strict=True))),
        )
    yield from _choices(report)
    rated = [line for line in report.sessions if line.results.rating is not None]
    for number, lines in enumerate(parts(rated), 1):
        yield Section(
            f"feedback-{number}",
            f"Feedback by session: {_days(lines)}",
            f"Numbers show when {enough_words(report.minimum_answers)} answered. Each is an average from 1 to 5.",
            tuple(_feedback_charts(lines)),
            Table(
                ("Session", "When", "Answers", "Rating", "Confidence before", "Confidence after"),
                tuple(_feedback_row(line) for line in lines),
            ),
        )


def _choices(report: ProgrammeReport) -> Iterator[Section]:
    """A picture for each question that is answered by choosing; and the same by session, as a table."""
    for number, chosen in enumerate(report.totals.results.choices, 1):
        labels, counts = (tuple(part) for part in zip(*chosen.counts, strict=True))
        bars = Bars(chosen.question, labels, (("Answers", tuple(float(count) for count in counts)),))
        yield Section(
            f"choice-{number}", chosen.question, f"{chosen.answers} answers.", (bars,), Table(("Choice", "Answers"), chosen.counts)
        )
    rows = tuple(
        (line.title, when_words(line.starts_at, line.zone), chosen.question, option, count)
        for line in report.sessions
        for chosen in line.results.choices
        for option, count in chosen.counts
    )
    if rows:
        words = f"Counts show when {enough_words(report.minimum_answers)} answered a question."
        table = Table(("Session", "When", "Question", "Choice", "Answers"), rows)
        yield Section("choices", "What people chose, by session", words, (), table)


def _feedback_charts(lines: Sequence[SessionLine]) -> Iterator[Bars]:
    rating = tuple(line.results.rating.mean for line in lines if line.results.rating is not None)
    yield Bars(f"Rating from 1 to 5, {_days(lines)}", tuple(_label(line) for line in lines), (("Rating", rating),), unit=OF_FIVE)
    sure = [(_label(line), line.results.confidence) for line in lines]
    both = [(label, confidence) for label, confidence in sure if confidence is not None]
    if both:
        before, after = (tuple(getattr(confidence, when) for _, confidence in both) for when in ("before", "after"))
        labels = tuple(label for label, _ in both)
        yield Bars(f"Confidence before and after, {_days(lines)}", labels, (("Before", before), ("After", after)), unit=OF_FIVE)


def _feedback_row(line: SessionLine) -> tuple[Cell, ...]:
    rating, confidence = line.results.rating, line.results.confidence
    numbers = (None, None) if confidence is None else (confidence.before, confidence.after)
    mean = None if rating is None else rating.mean
    return line.title, when_words(line.starts_at, line.zone), line.results.answers, mean, *numbers
