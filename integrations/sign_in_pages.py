"""The pages of a sign-in sheet: A4, upright or across, a line to sign for each person, the head of the table on every page.

The letters are DejaVu's, which hold every letter of Europe. The document says its title and its language, so that a screen
reader reads it as it should.
"""

from __future__ import annotations

from typing import Final

from fpdf import FPDF, ViewerPreferences
from fpdf.enums import TableCellFillMode
from fpdf.fonts import FontFace

from domain.ports.drawing import SignInLine, SignInSheet
from integrations.plain import one_line
from integrations.typefaces import dejavu

_FAMILY: Final = "DejaVu"
_MARGIN: Final = 14.0  # millimetres, as all lengths here
_SIGNING: Final = 11.0  # the height of a line to sign on
_SPARE: Final = 4  # empty lines for who comes without a place
_GREY: Final = (232, 236, 241)


class SignInPages(FPDF):
    """One sheet in the making."""

    def __init__(self, sheet: SignInSheet, *, landscape: bool) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
        self._sheet = sheet
        fonts = dejavu()
        self.add_font(_FAMILY, "", fonts / "DejaVuSans.ttf")
        self.add_font(_FAMILY, "B", fonts / "DejaVuSans-Bold.ttf")
        self.set_font(_FAMILY, size=10)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN + 6)
        self.set_title(f"Sign-in sheet: {one_line(sheet.title)}")
        self.set_author(one_line(sheet.partnership))
        self.set_lang("en-GB")
        self.set_creation_date(sheet.made_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def footer(self) -> None:
        """What every page says at its foot."""
        self.set_y(-_MARGIN)
        self.set_font(_FAMILY, size=8)
        self.cell(self.epw / 2, 5, f"Made on {self._sheet.made}. {one_line(self._sheet.partnership)}")
        self.cell(self.epw / 2, 5, f"Page {self.page_no()} of {{nb}}", align="R")

    def heading(self) -> None:
        """What the session is, and what the sheet asks of those who look after it."""
        sheet = self._sheet
        self._line(one_line(sheet.title), size=17, bold=True, height=8)
        self._line(sheet.when, size=11, bold=True, height=6)
        self._line(one_line(sheet.venue), size=11, height=6)
        self._line(one_line(sheet.programme), size=10, height=5.5)
        people = len(sheet.people)
        said = f"{people:,} {'person has' if people == 1 else 'people have'} a place."
        if sheet.private:
            said += " This session is private: please do not leave this sheet lying about, and shred it afterwards."
        self._line(said, size=10, height=5.5)
        self.ln(3)

    def _line(self, text: str, *, size: float, height: float, bold: bool = False) -> None:
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.multi_cell(0, height, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def people(self) -> None:
        """A line for each person, and a few for those who come without a place."""
        empty = () if self._sheet.private else (SignInLine("", ""),) * _SPARE
        self._table((*self._sheet.people, *empty), numbered=len(self._sheet.people))

    def waiting(self) -> None:
        """The waiting list at the foot, in its order."""
        if not self._sheet.waiting:
            return
        if self.will_page_break(3 * _SIGNING):
            self.add_page()
        self.ln(5)
        self._line("Waiting list, in order", size=12, bold=True, height=7)
        self._line("If a place is free at the start, give it to the first person on this list who is here.", size=9.5, height=6)
        self._table(self._sheet.waiting, numbered=len(self._sheet.waiting))

    def _table(self, lines: tuple[SignInLine, ...], *, numbered: int) -> None:
        self.set_font(_FAMILY, size=9.5)
        private = self._sheet.private
        head = ("", "Name", "Arrived at", "Signature") if private else ("", "Name", "Organisation", "Arrived at", "Signature")
        widths = (5, 45, 14, 36) if private else (5, 29, 27, 13, 26)
        with self.table(
            col_widths=widths,
            text_align="LEFT",
            headings_style=FontFace(emphasis="BOLD", fill_color=_GREY),
            cell_fill_mode=TableCellFillMode.NONE,
            min_row_height=_SIGNING,
            line_height=5,
            padding=1.2,
        ) as table:
            table.row(head)
            for place, line in enumerate(lines, 1):
                number = str(place) if place <= numbered else ""
                who = (one_line(line.name),) if private else (one_line(line.name), one_line(line.organisation))
                table.row((number, *who, "", ""))
