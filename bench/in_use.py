"""The process that measures, as `practiceweek run` has its own."""

from __future__ import annotations

import os

from practiceweek.logs import set_up
from practiceweek.processes.turns import take_short_turns


def as_in_use() -> None:
    """From now on threads take short turns, and the log is kept at its usual level, and written away."""
    set_up("info", "json", open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as the process lives
    take_short_turns()
