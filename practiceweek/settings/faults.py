"""What stops the program before it begins, apart from the settings themselves, so that it can be named without reading any."""

from __future__ import annotations


class SettingsError(Exception):
    """The settings cannot be used; str() says why, one sentence a line."""
