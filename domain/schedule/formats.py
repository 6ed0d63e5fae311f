"""How a session is held: what people write for a platform, a venue or a link, and what it comes to.

"MS Teams", "Zoom webinar", "F2F", "Hybrid", "Online", "TBC", a pasted link, or just the name of a room. A venue alone means
in person; a venue beside a platform does not make a session hybrid, but is asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from domain.errors import BadInput
from domain.schedule.links import LINK, check_link
from domain.schedule.values import RowFormat

_KINDS: Final = {
    "hybrid": r"hybrid|blended|^both$|in[\s-]?person\s*(?:and|&|/|\+|or)\s*online|online\s*(?:and|&|/|\+|or)\s*in[\s-]?person|"
    r"face[\s-]to[\s-]face\s*(?:and|&|/|\+|or)\s*online",
    "teams": r"(?:via\s+|on\s+)?(?:(?:ms|microsoft|m365|office(?:\s365)?)[\s.-]*teams?|teams)(?:\s+(?:live(?:\s+event)?|"
    r"meeting|call|webinar|event|town\s?hall))?",
    "zoom": r"(?:via\s+|on\s+)?zoom(?:\s+(?:webinar|meeting|call|event|link))?",
    "online": r"virtual\s+classroom|(?:live\s+|all\s+)?on-?\s?line|virtual(?:ly)?|webinar|remote(?:ly)?|live\s?stream(?:ed)?|"
    r"video\s?(?:call|conference)|web|digital",
    "in_person": r"in[\s-]?person|face[\s-]*(?:to|2)[\s-]*face|f[\s-]?(?:2|to)[\s-]?f|f/f|ftf|class\s?room(?:[\s-]based)?|on[\s-]?site|"
    r"in[\s-]?house|physical|offline",
    "other": r"webex|google\s+meet|gotomeeting|skype|blackboard(?:\s+collaborate)?|collaborate|youtube(?:\s+live)?|"
    r"podcast|e-?learning|pre-?recorded|facebook(?:\s+live)?|telephone|phone|lifesize|starleaf|adobe\s+connect",
}
_FOUND: Final = {kind: re.compile(rf"(?<![\w@]){'(?:' + pattern + ')'}(?!\w)", re.IGNORECASE) for kind, pattern in _KINDS.items()}
_LATER: Final = re.compile(
    r"\b(?:tbc|tba|tbd|n/?a|not applicable|to be (?:confirmed|announced|decided)|to follow|unknown|various|none)\b|^[\s?.\-–—]*$",
    re.IGNORECASE,
)
_LOOSE: Final = re.compile(
    r"^(?:(?:only|session|event|meeting|training|delivery|delivered|via|on|at|by|the|and|or|plus|link|links|to|"
    r"follow|will|be|sent|joining|details|see|below|with|platform|venue|location|live|in|invite|workshop|webinar|channel|room|join|"
    r"your|computer|app|here)\b"
    r"|[\s,;:/&+()\[\]|.\-–—])*$",
    re.IGNORECASE,
)
_ABOUT_LINKS: Final = re.compile(r"\b(?:links?|invit\w*|e-?mail\w*|details|joining|regist\w*|dial|log\s?in)\b", re.IGNORECASE)
_HOLLOW: Final = re.compile(r"[(\[]\s*(?:(?:or|and|via|on|by|with|also|plus)\s*)*[)\]]", re.IGNORECASE)
_EDGES: Final = " ,;:/&+|-–—.@"


@dataclass(frozen=True)
class Spoken:
    """What one cell says about platform and place."""

    kind: RowFormat = "unknown"
    provider: Literal["teams", "zoom"] | None = None
    place: str | None = None
    link: str | None = None
    other: str | None = None  #: a platform that we cannot make meetings on
    unsure: bool = False  #: Teams or Zoom, both are named
    beside: str | None = None  #: words beside an online platform that name no building


NOTHING_SAID: Final = Spoken()


@dataclass(frozen=True)
class Held:
    """How a session is held, with what should be asked about it."""

    format: RowFormat = "unknown"
    provider: Literal["teams", "zoom"] | None = None
    venue: str | None = None
    link: str | None = None
    asks: tuple[str, ...] = ()


def read_place(text: str) -> Spoken:
    """What a Platform, Location or Link cell says. Raises `BadInput` for a link that cannot be used."""
    link_match = LINK.search(text)
    link = check_link(link_match[0]) if link_match else None
    rest = LINK.sub(" ", text) if link_match else text
    named: dict[str, re.Match[str] | None] = {}
    for kind_named, pattern in _FOUND.items():  # each takes its words away, so that a virtual classroom is not a classroom
        named[kind_named] = pattern.search(rest)
        rest = pattern.sub(" ", rest)
    unknown = bool(_LATER.search(rest))
    rest = _HOLLOW.sub(" ", _LATER.sub(" ", rest))
    place = None if _LOOSE.match(rest) else re.sub(r"\s+", " ", rest).strip(_EDGES)
    if place and place.startswith("(") and place.endswith(")"):
        place = place[1:-1].strip(_EDGES)
    place = (
        re.sub(r"^(?:at|in|and|via|on|with)\s+|\s+(?:and|or|via|on|with|by)$", "", place, flags=re.IGNORECASE).strip(_EDGES)
        if place
        else None
    )
    if place and _ABOUT_LINKS.search(place) and not _is_address(place):
        place = None
    host = _host_provider(link)
    both = bool(named["teams"] and named["zoom"])
    provider: Literal["teams", "zoom"] | None = None if both else "teams" if named["teams"] else "zoom" if named["zoom"] else host
    virtual = bool(named["teams"] or named["zoom"] or named["online"] or named["other"] or link)
    if named["hybrid"] or (virtual and (named["in_person"] or (place and not unknown and _is_address(place)))):
        kind: RowFormat = "hybrid"
    elif virtual:
        kind = "online" if both or named["other"] or provider is None else provider
    else:
        kind = "in_person" if named["in_person"] else "unknown"
    beside = None
    if kind in ("teams", "zoom", "online") and place and not _is_address(place):
        place, beside = None, place  # words about the platform rather than a place
    return Spoken(kind, provider, place or None, link, named["other"][0] if named["other"] and not link else None, both, beside)


def names_ways_of_meeting(text: str) -> bool:
    """Whether a heading names two ways of meeting to choose from: "MS Teams/Face to face", "Teams or Zoom?"."""
    try:
        spoken = read_place(text)
    except BadInput:
        return False
    return (spoken.kind == "hybrid" or spoken.unsure) and not spoken.place and not spoken.link


_PLACE_WORDS: Final = re.compile(
    r"\b(?:room|house|hall|centre|center|library|building|suite|campus|hotel|theatre|church|museum|college|school|"
    r"hospital|chambers?|court|stadium|offices?|lodge|mill|exchange"
    r"|institute|hub|university|council|civic|street|st|road|rd|lane|floor|club|pavilion|gallery|tower|park|square|"
    r"cathedral|abbey|barn|works|studio|studios)\b",
    re.IGNORECASE,
)


def _is_address(text: str) -> bool:
    """Whether the words name a building or a room."""
    return bool(_PLACE_WORDS.search(text))


def _host_provider(link: str | None) -> Literal["teams", "zoom"] | None:
    host = (urlsplit(link).hostname or "") if link else ""
    if host in ("teams.microsoft.com", "teams.live.com", "teams.cloud.microsoft"):
        return "teams"
    return "zoom" if host == "zoom.us" or host.endswith((".zoom.us", ".zoom.com")) else None


def held(platform: Spoken, location: Spoken, link: Spoken, marker: Spoken, tail: str | None = None) -> Held:
    """Put together what the Platform, Location and Link columns, a mark such as "(Online)" and the end of the title say."""
    given = next((spoken.link for spoken in (link, platform, location) if spoken.link), None)
    venue = location.place or (platform.place if platform.kind in ("hybrid", "in_person", "unknown") else None) or tail
    said = next((spoken for spoken in (platform, location, marker, link) if spoken.kind != "unknown"), NOTHING_SAID)
    kind = said.kind
    if platform.kind == "in_person" and location.kind in ("teams", "zoom", "online", "hybrid"):
        kind = "hybrid"
    if kind == "online" and (more := next((spoken for spoken in (location, link) if spoken.kind in ("teams", "zoom")), None)):
        kind, said = more.kind, more
    if kind == "unknown" and venue:
        kind = "in_person"
    elif kind == "unknown" and given:
        kind = "online"
    provider = said.provider or location.provider or link.provider
    return Held(kind, provider, venue, given, tuple(_asks(kind, venue, (platform, location), given, tail)))


def _asks(kind: RowFormat, venue: str | None, spoken: tuple[Spoken, Spoken], given: str | None, tail: str | None) -> list[str]:
    asks = []
    if any(one.unsure for one in spoken):
        asks.append("This names both Teams and Zoom. Which one is it? Until you say so, the programme's own platform is used.")
    if (other := next((one.other for one in spoken if one.other), None)) and not given:
        asks.append(f"We cannot make a meeting on {other}. Give the link to join in a Link column.")
    if kind in ("teams", "zoom", "online") and (beside := next((one.beside for one in spoken if one.beside), None)):
        asks.append(f"The words “{beside}” beside the platform are left out. If people may come to a place, write Hybrid and the place.")
    if kind in ("teams", "zoom", "online") and venue:
        asks.append(f"This is online but also names a place ({venue}). If people may come there, write Hybrid.")
    if kind in ("in_person", "hybrid") and not venue:
        asks.append("This is held in a room, but no venue is given yet.")
    if tail and venue == tail:
        asks.append(
            f"“{tail}” at the end of the title is taken as the venue, so this session is in person. Add a Location column if that is wrong."
        )
    return asks


def place_at_end(title: str) -> str | None:
    """A building named after the last comma of a title ("…, Brian Jackson House"): capital letters, and a word for a building last."""
    head, comma, tail = title.rpartition(",")
    tail = tail.strip()
    names = [word for word in tail.split() if word.casefold() not in ("of", "the", "and", "&", "at", "in")]
    if not comma or not head.strip() or not 2 <= len(names) <= 6 or not all(word[:1].isupper() or word.isdigit() for word in names):
        return None
    ends_well = _is_address(names[-1]) or bool(re.match(r"(?:Room|Suite|Floor)\s", tail))
    return tail if ends_well else None


def read_link(text: str) -> Spoken:
    """What a Link cell says: a link, or words that hold none ("to follow")."""
    spoken = read_place(text)
    if spoken.link is None and re.search(r"^\s*[a-z][a-z0-9+.-]*:", text, re.IGNORECASE) and not spoken.provider:
        raise BadInput(f"“{text[:60]}” is not a link that people can open. It must begin with https://.")
    return Spoken(spoken.kind, spoken.provider, None, spoken.link)
