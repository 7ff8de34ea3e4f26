"""What a document template consists of. All measures are mm, font sizes points, colours ``#rrggbb``.

A page is built from bands, top to bottom: page header (every page), document header (first page), the lines with their table and the
subtotal (every page), document footer (last page), page footer (every page, at the bottom). Elements stand in a band by x and y from the
left margin and the band's top. Where a text wraps to more lines than its height holds, the band grows and what stands below moves down.

Names a placeholder may use beside the document's values: ``page.number, page.count``, ``copy.mark, copy.number``, in a row ``line`` and
``row.number``; in summary rows and the subtotal band ``page_sum.X, carried.X, running.X, grand.X`` for every X of `sums`,
``first`` and ``last`` (the page's lines), ``previous`` (the last line of the page before), ``row.count`` (all lines).
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


@dataclass(frozen=True)
class Paper:
    """The sheet and its margins; `name` is the size's name, empty for a size of its own."""

    name: str
    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float

    @property
    def inner_width(self) -> float:
        """The width between the margins."""
        return self.width - self.left - self.right


@dataclass(frozen=True)
class TextStyle:
    """How a text is set; `overflow` says what happens to a text too long for its place."""

    size: float = 9.0
    bold: bool = False
    align: Align = "left"
    valign: VerticalAlign = "middle"
    overflow: Overflow = "wrap"
    color: str = "#000000"


@dataclass(frozen=True)
class TextElement:
    """A text in a rectangle."""

    x: float
    y: float
    width: float
    height: float
    text: Text
    style: TextStyle
    when: Formula | None = None


@dataclass(frozen=True)
class LineElement:
    """A line from (x, y) to (x2, y2); `dash` is the length of its dashes, 0 for a solid one."""

    x: float
    y: float
    x2: float
    y2: float
    thickness: float
    color: str
    dash: float
    when: Formula | None = None


@dataclass(frozen=True)
class BoxElement:
    """A rectangle, outlined, filled or both; it grows with the texts beside or inside it."""

    x: float
    y: float
    width: float
    height: float
    thickness: float
    color: str
    fill: str
    when: Formula | None = None


@dataclass(frozen=True)
class ImageElement:
    """A picture inside the template (`data`) or from the values (`value` yields bytes), fitted into its place without distortion."""

    x: float
    y: float
    width: float
    height: float
    data: bytes
    value: Formula | None
    screen_only: bool
    when: Formula | None = None


@dataclass(frozen=True)
class BarElement:
    """A bar code or QR code of what `value` yields; `caption` prints it in plain figures below (bar codes only)."""

    x: float
    y: float
    width: float
    height: float
    kind: BarKind
    value: Text
    caption: bool
    when: Formula | None = None


@dataclass(frozen=True)
class Column:
    """One column; width 0 takes a share of what the others leave. A column whose `when` doesn't hold gives its width away."""

    title: Text
    text: Text
    width: float
    style: TextStyle
    when: Formula | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of a summary row over `span` columns."""

    text: Text
    span: int
    style: TextStyle


@dataclass(frozen=True)
class SummaryRow:
    """A row of sums: opening balance (first page), carried in (承前页), page total (本页小计), carried out (过次页) or grand total (合计)."""

    cells: tuple[Cell, ...]
    height: float
    fill: str
    when: Formula | None = None


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


@dataclass(frozen=True)
class TableElement:
    """A small table inside a band (instalments, say); it isn't split over pages."""

    x: float
    y: float
    width: float
    height: float
    values: Formula
    table: Table
    when: Formula | None = None


Element = TextElement | LineElement | BoxElement | ImageElement | BarElement | TableElement


@dataclass(frozen=True)
class Band:
    """A strip over the width of the page."""

    height: float
    elements: tuple[Element, ...]
    when: Formula | None = None
    at_bottom: bool = False


@dataclass(frozen=True)
class Lines:
    """The list of the document: a table, or for labels and cards a band of elements repeated for each item.

    `rows_per_page` limits the lines of a page (0: as many as fit), `pad` fills the rest with blank rows, `keep` lines at least
    go to the last page together with the totals, `repeat_header` sets the titles again on each page.
    """

    values: Formula
    table: Table | None
    item: Band | None
    sums: tuple[tuple[str, Formula], ...] = ()
    opening: SummaryRow | None = None
    carry_in: SummaryRow | None = None
    page_total: SummaryRow | None = None
    carry_out: SummaryRow | None = None
    total: SummaryRow | None = None
    rows_per_page: int = 0
    pad: bool = False
    keep: int = 1
    repeat_header: bool = True


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
    """A document template; `prints` is the entity or report whose values it takes."""

    name: str
    label: str
    prints: str
    paper: Paper
    page_header: Band | None = None
    document_header: Band | None = None
    lines: Lines | None = None
    subtotal: Band | None = None
    document_footer: Band | None = None
    page_footer: Band | None = None
    copies: tuple[str, ...] = ()
    watermark: Watermark | None = None
