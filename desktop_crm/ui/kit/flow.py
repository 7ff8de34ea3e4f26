"""A layout that goes on in the next line where a line is full."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem


class Flow(QLayout):
    """Items from left to right, as many in a line as fit, each as wide as it asks for; hidden ones take no room."""

    def __init__(self, *, gap: int = 8, line_gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap = gap, line_gap
        self.setContentsMargins(*margins)

    def addItem(self, item: QLayoutItem) -> None:
        """Take one more item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item by its place."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give an item away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take no more room than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that a narrow flow is a high one."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the lines need."""
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        """Ask for the widest item."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the size of the largest item, with the margins."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        inner = rect.marginsRemoved(self.contentsMargins())
        x, y, height = inner.x(), inner.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x > inner.x() and x + size.width() > inner.right() + 1:
                x, y, height = inner.x(), y + height + self._line_gap, 0
            if place:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
            height = max(height, size.height())
        return y + height - rect.y() + self.contentsMargins().bottom()


class Apart(QLayout):
    """Two groups at either end of one line; where both do not fit, the second stands below the first, at the `end` or the beginning of its line."""

    def __init__(self, first: QLayout, second: QLayout, *, gap: int = 8, line_gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0), end: bool = False) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap, self._end = gap, line_gap, end
        self.setContentsMargins(*margins)
        for one in (first, second):
            self.addChildLayout(one)
            self.addItem(one)

    def addItem(self, item: QLayoutItem) -> None:
        """Take a group."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many groups there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return a group by its place."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give a group away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take the whole line."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Say that it is higher where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the one line or of both."""
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the groups."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        sizes = [item.sizeHint() for item in self._items]
        return self._with_margins(QSize(sum(size.width() for size in sizes) + self._gap, max((size.height() for size in sizes), default=0)))

    def minimumSize(self) -> QSize:
        """Return the size below which even two lines are cut."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return self._with_margins(size)

    def _with_margins(self, size: QSize) -> QSize:
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        inner = rect.marginsRemoved(self.contentsMargins())
        sizes = [item.sizeHint() for item in self._items]
        around = rect.height() - inner.height()
        if sum(size.width() for size in sizes) + self._gap <= inner.width():
            height = max(size.height() for size in sizes)
            spots = [QRect(inner.left(), inner.top(), inner.width() - self._gap - sizes[1].width(), height), QRect(inner.right() + 1 - sizes[1].width(), inner.top(), sizes[1].width(), height)]
        else:
            second = min(sizes[1].width(), inner.width())
            below = sizes[0].height() + self._line_gap
            height = below + sizes[1].height()
            left = inner.right() + 1 - second if self._end else inner.left()
            spots = [QRect(inner.left(), inner.top(), inner.width(), sizes[0].height()), QRect(left, inner.top() + below, second, sizes[1].height())]
        if place:
            for item, spot in zip(self._items, spots, strict=True):
                item.setGeometry(spot)
        return height + around
