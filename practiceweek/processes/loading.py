"""While a program loads: it makes a million things that all stay, and looking through them for what can go was a fifth of its start."""

from __future__ import annotations

import gc


def begin() -> None:
    """From now on nothing is looked for. Whoever begins ends it too, before anything is done for anybody."""
    gc.disable()


def end() -> None:
    """What is loaded now stays, and need never be looked at; what comes after it is."""
    gc.freeze()
    gc.enable()
