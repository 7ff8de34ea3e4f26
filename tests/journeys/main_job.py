"""The whole main job through the real window, on a computer that has never seen the program: ``python -m tests.journeys.main_job --out out``.

From the first start over Excel lists, a customer, an opportunity, a contract and its money to paper, Excel and the next morning. Each
step leaves pictures in the folder; the papers, the workbook and the company file stay there too. Ends with 1 naming the step that failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from desktop_crm.app import application, dress
from desktop_crm.base.settings import HOME_VARIABLE, save_settings
from tests.journeys import steps
from tests.journeys.driver import Driver, Stuck
from tests.journeys.tour import Day, Tour

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS: Final[tuple[tuple[str, Callable[[Tour], None]], ...]] = (
    ("Start for the first time, with an empty company", steps.first_start),
    ("Fill in the company's own details", steps.fill_in_profile),
    ("Import customers, contacts and products from Excel", steps.import_lists),
    ("Find, sort and filter customers", steps.find_sort_filter),
    ("Open a customer and change it in the form", steps.change_customer),
    ("Record an opportunity and move it on", steps.follow_opportunity),
    ("Make a contract with lines, tax and instalments", steps.make_contract),
    ("Put the contract in force; its receivables appear", steps.put_in_force),
    ("Register a receipt and allocate it", steps.register_receipt),
    ("See what is overdue", steps.see_overdue),
    ("Print delivery note, invoice request and statement", steps.print_papers),
    ("Export the customers to Excel", steps.export_customers),
    ("Close the window, and find everything there the next day", steps.next_day),
)

MADE: Final = ("failed.png", "delivery_note.pdf", "invoice_request.pdf", "statement.pdf", "customers.xlsx")
"""What else a former walk may have left in the folder; nothing else there is touched."""


def walk(out: Path, say: Callable[[str], object] = print) -> Tour:
    """Walk through every step, leaving everything in the folder `out`; raises Stuck, naming the step, where one fails."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "home", ignore_errors=True)
    for old in (*out.glob("[0-9][0-9]-*.png"), *(out / name for name in MADE)):
        old.unlink(missing_ok=True)
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(out / "home")
    app = application()
    day = Day(app)
    save_settings(day.settings)
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
        tour.close()
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before
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
    print(f"\n{out}: {len(tour.drive.taken)} pictures and")
    for name in MADE[1:]:
        print(f"  {name}")
    print(f"The company is {tour.known['url']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
