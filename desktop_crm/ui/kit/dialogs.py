"""Modal dialogs in the product's look: a card over the dimmed window, errors that say what to do, and questions with a safe default."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QDialog, QFrame, QLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.labels import IconLabel, Label
from desktop_crm.ui.kit.layouts import column, hline, holder, row, scroll
from desktop_crm.ui.kit.paint import frame, put_shadow, smooth
from desktop_crm.ui.kit.sheets import text_sheet
from desktop_crm.ui.kit.tokens import color

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

EDGE = 32
LEVELS = 4


class _Card(QFrame):
    """The dialog's rounded surface."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        del event
        painter = QPainter(self)
        smooth(painter)
        frame(painter, self.rect(), "border", 12, inside="raised")


class Dialog(QDialog):
    """A modal card over its window. Fill `body`, add buttons with `add_button`; Esc is the safe answer.

    The dialog covers its whole window and paints the dimmed window behind the card, so it needs no transparency from the system and
    the window's shortcuts are out of reach. Without a parent window the card fills a window of its own.
    """

    def __init__(self, parent: QWidget | None, title: str, hint: str = "", *, width: int = 520, name: str = "") -> None:
        super().__init__(parent.window() if parent is not None else None)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self._width = width
        self._behind = QPixmap()
        self.card = _Card(self)
        self.title = Label(title, "title", wrap=True)
        self.hint = Label(hint, "body", "text2", wrap=True)
        self.hint.setVisible(bool(hint))
        self.close_button = Button("", "ghost", icon="x", size="small", tip=_("Close (Esc)"), name=f"{name}.close" if name else "dialog.close",
                                   on_click=self.reject)
        head = row((column(self.title, self.hint, gap=4), 1), self.close_button, margins=(24, 20, 16, 12))
        head.setAlignment(self.close_button, Qt.AlignmentFlag.AlignTop)
        self.body = column(gap=12, margins=(24, 4, 24, 16))
        self._area: QScrollArea = scroll(holder(self.body))
        self.footer_left = row()
        self._buttons = row()
        self._foot = row(self.footer_left, None, self._buttons, margins=(24, 12, 24, 16))
        self._inner = inner = QVBoxLayout(self.card)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.setSpacing(0)
        inner.addLayout(head)
        inner.addWidget(self._area, 1)
        inner.addWidget(hline())
        inner.addLayout(self._foot)
        if parent is not None:
            self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)

    def add(self, item: QWidget | QLayout) -> None:
        """Put a widget or a layout into the body."""
        if isinstance(item, QLayout):
            self.body.addLayout(item)
        else:
            self.body.addWidget(item)

    def add_button(self, button: Button, *, safe: bool = False) -> Button:
        """Put a button into the footer; the safe one is what Enter presses."""
        self._buttons.addWidget(button)
        if safe:
            button.setDefault(True)
            button.setFocus()
        return button

    def card_size(self) -> QSize:
        """Return the size the content asks for, in logical pixels."""
        self.card.ensurePolished()
        self._inner.activate()
        rest = self._inner.totalHeightForWidth(self._width) if self._inner.hasHeightForWidth() else self._inner.sizeHint().height()
        content = self.body.totalHeightForWidth(self._width - 2) if self.body.hasHeightForWidth() else self.body.sizeHint().height()
        return QSize(self._width, content + rest - self._area.sizeHint().height())

    def open_over(self) -> None:
        """Take the place of the window behind and dim it."""
        window = self.parentWidget()
        if window is None:
            screen = QGuiApplication.primaryScreen().availableGeometry()
            size = self.card_size().boundedTo(screen.size() - QSize(2 * EDGE, 2 * EDGE))
            self.setFixedSize(size)
            return
        self._behind = window.grab()
        self.setGeometry(QRect(window.mapToGlobal(QPoint(0, 0)), window.size()))
        self._place()

    def _place(self) -> None:
        if self.parentWidget() is None:
            self.card.setGeometry(self.rect())
            return
        size = self.card_size().boundedTo(self.size() - QSize(2 * EDGE, 2 * EDGE))
        left, top = (self.width() - size.width()) // 2, max(EDGE, int((self.height() - size.height()) * 0.42))
        self.card.setGeometry(left, top, size.width(), size.height())

    def setVisible(self, visible: bool) -> None:  # noqa: FBT001 - Qt's own signature
        """Take the window's place before being shown."""
        if visible and not self.isVisible():
            self.open_over()
        super().setVisible(visible)

    def refit(self) -> None:
        """Make the card as tall as its present content."""
        for _level in range(LEVELS):
            # A widget that was shown or hidden tells its parent's layout, which tells the next one, an event each.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        self._place()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the card in the middle."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the window behind, dimmed, and the card's shadow."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("raised"))
        if not self._behind.isNull():
            painter.drawPixmap(0, 0, self._behind)
            painter.fillRect(self.rect(), color("scrim"))
            put_shadow(painter, QRectF(self.card.geometry()), 12, 24, 6)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the safe answer."""
        super().closeEvent(event)
        self._behind = QPixmap()


class ErrorDialog(Dialog):
    """What happened, what is safe, what to do, and the technical details folded away with a button that copies them."""

    def __init__(self, parent: QWidget | None, what: str, safe: str, todo: str = "", details: str = "", *, name: str = "error_dialog") -> None:
        super().__init__(parent, what, name=name)
        self._details = details
        line = row(IconLabel("shield-check", "success"), (Label(safe, "body", "text", wrap=True), 1), gap=8)
        self.add(line)
        if todo:
            self.add(row(IconLabel("lightbulb", "warn"), (Label(todo, "body", "text", wrap=True), 1), gap=8))
        self.text = QPlainTextEdit(details)
        self.text.setReadOnly(True)
        self.text.setObjectName(f"{name}.details")
        self.text.setAccessibleName(_("Technical details"))
        self.text.setProperty("fixed", True)
        self.text.setStyleSheet(text_sheet())
        self.text.setFixedHeight(160)
        self.text.hide()
        self.fold = Button(_("Technical details"), "ghost", icon="chevron-right", size="small", name=f"{name}.fold", on_click=self._fold)
        self.copy = Button(_("Copy details"), "ghost", icon="copy", size="small", name=f"{name}.copy", on_click=self._copy)
        if details:
            self.add(row(self.fold, self.copy, None, gap=4))
            self.add(self.text)
        self.add_button(Button(_("Close"), name=f"{name}.ok", on_click=self.reject), safe=True)

    def _fold(self) -> None:
        shown = self.text.isHidden()
        self.text.setVisible(shown)
        self.fold.set_icon("chevron-down" if shown else "chevron-right")
        self.refit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.windowTitle()}\n\n{self._details}")
        self.copy.set_text(_("Copied"))


class ConfirmDialog(Dialog):
    """A question before something that can't be undone; the button that does it names the object, the other one is the default."""

    def __init__(self, parent: QWidget | None, title: str, text: str, action: str, *, danger: bool = True, consequences: tuple[str, ...] = (),
                 name: str = "confirm_dialog") -> None:
        super().__init__(parent, title, name=name, width=460)
        self.add(Label(text, "body", "text", wrap=True))
        for one in consequences:
            self.add(row(IconLabel("minus", "text3", 14), (Label(one, "small", "text2", wrap=True), 1), gap=6))
        self.add_button(Button(_("Cancel"), name=f"{name}.cancel", on_click=self.reject), safe=True)
        self.add_button(Button(action, "danger" if danger else "primary", name=f"{name}.accept", on_click=self.accept))


def confirm(parent: QWidget, title: str, text: str, action: str, *, danger: bool = True, consequences: tuple[str, ...] = ()) -> bool:
    """Ask before something that can't be undone; Esc, Enter and closing all mean no."""
    dialog = ConfirmDialog(parent, title, text, action, danger=danger, consequences=consequences)
    try:
        return dialog.exec() == QDialog.DialogCode.Accepted
    finally:
        dialog.deleteLater()
