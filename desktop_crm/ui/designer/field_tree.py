"""The fields a template may print, by entity and link: search, marks at those in use, dragging onto the paper, Enter to insert."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QMimeData, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeWidget, QTreeWidgetItem

from desktop_crm.base.i18n import _
from desktop_crm.domain.text import search_keys
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.layouts import own_bars
from desktop_crm.ui.kit.paint import fill, put, smooth
from desktop_crm.ui.kit.tokens import theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from PySide6.QtCore import QPersistentModelIndex

    from desktop_crm.printing.fields import TemplateField

MIME: Final = "application/x-desktop-crm-field"
FIELD: Final = Qt.ItemDataRole.UserRole
USED: Final = Qt.ItemDataRole.UserRole + 1
ICONS: Final = {"group": "file-text", "link": "users", "list": "table-2", "company": "building-2", "system": "variable"}


class _Rows(QStyledItemDelegate):
    """Draws a group with its icon, a field with a tick where it is used or a grip where it isn't."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Keep one height."""
        del option, index
        return QSize(120, theme().px(27))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw a row."""
        field: TemplateField = index.data(FIELD)
        rect = QRect(option.rect)
        state = option.state
        whole = QRect(0, rect.y(), rect.right() + 1, rect.height())
        if state & QStyle.StateFlag.State_Selected:
            fill(painter, whole, "selected")
        elif state & QStyle.StateFlag.State_MouseOver:
            fill(painter, whole, "hover")
        smooth(painter)
        group = bool(field.children)
        left = rect.x() + 2
        if group:
            tree = self.parent()
            opened = isinstance(tree, QTreeWidget) and tree.isExpanded(index)
            painter.drawPixmap(left, rect.center().y() - 6, pixmap("chevron-down" if opened else "chevron-right", "text3", 13))
            left += 18
            icon = ICONS.get(field.path, ICONS.get(field.kind, "file-text"))
            painter.drawPixmap(left, rect.center().y() - 7, pixmap(icon, "text2", 15))
        else:
            left += 14
            used = bool(index.data(USED))
            painter.drawPixmap(left, rect.center().y() - 7, pixmap("check" if used else "grip-vertical", "success" if used else "text3", 14))
        put(painter, QRect(left + 22, rect.y(), rect.right() - left - 26, rect.height()), field.label, bold=group)


class FieldTree(QTreeWidget):
    """The tree. Signal: `insert_wanted(TemplateField)`."""

    insert_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("designer.fields")
        self.setAccessibleName(_("Fields"))
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setItemDelegate(_Rows(self))
        self.setDragEnabled(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        own_bars(self)
        self._fields: Sequence[TemplateField] = ()
        self._used: frozenset[str] = frozenset()
        self.itemDoubleClicked.connect(lambda item, _column: self._insert(item))
        theme_notifier().changed.connect(self.viewport().update)

    def show_fields(self, fields: Sequence[TemplateField]) -> None:
        """Show the fields of what a template prints."""
        self._fields = fields
        self.clear()
        for place, field in enumerate(fields):
            top = self._item(field)
            self.addTopLevelItem(top)
            for child in field.children:
                top.addChild(self._item(child))
            top.setExpanded(place < 2 or field.kind == "list")  # noqa: PLR2004 - the document itself and the first link
        self.mark_used(self._used)

    @staticmethod
    def _item(field: TemplateField) -> QTreeWidgetItem:
        item = QTreeWidgetItem([field.label])
        item.setData(0, FIELD, field)
        item.setToolTip(0, field.placeholder)
        return item

    def _leaves(self) -> Iterable[QTreeWidgetItem]:
        for number in range(self.topLevelItemCount()):
            top = self.topLevelItem(number)
            if top is not None:
                yield from _children(top)

    def mark_used(self, names: Iterable[str]) -> None:
        """Mark the fields that the template prints."""
        self._used = frozenset(names)
        for leaf in self._leaves():
            leaf.setData(0, USED, leaf.data(0, FIELD).path in self._used)
        self.viewport().update()

    def search(self, text: str) -> None:
        """Show only fields whose label or name matches, pinyin included."""
        wanted = text.casefold().strip()
        for number in range(self.topLevelItemCount()):
            top = self.topLevelItem(number)
            if top is None:
                continue
            whole = not wanted or _matches(top.data(0, FIELD), wanted)
            shown = 0
            for child in _children(top):
                on = whole or _matches(child.data(0, FIELD), wanted)
                child.setHidden(not on)
                shown += on
            top.setHidden(not shown)
            if wanted:
                top.setExpanded(True)
        if wanted:
            first = next((leaf for leaf in self._leaves() if not leaf.isHidden() and not (leaf.parent() or leaf).isHidden()), None)
            if first is not None:
                self.setCurrentItem(first)

    def field(self) -> TemplateField | None:
        """Return the field that is current, or None where it is a group."""
        item = self.currentItem()
        found: TemplateField | None = item.data(0, FIELD) if item is not None else None
        return found if found is not None and not found.children else None

    def choose(self, path: str) -> None:
        """Make a field current without inserting it."""
        for leaf in self._leaves():
            if leaf.data(0, FIELD).path == path:
                self.setCurrentItem(leaf)
                return
        self.setCurrentIndex(QModelIndex())

    def _insert(self, item: QTreeWidgetItem) -> None:
        field: TemplateField = item.data(0, FIELD)
        if not field.children:
            self.insert_wanted.emit(field)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold a group with one click."""
        item = self.itemAt(event.position().toPoint())
        if item is not None and item.childCount() and event.button() == Qt.MouseButton.LeftButton:
            item.setExpanded(not item.isExpanded())
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Insert with Enter; fold and unfold with the arrows."""
        item = self.currentItem()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and item is not None:
            if item.childCount():
                item.setExpanded(not item.isExpanded())
            else:
                self._insert(item)
            return
        super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the current field out."""
        del actions
        field = self.field()
        if field is None:
            return
        drag = QDrag(self)
        drag.setMimeData(mime_of(field))
        drag.exec(Qt.DropAction.CopyAction)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for place in range(item.childCount()) if (child := item.child(place)) is not None]


def mime_of(field: TemplateField) -> QMimeData:
    """Return a field as it is dragged."""
    data = QMimeData()
    data.setData(MIME, json.dumps({"path": field.path}).encode())
    return data


def field_in(data: QMimeData, fields: Mapping[str, TemplateField]) -> TemplateField | None:
    """Return the field that is dragged, or None where it is something else."""
    if not data.hasFormat(MIME):
        return None
    try:
        found: Any = json.loads(bytes(data.data(MIME).data()))
    except ValueError:
        return None
    return fields.get(str(found.get("path"))) if isinstance(found, dict) else None


def _matches(field: TemplateField, wanted: str) -> bool:
    if wanted in field.label.casefold() or wanted in field.path:
        return True
    return any(wanted in key for key in search_keys(field.label))
