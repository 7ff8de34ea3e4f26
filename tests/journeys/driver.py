"""Drives the real window as a person does: with mouse and keys, by the widgets' names, waiting for what is to appear."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QEventLoop, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeySequence, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QScrollArea, QWidget

from desktop_crm.ui import files
from desktop_crm.ui.kit.popup import ChoiceList, DropList
from desktop_crm.ui.kit.toasts import Toast
from tests.support.settling import about_to_begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QTableView

LEFT: Final = Qt.MouseButton.LeftButton
SECONDS: Final = 120.0
BEAT_MS: Final = 10
SOON_MS: Final = 1000
DARK: Final = 96
GRAIN: Final = 3
CRASH: Final = "crash_dialog"
W = TypeVar("W", bound=QWidget)


class Stuck(Exception):
    """Something did not appear or could not be reached; the message says what."""


@dataclass
class Answers(files.Files):
    """Answers the system's file dialogs with paths that were laid ready, in their order; opens nothing."""

    ready: list[Path] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ask_open(self, parent: QWidget, title: str, filters: str) -> Path | None:
        """Return the next path."""
        return self._next(title, f"{type(parent).__name__} {filters}")

    def ask_save(self, parent: QWidget, title: str, name: str, filters: str) -> Path | None:
        """Return the next path."""
        return self._next(title, f"{type(parent).__name__} {name} {filters}")

    def ask_folder(self, parent: QWidget, title: str) -> Path | None:
        """Return the next path."""
        return self._next(title, type(parent).__name__)

    def open(self, path: Path) -> bool:
        """Open nothing."""
        return path.exists()

    def _next(self, title: str, where: str) -> Path:
        self.asked.append(title)
        if not self.ready:
            raise Stuck(f"a file was asked for that the tour did not expect: {title} ({where})")
        return self.ready.pop(0)


