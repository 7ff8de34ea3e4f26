"""From a template and the values of a document to pages of placed marks: a pure function."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.bands import place_band
from desktop_crm.printing.marks import Mark, Page, moved
from desktop_crm.printing.setting import slanted_marks
from desktop_crm.printing.tables import Block, Row, TableSetter, items_of
from desktop_crm.printing.template import TextStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from desktop_crm.printing.fonts import FontBook
    from desktop_crm.printing.template import Lines, SummaryRow, Template

NEAR: Final = 0.01


def lay_out(template: Template, values: Mapping[str, Any], *, fonts: FontBook, copies: Sequence[str] | None = None) -> list[Page]:
    """Return the pages of one document, for each copy in turn.

    `copies` are the marks of the copies (存根, 客户, 回单); None takes the template's, and an empty sequence means a single unmarked copy.
    Raises UserError where a placeholder can't be filled or the paper is too small for the template.
    """
    marks = template.copies if copies is None else tuple(copies)
    pages: list[Page] = []
    for number, mark in enumerate(marks or ("",), 1):
        copy = {"mark": mark, "number": number, "count": len(marks) or 1}
        pages.extend(_Document(template, {**values, "copy": copy}, fonts).pages())
    return pages


@dataclass(frozen=True, slots=True)
class _Span:
    """The lines of one page: items[start:end]."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Room:
    """How many mm the rows may take on a page in the middle and on the last page."""

    middle: float
    last: float


