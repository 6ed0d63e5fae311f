"""Structured logs, without secrets, addresses or join links.

What is logged is ids and outcomes. As a second fence every line passes through `redact`, which blanks what looks
like an address or a link all the same, whichever library wrote it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_ADDRESS = re.compile(r"[^\s<>\"'=,;:()\[\]]+@[^\s<>\"'=,;:()\[\]]+")
_LINK = re.compile(r"https?://[^\s\"'<>]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic|bot)\s+[A-Za-z0-9._~+/=-]{8,}")


def blank(text: str) -> str:
    """Text without what looks like a link, an address or a token."""
    return _ADDRESS.sub("<address>", _LINK.sub("<link>", _BEARER.sub("<token>", text)))


def redact(_logger: object, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: every text of the entry, the traceback included, goes through `blank`."""
    return {key: blank(value) if isinstance(value, str) else value for key, value in entry.items()}


def set_up(level: str, form: str, stream: TextIO | None = None) -> None:
    """Write our own and every library's log to `stream` (standard error). `form` is `text` or `json`."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: structlog.typing.Processor = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "discord", "apscheduler", "azure", "msal", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
