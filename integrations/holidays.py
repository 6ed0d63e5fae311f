"""England's bank holidays, from the copy of GOV.UK's list that `govuk_bank_holidays` carries. No network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from govuk_bank_holidays.bank_holidays import BankHolidays


def english_bank_holidays() -> Mapping[date, str]:
    """Each bank holiday of England and Wales that has been announced, with its name. The bundled list reaches to the end of 2028."""
    known = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return {holiday["date"]: _name(holiday["title"], holiday["notes"]) for holiday in known}


def _name(title: str, notes: str) -> str:
    return f"{title}, {notes[0].lower()}{notes[1:]}" if notes else title
