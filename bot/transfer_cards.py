"""What a giver is told in chat of the place that they offered to a colleague. Pure."""

from __future__ import annotations

from discord import ui

from bot import ids
from bot.cards import GOOD, WAIT, button, card, row
from bot.text import plain, when
from domain.letters.matters import TransferMatter
from domain.ports.letters import Letter

_SAID = {
    "agreed": ("Your colleague has your place", "{colleague} has taken it. You do not need to do anything. It will go from your calendar."),
    "declined": ("Your place is still yours", "{colleague} has said no to it. You can ask somebody else, or cancel."),
    "cannot": ("Your place is still yours", "{colleague} cannot take it. You can ask somebody else, or cancel."),
    "lapsed": ("Your place is still yours", "{colleague} did not answer in time. You can ask again, or cancel."),
    "tries": (
        "Your place is still yours",
        "The code that we sent to {colleague} was typed wrongly too often, so it no longer works. You can ask again.",
    ),
}


def told_card(letter: Letter, matter: TransferMatter) -> ui.LayoutView:
    """What came of it, and the session to look at."""
    assert letter.session is not None
    session = letter.session
    heading, words = _SAID[matter.outcome]
    gone = matter.outcome == "agreed"
    return card(
        (
            f"### {heading}\n{words.format(colleague=plain(matter.colleague, 200))}",
            f"**{plain(session.title, 240)}**\n{when(session.starts_at, session.ends_at, session.zone)}",
            None if gone else row(button("Look at the session", ids.show(session.session_id))),
        ),
        GOOD if gone else WAIT,
    )
