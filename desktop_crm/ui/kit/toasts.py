"""Toasts: what was just done, with its undo, and what is still being done."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.labels import IconLabel, Label
from desktop_crm.ui.kit.layouts import column, row
from desktop_crm.ui.kit.notices import ProgressBar
from desktop_crm.ui.kit.paint import fill, put_shadow, smooth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EDGE = 16
# A page's footer and a list's totals stay readable and clickable under the toasts.
ABOVE_FOOTER = 84
WIDTH = 400
MOST = 3
STAY_MS = 8_000
ICONS = {"success": ("circle-check", "successfill"), "info": ("info", "infofill"), "warn": ("triangle-alert", "warnfill"),
         "danger": ("circle-alert", "dangerfill"), "task": ("refresh-cw", "infofill"), "file": ("file-check", "successfill")}
Action = tuple[str, "Callable[[], object]"]


def _stays(tone: str, detail: str) -> bool:
    return tone == "danger" or (tone == "warn" and bool(detail))


class Toast(QWidget):
    """One message. It goes by itself unless it stays, the pointer is over it or the focus in it.

    Signals: `closed`, `cancelled`, `grown` where a line came or went.
    """

    closed = Signal()
    cancelled = Signal()
    grown = Signal()

    def __init__(self, parent: QWidget, text: str, tone: str, *, detail: str = "", actions: Sequence[Action] = (), stay: bool = False,
                 progress: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._mark = IconLabel("info", "infofill", 18)
        self.text = Label("", "body", "ontip", bold=True, wrap=True)
        self.detail = Label("", "small", "tipmuted", wrap=True)
        self.bar = ProgressBar(0, "infofill", thickness=4, track="neutralfill")
        self._actions = row(gap=2)
        words = column(self.text, self.detail, self.bar, gap=2)
        self.close_button = Button("", "ontip", icon="x", size="small", tip=_("Close"), name="toast.close", on_click=self.close_up)
        self.setLayout(row(self._mark, (words, 1), self._actions, self.close_button, gap=10, margins=(EDGE + 14, EDGE + 9, EDGE + 8, EDGE + 9)))
        self.setFixedWidth(WIDTH + 2 * EDGE)
        self._left_ms = STAY_MS
        self._timer = QTimer(self)
        self._timer.setInterval(250)
        self._timer.timeout.connect(self._tick)
        self.bar.setVisible(progress)
        self.say(text, tone, detail=detail, actions=actions, stay=stay or progress or _stays(tone, detail))

    def say(self, text: str, tone: str = "success", *, detail: str = "", actions: Sequence[Action] = (), stay: bool = False) -> None:
        """Show another message in the same place."""
        self.tone = tone
        self._mark.set_icon(*ICONS[tone])
        self.text.setText(text)
        self._explain(detail)
        self.setAccessibleName(f"{text} {detail}".strip())
        while (item := self._actions.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for number, (title, act) in enumerate(actions, 1):
            self._actions.addWidget(Button(title, "ontip", size="small", name=f"toast.action_{number}", role="tipaccent", on_click=self._then_close(act)))
        self._left_ms = STAY_MS
        if stay:
            self._timer.stop()
        else:
            self._timer.start()
        self.adjustSize()

    def _explain(self, detail: str) -> None:
        came = bool(detail) == self.detail.isHidden()
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        if came:
            self.grown.emit()

    def _then_close(self, act: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            self.close_up()
            act()
        return run

    def _tick(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            return
        self._left_ms -= self._timer.interval()
        if self._left_ms <= 0:
            self.close_up()

    def close_up(self) -> None:
        """Take the toast away."""
        self._timer.stop()
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def adjustSize(self) -> None:
        """Take the height that all its lines need: Qt would ask for it at the width the text likes best."""
        layout, width = self.layout(), self.minimumWidth()
        if layout is not None:
            self.resize(width, layout.totalHeightForWidth(width))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Give the reader the whole time again."""
        self._left_ms = STAY_MS
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shadow and the toast."""
        del event
        painter = QPainter(self)
        box = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        put_shadow(painter, box, 8, 12, 3)
        smooth(painter)
        fill(painter, box, "tip", 8)


class TaskToast(Toast):
    """Long work that goes on beside the user's: progress, what is left, a way to stop it."""

    def __init__(self, parent: QWidget, text: str, *, stoppable: bool = True) -> None:
        super().__init__(parent, text, "task", progress=True)
        self.close_button.hide()
        self.bar.set(-1)
        self._cancel_button = Button(_("Cancel"), "ontip", size="small", tip=_("Stop (Esc)"), name="toast.cancel", on_click=self.stop)
        self._actions.addWidget(self._cancel_button)
        self.stoppable = stoppable
        self._cancel_button.setVisible(stoppable)

    def stop(self) -> None:
        """Ask for the work to be stopped."""
        self._explain(_("Stopping…"))
        self.cancelled.emit()

    def set_stoppable(self, *, stoppable: bool) -> None:
        """Offer to stop the work, or not where that would do nothing any more."""
        if stoppable != self.stoppable:
            self.stoppable = stoppable
            self._cancel_button.setVisible(stoppable)
            self.grown.emit()

    def set_progress(self, done: int, total: int, detail: str = "") -> None:
        """Show how far the work is; a total of 0 means that nobody knows."""
        self.bar.set(done / total if total else -1)
        self._explain(detail or (_("{percent} % done").format(percent=done * 100 // total) if total else ""))

    def finish(self, text: str, *, tone: str = "success", detail: str = "", actions: Sequence[Action] = ()) -> None:
        """Say how the work ended; a result with actions stays until it is closed."""
        self.bar.hide()
        self.close_button.show()
        self.say(text, tone, detail=detail, actions=actions, stay=bool(actions) or tone == "danger")


class Toasts(QObject):
    """The toasts of one window, at its lower right, three at most; those that stay make room last, and work under way never. Esc stops the latest work among them that can be."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.window = window
        self._shown: list[Toast] = []
        self._escape = QShortcut(QKeySequence("Esc"), window)
        self._escape.setEnabled(False)
        self._escape.activated.connect(self._stop_latest)
        window.installEventFilter(self)

    def show(self, text: str, tone: str = "success", *, detail: str = "", action: Action | None = None, actions: Sequence[Action] = ()) -> Toast:
        """Say what was done; `action` is (label, callback), usually the undo. One of tone ``danger`` stays until closed, and so does a warning that comes with details.

        One that says the same is replaced, so that the action is the latest one's.
        """
        for same in [one for one in self._shown if (one.text.text(), one.tone) == (text, tone)]:
            same.close_up()
        return self._add(Toast(self.window, text, tone, detail=detail, actions=[action] if action else actions))

    def error(self, text: str, detail: str = "", *, actions: Sequence[Action] = ()) -> Toast:
        """Say what went wrong, until it is closed."""
        return self.show(text, "danger", detail=detail, actions=actions)

    def task(self, text: str, *, stoppable: bool = True) -> TaskToast:
        """Show long work; call its `set_progress` and `finish`, and listen to `cancelled`."""
        made = TaskToast(self.window, text, stoppable=stoppable)
        self._add(made)
        return made

    def shown(self) -> list[Toast]:
        """Return the toasts on screen, oldest first."""
        return list(self._shown)

    def _add(self, toast: Toast) -> Toast:
        while len(self._shown) >= MOST:
            passing = [one for one in self._shown if one.tone != "task" and not _stays(one.tone, one.detail.text())]
            read = [one for one in self._shown if one.tone != "task"]
            if not read:
                break  # what is under way is never hidden
            (passing or read)[0].close_up()
        self._shown.append(toast)
        toast.closed.connect(lambda: self._drop(toast))
        toast.grown.connect(self._place)
        toast.show()
        self._place()
        return toast

    def _drop(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            self._place()

    def _stop_latest(self) -> None:
        self._stoppable()[-1].stop()

    def _stoppable(self) -> list[TaskToast]:
        return [one for one in self._shown if isinstance(one, TaskToast) and one.stoppable and one.tone == "task"]

    def _place(self) -> None:
        self._escape.setEnabled(bool(self._stoppable()))
        bottom = self.window.height() - ABOVE_FOOTER + EDGE
        for toast in reversed(self._shown):
            toast.adjustSize()
            toast.move(self.window.width() - toast.width() - 20 + EDGE, bottom - toast.height())
            toast.raise_()
            bottom -= toast.height() - 2 * EDGE + 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the window's size changes."""
        if event.type() == QEvent.Type.Resize and watched is self.window:
            self._place()
        return False
