"""Short messages with buttons of their own, shown by the window's toasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.toasts import Toasts

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget


def toasts_of(widget: QWidget) -> Toasts:
    """Return the toasts of the window a widget is in."""
    window = widget.window()
    return window.findChild(Toasts) or Toasts(window)


def tell_file(widget: QWidget, text: str, path: Path) -> None:
    """Say that a file was written, and offer to open it or its folder."""
    from desktop_crm.ui.files import open_file, show_in_folder

    actions = [(_("Open file"), lambda: open_file(path)), (_("Show in folder"), lambda: show_in_folder(path))]
    toasts_of(widget).show(text, "success", detail=path.name, actions=actions)
