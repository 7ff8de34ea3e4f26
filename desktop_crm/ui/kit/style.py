"""What Qt draws itself, in the theme's colours: the palette, scroll bars and tooltips; the kit's own widgets paint by role.

There is no style sheet for the application. With one Qt dresses every widget anew each time it gets another parent – once for each box around it while a page is
built – and all of them when the theme changes: three times the work of a record's page, and fifteen times that of a change of theme.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QProxyStyle, QScrollBar, QStyle, QStyleOption, QStyleOptionComplex, QStyleOptionSlider, QToolTip, QWidget

from desktop_crm.ui.kit.fonts import font
from desktop_crm.ui.kit.paint import fill, smooth
from desktop_crm.ui.kit.tokens import Theme, color

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

BAR: Final = 12
"""How wide a scroll bar is, with the room around its handle."""
INSET: Final = 2
SHORTEST: Final = 32
TIP_ROOM: Final = 5
INKS: Final = {"text": QPalette.ColorRole.BrightText, "text2": QPalette.ColorRole.Shadow, "text3": QPalette.ColorRole.PlaceholderText, "accent": QPalette.ColorRole.Link}
"""Colour roles of text that stand in the palette of the application, where Qt itself draws nothing with them: labels in them follow the theme for nothing."""


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette in the theme's colours."""
    made, role, group = QPalette(), QPalette.ColorRole, QPalette.ColorGroup
    pairs = ((role.Window, "app"), (role.Base, "surface"), (role.AlternateBase, "sunken"), (role.Text, "text"), (role.WindowText, "text"),
             (role.ButtonText, "text"), (role.Button, "surface"), (role.Highlight, "accent"), (role.HighlightedText, "onaccent"),
             (role.PlaceholderText, "text3"), (role.ToolTipBase, "tip"), (role.ToolTipText, "ontip"), (role.Link, "accent"),
             (role.LinkVisited, "accent"), (role.Mid, "border"), (role.Light, "surface"), (role.Midlight, "hover"), (role.Dark, "edge"),
             (role.Accent, "accent"), (role.BrightText, "text"), (role.Shadow, "text2"))
    for which, name in pairs:
        made.setColor(which, theme.color(name))
    for which in (role.Text, role.WindowText, role.ButtonText):
        made.setColor(group.Disabled, which, theme.color("disabled"))
    return made


@cache
def ink(role: str) -> QPalette:
    """Return what gives a text the colour `role`, whether it is enabled or not; the answer belongs to the theme in use."""
    made = QPalette()
    made.setColor(QPalette.ColorRole.WindowText, color(role))
    return made


@cache
def paper(role: str) -> QPalette:
    """Return the palette of an input that paints its own ground: its text in `role`, greyed when disabled, half as strong while there is none.

    The answer belongs to the theme in use.
    """
    made, group, which = QPalette(), QPalette.ColorGroup, QPalette.ColorRole
    made.setColor(which.Base, QColor(0, 0, 0, 0))
    made.setColor(which.Text, color(role))
    made.setColor(group.Disabled, which.Text, color("disabled"))
    for state, name in ((group.Active, role), (group.Inactive, role), (group.Disabled, "disabled")):
        faint = QColor(color(name))
        faint.setAlpha(128)
        made.setColor(state, which.PlaceholderText, faint)
    return made


def forget_inks() -> None:
    """Drop what was mixed for the former theme."""
    ink.cache_clear()
    paper.cache_clear()


def dress_tips(theme: Theme) -> None:
    """Show tooltips in the theme's colours."""
    colours = QPalette(palette(theme))
    colours.setColor(QPalette.ColorRole.Window, theme.color("tip"))
    QToolTip.setPalette(colours)
    QToolTip.setFont(font("small"))


