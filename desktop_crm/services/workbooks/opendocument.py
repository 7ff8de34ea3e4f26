"""What the cell reader leaves out of an .ods: hidden rows and columns (OpenDocument 1.3 part 3, 9.1 and 19.749)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.services.workbooks.parts import Marks, parse

if TYPE_CHECKING:
    from desktop_crm.services.workbooks.archive import Archive
    from desktop_crm.services.workbooks.parts import Attributes

_CONTENT: Final = "content.xml"
_HIDDEN: Final = frozenset(("collapse", "filter"))
_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14


def scan_ods(archive: Archive) -> list[Marks]:
    """Return the marks of each sheet in the workbook's order."""
    if not any(b'visibility="' in piece for piece in archive.chunks(_CONTENT)):
        return []
    found: list[Marks] = []
    depth = row = column = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth, row, column
        if name == "table":
            depth += 1
            if depth == 1:
                found.append(Marks())
                row = column = 0
        elif depth == 1 and name == "table-column":
            count = _repeated(attributes, "columns", _MOST_COLUMNS - column)
            if attributes.get("table:visibility") in _HIDDEN:
                found[-1].hidden_columns.update(range(column, column + count))
            column += count
        elif depth == 1 and name == "table-row":
            count = _repeated(attributes, "rows", _MOST_ROWS - row)
            if attributes.get("table:visibility") in _HIDDEN:
                found[-1].hidden_rows.update(range(row, row + count))
            row += count

    def end(name: str) -> None:
        nonlocal depth
        depth -= name == "table"

    parse(archive.chunks(_CONTENT), start, end)
    return found


def _repeated(attributes: Attributes, what: str, most: int) -> int:
    text = attributes.get(f"table:number-{what}-repeated", "1")
    return min(int(text) if text.isdecimal() and len(text) < len("100000000") else 1, max(most, 0))
