"""An announcement as a message: in a person's direct messages, in a programme's channel, or as its organiser previews it. Pure."""

from __future__ import annotations

from discord import ui

from bot.cards import OPEN, WAIT, card
from bot.limits import CARD_TEXT
from bot.text import plain, plain_lines
from domain.letters.matters import AnnouncementMatter

TRIAL = "-# This is a trial. Only you can see it."
WORDS = CARD_TEXT - 700  #: what a heading and a foot leave of a card


def announcement_card(matter: AnnouncementMatter) -> ui.LayoutView:
    """The words of an announcement, shown as they were typed: no ping and no markdown of theirs does anything."""
    return card((said(matter), foot(matter), TRIAL if matter.trial else None), WAIT if matter.trial else OPEN)


def said(matter: AnnouncementMatter) -> str:
    """Subject and words."""
    return f"### {plain(matter.subject, 300)}\n{plain_lines(matter.words, WORDS)}"


def foot(matter: AnnouncementMatter) -> str | None:
    """What it is about, small."""
    return f"-# {plain(matter.about, 300)}" if matter.about else None
