"""Text that may leave us: no control characters, no hidden direction marks, one line where one line is wanted.

What people type reaches headers, calendar files and pages. A stray NUL or line break there can break a file or
forge a header, and a direction mark can make one name read as another.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from domain.errors import BadInput

#: C0 and C1 controls (but not the tab and the line breaks, handled apart), direction marks, half characters, byte order mark
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
#: everything that some reader takes for a line break
_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\n\u00a0]+")
#: an address that stays as it is, whatever else is asked of it: not worth the tenth of a millisecond of the whole rule
_ORDINARY = re.compile(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,20}")
_LONGEST = 64  # of the whole: so each of its parts is short enough
_NOT_PUBLIC = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test", "example"})
_NOT_IN_A_LINK = re.compile('[\\s\x00-\x20\x7f"<>\\\\^`{|}]')


def tidy(text: str) -> str:
    """The text with line breaks as `\\n` and everything that cannot be seen taken out."""
    return _UNWANTED.sub("", _BREAKS.sub("\n", text)).replace("\t", " ").strip()


def one_line(text: str) -> str:
    """The text on a single line, each run of spaces made one."""
    if text.isascii() and text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:
        return text
    return _SPACES.sub(" ", tidy(text)).strip()


def web_link(link: str | None) -> str | None:
    """The link if it is an ordinary web address that can be opened with a click, else None."""
    if not link or _NOT_IN_A_LINK.search(link.strip()):
        return None
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return None
    return link.strip() if parts.scheme.lower() in ("https", "http") and parts.hostname else None


def plain_address(address: str | None) -> str:
    """One e-mail address as mail servers take it, its domain in ASCII. Raises `BadInput` for none, for two, for anything else."""
    if not address:
        raise BadInput("There is no e-mail address to send to.")
    if _ORDINARY.fullmatch(address) and len(address) <= _LONGEST and address.rpartition(".")[2] not in _NOT_PUBLIC:
        return address
    try:
        # test_environment: the reserved name .test is an address like any other here
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True, test_environment=True)
    except EmailNotValidError as error:
        raise BadInput("That is not an e-mail address that we can send to. Please check it.") from error
    if found.ascii_email is None:
        raise BadInput("That is not an e-mail address that we can send to. Please check it.")
    return found.ascii_email
