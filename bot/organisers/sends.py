"""When a large send will be through, in words; and the list of what waits to be sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from discord import ui

from bot.cards import GOOD, OPEN, button, card, line, row
from bot.organisers import ids
from bot.organisers.access import organised_programme
from bot.pressing import Press, on_press
from bot.text import clock, day_short, plain
from domain.kinds import Channel
from domain.letters.names import NAMES
from domain.programmes import ProgrammeView
from domain.schedule.telling import counted
from domain.sends import Sends, mails_owed, sends, through_at
from domain.times import day_of

#: a send that is through sooner than this is not worth a sentence
SOON = timedelta(minutes=1)

WAYS = {Channel.EMAIL: "by e-mail", Channel.CHAT: "as a direct message", Channel.BOARD: "in a channel"}


def through_words(at: datetime, now: datetime, zone: str) -> str:
    """`The last e-mail leaves at about 10.15am.`; nothing where all leaves within a minute."""
    if at - now <= SOON:
        return ""
    day = "" if day_of(at, zone) == day_of(now, zone) else f" on {day_short(at, zone)}"
    return f"The last e-mail leaves{day} at about {clock(at, zone)}."


async def owed_words(press: Press, zone: str) -> str:
    """The same for everything that is owed now, after something was done that many hear of."""
    around = press.surroundings
    now = around.clock()
    owed = await around.store.read(mails_owed)
    return through_words(through_at(owed, 0, around.mails_per_minute, now), now, zone)


def sends_card(programme: ProgrammeView, found: Sends, per_minute: int | None, *, now: datetime) -> ui.LayoutView:
    """What waits, by kind and way, and when it will be through."""
    again = row(button("Look again", ids.sends(programme.id)))
    if not found.waits:
        return card((f"### Everything has been sent\n{plain(programme.title, 300)}", again), GOOD)
    total = sum(one.count for one in found.waits)
    listed = "\n".join(f"- {counted(one.count, *NAMES[one.kind])} {WAYS[one.channel]}" for one in found.waits)
    pace = f"We send at most {counted(per_minute, 'e-mail')} a minute. " if per_minute else ""
    later = f"{found.later:,} of these {'waits' if found.later == 1 else 'wait'} a while on purpose." if found.later else ""
    return card(
        (
            f"## {counted(total, 'message is', 'messages are')} still to be sent\n{plain(programme.title, 300)}",
            line(),
            listed,
            f"{pace}{through_words(found.through_at, now, found.zone)} {later}".strip() or None,
            again,
        ),
        OPEN,
    )


async def show_sends(press: Press, programme: ProgrammeView) -> None:
    """What waits to be sent about a programme."""
    around = press.surroundings
    now = around.clock()
    found = await around.store.read(sends, around.partnership_id, programme.id, around.mails_per_minute, now=now)
    await press.show(sends_card(programme, found, around.mails_per_minute, now=now))


@on_press(ids.SENDS)
async def pressed_sends(press: Press) -> None:
    """Look again."""
    await press.defer()
    await show_sends(press, await organised_programme(press, str(press.number("programme"))))
