"""The command palette: one line that finds records and commands, over whatever page is open."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.ui.kit.buttons import Chip
from desktop_crm.ui.kit.editor_base import Line
from desktop_crm.ui.kit.fonts import font, line_height, pixels, text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.labels import IconLabel, KeyHint, Label
from desktop_crm.ui.kit.layouts import clear, column, hline, row, scroll
from desktop_crm.ui.kit.paint import RIGHT, fill, frame, put, put_key, put_shadow, smooth
from desktop_crm.ui.kit.tokens import color, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, TOP = 720, 84
WAIT_MS = 40
# What stands above and below the results, at most, in logical pixels.
REST = 170
ABOVE, BELOW = 4, 6


@dataclass(frozen=True)
class Hit:
    """One result: what it stands for, its title, where the query matched in it as (start, end), a quiet text, and what stands on the right.

    `scope` is the key of the chip it is counted under, `group` the heading it stands under.
    """

    key: object
    title: str
    group: str
    scope: str = ""
    icon: str = "search"
    tone: str = "neutral"
    matches: tuple[tuple[int, int], ...] = ()
    detail: str = ""
    right: str = ""
    right_role: str = "text3"
    keys: str = ""


class _Results(QWidget):
    """The results with their headings, all painted by one widget: a widget for each would take longer to make, at every key, than it takes to paint them.

    It tells Qt that nothing shows through, so the page behind is left alone where results are painted anew.
    """

    def __init__(self, owner: CommandPalette) -> None:
        super().__init__()
        self._owner = owner
        self._headings: list[tuple[int, str]] = []
        self._tops: list[int] = []
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)

    def lay(self) -> None:
        """Give each result and each heading its place; without results what is said instead takes their room."""
        self._headings, self._tops, group, top = [], [], "", ABOVE
        for hit in self._owner.hits():
            if hit.group != group:
                group = hit.group
                self._headings.append((top, group))
                top += line_height("caption") + 8
            self._tops.append(top)
            top += self._row()
        self.setFixedHeight((top if self._tops else top + line_height("body") + 24) + BELOW)
        self.update()

    @staticmethod
    def _row() -> int:
        return theme().px(38)

    def place(self, index: int) -> QRect:
        """Return where a result is."""
        return QRect(0, self._tops[index], self.width(), self._row())

    def _at(self, event: QMouseEvent) -> int | None:
        y = event.position().y()
        return next((index for index, top in enumerate(self._tops) if top <= y < top + self._row()), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the result under the pointer."""
        index = self._at(event)
        if index is not None and index != self._owner.current():
            self._owner.mark(index, follow=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the result."""
        index = self._at(event)
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._owner.take(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is to be seen anew."""
        painter, area = QPainter(self), event.rect()
        painter.fillRect(area, color("raised"))
        smooth(painter)
        for top, text in self._headings:
            put(painter, QRectF(20, top + 6, self.width() - 40, line_height("caption")), text, style="caption", role="text3")
        if not self._tops:
            put(painter, QRectF(20, ABOVE + 12, self.width() - 40, line_height("body")), self._owner.nothing(), role="text3")
        for index, hit in enumerate(self._owner.hits()):
            if self.place(index).intersects(area):
                _put_hit(painter, QRectF(self.place(index)).adjusted(8, 1, -8, -1), hit, on=index == self._owner.current())


def _title_parts(hit: Hit) -> list[tuple[str, bool]]:
    parts, end = [], 0
    for start, stop in hit.matches:
        parts += [(hit.title[end:start], False), (hit.title[start:stop], True)]
        end = stop
    return [part for part in [*parts, (hit.title[end:], False)] if part[0]]


def _put_hit(painter: QPainter, box: QRectF, hit: Hit, *, on: bool) -> None:
    """Draw a result, its matched letters in the accent colour."""
    if on:
        fill(painter, box, "selected", 6)
    field = QRectF(box.x() + 12, box.center().y() - 12, 24, 24)
    fill(painter, field, hit.tone + "bg", 6)
    painter.drawPixmap(field.topLeft() + QPoint(5, 5), pixmap(hit.icon, hit.tone, 14))
    right = box.right() - 12
    keys = hit.keys or ("Enter" if on else "")
    if keys:
        right -= put_key(painter, right, box.center().y(), keys) + 10
    if hit.right:
        role = "text2" if on and hit.right_role == "text3" else hit.right_role
        room = QRectF(box.x() + 200, box.y(), right - box.x() - 200, box.height())
        right -= put(painter, room, hit.right, style="small", bold=hit.right_role == "danger", role=role, align=RIGHT) + 12
    left = box.x() + 48
    for text, found in _title_parts(hit):
        left += put(painter, QRectF(left, box.y(), max(0.0, right - left), box.height()), text, bold=found, role="accent" if found else "text")
    if hit.detail and right - left > text_width("…", "small") + 24:
        put(painter, QRectF(left + 12, box.y(), right - left - 12, box.height()), hit.detail, style="small", role="text2" if on else "text3")


class CommandPalette(QWidget):
    """Ctrl+K. `search(text, reply)` is asked after every key and replies with Hits, best group first; overtaken replies are dropped.

    A text that starts with ``>`` looks for commands only: the search is given it as it is. Signals: `chosen(key)`, `closed`.
    Enter before the answer is there opens its first result when it comes.
    """

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, window: QWidget, search: Callable[[str, Callable[[Sequence[Hit]], None]], None],
                 scopes: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(window)
        self.setObjectName("command_palette")
        self.setAccessibleName(_("Command palette"))
        self._search, self._scopes = search, list(scopes)
        self._hits: list[Hit] = []
        self._shown: list[Hit] = []
        self._current, self._asked, self._answered, self._scope = 0, 0, 0, ""
        self._take_first = False
        self._opener: QWidget | None = None
        self.card = QFrame(self)
        self.input = Line(look="bare")
        self.input.setObjectName("command_palette.input")
        self.input.setAccessibleName(_("Search or type a command"))
        self.input.setPlaceholderText(_("Search or type a command"))
        self.input.key_hook = self._key
        self.input.textChanged.connect(self._typed)
        self.input.installEventFilter(self)
        self._chips: dict[str, Chip] = {}
        self._chip_row = row(gap=6, margins=(20, 0, 20, 10))
        self._results = _Results(self)
        self._area: QScrollArea = scroll(self._results)
        self._note = Label("", "small", "text3")
        hints = row(KeyHint("↑↓"), Label(_("Choose"), "small", "text3"), 8, KeyHint("Enter"), Label(_("Open"), "small", "text3"), 8,
                    Label(_("Type > for commands only"), "small", "text3"), None, self._note, gap=6, margins=(20, 8, 20, 10))
        self.card.setLayout(column(row(IconLabel("search", "text2", 20), (self.input, 1), KeyHint("Esc"), gap=12, margins=(20, 14, 20, 12)), self._chip_row,
                                   hline(), (self._area, 1), hline(), hints, gap=0, margins=(1, 1, 1, 1)))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self._build_chips()
        self.hide()
        window.installEventFilter(self)

    def open(self, text: str = "") -> None:
        """Show the palette with a text already in it."""
        self._opener = QApplication.focusWidget()
        self._scope = ""
        large = QFont(font("body"))
        large.setPixelSize(pixels("title") + 2)
        self.input.setFont(large)
        self._place()
        self.show()
        self.raise_()
        self.input.setText(text)
        self.input.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ask()

    def close_up(self) -> None:
        """Hide the palette and give the focus back to its opener."""
        self._asked += 1
        self._take_first = False
        self._wait.stop()
        self.hide()
        if self._opener is not None:
            self._opener.setFocus(Qt.FocusReason.OtherFocusReason)
            self._opener = None
        self.closed.emit()

    def hits(self) -> list[Hit]:
        """Return the results that are shown."""
        return self._shown

    def nothing(self) -> str:
        """Return what is said where there is no result."""
        text = self.input.text()
        return _("Nothing found for “{text}”").format(text=text) if text else _("Type a name, a number or part of a phone number")

    def current(self) -> int:
        """Return the index of the marked result."""
        return self._current

    def _typed(self) -> None:
        self._wait.start()

    def _ask(self) -> None:
        self._wait.stop()
        self._asked += 1
        asked = self._asked

        def reply(hits: Sequence[Hit]) -> None:
            if asked == self._asked:
                self._answered = asked
                self._hits = list(hits)
                self._show()
                if self._take_first:
                    self._take_first = False
                    self.take(0)

        self._search(self.input.text().strip(), reply)

    def set_note(self, text: str) -> None:
        """Say something at the lower right, such as how the query was understood."""
        self._note.setText(text)

    def _build_chips(self) -> None:
        clear(self._chip_row)
        self._chips = {key: Chip(label, name=f"command_palette.scope.{key or 'all'}") for key, label in [("", _("All")), *self._scopes]}
        for key, chip in self._chips.items():
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            chip.clicked.connect(lambda *_checked, key=key: self.set_scope(key))
            self._chip_row.addWidget(chip)
        self._chip_row.addStretch(1)

    def set_scope(self, scope: str) -> None:
        """Show the results of one scope only; nothing for all."""
        self._scope = scope
        self._show()

    def _show(self) -> None:
        labels = dict([("", _("All")), *self._scopes])
        for key, chip in self._chips.items():
            count = len(self._hits) if not key else sum(hit.scope == key for hit in self._hits)
            chip.setText(f"{labels[key]} {count}")
            chip.setAccessibleName(chip.text())
            chip.setVisible(not key or count > 0 or key == self._scope)
            chip.setChecked(key == self._scope)
            chip.updateGeometry()
        self._shown = [hit for hit in self._hits if not self._scope or hit.scope == self._scope]
        self._results.lay()
        self.mark(0)
        self._place()

    def mark(self, index: int, *, follow: bool = True) -> None:
        """Mark a result and bring it into view."""
        before, self._current = self._current, max(0, min(index, len(self._shown) - 1))
        for place in (before, self._current):
            if place < len(self._shown):
                self._results.update(self._results.place(place))
        if self._shown:
            hit = self._shown[self._current]
            self.input.setAccessibleDescription(" ".join(part for part in (hit.title, hit.detail, hit.right) if part))
            if follow and not self._current:
                # The results were only just laid out: where the first one stands is known without asking, its heading above it.
                self._area.verticalScrollBar().setValue(0)
            elif follow:
                there = self._results.place(self._current)
                self._area.ensureVisible(0, there.center().y(), 0, there.height() // 2 + 12)

    def take(self, index: int) -> None:
        """Open a result."""
        if 0 <= index < len(self._shown):
            key = self._shown[index].key
            self.close_up()
            self.chosen.emit(key)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if key in moves:
            self.mark(self._current + moves[key])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self._wait.isActive():
                self._ask()
            self._take_first = self._answered != self._asked
            if not self._take_first:
                self.take(self._current)
        elif key == Qt.Key.Key_Escape:
            self.close_up()
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep Tab and the page's shortcuts to the palette while it is open, and follow the window's size."""
        if watched is self.input and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}:
                return True
        elif watched is self.parentWidget() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        self.setGeometry(window.rect())
        width = min(WIDTH, self.width() - 64)
        top = min(TOP, max(16, self.height() // 10))
        self._area.setFixedHeight(max(theme().px(38), min(self._results.height(), self.height() - top - 60 - REST)))
        self.card.setGeometry((self.width() - width) // 2, top, width, self.card.sizeHint().height())
        self.update()  # the shadow of a taller card before this one

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close on a click beside the card."""
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_up()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim the window and draw the card."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("scrim"))
        put_shadow(painter, QRectF(self.card.geometry()), 12, 24, 6)
        smooth(painter)
        frame(painter, QRectF(self.card.geometry()), "border", 12, inside="raised")
