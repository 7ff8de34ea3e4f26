"""What a document template consists of. All measures are mm, font sizes points, colours ``#rrggbb``. `docs/templates.md` is the same for those who write one.

A page is built from bands, top to bottom: page header (every page), document header (first page), the lines with their table and the
subtotal (every page with lines), closing bands (after the lines, flowing over pages), document footer (last page), page footer (every
page, at the bottom). Elements stand in a band by x and y from the left margin and the band's top. Where a text wraps to more lines than
its height holds, the band grows and what stands below moves down.

Names a placeholder may use beside the document's values: ``page.number, page.count``, ``copy.mark, copy.number, copy.count,
copy.priceless``, ``print.date, print.user, print.times``, in a row ``line`` and ``row.number``; in summary rows and the subtotal band
``page_sum.X, carried.X, running.X, grand.X`` for every X of `sums`, ``first`` and ``last`` (the page's lines), ``previous`` (the last line
of the page before), ``row.count`` (all lines); in the rows of a group ``group.X, group.value, group.number, group.count, group.first``.

`source` is the path of a part in the template's JSON, such as ``bands/lines/table/columns/2``; marks carry it on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from desktop_crm.printing.values import Formula, Text

Align = Literal["left", "center", "right"]
VerticalAlign = Literal["top", "middle", "bottom"]
Overflow = Literal["wrap", "shrink", "cut"]
Border = Literal["grid", "rows", "none"]
BarKind = Literal["code128", "ean13", "qrcode"]
PaperKind = Literal["sheet", "continuous", "roll", "label", "envelope"]


@dataclass(frozen=True)
class Paper:
    """The sheet and its margins; `name` is the size's name, empty for a size of its own. On a roll (`grows`) the height is the least one."""

    name: str
    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float
    kind: PaperKind = "sheet"

    @property
    def inner_width(self) -> float:
        """The width between the margins."""
        return self.width - self.left - self.right

    @property
    def grows(self) -> bool:
        """Tell whether a page is as high as what is on it."""
        return self.kind == "roll"


@dataclass(frozen=True)
class Labels:
    """How pages as large as a label are put on a sheet, in rows from the top left; `start` is the place (from 1) of the first."""

    sheet: Paper
    across: int
    down: int
    gap_x: float = 0.0
    gap_y: float = 0.0
    start: int = 1


@dataclass(frozen=True)
class TearLine:
    """Where the paper is torn or folded: a line over the whole paper at `at` mm, shown on the screen only."""

    at: float
    upright: bool
    source: str


@dataclass(frozen=True)
class Copy:
    """One copy of a document, such as 存根; on a `priceless` one the template may hide amounts (``when: not copy.priceless``)."""

    mark: str
    priceless: bool = False


@dataclass(frozen=True)
class TextStyle:
    """How a text is set; `overflow` says what happens to a text too long for its place.

    `leading` is the distance of lines in parts of the size; a shrunk text gets no smaller than `smallest` points (0: half its size).
    """

    size: float = 9.0
    bold: bool = False
    align: Align = "left"
    valign: VerticalAlign = "middle"
    overflow: Overflow = "wrap"
    color: str = "#000000"
    font: str = "sans"
    leading: float = 1.3
    smallest: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """What every element has: a `name` for its author; `locked` against moving in a designer; `hidden` ones aren't printed at all.

    `preprinted` ones stand on the form already: shown on the screen, never printed.
    """

    source: str = ""
    name: str = ""
    locked: bool = False
    hidden: bool = False
    preprinted: bool = False
    when: Formula | None = None


@dataclass(frozen=True)
class TextElement(Part):
    """A text in a rectangle, turned clockwise inside it by `rotate` (0, 90, 180 or 270) degrees."""

    x: float
    y: float
    width: float
    height: float
    text: Text
    style: TextStyle
    rotate: int = 0


@dataclass(frozen=True)
class LineElement(Part):
    """A line from (x, y) to (x2, y2); `dash` is the length of its dashes, 0 for a solid one."""

    x: float
    y: float
    x2: float
    y2: float
    thickness: float
    color: str
    dash: float


@dataclass(frozen=True)
class BoxElement(Part):
    """A rectangle, outlined, filled or both; it grows with the texts beside or inside it."""

    x: float
    y: float
    width: float
    height: float
    thickness: float
    color: str
    fill: str


