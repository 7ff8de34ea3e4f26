"""The log of the whole company: who did what, when and from which computer, each action with the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.services import logbook, undoing
from desktop_crm.ui.files import ask_save, table_filters
from desktop_crm.ui.kit.widgets import Button, EmptyState
from desktop_crm.ui.listing_page import ListingPage
from desktop_crm.ui.log_settings import KeepDialog
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from PySide6.QtWidgets import QMenu, QWidget

    from desktop_crm.ui.desk import Desk


class LogPage(ListingPage):
    """Every action this person may see, the latest first."""

    def __init__(self, desk: Desk) -> None:
        self.keep: KeepDialog | None = None
        super().__init__(desk, logbook.listing(desk.session), ticks=False)

    def hint(self) -> str:
        """Say whose actions these are."""
        return _("Everybody's actions") if self.desk.session.person.role in undoing.UNDO_ANY else _("Your own actions")

    def buttons(self) -> list[QWidget]:
        """Offer the export, and to administrators how long history is kept."""
        made: list[QWidget] = [Button(_("Export Excel"), icon="file-spreadsheet", name="action.export", on_click=self.export)]
        if self.desk.session.person.role == "admin":
            made.insert(0, Button(_("How long to keep…"), icon="clock", name="log.keep", on_click=self.open_settings))
        return made

    def nothing_yet(self) -> EmptyState:
        """Say that nothing was done."""
        return EmptyState("history", _("Nothing has happened yet"), _("Every change will stand here, with the way back"))

    def open_row(self, values: dict[str, Any]) -> None:
        """Show what an action did to each record."""
        self.desk.show_page("action", change_set=int(values["id"]))

    def fill_menu(self, menu: QMenu, values: dict[str, Any]) -> None:
        """Offer to look at an action and to take it back."""
        menu.addAction(_("Show records"), lambda: self.open_row(values))
        if may_take_back(self.desk, values):
            menu.addAction(_("Redo") if values["action"] == "undo" else _("Undo"), lambda: self.taking_back.undo(int(values["id"])))

    def open_settings(self) -> None:
        """Ask for how long history is kept."""
        self.keep = KeepDialog(self, self.desk)
        self.keep.open()

    def export(self) -> None:
        """Write the log as it is filtered to a file."""
        session, condition = self.desk.session, self.condition()
        path = ask_save(self, _("Export the log"), f"{self.spec.plural}_{session.today:%Y%m%d}.xlsx", table_filters())
        if path is None:
            return
        target: Path = path if path.suffix else path.with_suffix(".xlsx")
        self.desk.operations.file(
            self, lambda step: logbook.export(session, condition, target, step=step), lambda _rows: tell_file(self, _("Log exported"), target),
            title=_("Exporting the log"), failed=self.desk.fail,
        )

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Ctrl+E exports too."""
        return {**super().shortcuts(), "export": self.export}


def may_take_back(desk: Desk, values: dict[str, Any]) -> bool:
    """Tell whether this person may undo the action of a row of the log."""
    person, who = desk.session.person, values["user"]
    mine = isinstance(who, Ref) and int(who) == person.id
    return values["state"] == "stands" and values["action"] != "prune" and (mine or person.role in undoing.UNDO_ANY)
