"""Scrolling on screens on which a logical pixel is no whole number of the screen's: by whole ones, or Qt paints everything anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.ui.kit.layouts import scroll
from desktop_crm.ui.kit.style import ScrollBar, grain

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize(("ratio", "size"), [(1.0, 1), (1.25, 4), (1.5, 2), (1.75, 4), (2.0, 1), (1.1, 1), (2.5, 2)])
def test_so_many_logical_pixels_make_whole_ones(ratio: float, size: int) -> None:
    assert grain(ratio) == size


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5])
def test_a_wheel_scrolls_by_whole_pixels_of_the_screen_and_reaches_both_ends(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, ratio: float) -> None:
    monkeypatch.setattr(ScrollBar, "devicePixelRatioF", lambda _self: ratio)
    content = QWidget()
    content.setFixedSize(100, 1003)
    area = scroll(content)
    qtbot.addWidget(area)
    area.resize(200, 300)
    area.show()
    bar = area.verticalScrollBar()
    bar.setSingleStep(7)

    def turn(by: int) -> int:
        view, before = area.viewport(), bar.value()
        spot = QPointF(5, 5)
        QApplication.sendEvent(view, QWheelEvent(spot, view.mapToGlobal(spot), QPoint(), QPoint(0, by), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False))
        return bar.value() - before

    moved = [turn(-120) for _notch in range(80)]
    assert bar.value() == bar.maximum()
    ways = [way for way in moved if way]
    assert all((way * ratio).is_integer() for way in ways[:-1])  # the last one ends where the content does
    assert [turn(120) for _notch in range(80)][-1] == 0
    assert bar.value() == 0
