"""The template being designed: its document, what is selected, and the steps back and forth. Everything on the page hangs on its signals."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from desktop_crm.ui.designer.document import Doc, get, is_element

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_STEPS: Final = 500


class _Step(QUndoCommand):
    """From one document to another. Steps of the same `key` that follow each other become one: typing into a field, a row of nudges."""

    def __init__(self, design: Design, text: str, before: tuple[Doc, tuple[str, ...]], after: tuple[Doc, tuple[str, ...]], key: int) -> None:
        super().__init__(text)
        self._design, self.before, self.after, self._key = design, before, after, key

    def id(self) -> int:
        """Return the number of what it changes; -1 joins nothing."""
        return self._key

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a following step in."""
        if not isinstance(other, _Step) or other.id() != self._key:
            return False
        self.after = other.after
        return True

    def redo(self) -> None:
        """Show the document after it."""
        self._design.show_document(*self.after)

    def undo(self) -> None:
        """Show the document before it."""
        self._design.show_document(*self.before)


class Design(QObject):
    """A document with a history.

    Signals: `changed` when another document is to be shown, tentative ones of a drag included; `selection_changed`; `edited` after a
    step was done, taken back or done again.
    """

    changed = Signal()
    selection_changed = Signal()
    edited = Signal()

    def __init__(self, doc: Doc, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.doc = doc
        self._shown: Doc | None = None
        self._selected: tuple[str, ...] = ()
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(MOST_STEPS)
        self.stack.indexChanged.connect(self._stepped)
        self._keys: dict[str, int] = {}
        self._round = 0

    @property
    def shown(self) -> Doc:
        """The document on the screen: the tentative one while something is dragged."""
        return self.doc if self._shown is None else self._shown

    @property
    def dragging(self) -> bool:
        """Whether what is shown is tentative."""
        return self._shown is not None

    @property
    def selected(self) -> tuple[str, ...]:
        """The paths of what is selected, the leading one first: elements, columns, or one band."""
        return self._selected

    def elements(self) -> list[str]:
        """Return the selected elements."""
        return [path for path in self._selected if is_element(path)]

    def single(self) -> str:
        """Return what is selected where it is one thing, else nothing."""
        return self._selected[0] if len(self._selected) == 1 else ""

    def select(self, paths: Sequence[str]) -> None:
        """Select other things; what isn't there is left out."""
        wanted = tuple(path for path in dict.fromkeys(paths) if get(self.shown, path) is not None)
        if wanted != self._selected:
            self._selected = wanted
            self.pause()
            self.selection_changed.emit()

    def toggle(self, path: str) -> None:
        """Take one thing into the selection or out of it."""
        self.select([one for one in self._selected if one != path] if path in self._selected else [*self._selected, path])

    def pause(self) -> None:
        """End a series: the next step of the same kind is one of its own."""
        self._round += 1

    def edit(self, text: str, doc: Doc, selected: Sequence[str] | None = None, *, series: str = "") -> None:
        """Do a step: `text` says what was done, steps of one `series` become one until `pause`."""
        self._shown = None
        if doc == self.doc:
            self.changed.emit()
            return
        key = self._keys.setdefault(f"{self._round} {series}", len(self._keys)) if series else -1
        after = doc, self._selected if selected is None else tuple(selected)
        self.stack.push(_Step(self, text, (self.doc, self._selected), after, key))

    def try_out(self, doc: Doc) -> None:
        """Show a document that is not a step yet."""
        self._shown = doc
        self.changed.emit()

    def give_up(self) -> None:
        """Go back from a tentative document."""
        if self._shown is not None:
            self._shown = None
            self.changed.emit()

    def show_document(self, doc: Doc, selected: tuple[str, ...]) -> None:
        """Take a document over; called by the steps."""
        before = self._selected
        self._shown, self.doc = None, doc
        self._selected = tuple(path for path in selected if get(doc, path) is not None)
        self.changed.emit()
        if self._selected != before:
            self.selection_changed.emit()

    def _stepped(self, _index: int) -> None:
        self.edited.emit()

    def replace(self, doc: Doc) -> None:
        """Begin anew with another document, without a history."""
        self.stack.clear()
        self.show_document(doc, ())
        self.edited.emit()

    @contextmanager
    def series(self) -> Iterator[None]:
        """Have what is done inside be a series of its own."""
        self.pause()
        yield
        self.pause()
