"""Looking at the pages for `practiceweek check`: whether people can open them, and whether their links can be guessed."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from domain.findings import Finding, Sign, missing, ok, unsure
from domain.links import LEAST_KEY
from practiceweek.settings.checks import THIS_MACHINE
from practiceweek.settings.installation import Settings

#: what an address looks like that was never changed
EXAMPLE = "practice-week.example.org"
MAKE_A_KEY = 'Make one with: echo "PRACTICEWEEK_WEB_KEY=$(openssl rand -base64 32)", and put that line among the secrets.'
START = "Start them: practiceweek run, or practiceweek run --only web. See docs/pages.md for the web server in front."
_LEAST_LETTERS = 8


async def look_at_pages(settings: Settings, http: httpx.AsyncClient) -> list[Finding]:
    """The key, the address, and whether the pages answer there. Changes nothing."""
    address = _address(settings.web.address)
    found = [*_key(settings.secrets.web_key.get_secret_value()), address]
    if address.sign is Sign.OK:
        found.append(await _answers(settings.web.address, http))
    return found


def _key(key: str) -> list[Finding]:
    if not key:
        return []  # what the settings lack says so, once
    if len(key.encode()) < LEAST_KEY:
        return [missing("The key for the links in e-mails is too short, so links could be guessed.", MAKE_A_KEY)]
    if len(set(key)) < _LEAST_LETTERS:
        return [missing("The key for the links in e-mails repeats itself, so links could be guessed.", MAKE_A_KEY)]
    return [ok("The key for the links in e-mails is there, and long enough.")]


def _address(address: str) -> Finding:
    parts = urlsplit(address)
    if parts.hostname == EXAMPLE:
        return missing("web.address is still the one of our example.", "Write the address that people open the pages at.")
    if parts.scheme != "https" and parts.hostname not in THIS_MACHINE:
        said = "web.address does not begin with https://, so others could read what people open and type."
        return missing(said, "Give the web server in front a certificate, and write https:// there.")
    return ok(f"The links in e-mails lead to {address}.")


async def _answers(address: str, http: httpx.AsyncClient) -> Finding:
    """By a page that every installation has, and that asks nobody's database."""
    try:
        answer = await http.get(f"{address}/accessibility")
    except httpx.HTTPError as fault:
        why = "its certificate is not one that we trust" if "CERTIFICATE" in str(fault).upper() else "nothing answered"
        return unsure(f"The pages could not be opened at {address}: {why}.", START)
    if answer.status_code != 200:
        return unsure(f"The pages could not be opened at {address}: the answer was {answer.status_code}.", START)
    return ok(f"The pages answer at {address}.")
