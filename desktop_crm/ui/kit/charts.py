"""Charts painted by hand: columns with an optional line, horizontal bars, sparklines. Every mark carries its value as text."""


from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.focus import keyboard_in_use
from desktop_crm.ui.kit.fonts import line_height, text_width
from desktop_crm.ui.kit.paint import CENTRE, RIGHT, fill, put, ring, smooth
from desktop_crm.ui.kit.tokens import color, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from PySide6.QtCore import QEvent


@dataclass(frozen=True)
class Mark:
    """One bar: its key, its label, its value, the value as text, its colour role, a note after the label, and whether it is a forecast."""

    key: str
    label: str
    value: Decimal | float
    text: str
    role: str = "c1"
    note: str = ""
    forecast: bool = False


def steps(most: float) -> list[float]:
    """Return four or five round values from 0 to at least `most` for an axis."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / 4
    magnitude = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 0.1
    size = next((factor * magnitude for factor in (1, 2, 2.5, 4, 5, 8, 10) if factor * magnitude >= rough), magnitude * 10)
    made = [0.0]
    while made[-1] < most:
        made.append(made[-1] + size)
    return made


class _Chart(QWidget):
    """What charts share: marks, the one under the pointer, the chosen ones, the keyboard. Signal: `chosen(key)`."""

    chosen = Signal(str)

    def __init__(self, *, name: str = "", label: str = "") -> None:
        super().__init__()
        self._marks: list[Mark] = []
        self._hover, self._current = -1, 0
        self.selected: set[str] = set()
        self._label = label
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show other values; their text is the chart's accessible description."""
        self._marks = list(marks)
        self._current = min(self._current, max(0, len(marks) - 1))
        self.setAccessibleDescription("; ".join(f"{mark.label} {mark.text}" for mark in marks))
        self.updateGeometry()
        self.update()

    def set_selected(self, keys: set[str]) -> None:
        """Show which marks filter the data."""
        self.selected = keys
        self.update()

    def area(self, index: int) -> QRectF:
        """Return where a mark takes clicks."""
        raise NotImplementedError

    def _at(self, position: QPointF) -> int:
        return next((index for index in range(len(self._marks)) if self.area(index).contains(position)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the mark under the pointer and tell its value."""
        over = self._at(event.position())
        if over != self._hover:
            self._hover = over
            self.setToolTip(f"{self._marks[over].label}  {self._marks[over].text}" if over >= 0 else "")
            self.setCursor(Qt.CursorShape.PointingHandCursor if over >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Put the light out."""
        self._hover = -1
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the mark under the pointer."""
        over = self._at(event.position())
        if over >= 0:
            self._current = over
            self.chosen.emit(self._marks[over].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, choose with Enter or Space."""
        move = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if not self._marks:
            super().keyPressEvent(event)
        elif move is not None:
            self._current = max(0, min(self._current + move, len(self._marks) - 1))
            self.setAccessibleName(f"{self._label} {self._marks[self._current].label} {self._marks[self._current].text}")
            self.update()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.chosen.emit(self._marks[self._current].key)
        else:
            super().keyPressEvent(event)

    def _paint_state(self, painter: QPainter, index: int) -> None:
        if index == self._hover or self._marks[index].key in self.selected:
            fill(painter, self.area(index), "selected" if self._marks[index].key in self.selected else "hover", 4)
        if self.hasFocus() and index == self._current and keyboard_in_use():
            ring(painter, self.area(index), 4)

    def _nothing(self, painter: QPainter) -> None:
        put(painter, QRectF(self.rect()), _("No data"), role="text3", align=CENTRE)


class BarChart(_Chart):
    """Columns over an axis; `line` adds one value for each column as a line, such as a plan beside what came in.

    `axis_text` writes an axis value.
    """

    def __init__(self, axis_text: Callable[[float], str] = lambda value: f"{value:,.0f}", *, name: str = "", label: str = "",
                 values: bool = True) -> None:
        super().__init__(name=name, label=label)
        self._axis_text, self._values = axis_text, values
        self._line: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Ask for a readable size."""
        return QSize(420, 200)

    def minimumSizeHint(self) -> QSize:
        """Stay readable."""
        return QSize(240, 140)

    def set_line(self, values: Sequence[Decimal | float]) -> None:
        """Draw a line over the columns; an empty one takes it away."""
        self._line = [float(value) for value in values]
        self.update()

    def _scale(self) -> list[float]:
        return steps(max([float(mark.value) for mark in self._marks] + self._line, default=0))

    def _plot(self) -> QRectF:
        left = max(text_width(self._axis_text(value), "caption") for value in self._scale()) + 12
        top = line_height("small") + 4
        return QRectF(left, top, self.width() - left - 4, self.height() - top - line_height("caption") - 10)

    def area(self, index: int) -> QRectF:
        """Return the column's slot."""
        plot = self._plot()
        width = plot.width() / max(1, len(self._marks))
        return QRectF(plot.x() + index * width + width * 0.08, plot.y() - 4, width * 0.84, plot.height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the grid, the columns, their values and the line."""
        del event
        painter = QPainter(self)
        smooth(painter)
        if not self._marks:
            self._nothing(painter)
            return
        plot, scale = self._plot(), self._scale()
        for index in range(len(self._marks)):
            self._paint_state(painter, index)
        for value in scale:
            y = round(plot.bottom() - plot.height() * value / scale[-1])
            painter.fillRect(QRectF(plot.x(), y, plot.width(), 1), color("border" if not value else "grid"))
            put(painter, QRectF(0, y - 8, plot.x() - 8, 16), self._axis_text(value), style="caption", role="text3", align=RIGHT, elide=False)
        for index, mark in enumerate(self._marks):
            self._column(painter, index, mark, plot, scale[-1])
        if self._line:
            points = [QPointF(self.area(index).center().x(), plot.bottom() - plot.height() * value / scale[-1])
                      for index, value in enumerate(self._line[: len(self._marks)])]
            painter.setPen(QPen(color("c4"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(points)
            painter.setPen(QPen(color("surface"), 1.5))
            painter.setBrush(color("c4"))
            for point in points:
                painter.drawEllipse(point, 3.5, 3.5)

    def _column(self, painter: QPainter, index: int, mark: Mark, plot: QRectF, most: float) -> None:
        slot = self.area(index)
        width = min(54.0, slot.width() * 0.6)
        height = max(2.0 if mark.value else 0.0, plot.height() * max(0.0, float(mark.value)) / most)
        bar = QRectF(slot.center().x() - width / 2, plot.bottom() - height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(color(mark.role), Qt.BrushStyle.BDiagPattern) if mark.forecast else color(mark.role))
        painter.drawRoundedRect(bar, 3, 3)
        if self._values:
            put(painter, QRectF(slot.x() - 8, bar.y() - line_height("small") - 1, slot.width() + 16, line_height("small")), mark.text, style="small",
                bold=True, align=CENTRE, elide=False)
        # Either all labels have their notes or none has: some alone look as if the others had none.
        roomy = all(text_width(f"{one.label} · {one.note}", "caption") <= slot.width() + 12 for one in self._marks if one.note)
        label = f"{mark.label} · {mark.note}" if mark.note and roomy else mark.label
        put(painter, QRectF(slot.x() - 6, plot.bottom() + 6, slot.width() + 12, line_height("caption")), label, style="caption", role="text2",
            align=CENTRE)


class BarList(_Chart):
    """Horizontal bars, one for each label, with the value at its end: rankings, funnels, shares."""

    def __init__(self, *, name: str = "", label: str = "", thick: bool = False, label_width: int = 0) -> None:
        super().__init__(name=name, label=label)
        self._thick, self._label_width = thick, label_width
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def _step(self) -> int:
        return theme().px(44 if self._thick else 34)

    def sizeHint(self) -> QSize:
        """Ask for one line each."""
        return QSize(260, max(1, len(self._marks)) * self._step())

    def area(self, index: int) -> QRectF:
        """Return the line of a mark."""
        return QRectF(0, index * self._step(), self.width(), self._step())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        del event
        painter = QPainter(self)
        smooth(painter)
        if not self._marks:
            self._nothing(painter)
            return
        most = max(float(mark.value) for mark in self._marks) or 1.0
        for index, mark in enumerate(self._marks):
            self._paint_state(painter, index)
            line, share = self.area(index), max(0.0, float(mark.value)) / most
            if self._thick:
                self._thick_bar(painter, line, mark, share)
            else:
                top = QRectF(line.x() + 2, line.y() + 2, line.width() - 4, line_height("small"))
                used = put(painter, top, mark.text, style="small", bold=True, align=RIGHT, role="danger" if mark.role == "danger" else "text")
                put(painter, top.adjusted(0, 0, -used - 8, 0), mark.label, style="small")
                track = QRectF(top.x(), top.bottom() + 3, top.width(), 6)
                fill(painter, track, "neutralbg", 3)
                fill(painter, QRectF(track.x(), track.y(), track.width() * share, 6), "dangerfill" if mark.role == "danger" else mark.role, 3)

    def _thick_bar(self, painter: QPainter, line: QRectF, mark: Mark, share: float) -> None:
        left = self._label_width or max(text_width(one.label) for one in self._marks) + 16
        right = max(text_width(one.text, "body", True) for one in self._marks) + 12
        notes = max(text_width(one.note, "small") for one in self._marks)
        right += notes + 12 if notes else 0
        put(painter, QRectF(2, line.y(), left - 8, line.height()), mark.label, role="text2")
        track = QRectF(left, line.y() + 3, line.width() - left - right, line.height() - 6)
        fill(painter, track, "neutralbg", 4)
        fill(painter, QRectF(track.x(), track.y(), max(4.0, track.width() * share), track.height()), mark.role, 4)
        end = line.adjusted(0, 0, -2, 0)
        if notes:
            put(painter, end, mark.note, style="small", role="text3", align=RIGHT)
            end = end.adjusted(0, 0, -notes - 12, 0)
        put(painter, end, mark.text, bold=True, align=RIGHT)


class Sparkline(QWidget):
    """A trend without axes beside a key figure; `text` says it in words."""

    def __init__(self, values: Sequence[Decimal | float], text: str = "", role: str = "c1") -> None:
        super().__init__()
        self._values, self._role = [float(value) for value in values], role
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setFixedSize(76, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line and the ground under it."""
        del event
        if len(self._values) < 2:  # noqa: PLR2004 - one point is no line
            return
        painter = QPainter(self)
        smooth(painter)
        low, high = min(self._values), max(self._values)
        wide, tall = self.width() - 6, self.height() - 8
        points = [QPointF(2 + wide * place / (len(self._values) - 1), 4 + tall * (1 - (value - low) / ((high - low) or 1)))
                  for place, value in enumerate(self._values)]
        under = QColor(color(self._role))
        under.setAlphaF(0.12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(under)
        painter.drawPolygon(QPolygonF([*points, QPointF(points[-1].x(), self.height()), QPointF(points[0].x(), self.height())]))
        painter.setPen(QPen(color(self._role), 1.5))
        painter.drawPolyline(points)
        painter.setBrush(color(self._role))
        painter.drawEllipse(points[-1], 2, 2)
