"""Fast scrolling, frame by frame, with a wheel's own events: at 100 % and at 150 %, beside a plain QTableView of as many cells in memory.

Each size of the screen takes a process of its own: ``python -m bench.frames URL`` measures the one that QT_SCALE_FACTOR asks for.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.house import ADMIN, Line
from desktop_crm.services.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QTableView

    from bench.house import Ground
    from desktop_crm.ui.list_page import ListPage

FRAME_MS: Final = 1000 / 60
FRAMES: Final = 90
NOTCHES: Final = {"a notch a frame": 1, "a page a frame": 6}
SCALES: Final = ("1", "1.5")


def measure(ground: Ground) -> Iterator[Line]:
    """Measure each size of the screen, in milliseconds of the processor."""
    for scale in SCALES:
        environment = {**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run([sys.executable, "-m", "bench.frames", ground.url], env=environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - this program
        for name, ours, floor in json.loads(done.stdout):
            yield Line(f"scrolled at {float(scale):.0%}, {name}", ours, floor, limit=3, ceiling=FRAME_MS)


def main(url: str) -> None:
    """Print what was measured at this size: names, ours, the plain table's."""
    from bench.window import opened_window, settle
    from desktop_crm.ui.list_page import ListPage

    with opened_window(open_session(url, ADMIN)) as window:
        window.desk.show_list("customer")
        settle(window)
        page = window.page()
        assert isinstance(page, ListPage)
        plain = _plain(page)
        found: list[tuple[str, float, float]] = []
        for name, notches in NOTCHES.items():
            for table in (page.table, plain):  # what is scrolled over for the first time is measured as well, but not what is read for it
                _scrolled(table, notches)
                settle(window)
            ours, floor = _scrolled(page.table, notches), _scrolled(plain, notches)
            found.append((name, statistics.median(ours), statistics.median(floor)))
            found.append((f"{name}, slowest of 20", sorted(ours)[-len(ours) // 20], sorted(floor)[-len(floor) // 20]))
        sys.stdout.write(json.dumps(found))


def _scrolled(table: QTableView, notches: int) -> list[float]:
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    view, times = table.viewport(), []
    table.verticalScrollBar().setValue(0)
    QApplication.processEvents()
    spot = QPointF(view.width() / 2, view.height() / 2)
    for _frame in range(FRAMES):
        begun = time.thread_time()
        turn = QPoint(0, -120 * notches)
        QApplication.sendEvent(view, QWheelEvent(spot, view.mapToGlobal(spot), QPoint(), turn, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False))
        QApplication.processEvents()
        times.append((time.thread_time() - begun) * 1000)
    return times


def _plain(page: ListPage) -> QTableView:
    """Return a table of Qt's own over as many rows and columns, with a text in each cell."""
    from PySide6.QtCore import QAbstractTableModel, Qt
    from PySide6.QtWidgets import QTableView

    rows, columns = page.model.rowCount(), page.model.columnCount()

    class Texts(QAbstractTableModel):
        def rowCount(self, _parent: Any = None) -> int:  # noqa: N802 - Qt's own name
            return rows

        def columnCount(self, _parent: Any = None) -> int:  # noqa: N802 - Qt's own name
            return columns

        def data(self, index: Any, role: int = 0) -> Any:
            return f"{index.row()} {index.column()}" if role == Qt.ItemDataRole.DisplayRole else None

    table = QTableView()
    table.texts = Texts(table)  # type: ignore[attr-defined]  # kept as long as the table
    table.setModel(table.texts)  # type: ignore[attr-defined]
    table.resize(page.table.size())
    table.show()
    return table


if __name__ == "__main__":
    main(str(Path(sys.argv[1])) if ":" not in sys.argv[1] else sys.argv[1])
