"""Where slow computing is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Aside(Protocol):
    """Where slow computing is done, away from whoever answers: a thread, or a process of its own."""

    async def __call__(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `call` returns, or raises. It is a function of a module, and what goes in and comes out are plain values."""
