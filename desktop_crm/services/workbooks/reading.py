"""From the bytes of an untrusted file to its sheets. Runs in the reading process only: see reader.read_workbook.

What single kinds of files need is loaded for them: the process begins anew with each file.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import islice, repeat
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from desktop_crm.services.workbooks import kinds, parts, repair, texts
from desktop_crm.services.workbooks.archive import Archive
from desktop_crm.services.workbooks.cells import ERROR_CODES, Cell, CellError, Merge, Sheet
from desktop_crm.services.workbooks.parts import Marks
from desktop_crm.services.workbooks.refusal import PASSWORD_NEEDED, PASSWORD_WRONG, Refused

# Excel keeps 15 significant digits of a number; whole numbers above have lost the digits a number or an account needs.
_EXACT: Final = 10**15
_JUNK: Final = 1 << 16
_AT_ONCE: Final = 250
_NUMBERS: Final = (float, int)
_AS_THEY_ARE: Final = frozenset((date, datetime, time, bool, type(None)))
_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14
# Excel itself encrypts write-protected workbooks with this password and opens them without asking ([MS-OFFCRYPTO] 2.4.2.3).
_DEFAULT_PASSWORD: Final = "VelvetSweatshop"  # noqa: S105 - published by Microsoft, protects nothing

Unread = Iterator[tuple[Sheet, Iterator[list[Cell]]]]


@dataclass
class Reading:
    """What was read: each sheet, without rows yet, and its rows to be gone through once, in this order; what they show of the sheet is entered on the way.

    `notes` are codes of refusal.NOTES with the values of their texts.
    """

    kind: str
    sheets: Unread
    encoding: str = ""
    separator: str = ""
    notes: list[tuple[str, dict[str, str | int]]] = field(default_factory=list)


def read(
    data: bytes, *, stem: str, suffix: str, password: str | None = None, encoding: str | None = None, separator: str | None = None
) -> Reading:
    """Read a file's content; raises Refused. `stem` names the sheet of a text file, `suffix` is only compared with what the file really is."""
    if not data:
        raise Refused("empty-file")
    kind = kinds.signature(data)
    if kind == "ole":
        reading = _read_ole(data, password)
    elif kind == "zip":
        reading = _read_zip(data)
    elif kind == "xls":
        reading = _read_xls(data)
    elif kind:
        raise Refused("not-a-sheet", kind=kind)
    elif (start := data.find(kinds.ZIP, 0, _JUNK)) > 0 and zipfile.is_zipfile(BytesIO(data)):
        reading = _read_zip(data[start:])  # something was put before it on the way, as by a faulty download
    else:
        reading = _read_cards_or_text(data, stem, suffix, encoding, separator)
    if suffix and suffix not in kinds.EXTENSIONS[reading.kind]:
        reading.notes.append(("really", {"kind": reading.kind}))
    return reading


def _read_ole(data: bytes, password: str | None) -> Reading:
    from desktop_crm.services.workbooks import binary

    streams = binary.ole_streams(data)
    if "encryptedpackage" in streams:
        return _read_zip(_decrypted(data, password))
    if "workbook" in streams or "book" in streams:
        stream = binary.workbook_stream(data)
        return _read_xls(_decrypted(data, password) if binary.is_protected(stream) else data)
    if "worddocument" in streams:
        raise Refused("not-a-sheet", kind="word")
    if "powerpoint document" in streams:
        raise Refused("not-a-sheet", kind="powerpoint")
    raise Refused("unknown")


def _decrypted(data: bytes, password: str | None) -> bytes:
    import msoffcrypto

    out = BytesIO()
    try:
        file = msoffcrypto.OfficeFile(BytesIO(data))
        file.load_key(password=password or _DEFAULT_PASSWORD)
        file.decrypt(out)
    except Exception as error:
        # The library raises its own, struct's and cryptography's errors alike for a wrong password.
        raise Refused(PASSWORD_WRONG if password else PASSWORD_NEEDED) from error
    return out.getvalue()


def _read_zip(data: bytes) -> Reading:
    archive = Archive(data)
    kind = kinds.zip_kind(archive.names(), archive.read("mimetype")[:100])
    if kind not in {"xlsx", "xlsb", "ods"}:
        raise Refused("not-a-sheet", kind=kind)
    marked = archive.check(parts.is_of_interest)
    if kind == "ods":
        from desktop_crm.services.workbooks import opendocument

        if b"encryption-data" in archive.read("meta-inf/manifest.xml"):
            raise Refused("ods-password")
        return Reading(kind, _sheets(data, opendocument.scan_ods(archive)))
    if kind == "xlsb":
        from desktop_crm.services.workbooks import binary

        return Reading(kind, _sheets(data, binary.scan_xlsb(archive, parts.relationships(archive, "xl/workbook.bin"))))
    package = repair.Package(archive)
    if not package.is_regular():
        data = package.put_together()
        archive = Archive(data)
        marked = archive.check(parts.is_of_interest)
    names, recalculated = parts.sheet_parts(archive)
    marks = [
        parts.scan_sheet(archive.chunks(part), recalculated=recalculated) if part.lstrip("/").lower() in marked else Marks() for part in names.values()
    ]
    lost: list[tuple[str, dict[str, str | int]]] = [("sheet-lost", {"name": sheet[0]}) for sheet in package.named if sheet not in package.sheets]
    return Reading(kind, _sheets(data, marks), notes=lost)


