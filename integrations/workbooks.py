"""XLSX files, looked at before they are opened: what they unpack to, whether they hold macros, and which formulas have no result.

A zip may say one size and unpack to another, and two readers may see two different files in it. So its parts are
unpacked here, none further than it says, and packed anew: what was checked is what is read.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from domain.courtesy import give_way
from domain.errors import BadInput
from domain.schedule.values import FormulaWithoutValue

#: all parts together, unpacked
MOST_UNPACKED: Final = 60_000_000
MOST_PARTS: Final = 2_000
LAST_ROW: Final = 20_000
LAST_COLUMN: Final = 200
_READ: Final = (".xml", ".rels")
_BOMB: Final = "This file unpacks to far more than a schedule needs, so it was not opened. Please save the sheet as .csv and send that."
_WRONG_KIND: Final = "This is not a spreadsheet that can be read. Please save it as .xlsx or .csv and send that."
_DAMAGED: Final = "This spreadsheet is damaged and could not be opened. Please save it again and send the new file."
_MACROS: Final = "This spreadsheet holds macros, which are not accepted. Please save it as .xlsx, without macros."
_LOCKED: Final = "This spreadsheet is locked with a password. Please save a copy without the password and send that."

Markers = dict[tuple[int, int], object]


@dataclass(frozen=True)
class CheckedWorkbook:
    """A workbook that is safe to open. `unsaved` holds for each sheet the cells without a result: (row, column) from 0."""

    content: bytes
    unsaved: Mapping[str, Markers]

    def markers(self, sheet: str) -> Markers:
        """The cells of a sheet whose formulas have no result."""
        return self.unsaved.get(sheet, {})


def check_workbook(content: bytes) -> CheckedWorkbook:
    """Unpack, check and pack anew. Raises `BadInput` for a bomb, macros, a password or a file that is no XLSX."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = _unpacked(archive)
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as fault:
        raise BadInput(_DAMAGED) from fault
    except RuntimeError as fault:  # the zip itself has a password
        raise BadInput(_LOCKED) from fault
    if "[Content_Types].xml" not in parts or "xl/workbook.xml" not in parts:
        raise BadInput(_WRONG_KIND)
    if b"macroEnabled" in parts["[Content_Types].xml"] or b"vbaProject" in parts["[Content_Types].xml"]:
        raise BadInput(_MACROS)
    unsaved = {name: _without_result(parts[path]) for name, path in _sheets(parts).items() if path in parts}
    return CheckedWorkbook(_packed(parts), unsaved)


def _unpacked(archive: ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    if any(info.filename.casefold().endswith(("vbaproject.bin", "vbadata.xml")) for info in infos):
        raise BadInput(_MACROS)
    if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_UNPACKED:
        raise BadInput(_BOMB)
    # zipfile unpacks no more of a part than the part says it holds; one that says too little fails its checksum
    return {info.filename: archive.read(info) for info in infos if info.filename.casefold().endswith(_READ)}


def _packed(parts: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


def _elements(part: bytes, wanted: str) -> list[dict[str, str]]:
    """The attributes of each wanted element, names without their namespace prefixes."""
    seen: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == wanted:
            seen.append(attributes)

    parser = ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    _parse(parser, part)
    return seen


def _refuse_doctype(*_: object) -> None:
    raise BadInput(_DAMAGED)


def _parse(parser: XMLParserType, part: bytes) -> None:
    try:
        parser.Parse(part, True)
    except ExpatError as fault:
        raise BadInput(_DAMAGED) from fault


def _sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Each sheet's name and the part that holds it."""
    related = _elements(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"), "Relationship")
    targets = {one.get("Id", ""): one.get("Target", "") for one in related}
    sheets = {}
    for one in _elements(parts["xl/workbook.xml"], "sheet"):
        target = targets.get(next((value for name, value in one.items() if name.endswith(":id")), ""), "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        sheets[one.get("name", "")] = path
    return sheets


class _Cells:
    """Follows the cells of a sheet: where each is, whether it has a formula, and whether it has a result."""

    def __init__(self) -> None:
        self.unsaved: Markers = {}
        self._at = (0, -1)
        self._type = ""
        self._formula = self._inside = False
        self._value = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                give_way()
                self._at = (int(attributes["r"]) - 1 if attributes.get("r", "").isdigit() else self._at[0] + (self._at[1] >= 0), -1)
            case "c":
                self._at = _position(attributes.get("r", "")) or (self._at[0], self._at[1] + 1)
                self._type, self._formula, self._value = attributes.get("t", ""), False, ""
            case "f":
                self._formula = True
            case "v" | "t":
                self._inside = True

    def text(self, text: str) -> None:
        if self._inside:
            self._value += text

    def end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "v" | "t":
                self._inside = False
            case "c":
                self._finish()

    def _finish(self) -> None:
        row, column = self._at
        if self._value and (row > LAST_ROW or column > LAST_COLUMN):
            raise BadInput(f"This sheet has a cell far away from its table, in row {row + 1:,}. Please delete what does not belong to it.")
        if self._type == "e":
            self.unsaved[self._at] = FormulaWithoutValue(self._value or "#ERROR!")
        elif self._formula and not self._value and self._type != "str":  # a saved empty text has the type "str"
            self.unsaved[self._at] = FormulaWithoutValue()


def _position(reference: str) -> tuple[int, int] | None:
    """The row and column, from 0, of a reference such as "B7"."""
    match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _without_result(part: bytes) -> Markers:
    cells = _Cells()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = cells.start, cells.end, cells.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    _parse(parser, part)
    return cells.unsaved
