"""Engines that have compiled their statements before a life is born, and follow it to its own database.

To compile them anew was most of what a short life computed; in use a process does it once, in its first seconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, make_url

from domain.engines import Engines, engines_of


class WarmEngines:
    """A pair for each kind of database. They keep no connection between two lives."""

    def __init__(self) -> None:
        self._pairs: dict[str, Engines] = {}
        self._followed: dict[str, str] = {}

    def follow(self, url: str) -> Engines:
        """The pair of this kind, which connects to this database from now on."""
        kind = make_url(url).get_backend_name()
        self._followed[kind] = url
        if kind not in self._pairs:
            self._pairs[kind] = pair = engines_of(url)
            for engine in (pair.writing, pair.reading):
                event.listen(engine, "do_connect", self._point, insert=True)
        return self._pairs[kind]

    def _point(self, dialect: Any, _record: object, arguments: list[Any], named: dict[str, Any]) -> None:
        arguments[:], more = dialect.create_connect_args(make_url(self._followed[dialect.name]))
        named.update(more)
