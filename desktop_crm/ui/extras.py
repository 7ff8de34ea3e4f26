"""Where what is special about an entity's screens registers, so that the generic pages only look it up.

An entity's own file (`contracts.py`, `receipts.py`) enters panels shown in its editor, actions of its header and selection,
and at most an editor of its own.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from desktop_crm.base.lazily import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


@dataclass(frozen=True)
class SelectionAction:
    """An action for the ticked rows of a list, for whom `allowed` holds: called with the desk, their ids, and what to call once it is done."""

    key: str
    label: str
    icon: str
    act: Callable[[Desk, Sequence[int], Callable[[], object]], object]
    allowed: Callable[[Session], bool] = lambda _session: True


PANELS: Final[dict[str, list[Callable[[Desk, FormContext], QWidget]]]] = {}
"""Panels shown beside or below the lines of an entity's editor."""

ACTIONS: Final[dict[str, list[Action]]] = {}
"""Actions in the header of an entity's record page."""

SELECTION: Final[dict[str, list[SelectionAction]]] = {}
"""Actions for the ticked rows of an entity's list."""

EDITORS: Final[dict[str, Callable[[Desk, int | None, Mapping[str, Any]], Page]]] = {}
"""Editors of their own: called with the desk, the record's id or None for a new one, and what is given."""

SPECIAL: Final = ("bank_actions", "contracts", "invoice_requests", "invoices", "receipts", "settlements")
"""The files of this package that register here."""

SELECTING: Final[Mapping[str, tuple[str, ...]]] = {"bank_line": ("bank_actions",), "receivable": ("invoice_requests",)}
"""Those with an action for the ticked rows of an entity's list: no other list waits for them."""


@cache
def load_special() -> None:
    """Have every file in SPECIAL register. Called where the first record is opened: a list needs little of it, and the window starts sooner."""
    for name in SPECIAL:
        import_module(f"desktop_crm.ui.{name}")


def selection_actions(entity: str) -> list[SelectionAction]:
    """Return the actions of an entity's own for the ticked rows of its list."""
    for name in SELECTING.get(entity, ()):
        import_module(f"desktop_crm.ui.{name}")
    return SELECTION.get(entity, [])
