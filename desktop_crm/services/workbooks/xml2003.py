"""Workbooks of Excel 2003 in XML, which accounting programs like to write and to call .xls: their worksheets become sheets.

"XML Spreadsheet Reference" of Office XP and 2003. Styles, formulas and everything else but the values is stepped over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final

from desktop_crm.services.workbooks.cells import FORMULA, Cell, CellError, Merge, Sheet
from desktop_crm.services.workbooks.parts import Attributes, parse
from desktop_crm.services.workbooks.refusal import Refused

_MARK: Final = re.compile(r"<(?:\w+:)?Workbook[^>]*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL)
_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]*\?>")
_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14
_PIECE: Final = 1 << 20


def is_workbook(text: str) -> bool:
    """Say whether a decoded XML text is such a workbook."""
    return _MARK.search(text[:8192]) is not None


@dataclass
class _Reader:
    """Follows the elements; a row or cell without an index stands after the one before it."""

    sheets: list[tuple[Sheet, list[list[Cell]]]] = field(default_factory=list)
    _column: int = -1
    _next: int = 0
    _kind: str = ""
    _text: list[str] | None = None
    _value: Cell = None
    _formula: bool = False
    _columns: int = -1
    _visible: bool = False

    def start(self, name: str, written: Attributes) -> None:
        attributes = {key.rpartition(":")[2]: value for key, value in written.items()}
        if name == "Worksheet":
            self.sheets.append((Sheet(attributes.get("Name", ""), []), []))
            self._columns = -1
        elif not self.sheets:
            return
        elif name == "Row":
            self._start_row(attributes)
        elif name == "Cell":
            self._start_cell(attributes)
        elif name == "Column":
            self._columns = _place(attributes, self._columns + 1, _MOST_COLUMNS)
            span = int(attributes.get("Span", "0")) if attributes.get("Span", "0").isdecimal() else 0
            if attributes.get("Hidden") == "1":
                self.sheets[-1][0].hidden_columns.update(range(self._columns, min(self._columns + span + 1, _MOST_COLUMNS)))
            self._columns += span
        elif name in {"Data", "Visible"}:
            self._kind, self._text, self._visible = attributes.get("Type", ""), [], name == "Visible"

    def _start_row(self, attributes: Attributes) -> None:
        sheet, rows = self.sheets[-1]
        place = _place(attributes, len(rows), _MOST_ROWS)
        rows.extend([] for _missing in range(place + 1 - len(rows)))
        self._next = 0
        if attributes.get("Hidden") == "1":
            sheet.hidden_rows.add(place)

    def _start_cell(self, attributes: Attributes) -> None:
        sheet, rows = self.sheets[-1]
        if not rows:
            rows.append([])
        self._column = _place(attributes, self._next, _MOST_COLUMNS)
        across, down = (int(text) if (text := attributes.get(name, "0")).isdecimal() else 0 for name in ("MergeAcross", "MergeDown"))
        self._next = self._column + 1 + across
        self._value, self._formula = None, "Formula" in attributes
        if across or down:
            sheet.merged.append(Merge(len(rows) - 1, self._column, len(rows) - 1 + down, self._column + across))

    def text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        if name == "Visible" and self._text is not None and self.sheets:
            self.sheets[-1][0].hidden = "".join(self._text).strip() in {"SheetHidden", "SheetVeryHidden"}
            self._text = None
        elif name == "Data" and self._text is not None:
            self._value = _value(self._kind, "".join(self._text))
            self._text, self._formula = None, False
        elif name == "Cell" and self.sheets and self.sheets[-1][1]:
            value = CellError(FORMULA) if self._formula and self._value is None else self._value
            if value is not None:
                row = self.sheets[-1][1][-1]
                row.extend([None] * (self._column + 1 - len(row)))
                row[self._column] = value


def _place(attributes: Attributes, following: int, most: int) -> int:
    """Return the place of a row, column or cell, from 0; an index counts from 1."""
    index = attributes.get("Index", "")
    place = int(index) - 1 if index.isdecimal() and len(index) < len("12345678") else following
    if not 0 <= place < most:
        raise Refused("damaged")
    return place


def _value(kind: str, text: str) -> Cell:
    """Return the value of a cell's data; a text where it isn't what it says."""
    try:
        if kind == "Number":
            number = Decimal(text.strip())
            return (Decimal(int(number)) if number == number.to_integral_value() else number) if number.is_finite() and abs(number.adjusted()) < 400 else text  # noqa: PLR2004 - no more than a double
        if kind == "DateTime":
            moment = datetime.fromisoformat(text.strip())
            return moment.date() if moment.time() == time() else moment
    except (InvalidOperation, ValueError):
        return text or None
    if kind == "Boolean":
        return text.strip() == "1"
    return CellError(text.strip()) if kind == "Error" else text or None


def read_workbook_xml(text: str) -> list[tuple[Sheet, list[list[Cell]]]]:
    """Return each worksheet with its rows; raises Refused for broken XML and for declared entities."""
    reader = _Reader()
    data = _DECLARATION.sub("", text, count=1).strip().encode("utf-8", "replace")
    parse((data[start : start + _PIECE] for start in range(0, len(data), _PIECE)), reader.start, reader.end, reader.text)
    return reader.sheets
