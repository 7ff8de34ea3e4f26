"""For how long history is kept, and removing what is older."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.errors import Cancelled
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.services import retention
from desktop_crm.ui.kit.dialogs import Dialog, confirm
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.widgets import Button, Label, row

if TYPE_CHECKING:
    from datetime import date

    from PySide6.QtWidgets import QWidget

    from desktop_crm.models.pruning import Old
    from desktop_crm.ui.desk import Desk


class KeepDialog(Dialog):
    """Sets for how long history is kept. What is older goes once a day by itself, or at once with a button."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        hint = _("Without old history its actions can't be seen or undone any more, and records deleted then can't be restored")
        super().__init__(parent, _("How long history is kept"), hint, name="keep_dialog")
        self.desk = desk
        self.months = ComboEditor([(one, _length(one)) for one in retention.MONTHS], name="keep_dialog.months", label=_("Keep history"))
        self.months.setFixedWidth(200)
        self.state = Label("", "small", "text3", wrap=True)
        self.remove = Button(_("Remove what is older now…"), name="keep_dialog.remove", on_click=self._look)
        self.add(row(Label(_("Keep history"), "body", "text2"), self.months, None, gap=12))
        self.add(self.state)
        self.footer_left.addWidget(self.remove)
        self.add_button(Button(_("Cancel"), name="keep_dialog.cancel", on_click=self.reject), safe=True)
        self.add_button(Button(_("Save"), "primary", name="keep_dialog.save", on_click=self.save))
        self.remove.hide()
        self._ask()

    def _ask(self) -> None:
        session = self.desk.session

        def came(found: tuple[int, date | None]) -> None:
            months, begins = found
            if months not in retention.MONTHS:
                self.months.set_choices([(one, _length(one)) for one in sorted({*retention.MONTHS, months})])
            self.months.set_value(months)
            self.remove.setVisible(bool(months))
            self.state.setText(_("History begins on {date}").format(date=begins) if begins else _("Nothing was ever removed"))
            self.refit()

        self.desk.operations.read(self, lambda: (retention.kept_months(session), retention.begins(session)), came, failed=self.desk.fail)

    def save(self) -> None:
        """Keep the setting; nothing is removed yet."""
        session, months = self.desk.session, int(str(self.months.value() or 0))
        self.desk.write(self.desk, lambda: retention.keep_for(session, months), lambda _changes: None, failed=self.desk.fail)
        self.accept()

    def _look(self) -> None:
        session = self.desk.session
        self.desk.operations.read(self, lambda: retention.old(session), self._confirm, failed=self.desk.fail)

    def _confirm(self, found: Old | None) -> None:
        if found is None or not found.actions:
            self.state.setText(_("There is nothing older"))
            return
        self.accept()
        session, desk = self.desk.session, self.desk
        actions = ngettext("{count} action will be removed for good", "{count} actions will be removed for good", found.actions).format(count=f"{found.actions:,}")
        deleted = ngettext("{count} deleted record can't be restored any more", "{count} deleted records can't be restored any more", found.deletions)
        lines = (actions, deleted.format(count=f"{found.deletions:,}")) if found.deletions else (actions,)
        if confirm(self.parentWidget() or self, _("Remove old history?"), _("This can't be undone. The log will say that it was done"), _("Remove history"), consequences=lines):
            desk.write_long(
                desk, lambda step: retention.prune(session, step=step), lambda _changes: None, title=_("Removing old history"),
                failed=lambda problem: desk.say(_("Stopped; nothing was changed")) if isinstance(problem, Cancelled) else desk.fail(problem),
            )


def _length(months: int) -> str:
    if not months:
        return _("For ever")
    if months % 12:
        return _("{count} months").format(count=months)
    return ngettext("{count} year", "{count} years", months // 12).format(count=months // 12)
