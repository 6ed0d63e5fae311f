"""What the DNS says of the server that our mail leaves through, asked of a name server on this machine."""

from __future__ import annotations

import pytest

from domain.findings import Finding, Sign
from integrations.sender_check import EXCHANGE, SenderLook
from tests.name_server import NameServer

DOMAIN, OUTLOOK = ("midlands.example", "TXT"), ("spf.protection.outlook.com", "TXT")
GOOD = "The DNS of midlands.example lets our mail server send for it (SPF)."
NONE = "midlands.example does not say who may send mail for it: there is no SPF record."
SEVERAL = "midlands.example has 2 SPF records, so none counts."
ANYBODY = "The SPF record of midlands.example lets anybody send (+all), so many refuse it."
UNTOLD = "midlands.example has an SPF record, but whether it covers our mail server could not be told."
BROKEN = "The SPF record of midlands.example cannot be followed: it is broken, or needs more than 10 look-ups."
NOT_NAMED = "The SPF record of midlands.example does not name spf.protection.outlook.com."
DMARC = "midlands.example says what becomes of forged mail (DMARC)."
NO_DMARC = "midlands.example does not say what becomes of forged mail: there is no DMARC record."
Records = dict[tuple[str, str], list[str]]


def spf(*texts: str) -> Records:
    """The domain's SPF records."""
    return {DOMAIN: [f'"v=spf1 {text}"' for text in texts]}


def chain(length: int) -> Records:
    """Records that each include the next."""
    links = {(f"s{number}.example", "TXT"): [f'"v=spf1 include:s{number + 1}.example -all"'] for number in range(length)}
    return {**links, **spf("include:s0.example -all")}


async def look(records: Records, server: str = "127.0.0.1", silent: frozenset[str] = frozenset()) -> list[Finding]:
    async with NameServer({("smtp.office365.com", "A"): ["192.0.2.9"], **records}, silent) as names:
        return await SenderLook("week@Midlands.example", server, nameserver=names.address).look()


@pytest.mark.parametrize(
    ("records", "server", "sign", "said"),
    [
        ({}, "127.0.0.1", Sign.MISSING, NONE),
        ({DOMAIN: ['"google-site-verification=1"', '"v=spf10 +all"']}, "127.0.0.1", Sign.MISSING, NONE),
        (spf("-all", "~all"), "127.0.0.1", Sign.MISSING, SEVERAL),
        (spf("+all"), "127.0.0.1", Sign.MISSING, ANYBODY),
        (spf("ip4:192.0.2.0/24 -all"), "127.0.0.1", Sign.UNSURE, UNTOLD),
        (spf("-ip4:127.0.0.1 ~all"), "127.0.0.1", Sign.UNSURE, UNTOLD),
        (spf("ip4:127.0.0.0/8 -all"), "127.0.0.1", Sign.OK, GOOD),
        (spf("ip6:::1 -all"), "::1", Sign.OK, GOOD),
        ({**spf("a:post.example -all"), ("post.example", "A"): ["127.0.0.1"]}, "127.0.0.1", Sign.OK, GOOD),
        ({**spf("a -all"), ("midlands.example", "A"): ["192.0.2.7"], ("post.example", "A"): ["192.0.2.7"]}, "post.example", Sign.OK, GOOD),
        (
            {**spf("mx -all"), ("midlands.example", "MX"): ["10 in.example."], ("in.example", "A"): ["127.0.0.1"]},
            "127.0.0.1",
            Sign.OK,
            GOOD,
        ),
        ({**spf("redirect=all.example"), ("all.example", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"']}, "127.0.0.1", Sign.OK, GOOD),
        ({**spf("redirect=all.example"), ("all.example", "TXT"): ['"v=spf1 +all"']}, "127.0.0.1", Sign.MISSING, ANYBODY),
        ({**spf("include:all.example -all"), ("all.example", "TXT"): ['"v=spf1 +all"']}, "127.0.0.1", Sign.UNSURE, UNTOLD),
        (spf("ip4:nonsense -all"), "127.0.0.1", Sign.MISSING, BROKEN),
        (chain(9), "127.0.0.1", Sign.UNSURE, UNTOLD),
        (chain(12), "127.0.0.1", Sign.MISSING, BROKEN),
        ({DOMAIN: ['"v=spf1 include:spf.protection." "outlook.com -all"'], OUTLOOK: ['"v=spf1 -all"']}, EXCHANGE, Sign.OK, GOOD),
        (spf("ip4:127.0.0.1 -all"), EXCHANGE, Sign.MISSING, NOT_NAMED),
    ],
)
async def test_what_the_record_says_of_our_mail_server(records: Records, server: str, sign: Sign, said: str) -> None:
    first, second = await look(records, server)
    assert ((first.sign, first.sentence), (second.sign, second.sentence)) == ((sign, said), (Sign.UNSURE, NO_DMARC))


async def test_dmarc_is_a_hint() -> None:
    _, second = await look({("_dmarc.midlands.example", "TXT"): ['"v=DMARC1; p=reject"']})
    assert (second.sign, second.sentence) == (Sign.OK, DMARC)


async def test_a_name_server_that_refuses_is_no_fault_of_the_domain() -> None:
    (only,) = await look({}, silent=frozenset({"midlands.example"}))
    assert (only.sign, only.sentence) == (Sign.UNSURE, "The DNS did not say who may send mail for midlands.example.")
