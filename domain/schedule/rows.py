"""One row of a schedule: every cell read, every trouble noted, and a session if there was none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.errors import BadInput
from domain.schedule.columns import Columns
from domain.schedule.families import families_asked
from domain.schedule.formats import NOTHING_SAID, Held, Spoken, held, place_at_end, read_link, read_place
from domain.schedule.places import Places, read_places, read_private
from domain.schedule.themes import Theme, read_theme
from domain.schedule.values import LIMITS, FormulaWithoutValue, Problem, ScheduledRow
from domain.schedule.when import Around, Findings, formula_in, instants_of, read_clock, read_day, title_and_hours, words_after
from domain.schedule.wording import clean_lines, listed, raw, words
from domain.texts import clean_address


def read_row(row: Sequence[object], number: int, columns: Columns, around: Around) -> tuple[ScheduledRow | None, Findings]:
    """Read one row. There is a session exactly when there are no errors."""
    found = Findings(number, columns)
    _formulas(row, found)
    theme = read_theme(words(columns.cell(row, "theme")))
    day, beside = read_day(row, columns, around, found)
    clock = read_clock(row, columns, found, beside)
    title, written = title_and_hours(row, columns, clock)
    if not title and not formula_in(row, columns, "title"):
        found.error("This row has no title.", "title")
    instants = instants_of(day, written, clock, around, found)
    places = _places(row, columns, found)
    private = _private(row, columns, found)
    how = _held(row, columns, around, theme, title, found)
    texts = _texts(row, columns, around, theme, words_after(written, found), found)
    for name, text in (("title", title), ("venue", how.venue)):
        _within(name, text, found)
    if found.errors or instants is None:
        return None, found
    address = _presenter_address(row, columns, found) if texts["presenter"] else None
    return _session(number, title, instants, how, places, private, texts, address, found), found


def _session(
    number: int,
    title: str,
    instants: tuple[datetime, datetime],
    how: Held,
    places: Places,
    private: bool | None,
    texts: dict[str, str | None],
    address: str | None,
    found: Findings,
) -> ScheduledRow:
    asked = families_asked(found.row, {**texts, "title": title}, found.columns) if private is None else None
    if asked is not None:
        found.warnings.append(asked)
    return ScheduledRow(
        row=number,
        title=title,
        starts_at=instants[0],
        ends_at=instants[1],
        format=how.format,
        provider=how.provider,
        venue=how.venue,
        link=how.link,
        places=places.number,
        places_given=places.given,
        private=bool(private),
        private_given=private is not None,
        proposes_private=asked is not None,
        presenter_address=address,
        **texts,
    )


def _formulas(row: Sequence[object], found: Findings) -> None:
    for _, position in found.columns.known():
        if position < len(row) and isinstance(cell := row[position], FormulaWithoutValue):
            found.errors.append(Problem(found.row, found.columns.headings[position], cell.sentence()))


def _places(row: Sequence[object], columns: Columns, found: Findings) -> Places:
    try:
        return read_places(columns.cell(row, "places")) if not formula_in(row, columns, "places") else Places()
    except BadInput as fault:
        found.error(fault, "places")
        return Places()


def _private(row: Sequence[object], columns: Columns, found: Findings) -> bool | None:
    try:
        return read_private(columns.cell(row, "private"))
    except BadInput as fault:
        found.error(fault, "private")
        return None


def _held(row: Sequence[object], columns: Columns, around: Around, theme: Theme, title: str, found: Findings) -> Held:
    """Platform, venue and link together. A building at the end of the title counts only where nothing else says how it is held."""
    spoken: dict[str, Spoken] = {}
    for name, read in (("format", read_place), ("venue", read_place), ("link", read_link)):
        try:
            said = listed if name == "venue" else words
            spoken[name] = read(", ".join(dict.fromkeys(said(cell) for cell in columns.cells(row, name))))
        except BadInput as fault:
            found.error(fault, name)
            spoken[name] = NOTHING_SAID
    marker = theme.marker if theme.marker.kind != "unknown" else around.marker
    if all(one.kind == "unknown" and not one.place for one in (*spoken.values(), marker)):
        marker = read_theme(title).marker
    silent = all(one == NOTHING_SAID for one in (*spoken.values(), marker))
    how = held(spoken["format"], spoken["venue"], spoken["link"], marker, place_at_end(title) if silent else None)
    for ask in how.asks:
        found.warn(ask, "format", "venue", "title")
    return how


def _texts(row: Sequence[object], columns: Columns, around: Around, theme: Theme, after: str, found: Findings) -> dict[str, str | None]:
    """The fields that are only words; None for an empty one. `after`: words beside the hours, which go to the notes."""
    texts = {name: words(columns.cell(row, name)) or None for name in ("reference", "series", "audience", "organisation", "public_title")}
    texts["presenter"] = ", ".join(dict.fromkeys(listed(cell) for cell in columns.cells(row, "presenter"))) or None
    parts = [clean_lines(raw(cell)) for cell in columns.cells(row, "description")]
    if around.themes_are_hosts:
        texts["organisation"] = texts["organisation"] or theme.name
    elif theme.name:
        parts.append(f"Theme: {theme.name}")
    texts["organisation"] = texts["organisation"] or around.host
    texts["description"] = "\n".join(parts) or None
    texts["notes"] = "\n".join(filter(None, (*(clean_lines(raw(cell)) for cell in columns.cells(row, "notes")), after))) or None
    for name, text in texts.items():
        _within(name, text, found)
    return texts


def _presenter_address(row: Sequence[object], columns: Columns, found: Findings) -> str | None:
    """Where the presenter is written to; one that cannot be used is left out, and said."""
    typed = words(columns.cell(row, "presenter_address"))
    if not typed:
        return None
    try:
        return clean_address(typed)
    except BadInput:
        several = "Only one address can be read here. Add the others to the session afterwards."
        alone = "This is not an e-mail address that can be used, so the presenter is not asked."
        found.warn(several if typed.count("@") > 1 else alone, "presenter_address")
        return None


def _within(name: str, text: str | None, found: Findings) -> None:
    size = len(text or "")
    if text and name in ("organisation", "series"):
        size = max(size, len(text.casefold()))  # these are kept in small letters too, where ß is two
    if size > LIMITS[name]:
        found.error(f"This text has {size:,} characters. The longest {name.replace('_', ' ')} we can keep has {LIMITS[name]:,}.", name)
