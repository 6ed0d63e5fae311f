"""How many places a session has, and whether it is private: what people write in those columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from domain.errors import BadInput
from domain.schedule.values import MOST_PLACES
from domain.schedule.wording import words

_LEFT_OPEN: Final = re.compile(r"(?:|-+|–|—|\?+|n/?a|not applicable|tbc|tba|tbd|to be confirmed|see venue|varies|as above)", re.IGNORECASE)
_NO_LIMIT: Final = re.compile(
    r"(?:unlimited|no (?:limit|max|maximum|cap)|not limited|open|none|any|infinite|∞|"
    r"no restrictions?|open to all|all welcome|as many as (?:want|wish|like))(?:\s+(?:places|spaces|numbers|capacity))?",
    re.IGNORECASE,
)
_ABOUT: Final = (
    r"(?:max(?:imum)?\.?(?: of)?|up to|limited to|limit(?: of)?|approx\.?|about|circa|c\.?|~|no more than|capped at|first|"
    r"(?:max(?:imum)?\.? )?(?:capacity|places|spaces|numbers|people)(?: of)?)?"
)
#: what is counted, and words that change nothing; as many of them as stand there
_UNIT: Final = (
    r"(?:[\s(]*(?:max(?:imum)?\b\.?|places?|spaces?|seats?|tickets?|people|ppl|persons?|delegates?|participants?|attendees?|pax|"
    r"staff|students?|learners?|practitioners?|colleagues|(?:foster |kinship )?carers?|parents|managers?|(?:social )?workers?|capacity|"
    r"available|only|approx\b\.?|in total|in the room|per session|per workshop)(?!\w)\)?)*"
)
_NUMBER: Final = re.compile(rf"\(?{_ABOUT}\s*[:=]?\s*(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.0{{1,2}})?{_UNIT}\s*\)?\.?", re.IGNORECASE)
_TO_TWENTY: Final = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_IN_WORDS: Final = re.compile(rf"\b(?:{'|'.join(_TO_TWENTY)})\b", re.IGNORECASE)
_YES: Final = frozenset(
    {
        *("yes", "y", "true", "1", "x", "✓", "✔"),
        *("private", "closed", "confidential", "restricted", "hidden", "invited", "invitation only", "invitation-only", "by invitation"),
    }
)
_NO: Final = ["no", "n", "false", "open", "public", "0", "-", "–", "—", "none", "n/a", "na", "not private"]


@dataclass(frozen=True)
class Places:
    """`number` None means no limit where `given`, and the programme's default where not."""

    number: int | None = None
    given: bool = False


def read_places(cell: object) -> Places:
    """The places in a cell. Raises `BadInput` for what is not one whole number of places."""
    if isinstance(cell, bool):
        raise BadInput("The number of places must be a number, such as 30.")
    text = words(cell)
    if _LEFT_OPEN.fullmatch(text):
        return Places()
    if _NO_LIMIT.fullmatch(text):
        return Places(None, given=True)
    match = _NUMBER.fullmatch(_IN_WORDS.sub(lambda found: str(_TO_TWENTY.index(found[0].casefold()) + 1), text))
    if match is None and len(re.findall(r"\d+", text)) > 1:
        raise BadInput(f"“{text[:40]}” holds more than one number. Write only the most people who can come, such as 20.")
    if match is None:
        raise BadInput(f"“{text}” is not a number of places. Write one whole number, such as 30, or leave it empty.")
    number = int(match["number"].replace(",", "")[:12])
    if number == 0:
        raise BadInput("A session with 0 places cannot be booked. Write how many places there are, or leave it empty.")
    if number > MOST_PLACES:
        raise BadInput(f"{number:,} places are too many. The most is {MOST_PLACES:,}; leave it empty for no set number.")
    return Places(number, given=True)


def read_private(cell: object) -> bool | None:
    """Whether a Private cell says yes; None where it is empty. Raises `BadInput` for other words."""
    text = words(cell).casefold()
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise BadInput(f"“{words(cell)[:40]}” is neither Yes nor No. Write Yes for a private session, or leave it empty.")
