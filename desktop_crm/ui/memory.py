"""What a page remembers on this computer: the columns of a view, whether a pane is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from desktop_crm.base.settings import save_settings

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk


def recall(desk: Desk, key: str, default: Any = None) -> Any:
    """Return what was remembered under `key`."""
    return desk.settings.layouts.get(key, default)


def remember(desk: Desk, key: str, value: Any) -> None:
    """Remember a JSON value under `key`; it is written away from the window."""
    if recall(desk, key) == value:
        return
    desk.settings = replace(desk.settings, layouts={**desk.settings.layouts, key: value})
    settings = desk.settings
    desk.operations.write(desk, lambda: save_settings(settings), lambda _done: None)
