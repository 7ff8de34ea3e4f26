"""A view of a PDF: pages below each other, zoom by Ctrl and wheel, and which page is in view."""


from __future__ import annotations

from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QPointF, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QFrame

from desktop_crm.ui.kit.layouts import own_bars
from desktop_crm.ui.kit.tokens import color, theme_notifier

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QWheelEvent

STEPS: Final = (0.25, 0.5, 0.67, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 3.0, 4.0)


class PdfView(QPdfView):
    """Signals: `page_changed(page, count)` both from 1, `zoom_changed(text key)` ``width page`` or a percentage."""

    page_changed = Signal(int, int)
    zoom_changed = Signal(str)

    def __init__(self, *, name: str, label: str) -> None:
        # The stubs know no default for the parent, the library knows no view without one.
        super().__init__(None)  # type: ignore[call-overload]
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setFrameShape(QFrame.Shape.NoFrame)
        own_bars(self)
        # A document that goes before its view has quite gone brings the program down, so it is no child of the view.
        app = QCoreApplication.instance()
        self._document = QPdfDocument(app) if app is not None else QPdfDocument()
        self._buffer = QBuffer(self._document)
        self.destroyed.connect(self._document.deleteLater)
        self.setDocument(self._document)
        self.setPageMode(QPdfView.PageMode.MultiPage)
        self.setPageSpacing(12)
        self.set_zoom("width")
        self.pageNavigator().currentPageChanged.connect(self._tell_page)
        self._document.statusChanged.connect(self._tell_page)
        theme_notifier().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Dark, color("pressed"))
        self.setPalette(colours)

    def show_pdf(self, content: bytes) -> None:
        """Show a PDF; the page in view stays where there still is one."""
        page = self.pageNavigator().currentPage()
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        if 0 < page < self._document.pageCount():
            self.pageNavigator().jump(page, QPointF(), 0)
        self._tell_page()

    def clear(self) -> None:
        """Show nothing."""
        self._document.close()
        self._tell_page()

    def pages(self) -> int:
        """Return how many pages there are."""
        # At the end of the program the document may go first and say so.
        return self._document.pageCount() if shiboken6.isValid(self._document) else 0

    def page(self) -> int:
        """Return the page in view, from 1; 0 where there is none."""
        return self.pageNavigator().currentPage() + 1 if self.pages() else 0

    def turn(self, by: int) -> None:
        """Go some pages on or back."""
        target = self.page() - 1 + by
        if 0 <= target < self.pages():
            self.pageNavigator().jump(target, QPointF(), 0)

    def _tell_page(self) -> None:
        self.page_changed.emit(self.page(), self.pages())

    def set_zoom(self, zoom: str) -> None:
        """Fit the ``width`` or the ``page``, or take a percentage such as ``150``."""
        if zoom in {"width", "page"}:
            self.setZoomMode(QPdfView.ZoomMode.FitToWidth if zoom == "width" else QPdfView.ZoomMode.FitInView)
        else:
            self.setZoomMode(QPdfView.ZoomMode.Custom)
            self.setZoomFactor(int(zoom) / 100)
        self.zoom_changed.emit(zoom)

    def shown_factor(self) -> float:
        """Return the size at which the pages are shown now; 1 is their size on paper."""
        if self.zoomMode() == QPdfView.ZoomMode.Custom or not self.pages():
            return self.zoomFactor()
        size, room, margins = self._document.pagePointSize(max(0, self.page() - 1)), self.viewport().size(), self.documentMargins()
        dots = self.logicalDpiX() / 72
        wide = (room.width() - margins.left() - margins.right()) / (size.width() * dots)
        if self.zoomMode() == QPdfView.ZoomMode.FitToWidth:
            return wide
        return float(min(wide, (room.height() - self.pageSpacing()) / (size.height() * dots)))

    def zoom_by(self, steps: int) -> None:
        """Zoom in or out by steps."""
        now = self.shown_factor()
        if steps > 0:
            wanted = next((step for step in STEPS if step > now + 0.01), STEPS[-1])
        else:
            wanted = next((step for step in reversed(STEPS) if step < now - 0.01), STEPS[0])
        self.set_zoom(str(round(wanted * 100)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with Ctrl and plus, minus or 0; the rest scrolls."""
        steps = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
        key = Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and key in steps:
            self.zoom_by(steps[key])
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_0:
            self.set_zoom("100")
        else:
            super().keyPressEvent(event)
