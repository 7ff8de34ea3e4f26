"""From a template and the values of a document to pages of placed marks: a pure function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.printing.bands import picture_marks, place_band
from desktop_crm.printing.closing import Closing
from desktop_crm.printing.marks import LineMark, Mark, Page, moved, on_screen
from desktop_crm.printing.press import Press
from desktop_crm.printing.rows import Rows, items_in
from desktop_crm.printing.setting import slanted_marks
from desktop_crm.printing.tables import Block, Row, TableSetter
from desktop_crm.printing.template import Copy, TextStyle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.printing.fonts import FontBook
    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.printing.template import Lines, SummaryRow, Template

NEAR: Final = 0.01
MAX_PAGES: Final = 5000
LONGEST_ROLL: Final = 5000.0
TEAR: Final = (0.2, "#8a94a6", 2.0)
ANY_PAGE: Final = 0


@dataclass(frozen=True)
class Layout:
    """The pages of a document, and what was found wrong on the way: texts that don't fit, and what a lenient layout left out."""

    pages: list[Page]
    problems: list[TemplateProblem]


def lay_out(template: Template, values: Mapping[str, Any], *, fonts: FontBook, copies: Sequence[str | Copy] | None = None) -> list[Page]:
    """Return the pages of one document, for each copy in turn.

    `copies` are the copies wanted, or their marks (存根, 客户, 回单); None takes the template's, and an empty sequence means a single
    unmarked copy. Raises TemplateError naming the element where a placeholder can't be filled or the paper is too small.
    """
    return compose(template, values, fonts=fonts, copies=copies).pages


def compose(template: Template, values: Mapping[str, Any], *, fonts: FontBook, copies: Sequence[str | Copy] | None = None, lenient: bool = False, frames: bool = False) -> Layout:
    """Return the pages as `lay_out` does, with the problems met.

    A `lenient` layout leaves out what can't be filled and raises nothing, whatever the template. With `frames` the pages also tell where
    bands, elements and columns stand, for the designer.
    """
    press = Press(fonts, lenient=lenient, frames=frames)
    wanted = [Copy(copy) if isinstance(copy, str) else copy for copy in (template.copies if copies is None else copies)]
    pages: list[Page] = []
    for number, one in enumerate(wanted or [Copy("")], 1):
        copy = {"mark": one.mark, "number": number, "count": len(wanted) or 1, "priceless": one.priceless}
        pages.extend(_Document(template, {**values, "copy": copy}, press).pages())
    return Layout(pages, press.problems)


@dataclass(frozen=True, slots=True)
class _Span:
    """What stands on one page: the rows [start:end], closing blocks, whether the lines are on it at all, and whether the footer is."""

    start: int
    end: int
    lines: bool = True
    closing: tuple[Block, ...] = ()
    last: bool = False


@dataclass(frozen=True, slots=True)
class _Room:
    """How many mm the rows may take on a page in the middle and on the last page."""

    middle: float
    last: float


class PageFacts(dict[str, int]):
    """What a text may ask of its page, and whether any did."""

    asked = False

    def get(self, key: str, default: Any = None) -> Any:
        """Return a fact."""
        self.asked = True
        return super().get(key, default)


