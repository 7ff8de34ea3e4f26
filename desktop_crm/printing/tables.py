"""Rows of a table: their heights, their texts and the rules between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.marks import FrameMark, LineMark, Mark, RectMark, moved
from desktop_crm.printing.setting import set_text, text_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.printing.press import Press
    from desktop_crm.printing.template import Column, SummaryRow, Table, TextStyle
    from desktop_crm.printing.values import Formula, Text

NARROWEST = 3.0


@dataclass(frozen=True, slots=True)
class Block:
    """Marks relative to their own top left corner, and the height they take."""

    height: float
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row before its rules are drawn; `edges` are the x of the vertical rules it wants."""

    height: float
    marks: tuple[Mark, ...]
    edges: tuple[float, ...]
    fill: str = ""


def items_of(values: Formula, context: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the list the formula names, empty where it is missing. Raises UserError where it is no list of records."""
    found = values.value(context)
    if found is None:
        return []
    if not isinstance(found, (list, tuple)) or not all(isinstance(item, Mapping) for item in found):
        raise UserError(_("“{source}” isn't a list.").format(source=values.source))
    return list(found)


class TableSetter:
    """Sets the rows of one table in `width` mm at `x`; columns whose condition fails are gone and their width is shared."""

    def __init__(self, table: Table, context: Mapping[str, Any], press: Press, x: float, width: float) -> None:
        self.table, self._press, self.x, self.width = table, press, x, width
        self._visible = [press.holds(column.when, context, column.source) for column in table.columns]
        self._widths = self._shares()
        self._edges = [x]
        for column_width in self._widths:
            self._edges.append(self._edges[-1] + column_width)
        self._header: Row | None = None
        self._blank = self._row([(column.text, column.style, column.source) for column in table.columns], None, table.row_height)

    def _shares(self) -> list[float]:
        columns = [column if seen else None for column, seen in zip(self.table.columns, self._visible, strict=True)]
        fixed = sum(column.width for column in columns if column)
        flexible = sum(1 for column in columns if column and not column.width)
        share = (self.width - fixed) / flexible if flexible else 0.0
        if flexible and share < NARROWEST:
            self._press.failed(f"{self.table.source}/columns", _("The columns of the table are wider than the page."))
            share, fixed, flexible = NARROWEST, fixed + flexible * NARROWEST, 0
            scale = self.width / fixed
            return [0.0 if column is None else (column.width or share) * scale for column in columns]
        # Without a column that takes the rest, all grow or shrink together to fill the width.
        scale = 1.0 if flexible or not fixed else self.width / fixed
        return [0.0 if column is None else (column.width * scale or share) for column in columns]

    def _row(
        self,
        cells: Sequence[tuple[Text, TextStyle, str]],
        context: Mapping[str, Any] | None,
        height: float,
        *,
        most: float = 0.0,
        fill: str = "",
    ) -> Row:
        padding, fonts = self.table.padding, self._press.fonts
        texts = ["" if context is None else self._press.render(text, context, source) for text, _style, source in cells]
        styles = [style for _text, style, _source in cells]
        widths = [max(NARROWEST, width - 2 * padding) for width in self._widths]
        spare = 0.6
        done = [
            set_text(text, style, width, height, fonts) if text and seen else None
            for text, style, width, seen in zip(texts, styles, widths, self._visible, strict=True)
        ]
        needed = max([height, *(item.height + spare for item in done if item and len(item.lines) > 1)])
        if most and needed > most:
            needed = max(height, most)
            done = [
                set_text(text, replace(style, overflow="cut"), width, needed - spare, fonts) if item else None
                for item, text, style, width in zip(done, texts, styles, widths, strict=True)
            ]
        marks: list[Mark] = []
        for item, (_text, style, source), left, width in zip(done, cells, self._edges, widths, strict=False):
            if item:
                marks.extend(text_marks(item, style, (left + padding, 0.0, width, needed), fonts, source))
                if item.wanted:
                    self._press.overflow(source, item.wanted, needed)
        return Row(needed, tuple(marks), tuple(dict.fromkeys(self._edges)), fill)

    def header(self, context: Mapping[str, Any]) -> Row | None:
        """Return the row of titles, or None where the table has none."""
        table = self.table
        if not table.header_height or self._header is not None:
            return self._header
        titles = [(column.title, self._title_style(column), f"{column.source}/title") for column in table.columns]
        made = self._row(titles, context, table.header_height, fill=table.header_fill)
        if not any(title.names() for title, _style, _source in titles):
            self._header = made  # the same on every page
        return made

    def _title_style(self, column: Column) -> TextStyle:
        style = self.table.header_style
        return style if column.title_align == style.align else replace(style, align=column.title_align)

    def row(self, context: Mapping[str, Any], index: int, most: float) -> Row:
        """Return the row of one line; no row gets higher than `most` mm, texts end with an ellipsis there."""
        columns: tuple[Column, ...] = self.table.columns
        fill = self.table.stripe if index % 2 else ""
        return self._row([(column.text, column.style, column.source) for column in columns], context, self.table.row_height, most=most, fill=fill)

    def blank(self) -> Row:
        """Return an empty row."""
        return self._blank

    def summary(self, row: SummaryRow, context: Mapping[str, Any]) -> Row:
        """Return a row of sums at its fixed height; a text that doesn't fit is set smaller."""
        marks: list[Mark] = []
        edges, padding, at = [self.x], self.table.padding, 0
        for cell in row.cells:
            left, right = self._edges[at], self._edges[at + cell.span]
            at += cell.span
            text = self._press.render(cell.text, context, cell.source)
            if right - left > 2 * padding and text:
                place = (left + padding, 0.0, right - left - 2 * padding, row.height)
                style = replace(cell.style, overflow="shrink") if cell.style.overflow == "wrap" else cell.style
                done = set_text(text, style, place[2], row.height, self._press.fonts)
                marks.extend(text_marks(done, style, place, self._press.fonts, cell.source))
                if done.wanted:
                    self._press.overflow(cell.source, done.wanted, row.height)
            edges.append(right)
        return Row(row.height, tuple(marks), tuple(dict.fromkeys(edges)), row.fill)

    def stack(self, rows: Sequence[Row]) -> Block:
        """Return the rows one below the other, with fills, texts and rules."""
        fills: list[Mark] = []
        texts: list[Mark] = []
        tops = [0.0]
        for row in rows:
            top = tops[-1]
            if row.fill:
                fills.append(RectMark(self.x, top, self.width, row.height, 0.0, fill=row.fill, source=self.table.source))
            texts.extend(moved(mark, 0.0, top) for mark in row.marks)
            tops.append(top + row.height)
        return Block(tops[-1], (*self._frames(tops[-1]), *fills, *self._rules(rows, tops), *texts))

    def _frames(self, height: float) -> list[Mark]:
        if not self._press.frames:
            return []
        columns = zip(self.table.columns, self._edges, self._widths, self._visible, strict=False)
        return [FrameMark(x, 0.0, width, height, column.source) for column, x, width, seen in columns if seen]

    def _rules(self, rows: Sequence[Row], tops: Sequence[float]) -> list[Mark]:
        table, right = self.table, self.x + self.width
        rules: list[Mark] = []
        if not rows or table.border == "none":
            return rules

        def rule(x: float, y: float, x2: float, y2: float) -> LineMark:
            return LineMark(x, y, x2, y2, table.thickness, table.color, 0.0, table.source)

        rules = [rule(self.x, y, right, y) for y in tops]
        if table.border == "grid":
            started: dict[float, float] = {}
            for row, top in zip(rows, tops, strict=False):
                for edge in [edge for edge in started if edge not in row.edges]:
                    rules.append(rule(edge, started.pop(edge), edge, top))
                for edge in row.edges:
                    started.setdefault(edge, top)
            rules.extend(rule(edge, top, edge, tops[-1]) for edge, top in started.items())
        if table.outline:
            rules.append(RectMark(self.x, 0.0, self.width, tops[-1], table.outline, table.color, source=table.source))
        return rules

    def whole(self, items: Sequence[Mapping[str, Any]], context: Mapping[str, Any]) -> Block:
        """Return a table that isn't split: its titles and a row for each item."""
        header = self.header(context)
        rows = [] if header is None else [header]
        for index, item in enumerate(items):
            rows.append(self.row({**context, "line": item, "row": {"number": index + 1, "count": len(items)}}, index, 0.0))
        return self.stack(rows)
