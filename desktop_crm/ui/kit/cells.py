"""Table cells: the roles a model answers, and how each kind of cell is drawn."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt

from desktop_crm.base.lazily import NamedTuple, dataclass
from desktop_crm.ui.kit.fonts import line_height, text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.paint import (
    CENTRE,
    LEFT,
    RIGHT,
    fill,
    frame,
    pill_height,
    pill_width,
    put,
    put_bar,
    put_pill,
    put_stars,
    put_tick,
    write,
)

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

PAD: Final = 8


class Kind(StrEnum):
    """How a column is drawn."""

    TEXT = "text"
    NAME = "name"
    LINK = "link"
    MONEY = "money"
    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    PILL = "pill"
    TAGS = "tags"
    STARS = "stars"
    BAR = "bar"
    CHECK = "check"


class CellRole(IntEnum):
    """What a model answers besides Qt's own roles.

    In `headerData`: KIND (a Kind), ALIGN (``left right centre``), WIDTH (logical pixels), KEY (a stable name), REQUIRED (bool).
    In `data`: the DisplayRole is the ready text, or LOADING; TONE a colour role; BOLD a bool; VALUE what the kind draws (stars: int,
    bar: share of 1, check: bool or Qt.CheckState, tags: list of (text, tone)); RAW what is copied (numbers and dates as they are);
    ROW, asked of column 0, a RowLook or None; ERROR the cell's problem.
    """

    KIND = Qt.ItemDataRole.UserRole + 1
    ALIGN = Qt.ItemDataRole.UserRole + 2
    WIDTH = Qt.ItemDataRole.UserRole + 3
    KEY = Qt.ItemDataRole.UserRole + 4
    REQUIRED = Qt.ItemDataRole.UserRole + 5
    TONE = Qt.ItemDataRole.UserRole + 6
    BOLD = Qt.ItemDataRole.UserRole + 7
    VALUE = Qt.ItemDataRole.UserRole + 8
    RAW = Qt.ItemDataRole.UserRole + 9
    ROW = Qt.ItemDataRole.UserRole + 10
    ERROR = Qt.ItemDataRole.UserRole + 11


class _Loading(str):
    """The type of LOADING: a text to Qt and to screen readers, known by its identity to the table."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "LOADING"


LOADING: Final = _Loading("…")


@dataclass(frozen=True)
class RowLook:
    """What sets a row apart: the depth in a tree, whether it is folded open (None: it has nothing under it), its ground, muted text."""

    level: int = 0
    fold: bool | None = None
    ground: str = ""
    muted: bool = False
    group: bool = False


RIGHT_KINDS: Final = frozenset({Kind.MONEY, Kind.NUMBER, Kind.PERCENT})
# These show all of their text or the column grows: an amount cut short is a wrong amount.
WHOLE_KINDS: Final = frozenset({Kind.MONEY, Kind.NUMBER, Kind.PERCENT, Kind.DATE})
DASH_KINDS: Final = WHOLE_KINDS
GROWING_KINDS: Final = WHOLE_KINDS | {Kind.PILL}
"""Kinds whose column grows until the cell is whole: figures, and a status, which must be read by its word."""
VALUE_KINDS: Final = frozenset({Kind.STARS, Kind.BAR, Kind.CHECK, Kind.TAGS})


def alignment(kind: Kind) -> str:
    """Return the side a kind of column stands on; the header follows it."""
    return RIGHT if kind in RIGHT_KINDS else CENTRE if kind is Kind.CHECK else LEFT


class Cell(NamedTuple):
    """One cell, ready to be drawn."""

    kind: Kind
    text: object = ""
    tone: str = ""
    bold: bool = False
    value: object = None
    align: str = ""


def width_needed(cell: Cell) -> int:
    """Return the width a cell needs to show all of its text, in logical pixels, padding included."""
    text = cell.text if isinstance(cell.text, str) else ""
    if cell.kind is Kind.PILL:
        return pill_width(text) + 2 * PAD
    if cell.kind is Kind.STARS:
        return 60 + 2 * PAD
    if cell.kind is Kind.BAR:
        return 96
    if cell.kind is Kind.TAGS and isinstance(cell.value, list):
        return sum(text_width(str(tag[0]), "small") + 16 for tag in cell.value) + 2 * PAD
    return text_width(text, "body", cell.bold or cell.kind is Kind.NAME) + 2 * PAD


