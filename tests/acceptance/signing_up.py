"""A published week over real sockets, and somebody new who signs up for it: how acceptance tests begin."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from rehearsal.mailbox import Arrived
from tests.acceptance.discord_people import Seen, Someone
from tests.acceptance.installation import Installation

#: a Monday in March, far enough ahead that nothing falls due while the tests run
WEEK = datetime(datetime.now(UTC).year + 8, 3, 1, tzinfo=UTC)
MONDAY = WEEK + timedelta(days=(7 - WEEK.weekday()) % 7)
SCHEDULE = f"""Date,Start,End,Title,Presenter,Platform,Location,Capacity
{MONDAY:%d/%m/%Y},09:30,10:15,Strengths-based practice,Coventry City Council,Zoom,,2
{MONDAY:%d/%m/%Y},11:00,12:00,Professional curiosity,Dudley MBC,Zoom,,30
{MONDAY:%d/%m/%Y},14:00,15:00,Court skills,Solihull MBC,In person,"Council House, room 2",12
"""
ADDRESS = "alice.adams@coventry.gov.uk"
ALICE: dict[str, Any] = {"name": "Alice Adams", "email": ADDRESS, "organisation": "Coventry City Council", "area": ["children"]}


async def published(installation: Installation) -> Someone:
    """An organiser makes a programme from a file and publishes it, all in chat. Where there is Teams, its first session is held there."""
    schedule = SCHEDULE.replace("Zoom", "MS Teams", 1) if installation.teams else SCHEDULE
    olu = installation.discord.join("Olu", organiser=True)
    made = await olu.command(
        "programme create", title="Practice week", kind="practice_week", first_day=f"{MONDAY:%d %B %Y}", last_day=f"{MONDAY:%d %B %Y}"
    )
    assert made.headline == "### Practice week is ready to be filled"
    ((programme, words),) = (await olu.suggestions("programme publish", "programme", "prac")).items()
    assert words == f"Practice week · {MONDAY:%d/%m/%Y} (draft)"
    preview = await olu.command("programme import", programme=programme, file=("week.csv", schedule.encode()))
    imported = await olu.press(preview, preview.labels[0])
    assert "3 sessions added" in imported.text
    asked = await olu.command("programme publish", programme=programme, channel=installation.discord.practice_week)
    done = await olu.press(asked, "Publish")
    assert done.headline == "### Practice week is published"
    return olu


async def card(person: Someone, title: str) -> Seen:
    """A session's card, found by the menus of the day that is posted in the channel."""
    await person.discord.until(lambda: any(title in seen.text or title in str(seen.options) for seen in person.posted()))
    day = next(seen for seen in person.posted() if title in str(seen.options))
    value = next(value for value, label in day.options.items() if title in label)
    return await person.choose(day, value)


def words(mail: Arrived) -> str:
    """The plain text of a mail."""
    part = mail.message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def code_in(mail: Arrived) -> str:
    """The six digits of a mail."""
    (code,) = re.findall(r"^\s*(\d{3} ?\d{3})\s*$", words(mail), flags=re.MULTILINE)
    return str(code)


async def signs_up(installation: Installation, person: Someone, title: str, answers: dict[str, Any]) -> Seen:
    """Somebody new books: the form, the mail with the code, the code. What they see in the end."""
    form = await person.press(await card(person, title), "Book")
    held = await person.fill(form, **answers)
    assert "place" in held.text
    (mail,) = await installation.mails(answers["email"])
    typing = await person.press(held, "Enter code")
    return await person.fill(typing, code=code_in(mail))
