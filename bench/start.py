"""How long it takes from starting the program to a list that can be worked with, and the memory it then needs, beside an empty window of PySide6.

Each start is a process of its own. The window's own log says when the first rows were painted, so the bundle (`dev.py build`) is measured
the same way where there is one.
"""

from __future__ import annotations

import compileall
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.house import ADMIN, Line
from desktop_crm.base.settings import HOME_VARIABLE, Settings, save_settings
from desktop_crm.services import upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.house import Ground

RUNS: Final = 7
ROOT: Final = Path(__file__).parents[1]
BUNDLE: Final = ROOT / "dist" / "desktop-crm" / ("desktop-crm.exe" if sys.platform == "win32" else "desktop-crm")
THERE: Final = re.compile(r"The first page is there: (\d+) ms")
"""What the window's log says, with the processor's time until then: by the time that somebody outside asks, the program is at something else."""
LIMIT_S: Final = 60
IDLE_S: Final = 2.0
EMPTY: Final = """
import sys, time
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(f"there: {time.process_time() * 1000:.0f} ms", flush=True)

app = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
sys.exit(app.exec())
"""
TABLE: Final = """
import sqlite3, sys, time
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

rows = sqlite3.connect(sys.argv[1]).execute("SELECT name, level, status, city, industry, phone, owner_id, balance, last_contact, note FROM customer ORDER BY sort_key LIMIT 100").fetchall()

class Model(QAbstractTableModel):
    def rowCount(self, parent=None):
        return len(rows)
    def columnCount(self, parent=None):
        return len(rows[0])
    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        return str(rows[index.row()][index.column()]) if role == Qt.ItemDataRole.DisplayRole else None

class Table(QTableView):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(f"there: {time.process_time() * 1000:.0f} ms", flush=True)

app = QApplication([])
window, table, model = QMainWindow(), Table(), Model()
table.setModel(model)
window.setCentralWidget(table)
window.resize(1440, 900)
window.show()
sys.exit(app.exec())
"""
"""Both windows are as large as ours is at first. The least that shows the same rows: what is between it and an empty window no program that does so can save."""


@dataclass(frozen=True)
class Started:
    """One start: milliseconds by the clock and of the processor until the window is there, and the memory in MB a while later: all that is resident, and with its part only of what others share (PSS)."""

    ms: float
    work_ms: float
    mb: float
    own_mb: float


def measure(ground: Ground) -> Iterator[Line]:
    """Start the program and the empty window in turns."""
    # An installed program has its bytecode; a tree that was just changed or can't be written to has not.
    compileall.compile_dir(ROOT / "desktop_crm", quiet=2)
    if upkeep.due(ground.session):  # as in a company that was worked with: else the search index is made beside what is measured
        upkeep.tend(ground.session, step=lambda _done, _total: None)
    with tempfile.TemporaryDirectory(prefix="crm-start-") as name:
        home = Path(name)
        yield from _lines("", lambda: _ours([sys.executable, "-m", "desktop_crm"], ground.url, home), limit=2)
        if BUNDLE.is_file():
            yield from _lines(" (bundle)", lambda: _ours([str(BUNDLE)], ground.url, home), limit=2)
        if ground.session.store.location.path is not None:
            path = str(ground.session.store.location.path)
            yield from _lines(" (plain table of its rows)", lambda: _plain(TABLE, path), limit=None)


def _lines(name: str, start: Callable[[], Started], *, limit: float | None) -> Iterator[Line]:
    ours, floor = _in_turns(start)
    yield Line(f"start to a list that can be used{name}", ours.ms, floor.ms, limit=limit)
    if floor.mb:
        yield Line(f"its processor time{name}", ours.work_ms, floor.work_ms, limit=limit)
        yield Line(f"memory two seconds later{name}", ours.mb, floor.mb, limit=limit, unit="MB", note="resident")
        yield Line(f"the same, shared parts divided{name}", ours.own_mb, floor.own_mb, unit="MB", note="PSS: this program shares Python with all but the bundle")


def _in_turns(start: Callable[[], Started]) -> tuple[Started, Started]:
    """Return the medians of a start and of the empty window's."""
    found: tuple[list[Started], list[Started]] = ([], [])
    for turn in range(RUNS + 1):
        pair = start(), _plain(EMPTY)
        if turn:  # the first of each finds nothing in the memory of the system
            for place, one in enumerate(pair):
                found[place].append(one)
    ours, floor = (Started(*(statistics.median(getattr(one, key) for one in which) for key in ("ms", "work_ms", "mb", "own_mb"))) for which in found)
    return ours, floor


def _ours(program: Sequence[str], url: str, homes: Path) -> Started:
    """Start the program as on a computer it was never on."""
    home = Path(tempfile.mkdtemp(dir=homes))
    environment = {**os.environ, HOME_VARIABLE: str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ[HOME_VARIABLE] = str(home)
    save_settings(Settings(language="zh_CN"))
    log = home / "logs" / "desktop-crm.log"

    def there(_process: subprocess.Popen[bytes]) -> float | None:
        found = THERE.search(log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else None
        return float(found[1]) if found else None

    return _started([*program, "--db", url, "--user", ADMIN], environment, there)


def _plain(program: str, *arguments: str) -> Started:
    def there(process: subprocess.Popen[bytes]) -> float | None:
        line = process.stdout.readline() if process.stdout is not None else b""
        return float(line.split()[1]) if line else None

    return _started([sys.executable, "-c", program, *arguments], os.environ, there)


def _started(command: Sequence[str], environment: Mapping[str, str], there: Callable[[subprocess.Popen[bytes]], float | None]) -> Started:
    """Start a window and wait until it is `there`, which tells the processor's time until then."""
    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env={**environment, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - this program and its interpreter
        try:
            while (work := there(process)) is None:
                if time.perf_counter() - begun > LIMIT_S or process.poll() is not None:
                    raise SystemExit(f"{command} showed nothing")
                time.sleep(0.002)
            took = (time.perf_counter() - begun) * 1000
            time.sleep(IDLE_S)
            return Started(took, work, *_memory(process.pid))
        finally:
            process.kill()


def _memory(process: int) -> tuple[float, float]:
    """Return what a process has in memory, and the same with its part only of what it shares, in MB; 0 where the system doesn't say.

    The first doesn't depend on who else runs: the empty window and the tree share the interpreter's libraries with this program, a bundle brings its own.
    """
    path = Path(f"/proc/{process}/smaps_rollup")
    if not path.exists():
        return 0.0, 0.0
    said = dict(line.split()[:2] for line in path.read_text().splitlines()[1:])
    return int(said["Rss:"]) / 1024, int(said["Pss:"]) / 1024
