"""What the cell reader leaves out of an .xlsx: error cells, formulas never calculated, hidden rows and columns.

python-calamine gives an error cell and a formula without a stored result as an empty text, so that a missing amount would look
like none. Both are told apart here, from the sheets' XML (ECMA-376 part 1, 18.3).
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from desktop_crm.services.workbooks.cells import FORMULA
from desktop_crm.services.workbooks.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from desktop_crm.services.workbooks.archive import Archive

_WIDEST: Final = 16384
_OF_INTEREST: Final = re.compile(rb"""<(?:\w+:)?f[\s/>]|\bt\s*=\s*["']e["']|\bhidden\s*=""")
_OTHER_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff")
_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_TRUE: Final = frozenset(("1", "true", "on"))

Attributes = dict[str, str]


@dataclass
class Marks:
    """What a sheet's cells don't say by themselves: `errors` maps (row, column) to a code; everything counts from 0."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def parse(
    pieces: Iterable[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse XML with the names' prefixes taken off; a declared entity or broken XML is refused."""

    def refuse(*_arguments: object) -> None:
        raise Refused("entities")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end is not None:
        finish = end
        parser.EndElementHandler = lambda name: finish(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    parser.StartDoctypeDeclHandler = refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        # An encoding that doesn't exist or takes several bytes isn't the parser's own error.
        raise Refused("damaged") from error


def column_number(letters: str) -> int:
    """Return the column of its letters, counted from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    number = column + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


class _SheetScan:
    """Follows one sheet's XML; a cell or row without a reference stands after the one before it."""

    def __init__(self, *, recalculated: bool) -> None:
        self.marks = Marks()
        self._recalculated = recalculated
        self._row = -1
        self._column = -1
        self._kind = ""
        self._formula = False
        self._has_value = False
        self._value: list[str] | None = None
        self._text = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "v":
            self._has_value = True
            self._value = []
        elif name == "f":
            self._formula = True
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) - 1 if number.isdecimal() else self._row + 1
            self._column = -1
            if attributes.get("hidden") in _TRUE:
                self.marks.hidden_rows.add(self._row)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal():
                self.marks.hidden_columns.update(range(int(first) - 1, min(int(last), _WIDEST)))

    def _start_cell(self, attributes: Attributes) -> None:
        reference = _REFERENCE.fullmatch(attributes.get("r", ""))
        if reference:
            self._column = column_number(reference[1])
            self._row = int(reference[2]) - 1
        else:
            self._column += 1
        self._kind = attributes.get("t", "")
        self._formula = self._has_value = False
        self._text = ""

    def text(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)

    def end(self, name: str) -> None:
        if name == "v" and self._value is not None:
            self._text = "".join(self._value).strip()
            self._value = None
        elif name == "c":
            code = self._error()
            if code:
                self.marks.errors[self._row, self._column] = code

    def _error(self) -> str:
        if self._kind == "e":
            return self._text or "#VALUE!"
        if not self._formula:
            return ""
        if not self._text:
            # A formula whose result is an empty text is stored as a text with an empty value.
            return "" if self._kind == "str" and self._has_value else FORMULA
        # Programs that can't calculate write 0 and ask Excel to calculate on opening.
        return FORMULA if self._recalculated and self._text == "0" and self._kind in {"", "n"} else ""


def relationships(archive: Archive, part: str) -> dict[str, str]:
    """Return the parts a part refers to, by the id of the reference."""
    folder, _slash, name = part.rpartition("/")
    found: dict[str, str] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            found[attributes.get("Id", "")] = (
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            )

    data = archive.read(f"{folder}/_rels/{name}.rels".lstrip("/"))
    if data:
        parse([data], start)
    return found


def sheet_parts(archive: Archive) -> tuple[dict[str, str], bool]:
    """Return the part of each sheet by the sheet's name, and whether the workbook asks to be calculated on opening."""
    part = next(
        (name for name in ("xl/workbook.xml", *archive.parts) if name in archive.parts and re.fullmatch(r"xl/workbook\d*\.xml", name)), ""
    )
    if not part:
        return {}, False
    targets = relationships(archive, part)
    sheets: dict[str, str] = {}
    recalculated = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal recalculated
        if name == "sheet":
            reference = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets[attributes.get("name", "")] = targets.get(reference, "")
        elif name == "calcPr":
            recalculated = attributes.get("fullCalcOnLoad") in _TRUE

    parse([archive.read(part)], start)
    return sheets, recalculated


def is_of_interest(piece: bytes) -> bool:
    """Tell whether a piece of a sheet's XML may hold what `scan_sheet` looks for, so that most sheets need not be parsed a second time."""
    if piece[:2] in _OTHER_ENCODINGS:
        return True
    # Looking for plain bytes is many times faster than the expression, and for a single one, which most sheets lack, faster still.
    marked = b"<f" in piece or b"hidden" in piece or b'"e"' in piece or (b":" in piece and b":f" in piece) or (b"'" in piece and b"'e'" in piece)
    return marked and _OF_INTEREST.search(piece) is not None


def scan_sheet(pieces: Iterable[bytes], *, recalculated: bool) -> Marks:
    """Return what the cells of a sheet don't say by themselves; `pieces` are its XML."""
    scan = _SheetScan(recalculated=recalculated)
    parse(pieces, scan.start, scan.end, scan.text)
    return scan.marks
