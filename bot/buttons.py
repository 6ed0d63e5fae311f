"""Every button, menu and form that may be pressed: the list that the client registers. Add yours by one line each."""

from __future__ import annotations

from bot.pressing import Form, Pressed

DYNAMIC_ITEMS: list[Pressed] = []

FORMS: list[Form] = []
