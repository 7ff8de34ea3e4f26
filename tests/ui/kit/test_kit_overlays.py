from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.overlays import ConfirmDialog, ErrorDialog, Popover, Toasts, confirm
from desktop_crm.ui.kit.toasts import STAY_MS

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.opener = Button("Open", name="opener")  # type: ignore[attr-defined] # for the tests below
    layout = QVBoxLayout(made)
    layout.addWidget(made.opener)  # type: ignore[attr-defined] # see above
    made.resize(900, 600)
    qtbot.addWidget(made)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def test_a_toasts_action_runs_once_and_closes_it(qtbot: QtBot, window: QWidget) -> None:
    ran: list[str] = []
    toasts = Toasts(window)
    toast = toasts.show("Moved 3 customers", action=("Undo", lambda: ran.append("undo")))
    button = toast.findChild(Button, "toast.action_1")
    assert button is not None
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert ran == ["undo"]
    assert toasts.shown() == []


def test_a_toast_waits_while_the_focus_is_in_it_and_then_goes(window: QWidget) -> None:
    toasts = Toasts(window)
    toast = toasts.show("Saved", action=("Undo", lambda: None))
    button = toast.findChild(Button, "toast.action_1")
    assert button is not None
    toast.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    button.setFocus()
    for _step in range(STAY_MS // toast._timer.interval() + 1):
        toast._tick()
    assert toasts.shown() == [toast]
    toasts.window.findChildren(Button, "opener")[0].setFocus()
    for _step in range(STAY_MS // toast._timer.interval() + 1):
        toast._tick()
    assert toasts.shown() == []


def test_a_toast_is_as_high_as_all_its_lines_need(window: QWidget) -> None:
    words = "SK-26-0001 对 YS-26-0001 的核销 800.00 已取消；原核销在已结账期间，已按 2026-06-30 冲回。" * 3
    toast = Toasts(window).show(words, action=("Undo", lambda: None))
    QApplication.processEvents()
    assert toast.text.height() >= toast.text.heightForWidth(toast.text.width()) > toast.text.fontMetrics().height() * 4


def test_three_toasts_at_most_and_errors_outlast_the_others(window: QWidget) -> None:
    toasts = Toasts(window)
    error = toasts.error("Not sent")
    for number in range(5):
        toasts.show(f"Saved {number}")
    assert len(toasts.shown()) == 3
    assert error in toasts.shown()
    assert not error._timer.isActive()


def test_what_is_said_again_replaces_the_toast_and_its_undo(qtbot: QtBot, window: QWidget) -> None:
    toasts = Toasts(window)
    undone: list[int] = []
    for number in range(3):
        toasts.show("Stage changed", action=("Undo", partial(undone.append, number)))
    (toast,) = toasts.shown()
    assert toast.geometry().bottom() <= window.height() - 60
    button = next(one for one in toast.findChildren(Button) if one.text() == "Undo")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert undone == [2]
    assert toasts.shown() == []


def test_a_task_reports_is_cancelled_and_finishes(qtbot: QtBot, window: QWidget) -> None:
    task = Toasts(window).task("Exporting")
    task.set_progress(62, 100)
    assert task.bar.share() == pytest.approx(0.62)
    cancel = task.findChild(Button, "toast.cancel")
    assert cancel is not None
    with qtbot.waitSignal(task.cancelled):
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    task.finish("Exported", actions=[("Open", lambda: None)])
    assert not task._timer.isActive()
    assert task.text.text() == "Exported"


def test_what_is_said_of_long_work_never_covers_its_bar(window: QWidget, qtbot: QtBot) -> None:
    task = Toasts(window).task("Exporting")
    qtbot.waitUntil(task.isVisible)
    low = task.height()
    task.set_progress(1, 4)
    qtbot.waitUntil(lambda: task.height() > low)
    qtbot.waitUntil(lambda: not task.detail.geometry().intersects(task.bar.geometry()))
    assert task.geometry().bottom() < window.height()


def test_a_popover_takes_the_focus_and_gives_it_back_on_esc(qtbot: QtBot, window: QWidget) -> None:
    opener = window.findChild(Button, "opener")
    assert opener is not None
    opener.setFocus()
    popover = Popover(opener, name="pop")
    inside = Button("Inside")
    popover.content.addWidget(inside)
    popover.open()
    assert inside.hasFocus()
    qtbot.keyClick(inside, Qt.Key.Key_Escape)
    assert not popover.isVisible()
    assert opener.hasFocus()
    popover.open()
    qtbot.mouseClick(window, Qt.MouseButton.LeftButton, pos=window.rect().bottomRight())
    assert not popover.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_a_question_is_answered_no_by_esc_and_by_enter(qtbot: QtBot, window: QWidget, key: Qt.Key) -> None:
    def press() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ConfirmDialog)
        qtbot.keyClick(dialog, key)

    QTimer.singleShot(0, press)
    assert confirm(window, "Void SK-26-0288?", "The amount goes back to its receivable.", "Void SK-26-0288") is False


def test_a_question_is_answered_yes_by_its_own_button(qtbot: QtBot, window: QWidget) -> None:
    def press() -> None:
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        button = dialog.findChild(Button, "confirm_dialog.accept")
        assert button is not None
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, press)
    assert confirm(window, "Void?", "Gone", "Void SK-26-0288", consequences=("One", "Two")) is True


def test_an_error_folds_its_details_away_and_copies_them(qtbot: QtBot, window: QWidget) -> None:
    dialog = ErrorDialog(window, "Not submitted", "Kept as a draft", "Try again", "HTTP 503")
    dialog.show()
    assert dialog.geometry().size() == window.size()
    low = dialog.card.height()
    assert dialog.text.isHidden()
    qtbot.mouseClick(dialog.fold, Qt.MouseButton.LeftButton)
    assert dialog.text.isVisible()
    assert dialog.card.height() > low
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Not submitted\n\nHTTP 503"
    dialog.reject()
    dialog.deleteLater()