class KitStyle(QProxyStyle):
    """Fusion, but for tooltips, the corner between scroll bars, and where the parts of a scroll bar are."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None) -> int:
        """Give tooltips their room."""
        if metric == QStyle.PixelMetric.PM_ToolTipLabelFrameWidth:
            return TIP_ROOM
        return super().pixelMetric(metric, option, widget)

    def drawPrimitive(self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None) -> None:
        """Draw no line around tooltips, and the corner like the ground beside it."""
        if element == QStyle.PrimitiveElement.PE_PanelTipLabel:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.ToolTipBase))
        elif element == QStyle.PrimitiveElement.PE_PanelScrollAreaCorner:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Base))
        else:
            super().drawPrimitive(element, option, painter, widget)

    def subControlRect(self, control: QStyle.ComplexControl, option: QStyleOptionComplex, part: QStyle.SubControl, widget: QWidget | None = None) -> QRect:
        """Say where the parts of a scroll bar are: its handle in the whole of it, no arrows."""
        if control != QStyle.ComplexControl.CC_ScrollBar or not isinstance(widget, ScrollBar) or not isinstance(option, QStyleOptionSlider):
            return super().subControlRect(control, option, part, widget)  # type: ignore[arg-type]  # the stubs know no call without a widget
        return bar_part(option, part)


def bar_part(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    """Return where a part of a scroll bar is; nowhere for arrows, which it has none of."""
    box, across, parts = QRect(option.rect), option.orientation == Qt.Orientation.Horizontal, QStyle.SubControl
    room = box.width() if across else box.height()
    span = option.maximum - option.minimum
    length = room if not span else max(min(SHORTEST + 2 * INSET, room), option.pageStep * room // (span + option.pageStep))
    start = QStyle.sliderPositionFromValue(option.minimum, option.maximum, option.sliderPosition, room - length, option.upsideDown)
    if part == parts.SC_ScrollBarGroove:
        return box
    begin, size = {parts.SC_ScrollBarSlider: (start, length), parts.SC_ScrollBarSubPage: (0, start), parts.SC_ScrollBarAddPage: (start + length, room - start - length)}.get(part, (0, 0))
    if not size:
        return QRect()
    found = QRect(box.x() + begin, box.y(), size, box.height()) if across else QRect(box.x(), box.y() + begin, box.width(), size)
    return QStyle.visualRect(option.direction, box, found) if across else found


COARSEST: Final = 8


def grain(ratio: float) -> int:
    """Return how many logical pixels make whole ones on a screen of this ratio: 2 at 150 %, 4 at 125 %; 1 where a screen's pixels never are."""
    return next((size for size in range(1, COARSEST + 1) if abs(size * ratio - round(size * ratio)) < 1e-6), 1)  # noqa: PLR2004 - hardly anything


class ScrollBar(QScrollBar):
    """A scroll bar without arrows, on the ground of what it scrolls.

    What scrolls by `pixels` is moved by whole pixels of the screen: by others Qt paints all of it anew, instead of moving what is painted already.
    """

    def __init__(self, across: Qt.Orientation, *, pixels: bool = True) -> None:
        super().__init__(across)
        if pixels:
            self.actionTriggered.connect(self._to_whole)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, on=False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _to_whole(self) -> None:
        size, way = grain(self.devicePixelRatioF()), self.sliderPosition() - self.value()
        if way % size:
            further = size - abs(way) % size
            self.setSliderPosition(self.sliderPosition() + (further if way > 0 else -further))

    def sizeHint(self) -> QSize:
        """Ask for a narrow strip."""
        return QSize(BAR, BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the handle, darker under the pointer."""
        del event
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = bar_part(option, QStyle.SubControl.SC_ScrollBarSlider)
        over = self.underMouse() and (self.isSliderDown() or handle.contains(self.mapFromGlobal(self.cursor().pos())))
        painter = QPainter(self)
        smooth(painter)
        fill(painter, handle.adjusted(INSET, INSET, -INSET, -INSET), "edge" if over else "border", 4)
