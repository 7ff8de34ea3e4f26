"""What stands over a page: toasts, popovers, dialogs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from desktop_crm.ui.kit.dialogs import ConfirmDialog, Dialog, ErrorDialog, confirm
    from desktop_crm.ui.kit.popover import Callout, Popover
    from desktop_crm.ui.kit.toasts import TaskToast, Toast, Toasts

__all__ = ["Callout", "ConfirmDialog", "Dialog", "ErrorDialog", "Popover", "TaskToast", "Toast", "Toasts", "confirm"]

PLACES: Final = {"dialogs": ("ConfirmDialog", "Dialog", "ErrorDialog", "confirm"), "popover": ("Callout", "Popover"), "toasts": ("TaskToast", "Toast", "Toasts")}


def __getattr__(name: str) -> Any:
    """Load the part that a name stands in when it is first asked for: a list needs no dialogs."""
    for place, names in PLACES.items():
        if name in names:
            return getattr(import_module(f"desktop_crm.ui.kit.{place}"), name)
    raise AttributeError(name)