class _Document:
    """One copy of one document on its way to pages."""

    def __init__(self, template: Template, values: Mapping[str, Any], press: Press) -> None:
        self._template, self._values, self._press = template, values, press
        self._paper = template.paper
        self._high = LONGEST_ROLL if self._paper.grows else self._paper.height
        self._frames: dict[tuple[str, int, int], Block] = {}
        self._lines: Lines | None = template.lines
        self._items = items_in(template.lines, values, press)
        self._rows = Rows(template.lines, self._items, values, press)
        self._setter: TableSetter | None = None
        if self._lines and self._lines.table:
            self._setter = TableSetter(self._lines.table, values, press, 0.0, self._paper.inner_width)
        whole = self._between(0, len(self._items), 1, 1)
        self._footer = place_band(template.document_footer, whole, press)
        self._rows.set(self._setter, self._room(2, 0).middle if self._lines else 0.0)
        self._entries = self._rows.entries
        self._closing = Closing(template.closing, whole, press)

    def _page_context(self, number: int, count: int) -> dict[str, Any]:
        return {**self._values, "page": PageFacts(number=number, count=count), "row": {"count": len(self._items)}}

    def _between(self, start: int, end: int, number: int, count: int) -> dict[str, Any]:
        """Return the context of a page with the items [start:end]."""
        items, all_sums = self._items, self._rows.sums
        return {
            **self._page_context(number, count),
            "carried": {name: sums[start] for name, sums in all_sums.items()},
            "running": {name: sums[end] for name, sums in all_sums.items()},
            "page_sum": {name: sums[end] - sums[start] for name, sums in all_sums.items()},
            "grand": {name: sums[-1] for name, sums in all_sums.items()},
            "first": items[start] if start < end else None,
            "last": items[end - 1] if end else None,
            "previous": items[start - 1] if start else None,
        }

    def _context(self, span: _Span, number: int, count: int) -> dict[str, Any]:
        return self._between(self._rows.before[span.start], self._rows.before[span.end], number, count)

    def _frame(self, name: str, number: int, count: int) -> Block:
        """Return a header or footer of a page. It knows no sums, so that it is placed once for all the lines tried on a page, and once for all pages where it doesn't ask which one it is."""
        found = self._frames.get((name, ANY_PAGE, ANY_PAGE)) or self._frames.get((name, number, count))
        if found is None:
            context = self._page_context(number, count)
            found = place_band(getattr(self._template, name), context, self._press)
            self._frames[(name, number, count) if context["page"].asked else (name, ANY_PAGE, ANY_PAGE)] = found
        return found

    def _height(self, row: SummaryRow | None, context: Mapping[str, Any]) -> float:
        return row.height if row and self._setter and self._press.holds(row.when, context, row.source) else 0.0

    def _edges(self, number: int, count: int) -> tuple[float, float]:
        """Return where the lines of a page may begin and must end."""
        top = self._paper.top + self._frame("page_header", number, count).height
        if number == 1:
            top += self._frame("document_header", number, count).height
        return top, self._high - self._paper.bottom - self._frame("page_footer", number, count).height

    def _room(self, number: int, start: int) -> _Room:
        """Return the room for the rows from `start` on if the page is one in the middle, and if it is the last."""
        at = self._rows.before[start]
        found = []
        for last, count in ((False, number + 1), (True, number)):
            top, bottom = self._edges(number, count)
            found.append(bottom - top - self._around(self._between(at, at, number, count), number, last=last))
        return _Room(found[0], found[1] - self._footer.height)

    def _around(self, context: Mapping[str, Any], number: int, *, last: bool) -> float:
        """Return what the titles, sums and subtotal of a page take; `last` where the lines end on it."""
        lines = self._lines
        if lines is None:
            return 0.0
        header = self._setter.header(context) if self._setter and (number == 1 or lines.repeat_header) else None
        before, after = (lines.opening if number == 1 else lines.carry_in), (lines.total if last else lines.carry_out)
        rows = sum(self._height(row, context) for row in (before, lines.page_total, after))
        return place_band(self._template.subtotal, context, self._press).height + (header.height if header else 0.0) + rows

    def _too_small(self) -> None:
        message = _("The paper of “{template}” is too small for its contents. Choose a larger paper or lower bands.")
        self._press.failed("bands", message.format(template=self._template.label))

    def _plan(self) -> list[_Span]:
        """Return what goes to which page."""
        total, lines = len(self._entries), self._lines
        limit = lines.rows_per_page if lines else 0
        kept = self._rows.keeping(lines.keep) if lines else 0
        spans: list[_Span] = []
        start = 0
        while len(spans) < MAX_PAGES:
            number = len(spans) + 1
            room = self._room(number, start)
            if room.last >= -NEAR and self._rows.fitting(start, room.last, limit) == total:
                used = sum(entry.row.height for entry in self._entries[start:])
                if self._closing.height <= room.last - used + NEAR:
                    return [*spans, _Span(start, total, closing=self._closing.all(), last=True)]
            if self._closing.exists and self._lines_end_here(start, number, limit):
                return [*spans, *self._plan_closing(start, number)]
            end = self._rows.fitting(start, room.middle, limit) if room.middle >= -NEAR else start
            end = min(end, kept) if start < kept else end
            if room.middle < -NEAR or (end <= start and (number > 1 or start == total)):
                self._too_small()
                if start == total:
                    return [*spans, _Span(start, total, closing=self._closing.all(), last=True)]
                end = start + 1
            spans.append(_Span(start, end))
            start = end
        self._press.failed("bands", _("the document has more than {count} pages.").format(count=MAX_PAGES))
        return spans

    def _after_lines(self, start: int, number: int) -> float:
        """Return the room below the lines from `start` on, if all of them stand on this page and more pages follow."""
        at = self._rows.before[start]
        top, bottom = self._edges(number, number + 1)
        around = self._around(self._between(at, len(self._items), number, number + 1), number, last=True)
        return bottom - top - around - sum(entry.row.height for entry in self._entries[start:])

    def _lines_end_here(self, start: int, number: int, limit: int) -> bool:
        return self._rows.fitting(start, LONGEST_ROLL, limit) == len(self._entries) and self._after_lines(start, number) >= -NEAR

    def _plan_closing(self, start: int, number: int) -> list[_Span]:
        """Return the pages from the one on which the lines end to the last, the closing blocks flowing over them and the footer at the end."""
        total, first = len(self._entries), number
        rooms = self._closing.flow(self._after_lines(start, number), lambda page: self._bare(first + page), self._footer.height)
        if rooms is None:
            self._too_small()
            rooms = [self._closing.all()]
        return [
            _Span(start if not page else total, total, lines=not page, closing=blocks, last=page == len(rooms) - 1) for page, blocks in enumerate(rooms)
        ]

    def _bare(self, number: int) -> float:
        """Return the room of a page without lines."""
        top, bottom = self._edges(number, number + 1)
        return bottom - top

    def pages(self) -> list[Page]:
        """Return the pages."""
        spans = self._plan()
        lines_end = max((number for number, span in enumerate(spans, 1) if span.lines), default=0)
        return [self._page(span, number, len(spans), lines_end=number == lines_end) for number, span in enumerate(spans, 1)]

    def _page(self, span: _Span, number: int, count: int, *, lines_end: bool) -> Page:
        context = self._context(span, number, count)
        top, bottom = self._edges(number, count)
        paper, left = self._paper, self._paper.left
        marks: list[Mark] = [*self._behind(), *self._watermark(context)]
        head = self._frame("page_header", number, count)
        self._put(marks, head, left, paper.top)
        if number == 1:
            self._put(marks, self._frame("document_header", number, count), left, paper.top + head.height)
        y = top
        if self._lines and span.lines:
            y = self._put(marks, self._body(span, number, context, last=lines_end), left, y)
            y = self._put(marks, place_band(self._template.subtotal, context, self._press), left, y)
        for block in span.closing:
            y = self._put(marks, block, left, y)
        if span.last:
            footer = place_band(self._template.document_footer, context, self._press)
            at_bottom = self._template.document_footer is not None and self._template.document_footer.at_bottom and not paper.grows
            y = self._put(marks, footer, left, bottom - footer.height if at_bottom else y)
        end = self._put(marks, self._frame("page_footer", number, count), left, y if paper.grows else bottom)
        height = max(paper.height, end + paper.bottom) if paper.grows else paper.height
        marks += self._tears(height)
        return Page(paper.width, round(height, 2), tuple(marks))

    def _put(self, marks: list[Mark], block: Block, x: float, y: float) -> float:
        marks.extend(moved(mark, x, y) for mark in block.marks)
        return y + block.height

    def _behind(self) -> list[Mark]:
        """Return the scan of a preprinted form. It is placed from the corner of the paper."""
        picture = self._template.background
        return [] if picture is None else on_screen(self._press.attempt(picture.source, lambda: picture_marks(picture, picture.y, {}), []))

    def _tears(self, height: float) -> list[Mark]:
        thickness, color, dash = TEAR
        found: list[Mark] = []
        for line in self._template.tear_lines:
            ends = (line.at, 0.0, line.at, height) if line.upright else (0.0, line.at, self._paper.width, line.at)
            found.append(LineMark(*ends, thickness, color, dash, line.source, screen_only=True))
        return found

    def _watermark(self, context: Mapping[str, Any]) -> list[Mark]:
        mark = self._template.watermark
        if mark is None or not self._press.holds(mark.when, context, "watermark"):
            return []
        style = TextStyle(size=mark.size, bold=True, color=mark.color)
        centre = self._paper.width / 2, self._paper.height / 2
        return [*slanted_marks(self._press.render(mark.text, context, "watermark"), style, centre, mark.angle, self._press.fonts, "watermark")]

    def _body(self, span: _Span, number: int, context: Mapping[str, Any], *, last: bool) -> Block:
        """Return the lines of a page with titles, sums and blank rows."""
        lines, setter = self._lines, self._setter
        rows = [entry.row for entry in self._entries[span.start : span.end]]
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
            # Where closing blocks follow on further pages, blank rows would but push them away.
            free = room.last - self._closing.height if span.last else 0.0 if last else room.middle
            stacked.extend(self._padding(span, free, lines.rows_per_page))
        stacked.extend(self._summary(lines.page_total, context))
        stacked.extend(self._summary(lines.total if last else lines.carry_out, context))
        return setter.stack(stacked)

    def _summary(self, row: SummaryRow | None, context: Mapping[str, Any]) -> list[Row]:
        if row is None or self._setter is None or not self._height(row, context):
            return []
        return [self._setter.summary(row, context)]

    def _padding(self, span: _Span, room: float, limit: int) -> list[Row]:
        """Return the blank rows that fill a page up to `limit` lines, or as far as they fit where there is no limit."""
        if self._setter is None:
            return []
        blank = self._setter.blank()
        used = sum(entry.row.height for entry in self._entries[span.start : span.end])
        fitting = 0 if self._paper.grows and not limit else int((room - used + NEAR) // blank.height)
        lines = self._rows.before[span.end] - self._rows.before[span.start]
        return [blank] * max(0, min(fitting, limit - lines) if limit else fitting)
