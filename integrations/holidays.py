"""England's bank holidays, from the copy of GOV.UK's list that `govuk_bank_holidays` carries. No network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from importlib.resources import files


def english_bank_holidays() -> Mapping[date, str]:
    """Each bank holiday of England and Wales that has been announced, with its name. The bundled list reaches to the end of 2028."""
    # the file itself: to load the library's own reader is to load an HTTP client with it
    known = json.loads(files("govuk_bank_holidays").joinpath("bank-holidays.json").read_text(encoding="utf-8"))
    found = {date.fromisoformat(holiday["date"]): holiday for holiday in known["england-and-wales"]["events"]}
    return {day: _name(holiday["title"], holiday.get("notes", "")) for day, holiday in sorted(found.items())}


def _name(title: str, notes: str) -> str:
    return f"{title}, {notes[0].lower()}{notes[1:]}" if notes else title
