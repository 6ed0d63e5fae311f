"""What stands in a presenter's link: their number, and 128 bits that only this installation's key makes of it.

Nothing of it is kept but the row's own random seed, so what is in the database opens nothing, and a letter that is sent again has
the same link in it. The mailbox is a part of it: who reads another one has another link, and the old one opens nothing any more.
"""

from __future__ import annotations

import re

from domain.links import LinkKey
from domain.models import Presenter
from domain.texts import address_key


def token_of(key: LinkKey, presenter: Presenter, address: str) -> str:
    """`12-` and 22 letters; empty for who has no seed any more, because they were forgotten."""
    if not presenter.code_seed:
        return ""
    return f"{presenter.id}-{key.token(f'presenting:{presenter.id}:{address_key(address)}', presenter.code_seed)}"


def number_of(token: str) -> int | None:
    """The presenter whom it names; None for what is no such link."""
    found = re.fullmatch(r"([0-9]{1,9})-[A-Za-z0-9_-]{22}", token)
    return int(found[1]) if found else None
