"""Every button, menu and form that organisers may press, for `bot.buttons`."""

from __future__ import annotations

from bot.organisers import imports, marking, programmes, sessions
from bot.pressing import Form, Pressed

DYNAMIC_ITEMS: tuple[Pressed, ...] = (
    imports.pressed_turn,
    imports.pressed_tick,
    imports.pressed_answer,
    imports.pressed_confirm,
    imports.pressed_drop,
    programmes.pressed_publish,
    programmes.pressed_attention,
    sessions.pressed_move,
    sessions.pressed_call_off,
    sessions.pressed_provider,
    marking.pressed_attendance,
    marking.pressed_marked,
    marking.pressed_everyone,
)

FORMS: tuple[Form, ...] = (sessions.edit_came, sessions.reason_came, sessions.link_came)
