"""What stands in a presenter's link: their number, and 128 bits that only this installation's key makes of it.

Nothing of it is kept but the row's own random seed, so what is in the database opens nothing, and a letter that is sent again has
the same link in it. The mailbox is a part of it: who reads another one has another link, and the old one opens nothing any more.
"""

from __future__ import annotations

from domain.links import LinkKey, numbered_token
from domain.models import Presenter
from domain.texts import address_key


def token_of(key: LinkKey, presenter: Presenter, address: str) -> str:
    """`12-` and 22 letters; empty for who has no seed any more, because they were forgotten."""
    if not presenter.code_seed:
        return ""
    return numbered_token(key, presenter.id, f"presenting:{presenter.id}:{address_key(address)}", presenter.code_seed)
