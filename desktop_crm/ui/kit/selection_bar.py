"""The bar that floats over a table while rows are ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.labels import Label
from desktop_crm.ui.kit.layouts import row
from desktop_crm.ui.kit.paint import fill, put_shadow, smooth
from desktop_crm.ui.kit.popup import later
from desktop_crm.ui.kit.tokens import theme_notifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.ui.kit.ranges import RowRanges
    from desktop_crm.ui.kit.table import DataTable

EDGE = 24


class SelectionBar(QWidget):
    """Count, sums and at most five actions for the ticked rows. It comes and goes with them and moves nothing else.

    Actions are (key, label, icon, callback). `summary(rows)` returns the title and the text to show; without it the count is shown.
    """

    def __init__(self, table: DataTable, actions: Sequence[tuple[str, str, str, Callable[[], object]]],
                 summary: Callable[[RowRanges], tuple[str, str]] | None = None) -> None:
        super().__init__(table)
        self.table, self._summary = table, summary
        name = table.objectName() or "table"
        self.setObjectName(f"{name}.selection_bar")
        self.setAccessibleName(_("Actions for the ticked rows"))
        self.title = Label("", "body", "ontip", bold=True)
        self.text = Label("", "body", "ontip")
        self.offer = Button("", "ontip", size="small", name=f"{name}.select_all", role="tipaccent", on_click=self._take_offer)
        self._offered: Callable[[], object] | None = None
        self.offer.hide()
        buttons = [Button(label, "ontip", icon=icon, size="small", name=f"{name}.action.{key}", on_click=act) for key, label, icon, act in actions]
        close = Button("", "ontip", icon="x", size="small", tip=_("Clear selection (Esc)"), name=f"{name}.clear_selection", on_click=table.clear_ticks)
        self.setLayout(row(self.title, self.text, self.offer, 4, *buttons, close, gap=6, margins=(EDGE + 14, EDGE + 5, EDGE + 6, EDGE + 5)))
        self.hide()
        table.selection_changed.connect(self._follow)
        table.installEventFilter(self)
        theme_notifier().changed.connect(self.place)

    def set_offer(self, text: str, act: Callable[[], object] | None) -> None:
        """Offer to take in more rows than are loaded; None takes the offer back."""
        self.offer.set_text(text)
        self.offer.setVisible(act is not None)
        self._offered = act
        self.place()

    def _take_offer(self) -> None:
        if self._offered is not None:
            self._offered()

    def set_summary(self, title: str, text: str) -> None:
        """Show another count and other sums."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setToolTip(text)
        self.place()

    def _follow(self, rows: RowRanges) -> None:
        count = len(rows)
        self.setVisible(count > 0)
        if not count:
            return
        title, text = self._summary(rows) if self._summary else (_("{count} selected").format(count=f"{count:,}"), "")
        self.set_summary(title, text)

    def place(self) -> None:
        """Stand in the middle of the table's lower edge."""
        room = self.table.viewport().geometry()
        self.text.setVisible(bool(self.text.text()))
        self.adjustSize()
        if self.width() - 2 * EDGE > room.width():
            self.text.hide()
            self.adjustSize()
        self.move(room.x() + (room.width() - self.width()) // 2, room.bottom() - self.height() + EDGE - 12)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the table's size changes."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Show} and watched is self.table:
            # The viewport follows the table only after this event.
            later(self, self.place)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shadow and the bar."""
        del event
        painter = QPainter(self)
        bar = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        put_shadow(painter, bar, 8, 18, 4)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        fill(painter, bar, "tip", 8)