def in_sight(cell: Cell, rect: QRect, left: int, right: int) -> tuple[Cell, QRect]:
    """Return a cell of which only a part lies between `left` and `right` as it is drawn there: a figure is whole or an ellipsis, a text ends within sight."""
    figure = cell.kind in WHOLE_KINDS
    if cell.kind in VALUE_KINDS or cell.text is LOADING or (rect.right() < right and not figure):
        return cell, rect
    seen = QRect(rect)
    seen.setRight(min(rect.right(), right - 1))
    if figure:
        seen.setLeft(max(rect.left(), left))
        if width_needed(cell) > seen.width():
            cell = cell._replace(text="…")
    return cell, seen


def paint_cell(painter: QPainter, rect: QRect, cell: Cell, *, row: int = 0) -> None:
    """Draw a cell's content; its ground was filled before. `row` varies the widths of skeletons."""
    inner, kind = rect.adjusted(PAD, 0, -PAD, -1), cell.kind
    if cell.text is LOADING:
        share = (0.8, 0.55, 0.7, 0.45)[row % 4] if kind not in WHOLE_KINDS else 0.6
        width = inner.width() * share
        left = inner.right() - width if (cell.align or alignment(kind)) == RIGHT else inner.x()
        fill(painter, QRectF(left, rect.center().y() - 4, width, 8), "neutralbg", 4)
        return
    text = cell.text if isinstance(cell.text, str) else ""
    align = cell.align or alignment(kind)
    if kind in VALUE_KINDS:
        _paint_value(painter, rect, inner, cell, text)
    elif not text:
        if kind in DASH_KINDS:
            put(painter, inner, "—", role="text3", align=align)
    elif kind is Kind.PILL:
        height = pill_height()
        box = QRectF(inner.x(), round(rect.center().y() - height / 2), min(pill_width(text), inner.width()), height)
        put_pill(painter, box, text, cell.tone or "neutral")
    else:
        role = cell.tone or {Kind.LINK: "accent", Kind.DATE: "text2"}.get(kind, "text3" if text == "—" else "text")
        write(painter, inner, text, bold=cell.bold or kind is Kind.NAME, role=role, align=align)


def _paint_value(painter: QPainter, rect: QRect, inner: QRect, cell: Cell, text: str) -> None:
    value, middle = cell.value, rect.y() + rect.height() / 2
    if cell.kind is Kind.STARS and isinstance(value, int):
        put_stars(painter, inner.x(), middle, value)
    elif cell.kind is Kind.CHECK:
        state = value if isinstance(value, Qt.CheckState) else Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
        put_tick(painter, rect, state)
    elif cell.kind is Kind.BAR and isinstance(value, float | int):
        role = cell.tone or "info"
        room = text_width("100%", "small") + 6
        put_bar(painter, QRectF(inner.x(), middle - 3, inner.width() - room, 6), [(min(1.0, float(value)), role + "fill")])
        put(painter, inner, text, style="small", role="danger" if role == "danger" else "text2", align=RIGHT)
    elif cell.kind is Kind.TAGS and isinstance(value, list):
        left, height = float(inner.x()), line_height("small")
        for title, tone in value:
            width = text_width(title, "small") + 12
            if left + width > inner.right() + 1:
                put(painter, QRectF(left, rect.y(), 16, rect.height()), "…", role="text3")
                break
            box = QRectF(left, middle - height / 2, width, height)
            fill(painter, box, tone + "bg", 4)
            put(painter, box, title, style="small", role=tone, align=CENTRE)
            left += width + 4


def paint_fold(painter: QPainter, left: float, middle: float, *, opened: bool) -> None:
    """Draw the arrow that opens and closes a row of a tree."""
    painter.drawPixmap(QPointF(left, round(middle - 8)), pixmap("chevron-down" if opened else "chevron-right", "text2"))


def paint_input(painter: QPainter, rect: QRect) -> None:
    """Draw the box of a cell that is always open for input."""
    frame(painter, QRectF(rect).adjusted(4, 3, -4, -4), "border", 5, inside="surface")
