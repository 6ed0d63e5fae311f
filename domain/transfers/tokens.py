"""What stands in a colleague's link: the transfer's number, and 128 bits that only this installation's key makes of it."""

from __future__ import annotations

import re

from domain.links import LinkKey
from domain.models import Transfer


def token_of(key: LinkKey, transfer: Transfer) -> str:
    """`12-` and 22 letters. The salt is the transfer's own, and random: no two installations or transfers share one."""
    return f"{transfer.id}-{key.token(f'handed:{transfer.id}', transfer.salt)}"


def number_of(token: str) -> int | None:
    """The transfer that it names; None for what is no such link."""
    found = re.fullmatch(r"([0-9]{1,9})-[A-Za-z0-9_-]{22}", token)
    return int(found[1]) if found else None
