"""Transcripts: all that was said in the acted-out Discord, written down where it was said, each line with its hour."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from rehearsal.seen import Seen, lines_of


class Transcripts:
    """A text for each channel, and one for each person's private replies and direct messages."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = defaultdict(list)
        self._names: dict[int, str] = {}

    def meet(self, account: int, name: str) -> None:
        """From now on this account is called so."""
        self._names[account] = name

    def name_of(self, account: int) -> str:
        """What it is called."""
        return self._names.get(account, "someone")

    def answered(self, name: str, words: str, seen: Seen, *, now: datetime) -> None:
        """Somebody did what the words say, and saw this."""
        self._lines[name].append(f"{_hour(now)} {name}: {words}")
        if seen.form is not None:
            self._lines[name].append(f"    (a form: {seen.form['title']})")
        elif seen.text or seen.buttons:
            self._lines[name] += lines_of(seen)

    def said(self, where: str, seen: Seen, *, changed: bool, now: datetime) -> None:
        """The bot said this to a person, or in a channel; `changed`: it said something else there before."""
        self._lines[where].append(f"{_hour(now)} Practice Week{' (changed)' if changed else ''}")
        self._lines[where] += lines_of(seen)

    def texts(self) -> dict[str, str]:
        """Each text, by the name of its channel or person."""
        return {who: "\n".join(lines) + "\n" for who, lines in sorted(self._lines.items())}

    def of_people(self) -> dict[int, str]:
        """Those of people, by their account."""
        texts = self.texts()
        return {account: texts[name] for account, name in self._names.items() if name in texts}


def shown(value: Any) -> str:
    """What somebody typed, chose or sent, as it is written down."""
    if isinstance(value, tuple):
        return str(value[0])
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _hour(now: datetime) -> str:
    return f"{now:%Y-%m-%d %H:%M}"
