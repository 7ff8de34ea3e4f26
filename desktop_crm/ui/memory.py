"""What a page remembers on this computer: the columns of a view, whether a pane is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk


def recall(desk: Desk, key: str, default: Any = None) -> Any:
    """Return what was remembered under `key`."""
    return desk.settings.layouts.get(key, default)


def remember(desk: Desk, key: str, value: Any) -> None:
    """Remember a JSON value under `key`; who keeps the settings is told."""
    if recall(desk, key) == value:
        return
    desk.settings = replace(desk.settings, layouts={**desk.settings.layouts, key: value})
    desk.settings_changed.emit(desk.settings)
