"""England's bank holidays, without a network."""

from __future__ import annotations

from datetime import date

from integrations.holidays import english_bank_holidays


def test_the_bank_holidays_of_2027_and_2028_are_known() -> None:
    known = english_bank_holidays()
    assert {day: name for day, name in known.items() if day.year == 2027} == {
        date(2027, 1, 1): "New Year’s Day",
        date(2027, 3, 26): "Good Friday",
        date(2027, 3, 29): "Easter Monday",
        date(2027, 5, 3): "Early May bank holiday",
        date(2027, 5, 31): "Spring bank holiday",
        date(2027, 8, 30): "Summer bank holiday",
        date(2027, 12, 27): "Christmas Day, substitute day",
        date(2027, 12, 28): "Boxing Day, substitute day",
    }
    assert (known[date(2028, 4, 17)], date(2027, 3, 17) in known) == ("Easter Monday", False)  # St Patrick's Day is not England's
