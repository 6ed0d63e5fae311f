"""What the program tells its log of its own faults, overheard, so that a page can show it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping


class Overheard(logging.Handler):
    """Hears every error in the log: `tell` is called with a line of words and with where it happened."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """A fault was logged: by structlog as a mapping, by a library as words."""
        if isinstance(record.msg, Mapping):
            where = str(record.msg.get("exception", ""))
            words = str(record.msg.get("event", ""))
            last = where.strip().rpartition("\n")[2]
        else:
            words = record.getMessage()
            error = record.exc_info[1] if record.exc_info else None
            where = "".join(traceback.format_exception(error)) if error else ""
            last = f"{type(error).__name__}: {error}" if error else ""
        self._tell(f"{words}: {last}" if last else words, where)
