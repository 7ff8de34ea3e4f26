"""The recycle bin: what was deleted, by whom and when, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import bin as recycled
from desktop_crm.ui.kit.selection_bar import SelectionBar
from desktop_crm.ui.kit.widgets import EmptyState
from desktop_crm.ui.listing_page import ListingPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QMenu

    from desktop_crm.services.session import Changes
    from desktop_crm.services.undoing import Key
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.ranges import RowRanges


class BinPage(ListingPage):
    """Deleted records; ticked ones, or the one that is opened, are restored with all that went with them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, recycled.listing(desk.session), ticks=True)
        acts = [("restore", _("Restore"), "rotate-ccw", self.restore_ticked)]
        self.selection = SelectionBar(self.table, acts, lambda rows: (_("{count} selected").format(count=f"{len(rows):,}"), ""))

    def hint(self) -> str:
        """Say what the page is for."""
        return _("Enter restores a record, with everything that was deleted with it")

    def nothing_yet(self) -> EmptyState:
        """Say that nothing was deleted."""
        return EmptyState("trash-2", _("The recycle bin is empty"), _("What is deleted stays here and can be restored"))

    def open_row(self, values: dict[str, Any]) -> None:
        """Restore one record."""
        self.restore([(values["entity"], values["record"])])

    def fill_menu(self, menu: QMenu, values: dict[str, Any]) -> None:
        """Offer to restore the record, and to see how it was deleted."""
        key = (values["entity"], values["record"])
        menu.addAction(_("Restore"), lambda: self.restore([key]))
        menu.addAction(_("Show what it was"), lambda: self.desk.show_page("action", change_set=int(values["change_set"])))

    def restore_ticked(self) -> None:
        """Restore the ticked records; with all ticked, everything that matches."""
        rows: RowRanges = self.table.ticked()
        if not rows:
            return
        if len(rows) == self.model.rowCount():
            session, condition = self.desk.session, self.condition()
            self.desk.operations.read(self, lambda: recycled.keys_of(session, condition), self.restore, key="ticked", failed=self.desk.fail)
            return
        found = [self.model.values_at(place) for place in rows]
        if any(values is None for values in found):
            self.desk.fail(UserError(_("Some of the ticked rows are still being read. Try again in a moment")))
            return
        self.restore([(values["entity"], values["record"]) for values in found if values is not None])

    def restore(self, keys: Sequence[Key]) -> None:
        """Restore records; the toast undoes it."""
        self.taking_back.restore(keys, done=self._restored)

    def _restored(self, _changes: Changes[int]) -> None:
        self.table.clear_ticks()
