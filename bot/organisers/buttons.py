"""Every button, menu and form that organisers may press, for `bot.buttons`."""

from __future__ import annotations

from bot.organisers import (
    announcing,
    calling_off,
    columns,
    families,
    form_files,
    history,
    imports,
    marking,
    presenters,
    privacy,
    programmes,
    rolls,
    sends,
    sessions,
    undoing,
)
from bot.pressing import Form, Pressed

DYNAMIC_ITEMS: tuple[Pressed, ...] = (
    imports.pressed_turn,
    imports.pressed_tick,
    imports.pressed_answer,
    imports.pressed_confirm,
    imports.pressed_drop,
    announcing.pressed_send,
    announcing.pressed_trial,
    calling_off.pressed_call_off_all,
    presenters.pressed_presenter,
    presenters.pressed_act,
    programmes.pressed_publish,
    privacy.pressed_answer,
    privacy.pressed_all_private,
    families.pressed_seen_to,
    sends.pressed_sends,
    history.pressed_history,
    undoing.pressed_undo,
    programmes.pressed_attention,
    sessions.pressed_move,
    sessions.pressed_call_off,
    sessions.pressed_provider,
    marking.pressed_attendance,
    marking.pressed_marked,
    marking.pressed_everyone,
    rolls.pressed_roll,
    rolls.pressed_all_but,
    rolls.pressed_all_but_page,
    form_files.pressed_ask,
    columns.pressed_mean,
    columns.pressed_rest,
    columns.pressed_stop,
    columns.pressed_go_on,
    columns.pressed_forget,
    columns.pressed_forget_all,
)

FORMS: tuple[Form, ...] = (
    presenters.change_came,
    announcing.message_came,
    calling_off.call_off_reason_came,
    sessions.edit_came,
    sessions.reason_came,
    sessions.link_came,
)
