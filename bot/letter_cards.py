"""A letter as a direct message: plain words, and the buttons that go with it. Pure.

Only here does a link to join appear in chat: in a message to the person whose place it is.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot import ids
from bot.announcing import announcement_card
from bot.cards import GOOD, OPEN, OVER, PRIMARY, WAIT, Part, button, card, row
from bot.certificates import certificate_card
from bot.digests import digest_card
from bot.feedback import prompt_card
from bot.limits import cut
from bot.presenting import presenting_card, results_card
from bot.reminder_cards import day_card
from bot.text import clock, plain, plain_lines, stamp, when
from bot.transfer_cards import told_card
from domain.errors import Permanent
from domain.kinds import Kind, Provider
from domain.letters.matters import (
    AnnouncementMatter,
    CertificateMatter,
    DigestMatter,
    OfferMatter,
    PresentingMatter,
    ResultsMatter,
    TransferMatter,
)
from domain.modes import joins_by_link
from domain.ports.letters import Letter, SessionFacts

LONGEST_ADDRESS = 512  # of a button that opens a page


def letter_card(letter: Letter) -> ui.LayoutView:
    """The message for a letter. Raises `Permanent` for one that is never told in chat."""
    if isinstance(letter.matter, AnnouncementMatter):
        return announcement_card(letter.matter)
    if isinstance(letter.matter, CertificateMatter):
        return certificate_card(letter.matter.facts)
    if isinstance(letter.matter, DigestMatter):
        return digest_card(letter.matter)
    if isinstance(letter.matter, TransferMatter) and letter.session is not None and letter.recipient.discord_id is not None:
        return told_card(letter, letter.matter)
    if letter.also:
        return day_card(letter)
    if isinstance(letter.matter, ResultsMatter) and letter.session is not None:
        return results_card(letter.session.title, letter.matter)
    if isinstance(letter.matter, PresentingMatter) and letter.session is not None:
        return presenting_card(letter, letter.matter, letter.session)
    if letter.session is None or (letter.kind not in _SAID and letter.kind is not Kind.FEEDBACK):
        raise Permanent("this is not sent by chat")
    session = letter.session
    if letter.kind is Kind.FEEDBACK:
        return prompt_card(session.session_id, session.title, session.starts_at, session.ends_at, session.zone)
    heading, words, colour = _WAITING if letter.waiting else _SAID[letter.kind]
    said = words.format(
        starts=stamp(session.starts_at, "R"),
        until=clock(letter.until, session.zone) if letter.until else "the time when it ends",
        reason=f"\nThe organisers say: {plain_lines(letter.reason, 600)}" if letter.reason else "",
        changed=_changed(letter.changes),
    )
    if isinstance(letter.matter, OfferMatter) and letter.matter.others:
        said += f"\nAt the same time you have: {plain(', '.join(letter.matter.others), 600)}."
    if letter.whole:
        said += f"\nThis counts for all parts of {plain(letter.whole, 240)} that are still to come."
    facts = _facts(letter, session) if letter.kind in _WITH_FACTS else None
    return card(
        (
            f"### {heading.format(title=plain(session.title, 240))}\n{said}",
            f"**{plain(session.title, 240)}**\n{when(session.starts_at, session.ends_at, session.zone)}",
            facts,
            _long_link(letter, session),
            _buttons(letter, session),
        ),
        colour,
    )


_SAID: dict[Kind, tuple[str, str, discord.Colour]] = {
    Kind.REMINDER: ("Reminder", "Your session starts {starts}.", OPEN),
    Kind.PROMOTION: (
        "You have a place",
        "A place has come free, and it is yours. We are sending the invitation to your e-mail. If you cannot come, please cancel.",
        GOOD,
    ),
    Kind.OFFER: (
        "A place has come free",
        "You have another session at the same time, so we ask first. The place is kept for you until {until}.",
        WAIT,
    ),
    Kind.LAPSED: (
        "Your place has gone",
        "We kept a place for you, but it was not confirmed in time. You can ask for a place again.",
        OVER,
    ),
    Kind.WAITING_CLOSED: (
        "The waiting list has closed",
        "The session starts soon, and no place has come free for you. If you can still come, look once more: "
        "a free place now goes to whoever books it first.",
        OVER,
    ),
    Kind.CANCELLATION: ("This session is called off", "You do not need to do anything.{reason}", OVER),
    Kind.UPDATE: ("Your session has changed", "{changed}", WAIT),
    Kind.INVITATION: ("You are booked", "The invitation is on its way to your e-mail.", GOOD),
}
#: an update to somebody who waits, or whose place is only kept
_WAITING = ("A session that you asked for has changed", "{changed} If it no longer suits you, open it and leave the waiting list.", WAIT)
_WITH_FACTS = (Kind.REMINDER, Kind.PROMOTION, Kind.OFFER, Kind.UPDATE, Kind.INVITATION)
_CHANGES = {
    "time": "the time",
    "held": "how it is held",
    "place": "the place",
    "link": "the link to join",
    "title": "the title",
    "notes": "the notes",
    "materials": "what there is to read",
}


def _changed(changes: tuple[str, ...]) -> str:
    words = [_CHANGES.get(change, change) for change in changes]
    if not words:
        return "Here is how it is now."
    listed = ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]
    return f"What is new: {listed}. Here is how it is now."


def _facts(letter: Letter, session: SessionFacts) -> str | None:
    online = joins_by_link(session.format, letter.mode)
    no_place_yet = letter.kind is Kind.OFFER or letter.waiting
    people = " · ".join(plain(text, 200) for text in (session.presenter, session.organisation) if text)
    lines = (
        ("Where", None if online else plain(session.venue or "to be told", 300)),
        ("With", people),
        ("Good to know", plain_lines(session.notes, 800)),
        ("Link", "on its way: we send it by e-mail" if online and not session.join_url and not no_place_yet else None),
    )
    return "\n".join(f"**{what}:** {words}" for what, words in lines if words) or None


def _link(letter: Letter, session: SessionFacts) -> str | None:
    wanted = letter.kind in (Kind.REMINDER, Kind.PROMOTION, Kind.UPDATE, Kind.INVITATION) and joins_by_link(session.format, letter.mode)
    link = session.join_url if wanted else None
    return link if link and link.startswith("https://") else None


def _long_link(letter: Letter, session: SessionFacts) -> str | None:
    """A link that is too long for a button stands as text."""
    link = _link(letter, session)
    return f"Join here: {cut(link, 1000)}" if link and len(link) > LONGEST_ADDRESS else None


def _join_button(letter: Letter, session: SessionFacts) -> ui.Button[Any] | None:
    link = _link(letter, session)
    if link is None or len(link) > LONGEST_ADDRESS:
        return None
    on = {Provider.TEAMS: " on Teams", Provider.ZOOM: " on Zoom"}.get(session.provider or Provider.GIVEN, "")
    return ui.Button(label=f"Join{on}", url=link)


def _buttons(letter: Letter, session: SessionFacts) -> Part | None:
    session_id = session.session_id
    if letter.kind is Kind.OFFER:
        clash = letter.matter.mark if isinstance(letter.matter, OfferMatter) else ""
        return row(button("Take the place", ids.take(session_id, clash=clash), PRIMARY), button("No, thank you", ids.cancel(session_id)))
    if letter.kind in (Kind.LAPSED, Kind.WAITING_CLOSED) or letter.waiting:
        return row(button("Look at the session", ids.show(session_id)))
    if letter.kind is Kind.CANCELLATION:
        return None
    return row(_join_button(letter, session), button("Cancel my place", ids.cancel(session_id)))
