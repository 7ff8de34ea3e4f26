"""What the cell reader leaves out of .xls and .xlsb: error cells, formulas never calculated, hidden rows and columns, passwords.

The records are those of [MS-XLS] 2.4 and [MS-XLSB] 2.4; all others are stepped over.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Final

from desktop_crm.services.workbooks.cells import FORMULA
from desktop_crm.services.workbooks.parts import Marks
from desktop_crm.services.workbooks.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.workbooks.archive import Archive

ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_FILE_PASS, _BOUND_SHEET, _BOF, _EOF = 0x2F, 0x85, 0x809, 0x0A
_BOOL_ERROR, _ROW, _COLUMNS = 0x205, 0x208, 0x7D
_FORMULAS: Final = frozenset((0x06, 0x206, 0x406))
_ROW_HIDDEN: Final = 0x20
_XLSB_ROW, _XLSB_CELL_ERROR, _XLSB_FORMULA_ERROR, _XLSB_COLUMNS, _XLSB_SHEET = 0, 3, 11, 60, 156
_XLSB_ROW_HIDDEN: Final = 0x10
_WIDEST: Final = 16384
_OLE_ERRORS: Final = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError)


def ole_streams(data: bytes) -> dict[str, str]:
    """Return the streams of a compound file: lower-case path to the path as written."""
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            return {"/".join(entry).lower(): "/".join(entry) for entry in ole.listdir()}
    except _OLE_ERRORS as error:
        raise Refused("damaged") from error


def workbook_stream(data: bytes) -> bytes:
    """Return the workbook stream of an .xls; a bare stream of Excel 4 and earlier is its own."""
    import olefile

    if not data.startswith(olefile.MAGIC):
        return data
    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            name = next((name for name in ("Workbook", "Book") if ole.exists(name)), "")
            return bytes(ole.openstream(name).read()) if name else b""
    except _OLE_ERRORS as error:
        raise Refused("damaged") from error


def _records(stream: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield record number and content up to the end of the substream; one that runs over the end finishes it."""
    depth = 0
    position = start
    while position + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, position)
        yield number, stream[position + 4 : position + 4 + length]
        position += 4 + length
        if number == _BOF:
            depth += 1
        elif number == _EOF:
            depth -= 1
            if depth <= 0:
                return


def is_protected(stream: bytes) -> bool:
    """Say whether an .xls stream is encrypted."""
    return any(number == _FILE_PASS for number, _content in _records(stream))


def _scan(stream: bytes, start: int, uncalculated: list[tuple[Marks, tuple[int, int]]]) -> tuple[Marks, int]:
    """Return the marks of one sheet and how many of its formulas have a result; the others are added to `uncalculated`."""
    marks = Marks()
    calculated = 0
    for number, content in _records(stream, start):
        if number == _ROW and len(content) >= 16:  # noqa: PLR2004 - the record's length
            if content[12] & _ROW_HIDDEN:
                marks.hidden_rows.add(int.from_bytes(content[:2], "little"))
        elif number in _FORMULAS and len(content) >= 14:  # noqa: PLR2004 - up to the end of the result
            place = struct.unpack_from("<HH", content)
            result = content[6:14]
            # Results that are no number end in FF FF; 2 is an error, 3 an empty text (also what a program writes that can't calculate).
            special = result[6:8] == b"\xff\xff"
            if special and result[0] == 2:  # noqa: PLR2004 - explained above
                marks.errors[place] = ERRORS.get(result[2], "#VALUE!")
            if special and result[0] == 3:  # noqa: PLR2004 - explained above
                uncalculated.append((marks, place))
            else:
                calculated += 1
        elif number == _BOOL_ERROR and len(content) >= 8 and content[7]:  # noqa: PLR2004 - the record's length
            marks.errors[struct.unpack_from("<HH", content)] = ERRORS.get(content[6], "#VALUE!")
        elif number == _COLUMNS and len(content) >= 10 and content[8] & 1:  # noqa: PLR2004 - the record's length
            first, last = struct.unpack_from("<HH", content)
            marks.hidden_columns.update(range(first, min(last + 1, _WIDEST)))
    return marks, calculated


def scan_xls(stream: bytes) -> list[Marks]:
    """Return the marks of each sheet of an .xls stream, in the workbook's order."""
    offsets = [
        int.from_bytes(content[:4], "little")
        for number, content in _records(stream)
        if number == _BOUND_SHEET and len(content) >= 6  # noqa: PLR2004
    ]
    uncalculated: list[tuple[Marks, tuple[int, int]]] = []
    found = [_scan(stream, offset, uncalculated) for offset in offsets]
    if not any(calculated for _marks, calculated in found):
        # Not one formula of the workbook has a result: it was written by a program that doesn't calculate.
        for marks, place in uncalculated:
            marks.errors[place] = FORMULA
    return [marks for marks, _calculated in found]


def _number(data: bytes, position: int, longest: int) -> tuple[int, int]:
    """Return a number of seven bits a byte and the position after it."""
    value = 0
    for step in range(longest):
        if position >= len(data):
            return value, position
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << (7 * step)
        if not byte & 0x80:
            break
    return value, position


def _xlsb_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        first = data[position]
        number = first
        position += 1
        if first & 0x80 and position < len(data):
            number = (first & 0x7F) | (data[position] & 0x7F) << 7
            position += 1
        length, position = _number(data, position, 4)
        yield number, data[position : position + length]
        position += length


def _xlsb_sheet(data: bytes) -> Marks:
    marks = Marks()
    row = 0
    for number, content in _xlsb_records(data):
        if number == _XLSB_ROW and len(content) >= 12:  # noqa: PLR2004 - up to the flags
            row = int.from_bytes(content[:4], "little")
            if content[11] & _XLSB_ROW_HIDDEN:
                marks.hidden_rows.add(row)
        elif number in {_XLSB_CELL_ERROR, _XLSB_FORMULA_ERROR} and len(content) >= 9:  # noqa: PLR2004 - up to the error
            marks.errors[row, int.from_bytes(content[:4], "little")] = ERRORS.get(content[8], "#VALUE!")
        elif number == _XLSB_COLUMNS and len(content) >= 18 and content[16] & 1:  # noqa: PLR2004 - the record's length
            first, last = struct.unpack_from("<II", content)
            marks.hidden_columns.update(range(first, min(last + 1, _WIDEST)))
    return marks


def scan_xlsb(archive: Archive, targets: dict[str, str]) -> list[Marks]:
    """Return the marks of each sheet of an .xlsb, in the workbook's order; `targets` maps reference ids to parts."""
    found = []
    for number, content in _xlsb_records(archive.read("xl/workbook.bin")):
        if number == _XLSB_SHEET and len(content) >= 12:  # noqa: PLR2004 - up to the reference
            length = int.from_bytes(content[8:12], "little")
            reference = content[12 : 12 + 2 * length].decode("utf-16-le", "replace")
            found.append(_xlsb_sheet(archive.read(targets.get(reference, ""))))
    return found
