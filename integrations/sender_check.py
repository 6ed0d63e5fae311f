"""Looking at the sender's domain in the DNS: whether it says that our mail server may send for it (SPF), and DMARC.

Without SPF many councils put invitations into quarantine. The rules are those of RFC 7208, as far as they can be told
without sending: ten look-ups, `include`, `redirect`, `a`, `mx` and address ranges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

from domain.findings import Finding, missing, ok, unsure

_MOST_LOOKUPS = 10
#: who sends for whom, where the server that takes our mail is not the one that brings it
_SENDS_FOR_US = {
    "smtp.office365.com": "spf.protection.outlook.com",
    "smtp-mail.outlook.com": "spf.protection.outlook.com",
    "smtp.gmail.com": "_spf.google.com",
    "smtp-relay.gmail.com": "_spf.google.com",
}
EXCHANGE = "smtp.office365.com"  #: what mail by Graph leaves through
Address = IPv4Address | IPv6Address


def _resolver(nameserver: tuple[str, int] | None) -> dns.asyncresolver.Resolver:
    """The machine's own resolver, or the one at an address and port."""
    if nameserver is None:
        return dns.asyncresolver.Resolver()
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = [nameserver[0]], nameserver[1], 5.0
    return resolver


class _Unreachable(Exception):
    """No resolver told anything."""


@dataclass
class _Record:
    """What an SPF record allows, with all that it includes."""

    names: set[str] = field(default_factory=set)  #: domains included
    allows: bool = False  #: one of the server's own addresses
    lookups: int = 0
    ending: str = ""  #: of the outermost record: -all, ~all, ?all, +all, or none
    broken: bool = False


class SenderLook:
    """Looks up one sender's domain. `server` is the name of the server that we hand our mail to.

    `nameserver` is whom to ask, an address and a port; None: whom this machine asks.
    """

    def __init__(self, sender: str, server: str, *, nameserver: tuple[str, int] | None = None) -> None:
        self._nameserver = nameserver
        self._domain = sender.rpartition("@")[2].lower()
        self._server = server.lower()

    async def look(self) -> list[Finding]:
        """SPF and DMARC."""
        try:
            self._resolver = _resolver(self._nameserver)
            return [await self._spf(), await self._dmarc()]
        except (_Unreachable, dns.exception.DNSException):
            return [unsure(f"The DNS did not say who may send mail for {self._domain}.", "Look whether this machine can look up names.")]

    async def _spf(self) -> Finding:
        records = await self._records(self._domain)
        if not records:
            ask = f"Ask whoever keeps the DNS of {self._domain} for an SPF record that names your mail server."
            return missing(f"{self._domain} does not say who may send mail for it: there is no SPF record.", ask)
        if len(records) > 1:
            return missing(f"{self._domain} has {len(records)} SPF records, so none counts.", "Ask for one that joins them.")
        record = _Record()
        await self._walk(self._domain, records[0], record, await self._own_addresses())
        return self._judged(record)

    def _judged(self, record: _Record) -> Finding:
        us = _SENDS_FOR_US.get(self._server)
        if record.lookups > _MOST_LOOKUPS or record.broken:
            said = f"The SPF record of {self._domain} cannot be followed: it is broken, or needs more than {_MOST_LOOKUPS} look-ups."
            return missing(said, "Ask whoever keeps the DNS to shorten it.")
        if record.ending == "+all":
            return missing(f"The SPF record of {self._domain} lets anybody send (+all), so many refuse it.", "Ask for -all or ~all.")
        if record.allows or (us is not None and us in record.names):
            return ok(f"The DNS of {self._domain} lets our mail server send for it (SPF).")
        if us is not None:
            return missing(f"The SPF record of {self._domain} does not name {us}.", f"Ask whoever keeps the DNS to add include:{us}.")
        ask = f"Ask your mail people which servers bring the mail of {self._server} to others, and whether the record names them."
        return unsure(f"{self._domain} has an SPF record, but whether it covers our mail server could not be told.", ask)

    async def _walk(self, domain: str, text: str, record: _Record, own: set[Address], depth: int = 0) -> None:
        for term in text.split()[1:]:
            if record.lookups > _MOST_LOOKUPS or record.broken:
                return
            mechanism = term.lstrip("+-~?").casefold()
            if mechanism == "all":
                record.ending = record.ending or ("all" if depth else (term if term[0] in "+-~?" else "+all").casefold())
            elif term[0] in "-~?":
                continue  # it names who may not
            else:
                await self._term(domain, mechanism, record, own, depth)

    async def _term(self, domain: str, term: str, record: _Record, own: set[Address], depth: int) -> None:
        name, _, value = term.replace("redirect=", "redirect:").partition(":")
        if name in ("ip4", "ip6"):
            record.allows |= _within(own, value, record)
        elif name in ("include", "redirect") and value:
            record.lookups += 1
            record.names.add(value.rstrip("."))
            for inner in (await self._records(value))[:1]:
                await self._walk(value, inner, record, own, depth + (name == "include"))
        elif name.partition("/")[0] in ("a", "mx"):
            record.lookups += 1
            target = value.partition("/")[0] or domain
            hosts = [target] if name.startswith("a") else await self._names(target)
            for host in hosts:
                record.allows |= bool(own & await self._addresses(host))
        elif name in ("exists", "ptr"):
            record.lookups += 1

    async def _dmarc(self) -> Finding:
        texts = [text for text in await self._texts(f"_dmarc.{self._domain}") if text.casefold().startswith("v=dmarc1")]
        if texts:
            return ok(f"{self._domain} says what becomes of forged mail (DMARC).")
        ask = f"You can do without it. Or ask whoever keeps the DNS for a record at _dmarc.{self._domain}: some providers want one."
        return unsure(f"{self._domain} does not say what becomes of forged mail: there is no DMARC record.", ask)

    # ── the DNS ─────────────────────────────────────────────────────────────────────────────────────────

    async def _records(self, domain: str) -> list[str]:
        return [text for text in await self._texts(domain) if text.casefold().split(" ", 1)[0] == "v=spf1"]

    async def _texts(self, domain: str) -> list[str]:
        found = await self._ask(domain, dns.rdatatype.TXT)
        return [b"".join(one.strings).decode("ascii", "replace") for one in found]

    async def _names(self, domain: str) -> list[str]:
        return [str(one.exchange).rstrip(".") for one in await self._ask(domain, dns.rdatatype.MX)]

    async def _addresses(self, host: str) -> set[Address]:
        found = [*await self._ask(host, dns.rdatatype.A), *await self._ask(host, dns.rdatatype.AAAA)]
        return {ip_address(one.address) for one in found}

    async def _own_addresses(self) -> set[Address]:
        try:
            return {ip_address(self._server)}
        except ValueError:
            return await self._addresses(self._server)

    async def _ask(self, name: str, kind: dns.rdatatype.RdataType) -> list[Any]:
        try:
            return list(await self._resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError):
            raise _Unreachable from None


def _within(own: set[Address], network: str, record: _Record) -> bool:
    try:
        wanted = ip_network(network, strict=False)
    except ValueError:
        record.broken = True
        return False
    return any(one in wanted for one in own)
