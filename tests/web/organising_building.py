"""What tests of the organisers' pages read in them, and in what came of them."""

from __future__ import annotations

import re

import httpx
from sqlmodel import col

from domain.models import AuditEntry, Session
from tests.building import Building, rows
from tests.web.conftest import stamp


def trail(building: Building) -> list[str]:
    """What the audit says that organisers did by page."""
    found = building.read(rows, AuditEntry, col(AuditEntry.actor).like("organiser:%"))
    return [one.action for one in found if one.action != "sign in"]


def text_of(response: httpx.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).replace("&#39;", "'").split())


def week_of(building: Building) -> str:
    return f"/organise/programme/{building.programme_id}"


def titles(building: Building) -> dict[str, Session]:
    return {one.title: one for one in building.read(rows, Session, Session.programme_id == building.programme_id)}


def sent_back(page: httpx.Response) -> dict[str, str]:
    """What stands in the fields of a page's form, hidden ones too, as a browser sends it."""
    return dict(re.findall(r'name="([a-z_]+)"[^>]* value="([^"]*)"', page.text))


async def confirmed(browser: httpx.AsyncClient, shown: httpx.Response, which: str, **fields: str) -> httpx.Response:
    """The button of a preview, pressed."""
    seen = re.search(r'name="seen" value="([^"]+)"', shown.text)
    assert seen
    return await browser.post(f"{shown.url.path}/{which}", data={"stamp": stamp(shown), "seen": seen[1], **fields})
