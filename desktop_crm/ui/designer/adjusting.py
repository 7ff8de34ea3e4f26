"""The panel below the paper that adjusts the print to this computer's printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.widgets import Button, Label, box, column, hline, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.designer.page import DesignerPage


def adjusting_panel(page: DesignerPage, close: Callable[[], object]) -> QWidget:
    """Return the panel for the template being designed."""
    head = row(Label(_("Printer adjustment"), "strong", bold=True), Label(_("Kept for this computer and printer; the template stays as it is"), "small", "text3"), None,
               Button("", "ghost", icon="x", size="small", tip=_("Close"), name="designer.adjust.close", on_click=close), margins=(14, 8, 8, 8))
    del page
    return box(column(hline(), head, gap=0), "surface", name="designer.adjust")