class Driver:
    """Mouse, keys and eyes. `window` is the window at work; `pictures` is where they go."""

    def __init__(self, app: QApplication, pictures: Path) -> None:
        self.app = app
        self.pictures = pictures
        self.window: QWidget | None = None
        self.answers = Answers()
        self.taken: list[Path] = []
        self._crashes: list[str] = []
        self._beat = QTimer()
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._watch)
        self._beat.start()
        self._files, files.FILES = files.FILES, self.answers

    def release(self) -> None:
        """Give the file dialogs back."""
        self._beat.stop()
        files.FILES = self._files

    def _watch(self) -> None:
        """Close a crash dialog, which would wait for ever, and remember what it said."""
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.objectName() == CRASH:
            self._crashes.append(dialog.property("details") or str(getattr(dialog, "_details", "")))
            dialog.reject()

    # ---- waiting

    def until(self, true: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
        """Let the window work until `true()`; raises Stuck, saying what was waited for and what the window says."""
        ends = time.monotonic() + seconds
        while not true():
            if self._crashes:
                raise Stuck(f"the program failed while waiting for {what}:\n{self._crashes[0]}")
            if time.monotonic() > ends:
                raise Stuck(f"waited {seconds:.0f} s for {what}{self._said()}")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents | QEventLoop.ProcessEventsFlag.AllEvents)

    def settle(self) -> None:
        """Let the window finish what it has begun: nothing on its lanes, nothing about to start, everything painted."""
        operations = getattr(self.window, "operations", None)
        for _round in range(3):
            self.until(lambda: (operations is None or operations.idle()) and not about_to_begin(SOON_MS), "the window to finish its work")
            self.app.sendPostedEvents()
            self.app.processEvents()

    def _said(self) -> str:
        shown = [toast.accessibleName() for top in self.app.topLevelWidgets() for toast in top.findChildren(Toast) if toast.isVisible()]
        return f"; the window said: {' / '.join(shown)}" if shown else ""

    # ---- finding

    def seen(self, name: str) -> QWidget | None:
        """Return the visible widget called `name`, or None; ``outer/name`` is one inside another."""
        outer, _slash, inner = name.rpartition("/")
        holder = self.seen(outer) if outer else None
        if outer and holder is None:
            return None
        for top in [holder] if holder is not None else self.app.topLevelWidgets():
            if top.isVisible():
                for one in ([top] if top.objectName() == inner else []) + top.findChildren(QWidget, inner):
                    if one.isVisible():
                        return one
        return None

    def see(self, name: str, seconds: float = SECONDS) -> QWidget:
        """Wait for the widget called `name` and return it."""
        self.until(lambda: self.seen(name), f"“{name}”", seconds)
        found = self.seen(name)
        if found is None:
            raise Stuck(f"“{name}” is gone again")
        return found

    def see_a(self, kind: type[W], name: str) -> W:
        """Wait for the widget called `name`, which is of a kind, and return it."""
        found = self.see(name)
        if not isinstance(found, kind):
            raise Stuck(f"“{name}” is no {kind.__name__}")
        return found

    # ---- the mouse

    def click(self, what: str | QWidget, *, button: Qt.MouseButton = LEFT) -> None:
        """Click the middle of a widget, brought into view where it can scroll."""
        widget = self.see(what) if isinstance(what, str) else what
        name = what if isinstance(what, str) else widget.objectName()
        self.until(widget.isEnabled, f"“{name}” to be enabled")
        self._bring_up(widget)
        self.click_at(widget, widget.rect().center(), name, button=button)

    def click_at(self, widget: QWidget, spot: QPoint, name: str, *, button: Qt.MouseButton = LEFT, double: bool = False) -> None:
        """Click a spot of a widget, as a hand does: it reaches whatever lies on top there."""
        top = widget.window()
        target = self._on_top(top, widget.mapTo(top, spot))
        if target is not widget and not widget.isAncestorOf(target) and not target.isAncestorOf(widget):
            raise Stuck(f"“{name}” is covered by {type(target).__name__} “{target.objectName()}”")
        if not top.isActiveWindow():
            # A click makes a window the active one; without a window manager nobody else does.
            top.activateWindow()
            self.until(top.isActiveWindow, f"the window of “{name}” to be the active one")
        place = target.mapFrom(top, widget.mapTo(top, spot)) if target is not top else widget.mapTo(top, spot)
        QTest.mouseMove(target, place)
        (QTest.mouseDClick if double else QTest.mouseClick)(target, button, Qt.KeyboardModifier.NoModifier, place)
        self.app.processEvents()

    def _on_top(self, top: QWidget, spot: QPoint) -> QWidget:
        """Return what lies on top at a spot of a window; a message that lies over it is closed first, as a user would."""
        target = top.childAt(spot) or top
        message: QWidget | None = target
        while message is not None and not isinstance(message, Toast):
            message = message.parentWidget()
        if message is None:
            return target
        QTest.mouseClick(message.close_button, LEFT)
        self.until(message.isHidden, "a message to close")
        return self._on_top(top, spot)

    def _bring_up(self, widget: QWidget) -> None:
        parent = widget.parentWidget()
        while parent is not None:
            inside = parent.widget() if isinstance(parent, QScrollArea) else None
            if isinstance(parent, QScrollArea) and inside is not None and inside.isAncestorOf(widget):
                parent.ensureWidgetVisible(widget, 20, 60)
                self.app.processEvents()
            parent = parent.parentWidget()

    def click_cell(self, table: QTableView, row: int, column: int, *, double: bool = False) -> None:
        """Click the middle of a table's cell."""
        index = table.model().index(row, column)
        table.scrollTo(index)
        self.app.processEvents()
        self.click_at(table.viewport(), table.visualRect(index).center(), table.objectName(), double=double)

    def type_cell(self, table: QTableView, row: int, column: int, text: str) -> None:
        """Click a cell and type over what stands there, as in a spreadsheet; Tab goes on."""
        self.click_cell(table, row, column)
        QTest.keyClicks(table, text[0])
        self.until(lambda: isinstance(self.app.focusWidget(), QLineEdit), f"an editor in cell {row}, {column} of {table.objectName()}")
        self.write(text[1:])
        self.key("Tab")

    def click_heading(self, table: QTableView, column: int) -> None:
        """Click the heading of a column."""
        header = table.horizontalHeader()
        left = header.sectionViewportPosition(column)
        spot = QRect(left, 0, header.sectionSize(column), header.height()).center()
        self.click_at(header.viewport(), spot, f"heading {column} of {table.objectName()}")

    def menu(self, title: str) -> None:
        """Choose the entry of the open menu that begins with `title`."""
        self.until(lambda: isinstance(self.app.activePopupWidget(), QMenu), f"a menu with “{title}”")
        menu = self.app.activePopupWidget()
        if not isinstance(menu, QMenu):
            raise Stuck(f"the menu with “{title}” is gone again")
        entry = next((action for action in menu.actions() if action.text().replace("&", "").startswith(title)), None)
        if entry is None:
            raise Stuck(f"the menu has no “{title}”: {[action.text() for action in menu.actions()]}")
        QTest.mouseClick(menu, LEFT, Qt.KeyboardModifier.NoModifier, menu.actionGeometry(entry).center())
        self.app.processEvents()

    # ---- the keyboard

    def key(self, keys: str) -> None:
        """Press keys such as ``Ctrl+S`` where the focus is."""
        target = self.app.focusWidget() or self.window or self.app.activeWindow()
        if target is None:
            raise Stuck(f"nothing has the focus for {keys}")
        QTest.keySequence(target, QKeySequence(keys))
        self.app.processEvents()

    def write(self, text: str) -> None:
        """Type where the focus is: Latin by keys, Chinese as an input method commits it."""
        target = self.app.focusWidget()
        if target is None:
            raise Stuck(f"nothing has the focus for “{text}”")
        if text.isascii():
            QTest.keyClicks(target, text)
        else:
            commit = QInputMethodEvent()
            commit.setCommitString(text)
            self.app.sendEvent(target, commit)
        self.app.processEvents()

    def fill(self, name: str, text: str) -> None:
        """Click into an editor, replace what stands there and go on with Tab."""
        self.enter(name, text)
        self.key("Tab")

    def enter(self, name: str, text: str) -> QWidget:
        """Click into an editor and replace what stands there; return the input."""
        self.click(name)
        line = self.app.focusWidget()
        if line is None:
            raise Stuck(f"“{name}” does not take the focus")
        self.key("Ctrl+A")
        self.write(text)
        return line

    def choose(self, name: str, text: str, title: str = "") -> None:
        """Type into an editor that offers choices, wait for the one called `title`, and take it with the keyboard."""
        self.enter(name, text)
        self.take(title or text)
        self.key("Tab")

    def take(self, title: str) -> None:
        """Take the choice called `title` of the list that dropped down, with Down and Enter."""

        def offered() -> ChoiceList | None:
            drop = self.seen("drop_list")
            return drop.list if isinstance(drop, DropList) and any(one.title == title for one in drop.list._choices) else None

        self.until(offered, f"the choice “{title}”")
        choices, line = offered(), self.app.focusWidget()
        if choices is None or line is None:
            raise Stuck(f"the choice “{title}” is gone again")
        wanted = [one.title for one in choices._choices].index(title)
        for _step in range(abs(wanted - choices.current())):
            QTest.keyClick(line, Qt.Key.Key_Down if wanted > choices.current() else Qt.Key.Key_Up)
        QTest.keyClick(line, Qt.Key.Key_Return)
        self.app.processEvents()

    def text_of(self, name: str) -> str:
        """Return what stands in an editor."""
        editor = self.see(name)
        line = editor if isinstance(editor, QLineEdit) else editor.findChild(QLineEdit)
        if line is None:
            raise Stuck(f"“{name}” is no line")
        return line.text()

    # ---- eyes

    def drawn(self, widget: QWidget) -> bool:
        """Tell whether anything dark stands in a widget, such as the writing on a page that is drawn in the background."""
        picture = widget.grab().toImage()
        return any(
            picture.pixelColor(x, y).lightness() < DARK
            for y in range(0, picture.height(), GRAIN) for x in range(0, picture.width(), GRAIN)
        )  # fmt: skip

    def shot(self, title: str) -> Path:
        """Keep a picture of the window with everything that floats over it."""
        self.settle()
        window = self.window or self.app.activeWindow()
        if window is None:
            raise Stuck(f"there is no window for the picture “{title}”")
        picture = window.grab()
        painter = QPainter(picture)
        for top in self.app.topLevelWidgets():
            if top is not window and top.isVisible():
                painter.drawPixmap(top.pos() - window.pos(), top.grab())
        painter.end()
        path = self.pictures / f"{len(self.taken) + 1:02d}-{title}.png"
        if not picture.save(str(path)):
            raise Stuck(f"{path} can't be written")
        self.taken.append(path)
        return path