class _Document:
    """One copy of one document on its way to pages."""

    def __init__(self, template: Template, values: Mapping[str, Any], fonts: FontBook) -> None:
        self._template, self._values, self._fonts = template, values, fonts
        self._paper = template.paper
        self._frames: dict[tuple[str, int, int], Block] = {}
        self._lines: Lines | None = template.lines
        self._items: list[Mapping[str, Any]] = items_of(template.lines.values, values) if template.lines else []
        self._sums = self._running_sums()
        self._footer = place_band(template.document_footer, self._context(_Span(0, len(self._items)), 1, 1), fonts)
        self._setter: TableSetter | None = None
        if self._lines and self._lines.table:
            self._setter = TableSetter(self._lines.table, values, fonts, 0.0, self._paper.inner_width)
        most = self._room(2, 0).middle if self._lines else 0.0
        self._rows = list(self._measured(most))

    def _running_sums(self) -> dict[str, list[Decimal]]:
        """Return for each sum its value before the first line, after the first, and so on."""
        found: dict[str, list[Decimal]] = {}
        for name, formula in self._lines.sums if self._lines else ():
            totals = [Decimal(0)]
            for item in self._items:
                totals.append(totals[-1] + formula.number({**self._values, "line": item}))
            found[name] = totals
        return found

    def _measured(self, most: float) -> Iterator[Row]:
        """Yield the row of each line."""
        if self._lines is None:
            return
        for index, item in enumerate(self._items):
            context = {**self._values, "line": item, "row": {"number": index + 1, "count": len(self._items)}}
            if self._setter:
                yield self._setter.row(context, index, most)
            else:
                block = place_band(self._lines.item, context, self._fonts)
                yield Row(block.height, block.marks, ())

    def _page_context(self, number: int, count: int) -> dict[str, Any]:
        return {**self._values, "page": {"number": number, "count": count}, "row": {"count": len(self._items)}}

    def _context(self, span: _Span, number: int, count: int) -> dict[str, Any]:
        items = self._items
        return {
            **self._page_context(number, count),
            "carried": {name: sums[span.start] for name, sums in self._sums.items()},
            "running": {name: sums[span.end] for name, sums in self._sums.items()},
            "page_sum": {name: sums[span.end] - sums[span.start] for name, sums in self._sums.items()},
            "grand": {name: sums[-1] for name, sums in self._sums.items()},
            "first": items[span.start] if span.start < span.end else None,
            "last": items[span.end - 1] if span.end else None,
            "previous": items[span.start - 1] if span.start else None,
        }

    def _frame(self, name: str, number: int, count: int) -> Block:
        """Return a header or footer of a page. It knows no sums, so that it is placed once for all the lines tried on a page."""
        key = name, number, count
        if key not in self._frames:
            self._frames[key] = place_band(getattr(self._template, name), self._page_context(number, count), self._fonts)
        return self._frames[key]

    def _height(self, row: SummaryRow | None, context: Mapping[str, Any]) -> float:
        return row.height if row and self._setter and (row.when is None or row.when.holds(context)) else 0.0

    def _edges(self, number: int, count: int) -> tuple[float, float]:
        """Return where the lines of a page may begin and must end."""
        top = self._paper.top + self._frame("page_header", number, count).height
        if number == 1:
            top += self._frame("document_header", number, count).height
        return top, self._paper.height - self._paper.bottom - self._frame("page_footer", number, count).height

    def _room(self, number: int, start: int) -> _Room:
        """Return the room for the lines from `start` on if the page is one in the middle, and if it is the last."""
        found = []
        for last, count in ((False, number + 1), (True, number)):
            top, bottom = self._edges(number, count)
            found.append(bottom - top - self._around(self._context(_Span(start, start), number, count), number, last=last))
        return _Room(found[0], found[1] - self._footer.height)

    def _around(self, context: Mapping[str, Any], number: int, *, last: bool) -> float:
        """Return what the titles, sums and subtotal of a page take."""
        lines = self._lines
        if lines is None:
            return 0.0
        header = self._setter.header(context) if self._setter and (number == 1 or lines.repeat_header) else None
        before, after = (lines.opening if number == 1 else lines.carry_in), (lines.total if last else lines.carry_out)
        rows = sum(self._height(row, context) for row in (before, lines.page_total, after))
        return place_band(self._template.subtotal, context, self._fonts).height + (header.height if header else 0.0) + rows

    def _take(self, start: int, room: float) -> int:
        """Return the end of the lines from `start` on that fit in `room` mm, -1 where not even none do."""
        if room < -NEAR:
            return -1
        limit = self._lines.rows_per_page if self._lines else 0
        end, used = start, 0.0
        while end < len(self._rows) and used + self._rows[end].height <= room + NEAR and not (limit and end - start >= limit):
            used += self._rows[end].height
            end += 1
        return end

    def _plan(self) -> list[_Span]:
        """Return which lines go to which page."""
        total, keep = len(self._rows), self._lines.keep if self._lines else 0
        spans: list[_Span] = []
        start = 0
        while True:
            number = len(spans) + 1
            room = self._room(number, start)
            if self._take(start, room.last) == total:
                return [*spans, _Span(start, total)]
            end = self._take(start, room.middle)
            if start < total - keep:
                end = min(end, total - keep)
            if room.middle < -NEAR or (end <= start and (number > 1 or start == total)):
                raise UserError(
                    _("The paper of “{template}” is too small for its contents. Choose a larger paper or lower bands.").format(
                        template=self._template.label
                    )
                )
            end = max(end, start)
            spans.append(_Span(start, end))
            start = end

    def pages(self) -> list[Page]:
        """Return the pages."""
        spans = self._plan()
        return [self._page(span, number, len(spans)) for number, span in enumerate(spans, 1)]

    def _page(self, span: _Span, number: int, count: int) -> Page:
        context = self._context(span, number, count)
        top, bottom = self._edges(number, count)
        last = number == count
        paper, left = self._paper, self._paper.left
        marks: list[Mark] = self._watermark(context)
        head = self._frame("page_header", number, count)
        self._put(marks, head, left, paper.top)
        if number == 1:
            self._put(marks, self._frame("document_header", number, count), left, paper.top + head.height)
        y = self._put(marks, self._body(span, number, context, last=last), left, top)
        if self._lines:
            y = self._put(marks, place_band(self._template.subtotal, context, self._fonts), left, y)
        if last:
            footer = place_band(self._template.document_footer, context, self._fonts)
            at_bottom = self._template.document_footer is not None and self._template.document_footer.at_bottom
            self._put(marks, footer, left, bottom - footer.height if at_bottom else y)
        self._put(marks, self._frame("page_footer", number, count), left, bottom)
        return Page(paper.width, paper.height, tuple(marks))

    def _put(self, marks: list[Mark], block: Block, x: float, y: float) -> float:
        marks.extend(moved(mark, x, y) for mark in block.marks)
        return y + block.height

    def _watermark(self, context: Mapping[str, Any]) -> list[Mark]:
        mark = self._template.watermark
        if mark is None or not (mark.when is None or mark.when.holds(context)):
            return []
        style = TextStyle(size=mark.size, bold=True, color=mark.color)
        centre = self._paper.width / 2, self._paper.height / 2
        return list(slanted_marks(mark.text.render(context), style, centre, mark.angle, self._fonts))

    def _body(self, span: _Span, number: int, context: Mapping[str, Any], *, last: bool) -> Block:
        """Return the lines of a page with titles, sums and blank rows."""
        lines, setter = self._lines, self._setter
        rows = self._rows[span.start : span.end]
        if lines is None or (setter is None and not rows):
            return Block(0.0)
        if setter is None:
            marks: list[Mark] = []
            y = 0.0
            for row in rows:
                y = self._put(marks, Block(row.height, row.marks), 0.0, y)
            return Block(y, tuple(marks))
        header = setter.header(context) if number == 1 or lines.repeat_header else None
        stacked = [header] if header else []
        stacked.extend(self._summary(lines.carry_in if number > 1 else lines.opening, context))
        stacked.extend(rows)
        if lines.pad:
            room = self._room(number, span.start)
            stacked.extend(self._padding(rows, room.last if last else room.middle, lines.rows_per_page))
        stacked.extend(self._summary(lines.page_total, context))
        stacked.extend(self._summary(lines.total if last else lines.carry_out, context))
        return setter.stack(stacked)

    def _summary(self, row: SummaryRow | None, context: Mapping[str, Any]) -> list[Row]:
        if row is None or self._setter is None or not self._height(row, context):
            return []
        return [self._setter.summary(row, context)]

    def _padding(self, rows: Sequence[Row], room: float, limit: int) -> list[Row]:
        """Return the blank rows that fill a page up to `limit` rows, or as far as they fit where there is no limit."""
        if self._setter is None:
            return []
        blank = self._setter.blank()
        fitting = int((room - sum(row.height for row in rows) + NEAR) // blank.height)
        return [blank] * max(0, min(fitting, limit - len(rows)) if limit else fitting)
