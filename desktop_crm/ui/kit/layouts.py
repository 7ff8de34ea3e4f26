"""Rows, columns, lines and boxes: the few containers pages are laid out with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_crm.ui.kit.grounds import PLAIN, Ground, Panel, Rule
from desktop_crm.ui.kit.style import ScrollBar

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = QWidget | QLayout | int | None | tuple[QWidget | QLayout, int]
Margins = tuple[int, int, int, int]


def own_viewport(area: QAbstractScrollArea, *, clear: bool = False) -> None:
    """Give a scrolling widget a viewport that was made here; a `clear` one shows what is behind it.

    The first time PySide6 is asked for a widget that Qt made by itself, it loads every kind of widget there is to find out which it
    is: as long as a fifth of an empty window's start.
    """
    made = QWidget()
    if not clear:
        made.setBackgroundRole(QPalette.ColorRole.Base)
        made.setAutoFillBackground(True)
    area.setViewport(made)


def own_bars(area: QAbstractScrollArea, *, rows: bool = False) -> None:
    """Give a scrolling widget the kit's scroll bars; `rows` says that it scrolls down by rows and not by pixels."""
    area.setVerticalScrollBar(ScrollBar(Qt.Orientation.Vertical, pixels=not rows))
    area.setHorizontalScrollBar(ScrollBar(Qt.Orientation.Horizontal))


def _fill(layout: QBoxLayout, items: Iterable[Item]) -> None:
    for item in items:
        inner, stretch = item if isinstance(item, tuple) else (item, 0)
        if inner is None:
            layout.addStretch(1)
        elif isinstance(inner, int):
            layout.addSpacing(inner)
        elif isinstance(inner, QLayout):
            layout.addLayout(inner, stretch)
        else:
            layout.addWidget(inner, stretch)


def row(*items: Item, gap: int = 8, margins: Margins = (0, 0, 0, 0)) -> QHBoxLayout:
    """Lay items out from left to right: a widget or a layout, (item, stretch), a number for a space, None for a spring."""
    layout = QHBoxLayout()
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    _fill(layout, items)
    return layout


def column(*items: Item, gap: int = 8, margins: Margins = (0, 0, 0, 0)) -> QVBoxLayout:
    """Lay items out from top to bottom; items as in `row`."""
    layout = QVBoxLayout()
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    _fill(layout, items)
    return layout


def clear(layout: QLayout) -> None:
    """Take everything out of a layout; its widgets are deleted."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def holder(layout: QLayout, *, name: str = "") -> QWidget:
    """Put a layout into a bare widget."""
    widget = QWidget()
    widget.setObjectName(name)
    widget.setLayout(layout)
    return widget


def box(layout: QLayout | None = None, look: str = "surface", *, name: str = "") -> Ground | Panel:
    """Return a frame on a ground: ``app surface sunken card inset`` or a tone."""
    made = Ground(look) if look in PLAIN else Panel(look)
    made.setObjectName(name)
    if layout is not None:
        made.setLayout(layout)
    return made


def hline() -> QFrame:
    """Return a horizontal separator of one pixel."""
    return Rule(Qt.Orientation.Horizontal)


def vline(height: int = 0) -> QFrame:
    """Return a vertical separator of one pixel."""
    made = Rule(Qt.Orientation.Vertical)
    if height:
        made.setFixedHeight(height)
    return made


def scroll(content: QWidget, *, name: str = "", sideways: bool = False) -> QScrollArea:
    """Let a form or a report body scroll; its header and its footer stay outside."""
    area = QScrollArea()
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    own_viewport(area, clear=True)
    own_bars(area)
    area.setWidget(content)
    content.setAutoFillBackground(False)
    return area
