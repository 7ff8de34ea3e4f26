"""The elements as a list, from the topmost down: names, lock, hide, order by dragging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_crm.base.i18n import _
from desktop_crm.ui.designer.contents import icon_of, title_of
from desktop_crm.ui.designer.document import bands, get
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.layouts import own_bars
from desktop_crm.ui.kit.paint import fill, put, smooth
from desktop_crm.ui.kit.tokens import theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter

    from desktop_crm.ui.designer.design import Design

PATH: Final = Qt.ItemDataRole.UserRole
ROW: Final = Qt.ItemDataRole.UserRole + 1
MARK: Final = 26


class _Rows(QStyledItemDelegate):
    """Draws a band's name, or an element with its icon, lock and eye."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Keep one height."""
        del option, index
        return QSize(120, theme().px(27))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw a row."""
        rect, state = QRect(option.rect), option.state
        title, icon, locked, hidden = index.data(ROW)
        if state & QStyle.StateFlag.State_Selected:
            fill(painter, rect, "selected")
        elif state & QStyle.StateFlag.State_MouseOver:
            fill(painter, rect, "hover")
        smooth(painter)
        if not icon:
            put(painter, rect.adjusted(12, 0, -8, 0), title, style="small", bold=True, role="text3")
            return
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.drawPixmap(rect.x() + 14, rect.center().y() - 7, pixmap(icon, "text3" if hidden else "text2", 14))
        put(painter, rect.adjusted(36, 0, -2 * MARK, 0), title, role="text3" if hidden else "text")
        middle = rect.center().y() - 7
        if locked or over:
            painter.drawPixmap(rect.right() - 2 * MARK + 6, middle, pixmap("lock" if locked else "lock-open", "text2" if locked else "text3", 14))
        if hidden or over:
            painter.drawPixmap(rect.right() - MARK + 6, middle, pixmap("eye-off" if hidden else "eye", "text2" if hidden else "text3", 14))


class LayerList(QListWidget):
    """The list. Signals: `flag_wanted(path, key)` to turn ``locked`` or ``hidden`` round, `order_wanted(path, place)` after a drag, `menu_wanted(point)`."""

    flag_wanted = Signal(str, str)
    order_wanted = Signal(str, str, int)
    menu_wanted = Signal(object)

    def __init__(self, design: Design, *, labels: Callable[[], Mapping[str, str]], band_label: Callable[[str], str]) -> None:
        super().__init__()
        self.setObjectName("designer.layers")
        self.setAccessibleName(_("Layers"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_Rows(self))
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.design, self._labels, self._band_label = design, labels, band_label
        self._filling = False
        own_bars(self, rows=True)
        design.changed.connect(self.fill)
        design.selection_changed.connect(self._follow)
        self.itemSelectionChanged.connect(self._chosen)
        theme_notifier().changed.connect(self.viewport().update)

    def count_elements(self) -> int:
        """Return how many elements there are."""
        return sum(len(get(self.design.shown, f"{band}/elements", []) or []) for band in bands(self.design.shown))

    def fill(self) -> None:
        """Show the present elements; while something is dragged they are the same."""
        if self.design.dragging or not self.isVisible():
            return
        self._filling = True
        doc, labels = self.design.doc, self._labels()
        wanted: list[tuple[str, tuple[str, str, bool, bool]]] = []
        for band in bands(doc):
            wanted.append((band, (self._band_label(band), "", False, False)))
            listed = get(doc, f"{band}/elements", []) or []
            for place in range(len(listed) - 1, -1, -1):
                one = listed[place]
                if isinstance(one, dict):
                    wanted.append((f"{band}/elements/{place}", (title_of(one, labels), icon_of(one), bool(one.get("locked")), bool(one.get("hidden")))))
        while self.count() > len(wanted):
            self.takeItem(self.count() - 1)
        for number, (path, shown) in enumerate(wanted):
            item = self.item(number)
            if item is None:
                item = QListWidgetItem()
                self.addItem(item)
            item.setData(PATH, path)
            item.setData(ROW, shown)
            item.setText(shown[0])
            item.setToolTip(shown[0])
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | (Qt.ItemFlag.ItemIsDragEnabled if shown[1] else Qt.ItemFlag.ItemIsDropEnabled))
        self._filling = False
        self._follow()

    def showEvent(self, event: object) -> None:
        """Show what changed while the list was away."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.fill()

    def _follow(self) -> None:
        if not self.isVisible():
            return
        self._filling = True
        first: QListWidgetItem | None = None
        for number in range(self.count()):
            item = self.item(number)
            on = item.data(PATH) in self.design.selected
            item.setSelected(on)
            first = first or (item if on else None)
        if first is not None:
            self.scrollToItem(first)
        self._filling = False

    def _chosen(self) -> None:
        if not self._filling:
            self.design.select([item.data(PATH) for item in self.selectedItems()])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Lock or hide with the marks at the right, else select."""
        item = self.itemAt(event.position().toPoint())
        away = self.viewport().width() - event.position().x()
        if item is not None and item.data(ROW)[1] and away < 2 * MARK and event.button() == Qt.MouseButton.LeftButton:
            self.flag_wanted.emit(item.data(PATH), "hidden" if away < MARK else "locked")
            return
        super().mousePressEvent(event)

    def dropEvent(self, event: object) -> None:
        """Bring an element to another place of its own band; the document decides what is shown then."""
        spot = event.position().toPoint()  # type: ignore[attr-defined]
        source, target = self.currentItem(), self.itemAt(spot)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # type: ignore[attr-defined]
        event.accept()  # type: ignore[attr-defined]
        if source is None or target is None or source is target:
            return
        path, where = source.data(PATH), target.data(PATH)
        band = where.rpartition("/elements/")[0] or where
        place = int(where.rpartition("/")[2]) if "/elements/" in where else len(get(self.design.doc, f"{band}/elements", []) or [])
        self.order_wanted.emit(path, band, place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Delete and the like to the page."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            event.ignore()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the selection."""
        self.menu_wanted.emit(event.globalPos())
