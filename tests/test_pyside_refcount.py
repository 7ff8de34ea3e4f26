"""Guard against a PySide6 whose void calls give back a None they don't own: the process aborts after some thousand of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QLabel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

CALLS = 5_000


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_void_calls_keep_the_references_to_none(qtbot: QtBot) -> None:
    thing, timer, label = QObject(), QTimer(), QLabel()
    qtbot.addWidget(label)
    timer.timeout.connect(lambda: None)
    before = sys.getrefcount(None)
    for number in range(CALLS):
        thing.setObjectName(str(number))
        label.setText(str(number))
        timer.timeout.emit()
    assert abs(sys.getrefcount(None) - before) < CALLS // 10
