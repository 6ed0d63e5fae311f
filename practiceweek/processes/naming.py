"""What this process is called, on its claims and its signs of life."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache


def process_name() -> str:
    """Machine, number and a few letters: two containers may have the same of the first two. The same for as long as the process lives."""
    return _named(os.getpid())


@cache
def _named(pid: int) -> str:
    return f"{socket.gethostname()[:30]}:{pid}:{secrets.token_hex(3)}"
