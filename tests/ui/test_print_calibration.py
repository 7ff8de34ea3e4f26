"""Calibrating a printer: measured, typed in, confirmed, kept for this computer and used in printing alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypdf import PdfReader

from desktop_crm.printing.calibration import Calibration
from desktop_crm.ui.print_calibration import CalibrationPanel
from desktop_crm.ui.print_job import setup_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.ui.conftest import Bench
    from tests.ui.printer_support import PaperPrinters


def test_what_is_measured_is_kept_by_printer_and_used(bench: Bench, tmp_path: Path, print_to: Callable[..., PaperPrinters]) -> None:
    bench.desk.settings_changed.connect(lambda settings: setattr(bench.desk, "settings", settings))
    print_to(tmp_path / "p.pdf")
    panel = CalibrationPanel(bench.desk)
    bench.show(panel)
    assert panel.printer.value() == "EPSON LQ-630KII"
    for _time in range(3):
        panel.nudge(0.1, -0.1)
    panel.editors["scale_y"].line.setText("100.2 %")
    panel.editors["scale_y"].tidy()
    panel.page_button.click()
    bench.settle()
    (page,) = PdfReader(tmp_path / "p.pdf").pages
    assert abs(float(page.mediabox.width) * 25.4 / 72 - 241) < 0.2
    panel.drift_button.click()
    bench.settle()
    assert len(PdfReader(tmp_path / "p.pdf").pages) == 5
    assert setup_for(bench.desk.settings, "delivery_note", "EPSON LQ-630KII").calibration == Calibration(), "nothing is kept before it is said so"
    panel.save_button.click()
    found = setup_for(bench.desk.settings, "delivery_note", "EPSON LQ-630KII").calibration
    assert (found.dx, found.dy, found.scale_y, found.at) == (0.3, -0.3, 100.2, bench.session.today.isoformat())
    panel.reset()
    assert panel.calibration() == Calibration()
    panel.editors["dx"].line.setText("99")
    panel.save_button.click()
    assert panel.editors["dx"].problem()
    assert bench.desk.settings.calibrations["EPSON LQ-630KII"]["dx"] == 0.3
