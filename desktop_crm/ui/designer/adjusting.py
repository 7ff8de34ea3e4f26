"""The panel below the paper that calibrates this computer's printers for preprinted forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Button, box, column, hline, row, scroll
from desktop_crm.ui.print_calibration import CalibrationPanel
from desktop_crm.ui.print_job import setup_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.designer.page import DesignerPage

HEIGHT: Final = 268
"""As high as the panel is where the window is wide; in a narrow one it is higher and scrolls."""


def adjusting_panel(page: DesignerPage, close: Callable[[], object]) -> QWidget:
    """Return the panel for the paper being designed; it scrolls where the window is too narrow for it."""
    sheets = page.canvas.sheets.pages
    printer = setup_for(page.desk.settings, page.name).printer
    panel = CalibrationPanel(page.desk, printer=printer, paper=(sheets[0].width, sheets[0].height)) if sheets else CalibrationPanel(page.desk, printer=printer)
    area = scroll(panel, name="designer.adjust.area")
    area.setFixedHeight(theme().px(HEIGHT))
    shut = Button("", "ghost", icon="x", size="mini", tip=_("Close"), name="designer.adjust.close", on_click=close)
    return box(column(hline(), row((area, 1), column(shut, None, margins=(0, 8, 8, 0)), gap=0), gap=0), "surface", name="designer.adjust")
