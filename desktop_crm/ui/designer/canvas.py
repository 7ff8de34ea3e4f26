"""The paper on the screen: pages as they will be printed, with what is selected framed above them; mouse and keys work on it directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from desktop_crm.base.i18n import _
from desktop_crm.printing.marks import Page
from desktop_crm.ui.designer.arrange import Guide
from desktop_crm.ui.designer.document import Box, around, bands, get, is_band, is_element
from desktop_crm.ui.designer.gestures import Gestures, stands_at_foot
from desktop_crm.ui.designer.guides import guide_added, guides_of, on_paper
from desktop_crm.ui.designer.overlay import Overlay
from desktop_crm.ui.designer.paper_item import Look, PaperItem
from desktop_crm.ui.designer.sheets import Sheets
from desktop_crm.ui.kit.layouts import own_bars
from desktop_crm.ui.kit.tokens import color, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QKeyEvent

    from desktop_crm.ui.designer.design import Design

DOTS: Final = 96 / 25.4
"""Logical pixels of a millimetre at 100 %."""
ROOM: Final = 6.0
TAB_ROOM: Final = 24
NEXT_SHEET: Final = 20.0
"""Millimetres shown of the sheet that follows on continuous paper."""
SMALLEST: Final = 0.25
LARGEST: Final = 8.0
ZOOM_STEP: Final = 1.2


class Canvas(QGraphicsView):
    """Shows sheets and lets a hand work on them.

    Signals: `zoom_changed(factor)` 1 is the size on paper, `view_changed` after scrolling or zooming, `edit_wanted(path)` on a double
    click, `menu_wanted(point)` on the screen, `dropped(mime data, x, y)` in mm of the scene.
    """

    zoom_changed = Signal(float)
    view_changed = Signal()
    edit_wanted = Signal(str)
    menu_wanted = Signal(QPoint)
    dropped = Signal(object, float, float)

    def __init__(self, design: Design, *, accepts: Callable[[object], bool], band_label: Callable[[str], str]) -> None:
        super().__init__()
        self.setObjectName("designer.canvas")
        self.setAccessibleName(_("Paper"))
        self.design = design
        self._accepts, self._band_label = accepts, band_label
        self.sheets = Sheets(design.doc)
        self.overlay = Overlay(self.to_view)
        self.fields: Callable[[], dict[int, tuple[Box, ...]]] = dict
        self.look = Look()
        self.fit = True
        self.bands_shown = True
        self.key_hook: Callable[[QKeyEvent], bool] = lambda _event: False
        self._items: list[PaperItem] = []
        self._next: PaperItem | None = None
        own_bars(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scene = QGraphicsScene(self)
        self.setScene(self._scene)
        self.gestures = Gestures(self)
        self._dress()
        theme_notifier().changed.connect(self._dress)
        design.changed.connect(self._redraw)
        design.selection_changed.connect(self._redraw)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(lambda _value: self.view_changed.emit())

    def _dress(self) -> None:
        self.setBackgroundBrush(color("pressed"))

    def _redraw(self) -> None:
        self.viewport().update()

    # ---- what is shown

    def show_sheets(self, sheets: Sheets, look: Look) -> None:
        """Show other pages; what is scrolled to stays."""
        self.sheets, self.look = sheets, look
        fields = self.fields()
        while len(self._items) > len(sheets.pages):
            self._scene.removeItem(self._items.pop())
        for number, page in enumerate(sheets.pages):
            last = number == len(sheets.pages) - 1 and not sheets.continuous
            if number < len(self._items):
                self._items[number].show_page(page, look, fields.get(number, ()), last=last)
            else:
                item = PaperItem(page, look, fields.get(number, ()), last=last, joined=sheets.continuous and number > 0)
                self._items.append(item)
                self._scene.addItem(item)
            self._items[number].setPos(0, sheets.top(number))
        self._show_next()
        self._set_scene()
        self._redraw()

    def _show_next(self) -> None:
        """Show the beginning of the next sheet of continuous paper, torn off below."""
        pages = self.sheets.pages
        if self._next is not None:
            self._scene.removeItem(self._next)
            self._next = None
        if pages and self.sheets.continuous:
            self._next = PaperItem(Page(pages[-1].width, NEXT_SHEET, ()), self.look, (), last=True, joined=True)
            self._next.setPos(0, self.sheets.top(len(pages)))
            self._scene.addItem(self._next)

    def _set_scene(self) -> None:
        pages = self.sheets.pages
        width = max((page.width for page in pages), default=210.0)
        height = self.sheets.top(len(pages)) if pages else 297.0
        height += NEXT_SHEET if self._next is not None else 0.0
        rect = QRectF(-ROOM, -ROOM, width + 2 * ROOM + TAB_ROOM / max(self.factor() * DOTS, 1.0), height + 2 * ROOM)
        if rect != self._scene.sceneRect():
            self._scene.setSceneRect(rect)
            if self.fit:
                self.fit_width()
        self.view_changed.emit()

    def to_view(self, box: Box) -> QRectF:
        """Return a rectangle of the scene in logical pixels of the view."""
        return self.viewportTransform().mapRect(QRectF(box.x, box.y, box.width, box.height))

    def to_scene(self, spot: QPointF) -> tuple[float, float]:
        """Return a point of the view in mm of the scene."""
        found = self.viewportTransform().inverted()[0].map(spot)
        return found.x(), found.y()

    def boxes(self, path: str) -> list[Box]:
        """Return where something stands, in mm of the scene, the first page first."""
        return [self.sheets.scene_box(one) for one in self.sheets.of(self.design.shown, path)]

    def frame(self) -> Box | None:
        """Return the frame around the selected elements, or None."""
        found = [boxes[0] for path in self.design.elements() if (boxes := self.boxes(path))]
        return around(found) if found else None

    def band_boxes(self) -> list[tuple[str, str, Box]]:
        """Return path, name and first rectangle of each band of elements; in the live preview only of one that is selected."""
        found = [path for path in bands(self.design.shown) if self.bands_shown or path in self.design.selected]
        return [(path, self._band_label(path), boxes[0]) for path in found if (boxes := self.boxes(path))]

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw what lies over the paper."""
        del rect
        painter.save()
        painter.resetTransform()
        design = self.design
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = next((path for path in design.selected if is_band(path)), "")
        self.overlay.feet = frozenset(path for path in bands(design.shown) if stands_at_foot(design.shown, path))
        self.overlay.own_guides = [guide for _place, guide in self.own_guides()]
        self.overlay.draw_bands(painter, self.band_boxes(), current)
        chosen = [(path, self.boxes(path)) for path in design.selected]
        elements = design.elements()
        locked = bool(elements) and all((get(design.shown, path) or {}).get("locked") for path in elements)
        self.overlay.paint(painter, self.sheets, chosen, self.frame(), single=len(elements) == 1, locked=locked)
        painter.restore()

    # ---- zooming and scrolling

    def factor(self) -> float:
        """Return the size things are shown at; 1 is their size on paper."""
        return self.transform().m11() / DOTS

    def set_factor(self, factor: float, *, fit: bool = False) -> None:
        """Show things at another size; `fit` keeps the paper as wide as the view from now on."""
        self.fit = fit
        factor = max(SMALLEST, min(LARGEST, factor))
        scale = factor * DOTS / self.transform().m11()
        if abs(scale - 1) > 1e-4:  # noqa: PLR2004 - less than a pixel of a screen
            self.scale(scale, scale)
            self._set_scene()
            self.zoom_changed.emit(factor)
        self.view_changed.emit()

    def fit_width(self) -> None:
        """Make the paper as wide as the view."""
        width = max((page.width for page in self.sheets.pages), default=210.0)
        room = self.viewport().width() - TAB_ROOM
        if room > 0:
            self.set_factor(room / (width + 2 * ROOM) / DOTS, fit=True)

    def zoom_by(self, steps: float) -> None:
        """Zoom in or out."""
        self.set_factor(self.factor() * ZOOM_STEP**steps)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, scroll sideways with Shift, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom_by(event.angleDelta().y() / 120)
            event.accept()
            return
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the paper as wide as the view where that was asked for."""
        super().resizeEvent(event)
        if self.fit:
            self.fit_width()
        self.view_changed.emit()

    def reveal(self, path: str) -> None:
        """Bring something into view."""
        found = self.boxes(path)
        if found and not self.viewport().rect().contains(self.to_view(found[0]).toRect()):
            box = found[0]
            self.ensureVisible(QRectF(box.x, box.y, box.width, box.height), 40, 40)

    # ---- mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin what the pointer is on."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.LeftButton:
            self.gestures.press(event.position(), event.modifiers())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, or show what a press would begin."""
        self.gestures.move(event.position(), event.modifiers())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.gestures.release(event.position(), event.modifiers())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the text of what was clicked."""
        x, y = self.to_scene(event.position())
        found = self.sheets.at(self.design.shown, x, y)
        path = found[0] if found else self.sheets.column_at(x, y)
        if path:
            self.edit_wanted.emit(path)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what is under the pointer."""
        x, y = self.to_scene(QPointF(event.pos()))
        found = self.sheets.at(self.design.shown, x, y)
        path = found[0] if found else self.sheets.column_at(x, y)
        if path and path not in self.design.selected:
            self.design.select([path])
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Offer the key to the page first; Esc ends a drag."""
        if event.key() == Qt.Key.Key_Escape and self.gestures.cancel():
            return
        if not self.key_hook(event):
            event.ignore()

    def pull_guide(self, *, upright: bool, spot: float, done: bool) -> None:
        """Show or set a guide at a view coordinate, as it is dragged out of a ruler; off the paper it is dropped."""
        length = self.viewport().width() if upright else self.viewport().height()
        x, y = self.to_scene(QPointF(spot, spot))
        inside = 0 <= spot <= length
        guide = Guide(upright, round((x if upright else y) * 2) / 2)
        self.overlay.guides = [] if done or not inside else [guide]
        if done and inside and on_paper(guide, self.sheets):
            self.design.edit(_("Guide"), guide_added(self.design.doc, guide, self.sheets))
        self._redraw()

    def own_guides(self) -> list[tuple[int, Guide]]:
        """Return the template's guides in mm of the scene, each with its place in the document."""
        return guides_of(self.design.shown, self.sheets)

    # ---- dropping fields

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take fields of the tree."""
        if self._accepts(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where a field would stand."""
        if not self._accepts(event.mimeData()):
            event.ignore()
            return
        x, y = self.to_scene(event.position())
        column = self.sheets.column_at(x, y)
        boxes = self.boxes(column) if column else []
        band = self.sheets.band_at(y)
        if boxes:
            self.overlay.drop = boxes[0]
        elif band is not None:
            self.overlay.drop = self.sheets.scene_box(band[1])
        self._redraw()
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show nothing any more."""
        self.overlay.drop = None
        self._redraw()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put a field where it was dropped."""
        self.overlay.drop = None
        self._redraw()
        x, y = self.to_scene(event.position())
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData(), x, y)

    def background(self) -> QColor:
        """Return the colour behind the paper."""
        return color("pressed")

    def top_element(self, x: float, y: float, room: float) -> str:
        """Return the element a click at a point of the scene means: a selected one before the topmost."""
        found = self.sheets.at(self.design.shown, x, y, room)
        chosen = [path for path in found if path in self.design.selected and is_element(path)]
        return chosen[0] if chosen else found[0] if found else ""
