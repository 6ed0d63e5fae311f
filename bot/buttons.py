"""Every button, menu and form that may be pressed: the lists that the client registers. Add yours by one line each."""

from __future__ import annotations

from bot import booking, details, feedback, finding, proving
from bot.organisers import buttons as organisers
from bot.pressing import Form, Pressed

DYNAMIC_ITEMS: list[Pressed] = [
    booking.pressed_book,
    booking.pressed_cancel,
    booking.pressed_take,
    booking.pressed_leave,
    feedback.pressed_rating,
    feedback.pressed_words,
    feedback.pressed_choose,
    finding.pressed_programme,
    finding.pressed_days,
    finding.pressed_day,
    finding.pressed_page,
    finding.pressed_open,
    finding.pressed_show,
    finding.pressed_mine,
    proving.pressed_code,
    proving.pressed_again,
    details.pressed_details,
    details.pressed_organisation,
    details.pressed_reminders,
    *organisers.DYNAMIC_ITEMS,
]

FORMS: list[Form] = [
    details.details_came,
    proving.code_came,
    feedback.words_came,
    *organisers.FORMS,
]
