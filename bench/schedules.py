"""A long schedule as an organiser would save it: XLSX, its headings in their own words, British dates and hours."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from xlsxwriter import Workbook

HEADINGS = ("Date", "Session Times", "Title", "Description", "Session Lead", "Host organisation", "Who it's aimed at", "Platform", "Places")
HOURS = ("9.30am - 10.15am", "10.30 to 12.00", "12-1pm", "14.00 to 15:30", "3.45pm - 4.30pm")
PLATFORMS = ("MS Teams", "Zoom", "In person")
FIRST = date(2027, 3, 15)  # a Monday


def write_schedule(file: Path, count: int, *, titled: str = "Strengths in practice", per_day: int = 50) -> None:
    """So many sessions on the weekdays from 15 March 2027 on."""
    book = Workbook(str(file))
    sheet = book.add_worksheet("Programme")
    sheet.write_row(0, 0, HEADINGS)
    for number in range(count):
        sheet.write_row(number + 1, 0, _row(number, titled, per_day))
    book.close()


def _row(number: int, titled: str, per_day: int) -> tuple[object, ...]:
    weeks, weekday = divmod(number // per_day, 5)
    day = FIRST + timedelta(days=7 * weeks + weekday)
    return (
        f"{day:%A} {day.day} {day:%B %Y}",
        HOURS[number % len(HOURS)],
        f"{titled}, part {number + 1}",
        "Case discussion and tools to take back to the team, with time for questions",
        f"Practice Lead {number % 40}",
        f"Council {number % 12}",
        "Children's services" if number % 2 else "Adults' services",
        PLATFORMS[number % len(PLATFORMS)],
        20 + number % 60,
    )
