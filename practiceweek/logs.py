"""Structured logs, without secrets, addresses or join links.

What is logged is ids and outcomes. As a second fence every line passes through `Redact`, which blanks our
secrets, and what looks like an address or a link all the same, whichever library wrote it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

_ADDRESS = re.compile(r"[^\s<>\"'=,;:()\[\]/]+(?:@|%40)[^\s<>\"'=,;:()\[\]/]+")
_LINK = re.compile(r"(?:https?|wss?)://[^\s\"'<>\\]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic|bot)\s+(?=\S*[0-9._])[A-Za-z0-9._~+/=-]{16,}")
_PLAIN = (int, float, bool, type(None))


def blank(text: str, secrets: Iterable[str] = ()) -> str:
    """Text without these secrets, and without what looks like a link, an address or a token."""
    for secret in secrets:
        text = text.replace(secret, "<secret>")
    return _ADDRESS.sub("<address>", _LINK.sub("<link>", _BEARER.sub("<token>", text)))


class Redact:
    """A structlog processor: everything in an entry, the traceback included, goes through `blank`, however deep it lies."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, _logger: object, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        # structlog keeps the record itself under names that begin with an underscore
        return {key: value if key.startswith("_") else self._blank(value) for key, value in entry.items()}

    def _blank(self, value: object) -> object:
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, Mapping):
            return {blank(str(key), self._secrets): self._blank(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [one if isinstance(one, _PLAIN) else self._blank(one) for one in value]  # hundreds of ids: no call for each
        return blank(str(value), self._secrets)


def set_up(level: str, form: str, stream: TextIO | None = None, *, secrets: Iterable[str] = ()) -> None:
    """Write our own and every library's log to `stream` (standard error). `form` is `text` or `json`; `secrets` are never written."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redact(secrets),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
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
