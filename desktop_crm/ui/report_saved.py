"""Reports kept under a name: the settings of one, such as own limits of days and an owner, chosen again with a click."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.widgets import Button
from desktop_crm.ui.saved_views import ENTITY, SavedView, delete_view, may_save, rename_view, save_view, saved_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk

NAME = FieldSpec("name", kinds.TEXT, N_("Name"), required=True, scale=60)


class SavedReports(Button):
    """The button above a report. Signal: `chosen(content)` with the settings of one that was picked.

    `content` tells the settings as they are now, in the form that is kept.
    """

    chosen = Signal(object)

    def __init__(self, desk: Desk, report: str, content: Callable[[], dict[str, Any] | None]) -> None:
        super().__init__(_("My reports"), "ghost", icon="bookmark-plus", name="action.my_reports", trailing="chevron-down", on_click=self.open_menu)
        self.desk, self._list, self._content = desk, f"report.{report}", content
        self.saved: list[SavedView] = []
        self.shown: int | None = None
        self.setVisible(may_save(desk.session))
        self.load()

    def load(self) -> None:
        """Read what this person keeps of this report."""
        session = self.desk.session
        if may_save(session):
            self.desk.operations.read(self, lambda: saved_views(session, self._list), self._came, key="saved", failed=self.desk.fail)

    def _came(self, found: list[SavedView]) -> None:
        self.saved = found
        self._show()

    def _show(self) -> None:
        now = next((one for one in self.saved if one.id == self.shown), None)
        self.set_text(now.name if now is not None else _("My reports"))

    def current(self) -> SavedView | None:
        """Return the kept report whose settings were chosen last."""
        return next((one for one in self.saved if one.id == self.shown), None)

    def open_menu(self) -> None:
        """Offer what is kept and what can be done with it."""
        menu = Menu(self)
        menu.setObjectName("my_reports")
        for one in self.saved:
            action = menu.addAction(one.name, partial(self.choose, one))
            action.setCheckable(True)
            action.setChecked(one.id == self.shown)
        if self.saved:
            menu.addSeparator()
        menu.addAction(_("Save as my report…"), self.ask_name)
        now = self.current()
        if now is not None:
            menu.addAction(_("Save the changes to “{name}”").format(name=now.name), partial(self.save, now.name, now.id))
            menu.addAction(_("Rename"), partial(self._ask, _("Rename"), now.name, partial(self.rename, now)))
            menu.addAction(_("Delete “{name}”").format(name=now.name), partial(self.delete, now))
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        menu.aboutToHide.connect(menu.deleteLater)

    def choose(self, saved: SavedView) -> None:
        """Show a report as it was kept."""
        self.shown = saved.id
        self._show()
        self.chosen.emit(saved.content)

    # ---- keeping

    def ask_name(self) -> None:
        """Ask for the name of a new one."""
        session, content, kept = self.desk.session, self._content() or {}, self._list
        self._ask(_("Save as my report"), "", lambda name: save_view(session, kept, name, content))

    def _ask(self, title: str, name: str, act: Callable[[str], Changes[Any]]) -> None:
        hint = _("Its settings and limits are kept for you; a day that was left as today stays today")
        AskDialog(self.window(), self.desk, title, hint, (NAME,), {"name": name}, button=_("Save"), act=lambda typed: act(typed["name"]), done=self._kept, name="my_report").show()

    def _kept(self, changes: Changes[Any]) -> None:
        self.shown = changes.result.id
        self.load()

    def save(self, name: str, key: int) -> None:
        """Keep the settings as they are now in the place of those of `key`."""
        session, content, kept = self.desk.session, self._content() or {}, self._list
        self.desk.write(self, lambda: save_view(session, kept, name, content, key=key), self._kept, failed=self.desk.fail)

    def rename(self, saved: SavedView, name: str) -> Changes[Any]:
        """Give one another name."""
        return rename_view(self.desk.session, saved.id, name)

    def delete(self, saved: SavedView) -> None:
        """Delete one."""
        session = self.desk.session
        self.shown = None
        self.desk.write(self, lambda: delete_view(session, saved.id), lambda _changes: self.load(), failed=self.desk.fail)

    def concerned(self, entities: set[str]) -> bool:
        """Tell whether a change of these entities changes what is kept."""
        return not entities or ENTITY in entities
