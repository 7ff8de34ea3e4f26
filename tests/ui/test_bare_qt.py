"""PySide6 is loaded without its explanations, and gives them all the same when a call is wrong."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.children import python

PROGRAM = """
import builtins, sys
compiles = builtins.compile
import desktop_crm.ui
from desktop_crm.ui import bare_qt
assert builtins.compile is compiles
assert sorted(bare_qt._sources) == sorted(bare_qt.EXPLAIN), bare_qt._sources.keys()
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
for wrong in (lambda: QWidget().resize("wide"), lambda: QTimer(1, 2, 3), lambda: QObject(nothing=1), lambda: QWidget().setParent()):
    try:
        wrong()
    except (TypeError, AttributeError) as problem:
        print(problem)
print(QWidget.resize.__doc__)
"""
PLAIN = PROGRAM.split("from PySide6.QtCore", 1)[1]


def said(program: str) -> str:
    """Return what a fresh Python prints."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return python(["-c", program], cwd=Path(__file__).parents[2], env=environment, check=True).stdout


def test_a_wrong_call_is_explained_as_ever() -> None:
    ours = said(PROGRAM)
    assert "called with wrong argument types" in ours
    assert "resize(w: int, h: int, /)" in ours
    assert ours == said("from PySide6.QtCore" + PLAIN)
