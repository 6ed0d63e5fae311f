"""A person's copy as a page to read: first what they would ask for, in words, then what only the program needs, for the record.

Nothing is left out: a column stands in one part or the other. Nothing in it is fetched from elsewhere, and everything is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from domain.history import SAID
from domain.rights.copying import Cell, Part, PersonCopy
from domain.times import LONDON, clock_words, day_words, to_wall, zone_words
from integrations.person_words import FOR_THE_RECORD, HEADINGS, VALUES, WORDS

#: a table with more columns than this is a list of labels and values, row by row
MOST_COLUMNS = 5
_HEAD = (
    '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>What we keep about you</title><style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%;margin:1em 0}th,td{border:1px solid #999;padding:.3em .5em;text-align:left;"
    "vertical-align:top}th,td,dd,li,h1,h2{overflow-wrap:anywhere}dl{border:1px solid #999;padding:.5em;margin:1em 0;display:grid;"
    "grid-template-columns:minmax(8em,1fr) 2fr;gap:.3em 1em;break-inside:avoid}dt{font-weight:bold}dd{margin:0}.record{font-size:.8em}"
    "@media print{body{max-width:none;margin:0;font-size:10pt}}</style></head><body>"
)


def as_page(copy: PersonCopy) -> str:
    """The whole page."""
    listed = "".join(f"<li>{_safe(one)}</li>" for one in copy.elsewhere)
    named = "".join(f"<li>{_safe(one)}</li>" for one in copy.named)
    return "".join(
        (
            _HEAD,
            f"<h1>What {_safe(copy.partnership)} keeps about {_safe(copy.name)}</h1>",
            f"<p>Made on {_instant_words(copy.made_at)}. The file what-we-keep.json has the same for a computer.</p>",
            *(part for one in copy.parts for part in _to_read(one)),
            f"<h2>Where organisers name you</h2><ul>{named}</ul>" if named else "",
            f"<h2>What others keep</h2><ul>{listed}</ul>",
            *_for_the_record(copy.parts),
            "</body></html>",
        )
    )


def _to_read(part: Part) -> Iterator[str]:
    """What a person would ask for; columns that are empty in every row are left out."""
    shown = [place for place in _filled(part) if part.columns[place] not in FOR_THE_RECORD]
    if not shown:
        return
    yield f"<h2>{_safe(_heading(part))}</h2>"
    yield from _table(part, shown) if len(shown) <= MOST_COLUMNS else _lists(part, shown)


def _table(part: Part, shown: Sequence[int]) -> Iterator[str]:
    heads = "".join(f'<th scope="col">{_safe(_label(part, place))}</th>' for place in shown)
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for row in part.rows:
        yield "<tr>" + "".join(f"<td>{_safe(_said(part, row, place))}</td>" for place in shown) + "</tr>"
    yield "</tbody></table>"


def _lists(part: Part, shown: Sequence[int]) -> Iterator[str]:
    for row in part.rows:
        pairs = ((_label(part, place), _said(part, row, place)) for place in shown)
        yield "<dl>" + "".join(f"<dt>{_safe(label)}</dt><dd>{_safe(said)}</dd>" for label, said in pairs if said) + "</dl>"


def _for_the_record(parts: Sequence[Part]) -> Iterator[str]:
    """Numbers and marks, a line for each row."""
    yield '<div class="record"><h2>For the record</h2><p>The program uses these numbers and marks to find what belongs together.</p>'
    for part in parts:
        means = dict(part.means)
        noted = [place for place in _filled(part) if part.columns[place] in FOR_THE_RECORD or part.columns[place] in means]
        if noted:
            lines = "".join(f"<li>{_safe(_line(part, row, noted))}</li>" for row in part.rows)
            yield f"<h3>{_safe(_heading(part))}</h3><ul>{lines}</ul>"
    yield "</div>"


def _line(part: Part, row: Sequence[Cell], noted: Sequence[int]) -> str:
    return "; ".join(f"{_label(part, place)}: {_plain(part.columns[place], row[place])}" for place in noted if row[place] not in (None, ""))


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────


def _filled(part: Part) -> list[int]:
    return [place for place in range(len(part.columns)) if any(row[place] not in (None, "") for row in part.rows)]


def _heading(part: Part) -> str:
    return HEADINGS.get(part.table, part.holds)


def _label(part: Part, place: int) -> str:
    return WORDS.get(part.columns[place], part.columns[place].replace("_", " "))


def _said(part: Part, row: Sequence[Cell], place: int) -> str:
    """A cell in words: instead of a number what it stands for. The number itself stands in the record."""
    name, cell = part.columns[place], row[place]
    means: Mapping[int, str] = dict(part.means).get(name, {})
    return means[cell] if isinstance(cell, int) and cell in means else _plain(name, cell)


def _plain(name: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if not isinstance(cell, str):
        return str(cell)
    if name == "action":
        return SAID.get(cell, cell).format(session="a session", series="a series", detail="see the record")
    return VALUES.get(name, {}).get(cell) or _time_words(name, cell)


def _time_words(name: str, text: str) -> str:
    """A time or a day in words, where the column is one; any other text as it is."""
    if name.endswith(("_at", "_until")) or name in ("at", "since", "dtstamp"):
        return _instant_words(datetime.fromisoformat(text))
    return day_words(date.fromisoformat(text)) if name in ("day", "delete_on") else text


def _instant_words(instant: datetime) -> str:
    """`Monday 15 March 2027, 9.30am, UK time (GMT)`."""
    wall = to_wall(instant, LONDON)
    return f"{day_words(wall.date())}, {clock_words(wall)}, {zone_words(instant)}"


def _safe(text: str) -> str:
    return html.escape(text)