def _read_xls(data: bytes) -> Reading:
    from desktop_crm.services.workbooks import binary

    return Reading("xls", _sheets(data, binary.scan_xls(binary.workbook_stream(data))))


def _sheets(data: bytes, marks: list[Marks]) -> Unread:
    """Read the worksheets one after the other; `marks` belongs to the sheets of the workbook in their order, and may be shorter."""
    with _explained():
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        for index, about in enumerate(workbook.sheets_metadata):
            if about.typ == SheetTypeEnum.WorkSheet:
                yield _sheet(workbook.get_sheet_by_index(index), marks[index] if index < len(marks) else Marks(), hidden=about.visible != SheetVisibleEnum.Visible)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        raise Refused(PASSWORD_NEEDED) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise Refused("damaged") from error
    except BaseException as error:
        if type(error).__module__ == "pyo3_runtime":  # the reader's own panic, which is no Exception
            raise Refused("damaged") from error
        raise


def _sheet(source: CalamineSheet, marks: Marks, *, hidden: bool) -> tuple[Sheet, Iterator[list[Cell]]]:
    merged = [Merge(*start, *end) for start, end in source.merged_cell_ranges or []]
    sheet = Sheet(source.name, [], hidden, marks.hidden_rows, marks.hidden_columns, merged=merged)
    return sheet, _rows(source, marks.errors, sheet.suspicious)


def _rows(source: CalamineSheet, errors: dict[tuple[int, int], str], suspicious: set[tuple[int, int]]) -> Iterator[list[Cell]]:
    """Yield the rows from the sheet's first cell on, errors in the cells they stand in; numbers of too many digits are entered in `suspicious`."""
    _check_size(source, errors)
    wrong: dict[int, list[tuple[int, str]]] = {}
    for (row, column), code in errors.items():
        wrong.setdefault(row, []).append((column, code))
    left: list[Cell] = [None] * (source.start[1] if source.start else 0)
    done = 0
    with _explained():
        rows = source.iter_rows()
        while piece := list(islice(rows, _AT_ONCE)):
            for index, cells in enumerate(_cells(piece, left, done, suspicious), done):
                yield _with_errors(cells, wrong[index]) if index in wrong else cells
            done += len(piece)
    # The used range may end before an error, which has no value.
    for row in range(done, max(wrong, default=-1) + 1):
        yield _with_errors([], wrong.get(row, []))


def _cells(rows: list[list[Any]], left: list[Cell], first: int, suspicious: set[tuple[int, int]]) -> Iterator[list[Cell]]:
    """Yield the cells of some rows with the empty ones to their `left`; `first` is the number of the first row."""
    columns = [_column(values) for values in zip(*rows, strict=True)]
    if columns and None not in columns:
        yield from map(list, zip(*(repeat(None) for _cell in left), *columns, strict=False))
        return
    for index, values in enumerate(rows, first):
        cells = left + [_cell(value) for value in values]
        _tidy(cells, index, suspicious)
        yield cells


def _column(values: Sequence[Any]) -> Sequence[Cell] | None:
    """Return the cells of a column; None where something in it has to be looked at with care, as in few of most lists."""
    kinds = set(map(type, values))
    if str in kinds:
        texts = "|".join(values if len(kinds) == 1 else [value for value in values if type(value) is str])
        if "#" in texts or "\r" in texts or "E+" in texts:
            return None
        if len(kinds) == 1:
            return values if all(values) else [value or None for value in values]
    elif kinds <= _AS_THEY_ARE:
        return values
    if not kinds.isdisjoint(_NUMBERS) and not all(-_EXACT < value < _EXACT for value in values if type(value) in _NUMBERS):
        return None
    return [(value or None) if type(value) is str else _cell(value) for value in values]


def _check_size(source: CalamineSheet, errors: Iterable[tuple[int, int]]) -> None:
    """Refuse a sheet that is larger than Excel's, and one whose errors stand nowhere."""
    row, column = source.end or (0, 0)
    for error in errors:
        if min(error) < 0:
            raise Refused("damaged")
        row, column = max(row, error[0]), max(column, error[1])
    if row >= _MOST_ROWS:
        raise Refused("too-many-rows", sheet=source.name, count=f"{row + 1:,}", limit=f"{_MOST_ROWS:,}")
    if column >= _MOST_COLUMNS:
        raise Refused("too-many-columns", sheet=source.name, limit=f"{_MOST_COLUMNS:,}")


