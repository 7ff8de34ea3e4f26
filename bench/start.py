"""How long it takes from starting the program to a list that can be worked with, and the memory it then needs, beside an empty window of PySide6.

Each start is a process of its own. The window's own log says when the first rows were painted, so the bundle (`dev.py build`) is measured
the same way where there is one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
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


def measure(ground: Ground) -> Iterator[Line]:
    """Start the program and the empty window in turns."""
    program = [sys.executable, "-m", "desktop_crm"]
    ours, floor, memory, least = _in_turns(program, ground.url)
    yield Line("start to a list that can be used", ours, floor, limit=2)
    if memory and least:
        yield Line("memory two seconds later", memory, least, limit=2, unit="MB", note="PSS")
    if BUNDLE.is_file():
        ours, floor, memory, least = _in_turns([str(BUNDLE)], ground.url)
        yield Line("the same of the bundle", ours, floor, limit=2)
        if memory and least:
            yield Line("its memory", memory, least, limit=2, unit="MB", note="PSS")


def _in_turns(program: Sequence[str], url: str) -> tuple[float, float, float, float]:
    """Return the medians of our start and the empty window's in ms, and of their memory in MB."""
    found: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    with tempfile.TemporaryDirectory(prefix="crm-start-") as name:
        for turn in range(RUNS + 1):
            pair = _ours(program, url, Path(name) / str(turn)), _empty()
            if turn:  # the first of each finds nothing in the memory of the system
                for place, one in enumerate(pair):
                    found[place].append(one)
    starts, memories = zip(*((statistics.median(one) for one in zip(*which, strict=True)) for which in found), strict=True)
    return starts[0], starts[1], memories[0], memories[1]


def _ours(program: Sequence[str], url: str, home: Path) -> tuple[float, float]:
    environment = {**os.environ, HOME_VARIABLE: str(home)}
    os.environ[HOME_VARIABLE] = str(home)
    save_settings(Settings(language="zh_CN"))
    log = home / "logs" / "desktop-crm.log"
    return _started([*program, "--db", url, "--user", ADMIN], environment, lambda _process: log.is_file() and THERE in log.read_text(encoding="utf-8", errors="replace"))


def _empty() -> tuple[float, float]:
    return _started([sys.executable, "-c", EMPTY], os.environ, lambda process: bool(process.stdout is not None and process.stdout.readline()))


def _started(command: Sequence[str], environment: Mapping[str, str], there: Callable[[subprocess.Popen[bytes]], bool]) -> tuple[float, float]:
    """Start a window, wait until it is there, and return the milliseconds and its memory in MB after a while without work."""
    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env={**environment, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - this program and its interpreter
        try:
            while not there(process):
                if time.perf_counter() - begun > LIMIT_S or process.poll() is not None:
                    raise SystemExit(f"{command} showed nothing")
                time.sleep(0.002)
            took = (time.perf_counter() - begun) * 1000
            time.sleep(IDLE_S)
            return took, _memory(process.pid)
        finally:
            process.kill()


def _memory(process: int) -> float:
    """Return what a process needs for itself and its part of what it shares, in MB; 0 where the system doesn't say."""
    path = Path(f"/proc/{process}/smaps_rollup")
    if not path.exists():
        return 0.0
    return int(next(line.split()[1] for line in path.read_text().splitlines() if line.startswith("Pss:"))) / 1024
