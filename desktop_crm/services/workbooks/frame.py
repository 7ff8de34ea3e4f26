"""The workbook around its rows: XlsxWriter makes all of it but the rows, and is taken apart where they go.

Formats, widths, frozen headings, filters, comments and lists to choose from are the library's.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from desktop_crm.base.i18n import _
from desktop_crm.services.workbooks.cellvalues import DATE_FORMAT, DATETIME_FORMAT, ColumnOut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOM_TO_ADD: Final = 1000
"""Rows below the last one in which a list to choose from is offered too."""
LONGEST_SHEET_NAME: Final = 31
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Pages:
    """Rows some hundred at a time, each page as its columns: what is worked out by columns need not be turned into rows and back."""

    columns: Iterable[Sequence[Sequence[object]]]

    def rows(self) -> Iterator[Sequence[object]]:
        """Yield the rows one by one."""
        for page in self.columns:
            yield from zip(*page, strict=True)


@dataclass(frozen=True)
class SheetOut:
    """A list to write as a sheet.

    `title` stands above the headings, `totals` below the rows, outside of the filter. `names` are written above the headings in a
    row that isn't shown, so that a column is known whatever becomes of its heading. A `hidden` sheet can't be shown from the menus.
    """

    columns: Sequence[ColumnOut]
    rows: Iterable[Sequence[object]] | Pages = ()
    name: str = ""
    title: str = ""
    totals: Sequence[object] | None = None
    names: Sequence[str] = ()
    hidden: bool = False

    @property
    def header(self) -> int:
        """The row of the headings, from 0."""
        return int(bool(self.title)) + int(bool(self.names))


@dataclass(frozen=True)
class Around:
    """What is around a sheet's rows: its XML before and after them, and the style of each column and of its total."""

    before: str
    after: str
    styles: list[str]
    totals: list[str]


def sheet_name(text: str) -> str:
    """Return a text as Excel takes it for the name of a sheet."""
    return _NOT_IN_NAMES.sub(" ", text).strip().strip("'")[:LONGEST_SHEET_NAME] or "Sheet1"


def part_of(place: int) -> str:
    """Return the name of the archive's part that holds the sheet at `place`, from 0."""
    return f"xl/worksheets/sheet{place + 1}.xml"


def frames(sheets: Sequence[SheetOut], widths: Sequence[Sequence[float]], lasts: Sequence[int]) -> tuple[list[Around], dict[str, bytes]]:
    """Make a workbook of sheets without rows; return what goes around the rows of each, and the other parts.

    `lasts` are the sheets' last rows, from 0, as far as they are known: the filter and the lists to choose from end there.
    """
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    shown = [_add(book, sheet, own, last) for sheet, own, last in zip(sheets, widths, lasts, strict=True)]
    first = next((place for place, sheet in enumerate(sheets) if not sheet.hidden), 0)
    shown[first].activate()
    book.close()
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return [_apart(parts.pop(part_of(place)).decode(), sheet) for place, sheet in enumerate(sheets)], parts


def _add(book: Any, out: SheetOut, widths: Sequence[float], last: int) -> Any:
    """Add a sheet with two rows of nothing but formats below the headings: one for the rows, one for the totals."""
    sheet = book.add_worksheet(sheet_name(out.name) if out.name else None)
    header = out.header
    if out.title:
        sheet.write_string(0, 0, out.title, book.add_format({"bold": True, "font_size": 14}))
    if out.names:
        # Protected from nothing but the eye: Excel sorts and filters below the headings only.
        for index, name in enumerate(out.names):
            sheet.write_string(header - 1, index, name)
        sheet.set_row(header - 1, None, None, {"hidden": True})
    for index, column in enumerate(out.columns):
        pattern = _number_format(column)
        usual = book.add_format({"num_format": pattern, "valign": "top", **({"font_color": "#6B7280"} if column.fixed else {})})
        sheet.write_string(header, index, column.heading, _heading_format(book, column))
        sheet.write_blank(header + 1, index, None, usual)
        sheet.write_blank(header + 2, index, None, book.add_format({"num_format": pattern, "bold": True, "top": 1}))
        sheet.set_column(index, index, widths[index], usual, {"hidden": True} if column.hidden else {})
        _explain(sheet, header, index, column, last)
    sheet.freeze_panes(header + 1, 0)
    if out.columns and not out.hidden:
        sheet.autofilter(header, 0, max(last, header), len(out.columns) - 1)
    if out.hidden:
        sheet.very_hidden()
    return sheet


def _heading_format(book: Any, column: ColumnOut) -> Any:
    look: dict[str, Any] = {"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "valign": "vcenter"}
    if column.required:
        look["font_color"] = "#B42318"
    elif column.fixed:
        look |= {"font_color": "#6B7280", "italic": True}
    return book.add_format(look)


def _explain(sheet: Any, header: int, index: int, column: ColumnOut, last: int) -> None:
    """Say at a heading what goes below it, and offer what can be chosen there; something else may be typed all the same, with a warning."""
    if column.note:
        lines = column.note.count("\n") + sum(len(line) // 24 for line in column.note.split("\n")) + 1
        sheet.write_comment(header, index, column.note, {"x_scale": 1.8, "y_scale": max(0.5, lines * 0.24), "font_size": 9, "author": ""})
    below = {"error_type": "warning", "error_title": column.heading[:32], "ignore_blank": True}
    if column.choices:
        below |= {"validate": "list", "source": column.choices, "error_message": _("This is none of the values in the list")}
    elif column.checked and column.kind == "date":
        below |= {"validate": "date", "criteria": ">=", "value": 1, "error_message": _("Write a date such as 2026-01-31")}
    elif column.checked and column.kind in {"money", "number", "integer"}:
        below |= {"validate": "decimal", "criteria": "between", "minimum": -(10**13), "maximum": 10**13, "error_message": _("Write a number without letters")}
    if "validate" in below:
        sheet.data_validation(header + 1, index, max(last, header) + ROOM_TO_ADD, index, below)


def _apart(text: str, out: SheetOut) -> Around:
    text = re.sub("<dimension [^>]*>", "", text, count=1)
    rows = [re.findall(r' s="([0-9]+)"', row) for row in re.findall(r"<row [^>]*>(.*?)</row>", text)[out.header + 1 :]]
    usual_styles, total_styles = rows or ([], [])
    end = text.index("</sheetData>") if "</sheetData>" in text else text.index("<sheetData/>")
    begin = text.find(f'<row r="{out.header + 2}"')
    if begin < 0:
        return Around(text[:end] + "<sheetData>", text[end:].replace("<sheetData/>", "</sheetData>"), [], [])
    return Around(text[:begin], text[end:], usual_styles, total_styles)


def _number_format(column: ColumnOut) -> str:
    if column.pattern:
        return column.pattern
    decimals = "." + "0" * column.scale if column.scale else ""
    return {
        "text": "@", "integer": "0", "number": f"#,##0{decimals}", "money": f"#,##0{decimals}", "percent": f"0{decimals}%",
        "date": DATE_FORMAT, "datetime": DATETIME_FORMAT,
    }[column.kind]  # fmt: skip
