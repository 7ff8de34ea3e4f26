"""The whole main job through the real window, on a computer that has never seen the program: ``python -m tests.journeys.main_job --out out``.

From the first start over Excel lists, a customer, an opportunity, a contract and its money to paper, Excel and the next morning. Each
step leaves a picture in the folder; the papers, the workbook and the company file stay there too. Ends with 1 naming the step that failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from desktop_crm.app import Program, application, dress
from desktop_crm.base.resources import resource
from desktop_crm.base.settings import HOME_VARIABLE
from tests.journeys.driver import Driver, Stuck

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QApplication

    from desktop_crm.services.session import Session

FIRST_MORNING: Final = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
COMPANY: Final = "晨岸自动化设备（苏州）有限公司"
ADMINISTRATOR: Final = "王经理"


class Day(Program):
    """The program as it starts, with a clock that runs from the tour's own morning."""

    def __init__(self, app: QApplication, morning: datetime) -> None:
        super().__init__(app)
        self._ahead = morning - datetime.now(UTC)

    def opened(self, session: Session) -> None:
        """Set the session's clock, then show the window."""
        session.clock = lambda: datetime.now(UTC) + self._ahead
        super().opened(session)


@dataclass
class Tour:
    """One walk through the program: where its files go, the program that runs, and what the steps found out for those after them."""

    out: Path
    app: QApplication
    drive: Driver
    day: Day
    known: dict[str, Any] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """Return the path of a file the tour leaves behind."""
        return self.out / name

    def main_window(self) -> None:
        """Wait for the main window and look at it from now on."""
        self.drive.until(lambda: self.day.window is not None and self.day.window.isVisible(), "the main window")
        self.drive.window = self.day.window
        self.drive.settle()


def first_start(tour: Tour) -> None:
    """The first start: nothing is there yet, so begin with an empty company."""
    drive = tour.drive
    tour.day.ask()
    drive.window = drive.see("start")
    drive.shot("first-start")
    drive.click("start.empty")
    drive.fill("start.company", COMPANY)
    drive.fill("start.name", ADMINISTRATOR)
    drive.shot("new-company")
    drive.click("start.new.go")
    tour.main_window()
    drive.see("list.customer.empty")
    drive.shot("empty-list")


STEPS: Final[tuple[tuple[str, Callable[[Tour], None]], ...]] = (("Start for the first time with an empty company", first_start),)


def walk(out: Path, say: Callable[[str], object] = print) -> Tour:
    """Walk through every step, leaving everything in the folder `out`; raises Stuck, naming the step, where one fails."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    os.environ[HOME_VARIABLE] = str(out / "home")
    app = application()
    day = Day(app, FIRST_MORNING)
    dress(app, day.settings)
    tour = Tour(out, app, Driver(app, out), day)
    try:
        for number, (title, step) in enumerate(STEPS, 1):
            started = time.monotonic()
            try:
                step(tour)
            except Exception as problem:
                if tour.drive.window is not None:
                    tour.drive.window.grab().save(str(out / "failed.png"))
                raise Stuck(f"step {number} failed: {title}: {problem}") from problem
            say(f"{number:2d}. {title} ({time.monotonic() - started:.1f} s)")
    finally:
        tour.drive.release()
        for window in (tour.day.window, tour.day.start):
            if window is not None:
                window.close()
    return tour


def main(arguments: list[str] | None = None) -> int:
    """Walk and print what was done and where it is; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for pictures, papers and the company file")
    out = parser.parse_args(arguments).out.resolve()
    try:
        tour = walk(out, lambda text: print(text, flush=True))
    except Stuck as problem:
        traceback.print_exc()
        print(f"\n{problem}", file=sys.stderr)
        return 1
    print(f"\n{len(tour.drive.taken)} pictures, the papers and the workbook are in {out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
