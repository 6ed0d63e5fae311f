"""A person's copy as a file to take away: a zip with a page to read and JSON for machines. Nothing in it is fetched from elsewhere."""

from __future__ import annotations

import io
import json
import zipfile

from domain.rights.copying import PersonCopy
from integrations.person_page import as_page


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