@dataclass(frozen=True)
class ImageElement(Part):
    """A picture inside the template (`data`) or from the values (`value` yields bytes), fitted into its place without distortion."""

    x: float
    y: float
    width: float
    height: float
    data: bytes
    value: Formula | None
    rotate: int = 0


@dataclass(frozen=True)
class BarElement(Part):
    """A bar code or QR code of what `value` yields; `caption` prints it in plain figures below (bar codes only)."""

    x: float
    y: float
    width: float
    height: float
    kind: BarKind
    value: Text
    caption: bool
    rotate: int = 0


@dataclass(frozen=True)
class Column:
    """One column; width 0 takes a share of what the others leave. A column whose `when` doesn't hold gives its width away."""

    title: Text
    text: Text
    width: float
    style: TextStyle
    title_align: Align
    when: Formula | None = None
    source: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell of a summary row over `span` columns."""

    text: Text
    span: int
    style: TextStyle
    source: str = ""


@dataclass(frozen=True)
class SummaryRow:
    """A row of sums: opening balance (first page), carried in (承前页), page total (本页小计), carried out (过次页) or grand total (合计)."""

    cells: tuple[Cell, ...]
    height: float
    fill: str
    when: Formula | None = None
    source: str = ""


@dataclass(frozen=True)
class Table:
    """Columns over a list of the values; `header_height` 0 prints no titles."""

    columns: tuple[Column, ...]
    header_height: float
    header_style: TextStyle
    header_fill: str
    row_height: float
    padding: float
    border: Border
    thickness: float
    outline: float
    stripe: str
    color: str = "#000000"
    source: str = ""


@dataclass(frozen=True)
class TableElement(Part):
    """A small table inside a band (instalments, say); it isn't split over pages."""

    x: float
    y: float
    width: float
    height: float
    values: Formula
    table: Table


Element = TextElement | LineElement | BoxElement | ImageElement | BarElement | TableElement


@dataclass(frozen=True)
class Band:
    """A strip over the width of the page. `values` (closing bands only) repeats it for each item of a list, which is ``line`` in it."""

    height: float
    elements: tuple[Element, ...]
    when: Formula | None = None
    at_bottom: bool = False
    values: Formula | None = None
    source: str = ""


@dataclass(frozen=True)
class Group:
    """Lines that follow each other with the same value of `by`, with a row above and a row below; `new_page` begins each on a page of its own."""

    by: Formula
    header: SummaryRow | None
    total: SummaryRow | None
    new_page: bool = False


@dataclass(frozen=True)
class Lines:
    """The list of the document: a table, or for labels and cards a band of elements repeated for each item.

    `rows_per_page` limits the lines of a page (0: as many as fit), `pad` fills the rest with blank rows, `keep` lines at least
    go to the last page together with the totals, `repeat_header` sets the titles again on each page. `groups` are from the outermost in.
    """

    values: Formula
    table: Table | None
    item: Band | None
    sums: tuple[tuple[str, Formula], ...] = ()
    groups: tuple[Group, ...] = ()
    opening: SummaryRow | None = None
    carry_in: SummaryRow | None = None
    page_total: SummaryRow | None = None
    carry_out: SummaryRow | None = None
    total: SummaryRow | None = None
    rows_per_page: int = 0
    pad: bool = False
    keep: int = 1
    repeat_header: bool = True
    source: str = "bands/lines"


@dataclass(frozen=True)
class Watermark:
    """A large pale text across the page."""

    text: Text
    size: float
    color: str
    angle: float
    when: Formula | None = None


@dataclass(frozen=True)
class Template:
    """A document template; `prints` is the entity or report whose values it takes, `language` the one it is written in (empty: any)."""

    name: str
    label: str
    prints: str
    paper: Paper
    page_header: Band | None = None
    document_header: Band | None = None
    lines: Lines | None = None
    subtotal: Band | None = None
    closing: tuple[Band, ...] = ()
    document_footer: Band | None = None
    page_footer: Band | None = None
    copies: tuple[Copy, ...] = ()
    watermark: Watermark | None = None
    language: str = ""
    labels: Labels | None = None
    background: ImageElement | None = None
    tear_lines: tuple[TearLine, ...] = ()
