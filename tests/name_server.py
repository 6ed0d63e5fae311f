"""A small name server on 127.0.0.1: it answers what it is told, over UDP, and knows no other name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer(asyncio.DatagramProtocol):
    """`records` is by name and kind, such as ("council.example", "TXT"). A name in `silent` gets a refusal."""

    def __init__(self, records: Mapping[tuple[str, str], list[str]], silent: frozenset[str] = frozenset()) -> None:
        self._records = records
        self._silent = silent
        self.address = ("127.0.0.1", 0)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.address = self._transport.get_extra_info("sockname")[:2]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._transport.close()

    def datagram_received(self, content: bytes, who: tuple[str, int]) -> None:
        """One question."""
        query = dns.message.from_wire(content)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA | dns.flags.AA
        asked = query.question[0]
        name, kind = str(asked.name).rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        if name in self._silent:
            answer.set_rcode(dns.rcode.REFUSED)
        elif (name, kind) in self._records:
            answer.answer.append(dns.rrset.from_text_list(asked.name, 300, "IN", kind, self._records[name, kind]))
        elif not any(known == name for known, _ in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), who)
