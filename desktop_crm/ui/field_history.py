"""Who changed this field: a card beside the field, from its context menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QMenu, QPlainTextEdit, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.services import history
from desktop_crm.ui.follow_ups import day_title
from desktop_crm.ui.kit.overlays import Popover
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.timeline import Event as Entry
from desktop_crm.ui.kit.timeline import Timeline
from desktop_crm.ui.kit.widgets import Label, LinkLabel, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.ui.desk import Desk

WIDTH: Final = 340
SHOWN: Final = 8


class FieldHistory(Popover):
    """What one field of a record was, when it was changed and by whom, the latest first. It opens once that was read."""

    def __init__(self, anchor: QWidget, desk: Desk, spec: EntitySpec, key: int, field: str) -> None:
        super().__init__(anchor, name="field_history")
        self.desk = desk
        self.setFixedWidth(WIDTH)
        self.timeline = Timeline(name="field_history.timeline", bounded=False)
        self.more = Label("", "small", "text3")
        self.more.hide()
        close = LinkLabel(_("Close"), "small", name="field_history.close")
        close.clicked.connect(self.close_up)
        self.content.addLayout(row(Label(_("Changes of “{field}”").format(field=spec.fields[field].title), "body", bold=True, wrap=True), None, close))
        self.content.addWidget(self.timeline)
        self.content.addWidget(self.more)
        session = desk.session
        desk.operations.read(self, lambda: history.field_history(session, spec.name, key, field), self._came, failed=desk.fail)

    def _came(self, found: Sequence[history.Event]) -> None:
        today = self.desk.session.today
        shown = []
        for one in found[:SHOWN]:
            at, change = one.at.astimezone(), one.fields[0]
            changes = ((change.label, change.before, change.after),)
            shown.append(Entry(f"change.{one.change_set}", day_title(at.date(), today), one.who, at.strftime("%H:%M"), one.label, "", "neutral", changes))
        self.timeline.set_events(shown)
        self.more.setText(_("and {count} earlier ones").format(count=len(found) - SHOWN))
        self.more.setVisible(len(found) > SHOWN)
        layout = self.layout()
        if layout is not None:
            # A card takes the height its wrapped texts have at this width.
            layout.activate()
            self.setFixedHeight(layout.totalHeightForWidth(WIDTH))
        self.open()


def traced(field: FieldSpec) -> bool:
    """Tell whether history keeps the field: what the database works out has none of its own."""
    return not field.derived


class FieldMenu(QObject):
    """Adds “who changed this” to the context menus of a widget that shows a field and of the inputs in it.

    `key()` is the record's id, None where it is new; `copied()` the text that *Copy* takes where the widget has no menu of its own.
    """

    def __init__(self, widget: QWidget, desk: Desk, spec: EntitySpec, field: str, key: Callable[[], int | None], copied: Callable[[], str] | None = None) -> None:
        super().__init__(widget)
        self.widget, self.desk, self.spec, self.field, self.key, self.copied = widget, desk, spec, field, key, copied
        self.card: FieldHistory | None = None
        self.menu: QMenu | None = None
        for one in (widget, *widget.findChildren(QLineEdit), *widget.findChildren(QPlainTextEdit)):
            one.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the menu in the place of the widget's own, which is part of it."""
        if event.type() != QEvent.Type.ContextMenu or not isinstance(event, QContextMenuEvent):
            return False
        key = self.key()
        if key is None or not shiboken6.isValid(self.widget):
            return False
        menu = watched.createStandardContextMenu() if isinstance(watched, QLineEdit | QPlainTextEdit) else Menu(self.widget)
        if self.copied is not None and self.copied():
            menu.addAction(_("Copy"), self._copy)
        if menu.actions():
            menu.addSeparator()
        menu.addAction(_("Who changed this"), partial(self.show_history, key)).setObjectName("field.history")
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        menu.popup(event.globalPos())
        return True

    def _copy(self) -> None:
        if self.copied is not None:
            QGuiApplication.clipboard().setText(self.copied())

    def show_history(self, key: int) -> None:
        """Ask who changed the field, and open the card."""
        if self.card is not None:
            self.card.close_up()
            self.card.deleteLater()
        self.card = FieldHistory(self.widget, self.desk, self.spec, key, self.field)
