"""A person's copy as a file to take away: a zip with a page to read and JSON for machines. Nothing in it is fetched from elsewhere."""

from __future__ import annotations

import html
import io
import json
import zipfile
from collections.abc import Iterator, Mapping

from domain.rights.copying import Cell, Part, PersonCopy
from integrations.person_words import WORDS

_HEAD = (
    '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>What we keep about you</title>'
    "<style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;margin:1em 0}"
    "th,td{border:1px solid #999;padding:.3em .5em;text-align:left;vertical-align:top}div{overflow-x:auto}</style></head><body>"
)


class PersonFiles:
    """Implements `domain.ports.files.PersonWriter`."""

    def write(self, copy: PersonCopy) -> bytes:
        """A zip file."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in (("what-we-keep.html", as_page(copy)), ("what-we-keep.json", as_json(copy))):
                entry = zipfile.ZipInfo(name, copy.made_at.timetuple()[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                file.writestr(entry, content)
        return made.getvalue()


def as_json(copy: PersonCopy) -> str:
    """Every row, by table."""
    return json.dumps(
        {
            "partnership": copy.partnership,
            "made_at": copy.made_at.isoformat(),
            "tables": {part.table: [dict(zip(part.columns, row, strict=True)) for row in part.rows] for part in copy.parts},
            "stands_for": {name: {str(number): words for number, words in sorted(said.items())} for name, said in _means(copy).items()},
            "named_in": copy.named,
            "elsewhere": copy.elsewhere,
        },
        indent=2,
        ensure_ascii=False,
    )


def _means(copy: PersonCopy) -> dict[str, dict[int, str]]:
    """What the numbers of every table stand for, by column."""
    found: dict[str, dict[int, str]] = {}
    for name, said in (one for part in copy.parts for one in part.means):
        found.setdefault(name, {}).update(said)
    return found


def as_page(copy: PersonCopy) -> str:
    """The same, to read. Everything is escaped."""
    said = html.escape
    listed = "".join(f"<li>{said(one)}</li>" for one in copy.elsewhere)
    named = "".join(f"<li>{said(one)}</li>" for one in copy.named)
    return "".join(
        (
            _HEAD,
            f"<h1>What {said(copy.partnership)} keeps about {said(copy.name)}</h1>",
            f"<p>Made on {copy.made_at:%d/%m/%Y at %H:%M} (UTC). The file what-we-keep.json has the same for a computer.</p>",
            *(part for one in copy.parts for part in _part(one)),
            f"<h2>Where organisers name you</h2><ul>{named}</ul>" if named else "",
            f"<h2>What others keep</h2><ul>{listed}</ul></body></html>",
        )
    )


def _said(cell: Cell, means: Mapping[int, str]) -> str:
    """A cell in words; beside a number what it stands for."""
    words = means.get(cell, "") if isinstance(cell, int) else ""
    return "" if cell is None else f"{cell}: {words}" if words else str(cell)


def _part(part: Part) -> Iterator[str]:
    """A table; columns that are empty in every row are left out."""
    filled = [place for place in range(len(part.columns)) if any(row[place] not in (None, "") for row in part.rows)]
    yield f"<h2>{html.escape(part.holds)}</h2><div><table><thead><tr>"
    yield "".join(
        f'<th scope="col">{html.escape(WORDS.get(part.columns[place], part.columns[place].replace("_", " ")))}</th>' for place in filled
    )
    yield "</tr></thead><tbody>"
    means = dict(part.means)
    for row in part.rows:
        cells = (_said(row[place], means.get(part.columns[place], {})) for place in filled)
        yield "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table></div>"
