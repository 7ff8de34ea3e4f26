"""The card of the month-end close: through which day the books are closed, closing and reopening."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec
from desktop_crm.services import closing
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.kit.widgets import Button, Card, Label, holder, row

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.ui.desk import Desk


class ClosingCard(Card):
    """Says through which day nothing changes any more. Finance and administrators close and reopen from here."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.through: date | None = None
        self.text = Label("", "body", bold=True)
        self.text.setObjectName("settings.closing.through")
        self.close_button = Button(_("Close a month…"), icon="lock", name="settings.closing.close", on_click=self.close_books)
        self.reopen_button = Button(_("Reopen…"), "ghost", icon="lock-open", name="settings.closing.reopen", on_click=self.reopen_books)
        super().__init__(_("Month-end close"), _("Nothing dated in the closed period can be added, changed or removed"),
                         holder(row((self.text, 1), self.reopen_button, self.close_button, gap=8)))
        self.setObjectName("settings.closing")
        self._show(None)
        self.load()

    def load(self) -> None:
        """Read through which day the books are closed."""
        session = self.desk.session
        self.desk.operations.read(self, lambda: closing.closed_through(session), self._show, key="closing", failed=self.desk.fail)

    def _show(self, through: date | None) -> None:
        self.through = through
        self.text.setText(_("Closed through {day}").format(day=through.isoformat()) if through else _("Nothing is closed yet"))
        may = closing.may_close(self.desk.session)
        self.close_button.setVisible(may)
        self.reopen_button.setVisible(may and through is not None)

    def close_books(self) -> None:
        """Ask through which day, the end of last month at first."""
        session = self.desk.session
        day = FieldSpec("through", kinds.DATE, N_("Close through"), required=True)
        last = session.today.replace(day=1) - timedelta(days=1)
        AskDialog(self, self.desk, _("Close the books"), _("Receipts, receivables, invoices and allocations dated up to this day stay as they are. The log keeps who closed and reopened"),
                  (day,), {"through": last}, button=_("Close the books"), act=lambda typed: closing.close_books(session, through=typed["through"]), undo=False, name="close_books").show()

    def reopen_books(self) -> None:
        """Ask through which day they are to stay closed, the end of the month before at first."""
        session = self.desk.session
        day = FieldSpec("through", kinds.DATE, N_("Stays closed through"), hint=N_("Empty reopens everything"))
        before = self.through.replace(day=1) - timedelta(days=1) if self.through else None
        AskDialog(self, self.desk, _("Reopen the books"), _("What is dated after this day can be changed again"), (day,), {"through": before}, button=_("Reopen"),
                  act=lambda typed: closing.reopen_books(session, through=typed["through"]), undo=False, name="reopen_books").show()
