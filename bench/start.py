"""How long it takes from starting the program to a list that can be worked with, and the memory it then needs, beside an empty window of PySide6.

Each start is a process of its own. The window's own log says when the first rows were painted, so the bundle (`dev.py build`) is measured
the same way where there is one.
"""

from __future__ import annotations

import compileall
import os
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.house import Ground

RUNS: Final = 7
ROOT: Final = Path(__file__).parents[1]
BUNDLE: Final = ROOT / "dist" / "desktop-crm" / ("desktop-crm.exe" if sys.platform == "win32" else "desktop-crm")
THERE: Final = "The first page is there"
LIMIT_S: Final = 60
IDLE_S: Final = 2.0
EMPTY: Final = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("there", flush=True)

app = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
sys.exit(app.exec())
"""


@dataclass(frozen=True)
class Started:
    """One start: milliseconds by the clock and of the processor until the window is there, and the memory in MB a while later (PSS)."""

    ms: float
    work_ms: float
    mb: float


def measure(ground: Ground) -> Iterator[Line]:
    """Start the program and the empty window in turns."""
    # An installed program has its bytecode; a tree that was just changed or can't be written to has not.
    compileall.compile_dir(ROOT / "desktop_crm", quiet=2)
    yield from _lines("", [sys.executable, "-m", "desktop_crm"], ground.url)
    if BUNDLE.is_file():
        yield from _lines(" (bundle)", [str(BUNDLE)], ground.url)


def _lines(name: str, program: Sequence[str], url: str) -> Iterator[Line]:
    ours, floor = _in_turns(program, url)
    yield Line(f"start to a list that can be used{name}", ours.ms, floor.ms, limit=2)
    if floor.mb:
        yield Line(f"its processor time{name}", ours.work_ms, floor.work_ms, limit=2)
        yield Line(f"memory two seconds later{name}", ours.mb, floor.mb, limit=2, unit="MB", note="PSS")


def _in_turns(program: Sequence[str], url: str) -> tuple[Started, Started]:
    """Return the medians of our start and of the empty window's."""
    found: tuple[list[Started], list[Started]] = ([], [])
    with tempfile.TemporaryDirectory(prefix="crm-start-") as name:
        for turn in range(RUNS + 1):
            pair = _ours(program, url, Path(name) / str(turn)), _empty()
            if turn:  # the first of each finds nothing in the memory of the system
                for place, one in enumerate(pair):
                    found[place].append(one)
    ours, floor = (Started(*(statistics.median(getattr(one, key) for one in which) for key in ("ms", "work_ms", "mb"))) for which in found)
    return ours, floor


def _ours(program: Sequence[str], url: str, home: Path) -> Started:
    environment = {**os.environ, HOME_VARIABLE: str(home)}
    os.environ[HOME_VARIABLE] = str(home)
    save_settings(Settings(language="zh_CN"))
    log = home / "logs" / "desktop-crm.log"
    return _started([*program, "--db", url, "--user", ADMIN], environment, lambda _process: log.is_file() and THERE in log.read_text(encoding="utf-8", errors="replace"))


def _empty() -> Started:
    return _started([sys.executable, "-c", EMPTY], os.environ, lambda process: bool(process.stdout is not None and process.stdout.readline()))


def _started(command: Sequence[str], environment: Mapping[str, str], there: Callable[[subprocess.Popen[bytes]], bool]) -> Started:
    """Start a window and wait until it is there."""
    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env={**environment, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - this program and its interpreter
        try:
            while not there(process):
                if time.perf_counter() - begun > LIMIT_S or process.poll() is not None:
                    raise SystemExit(f"{command} showed nothing")
                time.sleep(0.002)
            took, work = (time.perf_counter() - begun) * 1000, _work(process.pid)
            time.sleep(IDLE_S)
            return Started(took, work, _memory(process.pid))
        finally:
            process.kill()


def _work(process: int) -> float:
    """Return the processor time a process has used, in ms; 0 where the system doesn't say."""
    path = Path(f"/proc/{process}/stat")
    if not path.exists():
        return 0.0
    parts = path.read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> float:
    """Return what a process needs for itself and its part of what it shares, in MB; 0 where the system doesn't say."""
    path = Path(f"/proc/{process}/smaps_rollup")
    if not path.exists():
        return 0.0
    return int(next(line.split()[1] for line in path.read_text().splitlines() if line.startswith("Pss:"))) / 1024
