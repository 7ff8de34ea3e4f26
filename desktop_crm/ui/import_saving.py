"""Saving what an import has to say as a workbook, where the user wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.ui.files import ask_save
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.ui.desk import Desk, Page


def save_workbook(page: Page, desk: Desk, title: str, name: str, write: Callable[[Path], object], said: str) -> None:
    """Ask where to, write in the background and say `said`, with the file to open."""
    path = ask_save(page, title, name + ".xlsx", f"{_('Excel workbook')} (*.xlsx)")
    if path is None:
        return
    target = path if path.suffix.lower() == ".xlsx" else path.with_name(path.name + ".xlsx")
    desk.operations.file(page, lambda _step: write(target), lambda _none: tell_file(page, said, target), title=title)
