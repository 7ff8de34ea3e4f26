"""The columns of a list: which are shown, how wide, in what order; remembered for each view."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from desktop_crm.base.i18n import _
from desktop_crm.ui.filters import HIDDEN
from desktop_crm.ui.kit.sheets import Menu, literal
from desktop_crm.ui.memory import recall, remember

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMenu

    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.table import DataTable
    from desktop_crm.ui.rows import RowsModel

REMEMBER_MS: Final = 600


class ListColumns(QObject):
    """Keeps the columns of a list's views. `view()` says which one is shown, `ask(names)` reads the list with other columns."""

    def __init__(self, desk: Desk, model: RowsModel, table: DataTable, view: Callable[[], str], ask: Callable[[tuple[str, ...]], None]) -> None:
        super().__init__(table)
        self.desk, self.model, self.table, self.spec = desk, model, table, model.entity
        self._view, self._ask = view, ask
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(REMEMBER_MS)
        self._wait.timeout.connect(self.keep)
        table.columns_changed.connect(self._wait.start)

    def _key(self, view: str) -> str:
        return f"{self.spec.name}.{view}"

    def names(self, view: str) -> tuple[str, ...]:
        """Return the columns a view reads: the list's own and those the user added."""
        kept = recall(self.desk, self._key(view)) or []
        added = [item[0] for item in kept if item[0] in self.spec.fields and item[0] not in self.spec.columns and not item[2]]
        return (*self.spec.columns, *added)

    def shown(self) -> tuple[str, ...]:
        """Return the columns that are shown, from the left."""
        return tuple(key for key, _width, hidden in self.table.column_state() if not hidden)

    def restore(self) -> None:
        """Put the columns of the view as they were left."""
        kept = recall(self.desk, self._key(self._view()))
        if kept:
            self.table.restore_columns([(str(key), int(width), bool(hidden)) for key, width, hidden in kept])
        else:
            self.table.restore_columns([(name, 0, False) for name in self.spec.columns])
        self._wait.stop()

    def spread(self) -> None:
        """Give the width that is left over to texts that are cut short, unless the user set the widths of this view."""
        if not recall(self.desk, self._key(self._view())):
            self.table.spread()

    def keep(self) -> None:
        """Remember the columns of the view as they are."""
        remember(self.desk, self._key(self._view()), [list(item) for item in self.table.column_state()])

    def menu(self) -> QMenu:
        """Return the menu that shows and hides columns, those the list doesn't begin with included."""
        menu = Menu(_("Columns"), self.table)
        shown = self.shown()
        for spec in self.spec.fields.values():
            if spec.name in HIDDEN or spec.kind.name == "note":
                continue
            action = menu.addAction(literal(spec.title))
            action.setCheckable(True)
            action.setChecked(spec.name in shown)
            action.setObjectName(f"column.{spec.name}")
            action.toggled.connect(partial(self.show_column, spec.name))
        menu.addSeparator()
        menu.addAction(_("Columns as they were"), self.reset)
        return menu

    def show_column(self, name: str, shown: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Show a column or hide it; one that isn't read yet is read."""
        names = [one.name for one in self.model.columns]
        if name in names:
            self.table.set_column_hidden(names.index(name), not shown)
            return
        state = self.table.column_state()
        self._ask((*names, name))
        self.table.restore_columns(state)
        self._wait.start()

    def reset(self) -> None:
        """Show the columns the list began with."""
        remember(self.desk, self._key(self._view()), None)
        self._ask(self.spec.columns)
        self.table.set_widths()
        self.table.restore_columns([(name, 0, False) for name in self.spec.columns])
        self._wait.stop()
