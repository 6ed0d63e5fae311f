"""Where an import stands, in the ids of its own buttons: draft, fingerprint, page, what is ticked and what was answered.

Nothing is kept in memory, so a preview goes on after a restart. Ticks are bits over the sessions that are gone, written
in base 36; answers are a letter for each ambiguous row: `0` open, `1` a new session, `2` and on the candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.limits import MENU_OPTIONS
from domain.schedule.planned import PlannedRow
from domain.schedule.standing import Standing

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MOST_TICKS = 100  #: sessions that can be ticked: 20 letters
MOST_ANSWERS = 30  #: rows that can be asked about
MOST_CANDIDATES = MENU_OPTIONS - 1  #: one is "a new session"

_STATE = r":(?P<draft>[0-9]{1,12}):(?P<seen>[0-9a-f]{8}):(?P<page>[0-9]{1,3}):(?P<ticks>[0-9a-z]{1,20}):(?P<answers>[0-9a-z]{0,30})"
TURN = r"pw:import:(?P<verb>turn|back|reset)" + _STATE
CONFIRM = r"pw:import:(?P<verb>all|good)" + _STATE
TICK = r"pw:import:tick(?P<menu>[0-3])" + _STATE  # a menu: the values are places in the list of gone sessions
ANSWER = r"pw:import:row(?P<index>[0-9]{1,2})" + _STATE  # a menu: the value is a letter


@dataclass(frozen=True)
class ImportState:
    """One preview as one organiser has it on the screen."""

    draft_id: int
    seen: str = "00000000"  #: the fingerprint of the preview that is shown
    page: int = 0
    ticks: int = 0
    answers: str = ""

    @classmethod
    def of(cls, parts: Mapping[str, str | None]) -> ImportState:
        """From the named groups of a pressed id."""
        return cls(
            draft_id=int(parts["draft"] or 0),
            seen=parts["seen"] or "",
            page=int(parts["page"] or 0),
            ticks=int(parts["ticks"] or "0", 36),
            answers=parts["answers"] or "",
        )

    def id(self, verb: str) -> str:
        """The id of a button of this preview."""
        return f"pw:import:{verb}:{self.draft_id}:{self.seen}:{self.page}:{_base36(self.ticks)}:{self.answers}"

    # ── ticks ───────────────────────────────────────────────────────────────────────────────────────────

    def ticked(self, gone: Sequence[Standing]) -> tuple[Standing, ...]:
        """The gone sessions that are to be cancelled."""
        return tuple(one for bit, one in enumerate(gone[:MOST_TICKS]) if self.ticks >> bit & 1)

    def with_ticks(self, menu: int, chosen: Sequence[str]) -> ImportState:
        """After choosing in the menu that shows 25 gone sessions from `25 * menu` on; values are their places in the list."""
        first = MENU_OPTIONS * menu
        window = ((1 << MENU_OPTIONS) - 1) << first
        bits = sum(1 << int(value) for value in chosen if value.isdigit() and first <= int(value) < min(first + MENU_OPTIONS, MOST_TICKS))
        return replace(self, ticks=self.ticks & ~window | bits)

    # ── answers ─────────────────────────────────────────────────────────────────────────────────────────

    def letter(self, index: int) -> int:
        """The answer for the ambiguous row at `index`; 0 while it is open."""
        return DIGITS.index(self.answers[index]) if index < len(self.answers) else 0

    def with_answer(self, index: int, letter: int) -> ImportState:
        """After answering for a row. Other sessions may be gone now, so nothing stays ticked."""
        answers = self.answers.ljust(index + 1, "0")
        return replace(self, answers=answers[:index] + DIGITS[letter] + answers[index + 1 :], ticks=0, page=0)

    def answered(self, asked: Sequence[PlannedRow]) -> dict[int, int | None]:
        """The answers by row, as the import takes them."""
        found: dict[int, int | None] = {}
        for index, row in enumerate(asked[:MOST_ANSWERS]):
            letter = self.letter(index)
            if letter == 1:
                found[row.row] = None
            elif 2 <= letter < 2 + len(row.candidates):
                found[row.row] = row.candidates[letter - 2].session_id
        return found


def _base36(number: int) -> str:
    letters = ""
    while number:
        number, digit = divmod(number, 36)
        letters = DIGITS[digit] + letters
    return letters or "0"
