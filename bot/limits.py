"""Discord's limits, each in one place. Lengths are counted as Discord's own program counts them, in UTF-16 units."""

from __future__ import annotations

COMPONENTS = 40  #: in a message of the second generation, nested ones counted
CARD_TEXT = 4000  #: characters over all texts of such a message
MENU_OPTIONS = 25
OPTION_LABEL = 100
OPTION_DESCRIPTION = 100
BUTTON_LABEL = 80
CHOICES = 25  #: offered while somebody types a command
CHOICE_NAME = 100
CONTENT = 2000
FORM_LABEL = 45
FORM_ITEMS = 5
CUSTOM_ID = 100
FILES = 10  #: in a message
FILE_BYTES = 10_000_000  #: over all files of a message
NONCE = 25  #: characters that a repeated message is known by


def size(text: str) -> int:
    """How long Discord thinks a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis, within `limit`."""
    if size(text) <= limit:
        return text
    kept = text[: max(limit - 1, 0)]
    while size(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"