def _cell(value: Any) -> Cell:
    kind = type(value)
    if kind is str:
        return (CellError(value) if value in ERROR_CODES else value) or None
    if kind is float:
        if not math.isfinite(value):
            return CellError("#NUM!")
        return Decimal(int(value)) if value.is_integer() else Decimal(repr(value))
    if kind is int:
        return Decimal(value)
    if kind is timedelta:
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    cell: Cell = value
    return cell


def _with_errors(cells: list[Cell], errors: list[tuple[int, str]]) -> list[Cell]:
    for column, code in errors:
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = CellError(code)
    return cells


def _errors_named(rows: Iterable[list[Cell]]) -> Iterator[list[Cell]]:
    """Yield the rows of a text file with the errors Excel wrote into it as such."""
    for row in rows:
        yield [CellError(cell) if isinstance(cell, str) and cell in ERROR_CODES else cell for cell in row]


def _read_cards_or_text(data: bytes, stem: str, suffix: str, encoding: str | None, separator: str | None) -> Reading:
    from desktop_crm.services.workbooks import cards

    return _read_cards(data, stem, encoding) if cards.are_cards(data) else _read_text(data, stem, suffix, encoding, separator)


def _read_cards(data: bytes, stem: str, encoding: str | None) -> Reading:
    from desktop_crm.services.workbooks import cards

    rows, used, pictures = cards.read_cards(data, encoding)
    return Reading("vcf", iter([(Sheet(stem, []), iter(rows))]), used, notes=[("pictures", {"count": pictures})] if pictures else [])


def _read_text(data: bytes, stem: str, suffix: str, encoding: str | None, separator: str | None) -> Reading:
    from desktop_crm.services.workbooks import web

    if web.is_archived(data):
        data = web.page_of_archive(data)
    text, used = _decoded(data, encoding)
    # Files that were put together one after the other have byte order marks inside.
    text = text.replace("\ufeff", "").replace("\x00", "")
    broken = text.count("\ufffd")
    reading = _read_decoded(text, stem, suffix, separator, used)
    if broken:
        reading.notes.append(("broken", {"count": broken, "encoding": used}))
    return reading


def _decoded(data: bytes, encoding: str | None) -> tuple[str, str]:
    """Return the text of a file and its encoding; a page or XML file is asked first, and isn't believed where it is wrong."""
    from desktop_crm.services.workbooks import web

    declared = web.declared_encoding(data) if re.match(rb"(?:\xef\xbb\xbf)?\s*<", data) is not None else None
    if declared and not encoding:
        try:
            return texts.decode(data, declared)
        except Refused:
            pass
    return texts.decode(data, encoding)


def _tidied(sheet: Sheet, rows: list[list[Cell]]) -> Iterator[list[Cell]]:
    for index, cells in enumerate(rows):
        _tidy(cells, index, sheet.suspicious)
        yield cells


def _tidy(cells: list[Cell], index: int, suspicious: set[tuple[int, int]]) -> None:
    """Enter a row's numbers of too many digits in `suspicious`, and those that are a text Excel shortened unless it left all digits; write line breaks in one way."""
    for column, cell in enumerate(cells):
        if type(cell) is Decimal:
            if not -_EXACT < cell < _EXACT:
                suspicious.add((index, column))
        elif type(cell) is str:
            if "\r" in cell:
                cells[column] = cell.replace("\r\n", "\n").replace("\r", "\n")
            elif "E+" in cell and (digits := texts.written_out(cell)) is not None:
                if digits:
                    cells[column] = digits
                else:
                    suspicious.add((index, column))


def _read_decoded(text: str, stem: str, suffix: str, separator: str | None, used: str) -> Reading:
    from desktop_crm.services.workbooks import web, xml2003

    markup = kinds.markup_kind(text)
    if markup == "xml":
        if xml2003.is_workbook(text):
            return Reading("xml", ((sheet, _tidied(sheet, rows)) for sheet, rows in xml2003.read_workbook_xml(text)), used)
        raise Refused("not-a-sheet", kind="xml")
    if markup == "html":
        return Reading("html", ((Sheet("", [], merged=merged), _errors_named(rows)) for rows, merged in web.read_tables(text)), used)
    rows, cut = texts.read_rows(text, separator)
    if suffix in kinds.SPREADSHEET_EXTENSIONS and all(len(row) < 2 for row in rows):  # noqa: PLR2004 - one cell is no table
        raise Refused("not-a-sheet", kind="text")
    sheet = Sheet(stem, [])
    return Reading("csv", iter([(sheet, _errors_named(_tidied(sheet, rows)))]), used, cut)
