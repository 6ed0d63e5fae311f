"""Links to meetings that organisers paste: which can be opened safely, and which are refused."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from domain.errors import BadInput

LINK: Final = re.compile(r"\b(?:https?://|javascript:|data:|file:|vbscript:)[^\s<>\"“”]+|\bwww\.[^\s<>\"“”]+", re.IGNORECASE)


def check_link(text: str) -> str:
    """The link, if it is one that anybody can open: http or https, a public host, no password in it. Raises `BadInput`."""
    link = text.rstrip(".,;)")
    if link.casefold().startswith("www."):
        link = "https://" + link
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port  # an impossible port raises
    except ValueError as fault:
        raise BadInput(f"“{text[:60]}” is not a link that people can open. Please copy it again.") from fault
    if parts.scheme not in ("http", "https") or parts.username or parts.password or not _public(host):
        raise BadInput(f"“{text[:60]}” is not a link that people can open. It must begin with https:// and name a public site.")
    return link


def is_openable(text: str) -> bool:
    """Whether it is such a link: what was kept before is looked at again before anybody is led to it."""
    try:
        return check_link(text) == text
    except BadInput:
        return False


def _public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal", ".lan")) and not re.fullmatch(r"[\d.x]+", host)
