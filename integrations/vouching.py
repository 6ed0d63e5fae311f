"""Vouching: whether the mail server that took a mail in says that its sender is who they say (RFC 8601).

Anybody can write any address after From. Servers test it by SPF, DKIM and DMARC, and write what they found at the top of the mail, in
Authentication-Results. A stranger may have written such a line too, further down; so only the topmost one counts, and only where it
bears our own server's name.

Exchange Online writes no name. It always adds its line to mail from outside; mail from within the organisation it marks in a header that
it takes away from everybody else's mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

#: as the name of the server: Exchange Online, which writes none
EXCHANGE = "exchange"
_WITHIN = "X-MS-Exchange-Organization-AuthAs"
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_METHOD = re.compile(r"(dmarc|dkim|spf)\s*=\s*([a-z]+)")
_PROPERTY = re.compile(r"(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]+)")
_OF = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


@dataclass(frozen=True)
class Voucher:
    """Whose word counts: the name that our server writes first in Authentication-Results. `required` False: nobody's is needed."""

    server: str
    required: bool = True

    def vouches(self, message: EmailMessage, sender: str) -> bool:
        """Whether the mail may be taken for the sender's own."""
        if not self.required:
            return True
        lines = message.get_all("Authentication-Results", [])
        if self.server == EXCHANGE and [str(value).strip().casefold() for value in message.get_all(_WITHIN, [])] == ["internal"]:
            return True
        domain = sender.rpartition("@")[2].casefold()
        return bool(lines) and any(_is_akin(shown, domain) for shown in self._passed(str(lines[0]).casefold()))

    def _passed(self, line: str) -> Iterator[str]:
        """The domains for which a test was passed."""
        line = _bare(line)
        first, _, rest = line.partition(";")
        if self.server == EXCHANGE:
            if "=" not in first:
                return  # it bears a name, so somebody else wrote it
            rest = line
        elif not self.server or first.split()[:1] != [self.server.casefold()]:
            return
        for one in rest.split(";"):
            method = _METHOD.match(one.strip())
            if method is not None and method[2] == "pass":
                yield from (value.rpartition("@")[2].strip(".") for name, value in _PROPERTY.findall(one) if name in _OF[method[1]])


def _bare(line: str) -> str:
    """Without comments, and without quoted words, in which a stranger's own text may stand. Empty where it does not come out even."""
    line = _QUOTED.sub("quoted", line)
    while (shorter := _COMMENT.sub(" ", line)) != line:  # from the inside outwards: they nest
        line = shorter
    return "" if any(mark in line for mark in '()"\\') else line


def _is_akin(shown: str, domain: str) -> bool:
    """Whether both are of one organisation, as far as their names tell: the same, or one below the other."""
    return "." in shown and (shown == domain or shown.endswith(f".{domain}") or domain.endswith(f".{shown}"))
