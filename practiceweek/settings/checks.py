"""The checks of single settings, each with the sentence for whoever wrote it wrong."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Hashable, Iterable
from copy import deepcopy
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import ErrorDetails
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from domain.errors import BadInput
from integrations.plain import plain_address

A_PARTNERSHIP = "there must be a [partnership.<name>] table for each partnership"
#: where the number of a Discord server is found
A_SERVER = (
    "It is the number of your Discord server: in Discord switch on Settings, Advanced, Developer Mode, then press the server's name with "
    "the right mouse button and choose Copy Server ID"
)
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_LONGEST = timedelta(days=366)
_LONGEST_KEPT = timedelta(days=3660)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def begins(*schemes: str) -> AfterValidator:
    """An address that begins with one of these, and goes on."""

    def check(value: str) -> str:
        if not value.startswith(schemes) or value in schemes:
            raise ValueError(f"must begin with {' or '.join(schemes)}")
        return value

    return AfterValidator(check)


def _database(value: str) -> str:
    """A file, or a server. Its password is a secret, and a secret is not in a file."""
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError("must be an address, such as postgresql+psycopg://practiceweek@db.example.org/practiceweek") from None
    if url.password:
        raise ValueError("must not hold a password: give it in the environment, as PGPASSWORD")
    return value


def _with_host(value: str, wanted: str) -> SplitResult:
    """The parts of a web address that names a computer; `wanted` is said of any other."""
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    if not host:
        raise ValueError(wanted)
    return parts


def _safe_for_graph(value: str) -> str:
    """Microsoft's library sends a token over plain http to this machine only."""
    parts = _with_host(value, "must be a web address, such as https://graph.microsoft.com/v1.0")
    if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
        raise ValueError("must begin with https:// (http:// is only for this machine)")
    return value


def _of_pages(value: str) -> str:
    """Links are written behind it: a stroke at its end is taken off, and anything else there would break each of them."""
    wanted = "must be the address of the pages alone, such as https://practice-week.example.org"
    parts = _with_host(value, wanted)
    if parts.query or parts.fragment or parts.username is not None or any(sign.isspace() for sign in value):
        raise ValueError(wanted)
    return value.rstrip("/")


def _proxy(value: str) -> str:
    """Who asks is known by its number: a name would be believed of nobody."""
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError("must be an IP address or a network, such as 127.0.0.1 or 10.1.0.0/24") from None
    return value


def _one_address(value: str) -> str:
    try:
        plain_address(value)
    except BadInput:
        raise ValueError("must be one e-mail address, such as practice-week@example.org") from None
    return value


def _no_or_one_address(value: str) -> str:
    return value and _one_address(value)


def _duration(value: object, longest: timedelta = _LONGEST) -> object:
    """`30m`, `24h`, `7d`, `90s`."""
    if isinstance(value, timedelta):
        return value
    written = re.fullmatch(r"\s*0*([0-9]+)\s*([smhd])", value) if isinstance(value, str) else None
    if written is None:
        raise ValueError("write a duration as 90s, 30m, 24h or 7d")
    number, unit = written.groups()
    if len(number) > 8 or (duration := timedelta(**{_UNITS[unit]: int(number)})) > longest:
        raise ValueError(f"must be {longest.days}d or less")
    return duration


def _share(value: object) -> object:
    """`0.25`: a part of a whole."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("write a number from 0 to 1, such as 0.25 for a quarter")
    return value


WebAddress = Annotated[str, begins("https://", "http://")]
PagesAddress = Annotated[WebAddress, AfterValidator(_of_pages)]
Proxy = Annotated[str, AfterValidator(_proxy)]
DatabaseAddress = Annotated[str, begins("sqlite:///", "postgresql+psycopg://"), AfterValidator(_database)]
GraphAddress = Annotated[WebAddress, AfterValidator(_safe_for_graph)]
OneAddress = Annotated[str, AfterValidator(_one_address)]
NoOrOneAddress = Annotated[str, AfterValidator(_no_or_one_address)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Share = Annotated[float, BeforeValidator(_share)]
#: how long something is kept
LongDuration = Annotated[timedelta, BeforeValidator(lambda value: _duration(value, _LONGEST_KEPT))]

#: what was wanted, by the checker's own word for the fault
_PLAIN = {
    "missing": "this setting is missing",
    "extra_forbidden": "there is no such setting",
    "string_type": 'must be a text in quotes, such as "example"',
    "string_too_short": "must not be empty",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("tuple_type", "list_type"), "must be a list in square brackets, such as []"),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "must be a table: a name in square brackets, and lines below it"),
}
#: a member of an enumeration as Python writes it, and what of it a person writes
_MEMBER, _ITS_VALUE = re.compile(r"<[^:>]*: ('[^']*')>"), r"\1"
_LIMITS = {"ge": "or more", "le": "or less"}


def sentence(fault: ErrorDetails, file: str = "the file") -> str:
    """One fault, in plain words; what was written is not repeated, as it may be a secret. `file`: what a fault of the whole is told of."""
    where = "".join(f" (number {part + 1})" if isinstance(part, int) else f".{part}" for part in fault["loc"]).removeprefix(".") or file
    kind, limits = fault["type"], fault.get("ctx", {})
    if kind in ("missing", "dict_type") and where == "partnership":
        said = A_PARTNERSHIP
    elif kind in _PLAIN:
        said = _PLAIN[kind] + (f". {A_SERVER}" if where.endswith(".guild_id") else "")
    elif kind == "greater_than":
        said = f"must be more than {limits['gt']:g}"
    elif kind in ("greater_than_equal", "less_than_equal"):
        said = next(f"must be {limits[name]} {words}" for name, words in _LIMITS.items() if name in limits)
        said += f". {A_SERVER}. Without Discord, leave the line out" if where.endswith(".guild_id") else ""
    elif kind == "literal_error":
        said = f"must be {_MEMBER.sub(_ITS_VALUE, str(limits['expected']))}"
    elif kind == "value_error":
        said = fault["msg"].removeprefix("Value error, ")
    else:
        said = "cannot be used as it is: config.example.toml shows how it is written"
    return f"{where}: {said}."


def without_unknown(tables: dict[str, Any], faults: Iterable[ErrorDetails]) -> dict[str, Any]:
    """The same tables without what there is no such setting for."""
    left = deepcopy(tables)
    for fault in faults:
        if fault["type"] == "extra_forbidden":
            *way, name = fault["loc"]
            table: Any = left
            for part in way:
                table = table[part]
            del table[name]
    return left


def is_this_machine(host: str) -> bool:
    """Whether a server of this name is on the machine that asks."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def shared(owners: Iterable[tuple[str, Hashable]]) -> tuple[str, str] | None:
    """The first two partnerships that name the same thing, of (partnership, thing)."""
    known: dict[Hashable, str] = {}
    for name, thing in owners:
        if known.setdefault(thing, name) != name:
            return known[thing], name
    return None
