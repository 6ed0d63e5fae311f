"""The sheets of a certificate. One A4 sheet, landscape; a long list goes on upon further sheets.

The file says what it is and in which language, and its headings and lists are marked as such, so that a screen reader can
find its way. The typeface is DejaVu, which has the letters of every European name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.prefs import ViewerPreferences

from domain.records import Attended, hours_words
from domain.times import day_of, day_words
from integrations.plain import one_line
from integrations.typefaces import dejavu

_INK, _ACCENT, _QUIET, _PALE = (26, 32, 44), (11, 79, 138), (90, 98, 112), (226, 234, 243)
_WIDTH, _HEIGHT, _EDGE = 297.0, 210.0, 26.0
_LINE, _DAY, _LENGTH = 7.4, 62.0, 38.0  # of the list: a line, and its outer columns
_FOOT = 26.0  # kept free below for the number


class CertificatePages(FPDF):
    """The sheet: a border, a foot with its number, and what is written between."""

    def __init__(self, title: str, foot: str) -> None:
        super().__init__(orientation="landscape", unit="mm", format="A4")
        self._foot = foot
        fonts = dejavu()
        self.add_font("Serif", "", fonts / "DejaVuSerif.ttf")
        self.add_font("Serif", "B", fonts / "DejaVuSerif-Bold.ttf")
        self.add_font("Sans", "", fonts / "DejaVuSans.ttf")
        self.add_font("Sans", "B", fonts / "DejaVuSans-Bold.ttf")
        self.set_title(title)
        self.set_lang("en-GB")
        self.set_creator("Practice Week")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)  # the window shows the title, not the file's name
        self.set_margins(_EDGE, 24, _EDGE)
        self.set_auto_page_break(True, _FOOT)
        self.add_page()

    def header(self) -> None:
        """A quiet border on every sheet."""
        with self._decoration():
            self.set_fill_color(*_ACCENT)
            self.rect(0, 0, 9, _HEIGHT, style="F")
            self.set_draw_color(*_PALE)
            self.set_line_width(0.5)
            self.line(_EDGE, _HEIGHT - 20, _WIDTH - _EDGE, _HEIGHT - 20)
        self.set_y(24)

    def footer(self) -> None:
        """The number, at the foot of every sheet."""
        self.set_y(-17)
        self._write("Sans", "", 9, _QUIET, self._foot, 5)

    def opening(self, partnership: str, what: str, person: str, did: str, course: str) -> None:
        """The words that count: who did what."""
        self._write("Sans", "B", 12, _ACCENT, one_line(partnership), 7)
        self.ln(5)
        self._write("Serif", "", 30, _INK, what, 14, tag="H1")
        self.ln(6)
        self._write("Sans", "", 11, _QUIET, "This is to say that", 7)
        self._write("Serif", "B", self._size_for(person, 26), _INK, one_line(person), 13)
        self._write("Sans", "", 11, _QUIET, did, 7)
        self._write("Serif", "B", self._size_for(course, 19), _ACCENT, one_line(course), 10)
        self.ln(2)

    def fact(self, words: str) -> None:
        """One line of facts."""
        self._write("Sans", "", 12, _INK, words, 8)
        self.ln(3)

    def sessions(self, sessions: Sequence[Attended]) -> None:
        """What was attended: the day, the title and how long it was."""
        self._write("Sans", "B", 10, _QUIET, "What was attended", 7, tag="H2")
        for one in sessions:
            by = f"  ({one_line(one.organisation)})" if one.organisation else ""
            self._row(day_words(day_of(one.starts_at, one.zone)), f"{one_line(one.title)}{by}", hours_words(one.minutes))

    def finished(self) -> bytes:
        """The file."""
        return bytes(self.output())

    def _row(self, when: str, what: str, length: str) -> None:
        if self.will_page_break(_LINE):
            self.add_page()
        room = _WIDTH - 2 * _EDGE - _DAY - _LENGTH
        self.set_text_color(*_INK)
        self.set_font("Sans", "", 10)
        with self._tagged("P"):
            self.cell(_DAY, _LINE, when)
            self.cell(room, _LINE, self._cut(what, room - 2))
            self.cell(_LENGTH, _LINE, length, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _write(
        self, family: str, style: str, size: float, colour: tuple[int, int, int], words: str, height: float, *, tag: str = "P"
    ) -> None:
        self.set_font(family, style, size)
        self.set_text_color(*colour)
        with self._tagged(tag):
            self.multi_cell(0, height, words, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    @contextmanager
    def _tagged(self, tag: str) -> Iterator[None]:
        """Mark what is written as a heading or a paragraph (PDF 32000, 14.8.4). fpdf2 itself marks pictures only."""
        number = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{tag}", mcid=number)
        self._out(f"/{tag} <</MCID {number}>> BDC")
        yield
        self._out("EMC")

    @contextmanager
    def _decoration(self) -> Iterator[None]:
        """Nothing to read aloud."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def _size_for(self, words: str, size: float) -> float:
        """The size at which one line holds the words, down to half of it."""
        self.set_font("Serif", "B", size)
        return max(size / 2, min(size, size * (_WIDTH - 2 * _EDGE - 4) / max(self.get_string_width(one_line(words)), 1)))

    def _cut(self, words: str, room: float) -> str:
        if self.get_string_width(words) <= room:
            return words
        while words and self.get_string_width(words + "…") > room:
            words = words[:-1]
        return words.rstrip() + "…"
