"""What the letters about a transfer say: to the colleague who is asked, and to the giver when it ends."""

from __future__ import annotations

from dataclasses import dataclass

from domain.letters.matters import Matter, TransferMatter
from integrations.plain import one_line

HEADINGS = {
    "asked": "A colleague offers you a place",
    "agreed": "Your colleague has your place",
}
WORDS = {
    "agreed": "{colleague} has taken your place at this session. You do not need to do anything. It will go from your calendar.",
    "declined": "{colleague} has said no to your place at this session.",
    "cannot": "{colleague} cannot take your place at this session.",
    "lapsed": "{colleague} did not answer in time, so your place was not handed over.",
    "tries": "The code that we sent to {colleague} was typed wrongly too often, so it no longer works. You can ask again.",
}


@dataclass(frozen=True)
class TransferWords:
    """A transfer as the template shows it."""

    heading: str
    words: str
    giver: str
    asked: bool
    still_theirs: bool


def transfer_words(matter: Matter | None) -> TransferWords | None:
    """None for a letter of another kind."""
    if not isinstance(matter, TransferMatter):
        return None
    name, address = one_line(matter.giver_name), one_line(matter.giver_address)
    asked = matter.outcome == "asked"
    return TransferWords(
        heading=HEADINGS.get(matter.outcome, "Your place is still yours"),
        words="" if asked else WORDS[matter.outcome].format(colleague=one_line(matter.colleague)),
        giver=f"{name} ({address})" if name else address,
        asked=asked,
        still_theirs=matter.outcome in ("declined", "cannot", "lapsed", "tries"),
    )
