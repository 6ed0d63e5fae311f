"""What stands in a colleague's link: the transfer's number, and 128 bits that only this installation's key makes of it."""

from __future__ import annotations

from domain.links import LinkKey, numbered_token
from domain.models import Transfer


def token_of(key: LinkKey, transfer: Transfer) -> str:
    """`12-` and 22 letters. The salt is the transfer's own, and random: no two installations or transfers share one."""
    return numbered_token(key, transfer.id, f"handed:{transfer.id}", transfer.salt)
