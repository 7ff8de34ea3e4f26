"""The last net: what a defect in painting does to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.ui.crash import CrashNet
from desktop_crm.ui.kit.dialogs import ErrorDialog
from tests.ui.conftest import TELL

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the dialog be shown, as in the program."""
    monkeypatch.setattr(CrashNet, "_tell", TELL)


def test_a_defect_that_comes_back_while_it_is_shown_is_logged_and_not_shown_again(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    net = CrashNet(window)
    seen: list[ErrorDialog] = []
    problem = ZeroDivisionError("painting")

    timer = QTimer(window)

    def shown() -> list[ErrorDialog]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, ErrorDialog) and one.isVisible()]

    def again() -> None:
        if not shown():
            return
        timer.stop()
        net.show(problem)
        seen.extend(shown())
        seen[0].reject()

    timer.timeout.connect(again)
    timer.start(10)
    with caplog.at_level(logging.CRITICAL):
        net.show(problem)
        net.show(problem)
    assert len(seen) == 1
    caplog.clear()
