"""Lines whose text has no room say so, and tell the whole text where the pointer rests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop_crm.ui.kit.pickers import ComboEditor

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ECHO = QLineEdit.EchoMode
LONG = "Continuous 241 × 139.7 mm"


@pytest.mark.parametrize(("width", "echo", "told"), [(120, ECHO.Normal, LONG), (400, ECHO.Normal, None), (120, ECHO.Password, None)])
def test_a_choice_without_room_is_told_as_a_whole(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, width: int, echo: QLineEdit.EchoMode, told: str | None) -> None:
    shown: list[str] = []
    monkeypatch.setattr("desktop_crm.ui.kit.editor_base.QToolTip.showText", lambda _place, text, _widget: shown.append(text))
    combo = ComboEditor([("a", LONG)], name="paper", label="Paper")
    qtbot.addWidget(combo)
    combo.set_value("a")
    combo.line.setMinimumWidth(0)
    combo.line.setEchoMode(echo)
    combo.resize(width, 32)
    combo.show()
    place = QPoint(20, 10)
    QApplication.sendEvent(combo.line, QHelpEvent(QEvent.Type.ToolTip, place, combo.line.mapToGlobal(place)))
    assert shown == ([told] if told else []), "and a password is told to nobody"
