"""Where what is special about an entity's screens registers, so that the generic pages only look it up.

An entity's own file (`contracts.py`, `receipts.py`) enters panels shown in its editor, actions of its header and selection,
and at most an editor of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk, Page


class FormContext(Protocol):
    """What a panel may do with the form it stands in."""

    def values(self) -> Values:
        """Return the record's values as they are typed now."""
        ...

    def set_value(self, field: str, value: Any) -> None:
        """Type a value into a field."""
        ...

    def lines(self, entity: str) -> list[Values]:
        """Return the lines of a line entity as they are typed now."""
        ...

    def set_lines(self, entity: str, rows: list[Values]) -> None:
        """Replace the lines of a line entity."""
        ...

    def on_change(self, call: Callable[[], None]) -> None:
        """Have `call` run after anything was typed."""
        ...


@dataclass(frozen=True)
class Action:
    """An action of a record's header: shown where `visible(session, values)` holds; a `rare` one in its menu. One that `prints` answers Ctrl+P."""

    key: str
    label: str
    icon: str
    act: Callable[[Desk, Values], object]
    visible: Callable[[Session, Values], bool] = lambda _session, _values: True
    primary: bool = False
    prints: bool = False
    rare: bool = False


PANELS: Final[dict[str, list[Callable[[Desk, FormContext], QWidget]]]] = {}
"""Panels shown beside or below the lines of an entity's editor."""

ACTIONS: Final[dict[str, list[Action]]] = {}
"""Actions in the header of an entity's record page."""

EDITORS: Final[dict[str, Callable[[Desk, int | None, Mapping[str, Any]], Page]]] = {}
"""Editors of their own: called with the desk, the record's id or None for a new one, and what is given."""
